//! What one may ask of the database inside a door, by table family. Implemented once per engine from one text.
//! What never lives here: SQL.

use std::collections::{BTreeMap, BTreeSet};

use super::error::StoreError;
use super::rows::User;
use super::stored::{
    GroupRecord, Journal, Page, ReceiptFilter, Recorded, StoredClosing, StoredCosignature, StoredReceipt,
    StoredRefresh, StoredReply, StoredSeal,
};
use crate::domain::closing::{Books, DayEnd, Period};
use crate::domain::eligibility::RuleSet;
use crate::domain::facts::{Balance, Pick};
use crate::domain::ids::{
    BatchId, BookletId, MandateId, OrderId, OrganisationId, PassId, ProgrammeNo, UserId, VenueId,
};
use crate::domain::movement::{Batch, Dispatch, Exception, Redemption};
use crate::domain::party::{Holder, Organisation, Venue};
use crate::domain::programme::{Mandate, Order, Programme};
use crate::domain::restore::Declaration;
use crate::domain::short_code::ShortCode;
use crate::domain::standing::Standing;
use crate::domain::stock::{Booklet, CodeMac, Pass};
use crate::domain::text::Reference;
use crate::domain::time::{Day, Instant};
use crate::receipts::merkle::Hash;

type Found<T> = Result<T, StoreError>;

/// Organisations, users, programmes, venues, mandates, rule sets.
pub trait ReferenceReads {
    fn organisation(&mut self, id: OrganisationId) -> Found<Option<Organisation>>;
    fn organisation_by_code(&mut self, code: &ShortCode) -> Found<Option<Organisation>>;
    fn organisations(&mut self, only: Option<OrganisationId>, page: &Page) -> Found<Vec<Organisation>>;
    fn organisations_among(&mut self, ids: &BTreeSet<OrganisationId>) -> Found<Vec<Organisation>>;
    fn programme(&mut self, code: &ShortCode) -> Found<Option<Programme>>;
    fn programme_by_no(&mut self, no: ProgrammeNo) -> Found<Option<Programme>>;
    fn programmes(&mut self, page: &Page) -> Found<Vec<Programme>>;
    fn rule_sets(&mut self, programme: ProgrammeNo) -> Found<Vec<RuleSet>>;
    fn venue(&mut self, id: VenueId) -> Found<Option<Venue>>;
    fn venues(&mut self, provider: Option<OrganisationId>, page: &Page) -> Found<Vec<Venue>>;
    fn venues_among(&mut self, ids: &BTreeSet<VenueId>) -> Found<Vec<Venue>>;
    fn mandate(&mut self, programme: ProgrammeNo, id: MandateId) -> Found<Option<Mandate>>;
    fn mandates(
        &mut self,
        programme: ProgrammeNo,
        prescriber: Option<OrganisationId>,
        page: &Page,
    ) -> Found<Vec<Mandate>>;
    fn mandates_of(&mut self, programme: ProgrammeNo, ids: &BTreeSet<OrganisationId>) -> Found<Vec<Mandate>>;
}

/// Changes to reference data. An update names the version it read and answers whether it found it.
pub trait ReferenceWrites {
    fn insert_organisation(&mut self, organisation: &Organisation) -> Found<()>;
    fn update_organisation(&mut self, organisation: &Organisation) -> Found<bool>;
    /// Inserts the programme under the next free number with its journal, and returns it numbered.
    fn insert_programme(&mut self, programme: &Programme, genesis: &str) -> Found<Programme>;
    fn update_programme(&mut self, programme: &Programme) -> Found<bool>;
    fn insert_rule_set(&mut self, programme: ProgrammeNo, rule_set: &RuleSet) -> Found<()>;
    fn insert_venue(&mut self, venue: &Venue) -> Found<()>;
    fn update_venue(&mut self, venue: &Venue) -> Found<bool>;
    fn insert_mandate(&mut self, programme: ProgrammeNo, mandate: &Mandate) -> Found<()>;
    fn update_mandate(&mut self, programme: ProgrammeNo, mandate: &Mandate) -> Found<bool>;
}

