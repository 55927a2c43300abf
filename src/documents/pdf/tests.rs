//! Sheets as a reader of PDF finds them. What never lives here: words of a receipt.

use super::*;
use crate::documents::specimen;
use crate::domain::movement::Kind;

/// A text as the stream of a page shows it: literal where it is ASCII, else hexadecimal.
fn shown(text: &str) -> String {
    let bytes = encode(text);
    if bytes.is_ascii() {
        return format!("({text})");
    }
    format!("<{}>", hex::encode_upper(bytes))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn pages(file: &str) -> usize {
    file.matches("/Type /Page\n").count()
}

#[test]
fn every_kind_fits_on_one_sheet_with_its_number_and_moment() {
    for kind in Kind::ALL {
        let view = specimen::view(*kind);
        let bytes = file(&view);
        assert!(bytes.starts_with(b"%PDF-1.7") && bytes.ends_with(b"%%EOF"), "{kind}");
        let text = text(&bytes);
        for wanted in [format!("N° {}", view.number), format!("SHA-256 complet : {}", view.hash)] {
            assert!(text.contains(&shown(&wanted)), "{kind}: {wanted}");
        }
        assert_eq!(pages(&text), 1, "{kind}");
    }
}

#[test]
fn the_amount_stands_in_figures_with_the_euro_sign() {
    let text = text(&file(&specimen::view(Kind::Dispatch)));
    assert!(text.contains(&shown("4\u{a0}300,00\u{a0}€")) && text.contains("/WinAnsiEncoding"));
    assert!(text.contains("/Lang (fr-FR)"));
}

#[test]
fn a_long_list_of_serials_runs_over_and_loses_none() {
    let mut body = specimen::body(Kind::Dispatch);
    let serials: Vec<String> = (1..=600).step_by(2).map(specimen::serial).collect();
    body.lines = vec![specimen::line("store", "transit:7", (300, 3000), serials.clone())];
    let text = text(&file(&ReceiptView::new(&specimen::sealed(body), &specimen::surroundings())));
    assert!(pages(&text) > 1 && text.contains(&shown("page 2/3")));
    assert!(serials.iter().all(|serial| text.contains(serial.as_str())));
}

#[test]
fn a_particular_longer_than_a_page_runs_over_and_loses_none() {
    let mut body = specimen::body(Kind::Mailing);
    let letters: Vec<String> = (1..=600).map(|number| format!("{number} {}", specimen::serial(number))).collect();
    body.mentions.insert("letters".to_owned(), crate::receipts::Mention::Text(letters.join("; ")));
    let text = text(&file(&ReceiptView::new(&specimen::sealed(body), &specimen::surroundings())));
    assert!(pages(&text) > 3, "{}", pages(&text));
    // Nothing is written below the lower edge of a sheet.
    assert!(!text.lines().any(|line| line.ends_with(" Td") && line.contains(" -")));
}

/// Whether what comes before the place to sign stands on its sheet.
fn is_signed_with(body: crate::receipts::Body, before: &str) -> bool {
    let view = ReceiptView::new(&specimen::sealed(body), &specimen::surroundings());
    let signed = shown(&view.signatures[0].title);
    let file = text(&file(&view));
    file.split("endstream").any(|sheet| sheet.contains(&signed) && has_line(sheet, before))
}

/// Whether a line of the sheet begins so.
fn has_line(sheet: &str, beginning: &str) -> bool {
    let bytes = hex::encode_upper(encode(beginning));
    sheet.contains(&format!("({beginning}")) || sheet.contains(&format!("<{bytes}"))
}

#[test]
fn a_place_to_sign_is_never_on_a_sheet_of_its_own() {
    for count in (1..=60).step_by(2) {
        let listed: Vec<String> =
            (1..=count).map(|number| format!("{number} not_redeemed {}/01 1000 -", specimen::serial(number))).collect();
        let listed = crate::receipts::Mention::Text(listed.join("; "));
        for (kind, before) in
            [(Kind::IssuerStatement, "Soldes du dispositif, en pass"), (Kind::IssuerDispute, "Services payables")]
        {
            let mut body = specimen::body(kind);
            body.mentions.insert("differences".to_owned(), listed.clone());
            assert!(is_signed_with(body, before), "{kind} {count}");
        }
        let mut many = specimen::body(Kind::IssuerStatement);
        let held = |number: u32| crate::receipts::Holding { holder: format!("paid:P{number}"), before: 0, after: 1 };
        many.holdings = (1..=2 * count).map(held).collect();
        assert!(is_signed_with(many, &format!("Remboursé : P{}", 2 * count)), "{count}");
    }
}

#[test]
fn what_is_compared_stands_on_one_sheet_however_long_the_list_before_it() {
    for count in (1..=120).step_by(3) {
        let mut body = specimen::body(Kind::Delivery);
        let serials: Vec<String> = (1..=2 * count).step_by(2).map(specimen::serial).collect();
        body.lines = vec![specimen::line("issue:1-1", "store", (count.into(), i64::from(count) * 10), serials)];
        let view = ReceiptView::new(&specimen::sealed(body), &specimen::surroundings());
        let first = shown(&format!("Empreinte à comparer : {}", view.short_hash));
        let last = view.digests.last().map(|row| shown(&format!("{} : {}", row.label, row.value))).unwrap();
        let file = text(&file(&view));
        assert!(file.split("endstream").any(|it| it.contains(&first) && it.contains(&last)), "{count}");
    }
}

#[test]
fn the_same_view_gives_the_same_bytes() {
    assert_eq!(file(&specimen::view(Kind::HandOut)), file(&specimen::view(Kind::HandOut)));
}

#[test]
fn a_hostile_name_stays_inside_its_string() {
    let mut body = specimen::body(Kind::Dispatch);
    body.office.name = "a) Tj ET (b\\".to_owned();
    let text = text(&file(&ReceiptView::new(&specimen::sealed(body), &specimen::surroundings())));
    assert!(!text.contains("a) Tj ET (b"));
}
