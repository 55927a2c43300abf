//! Points à examiner: the questions of `domain::anomaly` asked of the journal and of the refused scans. What never lives
//! here: a threshold, or a judgement.

use std::collections::BTreeSet;

use super::question::{Parameter, Question, mention};
use super::table::{Column, Report, Row, row, whole};
use super::{Access, Entry, ReportError};
use crate::domain::anomaly::{Finding, Scan, Watch};
use crate::domain::ids::ProgrammeNo;
use crate::domain::items::read_items;
use crate::domain::movement::Kind;
use crate::domain::serial::{self, BookletSerial};
use crate::domain::short_code::ShortCode;
use crate::domain::time::Instant;
use crate::receipts::{Body, Line};
use crate::store::{BodyFilter, ScanFilter, StoreError, Window};

/// `count`: passes, or refusals. A line is something to be looked at, never a proof of wrong.
const COLUMNS: &[Column] = &[
    Column::text("question", "Question"),
    Column::instant("at", "Depuis (UTC)"),
    Column::text("organisation", "Structure"),
    Column::text("venue_id", "Identifiant du lieu"),
    Column::text("booklets", "Carnets"),
    Column::text("receipts", "Récépissés"),
    Column::integer("count", "Nombre").running(),
    Column::text("explanation", "Explication"),
];

pub(super) const ENTRY: Entry = Entry {
    name: "anomalies",
    title: "Points à examiner",
    columns: COLUMNS,
    access: Access::WholeProgramme,
    parameters: &[Parameter::From],
    open,
};

const KINDS: &[Kind] = &[Kind::HandOut, Kind::Replacement, Kind::Redemption, Kind::Reversal];
const PAGE: i64 = 500;
/// Receipts named in one line.
const NAMED: usize = 20;

fn open(question: &Question) -> Result<Report, ReportError> {
    let mut watch = Watch::default();
    let reversed = journal(question, &mut watch)?;
    refusals(question, &mut watch)?;
    let programme = &question.programme.code;
    let mut findings = watch.findings(&reversed);
    findings
        .sort_by(|one, other| (one.question, one.at, &one.booklets).cmp(&(other.question, other.at, &other.booklets)));
    let rows = findings.iter().map(|finding| line(programme, finding)).collect::<Result<Vec<Row>, StoreError>>()?;
    Ok(question.report(whole(rows)))
}

/// Shows the watch what was handed out since the beginning and redeemed in the period; answers what was reversed.
fn journal(question: &Question, watch: &mut Watch) -> Result<BTreeSet<String>, ReportError> {
    let programme = question.programme.no;
    let mut window = question.whole();
    let mut reversed = BTreeSet::new();
    loop {
        let filter = BodyFilter { kinds: KINDS, holder: None };
        let receipts = question.store.read(|tx| tx.receipt_bodies(window, filter, PAGE))?;
        let Some(last) = receipts.last().map(|receipt| receipt.position) else { return Ok(reversed) };
        window = Window { after: last, ..window };
        for receipt in &receipts {
            let body = receipt.said()?;
            let at = Instant::parse(&body.at).map_err(StoreError::from)?;
            if [Kind::HandOut, Kind::Replacement].map(Kind::as_str).contains(&receipt.kind.as_str()) {
                watch.handed_out(at, &body.office.code, given(programme, &body)?.into_iter());
            } else if receipt.kind == Kind::Reversal.as_str() {
                reversed.extend(body.corrects);
            } else if receipt.position > question.window.after {
                redeemed(watch, at, &body, &booklets(programme, &body.lines)?);
            }
        }
    }
}

fn redeemed(watch: &mut Watch, at: Instant, body: &Body, booklets: &[u32]) {
    let to = body.lines.first().map(|line| line.to.as_str()).unwrap_or_default();
    let venue = mention(body, "venue");
    let provider = to.strip_prefix("provider:").unwrap_or(to);
    watch.redeemed(Scan { at, provider, venue: &venue, receipt: &body.number, booklets });
}

/// The booklets that a receipt put into somebody's hands.
fn given(programme: ProgrammeNo, body: &Body) -> Result<Vec<u32>, StoreError> {
    booklets(programme, body.lines.iter().filter(|line| line.to == "circulation"))
}

/// The booklets of lines: a pass counts for its own, a run for all of its booklets.
fn booklets<'b>(programme: ProgrammeNo, lines: impl IntoIterator<Item = &'b Line>) -> Result<Vec<u32>, StoreError> {
    let mut booklets = Vec::new();
    for text in lines.into_iter().flat_map(|line| &line.items) {
        booklets.extend(read_items(programme, text)?.into_iter().map(|item| item.booklet().number()));
    }
    Ok(booklets)
}

fn refusals(question: &Question, watch: &mut Watch) -> Result<(), ReportError> {
    let programme = question.programme.no;
    let until_day = Some(question.request.as_of);
    let mut filter = ScanFilter { from_day: question.request.from, until_day, ..ScanFilter::default() };
    loop {
        let scans = question.store.read(|tx| tx.refused_scans(programme, &filter, PAGE))?;
        let Some(last) = scans.last() else { return Ok(()) };
        filter.after = Some(last.id.clone());
        for scan in &scans {
            watch.refused(scan.at, &scan.office, &scan.venue);
        }
    }
}

fn line(programme: &ShortCode, finding: &Finding) -> Result<Row, StoreError> {
    let printed = |number: u32| BookletSerial::new(programme.clone(), number).map(|serial| serial.to_string());
    let booklets = serial::ranges(finding.booklets.iter().copied()).into_iter().map(|range| {
        let first = printed(range.first())?;
        Ok(if range.len() == 1 { first } else { format!("{first}..{}", printed(range.last())?) })
    });
    let booklets = booklets.collect::<Result<Vec<String>, crate::domain::refusal::Malformed>>()?;
    let mut receipts = finding.receipts.iter().take(NAMED).cloned().collect::<Vec<_>>().join(" ");
    if finding.receipts.len() > NAMED {
        receipts.push_str(" …");
    }
    Ok(row![
        finding.question.as_str(),
        finding.at,
        finding.organisation.as_str(),
        finding.venue.as_str(),
        booklets.join(" "),
        receipts,
        finding.count,
        finding.question.explanation(),
    ])
}
