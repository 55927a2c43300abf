//! Reminders: of whoever agreed, by whoever handed out, a few times, until they come; and the contacts that have served.

use std::collections::BTreeMap;

use recepisse::domain::act::Act;
use recepisse::domain::applications::{Decide, Decision, End, EndReason, File, RefusalReason};
use recepisse::domain::erasure::{Erase, Whom};
use recepisse::domain::follow_up::{Channel, Consent, FollowUpRules, Remind, Revoke};
use recepisse::domain::handout::HandOut;
use recepisse::domain::mailing::{Fate, ReportLetters};
use recepisse::domain::party::Role;
use recepisse::domain::refusal::Code;
use recepisse::due;
use recepisse::receipts::Mention;

use super::is_sound;
use crate::harness::{Person, Raw, World, on_every_engine, second_opinion};

/// The number of the hand-out of a booklet to somebody who agrees.
fn agreed(world: &World, person: u32) -> String {
    let follow_up = Some(Consent { channel: Channel::Letter, contact: b"closed".to_vec(), nonce: None });
    let act = HandOut { follow_up, ..world.hand_out(&Person::senior(world, person), [person]) };
    world.prescriber("MAUB").does(act).body().number.clone()
}

fn remind(hand_out: &str) -> Remind {
    Remind { hand_out: hand_out.to_owned() }
}

fn revoke(hand_out: &str) -> Revoke {
    Revoke { hand_out: hand_out.to_owned() }
}

fn served(world: &World, most: u32) -> Erase {
    Erase { whom: Whom::Served { on: world.day(), most } }
}

#[test]
fn who_agreed_is_reminded_as_often_as_the_rules_say_and_nobody_else() {
    on_every_engine(|world| {
        world.supply_maubeuge(4);
        let (maubeuge, fourmies) = (world.prescriber("MAUB"), world.prescriber("FOURM"));
        let rules = FollowUpRules { reminders: 1, ..FollowUpRules::default() };
        world.write(|tx| tx.keep_follow_up_rules(world.programme.no, rules, 0).map(|_| ()));
        let silent = maubeuge.does(world.hand_out(&Person::senior(world, 1), [1])).body().number.clone();
        let agreed = agreed(world, 2);
        world.clock.advance_days(13);
        assert_eq!(maubeuge.is_told(remind(&silent)), Code::FollowUpNotAgreed);
        assert_eq!(maubeuge.is_told(remind("HDF21-MAUB-2021-009999")), Code::FollowUpNotAgreed);
        assert_eq!(fourmies.is_told(remind(&agreed)), Code::FollowUpNotAgreed);
        assert_eq!(maubeuge.is_told(remind(&agreed)), Code::ReminderTooSoon);
        world.clock.advance_days(1);
        maubeuge.does(remind(&agreed));
        world.clock.advance_days(30);
        assert_eq!(maubeuge.is_told(remind(&agreed)), Code::RemindersExhausted);
        assert_eq!(fourmies.is_told(revoke(&agreed)), Code::FollowUpNotAgreed);
        world.region_admin().does(revoke(&agreed));
        assert_eq!(maubeuge.is_told(revoke(&agreed)), Code::FollowUpNotAgreed);
        is_sound(world);
        second_opinion(world);
    });
}

#[test]
fn a_contact_is_erased_once_it_has_served_by_whoever_erases_each_day() {
    on_every_engine(|world| {
        world.supply_maubeuge(4);
        let (maubeuge, admin) = (world.prescriber("MAUB"), world.region_admin());
        let (came, waits) = (agreed(world, 1), agreed(world, 2));
        world.clock.advance_days(20);
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, [1])));
        assert_eq!(maubeuge.is_told(remind(&came)), Code::FollowUpOver);
        assert_eq!(admin.is_told(served(world, 10)), Code::NothingToErase);
        let late = Erase { whom: Whom::Served { on: world.day().plus_days(1), most: 10 } };
        assert_eq!(admin.is_told(late), Code::ErasureTooEarly);
        assert_eq!(admin.is_told(served(world, 0)), Code::QuantityOutOfRange);
        world.clock.advance_days(8);
        assert_eq!(due::overdue(&world.store, &world.programme, world.day()).unwrap().contacts, 1);
        let caller = due::caller(
            &world.store,
            &world.keys,
            "region_admin@hdf.example",
            recepisse::domain::movement::Kind::Erasure,
        );
        let caller = caller.unwrap().unwrap();
        let erased = due::erase((&world.ledger, &world.store), &caller, &world.programme, world.day()).unwrap();
        assert_eq!(erased.len(), 1);
        assert_eq!(maubeuge.is_told(revoke(&came)), Code::FollowUpNotAgreed);
        maubeuge.does(remind(&waits));
        // Six months after the hand-out nobody is to be reminded any more.
        world.clock.advance_days(160);
        assert_eq!(maubeuge.is_told(remind(&waits)), Code::FollowUpOver);
        admin.does(served(world, 1));
        assert_eq!(admin.is_told(served(world, 1)), Code::NothingToErase);
        is_sound(world);
        second_opinion(world);
    });
}

#[test]
fn acts_of_one_group_see_what_the_ones_before_have_written() {
    on_every_engine(|world| {
        world.supply_maubeuge(3);
        let agreed = agreed(world, 1);
        world.clock.advance_days(20);
        let answers = world.prescriber("MAUB").asks_together(vec![
            Box::new(remind(&agreed)),
            Box::new(remind(&agreed)),
            Box::new(revoke(&agreed)),
            Box::new(remind(&agreed)),
        ]);
        let told: Vec<Option<Code>> =
            answers.into_iter().map(|answer| answer.err().map(|refusal| refusal.code)).collect();
        let expected = [None, Some(Code::ReminderTooSoon), None, Some(Code::FollowUpNotAgreed)];
        assert_eq!(told, expected, "{}", world.engine());
        is_sound(world);
    });
}

