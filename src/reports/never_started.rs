//! Booklets that were handed out and of which nothing was ever spent: to whom nobody knows, since when, where they were told to
//! go, and whether somebody may be reminded. What never lives here: how they are reached, or a reminder.

use std::collections::{BTreeMap, BTreeSet};

use super::orientations::{key_of, names, orientations};
use super::question::Question;
use super::table::{Column, Report, row, whole};
use super::uses::{Use, each_use};
use super::{Access, Entry, ReportError};
use crate::domain::follow_up::FollowUp;
use crate::domain::ids::BookletId;
use crate::domain::party::{Holder, Service};

/// Of a past day, what was not started by then, whether handed out or come by letter; without what is out of use since, and with what people agree to now. `channel`:
/// empty where the person does not want to be reminded.
const COLUMNS: &[Column] = &[
    Column::text("prescriber", "Prescripteur"),
    Column::text("hand_out", "Récépissé de remise ou de demande"),
    Column::text("booklet", "Carnet"),
    Column::date("handed_out_on", "Remis le"),
    Column::integer("days", "Jours depuis la remise").running(),
    Column::text("destination", "Lieu d'orientation"),
    Column::text("need", "Besoin"),
    Column::text("channel", "Accepte d'être rappelé par"),
    Column::integer("reminders", "Rappels faits"),
    Column::date("reminded_on", "Dernier rappel"),
];

pub(super) const ENTRY: Entry = Entry {
    name: "never-started",
    title: "Carnets remis et jamais commencés, avec qui accepte d'être rappelé",
    columns: COLUMNS,
    access: Access::OwnPart,
    parameters: &[],
    open,
};

const PAGE: i64 = 5_000;

fn open(question: &Question) -> Result<Report, ReportError> {
    let scope = question.request.scope.as_ref().map(ToString::to_string);
    let mut found: Vec<Use> = Vec::new();
    each_use(question, |booklet| {
        if booklet.started_on().is_none() && !booklet.expired {
            found.push(booklet);
        }
    })?;
    let found = in_use(question, found)?;
    let (told, numbers, filed_by) = (orientations(question)?, numbers(question, &found)?, filed_by(question, &found)?);
    let (names, follow_ups) = (names(question, &told)?, follow_ups(question)?);
    let rows = found.into_iter().filter_map(|booklet| {
        // What came by letter is told under the receipt that filed its application, to whoever reminds of it.
        let (position, application) = booklet.origin;
        let hand_out = application.map_or_else(|| numbers.get(&position), |number| filed_by.get(&number));
        let orientation = told.get(&position).filter(|_| application.is_none());
        let follow_up = hand_out.and_then(|hand_out| follow_ups.get(hand_out));
        let office = follow_up.map_or(booklet.office, |follow_up| follow_up.office.to_string());
        scope.as_ref().is_none_or(|own| *own == office).then(|| {
            row![
                office,
                hand_out.cloned(),
                booklet.booklet.item().printed(&question.programme.code),
                booklet.handed_out_on,
                i64::from(question.request.as_of.days_since(booklet.handed_out_on)),
                orientation.and_then(|told| names.get(&key_of(told))).cloned(),
                orientation.and_then(|told| told.need).map(Service::label),
                follow_up.map(|follow_up| follow_up.channel.as_str()),
                follow_up.map_or(0, |follow_up| follow_up.reminders),
                follow_up.and_then(|follow_up| follow_up.reminded_on),
            ]
        })
    });
    Ok(question.report(whole(rows.collect())))
}

/// The numbers of the receipts that gave these booklets, by position.
fn numbers(question: &Question, found: &[Use]) -> Result<BTreeMap<i64, String>, ReportError> {
    let positions: BTreeSet<i64> = found.iter().map(|booklet| booklet.origin.0).collect();
    let receipts = question.store.read(|tx| tx.receipts_at(question.programme.no, &positions))?;
    Ok(receipts.into_iter().map(|receipt| (receipt.position, receipt.number)).collect())
}

/// The numbers of the receipts that filed the applications of which these booklets came, by application.
fn filed_by(question: &Question, found: &[Use]) -> Result<BTreeMap<i64, String>, ReportError> {
    let numbers: BTreeSet<i64> = found.iter().filter_map(|booklet| booklet.origin.1).collect();
    let applications = question.store.read(|tx| tx.applications_among(question.programme.no, &numbers))?;
    Ok(applications.into_iter().map(|application| (application.number, application.filed_by)).collect())
}

/// Those that are still in somebody's hands: lost, blocked and replaced ones cannot be started.
fn in_use(question: &Question, found: Vec<Use>) -> Result<Vec<Use>, ReportError> {
    let booklets = found.iter().map(|booklet| booklet.booklet).collect();
    let known = question.store.read(|tx| tx.booklets_among(question.programme.no, &booklets))?;
    let holders: BTreeMap<BookletId, Holder> = known.into_iter().map(|booklet| (booklet.id, booklet.holder)).collect();
    let there = |booklet: &Use| holders.get(&booklet.booklet) == Some(&Holder::Circulation);
    Ok(found.into_iter().filter(there).collect())
}

/// By the number of the hand-out.
fn follow_ups(question: &Question) -> Result<BTreeMap<String, FollowUp>, ReportError> {
    let (mut found, mut after) = (BTreeMap::new(), String::new());
    loop {
        let page = question.store.read(|tx| tx.follow_ups(question.programme.no, &after, PAGE))?;
        let Some(last) = page.last() else { return Ok(found) };
        after.clone_from(&last.hand_out);
        found.extend(page.into_iter().map(|follow_up| (follow_up.hand_out.clone(), follow_up)));
    }
}
