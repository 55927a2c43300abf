//! Where each pass of an order is, read in pages so that an order of any size fits in little memory. What never lives here:
//! what a place means.

use std::collections::BTreeMap;

use crate::domain::contradiction::MOST_PASSES;
use crate::domain::facts::{Facts, Needs};
use crate::domain::ids::{BookletId, ProgrammeNo};
use crate::domain::order_places::{OrderPlaces, Span};
use crate::domain::party::Holder;
use crate::store::{Reads, StoreError};

/// Rows read at a time.
const PAGE: i64 = 5_000;

/// Loads the orders whose passes are looked at one by one. One that is too large for that is not loaded: nobody may ask.
pub(super) fn load(tx: &mut (impl Reads + ?Sized), needs: &Needs, facts: &mut Facts) -> Result<(), StoreError> {
    for number in &needs.order_places {
        let Some((id, span)) = facts.order(number).map(|order| (order.id, Span::of(order))) else { continue };
        if span.passes() <= MOST_PASSES {
            let places = places(tx, facts.programme.no, span)?;
            facts.order_places.insert(id, places);
        }
    }
    Ok(())
}

/// Holders as the database writes them, each read once.
#[derive(Default)]
struct Names(BTreeMap<String, Holder>);

impl Names {
    fn read(&mut self, programme: ProgrammeNo, text: String) -> Result<&Holder, StoreError> {
        if !self.0.contains_key(&text) {
            let holder = Holder::parse(programme, &text)?;
            self.0.insert(text.clone(), holder);
        }
        self.0.get(&text).ok_or(StoreError::Corrupt(text))
    }
}

fn places(tx: &mut (impl Reads + ?Sized), programme: ProgrammeNo, span: Span) -> Result<OrderPlaces, StoreError> {
    let (mut places, mut names, (first, last)) = (OrderPlaces::new(span), Names::default(), span.ends());
    let mut after = BookletId(first.0 - 1);
    while after < last {
        let page = tx.booklets_page(programme, after, PAGE)?;
        let Some(reached) = page.last() else { break };
        after = reached.id;
        for booklet in page {
            places.put(booklet.id.item(), names.read(programme, booklet.holder)?);
        }
    }
    let (mut after, beyond) = (first.pass(0), last.pass(99));
    while after < beyond {
        let page = tx.departed_page(programme, after, PAGE)?;
        let Some((reached, _)) = page.last() else { break };
        after = *reached;
        for (pass, holder) in page {
            places.put(pass.item(), names.read(programme, holder)?);
        }
    }
    Ok(places)
}
