//! Organisations, users, programmes, venues, mandates.

use diesel::prelude::{Identifiable, Insertable, Queryable, Selectable};

use super::super::error::StoreError;
use super::super::schema::{mandates, organisations, programmes, users, venues};
use super::{User, corrupt, day, joined, optional, split};
use crate::domain::ids::{MandateId, OrganisationId, ProgrammeNo, UserId, VenueId};
use crate::domain::money::Cents;
use crate::domain::party::{Organisation, OrganisationKind, Registration, Role, Service, Venue};
use crate::domain::programme::{BasisKind, Mandate, Payer, Programme};
use crate::domain::short_code::ShortCode;
use crate::domain::territory::CommuneCode;
use crate::domain::text::{Email, Label, Reference};
use crate::domain::time::{Day, Instant};

#[derive(Debug, Queryable, Selectable, Insertable, Identifiable, diesel::AsChangeset)]
#[diesel(table_name = organisations, treat_none_as_default_value = false, treat_none_as_null = true)]
pub(in crate::store) struct OrganisationRow {
    id: String,
    code: String,
    kinds: String,
    name: String,
    registration: String,
    commune: String,
    address: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    active: bool,
    version: i64,
}

impl From<&Organisation> for OrganisationRow {
    fn from(organisation: &Organisation) -> Self {
        Self {
            id: organisation.id.to_string(),
            code: organisation.code.to_string(),
            kinds: joined(&organisation.kinds),
            name: organisation.name.to_string(),
            registration: organisation.registration.to_string(),
            commune: organisation.commune.to_string(),
            address: organisation.address.as_ref().map(ToString::to_string),
            email: organisation.email.as_ref().map(ToString::to_string),
            phone: organisation.phone.as_ref().map(ToString::to_string),
            active: organisation.active,
            version: organisation.version,
        }
    }
}

impl TryFrom<OrganisationRow> for Organisation {
    type Error = StoreError;
    fn try_from(row: OrganisationRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: OrganisationId::parse(&row.id)?,
            code: ShortCode::parse(&row.code)?,
            kinds: split(&row.kinds, OrganisationKind::parse)?,
            name: Label::parse(&row.name)?,
            registration: Registration::parse(&row.registration)?,
            commune: CommuneCode::parse(&row.commune)?,
            address: optional(row.address.as_deref(), Label::parse)?,
            email: optional(row.email.as_deref(), Email::parse)?,
            phone: optional(row.phone.as_deref(), Label::parse)?,
            active: row.active,
            version: row.version,
        })
    }
}

#[derive(Debug, Queryable, Selectable, Insertable, Identifiable, diesel::AsChangeset)]
#[diesel(table_name = users, treat_none_as_default_value = false, treat_none_as_null = true)]
pub(in crate::store) struct UserRow {
    id: String,
    email: String,
    display_name: String,
    organisation_id: String,
    role: String,
    password_hash: String,
    active: bool,
    failures: i64,
    last_failure_millis: Option<i64>,
    version: i64,
    valid_until: Option<String>,
}

impl From<&User> for UserRow {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.to_string(),
            email: user.email.to_string(),
            display_name: user.display_name.to_string(),
            organisation_id: user.organisation.to_string(),
            role: user.role.to_string(),
            password_hash: user.password_hash.clone(),
            active: user.active,
            failures: user.failures,
            last_failure_millis: user.last_failure.map(Instant::millis),
            version: user.version,
            valid_until: user.valid_until.map(|day| day.to_string()),
        }
    }
}

impl TryFrom<UserRow> for User {
    type Error = StoreError;
    fn try_from(row: UserRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: UserId::parse(&row.id)?,
            email: Email::parse(&row.email)?,
            display_name: Label::parse(&row.display_name)?,
            organisation: OrganisationId::parse(&row.organisation_id)?,
            role: Role::parse(&row.role)?,
            password_hash: row.password_hash,
            active: row.active,
            failures: row.failures,
            last_failure: row.last_failure_millis.map(Instant::from_millis),
            version: row.version,
            valid_until: optional(row.valid_until.as_deref(), Day::parse)?,
        })
    }
}

#[derive(Debug, Queryable, Selectable, Insertable, Identifiable, diesel::AsChangeset)]
#[diesel(table_name = programmes, primary_key(no), treat_none_as_default_value = false)]
pub(in crate::store) struct ProgrammeRow {
    no: i64,
    code: String,
    label: String,
    sponsor_id: String,
    face_value_cents: i64,
    entitlement_passes: i64,
    distribution_from: String,
    distribution_until: String,
    grace_days: i64,
    payer: String,
    territory: String,
    services: String,
    active: bool,
    version: i64,
}

impl From<&Programme> for ProgrammeRow {
    fn from(programme: &Programme) -> Self {
        Self {
            no: programme.no.0,
            code: programme.code.to_string(),
            label: programme.label.to_string(),
            sponsor_id: programme.sponsor.to_string(),
            face_value_cents: programme.face_value.get(),
            entitlement_passes: programme.entitlement_passes.into(),
            distribution_from: programme.distribution_from.to_string(),
            distribution_until: programme.distribution_until.to_string(),
            grace_days: programme.grace_days.into(),
            payer: programme.payer.to_string(),
            territory: serde_json::to_string(&programme.territory).unwrap_or_default(),
            services: joined(&programme.services),
            active: programme.active,
            version: programme.version,
        }
    }
}

