//! What acts on applications may know, and how a granted one changes it. Loaded only when an act asks. What never lives
//! here: a rule, or a query.

use std::collections::BTreeSet;

use super::super::distribution::DistributionRules;
use super::super::erasure::NOBODY;
use super::super::facts::Table;
use super::super::ids::BookletId;
use super::super::short_code::ShortCode;
use super::super::stock::CodeMac;
use super::super::text::Reference;
use super::super::time::Day;
use super::{Application, ApplicationState};

/// What an act asks to know of applications.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApplicationNeeds {
    /// By number, with whatever else the same people have asked for and received.
    pub numbers: BTreeSet<i64>,
    /// Everything that these people have asked for.
    pub people: BTreeSet<CodeMac>,
    /// Those that an organisation sent under a reference of its own.
    pub references: BTreeSet<(ShortCode, Reference)>,
    /// The last number given.
    pub last: bool,
    /// The rules of distribution.
    pub rules: bool,
    /// The rules by which applications are judged; whoever asks for people has them too.
    pub eligibility: bool,
}

impl ApplicationNeeds {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self == &Self::default()
    }
}

/// What acts know of applications.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApplicationFacts {
    pub rules: DistributionRules,
    /// The last number given.
    pub last: i64,
    pub known: Table<i64, Application>,
}

/// What there is to write down of an application besides the lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApplicationRecord {
    /// A new application, and the name and address that go with it, closed under a key.
    Filed(Box<Application>, Vec<u8>),
    /// The application as it stands now, and by how much the passes of the person's entitlement change.
    Changed(Box<Application>, i64),
}

impl ApplicationRecord {
    const fn application(&self) -> &Application {
        match self {
            Self::Filed(application, _) | Self::Changed(application, _) => application,
        }
    }

    /// The person whose entitlement changes, and by how many passes; none where the application is nobody's.
    #[must_use]
    pub fn reserves(&self) -> Option<(CodeMac, i64)> {
        match self {
            Self::Changed(application, passes) if *passes != 0 && !application.is_nobodys() => {
                Some((application.fingerprint, *passes))
            }
            Self::Filed(..) | Self::Changed(..) => None,
        }
    }

    /// The booklet that has reached somebody, and when.
    #[must_use]
    pub fn delivers(&self) -> Option<(BookletId, Day)> {
        let application = self.application();
        let (booklet, _) = application.letter?;
        (application.state == ApplicationState::Delivered).then_some((booklet, application.state_on))
    }
}

impl ApplicationFacts {
    /// What a person has asked for.
    pub fn of<'f>(&'f self, person: &'f CodeMac) -> impl Iterator<Item = &'f Application> + 'f {
        self.known.iter().map(|(_, application)| application).filter(move |known| &known.fingerprint == person)
    }

    /// Whether an act of the group files or changes something of a person's.
    pub(in crate::domain) fn has_changed_for(&self, person: &CodeMac) -> bool {
        self.known.changed().any(|(_, row)| row.now.fingerprint == *person)
    }

    /// What a person asked for stays, and is nobody's: as the database has it once they are erased.
    pub(in crate::domain) fn forget(&mut self, person: &CodeMac) {
        let theirs: Vec<Application> = self.of(person).cloned().collect();
        for application in theirs {
            self.known.load(application.number, Application { fingerprint: NOBODY, ..application });
        }
    }

    /// Takes a granted record in, so that the next act of the group sees it. `receipt` is the number of its receipt.
    pub fn write_down(&mut self, record: &ApplicationRecord, receipt: &str) {
        let mut application = record.application().clone();
        receipt.clone_into(&mut application.last_receipt);
        if let ApplicationRecord::Filed(..) = record {
            receipt.clone_into(&mut application.filed_by);
            self.last = application.number;
        }
        self.known.set(application.number, application);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Assessed, Channel};
    use super::*;

    #[test]
    fn what_an_erased_person_asked_for_stays_and_leads_to_nobody() {
        let (person, on) = ([7; 32], Day::new(2026, 11, 2).unwrap());
        let assessed = Assessed {
            on,
            rule_version: "hdf-2021-1".to_owned(),
            ground: Some("senior".to_owned()),
            proof_kind: None,
            proof_issued_on: None,
            missing: Vec::new(),
        };
        let application = Application {
            number: 12,
            office: ShortCode::parse("AIDES").unwrap(),
            reference: Reference::parse("AID-4711").unwrap(),
            content: [0; 32],
            channel: Channel::Platform,
            fingerprint: person,
            age_band: "60+".to_owned(),
            commune: "59392".to_owned(),
            sex: None,
            received_on: on,
            passes: 5,
            assessed,
            state: ApplicationState::Delivered,
            state_on: on,
            reason: None,
            letter: None,
            filed_by: String::new(),
            last_receipt: String::new(),
        };
        let mut facts = ApplicationFacts::default();
        facts.known.load(12, application);
        assert_eq!((facts.of(&person).count(), facts.has_changed_for(&person)), (1, false));
        facts.forget(&person);
        assert_eq!(facts.of(&person).count(), 0);
        assert_eq!(facts.known.changed().count(), 0, "the erasure itself writes it");
        assert_eq!(facts.known.get(&12).unwrap().state, ApplicationState::Delivered);
    }
}
