//! The schema that is found at start is the one that migrations make, or the program does not start; and what an
//! engine must be set to is looked at, not assumed.

use std::collections::BTreeMap;
use std::path::Path;

use recepisse::domain::closing::{Close, Period};
use recepisse::store::{Access, Options, Store};

use crate::harness::{Engine, Person, Place, Raw, World, engines};

fn file(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => concat!(env!("CARGO_MANIFEST_DIR"), "/src/store/expected/sqlite.txt"),
        Engine::Postgres => concat!(env!("CARGO_MANIFEST_DIR"), "/src/store/expected/postgres.txt"),
    }
}

/// After a new migration: the message says how to take the new lines over.
#[test]
fn the_lines_to_expect_are_those_that_migrations_make() {
    let mut stale = Vec::new();
    for engine in engines() {
        let place = Place::fresh(*engine);
        // Migrates, and is refused where the lines are stale; who only reads is let in.
        drop(Store::open(&place.url, &Options::default()));
        let store = Store::open(&place.url, &Options { access: Access::Read, ..Options::default() }).unwrap();
        let found = store.objects().unwrap().join("\n") + "\n";
        let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join(file(*engine).rsplit('/').next().unwrap());
        std::fs::write(&made, &found).unwrap();
        if std::fs::read_to_string(file(*engine)).unwrap() != found {
            stale.push(format!("cp {} {}", made.display(), file(*engine)));
        }
    }
    assert!(stale.is_empty(), "the schema has changed:\n{}", stale.join("\n"));
}

/// Runs a test once per engine on the database of a world that has stopped: a SQLite file has one writer.
fn on_every_database(prepare: impl Fn(&World), test: impl Fn(&Place)) {
    for engine in engines() {
        let world = World::new(*engine);
        prepare(&world);
        test(&world.stop());
    }
}

fn refusal(place: &Place) -> Option<String> {
    Store::open(&place.url, &Options::default()).err().map(|error| error.to_string())
}

/// How to take an object away and how to put it back; none where only a new table could, or another object goes with it.
fn away_and_back(engine: Engine, line: &str) -> Option<(String, String)> {
    let (name, definition) = line.split_once(": ").unwrap();
    let (kind, name) = name.split_once(' ').unwrap();
    let (table, object) = name.split_once('.').unwrap();
    match (kind, engine) {
        ("trigger", Engine::Sqlite) => Some((format!("DROP TRIGGER {object}"), definition.to_owned())),
        ("trigger", Engine::Postgres) => Some((format!("DROP TRIGGER {object} ON {table}"), definition.to_owned())),
        // Those behind a constraint go with it.
        ("index", _) if !object.contains("_by_") => None,
        ("index", _) => Some((format!("DROP INDEX {object}"), definition.to_owned())),
        ("constraint", Engine::Postgres) => Some((
            format!("ALTER TABLE {table} DROP CONSTRAINT {object}"),
            format!("ALTER TABLE {table} ADD CONSTRAINT {object} {definition}"),
        )),
        ("column", Engine::Postgres) => Some((
            format!("ALTER TABLE {table} RENAME COLUMN {object} TO away"),
            format!("ALTER TABLE {table} RENAME COLUMN away TO {object}"),
        )),
        ("function", _) | ("constraint" | "column", Engine::Sqlite) => None,
        _ => panic!("{line}"),
    }
}

/// A world in which every table with a guard has something to guard.
fn with_something_to_guard(world: &World) {
    world.supply_maubeuge(2);
    let person = Person::senior(world, 1);
    world.prescriber("MAUB").does(world.hand_out(&person, [1]));
    world.prescriber("MAUB").is_refused(world.hand_out(&person, [2]));
    world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, [1])));
    world.venue_agent("LIEUX").is_refused(world.redeem("Maubeuge", world.codes(1, [1])));
    world.write(|tx| tx.insert_accesses(&[world.access()]));
    let of = world.day();
    world.clock.advance_seconds(24 * 60 * 60);
    world.region_finance().does(Close { period: Period::Day, of });
    world.write(|tx| tx.insert_tree_block(world.programme.no, 0, &[7; 32]));
    crate::http::places::stage(world);
}

