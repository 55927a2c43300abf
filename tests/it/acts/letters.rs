//! Booklets that leave by tracked letter, and what the carrier says of them: custody is always somebody's.

use std::collections::BTreeMap;

use recepisse::domain::custody::Selection;
use recepisse::domain::incidents::{DeclareLoss, LossReason};
use recepisse::domain::items::Named;
use recepisse::domain::mailing::{Fate, Mail, ReportLetters, ReturnCause};
use recepisse::domain::party::Role;
use recepisse::domain::refusal::Code;
use recepisse::domain::replacement::{Replace, ReplacementReason};
use recepisse::domain::time::Instant;
use recepisse::reports::{Request, order_end};

use super::is_sound;
use crate::conservation::balances;
use crate::harness::{Person, World, booklet_ids, on_every_engine};

fn held(world: &World, holder: &str) -> i64 {
    balances(world).iter().filter(|((of, _), _)| of == holder).map(|(_, (passes, _))| passes).sum()
}

fn report(letters: impl IntoIterator<Item = (i64, Fate)>) -> ReportLetters {
    ReportLetters { letters: letters.into_iter().collect::<BTreeMap<_, _>>() }
}

/// Booklets 1 to `booklets` of ten passes are in the store; so many people have been granted one.
fn granted(world: &World, booklets: u32, people: i64) {
    world.stock_up(booklets);
    for number in 1..=people {
        let person = Person::senior(world, u32::try_from(number).unwrap());
        world.prescriber("MAUB").does(world.application("MAUB", &person, 10));
        world.region_admin().does(world.acceptance_of(number));
    }
}

#[test]
fn a_letter_takes_a_booklet_from_the_store_to_the_person_and_it_is_spent() {
    on_every_engine(|world| {
        granted(world, 3, 2);
        let mailed = world.region_admin().does(world.mailing("CMD-1", [1, 2]));
        let body = mailed.body();
        assert_eq!((body.kind.as_str(), body.lines[0].to.as_str(), body.total.booklets), ("mailing", "transit:1", 2));
        assert!(mailed.bytes().contains(&format!("1 {}; 2 {}", world.serial(1), world.serial(2))));
        assert_eq!((held(world, "store"), held(world, "transit:1")), (10, 20));
        let spend = || world.redeem("Maubeuge", world.codes(1, [1]));
        assert_eq!(world.venue_agent("LIEUX").is_told(spend()), Code::NotHandedOut, "it is still in the post");
        let arrived = world.region_admin().does(report([(1, Fate::Delivered(world.day()))]));
        assert_eq!(
            (arrived.body().lines[0].from.as_str(), arrived.body().lines[0].to.as_str()),
            ("transit:1", "circulation")
        );
        world.venue_agent("LIEUX").does(spend());
        assert_eq!((held(world, "transit:1"), held(world, "circulation")), (10, 9));
        // What came by letter was handed out, what is in the post was not: found on the sheet of the end of an order.
        let request = Request::new(world.programme.code.clone(), world.day());
        let end = order_end(&world.store, &request, "CMD-1").unwrap().unwrap();
        assert_eq!((end.handed_out.booklets, end.not_handed_out.booklets), (1, 2));
        is_sound(world);
    });
}

#[test]
fn a_letter_that_comes_back_is_in_the_store_by_receipt_and_may_leave_again() {
    on_every_engine(|world| {
        granted(world, 2, 1);
        world.region_admin().does(world.mailing("CMD-1", [1]));
        let back = world.region_admin().does(report([(1, Fate::Returned(ReturnCause::UnknownAtAddress))]));
        assert_eq!(back.body().lines[0].to, "store");
        assert!(back.bytes().contains("unknown_at_address"));
        assert_eq!((held(world, "store"), held(world, "transit:1")), (20, 0));
        let told = world.region_admin().is_told(report([(1, Fate::Delivered(world.day()))]));
        assert_eq!(told, Code::LetterNotOnItsWay);
        world.region_admin().does(world.mailing("CMD-1", [1]));
        world.clock.set(Instant::parse("2021-10-08T09:00:00.000Z").unwrap());
        let day = recepisse::domain::time::Day::new(2021, 10, 6).unwrap();
        world.region_admin().does(report([(1, Fate::Delivered(day))]));
        let mut spend = world.redeem("Maubeuge", world.codes(1, [1]));
        spend.performed_on = day;
        world.venue_agent("LIEUX").does(spend.clone());
        spend.codes = world.codes(1, [2]);
        spend.performed_on = recepisse::domain::time::Day::new(2021, 10, 5).unwrap();
        assert_eq!(world.venue_agent("LIEUX").is_told(spend), Code::PerformedBeforeHandOut);
        is_sound(world);
    });
}

