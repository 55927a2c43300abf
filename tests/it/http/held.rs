//! While somebody else holds the database: who asks waits for a bounded time, is told what to do, and nothing is done
//! twice or left half done. What never lives here: the faults of a connection; those have suites of their own.

use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use actix_web::http::Method;
use recepisse::ledger::Options;

use super::requests::{redemption_body, stage};
use crate::harness::{Engine, Heard, Http, Raw, Sockets, World, head, over_every_engine};

const CONNECTIONS: usize = 64;
const PATH: &str = "/programmes/HDF21/redemptions";

/// The door to the ledger, held from outside.
struct Hold(Raw);

impl Hold {
    fn on(world: &World) -> Self {
        let mut raw = Raw::on(&world.place);
        match world.engine() {
            Engine::Sqlite => raw.run("BEGIN IMMEDIATE"),
            Engine::Postgres => raw.run("BEGIN; UPDATE journals SET door = door"),
        }
        .unwrap();
        Self(raw)
    }

    fn let_go(mut self) {
        self.0.run("ROLLBACK").unwrap();
    }
}

/// The redemption of one pass of booklet 2, as bytes.
async fn redemption(http: &Http<'_>, key: &str, rank: u8) -> Vec<u8> {
    let body = redemption_body(http.world, 2, &[rank]).to_string();
    let request = http.venue_agent("LIEUX").request(Method::POST, PATH).await;
    let request = request.insert_header(("Idempotency-Key", key)).insert_header(("Content-Type", "application/json"));
    [head(request, body.len()), body.into_bytes()].concat()
}

