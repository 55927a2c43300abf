//! A year of the regional programme, paid month by month, closed day by day, month by month and at its end, then expired and
//! credited: how long its accounts and its archive take, and how much memory. `cargo test --release --test it year -- --ignored --nocapture` prints the
//! table; `RECEPISSE_YEAR_BOOKLETS=66100` lives ten times as much. What never lives here: a bar on a time; machines differ.

mod paying;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant as Moment};

use recepisse::archive::{self, Wanted};
use recepisse::domain::act::Act;
use recepisse::domain::ends::{Expire, TakeCredit};
use recepisse::domain::items::Named;
use recepisse::domain::money::Cents;
use recepisse::domain::month::Month;
use recepisse::domain::programme::FundingShare;
use recepisse::domain::serial::BookletSerial;
use recepisse::domain::supply::{PlaceOrder, TakeDelivery};
use recepisse::domain::text::Label;
use recepisse::domain::time::{Day, Instant};
use recepisse::due;
use recepisse::receipts::{Mention, seal};
use recepisse::reports::{Export, Format, Request, Value, open, order_end};

use self::paying::{PROVIDER, Till};
use crate::harness::{Engine, Person, World, engines, python_is_here, reference};

/// The regional roll-out.
const BOOKLETS: u32 = 6_610;
/// Booklets of one delivery and one dispatch.
const AT_ONCE: u32 = 5_000;
/// Acts sent to the ledger at a time.
const TOGETHER: usize = 500;

/// What one step took.
#[derive(Debug)]
struct Step {
    what: String,
    seconds: f64,
    /// The most memory that the process had during the step, in MiB.
    peak_mib: u64,
}

/// The table, as it grows.
#[derive(Debug)]
struct Table {
    engine: Engine,
    steps: Vec<Step>,
}

impl Table {
    fn time<T>(&mut self, what: &str, work: impl FnOnce() -> T) -> T {
        // Where the kernel allows it, the peak starts anew; elsewhere it only grows.
        drop(std::fs::write("/proc/self/clear_refs", "5"));
        let began = Moment::now();
        let answer = work();
        let seconds = began.elapsed().as_secs_f64();
        let step = Step { what: what.to_owned(), seconds, peak_mib: peak_mib() };
        println!("| {} | {} | {:.2} | {} |", self.engine, step.what, step.seconds, step.peak_mib);
        self.steps.push(step);
        answer
    }
}

fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}

