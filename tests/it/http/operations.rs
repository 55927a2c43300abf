//! What an operator sees: figures that agree with what was done, and one name for a request wherever it shows.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::http::Method;
use actix_web::rt::System;
use recepisse::clock::{Clock, Entropy};
use recepisse::ledger::{Ledger, Options, Unobserved};
use recepisse::store::{self, Page, Store, StoreError, WriteError};
use serde_json::{Value, json};

use super::requests::{redemption_body, stage};
use crate::harness::{
    Engine, Hand, Http, PASSWORD, Place, Raw, World, cluster, engines, log, on_every_engine, over_every_engine,
};

/// The value of one line of the metrics; 0 when there is none.
fn figure(metrics: &str, name: &str) -> i64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.map_or(0, |value| value.parse().unwrap_or_else(|_| panic!("{name} {value}")))
}

/// The metrics that the operator's page names.
fn documented() -> BTreeSet<String> {
    let page = include_str!("../../../docs/OPERATIONS.md");
    let (_, table) = page.split_once("| Mesure |").unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let cells = rows.filter_map(|row| row.split('|').nth(1)).flat_map(|cell| cell.split('`').skip(1).step_by(2));
    cells.map(|name| name.split('{').next().unwrap().to_owned()).collect()
}

/// Those that the service gives, as they are written when they are read.
fn named(metrics: &str) -> BTreeSet<String> {
    let types = metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    let written = |(name, kind): (&str, &str)| match kind {
        "counter" => format!("{name}_total"),
        "info" => format!("{name}_info"),
        _ => name.to_owned(),
    };
    types.map(written).collect()
}

/// The metrics once the writer rests: it answers the callers first and tells of the group then.
async fn metrics(http: &Http<'_>) -> String {
    loop {
        let answer = http.anonymous().get("/metrics").await;
        assert!(answer.header("Content-Type").unwrap().starts_with("application/openmetrics-text"), "{answer:?}");
        let text = answer.text();
        assert!(text.ends_with("# EOF\n"));
        if text.contains("\nrecepisse_oldest_act_seconds 0.0\n") {
            return text;
        }
    }
}

