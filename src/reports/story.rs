//! A small programme that lived for a while, by real acts through the ledger: what the tests of reports look at.

mod acts;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::clock::{Clock as _, Entropy as _, FrozenClock, SeededEntropy};
use crate::domain::eligibility::hdf_2021;
use crate::domain::ids::{MandateId, OrganisationId, ProgrammeNo, UserId, VenueId};
use crate::domain::money::Cents;
use crate::domain::party::{Organisation, OrganisationKind, Registration, Role, Service, Venue};
use crate::domain::programme::{BasisKind, Mandate, Payer, Programme, Territory};
use crate::domain::short_code::ShortCode;
use crate::domain::stock::CodeMac;
use crate::domain::territory::CommuneCode;
use crate::domain::text::{Email, Label, Reference};
use crate::domain::time::{Day, Instant};
use crate::keys::Keys;
use crate::ledger::Ledger;
use crate::receipts::chain::genesis;
use crate::store::{Options, Store, StoreError, User};

/// One user per role: of two offices with the same role, the last one's.
const PEOPLE: &[(&str, OrganisationKind, Role)] = &[
    ("HDF", OrganisationKind::Region, Role::RegionAdmin),
    ("HDF", OrganisationKind::Region, Role::RegionFinance),
    ("APTIC", OrganisationKind::Issuer, Role::Platform),
    ("FOURM", OrganisationKind::Prescriber, Role::PrescriberAgent),
    ("MAUB", OrganisationKind::Prescriber, Role::PrescriberAgent),
    ("LIEUX", OrganisationKind::Provider, Role::VenueAgent),
];

/// A ledger on `SQLite` in a folder of its own.
#[derive(Debug)]
pub(super) struct Story {
    ledger: Ledger,
    pub(super) store: Arc<Store>,
    pub(super) clock: Arc<FrozenClock>,
    entropy: Arc<SeededEntropy>,
    pub(super) programme: ProgrammeNo,
    organisations: BTreeMap<&'static str, OrganisationId>,
    users: BTreeMap<Role, (UserId, &'static str)>,
    venue: VenueId,
    _folder: tempfile::TempDir,
}

pub(super) fn code(text: &str) -> ShortCode {
    ShortCode::parse(text).unwrap()
}

pub(super) fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

fn reference(text: &str) -> Reference {
    Reference::parse(text).unwrap()
}

fn mac(text: &str) -> CodeMac {
    std::array::from_fn(|place| *text.as_bytes().get(place).unwrap_or(&0))
}

impl Story {
    /// The programme on its first morning, with nothing in it.
    pub(super) fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.sqlite");
        let store = Arc::new(Store::open(path.to_str().unwrap(), &Options::default()).unwrap());
        let clock = Arc::new(FrozenClock::new(Instant::parse("2026-03-02T08:00:00.000Z").unwrap()));
        let entropy = Arc::new(SeededEntropy::new(3));
        let keys = Arc::new(Keys::for_tests(3));
        let id = || entropy.uuid(clock.now());
        let organisations: BTreeMap<_, _> =
            PEOPLE.iter().map(|(code, ..)| (*code, OrganisationId::new(id()))).collect();
        let users = PEOPLE.iter().map(|(code, _, role)| (*role, (UserId::new(id()), *code))).collect();
        let venue = VenueId::new(id());
        let ledger = Ledger::start(Arc::clone(&store), keys, clock.clone(), entropy.clone()).unwrap();
        let mut told = Self {
            ledger,
            store,
            clock,
            entropy,
            programme: ProgrammeNo(0),
            organisations,
            users,
            venue,
            _folder: folder,
        };
        told.programme = told.settle();
        told
    }

