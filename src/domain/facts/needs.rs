//! What an act asks to know before anyone decides. What never lives here: how it is loaded.

use std::collections::BTreeSet;

use super::super::applications::ApplicationNeeds;
use super::super::claims::ClaimNeeds;
use super::super::closing::Period;
use super::super::duplicates::DuplicateNeeds;
use super::super::erasure::ErasureNeeds;
use super::super::follow_up::FollowUpNeeds;
use super::super::ids::{BookletId, OrganisationId, PassId, UserId, VenueId};
use super::super::offline::OfflineNeeds;
use super::super::party::Holder;
use super::super::payments::PaymentNeeds;
use super::super::people_key::PeopleKeyNeeds;
use super::super::statements::StatementNeeds;
use super::super::stock::CodeMac;
use super::super::text::Reference;
use super::super::time::Day;

/// What an act asks to know. The union over a group is loaded with one query per table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    pub users: BTreeSet<UserId>,
    pub organisations: BTreeSet<OrganisationId>,
    pub venues: BTreeSet<VenueId>,
    /// Mandates of these prescribers.
    pub custody_of: BTreeSet<OrganisationId>,
    /// The act rests on the mandate of whoever asks: the ledger puts that organisation into `custody_of`.
    pub own_mandate: bool,
    /// What is on its way to these prescribers.
    pub receivers: BTreeSet<OrganisationId>,
    pub orders: BTreeSet<Reference>,
    pub booklets: BTreeSet<BookletId>,
    /// Passes named one by one.
    pub passes: BTreeSet<PassId>,
    /// Orders whose passes are looked at one by one.
    pub order_places: BTreeSet<Reference>,
    pub codes: BTreeSet<CodeMac>,
    pub dispatches: BTreeSet<i64>,
    pub people: BTreeSet<CodeMac>,
    pub exceptions: BTreeSet<i64>,
    /// Numbers of redemption receipts.
    pub redemptions: BTreeSet<String>,
    /// Numbers of receipts that took booklets or passes out of use, to bring them back.
    pub withdrawals: BTreeSet<String>,
    /// Who handed these booklets out.
    pub given: BTreeSet<BookletId>,
    /// Where the act may move things to, besides where they are and what goes with codes and whole booklets.
    pub holders: BTreeSet<Holder>,
    pub offline: OfflineNeeds,
    pub claims: ClaimNeeds,
    pub payments: PaymentNeeds,
    pub statements: StatementNeeds,
    pub applications: ApplicationNeeds,
    /// What was declared of a loss.
    pub restore: bool,
    /// Periods to be closed, each by one of its days.
    pub closings: BTreeSet<(Period, Day)>,
    /// Booklets to be chosen for the act: by holder and order, how many.
    pub picks: Vec<Pick>,
    /// What is left of orders.
    pub sweeps: Vec<Sweep>,
    /// Orders whose end is in sight: what holders have of them, and the programme's rules.
    pub ends: BTreeSet<Reference>,
    /// Proposals of destruction, by number.
    pub destructions: BTreeSet<i64>,
    /// The number of the last of them.
    pub new_destruction: bool,
    /// The key under which people are recognised. Known with any `people`.
    pub people_keys: PeopleKeyNeeds,
    pub erasures: ErasureNeeds,
    pub follow_ups: FollowUpNeeds,
    pub duplicates: DuplicateNeeds,
}

/// A wish for any `count` booklets that `holder` has, lowest numbers first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pick {
    pub holder: Holder,
    pub order: Option<Reference>,
    pub count: u32,
}

/// A wish for what is left of an order, or of it has expired: at most so many booklets and so many single passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sweep {
    pub order: Reference,
    /// What awaits a credit note; else what may expire.
    pub expired: bool,
    pub most: u32,
}