/// The lines that name a request, once the writer has told of its group.
fn lines_of_group(name: &str) -> Vec<Value> {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let lines = log().lines(name);
        if Instant::now() > deadline || lines.iter().any(|line| line["stages"].is_string()) {
            return lines;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn the_figures_agree_with_what_was_done() {
    over_every_engine(stage, async |http| {
        let agent = http.venue_agent("LIEUX");
        let spend = |key: &'static str, passes: &[u8]| {
            agent.post_under(key, "/programmes/HDF21/redemptions", redemption_body(http.world, 2, passes))
        };
        assert_eq!(spend("0000000000000001", &[1]).await.status, 201);
        assert_eq!(spend("0000000000000002", &[2, 3]).await.status, 201);
        assert_eq!(spend("0000000000000003", &[1]).await.status, 409);
        assert_eq!(spend("0000000000000001", &[1]).await.header("Idempotent-Replay"), Some("true"));
        assert_eq!(agent.get("/nothing").await.status, 404);

        let seen = metrics(http).await;
        let route = "/api/v1/programmes/{programme}/redemptions";
        for (name, expected) in [
            ("recepisse_acts_total{kind=\"redemption\",ending=\"granted\"}", 2),
            ("recepisse_acts_total{kind=\"redemption\",ending=\"refused\"}", 1),
            ("recepisse_refusals_total{code=\"already_redeemed\"}", 1),
            ("recepisse_replays_total", 1),
            ("recepisse_problems_total{code=\"already_redeemed\"}", 1),
            ("recepisse_problems_total{code=\"route_unknown\"}", 1),
            (&format!("recepisse_http_answers_total{{route=\"{route}\",class=\"2xx\"}}"), 3),
            (&format!("recepisse_http_answers_total{{route=\"{route}\",class=\"4xx\"}}"), 1),
            (&format!("recepisse_http_duration_seconds_count{{route=\"{route}\"}}"), 4),
            ("recepisse_journal_position{programme=\"HDF21\"}", http.position()),
            ("recepisse_queue_acts", 0),
        ] {
            assert_eq!(figure(&seen, name), expected, "{name} on {}\n{seen}", http.world.engine());
        }
        // The two that were granted and the one that left a refused scan; the replay wrote nothing.
        assert_eq!(figure(&seen, "recepisse_groups_total{fate=\"committed\"}"), 3);
        let groups = figure(&seen, "recepisse_group_acts_count");
        assert_eq!(figure(&seen, "recepisse_group_stage_seconds_count{stage=\"commit\"}"), 3);
        for stage in ["wait", "door", "look", "prefetch", "decide", "answer"] {
            let name = format!("recepisse_group_stage_seconds_count{{stage=\"{stage}\"}}");
            assert_eq!(figure(&seen, &name), groups, "{name}");
        }
        assert_eq!(documented(), named(&seen));
        let engine = http.world.store.backend();
        assert!(seen.contains(&format!("engine=\"{engine}\"")) && !seen.contains("recepisse_since_commit_seconds NaN"));
    });
}

#[test]
fn a_request_has_one_name_in_the_answer_the_problem_and_every_line_of_the_log() {
    over_every_engine(stage, async |http| {
        log();
        let engine = http.world.engine();
        let (granted, refused) = (format!("granted-on-{engine}"), format!("refused-on-{engine}"));
        for (name, status) in [(&granted, 201), (&refused, 409)] {
            let request = http.venue_agent("LIEUX").request(Method::POST, "/programmes/HDF21/redemptions").await;
            let request = request.insert_header(("X-Request-Id", name.clone()));
            let request = request.insert_header(("Idempotency-Key", http.key()));
            let answer = http.send(request.set_json(redemption_body(http.world, 2, &[1]))).await;
            assert_eq!((answer.status, answer.header("X-Request-Id")), (status, Some(name.as_str())));
            if status == 409 {
                assert_eq!(answer.text_at("trace_id"), *name);
            }
            let lines = lines_of_group(name);
            let said = |message: &str| lines.iter().filter(|line| line["message"] == message).collect::<Vec<&Value>>();
            assert_eq!(said("request").len(), 1, "{lines:?}");
            assert_eq!(said("request")[0]["span"]["trace_id"], *name);
            assert_eq!(said("group").len() + said("slow group").len(), 1, "the writer's line: {lines:?}");
        }
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let request = http.anonymous().request(Method::GET, "/nothing").await.insert_header(("traceparent", parent));
        let answer = http.send(request).await;
        assert_eq!(answer.header("X-Request-Id"), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
        let request = http.anonymous().request(Method::GET, "/nothing").await.insert_header(("X-Request-Id", "a b"));
        assert_ne!(http.send(request).await.text_at("trace_id"), "a b");
    });
}

/// What is logged on a blocking thread bears the name too: here, that a database's row is not ours.
#[test]
fn an_error_on_a_blocking_thread_names_the_request() {
    over_every_engine(stage, async |http| {
        let log = log();
        let name = format!("blocked-on-{}", http.world.engine());
        let mut raw = crate::harness::Raw::on(&http.world.place);
        raw.run("UPDATE venues SET services = 'nonsense'").unwrap();
        let request = http.region_admin().request(Method::GET, "/venues").await;
        let answer = http.send(request.insert_header(("X-Request-Id", name.clone()))).await;
        answer.is_refused(500, "internal_error");
        let lines = log.lines(&name);
        assert!(lines.iter().any(|line| line["level"] == "ERROR" && line["span"]["trace_id"] == name), "{lines:?}");
    });
}

#[test]
fn a_slow_group_is_logged_once_with_its_size_its_kinds_and_its_stages() {
    on_every_engine(|world| {
        let log = log();
        let ask = |slow_group| {
            let options = Options { slow_group, ..Options::default() };
            let surroundings: (Arc<dyn Clock>, Arc<dyn Entropy>) = (world.clock.clone(), world.entropy.clone());
            let (store, keys) = (Arc::clone(&world.store), Arc::clone(&world.keys));
            let ledger = Ledger::start_with(store, keys, surroundings, options, Arc::new(Unobserved)).unwrap();
            let position = world.journal(world.programme.no).position + 1;
            Hand { ledger: &ledger, ..world.region_admin() }.does(world.order(&format!("SLOW-{position}"), 1));
            drop(ledger);
        };
        let slow = || log.lines("1 order").into_iter().filter(|line| line["message"] == "slow group").count();
        let before = slow();
        ask(Duration::from_hours(1));
        assert_eq!(slow(), before, "nothing is slow beside an hour");
        ask(Duration::ZERO);
        assert_eq!(slow(), before + 1);
        let last = log.lines("1 order").into_iter().rfind(|line| line["message"] == "slow group").unwrap();
        assert_eq!(
            (last["level"].as_str(), last["acts"].as_i64(), last["fate"].as_str()),
            (Some("WARN"), Some(1), Some("committed"))
        );
        let stages = last["stages"].as_str().unwrap();
        for stage in ["wait ", "door ", "look ", "prefetch ", "decide ", "flush ", "commit ", "answer "] {
            assert!(stages.contains(stage), "{stages}");
        }
    });
}

#[test]
fn ready_says_so_and_a_journal_that_went_back_is_a_reason_not_to_be() {
    over_every_engine(stage, async |http| {
        let agent = http.venue_agent("LIEUX");
        agent.post("/programmes/HDF21/redemptions", redemption_body(http.world, 2, &[1])).await.receipt();
        metrics(http).await;
        let ready = http.anonymous().get("/ready").await.done();
        assert_eq!((ready["status"].as_str(), &ready["reasons"]), (Some("ready"), &json!([])));
        Raw::on(&http.world.place).run("UPDATE journals SET position = position - 1").unwrap();
        let answer = http.anonymous().get("/ready").await;
        assert_eq!((answer.status, answer.json()["reasons"].clone()), (503, json!(["journal_behind"])));
        assert_eq!(http.anonymous().get("/health").await.status, 200);
    });
}

#[test]
fn a_server_that_stops_is_not_ready_and_serves_what_still_comes() {
    over_every_engine(stage, async |http| {
        http.app.drain();
        let answer = http.anonymous().get("/ready").await;
        assert_eq!((answer.status, answer.json()["reasons"].clone()), (503, json!(["draining"])));
        let agent = http.venue_agent("LIEUX");
        agent.post("/programmes/HDF21/redemptions", redemption_body(http.world, 2, &[1])).await.receipt();
    });
}

/// PostgreSQL goes away; a file cannot, but what is asked of it can be gone.
#[test]
fn a_database_that_does_not_answer_is_a_reason_not_to_be_ready() {
    over_every_engine(stage, async |http| {
        assert_eq!(http.anonymous().get("/ready").await.status, 200);
        match http.world.engine() {
            Engine::Sqlite => Raw::on(&http.world.place).run("ALTER TABLE programmes RENAME TO away").unwrap(),
            Engine::Postgres => {
                let (cluster, name) = (cluster().unwrap(), http.world.place.url.split(['/', '?']).nth(3).unwrap());
                cluster.run(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"));
                cluster
                    .run(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"));
            }
        }
        let answer = http.anonymous().get("/ready").await;
        assert_eq!((answer.status, answer.json()["reasons"].clone()), (503, json!(["database_unreachable"])));
        assert_eq!(http.anonymous().get("/health").await.status, 200);
    });
}

#[test]
fn a_head_that_we_never_signed_is_counted() {
    over_every_engine(stage, async |http| {
        let name = "recepisse_unproven_heads_total";
        assert_eq!(figure(&metrics(http).await, name), 0);
        let request = http.anonymous().request(Method::GET, "/health").await;
        http.send(request.insert_header(("Ledger-Head", "HDF21 1 3 0 0 0"))).await;
        assert_eq!(figure(&metrics(http).await, name), 1);
    });
}

/// On a file's volume that seems full: see below.
#[test]
fn a_full_volume_is_a_reason_not_to_be_ready_and_acts_are_told() {
    let mut world = World::new(Engine::Sqlite);
    stage(&world);
    System::new().block_on(async { drop(Http::over(&world).await) });
    let place = std::mem::replace(&mut world.place, Place::fresh(Engine::Sqlite));
    let options = store::Options { least_free_bytes: u64::MAX, ..store::Options::default() };
    let world = world.restarted_with(place, None, &options);
    System::new().block_on(async {
        let http = Http::over(&world).await;
        let answer = http.anonymous().get("/ready").await;
        assert_eq!((answer.status, answer.json()["reasons"].clone()), (503, json!(["storage_full"])));
        http.sign_in("region_admin@hdf.example", PASSWORD).await.is_refused(507, "storage_full");
        assert_eq!(http.anonymous().get("/api/v1/openapi.json").await.status, 200);
    });
}

/// The file's volume seems full as soon as more must be free than there is.
#[test]
fn a_full_volume_stops_the_writing_before_anything_is_tried_and_reading_goes_on() {
    for engine in engines() {
        let place = Place::fresh(*engine);
        let options = store::Options { least_free_bytes: u64::MAX, ..store::Options::default() };
        let full = Store::open(&place.url, &options).unwrap();
        let told = full.write(|_| Ok::<(), StoreError>(()));
        match engine {
            Engine::Sqlite => assert!(matches!(told, Err(WriteError::Undone(StoreError::Full))), "{told:?}"),
            // The server looks after its own disk.
            Engine::Postgres => assert!(told.is_ok()),
        }
        let first = Page { after: None, limit: 1 };
        assert!(full.read(|tx| tx.programmes(&first)).unwrap().is_empty());
    }
}
