//! Many at once: each pass is spent once, positions and numbers have no gap, one key gives one receipt. The judge
//! of these tests is itself put on trial: a redemption that checks and then writes must not get past it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

use recepisse::domain::refusal::Code;
use recepisse::ledger::{Ledger, Outcome};
use recepisse::store::{Options, Store, StoreError};

use crate::harness::{Engine, Hand, Raw, World, on_every_engine, on_postgres};

const THREADS: usize = 64;
const BOOKLETS: u32 = 10;

/// The passes that were granted more than once; empty is what everybody hopes for.
fn spent_twice<P: Ord + Copy>(granted: &[P]) -> BTreeSet<P> {
    let mut times: BTreeMap<P, usize> = BTreeMap::new();
    for pass in granted {
        *times.entry(*pass).or_default() += 1;
    }
    times.into_iter().filter(|(_, times)| *times > 1).map(|(pass, _)| pass).collect()
}

/// Every agent tries every pass; returns what was granted and how often the answer was another.
fn scramble(world: &World, agents: &[Hand<'_>]) -> (Vec<(u32, u8)>, BTreeMap<Code, usize>) {
    let granted = Mutex::new(Vec::new());
    let refused = Mutex::new(BTreeMap::new());
    let start = Barrier::new(agents.len());
    thread::scope(|scope| {
        for (place, agent) in agents.iter().enumerate() {
            let (granted, refused, start) = (&granted, &refused, &start);
            scope.spawn(move || {
                start.wait();
                let passes: Vec<(u32, u8)> = (1..=BOOKLETS).flat_map(|b| (1..=10).map(move |rank| (b, rank))).collect();
                // Half of the agents start at the other end, so that everybody meets everybody.
                let place = if place % 2 == 0 { place } else { passes.len() - place };
                for (booklet, rank) in passes.iter().cycle().skip(place).take(passes.len()).copied() {
                    let redeem = world.redeem("Maubeuge", world.codes(booklet, [rank]));
                    match agent.asks(redeem).unwrap().outcome {
                        Outcome::Granted(_) => granted.lock().unwrap().push((booklet, rank)),
                        Outcome::Refused(refusal) => {
                            *refused.lock().unwrap().entry(refusal.code).or_default() += 1;
                        }
                    }
                }
            });
        }
    });
    (granted.into_inner().unwrap(), refused.into_inner().unwrap())
}

fn assert_no_gap(world: &World) {
    let receipts = world.receipts();
    let positions: Vec<i64> = receipts.iter().map(|receipt| receipt.position).collect();
    assert_eq!(positions, (1..).take(receipts.len()).collect::<Vec<i64>>(), "{}", world.engine());
    let mut series: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for receipt in &receipts {
        let (office, number) = receipt.number.rsplit_once('-').unwrap();
        series.entry(office).or_default().push(number.parse().unwrap());
    }
    for (office, numbers) in series {
        assert_eq!(numbers, (1..).take(numbers.len()).collect::<Vec<u32>>(), "{office}");
    }
}

#[test]
fn sixty_four_agents_spend_a_hundred_passes_once_each() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(BOOKLETS);
        let before = world.receipts().len();
        let agents = vec![world.venue_agent("LIEUX"); THREADS];
        let (granted, refused) = scramble(world, &agents);
        assert_eq!(spent_twice(&granted), BTreeSet::new());
        assert_eq!(granted.len(), 100);
        assert_eq!(refused, BTreeMap::from([(Code::AlreadyRedeemed, THREADS * 100 - 100)]));
        assert_eq!(world.receipts().len(), before + 100);
        assert_no_gap(world);
    });
}

/// Two programs on one database: only the database stands between them. A SQLite file takes one writer alone.
#[test]
fn two_instances_on_one_database_spend_no_pass_twice() {
    on_every_engine(|world| {
        let second = Store::open(&world.place.url, &Options::default());
        if world.engine() == Engine::Sqlite {
            assert!(matches!(second, Err(StoreError::InUse(_))), "{second:?}");
            return;
        }
        world.hand_out_at_maubeuge(BOOKLETS);
        let store = Arc::new(second.unwrap());
        let other = Ledger::start(store, world.keys.clone(), world.clock.clone(), world.entropy.clone()).unwrap();
        let mut agents = vec![world.venue_agent("LIEUX"); 4];
        agents.extend(vec![Hand { ledger: &other, ..world.venue_agent("LIEUX") }; 4]);
        let (granted, refused) = scramble(world, &agents);
        assert_eq!(spent_twice(&granted), BTreeSet::new());
        assert_eq!(granted.len(), 100);
        assert_eq!(refused, BTreeMap::from([(Code::AlreadyRedeemed, 700)]));
        assert_no_gap(world);
    });
}

#[test]
fn one_key_sent_by_many_at_once_gives_one_receipt_and_one_answer() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        let before = world.receipts().len();
        let start = Barrier::new(THREADS);
        let answers = thread::scope(|scope| {
            let ask = |_| {
                scope.spawn(|| {
                    start.wait();
                    let redeem = world.redeem("Maubeuge", world.codes(1, 1..=3));
                    world.venue_agent("LIEUX").asks_with_key("0123456789abcdef", "body", redeem).unwrap()
                })
            };
            let asked: Vec<_> = (0..THREADS).map(ask).collect();
            asked.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
        assert!(answers.iter().all(|answer| answer.outcome == answers[0].outcome));
        assert!(matches!(answers[0].outcome, Outcome::Granted(_)));
        assert_eq!(world.receipts().len(), before + 1);
    });
}

#[test]
fn a_group_may_mix_acts_of_every_kind_and_of_two_programmes() {
    on_every_engine(|world| {
        let second = world.second_programme();
        let start = Barrier::new(40);
        thread::scope(|scope| {
            for number in 0..40 {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    let admin = world.region_admin();
                    let programme = if number % 2 == 0 { second } else { world.programme.no };
                    Hand { programme, ..admin }.does(world.order(&format!("CMD-{number}"), 2));
                });
            }
        });
        assert_eq!(world.journal(second).position, 20);
        assert_eq!(world.journal(world.programme.no).counters.booklet, 40);
        assert_no_gap(world);
    });
}

/// The positive control. Look whether the pass is free, then take it, each statement right by itself: on PostgreSQL
/// everybody gets it, and the judge says so. SQLite refuses the second writer by itself ("database is locked").
#[test]
fn the_judge_convicts_a_redemption_that_checks_and_then_writes() {
    on_postgres(|world| {
        world.hand_out_at_maubeuge(1);
        let checked = Barrier::new(8);
        let granted = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let mut raw = Raw::on(&world.place);
                    let pass = raw.number("SELECT MIN(id) AS answer FROM passes");
                    raw.run("BEGIN").unwrap();
                    let free = format!("SELECT COUNT(*) AS answer FROM passes WHERE id = {pass} AND holder IS NULL");
                    let free = raw.number(&free) == 1;
                    checked.wait();
                    if free {
                        raw.run(&format!("UPDATE passes SET holder = 'provider:LIEUX' WHERE id = {pass}")).unwrap();
                        granted.lock().unwrap().push(pass);
                    }
                    raw.run("COMMIT").unwrap();
                });
            }
        });
        assert_eq!(spent_twice(&granted.into_inner().unwrap()).len(), 1, "the judge is blind");
    });
}
