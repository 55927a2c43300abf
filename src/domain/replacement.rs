//! Replacement: the booklet that a person has lost or that became unusable is blocked for ever, and another one gives
//! the same person as many passes as were left. The entitlement is not touched. Of whom was erased nobody knows any more what they
//! were given: whoever comes for such a booklet is who they say they are today. What never lives here: the loss itself.

use super::act::{Act, Context, find_booklets, hexadecimal, item_text, line, own_organisation, serial};
use super::custody::basis;
use super::erasure::NOBODY;
use super::facts::{Facts, Needs};
use super::handout::{check_order, check_window};
use super::ids::BookletId;
use super::incidents::Given;
use super::items::{lines, of_booklet, of_pass};
use super::movement::{Kind, Line, Movement, Record, Replaced};
use super::named::named;
use super::party::Holder;
use super::refusal::{Code, Malformed, Refusal};
use super::stock::{Booklet, CodeMac};

named!(
    /// Why a booklet is replaced.
    ReplacementReason, Malformed::Identifier, {
        /// Lost or stolen: the loss is declared before.
        Lost => "lost",
        /// The person brings back a paper that cannot be used.
        Damaged => "damaged",
    }
);

/// What the receipt says where the person of the original was erased: that nobody compared whom it was given to.
const ERASED: &str = "erased";

/// The most passes that a booklet can have.
const RANKS: std::ops::RangeInclusive<u8> = 1..=99;

/// Replaces the booklet of a person.
#[derive(Debug, Clone)]
pub struct Replace {
    pub original: BookletId,
    /// In the prescriber's own custody.
    pub replacement: BookletId,
    /// Keyed fingerprint of the person who asks: the one who received the original, as far as that is still known.
    pub fingerprint: CodeMac,
    /// Salted commitment to the identity, for the receipt.
    pub commitment: CodeMac,
    /// What its salt was derived from, to be kept until the person is erased.
    pub nonce: Option<CodeMac>,
    pub reason: ReplacementReason,
}

impl Replace {
    fn original<'f>(&self, facts: &'f Facts) -> Result<(&'f Booklet, &'f Given), Refusal> {
        let about = |code: Code| Refusal::new(code).field("original").about("serial", serial(facts, self.original));
        let unknown = || about(Code::BookletUnknown);
        let original = facts.booklets.get(&self.original).ok_or_else(unknown)?;
        let given = facts.given.get(&self.original).ok_or_else(|| about(Code::NotHandedOut))?;
        if ![NOBODY, self.fingerprint].contains(&given.fingerprint) {
            return Err(about(Code::BeneficiaryDiffers).field("beneficiary"));
        }
        let expected = match self.reason {
            ReplacementReason::Lost => Holder::Lost,
            ReplacementReason::Damaged => Holder::Circulation,
        };
        match &original.holder {
            holder if holder == &expected && original.passes_left > 0 => Ok((original, given)),
            Holder::Circulation if original.passes_left > 0 => Err(about(Code::LossNotDeclared)),
            holder => Err(about(Code::NotInUse).about("holder", holder)),
        }
    }

    /// The new booklet, whole and in the prescriber's custody.
    fn replacement<'f>(&self, facts: &'f Facts, own: &Holder, wanted: u8) -> Result<&'f Booklet, Refusal> {
        let about =
            |code: Code| Refusal::new(code).field("replacement").about("serial", serial(facts, self.replacement));
        let found = find_booklets(facts, &[self.replacement]).map_err(|refusal| refusal.field("replacement"))?;
        let booklet = found.first().copied().filter(|booklet| &booklet.holder == own);
        let booklet = booklet.ok_or_else(|| about(Code::BookletNotHeld))?;
        check_order(facts, booklet).map_err(|refusal| refusal.field("replacement"))?;
        if booklet.passes_left < wanted {
            return Err(about(Code::ReplacementTooSmall).about("wanted", wanted));
        }
        Ok(booklet)
    }

    /// The passes of the new booklet that the person had spent of the original: they are never to be spent.
    fn surplus(facts: &Facts, booklet: &Booklet, wanted: u8) -> Result<Vec<Line>, Refusal> {
        let with_it = RANKS.filter_map(|rank| of_pass(facts, booklet.id.pass(rank)));
        let with_it = with_it.filter(|place| place.holder == booklet.holder);
        let beyond: Vec<_> = with_it.skip(usize::from(wanted)).collect();
        lines(facts, &beyond, |_| Holder::Blocked)
    }
}

impl Act for Replace {
    fn kind(&self) -> Kind {
        Kind::Replacement
    }

    fn needs(&self, needs: &mut Needs) {
        needs.own_mandate = true;
        needs.booklets.extend([self.original, self.replacement]);
        needs.passes.extend(RANKS.map(|rank| self.replacement.pass(rank)));
        needs.given.insert(self.original);
        needs.people.insert(self.fingerprint);
        needs.holders.extend([Holder::Blocked, Holder::Circulation]);
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        let prescriber = own_organisation(facts, context)?;
        let mandate = basis(facts, prescriber, context.day)?;
        let (original, given) = self.original(facts)?;
        let (own, wanted) = (Holder::Prescriber(prescriber.code.clone()), original.passes_left);
        let booklet = self.replacement(facts, &own, wanted)?;
        check_window(facts, context, &[booklet])?;
        let order = facts.order_of(booklet);
        let blocked = lines(facts, &[of_booklet(original)], |_| Holder::Blocked)?;
        let surplus = Self::surplus(facts, booklet, wanted)?;
        let items = vec![booklet.id.item()];
        let given_out = line(facts, booklet.batch, own, Holder::Circulation, items, (1, i64::from(wanted)))?;
        Ok(Movement::new(Kind::Replacement)
            .mention("basis", mandate.title())
            .mention("commitment", hexadecimal(&self.commitment))
            .mention("original", item_text(facts, original.id.item()))
            .mention("original_receipt", given.number.clone())
            .mention("reason", self.reason.as_str())
            .mention_some("recipient", (given.fingerprint == NOBODY).then_some(ERASED))
            .mention_some("validity_end", order.map(|order| order.validity_end))
            .mention_some("grace_end", order.map(|order| order.grace_end))
            .lines(blocked)
            .lines(surplus)
            .lines(vec![given_out])
            .record(Record::Replaced(Replaced {
                original: original.id,
                replacement: booklet.id,
                office: prescriber.code.clone(),
                fingerprint: self.fingerprint,
            }))
            .committed(self.fingerprint, self.nonce))
    }
}
