//! Who takes part. The intercommunalités and communes are real; the bodies bear plausible names, and their SIRET
//! numbers are made up (they pass the check, they are nobody's). What never lives here: what happens.

use std::collections::BTreeSet;

use super::DemoError;
use super::stage::Stage;
use crate::auth::Caller;
use crate::clock::Entropy;
use crate::domain::ids::{MandateId, OrganisationId, ProgrammeNo, UserId, VenueId};
use crate::domain::money::Cents;
use crate::domain::party::{Organisation, OrganisationKind, Registration, Role, Service, Venue};
use crate::domain::programme::{BasisKind, Mandate, Payer, Programme};
use crate::domain::registration::Siret;
use crate::domain::short_code::ShortCode;
use crate::domain::territory::{self, Commune, CommuneCode};
use crate::domain::text::{Email, Label, Reference};
use crate::domain::time::{Day, Instant};
use crate::store::{StoreError, User, Writes};

/// The end of every address of the demonstration: a domain that can never exist (RFC 2606).
pub(super) const DOMAIN: &str = "demo.example";

/// SIREN numbers of the eight intercommunalités of Sambre-Avesnois-Thiérache.
pub(super) const AREA: [&str; 8] =
    ["200043396", "200043321", "200043263", "200043404", "200071983", "240200444", "240200600", "240200634"];

/// A prescriber of the pilot: code, name, commune, booklets it is sent.
pub(super) const PRESCRIBERS: [(&str, &str, &str, u32); 12] = [
    ("CCASMAUB", "CCAS de Maubeuge", "59392", 60),
    ("MLSAMBRE", "Mission locale Sambre-Avesnois", "59392", 50),
    ("FTMAUB", "France Travail Maubeuge", "59392", 45),
    ("CSHAUT", "Centre social du Bois du Quesnoy", "59291", 45),
    ("FTFOUR", "France Travail Fourmies", "59249", 40),
    ("CCASJEUM", "CCAS de Jeumont", "59324", 35),
    ("CSAULN", "Centre social d'Aulnoye-Aymeries", "59033", 35),
    ("CCASFOUR", "CCAS de Fourmies", "59249", 30),
    ("MLTHIER", "Mission locale de Thiérache", "02381", 30),
    ("CSHIRSON", "Centre social d'Hirson", "02381", 25),
    ("CSGUISE", "Centre social de Guise", "02361", 25),
    ("CCASAVES", "CCAS d'Avesnes-sur-Helpe", "59036", 20),
];

/// A provider of the pilot: code, name, commune of its seat.
const PROVIDERS: [(&str, &str, &str); 6] = [
    ("FABNUM", "Association La Fabrique du Val de Sambre", "59392"),
    ("MEDIAMO", "Médiathèque de l'agglomération", "59392"),
    ("CYBAVES", "Association Cyber-Avesnois", "59036"),
    ("NUMTHIER", "Coopérative Thiérache numérique", "02381"),
    ("BUSNUM", "Association Le Bus numérique", "59481"),
    ("TIERSGUI", "Tiers-lieu de la Haute-Oise", "02361"),
];

/// A venue of the pilot: provider, name, commune, kind, services by their place in the national list.
const VENUES: [(&str, &str, &str, Manner, &[usize]); 10] = [
    ("FABNUM", "La Fabrique, atelier numérique", "59392", Manner::Fixed, &[0, 1, 2, 3, 6]),
    ("FABNUM", "La Fabrique, antenne de Hautmont", "59291", Manner::Fixed, &[0, 1, 3]),
    ("MEDIAMO", "Médiathèque de Louvroil", "59365", Manner::Fixed, &[1, 4, 5, 7]),
    ("MEDIAMO", "Médiathèque de Jeumont", "59324", Manner::Fixed, &[1, 4, 5, 7]),
    ("CYBAVES", "Cyber-espace d'Avesnes-sur-Helpe", "59036", Manner::Fixed, &[0, 1, 2]),
    ("CYBAVES", "Cyber-espace de Fourmies", "59249", Manner::Fixed, &[0, 1, 2, 3]),
    ("NUMTHIER", "Atelier numérique d'Hirson", "02381", Manner::Fixed, &[0, 1, 2, 6]),
    ("TIERSGUI", "Tiers-lieu de Guise", "02361", Manner::Fixed, &[1, 2, 5]),
    ("BUSNUM", "Le Bus numérique", "59481", Manner::Mobile, &[0, 1, 3]),
    ("NUMTHIER", "Atelier numérique de Vervins", "02789", Manner::NotApproved, &[0, 1]),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Fixed,
    Mobile,
    NotApproved,
}

