//! What a programme like the pilot begins with, row by row. What never lives here: who takes part (`world`).

use std::collections::BTreeSet;

use recepisse::domain::ids::{MandateId, OrganisationId, ProgrammeNo, UserId};
use recepisse::domain::money::Cents;
use recepisse::domain::party::{Organisation, OrganisationKind, Registration, Role, Service};
use recepisse::domain::programme::{BasisKind, Mandate, Payer, Programme, Territory};
use recepisse::domain::registration::Siret;
use recepisse::domain::short_code::ShortCode;
use recepisse::domain::territory::CommuneCode;
use recepisse::domain::text::{Email, Label};
use recepisse::domain::time::Day;
use recepisse::store::User;

use super::reference;

pub(super) fn programme(code: &str, sponsor: OrganisationId) -> Programme {
    Programme {
        no: ProgrammeNo(0),
        code: ShortCode::parse(code).unwrap(),
        label: Label::parse("Pass numérique des Hauts-de-France").unwrap(),
        sponsor,
        face_value: Cents::new(1000),
        entitlement_passes: 10,
        distribution_from: Day::new(2021, 9, 1).unwrap(),
        distribution_until: Day::new(2023, 3, 31).unwrap(),
        grace_days: 30,
        payer: Payer::Region,
        territory: territory(),
        services: Service::payable_by_default(),
        active: true,
        version: 1,
    }
}

/// Nord and Aisne, without Lille's intercommunalité: enough to be inside or outside.
fn territory() -> Territory {
    let maubeuge = recepisse::domain::territory::commune(&CommuneCode::parse("59392").unwrap()).unwrap();
    let avesnes = recepisse::domain::territory::commune(&CommuneCode::parse("59036").unwrap()).unwrap();
    let epcis = [maubeuge, avesnes].into_iter().filter_map(|commune| commune.epci).map(str::to_owned);
    Territory { departments: BTreeSet::from(["02".to_owned()]), epcis: epcis.collect(), ..Territory::default() }
}

pub(super) fn organisation(
    id: OrganisationId,
    code: &str,
    kinds: &[OrganisationKind],
    name: &str,
    commune: &str,
    number: u32,
) -> Organisation {
    Organisation {
        id,
        code: ShortCode::parse(code).unwrap(),
        kinds: kinds.iter().copied().collect(),
        name: Label::parse(name).unwrap(),
        registration: Registration::Siret(Siret::invented(number)),
        commune: CommuneCode::parse(commune).unwrap(),
        address: None,
        email: None,
        phone: None,
        active: true,
        version: 1,
    }
}

pub(super) fn mandate(id: MandateId, prescriber: OrganisationId, number: &str) -> Mandate {
    Mandate {
        id,
        prescriber,
        kind: BasisKind::MandateAgreement,
        number: reference(number),
        signed_on: Day::new(2021, 6, 1).unwrap(),
        signatory: Label::parse("La présidente").unwrap(),
        starts_on: Day::new(2021, 7, 1).unwrap(),
        ends_on: Day::new(2023, 12, 31).unwrap(),
        accountant_opinion_on: Some(Day::new(2021, 6, 20).unwrap()),
        opinion_is_tacit: false,
        ceiling_booklets: 200,
        ceiling: Cents::new(2_000_000),
        revoked_on: None,
        version: 1,
    }
}

pub(super) fn new_user(id: UserId, code: &str, role: Role, organisation: OrganisationId) -> User {
    User {
        id,
        email: Email::parse(&format!("{role}@{}.example", code.to_lowercase())).unwrap(),
        display_name: Label::parse(&format!("{role} de {code}")).unwrap(),
        organisation,
        role,
        password_hash: "none".to_owned(),
        active: true,
        failures: 0,
        last_failure: None,
        version: 1,
        valid_until: None,
    }
}
