//! The end of an order: suspension, prorogation, expiry, credit note; and stock-takes.

use recepisse::domain::ends::{Expire, Prorogue, Scope, Suspend, SuspensionReason, TakeCredit};
use recepisse::domain::incidents::{Block, BlockReason, DeclareLoss, LossReason};
use recepisse::domain::items::Named;
use recepisse::domain::money::Cents;
use recepisse::domain::party::{Holder, Role};
use recepisse::domain::refusal::Code;
use recepisse::domain::stock_take::TakeStock;
use recepisse::domain::text::ReceiptNumber;
use recepisse::domain::time::{Day, Instant};
use recepisse::receipts::Mention;
use recepisse::reports::{Request, Value, open};

use super::is_sound;
use crate::conservation::balances;
use crate::harness::{Person, World, booklet_ids, on_every_engine, reference, short_code};

fn suspend(scope: Scope) -> Suspend {
    Suspend { orders: vec![reference("CMD-1")], scope, reason: Some(SuspensionReason::IssuerFailure) }
}

fn expire() -> Expire {
    Expire { order: reference("CMD-1"), most: 20_000 }
}

fn credit(world: &World, cents: i64) -> TakeCredit {
    let (order, credit_note) = (reference("CMD-1"), reference("AV-2023-7"));
    TakeCredit { order, credit_note, received_on: world.day(), amount: Cents::new(cents), items: Named::default() }
}

/// The morning of a day.
fn wake_on(world: &World, day: &str) {
    let then = Instant::parse(&format!("{day}T07:30:00.000Z")).unwrap();
    world.clock.advance_seconds((then.millis() - world.now().millis()) / 1000);
}

fn held(world: &World, holder: &str) -> i64 {
    balances(world).iter().filter(|((of, _), _)| of == holder).map(|(_, (passes, _))| passes).sum()
}

fn named(world: &World, numbers: impl IntoIterator<Item = u32>) -> Named {
    Named { booklets: booklet_ids(world, numbers), passes: Vec::new() }
}

#[test]
fn a_suspended_order_is_neither_handed_out_nor_spent_until_it_goes_on() {
    on_every_engine(|world| {
        world.supply_maubeuge(3);
        let person = Person::senior(world, 1);
        world.prescriber("MAUB").does(world.hand_out(&person, [1]));
        world.region_admin().does(suspend(Scope::HandOuts));
        let second = Person::senior(world, 2);
        assert_eq!(world.prescriber("MAUB").is_told(world.hand_out(&second, [2])), Code::HandOutsSuspended);
        let spend = |rank| world.redeem("Maubeuge", world.codes(1, [rank]));
        world.venue_agent("LIEUX").does(spend(1));
        assert_eq!(world.region_admin().is_told(suspend(Scope::HandOuts)), Code::AlreadySuspended);
        world.region_admin().does(suspend(Scope::Everything));
        assert_eq!(world.venue_agent("LIEUX").is_told(spend(2)), Code::RedemptionsSuspended);
        let go_on = |scope| Suspend { reason: None, ..suspend(scope) };
        world.region_finance().does(go_on(Scope::Everything));
        assert_eq!(world.region_finance().is_told(go_on(Scope::Redemptions)), Code::NotSuspended);
        world.venue_agent("LIEUX").does(spend(2));
        world.prescriber("MAUB").does(world.hand_out(&second, [2]));
        let unknown = Suspend { orders: vec![reference("CMD-9")], ..suspend(Scope::Everything) };
        assert_eq!(world.region_admin().is_told(unknown), Code::OrderUnknown);
        let nothing = Suspend { orders: Vec::new(), ..suspend(Scope::Everything) };
        assert_eq!(world.region_admin().is_told(nothing), Code::QuantityOutOfRange);
        is_sound(world);
    });
}

