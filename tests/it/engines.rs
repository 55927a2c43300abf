//! What must be the same on both engines, and the traps in which they differ.

use std::collections::BTreeMap;

use recepisse::domain::closing::{Close, Period};
use recepisse::domain::facts::Facts;
use recepisse::store::{Access, GroupRecord, Journal, Options, Store, StoreError, TABLES, WriteError};

use crate::harness::{Engine, Person, Raw, World, engines, on_every_engine, on_postgres, short_code};

/// By table, its columns in order: name, type, whether it may be null.
type Schema = BTreeMap<String, Vec<(String, String, bool)>>;

/// The tables as `src/store/schema.rs` and the files beside it declare them.
fn declared() -> Schema {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    let parts = std::fs::read_dir(folder.join("schema")).unwrap().map(|entry| entry.unwrap().path());
    let files = std::iter::once(folder.join("schema.rs")).chain(parts);
    let text: String = files.map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let mut schema = Schema::new();
    for table in text.split("diesel::table! {").skip(1) {
        let (head, rest) = table.split_once('{').unwrap();
        let name = head.split('(').next().unwrap().trim();
        let columns = rest.split('}').next().unwrap().lines().filter_map(|line| line.trim().split_once(" -> "));
        let column = |(name, kind): (&str, &str)| {
            let kind = kind.trim_end_matches(',');
            let inner = kind.strip_prefix("Nullable<").and_then(|kind| kind.strip_suffix('>'));
            (name.to_owned(), inner.unwrap_or(kind).to_owned(), inner.is_some())
        };
        schema.insert(name.to_owned(), columns.map(column).collect());
    }
    schema
}

/// The tables as the engine itself describes them.
fn found(world: &World) -> Schema {
    let sql = match world.engine() {
        Engine::Sqlite => {
            "SELECT m.name || ' ' || c.name || ' ' || lower(c.type) || ' ' || (c.\"notnull\" = 0) AS answer \
             FROM sqlite_master AS m, pragma_table_info(m.name) AS c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY m.name, c.cid"
        }
        Engine::Postgres => {
            "SELECT table_name || ' ' || column_name || ' ' || data_type || ' ' || \
             (CASE is_nullable WHEN 'YES' THEN 1 ELSE 0 END) AS answer \
             FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position"
        }
    };
    let mut schema = Schema::new();
    for row in Raw::on(&world.place).texts(sql).into_iter().flatten() {
        let words: Vec<&str> = row.split(' ').collect();
        let kind = match words[2] {
            "text" => "Text",
            "bigint" => "BigInt",
            "boolean" => "Bool",
            "bytea" => "Binary",
            other => other,
        };
        if words[0] != "__diesel_schema_migrations" {
            let column = (words[1].to_owned(), kind.to_owned(), words[3] == "1");
            schema.entry(words[0].to_owned()).or_default().push(column);
        }
    }
    schema
}

#[test]
fn both_engines_have_the_tables_that_the_program_declares() {
    on_every_engine(|world| assert_eq!(found(world), declared(), "{}", world.engine()));
}

#[test]
fn what_is_kept_for_good_can_be_neither_changed_nor_deleted() {
    on_every_engine(|world| {
        world.supply_maubeuge(2);
        let person = Person::senior(world, 1);
        world.prescriber("MAUB").does(world.hand_out(&person, [1]));
        world.prescriber("MAUB").is_refused(world.hand_out(&person, [2]));
        let again = || world.redeem("Maubeuge", world.codes(1, [1]));
        world.venue_agent("LIEUX").does(again());
        world.venue_agent("LIEUX").is_refused(again());
        let of = world.day();
        world.clock.advance_seconds(24 * 60 * 60);
        world.region_finance().does(Close { period: Period::Day, of });
        world.write(|tx| tx.insert_tree_block(world.programme.no, 0, &[7; 32]));
        let mut raw = Raw::on(&world.place);
        for table in [
            "receipts",
            "entries",
            "receipt_items",
            "seals",
            "refused_scans",
            "refused_hand_outs",
            "closings",
            "tree_blocks",
        ] {
            assert!(raw.number(&format!("SELECT COUNT(*) AS answer FROM {table}")) > 0, "{table} is empty");
            let mut attempts = vec![
                format!("UPDATE {table} SET programme_no = programme_no"),
                format!("DELETE FROM {table}"),
                format!("DELETE FROM {table} WHERE programme_no = {}", world.programme.no.0),
            ];
            if world.engine() == Engine::Postgres {
                attempts.push(format!("TRUNCATE {table} CASCADE"));
            }
            for attempt in attempts {
                let told = raw.run(&attempt).expect_err(&attempt);
                assert!(told.contains("append-only"), "{attempt}: {told}");
            }
        }
        world.write(|tx| tx.insert_accesses(&[world.access()]));
        for attempt in ["UPDATE accesses SET status = status", "DELETE FROM accesses"] {
            let told = raw.run(attempt).expect_err(attempt);
            assert!(told.contains("append-only"), "{attempt}: {told}");
        }
        // The control: a table that is a projection lets itself be changed, so the statements above could have worked.
        raw.run("UPDATE balances SET programme_no = programme_no").unwrap();
    });
}

