//! A register to drive: one programme with passes in circulation and booklets in custody. Organisations and accounts
//! are put down as reference data, everything else by acts through the ledger. What never lives here: HTTP.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::{Context, bail};
use recepisse::auth::{Caller, token};
use recepisse::clock::{Clock, Entropy, SystemClock, SystemEntropy};
use recepisse::domain::acceptance::Accept;
use recepisse::domain::act::Act;
use recepisse::domain::custody::{Selection, SendBooklets};
use recepisse::domain::eligibility::{ShownProof, Situation, hdf_2021};
use recepisse::domain::handout::HandOut;
use recepisse::domain::ids::{BookletId, MandateId, OrganisationId, PassId, ProgrammeNo, UserId, VenueId};
use recepisse::domain::money::Cents;
use recepisse::domain::party::{Actor, Holder, Organisation, OrganisationKind, Registration, Role, Service, Venue};
use recepisse::domain::programme::{BasisKind, FundingShare, Mandate, Payer, Programme, Territory};
use recepisse::domain::short_code::ShortCode;
use recepisse::domain::supply::{Activate, PlaceOrder, TakeDelivery};
use recepisse::domain::territory::CommuneCode;
use recepisse::domain::text::{Email, Label, Reference};
use recepisse::domain::time::Day;
use recepisse::keys::Keys;
use recepisse::ledger::{Ledger, Outcome, Submission};
use recepisse::receipts::chain::genesis;
use recepisse::store::{Store, StoreError, StoredRefresh, User, WriteError, Writes};
use recepisse::{issuing, people};
use uuid::Uuid;

/// Passes of a booklet.
const SIZE: u8 = 10;
/// Booklets of one delivery, of one dispatch, and of one hand-out while the register is prepared.
const AT_ONCE: u32 = 5_000;
const PER_HAND_OUT: u32 = 500;
const DESKS: u32 = 20;
const ORDER: &str = "CMD-1";
pub(crate) const COMMUNE: &str = "59392";
pub(crate) const PROGRAMME: &str = "LOAD1";

/// Somebody who has signed in, and where they work.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) caller: Caller,
    pub(crate) session: Uuid,
    pub(crate) venue: VenueId,
    /// Numbers of the booklets in this desk's custody: first, and how many.
    pub(crate) custody: (u32, u32),
    holder: Holder,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) keys: Arc<Keys>,
    pub(crate) programme: ProgrammeNo,
    pub(crate) venues: Vec<Desk>,
    pub(crate) prescribers: Vec<Desk>,
    /// Passes in circulation: all those of the first booklets.
    pub(crate) passes: u64,
    nonce: [u8; 32],
}

