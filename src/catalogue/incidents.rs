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
