//! Issuers' statements and their differences: what the issuer says, what the ledger says, what the venue says, and what was
//! decided. Told from the receipts, so that a past day answers as it did. What never lives here: who is right.

mod story;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use story::{Counted, Counter, DifferenceStory, Spent, StatementStory};

use super::question::{Question, day, mention};
use super::table::{Column, Report, Row, row, whole};
use super::{Access, Entry, ReportError, Request};
use crate::domain::ids::PassId;
use crate::domain::money::Cents;
use crate::domain::movement::Kind;
use crate::domain::statements::{LineClass, Said, StatementLine};
use crate::receipts::Body;
use crate::store::{DifferenceFilter, Reads, Store, StoreError, Window};
use story::{Stories, stories};

/// Rows read at a time.
const PAGE: i64 = 1_000;

pub(super) const STATEMENTS: Entry = Entry {
    name: "issuer-statements",
    title: "États de l'émetteur : rapprochement avec le registre",
    columns: &[
        Column::integer("statement", "État n°").running(),
        Column::text("receipt", "Récépissé"),
        Column::text("issuer", "Émetteur"),
        Column::text("month", "Mois"),
        Column::text("corrects", "Corrige l'état n°"),
        Column::integer("lines", "Lignes"),
        Column::cents("stated_cents", "Payé, dit l'émetteur"),
        Column::integer("matched_passes", "Pass concordants"),
        Column::integer("unrecognised_passes", "Payés, non reconnus au registre"),
        Column::integer("unpaid_passes", "Utilisés, non payés"),
        Column::integer("otherwise_passes", "Payés autrement"),
        Column::integer("open_differences", "Écarts ouverts"),
        Column::text("file_hash", "Empreinte du fichier"),
    ],
    access: Access::WholeProgramme,
    parameters: &[],
    open: open_statements,
};

/// `issuer_…` is what the issuer says; `provider`, `redemption`, `venue`, `performed_on` and `ledger_cents` what the ledger says,
/// as the venue recorded it; `dispute` what the venue says against the issuer.
pub(super) const DIFFERENCES: Entry = Entry {
    name: "issuer-differences",
    title: "Écarts avec les états de l'émetteur : émetteur, registre, lieu",
    columns: &[
        Column::integer("statement", "État n°").running(),
        Column::text("month", "Mois"),
        Column::integer("difference", "Écart n°").running(),
        Column::text("class", "Nature"),
        Column::text("serial", "Pass"),
        Column::text("issuer_venue", "Lieu, dit l'émetteur"),
        Column::date("issuer_redeemed_on", "Utilisé le, dit l'émetteur"),
        Column::date("issuer_paid_on", "Payé le, dit l'émetteur"),
        Column::cents("issuer_cents", "Payé par l'émetteur"),
        Column::text("provider", "Structure au registre"),
        Column::text("redemption", "Utilisation au registre"),
        Column::text("venue", "Lieu au registre"),
        Column::date("performed_on", "Prestation du"),
        Column::cents("ledger_cents", "Valeur au registre"),
        Column::text("dispute", "Contestation du lieu"),
        Column::text("status", "État de l'écart"),
        Column::text("resolution", "Décision"),
        Column::text("reason", "Motif"),
        Column::text("reference", "Pièce"),
        Column::date("decided_on", "Décidé ou corrigé le"),
        Column::text("decided_by", "Récépissé"),
    ],
    access: Access::OwnPart,
    parameters: &[],
    open: open_differences,
};

/// One statement, by its number, as it stood on the day of the request.
///
/// # Errors
/// See [`ReportError`]; `None` where no statement had this number on that day.
pub fn issuer_statement(
    store: &Arc<Store>,
    request: &Request,
    number: i64,
) -> Result<Option<StatementStory>, ReportError> {
    let question = Question::new(&STATEMENTS, store, request)?;
    let mut found = question.store.read(|tx| {
        let mut found = stories(tx, question.whole())?;
        found.differences.retain(|(statement, _), _| *statement == number);
        complete(tx, question.whole(), &mut found.differences)?;
        Ok::<_, StoreError>(found)
    })?;
    let (position, head) = (question.window.until, question.head.clone());
    Ok(found.statements.remove(&number).map(|statement| {
        let differences = found.differences.into_values().collect();
        StatementStory { differences, face: question.programme.face_value, position, head, ..statement }
    }))
}

fn open_statements(question: &Question) -> Result<Report, ReportError> {
    let Stories { statements, differences } = question.store.read(|tx| stories(tx, question.whole()))?;
    let line = |(number, statement): (&i64, &StatementStory)| {
        let of_statement = differences.range((*number, 0)..=(*number, i64::MAX));
        let own: Vec<&DifferenceStory> = of_statement.map(|(_, difference)| difference).collect();
        let count = |counter: Counter| {
            let counted = own.iter().filter(|difference| Counter::of(difference.class) == Some(counter)).count();
            i64::try_from(counted).unwrap_or(i64::MAX)
        };
        let open = own.iter().filter(|difference| difference.is_open()).count();
        row![
            *number,
            statement.receipt.as_str(),
            statement.issuer.as_str(),
            statement.month.as_str(),
            statement.corrects.map(|corrects| corrects.to_string()),
            statement.lines,
            statement.stated,
            statement.matched,
            count(Counter::Unrecognised),
            count(Counter::Unpaid),
            count(Counter::Otherwise),
            i64::try_from(open).unwrap_or(i64::MAX),
            statement.file_hash.as_str(),
        ]
    };
    Ok(question.report(whole(statements.iter().map(line).collect())))
}

