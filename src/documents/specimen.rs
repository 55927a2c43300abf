//! Receipts of every kind for the tests of this module, as the acts write them. What never lives here: a rule.

mod ends;
mod money;

use std::collections::BTreeMap;

use self::ends::{end, incident};
use self::money::{claims, payments, stated};
use super::{Beneficiary, OrderReference, Paper, Party, ReceiptView, SealInfo, Surroundings};
use crate::domain::eligibility;
use crate::domain::movement::Kind;
use crate::domain::party::Service;
use crate::domain::serial::BookletSerial;
use crate::domain::short_code::ShortCode;
use crate::domain::time::Day;
use crate::receipts::{Agent, Body, Holding, Line, Mention, Office, Receipt, Total, chain};

pub(super) const SALT: &str = "5d41402abc4b2a76b9719d911017c592";

pub(super) fn serial(number: u32) -> String {
    BookletSerial::new(ShortCode::parse("HDF21").unwrap(), number).unwrap().to_string()
}

fn run(first: u32, last: u32) -> String {
    format!("{}..{}", serial(first), serial(last))
}

pub(super) fn line(from: &str, to: &str, (booklets, passes): (i64, i64), items: Vec<String>) -> Line {
    let [batch, from, to] = ["1-1", from, to].map(str::to_owned);
    Line { batch, from, to, booklets, passes, cents: passes * 1000, items }
}

fn office(code: &str) -> Office {
    let (name, registration, commune) = match code {
        "REGION" => ("Région Hauts-de-France", "20005374200017", "59350"),
        "MAUB" => ("Centre communal d'action sociale de Maubeuge", "21590392300019", "59392"),
        _ => ("Le Café numérique d'Hautmont", "W591000123", "59291"),
    };
    let [code, name, registration, commune] = [code, name, registration, commune].map(str::to_owned);
    Office { code, name, registration, commune }
}

fn mentions(list: &[(&str, &str)]) -> BTreeMap<String, Mention> {
    let value = |text: &str| text.parse::<i64>().map_or_else(|_| Mention::Text(text.to_owned()), Mention::Number);
    list.iter().map(|(name, text)| ((*name).to_owned(), value(text))).collect()
}

fn restored() -> BTreeMap<String, Mention> {
    let hashes = ["d4".repeat(32), "e5".repeat(32)];
    let what = [("epoch", "2"), ("receipts_lost", "10"), ("reason", "restored_from_backup")];
    let here = [("restored_position", "1041"), ("restored_head", hashes[0].as_str())];
    let there = [("last_known_position", "1051"), ("last_known_head", hashes[1].as_str())];
    mentions(&[&what[..], &here, &there, &[("declared_by", "0123456789abcdef")]].concat())
}

fn closed() -> BTreeMap<String, Mention> {
    let hash = "d4".repeat(32);
    let days = [("period", "day"), ("first_day", "2021-06-01"), ("last_day", "2021-06-01")];
    let places = [("first_position", "1030"), ("last_position", "1041"), ("last_hash", hash.as_str())];
    let proof = [("committed_cents", "66100000"), ("funds_cents", "66097000"), ("outstanding_cents", "61000000")];
    let sums = [
        ("period_by_kind", "redemption 1 3 3000"),
        ("period_by_holder", "circulation 0 0 3 3000; provider:CAFE 3 3000 0 0"),
    ];
    mentions(
        &[
            &days[..],
            &places,
            &proof,
            &sums,
            &[("previous", "HDF21-REGION-2021-000040"), ("previous_hash", hash.as_str())],
        ]
        .concat(),
    )
}

const BASIS: (&str, &str) = ("basis", "convention de mandat n° 2021-14");
const COMMITMENT: &str = "a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3";

