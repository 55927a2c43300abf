//! A programme like the pilot with everybody who takes part, on a fresh database. The clock is frozen and the
//! randomness seeded, so that two worlds that see the same acts hold the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use recepisse::auth::Caller;
use recepisse::clock::{Clock, Entropy, FrozenClock, SeededEntropy};
use recepisse::domain::eligibility::hdf_2021;
use recepisse::domain::ids::{MandateId, OrganisationId, ProgrammeNo, UserId, VenueId};
use recepisse::domain::party::{Actor, Organisation, OrganisationKind, Role, Service, Venue};
use recepisse::domain::programme::{Mandate, Programme};
use recepisse::domain::short_code::ShortCode;
use recepisse::domain::territory::CommuneCode;
use recepisse::domain::text::{Email, Label};
use recepisse::domain::time::{Day, Instant};
use recepisse::keys::Keys;
use recepisse::ledger::{Heads, Ledger, Observer, Unobserved};
use recepisse::receipts::chain::genesis;
use recepisse::store::{Journal, Options, ReceiptFilter, Store, StoreError, StoredReceipt, WriteError, Writes};

use super::pilot::{mandate, new_user, organisation, programme};
use super::{Engine, Hand, Place, engines};

/// A ledger with everybody who takes part.
#[derive(Debug)]
pub(crate) struct World {
    /// Before the store, so that the writer stops first.
    pub(crate) ledger: Ledger,
    pub(crate) store: Arc<Store>,
    pub(crate) keys: Arc<Keys>,
    pub(crate) clock: Arc<FrozenClock>,
    pub(crate) entropy: Arc<SeededEntropy>,
    pub(crate) place: Place,
    pub(crate) programme: Programme,
    /// Where the heads are kept; nowhere but in memory unless a test asks for it.
    pub(crate) head_file: Option<PathBuf>,
    organisations: BTreeMap<&'static str, OrganisationId>,
    venues: BTreeMap<&'static str, VenueId>,
    users: BTreeMap<(&'static str, Role), UserId>,
}

const ORGANISATIONS: &[(&str, &[OrganisationKind], &str, &str)] = &[
    ("HDF", &[OrganisationKind::Region], "Région Hauts-de-France", "59350"),
    ("APTIC", &[OrganisationKind::Issuer], "Émetteur de pass numériques", "75056"),
    ("MAUB", &[OrganisationKind::Prescriber], "CCAS de Maubeuge", "59392"),
    ("FOURM", &[OrganisationKind::Prescriber], "Centre social de Fourmies", "59249"),
    ("HIRSON", &[OrganisationKind::Prescriber], "Mission locale de Thiérache", "02381"),
    ("LIEUX", &[OrganisationKind::Provider], "Les lieux numériques de l'Avesnois", "59392"),
    ("MOBI", &[OrganisationKind::Provider], "Le bus du numérique", "02381"),
    ("CRC", &[OrganisationKind::Auditor], "Chambre régionale des comptes", "62041"),
    ("AIDES", &[OrganisationKind::Platform], "Plateforme des aides individuelles", "59350"),
];

const PEOPLE: &[(&str, Role)] = &[
    ("HDF", Role::RegionAdmin),
    ("HDF", Role::RegionFinance),
    ("HDF", Role::Accountant),
    ("MAUB", Role::PrescriberAgent),
    ("FOURM", Role::PrescriberAgent),
    ("HIRSON", Role::PrescriberAgent),
    ("LIEUX", Role::VenueAgent),
    ("MOBI", Role::VenueAgent),
    ("CRC", Role::Auditor),
    ("AIDES", Role::Platform),
];

/// By name: provider, commune, mobile, approved.
const VENUES: &[(&str, &str, &str, bool, bool)] = &[
    ("Maubeuge", "LIEUX", "59392", false, true),
    ("Avesnes", "LIEUX", "59036", false, true),
    ("Louvroil", "LIEUX", "59365", false, false),
    ("Lille", "LIEUX", "59350", false, true),
    ("Bus", "MOBI", "02381", true, true),
];

/// A ledger whose callers wait for their answer as long as a busy machine takes: an act that nobody waits for any more has an
/// unknown outcome, and a test would fail for the machine's sake.
fn patient() -> recepisse::ledger::Options {
    recepisse::ledger::Options { longest_wait: Duration::from_mins(10), ..Default::default() }
}

/// Runs a test once per engine, each time in a fresh world.
pub(crate) fn on_every_engine(test: impl Fn(&World)) {
    for engine in engines() {
        test(&World::new(*engine));
    }
}

/// The same for what only PostgreSQL does.
pub(crate) fn on_postgres(test: impl Fn(&World)) {
    for engine in engines().iter().filter(|engine| **engine == Engine::Postgres) {
        test(&World::new(*engine));
    }
}

impl World {
    /// The pilot on the morning of 4 October 2021.
    pub(crate) fn new(engine: Engine) -> Self {
        Self::at(Place::fresh(engine))
    }

