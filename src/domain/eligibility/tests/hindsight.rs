//! Past decisions by other rules: what stands, what falls, and what cannot be told.

use super::*;
use crate::domain::territory::NeighbourhoodCode;

fn kept(ground: &str, ages: (u8, u8)) -> KeptDecision {
    let commune = CommuneCode::parse(MAUBEUGE).unwrap();
    KeptDecision { day: day("2026-11-24"), ages, commune, neighbourhood: None, ground: ground.to_owned(), proof: None }
}

fn again(rules: &str, kept: &KeptDecision) -> (Hindsight, Vec<String>) {
    let rules = RuleSet::parse(rules).unwrap();
    let (seen, codes) = rules.in_hindsight(kept, Some(hdf_2021()));
    (seen, codes.into_iter().map(str::to_owned).collect())
}

#[test]
fn by_the_rules_it_was_made_by_a_decision_stands() {
    let senior = kept("senior", (60, 120));
    assert_eq!(hdf_2021().in_hindsight(&senior, Some(hdf_2021())), (Hindsight::Still, Vec::new()));
    let seeker = KeptDecision {
        proof: Some(shown("job_seeker_attestation", Some("2026-11-01"))),
        ..kept("job_seeker", (26, 59))
    };
    assert_eq!(hdf_2021().in_hindsight(&seeker, Some(hdf_2021())), (Hindsight::Still, Vec::new()));
}

#[test]
fn an_age_is_known_by_its_band() {
    let from = |age: u8| grounded(&format!(r#"{{"age":{{"from":{age}}}}}"#));
    assert_eq!(again(&from(60), &kept("senior", (60, 120))).0, Hindsight::Still);
    assert_eq!(again(&from(62), &kept("senior", (60, 120))), (Hindsight::Undetermined, vec!["age".to_owned()]));
    assert_eq!(again(&from(62), &kept("young_adult", (18, 25))), (Hindsight::Lost, vec!["age".to_owned()]));
}

#[test]
fn a_proof_that_was_kept_counts_by_the_new_freshness() {
    let fresh = |months: u8| {
        grounded(&format!(
            r#"{{"status":{{"code":"job_seeker","label":"chercher un emploi","proofs":[{{"kind":"attestation","max_age_months":{months}}}]}}}}"#
        ))
        .replace(r#""code":"card","label":"une carte""#, r#""code":"attestation","label":"une attestation","aliases":["job_seeker_attestation"]"#)
    };
    let seeker = KeptDecision {
        proof: Some(shown("job_seeker_attestation", Some("2026-09-30"))),
        ..kept("job_seeker", (26, 59))
    };
    assert_eq!(again(&fresh(2), &seeker).0, Hindsight::Still);
    assert_eq!(again(&fresh(1), &seeker), (Hindsight::Lost, vec!["job_seeker".to_owned()]));
    // A senior may be a job-seeker too: nobody asked.
    let senior = KeptDecision { proof: Some(shown("identity_document", None)), ..kept("senior", (60, 120)) };
    assert_eq!(again(&fresh(1), &senior), (Hindsight::Undetermined, vec!["job_seeker".to_owned()]));
}

#[test]
fn what_the_old_ground_required_is_certain_and_the_rest_is_not() {
    let status =
        |condition: &str, code: &str| grounded(&format!(r#"{{"{condition}":{{"code":"{code}","label":"être là"}}}}"#));
    let seeker = kept("job_seeker", (26, 59));
    assert_eq!(again(&status("status", "job_seeker"), &seeker).0, Hindsight::Still);
    assert_eq!(again(&status("without", "france_travail"), &seeker).0, Hindsight::Lost, "an alias is the same");
    assert_eq!(again(&status("without", "studying"), &seeker).0, Hindsight::Undetermined);
    assert_eq!(again(&status("without", "job_seeker"), &seeker).0, Hindsight::Lost);
    // Two ways led to this ground: neither is certain.
    assert_eq!(again(&status("status", "insertion_path"), &kept("young_adult", (18, 25))).0, Hindsight::Undetermined);
}

#[test]
fn places_are_known_and_a_neighbourhood_only_where_it_was_kept() {
    let elsewhere = grounded(r#"{"resides_in":{"departments":["62"]}}"#);
    assert_eq!(again(&elsewhere, &kept("senior", (60, 120))), (Hindsight::Lost, vec!["residence".to_owned()]));
    let quarter = grounded(r#"{"resides_in":{"lists":["qpv"]}}"#).replace(
        r#""rule""#,
        r#""lists":[{"code":"qpv","label":"un quartier prioritaire","editions":[{"neighbourhoods":["QN05901M"]}]}],"rule""#,
    );
    let within = |code: Option<&str>| KeptDecision {
        neighbourhood: code.map(|code| NeighbourhoodCode::parse(code).unwrap()),
        ..kept("senior", (60, 120))
    };
    assert_eq!(again(&quarter, &within(None)).0, Hindsight::Undetermined);
    assert_eq!(again(&quarter, &within(Some("QN05901M"))).0, Hindsight::Still);
    assert_eq!(again(&quarter, &within(Some("QN05902M"))).0, Hindsight::Lost);
}

#[test]
fn what_is_lost_for_sure_is_not_said_to_be_unsure() {
    let both = grounded(r#"{"all":[{"age":{"from":62}},{"resides_in":{"departments":["62"]}}]}"#);
    assert_eq!(again(&both, &kept("senior", (60, 120))), (Hindsight::Lost, vec!["residence".to_owned()]));
    let either = grounded(r#"{"any":[{"age":{"from":62}},{"resides_in":{"departments":["62"]}}]}"#);
    assert_eq!(again(&either, &kept("senior", (60, 120))), (Hindsight::Undetermined, vec!["age".to_owned()]));
}
