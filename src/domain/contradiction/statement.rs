//! The act that holds an issuer's list of an order against the ledger. What never lives here: the file that the issuer sent.

use std::collections::BTreeMap;

use super::super::act::{Act, Context, item_text, own_organisation};
use super::super::facts::{Facts, Needs};
use super::super::ids::PassId;
use super::super::items::Named;
use super::super::movement::{Kind, Movement};
use super::super::order_places::{OrderPlaces, Span};
use super::super::refusal::{Code, Refusal};
use super::super::text::Reference;
use super::list::check_size;
use super::{Differing, Gap, IssuerList, MOST_DIFFERING, PassState};

/// The finance service holds an issuer's list of an order against the ledger.
#[derive(Debug, Clone)]
pub struct StateContradiction {
    pub order: Reference,
    /// SHA-256 of the file, 64 hexadecimal digits.
    pub file_hash: String,
    pub said: IssuerList,
}

/// How passes differ: the gap, and what both say.
type Way = (Gap, PassState, Option<PassState>);

/// How many passes are in each state, on both sides, and those that differ.
#[derive(Debug, Default)]
struct Tally {
    ledger: BTreeMap<PassState, i64>,
    issuer: BTreeMap<PassState, i64>,
    delivered: i64,
    gaps: usize,
    /// At most [`MOST_DIFFERING`] of them.
    differing: BTreeMap<Way, Vec<PassId>>,
    /// The first pass of the list that was not delivered.
    foreign: Option<PassId>,
}

impl Tally {
    fn of(places: &OrderPlaces, said: &IssuerList) -> Self {
        let mut tally = Self::default();
        for ((pass, ledger), issuer) in places.each(PassState::of).zip(said.said()) {
            let Some(ledger) = ledger else {
                tally.foreign = tally.foreign.or(issuer.map(|_| pass));
                continue;
            };
            tally.delivered += 1;
            *tally.ledger.entry(ledger).or_default() += 1;
            if let Some(issuer) = issuer {
                *tally.issuer.entry(issuer).or_default() += 1;
            }
            if let Some(gap) = Gap::between(ledger, issuer) {
                tally.gaps += 1;
                if tally.gaps <= MOST_DIFFERING {
                    tally.differing.entry((gap, ledger, issuer)).or_default().push(pass);
                }
            }
        }
        tally
    }

    /// Every pass that differs; a booklet is named where all of its passes do so in the same way.
    fn differing(&self, passes_per_booklet: u8) -> Vec<Differing> {
        let group = |((gap, ledger, issuer), passes): (&Way, &Vec<PassId>)| {
            let mut items = Named::default();
            for of_booklet in passes.chunk_by(|one, next| one.booklet() == next.booklet()) {
                match of_booklet.first().map(|pass| pass.booklet()) {
                    Some(booklet) if of_booklet.len() == usize::from(passes_per_booklet) => {
                        items.booklets.push(booklet);
                    }
                    _ => items.passes.extend(of_booklet),
                }
            }
            Differing { gap: *gap, ledger: *ledger, issuer: *issuer, items }
        };
        self.differing.iter().map(group).collect()
    }
}

impl Act for StateContradiction {
    fn kind(&self) -> Kind {
        Kind::ContradictoryStatement
    }

    fn needs(&self, needs: &mut Needs) {
        needs.orders.insert(self.order.clone());
        needs.order_places.insert(self.order.clone());
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        own_organisation(facts, context)?;
        let unknown = || Refusal::new(Code::OrderUnknown).about("order", &self.order);
        let order = facts.order(&self.order).filter(|order| Span::of(order) == self.said.span).ok_or_else(unknown)?;
        check_size(order)?;
        if self.said.listed() == 0 {
            return Err(Refusal::new(Code::SelectionEmpty).field("file"));
        }
        let tally = Tally::of(facts.order_places.get(&order.id).ok_or_else(unknown)?, &self.said);
        if let Some(foreign) = tally.foreign {
            let serial = item_text(facts, foreign.item());
            return Err(Refusal::new(Code::PassUnknown).field("file").about("serial", serial));
        }
        let count = |passes: usize| i64::try_from(passes).unwrap_or(i64::MAX);
        let gaps = count(tally.gaps);
        if tally.gaps > MOST_DIFFERING {
            let refusal = Refusal::new(Code::OrderListTooDifferent).field("file").about("differing", gaps);
            return Err(refusal.about("order", &self.order).about("most", MOST_DIFFERING));
        }
        let value = order.face_value.times(gaps).ok_or_else(Refusal::beyond_counting)?;
        let differing = tally.differing(order.passes_per_booklet);
        let text: Vec<String> = differing.iter().map(|one| one.text(&facts.programme)).collect();
        let movement = Movement::new(Kind::ContradictoryStatement)
            .mention("order", order.id.sequence())
            .mention("order_number", &order.number)
            .mention("file_hash", self.file_hash.clone())
            .mention("listed_passes", count(self.said.listed()))
            .mention("agreed_passes", tally.delivered.saturating_sub(gaps))
            .mention("differing_passes", gaps)
            .mention("differing_cents", value.get())
            .mention_some("gaps", (!text.is_empty()).then(|| text.join("; ")));
        let of = |counts: &BTreeMap<PassState, i64>, state: PassState| counts.get(&state).copied().unwrap_or(0);
        Ok(PassState::ALL.iter().fold(movement, |movement, state| {
            let (ledger, issuer) = state.mentions();
            movement.mention(ledger, of(&tally.ledger, *state)).mention(issuer, of(&tally.issuer, *state))
        }))
    }
}
