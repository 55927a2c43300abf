//! The registry of places: what anybody may read about where digital mediation happens, proposed and corrected by those
//! who know, decided by the Region, kept with its whole history. What never lives here: what is payable. A place takes
//! passes when it is linked to a [`Venue`](super::party::Venue) that the Region has approved, and no description says so
//! in its stead.

pub mod directory;
pub mod likeness;
pub mod moderation;
pub mod session;
pub mod sheet;
pub mod vocabulary;
pub mod words;

use super::ids::{OrganisationId, PlaceId, UserId, VenueId};
use super::named::named;
use super::party::Role;
use super::refusal::Malformed;
use super::text::Label;
use super::time::Instant;
pub use sheet::{Flaw, Sheet};

named!(
    /// Where a place stands in the registry.
    State, Malformed::Identifier, {
        /// Proposed, and not decided upon yet.
        Proposed => "proposed",
        /// Shown to everybody.
        Published => "published",
        /// Proposed and refused.
        Refused => "refused",
        /// Shown no more: closed, or the double of another.
        Withdrawn => "withdrawn",
    }
);

named!(
    /// What became of a revision.
    Outcome, Malformed::Identifier, {
        Accepted => "accepted",
        Refused => "refused",
    }
);

named!(
    /// What a change did to what everybody can read.
    ChangeKind, Malformed::Identifier, {
        Added => "added",
        Changed => "changed",
        Removed => "removed",
    }
);

/// A place as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub id: PlaceId,
    pub state: State,
    /// What is published; while nothing is, what was proposed first.
    pub sheet: Sheet,
    /// The number of the revision that `sheet` is.
    pub in_force: i64,
    /// Revisions so far.
    pub revisions: i64,
    /// The venue where passes are spent, if it is one.
    pub venue: Option<VenueId>,
    /// Counts the changes; the `ETag` of the place.
    pub version: i64,
}

/// Who did something to the registry, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    pub user: UserId,
    pub organisation: OrganisationId,
    pub role: Role,
    pub at: Instant,
}

/// A description as somebody proposed it: never changed, never deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    pub place: PlaceId,
    /// From 1, in the order of proposal.
    pub number: i64,
    /// The revision that was in force when it was proposed; 0 for the first.
    pub base: i64,
    pub sheet: Sheet,
    pub note: Option<Label>,
    pub by: Signed,
    /// `None` while it waits.
    pub decision: Option<Decision>,
}

/// What was decided on a revision: never changed, never deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub outcome: Outcome,
    /// Why; always there for a refusal.
    pub reason: Option<Label>,
    pub by: Signed,
}