/// Of an order, or of its delivery.
fn supply(
    kind: Kind,
    with: impl Fn(&[(&str, &str)]) -> BTreeMap<String, Mention>,
) -> (&'static str, Vec<Line>, BTreeMap<String, Mention>) {
    if kind == Kind::Order {
        let (first, last) = (serial(1), serial(500));
        let more = [
            ("issuer", "Coopérative émettrice"),
            ("issuer_registration", "81234567800015"),
            ("booklets", "500"),
            ("issuer_code", "COOP"),
        ];
        let funding = ("funding", "État 100,00 %");
        let serials = [("first_serial", first.as_str()), ("last_serial", last.as_str()), funding];
        let rest = [("passes_per_booklet", "10"), ("fees_cents", "250000"), ("ordered_on", "2021-03-01")];
        return ("REGION", Vec::new(), with(&[&more[..], &serials, &rest].concat()));
    }
    let lines = vec![
        line("issue:1-1", "store", (498, 4980), vec![run(1, 498)]),
        line("issue:1-1", "blocked", (1, 10), vec![serial(499)]),
    ];
    let missing = serial(500);
    let more = [("delivered_on", "2021-04-12"), ("delivery_note", "BL-7781"), ("missing_booklets", "1")];
    let rest = [("missing", missing.as_str()), ("damaged_booklets", "1"), ("passes_per_booklet", "10")];
    let codes = [("codes_digest", COMMITMENT), ("print_nonce_digest", COMMITMENT)];
    ("REGION", lines, with(&[&more[..], &rest, &codes].concat()))
}

/// Office, lines and mentions of a typical receipt of this kind.
fn parts(kind: Kind) -> (&'static str, Vec<Line>, BTreeMap<String, Mention>) {
    let dates = [("validity_end", "2023-12-31"), ("grace_end", "2024-03-30")];
    let order = [("order", "1"), ("order_number", "CMD-2021-0042")];
    let with = |more: &[(&str, &str)]| mentions(&[&dates[..], &order[..], more].concat());
    let passes: Vec<String> = (1..=3).map(|rank| format!("{}/{rank:02}", serial(122))).collect();
    match kind {
        Kind::Order | Kind::Delivery => supply(kind, with),
        Kind::Activation => ("REGION", Vec::new(), with(&[("payment_order", "2021-M-0815")])),
        Kind::Dispatch => {
            let lines = vec![line("store", "transit:7", (43, 430), vec![run(101, 120), serial(122), run(130, 151)])];
            let to = [("receiver", "Centre communal d'action sociale de Maubeuge"), ("destination", "prescriber:MAUB")];
            let more =
                [("receiver_registration", "21590392300019"), BASIS, ("ceiling_booklets", "60"), ("dispatch", "7")];
            ("REGION", lines, mentions(&[&to[..], &more, &[("carrier_reference", "1A 234 567")]].concat()))
        }
        Kind::Return => {
            let lines = vec![line("prescriber:MAUB", "transit:9", (2, 20), vec![run(140, 141)])];
            ("MAUB", lines, mentions(&[("dispatch", "9"), ("destination", "store"), ("reason", "end_of_mandate")]))
        }
        Kind::Acceptance => {
            let lines = vec![
                line("transit:7", "prescriber:MAUB", (41, 410), vec![run(101, 120), run(130, 150)]),
                line("transit:7", "blocked", (1, 10), vec![serial(122)]),
            ];
            let missing = serial(151);
            let counts = [("missing_booklets", "1"), ("damaged_booklets", "1"), ("missing", missing.as_str())];
            ("MAUB", lines, mentions(&[&counts[..], &[("dispatch", "7"), ("sender", "store"), BASIS]].concat()))
        }
        Kind::Exception => ("REGION", Vec::new(), mentions(&[("exception", "3"), ("passes_granted", "10")])),
        Kind::Restore => ("REGION", Vec::new(), restored()),
        Kind::Claim | Kind::ClaimApproval | Kind::ClaimRejection | Kind::ClaimSuspension | Kind::ClaimResumption => {
            claims(kind, passes)
        }
        Kind::Payee | Kind::Payment | Kind::BankReturn | Kind::Overpayment | Kind::RevenueOrder | Kind::Offset => {
            payments(kind, passes)
        }
        Kind::IssuerStatement | Kind::IssuerDispute | Kind::IssuerResolution => stated(kind, passes),
        Kind::Closing => ("REGION", Vec::new(), closed()),
        Kind::Block | Kind::Unblock | Kind::Loss | Kind::Found | Kind::Replacement => incident(kind),
        Kind::HandOut => {
            let why = [("ground", "senior"), ("proof", "identity_document"), ("rule_version", "hdf-2021-1"), BASIS];
            let lines = vec![line("prescriber:MAUB", "circulation", (1, 10), vec![serial(122)])];
            ("MAUB", lines, mentions(&[&dates[..], &why, &[("commitment", COMMITMENT)]].concat()))
        }
        Kind::Redemption | Kind::Reversal => spent(kind, passes),
        Kind::Application
        | Kind::ApplicationDecision
        | Kind::ApplicationEnd
        | Kind::Allocation
        | Kind::Mailing
        | Kind::LetterReport => applied(kind),
        _ => end(kind),
    }
}

