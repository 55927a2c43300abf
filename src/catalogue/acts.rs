//! What the rules of the acts refuse, from the hand-out on.

use super::{Entry, entry};

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