/// PostgreSQL asks it of all the rows of a statement at once, by triggers in the place of foreign keys.
#[test]
fn what_refers_to_nothing_is_refused_and_what_is_referred_to_stays() {
    on_every_engine(|world| {
        world.supply_maubeuge(1);
        world.prescriber("MAUB").does(world.hand_out(&Person::senior(world, 1), [1]));
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, [1])));
        let tables = found(world);
        let mut raw = Raw::on(&world.place);
        if world.engine() == Engine::Sqlite {
            raw.run("PRAGMA foreign_keys = ON").unwrap();
        }
        // A second row like the last one, but for what is said here.
        let copy = |table: &str, changed: &[(&str, &str)]| {
            let cell = |name: &String| {
                changed.iter().find(|(column, _)| column == name).map_or(name.clone(), |(_, cell)| (*cell).to_owned())
            };
            let columns: Vec<String> = tables[table].iter().map(|(name, _, _)| name.clone()).collect();
            let cells: Vec<String> = columns.iter().map(cell).collect();
            let (columns, cells) = (columns.join(", "), cells.join(", "));
            format!("INSERT INTO {table} ({columns}) SELECT {cells} FROM {table} ORDER BY 1 DESC LIMIT 1")
        };
        let attempts = [
            copy("receipts", &[("programme_no", "999"), ("number", "'another'")]),
            copy("entries", &[("position", "position + 1000")]),
            copy("entries", &[("programme_no", "999")]),
            copy("receipt_items", &[("position", "position + 1000")]),
            copy("redemptions", &[("number", "'another'"), ("programme_no", "999")]),
            copy("redemptions", &[("number", "'another'"), ("venue_id", "'nowhere'")]),
            copy("redemptions", &[("number", "'another'"), ("provider_id", "'nobody'")]),
            "DELETE FROM venues".to_owned(),
            "UPDATE venues SET id = id || '0'".to_owned(),
            "DELETE FROM organisations".to_owned(),
            "DELETE FROM programmes".to_owned(),
        ];
        for attempt in attempts {
            let told = raw.run(&attempt).expect_err(&attempt);
            let known = ["FOREIGN KEY", "of no receipt", "unknown", "never deleted nor renamed"];
            assert!(known.iter().any(|known| told.contains(known)), "{attempt}: {told}");
        }
        // The control: a copy that refers to what there is goes in, so those above failed for what they refer to.
        raw.run(&copy("redemptions", &[("number", "'another'")])).unwrap();
    });
}

#[test]
fn an_address_of_an_unknown_kind_is_refused_and_makes_no_file() {
    for wrong in ["postgress://u@h/db", "mysql://u:secret@h/db", "sqlite:", "http://x", "", "postgres-typo:x"] {
        let error = Store::open(wrong, &Options::default()).unwrap_err();
        assert!(matches!(error, StoreError::Schema(_)), "{wrong}: {error}");
        assert!(!error.to_string().contains("secret"));
        assert!(!std::path::Path::new(wrong).exists(), "{wrong} became a file");
    }
}

/// SQLite goes on after a failed statement, PostgreSQL forgets the whole transaction and answers a COMMIT all the
/// same. Either is fine; to say "written" when nothing was is not.
#[test]
fn an_error_swallowed_inside_the_write_door_does_not_pass_for_a_commit() {
    on_every_engine(|world| {
        world.stock_up(1);
        let maubeuge = world.store.read(|tx| tx.organisation_by_code(&short_code("MAUB"))).unwrap().unwrap();
        let written: Result<(), WriteError<StoreError>> = world.store.write_group(world.programme.no, |tx| {
            let before = tx.journal(world.programme.no)?.unwrap();
            assert!(tx.insert_organisation(&maubeuge).is_err(), "it exists already");
            let after = Journal { head: "0".repeat(64), ..before.clone() };
            let facts = Facts::new(world.programme.clone(), before.counters);
            let (before, after, facts) = (&before, &after, &facts);
            let record = GroupRecord {
                before,
                after,
                granted: &[],
                facts,
                seal: None,
                scans: &[],
                refused_hand_outs: &[],
                replies: &[],
            };
            Ok(((), tx.record(world.programme.no, &record)?))
        });
        match world.engine() {
            Engine::Sqlite => assert!(written.is_ok()),
            Engine::Postgres => assert!(matches!(written, Err(WriteError::Undone(_)))),
        }
        let stands = world.journal(world.programme.no).head == "0".repeat(64);
        assert_eq!(written.is_ok(), stands, "{}: what is answered is what stands", world.engine());
    });
}

