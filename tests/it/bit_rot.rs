//! Bits that flip at rest, below the database: in every column of the ledger's tables on both engines with the guards gone, and
//! in the file of `SQLite` at random (`flips`). What the receipts seal must raise an alarm; what they do not seal is listed
//! here, column by column.

mod flips;

use std::collections::BTreeSet;

use recepisse::audit;
use recepisse::domain::destruction::{Destroy, DestructionReason, ProposeDestruction};
use recepisse::domain::end_calendar::Acknowledge;
use recepisse::domain::ends::Expire;
use recepisse::domain::ids::DeviceId;
use recepisse::domain::incidents::{Block, BlockReason};
use recepisse::domain::items::Named;
use recepisse::domain::party::Role;
use recepisse::domain::redemption::{Redeem, ReversalReason, Reverse};
use recepisse::domain::supply::TakeDelivery;
use recepisse::domain::text::ReceiptNumber;
use recepisse::domain::time::Instant;
use recepisse::domain::visit::{Offline, Visit};
use recepisse::receipts::{Mention, seal};
use recepisse::store::Store;

use crate::harness::{Engine, Person, Program, Raw, World, booklet_ids, on_every_engine, reference};

/// The journal, and what is rebuilt from it.
const LEDGER: &[&str] = &[
    "journals",
    "receipts",
    "entries",
    "receipt_items",
    "seals",
    "series",
    "balances",
    "orders",
    "batches",
    "booklets",
    "passes",
    "dispatches",
    "redemptions",
    "offline_uses",
    "destructions",
];

/// Columns that the audit holds against nothing, each with its reason. None is an amount that a report adds up.
const NOT_COMPARED: &[&str] = &[
    // Where the writer stands, and not what it wrote.
    "journals.door",
    // Whose account proposed: the receipt names the same person by a pseudonym, which is compared.
    "destructions.proposer_id",
];

/// A register with a little of everything.
fn live(world: &World) {
    world.hand_out_at_maubeuge(3);
    let agent = world.venue_agent("LIEUX");
    for booklet in 1..=3 {
        agent
            .asks_with_key(
                &format!("0123456789abcde{booklet}"),
                "one",
                world.redeem("Maubeuge", world.codes(booklet, 1..=2)),
            )
            .unwrap();
    }
    let device = DeviceId::parse("019acd0f-1f2e-7a10-8c4d-2f6b1f0e9a80").unwrap();
    let offline = Offline { device, counter: 1, scanned_at: world.now(), floor_passes: 10 };
    let visit = Visit { first: Some(true), offline: Some(offline), ..Visit::default() };
    let spent = agent.does(Redeem { visit, ..world.redeem("Maubeuge", world.codes(1, [5])) });
    let number = spent.body().number.clone();
    agent.does(Reverse { number: ReceiptNumber::parse(&number).unwrap(), reason: ReversalReason::WrongPass });
    world.region_admin().does(world.order("CMD-2", 4));
    world.region_admin().does(TakeDelivery { print_nonce: Some([7; 32]), ..world.delivery("CMD-2", 4..=6) });
    world.region_admin().does(world.dispatch("FOURM", 2));
    assert_eq!(
        world.prescriber("MAUB").is_told(world.hand_out(&Person::senior(world, 1), [4])).as_str(),
        "booklet_not_held"
    );
    let items = |numbers: [u32; 1]| Named { booklets: booklet_ids(world, numbers), passes: Vec::new() };
    let proposed =
        world.region_finance().does(ProposeDestruction { items: items([6]), reason: DestructionReason::Damaged });
    assert_eq!(proposed.body().mentions["proposal"], Mention::Number(1));
    world.hand("HDF", Role::Accountant).does(Destroy { proposal: 1, items: items([6]) });
    let until = |day: &str| {
        let then = Instant::parse(&format!("{day}T07:30:00.000Z")).unwrap();
        world.clock.advance_seconds((then.millis() - world.now().millis()) / 1000);
    };
    until("2023-06-25");
    world.region_finance().does(Acknowledge { order: reference("CMD-2") });
    until("2023-07-31");
    world.region_finance().does(Expire { order: reference("CMD-2"), most: 20_000 });
    // What is written last is not nothing: a balance of nothing may be anybody's.
    world.region_admin().does(Block { items: items([3]), reason: BlockReason::Precaution });
}

