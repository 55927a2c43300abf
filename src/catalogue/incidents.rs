//! What the rules of incidents and ends refuse.

use super::{Entry, entry};

/// Oppositions, losses, replacements.
pub(super) const INCIDENTS: &[Entry] = &[
    entry(
        "pass_unknown",
        404,
        "Le pass {serial} est inconnu : son carnet n'a pas été pris en charge, ou n'a pas ce pass.",
        "Pass {serial} is unknown: its booklet was not taken in charge, or has no such pass.",
    ),
    entry(
        "not_in_use",
        409,
        "{serial} n'est plus en usage ({holder}) : rien ne peut en être bloqué, déclaré perdu ni remplacé.",
        "{serial} is no longer in use ({holder}): nothing of it can be blocked, declared lost or replaced.",
    ),
    entry(
        "withdrawal_unknown",
        404,
        "Le récépissé n° {number} n'a rien retiré de l'usage par cette voie. Indiquez le numéro de l'opposition, de la déclaration de perte ou de la réception qui a bloqué les pass.",
        "Receipt {number} took nothing out of use this way. Name the block, the loss or the acceptance that took the passes.",
    ),
    entry(
        "second_person_needed",
        409,
        "Vous avez établi vous-même le récépissé n° {number} : une autre personne de la Région doit remettre ces pass en usage.",
        "You issued receipt {number} yourself: somebody else at the Region must bring these passes back into use.",
    ),
    entry(
        "nothing_to_bring_back",
        409,
        "De ce que le récépissé n° {number} a retiré, il ne reste rien à remettre en usage.",
        "Of what receipt {number} took out of use, nothing is left to bring back.",
    ),
    entry(
        "not_taken_by_receipt",
        409,
        "{serial} n'a pas été retiré par le récépissé n° {number}, ou ne l'est plus. Consultez l'historique du carnet.",
        "{serial} was not taken out of use by receipt {number}, or is so no longer. See the history of the booklet.",
    ),
    entry(
        "beneficiary_differs",
        422,
        "Le carnet {serial} n'a pas été remis à cette personne. Vérifiez l'identité saisie et le numéro du carnet.",
        "Booklet {serial} was not handed to this person. Check the identity typed and the serial.",
    ),
    entry(
        "loss_not_declared",
        409,
        "La perte du carnet {serial} n'est pas encore déclarée. Déclarez-la d'abord, puis remplacez le carnet.",
        "The loss of booklet {serial} is not declared yet. Declare it first, then replace the booklet.",
    ),
    entry(
        "replacement_too_small",
        422,
        "Le carnet {serial} n'a pas assez de pass pour remplacer ceux qui restaient ({wanted}). Choisissez-en un autre.",
        "Booklet {serial} has too few passes to replace those that were left ({wanted}). Choose another.",
    ),
];