fn open_differences(question: &Question) -> Result<Report, ReportError> {
    let window = question.whole();
    let rows = question.store.read(|tx| {
        let Stories { statements, mut differences } = stories(tx, window)?;
        if let Some(scope) = &question.request.scope {
            differences.retain(|_, difference| difference.provider == scope.as_str());
        }
        complete(tx, window, &mut differences)?;
        let face = question.programme.face_value;
        let row = |(key, difference): (&(i64, i64), &DifferenceStory)| {
            let month = statements.get(&key.0).map(|statement| statement.month.clone()).unwrap_or_default();
            difference_row(key, month, difference, face)
        };
        Ok::<_, StoreError>(differences.iter().map(row).collect::<Vec<Row>>())
    })?;
    Ok(question.report(whole(rows)))
}

/// What the issuer and the ledger say of each difference, besides its receipts.
fn complete(
    tx: &mut dyn Reads,
    window: Window,
    differences: &mut BTreeMap<(i64, i64), DifferenceStory>,
) -> Result<(), StoreError> {
    let lines = lines_of(tx, window, differences)?;
    let disputed = disputed(tx, &lines)?;
    let spent = spendings(tx, window, lines.values())?;
    for (key, difference) in differences.iter_mut() {
        let Some(line) = lines.get(key) else { continue };
        let agreed = || disputed.get(&(line.statement, line.pass)).cloned();
        difference.said = line.said.clone().or_else(agreed);
        difference.spent = spent.get(&line.pass).filter(|_| difference.is_spent()).map(told).transpose()?;
    }
    Ok(())
}

fn told(body: &Body) -> Result<Spent, StoreError> {
    let performed_on = Some(mention(body, "performed_on")).filter(|text| !text.is_empty());
    let performed_on = performed_on.map(|text| day(&text)).transpose()?;
    Ok(Spent { number: body.number.clone(), venue: mention(body, "venue_name"), performed_on })
}

/// What the issuer says of passes that a venue disputes: the dispute has no line of its own in the file, the one that agreed
/// with the ledger is in the same statement.
fn disputed(
    tx: &mut dyn Reads,
    lines: &BTreeMap<(i64, i64), StatementLine>,
) -> Result<BTreeMap<(i64, PassId), Said>, StoreError> {
    let passes: BTreeSet<PassId> =
        lines.values().filter(|line| line.class == LineClass::Disputed).map(|line| line.pass).collect();
    let of_file = |line: StatementLine| {
        let said = line.said.filter(|_| line.class == LineClass::Matched)?;
        Some(((line.statement, line.pass), said))
    };
    Ok(tx.statement_lines_of(&passes)?.into_iter().filter_map(of_file).collect())
}

/// The lines of these differences; what the issuer says there never changes.
fn lines_of(
    tx: &mut dyn Reads,
    window: Window,
    differences: &BTreeMap<(i64, i64), DifferenceStory>,
) -> Result<BTreeMap<(i64, i64), StatementLine>, StoreError> {
    let statements: BTreeSet<i64> = differences.keys().map(|(statement, _)| *statement).collect();
    let mut lines = BTreeMap::new();
    for statement in statements {
        let mut after = 0;
        loop {
            let page = tx.differences(window.programme, statement, &DifferenceFilter::default(), after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = last.number;
            lines.extend(page.into_iter().map(|line| ((line.statement, line.number), line)));
        }
    }
    lines.retain(|key, _| differences.contains_key(key));
    Ok(lines)
}

/// The last receipt in the window by which each pass was spent.
fn spendings<'l>(
    tx: &mut dyn Reads,
    window: Window,
    lines: impl Iterator<Item = &'l StatementLine>,
) -> Result<BTreeMap<PassId, Body>, StoreError> {
    let passes: BTreeSet<PassId> = lines.map(|line| line.pass).collect();
    let moves = tx.moves_of_passes(window.programme, &passes, window.until)?;
    let receipts = tx.receipts_at(window.programme, &moves.iter().map(|(_, position)| *position).collect())?;
    let mut bodies = BTreeMap::new();
    for receipt in receipts.iter().filter(|receipt| receipt.kind == Kind::Redemption.as_str()) {
        bodies.insert(receipt.position, receipt.said()?);
    }
    let of_pass = |(pass, position): (PassId, i64)| Some((pass, bodies.get(&position)?.clone()));
    // In order of position: the last redemption of a pass stands.
    Ok(moves.into_iter().filter_map(of_pass).collect())
}

fn difference_row((statement, number): &(i64, i64), month: String, difference: &DifferenceStory, face: Cents) -> Row {
    let (said, spent) = (difference.said.as_ref(), difference.spent.as_ref());
    row![
        *statement,
        month,
        *number,
        difference.class.as_str(),
        difference.serial.as_str(),
        said.map(|said| said.venue.to_string()),
        said.map(|said| said.redeemed_on),
        said.map(|said| said.paid_on),
        said.map(|said| said.amount),
        difference.provider.as_str(),
        spent.map(|spent| spent.number.clone()),
        spent.map(|spent| spent.venue.clone()),
        spent.and_then(|spent| spent.performed_on),
        spent.map(|_| face),
        difference.dispute.clone(),
        difference.status.as_str(),
        difference.resolution.clone(),
        difference.reason.clone(),
        difference.reference.clone(),
        difference.decided_on,
        difference.decided_by.clone(),
    ]
}