/// What the audit says against the register; `None` when it is content.
fn alarm(store: &Store, world: &World) -> Option<String> {
    let trusted = [world.keys.seal_key().verifying_key()];
    let programme = match store.read(|tx| tx.programme_by_no(world.programme.no)) {
        Ok(programme) => programme?,
        Err(error) => return Some(error.to_string()),
    };
    let verified =
        audit::verify_register(store).and_then(|()| audit::verify(store, &trusted, &programme, &mut |_, _| {}));
    if let Err(found) = verified {
        return Some(found.to_string());
    }
    match audit::rebuild(store, &programme, &mut |_, _| {}) {
        Ok(rebuilt) => rebuilt.differences.first().map(ToString::to_string),
        Err(found) => Some(found.to_string()),
    }
}

/// Tables, columns and types of the ledger.
fn columns(raw: &mut Raw) -> Vec<(String, String, String)> {
    let sql = match raw {
        Raw::Sqlite(_) => {
            "SELECT m.name || ' ' || p.name || ' ' || p.type AS answer FROM sqlite_master m \
             JOIN pragma_table_info(m.name) p WHERE m.type = 'table' ORDER BY m.name, p.cid"
        }
        Raw::Postgres(_) => {
            "SELECT table_name || ' ' || column_name || ' ' || data_type AS answer FROM information_schema.columns \
             WHERE table_schema = 'public' ORDER BY table_name, ordinal_position"
        }
    };
    let split = |row: String| {
        let words: Vec<&str> = row.splitn(3, ' ').collect();
        (words[0].to_owned(), words[1].to_owned(), words[2].to_uppercase())
    };
    let all = raw.texts(sql).into_iter().flatten().map(split);
    all.filter(|(table, ..)| LEDGER.contains(&table.as_str())).collect()
}

/// Below every guard: no trigger, no foreign key, no check.
fn unguard(raw: &mut Raw) {
    if let Raw::Postgres(_) = raw {
        return raw.run("SET session_replication_role = replica").unwrap();
    }
    raw.run("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON").unwrap();
    let triggers = raw.texts("SELECT name AS answer FROM sqlite_master WHERE type = 'trigger'");
    for trigger in triggers.into_iter().flatten() {
        raw.run(&format!("DROP TRIGGER {trigger}")).unwrap();
    }
}

/// Another value of the same type in the last row that has one.
fn change_one(raw: &mut Raw, (table, end): (&str, &str), column: &str, kind: &str) -> Result<(), String> {
    let (row, blob) = match raw {
        Raw::Sqlite(_) => ("rowid", "zeroblob(32)".to_owned()),
        Raw::Postgres(_) => ("ctid", format!("set_byte({column}, 3, get_byte({column}, 3) # 4)")),
    };
    let value = match kind {
        "TEXT" => format!(
            "substr({column}, 1, length({column}) - 1) || \
             CASE WHEN substr({column}, length({column})) = '9' THEN '8' ELSE '9' END"
        ),
        "BOOLEAN" => format!("NOT {column}"),
        "BYTEA" => blob,
        _ => format!("{column} + 1"),
    };
    raw.run(&format!(
        "UPDATE {table} SET {column} = {value} WHERE {row} = (SELECT {end}({row}) FROM {table} WHERE {column} IS NOT NULL)"
    ))
}