#[test]
fn a_prorogued_order_is_spent_after_its_first_end() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        let prorogue = |day: Day| Prorogue { order: reference("CMD-1"), validity_end: day };
        let finance = world.region_finance();
        let first_end = Day::new(2023, 6, 30).unwrap();
        assert_eq!(finance.is_told(prorogue(first_end)), Code::ProrogationNotLater);
        assert_eq!(finance.is_told(prorogue(Day::new(2190, 1, 1).unwrap())), Code::QuantityOutOfRange);
        let receipt = finance.does(prorogue(Day::new(2023, 12, 31).unwrap()));
        assert_eq!(receipt.body().mentions["grace_end"], Mention::Text("2024-01-30".to_owned()));
        wake_on(world, "2024-01-30");
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, [1])));
        assert_eq!(finance.is_told(expire()), Code::NotExpiredYet);
        wake_on(world, "2024-01-31");
        assert_eq!(world.venue_agent("LIEUX").is_told(world.redeem("Maubeuge", world.codes(1, [2]))), Code::Expired);
        finance.does(expire());
        assert_eq!(finance.is_told(prorogue(Day::new(2024, 12, 31).unwrap())), Code::OrderExpired);
        is_sound(world);
    });
}

/// Found by a year of exactly as many booklets as one act takes: its receipt announced another that could not follow.
#[test]
fn an_expiry_of_just_as_many_as_are_left_announces_no_other() {
    on_every_engine(|world| {
        world.region_admin().does(world.order("CMD-1", 3));
        world.region_admin().does(world.delivery("CMD-1", 1..=3));
        world.region_finance().does(world.activation("CMD-1"));
        wake_on(world, "2023-07-31");
        let finance = world.region_finance();
        for (most, more) in [(2, true), (1, false)] {
            let part = finance.does(Expire { most, ..expire() });
            assert_eq!(part.body().mentions.contains_key("more"), more, "{}", part.bytes());
        }
        assert_eq!(finance.is_told(expire()), Code::NothingToExpire);
    });
}

#[test]
fn what_is_left_expires_wherever_it_is_and_is_credited_to_the_cent() {
    on_every_engine(|world| {
        world.region_admin().does(world.order("CMD-1", 8));
        world.region_admin().does(world.delivery("CMD-1", 1..=8));
        world.region_finance().does(world.activation("CMD-1"));
        world.region_admin().does(world.dispatch("MAUB", 5));
        world.prescriber("MAUB").does(world.acceptance(1, "MAUB", 1..=5));
        for number in [1, 2, 3] {
            world.prescriber("MAUB").does(world.hand_out(&Person::senior(world, number), [number]));
        }
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, 1..=4)));
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(2, 1..=10)));
        let one = Named { booklets: Vec::new(), passes: vec![booklet_ids(world, [1])[0].pass(10)] };
        world.region_admin().does(Block { items: one, reason: BlockReason::Precaution });
        let (items, noticed_on) = (named(world, [4]), world.day());
        let (reason, complaint, stock_take) = (LossReason::Stolen, None, None);
        world.prescriber("MAUB").does(DeclareLoss { items, reason, noticed_on, complaint, stock_take });
        world.region_admin().does(world.dispatch("FOURM", 1));
        let finance = world.region_finance();
        assert_eq!(finance.is_told(expire()), Code::NotExpiredYet);
        assert_eq!(finance.is_told(Expire { most: 0, ..expire() }), Code::QuantityOutOfRange);
        wake_on(world, "2023-07-31");
        assert_eq!(finance.is_told(credit(world, 1)), Code::NothingToCredit);
        let part = finance.does(Expire { most: 3, ..expire() });
        assert_eq!(part.body().mentions["more"], Mention::Number(1));
        let rest = finance.does(expire());
        assert!(!rest.body().mentions.contains_key("more"), "{}", rest.bytes());
        assert_eq!(finance.is_told(expire()), Code::NothingToExpire);
        // 80 passes were bought and 14 spent.
        assert_eq!((held(world, "expired"), held(world, "provider:LIEUX")), (66, 14));
        let told = finance.is_refused(credit(world, 66_001));
        assert_eq!((told.code, told.field.as_deref()), (Code::CreditDiffers, Some("amount_cents")));
        let tomorrow = TakeCredit { received_on: world.day().plus_days(1), ..credit(world, 66_000) };
        assert_eq!(finance.is_told(tomorrow), Code::DateInFuture);
        let credited = finance.does(credit(world, 66_000));
        assert_eq!((credited.body().total.passes, credited.body().total.cents), (66, 66_000));
        assert_eq!(finance.is_told(credit(world, 66_000)), Code::NothingToCredit);
        assert_eq!((held(world, "expired"), held(world, "credited")), (0, 66));
        let cancelled = world.venue_agent("LIEUX").is_told(world.redeem("Maubeuge", world.codes(3, [1])));
        assert_eq!(cancelled, Code::Cancelled);
        is_sound(world);
    });
}

