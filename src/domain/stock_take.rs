//! Stock-take: what somebody counted at a holder's, against what the ledger says is there (R9). What is missing is then
//! declared lost, what is too many found, each by an act of its own that names this receipt. What never lives here: those acts.

use std::collections::BTreeSet;

use super::act::{Act, Context, distinct, organisation_of_kind, own_organisation, ranges_text, serial};
use super::custody::{BOOKLETS_PER_ACT, sender};
use super::facts::{Facts, Needs, Pick};
use super::ids::{BookletId, OrganisationId};
use super::movement::{Kind, Movement};
use super::party::{Holder, OrganisationKind, Role};
use super::refusal::{Code, Refusal};
use super::time::Day;

/// Somebody counts the booklets of a holder: a prescriber its own, the Region its store or anybody's.
#[derive(Debug, Clone)]
pub struct TakeStock {
    /// Whose: derived from the caller by [`sender`], or from the organisation that the Region names.
    pub holder: Holder,
    /// The prescriber that the Region counts at.
    pub prescriber: Option<OrganisationId>,
    pub counted_on: Day,
    pub counted: Vec<BookletId>,
}

impl TakeStock {
    /// What the act says is counted must be what the caller may count.
    fn check_holder(&self, facts: &Facts, context: &Context) -> Result<(), Refusal> {
        let own = own_organisation(facts, context)?;
        let expected = match self.prescriber {
            Some(id) if context.actor.role != Role::PrescriberAgent => {
                let found = organisation_of_kind(facts, id, OrganisationKind::Prescriber, Code::PrescriberUnknown);
                Holder::Prescriber(found.map_err(|refusal| refusal.field("prescriber_id"))?.code.clone())
            }
            _ => sender(context.actor.role, own),
        };
        if self.holder == expected { Ok(()) } else { Err(Refusal::new(Code::PrescriberUnknown).field("prescriber_id")) }
    }
}

impl Act for TakeStock {
    fn kind(&self) -> Kind {
        Kind::StockTake
    }

    fn needs(&self, needs: &mut Needs) {
        needs.organisations.extend(self.prescriber);
        needs.booklets.extend(&self.counted);
        needs.picks.push(Pick { holder: self.holder.clone(), order: None, count: BOOKLETS_PER_ACT });
        needs.holders.insert(self.holder.clone());
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        self.check_holder(facts, context)?;
        if self.counted_on > context.day {
            let date = self.counted_on.french();
            return Err(Refusal::new(Code::DateInFuture).field("counted_on").about("date", date));
        }
        let counted = distinct(facts, &self.counted)?;
        if let Some(unknown) = counted.iter().find(|id| facts.booklets.get(id).is_none()) {
            let refusal = Refusal::new(Code::BookletUnknown).field("counted");
            return Err(refusal.about("serial", serial(facts, *unknown)));
        }
        let with_holder = facts.booklets.iter().filter(|(_, booklet)| booklet.holder == self.holder);
        let expected: BTreeSet<BookletId> = with_holder.map(|(id, _)| *id).collect();
        if expected.len() > usize::try_from(BOOKLETS_PER_ACT).unwrap_or(usize::MAX) {
            return Err(Refusal::out_of_range("counted", 0, BOOKLETS_PER_ACT));
        }
        let missing: Vec<BookletId> = expected.difference(&counted).copied().collect();
        let surplus: Vec<BookletId> = counted.difference(&expected).copied().collect();
        let count = |list: usize| i64::try_from(list).unwrap_or(i64::MAX);
        Ok(Movement::new(Kind::StockTake)
            .mention("holder", self.holder.to_string())
            .mention("counted_on", self.counted_on)
            .mention("expected_booklets", count(expected.len()))
            .mention("expected_passes", facts.held(&self.holder).passes)
            .mention("counted_booklets", count(counted.len()))
            .mention("missing_booklets", count(missing.len()))
            .mention_some("missing", ranges_text(facts, &missing))
            .mention("surplus_booklets", count(surplus.len()))
            .mention_some("surplus", ranges_text(facts, &surplus)))
    }
}
