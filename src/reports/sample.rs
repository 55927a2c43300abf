//! Sondage: receipts drawn by a seed that the auditor chooses, from every kind of act and from the largest amounts, each
//! checked by itself; and the check put to the test on forged copies of the same receipts. Which are drawn anybody can
//! compute again: those with the smallest SHA-256 of the seed, a line feed and the receipt's number.
//! What never lives here: a signature; that is the verification's.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::question::{Parameter, Question, head_at};
use super::table::{Column, Report, Row, row, whole};
use super::{Access, Entry, ReportError};
use crate::domain::money::Cents;
use crate::domain::sampling;
use crate::domain::time::Instant;
use crate::receipts::{Break, Head, chain};
use crate::store::{Reads, ReceiptHead, StoreError, StoredEntry, StoredReceipt, Window};

/// `population`: how many receipts the stratum has. `result`: `conforme`, or the code of what is wrong.
/// `forgeries_refused`: forged copies that the same check convicted, of [`FORGERIES`]. `rank`: why it was drawn.
const COLUMNS: &[Column] = &[
    Column::text("stratum", "Strate"),
    Column::integer("population", "Effectif de la strate").running(),
    Column::text("number", "Récépissé"),
    Column::integer("position", "Position").running(),
    Column::date("day", "Date"),
    Column::integer("passes", "Pass"),
    Column::cents("value_cents", "Valeur"),
    Column::text("result", "Résultat"),
    Column::integer("forgeries_refused", "Faux refusés"),
    Column::text("rank", "Rang de tirage"),
];

pub(super) const ENTRY: Entry = Entry {
    name: "sample",
    title: "Sondage",
    columns: COLUMNS,
    access: Access::WholeProgramme,
    parameters: &[Parameter::From, Parameter::Seed, Parameter::Size],
    open,
};

const PAGE: i64 = 2_000;
/// Receipts drawn when nothing is said, and at most.
const SIZE: usize = 60;
const MOST: usize = 1_000;
/// Bytes.
const LONGEST_SEED: usize = 200;
/// One of so many drawn is taken from the largest amounts, whatever their kind.
const LARGEST_ONE_IN: usize = 10;
/// Forged copies of each receipt.
const FORGERIES: usize = 8;
const LARGEST: &str = "largest";
const SOUND: &str = "conforme";

type Rank = [u8; 32];

/// What may be drawn of one kind: as many as could be wanted, those with the smallest ranks.
#[derive(Default)]
struct Stratum {
    population: usize,
    drawn: BTreeMap<Rank, ReceiptHead>,
}

fn open(question: &Question) -> Result<Report, ReportError> {
    let (seed, size) = asked(question)?;
    let (strata, largest) = strata(question, seed, size)?;
    let mut rows = Vec::new();
    let mut holds = true;
    for (stratum, population, rank, head) in drawn(strata, largest, size) {
        let (result, refused) = question.store.read(|tx| examine(tx, question, &head))?;
        holds &= result == SOUND && refused == FORGERIES;
        rows.push(line((&stratum, population), &head, (result, refused), rank));
    }
    let mut report = question.report_about(Parameter::Seed, seed.to_owned(), whole(rows));
    report.meta.parameters.push((Parameter::Size.name(), size.to_string()));
    report.meta.holds = Some(holds);
    Ok(report)
}

fn asked(question: &Question) -> Result<(&str, usize), ReportError> {
    let seed = question.request.seed.as_deref().unwrap_or_default();
    if seed.is_empty() {
        return Err(ReportError::ParameterMissing(Parameter::Seed.name()));
    }
    if seed.len() > LONGEST_SEED || seed.contains(char::is_control) {
        return Err(ReportError::ParameterMalformed(Parameter::Seed.name(), "a-z A-Z 0-9, 1 … 200"));
    }
    let size = question.request.size.map_or(Some(SIZE), |size| usize::try_from(size).ok());
    let size = size.filter(|size| (1..=MOST).contains(size));
    Ok((seed, size.ok_or(ReportError::ParameterMalformed(Parameter::Size.name(), "1 … 1000"))?))
}

fn rank(seed: &str, number: &str) -> Rank {
    Sha256::new().chain_update(seed).chain_update("\n").chain_update(number).finalize().into()
}

/// Every kind of act of the period as a stratum, and the receipts of the largest amounts.
fn strata(
    question: &Question,
    seed: &str,
    size: usize,
) -> Result<(BTreeMap<String, Stratum>, Vec<ReceiptHead>), ReportError> {
    let mut strata: BTreeMap<String, Stratum> = BTreeMap::new();
    let mut largest: BTreeMap<(i64, i64), ReceiptHead> = BTreeMap::new();
    let mut window = question.window;
    loop {
        let heads = question.store.read(|tx| tx.receipt_heads(window, None, PAGE))?;
        let Some(last) = heads.last().map(|head| head.position) else { break };
        window = Window { after: last, ..window };
        for head in heads {
            largest.insert((head.value_cents, head.position), head.clone());
            if largest.len() > size / LARGEST_ONE_IN {
                largest.pop_first();
            }
            let stratum = strata.entry(head.kind.clone()).or_default();
            stratum.population += 1;
            stratum.drawn.insert(rank(seed, &head.number), head);
            if stratum.drawn.len() > size {
                stratum.drawn.pop_last();
            }
        }
    }
    Ok((strata, largest.into_values().rev().collect()))
}