impl World {
    /// Prepares an empty database so that `passes` are in circulation and `booklets` more wait at prescribers.
    pub(crate) fn prepare(store: &Arc<Store>, keys: &Arc<Keys>, passes: u32, booklets: u32) -> anyhow::Result<Self> {
        let mut nonce = [0; 32];
        SystemEntropy.fill(&mut nonce);
        let written = store.write(|tx| cast(tx, keys));
        let (mut world, region) = written.map_err(undone).context("the database must be empty")?;
        world.nonce = nonce;
        let (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        let ledger = Ledger::start(Arc::clone(store), Arc::clone(keys), clock, entropy)?;
        let handed_out = passes.div_ceil(SIZE.into());
        let per_desk = booklets / DESKS;
        let preparation = Preparation { world: &world, ledger: &ledger, region: &region };
        let custody = preparation.run(handed_out, per_desk)?;
        world.passes = u64::from(handed_out) * u64::from(SIZE);
        for (desk, custody) in world.prescribers.iter_mut().zip(custody) {
            desk.custody = custody;
        }
        Ok(world)
    }

    /// The pass with this place among those in circulation.
    pub(crate) fn pass(&self, place: u64) -> PassId {
        // Neighbours in time are far apart in the tables: a stride that shares no factor with the number of passes.
        let scattered = u128::from(place) * 1_000_000_007 % u128::from(self.passes.max(1));
        let scattered = u64::try_from(scattered).unwrap_or(0);
        let (booklet, rank) = (scattered / u64::from(SIZE) + 1, scattered % u64::from(SIZE) + 1);
        let booklet = BookletId::new(self.programme, u32::try_from(booklet).unwrap_or(u32::MAX));
        booklet.pass(u8::try_from(rank).unwrap_or(u8::MAX))
    }

    /// What is printed on a pass.
    pub(crate) fn code(&self, pass: PassId) -> recepisse::domain::code::PassCode {
        issuing::pass_code(&self.keys, &self.nonce, pass)
    }

    /// An access token for the desk, valid for ten minutes.
    pub(crate) fn token(&self, desk: &Desk) -> anyhow::Result<String> {
        let now = SystemClock.now();
        let user = desk.caller.actor().user;
        Ok(token::issue(&self.keys, user, desk.session, SystemEntropy.uuid(now), now)?)
    }
}

fn undone(error: WriteError<StoreError>) -> anyhow::Error {
    match error {
        WriteError::Undone(error) | WriteError::Unknown(error) => error.into(),
    }
}

/// Who acts for the Region.
struct Region {
    issuer: OrganisationId,
    admin: Caller,
    finance: Caller,
}

fn cast(tx: &mut dyn Writes, keys: &Arc<Keys>) -> Result<(World, Region), StoreError> {
    let mut casting = Casting { tx, keys, made: 0 };
    let region = casting.organisation("REGION", OrganisationKind::Region)?;
    let issuer = casting.organisation("ISSUER", OrganisationKind::Issuer)?.id;
    let (admin, _) = casting.account(&region, Role::RegionAdmin)?;
    let (finance, _) = casting.account(&region, Role::RegionFinance)?;
    let programme = casting.tx.insert_programme(&programme(region.id)?, &genesis(PROGRAMME))?;
    casting.tx.insert_rule_set(programme.no, hdf_2021())?;
    let mut venues = Vec::new();
    let mut prescribers = Vec::new();
    for number in 1..=DESKS {
        venues.push(casting.venue(number)?);
        prescribers.push(casting.prescriber(number, programme.no)?);
    }
    let world =
        World { keys: Arc::clone(keys), programme: programme.no, venues, prescribers, passes: 0, nonce: [0; 32] };
    Ok((world, Region { issuer, admin, finance }))
}

struct Casting<'a> {
    tx: &'a mut dyn Writes,
    keys: &'a Keys,
    made: u32,
}

impl Casting<'_> {
    fn organisation(&mut self, code: &str, kind: OrganisationKind) -> Result<Organisation, StoreError> {
        self.made += 1;
        let organisation = Organisation {
            id: OrganisationId::new(uuid()),
            code: ShortCode::parse(code)?,
            kinds: BTreeSet::from([kind]),
            name: Label::parse(&format!("Organisme {code}"))?,
            registration: Registration::parse(&siret(self.made))?,
            commune: CommuneCode::parse(COMMUNE)?,
            address: None,
            email: None,
            phone: None,
            active: true,
            version: 1,
        };
        self.tx.insert_organisation(&organisation)?;
        Ok(organisation)
    }

    /// An account with an open session. Nobody signs in with a password here: that is not what is measured.
    fn account(&mut self, organisation: &Organisation, role: Role) -> Result<(Caller, Uuid), StoreError> {
        let (id, session) = (UserId::new(uuid()), uuid());
        self.tx.insert_user(&User {
            id,
            email: Email::parse(&format!("{}-{role}@load.example", organisation.code.as_str().to_lowercase()))?,
            display_name: organisation.name.clone(),
            organisation: organisation.id,
            role,
            password_hash: "none".to_owned(),
            active: true,
            failures: 0,
            last_failure: None,
            version: 1,
        })?;
        self.tx.insert_refresh_token(&StoredRefresh {
            digest: session.to_string(),
            session: session.to_string(),
            user: id,
            expires: SystemClock.now().plus_seconds(24 * 60 * 60),
            used: false,
            revoked: false,
        })?;
        let actor =
            Actor { user: id, organisation: organisation.id, role, pseudonym: people::pseudonym(self.keys, id) };
        Ok((Caller::new(actor, session.to_string()), session))
    }

    fn venue(&mut self, number: u32) -> Result<Desk, StoreError> {
        let organisation = self.organisation(&format!("VENUE{number:02}"), OrganisationKind::Provider)?;
        let (caller, session) = self.account(&organisation, Role::VenueAgent)?;
        let venue = Venue {
            id: VenueId::new(uuid()),
            provider: organisation.id,
            name: Label::parse(&format!("Lieu {number:02}"))?,
            commune: CommuneCode::parse(COMMUNE)?,
            address: None,
            mobile: false,
            services: Service::payable_by_default(),
            approved: true,
            active: true,
            version: 1,
        };
        self.tx.insert_venue(&venue)?;
        let holder = Holder::Provider(organisation.code);
        Ok(Desk { caller, session, venue: venue.id, custody: (0, 0), holder })
    }

    fn prescriber(&mut self, number: u32, programme: ProgrammeNo) -> Result<Desk, StoreError> {
        let organisation = self.organisation(&format!("DESK{number:02}"), OrganisationKind::Prescriber)?;
        let (caller, session) = self.account(&organisation, Role::PrescriberAgent)?;
        let today = SystemClock.now().day();
        let mandate = Mandate {
            id: MandateId::new(uuid()),
            prescriber: organisation.id,
            kind: BasisKind::MandateAgreement,
            number: Reference::parse(&format!("M-{number:02}"))?,
            signed_on: today.minus_months(2),
            signatory: Label::parse("La présidente")?,
            starts_on: today.minus_months(1),
            ends_on: today.plus_days(365),
            accountant_opinion_on: Some(today.minus_months(1)),
            opinion_is_tacit: false,
            ceiling_booklets: 10_000_000,
            ceiling: Cents::new(1_000_000_000_000),
            revoked_on: None,
            version: 1,
        };
        self.tx.insert_mandate(programme, &mandate)?;
        let holder = Holder::Prescriber(organisation.code);
        Ok(Desk { caller, session, venue: VenueId::new(uuid()), custody: (0, 0), holder })
    }
}

