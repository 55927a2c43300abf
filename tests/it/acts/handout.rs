//! Hand-outs to people, and the exceptions that a second role grants.

use recepisse::domain::distribution::DistributionRules;
use recepisse::domain::handout::{GrantException, HandOut};
use recepisse::domain::orientation::Orientation;
use recepisse::domain::party::Role;
use recepisse::domain::party::Service;
use recepisse::domain::refusal::Code;
use recepisse::domain::text::Label;
use recepisse::domain::time::Day;

use crate::harness::{Hand, Person, on_every_engine};

fn exception(person: &Person, passes: u8) -> GrantException {
    let reason = Label::parse("Carnet détruit dans un incendie").unwrap();
    GrantException { fingerprint: person.fingerprint, passes, reason }
}

#[test]
fn a_booklet_goes_into_a_persons_hands_and_the_receipt_names_nobody() {
    on_every_engine(|world| {
        let receipts = world.hand_out_at_maubeuge(1);
        let body = receipts[0].body();
        assert_eq!((body.kind.as_str(), body.total.passes, body.total.cents), ("hand_out", 10, 10_000));
        assert_eq!(body.lines[0].to, "circulation");
        let person = Person::senior(world, 1);
        assert!(receipts[0].bytes().contains(&hex::encode(person.commitment)));
        assert!(!receipts[0].bytes().contains(&hex::encode(person.fingerprint)));
        assert!(!receipts[0].bytes().contains("1955"), "no birth date");
    });
}

#[test]
fn one_person_has_one_entitlement_across_prescribers() {
    on_every_engine(|world| {
        world.supply_maubeuge(2);
        world.region_admin().does(world.order("CMD-2", 1));
        world.region_admin().does(world.delivery("CMD-2", [3]));
        world.region_finance().does(world.activation("CMD-2"));
        world.region_admin().does(world.dispatch("FOURM", 1));
        world.prescriber("FOURM").does(world.acceptance(2, "FOURM", [3]));
        let person = Person::senior(world, 1);
        world.prescriber("MAUB").does(world.hand_out(&person, [1]));
        let refusal = world.prescriber("FOURM").is_refused(world.hand_out(&person, [3]));
        assert_eq!(refusal.code, Code::EntitlementExhausted);
        assert!(!format!("{refusal:?}").contains("MAUB"), "it is not said where");
        let two = world.prescriber("MAUB").is_told(world.hand_out(&Person::senior(world, 2), [2, 2]));
        assert_eq!(two, Code::BookletNamedTwice);
    });
}

#[test]
fn an_exception_covers_one_person_once() {
    on_every_engine(|world| {
        world.supply_maubeuge(5);
        let (person, other) = (Person::senior(world, 1), Person::senior(world, 2));
        world.prescriber("MAUB").does(world.hand_out(&person, [1]));
        world.region_finance().does(exception(&person, 10));
        let with =
            |person: &Person, booklet, number| HandOut { exception: Some(number), ..world.hand_out(person, [booklet]) };
        let maubeuge = world.prescriber("MAUB");
        assert_eq!(maubeuge.is_told(with(&person, 2, 9)), Code::ExceptionUnknown);
        maubeuge.does(world.hand_out(&other, [5]));
        assert_eq!(maubeuge.is_told(with(&other, 2, 1)), Code::ExceptionUnknown, "it is another person's");
        maubeuge.does(with(&person, 2, 1));
        assert_eq!(maubeuge.is_told(with(&person, 3, 1)), Code::ExceptionUsed);
        world.region_admin().does(exception(&person, 5));
        assert_eq!(maubeuge.is_told(with(&person, 3, 2)), Code::EntitlementExhausted, "five are not ten");
    });
}

#[test]
fn an_exception_has_a_quantity() {
    on_every_engine(|world| {
        let person = Person::senior(world, 1);
        assert_eq!(world.region_admin().is_told(exception(&person, 0)), Code::QuantityOutOfRange);
        assert_eq!(world.region_admin().is_told(exception(&person, 100)), Code::QuantityOutOfRange);
    });
}

#[test]
fn a_prescriber_hands_out_what_it_holds_and_what_is_activated() {
    on_every_engine(|world| {
        world.region_admin().does(world.order("CMD-1", 3));
        world.region_admin().does(world.delivery("CMD-1", 1..=3));
        world.region_admin().does(world.dispatch("MAUB", 2));
        world.prescriber("MAUB").does(world.acceptance(1, "MAUB", 1..=2));
        let person = Person::senior(world, 1);
        let maubeuge = world.prescriber("MAUB");
        assert_eq!(maubeuge.is_told(world.hand_out(&person, [1])), Code::NotActivated);
        world.region_finance().does(world.activation("CMD-1"));
        assert_eq!(maubeuge.is_told(world.hand_out(&person, [3])), Code::BookletNotHeld);
        assert_eq!(maubeuge.is_told(world.hand_out(&person, [4])), Code::BookletUnknown);
        assert_eq!(maubeuge.is_told(world.hand_out(&person, [])), Code::SelectionEmpty);
        let hirson = world.prescriber("HIRSON");
        assert_eq!(hirson.is_told(world.hand_out(&person, [1])), Code::NoMandateInForce);
    });
}

