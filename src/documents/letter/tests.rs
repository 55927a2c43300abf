//! Letters as they are read. What never lives here: a decision.

use std::collections::BTreeSet;

use super::*;
use crate::domain::applications::{Assessed, Channel};
use crate::domain::eligibility;
use crate::domain::ids::{OrganisationId, ProgrammeNo};
use crate::domain::money::Cents;
use crate::domain::party::{OrganisationKind, Registration, Service};
use crate::domain::programme::{Payer, Territory};
use crate::domain::short_code::ShortCode;
use crate::domain::territory::CommuneCode;
use crate::domain::text::{Label, Reference};
use crate::dossiers::Address;

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

fn region() -> Organisation {
    Organisation {
        id: OrganisationId::parse("018f2d5e-0000-7000-8000-000000000001").unwrap(),
        code: ShortCode::parse("HDF").unwrap(),
        kinds: BTreeSet::from([OrganisationKind::Region]),
        name: label("Région Hauts-de-France"),
        registration: Registration::parse("20005374200017").unwrap(),
        commune: CommuneCode::parse("59350").unwrap(),
        address: Some(label("151 avenue du Président-Hoover")),
        email: None,
        phone: None,
        active: true,
        version: 1,
    }
}

fn programme() -> Programme {
    Programme {
        no: ProgrammeNo(1),
        code: ShortCode::parse("HDF21").unwrap(),
        label: label("Pass numérique"),
        sponsor: region().id,
        face_value: Cents::new(1_000),
        entitlement_passes: 10,
        distribution_from: day("2026-01-01"),
        distribution_until: day("2026-12-31"),
        grace_days: 30,
        payer: Payer::Region,
        territory: Territory::default(),
        services: Service::payable_by_default(),
        active: true,
        version: 1,
    }
}

fn application(state: ApplicationState, reason: Option<&str>) -> Application {
    Application {
        number: 12,
        office: ShortCode::parse("AIDES").unwrap(),
        reference: Reference::parse("AID-4711").unwrap(),
        content: [0; 32],
        channel: Channel::Platform,
        fingerprint: [1; 32],
        age_band: "60+".to_owned(),
        commune: "59392".to_owned(),
        sex: None,
        received_on: day("2026-11-02"),
        passes: 5,
        assessed: Assessed {
            on: day("2026-11-02"),
            rule_version: "hdf-2021-1".to_owned(),
            ground: None,
            proof_kind: None,
            proof_issued_on: None,
            missing: vec!["residence".to_owned(), "job_seeker".to_owned()],
        },
        state,
        // What is decided is decided on a day of its own.
        state_on: day(if state == ApplicationState::Refused { "2026-11-12" } else { "2026-11-02" }),
        reason: reason.map(str::to_owned),
        letter: None,
        filed_by: "HDF21-AIDES-2026-000007".to_owned(),
        last_receipt: "HDF21-HDF-2026-000042".to_owned(),
    }
}

fn written(state: ApplicationState, reason: Option<&str>) -> String {
    letter(&view(state, reason))
}

fn view(state: ApplicationState, reason: Option<&str>) -> LetterView {
    view_with(&application(state, reason), &["Espace de la gare, 2 place de la Gare, 59600 Maubeuge.".to_owned()])
}

fn view_with(application: &Application, near: &[String]) -> LetterView {
    let (programme, sponsor, rules) = (programme(), region(), DistributionRules::default());
    let dossier = Dossier {
        family_name: "Lefèvre <b>".to_owned(),
        given_name: "Zoé".to_owned(),
        birth: day("1958-03-14"),
        commune: CommuneCode::parse("59392").unwrap(),
        neighbourhood: None,
        address: Address {
            lines: vec![label("3 rue des Tilleuls")],
            postal_code: "59600".to_owned(),
            locality: label("Maubeuge"),
        },
        statuses: Vec::new(),
        proofs: Vec::new(),
        salt: "ab".repeat(16),
        orientation: None,
    };
    let around = Circumstances {
        programme: &programme,
        sponsor: &sponsor,
        rules: &rules,
        eligibility: Some(eligibility::hdf_2021()),
        booklet: Some(("HDF21-000123-10", Some(day("2026-12-31")))),
        places: Places::Nearest(near),
        today: day("2026-11-24"),
    };
    LetterView::new(application, &dossier, around)
}

#[test]
fn a_letter_is_a_pdf_of_a4_pages_too_with_the_address_and_the_way_to_dispute() {
    for (state, reason, pages) in
        [(ApplicationState::Refused, Some("not_eligible"), 1..=1), (ApplicationState::Mailed, None, 1..=1)]
    {
        let view = view(state, reason);
        let bytes = letter_pdf(&view);
        assert_eq!(bytes, letter_pdf(&view));
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.starts_with("%PDF-1.7") && text.contains("[0 0 595.28 841.89]"), "{text}");
        assert!(pages.contains(&text.matches("/Type /Page\n").count()));
        assert!(text.contains("(3 rue des Tilleuls)") && text.contains("(59600 MAUBEUGE)"));
        // In the letters of Windows-1252, as a page shows what is not ASCII.
        let disputed = text.contains(&hex::encode_upper(b"Voies et d\xe9lais de recours"));
        assert_eq!(disputed, state == ApplicationState::Refused);
    }
}