/// Somebody who agreed to it is reminded, or somebody is erased, or another key recognises people.
fn of_people(kind: Kind) -> (&'static str, Vec<Line>, BTreeMap<String, Mention>) {
    if kind == Kind::FollowUp {
        let said = [("hand_out", "HDF21-MAUB-2021-000012"), ("step", "reminded"), ("follow_up", "phone")];
        return ("MAUB", Vec::new(), mentions(&[&said[..], &[("reminder", "1")]].concat()));
    }
    if kind == Kind::PeopleKey {
        let digest = "a5".repeat(32);
        let said = [("key", "2"), ("previous_key", "1"), ("key_digest", digest.as_str())];
        return ("REGION", Vec::new(), mentions(&[&said[..], &[("proposed_by", "0123456789abcdef")]].concat()));
    }
    let said = [("reason", "request"), ("people", "1"), ("hand_outs", "1"), ("exceptions", "0")];
    ("REGION", Vec::new(), mentions(&[&said[..], &[("replacements", "0"), ("contacts", "1")]].concat()))
}

/// An application, and the letter that comes of it.
fn applied(kind: Kind) -> (&'static str, Vec<Line>, BTreeMap<String, Mention>) {
    let (one, two) = (serial(122), serial(123));
    let which = [("application", "12"), ("rule_version", "hdf-2021-1"), ("ground", "senior")];
    match kind {
        Kind::Application => {
            let said = [("step", "received"), ("complete", "1"), ("channel", "prescriber"), ("passes_asked", "10")];
            ("MAUB", Vec::new(), mentions(&[&which[..], &said, &[("commitment", COMMITMENT)]].concat()))
        }
        Kind::ApplicationDecision => {
            let said = [("decision", "accepted"), ("passes_reserved", "10")];
            ("REGION", Vec::new(), mentions(&[&which[..], &said].concat()))
        }
        Kind::ApplicationEnd => {
            let said = [("application", "12"), ("outcome", "withdrawn"), ("passes_freed", "10")];
            ("REGION", Vec::new(), mentions(&said))
        }
        Kind::Allocation => {
            let key = [("fixed_booklets", "1"), ("weighting", "population"), ("weights", "MAUB 30000; FOURM 12000")];
            let sendings = [("sendings", "9 store prescriber:MAUB 1; 10 store prescriber:FOURM 1")];
            let lines =
                vec![line("store", "transit:9", (1, 10), vec![one]), line("store", "transit:10", (1, 10), vec![two])];
            ("REGION", lines, mentions(&[&key[..], &sendings].concat()))
        }
        Kind::Mailing => {
            let letters = format!("12 {one}; 13 {two}");
            let said = [("dispatch", "9"), ("destination", "circulation"), ("letters", letters.as_str())];
            ("REGION", vec![line("store", "transit:9", (2, 20), vec![run(122, 123)])], mentions(&said))
        }
        _ => {
            let (delivered, returned) = (format!("12 {one} 2021-06-01"), format!("13 {two} unknown_at_address"));
            let lines = vec![
                line("transit:9", "circulation", (1, 10), vec![one]),
                line("transit:9", "store", (1, 10), vec![two]),
            ];
            ("REGION", lines, mentions(&[("delivered", delivered.as_str()), ("returned", returned.as_str())]))
        }
    }
}

/// How three passes are spent, and given back.
fn spent(kind: Kind, passes: Vec<String>) -> (&'static str, Vec<Line>, BTreeMap<String, Mention>) {
    let service = [("service", "aide_aux_demarches_administratives"), ("performed_on", "2021-06-02")];
    if kind == Kind::Reversal {
        let lines = vec![line("provider:CAFE", "circulation", (0, 3), passes)];
        return ("CAFE", lines, mentions(&[&service[..], &[("reason", "entered_by_mistake")]].concat()));
    }
    let place = [("venue_name", "Café numérique"), ("venue_commune", "59291"), ("venue_address", "3 place Verte")];
    let venue = [("venue", "018f2d5e-0000-7000-8000-000000000001")];
    let lines = vec![line("circulation", "provider:CAFE", (0, 3), passes)];
    ("CAFE", lines, mentions(&[&place[..], &service, &venue].concat()))
}

