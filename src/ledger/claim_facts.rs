//! What acts on claims and payments need to know, loaded for a group. What never lives here: a rule.

use std::collections::BTreeSet;

use crate::domain::claims::PASSES_PER_CLAIM;
use crate::domain::facts::{Facts, Needs};
use crate::domain::ids::OrganisationId;
use crate::store::{Reads, StoreError};

/// Loads claims and what can be claimed, the redemptions and providers that follow from it included.
pub(super) fn load(tx: &mut (impl Reads + ?Sized), needs: &Needs, facts: &mut Facts) -> Result<(), StoreError> {
    if needs.claims.is_empty() && needs.payments.is_empty() {
        return Ok(());
    }
    let programme = facts.programme.no;
    load_payments(tx, needs, facts)?;
    if let Some((rules, _)) = tx.claim_rules(programme)? {
        facts.claims.rules = rules;
    }
    facts.claims.last = tx.last_claim(programme)?;
    let most = i64::try_from(PASSES_PER_CLAIM).unwrap_or(i64::MAX);
    for (provider, month) in &needs.claims.claimable {
        facts.claims.claimable.extend(tx.claimable(programme, *provider, month.end(), most.saturating_add(1))?);
    }
    if !needs.claims.again.is_empty() {
        facts.claims.rejected.extend(tx.rejected_passes(programme, &needs.claims.again)?);
    }
    let numbers = facts.claims.claimable.values().chain(facts.claims.rejected.values()).cloned().collect();
    for (number, redemption) in tx.redemptions_among(programme, &numbers)? {
        facts.redemptions.load(number, redemption);
    }
    let paid: BTreeSet<i64> = facts.payments.lines.iter().map(|(_, line)| line.claim).collect();
    for claim in tx.claims_among(programme, &needs.claims.claims.union(&paid).copied().collect())? {
        facts.claims.claims.load(claim.number, claim);
    }
    for claim in needs.claims.passes_of.union(&paid) {
        for (pass, row) in tx.claim_passes(programme, *claim)? {
            facts.claims.passes.load((*claim, pass), row);
        }
    }
    let mut providers: BTreeSet<OrganisationId> = facts.claims.claims.iter().map(|(_, claim)| claim.provider).collect();
    if needs.payments.payees_of_claims {
        for payee in tx.payees_of(programme, &providers)? {
            facts.payments.payees.load(payee.number, payee);
        }
    }
    providers.extend(facts.payments.payees.iter().map(|(_, payee)| payee.provider));
    for provider in tx.organisations_among(&providers)? {
        facts.organisations.insert(provider.id, provider);
    }
    Ok(())
}

/// Loads payees and payments; a payee comes with every other of its provider.
fn load_payments(tx: &mut (impl Reads + ?Sized), needs: &Needs, facts: &mut Facts) -> Result<(), StoreError> {
    let programme = facts.programme.no;
    facts.payments.last = tx.last_payment(programme)?;
    if !needs.payments.payees.is_empty() {
        let asked = tx.payees_among(programme, &needs.payments.payees)?;
        let providers = asked.iter().map(|payee| payee.provider).collect();
        for payee in tx.payees_of(programme, &providers)? {
            facts.payments.payees.load(payee.number, payee);
        }
    }
    let payments: BTreeSet<i64> = needs.payments.lines.iter().map(|(payment, _)| *payment).collect();
    for payment in payments {
        for line in tx.payment_lines(programme, payment)? {
            let key = (line.payment, line.line);
            if needs.payments.lines.contains(&key) {
                facts.payments.lines.load(key, line);
            }
        }
    }
    if needs.payments.owed {
        facts.payments.owed = tx.owed(programme)?;
        facts.payments.last_overpayment = tx.last_overpayment(programme)?;
    }
    if !needs.payments.payment_orders.is_empty() {
        facts.payments.payment_orders = tx.payment_orders_among(programme, &needs.payments.payment_orders)?;
    }
    if !needs.payments.revenue_orders.is_empty() {
        facts.payments.revenue_orders = tx.revenue_orders_among(programme, &needs.payments.revenue_orders)?;
    }
    if !needs.payments.files.is_empty() {
        facts.payments.files = tx.bank_files_among(programme, &needs.payments.files)?;
    }
    Ok(())
}