#[expect(clippy::disallowed_methods, reason = "how large a year somebody has time for")]
fn booklets() -> u32 {
    std::env::var("RECEPISSE_YEAR_BOOKLETS").ok().and_then(|text| text.parse().ok()).unwrap_or(BOOKLETS)
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn wake_on(world: &World, day: Day) {
    let then = Instant::parse(&format!("{day}T07:30:00.000Z")).unwrap();
    world.clock.advance_seconds((then.millis() - world.now().millis()) / 1000);
}

/// Orders, takes in charge, activates and sends everything to Maubeuge on the first of January.
fn supply(world: &World, booklets: u32) {
    world.change_mandate("MAUB", |mandate| {
        mandate.ceiling_booklets = i64::from(booklets);
        mandate.ceiling = Cents::new(i64::from(booklets) * 10_000);
    });
    let share = |name: &str, basis_points| FundingShare { funder: Label::parse(name).unwrap(), basis_points };
    let funding = vec![share("État", 6_500), share("Région", 3_499), share("Europe", 1)];
    world.region_admin().does(PlaceOrder { funding, ..world.order("CMD-1", booklets) });
    let mut first = 1;
    let mut dispatch = 0;
    while first <= booklets {
        let last = booklets.min(first + AT_ONCE - 1);
        let note = reference(&format!("BL-{first}"));
        world.region_admin().does(TakeDelivery { note, ..world.delivery("CMD-1", first..=last) });
        if dispatch == 0 {
            world.region_finance().does(world.activation("CMD-1"));
        }
        dispatch += 1;
        world.region_admin().does(world.dispatch("MAUB", last - first + 1));
        world.prescriber("MAUB").does(world.acceptance(dispatch, "MAUB", first..=last));
        first = last + 1;
    }
}

/// Of one day: booklets handed out, and passes spent by booklet and rank.
type Doings = (Vec<u32>, Vec<(u32, u8)>);

/// Booklets are handed out from day 10 to day 300; of each, four passes in ten are spent over the ten weeks after.
fn plan(booklets: u32) -> BTreeMap<u32, Doings> {
    let mut days: BTreeMap<u32, Doings> = BTreeMap::new();
    for booklet in 1..=booklets {
        let given = 10 + booklet.wrapping_mul(2_654_435_761) % 290;
        days.entry(given).or_default().0.push(booklet);
        let spent = u8::try_from(booklet % 9).unwrap();
        for rank in 1..=spent {
            let on = given + 1 + u32::from(rank) * 7 + booklet % 5;
            if on < 365 {
                days.entry(on).or_default().1.push((booklet, rank));
            }
        }
    }
    days
}

fn in_groups(acts: Vec<Box<dyn Act>>, submit: impl Fn(Vec<Box<dyn Act>>)) {
    let mut acts = acts.into_iter().peekable();
    while acts.peek().is_some() {
        submit(acts.by_ref().take(TOGETHER).collect());
    }
}

/// Lives the year, closing what is over every morning.
fn live(world: &World, booklets: u32, table: &mut Table) {
    let days = plan(booklets);
    let (mut closing, mut acting, mut paying) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
    let (finance, mut till) = (world.region_finance(), Till::new(world));
    let mut paid = 0;
    for number in 0..365_u32 {
        let today = day("2022-01-01").plus_days(number);
        wake_on(world, today);
        let began = Moment::now();
        drop(due::close((&world.ledger, &world.store), &finance.caller, &world.programme, today).unwrap());
        closing += began.elapsed();
        let began = Moment::now();
        // On the fifth: what was spent in January is the first to be claimed.
        if today.to_string().ends_with("-05") && number > 31 {
            paid += till.pay(Month::of(today.minus_days(10)));
        }
        paying += began.elapsed();
        let began = Moment::now();
        let Some((given, spent)) = days.get(&number) else { continue };
        let hand_out =
            |booklet: &u32| -> Box<dyn Act> { Box::new(world.hand_out(&Person::senior(world, *booklet), [*booklet])) };
        let all_granted = |answers: Vec<Result<_, _>>| answers.into_iter().for_each(|answer| drop(answer.unwrap()));
        in_groups(given.iter().map(hand_out).collect(), |acts| {
            all_granted(world.prescriber("MAUB").asks_together(acts));
        });
        let redeem = |(booklet, rank): &(u32, u8)| -> Box<dyn Act> {
            Box::new(world.redeem("Maubeuge", world.codes(*booklet, [*rank])))
        };
        in_groups(spent.iter().map(redeem).collect(), |acts| {
            all_granted(world.venue_agent(PROVIDER).asks_together(acts));
        });
        acting += began.elapsed();
    }
    for (what, took) in [
        ("a year of hand-outs and redemptions", acting),
        ("eleven months claimed, approved twice, ordered and paid", paying),
        ("365 days and 11 months closed", closing),
    ] {
        let seconds = took.as_secs_f64();
        println!("| {} | {what} | {seconds:.2} | {} |", world.engine(), peak_mib());
        table.steps.push(Step { what: what.to_owned(), seconds, peak_mib: peak_mib() });
    }
    table.time("the last day, December and the year closed", || {
        wake_on(world, day("2023-01-02"));
        due::close((&world.ledger, &world.store), &finance.caller, &world.programme, world.day()).unwrap()
    });
    wake_on(world, day("2023-01-05"));
    paid += till.pay(Month::parse("2022-12").unwrap());
    let spent: usize = days.values().map(|(_, spent)| spent.len()).sum();
    assert_eq!(usize::try_from(paid).unwrap(), spent, "{}: every pass that was spent is paid", world.engine());
}

fn csv(world: &World, name: &str, as_of: Day) -> usize {
    let request = Request::new(world.programme.code.clone(), as_of);
    let mut bytes = Vec::new();
    let report = open(name, &world.store, &request).unwrap();
    Export::new(report, Format::Csv(recepisse::reports::CsvOptions::default())).write_to(&mut bytes).unwrap();
    bytes.len()
}

/// From its scan to the line of the bank: what the register says of the first pass that was spent.
fn follow_one_pass(world: &World) {
    let booklet = BookletSerial::new(world.programme.code.clone(), 1).unwrap();
    let request =
        Request { serial: Some(format!("{booklet}/01")), ..Request::new(world.programme.code.clone(), world.day()) };
    let rows = (open("pass-history", &world.store, &request).unwrap().pages)().unwrap().unwrap();
    for row in &rows {
        println!("| {} | {:?} | | |", world.engine(), &row[..6]);
    }
    let end = rows.last().map(|row| (&row[3], &row[5]));
    let told_by_the_bank = (&Value::Text("bank_return".to_owned()), &Value::Text(format!("paid:{PROVIDER}")));
    assert_eq!(end, Some(told_by_the_bank), "{}", world.engine());
}

/// What is left expires after the grace, and is credited; the funders' parts sum to the credit note.
fn end(world: &World, table: &mut Table) {
    wake_on(world, day("2023-08-07"));
    let finance = world.region_finance();
    let credit_cents = table.time("the end of the order: counters, steps, what it would give back", || {
        let request = Request::new(world.programme.code.clone(), world.day());
        let end = order_end(&world.store, &request, "CMD-1").unwrap().unwrap();
        csv(world, "stop-simulation", world.day());
        end.unused.value_cents
    });
    table.time("what is left expires", || {
        let expire = || finance.does(Expire { order: reference("CMD-1"), most: 20_000 });
        while expire().body().mentions.contains_key("more") {}
    });
    table.time("the credit note", || {
        finance.does(TakeCredit {
            order: reference("CMD-1"),
            credit_note: reference("AV-2023-7"),
            received_on: world.day(),
            amount: Cents::new(credit_cents),
            items: Named::default(),
        })
    });
    let request = Request::new(world.programme.code.clone(), world.day());
    let rows = table.time("the statement of funders", || (open("funders", &world.store, &request).unwrap().pages)());
    let rows = rows.unwrap().unwrap();
    let repaid = rows.iter().map(|row| match &row[6] {
        Value::Cents(cents) => cents.get(),
        other => panic!("{other:?}"),
    });
    assert_eq!(repaid.sum::<i64>(), credit_cents, "{}: the funders' parts sum to the credit note", world.engine());
}

fn archive_and_verify(world: &World, table: &mut Table) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive");
    let wanted = Wanted { programme: &world.programme, from: None, until: None };
    let key = world.keys.seal_key();
    table.time("the archive", || archive::make(&world.store, (key, &[]), &wanted, &path, &mut |_, _| {}).unwrap());
    table.time("the archive checked by the program", || archive::check(&path, &[key.verifying_key()]).unwrap());
    if !python_is_here() {
        return;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verify_archive.py");
    let key = seal::write_key(&key.verifying_key());
    let said = table.time("the archive checked by the other verifier", || {
        Command::new("python3").arg("-I").arg(script).arg(&path).args(["--key", &key]).output().unwrap()
    });
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stdout));
}

