//! Lives from seeds: writes them, lives them, and shortens one that failed. What never lives here: what happens in them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use recepisse::clock::{Entropy as _, SystemEntropy};
use recepisse::domain::time::Instant;

use super::clients::Clients;
use super::model::Model;
use super::oracle::{Oracle, Tally};
use super::script::Event;
use super::subject::{Legacy, Subject};

/// When every life begins: the morning of the harness's world.
fn morning() -> Instant {
    Instant::parse("2021-10-04T07:30:00.000Z").unwrap()
}

/// The life that a seed stands for.
pub(super) fn script(seed: u64, events: usize) -> Vec<Event> {
    let (mut clients, mut model) = (Clients::new(seed), Model::new(morning()));
    let mut happened = Vec::with_capacity(events);
    for _ in 0..events {
        let event = clients.next(&model);
        match &event {
            Event::Arrive(request) => drop(model.ask(request)),
            Event::TimePasses(seconds) => model.time_passes(*seconds),
            Event::ClockIsSet(seconds) => model.clock_is_set(*seconds),
            Event::Changes(change) => model.change(change),
            Event::Restart => model.restarts(),
            Event::GroupEnds | Event::Rehearse(_) | Event::Look(_) => {}
        }
        happened.push(event);
    }
    happened
}

/// Lives it with a subject. A panic of the subject is a finding like any other.
///
/// # Errors
/// What went wrong, and after how many events.
pub(super) fn live(events: &[Event], subject: &mut dyn Subject) -> Result<(Tally, Legacy), (usize, String)> {
    let mut lived = 0;
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let mut oracle = Oracle::new(subject, Model::new(morning()));
        for event in events {
            oracle.step(event)?;
            lived += 1;
        }
        oracle.finish()
    }));
    match outcome {
        Ok(outcome) => outcome.map_err(|what| (lived, what)),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic");
            Err((lived, format!("panicked: {text}")))
        }
    }
}

/// Drops events while the rest still fails, at most `tries` times. What is left is what it takes.
pub(super) fn shorten(mut events: Vec<Event>, mut tries: usize, fails: impl Fn(&[Event]) -> bool) -> Vec<Event> {
    let mut chunk = events.len().div_ceil(2);
    while chunk > 0 {
        let (before, mut start) = (events.len(), 0);
        while start < events.len() && tries > 0 {
            tries -= 1;
            let rest = [&events[..start], &events[(start + chunk).min(events.len())..]].concat();
            if fails(&rest) {
                events = rest;
            } else {
                start += chunk;
            }
        }
        // One by one until nothing can be spared any more.
        if chunk > 1 || events.len() == before {
            chunk /= 2;
        }
    }
    events
}

/// What to tell people about a life that failed.
pub(super) fn report(seed: u64, what: &str, shortened: &[Event]) -> String {
    let events: Vec<String> = shortened.iter().map(|event| format!("{event:?}")).collect();
    format!(
        "{what}\n\nto see it again: RECEPISSE_SEED={seed} cargo test --locked --test it simulation\n\
         it takes {} events:\n  {}",
        events.len(),
        events.join("\n  ")
    )
}

#[expect(clippy::disallowed_methods, reason = "how a run is asked for: one seed again, or so many seconds")]
fn asked_for(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().and_then(|text| text.parse().ok())
}

/// The seeds to live: the one asked for with `RECEPISSE_SEED`; else the first `fixed` ones, a fresh one, and further
/// fresh ones for as many seconds as `RECEPISSE_SIMULATION_SECONDS` says.
pub(super) fn for_each_seed(fixed: u64, mut life: impl FnMut(u64)) {
    if let Some(seed) = asked_for("RECEPISSE_SEED") {
        return life(seed);
    }
    (1..=fixed).for_each(&mut life);
    let seconds = asked_for("RECEPISSE_SIMULATION_SECONDS").unwrap_or(0);
    let (start, mut lives) = (std::time::Instant::now(), 0);
    loop {
        let mut fresh = [0; 8];
        SystemEntropy.fill(&mut fresh);
        let seed = u64::from_be_bytes(fresh);
        println!("simulation: fresh seed {seed}");
        life(seed);
        lives += 1;
        if start.elapsed().as_secs() >= seconds {
            break;
        }
    }
    println!("simulation: {lives} fresh lives");
}

/// Whether the run is the usual one, whose reach is known.
pub(super) fn is_usual() -> bool {
    asked_for("RECEPISSE_SEED").is_none()
}
