//! The shipped rules on the days that matter.

mod documents;
mod hindsight;
mod schemes;

use std::collections::BTreeSet;

use super::*;
use crate::domain::territory::CommuneCode;

const MAUBEUGE: &str = "59392";
const REIMS: &str = "51454";

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn shown(kind: &str, issued_on: Option<&str>) -> ShownProof {
    ShownProof { kind: kind.to_owned(), issued_on: issued_on.map(day) }
}

/// Somebody of Maubeuge with a proof of residence and an identity document.
fn born(birth: &str) -> Situation {
    Situation {
        birth: day(birth),
        commune: CommuneCode::parse(MAUBEUGE).unwrap(),
        neighbourhood: None,
        statuses: BTreeSet::new(),
        proofs: vec![shown("home_proof", None), shown("identity_document", None)],
    }
}

trait With: Sized {
    fn with(self, kind: &str, issued_on: Option<&str>) -> Self;
    fn without_proofs(self) -> Self;
    fn living_in(self, commune: &str) -> Self;
    fn declaring(self, status: &str) -> Self;
}

impl With for Situation {
    fn with(mut self, kind: &str, issued_on: Option<&str>) -> Self {
        self.proofs.push(shown(kind, issued_on));
        self
    }

    fn without_proofs(mut self) -> Self {
        self.proofs.clear();
        self
    }

    fn living_in(mut self, commune: &str) -> Self {
        self.commune = CommuneCode::parse(commune).unwrap();
        self
    }

    fn declaring(mut self, status: &str) -> Self {
        self.statuses.insert(status.to_owned());
        self
    }
}

fn judged(situation: &Situation, on: &str) -> Verdict {
    hdf_2021().evaluate(situation, None, day(on)).unwrap()
}

fn asked(situation: &Situation, ground: &str, on: &str) -> Verdict {
    hdf_2021().evaluate(situation, Some(ground), day(on)).unwrap()
}

fn ground(situation: &Situation, on: &str) -> Option<String> {
    judged(situation, on).ground
}

fn missing(verdict: &Verdict) -> Vec<&str> {
    verdict.reasons.iter().filter_map(|reason| reason.missing.as_deref()).collect()
}

/// A document with this rule and one proof kind.
fn document(rule: &str) -> String {
    format!(
        r#"{{"version":"v1","label":"Essai","valid_from":"2026-01-01",
            "proof_kinds":[{{"code":"card","label":"une carte"}}],"rule":{rule}}}"#
    )
}

