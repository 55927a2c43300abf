//! What the rules of the acts refuse, in the order of a pass's life.

use super::{Entry, entry};

/// Orders, deliveries, activation.
pub(super) const SUPPLY: &[Entry] = &[
    entry("order_unknown", 404, "La commande « {order} » est inconnue.", "Order '{order}' is unknown."),
    entry("order_number_taken", 409, "La commande « {number} » existe déjà.", "Order '{number}' exists already."),
    entry(
        "order_already_activated",
        409,
        "La commande « {order} » est déjà activée par le mandat de paiement n° {payment_order}.",
        "Order '{order}' is already activated by payment order {payment_order}.",
    ),
    entry(
        "order_not_delivered",
        409,
        "Rien n'a encore été pris en charge pour la commande « {order} ».",
        "Nothing was taken in charge for order '{order}' yet.",
    ),
    entry(
        "quantity_out_of_range",
        422,
        "Cette quantité n'est pas possible : il faut de {least} à {most}. Corrigez le champ indiqué.",
        "This quantity is not possible: it must be from {least} to {most}. Correct the field named.",
    ),
    entry(
        "face_value_differs",
        422,
        "La valeur faciale doit être celle du dispositif : {wanted}.",
        "The face value must be the programme's: {wanted}.",
    ),
    entry(
        "funding_shares_wrong",
        422,
        "Les parts de financement doivent faire 10 000 points de base en tout (ici : {sum}), chaque financeur une seule fois.",
        "Funding shares must add up to 10 000 basis points (here: {sum}), each funder once.",
    ),
    entry(
        "validity_end_past",
        422,
        "La fin de validité ({date}) est déjà passée ou précède la commande.",
        "The end of validity ({date}) has passed or precedes the order.",
    ),
    entry(
        "date_in_future",
        422,
        "La date {date} n'est pas encore arrivée. Donnez celle d'aujourd'hui ou d'un jour passé.",
        "The date {date} lies in the future. Give that of today or of a day gone by.",
    ),
    entry(
        "issuer_unknown",
        422,
        "Cet organisme n'est pas un émetteur actif.",
        "This organisation is not an active issuer.",
    ),
    entry(
        "booklet_not_in_order",
        422,
        "Le carnet {serial} n'appartient pas à la commande ou à la livraison « {order} ».",
        "Booklet {serial} is not part of order or delivery '{order}'.",
    ),
    entry(
        "booklet_already_delivered",
        409,
        "Le carnet {serial} a déjà été pris en charge.",
        "Booklet {serial} was already taken in charge.",
    ),
    entry("booklet_named_twice", 422, "Le carnet {serial} est cité deux fois.", "Booklet {serial} is named twice."),
    entry(
        "selection_empty",
        422,
        "Rien n'est désigné : nommez au moins un carnet, un pass ou une demande.",
        "Nothing is named: name at least one booklet, pass or claim.",
    ),
    entry(
        "code_taken",
        409,
        "Un code du carnet {serial} existe déjà : le fichier a peut-être déjà été chargé.",
        "A code of booklet {serial} exists already: the file may have been loaded before.",
    ),
    entry(
        "print_file_taken",
        410,
        "Pas de fichier d'impression pour cette livraison : il est déjà sorti, une seule fois, ou les codes viennent de l'émetteur.",
        "No print file for this delivery: it has left already, once, or the codes are the issuer's.",
    ),
    entry(
        "import_malformed",
        422,
        "Le fichier comporte des lignes à corriger ; rien n'a été enregistré. Voir le verdict ligne par ligne.",
        "The file has lines to correct; nothing was recorded. See the verdict per line.",
    ),
    entry(
        "line_unreadable",
        422,
        "Cette ligne ne se lit pas : le fichier doit être un texte en UTF-8, avec un numéro de série et un code par ligne.",
        "This line cannot be read: the file must be UTF-8 text with one serial and one code per line.",
    ),
    entry(
        "booklet_incomplete",
        422,
        "Dans le fichier, le carnet {serial} n'a pas ses {size} pass.",
        "Booklet {serial} does not have its {size} passes in the file.",
    ),
];