impl TryFrom<ProgrammeRow> for Programme {
    type Error = StoreError;
    fn try_from(row: ProgrammeRow) -> Result<Self, StoreError> {
        Ok(Self {
            no: ProgrammeNo(row.no),
            code: ShortCode::parse(&row.code)?,
            label: Label::parse(&row.label)?,
            sponsor: OrganisationId::parse(&row.sponsor_id)?,
            face_value: Cents::new(row.face_value_cents),
            entitlement_passes: u32::try_from(row.entitlement_passes).map_err(|_| corrupt("entitlement_passes"))?,
            distribution_from: day(&row.distribution_from)?,
            distribution_until: day(&row.distribution_until)?,
            grace_days: u32::try_from(row.grace_days).map_err(|_| corrupt("grace_days"))?,
            payer: Payer::parse(&row.payer)?,
            territory: serde_json::from_str(&row.territory).map_err(|_| corrupt("territory"))?,
            services: split(&row.services, Service::parse)?,
            active: row.active,
            version: row.version,
        })
    }
}

#[derive(Debug, Queryable, Selectable, Insertable, Identifiable, diesel::AsChangeset)]
#[diesel(table_name = venues, treat_none_as_default_value = false, treat_none_as_null = true)]
pub(in crate::store) struct VenueRow {
    id: String,
    provider_id: String,
    name: String,
    commune: String,
    address: Option<String>,
    mobile: bool,
    services: String,
    approved: bool,
    active: bool,
    version: i64,
}

impl From<&Venue> for VenueRow {
    fn from(venue: &Venue) -> Self {
        Self {
            id: venue.id.to_string(),
            provider_id: venue.provider.to_string(),
            name: venue.name.to_string(),
            commune: venue.commune.to_string(),
            address: venue.address.as_ref().map(ToString::to_string),
            mobile: venue.mobile,
            services: joined(&venue.services),
            approved: venue.approved,
            active: venue.active,
            version: venue.version,
        }
    }
}

impl TryFrom<VenueRow> for Venue {
    type Error = StoreError;
    fn try_from(row: VenueRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: VenueId::parse(&row.id)?,
            provider: OrganisationId::parse(&row.provider_id)?,
            name: Label::parse(&row.name)?,
            commune: CommuneCode::parse(&row.commune)?,
            address: optional(row.address.as_deref(), Label::parse)?,
            mobile: row.mobile,
            services: split(&row.services, Service::parse)?,
            approved: row.approved,
            active: row.active,
            version: row.version,
        })
    }
}

#[derive(Debug, Queryable, Selectable, Insertable, Identifiable, diesel::AsChangeset)]
#[diesel(table_name = mandates, treat_none_as_default_value = false, treat_none_as_null = true)]
pub(in crate::store) struct MandateRow {
    id: String,
    programme_no: i64,
    prescriber_id: String,
    kind: String,
    number: String,
    signed_on: String,
    signatory: String,
    starts_on: String,
    ends_on: String,
    accountant_opinion_on: Option<String>,
    opinion_is_tacit: bool,
    ceiling_booklets: i64,
    ceiling_cents: i64,
    revoked_on: Option<String>,
    version: i64,
}

impl MandateRow {
    pub(in crate::store) fn new(programme: ProgrammeNo, mandate: &Mandate) -> Self {
        Self {
            id: mandate.id.to_string(),
            programme_no: programme.0,
            prescriber_id: mandate.prescriber.to_string(),
            kind: mandate.kind.to_string(),
            number: mandate.number.to_string(),
            signed_on: mandate.signed_on.to_string(),
            signatory: mandate.signatory.to_string(),
            starts_on: mandate.starts_on.to_string(),
            ends_on: mandate.ends_on.to_string(),
            accountant_opinion_on: mandate.accountant_opinion_on.map(|day| day.to_string()),
            opinion_is_tacit: mandate.opinion_is_tacit,
            ceiling_booklets: mandate.ceiling_booklets,
            ceiling_cents: mandate.ceiling.get(),
            revoked_on: mandate.revoked_on.map(|day| day.to_string()),
            version: mandate.version,
        }
    }
}

impl TryFrom<MandateRow> for Mandate {
    type Error = StoreError;
    fn try_from(row: MandateRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: MandateId::parse(&row.id)?,
            prescriber: OrganisationId::parse(&row.prescriber_id)?,
            kind: BasisKind::parse(&row.kind)?,
            number: Reference::parse(&row.number)?,
            signed_on: day(&row.signed_on)?,
            signatory: Label::parse(&row.signatory)?,
            starts_on: day(&row.starts_on)?,
            ends_on: day(&row.ends_on)?,
            accountant_opinion_on: optional(row.accountant_opinion_on.as_deref(), Day::parse)?,
            opinion_is_tacit: row.opinion_is_tacit,
            ceiling_booklets: row.ceiling_booklets,
            ceiling: Cents::new(row.ceiling_cents),
            revoked_on: optional(row.revoked_on.as_deref(), Day::parse)?,
            version: row.version,
        })
    }
}