/// Every object in turn is taken away, and put back: each time the start is refused, and names it.
#[test]
fn a_start_without_any_one_object_is_refused_and_names_it() {
    on_every_database(with_something_to_guard, |place| {
        assert_eq!(refusal(place), None);
        let lines = std::fs::read_to_string(file(place.engine)).unwrap();
        let mut raw = Raw::on(place);
        let mut tried = BTreeMap::new();
        for line in lines.lines() {
            let Some((away, back)) = away_and_back(place.engine, line) else { continue };
            if let Err(told) = raw.run(&away) {
                assert!(told.contains("depend"), "{away}: {told}");
                continue;
            }
            let told = refusal(place).unwrap_or_else(|| panic!("{away}, and it starts all the same"));
            let (name, _) = line.split_once(": ").unwrap();
            let (kind, name) = name.split_once(' ').unwrap();
            let table = name.split('.').next().unwrap();
            // A guard that watches a column goes with it, and is named first.
            let guard = kind == "column" && told.contains(&format!("la table {table} a perdu"));
            assert!(guard || told.contains(if kind == "trigger" { table } else { name }), "{away}: {told}");
            raw.run(&back).unwrap();
            *tried.entry(kind).or_insert(0) += 1;
        }
        assert_eq!(refusal(place), None, "everything is back");
        assert!(tried["trigger"] >= 5 && tried["index"] >= 5, "{tried:?}");
        assert!(place.engine == Engine::Sqlite || tried["constraint"] > 50 && tried["column"] > 150, "{tried:?}");
    });
}

/// Where SQLite has no statement for it: the text of a table, changed under its hands.
#[test]
fn a_check_struck_out_of_a_table_is_missed() {
    on_every_database(
        |_| {},
        |place| {
            if place.engine == Engine::Postgres {
                return;
            }
            let check = "CHECK (passes_left BETWEEN 0 AND size)";
            let strike = format!(
                "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, '{check}', 'CHECK (1)') \
             WHERE name = 'booklets'; PRAGMA writable_schema = RESET;"
            );
            Raw::on(place).run(&strike).unwrap();
            let told = refusal(place).unwrap();
            assert!(told.contains(&format!("constraint booklets.{check}")), "{told}");
        },
    );
}

#[test]
fn what_was_added_to_a_table_is_named_and_an_index_of_the_operators_own_is_not() {
    on_every_database(
        |_| {},
        |place| {
            let mut raw = Raw::on(place);
            raw.run("CREATE INDEX own_by_day ON receipts (day)").unwrap();
            assert_eq!(refusal(place), None);
            raw.run("ALTER TABLE booklets ADD COLUMN extra TEXT").unwrap();
            let told = refusal(place).unwrap();
            assert!(told.contains("ajouté : column booklets.extra"), "{told}");
        },
    );
}

/// Whoever takes a guard away may have used the time: only a person puts it back.
#[test]
fn a_lost_guard_comes_back_by_itself_only_where_there_was_nothing_to_guard() {
    let drop_guard = |place: &Place| match place.engine {
        Engine::Sqlite => "DROP TRIGGER receipts_keep_delete",
        Engine::Postgres => "DROP TRIGGER receipts_keep ON receipts",
    };
    on_every_database(
        |_| {},
        |place| {
            Raw::on(place).run(drop_guard(place)).unwrap();
            assert_eq!(refusal(place), None, "no receipt was there yet");
        },
    );
    on_every_database(with_something_to_guard, |place| {
        let mut raw = Raw::on(place);
        raw.run(drop_guard(place)).unwrap();
        let told = refusal(place).unwrap();
        assert!(told.contains("receipts") && told.contains("--restore-guards"), "{told}");
        let look = Options { access: Access::Read, ..Options::default() };
        assert!(Store::open(&place.url, &look).is_ok(), "one may look at it");
        assert!(refusal(place).is_some(), "looking repairs nothing");
        let repair = Options { restore_guards: true, ..Options::default() };
        drop(Store::open(&place.url, &repair).unwrap());
        assert_eq!(refusal(place), None);
        assert!(raw.run("DELETE FROM receipts").unwrap_err().contains("append-only"));
    });
}