/// Custody.
pub(super) const CUSTODY: &[Entry] = &[
    entry(
        "prescriber_unknown",
        422,
        "Cet organisme n'est pas un prescripteur actif.",
        "This organisation is not an active prescriber.",
    ),
    entry(
        "no_mandate_in_force",
        422,
        "« {name} » n'a pas de convention de mandat ni de régie en vigueur au {date} : aucun carnet ne peut lui être confié.",
        "'{name}' has no mandate agreement nor régie in force on {date}: it may hold no booklet.",
    ),
    entry(
        "mandate_ceiling_exceeded",
        422,
        "Le plafond de la convention de « {name} » serait dépassé. Carnets détenus ou attendus : {held} ; demandés en plus : {asked} ; plafond : {ceiling}, soit {ceiling_value}.",
        "'{name}' holds or awaits {held} booklets; {asked} more would exceed the ceiling of its agreement ({ceiling} booklets, {ceiling_value}).",
    ),
    entry(
        "booklet_unknown",
        404,
        "Le carnet {serial} est inconnu ou n'a pas encore été pris en charge.",
        "Booklet {serial} is unknown or was not taken in charge yet.",
    ),
    entry(
        "booklet_not_held",
        409,
        "Le carnet {serial} n'est pas dans votre stock. Prenez un autre carnet ou, s'il vous a été envoyé, accusez d'abord réception de l'envoi.",
        "Booklet {serial} is not in your stock. Take another booklet or, if it was sent to you, accept the dispatch first.",
    ),
    entry(
        "not_enough_booklets",
        409,
        "Il n'y a pas assez de carnets. Demandés : {wanted} ; disponibles : {available}.",
        "Only {available} booklets are available for {wanted} asked.",
    ),
    entry(
        "same_holder",
        422,
        "Le destinataire est celui qui détient déjà les carnets : « {name} ».",
        "The receiver already holds the booklets: '{name}'.",
    ),
    entry(
        "dispatch_unknown",
        404,
        "L'envoi n° {dispatch} est inconnu, ou n'est pas de ceux que vous avez à traiter. Vérifiez son numéro.",
        "Dispatch {dispatch} is unknown, or is not one of those that you have to deal with. Check its number.",
    ),
    entry(
        "dispatch_closed",
        409,
        "De l'envoi n° {dispatch}, plus aucun carnet n'est en chemin : il a déjà été accepté ou repris. Il n'y a plus rien à accepter.",
        "Of dispatch {dispatch} no booklet is on its way any more: it was accepted or taken back already. Nothing is left to be accepted.",
    ),
    entry(
        "booklet_not_in_dispatch",
        409,
        "Le carnet {serial} ne fait pas (ou plus) partie de l'envoi n° {dispatch}.",
        "Booklet {serial} is not (or no longer) part of dispatch {dispatch}.",
    ),
];

/// Eligibility and hand-out.
pub(super) const HAND_OUT: &[Entry] = &[
    entry(
        "proof_unknown",
        422,
        "Ce justificatif n'est pas connu des règles en vigueur. Justificatifs possibles : {known}.",
        "This proof is not known to the rules in force. Possible proofs: {known}.",
    ),
    entry(
        "status_unknown",
        422,
        "Cette situation n'est pas connue des règles en vigueur. Situations possibles : {known}. Corrigez-la, ou retirez-la.",
        "This situation is not known to the rules in force. Possible situations: {known}. Correct it, or leave it out.",
    ),
    entry(
        "distribution_closed",
        409,
        "La remise des carnets est possible du {from} au {until} seulement.",
        "Booklets may be handed out from {from} to {until} only.",
    ),
    entry(
        "rule_set_missing",
        409,
        "Aucune règle d'éligibilité n'est en vigueur au {date}. Adressez-vous à la Région.",
        "No eligibility rule is in force on {date}. Ask the Region.",
    ),
    entry(
        "birth_date_impossible",
        422,
        "Cette date de naissance n'est pas possible. Vérifiez la saisie.",
        "This birth date is not possible. Check the typing.",
    ),
    entry(
        "ground_unknown",
        422,
        "Le motif « {ground} » n'existe pas dans la règle en vigueur.",
        "The ground '{ground}' does not exist in the rules in force.",
    ),
    entry(
        "not_eligible",
        422,
        "{summary} Quand la personne apporte ce qui manque, vérifiez de nouveau ; d'ici là, ne remettez pas de carnet.",
        "{summary} Once the person brings what is missing, check again; until then, hand out no booklet.",
    ),
    entry(
        "entitlement_exhausted",
        409,
        "Cette remise dépasse le droit de la personne dans ce dispositif. Pass auxquels elle a droit : {entitled} ; qu'elle peut encore recevoir : {left} ; demandés : {asked}. La Région peut accorder une dérogation.",
        "This hand-out exceeds what the person is entitled to in this programme. Passes entitled to: {entitled}; still to receive: {left}; asked: {asked}. The Region may grant an exception.",
    ),
    entry(
        "exception_unknown",
        422,
        "La dérogation n° {exception} n'existe pas pour cette personne.",
        "Exception {exception} does not exist for this person.",
    ),
    entry(
        "exception_used",
        409,
        "La dérogation n° {exception} a déjà servi.",
        "Exception {exception} was used already.",
    ),
];