#[test]
fn an_error_swallowed_in_a_write_without_a_journal_does_not_pass_for_a_commit_either() {
    on_every_engine(|world| {
        let code = short_code("MAUB");
        let written: Result<(), WriteError<StoreError>> = world.store.write(|tx| {
            let mut maubeuge = tx.organisation_by_code(&code)?.unwrap();
            maubeuge.active = false;
            maubeuge.version += 1;
            assert!(tx.update_organisation(&maubeuge)?);
            assert!(tx.insert_organisation(&maubeuge).is_err(), "it exists already");
            Ok(())
        });
        let maubeuge = world.store.read(|tx| tx.organisation_by_code(&code)).unwrap().unwrap();
        assert_eq!(written.is_ok(), !maubeuge.active, "{}: what is answered is what stands", world.engine());
    });
}

#[test]
fn a_schema_of_a_later_version_is_refused() {
    for engine in engines() {
        let place = World::new(*engine).stop();
        Raw::on(&place).run("INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000000')").unwrap();
        for access in [Access::Write, Access::Read] {
            let error = Store::open(&place.url, &Options { access, ..Options::default() }).unwrap_err();
            assert!(error.to_string().contains("version plus récente"), "{error}");
        }
    }
}

#[test]
fn who_reads_beside_the_writer_sees_the_register_and_changes_nothing() {
    on_every_engine(|world| {
        world.stock_up(1);
        let reader = Options { access: Access::Read, ..Options::default() };
        let store = Store::open(&world.place.url, &reader).unwrap();
        assert_eq!(store.read(|tx| tx.journal(world.programme.no)).unwrap().unwrap().position, 3);
        let written: Result<(), WriteError<StoreError>> = store.write(|_| Ok(()));
        assert!(matches!(written, Err(WriteError::Undone(StoreError::Failed(_)))));
        world.region_admin().does(world.order("CMD-2", 1));
        assert_eq!(store.read(|tx| tx.journal(world.programme.no)).unwrap().unwrap().position, 4);
    });
}

/// A program of tomorrow that reads a database of today must not migrate it under the server that writes.
#[test]
fn who_only_reads_refuses_a_schema_that_is_behind() {
    for engine in engines() {
        let place = World::new(*engine).stop();
        Raw::on(&place).run("DELETE FROM __diesel_schema_migrations").unwrap();
        let reader = Options { access: Access::Read, ..Options::default() };
        let error = Store::open(&place.url, &reader).unwrap_err();
        assert!(error.to_string().contains("recepisse migrate"), "{error}");
    }
}

#[test]
fn text_is_kept_as_it_was_whatever_its_letters() {
    on_every_engine(|world| {
        let name = "Œuvre d'Hérouville – ZÉBRÉE « à » 100 % \u{1f3ab} \\ ' \" ;--";
        let code = short_code("MAUB");
        world.write(|tx| {
            let mut maubeuge = tx.organisation_by_code(&code)?.unwrap();
            maubeuge.name = recepisse::domain::text::Label::parse(name)?;
            maubeuge.version += 1;
            assert!(tx.update_organisation(&maubeuge)?);
            Ok(())
        });
        let maubeuge = world.store.read(|tx| tx.organisation_by_code(&code)).unwrap().unwrap();
        assert_eq!(maubeuge.name.as_str(), name);
    });
}

/// The pool of readers is small: a connection that did not come back would be missed at the next panic.
#[test]
fn a_panic_inside_a_door_gives_its_connection_back() {
    on_every_engine(|world| {
        for _ in 0..20 {
            let read = || world.store.read::<(), StoreError>(|_| panic!("on purpose"));
            assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)).is_err());
            let write = || {
                world.store.write::<(), StoreError>(|tx| {
                    tx.enter(world.programme.no)?;
                    panic!("on purpose")
                })
            };
            assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(write)).is_err());
        }
        world.region_admin().does(world.order("CMD-1", 1));
        assert_eq!(world.journal(world.programme.no).position, 1);
    });
}

