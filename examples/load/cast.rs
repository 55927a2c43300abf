//! Who takes part: the Region, the issuer, twenty venues and twenty prescribers with their accounts and mandates, put
//! down as reference data. What never lives here: an act, a pass.

use std::collections::BTreeSet;

use recepisse::auth::Caller;
use recepisse::clock::{Clock, Entropy, SystemClock, SystemEntropy};
use recepisse::domain::eligibility::hdf_2021;
use recepisse::domain::ids::{MandateId, OrganisationId, ProgrammeNo, UserId, VenueId};
use recepisse::domain::money::Cents;
use recepisse::domain::party::{Organisation, OrganisationKind, Registration, Role, Service, Venue};
use recepisse::domain::programme::{BasisKind, Mandate, Payer, Programme, Territory};
use recepisse::domain::registration::Siret;
use recepisse::domain::short_code::ShortCode;
use recepisse::domain::territory::CommuneCode;
use recepisse::domain::text::{Email, Label, Reference};
use recepisse::keys::Keys;
use recepisse::receipts::chain::genesis;
use recepisse::store::{StoreError, StoredRefresh, User, Writes};
use uuid::Uuid;

use crate::world::{COMMUNE, Desk};

/// Venues, and prescribers.
pub(crate) const DESKS: u32 = 20;
/// A register may be driven for so long after it was prepared.
const SESSION_DAYS: i64 = 60;

/// Who acts for the Region.
pub(crate) struct Region {
    pub(crate) issuer: OrganisationId,
    pub(crate) admin: Caller,
    pub(crate) finance: Desk,
}

/// Everybody of one programme.
pub(crate) struct Cast {
    pub(crate) region: Region,
    pub(crate) programme: Programme,
    pub(crate) venues: Vec<Desk>,
    pub(crate) prescribers: Vec<Desk>,
}

/// Puts everybody of the `nth` programme of this database down, from 1.
pub(crate) fn cast(tx: &mut dyn Writes, keys: &Keys, nth: u32) -> Result<Cast, StoreError> {
    let before = (nth - 1) * DESKS;
    let mut casting = Casting { tx, made: (nth - 1) * 100 };
    let region = casting.organisation(&format!("REGION{nth}"), OrganisationKind::Region)?;
    let issuer = casting.organisation(&format!("ISSUER{nth}"), OrganisationKind::Issuer)?.id;
    let admin = casting.account(&region, Role::RegionAdmin)?.caller(keys);
    let finance = casting.account(&region, Role::RegionFinance)?;
    let code = ShortCode::parse(&format!("LOAD{nth}"))?;
    let programme = casting.tx.insert_programme(&programme(&code, region.id)?, &genesis(code.as_str()))?;
    casting.tx.insert_rule_set(programme.no, hdf_2021())?;
    let mut venues = Vec::new();
    let mut prescribers = Vec::new();
    for number in before + 1..=before + DESKS {
        venues.push(casting.venue(number)?);
        prescribers.push(casting.prescriber(number, programme.no)?);
    }
    Ok(Cast { region: Region { issuer, admin, finance }, programme, venues, prescribers })
}

struct Casting<'a> {
    tx: &'a mut dyn Writes,
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
            registration: Registration::Siret(Siret::invented(self.made)),
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
    fn account(&mut self, organisation: &Organisation, role: Role) -> Result<Desk, StoreError> {
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
            valid_until: None,
        })?;
        self.tx.insert_refresh_token(&StoredRefresh {
            digest: session.to_string(),
            session: session.to_string(),
            user: id,
            expires: SystemClock.now().plus_seconds(SESSION_DAYS * 24 * 60 * 60),
            used: false,
            revoked: false,
        })?;
        let (organisation, code) = (organisation.id, organisation.code.clone());
        let (venue, custody) = (VenueId::new(uuid()), (0, 0));
        Ok(Desk { user: id, organisation, code, role, session, venue, custody })
    }

    fn venue(&mut self, number: u32) -> Result<Desk, StoreError> {
        let organisation = self.organisation(&format!("VENUE{number:02}"), OrganisationKind::Provider)?;
        let desk = self.account(&organisation, Role::VenueAgent)?;
        let venue = Venue {
            id: desk.venue,
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
        Ok(desk)
    }

    fn prescriber(&mut self, number: u32, programme: ProgrammeNo) -> Result<Desk, StoreError> {
        let organisation = self.organisation(&format!("DESK{number:02}"), OrganisationKind::Prescriber)?;
        let desk = self.account(&organisation, Role::PrescriberAgent)?;
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
        Ok(desk)
    }
}

fn uuid() -> Uuid {
    SystemEntropy.uuid(SystemClock.now())
}

fn programme(code: &ShortCode, sponsor: OrganisationId) -> Result<Programme, StoreError> {
    let today = SystemClock.now().day();
    let mut territory = Territory::default();
    territory.regions.insert("32".to_owned());
    Ok(Programme {
        no: ProgrammeNo(0),
        code: code.clone(),
        label: Label::parse("Pass numérique sous charge")?,
        sponsor,
        face_value: Cents::new(1_000),
        // Large, so that few hand-outs put many passes into circulation.
        entitlement_passes: 1_000_000,
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
