//! Booklets allocated among prescribers in one act: by a key, out of the Region's store (a fixed part for each, the rest by
//! weight), or from prescriber to prescriber, where stock sleeps. Each sending is in transit until its receiver accepts.
//! What never lives here: where weights come from.

use std::collections::BTreeMap;

use super::act::{Act, Context, booklet_lines, organisation_of_kind, own_organisation};
use super::custody::{BOOKLETS_PER_ACT, Selection, basis, check_ceiling, held_and_awaited};
use super::facts::{Facts, Needs};
use super::ids::OrganisationId;
use super::movement::{Dispatch, Kind, Line, Movement, Record};
use super::named::named;
use super::party::{Holder, Organisation, OrganisationKind};
use super::refusal::{Code, Malformed, Refusal};
use super::shares::shares;
use super::short_code::ShortCode;
use super::stock::Booklet;
use super::text::Reference;

/// Prescribers that one act may serve.
pub const SENDINGS_PER_ACT: usize = 500;

named!(
    /// By what the weighted part is shared.
    Weighting, Malformed::Identifier, {
        /// The same for each.
        Equal => "equal",
        /// Legal population of the communes served.
        Population => "population",
        /// Residents of priority districts (QPV).
        Qpv => "qpv",
        /// Another weight, as the decision of the Region says.
        Other => "other",
    }
);

named!(
    /// Why booklets go from one prescriber to another.
    ReallocationReason, Malformed::Identifier, {
        /// Nothing has been handed out there for long.
        DormantStock => "dormant_stock",
        /// They will not be handed out there before their end.
        EndOfValidity => "end_of_validity",
        /// They are needed elsewhere.
        Need => "need",
        /// The giver's mandate ends.
        EndOfMandate => "end_of_mandate",
    }
);

/// How many booklets each prescriber gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub booklets: u32,
    /// For each, before the rest is shared.
    pub fixed: u32,
    pub weighting: Weighting,
    /// In the order of the sendings.
    pub weights: Vec<(OrganisationId, ShortCode, u64)>,
}

/// What one prescriber gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    pub prescriber: OrganisationId,
    pub code: ShortCode,
    pub weight: u64,
    pub fixed: i64,
    pub weighted: i64,
}

impl Share {
    #[must_use]
    pub const fn booklets(&self) -> i64 {
        self.fixed.saturating_add(self.weighted)
    }
}

impl Key {
    /// Who gets how many. Where no weight says anything, all count the same.
    ///
    /// # Errors
    /// [`Code::SelectionEmpty`], [`Code::QuantityOutOfRange`], [`Code::PrescriberNamedTwice`], or
    /// [`Code::AllocationTooSmall`] where the fixed parts alone are more than there is.
    pub fn plan(&self) -> Result<Vec<Share>, Refusal> {
        if self.weights.is_empty() {
            return Err(Refusal::new(Code::SelectionEmpty).field("prescribers"));
        }
        if self.booklets == 0 || self.booklets > BOOKLETS_PER_ACT {
            return Err(Refusal::out_of_range("booklets", 1, BOOKLETS_PER_ACT));
        }
        if self.weights.len() > SENDINGS_PER_ACT {
            return Err(Refusal::out_of_range("prescribers", 1, SENDINGS_PER_ACT));
        }
        let mut seen = std::collections::BTreeSet::new();
        if let Some((_, code, _)) = self.weights.iter().find(|(prescriber, ..)| !seen.insert(*prescriber)) {
            return Err(Refusal::new(Code::PrescriberNamedTwice).field("prescribers").about("code", code));
        }
        let (all, fixed) = (i64::from(self.booklets), i64::from(self.fixed));
        let needed = fixed.saturating_mul(i64::try_from(self.weights.len()).unwrap_or(i64::MAX));
        if needed > all {
            return Err(Refusal::new(Code::AllocationTooSmall)
                .field("fixed_booklets")
                .about("needed", needed)
                .about("booklets", all));
        }
        let said: Vec<u64> = self.weights.iter().map(|(.., weight)| *weight).collect();
        let weights = if said.iter().all(|weight| *weight == 0) { vec![1; said.len()] } else { said };
        let weighted = shares(all - needed, &weights, None);
        let share = |((prescriber, code, weight), weighted): (&(OrganisationId, ShortCode, u64), i64)| Share {
            prescriber: *prescriber,
            code: code.clone(),
            weight: *weight,
            fixed,
            weighted,
        };
        Ok(self.weights.iter().zip(weighted).map(share).collect())
    }
}

