//! What the rules refuse on the way from a redeemed pass to a paid one.

use super::{Entry, entry};

/// Claims and what becomes of them.
pub(super) const CLAIMS: &[Entry] = &[
    entry(
        "payer_is_issuer",
        409,
        "Dans « {programme} », c'est l'émetteur qui paie les structures : adressez-lui la demande.",
        "In '{programme}' the issuer pays providers: send it the claim.",
    ),
    entry(
        "month_not_over",
        422,
        "Ce mois n'est pas terminé : recommencez à partir du {date}.",
        "This month is not over: try again from {date}.",
    ),
    entry(
        "claim_empty",
        409,
        "Il n'y a rien à demander pour {name} à la fin de {month} : tout est déjà demandé, annulé ou rejeté. Nommez dans « again » les pass rejetés à présenter de nouveau.",
        "There is nothing to claim for {name} at the end of {month}: everything is claimed, reversed or rejected. Name rejected passes to present again in 'again'.",
    ),
    entry("claim_unknown", 404, "La demande n° {claim} est inconnue.", "Claim {claim} is unknown."),
    entry(
        "claim_not_open",
        409,
        "La demande n° {claim} n'admet plus cet acte (état : {state}).",
        "Claim {claim} admits no such act any more (state: {state}).",
    ),
    entry(
        "claim_already_approved",
        409,
        "La demande n° {claim} est déjà approuvée.",
        "Claim {claim} is approved already.",
    ),
    entry(
        "claim_suspended",
        409,
        "Le délai de la demande n° {claim} est suspendu : reprenez-le d'abord.",
        "The delay of claim {claim} is suspended: resume it first.",
    ),
    entry(
        "claim_not_suspended",
        409,
        "Le délai de la demande n° {claim} n'est pas suspendu.",
        "The delay of claim {claim} is not suspended.",
    ),
    entry(
        "claim_of_own_organisation",
        403,
        "La demande n° {claim} est celle de votre propre organisme : vous ne pouvez pas l'approuver.",
        "Claim {claim} is your own organisation's: you cannot approve it.",
    ),
    entry(
        "approval_same_person",
        403,
        "Vous avez établi ou déjà approuvé la demande n° {claim} : une autre personne doit l'approuver.",
        "You made or already approved claim {claim}: somebody else must approve it.",
    ),
    entry(
        "approval_beyond_limit",
        403,
        "La demande n° {claim} ({value}) dépasse ce que vous pouvez approuver ({limit}).",
        "Claim {claim} ({value}) exceeds what you may approve ({limit}).",
    ),
    entry("pass_named_twice", 422, "Le pass {serial} est nommé deux fois.", "Pass {serial} is named twice."),
    entry(
        "pass_not_in_claim",
        422,
        "Le pass {serial} ne figure pas (ou plus) dans la demande n° {claim}.",
        "Pass {serial} is not (or no longer) in claim {claim}.",
    ),
    entry(
        "pass_not_rejected",
        422,
        "Le pass {serial} n'a pas été rejeté d'une demande de cette structure : il ne peut pas être présenté de nouveau.",
        "Pass {serial} was not rejected from a claim of this provider: it cannot be presented again.",
    ),
];

/// Accounts on which providers are paid.
pub(super) const PAYEES: &[Entry] = &[
    entry("payee_unknown", 404, "Le compte à payer n° {payee} est inconnu.", "Payee {payee} is unknown."),
    entry(
        "payee_confirmed_already",
        409,
        "Le compte à payer n° {payee} est déjà validé.",
        "Payee {payee} is confirmed already.",
    ),
    entry(
        "payee_superseded",
        409,
        "Un autre compte a été proposé depuis le n° {payee} : validez le dernier.",
        "Another account was proposed since payee {payee}: confirm the last one.",
    ),
    entry(
        "payee_same_person",
        403,
        "Vous avez proposé le compte n° {payee}, ou il est à votre organisme : une autre personne doit le valider.",
        "You proposed payee {payee}, or it is your organisation's: somebody else must confirm it.",
    ),
    entry(
        "payee_missing",
        409,
        "{name} n'a pas de compte validé et en vigueur : la demande n° {claim} ne peut pas être payée.",
        "{name} has no confirmed account in force: claim {claim} cannot be paid.",
    ),
    entry(
        "debtor_missing",
        409,
        "Le compte de la Région n'est pas renseigné : l'administrateur l'indique dans les règles des demandes (claim-rules).",
        "The Region's account is not known: the administrator sets it in the rules of claims (claim-rules).",
    ),
];

