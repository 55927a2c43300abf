//! Oppositions, losses, what brings passes back, and replacements.

use recepisse::domain::custody::Selection;
use recepisse::domain::incidents::{Block, BlockReason, BringBack, DeclareLoss, LossReason, ReleaseReason};
use recepisse::domain::items::Named;
use recepisse::domain::movement::Kind;
use recepisse::domain::party::Role;
use recepisse::domain::refusal::Code;
use recepisse::domain::replacement::{Replace, ReplacementReason};
use recepisse::domain::text::ReceiptNumber;
use recepisse::receipts::{Mention, Receipt};

use super::is_sound;
use crate::conservation::balances;
use crate::harness::{Hand, Person, World, booklet_ids, on_every_engine, reference};

fn booklets(world: &World, numbers: impl IntoIterator<Item = u32>) -> Named {
    Named { booklets: booklet_ids(world, numbers), passes: Vec::new() }
}

fn passes(world: &World, booklet: u32, ranks: impl IntoIterator<Item = u8>) -> Named {
    let of = booklet_ids(world, [booklet])[0];
    Named { booklets: Vec::new(), passes: ranks.into_iter().map(|rank| of.pass(rank)).collect() }
}

const fn block(items: Named) -> Block {
    Block { items, reason: BlockReason::SuspectedFraud }
}

fn loss(world: &World, items: Named) -> DeclareLoss {
    let complaint = Some(reference("PV-2021-118"));
    DeclareLoss { items, reason: LossReason::Stolen, noticed_on: world.day(), complaint, stock_take: None }
}

fn back(kind: Kind, receipt: &Receipt) -> BringBack {
    let number = ReceiptNumber::parse(&receipt.body().number).unwrap();
    BringBack { kind, number, items: Named::default(), reason: ReleaseReason::ClearedUp }
}

fn replacement(world: &World, person: &Person, original: u32, replacement: u32) -> Replace {
    Replace {
        original: booklet_ids(world, [original])[0],
        replacement: booklet_ids(world, [replacement])[0],
        fingerprint: person.fingerprint,
        commitment: person.commitment,
        nonce: None,
        reason: ReplacementReason::Lost,
    }
}

fn held(world: &World, holder: &str) -> i64 {
    balances(world).iter().filter(|((of, _), _)| of == holder).map(|(_, (passes, _))| passes).sum()
}

fn colleague(world: &World) -> Hand<'_> {
    world.hand("HDF", Role::RegionFinance)
}

#[test]
fn what_is_blocked_is_not_spent_until_a_second_person_unblocks_it() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(2);
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, [1])));
        let blocked = world.region_admin().does(block(booklets(world, [1])));
        assert_eq!((held(world, "blocked"), held(world, "circulation")), (9, 10));
        let spend = || world.redeem("Maubeuge", world.codes(1, [2]));
        assert_eq!(world.venue_agent("LIEUX").is_told(spend()), Code::Blocked);
        assert_eq!(world.region_admin().is_told(back(Kind::Unblock, &blocked)), Code::SecondPersonNeeded);
        let freed = colleague(world).does(back(Kind::Unblock, &blocked));
        assert_eq!(freed.body().corrects.as_deref(), Some(&*blocked.body().number));
        assert_eq!(freed.body().lines[0].to, "circulation");
        assert_eq!(colleague(world).is_told(back(Kind::Unblock, &blocked)), Code::NothingToBringBack);
        world.venue_agent("LIEUX").does(spend());
        is_sound(world);
    });
}

