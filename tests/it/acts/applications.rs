//! Applications: filed, completed, decided, ended; and what one person may receive by one channel.

use recepisse::domain::applications::{Complete, Decide, Decision, End, EndReason, File, RefusalReason};
use recepisse::domain::handout::{GrantException, HandOut};
use recepisse::domain::party::Role;
use recepisse::domain::refusal::Code;
use recepisse::domain::text::Label;
use recepisse::domain::time::{Day, Instant};
use recepisse::receipts::{Mention, Receipt};

use super::is_sound;
use crate::harness::{Engine, Hand, Person, Raw, World, on_every_engine, short_code};

fn platform(world: &World) -> Hand<'_> {
    world.hand("AIDES", Role::Platform)
}

/// Somebody who shows nothing yet.
fn empty_handed(world: &World, number: u32) -> Person {
    let mut person = Person::senior(world, number);
    person.situation.proofs.clear();
    person
}

const fn refusal(application: i64) -> Decide {
    Decide { application, decision: Decision::Refuse(RefusalReason::NotEligible) }
}

const fn end(application: i64, reason: EndReason) -> End {
    End { application, reason }
}

fn said(receipt: &Receipt, name: &str) -> String {
    match receipt.body().mentions.get(name) {
        Some(Mention::Text(text)) => text.clone(),
        Some(Mention::Number(number)) => number.to_string(),
        None => String::new(),
    }
}

#[test]
fn an_application_is_judged_acknowledged_and_names_nobody() {
    on_every_engine(|world| {
        let person = Person::senior(world, 1);
        let receipt = platform(world).does(world.application("AIDES", &person, 5));
        let body = receipt.body();
        assert_eq!(
            (body.kind.as_str(), body.lines.len(), body.number.as_str()),
            ("application", 0, "HDF21-AIDES-2021-000001")
        );
        assert_eq!((said(&receipt, "complete"), said(&receipt, "ground")), ("1".to_owned(), "senior".to_owned()));
        assert_eq!(said(&receipt, "rule_version"), "hdf-2021-1");
        assert!(receipt.bytes().contains(&hex::encode(person.commitment)));
        assert!(!receipt.bytes().contains(&hex::encode(person.fingerprint)) && !receipt.bytes().contains("1955"));
        let lacking = platform(world).does(world.application("AIDES", &empty_handed(world, 2), 5));
        assert_eq!((said(&lacking, "complete"), said(&lacking, "application")), ("0".to_owned(), "2".to_owned()));
        assert!(said(&lacking, "conditions_missing").contains("residence"), "{}", lacking.bytes());
        let missing = said(&lacking, "conditions_missing");
        let mut once: Vec<&str> = missing.split(' ').collect();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), missing.split(' ').count(), "what several grounds ask for is named once: {missing}");
        is_sound(world);
    });
}

#[test]
fn one_reference_is_one_application_and_one_person_has_one_under_way() {
    on_every_engine(|world| {
        let first = world.application("AIDES", &Person::senior(world, 1), 5);
        platform(world).does(first.clone());
        let same = File { fingerprint: Person::senior(world, 2).fingerprint, ..first.clone() };
        assert_eq!(platform(world).is_told(same), Code::ApplicationKnown);
        let again = world.application("AIDES", &Person::senior(world, 1), 5);
        assert_eq!(platform(world).is_told(again), Code::ApplicationOpen);
        let elsewhere = world.application("MAUB", &Person::senior(world, 1), 10);
        assert_eq!(world.prescriber("MAUB").is_told(elsewhere), Code::ApplicationOpen);
        let posing = world.application("MAUB", &Person::senior(world, 3), 5);
        assert_eq!(platform(world).is_told(posing), Code::AccountDisabled, "an office speaks for itself");
        let odd = world.application("AIDES", &Person::senior(world, 3), 7);
        assert_eq!(platform(world).is_told(odd), Code::QuantityOutOfRange);
        let usual = File { passes: None, ..world.application("AIDES", &Person::senior(world, 3), 5) };
        assert_eq!(said(&platform(world).does(usual), "passes_asked"), "5");
        let usual = File { passes: None, ..world.application("MAUB", &Person::senior(world, 4), 5) };
        assert_eq!(said(&world.prescriber("MAUB").does(usual), "passes_asked"), "10");
    });
}