/// PostgreSQL keeps the plan that it made for a table when it was empty: found as hand-outs that read everybody who had a
/// booklet before, until the server analysed the table.
#[test]
fn a_plan_made_for_an_empty_table_is_not_kept_when_the_table_has_grown() {
    on_postgres(|world| {
        world.supply_maubeuge(140);
        let give = |number| world.prescriber("MAUB").does(world.hand_out(&Person::senior(world, number), [number]));
        give(1);
        let mut raw = Raw::on(&world.place);
        raw.run("ANALYZE people").unwrap();
        give(2);
        let crowd = format!(
            "INSERT INTO people SELECT {}, sha256(n::text::bytea), 0 FROM generate_series(1, 20000) AS n",
            world.programme.no.0
        );
        raw.run(&crowd).unwrap();
        (3..130).for_each(|number| drop(give(number)));
        let before = rows_read(world, &mut raw, "people");
        give(130);
        let read = rows_read(world, &mut raw, "people") - before;
        assert!(read < 2_000, "one hand-out has read {read} people");
    });
}

/// Found by the first hand-outs of a server that had been up for long: plans were made anew at each doubling of all that it
/// had committed, and so not before the table, which the server knew as empty, had grown a thousandfold.
#[test]
fn a_plan_made_late_is_made_anew_as_soon_as_one_made_early() {
    on_postgres(|world| {
        world.supply_maubeuge(60);
        for number in 0..150 {
            world.region_admin().does(world.order(&format!("LATE-{number}"), 1));
        }
        let mut raw = Raw::on(&world.place);
        raw.run("VACUUM ANALYZE likenesses").unwrap();
        for number in 1..40 {
            hand_out_to_somebody_with_a_name(world, number);
            let crowd = format!(
                "INSERT INTO likenesses SELECT {}, sha256(('{number} ' || n)::bytea), sha256(('{number} ' || n)::bytea) \
                 FROM generate_series(1, 100) AS n",
                world.programme.no.0
            );
            raw.run(&crowd).unwrap();
        }
        let before = rows_read(world, &mut raw, "likenesses");
        hand_out_to_somebody_with_a_name(world, 40);
        let read = rows_read(world, &mut raw, "likenesses") - before;
        assert!(read < 1_000, "one hand-out has read {read} likenesses");
    });
}

/// The planner took ten keys for dearer than all that a programme has in a table of some thousand rows.
#[test]
fn a_few_keys_are_looked_up_in_a_table_that_is_not_large_yet() {
    on_postgres(|world| {
        world.supply_maubeuge(2);
        let mut raw = Raw::on(&world.place);
        let crowd = "sha256(n::text::bytea), sha256(n::text::bytea) FROM generate_series(1, 3000) AS n";
        raw.run(&format!("INSERT INTO likenesses SELECT {}, {crowd}", world.programme.no.0)).unwrap();
        let before = rows_read(world, &mut raw, "likenesses");
        hand_out_to_somebody_with_a_name(world, 1);
        let read = rows_read(world, &mut raw, "likenesses") - before;
        assert!(read < 1_000, "one hand-out has read {read} likenesses");
    });
}

fn hand_out_to_somebody_with_a_name(world: &World, number: u32) {
    let person = Person::named(world, "Durand", "Anne", &format!("19{:02}-03-14", number + 10));
    world.prescriber("MAUB").does(world.hand_out(&person, [number]));
}

/// Rows that the server has read from a table so far.
fn rows_read(world: &World, raw: &mut Raw, table: &str) -> i64 {
    // The server counts what it read once a second, and only when something was asked of it.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    world.region_admin().asks_with_key("look", "again", world.order("CMD-2", 1)).unwrap();
    let read = "COALESCE(seq_tup_read, 0) + COALESCE(idx_tup_fetch, 0)";
    raw.number(&format!("SELECT {read} AS answer FROM pg_stat_user_tables WHERE relname = '{table}'"))
}

/// Found by the archive of a year, which took six times as long on PostgreSQL as on SQLite: a table was read in pages, and
/// each page sorted all the rows that came before it.
#[test]
fn an_archive_reads_a_table_once_however_long_it_is() {
    on_postgres(|world| {
        let mut raw = Raw::on(&world.place);
        let communes = "SELECT '2022-01-01', lpad(n::text, 5, '0'), n, 0 FROM generate_series(1, 12000) AS n";
        raw.run(&format!("INSERT INTO commune_figures (edition, commune, population, seniors) {communes}")).unwrap();
        let before = rows_read(world, &mut raw, "commune_figures");
        let table = TABLES.iter().find(|table| table.name == "commune_figures").unwrap();
        // On the connection that `rows_read` asks again, so that the server counts what this one read.
        let found = world
            .write(|tx| tx.carried_rows(table, world.programme.no)?.try_fold(0, |rows, row| row.map(|_| rows + 1)));
        assert_eq!((found, rows_read(world, &mut raw, "commune_figures") - before), (12_000, 12_000));
    });
}
