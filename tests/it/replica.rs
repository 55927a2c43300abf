//! Reports read from a streaming replica: a real one, of the throw-away server. What never lives here: SQLite, which has
//! no replicas and is told so.

use std::sync::Arc;

use actix_web::rt::System;
use recepisse::audit::NotSameLedger;
use recepisse::http::{Reading, Replica};
use recepisse::store::{Options, StoreError};

use crate::harness::{Cluster, Engine, Http, Place, Standby, World, engines};

const REPORT: &str = "/programmes/HDF21/reports/use-account";

fn replica_of(world: &World, url: &str) -> Result<Replica, NotSameLedger> {
    Replica::new(Arc::clone(&world.store), url.to_owned(), Options::default())
}

/// On a thread of its own: the one that runs requests must not wait.
fn spend(world: &World, rank: u8) {
    let spent = || world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, [rank])));
    std::thread::scope(|scope| scope.spawn(spent).join()).unwrap();
}

#[test]
fn reports_leave_the_primary_and_say_how_stale_they_are() {
    if !engines().contains(&Engine::Postgres) {
        return;
    }
    // A server of its own: a replica copies all of it, and that of the other tests grows by a database with each of them.
    let primary = Cluster::start().unwrap();
    let world = World::at(Place::on(&primary));
    world.hand_out_at_maubeuge(2);
    let standby = Standby::of(&primary);
    let url = standby.url_of(&world.place);
    standby.follows(&world);
    let replica = replica_of(&world, &url).unwrap();
    System::new().block_on(async {
        let http = Http::reading(&world, Reading::of_replica(replica)).await;
        let told = async || {
            let answer = http.region_admin().get(REPORT).await;
            let position = answer.header("Ledger-Position").unwrap().parse::<i64>().unwrap();
            assert!(answer.header("Ledger-As-Of").unwrap().ends_with('Z'), "{answer:?}");
            assert_eq!(answer.done()["position"], position);
            position
        };
        assert_eq!(told().await, http.position());
        spend(&world, 1);
        standby.follows(&world);
        let before = http.position();
        assert_eq!(told().await, before);

        standby.pauses();
        spend(&world, 2);
        assert_eq!((told().await, http.position()), (before, before + 1), "not from the replica");

        standby.stops();
        let answer = http.region_admin().get(REPORT).await;
        assert_eq!(answer.problem(), (503, "read_database_unreachable".to_owned()));
        assert_eq!(answer.header("Retry-After"), Some("30"));
        spend(&world, 3);
        assert_eq!(http.region_admin().get("/programmes/HDF21/receipts").await.status, 200);
    });
}

#[test]
fn a_database_of_another_register_is_refused_and_one_that_is_away_is_waited_for() {
    if !engines().contains(&Engine::Postgres) {
        return;
    }
    let (world, other) = (World::new(Engine::Postgres), World::new(Engine::Postgres));
    world.hand_out_at_maubeuge(1);
    other.hand_out_at_maubeuge(2);
    let found = replica_of(&world, &other.place.url);
    assert!(matches!(found, Err(NotSameLedger::Journal { .. })), "{found:?}");
    assert!(replica_of(&world, &world.place.url).is_ok(), "a register is a beginning of itself");

    let away = replica_of(&world, "postgres://recepisse@/none?host=/tmp/nobody-listens-here").unwrap();
    System::new().block_on(async {
        let http = Http::reading(&world, Reading::of_replica(away)).await;
        let answer = http.region_admin().get(REPORT).await;
        assert_eq!(answer.problem(), (503, "read_database_unreachable".to_owned()));
    });
}

#[test]
fn sqlite_is_told_that_it_has_no_replicas() {
    let world = World::new(Engine::Sqlite);
    let found = replica_of(&world, &world.place.url);
    let Err(NotSameLedger::Store(StoreError::Schema(sentence))) = found else { panic!("{found:?}") };
    assert!(sentence.contains("réplique de PostgreSQL"), "{sentence}");
}

#[test]
fn nothing_is_written_through_a_database_that_was_opened_to_be_read() {
    if !engines().contains(&Engine::Postgres) {
        return;
    }
    let world = World::new(Engine::Postgres);
    let store = recepisse::store::Store::open_replica(&world.place.url, &Options::default()).unwrap();
    let written: Result<(), _> = store.write(|_| Ok::<_, StoreError>(()));
    assert!(written.is_err());
}