#[test]
fn a_letter_that_is_lost_is_declared_and_another_leaves() {
    on_every_engine(|world| {
        granted(world, 2, 1);
        world.region_admin().does(world.mailing("CMD-1", [1]));
        assert_eq!(world.region_admin().is_told(world.mailing("CMD-1", [1])), Code::ApplicationNotOpen);
        let items = Named { booklets: booklet_ids(world, [1]), passes: Vec::new() };
        let (reason, noticed_on) = (LossReason::LostInPost, world.day());
        world.region_admin().does(DeclareLoss { items, reason, noticed_on, complaint: None, stock_take: None });
        let told = world.region_admin().is_told(report([(1, Fate::Delivered(world.day()))]));
        assert_eq!(told, Code::LetterNotOnItsWay);
        world.region_admin().does(world.mailing("CMD-1", [1]));
        world.region_admin().does(report([(1, Fate::Delivered(world.day()))]));
        assert_eq!((held(world, "lost"), held(world, "circulation")), (10, 10));
        is_sound(world);
    });
}

#[test]
fn only_what_was_granted_is_mailed_in_the_size_granted_and_only_the_carrier_closes_it() {
    on_every_engine(|world| {
        granted(world, 3, 1);
        let admin = world.region_admin();
        assert_eq!(admin.is_told(world.mailing("CMD-1", [])), Code::SelectionEmpty);
        let everybody = |order| Mail { are_all_who_wait: true, ..world.mailing(order, []) };
        assert_eq!(admin.is_told(everybody("CMD-1")), Code::NobodyWaitsForOrder);
        assert_eq!(admin.is_told(everybody("CMD-9")), Code::OrderUnknown);
        assert_eq!(admin.is_told(world.mailing("CMD-1", 1..=2000)), Code::QuantityOutOfRange);
        assert_eq!(admin.is_told(world.mailing("CMD-9", [1])), Code::OrderUnknown);
        assert_eq!(admin.is_told(world.mailing("CMD-1", [2])), Code::ApplicationUnknown);
        assert_eq!(admin.is_told(world.mailing("CMD-1", [1, 2, 3, 4])), Code::NotEnoughBooklets);
        let platform = world.hand("AIDES", Role::Platform);
        platform.does(world.application("AIDES", &Person::senior(world, 2), 5));
        assert_eq!(admin.is_told(world.mailing("CMD-1", [2])), Code::ApplicationNotOpen);
        admin.does(world.acceptance_of(2));
        assert_eq!(admin.is_told(world.mailing("CMD-1", [2])), Code::BookletSizeDiffers);
        admin.does(world.mailing("CMD-1", [1]));
        let mut called_back = world.acceptance(1, "MAUB", [1]);
        called_back.receiver = recepisse::domain::party::Holder::Store;
        assert_eq!(admin.is_told(called_back), Code::DispatchUnknown);
        assert_eq!(admin.is_told(report([])), Code::SelectionEmpty);
        assert_eq!(admin.is_told(report([(9, Fate::Delivered(world.day()))])), Code::ApplicationUnknown);
        for day in [world.day().plus_days(1), world.day().minus_months(1)] {
            assert_eq!(admin.is_told(report([(1, Fate::Delivered(day))])), Code::LetterDateImpossible);
        }
        let all = Selection::Count { booklets: 2, order: None };
        admin.does(recepisse::domain::custody::SendBooklets { booklets: all, ..world.dispatch("MAUB", 2) });
        is_sound(world);
    });
}

#[test]
fn a_mailed_booklet_is_replaced_like_any_other() {
    on_every_engine(|world| {
        granted(world, 2, 1);
        world.region_admin().does(world.mailing("CMD-1", [1]));
        world.region_admin().does(report([(1, Fate::Delivered(world.day()))]));
        world.region_admin().does(world.dispatch("MAUB", 1));
        world.prescriber("MAUB").does(world.acceptance(2, "MAUB", [2]));
        let person = Person::senior(world, 1);
        let replace = |who: &Person| Replace {
            original: booklet_ids(world, [1])[0],
            replacement: booklet_ids(world, [2])[0],
            fingerprint: who.fingerprint,
            commitment: who.commitment,
            nonce: None,
            reason: ReplacementReason::Damaged,
        };
        let other = Person::senior(world, 2);
        assert_eq!(world.prescriber("MAUB").is_told(replace(&other)), Code::BeneficiaryDiffers);
        world.prescriber("MAUB").does(replace(&person));
        is_sound(world);
    });
}

#[test]
fn the_letters_of_a_sending_are_one_receipt_and_so_is_what_became_of_them() {
    on_every_engine(|world| {
        world.stock_up(60);
        let applications = 1..=60_i64;
        for number in applications.clone() {
            let person = Person::senior(world, u32::try_from(number).unwrap());
            world.prescriber("MAUB").does(world.application("MAUB", &person, 10));
            world.region_admin().does(world.acceptance_of(number));
        }
        let mailed = world.region_admin().does(world.mailing("CMD-1", applications.clone()));
        assert_eq!(mailed.body().total.booklets, 60);
        let fates = applications.map(|number| match number % 3 {
            0 => (number, Fate::Returned(ReturnCause::Unclaimed)),
            _ => (number, Fate::Delivered(world.day())),
        });
        world.region_admin().does(report(fates));
        assert_eq!((held(world, "circulation"), held(world, "store"), held(world, "transit:1")), (400, 200, 0));
        is_sound(world);
    });
}
