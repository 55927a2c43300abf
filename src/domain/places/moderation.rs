//! Who may do what to a description, and what a decision changes. What never lives here: a right of a role (see
//! `auth::permit`).

use super::{Decision, Outcome, Place, Revision, Signed, State};
use crate::domain::ids::{OrganisationId, PlaceId};
use crate::domain::party::Role;
use crate::domain::text::Label;

/// Why a change to the registry is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotNow {
    #[error("the revision was decided upon")]
    AlreadyDecided,
    /// Another revision came into force since it was proposed: accepting it would undo that one unseen.
    #[error("the revision was made on an older one")]
    Outdated,
    #[error("the place was withdrawn")]
    Withdrawn,
    #[error("the place is not published")]
    NotPublished,
}

impl NotNow {
    /// The code by which it is told.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::AlreadyDecided => "revision_already_decided",
            Self::Outdated => "revision_outdated",
            Self::Withdrawn => "place_withdrawn",
            Self::NotPublished => "place_not_published",
        }
    }
}

/// Whether what this person proposes is published at once: the Region, which decides, and the provider that answers for
/// the place, which knows its own opening hours. All others propose.
#[must_use]
pub fn publishes_at_once(by: &Signed, provider: Option<OrganisationId>) -> bool {
    by.role == Role::RegionAdmin || (by.role == Role::VenueAgent && provider == Some(by.organisation))
}

/// The first description of a place, published at once or waiting.
#[must_use]
pub fn proposed(id: PlaceId, sheet: super::Sheet, note: Option<Label>, by: Signed) -> (Place, Revision) {
    let revision = Revision { place: id, number: 1, base: 0, sheet: sheet.clone(), note, by, decision: None };
    let state = State::Proposed;
    let place = Place { id, state, sheet, in_force: 0, revisions: 1, venue: None, version: 1 };
    (place, revision)
}

/// Another description of a place, which waits until it is decided upon.
///
/// # Errors
/// [`NotNow::Withdrawn`].
pub fn revised(place: &mut Place, sheet: super::Sheet, note: Option<Label>, by: Signed) -> Result<Revision, NotNow> {
    if place.state == State::Withdrawn {
        return Err(NotNow::Withdrawn);
    }
    place.revisions += 1;
    place.version += 1;
    let (number, base) = (place.revisions, place.in_force);
    Ok(Revision { place: place.id, number, base, sheet, note, by, decision: None })
}

/// Decides on a revision: accepted, it comes into force.
///
/// # Errors
/// [`NotNow`], but [`NotNow::NotPublished`].
pub fn decide(place: &mut Place, revision: &mut Revision, decision: Decision) -> Result<(), NotNow> {
    if revision.decision.is_some() {
        return Err(NotNow::AlreadyDecided);
    }
    match decision.outcome {
        Outcome::Accepted if place.state == State::Withdrawn => return Err(NotNow::Withdrawn),
        Outcome::Accepted if revision.base != place.in_force => return Err(NotNow::Outdated),
        Outcome::Accepted => {
            place.state = State::Published;
            place.in_force = revision.number;
            place.sheet = revision.sheet.clone();
        }
        Outcome::Refused if place.in_force == 0 && place.revisions == revision.number => place.state = State::Refused,
        Outcome::Refused => {}
    }
    place.version += 1;
    revision.decision = Some(decision);
    Ok(())
}

/// Shows a place no more.
///
/// # Errors
/// [`NotNow::Withdrawn`] when it was withdrawn already.
pub fn withdraw(place: &mut Place) -> Result<(), NotNow> {
    if place.state == State::Withdrawn {
        return Err(NotNow::Withdrawn);
    }
    place.state = State::Withdrawn;
    place.version += 1;
    Ok(())
}

