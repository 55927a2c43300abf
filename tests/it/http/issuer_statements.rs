//! An issuer's statement over HTTP: the file as it comes, every wrong line by its number, the differences, the four
//! counters as JSON, page and PDF.

use recepisse::domain::party::Role;
use recepisse::domain::programme::Payer;
use recepisse::domain::time::Instant;
use serde_json::{Value, json};

use crate::harness::{Http, World, over_every_engine};

const P: &str = "/programmes/HDF21";
const Q: &str = "/programmes/HDF21/issuer-statements?issuer=APTIC&month=2021-10";

/// Three passes of booklet 1 were spent in October, and the issuer pays.
fn november(world: &World) {
    world.hand_out_at_maubeuge(1);
    world.change_programme(|programme| programme.payer = Payer::Issuer);
    world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, 1..=3)));
    world.clock.set(Instant::parse("2021-11-08T08:00:00.000Z").unwrap());
}

fn file(http: &Http<'_>, lines: &[(u8, &str)]) -> String {
    let serial = http.world.serial(1);
    let line = |(rank, amount): &(u8, &str)| format!("{serial}/{rank:02};LIEUX;04/10/2021;2021-11-05;{amount}\r\n");
    let lines: String = lines.iter().map(line).collect();
    format!("\u{feff}pass;lieu;utilise_le;paye_le;montant;remarque\r\n{lines}")
}

/// One pass agrees, one is paid too little, one is absent.
fn october(http: &Http<'_>) -> String {
    file(http, &[(1, "10,00"), (2, "9,00")])
}

#[test]
fn a_file_is_tried_taken_once_and_seen_from_all_three_sides() {
    over_every_engine(november, async |http| {
        let (finance, lieux) = (http.who("HDF", Role::RegionFinance), http.venue_agent("LIEUX"));
        let before = http.position();
        let dry = finance.post_csv(&format!("{Q}&dry_run=true"), october(http)).await.done();
        assert_eq!((&dry["mentions"]["matched_passes"], &dry["mentions"]["open_differences"]), (&json!(1), &json!(2)));
        assert_eq!((&dry["passes"], http.position()), (&json!(1), before));
        let receipt = finance.post_csv(Q, october(http)).await.receipt();
        assert_eq!((&receipt["kind"], &receipt["passes"]), (&json!("issuer_statement"), &json!(1)));
        finance.post_csv(Q, october(http)).await.is_refused(409, "issuer_file_taken");
        let listed = finance.get(&format!("{P}/issuer-statements")).await.done();
        assert_eq!(listed["items"][0]["figures"]["open_differences"], 2, "{listed}");
        let scoped = lieux.get(&format!("{P}/issuer-statements")).await.done();
        assert_eq!(scoped["items"][0].get("figures"), None, "{scoped}");
        let differences = lieux.get(&format!("{P}/issuer-statements/1/differences?status=open")).await.done();
        let seen: Vec<(&Value, &Value)> =
            differences["items"].as_array().unwrap().iter().map(|line| (&line["number"], &line["class"])).collect();
        assert_eq!(seen, [(&json!(3), &json!("amount_differs")), (&json!(4), &json!("absent"))]);
        let foreign = http.venue_agent("MOBI").get(&format!("{P}/issuer-statements/1/differences")).await.done();
        assert_eq!(foreign["items"], json!([]));
        finance.get(&format!("{P}/issuer-statements/7/differences")).await.is_refused(404, "statement_unknown");
        finance.get(&format!("{P}/issuer-statements/x")).await.is_refused(404, "statement_unknown");
    });
}

#[test]
fn every_wrong_line_is_named_and_spoils_the_file() {
    over_every_engine(november, async |http| {
        let finance = http.who("HDF", Role::RegionFinance);
        finance.post_csv(Q, "serial,code\r\na,b\r\n").await.is_refused(422, "issuer_file_unreadable");
        let wrong = file(http, &[(1, "10,00"), (2, "dix"), (3, "10,00")]).replace("/03", "/3");
        let answer = finance.post_csv(Q, wrong).await;
        answer.is_refused(422, "import_malformed");
        let lines = answer.json()["lines"].clone();
        assert_eq!((&lines[0]["line"], &lines[1]["line"]), (&json!(3), &json!(4)), "{lines}");
        assert_eq!(lines[0]["verdict"], "issuer_line_malformed");
        finance.post_csv(Q, october(http)).await.receipt();
        let again = finance.post_csv(Q, file(http, &[(1, "10,00"), (3, "10,00"), (2, "9,00")])).await;
        again.is_refused(422, "import_malformed");
        let lines = again.json()["lines"].clone();
        assert_eq!((&lines[0]["line"], &lines[1]["line"]), (&json!(2), &json!(4)), "{lines}");
        assert_eq!(lines[0]["verdict"], "issuer_line_taken");
        let unknown = Q.replace("APTIC", "NOBODY");
        finance.post_csv(&unknown, october(http)).await.is_refused(422, "issuer_unknown");
        let corrected = finance.post_csv(&format!("{Q}&corrects=1"), file(http, &[(1, "10,00"), (2, "10,00")])).await;
        assert_eq!(corrected.receipt()["passes"], 1);
    });
}