/// Booklets that go from one holder to one prescriber.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    /// The store, or another prescriber's custody.
    pub from: Holder,
    pub to: OrganisationId,
    pub booklets: u32,
}

/// By what the sendings were decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ground {
    Key { fixed: u32, weighting: Weighting, weights: Vec<(ShortCode, u64)> },
    Reallocation(ReallocationReason),
}

/// Sends booklets to several prescribers in one act.
#[derive(Debug, Clone)]
pub struct Allocate {
    pub sendings: Vec<Sending>,
    /// Only booklets of this order.
    pub order: Option<Reference>,
    pub ground: Ground,
}

impl Allocate {
    /// What a key makes of the Region's store.
    ///
    /// # Errors
    /// As [`Key::plan`].
    pub fn by_key(key: &Key, order: Option<Reference>) -> Result<Self, Refusal> {
        let plan = key.plan()?;
        let sending = |share: &Share| Sending {
            from: Holder::Store,
            to: share.prescriber,
            booklets: u32::try_from(share.booklets()).unwrap_or(u32::MAX),
        };
        let sendings = plan.iter().filter(|share| share.booklets() > 0).map(sending).collect();
        let weights = plan.into_iter().map(|share| (share.code, share.weight)).collect();
        let ground = Ground::Key { fixed: key.fixed, weighting: key.weighting, weights };
        Ok(Self { sendings, order, ground })
    }

    /// How many booklets each giver gives in all.
    fn taken(&self) -> BTreeMap<&Holder, u32> {
        let mut taken: BTreeMap<&Holder, u32> = BTreeMap::new();
        for Sending { from, booklets, .. } in &self.sendings {
            let sum = taken.entry(from).or_default();
            *sum = sum.saturating_add(*booklets);
        }
        taken
    }

    fn selection(&self, booklets: u32) -> Selection {
        Selection::Count { booklets, order: self.order.clone() }
    }

    /// The receiver, under a mandate that allows what it has, what is on its way, and what it is given here.
    fn check_receiver<'f>(
        facts: &'f Facts,
        context: &Context,
        sending: &Sending,
        (given, lines): (&mut BTreeMap<ShortCode, (i64, i64)>, &[Line]),
    ) -> Result<&'f Organisation, Refusal> {
        let receiver = organisation_of_kind(facts, sending.to, OrganisationKind::Prescriber, Code::PrescriberUnknown)
            .map_err(|refusal| refusal.field("prescribers"))?;
        let to = Holder::Prescriber(receiver.code.clone());
        if to == sending.from {
            return Err(Refusal::new(Code::SameHolder).field("prescribers").about("name", &receiver.name));
        }
        let mandate = basis(facts, receiver, context.day)?;
        let (held, before) = (held_and_awaited(facts, &to), given.entry(receiver.code.clone()).or_default());
        let held = (held.0.saturating_add(before.0), held.1.saturating_add(before.1));
        check_ceiling(receiver, mandate, held, lines)?;
        for line in lines {
            *before = (before.0.saturating_add(line.booklets), before.1.saturating_add(line.value.get()));
        }
        Ok(receiver)
    }
}

impl Act for Allocate {
    fn kind(&self) -> Kind {
        Kind::Allocation
    }

