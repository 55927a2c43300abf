//! Dispatches, acceptances and returns.

use recepisse::domain::acceptance::Accept;
use recepisse::domain::custody::{ReturnBooklets, ReturnReason, Selection, SendBooklets};
use recepisse::domain::party::Holder;
use recepisse::domain::refusal::Code;
use recepisse::domain::time::Day;

use crate::conservation::balances;
use crate::harness::{World, booklet_ids, on_every_engine, reference, short_code};

fn named(world: &World, to: &str, numbers: impl IntoIterator<Item = u32>) -> SendBooklets {
    SendBooklets { booklets: Selection::Named(booklet_ids(world, numbers)), ..world.dispatch(to, 1) }
}

fn returned(booklets: u32) -> ReturnBooklets {
    ReturnBooklets {
        booklets: Selection::Count { booklets, order: None },
        reason: ReturnReason::Unused,
        from: Holder::Prescriber(short_code("MAUB")),
    }
}

fn passes(world: &World, holder: &str) -> i64 {
    balances(world).iter().filter(|((of, _), _)| of == holder).map(|(_, (passes, _))| passes).sum()
}

#[test]
fn booklets_are_in_transit_until_the_receiver_takes_them() {
    on_every_engine(|world| {
        world.stock_up(10);
        world.region_admin().does(world.dispatch("MAUB", 6));
        assert_eq!((passes(world, "store"), passes(world, "transit:1")), (40, 60));
        let mut part = world.acceptance(1, "MAUB", 1..=6);
        part.accepted = Some(booklet_ids(world, 1..=2));
        world.prescriber("MAUB").does(part);
        assert_eq!((passes(world, "transit:1"), passes(world, "prescriber:MAUB")), (40, 20));
        let mut rest = world.acceptance(1, "MAUB", 1..=6);
        rest.missing = booklet_ids(world, [3]);
        rest.damaged = booklet_ids(world, [4]);
        let open = || {
            let maubeuge = Holder::Prescriber(short_code("MAUB"));
            world.store.read(|tx| tx.open_dispatches_to(world.programme.no, &maubeuge)).unwrap().len()
        };
        world.prescriber("MAUB").does(rest);
        assert_eq!(open(), 1, "one booklet is missing");
        let mut found = world.acceptance(1, "MAUB", [3]);
        found.damaged = booklet_ids(world, [3]);
        assert_eq!((passes(world, "transit:1"), passes(world, "prescriber:MAUB")), (10, 40));
        assert_eq!(passes(world, "blocked"), 10);
        world.prescriber("MAUB").does(found);
        assert_eq!(open(), 0, "what has arrived in whole is not on its way any more");
    });
}

#[test]
fn a_prescriber_passes_booklets_on_to_another() {
    on_every_engine(|world| {
        world.supply_maubeuge(3);
        let from = Holder::Prescriber(short_code("MAUB"));
        world.prescriber("MAUB").does(SendBooklets { from, ..world.dispatch("FOURM", 2) });
        world.prescriber("FOURM").does(world.acceptance(2, "FOURM", 1..=2));
        assert_eq!((passes(world, "prescriber:MAUB"), passes(world, "prescriber:FOURM")), (10, 20));
    });
}

#[test]
fn what_comes_back_is_in_transit_until_the_region_takes_it() {
    on_every_engine(|world| {
        world.supply_maubeuge(3);
        world.prescriber("MAUB").does(returned(2));
        assert_eq!(passes(world, "transit:2"), 20);
        let back = Accept { receiver: Holder::Store, ..world.acceptance(2, "MAUB", 1..=2) };
        world.region_admin().does(back);
        assert_eq!((passes(world, "store"), passes(world, "prescriber:MAUB")), (20, 10));
    });
}

#[test]
fn no_custody_without_a_mandate_in_force() {
    on_every_engine(|world| {
        world.stock_up(2);
        assert_eq!(world.region_admin().is_told(world.dispatch("HIRSON", 1)), Code::NoMandateInForce);
        world.region_admin().does(world.dispatch("MAUB", 1));
        world.change_mandate("MAUB", |mandate| mandate.revoked_on = Some(Day::new(2021, 10, 4).unwrap()));
        assert_eq!(world.region_admin().is_told(world.dispatch("MAUB", 1)), Code::NoMandateInForce);
        let taken = world.prescriber("MAUB").is_told(world.acceptance(1, "MAUB", [1]));
        assert_eq!(taken, Code::NoMandateInForce);
    });
}

