//! Other real schemes in the same form, lists of places that follow each other, and past decisions seen by other rules.

use super::*;
use crate::domain::territory::NeighbourhoodCode;

fn scheme(text: &str) -> RuleSet {
    let rules = RuleSet::parse(text).unwrap();
    assert_eq!(RuleSet::parse(&serde_json::to_string(&rules).unwrap()).unwrap(), rules);
    rules
}

/// Somebody of this commune with every proof that the rules know.
fn from(commune: &str, birth: &str, rules: &RuleSet) -> Situation {
    let mut person = born(birth).living_in(commune).without_proofs();
    for kind in &rules.document().proof_kinds {
        person = person.with(&kind.code, None);
    }
    person
}

fn ground_of(rules: &RuleSet, person: &Situation, on: &str) -> Option<String> {
    let verdict = rules.evaluate(person, None, day(on)).unwrap();
    assert_eq!(verdict.eligible, verdict.ground.is_some());
    verdict.ground
}

#[test]
fn bourgogne_franche_comte_serves_the_young_who_seek_work_and_do_not_study() {
    let rules = scheme(include_str!("../../../../docs/schemes/bourgogne-franche-comte-2022.json"));
    let young = from("21231", "2004-06-01", &rules).declaring("job_search");
    assert_eq!(ground_of(&rules, &young, "2022-09-01").as_deref(), Some("young_job_seeker"));
    let student = young.clone().declaring("studying");
    let verdict = rules.evaluate(&student, None, day("2022-09-01")).unwrap();
    assert!(!verdict.eligible);
    let told = verdict.summary;
    assert!(told.ends_with("il manque ceci : ne pas être en études : cette situation a été déclarée."), "{told}");
    assert_eq!(ground_of(&rules, &from("21231", "1980-06-01", &rules).declaring("job_search"), "2022-09-01"), None);
    assert_eq!(ground_of(&rules, &young.living_in("59392"), "2022-09-01"), None);
}

#[test]
fn lens_lievin_serves_its_own_communes_after_a_diagnosis() {
    let rules = scheme(include_str!("../../../../docs/schemes/lens-lievin-2022.json"));
    assert_eq!(ground_of(&rules, &from("62498", "1980-01-01", &rules), "2022-03-01").as_deref(), Some("diagnosed"));
    assert_eq!(ground_of(&rules, &from("59392", "1980-01-01", &rules), "2022-03-01"), None);
    let without = born("1980-01-01").living_in("62510").without_proofs().with("home_proof", None);
    assert_eq!(ground_of(&rules, &without, "2022-03-01"), None);
    assert_eq!(ground_of(&rules, &without.with("diagnostic", None), "2022-03-01").as_deref(), Some("diagnosed"));
}

#[test]
fn the_creuse_serves_whoever_asks() {
    let rules = scheme(include_str!("../../../../docs/schemes/creuse-2021.json"));
    for (commune, birth) in [("23096", "1950-01-01"), (MAUBEUGE, "2010-01-01")] {
        assert_eq!(ground_of(&rules, &from(commune, birth, &rules), "2021-06-01").as_deref(), Some("anybody"));
    }
}

#[test]
fn pole_emploi_serves_job_seekers_wherever_they_live_and_under_both_names() {
    let rules = scheme(include_str!("../../../../docs/schemes/pole-emploi-2018.json"));
    let seeker = born("1980-01-01").living_in("97411").without_proofs().with("france_travail_attestation", None);
    for (on, name) in [("2019-05-01", "Pôle emploi"), ("2024-05-01", "France Travail")] {
        let verdict = rules.evaluate(&seeker, None, day(on)).unwrap();
        assert_eq!(verdict.ground.as_deref(), Some("job_seeker"));
        assert!(verdict.reasons[0].asked.contains(name), "{verdict:?}");
    }
    assert_eq!(ground_of(&rules, &seeker.without_proofs(), "2019-05-01"), None);
}

#[test]
fn the_haute_garonne_and_the_state_name_many_publics() {
    let department = scheme(include_str!("../../../../docs/schemes/haute-garonne-2021.json"));
    let state = scheme(include_str!("../../../../docs/schemes/etat-2019.json"));
    for (birth, status, here, there) in [
        ("2001-01-01", None, Some("young_adult"), None),
        ("2001-01-01", Some("without_diploma"), Some("young_adult"), Some("young_without_diploma")),
        ("1955-01-01", None, Some("elderly"), Some("elderly")),
        ("1980-01-01", Some("isolated"), Some("isolated"), Some("isolated")),
        ("1980-01-01", Some("disabled"), Some("disabled"), None),
        ("1980-01-01", Some("learning_french"), Some("learning_french"), Some("learning_french")),
        ("1980-01-01", Some("insertion_path"), Some("insertion"), None),
        ("1980-01-01", None, None, None),
    ] {
        let mut person = from("31555", birth, &department);
        person.statuses.extend(status.map(str::to_owned));
        assert_eq!(ground_of(&department, &person, "2021-06-01").as_deref(), here, "{birth} {status:?}");
        person.proofs.clear();
        assert_eq!(ground_of(&state, &person, "2021-06-01").as_deref(), there, "{birth} {status:?}");
        assert_eq!(ground_of(&department, &person, "2021-06-01"), None, "nothing was shown");
    }
}

