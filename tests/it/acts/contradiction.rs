//! An issuer's list of an order, held against the ledger pass by pass. `RECEPISSE_LIST_BOOKLETS=66100` compares an order of so
//! many booklets instead of ten thousand and one, and says what it takes.

use std::collections::BTreeMap;
use std::time::Instant;

use recepisse::domain::act::{Act as _, Context};
use recepisse::domain::contradiction::{IssuerList, MOST_DIFFERING, PassState, StateContradiction};
use recepisse::domain::facts::{Needs, Stamp};
use recepisse::domain::ids::{BookletId, PassId};
use recepisse::domain::incidents::{Block, BlockReason};
use recepisse::domain::items::Named;
use recepisse::domain::movement;
use recepisse::domain::order_places::Span;
use recepisse::domain::programme::Order;
use recepisse::domain::redemption::{ReversalReason, Reverse};
use recepisse::domain::refusal::Code;
use recepisse::domain::text::ReceiptNumber;
use recepisse::ledger::{SubmitError, prefetch};
use recepisse::receipts::Mention;
use recepisse::reports::{Request, Value, open};

use super::is_sound;
use crate::harness::{World, booklet_ids, on_every_engine, reference};

fn order(world: &World, number: &str) -> Order {
    let orders: Result<_, recepisse::store::StoreError> = world.store.read(|tx| tx.orders(world.programme.no));
    orders.unwrap().into_iter().find(|order| order.number == reference(number)).unwrap()
}

fn list_of(world: &World, number: &str, passes: impl IntoIterator<Item = (PassId, PassState)>) -> StateContradiction {
    let mut said = IssuerList::of(&order(world, number)).unwrap();
    passes.into_iter().for_each(|(pass, state)| said.say(pass, state).unwrap());
    StateContradiction { order: reference(number), file_hash: "a5".repeat(32), said }
}

/// A list of order CMD-1, of two booklets.
fn list(world: &World, said: impl IntoIterator<Item = (PassId, PassState)>) -> StateContradiction {
    list_of(world, "CMD-1", said)
}

/// What the report says of each pass: serial, gap, state now, and the receipt that resolved it.
fn differences(world: &World) -> Vec<(String, String, String, Option<String>)> {
    let mut report =
        open("order-differences", &world.store, &Request::new(world.programme.code.clone(), world.day())).unwrap();
    let place = |name: &str| report.columns.iter().position(|column| column.name == name).unwrap();
    let places = ["serial", "gap", "ledger_now", "decided_by"].map(place);
    let text = |value: &Value| if let Value::Text(text) = value { Some(text.clone()) } else { None };
    let rows = (report.pages)().unwrap().unwrap_or_default();
    let read = |row: &Vec<Value>| {
        let [serial, gap, now, by] = places.map(|place| text(&row[place]));
        (serial.unwrap(), gap.unwrap(), now.unwrap(), by)
    };
    rows.iter().map(read).collect()
}

#[test]
fn what_the_issuer_says_otherwise_is_named_pass_by_pass_and_resolved_by_acts() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(2);
        let venue = world.venue_agent("LIEUX");
        venue.does(world.redeem("Maubeuge", world.codes(1, [1])));
        let second = venue.does(world.redeem("Maubeuge", world.codes(1, [2])));
        let first = booklet_ids(world, [1])[0];
        let said = (1..=10)
            .map(|rank| (first.pass(rank), if matches!(rank, 1 | 3) { PassState::Used } else { PassState::Unused }));
        let act = list(world, said);
        let receipt = world.region_finance().does(act.clone());
        let mentions = &receipt.body().mentions;
        let counts =
            ["listed_passes", "agreed_passes", "differing_passes", "differing_cents", "ledger_used", "issuer_used"];
        let counted: Vec<&Mention> = counts.iter().map(|name| &mentions[*name]).collect();
        assert_eq!(counted, [10, 8, 12, 12_000, 2, 2].map(Mention::Number).iter().collect::<Vec<_>>());
        let serial = world.serial(1);
        let gaps = format!(
            "spent_here used unused {serial}/02; spent_there unused used {serial}/03; unlisted unused - {}",
            world.serial(2)
        );
        assert_eq!(mentions["gaps"], Mention::Text(gaps), "{}", world.engine());
        is_sound(world);
        let open = differences(world);
        assert_eq!(open.len(), 12);
        assert!(open.iter().all(|(.., by)| by.is_none()));

        let number = ReceiptNumber::parse(&second.body().number).unwrap();
        let undone = venue.does(Reverse { number, reason: ReversalReason::WrongPass });
        let spent = venue.does(world.redeem("Maubeuge", world.codes(1, [3])));
        let resolved: BTreeMap<String, Option<String>> =
            differences(world).into_iter().map(|(serial, .., by)| (serial, by)).collect();
        let by = |receipt: &recepisse::receipts::Receipt| Some(receipt.body().number.clone());
        assert_eq!(resolved[&format!("{serial}/02")], by(&undone));
        assert_eq!(resolved[&format!("{serial}/03")], by(&spent));
        assert_eq!(resolved[&format!("{}/01", world.serial(2))], None);

        let whole = list(
            world,
            (1..=2).flat_map(|booklet| {
                let id = booklet_ids(world, [booklet])[0];
                (1..=10).map(move |rank| {
                    (
                        id.pass(rank),
                        if booklet == 1 && matches!(rank, 1 | 3) { PassState::Paid } else { PassState::Expired },
                    )
                })
            }),
        );
        let agreed = world.region_finance().does(whole);
        assert_eq!(agreed.body().mentions["differing_passes"], Mention::Number(0));
        assert!(!agreed.body().mentions.contains_key("gaps"));
        assert!(differences(world).is_empty(), "a later list takes the place of the first");
        is_sound(world);
    });
}