#[test]
fn the_parts_of_the_funders_sum_to_the_order_to_the_cent() {
    on_every_engine(|world| {
        let funder = |name: &str, basis_points| recepisse::domain::programme::FundingShare {
            funder: recepisse::domain::text::Label::parse(name).unwrap(),
            basis_points,
        };
        let funding = vec![funder("État", 3333), funder("Région", 3333), funder("Europe", 3334)];
        let order = recepisse::domain::supply::PlaceOrder { funding, ..world.order("CMD-1", 1) };
        world.region_admin().does(order);
        world.region_admin().does(world.delivery("CMD-1", 1..=1));
        world.region_finance().does(world.activation("CMD-1"));
        world.region_admin().does(world.dispatch("MAUB", 1));
        world.prescriber("MAUB").does(world.acceptance(1, "MAUB", [1]));
        world.prescriber("MAUB").does(world.hand_out(&Person::senior(world, 1), [1]));
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, 1..=3)));
        wake_on(world, "2023-07-31");
        world.region_finance().does(expire());
        world.region_finance().does(credit(world, 7_000));
        let request = Request::new(world.programme.code.clone(), world.day());
        let mut report = open("funders", &world.store, &request).unwrap();
        let mut sums = [0_i64; 6];
        let mut rows = 0;
        while let Some(page) = (report.pages)().unwrap() {
            for row in page {
                rows += 1;
                for (sum, value) in sums.iter_mut().zip(&row[3..9]) {
                    let Value::Cents(cents) = value else { panic!("{value:?}") };
                    *sum += cents.get();
                }
            }
        }
        assert_eq!((rows, sums), (3, [10_000, 3_000, 0, 7_000, 7_000, 15_000]), "{}", world.engine());
    });
}

#[test]
fn a_stock_take_says_what_is_missing_and_the_loss_names_it() {
    on_every_engine(|world| {
        world.supply_maubeuge(5);
        world.region_admin().does(world.order("CMD-2", 1));
        world.region_admin().does(world.delivery("CMD-2", 6..=6));
        let count = |numbers: &[u32]| TakeStock {
            holder: Holder::Prescriber(short_code("MAUB")),
            prescriber: None,
            counted_on: world.day(),
            counted: booklet_ids(world, numbers.iter().copied()),
        };
        let maubeuge = world.prescriber("MAUB");
        let taken = maubeuge.does(count(&[1, 2, 4, 5, 6]));
        let said = |name: &str| taken.body().mentions[name].clone();
        assert_eq!((said("expected_booklets"), said("expected_passes")), (Mention::Number(5), Mention::Number(50)));
        assert_eq!(
            (said("missing"), said("surplus")),
            (Mention::Text(world.serial(3)), Mention::Text(world.serial(6)))
        );
        let stock_take = Some(ReceiptNumber::parse(&taken.body().number).unwrap());
        let (items, noticed_on, complaint) = (named(world, [3]), world.day(), None);
        let reason = LossReason::MissingAtStockTake;
        maubeuge.does(DeclareLoss { items, reason, noticed_on, complaint, stock_take });
        let by_region = TakeStock { prescriber: Some(world.organisation("MAUB")), ..count(&[1, 2, 4, 5]) };
        let again = world.hand("HDF", Role::RegionAdmin).does(by_region.clone());
        assert_eq!(again.body().mentions["missing_booklets"], Mention::Number(0));
        let store = TakeStock { holder: Holder::Store, ..count(&[6]) };
        world.region_admin().does(store.clone());
        assert_eq!(maubeuge.is_told(store), Code::PrescriberUnknown);
        assert_eq!(world.prescriber("FOURM").is_told(by_region), Code::PrescriberUnknown);
        assert_eq!(maubeuge.is_told(count(&[9])), Code::BookletUnknown);
        assert_eq!(maubeuge.is_told(count(&[1, 1])), Code::BookletNamedTwice);
        let tomorrow = TakeStock { counted_on: world.day().plus_days(1), ..count(&[1]) };
        assert_eq!(maubeuge.is_told(tomorrow), Code::DateInFuture);
        is_sound(world);
    });
}
