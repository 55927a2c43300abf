//! The only place that knows SQL. Two doors: [`Store::read`] and [`Store::write`]. What never lives here: a
//! rule, or a decision.

mod access_doors;
mod application_doors;
mod audit_doors;
mod backend;
mod carried;
mod cell;
mod claim_doors;
mod copies;
mod device_doors;
mod doors;
mod duplicate_doors;
mod end_doors;
mod erasure_doors;
mod error;
mod feed_doors;
mod figure_doors;
mod follow_up_doors;
mod incident_doors;
mod inspection;
mod lock;
mod look_doors;
mod payment_doors;
mod people_key_doors;
mod place_doors;
mod postgres;
mod report_doors;
mod rows;
mod schema;
mod sqlite;
mod statement_doors;
mod stored;
mod training_doors;

pub use access_doors::{AccessLogReads, AccessLogWrites};
pub use application_doors::{ApplicationFilter, ApplicationReads, ApplicationWrites, Letter};
pub use audit_doors::{AuditReads, ReceiptColumns, StoredBalance, StoredBatch, StoredBooklet, StoredEntry};
pub use backend::{Access, Backend, LEAST_FREE_BYTES, Options, Store};
pub use carried::{
    CarriedReads, CarriedRow, CarriedRows, CarriedWrites, Column as CarriedColumn, FROM_THE_JOURNAL,
    Kind as CarriedKind, LEFT_OUT, TABLES, Table, code_instead,
};
pub use claim_doors::{ClaimFilter, ClaimReads, ClaimWrites};
pub use copies::{Copied, POSTGRES_FILE, SQLITE_FILE, beside, copy, put_back, settle};
pub use device_doors::{DeviceReads, DeviceWrites, LastUse};
pub use doors::{
    AccessReads, AccessWrites, ClosingReads, JournalReads, JournalWrites, Reads, ReferenceReads, ReferenceWrites,
    RestoreReads, RestoreWrites, StockReads, StockWrites, TreeReads, TreeWrites, Writes,
};
pub use duplicate_doors::{DuplicateReads, DuplicateWrites, NoticedPair, PairCounts, Review};
pub use end_doors::{EndReads, EndWrites};
pub use erasure_doors::{ErasureReads, ErasureWrites, Held as HeldOfPerson, HeldHandOut};
pub use error::{StoreError, WriteError};
pub use feed_doors::{DeadLetter, FeedReads, FeedWrites};
pub use figure_doors::{Edition, FigureReads, FigureWrites};
pub use follow_up_doors::{FollowUpReads, FollowUpWrites};
pub use incident_doors::IncidentReads;
pub use look_doors::{LookReads, Seen, Standings, Wanted};
pub use payment_doors::{PaymentReads, PaymentWrites, Proposal};
pub use people_key_doors::{PeopleKeyReads, PeopleKeyWrites};
pub use place_doors::{PlaceChange, PlaceFilter, PlaceReads, PlaceWrites};
pub use report_doors::{
    BodyFilter, Flow, HandOutFact, Held, ItemEvent, JudgedHandOut, KeptOfHandOut, ReceiptHead, ReceiptSums,
    RefusedHandOutRow, ReportReads, ScanFilter, ScanRow, Window,
};
pub use rows::User;
pub use statement_doors::{DifferenceFilter, StatementReads};
pub use stored::{
    Appended, Copies, CopiesByRole, GroupRecord, Journal, LoggedAccess, Page, ReceiptFilter, Recorded, StoredClosing,
    StoredCosignature, StoredReceipt, StoredRefresh, StoredRefusedHandOut, StoredReply, StoredScan, StoredSeal,
};
pub use training_doors::{TrainingReads, TrainingWrites};
