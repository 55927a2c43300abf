//! What reports read. Everything about the journal is bounded by positions, so that a report pulled page by page
//! shows one moment although the journal goes on. What never lives here: SQL.

use std::collections::{BTreeMap, BTreeSet};

use super::error::StoreError;
use super::stored::StoredReceipt;
use crate::domain::eligibility::KeptDecision;
use crate::domain::ids::{BatchId, BookletId, ProgrammeNo};
use crate::domain::movement::Kind;
use crate::domain::orientation::Orientation;
use crate::domain::party::Holder;
use crate::domain::sex::Sex;
use crate::domain::short_code::ShortCode;
use crate::domain::stock::{Booklet, Pass};
use crate::domain::time::{Day, Instant};

type Found<T> = Result<T, StoreError>;

/// A stretch of one programme's journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub programme: ProgrammeNo,
    /// The position before the first one meant.
    pub after: i64,
    /// The last position meant.
    pub until: i64,
}

/// What moved of one batch between two holders by acts of one kind, summed over a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    pub kind: String,
    pub batch: BatchId,
    pub from: String,
    pub to: String,
    pub booklets: i64,
    pub passes: i64,
    pub value_cents: i64,
    /// The last receipt that contributed.
    pub last_position: i64,
}

/// A receipt without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptHead {
    pub position: i64,
    pub number: String,
    pub kind: String,
    pub at: Instant,
    pub day: Day,
    pub office: String,
    pub booklets: i64,
    pub passes: i64,
    pub value_cents: i64,
    pub hash: String,
}

/// Which receipts are wanted with their bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct BodyFilter<'a> {
    /// Only these kinds; every kind where the list is empty.
    pub kinds: &'a [Kind],
    /// Only those with a line from or to this holder.
    pub holder: Option<&'a Holder>,
}

/// One booklet or pass in one receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemEvent {
    /// See [`crate::domain::ids::ItemId`].
    pub item: i64,
    pub position: i64,
    pub kind: String,
    pub office: String,
    pub day: Day,
}

/// What was kept of the person of a hand-out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptOfHandOut {
    pub ground: String,
    pub age_band: String,
    pub commune: String,
    /// Where the person said it.
    pub sex: Option<Sex>,
}

/// What statistics may know of one hand-out: nothing that leads to the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandOutFact {
    pub position: i64,
    pub day: Day,
    pub office: String,
    /// None once it was erased.
    pub kept: Option<KeptOfHandOut>,
    pub booklets: i64,
    pub passes: i64,
}

/// Which refused scans are wanted.
#[derive(Debug, Clone, Default)]
pub struct ScanFilter {
    pub office: Option<ShortCode>,
    pub from_day: Option<Day>,
    pub until_day: Option<Day>,
    /// Identifier of the last scan already read.
    pub after: Option<String>,
}

/// A refused scan as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanRow {
    pub id: String,
    pub at: Instant,
    pub day: Day,
    pub office: String,
    pub venue: String,
    pub service: String,
    pub code: String,
    pub serials: String,
    pub unknown_codes: i64,
}

/// What is kept of one decision on a person's right, and by which rules it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedHandOut {
    /// Of its receipt.
    pub position: i64,
    pub rule_version: String,
    pub decision: KeptDecision,
}

/// Somebody who was sent away, as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedHandOutRow {
    pub id: String,
    pub day: Day,
    pub office: String,
    pub code: String,
    pub rule_version: String,
    pub lacking: String,
}

/// What one holder has of one batch, by one way of counting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub holder: String,
    pub batch: BatchId,
    pub booklets: i64,
    pub passes: i64,
    /// 0 where the way of counting knows no value.
    pub value_cents: i64,
}

/// Sums over receipts as their own columns say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReceiptSums {
    pub receipts: i64,
    pub booklets: i64,
    pub passes: i64,
    pub value_cents: i64,
}

