//! Destruction of booklets and passes that are out of use: one person of the Region proposes it, the public accountant signs
//! the minutes (R6), and neither does both. What never lives here: what the issuer gives back for them.

use super::act::{Act, Context, item_text, own_organisation};
use super::facts::{Facts, Needs};
use super::ids::UserId;
use super::items::{Named, Place, lines};
use super::movement::{Kind, Movement, Record};
use super::named::named;
use super::party::Holder;
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

/// Whether what is there may be destroyed: what has expired or is blocked, and what lies in the Region's own store.
#[must_use]
pub const fn can_be_destroyed(holder: &Holder) -> bool {
    matches!(holder, Holder::Expired | Holder::Blocked | Holder::Store)
}

/// Whether everything named may be destroyed.
///
/// # Errors
/// [`Code::NotDestroyable`], or what [`Named::find`] says.
pub fn check(facts: &Facts, items: &Named) -> Result<(), Refusal> {
    places(facts, items).map(drop)
}

fn places(facts: &Facts, items: &Named) -> Result<Vec<Place>, Refusal> {
    let places = items.find(facts)?;
    match places.iter().find(|place| !can_be_destroyed(&place.holder) || place.passes == 0) {
        None => Ok(places),
        Some(other) => Err(Refusal::new(Code::NotDestroyable)
            .field(if other.item.pass().is_some() { "passes" } else { "booklets" })
            .about("serial", item_text(facts, other.item))
            .about("holder", &other.holder)),
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
        Ok(Movement::new(Kind::Destruction)
            .mention("proposal", proposal.number)
            .mention("reason", proposal.reason.as_str())
            .mention("proposed_by", proposal.proposer_pseudonym.clone())
            .mention("proposed_on", proposal.proposed_on)
            .lines(lines(facts, &places(facts, &self.items)?, |_| Holder::Destroyed)?)
            .record(Record::Destroyed(proposal.number)))
    }
}