fn uuid() -> Uuid {
    SystemEntropy.uuid(SystemClock.now())
}

fn programme(sponsor: OrganisationId) -> Result<Programme, StoreError> {
    let today = SystemClock.now().day();
    let mut territory = Territory::default();
    territory.regions.insert("32".to_owned());
    Ok(Programme {
        no: ProgrammeNo(0),
        code: ShortCode::parse(PROGRAMME)?,
        label: Label::parse("Pass numérique sous charge")?,
        sponsor,
        face_value: Cents::new(1_000),
        // Large, so that few hand-outs put many passes into circulation.
        entitlement_passes: 100_000,
        distribution_from: today.minus_months(1),
        distribution_until: today.plus_days(300),
        grace_days: 30,
        payer: Payer::Region,
        territory,
        services: Service::payable_by_default(),
        active: true,
        version: 1,
    })
}

/// A well-formed SIRET that belongs to nobody.
fn siret(number: u32) -> String {
    let with_check = |digits: &str| {
        let double = |digit: u32| digit * 2 / 10 + digit * 2 % 10;
        let digits_reversed = digits.chars().rev().filter_map(|c| c.to_digit(10)).enumerate();
        let sum: u32 = digits_reversed.map(|(place, digit)| if place % 2 == 0 { double(digit) } else { digit }).sum();
        format!("{digits}{}", (10 - sum % 10) % 10)
    };
    with_check(&format!("{}0001", with_check(&format!("{}", 90_000_000 + number))))
}

/// Somebody of 66 with everything that is asked for.
pub(crate) fn situation() -> anyhow::Result<Situation> {
    let seen = |kind: &str| ShownProof { kind: kind.to_owned(), issued_on: None };
    Ok(Situation {
        birth: Day::parse("1955-03-14")?,
        commune: CommuneCode::parse(COMMUNE)?,
        statuses: BTreeSet::new(),
        proofs: vec![seen("home_proof"), seen("identity_document")],
    })
}

/// The acts that come before the load.
struct Preparation<'a> {
    world: &'a World,
    ledger: &'a Ledger,
    region: &'a Region,
}

