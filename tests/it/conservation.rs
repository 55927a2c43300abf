//! Random acts against a model of a few lines: what the model grants the ledger grants, and after every act the
//! balances are what the states say and sum to what was bought.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::{Just, Strategy, prop_oneof};
use proptest::test_runner::{Config, TestRunner};
use recepisse::domain::acceptance::Accept;
use recepisse::domain::custody::{ReturnBooklets, ReturnReason, Selection};
use recepisse::domain::party::Holder;
use recepisse::domain::redemption::{ReversalReason, Reverse};
use recepisse::domain::text::ReceiptNumber;
use recepisse::ledger::{Answer, Outcome, SubmitError};
use recepisse::receipts::chain;
use recepisse::receipts::replay::Replay;

use crate::harness::{Person, Raw, World, booklet_ids, engines, short_code};

/// Cases per engine and acts per case: enough to reach every corner in a few seconds.
const CASES: u32 = 16;
const ACTS: usize = 45;
/// Nobody but one office in the model, so that its number of dispatches and people stays small.
const OFFICE: &str = "MAUB";

/// Passes and cents per holder and batch, without what is empty.
pub(crate) type Balances = BTreeMap<(String, String), (i64, i64)>;

/// The balances in the database.
pub(crate) fn balances(world: &World) -> Balances {
    let sql = "SELECT holder || ' ' || batch_id || ' ' || passes || ' ' || value_cents AS answer FROM balances \
               WHERE passes <> 0 OR value_cents <> 0";
    let rows = Raw::on(&world.place).texts(sql).into_iter().flatten();
    let read = |row: String| {
        let words: Vec<&str> = row.split(' ').collect();
        let batch = recepisse::domain::ids::BatchId(words[1].parse().unwrap());
        ((words[0].to_owned(), batch.to_string()), (words[2].parse().unwrap(), words[3].parse().unwrap()))
    };
    rows.map(read).collect()
}

/// The balances that the receipts alone lead to.
pub(crate) fn replayed(replay: &Replay) -> Balances {
    let row = |(batch, holder, balance): (&str, &str, recepisse::receipts::replay::Balance)| {
        ((holder.to_owned(), batch.to_owned()), (balance.passes, balance.cents))
    };
    replay.balances().map(row).collect()
}

/// Something to try; numbers are taken modulo what there is.
#[derive(Debug, Clone)]
enum Try {
    Order(u32),
    Deliver { order: usize, skip: u32, take: u32 },
    Activate(usize),
    Dispatch(u32),
    Accept(usize),
    Return(u32),
    HandOut { booklet: u32, person: u32 },
    Redeem { booklet: u32, ranks: BTreeSet<u8> },
    Reverse(usize),
}

fn tries() -> impl Strategy<Value = Vec<Try>> {
    let ranks = proptest::collection::btree_set(1_u8..=10, 1..4);
    let one = prop_oneof![
        1 => (1_u32..4).prop_map(Try::Order),
        3 => (0_usize..3, 0_u32..3, 1_u32..4).prop_map(|(order, skip, take)| Try::Deliver { order, skip, take }),
        2 => (0_usize..3).prop_map(Try::Activate),
        2 => (1_u32..4).prop_map(Try::Dispatch),
        3 => (0_usize..4).prop_map(Try::Accept),
        1 => (1_u32..3).prop_map(Try::Return),
        4 => (1_u32..8, 0_u32..6).prop_map(|(booklet, person)| Try::HandOut { booklet, person }),
        6 => (1_u32..8, ranks).prop_map(|(booklet, ranks)| Try::Redeem { booklet, ranks }),
        2 => (0_usize..4).prop_map(Try::Reverse),
    ];
    let opening = Just(vec![
        Try::Order(3),
        Try::Deliver { order: 0, skip: 0, take: 2 },
        Try::Activate(0),
        Try::Dispatch(2),
        Try::Accept(0),
        Try::HandOut { booklet: 1, person: 0 },
    ]);
    (opening, proptest::collection::vec(one, ACTS)).prop_map(|(opening, rest)| [opening, rest].concat())
}

#[derive(Debug, Default)]
struct ModelOrder {
    first: u32,
    last: u32,
    deliveries: u32,
    active: bool,
}

#[derive(Debug, Clone)]
struct ModelBooklet {
    order: usize,
    batch: String,
    holder: String,
}

#[derive(Debug)]
struct ModelRedemption {
    number: String,
    items: BTreeSet<(u32, u8)>,
    reversed: bool,
}

/// What ought to be true, in the plainest of words.
#[derive(Debug, Default)]
struct Model {
    orders: Vec<ModelOrder>,
    booklets: BTreeMap<u32, ModelBooklet>,
    dispatches: Vec<String>,
    people: BTreeSet<u32>,
    spent: BTreeSet<(u32, u8)>,
    redemptions: Vec<ModelRedemption>,
}

