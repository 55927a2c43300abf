//! What a ledger keeps of claims and payments, as plain data, and what must hold of it whoever is right. What never lives
//! here: a rule of the model.

use std::collections::BTreeMap;

use recepisse::domain::claims;
use recepisse::domain::ids::OrganisationId;
use recepisse::domain::payments::PaymentLine;
use recepisse::domain::time::Day;

use super::super::script::{At, Balances, PEOPLE};
use super::TransferNo;
use crate::harness::World;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::simulation) struct ClaimRow {
    pub(super) provider: String,
    pub(super) state: String,
    pub(super) passes: i64,
    pub(super) cents: i64,
    pub(super) rejected: i64,
    pub(super) approvals: usize,
    pub(super) due: Day,
    pub(super) suspended: Option<Day>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::simulation) struct TransferRow {
    pub(super) claim: i64,
    pub(super) payee: i64,
    pub(super) cents: i64,
    pub(super) netted: i64,
    pub(super) state: String,
}

/// Claims and transfers by number, and what each provider owes in cents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::simulation) struct Purse {
    pub(super) claims: BTreeMap<i64, ClaimRow>,
    pub(super) transfers: BTreeMap<TransferNo, TransferRow>,
    pub(super) owed: BTreeMap<String, i64>,
}

fn office(world: &World, id: OrganisationId) -> String {
    PEOPLE.iter().find(|who| world.organisation(who.office) == id).map_or("?", |who| who.office).to_owned()
}

impl Purse {
    /// The same from what a ledger answers.
    pub(in crate::simulation) fn read<'l>(
        world: &World,
        claims: impl Iterator<Item = &'l claims::Claim>,
        lines: impl Iterator<Item = &'l PaymentLine>,
        owed: &BTreeMap<OrganisationId, i64>,
    ) -> Self {
        let claim = |of: &claims::Claim| ClaimRow {
            provider: office(world, of.provider),
            state: of.state.to_string(),
            passes: of.passes,
            cents: of.value.get(),
            rejected: of.rejected_passes,
            approvals: of.approvals.len(),
            due: of.due_on,
            suspended: of.suspended_on,
        };
        let transfer = |of: &PaymentLine| TransferRow {
            claim: of.claim,
            payee: of.payee,
            cents: of.amount.get(),
            netted: of.netted.get(),
            state: of.state.to_string(),
        };
        let owed = owed.iter().filter(|(_, cents)| **cents != 0);
        Self {
            claims: claims.map(|of| (of.number, claim(of))).collect(),
            transfers: lines.map(|of| ((of.payment, of.line), transfer(of))).collect(),
            owed: owed.map(|(of, cents)| (office(world, *of), *cents)).collect(),
        }
    }

    /// What a provider has in claims, and what it was paid for, is what its claims say; a claim is paid once; nobody is
    /// owed by a provider.
    ///
    /// # Errors
    /// What does not add up.
    pub(in crate::simulation) fn check(&self, balances: &Balances) -> Result<(), String> {
        // Where the issuer pays, nothing is claimed.
        if self.claims.is_empty() {
            return Ok(());
        }
        let mut said: BTreeMap<At, i64> = BTreeMap::new();
        for (number, claim) in &self.claims {
            let provider = PEOPLE.iter().map(|who| who.office).find(|office| *office == claim.provider);
            let provider = provider.ok_or_else(|| format!("claim {number} is nobody's"))?;
            let at = if claim.state == "paid" { At::Paid(provider) } else { At::Claimed(provider) };
            *said.entry(at).or_default() += claim.cents;
            let sent = |state: &str| {
                let of_claim = self.transfers.values().filter(|transfer| transfer.claim == *number);
                of_claim.filter(|transfer| transfer.state == state).count()
            };
            let lives = (sent("ordered"), sent("executed"));
            let fits = match claim.state.as_str() {
                "ordered" => lives == (1, 0),
                // Settled against a debt, it has no transfer.
                "paid" => lives.0 == 0 && lives.1 <= 1,
                _ => lives == (0, 0),
            };
            if !fits {
                return Err(format!("claim {number} is {} with {lives:?} transfers ordered and paid", claim.state));
            }
        }
        let mut held: BTreeMap<At, i64> = BTreeMap::new();
        for ((at, _), (_, _, cents)) in
            balances.iter().filter(|((at, _), _)| matches!(at, At::Claimed(_) | At::Paid(_)))
        {
            *held.entry(*at).or_default() += cents;
        }
        said.retain(|_, cents| *cents != 0);
        held.retain(|_, cents| *cents != 0);
        if said != held {
            return Err(format!("claims say {said:?}, and {held:?} is there"));
        }
        let below = self.owed.iter().find(|(_, cents)| **cents < 0);
        below.map_or(Ok(()), |below| Err(format!("a provider owes less than nothing: {below:?}")))
    }
}
