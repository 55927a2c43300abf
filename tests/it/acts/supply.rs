//! Orders, deliveries and activation.

use recepisse::domain::money::Cents;
use recepisse::domain::programme::FundingShare;
use recepisse::domain::refusal::Code;
use recepisse::domain::supply::PlaceOrder;
use recepisse::domain::text::Label;
use recepisse::domain::time::Day;

use crate::conservation::balances;
use crate::harness::{Hand, World, booklet_ids, on_every_engine};

#[test]
fn an_order_reserves_serials_and_moves_nothing() {
    on_every_engine(|world| {
        let receipt = world.region_admin().does(world.order("CMD-1", 500));
        assert_eq!(receipt.body().kind, "order");
        assert!(receipt.body().lines.is_empty());
        world.region_admin().does(world.order("CMD-2", 5));
        let journal = world.journal(world.programme.no);
        assert_eq!((journal.counters.order, journal.counters.booklet), (2, 505));
    });
}

#[test]
fn booklets_of_five_passes_are_as_good_as_booklets_of_ten() {
    on_every_engine(|world| {
        let order = PlaceOrder { passes_per_booklet: 5, ..world.order("CMD-1", 2) };
        world.region_admin().does(order);
        let receipt = world.region_admin().does(world.delivery_of("CMD-1", 1..=2, 5));
        assert_eq!((receipt.body().total.passes, receipt.body().total.cents), (10, 10_000));
    });
}

#[test]
fn an_end_of_validity_beyond_a_lifetime_is_a_typing_error() {
    order(|_, order| order.validity_end = Day::parse("2199-12-31").unwrap(), Code::QuantityOutOfRange);
}

fn order(change: impl Fn(&World, &mut PlaceOrder), expected: Code) {
    on_every_engine(|world| {
        let mut order = world.order("CMD-1", 10);
        change(world, &mut order);
        assert_eq!(world.region_admin().is_told(order), expected, "{}", world.engine());
    });
}

#[test]
fn an_order_number_is_used_once() {
    on_every_engine(|world| {
        world.region_admin().does(world.order("CMD-1", 1));
        assert_eq!(world.region_admin().is_told(world.order("CMD-1", 1)), Code::OrderNumberTaken);
    });
}

#[test]
fn an_order_is_not_dated_in_the_future() {
    order(|_, order| order.ordered_on = Day::new(2021, 10, 5).unwrap(), Code::DateInFuture);
}

#[test]
fn the_validity_of_an_order_is_still_to_come() {
    order(|_, order| order.validity_end = Day::new(2021, 10, 3).unwrap(), Code::ValidityEndPast);
}

#[test]
fn the_face_value_of_an_order_is_that_of_the_programme() {
    order(|_, order| order.face_value = Cents::new(999), Code::FaceValueDiffers);
}

#[test]
fn quantities_have_their_range() {
    order(|_, order| order.booklets = 0, Code::QuantityOutOfRange);
    order(|_, order| order.booklets = 1_000_001, Code::QuantityOutOfRange);
    order(|_, order| order.passes_per_booklet = 0, Code::QuantityOutOfRange);
    order(|_, order| order.passes_per_booklet = 100, Code::QuantityOutOfRange);
    order(|_, order| order.fees = Cents::new(-1), Code::QuantityOutOfRange);
    order(|_, order| order.fees = Cents::new(10_000_000_001), Code::QuantityOutOfRange);
    order(|_, order| order.fees = Cents::new(i64::MAX), Code::QuantityOutOfRange);
}

#[test]
fn funding_shares_make_a_whole() {
    let share = |name: &str, basis_points| FundingShare { funder: Label::parse(name).unwrap(), basis_points };
    order(|_, order| order.funding = vec![share("État", 9_999)], Code::FundingSharesWrong);
    order(|_, order| order.funding = vec![], Code::FundingSharesWrong);
    order(|_, order| order.funding = vec![share("État", 5_000), share("État", 5_000)], Code::FundingSharesWrong);
    order(|_, order| order.funding = vec![share("État", u32::MAX), share("X", 10_001)], Code::FundingSharesWrong);
}

#[test]
fn an_order_goes_to_an_issuer() {
    order(|world, order| order.issuer = world.organisation("MAUB"), Code::IssuerUnknown);
}