    /// The same in a database that nobody has used.
    pub(crate) fn at(place: Place) -> Self {
        let store = Arc::new(Store::open(&place.url, &Options::default()).unwrap());
        let clock = Arc::new(FrozenClock::new(Instant::parse("2021-10-04T07:30:00.000Z").unwrap()));
        let (keys, entropy) = (Arc::new(Keys::for_tests(7)), Arc::new(SeededEntropy::new(7)));
        let surroundings: (Arc<dyn Clock>, Arc<dyn Entropy>) = (clock.clone(), entropy.clone());
        let (own_store, own_keys) = (Arc::clone(&store), Arc::clone(&keys));
        let mut world = Self {
            ledger: Ledger::start_with(own_store, own_keys, surroundings, patient(), Arc::new(Unobserved)).unwrap(),
            programme: programme("HDF21", OrganisationId::new(entropy.uuid(clock.now()))),
            store,
            keys,
            clock,
            entropy,
            place,
            head_file: None,
            organisations: BTreeMap::new(),
            venues: BTreeMap::new(),
            users: BTreeMap::new(),
        };
        world.settle();
        world
    }

    fn settle(&mut self) {
        let id = || self.entropy.uuid(self.clock.now());
        let organisations: Vec<Organisation> = ORGANISATIONS
            .iter()
            .zip(1..)
            .map(|((code, kinds, name, commune), number)| {
                let id = if *code == "HDF" { self.programme.sponsor } else { OrganisationId::new(id()) };
                organisation(id, code, kinds, name, commune, number)
            })
            .collect();
        self.organisations = ORGANISATIONS
            .iter()
            .zip(&organisations)
            .map(|((code, ..), organisation)| (*code, organisation.id))
            .collect();
        self.venues = VENUES.iter().map(|(name, ..)| (*name, VenueId::new(id()))).collect();
        self.users = PEOPLE.iter().map(|person| (*person, UserId::new(id()))).collect();
        let mandates: Vec<Mandate> = ["MAUB", "FOURM"]
            .iter()
            .map(|code| mandate(MandateId::new(id()), self.organisation(code), &format!("2021-{code}")))
            .collect();
        let numbered = self.write(|tx| {
            organisations.iter().try_for_each(|organisation| tx.insert_organisation(organisation))?;
            let numbered = tx.insert_programme(&self.programme, &genesis("HDF21"))?;
            tx.insert_rule_set(numbered.no, hdf_2021())?;
            for (name, provider, commune, mobile, approved) in VENUES {
                tx.insert_venue(&self.new_venue(name, provider, commune, (*mobile, *approved)))?;
            }
            for ((code, role), user) in &self.users {
                tx.insert_user(&new_user(*user, code, *role, self.organisation(code)))?;
            }
            mandates.iter().try_for_each(|mandate| tx.insert_mandate(numbered.no, mandate))?;
            Ok(numbered)
        });
        self.programme = numbered;
    }

