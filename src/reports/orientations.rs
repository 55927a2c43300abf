//! Orientations : where people were told to go with their booklets, and whether a pass was spent there, elsewhere or nowhere.
//! Read from the erasable zone: who was erased is no longer counted. What never lives here: a person.

use std::collections::{BTreeMap, BTreeSet};

use super::masking::masked;
use super::question::{Parameter, Question, mention};
use super::redemptions::each_act;
use super::table::{Column, Report, Row, Value, whole};
use super::uses::each_use;
use super::{Access, Entry, ReportError};
use crate::domain::ids::BookletId;
use crate::domain::items::read_items;
use crate::domain::orientation::Orientation;
use crate::store::{Reads, StoreError};

/// `destination`: empty where only a need was said. `came`: booklets of which a pass was spent at that venue, whatever was spent
/// elsewhere; always 0 for a place where no pass is spent. `elsewhere`: spent, and not there. Reversals are deducted.
const COLUMNS: &[Column] = &[
    Column::text("prescriber", "Prescripteur"),
    Column::text("destination", "Lieu d'orientation"),
    Column::text("need", "Besoin"),
    Column::integer("booklets", "Carnets remis avec cette orientation"),
    Column::integer("came", "Carnets utilisés dans ce lieu"),
    Column::integer("elsewhere", "Carnets utilisés ailleurs seulement"),
    Column::integer("unused", "Carnets jamais utilisés"),
];

pub(super) const ENTRY: Entry = Entry {
    name: "orientations",
    title: "Orientations : vers quels lieux, et qui y est allé",
    columns: COLUMNS,
    access: Access::OwnPart,
    parameters: &[Parameter::Masked],
    open,
};

const PAGE: i64 = 5_000;

/// Prescriber, destination and need.
type Key = (String, String, String);

#[derive(Debug, Default)]
struct Sum {
    booklets: i64,
    came: i64,
    elsewhere: i64,
}

fn open(question: &Question) -> Result<Report, ReportError> {
    let told = orientations(question)?;
    if told.is_empty() {
        return Ok(question.report(whole(Vec::new())));
    }
    let names = names(question, &told)?;
    let venues = venues_of_booklets(question)?;
    let scope = question.request.scope.as_ref().map(ToString::to_string);
    let mut sums: BTreeMap<Key, Sum> = BTreeMap::new();
    each_use(question, |booklet| {
        // What came by mail was said nothing of.
        let (position, None) = booklet.origin else { return };
        let Some(orientation) = told.get(&position) else { return };
        if scope.as_ref().is_some_and(|own| *own != booklet.office) {
            return;
        }
        let need = orientation.need.map(|need| need.label().to_owned()).unwrap_or_default();
        let destination = names.get(&key_of(orientation)).cloned().unwrap_or_default();
        let been: BTreeSet<&String> = booklet.booklets().filter_map(|one| venues.get(one)).flatten().collect();
        let came = orientation.venue.is_some_and(|venue| been.contains(&venue.to_string()));
        let sum = sums.entry((booklet.office, destination, need)).or_default();
        sum.booklets += 1;
        sum.came += i64::from(came);
        sum.elsewhere += i64::from(!came && !been.is_empty());
    })?;
    let sums: Vec<(Key, Sum)> = sums.into_iter().collect();
    Ok(question.report(whole(rows(&sums, question.request.masked))))
}

/// Masked, no row of a prescriber shows fewer than five booklets, nor what would give one away: a need is soon one person's.
fn rows(sums: &[(Key, Sum)], hidden: bool) -> Vec<Row> {
    let mut rows = Vec::with_capacity(sums.len());
    for of_prescriber in sums.chunk_by(|(one, _), (other, _)| one.0 == other.0) {
        let booklets: Vec<i64> = of_prescriber.iter().map(|(_, sum)| sum.booklets).collect();
        let shown = if hidden { masked(&booklets) } else { booklets.into_iter().map(Some).collect() };
        for (((prescriber, destination, need), sum), booklets) in of_prescriber.iter().zip(shown) {
            let known = |count: i64| booklets.map(|_| count);
            let unused = sum.booklets - sum.came - sum.elsewhere;
            let named = [prescriber, destination, need].map(|text| Value::Text(text.clone()));
            let counted = [booklets, known(sum.came), known(sum.elsewhere), known(unused)].map(Value::from);
            rows.push(named.into_iter().chain(counted).collect());
        }
    }
    rows
}

/// By position of the hand-out.
pub(super) fn orientations(question: &Question) -> Result<BTreeMap<i64, Orientation>, ReportError> {
    let (mut told, mut after) = (BTreeMap::new(), 0);
    loop {
        let page = question.store.read(|tx| tx.orientations(question.programme.no, after, PAGE))?;
        let Some((last, _)) = page.last() else { return Ok(told) };
        after = *last;
        told.extend(page);
    }
}

/// A place or, without one, a venue, as text.
pub(super) fn key_of(orientation: &Orientation) -> String {
    let place = orientation.place.map(|place| place.to_string());
    place.or_else(|| orientation.venue.map(|venue| venue.to_string())).unwrap_or_default()
}

/// What places and venues are called today.
pub(super) fn names(
    question: &Question,
    told: &BTreeMap<i64, Orientation>,
) -> Result<BTreeMap<String, String>, ReportError> {
    let mut names = BTreeMap::from([(String::new(), String::new())]);
    question.store.read(|tx: &mut dyn Reads| {
        for orientation in told.values() {
            let key = key_of(orientation);
            if names.contains_key(&key) {
                continue;
            }
            let place = orientation.place.map(|place| tx.place(place)).transpose()?.flatten();
            let venue = orientation.venue.map(|venue| tx.venue(venue)).transpose()?.flatten();
            let name = place.map(|place| place.sheet.name.to_string());
            let name = name.or_else(|| venue.map(|venue| venue.name.to_string())).unwrap_or_else(|| key.clone());
            names.insert(key, name);
        }
        Ok::<_, StoreError>(())
    })?;
    Ok(names)
}

/// The venues at which something of each booklet was spent, and not given back.
fn venues_of_booklets(question: &Question) -> Result<BTreeMap<BookletId, BTreeSet<String>>, ReportError> {
    let mut spent: BTreeMap<(BookletId, String), i64> = BTreeMap::new();
    each_act(question, |act| {
        let venue = mention(act.place(), "venue");
        for text in act.place().lines.iter().flat_map(|line| &line.items) {
            for item in read_items(question.programme.no, text)? {
                *spent.entry((item.booklet(), venue.clone())).or_default() += act.sign();
            }
        }
        Ok(())
    })?;
    let mut venues = BTreeMap::<BookletId, BTreeSet<String>>::new();
    for ((booklet, venue), _) in spent.into_iter().filter(|(_, passes)| *passes > 0) {
        venues.entry(booklet).or_default().insert(venue);
    }
    Ok(venues)
}
