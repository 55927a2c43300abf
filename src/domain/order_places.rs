//! Where each pass of one order is, in a few bytes for each: an order of a million passes is looked at whole without loading
//! it row by row. What never lives here: what its place says of a pass, or a query.

use std::collections::BTreeMap;

use super::ids::{BookletId, ItemId, PassId, ProgrammeNo};
use super::party::Holder;
use super::programme::Order;
use super::serial::SerialRange;

/// The passes of an order, in order of booklet and rank: all booklets of an order have as many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    programme: ProgrammeNo,
    range: SerialRange,
    passes_per_booklet: u8,
}

impl Span {
    #[must_use]
    pub const fn of(order: &Order) -> Self {
        Self { programme: order.id.programme(), range: order.range, passes_per_booklet: order.passes_per_booklet }
    }

    /// How many there are, delivered or not.
    #[must_use]
    pub fn passes(self) -> usize {
        self.booklets().saturating_mul(self.passes_per_booklet.into())
    }

    fn booklets(self) -> usize {
        usize::try_from(self.range.len()).unwrap_or(usize::MAX)
    }

    /// The rank of a booklet in the order, from 0; none for another order's.
    fn booklet(self, id: BookletId) -> Option<usize> {
        let own = BookletId::new(self.programme, id.number()) == id && self.range.contains(id.number());
        own.then(|| usize::try_from(id.number() - self.range.first()).ok()).flatten()
    }

    /// The rank of a pass in the order, from 0; none for another order's.
    #[must_use]
    pub fn place(self, pass: PassId) -> Option<usize> {
        let rank = pass.rank().checked_sub(1).filter(|rank| *rank < self.passes_per_booklet)?;
        let before = self.booklet(pass.booklet())?.checked_mul(self.passes_per_booklet.into())?;
        before.checked_add(rank.into())
    }

    /// Every pass, in order.
    pub fn iter(self) -> impl Iterator<Item = PassId> {
        let of_booklet = move |number| {
            let booklet = BookletId::new(self.programme, number);
            (1..=self.passes_per_booklet).map(move |rank| booklet.pass(rank))
        };
        self.range.numbers().flat_map(of_booklet)
    }

    /// The first booklet, and the last.
    #[must_use]
    pub fn ends(self) -> (BookletId, BookletId) {
        let id = |number| BookletId::new(self.programme, number);
        (id(self.range.first()), id(self.range.last()))
    }
}

/// A holder by its place in a list; 0 is none.
type HolderNo = u32;

/// Where the booklets of an order are, and those of their passes that are elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderPlaces {
    span: Span,
    /// Each once.
    holders: Vec<Holder>,
    numbers: BTreeMap<Holder, HolderNo>,
    /// By rank in the order; 0 where a booklet was not delivered.
    booklets: Vec<HolderNo>,
    /// By rank in the order; 0 where a pass is with its booklet.
    passes: Vec<HolderNo>,
}

impl OrderPlaces {
    /// An order of which nothing was delivered.
    #[must_use]
    pub fn new(span: Span) -> Self {
        Self {
            span,
            holders: Vec::new(),
            numbers: BTreeMap::new(),
            booklets: vec![0; span.booklets()],
            passes: vec![0; span.passes()],
        }
    }

    fn number(&mut self, holder: &Holder) -> HolderNo {
        if let Some(number) = self.numbers.get(holder) {
            return *number;
        }
        self.holders.push(holder.clone());
        let number = HolderNo::try_from(self.holders.len()).unwrap_or(0);
        self.numbers.insert(holder.clone(), number);
        number
    }

    /// A booklet, or a pass that is not with its booklet, is there. What is not of the order is left alone.
    pub fn put(&mut self, item: ItemId, holder: &Holder) {
        let number = self.number(holder);
        let place = match item.pass() {
            None => self.span.booklet(item.booklet()).and_then(|place| self.booklets.get_mut(place)),
            Some(pass) => self.span.place(pass).and_then(|place| self.passes.get_mut(place)),
        };
        if let Some(place) = place {
            *place = number;
        }
    }