    fn new_venue(&self, name: &str, provider: &str, commune: &str, (mobile, approved): (bool, bool)) -> Venue {
        Venue {
            id: self.venue(name),
            provider: self.organisation(provider),
            name: Label::parse(name).unwrap(),
            commune: CommuneCode::parse(commune).unwrap(),
            address: None,
            mobile,
            services: BTreeSet::from([Service::AdministrativeHelp, Service::EverydayTools, Service::Equipment]),
            approved,
            active: true,
            version: 1,
        }
    }

    /// Ends the instance, as if its process had stopped, and leaves its database.
    pub(crate) fn stop(self) -> Place {
        let Self { ledger, store, place, .. } = self;
        drop(ledger);
        drop(store);
        place
    }

    pub(crate) fn engine(&self) -> Engine {
        self.place.engine
    }

    pub(crate) fn day(&self) -> Day {
        self.clock.now().day()
    }

    /// What the clock says.
    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    pub(crate) fn organisation(&self, code: &str) -> OrganisationId {
        self.organisations[code]
    }

    pub(crate) fn venue(&self, name: &str) -> VenueId {
        self.venues[name]
    }

    pub(crate) fn user(&self, code: &'static str, role: Role) -> UserId {
        self.users[&(code, role)]
    }

    pub(crate) fn hand(&self, code: &'static str, role: Role) -> Hand<'_> {
        self.hand_of(self.user(code, role), code, role)
    }

    /// Somebody new in an organisation, beside those who are there from the start.
    pub(crate) fn newcomer(&self, code: &str, role: Role) -> Hand<'_> {
        let id = UserId::new(self.entropy.uuid(self.clock.now()));
        let mut user = new_user(id, code, role, self.organisation(code));
        user.email = Email::parse(&format!("{id}@{}.example", code.to_lowercase())).unwrap();
        self.write(|tx| tx.insert_user(&user));
        self.hand_of(id, code, role)
    }

    fn hand_of(&self, user: UserId, code: &str, role: Role) -> Hand<'_> {
        let organisation = self.organisation(code);
        let pseudonym = recepisse::people::pseudonym(&self.keys, user);
        let actor = Actor { user, organisation, role, pseudonym };
        Hand {
            world: self,
            caller: Caller::new(actor, "session".to_owned()),
            programme: self.programme.no,
            ledger: &self.ledger,
        }
    }

