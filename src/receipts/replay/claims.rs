//! Claims as far as a bank's word may end one: how many passes stand in each. What never lives here: who approves or is paid,
//! which an audit follows.

use std::collections::BTreeMap;

use super::super::{Body, Break, Text};
use super::Replay;
use super::kinds::counting;
use super::records::{number, text, wrong};

/// Passes that stand in each claim, by its number; a claim that has ended is not there any more.
pub(super) type Standing = BTreeMap<i64, i64>;

impl Replay {
    /// The passes that a receipt puts into a claim, or takes out of it.
    pub(super) fn settle<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
        let (claim, passes) = (number(body, "claim")?, body.total.passes);
        let change = match &*body.kind {
            "claim" => passes,
            "claim_rejection" | "overpayment" => passes.saturating_neg(),
            _ => return Ok(()),
        };
        let standing = self.claims.entry(claim).or_default();
        *standing = standing.saturating_add(change);
        Ok(())
    }

    /// What came back from the bank and has no pass left has ended.
    pub(super) fn end_claims<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
        if !body.mentions.contains_key("claims_ended") {
            return Ok(());
        }
        let listed = |name: &'static str| -> Result<Vec<i64>, Break> {
            text(body, name)?.split(' ').map(|claim| counting(claim).ok_or_else(|| wrong(name))).collect()
        };
        let returned = listed("claims_returned")?;
        for claim in listed("claims_ended")? {
            if !returned.contains(&claim) || self.claims.remove(&claim) != Some(0) {
                let detail = format!("la demande n° {claim} n'est pas revenue, ou a encore des pass à payer");
                return Err(Break::new("claim_ended", detail));
            }
        }
        Ok(())
    }
}