#[test]
fn single_passes_are_blocked_and_come_back_to_their_booklet() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        let blocked = world.region_admin().does(block(passes(world, 1, [2, 3])));
        assert_eq!((blocked.body().total.booklets, blocked.body().total.passes), (0, 2));
        let spend = |rank| world.redeem("Maubeuge", world.codes(1, [rank]));
        assert_eq!(world.venue_agent("LIEUX").is_told(spend(2)), Code::Blocked);
        world.venue_agent("LIEUX").does(spend(1));
        let one = BringBack { items: passes(world, 1, [3]), ..back(Kind::Unblock, &blocked) };
        colleague(world).does(one.clone());
        assert_eq!(colleague(world).is_told(one), Code::NotTakenByReceipt);
        world.venue_agent("LIEUX").does(spend(3));
        colleague(world).does(back(Kind::Unblock, &blocked));
        assert_eq!((held(world, "blocked"), held(world, "circulation")), (0, 8));
        is_sound(world);
    });
}

#[test]
fn a_redemption_undone_while_the_booklet_is_blocked_gives_the_pass_back_to_the_person() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        let spent = world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, [1])));
        let blocked = world.region_admin().does(block(booklets(world, [1])));
        let number = ReceiptNumber::parse(&spent.body().number).unwrap();
        let reason = recepisse::domain::redemption::ReversalReason::WrongPass;
        world.venue_agent("LIEUX").does(recepisse::domain::redemption::Reverse { number, reason });
        assert_eq!((held(world, "blocked"), held(world, "circulation")), (9, 1));
        is_sound(world);
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, [1])));
        colleague(world).does(back(Kind::Unblock, &blocked));
        is_sound(world);
    });
}

#[test]
fn what_was_damaged_on_arrival_is_brought_back_to_the_store_or_to_its_way() {
    on_every_engine(|world| {
        world.region_admin().does(world.order("CMD-1", 3));
        let mut delivery = world.delivery("CMD-1", 1..=3);
        delivery.damaged = booklet_ids(world, [3]);
        let delivered = world.region_admin().does(delivery);
        world.region_admin().does(world.dispatch("MAUB", 2));
        let mut acceptance = world.acceptance(1, "MAUB", 1..=2);
        acceptance.damaged = booklet_ids(world, [2]);
        let accepted = world.prescriber("MAUB").does(acceptance);
        assert_eq!(held(world, "blocked"), 20);
        let good = colleague(world).does(back(Kind::Unblock, &delivered));
        assert_eq!(good.body().lines[0].to, "store");
        let good = world.region_admin().does(back(Kind::Unblock, &accepted));
        assert_eq!(good.body().lines[0].to, "transit:1");
        world.prescriber("MAUB").does(world.acceptance(1, "MAUB", [2]));
        assert_eq!((held(world, "store"), held(world, "prescriber:MAUB")), (10, 20));
        is_sound(world);
    });
}

#[test]
fn stock_that_is_stolen_is_lost_by_range_and_found_by_a_counter_act() {
    on_every_engine(|world| {
        world.supply_maubeuge(6);
        let lost = world.prescriber("MAUB").does(loss(world, booklets(world, 2..=5)));
        assert_eq!(lost.body().lines[0].items, [format!("{}..{}", world.serial(2), world.serial(5))]);
        assert_eq!(lost.body().mentions["complaint"], Mention::Text("PV-2021-118".to_owned()));
        assert_eq!((held(world, "lost"), held(world, "prescriber:MAUB")), (40, 20));
        let person = Person::senior(world, 1);
        assert_eq!(world.prescriber("MAUB").is_told(world.hand_out(&person, [2])), Code::BookletNotHeld);
        let some =
            BringBack { items: booklets(world, 2..=3), reason: ReleaseReason::FoundAgain, ..back(Kind::Found, &lost) };
        world.region_admin().does(some);
        assert_eq!((held(world, "lost"), held(world, "prescriber:MAUB")), (20, 40));
        world.prescriber("MAUB").does(world.hand_out(&person, [2]));
        assert_eq!(colleague(world).is_told(back(Kind::Unblock, &lost)), Code::WithdrawalUnknown);
        is_sound(world);
    });
}