#[test]
fn damaged_booklets_are_taken_in_charge_and_blocked_and_missing_ones_may_come_later() {
    on_every_engine(|world| {
        world.region_admin().does(world.order("CMD-1", 5));
        let mut delivery = world.delivery("CMD-1", 1..=4);
        delivery.damaged = booklet_ids(world, [2]);
        delivery.missing = booklet_ids(world, [5]);
        let receipt = world.region_admin().does(delivery);
        assert_eq!(receipt.body().total.booklets, 4);
        world.region_admin().does(world.delivery("CMD-1", [5]));
        let found = balances(world);
        let at = |holder: &str, batch: &str| found[&(holder.to_owned(), batch.to_owned())];
        assert_eq!(at("store", "1-1"), (30, 30_000));
        assert_eq!(at("blocked", "1-1"), (10, 10_000));
        assert_eq!(at("store", "1-2"), (10, 10_000));
    });
}

#[test]
fn a_delivery_belongs_to_an_order() {
    on_every_engine(|world| {
        assert_eq!(world.region_admin().is_told(world.delivery("CMD-9", [1])), Code::OrderUnknown);
    });
}

#[test]
fn a_delivery_is_not_dated_in_the_future() {
    on_every_engine(|world| {
        world.region_admin().does(world.order("CMD-1", 1));
        let mut delivery = world.delivery("CMD-1", [1]);
        delivery.delivered_on = Day::new(2021, 10, 5).unwrap();
        assert_eq!(world.region_admin().is_told(delivery), Code::DateInFuture);
    });
}

#[test]
fn a_delivery_brings_booklets_of_its_order_each_once() {
    on_every_engine(|world| {
        world.region_admin().does(world.order("CMD-1", 3));
        let admin = world.region_admin();
        assert_eq!(admin.is_told(world.delivery("CMD-1", [])), Code::SelectionEmpty);
        assert_eq!(admin.is_told(world.delivery("CMD-1", [3, 4])), Code::BookletNotInOrder);
        assert_eq!(admin.is_told(world.delivery("CMD-1", [1, 1])), Code::BookletNamedTwice);
        let mut both = world.delivery("CMD-1", [1, 2]);
        both.missing = booklet_ids(world, [2]);
        assert_eq!(admin.is_told(both), Code::BookletNamedTwice);
        let mut elsewhere = world.delivery("CMD-1", [1]);
        elsewhere.damaged = booklet_ids(world, [2]);
        assert_eq!(admin.is_told(elsewhere), Code::BookletNotInOrder);
        admin.does(world.delivery("CMD-1", [1]));
        assert_eq!(admin.is_told(world.delivery("CMD-1", [1, 2])), Code::BookletAlreadyDelivered);
    });
}

#[test]
fn every_pass_has_a_code_of_its_own() {
    on_every_engine(|world| {
        world.region_admin().does(world.order("CMD-1", 3));
        world.region_admin().does(world.delivery("CMD-1", [1]));
        let mut known = world.delivery("CMD-1", [2]);
        known.received[0].code_macs[4] = world.code(1, 1);
        assert_eq!(world.region_admin().is_told(known), Code::CodeTaken);
        let mut twice = world.delivery("CMD-1", [2, 3]);
        twice.received[1].code_macs[0] = twice.received[0].code_macs[0];
        assert_eq!(world.region_admin().is_told(twice), Code::CodeTaken);
        let mut short = world.delivery("CMD-1", [2]);
        short.received[0].code_macs.pop();
        assert_eq!(world.region_admin().is_told(short), Code::QuantityOutOfRange);
    });
}

#[test]
fn a_code_of_another_programme_is_taken_too() {
    on_every_engine(|world| {
        world.stock_up(1);
        let second = Hand { programme: world.second_programme(), ..world.region_admin() };
        second.does(world.order("CMD-1", 1));
        let mut delivery = world.delivery("CMD-1", [1]);
        for new in &mut delivery.received {
            new.id = recepisse::domain::ids::BookletId::new(second.programme, 1);
        }
        assert_eq!(second.is_told(delivery), Code::CodeTaken, "{}", world.engine());
    });
}

#[test]
fn an_order_is_activated_once_and_after_a_delivery() {
    on_every_engine(|world| {
        let finance = world.region_finance();
        assert_eq!(finance.is_told(world.activation("CMD-1")), Code::OrderUnknown);
        world.region_admin().does(world.order("CMD-1", 1));
        assert_eq!(finance.is_told(world.activation("CMD-1")), Code::OrderNotDelivered);
        world.region_admin().does(world.delivery("CMD-1", [1]));
        finance.does(world.activation("CMD-1"));
        assert_eq!(finance.is_told(world.activation("CMD-1")), Code::OrderAlreadyActivated);
    });
}
