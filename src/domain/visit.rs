//! What a venue says of a visit besides the passes, and how a visit that was noted without a network is proven: a line that the
//! venue's device signed. What never lives here: who came; a signature's arithmetic; where a device is kept.

use super::ids::{DeviceId, VenueId};
use super::party::Service;
use super::refusal::{Code, Refusal};
use super::short_code::ShortCode;
use super::territory::CommuneCode;
use super::time::{Day, Instant};

/// The longest visit, in minutes.
const LONGEST_MINUTES: u16 = 600;
/// The most people of one workshop.
const MOST_PARTICIPANTS: u16 = 200;
/// Passes that a device may take in one redemption without a network, unless its venue was given another floor.
pub const FLOOR_PASSES: i64 = 10;
/// The most passes that any floor allows: those of one redemption.
pub const HIGHEST_FLOOR_PASSES: i64 = 20;
/// First line of what a device signs for a redemption.
const LINE_TAG: &str = "recepisse-offline-1";
/// First line of what a device signs when it is enrolled.
const ENROLMENT_TAG: &str = "recepisse-enrolment-1";

/// What a venue says of a visit. Nothing of it is asked for; nothing of it tells who came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Visit {
    /// Whether the person came to this venue for the first time.
    pub first: Option<bool>,
    /// How long it took, 1 to 600.
    pub minutes: Option<u16>,
    /// How many took part in a workshop, 2 to 200; none for somebody received alone.
    pub participants: Option<u16>,
    /// The device that noted it without a network.
    pub offline: Option<Offline>,
}

/// A line of a device's queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offline {
    pub device: DeviceId,
    /// The device's own count of its lines, from 1, never twice the same.
    pub counter: i64,
    /// By the device's clock.
    pub scanned_at: Instant,
    /// Passes that the device may take in one redemption.
    pub floor_passes: i64,
}

impl Visit {
    /// Whether it can have been so.
    ///
    /// # Errors
    /// [`Code::QuantityOutOfRange`] for minutes, participants or a counter below 1; [`Code::OfflineFloorExceeded`] for more passes than the device
    /// may take without a network.
    pub fn check(&self, passes: usize) -> Result<(), Refusal> {
        if self.minutes.is_some_and(|minutes| !(1..=LONGEST_MINUTES).contains(&minutes)) {
            return Err(Refusal::out_of_range("minutes", 1, LONGEST_MINUTES));
        }
        if self.participants.is_some_and(|count| !(2..=MOST_PARTICIPANTS).contains(&count)) {
            return Err(Refusal::out_of_range("participants", 2, MOST_PARTICIPANTS));
        }
        if self.offline.as_ref().is_some_and(|offline| offline.counter < 1) {
            return Err(Refusal::out_of_range("counter", 1, i64::MAX));
        }
        let beyond = |offline: &&Offline| i64::try_from(passes).unwrap_or(i64::MAX) > offline.floor_passes;
        match self.offline.as_ref().filter(beyond) {
            Some(offline) => {
                Err(Refusal::new(Code::OfflineFloorExceeded).field("codes").about("most", offline.floor_passes))
            }
            None => Ok(()),
        }
    }
}

/// A line as the device keeps and signs it.
#[derive(Debug, Clone)]
pub struct SignedLine<'a> {
    pub device: DeviceId,
    pub counter: i64,
    pub scanned_at: &'a str,
    pub programme: &'a ShortCode,
    pub venue: VenueId,
    pub service: Service,
    pub performed_on: Day,
    pub performed_in: Option<CommuneCode>,
    /// As typed or scanned.
    pub codes: &'a [String],
    pub first_visit: Option<bool>,
    pub minutes: Option<u16>,
    pub participants: Option<u16>,
}

impl SignedLine<'_> {
    /// The text that the signature covers: one value per line, in the order of the fields, `-` for what was not said, the
    /// codes with a space between them. No value holds a line break.
    #[must_use]
    pub fn text(&self) -> String {
        let said = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
        [
            LINE_TAG.to_owned(),
            self.device.to_string(),
            self.counter.to_string(),
            self.scanned_at.to_owned(),
            self.programme.to_string(),
            self.venue.to_string(),
            self.service.to_string(),
            self.performed_on.to_string(),
            said(self.performed_in.map(|code| code.to_string())),
            self.codes.join(" "),
            said(self.first_visit.map(|first| if first { "yes" } else { "no" }.to_owned())),
            said(self.minutes.map(|minutes| minutes.to_string())),
            said(self.participants.map(|count| count.to_string())),
        ]
        .join("\n")
    }
}

/// What a device signs to show that the key is its own: the one-time code as typed and its public key in hexadecimal.
#[must_use]
pub fn enrolment_text(code: &str, public_key: &str) -> String {
    format!("{ENROLMENT_TAG}\n{code}\n{public_key}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offline(floor_passes: i64) -> Visit {
        let device = DeviceId::parse("019acd0f-1f2e-7a10-8c4d-2f6b1f0e9a80").unwrap();
        let scanned_at = Instant::parse("2026-11-24T09:30:00.000Z").unwrap();
        Visit { offline: Some(Offline { device, counter: 1, scanned_at, floor_passes }), ..Visit::default() }
    }

    #[test]
    fn a_visit_says_nothing_or_what_can_be() {
        assert_eq!(Visit::default().check(20), Ok(()));
        for (minutes, participants, field) in [
            (Some(0), None, "minutes"),
            (Some(601), None, "minutes"),
            (None, Some(1), "participants"),
            (None, Some(201), "participants"),
        ] {
            let refusal = Visit { minutes, participants, ..Visit::default() }.check(1).unwrap_err();
            assert_eq!((refusal.code, refusal.field.as_deref()), (Code::QuantityOutOfRange, Some(field)));
        }
        let workshop = Visit { first: Some(true), minutes: Some(600), participants: Some(200), offline: None };
        assert_eq!(workshop.check(1), Ok(()));
    }

    #[test]
    fn without_a_network_only_so_many_passes_are_taken() {
        assert_eq!(offline(5).check(5), Ok(()));
        let refusal = offline(5).check(6).unwrap_err();
        assert_eq!((refusal.code, refusal.detail("most")), (Code::OfflineFloorExceeded, Some("5")));
    }

    #[test]
    fn the_signed_text_is_as_documented() {
        let programme = ShortCode::parse("HDF21").unwrap();
        let codes = ["7K3M-Q9TX-2WHB-5CTW".to_owned(), "AAAA-BBBB-CCCC-DDDD".to_owned()];
        let line = SignedLine {
            device: DeviceId::parse("019acd0f-1f2e-7a10-8c4d-2f6b1f0e9a80").unwrap(),
            counter: 7,
            scanned_at: "2026-11-24T09:30:00.000Z",
            programme: &programme,
            venue: VenueId::parse("019acd0f-1f2e-7a10-8c4d-2f6b1f0e9a81").unwrap(),
            service: Service::AdministrativeHelp,
            performed_on: Day::parse("2026-11-24").unwrap(),
            performed_in: None,
            codes: &codes,
            first_visit: Some(true),
            minutes: Some(45),
            participants: None,
        };
        assert_eq!(
            line.text(),
            "recepisse-offline-1\n019acd0f-1f2e-7a10-8c4d-2f6b1f0e9a80\n7\n2026-11-24T09:30:00.000Z\nHDF21\n\
             019acd0f-1f2e-7a10-8c4d-2f6b1f0e9a81\naide_aux_demarches_administratives\n2026-11-24\n-\n\
             7K3M-Q9TX-2WHB-5CTW AAAA-BBBB-CCCC-DDDD\nyes\n45\n-"
        );
    }
}