/// A body and the account that acts for it.
#[derive(Debug, Clone)]
pub(super) struct Body {
    pub(super) organisation: Organisation,
    pub(super) caller: Caller,
}

/// A venue and the agent who works there.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) venue: Venue,
    pub(super) caller: Caller,
}

/// An account that is shown when the demonstration is ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    pub role: Role,
    pub email: Email,
    /// The organisation it acts for.
    pub organisation: Label,
}

/// Keeps one account for each role, that with the first address, in the order of the roles.
pub(super) fn show(logins: &mut Vec<Login>, login: Login) {
    match logins.binary_search_by_key(&login.role, |known| known.role) {
        Err(place) => logins.insert(place, login),
        Ok(place) => {
            if let Some(known) = logins.get_mut(place).filter(|known| login.email < known.email) {
                *known = login;
            }
        }
    }
}

/// Everybody.
#[derive(Debug)]
pub(super) struct Cast {
    pub(super) region: OrganisationId,
    pub(super) issuer: OrganisationId,
    pub(super) admin: Caller,
    /// Who keeps the accounts; who approves with them what is large; who orders payments.
    pub(super) finance: [Caller; 3],
    pub(super) prescribers: Vec<Body>,
    /// Those of the pilot; of the whole region each place has its own.
    pub(super) providers: Vec<Body>,
    pub(super) places: Vec<Place>,
    pub(super) logins: Vec<Login>,
}

/// Puts bodies and accounts down.
pub(super) struct Casting<'a> {
    stage: &'a Stage,
    tx: &'a mut dyn Writes,
    at: Instant,
    /// The hash of the one password that all accounts share.
    password_hash: &'a str,
    bodies: u32,
    logins: Vec<Login>,
}

impl<'a> Casting<'a> {
    pub(super) fn new(stage: &'a Stage, tx: &'a mut dyn Writes, at: Instant, password_hash: &'a str) -> Self {
        Self { stage, tx, at, password_hash, bodies: 0, logins: Vec::new() }
    }

    /// The Region, the issuer, the auditor, the platform, and the accounts of each.
    fn institutions(&mut self) -> Result<(OrganisationId, OrganisationId, Caller, [Caller; 3]), StoreError> {
        let lille = "59350";
        let region = self.organisation("HDF", "Région Hauts-de-France", lille, &[OrganisationKind::Region])?;
        let issuer = self.organisation("EDIT", "Éditeur de pass", lille, &[OrganisationKind::Issuer])?;
        let chamber =
            self.organisation("CRC", "Chambre régionale des comptes", "62041", &[OrganisationKind::Auditor])?;
        let name = "Plateforme des aides individuelles";
        let platform = self.organisation("PLATAID", name, lille, &[OrganisationKind::Platform])?;
        let admin = self.account("programme", &region, Role::RegionAdmin)?;
        let mut service = |name| self.account(name, &region, Role::RegionFinance);
        let finance = [service("finances")?, service("responsable")?, service("mandatement")?];
        self.account("comptable", &region, Role::Accountant)?;
        self.account("audit", &chamber, Role::Auditor)?;
        self.account("plateforme", &platform, Role::Platform)?;
        Ok((region.id, issuer.id, admin, finance))
    }

    fn organisation(
        &mut self,
        code: &str,
        name: &str,
        commune: &str,
        kinds: &[OrganisationKind],
    ) -> Result<Organisation, StoreError> {
        self.bodies += 1;
        let organisation = Organisation {
            id: OrganisationId::new(self.stage.entropy.uuid(self.at)),
            code: ShortCode::parse(code)?,
            kinds: kinds.iter().copied().collect(),
            name: Label::parse(name)?,
            registration: Registration::Siret(Siret::invented(self.bodies)),
            commune: CommuneCode::parse(commune)?,
            address: None,
            email: Some(Email::parse(&format!("contact.{}@{DOMAIN}", code.to_lowercase()))?),
            phone: None,
            active: true,
            version: 1,
        };
        self.tx.insert_organisation(&organisation)?;
        Ok(organisation)
    }