#[test]
fn a_lost_booklet_is_told_at_the_venue_and_what_was_spent_before_stays_spent() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, [1, 2])));
        world.prescriber("MAUB").does(loss(world, booklets(world, [1])));
        assert_eq!((held(world, "lost"), held(world, "provider:LIEUX")), (8, 2));
        let refusal = world.venue_agent("LIEUX").is_refused(world.redeem("Maubeuge", world.codes(1, [3])));
        assert_eq!(refusal.code, Code::Lost);
        assert_eq!(world.prescriber("MAUB").is_told(loss(world, passes(world, 1, [1]))), Code::NotInUse);
        is_sound(world);
    });
}

#[test]
fn a_prescriber_declares_only_what_it_has_or_handed_out() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        world.region_admin().does(world.order("CMD-2", 2));
        world.region_admin().does(world.delivery("CMD-2", 2..=3));
        let fourmies = world.prescriber("FOURM");
        assert_eq!(fourmies.is_told(loss(world, booklets(world, [1]))), Code::BookletNotHeld);
        assert_eq!(fourmies.is_told(loss(world, booklets(world, [2]))), Code::BookletNotHeld);
        let tomorrow = DeclareLoss { noticed_on: world.day().plus_days(1), ..loss(world, booklets(world, [1])) };
        assert_eq!(world.prescriber("MAUB").is_told(tomorrow), Code::DateInFuture);
        world.region_admin().does(loss(world, booklets(world, [2])));
        is_sound(world);
    });
}

#[test]
fn what_is_named_must_be_there_and_named_once() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(2);
        let admin = world.region_admin();
        assert_eq!(admin.is_told(block(Named::default())), Code::SelectionEmpty);
        assert_eq!(admin.is_told(block(booklets(world, [9]))), Code::BookletUnknown);
        assert_eq!(admin.is_told(block(passes(world, 1, [11]))), Code::PassUnknown);
        assert_eq!(admin.is_told(block(passes(world, 1, [1, 1]))), Code::CodeRepeated);
        let twice = Named { passes: passes(world, 1, [1]).passes, ..booklets(world, [1]) };
        assert_eq!(admin.is_told(block(twice)), Code::CodeRepeated);
        admin.does(block(booklets(world, [1])));
        assert_eq!(admin.is_told(block(booklets(world, [1]))), Code::NotInUse);
        let unknown = BringBack {
            number: ReceiptNumber::parse("HDF21-HDF-2021-000099").unwrap(),
            ..back(Kind::Unblock, &admin.does(block(booklets(world, [2]))))
        };
        assert_eq!(colleague(world).is_told(unknown), Code::WithdrawalUnknown);
    });
}

#[test]
fn a_lost_booklet_is_replaced_by_as_many_passes_as_were_left() {
    on_every_engine(|world| {
        world.supply_maubeuge(3);
        let person = Person::senior(world, 1);
        let given = world.prescriber("MAUB").does(world.hand_out(&person, [1]));
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, 1..=3)));
        let maubeuge = world.prescriber("MAUB");
        assert_eq!(maubeuge.is_told(replacement(world, &person, 1, 2)), Code::LossNotDeclared);
        let lost = maubeuge.does(loss(world, booklets(world, [1])));
        let other = Person::senior(world, 2);
        assert_eq!(maubeuge.is_told(replacement(world, &other, 1, 2)), Code::BeneficiaryDiffers);
        let replaced = maubeuge.does(replacement(world, &person, 1, 2));
        assert_eq!(replaced.body().mentions["original"], Mention::Text(world.serial(1)));
        assert_eq!(replaced.body().mentions["original_receipt"], Mention::Text(given.body().number.clone()));
        let account = ["blocked", "lost", "circulation", "prescriber:MAUB", "provider:LIEUX"];
        assert_eq!(account.map(|holder| held(world, holder)), [10, 0, 7, 10, 3]);
        let venue = world.venue_agent("LIEUX");
        venue.does(world.redeem("Maubeuge", world.codes(2, 1..=7)));
        assert_eq!(venue.is_told(world.redeem("Maubeuge", world.codes(2, [8]))), Code::Blocked);
        assert_eq!(venue.is_told(world.redeem("Maubeuge", world.codes(1, [4]))), Code::Blocked);
        // For ever: neither the loss nor the replacement gives the original back.
        assert_eq!(colleague(world).is_told(back(Kind::Found, &lost)), Code::NothingToBringBack);
        assert_eq!(colleague(world).is_told(back(Kind::Unblock, &replaced)), Code::WithdrawalUnknown);
        // The entitlement is what it was.
        assert_eq!(maubeuge.is_told(world.hand_out(&person, [3])), Code::EntitlementExhausted);
        is_sound(world);
    });
}