    /// The same, once something was moved: a pass that comes to where its booklet is, is with its booklet again.
    pub fn moved(&mut self, item: ItemId, to: &Holder) {
        self.put(item, to);
        let Some(pass) = item.pass() else { return };
        let Some(place) = self.span.place(pass) else { return };
        let booklet = self.span.booklet(pass.booklet()).and_then(|booklet| self.booklets.get(booklet)).copied();
        if let Some(now) = self.passes.get_mut(place).filter(|now| Some(**now) == booklet) {
            *now = 0;
        }
    }

    #[must_use]
    pub const fn span(&self) -> Span {
        self.span
    }

    /// Where each pass is, in order; none where its booklet was not delivered. What a holder means is asked once for each.
    pub fn each<T: Copy>(&self, meaning: impl Fn(&Holder) -> Option<T>) -> impl Iterator<Item = (PassId, Option<T>)> {
        let meanings: Vec<Option<T>> = std::iter::once(None).chain(self.holders.iter().map(meaning)).collect();
        let size = usize::from(self.span.passes_per_booklet);
        let numbers = self.passes.iter().enumerate().map(move |(place, own)| match (*own, place.checked_div(size)) {
            (0, Some(booklet)) => self.booklets.get(booklet).copied().unwrap_or(0),
            (own, _) => own,
        });
        let of_number = move |number| usize::try_from(number).ok().and_then(|number| meanings.get(number).copied());
        self.span.iter().zip(numbers.map(move |number| of_number(number).flatten()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Booklets 5 to 7, of three passes each.
    fn places() -> OrderPlaces {
        let span = Span { programme: ProgrammeNo(3), range: SerialRange::new(5, 7).unwrap(), passes_per_booklet: 3 };
        OrderPlaces::new(span)
    }

    fn told(places: &OrderPlaces) -> Vec<String> {
        let holders = places.holders.clone();
        let place = |holder: &Holder| holders.iter().position(|one| one == holder);
        places.each(place).map(|(_, at)| at.map_or("-".to_owned(), |at| holders[at].to_string())).collect()
    }

    #[test]
    fn a_pass_is_where_its_booklet_is_unless_it_went_elsewhere() {
        let (mut places, booklet) = (places(), |number| BookletId::new(ProgrammeNo(3), number));
        assert!(told(&places).iter().all(|at| at == "-"));
        places.put(booklet(5).item(), &Holder::Circulation);
        places.put(booklet(6).item(), &Holder::Store);
        places.put(booklet(5).pass(2).item(), &Holder::Lost);
        let (circulation, store) = ("circulation", "store");
        assert_eq!(told(&places), [circulation, "lost", circulation, store, store, store, "-", "-", "-"]);
        places.moved(booklet(5).item(), &Holder::Blocked);
        assert_eq!(told(&places)[..3], ["blocked", "lost", "blocked"]);
        places.moved(booklet(5).pass(2).item(), &Holder::Blocked);
        places.moved(booklet(5).item(), &Holder::Circulation);
        assert_eq!(told(&places)[..3], [circulation; 3], "what came home goes along again");
    }

    #[test]
    fn what_is_of_another_order_or_programme_has_no_place() {
        let mut places = places();
        let before = told(&places);
        for (programme, number, rank) in [(3, 4, 1), (3, 8, 1), (3, 5, 4), (4, 5, 1)] {
            let booklet = BookletId::new(ProgrammeNo(programme), number);
            assert_eq!(places.span().place(booklet.pass(rank)), None);
            places.put(booklet.pass(rank).item(), &Holder::Lost);
            places.moved(booklet.pass(rank).item(), &Holder::Lost);
        }
        assert_eq!(told(&places), before);
        assert_eq!(places.span().iter().count(), places.span().passes());
        assert_eq!(places.span().iter().last(), Some(BookletId::new(ProgrammeNo(3), 7).pass(3)));
    }
}