    fn account(&mut self, name: &str, organisation: &Organisation, role: Role) -> Result<Caller, StoreError> {
        let user = User {
            id: UserId::new(self.stage.entropy.uuid(self.at)),
            email: Email::parse(&format!("{name}@{DOMAIN}"))?,
            display_name: organisation.name.clone(),
            organisation: organisation.id,
            role,
            password_hash: self.password_hash.to_owned(),
            active: true,
            failures: 0,
            last_failure: None,
            version: 1,
            valid_until: None,
        };
        self.tx.insert_user(&user)?;
        show(&mut self.logins, Login { role, email: user.email, organisation: organisation.name.clone() });
        Ok(self.stage.caller(user.id, organisation.id, role))
    }

    fn prescriber(&mut self, code: &str, name: &str, commune: &str) -> Result<Body, StoreError> {
        let organisation = self.organisation(code, name, commune, &[OrganisationKind::Prescriber])?;
        let caller = self.account(&code.to_lowercase(), &organisation, Role::PrescriberAgent)?;
        Ok(Body { organisation, caller })
    }

    fn provider(&mut self, code: &str, name: &str, commune: &str) -> Result<Body, StoreError> {
        let organisation = self.organisation(code, name, commune, &[OrganisationKind::Provider])?;
        let caller = self.account(&code.to_lowercase(), &organisation, Role::VenueAgent)?;
        Ok(Body { organisation, caller })
    }

    fn place(
        &mut self,
        provider: &Body,
        name: &str,
        commune: &str,
        (manner, services): (Manner, BTreeSet<Service>),
    ) -> Result<Place, StoreError> {
        let venue = Venue {
            id: VenueId::new(self.stage.entropy.uuid(self.at)),
            provider: provider.organisation.id,
            name: Label::parse(name)?,
            commune: CommuneCode::parse(commune)?,
            address: None,
            mobile: manner == Manner::Mobile,
            services,
            approved: manner != Manner::NotApproved,
            active: true,
            version: 1,
        };
        self.tx.insert_venue(&venue)?;
        Ok(Place { venue, caller: provider.caller.clone() })
    }

    /// The pilot's cast, and one prescriber whose mandate was never signed.
    pub(super) fn pilot(mut self) -> Result<Cast, StoreError> {
        let (region, issuer, admin, finance) = self.institutions()?;
        let mut prescribers = Vec::new();
        for (code, name, commune, _) in PRESCRIBERS {
            prescribers.push(self.prescriber(code, name, commune)?);
        }
        prescribers.push(self.prescriber("CSTRELON", "Centre social de Trélon", "59601")?);
        let mut providers = Vec::new();
        for (code, name, commune) in PROVIDERS {
            providers.push(self.provider(code, name, commune)?);
        }
        let mut places = Vec::new();
        for (code, name, commune, manner, services) in VENUES {
            let Some(provider) = providers.iter().find(|body| body.organisation.code.as_str() == code) else {
                continue;
            };
            let services = services.iter().filter_map(|place| Service::ALL.get(*place).copied()).collect();
            places.push(self.place(provider, name, commune, (manner, services))?);
        }
        Ok(Cast { region, issuer, admin, finance, prescribers, providers, places, logins: self.logins })
    }

    /// A cast for the whole region: a CCAS and a venue in each of its most populous communes, and the Region's own
    /// desk for what people ask for on line.
    pub(super) fn region(mut self, prescribers: usize, venues: usize) -> Result<Cast, StoreError> {
        let (region, issuer, admin, finance) = self.institutions()?;
        let communes = largest_communes();
        let mut bodies = vec![self.prescriber("GUICHET", "Guichet des aides individuelles", "59350")?];
        for (commune, number) in communes.iter().zip(1_u32..).take(prescribers) {
            let name = format!("CCAS ({})", commune.name);
            bodies.push(self.prescriber(&format!("CCAS{number:03}"), &name, commune.code.as_str())?);
        }
        let mut places = Vec::new();
        for (commune, number) in communes.iter().zip(1_u32..).take(venues) {
            let name = format!("Atelier numérique ({})", commune.name);
            let provider = self.provider(&format!("ATEL{number:03}"), &name, commune.code.as_str())?;
            let all = (Manner::Fixed, Service::payable_by_default());
            places.push(self.place(&provider, &name, commune.code.as_str(), all)?);
        }
        let (providers, logins) = (Vec::new(), self.logins);
        Ok(Cast { region, issuer, admin, finance, prescribers: bodies, providers, places, logins })
    }
}