/// Redemption and reversal.
pub(super) const REDEMPTION: &[Entry] = &[
    entry(
        "venue_unknown",
        404,
        "Ce lieu est inconnu ou n'appartient pas à votre structure. Choisissez-le dans la liste de vos lieux.",
        "This venue is unknown or not your organisation's. Choose it from the list of your venues.",
    ),
    entry(
        "venue_not_approved",
        409,
        "Le lieu « {venue} » n'est pas agréé par la Région : aucun pass ne peut y être utilisé.",
        "The venue '{venue}' is not approved by the Region: no pass can be used there.",
    ),
    entry(
        "venue_outside_territory",
        422,
        "Le lieu « {venue} » est hors du territoire du dispositif.",
        "The venue '{venue}' is outside the programme's territory.",
    ),
    entry(
        "service_not_payable",
        422,
        "Le service « {service} » n'est pas payable par pass dans ce dispositif.",
        "The service '{service}' cannot be paid by pass in this programme.",
    ),
    entry(
        "service_not_offered",
        422,
        "Le lieu « {venue} » ne propose pas le service « {service} ». Choisissez un service de sa fiche, ou faites-y ajouter celui-ci.",
        "The venue '{venue}' does not offer '{service}'. Choose one of its services, or have this one added to them.",
    ),
    entry(
        "code_unknown",
        404,
        "Ce code ne correspond à aucun pass de ce dispositif. Vérifiez le code imprimé.",
        "This code matches no pass of this programme. Check the printed code.",
    ),
    entry(
        "code_repeated",
        422,
        "Le même pass ({serial}) est présenté deux fois.",
        "The same pass ({serial}) is presented twice.",
    ),
    entry(
        "not_activated",
        409,
        "{serial} n'est pas encore activé : le paiement de sa commande n'est pas enregistré.",
        "{serial} is not activated yet: the payment of its order is not recorded.",
    ),
    entry(
        "not_handed_out",
        409,
        "Le pass {serial} n'a pas été remis à un bénéficiaire. Ne l'acceptez pas : la personne voit avec le prescripteur qui lui a donné le carnet, ou attend que sa lettre soit notée distribuée.",
        "Pass {serial} was not handed to a beneficiary. Do not take it: the person asks the prescriber who gave the booklet, or waits until their letter is recorded as delivered.",
    ),
    entry(
        "already_redeemed",
        409,
        "Le pass {serial} a déjà été utilisé : prenez-en un autre. {detail}",
        "Pass {serial} was already used: take another one. {detail}",
    ),
    entry(
        "blocked",
        409,
        "Le pass {serial} est bloqué. Gardez le carnet si possible et contactez la Région.",
        "Pass {serial} is blocked. Keep the booklet if you can and contact the Region.",
    ),
    entry(
        "lost",
        409,
        "Le pass {serial} a été déclaré perdu ou volé. Contactez la Région.",
        "Pass {serial} was declared lost or stolen. Contact the Region.",
    ),
    entry("cancelled", 409, "Le pass {serial} est annulé.", "Pass {serial} is cancelled."),
    entry(
        "expired",
        409,
        "Le pass {serial} n'est plus valable (dernier jour : {date}). Ne l'acceptez pas ; la personne peut demander à la Région s'il lui reste un droit.",
        "Pass {serial} is no longer valid (last day: {date}). Do not take it; the person may ask the Region whether they are still entitled to passes.",
    ),
    entry(
        "performed_before_hand_out",
        422,
        "La prestation précède la remise du pass {serial} au bénéficiaire ({date}). Vérifiez le jour de la prestation ; s'il est juste, ce pass ne peut pas la payer.",
        "The service precedes the hand-out of pass {serial} ({date}). Check the day of the service; if it is right, this pass cannot pay for it.",
    ),
    entry(
        "offline_floor_exceeded",
        422,
        "Hors ligne, cet appareil accepte {most} pass au plus par utilisation. Saisissez celle-ci en ligne, à sa date.",
        "Without a network this device takes {most} passes at most per redemption. Enter this one on line, with its date.",
    ),
    entry(
        "offline_passes_exceeded",
        422,
        "Hors ligne, un appareil accepte {most} pass au plus par jour ; celui-ci en a déjà pris {taken} le {date}. Saisissez ces pass en ligne, à leur date.",
        "Without a network a device takes {most} passes at most per day; this one took {taken} on {date}. Enter these passes on line, with their date.",
    ),
    entry(
        "offline_value_exceeded",
        422,
        "Hors ligne, un appareil accepte {most} au plus par jour ; celui-ci en a déjà pris {taken} le {date}. Saisissez ces pass en ligne, à leur date.",
        "Without a network a device takes {most} at most per day; this one took {taken} on {date}. Enter these passes on line, with their date.",
    ),
    entry(
        "offline_booklet_exceeded",
        422,
        "Hors ligne, {most} pass au plus d'un même carnet sont acceptés par jour ; {taken} du carnet {serial} l'ont été le {date}. Saisissez ceux-ci en ligne, à leur date.",
        "Without a network {most} passes at most of one booklet are taken per day; {taken} of {serial} were on {date}. Enter these on line, with their date.",
    ),
    entry(
        "offline_too_old",
        422,
        "Cette ligne, notée le {scanned}, arrive plus de {most} heures après. Saisissez ces pass en ligne, à leur date.",
        "This line, noted on {scanned}, comes more than {most} hours later. Enter these passes on line, with their date.",
    ),
    entry(
        "offline_clock_ahead",
        422,
        "Cette ligne est datée du {scanned}, et il est {now} : l'horloge de l'appareil avance. Réglez-la, et saisissez ces pass en ligne, à leur date.",
        "This line is dated {scanned}, and it is {now}: the device's clock is ahead. Set it, and enter these passes on line, with their date.",
    ),
    entry(
        "redemption_unknown",
        404,
        "L'utilisation n° {number} est inconnue ou n'est pas de votre structure.",
        "Redemption {number} is unknown or not your organisation's.",
    ),
    entry(
        "already_reversed",
        409,
        "L'utilisation n° {number} est déjà annulée.",
        "Redemption {number} is already reversed.",
    ),
    entry(
        "reversal_too_late",
        409,
        "L'utilisation n° {number} date du {date} : seul le service des finances de la Région peut encore l'annuler.",
        "Redemption {number} is of {date}: only the Region's finance service can still reverse it.",
    ),
    entry(
        "claimed_already",
        409,
        "Un pass de l'utilisation n° {number} figure déjà dans une demande de remboursement.",
        "A pass of redemption {number} is already in a claim.",
    ),
];

/// A journal that has lost receipts.
pub(super) const RESTORE: &[Entry] = &[
    entry(
        "restore_not_needed",
        409,
        "Ce journal n'a rien perdu : il n'y a rien à déclarer.",
        "This journal has lost nothing: there is nothing to declare.",
    ),
    entry(
        "restore_not_declared",
        409,
        "Personne n'a déclaré la perte telle qu'elle est constatée. L'administrateur du dispositif la déclare d'abord ; vous confirmez ensuite.",
        "Nobody has declared the loss as it stands. The programme's administrator declares it first; then you confirm.",
    ),
    entry(
        "restore_same_person",
        409,
        "Vous avez déclaré cette perte vous-même : une autre personne doit la confirmer.",
        "You declared this loss yourself: somebody else must confirm it.",
    ),
];
