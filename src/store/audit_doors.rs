//! What an audit reads besides the receipts: the projections, whole, in pages by key, so that a register of any size
//! fits in little memory. What never lives here: SQL, or what a projection should have been.

use super::error::StoreError;
use crate::domain::ids::{BatchId, BookletId, ItemId, PassId, ProgrammeNo};
use crate::domain::time::Day;

type Found<T> = Result<T, StoreError>;

/// A row of the balances, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBalance {
    pub holder: String,
    pub batch: i64,
    pub booklets: i64,
    pub passes: i64,
    pub value_cents: i64,
}

/// One side-to-side line of a receipt, as the entries have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    pub position: i64,
    /// Its rank in the receipt, from 1.
    pub line: i64,
    pub day: String,
    pub batch: i64,
    pub from: String,
    pub to: String,
    pub booklets: i64,
    pub passes: i64,
    pub value_cents: i64,
}

/// A booklet as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBooklet {
    pub id: BookletId,
    pub batch: i64,
    pub size: i64,
    pub holder: String,
    pub passes_left: i64,
    pub handed_out_on: Option<Day>,
}

/// A batch as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBatch {
    pub id: BatchId,
    pub delivered_on: String,
    pub note: String,
    /// Until the print file has been taken.
    pub print_nonce: Option<Vec<u8>>,
    pub generated: bool,
}

/// What a receipt's columns say besides its bytes: booklets, passes, cents, day and kind.
pub type ReceiptColumns = (i64, i64, i64, String, String);

/// Reads for the audit.
pub trait AuditReads {
    /// Balances in order of holder and batch after this one, at most `limit`.
    fn balances_page(
        &mut self,
        programme: ProgrammeNo,
        after: Option<(&str, i64)>,
        limit: i64,
    ) -> Found<Vec<StoredBalance>>;
    /// Entries of the receipts with these positions, both included, in order of position and line.
    fn entries_between(&mut self, programme: ProgrammeNo, first: i64, last: i64) -> Found<Vec<StoredEntry>>;
    /// Receipts whose columns are not the sum of their entries, at most `limit`, by position: as stored, and as the
    /// entries have it.
    fn receipts_unlike_entries(
        &mut self,
        programme: ProgrammeNo,
        limit: i64,
    ) -> Found<Vec<(i64, ReceiptColumns, ReceiptColumns)>>;
    /// Booklets in order of number after this one, at most `limit`.
    fn booklets_page(&mut self, programme: ProgrammeNo, after: BookletId, limit: i64) -> Found<Vec<StoredBooklet>>;
    /// Passes that have a holder of their own, in order of number after this one, at most `limit`.
    fn departed_page(&mut self, programme: ProgrammeNo, after: PassId, limit: i64) -> Found<Vec<(PassId, String)>>;
    /// Passes in order of number after this one, at most `limit`, each with the digest of its code.
    fn passes_page(&mut self, programme: ProgrammeNo, after: PassId, limit: i64) -> Found<Vec<(PassId, Vec<u8>)>>;
    /// Every batch.
    fn all_batches(&mut self, programme: ProgrammeNo) -> Found<Vec<StoredBatch>>;
    /// Lines of the index of items after this one, at most `limit`: in order of booklet and pass, and of the position of the
    /// receipt that names it.
    fn moves_page(&mut self, programme: ProgrammeNo, after: (ItemId, i64), limit: i64) -> Found<Vec<(ItemId, i64)>>;
    /// The moment, the day and the office of each receipt between these positions, both included, in order, as their columns
    /// say.
    fn receipt_places(&mut self, programme: ProgrammeNo, first: i64, last: i64) -> Found<Vec<(i64, String, String)>>;
    /// Seals that stand under no receipt, of any programme: its number and the position; at most `limit`.
    fn stray_seals(&mut self, limit: i64) -> Found<Vec<(i64, i64)>>;
    /// Columns of any table that hold a value which is not of their type, as `table.column`.
    fn mistyped(&mut self) -> Found<Vec<String>>;
    /// The last running number of every office and year.
    fn whole_series(&mut self, programme: ProgrammeNo) -> Found<Vec<(String, i64, i64)>>;
    /// How many redemptions are kept, and how many of them are marked reversed.
    fn count_redemptions(&mut self, programme: ProgrammeNo) -> Found<(i64, i64)>;
    /// How many answers are kept under the key of their request, granted and refused alike.
    fn count_replies(&mut self, programme: ProgrammeNo) -> Found<i64>;
}