#[test]
fn a_mandate_agreement_waits_for_the_accountant() {
    on_every_engine(|world| {
        world.stock_up(1);
        world.change_mandate("MAUB", |mandate| mandate.accountant_opinion_on = None);
        assert_eq!(world.region_admin().is_told(world.dispatch("MAUB", 1)), Code::NoMandateInForce);
    });
}

#[test]
fn what_is_on_the_way_counts_against_the_ceiling_in_booklets_and_in_cents() {
    on_every_engine(|world| {
        world.stock_up(10);
        world.change_mandate("MAUB", |mandate| mandate.ceiling_booklets = 4);
        world.region_admin().does(world.dispatch("MAUB", 3));
        assert_eq!(world.region_admin().is_told(world.dispatch("MAUB", 2)), Code::MandateCeilingExceeded);
        world.prescriber("MAUB").does(world.acceptance(1, "MAUB", 1..=3));
        assert_eq!(world.region_admin().is_told(world.dispatch("MAUB", 2)), Code::MandateCeilingExceeded);
        world.change_mandate("MAUB", |mandate| {
            mandate.ceiling_booklets = 200;
            mandate.ceiling = recepisse::domain::money::Cents::new(49_999);
        });
        assert_eq!(world.region_admin().is_told(world.dispatch("MAUB", 2)), Code::MandateCeilingExceeded);
        world.region_admin().does(world.dispatch("MAUB", 1));
    });
}

#[test]
fn a_dispatch_names_its_booklets_by_count_or_one_by_one() {
    on_every_engine(|world| {
        world.stock_up(5);
        let admin = world.region_admin();
        assert_eq!(admin.is_told(world.dispatch("MAUB", 0)), Code::SelectionEmpty);
        assert_eq!(admin.is_told(named(world, "MAUB", [])), Code::SelectionEmpty);
        assert_eq!(admin.is_told(world.dispatch("MAUB", 6)), Code::NotEnoughBooklets);
        assert_eq!(admin.is_told(named(world, "MAUB", [6])), Code::BookletUnknown);
        assert_eq!(admin.is_told(named(world, "MAUB", [2, 2])), Code::BookletNamedTwice);
        admin.does(named(world, "MAUB", [2, 4]));
        assert_eq!(admin.is_told(named(world, "MAUB", [4])), Code::BookletNotHeld);
        let of_order = Selection::Count { booklets: 1, order: Some(reference("CMD-9")) };
        assert_eq!(admin.is_told(SendBooklets { booklets: of_order, ..world.dispatch("MAUB", 1) }), Code::OrderUnknown);
    });
}

#[test]
fn a_booklet_of_another_programme_is_unknown_here() {
    on_every_engine(|world| {
        world.stock_up(1);
        let second = world.second_programme();
        let there = crate::harness::Hand { programme: second, ..world.region_admin() };
        assert_eq!(there.is_told(named(world, "MAUB", [1])), Code::BookletUnknown, "{}", world.engine());
    });
}

#[test]
fn a_count_may_be_taken_from_one_order() {
    on_every_engine(|world| {
        world.stock_up(2);
        world.region_admin().does(world.order("CMD-2", 2));
        world.region_admin().does(world.delivery("CMD-2", 3..=4));
        let of_second = Selection::Count { booklets: 2, order: Some(reference("CMD-2")) };
        let receipt = world.region_admin().does(SendBooklets { booklets: of_second, ..world.dispatch("MAUB", 1) });
        assert_eq!(receipt.body().lines[0].batch, "2-1");
    });
}

#[test]
fn booklets_go_to_a_prescriber_other_than_the_sender() {
    on_every_engine(|world| {
        world.supply_maubeuge(2);
        assert_eq!(world.region_admin().is_told(world.dispatch("LIEUX", 1)), Code::PrescriberUnknown);
        let from = Holder::Prescriber(short_code("MAUB"));
        let to_oneself = SendBooklets { from, ..world.dispatch("MAUB", 1) };
        assert_eq!(world.prescriber("MAUB").is_told(to_oneself), Code::SameHolder);
        let of_the_store = ReturnBooklets { from: Holder::Store, ..returned(1) };
        assert_eq!(world.prescriber("MAUB").is_told(of_the_store), Code::BookletNotHeld);
    });
}