#[test]
fn applications_are_taken_while_booklets_are_given_out() {
    on_every_engine(|world| {
        world.change_programme(|programme| programme.distribution_from = Day::new(2021, 10, 5).unwrap());
        let early = world.application("AIDES", &Person::senior(world, 1), 5);
        assert_eq!(platform(world).is_told(early), Code::DistributionClosed);
    });
}

#[test]
fn what_was_missing_completes_an_application_by_the_rules_of_that_day() {
    on_every_engine(|world| {
        platform(world).does(world.application("AIDES", &empty_handed(world, 1), 5));
        assert_eq!(world.region_admin().is_told(world.acceptance_of(1)), Code::ApplicationIncomplete);
        let whole = Person::senior(world, 1);
        let complete = |office: &str, application: i64| Complete {
            application,
            office: short_code(office),
            fingerprint: whole.fingerprint,
            situation: whole.situation.clone(),
            ground: None,
        };
        assert_eq!(world.prescriber("MAUB").is_told(complete("MAUB", 1)), Code::ApplicationUnknown, "another's");
        assert_eq!(platform(world).is_told(complete("AIDES", 9)), Code::ApplicationUnknown);
        let receipt = platform(world).does(complete("AIDES", 1));
        assert_eq!((said(&receipt, "step"), said(&receipt, "complete")), ("completed".to_owned(), "1".to_owned()));
        assert_eq!(platform(world).is_told(complete("AIDES", 1)), Code::ApplicationNotOpen);
        world.region_admin().does(world.acceptance_of(1));
        is_sound(world);
    });
}

#[test]
fn a_refusal_has_its_reason_and_leaves_the_entitlement_whole() {
    on_every_engine(|world| {
        platform(world).does(world.application("AIDES", &Person::senior(world, 1), 5));
        let refused = world.region_admin().does(refusal(1));
        assert_eq!(
            (said(&refused, "decision"), said(&refused, "reason")),
            ("refused".to_owned(), "not_eligible".to_owned())
        );
        assert_eq!(world.region_admin().is_told(refusal(1)), Code::ApplicationNotOpen);
        assert_eq!(world.region_admin().is_told(world.acceptance_of(1)), Code::ApplicationNotOpen);
        assert_eq!(world.region_admin().is_told(refusal(2)), Code::ApplicationUnknown);
        platform(world).does(world.application("AIDES", &Person::senior(world, 1), 5));
        world.region_admin().does(world.acceptance_of(2));
        is_sound(world);
    });
}

#[test]
fn a_person_has_one_booklet_of_ten_or_five_then_five() {
    on_every_engine(|world| {
        let accepted = |person: u32, passes: u32, number: i64| {
            platform(world).does(world.application("AIDES", &Person::senior(world, person), passes));
            world.region_admin().asks(world.acceptance_of(number)).unwrap().outcome
        };
        let told = |outcome| match outcome {
            recepisse::ledger::Outcome::Granted(_) => None,
            recepisse::ledger::Outcome::Refused(refusal) => Some(refusal.code),
        };
        assert_eq!(told(accepted(1, 5, 1)), None);
        let second = world.application("AIDES", &Person::senior(world, 1), 5);
        assert_eq!(platform(world).is_told(second), Code::ApplicationOpen, "the first is not in their hands yet");
        world.region_admin().does(end(1, EndReason::Withdrawn));
        assert_eq!(told(accepted(1, 10, 2)), None, "what was withdrawn is free again");
        world.region_admin().does(end(2, EndReason::Withdrawn));
        is_sound(world);
    });
}

#[test]
fn one_person_receives_by_one_channel_unless_a_second_role_says_otherwise() {
    on_every_engine(|world| {
        world.supply_maubeuge(4);
        let (maubeuge, admin) = (world.prescriber("MAUB"), world.region_admin());
        let (one, two) = (Person::senior(world, 1), Person::senior(world, 2));
        maubeuge.does(world.hand_out(&one, [1]));
        platform(world).does(world.application("AIDES", &one, 5));
        assert_eq!(admin.is_told(world.acceptance_of(1)), Code::ChannelsMixed);
        platform(world).does(world.application("AIDES", &two, 5));
        assert_eq!(maubeuge.is_told(world.hand_out(&two, [2])), Code::ApplicationOpen);
        admin.does(world.acceptance_of(2));
        assert_eq!(maubeuge.is_told(world.hand_out(&two, [2])), Code::ChannelsMixed);
        let reason = Label::parse("Deux carnets, deux formateurs : décision du 4 octobre").unwrap();
        world.region_finance().does(GrantException { fingerprint: two.fingerprint, passes: 5, reason });
        let lifted = HandOut { exception: Some(1), ..world.hand_out(&two, [2]) };
        let given = maubeuge.does(lifted);
        assert_eq!(said(&given, "exception"), "1");
        let again = HandOut { exception: Some(1), ..world.hand_out(&two, [3]) };
        assert_eq!(maubeuge.is_told(again), Code::ExceptionUsed);
        is_sound(world);
    });
}