fn largest_communes() -> Vec<Commune> {
    let mut communes: Vec<Commune> = territory::communes().filter(|commune| commune.region == "32").collect();
    communes.sort_by_key(|commune| (std::cmp::Reverse(commune.population), commune.code));
    communes
}

/// A mandate agreement in force from a month before `start` until a year after it; every fourth prescriber holds by
/// a régie of its own, and one opinion in three is tacit.
pub(super) fn mandate(
    stage: &Stage,
    (number, prescriber): (usize, &Organisation),
    (start, ceiling_booklets): (Instant, u32),
    programme: &Programme,
    size: u8,
) -> Result<Mandate, DemoError> {
    let (day, ceiling_booklets) = (start.day(), i64::from(ceiling_booklets));
    let kind = if number % 4 == 3 { BasisKind::Regie } else { BasisKind::MandateAgreement };
    let passes = ceiling_booklets.saturating_mul(i64::from(size));
    Ok(Mandate {
        id: MandateId::new(stage.entropy.uuid(start)),
        prescriber: prescriber.id,
        kind,
        number: Reference::parse(&format!("{}-{}-{:03}", programme.code, day.year(), number + 1))?,
        signed_on: day.minus_months(2),
        signatory: Label::parse("Le représentant légal")?,
        starts_on: day.minus_months(1),
        ends_on: day.plus_days(365),
        accountant_opinion_on: (kind == BasisKind::MandateAgreement).then(|| day.minus_months(1)),
        opinion_is_tacit: number.is_multiple_of(3) && kind == BasisKind::MandateAgreement,
        ceiling_booklets,
        ceiling: programme.face_value.times(passes).unwrap_or(Cents::ZERO),
        revoked_on: None,
        version: 1,
    })
}

/// A programme with its journal and the shipped rules.
pub(super) fn found_programme(tx: &mut dyn Writes, programme: &Programme) -> Result<Programme, StoreError> {
    let genesis = crate::receipts::chain::genesis(programme.code.as_str());
    let programme = tx.insert_programme(programme, &genesis)?;
    tx.insert_rule_set(programme.no, crate::domain::eligibility::hdf_2021())?;
    Ok(programme)
}

/// A programme of the Region: ten euros a pass, the shipped services, open from `start` until `until`.
pub(super) fn programme(
    (code, label): (&str, &str),
    region: OrganisationId,
    (start, until): (Day, Day),
    (payer, epcis): (Payer, &[&str]),
) -> Result<Programme, DemoError> {
    let mut territory = crate::domain::programme::Territory::default();
    territory.epcis.extend(epcis.iter().map(|siren| (*siren).to_owned()));
    if epcis.is_empty() {
        territory.regions.insert("32".to_owned());
    }
    Ok(Programme {
        no: ProgrammeNo(0),
        code: ShortCode::parse(code)?,
        label: Label::parse(label)?,
        sponsor: region,
        face_value: Cents::new(1_000),
        entitlement_passes: 10,
        distribution_from: start,
        distribution_until: until,
        grace_days: 30,
        payer,
        territory,
        services: Service::payable_by_default(),
        active: true,
        version: 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_of_the_cast_is_a_commune_of_the_area() {
        let seats = PRESCRIBERS.iter().map(|(_, name, commune, _)| (*name, *commune));
        let venues = VENUES.iter().map(|(_, name, commune, _, _)| (*name, *commune));
        for (name, commune) in seats.chain(venues).chain([("Trélon", "59601")]) {
            let found = territory::resolve(commune).unwrap();
            assert!(found.epci.is_some_and(|epci| AREA.contains(&epci)), "{name}: {} ({commune})", found.name);
        }
    }

    #[test]
    fn the_area_is_eight_intercommunalites_of_the_region() {
        for siren in AREA {
            let name = territory::epci(siren).map(|epci| epci.name);
            assert!(name.is_some() && territory::communes_of_epci(siren).all(|it| it.region == "32"), "{siren}");
        }
        assert_eq!(largest_communes()[0].name, "Lille");
    }
}