impl Model {
    fn with(&self, holder: &str) -> Vec<u32> {
        self.booklets.iter().filter(|(_, booklet)| booklet.holder == holder).map(|(number, _)| *number).collect()
    }

    fn send(&mut self, from: &str, count: usize, to: String) {
        self.dispatches.push(to);
        let transit = format!("transit:{}", self.dispatches.len());
        for number in self.with(from).into_iter().take(count) {
            self.booklets.get_mut(&number).unwrap().holder.clone_from(&transit);
        }
    }

    fn balances(&self) -> Balances {
        let mut balances = Balances::new();
        let mut add = |holder: &str, batch: &str, passes: i64| {
            let balance = balances.entry((holder.to_owned(), batch.to_owned())).or_insert((0, 0));
            *balance = (balance.0 + passes, balance.1 + passes * 1000);
        };
        for (number, booklet) in &self.booklets {
            let spent = i64::try_from(self.spent.iter().filter(|(of, _)| of == number).count()).unwrap();
            add(&booklet.holder, &booklet.batch, 10 - spent);
            add("provider:LIEUX", &booklet.batch, spent);
            add(&format!("issue:{}", booklet.batch), &booklet.batch, -10);
        }
        balances.retain(|_, balance| *balance != (0, 0));
        balances
    }
}

/// Whether the ledger granted, and what.
fn outcome(answer: Result<Answer, SubmitError>) -> Option<String> {
    match answer.unwrap().outcome {
        Outcome::Granted(receipt) => Some(receipt.body().number.clone()),
        Outcome::Refused(_) => None,
    }
}

/// Does the same to the ledger and to the model; `None` where there is nothing to try it on.
fn step(world: &World, model: &mut Model, attempt: &Try) -> Option<(bool, bool)> {
    Some(match attempt {
        Try::Order(booklets) => {
            let number = format!("CMD-{}", model.orders.len());
            let granted = outcome(world.region_admin().asks(world.order(&number, *booklets))).is_some();
            let first = model.orders.last().map_or(1, |order| order.last + 1);
            model.orders.push(ModelOrder { first, last: first + booklets - 1, ..ModelOrder::default() });
            (granted, true)
        }
        Try::Deliver { order, skip, take } => {
            let place = order % model.orders.len().max(1);
            let order = model.orders.get_mut(place)?;
            let numbers: Vec<u32> = (order.first + skip..=order.last).take(usize::try_from(*take).unwrap()).collect();
            let expected = !numbers.is_empty() && numbers.iter().all(|number| !model.booklets.contains_key(number));
            let act = world.delivery(&format!("CMD-{place}"), numbers.clone());
            let granted = outcome(world.region_admin().asks(act)).is_some();
            if expected {
                order.deliveries += 1;
                let batch = format!("{}-{}", place + 1, order.deliveries);
                let booklet = ModelBooklet { order: place, batch, holder: "store".to_owned() };
                model.booklets.extend(numbers.into_iter().map(|number| (number, booklet.clone())));
            }
            (granted, expected)
        }
        Try::Activate(order) => {
            let place = order % model.orders.len().max(1);
            let order = model.orders.get_mut(place)?;
            let expected = order.deliveries > 0 && !order.active;
            order.active |= expected;
            let act = world.activation(&format!("CMD-{place}"));
            (outcome(world.region_finance().asks(act)).is_some(), expected)
        }
        Try::Dispatch(_) | Try::Return(_) | Try::Accept(_) => move_booklets(world, model, attempt)?,
        Try::HandOut { .. } | Try::Redeem { .. } | Try::Reverse(_) => spend(world, model, attempt)?,
    })
}

fn move_booklets(world: &World, model: &mut Model, attempt: &Try) -> Option<(bool, bool)> {
    Some(match attempt {
        Try::Dispatch(count) => {
            let wanted = usize::try_from(*count).unwrap();
            let expected = model.with("store").len() >= wanted;
            if expected {
                model.send("store", wanted, format!("prescriber:{OFFICE}"));
            }
            (outcome(world.region_admin().asks(world.dispatch(OFFICE, *count))).is_some(), expected)
        }
        Try::Return(count) => {
            let (office, wanted) = (format!("prescriber:{OFFICE}"), usize::try_from(*count).unwrap());
            let expected = model.with(&office).len() >= wanted;
            if expected {
                model.send(&office, wanted, "store".to_owned());
            }
            let act = ReturnBooklets {
                booklets: Selection::Count { booklets: *count, order: None },
                reason: ReturnReason::Unused,
                from: Holder::Prescriber(short_code(OFFICE)),
            };
            (outcome(world.prescriber(OFFICE).asks(act)).is_some(), expected)
        }
        Try::Accept(dispatch) => accept(world, model, *dispatch)?,
        _ => return None,
    })
}