#[test]
fn a_changed_column_raises_the_alarm_unless_it_is_listed_here() {
    on_every_engine(|world| {
        live(world);
        assert_eq!(alarm(&world.store, world), None, "{}", world.engine());
        let mut raw = Raw::on(&world.place);
        unguard(&mut raw);
        let mut silent = BTreeSet::new();
        for (table, column, kind) in columns(&mut raw) {
            // The first row and the last: receipts of several kinds say different things of the same columns.
            for end in ["MIN", "MAX"] {
                raw.run(&format!("CREATE TABLE kept AS SELECT * FROM {table}")).unwrap();
                // What a constraint still refuses cannot lie there.
                if change_one(&mut raw, (&table, end), &column, &kind).is_ok() && alarm(&world.store, world).is_none() {
                    silent.insert(format!("{table}.{column}"));
                }
                raw.run(&format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept; DROP TABLE kept"))
                    .unwrap();
            }
        }
        assert_eq!(alarm(&world.store, world), None, "everything is back in its place");
        let known: BTreeSet<String> = NOT_COMPARED.iter().map(|column| (*column).to_owned()).collect();
        assert_eq!(silent, known, "{}", world.engine());
    });
}

/// The positive control: an auditor who only counts again, without a hash and without the receipts, is content with
/// each of these, and the audit is not.
#[test]
fn an_auditor_who_only_counts_again_is_content_with_a_forged_register() {
    on_every_engine(|world| {
        live(world);
        let mut raw = Raw::on(&world.place);
        unguard(&mut raw);
        for column in ["receipts.hash", "receipts.body", "receipts.value_cents", "booklets.holder", "seals.signature"] {
            let (table, column) = column.split_once('.').unwrap();
            raw.run(&format!("CREATE TABLE kept AS SELECT * FROM {table}")).unwrap();
            let kind = if column == "value_cents" { "BIGINT" } else { "TEXT" };
            change_one(&mut raw, (table, "MAX"), column, kind).unwrap();
            let counted =
                "SELECT CAST(SUM(passes) AS BIGINT) + CAST(SUM(value_cents) AS BIGINT) AS answer FROM balances";
            assert_eq!(raw.number(counted), 0, "{table}.{column}");
            assert!(alarm(&world.store, world).is_some(), "{}: {table}.{column}", world.engine());
            raw.run(&format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept; DROP TABLE kept")).unwrap();
        }
    });
}

/// One bit of SQLite's file makes an empty string of bytes of a zero: it reads as zero, and no comparison finds it.
#[test]
fn a_value_of_another_type_than_its_column_raises_the_alarm() {
    let world = World::new(Engine::Sqlite);
    live(&world);
    let mut raw = Raw::on(&world.place);
    unguard(&mut raw);
    raw.run("UPDATE entries SET booklets = X'' WHERE booklets = 0").unwrap();
    let found = alarm(&world.store, &world).unwrap();
    assert!(found.contains("types, entries.booklets"), "{found}");
}

/// A seal of no receipt is of the whole register, and so is a value of another type: an auditor of two programmes is told once,
/// and that each of them is sound.
#[test]
fn what_is_of_no_programme_is_told_once_for_all_of_them() {
    on_every_engine(|world| {
        live(world);
        world.second_programme();
        let key = seal::write_key(&world.keys.seal_key().verifying_key());
        let program = Program::new();
        let said = |command: &[&str]| {
            let answer = program.run(&[command, &["--database", &world.place.url]].concat());
            (answer.status.code(), String::from_utf8(answer.stdout).unwrap())
        };
        let verify = ["verify", "--public-key", &key];
        let (code, text) = said(&verify);
        assert_eq!((code, text.matches(" : conforme.").count()), (Some(0), 2), "{text}");
        let mut raw = Raw::on(&world.place);
        unguard(&mut raw);
        raw.run("CREATE TABLE kept AS SELECT * FROM seals WHERE position = 1; UPDATE kept SET position = 9999")
            .unwrap();
        raw.run("INSERT INTO seals SELECT * FROM kept").unwrap();
        for (command, sound) in [(&verify[..], " : conforme."), (&["rebuild", "--check"], ", aucun écart.")] {
            let (code, text) = said(command);
            let told = (text.matches("sceau sans récépissé").count(), text.matches(sound).count());
            assert_eq!((code, told), (Some(1), (1, 2)), "{}: {text}", world.engine());
        }
        assert_eq!(said(&["verify", "--chain-only", "--public-key", &key]).0, Some(0), "the chain is whole");
    });
}