#[test]
fn an_application_lapses_when_its_delay_has_passed_and_not_before() {
    on_every_engine(|world| {
        platform(world).does(world.application("AIDES", &empty_handed(world, 1), 5));
        platform(world).does(world.application("AIDES", &Person::senior(world, 2), 5));
        world.region_admin().does(world.acceptance_of(2));
        assert_eq!(world.region_admin().is_told(end(1, EndReason::Expired)), Code::ApplicationNotExpired);
        assert_eq!(world.prescriber("MAUB").is_told(end(1, EndReason::Withdrawn)), Code::ApplicationUnknown);
        world.clock.set(Instant::parse("2021-12-04T09:00:00.000Z").unwrap());
        let lapsed = world.region_admin().does(end(1, EndReason::Expired));
        assert_eq!((said(&lapsed, "outcome"), said(&lapsed, "passes_freed")), ("expired".to_owned(), "0".to_owned()));
        assert_eq!(world.region_admin().is_told(end(1, EndReason::Withdrawn)), Code::ApplicationNotOpen);
        assert_eq!(world.region_admin().is_told(end(2, EndReason::Expired)), Code::ApplicationNotExpired);
        let given_up = platform(world).does(end(2, EndReason::Withdrawn));
        assert_eq!(said(&given_up, "passes_freed"), "5");
        is_sound(world);
    });
}

/// As in a register that was rebuilt from an archive: what is under way is nobody's.
#[test]
fn nothing_is_granted_nor_mailed_for_an_application_that_is_nobody_s_and_it_may_end() {
    on_every_engine(|world| {
        world.stock_up(2);
        platform(world).does(world.application("AIDES", &Person::senior(world, 1), 10));
        platform(world).does(world.application("AIDES", &Person::senior(world, 2), 10));
        platform(world).does(world.application("AIDES", &empty_handed(world, 3), 10));
        let admin = world.region_admin();
        admin.does(world.acceptance_of(2));
        let nobody = match world.engine() {
            Engine::Sqlite => "zeroblob(32)",
            Engine::Postgres => "decode(repeat('00', 32), 'hex')",
        };
        let mut raw = Raw::on(&world.place);
        raw.run(&format!("UPDATE applications SET fingerprint = {nobody}; DELETE FROM people")).unwrap();
        assert_eq!(admin.is_told(world.acceptance_of(1)), Code::ApplicantUnknown);
        assert_eq!(admin.is_told(world.mailing("CMD-1", [2])), Code::ApplicantUnknown);
        let (office, situation) = (short_code("AIDES"), Person::senior(world, 3).situation);
        let complete = Complete { application: 3, office, fingerprint: [0; 32], situation, ground: None };
        assert_eq!(platform(world).is_told(complete), Code::ApplicantUnknown);
        admin.does(refusal(1));
        assert_eq!(said(&admin.does(end(2, EndReason::Withdrawn)), "passes_freed"), "10");
        platform(world).does(end(3, EndReason::Withdrawn));
        assert_eq!(raw.number("SELECT count(*) AS answer FROM people"), 0, "nothing is freed for nobody");
        is_sound(world);
    });
}

#[test]
fn two_applications_of_one_group_see_each_other() {
    on_every_engine(|world| {
        let person = Person::senior(world, 1);
        let acts: Vec<Box<dyn recepisse::domain::act::Act>> =
            vec![Box::new(world.application("AIDES", &person, 5)), Box::new(world.application("AIDES", &person, 5))];
        let answers = platform(world).asks_together(acts);
        let codes: Vec<Option<Code>> = answers.into_iter().map(|answer| answer.err().map(|no| no.code)).collect();
        assert!(codes.contains(&None) && codes.contains(&Some(Code::ApplicationOpen)), "{codes:?}");
    });
}