/// The end of an order.
pub(super) const ENDS: &[Entry] = &[
    entry(
        "already_suspended",
        409,
        "La commande « {order} » est déjà suspendue ainsi.",
        "Order '{order}' is suspended this way already.",
    ),
    entry(
        "not_suspended",
        409,
        "La commande « {order} » n'est pas suspendue ainsi : il n'y a rien à lever.",
        "Order '{order}' is not suspended this way: there is nothing to lift.",
    ),
    entry(
        "hand_outs_suspended",
        409,
        "La Région a suspendu la remise des carnets de la commande « {order} ». Gardez-les ; elle vous dira quoi en faire.",
        "The Region has suspended hand-outs of order '{order}'. Keep the booklets; it will tell you what to do.",
    ),
    entry(
        "redemptions_suspended",
        409,
        "Le pass {serial} ne peut pas être utilisé pour l'instant : la Région a suspendu les utilisations de sa commande. Rendez le carnet à la personne et contactez la Région.",
        "Pass {serial} cannot be used for now: the Region has suspended redemptions of its order. Give the booklet back to the person and contact the Region.",
    ),
    entry(
        "order_expired",
        409,
        "Des pass de la commande « {order} » sont déjà périmés : elle ne peut plus être prorogée.",
        "Passes of order '{order}' have expired already: it can no longer be prorogued.",
    ),
    entry(
        "prorogation_not_later",
        422,
        "Une prorogation repousse la fin de validité : choisissez une date après le {date}.",
        "A prorogation moves the end of validity away: choose a date after {date}.",
    ),
    entry(
        "acknowledgement_too_early",
        409,
        "La responsabilité de la Région sur la commande « {order} » se reconnaît à partir du {date}. D'ici là, arrêtez les remises ou prorogez la commande.",
        "The Region's liability for order '{order}' is acknowledged from {date} on. Until then, stop the hand-outs or prorogue the order.",
    ),
    entry(
        "acknowledgement_too_late",
        409,
        "La commande « {order} » a pris fin le {date} : plus rien n'en est remis, il n'y a plus rien à reconnaître.",
        "Order '{order}' ended on {date}: nothing of it is handed out any more, there is nothing left to acknowledge.",
    ),
    entry(
        "acknowledged_already",
        409,
        "La responsabilité de la Région sur la commande « {order} » est reconnue depuis le {date}.",
        "The Region's liability for order '{order}' has been acknowledged since {date}.",
    ),
    entry(
        "not_expired_yet",
        409,
        "Les pass de la commande « {order} » sont utilisables jusqu'au {date} inclus : leur péremption se constate à partir du lendemain.",
        "Passes of order '{order}' can be used until {date}: they expire from the day after.",
    ),
    entry(
        "nothing_to_expire",
        409,
        "De la commande « {order} », il ne reste aucun pass à périmer.",
        "Of order '{order}', no pass is left to expire.",
    ),
    entry(
        "nothing_to_credit",
        409,
        "La commande « {order} » n'a pas de pass périmé en attente d'avoir. Constatez d'abord la péremption.",
        "Order '{order}' has no expired pass that awaits a credit note. Record the expiry first.",
    ),
    entry(
        "not_creditable",
        409,
        "{serial} n'attend pas d'avoir de la commande « {order} » ({holder}). Retirez-le de la liste, ou constatez d'abord sa péremption.",
        "{serial} awaits no credit note of order '{order}' ({holder}). Take it off the list, or record its expiry first.",
    ),
    entry(
        "destruction_unknown",
        404,
        "Aucune destruction n'est proposée sous le n° {destruction}.",
        "No destruction is proposed under number {destruction}.",
    ),
    entry(
        "destruction_signed_already",
        409,
        "La destruction n° {destruction} est déjà constatée par le récépissé n° {number}.",
        "Destruction {destruction} is already recorded by receipt {number}.",
    ),
    entry(
        "destruction_same_person",
        409,
        "Vous avez proposé vous-même la destruction n° {destruction} : une autre personne doit la signer.",
        "You proposed destruction {destruction} yourself: somebody else must sign it.",
    ),
    entry(
        "not_destroyable",
        409,
        "{serial} ne peut pas être détruit là où il est ({holder}) : seul l'est ce qui est périmé, bloqué ou dans la réserve de la Région.",
        "{serial} cannot be destroyed where it is ({holder}): only what has expired, is blocked or lies in the Region's store.",
    ),
    entry(
        "still_valid",
        409,
        "{serial} peut encore servir jusqu'au {date} inclus : la fin de validité n'est pas la raison de le détruire. Donnez la vraie raison (damaged, returned ou misprinted), ou attendez cette date.",
        "{serial} can be used until {date}: the end of validity is no reason to destroy it. Give the true reason (damaged, returned or misprinted), or wait for that date.",
    ),
    entry(
        "credit_differs",
        422,
        "L'avoir saisi ({amount}) n'est pas la valeur faciale des pass périmés de la commande « {order} » : {expected}. Rapprochez-vous de l'émetteur avant d'enregistrer.",
        "The credit note typed ({amount}) is not the face value of the expired passes of order '{order}': {expected}. Settle with the issuer before recording.",
    ),
];