/// The same as a ground of its own.
fn grounded(rule: &str) -> String {
    document(&format!(r#"{{"ground":{{"code":"resident","label":"habitant","condition":{rule}}}}}"#))
}

#[test]
fn the_shipped_rules_read_and_write_back_the_same() {
    let rules = hdf_2021();
    let text = serde_json::to_string(rules).unwrap();
    assert_eq!(RuleSet::parse(&text).as_ref(), Ok(rules));
    assert_eq!(rules.version(), "hdf-2021-1");
    let codes: Vec<String> = rules.grounds(day("2026-11-24")).into_iter().map(|choice| choice.code).collect();
    assert_eq!(codes, ["senior", "job_seeker", "young_adult"]);
}

#[test]
fn sixty_is_reached_on_the_birthday() {
    let person = born("1966-11-24");
    assert_eq!(ground(&person, "2026-11-23"), None);
    assert_eq!(ground(&person, "2026-11-24").as_deref(), Some("senior"));
}

#[test]
fn twenty_five_lasts_until_the_day_before_the_twenty_sixth_birthday() {
    let person = born("2000-11-24").with("mission_locale_attestation", None);
    assert_eq!(ground(&person, "2018-11-23"), None);
    assert_eq!(ground(&person, "2018-11-24").as_deref(), Some("young_adult"));
    assert_eq!(ground(&person, "2026-11-23").as_deref(), Some("young_adult"));
    assert_eq!(ground(&person, "2026-11-24"), None);
}

#[test]
fn born_on_a_29_february_one_is_a_year_older_on_1_march_of_a_common_year() {
    let older = born("1960-02-29");
    assert_eq!(ground(&older, "2020-02-28"), None);
    assert_eq!(ground(&older, "2020-02-29").as_deref(), Some("senior"));
    let younger = born("2000-02-29").with("cej_contract", None);
    assert_eq!(ground(&younger, "2018-02-28"), None);
    assert_eq!(ground(&younger, "2018-03-01").as_deref(), Some("young_adult"));
    assert_eq!(ground(&younger, "2026-02-28").as_deref(), Some("young_adult"));
    assert_eq!(ground(&younger, "2026-03-01"), None);
}

#[test]
fn a_birth_date_that_makes_no_sense_is_not_judged() {
    let on = day("2026-11-24");
    let judge = |birth| hdf_2021().evaluate(&born(birth), None, on);
    assert_eq!(judge("2026-11-25"), Err(Unassessable::BirthInFuture));
    assert!(judge("2026-11-24").is_ok_and(|verdict| !verdict.eligible));
    assert_eq!(judge("1905-11-24"), Err(Unassessable::BirthTooLongAgo));
    assert!(judge("1905-11-25").is_ok_and(|verdict| verdict.eligible));
    assert_eq!(Unassessable::BirthInFuture.code(), "birth_in_future");
    assert!(Unassessable::BirthTooLongAgo.to_string().contains("120 ans"));
}

#[test]
fn a_job_seeker_shows_an_attestation_of_under_three_months() {
    let person = |issued| born("1980-01-01").with("job_seeker_attestation", Some(issued));
    for fresh in ["2026-08-25", "2026-11-24"] {
        assert_eq!(ground(&person(fresh), "2026-11-24").as_deref(), Some("job_seeker"), "{fresh}");
    }
    for stale in ["2026-08-24", "2026-03-12", "2026-11-25"] {
        assert_eq!(ground(&person(stale), "2026-11-24"), None, "{stale}");
    }
    // Three months before 31 May is the end of February.
    assert_eq!(ground(&person("2026-02-28"), "2026-05-31"), None);
    assert_eq!(ground(&person("2026-03-01"), "2026-05-31").as_deref(), Some("job_seeker"));
}

#[test]
fn a_stale_attestation_is_answered_with_what_is_missing() {
    let person = born("1980-01-01").with("job_seeker_attestation", Some("2026-03-12"));
    let verdict = asked(&person, "job_seeker", "2026-11-24");
    assert_eq!(
        missing(&verdict),
        ["Une attestation d'inscription à France Travail de moins de trois mois ; celle présentée date du 12/03/2026."]
    );
    assert_eq!(
        verdict.summary,
        "La personne n'a pas droit au pass (règle hdf-2021-1). Pour le motif « demandeur d'emploi inscrit à France \
         Travail », il manque ceci : une attestation d'inscription à France Travail de moins de trois mois ; celle présentée date du \
         12/03/2026."
    );
    assert_eq!((verdict.ground, verdict.proof_used), (None, None));
}

#[test]
fn a_fresh_attestation_counts_beside_a_stale_one() {
    let person = born("1980-01-01")
        .with("job_seeker_attestation", Some("2026-03-12"))
        .with("job_seeker_attestation", Some("2026-11-02"));
    let verdict = judged(&person, "2026-11-24");
    assert_eq!(verdict.proof_used, Some(shown("job_seeker_attestation", Some("2026-11-02"))));
}

#[test]
fn an_undated_or_future_attestation_is_named_as_such() {
    let undated = born("1980-01-01").with("job_seeker_attestation", None);
    assert!(
        missing(&asked(&undated, "job_seeker", "2026-11-24"))[0]
            .ends_with("la date de celle présentée n'est pas indiquée.")
    );
    let future = born("1980-01-01").with("job_seeker_attestation", Some("2027-01-01"));
    assert!(missing(&asked(&future, "job_seeker", "2026-11-24"))[0].ends_with("une date à venir, le 01/01/2027."));
    let future =
        born("1960-01-01").without_proofs().with("home_proof", Some("2027-01-01")).with("identity_document", None);
    assert!(missing(&judged(&future, "2026-11-24"))[0].contains("celui présenté porte une date à venir"));
}

#[test]
fn declaring_without_a_proof_is_not_enough_and_a_proof_needs_no_declaration() {
    let declared = born("1980-01-01").declaring("job_seeker");
    let verdict = asked(&declared, "job_seeker", "2026-11-24");
    assert_eq!(missing(&verdict), ["Une attestation d'inscription à France Travail de moins de trois mois."]);
    assert_eq!(verdict.reasons[1].shown, "Situation déclarée. Aucun des documents demandés.");
    assert_eq!(
        verdict.reasons[1].asked,
        concat!(
            "Être inscrit comme demandeur d'emploi à France Travail. ",
            "À présenter : une attestation d'inscription à France Travail de moins de trois mois."
        )
    );
    let proven = born("1980-01-01").with("job_seeker_attestation", Some("2026-11-02"));
    assert_eq!(
        judged(&proven, "2026-11-24").reasons[1].shown,
        "Situation non déclarée. Une attestation d'inscription à France Travail du 02/11/2026."
    );
}

#[test]
fn pole_emploi_and_france_travail_are_one_ground_across_the_rename() {
    for kind in ["job_seeker_attestation", "pole_emploi_attestation", "france_travail_attestation"] {
        for (status, issued, on, name) in [
            ("pole_emploi", "2023-12-01", "2023-12-31", "Pôle emploi"),
            ("pole_emploi", "2023-12-01", "2024-01-01", "France Travail"),
            ("france_travail", "2023-12-01", "2024-02-29", "France Travail"),
        ] {
            let person = born("1980-01-01").declaring(status).with(kind, Some(issued));
            let verdict = judged(&person, on);
            assert_eq!(verdict.ground.as_deref(), Some("job_seeker"));
            assert!(verdict.ground_label.unwrap().ends_with(name), "{on}");
            assert_eq!(verdict.proof_used, Some(shown("job_seeker_attestation", Some(issued))));
            assert!(verdict.reasons[1].shown.starts_with("Situation déclarée."));
        }
    }
}

#[test]
fn a_young_adult_is_in_job_search_or_on_an_insertion_path() {
    let on = "2026-11-24";
    for kind in ["training_attestation", "mission_locale_attestation", "cej_contract", "pacea_contract"] {
        let verdict = judged(&born("2004-01-01").with(kind, None), on);
        assert_eq!(verdict.ground.as_deref(), Some("young_adult"), "{kind}");
        assert_eq!(verdict.proof_used, Some(shown(kind, None)));
    }
    assert_eq!(ground(&born("2004-01-01"), on), None);
    assert_eq!(ground(&born("2004-01-01").declaring("insertion_path"), on), None);
    assert_eq!(ground(&born("1990-01-01").with("cej_contract", None), on), None);
    let alternatives = asked(&born("2004-01-01"), "young_adult", on);
    assert!(missing(&alternatives)[1].starts_with("Ou bien : une attestation de stage"), "{alternatives:?}");
}

#[test]
fn residence_is_judged_by_insee_code() {
    let on = "2026-11-24";
    for inside in ["59392", "02408", "60057", "62041", "80021"] {
        assert_eq!(ground(&born("1960-01-01").living_in(inside), on).as_deref(), Some("senior"), "{inside}");
    }
    let outside = judged(&born("1960-01-01").living_in(REIMS), on);
    assert!(!outside.eligible);
    assert_eq!(
        missing(&outside),
        ["Habiter la région Hauts-de-France : Reims (51454), région Grand Est, n'en fait pas partie."]
    );
    assert_eq!(
        outside.summary,
        "La personne n'a pas droit au pass (règle hdf-2021-1). Pour toute demande, il manque ceci : habiter la région \
         Hauts-de-France : Reims (51454), région Grand Est, n'en fait pas partie."
    );
}

#[test]
fn a_former_commune_counts_as_the_one_of_today_and_an_unknown_one_does_not() {
    let on = "2026-11-24";
    let former = crate::domain::territory::resolve("60455");
    assert!(former.is_err());
    assert!(judged(&born("1960-01-01").living_in("60455"), on).eligible);
    let unknown = judged(&born("1960-01-01").living_in("59999"), on);
    assert_eq!(missing(&unknown), ["Une commune connue : le code 59999 n'est celui d'aucune commune."]);
}

#[test]
fn a_hosted_or_homeless_person_can_prove_residence() {
    for kind in ["home_proof", "hosting_attestation", "domiciliation_certificate"] {
        let person = born("1960-01-01").without_proofs().with("identity_document", None).with(kind, None);
        assert!(judged(&person, "2026-11-24").eligible, "{kind}");
    }
    let person = born("1960-01-01").without_proofs().with("identity_document", None);
    let verdict = judged(&person, "2026-11-24");
    assert!(missing(&verdict)[0].starts_with("Un justificatif de domicile, une attestation d'hébergement"));
    assert!(missing(&verdict)[0].ends_with(" ou une attestation d'élection de domicile."));
}

#[test]
fn an_age_is_proven_by_an_identity_document() {
    let person = born("1960-01-01").without_proofs().with("home_proof", None);
    let verdict = asked(&person, "senior", "2026-11-24");
    assert_eq!(missing(&verdict), ["Une pièce d'identité."]);
    assert_eq!(verdict.reasons[1].asked, "Avoir 60 ans ou plus. À présenter : une pièce d'identité.");
    assert_eq!(verdict.reasons[1].shown, "Âge au 24/11/2026 : 66 ans. Aucun des documents demandés.");
}

#[test]
fn the_ground_asked_for_is_kept_when_several_hold() {
    let person = born("1960-01-01").with("job_seeker_attestation", Some("2026-11-02"));
    assert_eq!(ground(&person, "2026-11-24").as_deref(), Some("senior"));
    let verdict = asked(&person, "job_seeker", "2026-11-24");
    assert_eq!(verdict.ground.as_deref(), Some("job_seeker"));
    assert_eq!(verdict.proof_used, Some(shown("job_seeker_attestation", Some("2026-11-02"))));
    let grounds: Vec<_> = verdict.reasons.iter().filter_map(|reason| reason.ground.as_deref()).collect();
    assert_eq!(grounds, ["job_seeker"]);
    assert_eq!(
        verdict.summary,
        "La personne a droit au pass, au motif « demandeur d'emploi inscrit à France Travail » (règle hdf-2021-1)."
    );
}

#[test]
fn another_ground_that_holds_replaces_the_one_asked_for_and_the_summary_says_so() {
    let verdict = asked(&born("1960-01-01"), "job_seeker", "2026-11-24");
    assert_eq!(verdict.ground.as_deref(), Some("senior"));
    assert!(
        verdict
            .summary
            .ends_with("Le motif demandé, « demandeur d'emploi inscrit à France Travail », n'est pas établi.")
    );
}

#[test]
fn without_a_ground_asked_for_every_ground_explains_itself() {
    let verdict = judged(&born("1980-01-01"), "2026-11-24");
    let grounds: BTreeSet<&str> = verdict.reasons.iter().filter_map(|reason| reason.ground.as_deref()).collect();
    assert_eq!(grounds.into_iter().collect::<Vec<_>>(), ["job_seeker", "senior", "young_adult"]);
    assert!(verdict.summary.contains("il manque ceci : l'âge de 60 ans n'est pas encore atteint."));
    assert!(verdict.summary.contains("l'âge de 25 ans est dépassé"));
    assert!(verdict.summary.ends_with("Un seul motif suffit."));
    assert!(verdict.reasons.iter().all(|reason| reason.satisfied == reason.missing.is_none()));
}

#[test]
fn a_ground_that_does_not_exist_is_an_error() {
    let refused = hdf_2021().evaluate(&born("1960-01-01"), Some("friend"), day("2026-11-24"));
    assert_eq!(refused, Err(Unassessable::UnknownGround("friend".to_owned())));
}

#[test]
fn a_verdict_never_tells_the_birth_date() {
    let text = serde_json::to_string(&judged(&born("1966-11-25"), "2026-11-24")).unwrap();
    assert!(!text.contains("1966"), "{text}");
}