/// Reads for reports and exports.
pub trait ReportReads {
    /// The last position whose business day is before `day`.
    fn position_before(&mut self, programme: ProgrammeNo, day: Day) -> Found<i64>;
    /// Sums of entries by kind, batch, giver and receiver; of one holder where it is named.
    fn flows(&mut self, window: Window, holder: Option<&Holder>) -> Found<Vec<Flow>>;
    /// Receipts in order, at most `limit`; those that `party` issued or that name it, where given.
    fn receipt_heads(&mut self, window: Window, party: Option<&ShortCode>, limit: i64) -> Found<Vec<ReceiptHead>>;
    /// Receipts in order with their bytes, at most `limit`.
    fn receipt_bodies(&mut self, window: Window, filter: BodyFilter<'_>, limit: i64) -> Found<Vec<StoredReceipt>>;
    /// The receipts with these numbers, in order.
    fn receipts_numbered(&mut self, programme: ProgrammeNo, numbers: &BTreeSet<String>) -> Found<Vec<StoredReceipt>>;
    /// The numbers of the receipts at these positions.
    fn numbers_at(&mut self, programme: ProgrammeNo, positions: &BTreeSet<i64>) -> Found<Vec<(i64, String)>>;
    fn receipt_sums(&mut self, window: Window) -> Found<ReceiptSums>;
    /// Items of hand-outs, redemptions, reversals and expiries in order of item and position, after one of them.
    fn uses_of_items(&mut self, window: Window, after: (i64, i64), limit: i64) -> Found<Vec<ItemEvent>>;
    /// Hand-outs in order of position, at most `limit`; those of one office where it is named.
    fn hand_out_facts(&mut self, window: Window, office: Option<&ShortCode>, limit: i64) -> Found<Vec<HandOutFact>>;
    /// Refused scans in the order in which they were kept, at most `limit`.
    fn refused_scans(&mut self, programme: ProgrammeNo, filter: &ScanFilter, limit: i64) -> Found<Vec<ScanRow>>;
    /// Where people were told to go, by the position of the receipt of their hand-out: those after one, at most `limit`.
    fn orientations(&mut self, programme: ProgrammeNo, after: i64, limit: i64) -> Found<Vec<(i64, Orientation)>>;
    /// What is kept of decisions, by the position of their receipts.
    fn kept_decisions(&mut self, programme: ProgrammeNo, after: i64, limit: i64) -> Found<Vec<JudgedHandOut>>;
    fn refused_hand_outs(
        &mut self,
        programme: ProgrammeNo,
        filter: &ScanFilter,
        limit: i64,
    ) -> Found<Vec<RefusedHandOutRow>>;
    fn refused_scans_count(&mut self, programme: ProgrammeNo) -> Found<i64>;
    /// Booklets by number after one, as they stand now.
    fn booklets_after(&mut self, programme: ProgrammeNo, after: i64, limit: i64) -> Found<Vec<Booklet>>;
    /// Every pass of the booklets from `first` to `last`, as they stand now.
    fn passes_between(&mut self, programme: ProgrammeNo, first: BookletId, last: BookletId) -> Found<Vec<Pass>>;
    /// Which booklets from `first` to `last` a receipt after `position` has moved, or one of their passes.
    fn booklets_moved_after(&mut self, first: BookletId, last: BookletId, position: i64) -> Found<BTreeSet<BookletId>>;
    /// For each booklet from `first` to `last`, the positions of the receipts until `position` that moved it or one of its
    /// passes.
    fn moves_of_booklets(
        &mut self,
        first: BookletId,
        last: BookletId,
        position: i64,
    ) -> Found<BTreeMap<BookletId, BTreeSet<i64>>>;
    /// The receipts at these positions, in order.
    fn receipts_at(&mut self, programme: ProgrammeNo, positions: &BTreeSet<i64>) -> Found<Vec<StoredReceipt>>;
    /// Every balance, as kept.
    fn balances_kept(&mut self, programme: ProgrammeNo) -> Found<Vec<Held>>;
    /// Booklets by holder and batch, counted from their own rows, with the passes that go with them.
    fn booklets_counted(&mut self, programme: ProgrammeNo) -> Found<Vec<Held>>;
    /// Passes with a holder of their own by holder and batch, counted from their own rows.
    fn passes_counted(&mut self, programme: ProgrammeNo) -> Found<Vec<Held>>;
}