/// The same request until its answer is definite.
fn settle(sockets: &Sockets, request: &[u8]) -> Heard {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let heard = sockets.ask(request);
        if heard.status < 500 && !heard.body.contains("request_in_flight") {
            return heard;
        }
        assert!(Instant::now() < deadline, "{heard:?}");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn past_a_full_queue_callers_are_told_to_come_back_and_then_served() {
    const CALLERS: u8 = 9;
    over_every_engine(stage, async |http| {
        // One act with the writer, two that wait: the others are too many.
        let options = Options { group: std::num::NonZero::<usize>::MIN, queue: 2, ..Options::default() };
        let sockets = Sockets::over(http.world, options, CONNECTIONS);
        let mut requests = Vec::new();
        for rank in 1..=CALLERS {
            requests.push(redemption(http, &http.key(), rank).await);
        }
        let position = http.position();
        let hold = Hold::on(http.world);
        let (tell, told) = channel();
        thread::scope(|scope| {
            for request in &requests {
                let (sockets, tell) = (&sockets, tell.clone());
                scope.spawn(move || tell.send(sockets.ask(request)).unwrap());
            }
            // While the door is held, nobody but those who are too many has an answer.
            for _ in 3..CALLERS {
                told.recv().unwrap().is_refused(503, "too_busy");
            }
            hold.let_go();
        });
        for request in &requests {
            assert_eq!(settle(&sockets, request).status, 201);
        }
        assert_eq!(http.position(), position + i64::from(CALLERS), "once each");
    });
}

#[test]
fn the_same_key_waits_for_its_first_and_gets_the_same_answer() {
    over_every_engine(stage, async |http| {
        let sockets = Sockets::over(http.world, Options::default(), CONNECTIONS);
        let (request, position) = (redemption(http, &http.key(), 1).await, http.position());
        let hold = Hold::on(http.world);
        let heard = thread::scope(|scope| {
            let asking: Vec<_> = (0..8).map(|_| scope.spawn(|| sockets.ask(&request))).collect();
            thread::sleep(Duration::from_millis(400));
            hold.let_go();
            asking.into_iter().map(|asked| asked.join().unwrap()).collect::<Vec<_>>()
        });
        assert!(heard.iter().all(|one| one.status == 201 && one.body == heard[0].body), "{heard:?}");
        let replays = heard.iter().filter(|one| one.header("idempotent-replay") == Some("true")).count();
        assert_eq!((replays, http.position()), (7, position + 1));
    });
}

#[test]
fn the_same_key_is_told_when_its_first_takes_too_long() {
    over_every_engine(stage, async |http| {
        let options = Options { longest_wait_for_key: Duration::from_millis(200), ..Options::default() };
        let sockets = Sockets::over(http.world, options, CONNECTIONS);
        let key = http.key();
        let (request, other) = (redemption(http, &key, 1).await, redemption(http, &key, 2).await);
        let hold = Hold::on(http.world);
        let first = thread::scope(|scope| {
            let first = scope.spawn(|| sockets.ask(&request));
            thread::sleep(Duration::from_millis(300));
            sockets.ask(&request).is_refused(409, "request_in_flight");
            sockets.ask(&other).is_refused(409, "request_in_flight");
            hold.let_go();
            first.join().unwrap()
        });
        assert_eq!((first.status, first.header("idempotent-replay")), (201, None));
        let again = sockets.ask(&request);
        assert_eq!((again.status, &again.body, again.header("idempotent-replay")), (201, &first.body, Some("true")));
        sockets.ask(&other).is_refused(422, "idempotency_key_reused");
    });
}

#[test]
fn who_has_waited_long_enough_for_the_writer_is_told_that_the_outcome_is_unknown() {
    over_every_engine(stage, async |http| {
        let options = Options { longest_wait: Duration::from_millis(300), ..Options::default() };
        let sockets = Sockets::over(http.world, options, CONNECTIONS);
        let (request, position) = (redemption(http, &http.key(), 1).await, http.position());
        let hold = Hold::on(http.world);
        sockets.ask(&request).is_refused(503, "outcome_unknown");
        hold.let_go();
        assert_eq!(settle(&sockets, &request).status, 201);
        assert_eq!(http.position(), position + 1, "once");
    });
}

/// A lock that is not let go in time: the driver calls it a failure like any other.
#[test]
fn a_door_that_stays_shut_is_no_error_of_ours_and_leaves_nothing() {
    over_every_engine(stage, async |http| {
        let sockets = Sockets::over(http.world, Options::default(), CONNECTIONS);
        let (request, position) = (redemption(http, &http.key(), 1).await, http.position());
        let hold = Hold::on(http.world);
        sockets.ask(&request).is_refused(503, "too_busy");
        hold.let_go();
        assert_eq!(http.position(), position);
        let heard = sockets.ask(&request);
        assert_eq!((heard.status, heard.header("idempotent-replay")), (201, None), "it was not recorded before");
    });
}

/// PostgreSQL raises what `code` says on each of the next `times` receipts: a sequence counts past an undone
/// transaction.
fn raise(world: &World, code: &str, times: u32) {
    Raw::on(&world.place)
        .run(&format!(
            "CREATE SEQUENCE tries; CREATE FUNCTION fail_at_first() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             IF nextval('tries') <= {times} THEN RAISE EXCEPTION 'made up' USING ERRCODE = '{code}'; END IF; \
             RETURN NEW; END $$; \
             CREATE TRIGGER fail_at_first BEFORE INSERT ON receipts FOR EACH ROW EXECUTE FUNCTION fail_at_first()"
        ))
        .unwrap();
}

#[expect(clippy::needless_pass_by_value, reason = "closures written in place")]
fn raised(code: &str, times: u32, test: impl AsyncFn(&Http<'_>, &Sockets)) {
    over_every_engine(stage, async |http| {
        if http.world.engine() == Engine::Sqlite {
            // One writer, one connection: there is nobody to conflict with.
            return;
        }
        raise(http.world, code, times);
        test(http, &Sockets::over(http.world, Options::default(), CONNECTIONS)).await;
    });
}

#[test]
fn a_serialization_failure_is_tried_again_until_it_passes() {
    raised("40001", 3, async |http, sockets| {
        let position = http.position();
        assert_eq!(sockets.ask(&redemption(http, &http.key(), 1).await).status, 201);
        assert_eq!(http.position(), position + 1);
    });
}

#[test]
fn a_serialization_failure_that_does_not_pass_is_given_up_in_time_and_leaves_nothing() {
    raised("40001", 1_000_000, async |http, sockets| {
        let (position, began) = (http.position(), Instant::now());
        sockets.ask(&redemption(http, &http.key(), 1).await).is_refused(503, "too_busy");
        assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
        assert_eq!(http.position(), position);
    });
}

#[test]
fn the_victim_of_a_deadlock_is_let_through() {
    raised("40P01", 1, async |http, sockets| {
        assert_eq!(sockets.ask(&redemption(http, &http.key(), 1).await).status, 201);
    });
}

/// A disk that is full, a right that was taken away: nothing is recorded, and nobody is told that it is their fault.
#[test]
fn a_database_that_fails_is_no_internal_error_and_leaves_nothing() {
    raised("53100", 1_000_000, async |http, sockets| {
        let position = http.position();
        sockets.ask(&redemption(http, &http.key(), 1).await).is_refused(503, "storage_failed");
        assert_eq!(http.position(), position);
    });
}