/// Whether sessions may be announced: only of what everybody can see.
///
/// # Errors
/// [`NotNow::NotPublished`].
pub fn is_shown(place: &Place) -> Result<(), NotNow> {
    if place.state == State::Published { Ok(()) } else { Err(NotNow::NotPublished) }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::ids::UserId;
    use crate::domain::places::Sheet;
    use crate::domain::time::Instant;

    fn signed(role: Role, organisation: u128) -> Signed {
        Signed {
            user: UserId::new(Uuid::from_u128(9)),
            organisation: OrganisationId::new(Uuid::from_u128(organisation)),
            role,
            at: Instant::from_millis(0),
        }
    }

    fn sheet(name: &str) -> Sheet {
        serde_json::from_value(serde_json::json!({ "pivot": "43493312300029", "nom": name, "commune": "Maubeuge",
            "code_postal": "59600", "adresse": "1 rue", "date_maj": "2026-01-01", "services": [] }))
        .unwrap()
    }

    fn decision(outcome: Outcome) -> Decision {
        Decision { outcome, reason: None, by: signed(Role::RegionAdmin, 1) }
    }

    fn new() -> (Place, Revision) {
        proposed(PlaceId::new(Uuid::from_u128(5)), sheet("Premier"), None, signed(Role::PrescriberAgent, 2))
    }

    #[test]
    fn the_region_and_whoever_answers_for_the_place_publish_at_once() {
        let venue = OrganisationId::new(Uuid::from_u128(3));
        assert!(publishes_at_once(&signed(Role::RegionAdmin, 1), None));
        assert!(publishes_at_once(&signed(Role::VenueAgent, 3), Some(venue)));
        assert!(!publishes_at_once(&signed(Role::VenueAgent, 4), Some(venue)));
        assert!(!publishes_at_once(&signed(Role::VenueAgent, 3), None));
        assert!(!publishes_at_once(&signed(Role::PrescriberAgent, 3), Some(venue)));
    }

    #[test]
    fn an_accepted_revision_comes_into_force_once() {
        let (mut place, mut first) = new();
        decide(&mut place, &mut first, decision(Outcome::Accepted)).unwrap();
        assert_eq!((place.state, place.in_force), (State::Published, 1));
        assert_eq!(decide(&mut place, &mut first, decision(Outcome::Refused)), Err(NotNow::AlreadyDecided));
    }

    #[test]
    fn a_revision_on_an_older_one_would_undo_what_came_between() {
        let (mut place, mut first) = new();
        decide(&mut place, &mut first, decision(Outcome::Accepted)).unwrap();
        let by = signed(Role::PrescriberAgent, 2);
        let mut second = revised(&mut place, sheet("Deux"), None, by.clone()).unwrap();
        let mut third = revised(&mut place, sheet("Trois"), None, by).unwrap();
        decide(&mut place, &mut third, decision(Outcome::Accepted)).unwrap();
        assert_eq!(decide(&mut place, &mut second, decision(Outcome::Accepted)), Err(NotNow::Outdated));
        decide(&mut place, &mut second, decision(Outcome::Refused)).unwrap();
        assert_eq!((place.sheet.name.as_str(), place.in_force, place.state), ("Trois", 3, State::Published));
    }

    #[test]
    fn a_refused_proposal_may_be_made_again_and_a_withdrawn_place_not() {
        let (mut place, mut first) = new();
        decide(&mut place, &mut first, decision(Outcome::Refused)).unwrap();
        assert_eq!((place.state, is_shown(&place)), (State::Refused, Err(NotNow::NotPublished)));
        let by = signed(Role::PrescriberAgent, 2);
        let mut second = revised(&mut place, sheet("Deux"), None, by.clone()).unwrap();
        decide(&mut place, &mut second, decision(Outcome::Accepted)).unwrap();
        assert_eq!(is_shown(&place), Ok(()));
        withdraw(&mut place).unwrap();
        assert_eq!(withdraw(&mut place), Err(NotNow::Withdrawn));
        assert_eq!(revised(&mut place, sheet("Trois"), None, by), Err(NotNow::Withdrawn));
    }
}
