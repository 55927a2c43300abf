//! Documents of rules: what they may ask, those that are refused, and which of several is in force.

use super::*;

fn eligible(rule: &str, situation: &Situation) -> bool {
    RuleSet::parse(&grounded(rule)).unwrap().evaluate(situation, None, day("2026-11-24")).unwrap().eligible
}

#[test]
fn rules_may_ask_nothing_or_name_any_territory() {
    let person = born("1990-01-01").without_proofs();
    assert!(eligible(r#"{"all":[]}"#, &person));
    assert!(eligible(r#"{"resides_in":{"departments":["59"]}}"#, &person));
    assert!(eligible(r#"{"resides_in":{"epcis":["200043396"]}}"#, &person));
    assert!(eligible(r#"{"resides_in":{"communes":["59392","59021"]}}"#, &person));
    assert!(!eligible(r#"{"resides_in":{"communes":["59021"]}}"#, &person));
    assert!(eligible(r#"{"resides_in":{"communes":["75056"]}}"#, &person.clone().living_in("75111")));
    // A rule older than a merger covers the commune of today.
    assert!(eligible(r#"{"resides_in":{"communes":["01003"]}}"#, &person.clone().living_in("01165")));
    assert!(eligible(r#"{"resides_in":{"communes":["01165"]}}"#, &person.living_in("01003")));
}

#[test]
fn rules_by_which_nobody_can_say_on_what_ground_are_refused() {
    for rule in [
        r#"{"all":[]}"#,
        r#"{"resides_in":{"departments":["59"]}}"#,
        r#"{"any":[{"resides_in":{"departments":["59"]}},{"ground":{"code":"senior","label":"60 ans ou plus",
            "condition":{"all":[]}}}]}"#,
    ] {
        assert!(RuleSet::parse(&document(rule)).is_err(), "{rule}");
    }
}

#[test]
fn a_status_without_proofs_holds_when_declared() {
    let rule = r#"{"status":{"code":"isolated","aliases":["alone"],"label":"vivre isolé"}}"#;
    assert!(!eligible(rule, &born("1990-01-01")));
    assert!(eligible(rule, &born("1990-01-01").declaring("isolated")));
    assert!(eligible(rule, &born("1990-01-01").declaring("alone")));
}

#[test]
fn many_places_are_counted_not_named() {
    let codes: Vec<String> =
        crate::domain::territory::communes_of_epci("200043396").map(|one| format!("\"{}\"", one.code)).collect();
    let rules =
        RuleSet::parse(&grounded(&format!(r#"{{"resides_in":{{"communes":[{}]}}}}"#, codes.join(",")))).unwrap();
    let verdict = rules.evaluate(&born("1990-01-01"), None, day("2026-11-24")).unwrap();
    assert!(
        verdict.reasons[0].asked.ends_with("ou l'un des 39 autres territoires de la règle."),
        "{}",
        verdict.reasons[0].asked
    );
}

#[test]
fn the_rules_in_force_are_those_of_the_day_and_the_latest_of_several() {
    let set = |version: &str, from: &str, until: Option<&str>| {
        let until = until.map(|day| format!(r#""valid_until":"{day}","#)).unwrap_or_default();
        RuleSet::parse(&format!(
            r#"{{"version":"{version}","label":"x",{until}"valid_from":"{from}","rule":{{"ground":
                {{"code":"anybody","label":"toute personne","condition":{{"all":[]}}}}}}}}"#
        ))
        .unwrap()
    };
    let sets = [set("b", "2022-01-01", None), set("a", "2021-01-01", None), set("c", "2023-01-01", Some("2023-06-30"))];
    let on = |text| in_force(&sets, day(text)).map(RuleSet::version);
    assert_eq!(on("2020-12-31"), None);
    assert_eq!(on("2021-01-01"), Some("a"));
    assert_eq!(on("2022-01-01"), Some("b"));
    assert_eq!(on("2023-06-30"), Some("c"));
    assert_eq!(on("2023-07-01"), Some("b"));
}