/// Whoever lives in a rural zone or a priority neighbourhood, each listed twice by the law.
fn listed() -> RuleSet {
    scheme(
        r#"{"version":"v1","label":"Essai","valid_from":"2020-01-01",
        "lists":[
            {"code":"rural","label":[{"text":"une commune en zone de revitalisation rurale (ZRR)"},
                {"from":"2024-07-01","text":"une commune en zone France ruralités revitalisation (FRR)"}],
             "editions":[{"communes":["59021","01003"]},{"from":"2024-07-01","communes":["59392"]}]},
            {"code":"qpv","label":"un quartier prioritaire de la politique de la ville",
             "editions":[{"from":"2015-01-01","neighbourhoods":["QP059001"]},
                {"from":"2024-01-01","neighbourhoods":["QN05901M"]}]}],
        "rule":{"ground":{"code":"listed","label":"territoire prioritaire",
            "condition":{"resides_in":{"lists":["rural","qpv"]}}}}}"#,
    )
}

#[test]
fn a_list_is_that_of_the_day() {
    let rules = listed();
    let at = |commune: &str, on: &str| ground_of(&rules, &born("1980-01-01").living_in(commune), on).is_some();
    assert!(at("59021", "2024-06-30") && !at("59021", "2024-07-01"));
    assert!(!at("59392", "2024-06-30") && at("59392", "2024-07-01"));
    // A commune that has been merged since stands for that of today.
    assert!(at("01165", "2024-06-30"));
    let within = |code: &str, on: &str| {
        let person = Situation { neighbourhood: Some(NeighbourhoodCode::parse(code).unwrap()), ..born("1980-01-01") };
        ground_of(&rules, &person.living_in("59350"), on).is_some()
    };
    assert!(within("QP059001", "2023-12-31") && !within("QP059001", "2024-01-01"));
    assert!(!within("QN05901M", "2023-12-31") && within("QN05901M", "2024-01-01"));
}

#[test]
fn a_list_is_named_as_the_law_names_it_that_day_and_a_neighbourhood_not_said_is_asked_for() {
    let told = |on: &str| {
        let person = born("1980-01-01").living_in("59350");
        listed().evaluate(&person, None, day(on)).unwrap().reasons[0].clone()
    };
    let (before, after) = (told("2024-06-30"), told("2024-07-01"));
    assert!(before.asked.contains("(ZRR) ou un quartier prioritaire"), "{before:?}");
    assert!(after.asked.contains("(FRR) ou un quartier prioritaire"), "{after:?}");
    assert!(after.shown.ends_with(", aucun quartier prioritaire indiqué."), "{after:?}");
}

#[test]
fn lists_that_make_no_sense_are_refused_with_their_reason() {
    let with = |lists: &str, named: &str| {
        format!(
            r#"{{"version":"v1","label":"Essai","valid_from":"2020-01-01","lists":{lists},"rule":{{"ground":{{"code":"g",
            "label":"x","condition":{{"resides_in":{{"lists":["{named}"]}}}}}}}}}}"#
        )
    };
    let one = |editions: &str| format!(r#"[{{"code":"a","label":"une commune","editions":{editions}}}]"#);
    for (text, reason) in [
        (with("[]", "a"), "n'est pas décrite"),
        (with(&one("[]"), "a"), "éditions"),
        (with(&one(r#"[{"from":"2024-01-01","communes":["59392"]},{"communes":["59021"]}]"#), "a"), "dans l'ordre"),
        (with(&one("[{}]"), "a"), "ni commune ni quartier"),
        (with(&one(r#"[{"communes":["59999"]}]"#), "a"), "« 59999 »"),
        (with(&one(r#"[{"neighbourhoods":["QX1"]}]"#), "a"), "neighbourhood_malformed"),
        (
            with(
                r#"[{"code":"a","label":"x","editions":[{"communes":["59392"]}]},{"code":"a","label":"x","editions":[{"communes":["59392"]}]}]"#,
                "a",
            ),
            "deux fois",
        ),
    ] {
        let refused = RuleSet::parse(&text).unwrap_err().to_string();
        assert!(refused.contains(reason), "{text}: {refused}");
    }
    let proven = r#"{"without":{"code":"studying","label":"être en études","proofs":[{"kind":"card"}]}}"#;
    assert!(RuleSet::parse(&grounded(proven)).unwrap_err().to_string().contains("aucun justificatif"));
}
