//! A small programme that lived for a while, by real acts through the ledger: what the tests of reports look at.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::auth::Caller;
use crate::clock::{Clock as _, Entropy as _, FrozenClock, SeededEntropy};
use crate::domain::acceptance::Accept;
use crate::domain::act::Act;
use crate::domain::custody::{ReturnBooklets, ReturnReason, Selection, SendBooklets};
use crate::domain::duplicates::Likenesses;
use crate::domain::eligibility::{ShownProof, Situation, hdf_2021};
use crate::domain::ends::Expire;
use crate::domain::handout::HandOut;
use crate::domain::ids::{BookletId, MandateId, OrganisationId, ProgrammeNo, UserId, VenueId};
use crate::domain::money::Cents;
use crate::domain::party::{Actor, Holder, Organisation, OrganisationKind, Registration, Role, Service, Venue};
use crate::domain::programme::{BasisKind, FundingShare, Mandate, Payer, Programme, Territory};
use crate::domain::redemption::{Redeem, ReversalReason, Reverse};
use crate::domain::replacement::{Replace, ReplacementReason};
use crate::domain::short_code::ShortCode;
use crate::domain::stock::{CodeMac, NewBooklet};
use crate::domain::supply::{Activate, PlaceOrder, TakeDelivery};
use crate::domain::territory::CommuneCode;
use crate::domain::text::{Email, Label, Reference};
use crate::domain::time::{Day, Instant};
use crate::domain::visit::Visit;
use crate::keys::Keys;
use crate::ledger::{Ledger, Outcome, Submission};
use crate::receipts::{Receipt, chain::genesis};
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

    fn ask(&self, role: Role, act: impl Act + 'static) -> Outcome {
        let (user, office) = self.users[&role];
        let organisation = self.organisations[office];
        let actor = Actor { user, organisation, role, pseudonym: format!("{:016x}", 7) };
        let permit = Caller::new(actor, "session".to_owned()).permit(act.kind()).unwrap();
        let submission = Submission::new(permit, self.programme, Box::new(act), None).unwrap();
        self.ledger.submit_and_wait(submission).unwrap().outcome
    }

    fn does(&self, role: Role, act: impl Act + 'static) -> Receipt {
        match self.ask(role, act) {
            Outcome::Granted(receipt) => receipt.as_ref().clone(),
            Outcome::Refused(refusal) => panic!("{refusal:?}"),
        }
    }

    fn ids(&self, numbers: impl IntoIterator<Item = u32>) -> Vec<BookletId> {
        numbers.into_iter().map(|number| BookletId::new(self.programme, number)).collect()
    }

    /// Orders eight booklets of five, receives six of them (one damaged), activates.
    pub(super) fn supply(&self) {
        self.does(
            Role::RegionAdmin,
            PlaceOrder {
                number: reference("BC-1"),
                ordered_on: self.clock.now().day(),
                issuer: self.organisations["APTIC"],
                booklets: 8,
                passes_per_booklet: 5,
                face_value: Cents::new(1000),
                fees: Cents::ZERO,
                funding: vec![FundingShare { funder: label("État"), basis_points: 10_000 }],
                validity_end: day("2026-12-31"),
            },
        );
        let booklet = |number: u32| NewBooklet {
            id: BookletId::new(self.programme, number),
            code_macs: (1..=5).map(|rank| mac(&format!("{number}/{rank}"))).collect(),
        };
        self.does(
            Role::RegionAdmin,
            TakeDelivery {
                order: reference("BC-1"),
                delivered_on: self.clock.now().day(),
                note: reference("BL-1"),
                received: (1..=6).map(booklet).collect(),
                missing: self.ids(7..=8),
                damaged: self.ids([6]),
                print_nonce: None,
            },
        );
        let payment_order = reference("MP-1");
        self.does(Role::RegionFinance, Activate { order: reference("BC-1"), payment_order });
    }

    /// Sends four booklets to Maubeuge, which finds one missing.
    pub(super) fn dispatch(&self) {
        let selection = Selection::Count { booklets: 4, order: None };
        let to = self.organisations["MAUB"];
        let send = SendBooklets { to, booklets: selection, carrier_reference: None, from: Holder::Store };
        self.does(Role::RegionAdmin, send);
        self.does(
            Role::PrescriberAgent,
            Accept {
                dispatch: 1,
                in_transit: self.ids(1..=4),
                accepted: None,
                missing: self.ids([4]),
                damaged: vec![],
                receiver: Holder::Prescriber(code("MAUB")),
            },
        );
    }

    /// Gives one booklet to somebody.
    pub(super) fn hand_out(&self, booklet: u32) {
        self.does(Role::PrescriberAgent, self.gift(booklet, &["home_proof", "identity_document"]));
    }

    /// Sends one booklet more to Maubeuge, which takes it in.
    pub(super) fn dispatch_one_more(&self, dispatch: i64, booklet: u32) {
        let (to, booklets) = (self.organisations["MAUB"], Selection::Named(self.ids([booklet])));
        self.does(Role::RegionAdmin, SendBooklets { to, booklets, carrier_reference: None, from: Holder::Store });
        let accept = Accept {
            dispatch,
            in_transit: self.ids([booklet]),
            accepted: None,
            missing: vec![],
            damaged: vec![],
            receiver: Holder::Prescriber(code("MAUB")),
        };
        self.does(Role::PrescriberAgent, accept);
    }

    /// The person who was handed out `first` brings `original` back, which is of no use any more, and receives another.
    pub(super) fn replace(&self, first: u32, original: u32, replacement: u32) {
        self.does(
            Role::PrescriberAgent,
            Replace {
                original: BookletId::new(self.programme, original),
                replacement: BookletId::new(self.programme, replacement),
                fingerprint: mac(&format!("person {first}")),
                commitment: mac("commitment"),
                nonce: None,
                reason: ReplacementReason::Damaged,
            },
        );
    }

    /// What is left of the order expires.
    pub(super) fn expire(&self) {
        self.does(Role::RegionFinance, Expire { order: reference("BC-1"), most: 100 });
    }

    /// Sends somebody away who shows nothing.
    pub(super) fn send_away(&self, booklet: u32) {
        assert!(matches!(self.ask(Role::PrescriberAgent, self.gift(booklet, &[])), Outcome::Refused(_)));
    }

    fn gift(&self, booklet: u32, proofs: &[&str]) -> HandOut {
        let seen = |kind: &&str| ShownProof { kind: (*kind).to_owned(), issued_on: None };
        HandOut {
            fingerprint: mac(&format!("person {booklet}")),
            likenesses: Likenesses::default(),
            commitment: mac("commitment"),
            nonce: None,
            situation: Situation {
                birth: day("1950-03-14"),
                commune: CommuneCode::parse("59392").unwrap(),
                neighbourhood: None,
                statuses: BTreeSet::new(),
                proofs: proofs.iter().map(seen).collect(),
            },
            ground: None,
            booklets: self.ids([booklet]),
            sex: None,
            orientation: None,
            exception: None,
            follow_up: None,
        }
    }

    fn redemption(&self, booklet: u32, ranks: &[u8]) -> Redeem {
        Redeem {
            venue: self.venue,
            codes: ranks.iter().map(|rank| mac(&format!("{booklet}/{rank}"))).collect(),
            service: Service::EverydayTools,
            performed_on: self.clock.now().day(),
            performed_in: None,
            visit: Visit::default(),
        }
    }

    /// Spends passes; the number of the receipt.
    pub(super) fn redeem(&self, booklet: u32, ranks: &[u8]) -> String {
        self.does(Role::VenueAgent, self.redemption(booklet, ranks)).body().number.clone()
    }

    pub(super) fn redeem_in_vain(&self, booklet: u32, ranks: &[u8]) {
        assert!(matches!(self.ask(Role::VenueAgent, self.redemption(booklet, ranks)), Outcome::Refused(_)));
    }

    pub(super) fn reverse(&self, number: &str) {
        let reason = ReversalReason::EnteredByMistake;
        self.does(
            Role::RegionFinance,
            Reverse { number: crate::domain::text::ReceiptNumber::parse(number).unwrap(), reason },
        );
    }

    /// Maubeuge sends booklet 3 back.
    pub(super) fn give_back(&self) {
        self.does(
            Role::PrescriberAgent,
            ReturnBooklets {
                booklets: Selection::Named(self.ids([3])),
                reason: ReturnReason::Unused,
                from: Holder::Prescriber(code("MAUB")),
            },
        );
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