impl Preparation<'_> {
    /// Puts booklets 1 to `handed_out` into circulation and leaves `per_desk` more at each desk; the first number and
    /// the count at each.
    fn run(&self, handed_out: u32, per_desk: u32) -> anyhow::Result<Vec<(u32, u32)>> {
        let total = handed_out + per_desk * DESKS;
        self.supply(total)?;
        let desks = &self.world.prescribers;
        let mut dispatch = 0;
        for ((first, last), desk) in runs(1, handed_out, AT_ONCE).zip(desks.iter().cycle()) {
            dispatch += 1;
            self.entrust(desk, dispatch, (first, last))?;
            for (first, last) in runs(first, last, PER_HAND_OUT) {
                self.hand_out(desk, (first, last))?;
            }
        }
        let mut custody = Vec::new();
        for desk in desks {
            let first = handed_out + 1 + per_desk * u32::try_from(custody.len())?;
            for (first, last) in runs(first, first + per_desk - 1, AT_ONCE) {
                dispatch += 1;
                self.entrust(desk, dispatch, (first, last))?;
            }
            custody.push((first, per_desk));
        }
        Ok(custody)
    }

    fn supply(&self, booklets: u32) -> anyhow::Result<()> {
        let today = SystemClock.now().day();
        let order = PlaceOrder {
            number: Reference::parse(ORDER)?,
            ordered_on: today,
            issuer: self.region.issuer,
            booklets,
            passes_per_booklet: SIZE,
            face_value: Cents::new(1_000),
            fees: Cents::ZERO,
            funding: vec![FundingShare { funder: Label::parse("Région")?, basis_points: 10_000 }],
            validity_end: today.plus_days(365),
        };
        self.ask(&self.region.admin, order)?;
        let (no, keys) = (self.world.programme, &self.world.keys);
        for (first, last) in runs(1, booklets, AT_ONCE) {
            let delivery = TakeDelivery {
                order: Reference::parse(ORDER)?,
                delivered_on: today,
                note: Reference::parse(&format!("BL-{first}"))?,
                received: issuing::new_booklets(keys, &self.world.nonce, no, first..=last, SIZE),
                missing: Vec::new(),
                damaged: Vec::new(),
                print_nonce: Some(self.world.nonce),
            };
            self.ask(&self.region.admin, delivery)?;
        }
        let payment_order = Reference::parse("MP-1")?;
        self.ask(&self.region.finance, Activate { order: Reference::parse(ORDER)?, payment_order })
    }

    fn entrust(&self, desk: &Desk, dispatch: i64, (first, last): (u32, u32)) -> anyhow::Result<()> {
        let booklets: Vec<BookletId> = self.booklets(first, last);
        let sent = SendBooklets {
            to: desk.caller.actor().organisation,
            booklets: Selection::Named(booklets.clone()),
            carrier_reference: None,
            from: Holder::Store,
        };
        self.ask(&self.region.admin, sent)?;
        let accepted = Accept {
            dispatch,
            in_transit: booklets,
            accepted: None,
            missing: Vec::new(),
            damaged: Vec::new(),
            receiver: desk.holder.clone(),
        };
        self.ask(&desk.caller, accepted)
    }

    fn hand_out(&self, desk: &Desk, (first, last): (u32, u32)) -> anyhow::Result<()> {
        let mut fingerprint = [0; 32];
        SystemEntropy.fill(&mut fingerprint);
        let act = HandOut {
            fingerprint,
            commitment: fingerprint,
            situation: situation()?,
            ground: None,
            booklets: self.booklets(first, last),
            exception: None,
        };
        self.ask(&desk.caller, act)
    }

    fn booklets(&self, first: u32, last: u32) -> Vec<BookletId> {
        (first..=last).map(|number| BookletId::new(self.world.programme, number)).collect()
    }

    fn ask(&self, caller: &Caller, act: impl Act + 'static) -> anyhow::Result<()> {
        let kind = act.kind();
        let submission = Submission::new(caller.permit(kind)?, self.world.programme, Box::new(act), None)?;
        match self.ledger.submit_and_wait(submission)?.outcome {
            Outcome::Granted(_) => Ok(()),
            Outcome::Refused(refusal) => bail!("{kind} refused: {}", refusal.code),
        }
    }
}

/// `first` to `last` in runs of at most `length`.
fn runs(first: u32, last: u32, length: u32) -> impl Iterator<Item = (u32, u32)> {
    let step = usize::try_from(length).unwrap_or(1);
    (first..=last).step_by(step).map(move |start| (start, last.min(start.saturating_add(length - 1))))
}
