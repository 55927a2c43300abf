//! What is read and written of what is known of people, and for how long. What never lives here: SQL, or whose time is over.

use std::collections::{BTreeMap, BTreeSet};

use super::error::StoreError;
use crate::domain::applications::Application;
use crate::domain::erasure::{Known, RetentionRules};
use crate::domain::follow_up::FollowUp;
use crate::domain::ids::{BookletId, ProgrammeNo};
use crate::domain::movement::Exception;
use crate::domain::orientation::Orientation;
use crate::domain::sex::Sex;
use crate::domain::stock::CodeMac;
use crate::domain::time::Day;

type Found<T> = Result<T, StoreError>;

/// What statistics keep of one hand-out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldHandOut {
    /// Of its receipt.
    pub number: String,
    pub day: Day,
    pub ground: String,
    pub rule_version: String,
    pub proof_kind: Option<String>,
    pub proof_issued_on: Option<Day>,
    pub age_band: String,
    pub commune: String,
    pub neighbourhood: Option<String>,
    pub sex: Option<Sex>,
    pub orientation: Option<Orientation>,
    pub booklets: i64,
    pub passes: i64,
}

/// Everything that is held of one person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    /// Passes counted towards the entitlement.
    pub passes: Option<i64>,
    /// What they applied for, in order of number.
    pub applications: Vec<Application>,
    pub hand_outs: Vec<HeldHandOut>,
    pub exceptions: Vec<Exception>,
    /// Numbers of the receipts by which one of their booklets was replaced.
    pub replacements: Vec<String>,
    /// What they agreed to be reminded of.
    pub follow_ups: Vec<FollowUp>,
}

/// Retention, and what is known of people.
pub trait ErasureReads {
    /// The rules with their version; `None` while nobody has set any.
    fn retention_rules(&mut self, programme: ProgrammeNo) -> Found<Option<(RetentionRules, i64)>>;
    /// People of whom the tables of personal data have something, but no hand-out, and no exception without one, since a
    /// day; in order of fingerprint after one, at most `limit`. They may have been met otherwise: see [`Self::known_of`].
    fn people_not_seen_since(
        &mut self,
        programme: ProgrammeNo,
        since: Day,
        after: Option<&CodeMac>,
        limit: i64,
    ) -> Found<BTreeSet<CodeMac>>;
    /// Where something is known of these people, and when each was met last; who is unknown is not there.
    fn known_of(&mut self, programme: ProgrammeNo, people: &BTreeSet<CodeMac>) -> Found<BTreeMap<CodeMac, Known>>;
    /// How many people are known under each key of people, by its number.
    fn people_by_key(&mut self, programme: ProgrammeNo) -> Found<BTreeMap<u8, usize>>;
    /// What the salt of the commitment in a receipt was derived from; nothing once its person is erased.
    fn nonce_of(&mut self, number: &str) -> Found<Option<CodeMac>>;
    /// What is known of one person.
    fn held_of_person(&mut self, programme: ProgrammeNo, person: &CodeMac) -> Found<Held>;
    /// The first and the last redemption, reversed or not, of a pass of each of these booklets; those without are not there.
    fn redemption_days(
        &mut self,
        programme: ProgrammeNo,
        booklets: &BTreeSet<BookletId>,
    ) -> Found<BTreeMap<BookletId, (Day, Day)>>;
}

/// What is set besides acts.
pub trait ErasureWrites {
    /// Keeps the rules in place of those of version `before`, 0 for none; `false` where that is not the version.
    fn keep_retention_rules(&mut self, programme: ProgrammeNo, rules: RetentionRules, before: i64) -> Found<bool>;
    /// Gives a person who is known under an older key the fingerprint, and the likenesses, under the key in use. Acts of the
    /// programme wait meanwhile.
    fn renew_fingerprint(
        &mut self,
        programme: ProgrammeNo,
        fingerprints: (&CodeMac, &CodeMac),
        likenesses: &BTreeSet<CodeMac>,
    ) -> Found<()>;
}