/// Whoever applied and agreed is reminded from the day on which the letter reached them: by whoever filed, and by the Region
/// where a machine did.
#[test]
fn an_applicant_who_agreed_is_reminded_once_the_letter_has_reached_them() {
    on_every_engine(|world| {
        world.stock_up(3);
        let (maubeuge, admin) = (world.prescriber("MAUB"), world.region_admin());
        let file = |office: &'static str, role: Role, person: u32| {
            let consent = Consent { channel: Channel::Phone, contact: b"closed".to_vec(), nonce: Some([9; 32]) };
            let act = world.application(office, &Person::senior(world, person), 10);
            let receipt = world.hand(office, role).does(File { follow_up: Some(consent), ..act });
            assert_eq!(receipt.body().mentions["follow_up"], Mention::Text("phone".to_owned()));
            receipt.body().number.clone()
        };
        let (desk, machine) = (file("MAUB", Role::PrescriberAgent, 1), file("AIDES", Role::Platform, 2));
        let refused = file("MAUB", Role::PrescriberAgent, 3);
        assert_eq!(maubeuge.is_told(remind(&desk)), Code::FollowUpOver, "nothing has come yet");
        admin.does(world.acceptance_of(1));
        admin.does(world.acceptance_of(2));
        let decision = Decision::Refuse(RefusalReason::NoneLeft);
        let refusal = admin.does(Decide { application: 3, decision });
        assert_eq!(refusal.body().mentions["contacts"], Mention::Number(1));
        assert_eq!(maubeuge.is_told(revoke(&refused)), Code::FollowUpNotAgreed, "the refusal took the contact with it");
        admin.does(world.mailing("CMD-1", [1, 2]));
        world.clock.advance_days(20);
        assert_eq!(maubeuge.is_told(remind(&desk)), Code::FollowUpOver, "it is in the post");
        let delivered = BTreeMap::from([1, 2].map(|number| (number, Fate::Delivered(world.day()))));
        admin.does(ReportLetters { letters: delivered });
        assert_eq!(maubeuge.is_told(remind(&desk)), Code::ReminderTooSoon, "the days count from the letter");
        world.clock.advance_days(14);
        maubeuge.does(remind(&desk));
        assert_eq!(maubeuge.is_told(remind(&machine)), Code::FollowUpNotAgreed);
        assert_eq!(admin.is_told(remind(&desk)), Code::FollowUpNotAgreed);
        admin.does(remind(&machine));
        // Who came needs no reminder.
        assert_eq!(admin.is_told(served(world, 10)), Code::NothingToErase);
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, [1])));
        assert_eq!(maubeuge.is_told(remind(&desk)), Code::FollowUpOver);
        admin.does(revoke(&machine));
        is_sound(world);
        second_opinion(world);
    });
}

/// The consent was to be reminded of a booklet: where none will come, the act that says so deletes the contact, and what it was
/// closed under. Also where both were written in one group.
#[test]
fn the_contact_of_an_applicant_goes_with_the_application_that_comes_to_nothing() {
    on_every_engine(|world| {
        let (maubeuge, admin) = (world.prescriber("MAUB"), world.region_admin());
        let file = |person: u32, agrees: bool| {
            let consent = Consent { channel: Channel::Phone, contact: b"closed".to_vec(), nonce: Some([9; 32]) };
            let act = world.application("MAUB", &Person::senior(world, person), 10);
            File { follow_up: agrees.then_some(consent), ..act }
        };
        let end = |application: i64| End { application, reason: EndReason::Withdrawn };
        let kept = || {
            let mut rows = Raw::on(&world.place);
            let contacts = rows.texts("SELECT hand_out AS answer FROM follow_ups").len();
            let nonces = "SELECT number AS answer FROM commitment_nonces";
            let own = rows.texts(nonces).into_iter().flatten().filter(|number| number.ends_with("follow-up")).count();
            (contacts, own)
        };
        let agreed = maubeuge.does(file(1, true)).body().number.clone();
        maubeuge.does(file(2, false));
        assert_eq!(kept(), (1, 1), "{}", world.engine());
        let ended = maubeuge.does(end(1));
        assert_eq!(ended.body().mentions["contacts"], Mention::Number(1));
        assert_eq!((kept(), maubeuge.is_told(remind(&agreed))), ((0, 0), Code::FollowUpNotAgreed));
        let silent = admin.does(Decide { application: 2, decision: Decision::Refuse(RefusalReason::NoneLeft) });
        assert!(!silent.body().mentions.contains_key("contacts"), "there was none");
        let together: Vec<Box<dyn Act>> = vec![Box::new(file(3, true)), Box::new(end(3))];
        assert!(maubeuge.asks_together(together).iter().all(Result::is_ok));
        assert_eq!(kept(), (0, 0), "{}", world.engine());
        // What is accepted keeps it, and gives it up with the reservation.
        maubeuge.does(file(4, true));
        let accepted = admin.does(world.acceptance_of(4));
        assert!(!accepted.body().mentions.contains_key("contacts"));
        assert_eq!(kept(), (1, 1));
        maubeuge.does(end(4));
        assert_eq!(kept(), (0, 0));
        is_sound(world);
        second_opinion(world);
    });
}