/// Users and sessions.
pub trait AccessReads {
    fn user(&mut self, id: UserId) -> Found<Option<User>>;
    fn user_by_email(&mut self, email: &str) -> Found<Option<User>>;
    fn users(&mut self, organisation: Option<OrganisationId>, page: &Page) -> Found<Vec<User>>;
    /// Those of `ids` that are active in an active organisation, with that organisation; whether their last day is over
    /// is the domain's to say.
    fn active_users(&mut self, ids: &BTreeSet<UserId>) -> Found<Vec<(UserId, Standing, Organisation)>>;
    fn refresh_token(&mut self, digest: &str) -> Found<Option<StoredRefresh>>;
    /// Whether the session has a token that is not revoked.
    fn session_is_alive(&mut self, session: &str) -> Found<bool>;
}

/// Changes to users and sessions.
pub trait AccessWrites {
    fn insert_user(&mut self, user: &User) -> Found<()>;
    fn update_user(&mut self, user: &User) -> Found<bool>;
    /// Counts a sign-in that failed, or forgets the earlier failures when `last_failure` is `None`.
    fn note_sign_in(&mut self, user: UserId, failures: i64, last_failure: Option<Instant>) -> Found<()>;
    fn insert_refresh_token(&mut self, token: &StoredRefresh) -> Found<()>;
    /// Marks the token used; `false` when it was used already.
    fn use_refresh_token(&mut self, digest: &str) -> Found<bool>;
    fn revoke_session(&mut self, session: &str) -> Found<()>;
    fn revoke_sessions_of(&mut self, user: UserId) -> Found<()>;
}

/// Receipts, seals and replies.
pub trait JournalReads {
    fn journal(&mut self, programme: ProgrammeNo) -> Found<Option<Journal>>;
    fn replies(&mut self, key_digests: &BTreeSet<String>) -> Found<Vec<StoredReply>>;
    fn receipt(&mut self, programme: ProgrammeNo, number: &str) -> Found<Option<StoredReceipt>>;
    fn receipt_at(&mut self, programme: ProgrammeNo, position: i64) -> Found<Option<StoredReceipt>>;
    /// Receipts after a position in order, at most `limit`.
    fn receipts(
        &mut self,
        programme: ProgrammeNo,
        after: i64,
        limit: i64,
        filter: &ReceiptFilter,
    ) -> Found<Vec<StoredReceipt>>;
    /// Whether the receipt was issued by this organisation or names it as a holder.
    fn receipt_concerns(&mut self, programme: ProgrammeNo, position: i64, party: &ShortCode) -> Found<bool>;
    fn seals(&mut self, programme: ProgrammeNo, after: i64, until: i64) -> Found<Vec<StoredSeal>>;
    /// Receipts that moved this booklet or one of its passes, in order.
    fn receipts_of_booklet(&mut self, booklet: BookletId) -> Found<Vec<StoredReceipt>>;
    /// The last position whose business day is not after `day`.
    fn position_on(&mut self, programme: ProgrammeNo, day: Day) -> Found<i64>;
}

