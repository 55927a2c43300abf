//! What the rules of supply and of custody refuse: orders, deliveries, dispatches.

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