/// The largest amounts first, then every kind in proportion; nothing twice.
fn drawn(
    strata: BTreeMap<String, Stratum>,
    largest: Vec<ReceiptHead>,
    size: usize,
) -> Vec<(String, usize, Option<Rank>, ReceiptHead)> {
    let taken: BTreeSet<i64> = largest.iter().map(|head| head.position).collect();
    let all = strata.values().map(|stratum| stratum.population).sum();
    let of_kind = |kind: &str| largest.iter().filter(|head| head.kind == kind).count();
    let left: Vec<usize> = strata.iter().map(|(kind, stratum)| stratum.population - of_kind(kind)).collect();
    let parts = sampling::allocate(size.saturating_sub(taken.len()), &left);
    let mut drawn: Vec<_> = largest.into_iter().map(|head| (LARGEST.to_owned(), all, None, head)).collect();
    for ((kind, Stratum { population, drawn: ranked }), part) in strata.into_iter().zip(parts) {
        let others = ranked.into_iter().filter(|(_, head)| !taken.contains(&head.position));
        drawn.extend(others.take(part).map(|(rank, head)| (kind.clone(), population, Some(rank), head)));
    }
    drawn
}

fn line(
    (stratum, population): (&str, usize),
    head: &ReceiptHead,
    (result, refused): (&str, usize),
    rank: Option<Rank>,
) -> Row {
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    row![
        stratum,
        count(population),
        head.number.as_str(),
        head.position,
        head.day,
        head.passes,
        Cents::new(head.value_cents),
        result,
        count(refused),
        rank.map(hex::encode),
    ]
}

/// What stands around a receipt, and must be true of it.
struct Surroundings {
    before: Head,
    entries: Vec<StoredEntry>,
    /// What the next receipt, or the seal of the journal's head, says that its hash is.
    named_as: Option<String>,
}

/// The result of the check, and how many forged copies it convicts.
fn examine(tx: &mut dyn Reads, question: &Question, head: &ReceiptHead) -> Result<(&'static str, usize), StoreError> {
    let programme = &question.programme;
    let gone = || StoreError::Corrupt(format!("no receipt at {}", head.position));
    let stored = tx.receipt_at(programme.no, head.position)?.ok_or_else(gone)?;
    let position = head.position - 1;
    let before = match tx.receipt_at(programme.no, position)? {
        Some(before) => Head { position, at_millis: instant(&before)?.millis(), hash: before.hash },
        None => Head { hash: head_at(tx, programme, position)?, ..Head::genesis(programme.code.as_str()) },
    };
    let next = tx.receipt_at(programme.no, head.position + 1)?;
    let named_as = match next {
        Some(next) => Some(next.said()?.prev),
        None => tx.seals(programme.no, position, head.position)?.pop().map(|seal| seal.hash),
    };
    let entries = tx.entries_between(programme.no, head.position, head.position)?;
    let around = Surroundings { before, entries, named_as };
    let code = programme.code.as_str();
    let result = check(code, stored.clone(), &around).err().unwrap_or(SOUND);
    let convicted = |forged: &StoredReceipt| check(code, forged.clone(), &around).is_err();
    let refused = (0..FORGERIES).map(|which| forged(&stored, which)).filter(convicted).count();
    Ok((result, refused))
}

fn instant(receipt: &StoredReceipt) -> Result<Instant, StoreError> {
    Ok(Instant::parse(&receipt.said()?.at)?)
}

/// The bytes are a receipt's, have the hash that is stored and that the journal goes on from, follow the receipt before,
/// and say what the columns and the entries say; or the code of what does not hold.
fn check(programme: &str, stored: StoredReceipt, around: &Surroundings) -> Result<(), &'static str> {
    let code = |found: Break| found.code;
    let (number, kind, hash) = (stored.number, stored.kind, stored.hash);
    let receipt = chain::read_receipt(stored.body).map_err(code)?;
    chain::is_of(programme, &receipt).map_err(code)?;
    chain::follows(&around.before, &receipt).map_err(code)?;
    let body = receipt.body();
    let lines = body.lines.iter().map(|line| (&line.from, &line.to, line.booklets, line.passes, line.cents));
    let entries = around.entries.iter();
    let entries = entries.map(|entry| (&entry.from, &entry.to, entry.booklets, entry.passes, entry.value_cents));
    let held = [
        ("hash", receipt.hash() == hash),
        ("named", around.named_as.as_deref() == Some(receipt.hash())),
        ("columns", (&body.number, &body.kind) == (&number, &kind)),
        ("entries", lines.eq(entries)),
    ];
    held.iter().find(|(_, holds)| !holds).map_or(Ok(()), |(code, _)| Err(*code))
}

/// A copy of which one digit is another, and whose hash was computed again: what a patient forger would leave.
fn forged(stored: &StoredReceipt, which: usize) -> StoredReceipt {
    let digits = stored.body.bytes().filter(u8::is_ascii_digit).count();
    let target = digits * (which + 1) / (FORGERIES + 1);
    let mut seen = 0;
    let forge = |letter: char| {
        let hit = letter.is_ascii_digit() && seen == target;
        seen += usize::from(letter.is_ascii_digit());
        if !hit {
            return letter;
        }
        if letter == '9' { '1' } else { char::from_u32(u32::from(letter) + 1).unwrap_or(letter) }
    };
    let body: String = stored.body.chars().map(forge).collect();
    StoredReceipt { hash: chain::hash(&body), body, ..stored.clone() }
}