fn spend(world: &World, model: &mut Model, attempt: &Try) -> Option<(bool, bool)> {
    Some(match attempt {
        Try::HandOut { booklet, person } => {
            let found = model.booklets.get(booklet);
            let expected = found.is_some_and(|booklet| {
                booklet.holder == format!("prescriber:{OFFICE}") && model.orders[booklet.order].active
            }) && !model.people.contains(person);
            let act = world.hand_out(&Person::senior(world, *person), [*booklet]);
            if expected {
                model.people.insert(*person);
                model.booklets.get_mut(booklet)?.holder = "circulation".to_owned();
            }
            (outcome(world.prescriber(OFFICE).asks(act)).is_some(), expected)
        }
        Try::Redeem { booklet, ranks } => {
            let items: BTreeSet<(u32, u8)> = ranks.iter().map(|rank| (*booklet, *rank)).collect();
            let in_hand = model.booklets.get(booklet).is_some_and(|booklet| booklet.holder == "circulation");
            let expected = in_hand && items.is_disjoint(&model.spent);
            let act = world.redeem("Maubeuge", world.codes(*booklet, ranks.iter().copied()));
            let number = outcome(world.venue_agent("LIEUX").asks(act));
            if let Some(number) = &number {
                model.spent.extend(&items);
                model.redemptions.push(ModelRedemption { number: number.clone(), items, reversed: false });
            }
            (number.is_some(), expected)
        }
        Try::Reverse(redemption) => {
            let place = redemption % model.redemptions.len().max(1);
            let redemption = model.redemptions.get_mut(place)?;
            let expected = !redemption.reversed;
            if expected {
                redemption.reversed = true;
                model.spent = &model.spent - &redemption.items;
            }
            let act = Reverse {
                number: ReceiptNumber::parse(&redemption.number).unwrap(),
                reason: ReversalReason::WrongPass,
            };
            (outcome(world.venue_agent("LIEUX").asks(act)).is_some(), expected)
        }
        _ => return None,
    })
}

fn accept(world: &World, model: &mut Model, dispatch: usize) -> Option<(bool, bool)> {
    let place = dispatch % model.dispatches.len().max(1);
    let to = model.dispatches.get(place)?.clone();
    let number = i64::try_from(place + 1).unwrap();
    let here = model.with(&format!("transit:{number}"));
    for booklet in &here {
        model.booklets.get_mut(booklet)?.holder.clone_from(&to);
    }
    let (receiver, hand) = if to == "store" {
        (Holder::Store, world.region_admin())
    } else {
        (Holder::Prescriber(short_code(OFFICE)), world.prescriber(OFFICE))
    };
    let act = Accept {
        dispatch: number,
        in_transit: booklet_ids(world, here.iter().copied()),
        accepted: None,
        missing: Vec::new(),
        damaged: Vec::new(),
        receiver,
    };
    Some((outcome(hand.asks(act)).is_some(), !here.is_empty()))
}

#[test]
fn random_acts_agree_with_the_model_and_conserve_every_pass() {
    for engine in engines() {
        let config = Config { cases: CASES, failure_persistence: None, max_shrink_iters: 60, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(
            config,
            proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
        );
        let outcome = runner.run(&tries(), |attempts| {
            let (world, mut model) = (World::new(*engine), Model::default());
            for attempt in &attempts {
                if let Some((granted, expected)) = step(&world, &mut model, attempt) {
                    assert_eq!(granted, expected, "{engine}: {attempt:?}");
                    let found = balances(&world);
                    assert_eq!(found.values().map(|(passes, _)| passes).sum::<i64>(), 0, "{attempt:?}");
                    assert_eq!(found, model.balances(), "{engine}: {attempt:?}");
                }
            }
            let mut replay = Replay::new("HDF21");
            for stored in world.receipts() {
                replay.receipt(&chain::read_receipt(stored.body).unwrap()).unwrap();
            }
            replay.recount().unwrap();
            assert_eq!(replayed(&replay), model.balances(), "{engine}: the receipts tell another story");
            Ok(())
        });
        outcome.unwrap();
    }
}

/// The positive control: a balance that lies by one pass is noticed, in the database and against the receipts.
#[test]
fn a_balance_that_lies_is_noticed() {
    crate::harness::on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        let honest = balances(world);
        Raw::on(&world.place).run("UPDATE balances SET passes = passes - 1 WHERE holder = 'circulation'").unwrap();
        let lying = balances(world);
        assert_eq!(honest.values().map(|(passes, _)| passes).sum::<i64>(), 0);
        assert_ne!(lying.values().map(|(passes, _)| passes).sum::<i64>(), 0);
        assert_ne!(lying, honest);
    });
}
