//! Destruction of booklets and passes that are out of use: one person of the Region proposes it, the public accountant signs
//! the minutes (R6), and neither does both. Each leaves its receipt. What never lives here: what the issuer gives back for
//! them.

use super::act::{Act, Context, item_text, own_organisation};
use super::facts::{Facts, Needs};
use super::ids::UserId;
use super::items::{Named, Place, lines};
use super::movement::{Kind, Movement, Record};
use super::named::named;
use super::party::Holder;
use super::programme::Programme;
use super::refusal::{Code, Malformed, Refusal};
use super::time::Day;

named!(
    /// Why paper is destroyed.
    DestructionReason, Malformed::Identifier, {
        /// Its validity is over.
        EndOfValidity => "end_of_validity",
        /// It cannot be used.
        Damaged => "damaged",
        /// It came back, and is not to be given to anybody else.
        Returned => "returned",
        /// Its codes or its serials are wrong.
        Misprinted => "misprinted",
    }
);

/// What somebody proposes to destroy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Running number within the programme: none is changed or taken away.
    pub number: i64,
    pub reason: DestructionReason,
    pub items: Named,
    pub proposer: UserId,
    /// As receipts name the proposer.
    pub proposer_pseudonym: String,
    pub proposed_on: Day,
    /// The number of the minutes, once they are signed.
    pub receipt: Option<String>,
}

/// Whether what is there may be destroyed: what has expired or is blocked, and what lies in the Region's own store, where
/// everything that comes back goes. What somebody else holds, or has spent, is not the Region's to destroy.
#[must_use]
pub const fn can_be_destroyed(holder: &Holder) -> bool {
    matches!(holder, Holder::Expired | Holder::Blocked | Holder::Store)
}

/// Everything named, if it may be destroyed for this reason on this day. What is blocked or in the store and could still be
/// spent is destroyed because it is damaged, misprinted or came back, never because its validity is over.
///
/// # Errors
/// [`Code::NotDestroyable`], [`Code::StillValid`], or what [`Named::find`] says.
fn places(facts: &Facts, items: &Named, reason: DestructionReason, today: Day) -> Result<Vec<Place>, Refusal> {
    let places = items.find(facts)?;
    for place in &places {
        let refused = |code: Code| {
            Refusal::new(code)
                .field(if place.item.pass().is_some() { "passes" } else { "booklets" })
                .about("serial", item_text(facts, place.item))
        };
        if !can_be_destroyed(&place.holder) || place.passes == 0 {
            return Err(refused(Code::NotDestroyable).about("holder", &place.holder));
        }
        let valid_until = facts.orders.get(&place.batch.order()).map(|order| order.grace_end);
        let valid_until = valid_until.filter(|end| place.holder != Holder::Expired && today <= *end);
        if let Some(end) = valid_until.filter(|_| reason == DestructionReason::EndOfValidity) {
            return Err(refused(Code::StillValid).about("date", end.french()));
        }
    }
    Ok(places)
}

/// What is to be destroyed, as receipts name it: serials and runs of serials.
#[must_use]
pub fn items_text(items: &Named, programme: &Programme) -> String {
    items.printed(programme).join("; ")
}

/// Somebody of the Region proposes to destroy what is out of use. Nothing is destroyed before the public accountant has
/// signed.
#[derive(Debug, Clone)]
pub struct ProposeDestruction {
    pub items: Named,
    pub reason: DestructionReason,
}

impl Act for ProposeDestruction {
    fn kind(&self) -> Kind {
        Kind::DestructionProposal
    }

    fn needs(&self, needs: &mut Needs) {
        self.items.needs(needs);
        needs.new_destruction = true;
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        own_organisation(facts, context)?;
        let places = places(facts, &self.items, self.reason, context.day)?;
        let passes = places.iter().fold(0_i64, |sum, place| sum.saturating_add(place.passes));
        let value = facts.programme.face_value.times(passes).ok_or_else(Refusal::beyond_counting)?;
        let booklets = i64::try_from(self.items.booklets.len()).unwrap_or(i64::MAX);
        let proposal = Proposal {
            number: facts.last_destruction + 1,
            reason: self.reason,
            items: self.items.clone(),
            proposer: context.actor.user,
            proposer_pseudonym: context.actor.pseudonym.clone(),
            proposed_on: context.day,
            receipt: None,
        };
        Ok(Movement::new(Kind::DestructionProposal)
            .mention("proposal", proposal.number)
            .mention("reason", self.reason.as_str())
            .mention("items", items_text(&self.items, &facts.programme))
            .mention("proposed_booklets", booklets)
            .mention("proposed_passes", passes)
            .mention("proposed_cents", value.get())
            .record(Record::DestructionProposed(Box::new(proposal))))
    }
}

/// The public accountant signs what somebody of the Region has proposed: it is destroyed.
#[derive(Debug, Clone)]
pub struct Destroy {
    /// Number of the proposal.
    pub proposal: i64,
    /// What it names: a proposal never changes.
    pub items: Named,
}

impl Act for Destroy {
    fn kind(&self) -> Kind {
        Kind::Destruction
    }

    fn needs(&self, needs: &mut Needs) {
        self.items.needs(needs);
        needs.destructions.insert(self.proposal);
        needs.holders.insert(Holder::Destroyed);
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        own_organisation(facts, context)?;
        let about = |code: Code| Refusal::new(code).about("destruction", self.proposal);
        let proposal = facts.destructions.get(&self.proposal).filter(|proposal| proposal.items == self.items);
        let proposal = proposal.ok_or_else(|| about(Code::DestructionUnknown))?;
        if let Some(number) = &proposal.receipt {
            return Err(about(Code::DestructionSignedAlready).about("number", number));
        }
        if proposal.proposer == context.actor.user {
            return Err(about(Code::DestructionSamePerson));
        }
        let places = places(facts, &self.items, proposal.reason, context.day)?;
        Ok(Movement::new(Kind::Destruction)
            .mention("proposal", proposal.number)
            .mention("reason", proposal.reason.as_str())
            .mention("proposed_by", proposal.proposer_pseudonym.clone())
            .mention("proposed_on", proposal.proposed_on)
            .lines(lines(facts, &places, |_| Holder::Destroyed)?)
            .record(Record::Destroyed(proposal.number)))
    }
}
