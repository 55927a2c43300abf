//! F-20: a migration killed, or its disk failing, at every call by which it writes; on both engines the next start
//! completes it. What never lives here: what the schema is.

use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::harness::{
    Engine, Injection, PROGRAM, Place, Raw, alone, bar, chance, each_processor, engines, most_calls, strace_is_here,
    tell, watched,
};

/// By which calls an engine's migration writes, and what may become of them. To PostgreSQL a statement is one message;
/// cut connections are another suite's.
const fn harms(engine: Engine) -> &'static [(&'static str, &'static str)] {
    match engine {
        Engine::Sqlite => &[
            ("pwrite64", "signal=SIGKILL"),
            ("fdatasync", "signal=SIGKILL"),
            ("ftruncate", "signal=SIGKILL"),
            ("unlink", "signal=SIGKILL"),
            ("fdatasync", "error=EIO"),
            ("pwrite64", "error=ENOSPC"),
        ],
        Engine::Postgres => &[("sendto", "signal=SIGKILL")],
    }
}

fn migrate(place: &Place) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(["migrate", "--database", &place.url, "--data-dir", env!("CARGO_TARGET_TMPDIR")]);
    command
}

/// Everything that the database is made of, as its own catalogue tells it.
fn schema(place: &Place) -> Vec<Option<String>> {
    let sql = match place.engine {
        Engine::Sqlite => "SELECT sql AS answer FROM sqlite_master ORDER BY type, name",
        Engine::Postgres => {
            "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable AS answer
             FROM information_schema.columns WHERE table_schema = 'public'
             UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
             UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
             UNION ALL SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
             WHERE connamespace = 'public'::regnamespace
             UNION ALL SELECT version FROM __diesel_schema_migrations
             ORDER BY answer"
        }
    };
    Raw::on(place).texts(sql)
}

/// Whether a start after the fault leads where an undisturbed one leads.
fn completes(place: &Place, sound: &[Option<String>]) -> Result<(), String> {
    let Output { status, stderr, .. } = migrate(place).output().unwrap();
    if !status.success() {
        return Err(format!("the next start does not complete it: {}", String::from_utf8_lossy(&stderr)));
    }
    if schema(place) == sound { Ok(()) } else { Err("the next start leaves another schema".to_owned()) }
}

#[test]
fn a_migration_broken_off_at_any_call_is_completed_by_the_next_start() {
    let _machine = alone();
    if !strace_is_here("F-20") {
        return;
    }
    for engine in engines() {
        let reference = Place::empty(*engine);
        assert!(migrate(&reference).output().unwrap().status.success());
        let sound = schema(&reference);
        let file = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("migration-calls");
        let calls: Vec<&str> = harms(*engine).iter().map(|(call, _)| *call).collect();
        assert!(watched(&migrate(&Place::empty(*engine)), &file, &calls).output().unwrap().status.success());
        let counted = most_calls(&file);
        let mut injections = Vec::new();
        for (call, harm) in harms(*engine) {
            let most = counted.get(*call).copied().unwrap_or(0);
            let step = if most > 30 { usize::try_from(bar("RECEPISSE_FAULT_STEP", 10)).unwrap() } else { 1 };
            let when = (1 + chance(step)..=most).step_by(step).map(|k| k.to_string());
            injections.extend(when.map(|when| Injection { call, harm, when }));
        }
        let (runs, broken_off) = (injections.len(), AtomicU32::new(0));
        each_processor(injections, |injection| {
            let place = Place::empty(*engine);
            let output = injection.on(&migrate(&place)).output().unwrap();
            broken_off.fetch_add(u32::from(!output.status.success()), Ordering::Relaxed);
            completes(&place, &sound).unwrap_or_else(|wrong| panic!("{engine} {injection:?}: {wrong}"));
        });
        let broken_off = broken_off.into_inner();
        assert!(broken_off > 0, "{engine}: no migration was broken off");
        tell(&format!("F-20 {engine}: {runs} migrations ({counted:?} calls), {broken_off} broken off, all completed"));
    }
}

/// The positive control: what a migration would leave that is not one transaction.
#[test]
fn a_migration_that_stopped_between_two_of_its_statements_is_convicted() {
    let text = include_str!("../../migrations/2026-11-24-000001_ledger/up.sql");
    let (half, _) = text.split_at(text[..text.len() / 2].rfind(";\n").unwrap() + 1);
    for engine in engines() {
        let place = Place::empty(*engine);
        Raw::on(&place).run(half).unwrap();
        completes(&place, &[]).expect_err("the judge is blind");
    }
}