    fn settle(&self) -> ProgrammeNo {
        let written = self.store.write(|tx| {
            for ((code, kind, _), number) in PEOPLE.iter().zip(1..) {
                if *code != "HDF" || number == 1 {
                    tx.insert_organisation(&self.organisation(code, *kind, number))?;
                }
            }
            let programme = tx.insert_programme(&self.new_programme(), &genesis("HDF26"))?.no;
            tx.insert_rule_set(programme, hdf_2021())?;
            for (role, (user, office)) in &self.users {
                tx.insert_user(&self.user(*user, office, *role))?;
            }
            tx.insert_venue(&self.new_venue())?;
            for prescriber in ["MAUB", "FOURM"] {
                tx.insert_mandate(programme, &self.mandate(prescriber))?;
            }
            Ok::<_, StoreError>(programme)
        });
        written.unwrap()
    }

    fn organisation(&self, office: &str, kind: OrganisationKind, number: u32) -> Organisation {
        Organisation {
            id: self.organisations[office],
            code: code(office),
            kinds: BTreeSet::from([kind]),
            name: label(&format!("Organisme {office}")),
            registration: Registration::parse(&format!("W59{number:07}")).unwrap(),
            commune: CommuneCode::parse("59392").unwrap(),
            address: None,
            email: None,
            phone: None,
            active: true,
            version: 1,
        }
    }

    fn user(&self, id: UserId, office: &str, role: Role) -> User {
        User {
            id,
            email: Email::parse(&format!("{role}@{}.example", office.to_lowercase())).unwrap(),
            display_name: label("Agent"),
            organisation: self.organisations[office],
            role,
            password_hash: String::new(),
            active: true,
            failures: 0,
            last_failure: None,
            version: 1,
            valid_until: None,
        }
    }

    fn new_programme(&self) -> Programme {
        Programme {
            no: ProgrammeNo(0),
            code: code("HDF26"),
            label: label("Pass numérique"),
            sponsor: self.organisations["HDF"],
            face_value: Cents::new(1000),
            entitlement_passes: 10,
            distribution_from: day("2026-01-01"),
            distribution_until: day("2026-12-31"),
            grace_days: 30,
            payer: Payer::Region,
            // The intercommunalité of Maubeuge.
            territory: Territory { epcis: BTreeSet::from(["200043396".to_owned()]), ..Territory::default() },
            services: Service::payable_by_default(),
            active: true,
            version: 1,
        }
    }

    fn new_venue(&self) -> Venue {
        Venue {
            id: self.venue,
            provider: self.organisations["LIEUX"],
            name: label("=Tiers-lieu"),
            commune: CommuneCode::parse("59392").unwrap(),
            address: None,
            mobile: false,
            services: Service::payable_by_default(),
            approved: true,
            active: true,
            version: 1,
        }
    }

    fn mandate(&self, prescriber: &str) -> Mandate {
        Mandate {
            id: MandateId::new(self.entropy.uuid(self.clock.now())),
            prescriber: self.organisations[prescriber],
            kind: BasisKind::Regie,
            number: reference(&format!("R1-{prescriber}")),
            signed_on: day("2026-01-01"),
            signatory: label("La présidente"),
            starts_on: day("2026-01-01"),
            ends_on: day("2026-12-31"),
            accountant_opinion_on: None,
            opinion_is_tacit: false,
            ceiling_booklets: 100,
            ceiling: Cents::new(10_000_000),
            revoked_on: None,
            version: 1,
        }
    }

    /// The whole story: 2 March to 20 May 2026.
    pub(super) fn told() -> Self {
        let story = Self::empty();
        story.supply();
        story.clock.advance_days(1);
        story.dispatch();
        story.clock.advance_days(1);
        story.hand_out(1);
        story.hand_out(2);
        story.send_away(3);
        story.clock.advance_days(1);
        story.redeem(1, &[1, 2]);
        let mistaken = story.redeem(1, &[3]);
        story.redeem_in_vain(1, &[1]);
        story.clock.advance_days(30);
        story.reverse(&mistaken);
        story.redeem(1, &[3, 4, 5]);
        story.clock.advance_days(46);
        story.give_back();
        story
    }
}