fn a_year_on(engine: Engine) {
    let (world, booklets) = (World::new(engine), booklets());
    let mut table = Table { engine, steps: Vec::new() };
    wake_on(&world, day("2022-01-01"));
    table.time("ordered, delivered, activated, sent, accepted", || supply(&world, booklets));
    live(&world, booklets, &mut table);
    // As the server that keeps watch over itself does; that of the tests does not.
    world.store.measure().unwrap();
    let last = day("2022-12-31");
    for name in ["programme-account", "use-account", "funders", "counter-value", "end-of-validity"] {
        table.time(&format!("{name} of the year"), || csv(&world, name, last));
    }
    let before = csv(&world, "programme-account", last);
    follow_one_pass(&world);
    end(&world, &mut table);
    assert_eq!(csv(&world, "programme-account", last), before, "a closed year answers the same");
    table.time("the register verified by the program", || {
        let found = recepisse::audit::rebuild(&world.store, &world.programme, &mut |_, _| {}).unwrap();
        assert_eq!(found.total, 0, "{found:?}");
    });
    archive_and_verify(&world, &mut table);
    let receipts = world.journal(world.programme.no).position;
    println!("| {engine} | {booklets} booklets, {receipts} receipts | | |");
    let year = world.receipts().into_iter().rfind(|receipt| receipt.kind == "closing").unwrap();
    let body = recepisse::receipts::canonical::read(&year.body).unwrap();
    println!(
        "| {engine} | funds and face value out, at the year's end | {} | {} |",
        said(&body.mentions, "funds_cents"),
        said(&body.mentions, "outstanding_cents")
    );
}

fn said(mentions: &BTreeMap<String, Mention>, name: &str) -> i64 {
    let Some(Mention::Number(number)) = mentions.get(name) else { panic!("{name}") };
    *number
}

#[test]
#[ignore = "minutes: the size of a year is measured, not tried"]
fn a_year_is_lived_closed_ended_archived_and_verified() {
    println!("| engine | what | seconds | peak MiB |\n|---|---|---|---|");
    for engine in engines() {
        a_year_on(*engine);
    }
}