#[test]
fn booklets_are_handed_out_within_the_distribution_window_and_their_validity() {
    on_every_engine(|world| {
        world.supply_maubeuge(1);
        let person = Person::senior(world, 1);
        let told = || world.prescriber("MAUB").is_told(world.hand_out(&person, [1]));
        world.change_programme(|programme| programme.distribution_from = Day::new(2021, 10, 5).unwrap());
        assert_eq!(told(), Code::DistributionClosed);
        world.change_programme(|programme| programme.distribution_from = Day::new(2021, 9, 1).unwrap());
        world.clock.set(recepisse::domain::time::Instant::parse("2023-04-01T00:00:00.000Z").unwrap());
        assert_eq!(told(), Code::DistributionClosed);
        world.change_programme(|programme| programme.distribution_until = Day::new(2023, 12, 31).unwrap());
        world.clock.set(recepisse::domain::time::Instant::parse("2023-07-01T00:00:00.000Z").unwrap());
        assert_eq!(told(), Code::DistributionClosed, "the passes end on 30 June");
    });
}

#[test]
fn the_rules_decide_who_is_eligible() {
    on_every_engine(|world| {
        world.supply_maubeuge(1);
        let person = Person::senior(world, 1);
        let told = |change: &dyn Fn(&mut HandOut)| {
            let mut act = world.hand_out(&person, [1]);
            change(&mut act);
            world.prescriber("MAUB").is_told(act)
        };
        assert_eq!(told(&|act| act.situation.birth = Day::new(1961, 10, 5).unwrap()), Code::NotEligible);
        assert_eq!(told(&|act| act.situation.proofs.clear()), Code::NotEligible);
        assert_eq!(told(&|act| act.situation.birth = Day::new(2021, 10, 5).unwrap()), Code::BirthDateImpossible);
        assert_eq!(told(&|act| act.ground = Some("astronaut".to_owned())), Code::GroundUnknown);
        let passport = |act: &mut HandOut| act.situation.proofs[0].kind = "passport".to_owned();
        assert_eq!(told(&passport), Code::ProofUnknown);
        let typed = |act: &mut HandOut| act.situation.statuses = ["chomeur".to_owned()].into();
        assert_eq!(told(&typed), Code::StatusUnknown);
        let mut sixty_today = world.hand_out(&person, [1]);
        sixty_today.situation.birth = Day::new(1961, 10, 4).unwrap();
        world.prescriber("MAUB").does(sixty_today);
    });
}

#[test]
fn without_rules_nobody_is_eligible() {
    on_every_engine(|world| {
        let second = world.programme_without_rules();
        let admin = Hand { programme: second, ..world.region_admin() };
        admin.does(world.order("CMD-1", 1));
        let mut delivery = world.delivery("CMD-1", [1]);
        let id = recepisse::domain::ids::BookletId::new(second, 1);
        delivery.received[0].id = id;
        admin.does(delivery);
        Hand { programme: second, ..world.region_finance() }.does(world.activation("CMD-1"));
        admin.does(world.dispatch("MAUB", 1));
        let maubeuge = Hand { programme: second, ..world.prescriber("MAUB") };
        let mut acceptance = world.acceptance(1, "MAUB", []);
        acceptance.in_transit = vec![id];
        maubeuge.does(acceptance);
        let hand_out = HandOut { booklets: vec![id], ..world.hand_out(&Person::senior(world, 1), []) };
        assert_eq!(maubeuge.is_told(hand_out), Code::RuleSetMissing);
    });
}

#[test]
fn where_the_programme_asks_for_it_only_trained_agents_hand_out() {
    on_every_engine(|world| {
        world.supply_maubeuge(2);
        let rules = DistributionRules { training_required: true, training_months: 12, ..DistributionRules::default() };
        assert!(world.write(|tx| tx.keep_distribution_rules(world.programme.no, &rules, 0)));
        let give = |booklet: u32| world.hand_out(&Person::senior(world, booklet), [booklet]);
        let maubeuge = world.prescriber("MAUB");
        assert_eq!(maubeuge.is_told(give(1)), Code::TrainingMissing);
        let agent = world.user("MAUB", Role::PrescriberAgent);
        let train = |day: &str| {
            world.write(|tx| tx.keep_training(world.programme.no, agent, Day::parse(day).unwrap()));
        };
        train("2020-10-04");
        assert_eq!(maubeuge.is_told(give(1)), Code::TrainingMissing, "a year ago is too long");
        train("2021-09-20");
        maubeuge.does(give(1));
        let other = world.newcomer("MAUB", Role::PrescriberAgent);
        assert_eq!(other.is_told(give(2)), Code::TrainingMissing, "a training is of one agent");
    });
}

#[test]
fn where_the_programme_asks_for_it_a_hand_out_says_where_to_go_or_what_for() {
    on_every_engine(|world| {
        world.supply_maubeuge(2);
        let person = Person::senior(world, 1);
        let silent = || world.hand_out(&person, [1]);
        let rules = DistributionRules { orientation_required: true, ..DistributionRules::default() };
        assert!(world.write(|tx| tx.keep_distribution_rules(world.programme.no, &rules, 0)));
        let maubeuge = world.prescriber("MAUB");
        assert_eq!(maubeuge.is_told(silent()), Code::OrientationMissing);
        let need = Some(Service::AdministrativeHelp);
        let orientation = Some(Orientation { place: None, venue: None, need });
        maubeuge.does(HandOut { orientation, ..silent() });
    });
}