/// A wrong line says which of its cells is to be corrected.
#[test]
fn a_line_that_cannot_be_read_names_its_column() {
    over_every_engine(november, async |http| {
        let finance = http.who("HDF", Role::RegionFinance);
        let serial = http.world.serial(1);
        let sound = ["HDF21", "LIEUX", "04/10/2021", "2021-11-05", "10,00"];
        let wrong = [
            ("serial", 0, "x"),
            ("venue", 1, "?"),
            ("redeemed_on", 2, "hier"),
            ("paid_on", 3, "2021-09-01"),
            ("amount", 4, "dix"),
        ];
        for (column, place, cell) in wrong {
            let mut cells = sound.map(str::to_owned);
            cells[0] = format!("{serial}/01");
            cells[place] = cell.to_owned();
            let file = format!("serial;venue;redeemed_on;paid_on;amount\r\n{}\r\n", cells.join(";"));
            let lines = finance.post_csv(Q, file).await.json()["lines"].clone();
            let detail = lines[0]["detail"].as_str().unwrap();
            assert!(detail.contains(&format!("« {column} »")), "{column}: {detail}");
        }
    });
}

/// A venue reads what is said of its own passes, and nothing of the others'.
#[test]
fn a_venue_reads_its_own_lines_of_a_statement() {
    over_every_engine(november, async |http| {
        let (finance, lieux) = (http.who("HDF", Role::RegionFinance), http.venue_agent("LIEUX"));
        finance.post_csv(Q, october(http)).await.receipt();
        let own = lieux.get(&format!("{P}/issuer-statements/1")).await.done();
        assert_eq!((&own["statement"], &own["month"], &own["issuer"]), (&json!(1), &json!("2021-10"), &json!("APTIC")));
        assert_eq!((&own["paid_passes"], &own["stated_cents"]), (&json!(2), &json!(1900)), "{own}");
        assert_eq!((&own["matched_passes"], &own["open_differences"]), (&json!(1), &json!(2)), "{own}");
        let lines = own["lines"].as_array().unwrap();
        assert_eq!(lines.len(), 3, "{own}");
        assert_eq!((&lines[0]["class"], &lines[0]["issuer"]["amount_cents"]), (&json!("matched"), &json!(1000)));
        let page = lieux.get(&format!("{P}/issuer-statements/1?limit=2")).await.done();
        assert_eq!((&page["lines"].as_array().unwrap().len(), &page["paid_passes"]), (&2, &json!(2)));
        let rest = lieux.get(&format!("{P}/issuer-statements/1?after={}", page["next"].as_str().unwrap())).await.done();
        assert_eq!((rest["lines"].as_array().unwrap().len(), &rest["next"]), (1, &Value::Null));
        let foreign = http.venue_agent("MOBI").get(&format!("{P}/issuer-statements/1")).await.done();
        assert_eq!((&foreign["lines"], &foreign["stated_cents"]), (&json!([]), &json!(0)));
        assert!(!foreign.to_string().contains("file_hash"), "{foreign}");
        lieux.get(&format!("{P}/issuer-statements/9")).await.is_refused(404, "statement_unknown");
        let paper = lieux.get_as("text/html", &format!("{P}/issuer-statements/1")).await;
        paper.is_refused(404, "not_in_scope");
    });
}