#[test]
fn what_replaced_a_booklet_can_be_replaced_itself() {
    on_every_engine(|world| {
        world.supply_maubeuge(3);
        let person = Person::senior(world, 1);
        let maubeuge = world.prescriber("MAUB");
        maubeuge.does(world.hand_out(&person, [1]));
        let torn =
            |original, by| Replace { reason: ReplacementReason::Damaged, ..replacement(world, &person, original, by) };
        maubeuge.does(torn(1, 2));
        assert_eq!(maubeuge.is_told(torn(1, 3)), Code::NotInUse);
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(2, 1..=2)));
        maubeuge.does(torn(2, 3));
        assert_eq!((held(world, "blocked"), held(world, "circulation")), (20, 8));
        is_sound(world);
    });
}

#[test]
fn only_a_booklet_that_was_handed_out_is_replaced_and_by_one_that_may_be() {
    on_every_engine(|world| {
        world.supply_maubeuge(3);
        let person = Person::senior(world, 1);
        let maubeuge = world.prescriber("MAUB");
        maubeuge.does(world.hand_out(&person, [1]));
        maubeuge.does(loss(world, booklets(world, [1, 2])));
        assert_eq!(maubeuge.is_told(replacement(world, &person, 2, 3)), Code::NotHandedOut);
        assert_eq!(maubeuge.is_told(replacement(world, &person, 9, 3)), Code::BookletUnknown);
        assert_eq!(maubeuge.is_told(replacement(world, &person, 1, 2)), Code::BookletNotHeld);
        let small = recepisse::domain::supply::PlaceOrder { passes_per_booklet: 5, ..world.order("CMD-2", 2) };
        world.region_admin().does(small);
        world.region_admin().does(world.delivery_of("CMD-2", 4..=5, 5));
        let of_second = Selection::Count { booklets: 2, order: Some(reference("CMD-2")) };
        let sent = recepisse::domain::custody::SendBooklets { booklets: of_second, ..world.dispatch("MAUB", 2) };
        world.region_admin().does(sent);
        maubeuge.does(world.acceptance(2, "MAUB", 4..=5));
        assert_eq!(maubeuge.is_told(replacement(world, &person, 1, 4)), Code::NotActivated);
        world.region_finance().does(world.activation("CMD-2"));
        assert_eq!(maubeuge.is_told(replacement(world, &person, 1, 4)), Code::ReplacementTooSmall);
        maubeuge.does(replacement(world, &person, 1, 3));
        is_sound(world);
    });
}

/// What happens in one group is seen by the next act of it.
#[test]
fn a_booklet_blocked_twice_comes_back_by_the_last_receipt_only() {
    on_every_engine(|world| {
        world.stock_up(2);
        let first = world.region_admin().does(block(booklets(world, [1, 2])));
        colleague(world).does(BringBack { items: booklets(world, [1]), ..back(Kind::Unblock, &first) });
        let second = colleague(world).does(block(booklets(world, [1])));
        let left = colleague(world).does(back(Kind::Unblock, &first));
        assert_eq!(left.body().lines[0].items, [world.serial(2)]);
        world.region_admin().does(back(Kind::Unblock, &second));
        assert_eq!(held(world, "store"), 20);
        is_sound(world);
    });
}