    pub(crate) fn region_admin(&self) -> Hand<'_> {
        self.hand("HDF", Role::RegionAdmin)
    }

    pub(crate) fn region_finance(&self) -> Hand<'_> {
        self.hand("HDF", Role::RegionFinance)
    }

    /// An agent of `MAUB`, `FOURM` (with a mandate) or `HIRSON` (without).
    pub(crate) fn prescriber(&self, code: &'static str) -> Hand<'_> {
        self.hand(code, Role::PrescriberAgent)
    }

    /// An agent of `LIEUX` or `MOBI`.
    pub(crate) fn venue_agent(&self, code: &'static str) -> Hand<'_> {
        self.hand(code, Role::VenueAgent)
    }

    /// Writes reference data, which must succeed.
    pub(crate) fn write<T>(&self, work: impl FnOnce(&mut dyn Writes) -> Result<T, StoreError>) -> T {
        match self.store.write(work) {
            Ok(answer) => answer,
            Err(WriteError::Undone(error) | WriteError::Unknown(error)) => panic!("{}: {error}", self.engine()),
        }
    }

    /// Changes the programme.
    pub(crate) fn change_programme(&self, change: impl FnOnce(&mut Programme)) {
        self.write(|tx| {
            let mut programme = tx.programme_by_no(self.programme.no)?.unwrap();
            change(&mut programme);
            programme.version += 1;
            assert!(tx.update_programme(&programme)?);
            Ok(())
        });
    }

    /// Changes an organisation.
    pub(crate) fn change_organisation(&self, code: &str, change: impl FnOnce(&mut Organisation)) {
        self.write(|tx| {
            let mut organisation = tx.organisation(self.organisation(code))?.unwrap();
            change(&mut organisation);
            organisation.version += 1;
            assert!(tx.update_organisation(&organisation)?);
            Ok(())
        });
    }

    /// Changes the only mandate of a prescriber.
    pub(crate) fn change_mandate(&self, code: &str, change: impl FnOnce(&mut Mandate)) {
        self.write(|tx| {
            let found = tx.mandates_of(self.programme.no, &BTreeSet::from([self.organisation(code)]))?;
            let mut mandate = found.into_iter().next().unwrap();
            change(&mut mandate);
            mandate.version += 1;
            assert!(tx.update_mandate(self.programme.no, &mandate)?);
            Ok(())
        });
    }

    /// Adds a second programme with the same rules; nobody's stock is in it.
    pub(crate) fn second_programme(&self) -> ProgrammeNo {
        let second = self.programme_without_rules();
        self.write(|tx| tx.insert_rule_set(second, hdf_2021()));
        second
    }

    /// Adds a second programme in which nobody is eligible yet.
    pub(crate) fn programme_without_rules(&self) -> ProgrammeNo {
        self.write(|tx| {
            let second = tx.insert_programme(&programme("AISNE22", self.programme.sponsor), &genesis("AISNE22"))?;
            for code in ["MAUB", "FOURM"] {
                let id = MandateId::new(self.entropy.uuid(self.clock.now()));
                tx.insert_mandate(second.no, &mandate(id, self.organisation(code), &format!("2022-{code}")))?;
            }
            Ok(second.no)
        })
    }

    /// The same people after a stop, on `place`, remembering what `head_file` says was given out.
    pub(crate) fn restarted(self, place: Place, head_file: Option<PathBuf>) -> Self {
        self.restarted_with(place, head_file, &Options::default())
    }

    /// The same on a store that is opened in another way.
    pub(crate) fn restarted_with(self, place: Place, head_file: Option<PathBuf>, options: &Options) -> Self {
        let Self { ledger, store, keys, clock, entropy, place: left, programme, organisations, venues, users, .. } =
            self;
        drop((ledger, store));
        let store = Arc::new(Store::open(&place.url, options).unwrap());
        let heads = Heads::open(&store, &keys, head_file.clone()).unwrap();
        let surroundings: (Arc<dyn Clock>, Arc<dyn Entropy>) = (clock.clone(), entropy.clone());
        let (own_store, own_keys) = (Arc::clone(&store), Arc::clone(&keys));
        let memory: (Arc<dyn Observer>, Heads) = (Arc::new(Unobserved), heads);
        let ledger = Ledger::start_remembering(own_store, own_keys, surroundings, patient(), memory).unwrap();
        drop(left);
        Self { ledger, store, keys, clock, entropy, place, programme, head_file, organisations, venues, users }
    }

    /// A second instance on the same database, which remembers these heads.
    pub(crate) fn second_ledger(&self, heads: Heads) -> Ledger {
        let surroundings: (Arc<dyn Clock>, Arc<dyn Entropy>) = (self.clock.clone(), self.entropy.clone());
        let (store, keys) = (Arc::clone(&self.store), Arc::clone(&self.keys));
        Ledger::start_remembering(store, keys, surroundings, patient(), (Arc::new(Unobserved), heads)).unwrap()
    }

    /// Where the journal of a programme stands.
    pub(crate) fn journal(&self, programme: ProgrammeNo) -> Journal {
        self.store.read(|tx| tx.journal(programme)).unwrap().unwrap()
    }

    /// Every receipt of the first programme, in order.
    pub(crate) fn receipts(&self) -> Vec<StoredReceipt> {
        self.store.read(|tx| tx.receipts(self.programme.no, 0, 1_000_000, &ReceiptFilter::default())).unwrap()
    }
}

pub(crate) fn short_code(code: &str) -> ShortCode {
    ShortCode::parse(code).unwrap()
}