/// The journal's first and last statements, and what is written between them.
pub trait JournalWrites {
    /// Takes the programme's lock, as every group of acts does with its first statement: acts wait until this transaction ends.
    fn enter(&mut self, programme: ProgrammeNo) -> Found<()>;
    /// The last of every group: what it changed, as sets, and with it the new head. Fails if anything before it failed
    /// unseen, or if a row is not what it was when it was loaded.
    fn record(&mut self, programme: ProgrammeNo, record: &GroupRecord<'_>) -> Found<Recorded>;
}

/// Declared losses.
pub trait RestoreReads {
    /// The last declaration, whatever became of it.
    fn restore_declaration(&mut self, programme: ProgrammeNo) -> Found<Option<Declaration>>;
}

/// Changes to declared losses.
pub trait RestoreWrites {
    /// Keeps a declaration in the place of any earlier one.
    fn keep_restore_declaration(&mut self, programme: ProgrammeNo, declaration: &Declaration) -> Found<()>;
}

/// Closings. They are written with what a group of acts changed.
pub trait ClosingReads {
    /// The first business day, the last closing of each kind, and those of the parts that end the periods asked for.
    fn books(&mut self, programme: ProgrammeNo, asked: &BTreeSet<(Period, Day)>) -> Found<Books>;
    /// What happened on a business day; none where nothing was recorded. As long as the day is, not the journal.
    fn day_end(&mut self, programme: ProgrammeNo, day: Day) -> Found<Option<DayEnd>>;
    /// Closings in the order in which they were made after a position, of one kind where it is named, at most `limit`.
    fn closings(
        &mut self,
        programme: ProgrammeNo,
        period: Option<Period>,
        after: i64,
        limit: i64,
    ) -> Found<Vec<StoredClosing>>;
    /// The last business day that is closed.
    fn closed_until(&mut self, programme: ProgrammeNo) -> Found<Option<Day>>;
}

/// The tree over a journal.
pub trait TreeReads {
    /// The hashes of the blocks from `first` up to `end`, as far as they are kept, without a gap.
    fn tree_blocks(&mut self, programme: ProgrammeNo, first: i64, end: i64) -> Found<Vec<Hash>>;
    /// How many blocks are kept.
    fn tree_blocks_kept(&mut self, programme: ProgrammeNo) -> Found<i64>;
    /// The receipts at these positions as leaves, both included.
    fn leaves(&mut self, programme: ProgrammeNo, first: i64, last: i64) -> Found<Vec<Hash>>;
    /// What witnesses have signed, by their names.
    fn cosignatures(&mut self, programme: ProgrammeNo) -> Found<Vec<StoredCosignature>>;
}

/// What is kept beside the journal of its tree.
pub trait TreeWrites {
    fn insert_tree_block(&mut self, programme: ProgrammeNo, number: i64, hash: &Hash) -> Found<()>;
    /// In the place of what the same witness signed before.
    fn keep_cosignature(&mut self, programme: ProgrammeNo, kept: &StoredCosignature) -> Found<()>;
}

/// Orders, booklets, passes, balances and what else acts decide on.
pub trait StockReads {
    fn orders_by_number(&mut self, programme: ProgrammeNo, numbers: &BTreeSet<Reference>) -> Found<Vec<Order>>;
    fn orders_among(&mut self, ids: &BTreeSet<OrderId>) -> Found<Vec<Order>>;
    fn orders(&mut self, programme: ProgrammeNo) -> Found<Vec<Order>>;
    fn batches_of(&mut self, order: OrderId) -> Found<Vec<Batch>>;
    /// Every booklet that came with the batch, in order of number.
    fn booklets_of_batch(&mut self, programme: ProgrammeNo, batch: BatchId) -> Found<Vec<Booklet>>;
    /// Those of the programme; a booklet of another is not found.
    fn booklets_among(&mut self, programme: ProgrammeNo, ids: &BTreeSet<BookletId>) -> Found<Vec<Booklet>>;
    /// The lowest-numbered booklets that match the wish.
    fn pick(&mut self, programme: ProgrammeNo, pick: &Pick, order: Option<OrderId>) -> Found<Vec<Booklet>>;
    /// The passes with these codes and their booklets, whatever their programme; where they are is told as `programme`
    /// names it.
    fn passes_by_code(
        &mut self,
        programme: ProgrammeNo,
        codes: &BTreeSet<CodeMac>,
    ) -> Found<Vec<(Pass, CodeMac, Booklet)>>;
    fn passes_among(&mut self, programme: ProgrammeNo, ids: &BTreeSet<PassId>) -> Found<Vec<Pass>>;
    fn passes_of(&mut self, booklet: BookletId, programme: ProgrammeNo) -> Found<Vec<Pass>>;
    fn dispatches_among(&mut self, programme: ProgrammeNo, numbers: &BTreeSet<i64>) -> Found<Vec<Dispatch>>;
    /// Dispatches to this holder of which something is still in transit.
    fn open_dispatches_to(&mut self, programme: ProgrammeNo, to: &Holder) -> Found<Vec<Dispatch>>;
    /// Dispatches in order of number after one, those that name `party` as giver or receiver if given.
    fn dispatches(
        &mut self,
        programme: ProgrammeNo,
        party: Option<&ShortCode>,
        after: i64,
        limit: i64,
    ) -> Found<Vec<Dispatch>>;
    fn people_among(&mut self, programme: ProgrammeNo, fingerprints: &BTreeSet<CodeMac>) -> Found<Vec<(CodeMac, i64)>>;
    fn exceptions_among(&mut self, programme: ProgrammeNo, numbers: &BTreeSet<i64>) -> Found<Vec<Exception>>;
    /// Those of the programme; a number of another programme's journal is not found.
    fn redemptions_among(
        &mut self,
        programme: ProgrammeNo,
        numbers: &BTreeSet<String>,
    ) -> Found<Vec<(String, Redemption)>>;
    /// What these holders have of these batches.
    fn balances_of(
        &mut self,
        programme: ProgrammeNo,
        holders: &BTreeSet<Holder>,
        batches: &BTreeSet<BatchId>,
    ) -> Found<Vec<((Holder, BatchId), Balance)>>;
    /// What these holders have of all batches together; those that never had anything are not there.
    fn holdings_of(&mut self, programme: ProgrammeNo, holders: &BTreeSet<Holder>) -> Found<BTreeMap<Holder, Balance>>;
    fn series_of(
        &mut self,
        programme: ProgrammeNo,
        offices: &BTreeSet<ShortCode>,
    ) -> Found<Vec<((ShortCode, i32), i64)>>;
}

/// Changes to stock that are no act's.
pub trait StockWrites {
    /// Forgets where a batch's codes come from and returns it: `None` when its print file has left already.
    fn take_print_nonce(&mut self, batch: BatchId) -> Found<Option<CodeMac>>;
}

/// Everything one may read.
pub trait Reads:
    ReferenceReads
    + AccessReads
    + super::AccessLogReads
    + JournalReads
    + super::LookReads
    + RestoreReads
    + ClosingReads
    + TreeReads
    + StockReads
    + super::IncidentReads
    + super::EndReads
    + super::ErasureReads
    + super::DuplicateReads
    + super::ClaimReads
    + super::PaymentReads
    + super::StatementReads
    + super::PlaceReads
    + super::DeviceReads
    + super::ApplicationReads
    + super::TrainingReads
    + super::FeedReads
    + super::FigureReads
    + super::FollowUpReads
    + super::PeopleKeyReads
    + super::report_doors::ReportReads
    + super::AuditReads
    + super::CarriedReads
{
}
impl<T> Reads for T where
    T: ReferenceReads
        + AccessReads
        + super::AccessLogReads
        + JournalReads
        + super::LookReads
        + RestoreReads
        + ClosingReads
        + TreeReads
        + StockReads
        + super::IncidentReads
        + super::EndReads
        + super::ErasureReads
        + super::DuplicateReads
        + super::ClaimReads
        + super::PaymentReads
        + super::StatementReads
        + super::PlaceReads
        + super::DeviceReads
        + super::ApplicationReads
        + super::TrainingReads
        + super::FeedReads
        + super::FigureReads
        + super::FollowUpReads
        + super::PeopleKeyReads
        + super::report_doors::ReportReads
        + super::AuditReads
        + super::CarriedReads
{
}

/// Everything one may do inside the write door.
pub trait Writes:
    Reads
    + ReferenceWrites
    + AccessWrites
    + super::AccessLogWrites
    + JournalWrites
    + RestoreWrites
    + StockWrites
    + super::EndWrites
    + super::ErasureWrites
    + super::DuplicateWrites
    + TreeWrites
    + super::ClaimWrites
    + super::PaymentWrites
    + super::PlaceWrites
    + super::DeviceWrites
    + super::ApplicationWrites
    + super::TrainingWrites
    + super::FeedWrites
    + super::FigureWrites
    + super::FollowUpWrites
    + super::PeopleKeyWrites
    + super::CarriedWrites
{
}
impl<T> Writes for T where
    T: Reads
        + ReferenceWrites
        + AccessWrites
        + super::AccessLogWrites
        + JournalWrites
        + RestoreWrites
        + StockWrites
        + super::EndWrites
        + super::ErasureWrites
        + super::DuplicateWrites
        + TreeWrites
        + super::ClaimWrites
        + super::PaymentWrites
        + super::PlaceWrites
        + super::DeviceWrites
        + super::ApplicationWrites
        + super::TrainingWrites
        + super::FeedWrites
        + super::FigureWrites
        + super::FollowUpWrites
        + super::PeopleKeyWrites
        + super::CarriedWrites
{
}
