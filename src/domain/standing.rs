//! How long an account may be used, and what an act must know of whoever asks. What never lives here: what a role may
//! do (see `auth::permit`), or a session.

use super::ids::OrganisationId;
use super::party::Role;
use super::time::Day;

/// Days for which an auditor's account may be used when nobody says how long: a mission ends, and so does its access.
pub const AUDITOR_DAYS: u32 = 90;

/// The last day on which an account may be used: the one that is asked for; without one, an auditor's ends by itself.
#[must_use]
pub fn last_day(role: Role, asked: Option<Day>, today: Day) -> Option<Day> {
    asked.or_else(|| (role == Role::Auditor).then(|| today.plus_days(AUDITOR_DAYS)))
}

/// Whether the last day of an account is over.
#[must_use]
pub fn has_ended(last_day: Option<Day>, today: Day) -> bool {
    last_day.is_some_and(|last_day| last_day < today)
}

/// A user whose account and organisation are active: for whom they act, in which role and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub organisation: OrganisationId,
    pub role: Role,
    pub valid_until: Option<Day>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn an_auditors_account_ends_after_ninety_days_unless_a_day_is_named() {
        let today = day("2026-11-26");
        assert_eq!(last_day(Role::Auditor, None, today), Some(day("2027-02-24")));
        assert_eq!(last_day(Role::Auditor, Some(day("2026-12-31")), today), Some(day("2026-12-31")));
        for role in Role::ALL.iter().filter(|role| **role != Role::Auditor) {
            assert_eq!(last_day(*role, None, today), None, "{role}");
            assert_eq!(last_day(*role, Some(today), today), Some(today), "{role}");
        }
    }

    #[test]
    fn the_last_day_counts() {
        let last = day("2026-11-26");
        assert!(!has_ended(None, last));
        assert!(!has_ended(Some(last), last));
        assert!(has_ended(Some(last), last.plus_days(1)));
    }
}
