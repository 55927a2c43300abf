//! Whether the service lives, whether it can serve, and what it has done.

use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::app::{App, blocking};
use super::metrics::State;
use super::problem::Problem;
use super::recognition::finds;
use crate::domain::ids::ProgrammeNo;
use crate::domain::people_key::PeopleKeys;
use crate::ledger::Head;
use crate::store::{Page, Reads, StoreError};
use crate::volume::Space;

/// What the database has to answer whether it is there.
const PROBE_DEADLINE: Duration = Duration::from_secs(2);
/// An act that has waited for longer has met a writer that is stuck.
const STUCK: Duration = Duration::from_secs(10);

/// The process answers.
#[utoipa::path(get, path = "/health", tag = "operations", security(()),
    responses((status = 200, description = "The process lives", body = serde_json::Value)))]
pub(super) async fn health() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "ok" }))
}

/// What there is to know before somebody sends requests here.
#[derive(Debug, Clone, Copy)]
struct Seen {
    draining: bool,
    writer_lives: bool,
    oldest: Option<Duration>,
    full: bool,
    journal: Result<bool, ()>,
    keys: PeopleKeysHeld,
}

/// Whether every programme's key of people is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PeopleKeysHeld {
    All,
    OneMissing,
    /// The database did not answer.
    Unknown,
}

#[derive(Debug, Serialize)]
struct Readiness {
    status: &'static str,
    engine: String,
    /// Why requests should go elsewhere: stable codes.
    reasons: Vec<&'static str>,
    /// What will become a reason if nobody looks after it.
    warnings: Vec<&'static str>,
    /// Programmes in which nothing is written until a restore is declared.
    frozen_programmes: Vec<String>,
}

/// Whether requests should be sent here, and if not, why.
#[utoipa::path(get, path = "/ready", tag = "operations", security(()),
    responses((status = 200, description = "Requests will be served", body = serde_json::Value),
        (status = 503, description = "Requests should go elsewhere; `reasons` says why", body = serde_json::Value)))]
pub(super) async fn ready(app: web::Data<App>) -> HttpResponse {
    let found = probe(&app).await;
    let seen = Seen {
        draining: app.draining(),
        writer_lives: app.ledger.writer_lives(),
        oldest: app.ledger.pulse().oldest(),
        full: app.store.is_full(),
        journal: found.map(|(journal, _)| journal),
        keys: found.map_or(PeopleKeysHeld::Unknown, |(_, keys)| keys),
    };
    let reasons = reasons(&seen);
    let warnings = if app.store.space().is_some_and(Space::is_low) { vec!["storage_low"] } else { Vec::new() };
    // No reason: reading goes on, and a loss is declared through this very door.
    let frozen_programmes = app.ledger.heads().frozen();
    let (mut answer, status) = if reasons.is_empty() {
        (HttpResponse::Ok(), "ready")
    } else {
        (HttpResponse::ServiceUnavailable(), "unready")
    };
    let engine = app.store.backend().to_string();
    answer.json(Readiness { status, engine, reasons, warnings, frozen_programmes })
}

fn reasons(seen: &Seen) -> Vec<&'static str> {
    let stuck = seen.oldest.is_some_and(|age| age > STUCK);
    let all = [
        (seen.draining, "draining"),
        (!seen.writer_lives, "writer_stopped"),
        (stuck, "writer_stuck"),
        (seen.full, "storage_full"),
        (seen.journal == Err(()), "database_unreachable"),
        (seen.journal == Ok(false), "journal_behind"),
        (seen.keys == PeopleKeysHeld::OneMissing, "people_key_missing"),
    ];
    all.into_iter().filter(|(holds, _)| *holds).map(|(_, code)| code).collect()
}

/// Whether the journals hold what this process wrote, and whether it can recognise the people of every programme. A database that does not answer in time is out of reach; the
/// thread that waits for it keeps its permit, so that no more than a few ever wait.
async fn probe(app: &web::Data<App>) -> Result<(bool, PeopleKeysHeld), ()> {
    let permit = Arc::clone(&app.probes).try_acquire_owned().map_err(drop)?;
    let shared = app.clone();
    let read = blocking(move || {
        let _permit = permit;
        let heads = shared.ledger.pulse().heads();
        let found = shared.store.read(|tx| Ok((holds(tx, &heads)?, tx.all_people_keys()?)));
        let (journal, keys) = found.map_err(|error: StoreError| Problem::from(error))?;
        let held = |keys: &PeopleKeys| finds(shared.keys.people(), keys.renewed.as_ref());
        let all = keys.values().all(held);
        Ok((journal, if all { PeopleKeysHeld::All } else { PeopleKeysHeld::OneMissing }))
    });
    tokio::time::timeout(PROBE_DEADLINE, read).await.map_err(drop)?.map_err(drop)
}

/// Another instance may have gone on from a head of ours; it may not have gone another way.
fn holds(tx: &mut dyn Reads, heads: &[(ProgrammeNo, Head)]) -> Result<bool, StoreError> {
    tx.programmes(&Page { after: None, limit: 1 })?;
    for (programme, head) in heads {
        let journal = tx.journal(*programme)?;
        let receipt = tx.receipt_at(*programme, head.position)?;
        let there = journal.is_some_and(|journal| journal.position >= head.position);
        if !there || receipt.is_none_or(|receipt| receipt.hash != head.hash) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Counters in the OpenMetrics text format, which Prometheus reads.
#[utoipa::path(get, path = "/metrics", tag = "operations", security(()),
    responses((status = 200, description = "Counters", content_type = "application/openmetrics-text", body = String)))]
pub(super) async fn metrics(app: web::Data<App>) -> HttpResponse {
    let (pulse, space) = (app.ledger.pulse(), app.store.space());
    let state = State {
        waiting: pulse.waiting(),
        oldest: pulse.oldest(),
        since_commit: pulse.since_commit(),
        readers_in_use: app.store.readers_in_use(),
        unproven_heads: app.ledger.heads().unproven(),
        accesses_lost: app.accesses.lost(),
        disk_free_bytes: space.map(|space| space.free_bytes),
        disk_total_bytes: space.map(|space| space.total_bytes),
    };
    let text = app.metrics.text(&state).unwrap_or_default();
    HttpResponse::Ok().content_type("application/openmetrics-text; version=1.0.0; charset=utf-8").body(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_not_to_be_ready_is_told_by_its_code() {
        let well = Seen {
            draining: false,
            writer_lives: true,
            oldest: Some(Duration::from_millis(5)),
            full: false,
            journal: Ok(true),
            keys: PeopleKeysHeld::All,
        };
        assert!(reasons(&well).is_empty());
        for (seen, code) in [
            (Seen { draining: true, ..well }, "draining"),
            (Seen { writer_lives: false, ..well }, "writer_stopped"),
            (Seen { oldest: Some(STUCK + Duration::from_millis(1)), ..well }, "writer_stuck"),
            (Seen { full: true, ..well }, "storage_full"),
            (Seen { journal: Err(()), ..well }, "database_unreachable"),
            (Seen { journal: Ok(false), ..well }, "journal_behind"),
            (Seen { keys: PeopleKeysHeld::OneMissing, ..well }, "people_key_missing"),
        ] {
            assert_eq!(reasons(&seen), [code]);
        }
    }
}
