//! Traçabilité d'un carnet, d'un pass: every holder, moment, actor and receipt. Actors are pseudonyms with their
//! role and office; no beneficiary appears.

use super::question::{Parameter, Question, belongs_to, day};
use super::table::{Column, Report, Row, row, whole};
use super::trace::{Touch, Trace, touch};
use super::{Access, Entry, ReportError};
use crate::domain::ids::BookletId;
use crate::domain::money::Cents;
use crate::domain::serial::{BookletSerial, PassSerial};
use crate::domain::time::Instant;
use crate::receipts::{Body, Line};
use crate::store::StoreError;

/// `moved`: the serial of the booklet, or those of its passes. `passes`: how many changed hands with the line.
const COLUMNS: &[Column] = &[
    Column::text("number", "Récépissé"),
    Column::instant("at", "Enregistré à (UTC)"),
    Column::date("day", "Date"),
    Column::text("kind", "Nature"),
    Column::text("from", "Remis par"),
    Column::text("to", "Reçu par"),
    Column::text("office", "Organisme"),
    Column::text("office_name", "Nom de l'organisme"),
    Column::text("agent", "Agent (pseudonyme)"),
    Column::text("role", "Rôle"),
    Column::text("moved", "Objet"),
    Column::integer("passes", "Pass"),
    Column::cents("value_cents", "Valeur"),
];

pub(super) const BOOKLET: Entry = Entry {
    name: "booklet-history",
    title: "Traçabilité d'un carnet",
    columns: COLUMNS,
    access: Access::OwnPart,
    parameters: &[Parameter::Serial],
    open: open_booklet,
};

pub(super) const PASS: Entry = Entry {
    name: "pass-history",
    title: "Traçabilité d'un pass",
    columns: COLUMNS,
    access: Access::OwnPart,
    parameters: &[Parameter::Serial],
    open: open_pass,
};

fn open_booklet(question: &Question) -> Result<Report, ReportError> {
    let serial = BookletSerial::parse(asked(question)?).map_err(|_| malformed())?;
    history(question, &serial, None)
}

fn open_pass(question: &Question) -> Result<Report, ReportError> {
    let serial = PassSerial::parse(asked(question)?).map_err(|_| malformed())?;
    history(question, serial.booklet(), Some(serial.rank()))
}

fn asked(question: &Question) -> Result<&str, ReportError> {
    let missing = ReportError::ParameterMissing(Parameter::Serial.name());
    question.request.serial.as_deref().ok_or(missing)
}

const fn malformed() -> ReportError {
    ReportError::ParameterMalformed(Parameter::Serial.name(), "HDF21-000123-10, HDF21-000123-10/04")
}

fn history(question: &Question, serial: &BookletSerial, rank: Option<u8>) -> Result<Report, ReportError> {
    if serial.programme() != &question.programme.code {
        return Err(ReportError::SerialUnknown);
    }
    let id = BookletId::new(question.programme.no, serial.number());
    let receipts = question.store.read(|tx| tx.receipts_of_booklet(id))?;
    let mut rows = Vec::new();
    let mut trace = Trace::default();
    let mut size = 0;
    for receipt in receipts.iter().filter(|receipt| receipt.position <= question.window.until) {
        let body = receipt.said()?;
        for line in &body.lines {
            let Some(touch) = touch(&question.programme.code, line, serial.number()) else { continue };
            if trace.holder.is_none() {
                size = line.passes.checked_div(line.booklets).unwrap_or(0);
                if rank.is_some_and(|rank| i64::from(rank) > size) {
                    return Err(ReportError::SerialUnknown);
                }
            }
            if let Some((moved, passes)) = what_moved(serial, rank, &trace, &touch, size)
                && shown(question, &body, line)
            {
                rows.push(step(&body, line, moved, passes)?);
            }
            trace.follow(line, &touch, day(&body.day)?);
        }
    }
    if rows.is_empty() {
        return Err(ReportError::SerialUnknown);
    }
    let about = rank.map_or_else(|| serial.to_string(), |rank| format!("{serial}/{rank:02}"));
    Ok(question.report_about(Parameter::Serial, about, whole(rows)))
}

/// The serials that a line moves, and how many passes; `None` where the pass asked about stays.
fn what_moved(
    serial: &BookletSerial,
    rank: Option<u8>,
    trace: &Trace,
    touch: &Touch,
    size: i64,
) -> Option<(String, i64)> {
    match (touch, rank) {
        (Touch::Booklet, None) => Some((serial.to_string(), trace.left(size))),
        (Touch::Booklet, Some(rank)) => (!trace.is_apart(rank)).then(|| (serial.to_string(), 1)),
        (Touch::Passes(ranks), Some(rank)) => ranks.contains(&rank).then(|| (format!("{serial}/{rank:02}"), 1)),
        (Touch::Passes(ranks), None) => {
            let serials: Vec<String> = ranks.iter().map(|rank| format!("{serial}/{rank:02}")).collect();
            Some((serials.join(" "), i64::try_from(ranks.len()).unwrap_or(i64::MAX)))
        }
    }
}

/// An organisation sees the steps that it recorded or that name it.
fn shown(question: &Question, body: &Body, line: &Line) -> bool {
    question.request.scope.as_ref().is_none_or(|scope| {
        body.office.code == scope.as_str() || belongs_to(&line.from, scope) || belongs_to(&line.to, scope)
    })
}

fn step(body: &Body, line: &Line, moved: String, passes: i64) -> Result<Row, StoreError> {
    Ok(row![
        body.number.as_str(),
        Instant::parse(&body.at)?,
        day(&body.day)?,
        body.kind.as_str(),
        line.from.as_str(),
        line.to.as_str(),
        body.office.code.as_str(),
        body.office.name.as_str(),
        body.agent.pseudonym.as_str(),
        body.agent.role.as_str(),
        moved,
        passes,
        Cents::new(passes.saturating_mul(body.face_cents)),
    ])
}