#[test]
fn the_four_counters_are_a_document_and_the_differences_a_report() {
    over_every_engine(november, async |http| {
        let (finance, lieux) = (http.who("HDF", Role::RegionFinance), http.venue_agent("LIEUX"));
        finance.post_csv(Q, october(http)).await.receipt();
        let passes = [format!("{}/01", http.world.serial(1))];
        let dispute = json!({ "passes": passes, "reason": "not_received", "reference": "COURRIER-9" });
        lieux.post(&format!("{P}/issuer-statements/1/disputes"), dispute).await.receipt();
        let decision = json!({ "differences": [3], "resolution": "accepted", "reason": "insignificant" });
        let decided = finance.post(&format!("{P}/issuer-statements/1/resolutions"), decision).await.receipt();
        assert_eq!(decided["passes"], 1);
        let one = finance.get(&format!("{P}/issuer-statements/1")).await.done();
        let counted: Vec<[i64; 4]> = one["counters"]
            .as_array()
            .unwrap()
            .iter()
            .map(|counter| {
                ["passes", "issuer_cents", "ledger_cents", "open_differences"]
                    .map(|name| counter[name].as_i64().unwrap())
            })
            .collect();
        assert_eq!(counted, [[1, 1000, 1000, 0], [0, 0, 0, 0], [2, 0, 2000, 2], [1, 900, 1000, 0]], "{one}");
        let page = finance.get_as("text/html", &format!("{P}/issuer-statements/1")).await;
        let text = page.text();
        for wanted in
            ["Rapprochement de l&#39;état de l&#39;émetteur", "Concordants", "À décider", "contesté par le lieu"]
        {
            assert!(text.contains(wanted), "{wanted}: {text}");
        }
        let pdf = finance.get_as("application/pdf", &format!("{P}/issuer-statements/1")).await;
        assert_eq!((pdf.status, pdf.header("Content-Type")), (200, Some("application/pdf")));
        let report = lieux.get(&format!("{P}/reports/issuer-differences")).await.done();
        let rows = report["rows"].as_array().unwrap();
        assert_eq!(rows.len(), 3, "{report}");
        assert_eq!((&rows[0]["class"], &rows[0]["venue"]), (&json!("amount_differs"), &json!("Maubeuge")), "{report}");
        assert_eq!((&rows[0]["issuer_cents"], &rows[0]["ledger_cents"]), (&json!(900), &json!(1000)));
        assert_eq!((&rows[0]["resolution"], &rows[2]["dispute"]), (&json!("accepted"), &json!("not_received")));
        let before = finance.get(&format!("{P}/reports/issuer-differences?as_of=2021-11-07")).await.done();
        assert_eq!(before["rows"], json!([]));
        assert_eq!(
            http.venue_agent("MOBI").get(&format!("{P}/reports/issuer-differences")).await.done()["rows"],
            json!([])
        );
        let totals = finance.get(&format!("{P}/reports/issuer-statements")).await.done();
        assert_eq!(totals["rows"][0]["open_differences"], 2, "{totals}");
    });
}

#[test]
fn what_is_signed_with_the_issuer_names_providers_and_gives_what_both_sides_say() {
    over_every_engine(november, async |http| {
        let (finance, lieux) = (http.who("HDF", Role::RegionFinance), http.venue_agent("LIEUX"));
        let [day, venue] = [(2, "10,00"), (3, "10,00")].map(|line| file(http, &[line]));
        let lines =
            [file(http, &[(1, "10,00")]), day.replace("04/10/2021", "03/10/2021"), venue.replace("LIEUX", "MOBI")];
        let rest = lines.iter().skip(1).filter_map(|file| file.lines().nth(1)).map(|line| format!("{line}\r\n"));
        let whole = lines[0].clone() + &rest.collect::<String>();
        finance.post_csv(Q, whole).await.receipt();
        let passes = [format!("{}/01", http.world.serial(1))];
        let dispute = json!({ "passes": passes, "reason": "not_received" });
        lieux.post(&format!("{P}/issuer-statements/1/disputes"), dispute).await.receipt();
        let page = finance.get_as("text/html", &format!("{P}/issuer-statements/1")).await.text();
        let text = page.replace(['\u{a0}', '\u{202f}'], " ");
        let lieux_named = "Les lieux numériques de l&#39;Avesnois (LIEUX)";
        for wanted in [
            format!("<td>{lieux_named}</td>"),
            "<td>Émetteur de pass numériques (APTIC)</td>".to_owned(),
            "jour différent (émetteur : 03/10/2021, registre : 04/10/2021)".to_owned(),
            "lieu différent (émetteur : Le bus du numérique (MOBI), registre : Maubeuge)".to_owned(),
            format!("contesté par le lieu</th><td>{lieux_named}</td><td>10,00 €</td><td>10,00 €</td>"),
        ] {
            assert!(text.contains(&wanted), "{wanted}: {text}");
        }
        let report = lieux.get(&format!("{P}/reports/issuer-differences")).await.done();
        let disputed = report["rows"].as_array().unwrap().iter().find(|row| row["class"] == "disputed").unwrap();
        let told =
            ["issuer_venue", "issuer_redeemed_on", "issuer_paid_on", "issuer_cents"].map(|name| disputed[name].clone());
        assert_eq!(told, [json!("LIEUX"), json!("2021-10-04"), json!("2021-11-05"), json!(1000)], "{report}");
    });
}