#[test]
fn nobody_moves_what_another_holds_whatever_the_act_says() {
    on_every_engine(|world| {
        world.stock_up(3);
        let from_store = SendBooklets { from: Holder::Store, ..world.dispatch("FOURM", 1) };
        assert_eq!(world.prescriber("MAUB").is_told(from_store), Code::BookletNotHeld);
        world.region_admin().does(world.dispatch("MAUB", 2));
        let for_another = world.acceptance(1, "MAUB", 1..=2);
        assert_eq!(world.prescriber("FOURM").is_told(for_another), Code::BookletNotHeld);
    });
}

#[test]
fn the_sender_takes_back_what_nobody_has_accepted() {
    on_every_engine(|world| {
        world.stock_up(3);
        world.region_admin().does(world.dispatch("MAUB", 2));
        let recall = Accept { receiver: Holder::Store, ..world.acceptance(1, "MAUB", 1..=2) };
        let receipt = world.region_admin().does(recall);
        assert_eq!(receipt.body().lines[0].to, "store");
        assert!(receipt.body().mentions.contains_key("recall"));
        assert_eq!(world.prescriber("MAUB").is_told(world.acceptance(1, "MAUB", 1..=2)), Code::DispatchClosed);
    });
}

#[test]
fn a_ceiling_lowered_on_the_way_holds_at_acceptance() {
    on_every_engine(|world| {
        world.stock_up(3);
        world.region_admin().does(world.dispatch("MAUB", 2));
        world.change_mandate("MAUB", |mandate| mandate.ceiling_booklets = 1);
        let both = world.acceptance(1, "MAUB", 1..=2);
        assert_eq!(world.prescriber("MAUB").is_told(both), Code::MandateCeilingExceeded);
    });
}

#[test]
fn a_prescriber_whose_mandate_ended_sends_to_the_region_only() {
    on_every_engine(|world| {
        world.supply_maubeuge(2);
        world.change_mandate("MAUB", |mandate| mandate.revoked_on = Some(world.day()));
        let onward = SendBooklets { from: Holder::Prescriber(short_code("MAUB")), ..world.dispatch("FOURM", 1) };
        assert_eq!(world.prescriber("MAUB").is_told(onward), Code::NoMandateInForce);
        world.prescriber("MAUB").does(returned(1));
    });
}

#[test]
fn only_the_receiver_of_a_dispatch_accepts_it_and_only_what_is_in_it() {
    on_every_engine(|world| {
        world.stock_up(3);
        world.region_admin().does(world.dispatch("MAUB", 2));
        let (maubeuge, fourmies) = (world.prescriber("MAUB"), world.prescriber("FOURM"));
        assert_eq!(fourmies.is_told(world.acceptance(1, "FOURM", 1..=2)), Code::DispatchUnknown);
        assert_eq!(maubeuge.is_told(world.acceptance(9, "MAUB", 1..=2)), Code::DispatchUnknown);
        let mut other = world.acceptance(1, "MAUB", 1..=2);
        other.missing = booklet_ids(world, [3]);
        assert_eq!(maubeuge.is_told(other), Code::BookletNotInDispatch);
        let mut twice = world.acceptance(1, "MAUB", 1..=2);
        twice.missing = booklet_ids(world, [1]);
        twice.damaged = booklet_ids(world, [1]);
        assert_eq!(maubeuge.is_told(twice), Code::BookletNamedTwice);
        let mut nothing = world.acceptance(1, "MAUB", 1..=2);
        nothing.missing = booklet_ids(world, 1..=2);
        assert_eq!(maubeuge.is_told(nothing), Code::SelectionEmpty);
        maubeuge.does(world.acceptance(1, "MAUB", 1..=2));
        assert_eq!(maubeuge.is_told(world.acceptance(1, "MAUB", 1..=2)), Code::DispatchClosed);
    });
}
