//! Reports on a small programme that lived for a while: real acts, real receipts, golden files.

mod replacements;

use super::story::{Story, code, day};
use super::*;

/// The last day of the story.
const LAST: &str = "2026-05-20";

fn request(as_of: &str) -> Request {
    Request::new(code("HDF26"), day(as_of))
}

fn csv(story: &Story, name: &str, request: &Request) -> String {
    let report = open(name, &story.store, request).unwrap();
    let mut bytes = Vec::new();
    Export::new(report, Format::Csv(CsvOptions::default())).write_to(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn json(story: &Story, name: &str, request: &Request) -> serde_json::Value {
    let report = open(name, &story.store, request).unwrap();
    let mut bytes = Vec::new();
    Export::new(report, Format::Json).write_to(&mut bytes).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// The first booklet.
fn serial() -> String {
    crate::domain::serial::BookletSerial::new(code("HDF26"), 1).unwrap().to_string()
}

/// Everything that can be asked without a holder or a serial, with one answer per report that needs one.
fn all(as_of: &str) -> Vec<(&'static str, Request)> {
    let mut asked = Vec::new();
    for entry in CATALOGUE {
        let mut request = request(as_of);
        match entry.name {
            "movements" | "rendition" => request.holder = Some("circulation".to_owned()),
            "issuer-exposure" => request.issuer = Some(code("APTIC")),
            "sample" => request.seed = Some("2026".to_owned()),
            // Of one payment, and the story has none.
            "payment-statement" => continue,
            "booklet-history" => request.serial = Some(serial()),
            "pass-history" => request.serial = Some(format!("{}/03", serial())),
            _ => {}
        }
        asked.push((entry.name, request));
    }
    asked
}

#[test]
fn the_french_plural_of_pass_is_pass() {
    for entry in CATALOGUE {
        let labels = entry.columns.iter().map(|column| column.label).chain([entry.title]);
        for label in labels {
            assert!(!label.to_lowercase().contains("passes"), "{}: {label}", entry.name);
        }
    }
}

#[test]
fn the_catalogue_has_stable_names_and_first_columns_that_can_carry_the_control_line() {
    let mut names = std::collections::BTreeSet::new();
    for entry in CATALOGUE {
        assert!(names.insert(entry.name), "{}", entry.name);
        assert!(!entry.columns[0].summed, "{}", entry.name);
        let mut columns = std::collections::BTreeSet::new();
        for column in entry.columns {
            assert!(columns.insert(column.name), "{}.{}", entry.name, column.name);
            assert_eq!(column.kind == ColumnKind::Cents, column.name.ends_with("_cents"), "{}", column.name);
            let snake = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
            assert!(column.name.bytes().all(snake), "{}", column.name);
        }
    }
}

#[test]
fn the_story_has_its_golden_files() {
    let story = Story::told();
    let written = all(LAST).into_iter().map(|(name, request)| {
        let text = csv(&story, name, &request).replace("\r\n", "\n");
        format!("== {name}\n{text}")
    });
    insta::assert_snapshot!(written.collect::<String>());
}

#[test]
fn a_report_on_a_past_day_gives_the_same_bytes_after_the_journal_went_on() {
    let story = Story::empty();
    story.supply();
    story.clock.advance_days(1);
    story.dispatch();
    story.clock.advance_days(1);
    story.hand_out(1);
    story.redeem(1, &[1, 3]);
    let before: Vec<String> = all("2026-03-04").iter().map(|(name, request)| csv(&story, name, request)).collect();
    story.clock.advance_days(1);
    let number = story.redeem(1, &[2]);
    story.reverse(&number);
    story.hand_out(2);
    story.give_back();
    for ((name, request), before) in all("2026-03-04").into_iter().zip(before) {
        if name == "three-way" {
            assert!(matches!(open(name, &story.store, &request), Err(ReportError::OnlyNow)));
        } else {
            assert_eq!(csv(&story, name, &request), before, "{name}");
        }
    }
}

#[test]
fn the_use_account_of_a_period_starts_where_the_one_before_ended_and_sums_to_zero() {
    let story = Story::told();
    let first = json(&story, "use-account", &request("2026-03-04"));
    let second = json(&story, "use-account", &Request { from: Some(day("2026-03-05")), ..request(LAST) });
    assert_eq!((&first["totals"]["closing_passes"], &first["totals"]["closing_cents"]), (&0.into(), &0.into()));
    for line in first["rows"].as_array().unwrap() {
        let next = second["rows"].as_array().unwrap().iter().find(|next| next["holder"] == line["holder"]).unwrap();
        for unit in ["booklets", "passes", "cents"] {
            assert_eq!(line[format!("closing_{unit}")], next[format!("opening_{unit}")], "{line}");
        }
    }
}

#[test]
fn the_movements_of_a_holder_end_at_its_balance() {
    let story = Story::told();
    let account = json(&story, "use-account", &request(LAST));
    for line in account["rows"].as_array().unwrap() {
        let holder = line["holder"].as_str().unwrap();
        if matches!(holder, "issue" | "transit") {
            continue;
        }
        for from in [None, Some(day("2026-03-05"))] {
            let asked = Request { holder: Some(holder.to_owned()), from, ..request(LAST) };
            let movements = json(&story, "movements", &asked);
            let Some(last) = movements["rows"].as_array().unwrap().last().cloned() else { continue };
            assert_eq!(last["balance_passes"], line["closing_passes"], "{holder}");
            assert_eq!(last["balance_cents"], line["closing_cents"], "{holder}");
        }
    }
}

#[test]
fn every_check_holds_and_the_summary_says_so() {
    let story = Story::told();
    for name in ["reconciliation", "reconciliation-orders", "three-way"] {
        assert_eq!(json(&story, name, &request(LAST))["holds"], true, "{name}");
    }
    let summary = summary(&story.store, &code("HDF26")).unwrap();
    assert!(summary.identity_holds);
    assert_eq!((summary.bought, summary.passes_total, summary.value_cents_total), (30, 30, 30_000));
    assert_eq!((summary.store, summary.transit, summary.prescribers, summary.blocked), (5, 10, 0, 5));
    assert_eq!((summary.circulation, summary.redeemed), (5, 5));
    assert_eq!((summary.receipts, summary.refusals), (12, 1));
}

#[test]
fn an_organisation_sees_its_own_part_and_nothing_else() {
    let story = Story::told();
    let scoped = |office: &str| Request { scope: Some(code(office)), ..request(LAST) };
    let rows = |name: &str, request: &Request| json(&story, name, request)["rows"].as_array().unwrap().clone();
    for line in rows("use-account", &scoped("MAUB")) {
        assert_eq!(line["holder"], "prescriber:MAUB");
    }
    assert_eq!(rows("stock", &scoped("MAUB")).len(), 1);
    assert_eq!(rows("stock", &scoped("FOURM")).len(), 0);
    assert_eq!(rows("redemption-lines", &scoped("LIEUX")).len(), 4);
    assert_eq!(rows("redemption-lines", &scoped("MAUB")).len(), 0);
    assert_eq!(rows("refused-scans", &scoped("MAUB")).len(), 0);
    assert_eq!(rows("hand-outs", &scoped("FOURM")).len(), 0);
    assert_eq!(rows("receipts", &scoped("FOURM")).len(), 0);
    let own = json(&story, "movements", &scoped("LIEUX"));
    assert_eq!((&own["holder"], &own["totals"]["passes"]), (&"provider:LIEUX".into(), &5.into()));
    let refused = |name: &str, request: &Request| open(name, &story.store, request).unwrap_err().code();
    let other = Request { holder: Some("store".to_owned()), ..scoped("MAUB") };
    assert_eq!(refused("movements", &other), "not_in_scope");
    for entry in CATALOGUE.iter().filter(|entry| entry.access == Access::WholeProgramme) {
        assert_eq!(refused(entry.name, &scoped("MAUB")), "not_in_scope", "{}", entry.name);
    }
    let serial = Request { serial: Some(serial()), ..scoped("FOURM") };
    assert_eq!(refused("booklet-history", &serial), "serial_unknown");
}

#[test]
fn a_question_that_makes_no_sense_is_told_why() {
    let story = Story::empty();
    let refused = |name: &str, request: Request| open(name, &story.store, &request).unwrap_err();
    assert_eq!(refused("balance", request(LAST)).code(), "report_unknown");
    assert_eq!(refused("stock", Request::new(code("OTHER"), day(LAST))).code(), "programme_unknown");
    let unexpected = refused("stock", Request { holder: Some("store".to_owned()), ..request(LAST) });
    assert_eq!((unexpected.code(), unexpected.field()), ("parameter_unexpected", Some("holder")));
    assert_eq!(refused("movements", request(LAST)).code(), "parameter_missing");
    let holder = Request { holder: Some("pocket".to_owned()), ..request(LAST) };
    assert_eq!(refused("movements", holder).code(), "parameter_malformed");
    let late = Request { from: Some(day("2026-05-21")), ..request(LAST) };
    let reversed = refused("use-account", late);
    assert_eq!((reversed.code(), reversed.field()), ("dates_out_of_order", Some("from")));
    let grain = Request { grain: Some("year".to_owned()), ..request(LAST) };
    assert_eq!(refused("redemptions", grain).field(), Some("grain"));
    for serial in ["HDF26-000001-00".to_owned(), String::new(), format!("{}/01", serial())] {
        let request = Request { serial: Some(serial.clone()), ..request(LAST) };
        assert_eq!(refused("booklet-history", request).code(), "parameter_malformed", "{serial}");
    }
    let unknown = Request { serial: Some(serial()), ..request(LAST) };
    assert_eq!(refused("booklet-history", unknown).code(), "serial_unknown");
    let unknown = Request { payment: Some(99), ..request(LAST) };
    assert_eq!(refused("payment-statement", unknown).code(), "payment_unknown");
}

#[test]
fn an_empty_programme_has_every_report() {
    let story = Story::empty();
    for (name, request) in all(LAST) {
        // These have their lines even where nothing moved.
        let always = ["rendition", "programme-account", "indicators", "territories"];
        if !name.ends_with("-history") && !always.contains(&name) {
            let report = json(&story, name, &request);
            assert_eq!((&report["position"], &report["totals"]["rows"]), (&0.into(), &0.into()), "{name}");
        }
    }
    assert!(summary(&story.store, &code("HDF26")).unwrap().identity_holds);
}

#[test]
fn a_sample_is_drawn_by_its_seed_alone_and_its_check_convicts_every_forged_copy() {
    use sha2::{Digest as _, Sha256};
    let story = Story::told();
    let draw = |seed: &str, size| {
        let request = Request { seed: Some(seed.to_owned()), size: Some(size), ..request(LAST) };
        csv(&story, "sample", &request)
    };
    let drawn = draw("mai", 10);
    assert_eq!(drawn, draw("mai", 10), "the same seed");
    assert_ne!(drawn, draw("juin", 10), "another seed");
    let lines: Vec<Vec<&str>> =
        drawn.lines().skip(1).filter(|line| !line.starts_with('#')).map(|line| line.split(',').collect()).collect();
    assert_eq!(lines.len(), 10);
    assert!(lines.iter().all(|line| (line[7], line[8]) == ("conforme", "8")), "{drawn}");
    for line in lines.iter().filter(|line| line[0] != "largest") {
        let rank = hex::encode(Sha256::new().chain_update("mai\n").chain_update(line[2]).finalize());
        assert_eq!(line[9], rank, "anybody can compute it again");
    }
    let whole = draw("mai", 1_000);
    assert_eq!(
        whole.lines().filter(|line| line.contains(",conforme,8,")).count(),
        12,
        "everything there is, once: {whole}"
    );
}

/// The rows of a report by the text in one of their columns.
fn by<'r>(rows: &'r [serde_json::Value], column: &str, text: &str) -> Vec<&'r serde_json::Value> {
    rows.iter().filter(|row| row[column] == text).collect()
}

#[test]
fn the_account_of_the_programme_nets_nothing_and_what_stands_is_what_was_delivered() {
    let story = Story::told();
    let rows_of = |request: &Request| json(&story, "programme-account", request)["rows"].as_array().unwrap().clone();
    let rows = rows_of(&request(LAST));
    let of = |nature: &str| {
        let row = by(&rows, "nature", nature)[0];
        (row["total_passes"].as_i64().unwrap(), row["total_cents"].as_i64().unwrap())
    };
    for (nature, passes) in [
        ("ordered", 40),
        ("delivered", 30),
        ("activated", 40),
        ("handed_out", 10),
        ("redeemed", 6),
        ("reversed", 1),
        ("claimed", 0),
        ("paid", 0),
        ("blocked", 5),
        ("in_stock", 15),
        ("in_circulation", 5),
        ("to_refund", 5),
    ] {
        assert_eq!(of(nature), (passes, passes * 1_000), "{nature}");
    }
    let stands = ["in_stock", "in_circulation", "to_refund", "paid", "blocked", "lost", "expired"];
    assert_eq!(stands.iter().map(|nature| of(nature).0).sum::<i64>(), of("delivered").0);
    // In April only the reversal and what was spent instead; in March the rest.
    let april = rows_of(&Request { from: Some(day("2026-04-01")), ..request("2026-04-30") });
    let period = |nature: &str| by(&april, "nature", nature)[0]["period_passes"].as_i64();
    assert_eq!(
        (period("ordered"), period("activated"), period("redeemed"), period("reversed")),
        (Some(0), Some(0), Some(3), Some(1))
    );
    assert_eq!(period("to_refund"), None, "what stands has no period");
}

#[test]
fn a_rendition_goes_from_opening_to_closing_without_netting_and_names_what_nobody_accepted() {
    let story = Story::told();
    let asked = Request { holder: Some("prescriber:MAUB".to_owned()), ..request(LAST) };
    let rows = json(&story, "rendition", &asked)["rows"].as_array().unwrap().clone();
    let passes = |row: &serde_json::Value| row["passes"].as_i64().unwrap();
    let operations = by(&rows, "section", "operation");
    let told: Vec<(&str, &str, i64)> = operations
        .iter()
        .map(|row| (row["nature"].as_str().unwrap(), row["direction"].as_str().unwrap(), passes(row)))
        .collect();
    assert_eq!(told, [("acceptance", "in", 15), ("hand_out", "out", 10), ("return", "out", 5)]);
    assert_eq!(passes(by(&rows, "section", "opening")[0]), 0);
    assert_eq!(passes(by(&rows, "section", "closing")[0]), 0);
    let gaps: Vec<(&str, &str, i64)> = by(&rows, "section", "gap")
        .iter()
        .map(|row| (row["nature"].as_str().unwrap(), row["direction"].as_str().unwrap(), passes(row)))
        .collect();
    assert_eq!(gaps, [("transit:1", "in", 5), ("transit:2", "out", 5)]);
    assert!(operations.iter().all(|row| row["last_receipt"].as_str().unwrap().starts_with("HDF26-")));
    // A period begins where the one before ended.
    let may = Request { from: Some(day("2026-05-01")), ..asked };
    let rows = json(&story, "rendition", &may)["rows"].as_array().unwrap().clone();
    assert_eq!((passes(by(&rows, "section", "opening")[0]), passes(by(&rows, "section", "closing")[0])), (5, 0));
    let other = Request { scope: Some(code("FOURM")), ..may };
    assert_eq!(open("rendition", &story.store, &other).unwrap_err().code(), "not_in_scope");
}

#[test]
fn a_provider_is_due_what_it_accepted_and_was_not_paid() {
    let story = Story::told();
    let rows = json(&story, "providers", &request(LAST))["rows"].as_array().unwrap().clone();
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!(
        (&row["redeemed_passes"], &row["reversed_passes"], &row["due_passes"]),
        (&6.into(), &1.into(), &5.into())
    );
    assert_eq!((&row["due_cents"], &row["claimed_cents"]), (&5_000.into(), &0.into()));
    let other = Request { scope: Some(code("MAUB")), ..request(LAST) };
    assert_eq!(json(&story, "providers", &other)["totals"]["rows"], 0);
}

/// A file inside a workbook.
fn inside(bytes: &[u8], name: &str) -> String {
    use std::io::Read as _;
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn every_report_is_a_workbook_with_the_figures_of_its_csv() {
    let story = Story::told();
    for (name, request) in all(LAST) {
        let bytes = workbook(open(name, &story.store, &request).unwrap()).unwrap();
        let sheet = inside(&bytes, "xl/worksheets/sheet1.xml");
        let rows = json(&story, name, &request)["rows"].as_array().unwrap().len();
        assert_eq!(sheet.matches("<row ").count(), rows + 2, "{name}: the first line, the rows, the totals");
    }
    let account = workbook(open("use-account", &story.store, &request(LAST)).unwrap()).unwrap();
    let sheet = inside(&account, "xl/worksheets/sheet1.xml");
    assert!(
        sheet.contains("<v>-300</v>") && sheet.contains("<v>50</v>"),
        "euros, the counter-account with a minus: {sheet}"
    );
    let texts = inside(&account, "xl/worksheets/sheet2.xml") + &inside(&account, "xl/sharedStrings.xml");
    assert!(
        texts.contains("Empreinte du journal") && texts.contains("Valeur à la clôture (euros)")
            || sheet.contains("(euros)")
    );
}

#[test]
fn indicators_are_two_terms_each_and_a_territory_is_white_where_no_pass_can_be_spent() {
    let story = Story::told();
    let found = json(&story, "indicators", &request(LAST));
    let of = |name: &str| {
        let row = found["rows"].as_array().unwrap().iter().find(|row| row["indicator"] == name).unwrap().clone();
        (row["value"].as_i64().unwrap(), row["numerator"].as_i64().unwrap(), row["denominator"].as_i64().unwrap())
    };
    // Two booklets of six were handed out; five passes of ten were spent, three of them on the first two occasions.
    assert_eq!((of("distribution"), of("use"), of("start")), ((333, 2, 6), (500, 5, 10), (500, 1, 2)));
    assert_eq!((of("days_to_first_use").0, of("visits").0, of("newcomers").2), (1, 2, 0));
    assert_eq!(of("ground:senior"), (1_000, 2, 2));
    let places = json(&story, "territories", &request(LAST));
    let row = |code: &str| places["rows"].as_array().unwrap().iter().find(|row| row["code"] == code).unwrap().clone();
    let maubeuge = row("59392");
    assert_eq!(
        (&maubeuge["hand_outs"], &maubeuge["spent_passes"], &maubeuge["active_venues"]),
        (&2.into(), &5.into(), &1.into())
    );
    assert_eq!((&maubeuge["white_zone"], &row("59021")["white_zone"]), (&0.into(), &0.into()));
    let empty = json(&Story::empty(), "territories", &request(LAST));
    assert!(empty["rows"].as_array().unwrap().iter().all(|row| row["white_zone"] == 0), "one could have spent there");
    assert_eq!((&maubeuge["started_booklets"], &maubeuge["why"]), (&1.into(), &"venue_here".into()));
    let by_epci = Request { grain: Some("epci".to_owned()), ..request(LAST) };
    let sums = json(&story, "territories", &by_epci);
    let epci = sums["rows"].as_array().unwrap().iter().find(|row| row["code"] == maubeuge["epci"]).unwrap().clone();
    assert_eq!((&epci["hand_outs"], &epci["white_zone"]), (&2.into(), &0.into()));
    assert_eq!(sums["totals"]["population"], places["totals"]["population"]);
}