    fn needs(&self, needs: &mut Needs) {
        for sending in &self.sendings {
            needs.organisations.insert(sending.to);
            needs.custody_of.insert(sending.to);
            needs.receivers.insert(sending.to);
        }
        for (from, booklets) in self.taken() {
            self.selection(booklets).needs(from, needs);
        }
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        own_organisation(facts, context)?;
        if self.sendings.is_empty() || self.sendings.iter().any(|sending| sending.booklets == 0) {
            return Err(Refusal::new(Code::SelectionEmpty).field("prescribers"));
        }
        if self.sendings.len() > SENDINGS_PER_ACT {
            return Err(Refusal::out_of_range("prescribers", 1, SENDINGS_PER_ACT));
        }
        let mut stock: BTreeMap<&Holder, std::vec::IntoIter<&Booklet>> = BTreeMap::new();
        for (from, booklets) in self.taken() {
            stock.insert(from, self.selection(booklets).choose(facts, from)?.into_iter());
        }
        let (mut movement, mut said, mut given) = (Movement::new(Kind::Allocation), Vec::new(), BTreeMap::new());
        for (sending, number) in self.sendings.iter().zip(facts.counters.dispatch.saturating_add(1)..) {
            let wanted = usize::try_from(sending.booklets).unwrap_or(usize::MAX);
            let chosen: Vec<&Booklet> =
                stock.get_mut(&sending.from).into_iter().flat_map(|rest| rest.by_ref().take(wanted)).collect();
            let lines = booklet_lines(facts, &chosen, &Holder::Transit(number))?;
            let receiver = Self::check_receiver(facts, context, sending, (&mut given, &lines))?;
            let to = Holder::Prescriber(receiver.code.clone());
            said.push(format!("{number} {} {to} {}", sending.from, sending.booklets));
            let (from, booklets) = (sending.from.clone(), i64::from(sending.booklets));
            let dispatch = Dispatch { number, from, to, booklets };
            movement = movement.lines(lines).record(Record::DispatchOpened(dispatch));
        }
        Ok(self.say(movement.mention("sendings", said.join("; "))))
    }
}

impl Allocate {
    fn say(&self, movement: Movement) -> Movement {
        match &self.ground {
            Ground::Key { fixed, weighting, weights } => {
                let weights: Vec<String> = weights.iter().map(|(code, weight)| format!("{code} {weight}")).collect();
                movement
                    .mention("fixed_booklets", i64::from(*fixed))
                    .mention("weighting", weighting.as_str())
                    .mention("weights", weights.join("; "))
            }
            Ground::Reallocation(reason) => movement.mention("reason", reason.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(booklets: u32, fixed: u32, weights: &[u64]) -> Key {
        let prescriber = |(place, weight): (usize, &u64)| {
            let id = OrganisationId::parse(&format!("018f2d5e-0000-7000-8000-{place:012}")).unwrap();
            (id, ShortCode::parse(&format!("P{place}")).unwrap(), *weight)
        };
        let weights = weights.iter().enumerate().map(prescriber).collect();
        Key { booklets, fixed, weighting: Weighting::Population, weights }
    }

    fn planned(key: &Key) -> Vec<i64> {
        key.plan().unwrap().iter().map(Share::booklets).collect()
    }

    #[test]
    fn a_key_gives_a_fixed_part_and_shares_the_rest_by_weight() {
        // Ten each for 36 communes, the rest by residents of priority districts, is the key of Lens-Liévin.
        assert_eq!(planned(&key(100, 10, &[3, 1, 0])), [63, 27, 10]);
        assert_eq!(planned(&key(10, 3, &[0, 0, 0])), [4, 3, 3], "without a weight all count the same");
        assert_eq!(planned(&key(30, 10, &[5, 5, 5])), [10, 10, 10]);
    }

    #[test]
    fn a_key_that_cannot_be_applied_says_why() {
        let told = |key: Key| key.plan().unwrap_err().code;
        assert_eq!(told(key(29, 10, &[1, 1, 1])), Code::AllocationTooSmall);
        assert_eq!(told(key(10, 1, &[])), Code::SelectionEmpty);
        assert_eq!(told(key(0, 0, &[1])), Code::QuantityOutOfRange);
        let mut twice = key(10, 1, &[1, 1]);
        twice.weights[1].0 = twice.weights[0].0;
        assert_eq!(told(twice), Code::PrescriberNamedTwice);
    }
}
