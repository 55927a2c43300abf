//! Acceptance: the receiver countersigns a dispatch or a return, whole or in part; or its sender takes it back.
//! What never lives here: sending.

use std::collections::BTreeSet;

use super::act::{Act, Context, booklet_lines, ranges_text, serial};
use super::custody::{basis, check_ceiling, check_own};
use super::facts::{Facts, Needs};
use super::ids::BookletId;
use super::movement::{Kind, Movement};
use super::party::Holder;
use super::refusal::{Code, Refusal};
use super::stock::Booklet;

/// The receiver countersigns. Booklets named missing stay in transit; damaged ones are blocked; with
/// `accepted`, only those are taken and the rest stays in transit. The sender may take back what nobody has
/// accepted: a recall.
#[derive(Debug, Clone)]
pub struct Accept {
    pub dispatch: i64,
    /// What was in transit when the receiver looked: prefilled from the read side, checked in `decide`.
    pub in_transit: Vec<BookletId>,
    pub accepted: Option<Vec<BookletId>>,
    pub missing: Vec<BookletId>,
    pub damaged: Vec<BookletId>,
    /// What the caller receives as.
    pub receiver: Holder,
}

impl Accept {
    /// Why there is nothing to countersign: nothing is left in transit, or nothing of it is named.
    fn nothing(&self, facts: &Facts) -> Refusal {
        let transit = Holder::Transit(self.dispatch);
        let left = self.in_transit.iter().filter_map(|id| facts.booklets.get(id));
        if left.into_iter().any(|booklet| booklet.holder == transit) {
            return Refusal::new(Code::SelectionEmpty).field("booklets");
        }
        Refusal::new(Code::DispatchClosed).about("dispatch", self.dispatch)
    }

    fn sort_out<'f>(&self, facts: &'f Facts) -> Result<(Vec<&'f Booklet>, Vec<&'f Booklet>), Refusal> {
        let transit = Holder::Transit(self.dispatch);
        let lists = [self.accepted.as_deref().unwrap_or_default(), &self.missing, &self.damaged];
        let mut named = BTreeSet::new();
        for id in lists.into_iter().flatten() {
            let about = |code: Code| Refusal::new(code).field("booklets").about("serial", serial(facts, *id));
            if !named.insert(*id) {
                return Err(about(Code::BookletNamedTwice));
            }
            if facts.booklets.get(id).is_none_or(|booklet| booklet.holder != transit) {
                return Err(about(Code::BookletNotInDispatch).about("dispatch", self.dispatch));
            }
        }
        let here = |ids: &[BookletId]| -> Vec<&'f Booklet> {
            let booklets = ids.iter().filter_map(|id| facts.booklets.get(id));
            booklets.filter(|booklet| booklet.holder == transit).collect()
        };
        let good = match &self.accepted {
            Some(accepted) => here(accepted),
            None => here(&self.in_transit).into_iter().filter(|booklet| !named.contains(&booklet.id)).collect(),
        };
        Ok((good, here(&self.damaged)))
    }
}

impl Act for Accept {
    fn kind(&self) -> Kind {
        Kind::Acceptance
    }

    fn needs(&self, needs: &mut Needs) {
        needs.own_mandate = true;
        needs.dispatches.insert(self.dispatch);
        let lists = [&self.in_transit, &self.missing, &self.damaged];
        needs.booklets.extend(lists.into_iter().flatten());
        needs.booklets.extend(self.accepted.iter().flatten());
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        let receiver = check_own(facts, context, &self.receiver)?;
        let dispatch = facts
            .dispatches
            .get(&self.dispatch)
            // What became of letters is the carrier's to say.
            .filter(|dispatch| dispatch.to != Holder::Circulation)
            .filter(|dispatch| dispatch.to == self.receiver || dispatch.from == self.receiver)
            .ok_or_else(|| Refusal::new(Code::DispatchUnknown).about("dispatch", self.dispatch))?;
        let recalled = dispatch.to != self.receiver;
        let (good, damaged) = self.sort_out(facts)?;
        if good.is_empty() && damaged.is_empty() {
            return Err(self.nothing(facts));
        }
        let accepted = booklet_lines(facts, &good, &self.receiver)?;
        let basis = match &self.receiver {
            // What comes back to its sender was in its custody before.
            Holder::Prescriber(_) if !recalled => {
                let mandate = basis(facts, receiver, context.day)?;
                let held = facts.held(&self.receiver);
                check_ceiling(receiver, mandate, (held.booklets, held.value.get()), &accepted)?;
                Some(mandate.title())
            }
            _ => None,
        };
        let count = |list: usize| i64::try_from(list).unwrap_or(i64::MAX);
        Ok(Movement::new(Kind::Acceptance)
            .mention("dispatch", dispatch.number)
            .mention("sender", dispatch.from.to_string())
            .mention("missing_booklets", count(self.missing.len()))
            .mention("damaged_booklets", count(damaged.len()))
            .mention_some("missing", ranges_text(facts, &self.missing))
            .mention_some("basis", basis)
            .mention_some("recall", recalled.then_some(1_i64))
            .lines(accepted)
            .lines(booklet_lines(facts, &damaged, &Holder::Blocked)?))
    }
}