pub(super) fn body(kind: Kind) -> Body {
    let (code, lines, mentions) = parts(kind);
    let mut total = Total::default();
    let mut moved: BTreeMap<String, i64> = BTreeMap::new();
    for line in &lines {
        total.booklets += line.booklets;
        total.passes += line.passes;
        total.cents += line.cents;
        *moved.entry(line.from.clone()).or_default() -= line.passes;
        *moved.entry(line.to.clone()).or_default() += line.passes;
    }
    let holding = |(holder, change): (String, i64)| {
        let before = if holder.starts_with("issue") { 0 } else { 430 };
        Holding { holder, before, after: before + change }
    };
    let role = match code {
        "REGION" => "region_admin",
        "MAUB" => "prescriber_agent",
        _ => "venue_agent",
    };
    Body {
        v: 1,
        programme: "HDF21".into(),
        position: 1042,
        number: format!("HDF21-{code}-2021-000042"),
        kind: kind.to_string(),
        at: "2021-06-02T09:06:52.123Z".into(),
        day: "2021-06-02".into(),
        office: office(code),
        agent: Agent { pseudonym: "9f86d081884c7d65".into(), role: role.into() },
        face_cents: 1000,
        lines,
        total,
        holdings: moved.into_iter().map(holding).collect(),
        mentions,
        corrects: (kind == Kind::Reversal).then(|| "HDF21-CAFE-2021-000041".into()),
        prev: chain::genesis("HDF21"),
    }
}

pub(super) fn sealed(body: Body) -> Receipt {
    chain::seal_receipt(body).unwrap()
}

pub(super) fn surroundings() -> Surroundings {
    let sponsor = Party {
        name: "Région Hauts-de-France".into(),
        registration: Some("20005374200017".into()),
        address: Some("151 avenue du Président-Hoover, 59000 Lille".into()),
    };
    let issuer = Party { registration: Some("81234567800015".into()), ..Party::named("Coopérative émettrice") };
    let order = OrderReference {
        number: "CMD-2021-0042".into(),
        payment_order: Some("2021-M-0815".into()),
        funding: Some("État 100,00 %".into()),
        issuer: Some(issuer),
        validity_end: Some(Day::parse("2023-12-31").unwrap()),
        grace_end: Some(Day::parse("2024-03-30").unwrap()),
    };
    Surroundings {
        services: Service::payable_by_default().into_iter().map(|service| service.label().to_owned()).collect(),
        orders: BTreeMap::from([(1, order)]),
        rules: Some(eligibility::hdf_2021().clone()),
        sealed: Some(SealInfo { position: 1050, key: "0123456789abcdef".into() }),
        privacy_contact: Some("dpo@example.org".into()),
        ..Surroundings::new("Pass numérique des Hauts-de-France 2021", sponsor)
    }
}

pub(super) fn paper() -> Paper {
    let birth = Day::parse("1958-03-14").unwrap();
    let beneficiary = Beneficiary { family_name: "Lefèvre-Dubois".into(), given_name: "Zoé".into(), birth };
    Paper { salt: SALT.into(), beneficiary: Some(beneficiary), orientation: Vec::new() }
}

pub(super) fn view(kind: Kind) -> ReceiptView {
    let mut around = surroundings();
    around.paper = (kind == Kind::HandOut).then(paper);
    ReceiptView::new(&sealed(body(kind)), &around)
}

/// A receipt in which every text that people type tries to be markup.
pub(super) fn hostile() -> ReceiptView {
    let attack = "<script>alert('x')</script>\"><img src=x>";
    let mut body = body(Kind::Dispatch);
    body.office.name = attack.to_owned();
    body.mentions.insert("receiver".into(), Mention::Text(attack.to_owned()));
    body.mentions.insert("unheard_of".into(), Mention::Text(attack.to_owned()));
    let mut around = surroundings();
    around.programme = attack.to_owned();
    around.sponsor.name = attack.to_owned();
    around.services = vec![attack.to_owned()];
    ReceiptView::new(&sealed(body), &around)
}
