//! What the rules refuse of an issuer's statement, of a venue's dispute and of a decision on differences.

use super::{Entry, entry};

/// Statements of issuers.
pub(super) const STATEMENTS: &[Entry] = &[
    entry(
        "payer_is_region",
        409,
        "Dans « {programme} », c'est la Région qui paie les structures, sur leurs demandes : il n'y a pas d'état de l'émetteur à prendre en compte.",
        "In '{programme}' the Region pays providers, on their claims: there is no issuer's statement to take in.",
    ),
    entry(
        "issuer_file_unreadable",
        422,
        "Ce fichier n'est pas un tableau aux colonnes serial, venue, redeemed_on, paid_on, amount (ou pass, lieu, utilise_le, paye_le, montant).",
        "This file is not a table with the columns serial, venue, redeemed_on, paid_on, amount.",
    ),
    entry(
        "order_list_unreadable",
        422,
        "Ce fichier n'est pas un tableau aux colonnes serial, state (ou pass, etat), une ligne par pass ou par carnet.",
        "This file is not a table with the columns serial, state, one line for each pass or booklet.",
    ),
    entry(
        "order_list_line_malformed",
        422,
        "Cette ligne ne se lit pas : corrigez la colonne « {column} ». Attendu : numéro d'un pass ou d'un carnet du dispositif, et son état : unused, withdrawn, used, paid, expired ou credited (non utilisé, bloqué, utilisé, payé, périmé, avoir).",
        "This line cannot be read: correct the column '{column}'. Expected: serial of a pass or booklet of the programme, and its state: unused, withdrawn, used, paid, expired or credited.",
    ),
    entry(
        "issuer_line_malformed",
        422,
        "Cette ligne ne se lit pas : corrigez la colonne « {column} ». Attendu : numéro d'un pass du dispositif, identifiant du lieu ou code, SIRET ou RNA de la structure, deux dates (AAAA-MM-JJ ou JJ/MM/AAAA), le paiement après l'utilisation, montant en euros.",
        "This line cannot be read: correct the column '{column}'. Expected: serial of a pass of the programme, identifier of the venue or code, SIRET or RNA of the provider, two dates (YYYY-MM-DD or DD/MM/YYYY), the payment after the use, amount in euros.",
    ),
    entry(
        "issuer_file_taken",
        409,
        "Ce fichier a déjà été pris en compte : rien n'a été enregistré une seconde fois.",
        "This file was taken in before: nothing was recorded a second time.",
    ),
    entry(
        "issuer_line_taken",
        409,
        "Ligne {line} : le pass {serial} est déjà dit à l'identique dans l'état n° {statement}. Retirez la ligne ; si ce fichier corrige un état, nommez-le (corrects).",
        "Line {line}: pass {serial} is said in the same words in statement {statement}. Leave the line out; if this file corrects a statement, name it (corrects).",
    ),
    entry(
        "statement_empty",
        422,
        "Ce fichier ne dit rien de nouveau : il n'y a rien à enregistrer.",
        "This file says nothing new: there is nothing to record.",
    ),
    entry(
        "statement_unknown",
        404,
        "L'état n° {statement} est inconnu, ou n'est pas de cet émetteur et de ce mois.",
        "Statement {statement} is unknown, or not of this issuer and month.",
    ),
    entry(
        "difference_unknown",
        404,
        "L'écart n° {difference} de l'état n° {statement} est inconnu.",
        "Difference {difference} of statement {statement} is unknown.",
    ),
    entry(
        "difference_closed",
        409,
        "L'écart n° {difference} de l'état n° {statement} est déjà résolu ou corrigé.",
        "Difference {difference} of statement {statement} is resolved or corrected already.",
    ),
    entry("difference_named_twice", 422, "Un écart est nommé deux fois.", "A difference is named twice."),
    entry(
        "resolution_impossible",
        422,
        "L'écart n° {difference} (pass {serial}) ne se résout pas ainsi : faites corriger l'émetteur ou le lieu.",
        "Difference {difference} (pass {serial}) cannot be resolved so: have the issuer or the venue put it right.",
    ),
    entry(
        "pass_not_in_statement",
        422,
        "L'état n° {statement} ne dit pas le pass {serial} payé à votre structure : il n'y a rien à contester.",
        "Statement {statement} does not say that pass {serial} was paid to your organisation: there is nothing to dispute.",
    ),
    entry(
        "order_list_too_different",
        422,
        "La liste diffère du registre sur {differing} pass : au-delà de {most}, ce n'est sans doute pas celle de la commande {order}, ou pas celle de ce jour. Demandez à l'émetteur la liste entière de la commande, un état pour chaque pass ou carnet, et comparez-la de nouveau.",
        "The list differs from the ledger on {differing} passes: beyond {most} it is probably not that of order {order}, or not of today. Ask the issuer for the whole list of the order, a state for each pass or booklet, and compare again.",
    ),
    entry(
        "disputed_already",
        409,
        "Le pass {serial} est déjà contesté : la Région n'a pas encore décidé.",
        "Pass {serial} is disputed already: the Region has not decided yet.",
    ),
];
