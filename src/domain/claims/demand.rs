//! Making a claim: everything a provider's venues have taken by the end of a month and that no claim holds yet. The
//! ledger knows it, so nobody types it. What never lives here: whether it will be paid.

use std::collections::BTreeMap;

use super::super::act::{Act, Context, item_text, line, organisation_of_kind};
use super::super::facts::{Facts, Needs};
use super::super::ids::{BatchId, ItemId, OrganisationId, PassId};
use super::super::month::Month;
use super::super::movement::{Kind, Line, Movement, Record, Redemption};
use super::super::party::{Holder, Organisation, OrganisationKind, Role};
use super::super::programme::Payer;
use super::super::refusal::{Code, Refusal};
use super::{Claim as Claimed, ClaimRecord, ClaimState};

/// Passes of one claim at most; what is left over goes into the next one for the same month.
pub const PASSES_PER_CLAIM: usize = 10_000;

/// Claims what was redeemed at a provider's venues in a month, and earlier if it was left out (R8).
#[derive(Debug, Clone)]
pub struct Claim {
    pub provider: OrganisationId,
    /// Must be over.
    pub month: Month,
    /// Passes that were rejected in an earlier claim, presented again.
    pub again: Vec<PassId>,
}

/// Passes with the redemption that spent each.
type Presented<'f> = Vec<(PassId, &'f str)>;

impl Claim {
    fn provider<'f>(&self, facts: &'f Facts, context: &Context) -> Result<&'f Organisation, Refusal> {
        let unknown = || Refusal::new(Code::ProviderUnknown).field("provider_id");
        if context.actor.role == Role::VenueAgent && self.provider != context.actor.organisation {
            return Err(unknown());
        }
        organisation_of_kind(facts, self.provider, OrganisationKind::Provider, Code::ProviderUnknown)
            .map_err(|refusal| refusal.field("provider_id"))
    }

    /// The passes that no claim ever held, oldest first, and whether some did not fit.
    fn unclaimed<'f>(&self, facts: &'f Facts, held: &Holder) -> (Presented<'f>, bool) {
        let mut passes = Vec::new();
        for number in facts.claims.claimable.values() {
            let of_month = |redemption: &&Redemption| {
                redemption.provider == self.provider && redemption.day < self.month.end() && !redemption.reversed
            };
            let Some(redemption) = facts.redemptions.get(number).filter(of_month) else { continue };
            let there = |pass: &PassId| facts.passes.get(pass).is_some_and(|pass| pass.holder.as_ref() == Some(held));
            let spent: Presented<'_> = redemption
                .items
                .iter()
                .filter_map(|item| item.pass())
                .filter(there)
                .map(|pass| (pass, number.as_str()))
                .collect();
            if passes.len() + spent.len() > PASSES_PER_CLAIM {
                return (passes, true);
            }
            passes.extend(spent);
        }
        (passes, false)
    }

    fn presented_again<'f>(&self, facts: &'f Facts, held: &Holder) -> Result<Presented<'f>, Refusal> {
        // A pass whose redemption was undone may be spent anew: that is claimed with its own month, not by name.
        let stands = |number: &String| facts.redemptions.get(number).is_none_or(|redemption| !redemption.reversed);
        let find = |pass: &PassId| {
            let there = facts.passes.get(pass).is_some_and(|pass| pass.holder.as_ref() == Some(held));
            let redemption = facts.claims.rejected.get(pass).filter(|_| there).filter(|number| stands(number));
            redemption.map(|redemption| (*pass, redemption.as_str())).ok_or_else(|| {
                Refusal::new(Code::PassNotRejected).field("again").about("serial", item_text(facts, pass.item()))
            })
        };
        self.again.iter().map(find).collect()
    }
}

/// One line per batch.
pub(in crate::domain) fn lines(
    facts: &Facts,
    passes: &[PassId],
    from: &Holder,
    to: &Holder,
) -> Result<Vec<Line>, Refusal> {
    let mut by_batch: BTreeMap<BatchId, Vec<ItemId>> = BTreeMap::new();
    for pass in passes {
        let batch = facts.booklets.get(&pass.booklet()).map(|booklet| booklet.batch);
        by_batch.entry(batch.unwrap_or(BatchId(0))).or_default().push(pass.item());
    }
    let to_line = |(batch, items): (BatchId, Vec<ItemId>)| {
        let passes = i64::try_from(items.len()).unwrap_or(i64::MAX);
        line(facts, batch, from.clone(), to.clone(), items, (0, passes))
    };
    by_batch.into_iter().map(to_line).collect()
}

impl Act for Claim {
    fn kind(&self) -> Kind {
        Kind::Claim
    }

    fn needs(&self, needs: &mut Needs) {
        needs.organisations.insert(self.provider);
        needs.claims.claimable.insert((self.provider, self.month));
        needs.claims.again.extend(&self.again);
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        let provider = self.provider(facts, context)?;
        if facts.programme.payer != Payer::Region {
            return Err(Refusal::new(Code::PayerIsIssuer).about("programme", &facts.programme.label));
        }
        if !self.month.is_over(context.day) {
            let from = self.month.end().french();
            return Err(Refusal::new(Code::MonthNotOver).field("month").about("date", from));
        }
        let (from, to) = (Holder::Provider(provider.code.clone()), Holder::Claimed(provider.code.clone()));
        let (mut presented, left_out) = self.unclaimed(facts, &from);
        presented.extend(self.presented_again(facts, &from)?);
        presented.sort_unstable();
        let twice = presented.windows(2).find(|pair| matches!(pair, [one, other] if one.0 == other.0));
        if let Some([(pass, _), _]) = twice {
            let serial = item_text(facts, pass.item());
            return Err(Refusal::new(Code::PassNamedTwice).field("again").about("serial", serial));
        }
        if presented.is_empty() {
            let refusal = Refusal::new(Code::ClaimEmpty).field("month").about("name", &provider.name);
            return Err(refusal.about("month", self.month));
        }
        let passes: Vec<PassId> = presented.iter().map(|(pass, _)| *pass).collect();
        let lines = lines(facts, &passes, &from, &to)?;
        let movement = Movement::new(Kind::Claim).lines(lines);
        let (_, count, value) = movement.total().ok_or_else(Refusal::beyond_counting)?;
        let claim = Claimed {
            number: facts.claims.last + 1,
            provider: self.provider,
            month: self.month,
            claimant: context.actor.user,
            claimed_on: context.day,
            due_on: context.day.plus_days(facts.claims.rules.due_days),
            passes: count,
            value,
            rejected_passes: 0,
            approvals: Vec::new(),
            suspended_on: None,
            suspended_days: 0,
            state: ClaimState::Submitted,
        };
        let again = i64::try_from(self.again.len()).unwrap_or(i64::MAX);
        let spent = presented.into_iter().map(|(pass, redemption)| (pass, redemption.to_owned())).collect();
        Ok(movement
            .mention("claim", claim.number)
            .mention("provider", &provider.name)
            .mention("provider_registration", provider.registration.to_string())
            .mention("month", self.month.to_string())
            .mention("due_on", claim.due_on)
            .mention_some("presented_again", (again > 0).then_some(again))
            .mention_some("more_to_claim", left_out.then_some(1_i64))
            .record(Record::Claims(ClaimRecord::Made(claim, spent))))
    }
}
