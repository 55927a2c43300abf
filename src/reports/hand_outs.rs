//! Remises aux bénéficiaires, sans les personnes, at counters and by letters that arrived: how many booklets by day, office, ground,
//! age band and commune. Read from the erasable zone: of what was erased there only the day, the prescriber and the quantities are
//! known, so that the sums stay those of the use account. Masked, no row of a day and a prescriber shows fewer than five
//! people. What never lives here: a fingerprint.

use std::collections::{BTreeMap, VecDeque};

use super::letters::{as_hand_outs, delivered};
use super::masking::masked;
use super::question::{Parameter, Question};
use super::table::{Column, Report, Row, Value, row};
use super::uses::Origin;
use super::{Access, Entry, ReportError};
use crate::domain::act::band_in_words;
use crate::domain::time::Day;
use crate::store::{HandOutFact, KeptOfHandOut, Window};

/// What stands in the place of what was erased.
const ERASED: &str = "effacé";

/// Ground, age band and commune are `effacé` once the data of the person was erased. `age_band`: `0-17`, `18-25`, `26-59` or `60+`. `commune`: INSEE code of residence.
const COLUMNS: &[Column] = &[
    Column::date("day", "Date"),
    Column::text("prescriber", "Prescripteur"),
    Column::text("ground", "Motif d'éligibilité"),
    Column::text("age_band", "Tranche d'âge"),
    Column::text("commune", "Commune de résidence"),
    Column::integer("hand_outs", "Remises"),
    Column::integer("booklets", "Carnets"),
    Column::integer("passes", "Pass"),
];

pub(super) const ENTRY: Entry = Entry {
    name: "hand-outs",
    title: "Remises aux bénéficiaires",
    columns: COLUMNS,
    access: Access::OwnPart,
    parameters: &[Parameter::From, Parameter::Masked],
    open,
};

const PAGE: i64 = 2_000;

/// Prescriber, ground, age band and commune.
type Key = (String, String, String, String);

/// The sums of one day: the journal's days never go back, so a day is over when the next one starts.
#[derive(Debug, Default)]
struct Cursor {
    after: i64,
    day: Option<Day>,
    /// Hand-outs, booklets and passes.
    sums: BTreeMap<Key, (i64, i64, i64)>,
    done: bool,
    masked: bool,
    /// What reached people by mail and is not told yet, in the order of the journal.
    letters: VecDeque<(i64, HandOutFact)>,
}

fn open(question: &Question) -> Result<Report, ReportError> {
    let (window, scope) = (question.window, question.request.scope.clone());
    let masked = question.request.masked;
    let mut letters = by_mail(question, window)?;
    letters.retain(|(_, fact)| scope.as_ref().is_none_or(|scope| fact.office == scope.as_str()));
    let start = Cursor { after: window.after, masked, letters: letters.into(), ..Cursor::default() };
    let pages = question.pages(start, move |tx, cursor| {
        if cursor.done {
            return Ok(None);
        }
        let facts = tx.hand_out_facts(Window { after: cursor.after, ..window }, scope.as_ref(), PAGE)?;
        let mut rows = Vec::new();
        cursor.done = facts.is_empty();
        for fact in facts {
            cursor.after = fact.position;
            cursor.add_letters(fact.position, &mut rows);
            cursor.add(fact, &mut rows);
        }
        if cursor.done {
            cursor.add_letters(i64::MAX, &mut rows);
            cursor.close(&mut rows);
        }
        Ok(Some(rows))
    });
    Ok(question.report(pages))
}

/// What reached people by mail in a window, each with the number of its application.
fn by_mail(question: &Question, window: Window) -> Result<Vec<(i64, HandOutFact)>, ReportError> {
    let facts = question.store.read(|tx| {
        let letters = delivered(tx, question, window)?;
        as_hand_outs(tx, question, &letters)
    })?;
    Ok(facts)
}

/// Every hand-out of the period, whoever asks: at counters in order, then by mail.
pub(super) fn each_hand_out(question: &Question, mut tell: impl FnMut(Origin, HandOutFact)) -> Result<(), ReportError> {
    let mut window = question.window;
    loop {
        let facts = question.store.read(|tx| tx.hand_out_facts(window, None, PAGE))?;
        let Some(last) = facts.last() else { break };
        window.after = last.position;
        for fact in facts {
            tell((fact.position, None), fact);
        }
    }
    for (application, fact) in by_mail(question, question.window)? {
        tell((fact.position, Some(application)), fact);
    }
    Ok(())
}

impl Cursor {
    /// Adds what the journal has of letters before a position.
    fn add_letters(&mut self, before: i64, rows: &mut Vec<Row>) {
        while self.letters.front().is_some_and(|(_, fact)| fact.position < before) {
            let Some((_, fact)) = self.letters.pop_front() else { return };
            self.add(fact, rows);
        }
    }

    fn add(&mut self, fact: HandOutFact, rows: &mut Vec<Row>) {
        if self.day != Some(fact.day) {
            self.close(rows);
            self.day = Some(fact.day);
        }
        let key = match fact.kept {
            Some(KeptOfHandOut { ground, age_band, commune, .. }) => {
                (fact.office, ground, band_in_words(&age_band).to_owned(), commune)
            }
            None => (fact.office, ERASED.to_owned(), ERASED.to_owned(), ERASED.to_owned()),
        };
        let sum = self.sums.entry(key).or_default();
        *sum = (sum.0 + 1, sum.1 + fact.booklets, sum.2 + fact.passes);
    }

    fn close(&mut self, rows: &mut Vec<Row>) {
        let Some(day) = self.day else { return };
        let sums: Vec<(Key, (i64, i64, i64))> = std::mem::take(&mut self.sums).into_iter().collect();
        // What a prescriber handed out on a day is in the use account: each of these sums is known.
        for of_prescriber in sums.chunk_by(|one, other| one.0.0 == other.0.0) {
            let people: Vec<i64> = of_prescriber.iter().map(|(_, (hand_outs, ..))| *hand_outs).collect();
            let shown = if self.masked { masked(&people) } else { people.into_iter().map(Some).collect() };
            for (((office, ground, band, commune), (_, booklets, passes)), people) in of_prescriber.iter().zip(shown) {
                let known = |count: i64| people.map(|_| count);
                let [ground, band, commune] = [ground, band, commune].map(|text| Value::Text(text.clone()));
                rows.push(row![day, office.clone(), ground, band, commune, people, known(*booklets), known(*passes)]);
            }
        }
    }
}