/// Orders to pay, and what the bank says.
pub(super) const PAYMENTS: &[Entry] = &[
    entry("payment_unknown", 404, "Le paiement n° {payment} est inconnu.", "Payment {payment} is unknown."),
    entry("claim_named_twice", 422, "Une demande est nommée deux fois.", "A claim is named twice."),
    entry(
        "claim_not_approved",
        409,
        "La demande n° {claim} ne peut pas être payée (état : {state}).",
        "Claim {claim} cannot be paid (state: {state}).",
    ),
    entry(
        "payment_same_person",
        403,
        "Vous avez établi ou approuvé la demande n° {claim} : une autre personne doit en ordonner le paiement.",
        "You made or approved claim {claim}: somebody else must order its payment.",
    ),
    entry(
        "claim_not_paid",
        409,
        "La demande n° {claim} n'est pas payée (état : {state}) : il n'y a pas de trop-perçu. Rejetez plutôt les pass.",
        "Claim {claim} is not paid (state: {state}): nothing was overpaid. Reject the passes instead.",
    ),
    entry(
        "payment_order_taken",
        409,
        "Le mandat de paiement n° {number} a déjà servi à un paiement.",
        "Payment order {number} was used for a payment already.",
    ),
    entry(
        "netting_absorbs_claim",
        409,
        "Le trop-perçu à retenir ({owed}) absorbe la demande n° {claim} ({value}) : soldez-la par compensation (…/claims/{claim}/offset), payez-la sans retenue (net_overpayments à false), ou recouvrez d'abord par titre de recette.",
        "What is to be taken off ({owed}) absorbs claim {claim} ({value}): settle it by an offset (…/claims/{claim}/offset), pay it whole (net_overpayments false), or recover by a revenue order first.",
    ),
    entry(
        "offset_beyond_debt",
        409,
        "La demande n° {claim} ({value}) dépasse ce que {name} doit ({owed}) : payez-la, le trop-perçu sera retenu.",
        "Claim {claim} ({value}) is more than {name} owes ({owed}): pay it, what was overpaid is taken off.",
    ),
    entry(
        "revenue_order_taken",
        409,
        "Le titre de recette n° {number} est déjà enregistré.",
        "Revenue order {number} is recorded already.",
    ),
    entry(
        "revenue_order_beyond_debt",
        422,
        "Le montant dépasse ce que {name} doit encore : {owed}.",
        "The amount exceeds what {name} still owes: {owed}.",
    ),
    entry(
        "transfer_overpaid",
        409,
        "Ligne {line} : le virement {transfer} revient, mais le trop-perçu de la demande n° {claim} a déjà été recouvré. Prenez ce virement à part, avec le comptable.",
        "Line {line}: transfer {transfer} comes back, but what was overpaid of claim {claim} was recovered already. Settle this transfer apart, with the accountant.",
    ),
    entry(
        "execution_past",
        422,
        "La date d'exécution ({date}) est passée.",
        "The date of execution ({date}) has passed.",
    ),
    entry(
        "payment_changed",
        409,
        "Les demandes, les comptes ou le numéro de paiement ont changé pendant la préparation. Recommencez avec une nouvelle clé.",
        "The claims, the accounts or the number of the payment changed meanwhile. Start again with a new key.",
    ),
    entry(
        "bank_file_unreadable",
        422,
        "Ce fichier n'est ni un camt.053, ni un pain.002, ni un tableau aux colonnes end_to_end_id, outcome, date, amount_cents, reason.",
        "This file is neither a camt.053, a pain.002 nor a table with the columns end_to_end_id, outcome, date, amount_cents, reason.",
    ),
    entry(
        "bank_file_taken",
        409,
        "Ce fichier a déjà été pris en compte : rien n'a été enregistré une seconde fois.",
        "This file was taken in already: nothing was recorded a second time.",
    ),
    entry(
        "bank_file_empty",
        422,
        "Ce fichier ne dit rien de nos virements.",
        "This file says nothing of our transfers.",
    ),
    entry(
        "bank_line_malformed",
        422,
        "Cette ligne ne se lit pas : identifiant du virement, executed, rejected ou returned, date AAAA-MM-JJ, montant en centimes, motif de la banque sauf si executed.",
        "This line cannot be read: transfer, executed, rejected or returned, date YYYY-MM-DD, amount in cents, the bank's reason unless executed.",
    ),
    entry(
        "transfer_unknown",
        422,
        "Ligne {line} : le virement {transfer} n'a pas été ordonné, ou plus rien n'en est attendu.",
        "Line {line}: transfer {transfer} was not ordered, or nothing more is expected of it.",
    ),
    entry(
        "transfer_amount",
        422,
        "Ligne {line} : le virement {transfer} est de {wanted}.",
        "Line {line}: transfer {transfer} is of {wanted}.",
    ),
    entry(
        "transfer_state",
        409,
        "Ligne {line} : le virement {transfer} est déjà dans l'état « {state} » ; ce que dit la banque n'est pas possible.",
        "Line {line}: transfer {transfer} is in state '{state}' already; what the bank says is not possible.",
    ),
    entry(
        "transfer_named_twice",
        422,
        "Ligne {line} : le virement {transfer} figure deux fois dans ce fichier.",
        "Line {line}: transfer {transfer} stands twice in this file.",
    ),
];
