//! Devices of venues that note visits without a network: added by their venue, enrolled with a one-time code, revoked for ever.
//! What never lives here: a device's secret key, which never leaves it; what it noted (see `visit`).

use super::ids::{DeviceId, UserId, VenueId};
use super::text::Label;
use super::time::Instant;

/// How long a one-time code may be used, in seconds: a quarter of an hour.
pub const CODE_SECONDS: i64 = 15 * 60;

/// A device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    pub id: DeviceId,
    pub venue: VenueId,
    pub label: Label,
    /// Passes that it may take in one redemption without a network, 1 to 20.
    pub floor_passes: i64,
    pub added_by: UserId,
    pub added_at: Instant,
    /// Keyed digest of the one-time code.
    pub code_mac: [u8; 32],
    pub code_until: Instant,
    /// Ed25519, 64 hexadecimal digits.
    pub public_key: Option<String>,
    pub enrolled_at: Option<Instant>,
    pub revoked_at: Option<Instant>,
    /// When lines of it last came.
    pub used_at: Option<Instant>,
    /// The highest counter that came; 0 before the first.
    pub counter: i64,
}

/// Where a device is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceState {
    /// Its code waits to be used.
    Waiting,
    /// Its code was not used in time.
    Lapsed,
    Active,
    Revoked,
}

impl DeviceState {
    /// The stable name, part of the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Lapsed => "lapsed",
            Self::Active => "active",
            Self::Revoked => "revoked",
        }
    }
}

impl Device {
    #[must_use]
    pub fn state(&self, now: Instant) -> DeviceState {
        if self.revoked_at.is_some() {
            DeviceState::Revoked
        } else if self.public_key.is_some() {
            DeviceState::Active
        } else if now > self.code_until {
            DeviceState::Lapsed
        } else {
            DeviceState::Waiting
        }
    }

    /// The device with its own key; none once the code has served, has lapsed, or the device is revoked.
    #[must_use]
    pub fn enrolled(self, public_key: String, now: Instant) -> Option<Self> {
        let waits = self.state(now) == DeviceState::Waiting;
        waits.then_some(Self { public_key: Some(public_key), enrolled_at: Some(now), ..self })
    }

    /// The key by which its lines are believed; none before it is enrolled and once it is revoked.
    #[must_use]
    pub fn trusted_key(&self, now: Instant) -> Option<&str> {
        self.public_key.as_deref().filter(|_| self.state(now) == DeviceState::Active)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Instant {
        Instant::from_millis(1_700_000_000_000 + minutes * 60_000)
    }

    fn device() -> Device {
        Device {
            id: DeviceId::parse("019acd0f-1f2e-7a10-8c4d-2f6b1f0e9a80").unwrap(),
            venue: VenueId::parse("019acd0f-1f2e-7a10-8c4d-2f6b1f0e9a81").unwrap(),
            label: Label::parse("Tablette de l'accueil").unwrap(),
            floor_passes: 10,
            added_by: UserId::parse("019acd0f-1f2e-7a10-8c4d-2f6b1f0e9a82").unwrap(),
            added_at: at(0),
            code_mac: [1; 32],
            code_until: at(15),
            public_key: None,
            enrolled_at: None,
            revoked_at: None,
            used_at: None,
            counter: 0,
        }
    }

    #[test]
    fn a_code_serves_once_and_not_for_long() {
        let enrolled = device().enrolled("ab".to_owned(), at(15)).unwrap();
        assert_eq!((enrolled.state(at(99)), enrolled.trusted_key(at(99))), (DeviceState::Active, Some("ab")));
        assert_eq!(enrolled.enrolled("cd".to_owned(), at(2)), None);
        assert_eq!(device().state(at(16)), DeviceState::Lapsed);
        assert_eq!(device().enrolled("ab".to_owned(), at(16)), None);
    }

    #[test]
    fn a_device_is_believed_from_its_enrolment_to_its_revocation() {
        assert_eq!(device().trusted_key(at(1)), None);
        let revoked = Device { revoked_at: Some(at(3)), ..device().enrolled("ab".to_owned(), at(1)).unwrap() };
        assert_eq!((revoked.state(at(4)), revoked.trusted_key(at(4))), (DeviceState::Revoked, None));
        let never = Device { revoked_at: Some(at(3)), ..device() };
        assert_eq!(never.enrolled("ab".to_owned(), at(4)), None);
    }
}
