//! One glance at a programme: where its passes are, and whether everything agrees. What never lives here: how a
//! terminal shows it.

use serde::Serialize;

use super::ReportError;
use super::question::head_at;
use super::reconciliation::of_programme;
use super::three_way::differences;
use crate::domain::short_code::ShortCode;
use crate::store::{Store, StoreError, Window};

/// A programme at one moment. All places are counted in passes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub programme: String,
    /// Taken in charge from the issuer, by the sealed delivery receipts.
    pub bought: i64,
    pub store: i64,
    pub transit: i64,
    pub prescribers: i64,
    pub circulation: i64,
    /// Redeemed and not claimed yet.
    pub redeemed: i64,
    pub claimed: i64,
    pub paid: i64,
    pub blocked: i64,
    pub lost: i64,
    pub expired: i64,
    pub destroyed: i64,
    pub credited: i64,
    /// All passes that are somewhere: equal to `bought`.
    pub passes_total: i64,
    /// Their value in cents.
    pub value_cents_total: i64,
    /// Whole booklets taken in charge.
    pub booklets_total: i64,
    /// Whole booklets that were handed out.
    pub booklets_in_circulation: i64,
    pub receipts: i64,
    /// Refused scans.
    pub refusals: i64,
    /// The journal's head.
    pub head: String,
    /// Bought is what is somewhere, per batch, in passes and cents; and rows, balances and journal agree.
    pub identity_holds: bool,
}

/// Reads the present moment of a programme.
///
/// # Errors
/// [`ReportError::ProgrammeUnknown`], or the store's.
pub fn summary(store: &Store, programme: &ShortCode) -> Result<Summary, ReportError> {
    store.read(|tx| {
        let programme = tx.programme(programme)?.ok_or(ReportError::ProgrammeUnknown)?;
        let lost = || StoreError::Corrupt("a programme without a journal".to_owned());
        let until = tx.journal(programme.no)?.ok_or_else(lost)?.position;
        let window = Window { programme: programme.no, after: 0, until };
        let (identity, holds) = of_programme(tx, programme.no, until)?;
        let agrees = differences(tx, window)?.is_empty();
        let passes = |kind: &str| identity.held(kind).passes;
        let somewhere = identity.bought.minus(identity.gap());
        Ok(Summary {
            programme: programme.code.to_string(),
            bought: identity.bought.passes,
            store: passes("store"),
            transit: passes("transit"),
            prescribers: passes("prescriber"),
            circulation: passes("circulation"),
            redeemed: passes("provider"),
            claimed: passes("claimed"),
            paid: passes("paid"),
            blocked: passes("blocked"),
            lost: passes("lost"),
            expired: passes("expired"),
            destroyed: passes("destroyed"),
            credited: passes("credited"),
            passes_total: somewhere.passes,
            value_cents_total: somewhere.cents,
            booklets_total: identity.bought.booklets,
            booklets_in_circulation: identity.held("circulation").booklets,
            receipts: tx.receipt_sums(window)?.receipts,
            refusals: tx.refused_scans_count(programme.no)?,
            head: head_at(tx, &programme, until)?,
            identity_holds: holds && agrees,
        })
    })
}