#[test]
fn a_list_is_of_one_order_and_of_passes_that_are_there() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(2);
        let finance = world.region_finance();
        let first = booklet_ids(world, [1])[0];
        let act = list(world, [(first.pass(1), PassState::Used)]);
        assert!(matches!(world.region_admin().asks(act.clone()), Err(SubmitError::Forbidden)));
        let other = StateContradiction { order: reference("CMD-9"), ..act.clone() };
        assert_eq!(finance.is_told(other), Code::OrderUnknown);
        world.region_admin().does(world.order("CMD-2", 1));
        let second = booklet_ids(world, [3])[0];
        let narrow = list_of(world, "CMD-2", [(second.pass(1), PassState::Used)]);
        assert_eq!(
            finance.is_told(StateContradiction { order: reference("CMD-1"), ..narrow.clone() }),
            Code::OrderUnknown
        );
        assert_eq!(finance.is_told(narrow), Code::PassUnknown, "it was not delivered");
        assert_eq!(finance.is_told(list(world, [])), Code::SelectionEmpty);
        let mut said = IssuerList::of(&order(world, "CMD-1")).unwrap();
        for beyond in [first.pass(11), second.pass(1)] {
            assert_eq!(said.say(beyond, PassState::Used).unwrap_err().code, Code::PassUnknown);
        }
        said.say(first.pass(1), PassState::Used).unwrap();
        assert_eq!(said.say(first.pass(1), PassState::Used).unwrap_err().code, Code::PassNamedTwice);
    });
}

#[test]
fn what_was_moved_in_the_same_group_is_compared_where_it_is_now() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(2);
        let [first, second] = [1, 2].map(|number| booklet_ids(world, [number])[0]);
        let blocked = Named { booklets: vec![second], passes: vec![first.pass(4)] };
        let block = Block { items: blocked, reason: BlockReason::Precaution };
        let passes = |booklet: BookletId| (1..=10).map(move |rank| booklet.pass(rank));
        let said = [first, second].into_iter().flat_map(passes).map(|pass| {
            let away = pass == first.pass(4) || pass.booklet() == second;
            (pass, if away { PassState::Withdrawn } else { PassState::Unused })
        });
        let act = list(world, said);
        let actor = world.region_finance().caller.actor().clone();
        let mut needs = Needs { users: [actor.user].into(), ..Needs::default() };
        block.needs(&mut needs);
        act.needs(&mut needs);
        let no = world.programme.no;
        let mut facts = world.store.read(|tx| prefetch::facts(tx, no, &needs)).unwrap().unwrap();
        let context = Context { at: world.now(), day: world.day(), actor };
        let moved = block.decide(&facts, &context).unwrap();
        let stamp = Stamp { position: 99, number: "HDF21-HDF-2021-000099".to_owned(), day: world.day() };
        facts.apply(&moved, &stamp, "");
        let stated = act.decide(&facts, &context).unwrap();
        let told = |name: &str| stated.mentions.get(name).cloned();
        assert_eq!(
            ["ledger_withdrawn", "issuer_withdrawn", "ledger_unused", "differing_passes"].map(told),
            [11, 11, 9, 0].map(|count| Some(movement::Mention::Number(count))),
            "{}",
            world.engine()
        );
    });
}

#[expect(clippy::disallowed_methods, reason = "how large an order somebody has time for")]
fn booklets() -> u32 {
    std::env::var("RECEPISSE_LIST_BOOKLETS").ok().and_then(|text| text.parse().ok()).unwrap_or(10_001)
}

/// What this process has had in memory at most, in MiB.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or_default() / 1024
}

#[test]
fn an_order_of_a_whole_programme_is_compared_at_once_and_one_beyond_all_measure_is_not() {
    on_every_engine(|world| {
        let (all, finance, admin) = (booklets(), world.region_finance(), world.region_admin());
        admin.does(world.order("CMD-1", all));
        for first in (1..=all).step_by(20_000) {
            admin.does(world.delivery("CMD-1", first..=all.min(first + 19_999)));
        }
        let passes = || Span::of(&order(world, "CMD-1")).iter();
        let (before, start) = (peak_mib(), Instant::now());
        // What fits is named, and what is one pass too much is not.
        let listed = passes().count() - MOST_DIFFERING;
        let short = |listed| list_of(world, "CMD-1", passes().take(listed).map(|pass| (pass, PassState::Unused)));
        let refusal = finance.is_refused(short(listed - 1));
        let facts = ["differing", "most"].map(|name| refusal.detail(name).unwrap().parse::<usize>().unwrap());
        assert_eq!((refusal.code, facts), (Code::OrderListTooDifferent, [MOST_DIFFERING + 1, MOST_DIFFERING]));
        let receipt = finance.does(short(listed));
        let number = |name: &str| &receipt.body().mentions[name];
        assert_eq!(number("differing_passes"), &Mention::Number(i64::try_from(MOST_DIFFERING).unwrap()));
        let agreed = finance.does(short(passes().count()));
        assert_eq!(agreed.body().mentions["agreed_passes"], Mention::Number(i64::from(all) * 10));
        println!(
            "{}: {all} booklets, three lists: {:?}, from {before} to {} MiB",
            world.engine(),
            start.elapsed(),
            peak_mib()
        );
        is_sound(world);

        admin.does(world.order("CMD-2", 100_001));
        let beyond = IssuerList::of(&order(world, "CMD-2")).unwrap_err();
        assert_eq!((beyond.code, beyond.detail("most")), (Code::QuantityOutOfRange, Some("1000000")));
    });
}
