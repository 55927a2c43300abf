//! An issuer's list of an order, held against the ledger pass by pass.

use std::collections::BTreeMap;

use recepisse::domain::contradiction::{PassState, StateContradiction};
use recepisse::domain::ids::PassId;
use recepisse::domain::redemption::{ReversalReason, Reverse};
use recepisse::domain::refusal::Code;
use recepisse::domain::text::ReceiptNumber;
use recepisse::ledger::SubmitError;
use recepisse::receipts::Mention;
use recepisse::reports::{Request, Value, open};

use super::is_sound;
use crate::harness::{World, booklet_ids, on_every_engine, reference};

/// A list of order CMD-1, of two booklets.
fn list(world: &World, said: impl IntoIterator<Item = (PassId, PassState)>) -> StateContradiction {
    StateContradiction {
        order: reference("CMD-1"),
        booklets: booklet_ids(world, 1..=2),
        passes_per_booklet: 10,
        file_hash: "a5".repeat(32),
        said: said.into_iter().collect(),
    }
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
        let narrow = StateContradiction { booklets: booklet_ids(world, [1]), ..act };
        assert_eq!(finance.is_told(narrow), Code::OrderUnknown);
        assert_eq!(finance.is_told(list(world, [])), Code::SelectionEmpty);
        let beyond = list(world, [(first.pass(11), PassState::Used)]);
        assert_eq!(finance.is_told(beyond), Code::PassUnknown);
    });
}
