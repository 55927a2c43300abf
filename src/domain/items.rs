//! Booklets and passes named one by one: where each of them is, and the lines that move them. What never lives here:
//! whether they may be moved.

use std::collections::{BTreeMap, BTreeSet};

use super::act::{find_booklets, item_text, line};
use super::facts::{Facts, Needs};
use super::ids::{BatchId, BookletId, ItemId, PassId, ProgrammeNo};
use super::movement::Line;
use super::party::Holder;
use super::programme::Programme;
use super::refusal::{Code, Malformed, Refusal};
use super::serial::{SerialRange, ranges, read_booklet, read_pass};
use super::stock::Booklet;

/// Whole booklets, with the passes that are still in them, and single passes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    pub booklets: Vec<BookletId>,
    pub passes: Vec<PassId>,
}

/// One thing that may be moved, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) item: ItemId,
    pub(super) batch: BatchId,
    pub(super) holder: Holder,
    /// 1 for a pass; for a booklet, those that are still in it.
    pub(super) passes: i64,
}

impl Named {
    pub(super) const fn is_empty(&self) -> bool {
        self.booklets.is_empty() && self.passes.is_empty()
    }

    /// The same as serials and runs of serials.
    #[must_use]
    pub fn printed(&self, programme: &Programme) -> Vec<String> {
        let booklet = |number| BookletId::new(programme.no, number).item().printed(&programme.code);
        let run = |range: SerialRange| match range.len() {
            1 => booklet(range.first()),
            _ => format!("{}..{}", booklet(range.first()), booklet(range.last())),
        };
        let runs = ranges(self.booklets.iter().map(|id| id.number())).into_iter().map(run);
        runs.chain(self.passes.iter().map(|pass| pass.item().printed(&programme.code))).collect()
    }

    /// Reads what [`Self::printed`] writes.
    ///
    /// # Errors
    /// As [`read_items`].
    pub fn read(programme: ProgrammeNo, texts: &[String]) -> Result<Self, Malformed> {
        let mut named = Self::default();
        for text in texts {
            for item in read_items(programme, text)? {
                match item.pass() {
                    Some(pass) => named.passes.push(pass),
                    None => named.booklets.push(item.booklet()),
                }
            }
        }
        Ok(named)
    }

    /// Asks for everything named.
    pub fn needs(&self, needs: &mut Needs) {
        needs.booklets.extend(&self.booklets);
        needs.passes.extend(&self.passes);
    }

    /// The booklets named, and those of the passes named.
    pub(super) fn all_booklets(&self) -> impl Iterator<Item = BookletId> {
        self.booklets.iter().copied().chain(self.passes.iter().map(|pass| pass.booklet()))
    }

    /// Finds each thing named, each once.
    pub(super) fn find(&self, facts: &Facts) -> Result<Vec<Place>, Refusal> {
        if self.is_empty() {
            return Err(Refusal::new(Code::SelectionEmpty).field("booklets"));
        }
        let booklets = if self.booklets.is_empty() { Vec::new() } else { find_booklets(facts, &self.booklets)? };
        let mut places: Vec<Place> = booklets.into_iter().map(of_booklet).collect();
        let whole: BTreeSet<BookletId> = self.booklets.iter().copied().collect();
        let mut seen = BTreeSet::new();
        for id in &self.passes {
            let about = |code: Code| Refusal::new(code).field("passes").about("serial", item_text(facts, id.item()));
            let place = of_pass(facts, *id).ok_or_else(|| about(Code::PassUnknown))?;
            let within =
                whole.contains(&id.booklet()) && facts.passes.get(id).is_some_and(|pass| pass.holder.is_none());
            if within || !seen.insert(*id) {
                return Err(about(Code::CodeRepeated));
            }
            places.push(place);
        }
        Ok(places)
    }
}

/// Where a booklet is.
pub(super) fn of_booklet(booklet: &Booklet) -> Place {
    let passes = i64::from(booklet.passes_left);
    Place { item: booklet.id.item(), batch: booklet.batch, holder: booklet.holder.clone(), passes }
}

/// Where a pass is, if there is one.
pub(super) fn of_pass(facts: &Facts, id: PassId) -> Option<Place> {
    let (pass, booklet) = (facts.passes.get(&id)?, facts.booklets.get(&id.booklet())?);
    let holder = pass.holder.as_ref().unwrap_or(&booklet.holder).clone();
    Some(Place { item: id.item(), batch: booklet.batch, holder, passes: 1 })
}

/// Where a booklet or a pass is.
pub(super) fn place_of(facts: &Facts, item: ItemId) -> Option<Place> {
    match item.pass() {
        Some(pass) => of_pass(facts, pass),
        None => facts.booklets.get(&item.booklet()).map(of_booklet),
    }
}

/// What the things of a line share: batch, giver, taker, and whether they are whole booklets.
type Way = (BatchId, Holder, Holder, bool);

/// The lines that take each thing to where `to` says: one for each batch, giver, taker and sort of thing.
pub(super) fn lines(facts: &Facts, places: &[Place], to: impl Fn(&Place) -> Holder) -> Result<Vec<Line>, Refusal> {
    let mut grouped: BTreeMap<Way, (Vec<ItemId>, i64)> = BTreeMap::new();
    for place in places {
        let whole = place.item.pass().is_none();
        let (items, passes) = grouped.entry((place.batch, place.holder.clone(), to(place), whole)).or_default();
        items.push(place.item);
        *passes = passes.saturating_add(place.passes);
    }
    let to_line = |((batch, from, to, whole), (items, passes)): (Way, (Vec<ItemId>, i64))| {
        let booklets = if whole { i64::try_from(items.len()).unwrap_or(i64::MAX) } else { 0 };
        line(facts, batch, from, to, items, (booklets, passes))
    };
    grouped.into_iter().map(to_line).collect()
}

/// What a text of a receipt's line designates: a booklet, a run of booklets, or a pass.
///
/// # Errors
/// [`Malformed::Serial`] or [`Malformed::SerialRange`].
pub fn read_items(programme: ProgrammeNo, text: &str) -> Result<Vec<ItemId>, Malformed> {
    let booklet = |text: &str| read_booklet(text).map(|(_, number)| number).ok_or(Malformed::Serial);
    if let Some((_, number, rank)) = read_pass(text) {
        return Ok(vec![BookletId::new(programme, number).pass(rank).item()]);
    }
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    let range = SerialRange::new(booklet(first)?, booklet(last)?)?;
    Ok(range.numbers().map(|number| BookletId::new(programme, number).item()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_items_of_a_receipt_are_read_back() {
        let programme = ProgrammeNo(3);
        let items = read_items(programme, "HDF21-000001-85..HDF21-000003-79").unwrap();
        assert_eq!(items, [1, 2, 3].map(|number| BookletId::new(programme, number).item()));
        let pass = read_items(programme, "HDF21-000123-10/04").unwrap();
        assert_eq!(pass, [BookletId::new(programme, 123).pass(4).item()]);
        for wrong in ["", "HDF21-000123-11", "HDF21-000003-79..HDF21-000001-85", "HDF21-000123-10/"] {
            assert!(read_items(programme, wrong).is_err(), "{wrong}");
        }
    }
}