#[test]
fn a_refusal_says_why_and_how_to_dispute_it() {
    let text = written(ApplicationState::Refused, Some("not_eligible"));
    for wanted in [
        "ne remplit pas les conditions",
        "Voies et délais de recours",
        "tribunal administratif",
        "recours gracieux",
        "deux mois",
        "R. 421-5",
        "HDF21-HDF-2026-000042",
    ] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    for reason in RefusalReason::ALL {
        assert!(
            written(ApplicationState::Refused, Some(reason.as_str())).contains(&why(*reason).replace('\'', "&#39;"))
        );
    }
}

#[test]
fn a_refusal_carries_its_day_its_facts_and_a_place_for_its_author_to_sign() {
    let view = view(ApplicationState::Refused, Some("not_eligible"));
    assert_eq!(view.dated, "Lille, le 12/11/2026", "the day of the decision");
    let text = letter(&view);
    for wanted in [
        "La décision est du 12/11/2026",
        "imprimé le 24/11/2026",
        "<p>Région Hauts-de-France</p>",
        "Nom, prénom et qualité de l&#39;auteur de la décision\u{a0}:",
        "Signature\u{a0}:",
        "il manque à votre demande\u{a0}:",
        "un justificatif de votre domicile",
        "un justificatif de l&#39;une de ces situations",
        "par lettre, avec une copie de ce courrier et toute pièce utile, à l&#39;adresse suivante\u{a0}: Région Hauts-de-France, 151 avenue \
         du Président-Hoover, Lille",
    ] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    assert!(!text.contains("à Région") && !text.contains("la Région ne peut"), "{text}");
    let pdf = String::from_utf8_lossy(&letter_pdf(&view)).into_owned();
    assert!(pdf.contains(&hex::encode_upper(b"Nom, pr\xe9nom et qualit\xe9 de l'auteur de la d\xe9cision\xa0:")));
    let served = written(ApplicationState::Refused, Some("already_served"));
    assert!(!served.contains("il manque à votre demande"), "nothing is missing: {served}");
    assert_eq!(self::view(ApplicationState::Mailed, None).signing, None);
}

#[test]
fn what_is_asked_for_is_said_before_the_day_until_which_it_may_come() {
    let text = written(ApplicationState::Received, None);
    let (proof, delay) = (text.find("justificatif de votre domicile").unwrap(), text.find("Sans ces pièces").unwrap());
    assert!(proof < delay, "{text}");
    let mut unknown = application(ApplicationState::Received, None);
    unknown.assessed.missing.clear();
    let text = letter(&view_with(&unknown, &[]));
    assert!(text.contains("les pièces qui vous ont été demandées.") && !text.contains("suivantes"), "{text}");
}

#[test]
fn an_accepted_application_that_is_not_mailed_speaks_of_no_booklet_in_the_envelope() {
    for (state, reason) in [(ApplicationState::Accepted, None), (ApplicationState::Returned, Some("unclaimed"))] {
        let text = written(state, reason);
        assert!(!text.contains("avec ce courrier") && !text.contains("Gardez ce courrier"), "{text}");
        assert!(!text.contains("HDF21-000123-10"), "{text}");
        assert!(text.contains("Elle est acceptée"), "{text}");
    }
    assert!(written(ApplicationState::Accepted, None).contains("Vous recevrez par lettre"));
    let back = written(ApplicationState::Returned, Some("unclaimed"));
    assert!(back.contains("nous est revenu (pli avisé et non réclamé)") && back.contains("01/01/2027"), "{back}");
}

#[test]
fn nobody_is_asked_to_call_a_place_without_a_number() {
    let mailed = application(ApplicationState::Mailed, None);
    let [with, without] = ["Espace, tél. 03 27 00 00 00.".to_owned(), "Gare.".to_owned()];
    let told = |near: &[String]| letter(&view_with(&mailed, near));
    assert!(!told(std::slice::from_ref(&without)).contains("appelez"));
    assert!(told(std::slice::from_ref(&with)).contains("appelez avant d&#39;y aller"));
    assert!(told(&[with, without]).contains("appelez d&#39;abord celui dont vous avez le numéro"));
}

#[test]
fn what_is_missing_is_named_with_the_day_until_which_it_may_come() {
    let text = written(ApplicationState::Received, None);
    assert!(text.contains("justificatif de votre domicile") && text.contains("01/01/2027"), "{text}");
}

#[test]
fn the_letter_with_the_booklet_proves_whose_it_is() {
    let text = written(ApplicationState::Mailed, None);
    assert!(text.contains("HDF21-000123-10") && text.contains("31/12/2026"), "{text}");
    assert!(text.contains("les plus proches") && text.contains("Espace de la gare"), "{text}");
    assert!(text.contains(&"ab".repeat(16)) && text.contains("identity-1|"), "{text}");
    assert!(!text.contains("<b>"), "a name is text and nothing else");
}
