//! Incidents: booklets and passes taken out of use (opposition, loss, theft), and brought back to where they were by
//! a second person. What was spent is never touched. What never lives here: what replaces a lost booklet.

use std::collections::BTreeMap;

use super::act::{Act, Context, item_text, own_organisation};
use super::facts::{Facts, Needs};
use super::ids::ItemId;
use super::items::{Named, Place, lines, place_of};
use super::movement::{Kind, Movement};
use super::named::named;
use super::party::{Holder, Organisation, Role};
use super::refusal::{Code, Malformed, Refusal};
use super::short_code::ShortCode;
use super::stock::CodeMac;
use super::text::{ReceiptNumber, Reference};
use super::time::Day;

named!(
    /// Why passes are blocked. A list, because a receipt holds no free text: people write names there.
    BlockReason, Malformed::Identifier, {
        /// Somebody presents what is not theirs, or a copy.
        SuspectedFraud => "suspected_fraud",
        /// The person to whom they were given asks for it.
        HolderRequest => "holder_request",
        /// The paper cannot be used.
        Damaged => "damaged",
        /// The issuer says that something is wrong with them.
        IssuerRequest => "issuer_request",
        /// Until something is cleared up.
        Precaution => "precaution",
    }
);

named!(
    /// How passes were lost.
    LossReason, Malformed::Identifier, {
        Lost => "lost",
        Stolen => "stolen",
        /// Fire, water.
        Disaster => "disaster",
        /// Sent and never arrived.
        LostInPost => "lost_in_post",
        /// Not there when the stock was counted.
        MissingAtStockTake => "missing_at_stock_take",
    }
);

named!(
    /// Why passes come back into use.
    ReleaseReason, Malformed::Identifier, {
        /// There was no ground for it.
        Unfounded => "unfounded",
        /// They are there again.
        FoundAgain => "found_again",
        /// The wrong serials were typed.
        EnteredByMistake => "entered_by_mistake",
        /// What was unclear is cleared up.
        ClearedUp => "cleared_up",
    }
);

/// What one receipt took out of use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    pub position: i64,
    pub kind: Kind,
    /// Who did it, as receipts name this person.
    pub by: String,
    /// Where each item was, of those that went to `blocked` or `lost`.
    pub origins: BTreeMap<ItemId, Holder>,
}

/// The hand-out of a booklet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Of the receipt.
    pub number: String,
    /// Who handed it out.
    pub office: ShortCode,
    /// Of the person who received it; [`super::erasure::NOBODY`] once they were erased: what was given stays given.
    pub fingerprint: CodeMac,
}

/// The Region stops passes from being handed out or spent (opposition).
#[derive(Debug, Clone)]
pub struct Block {
    pub items: Named,
    pub reason: BlockReason,
}

impl Act for Block {
    fn kind(&self) -> Kind {
        Kind::Block
    }

    fn needs(&self, needs: &mut Needs) {
        self.items.needs(needs);
        needs.holders.insert(Holder::Blocked);
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        own_organisation(facts, context)?;
        let places = in_use(facts, &self.items)?;
        Ok(Movement::new(Kind::Block)
            .mention("reason", self.reason.as_str())
            .lines(lines(facts, &places, |_| Holder::Blocked)?))
    }
}

/// Whoever had them, or handed them out, declares passes lost or stolen (R5). Of what is spent nothing is lost.
#[derive(Debug, Clone)]
pub struct DeclareLoss {
    pub items: Named,
    pub reason: LossReason,
    pub noticed_on: Day,
    /// Number of the complaint or of the carrier's inquiry.
    pub complaint: Option<Reference>,
    /// The stock-take that missed them.
    pub stock_take: Option<ReceiptNumber>,
}

impl Act for DeclareLoss {
    fn kind(&self) -> Kind {
        Kind::Loss
    }

    fn needs(&self, needs: &mut Needs) {
        self.items.needs(needs);
        needs.given.extend(self.items.all_booklets());
        needs.holders.insert(Holder::Lost);
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        let own = own_organisation(facts, context)?;
        if self.noticed_on > context.day {
            let date = self.noticed_on.french();
            return Err(Refusal::new(Code::DateInFuture).field("noticed_on").about("date", date));
        }
        let places = in_use(facts, &self.items)?;
        if let Some(other) = places.iter().find(|place| !may_declare(facts, context, own, place)) {
            let refusal = Refusal::new(Code::BookletNotHeld).field("booklets");
            return Err(refusal.about("serial", item_text(facts, other.item)));
        }
        Ok(Movement::new(Kind::Loss)
            .mention("reason", self.reason.as_str())
            .mention("noticed_on", self.noticed_on)
            .mention_some("complaint", self.complaint.as_ref())
            .mention_some("stock_take", self.stock_take.as_ref().map(ToString::to_string))
            .lines(lines(facts, &places, |_| Holder::Lost)?))
    }
}

/// A prescriber speaks for its own stock and for what it handed out; the Region for everything.
fn may_declare(facts: &Facts, context: &Context, own: &Organisation, place: &Place) -> bool {
    match &place.holder {
        _ if context.actor.role != Role::PrescriberAgent => true,
        Holder::Prescriber(code) => code == &own.code,
        Holder::Circulation => facts.given.get(&place.item.booklet()).is_some_and(|given| given.office == own.code),
        _ => false,
    }
}

/// The things named, all of them still in use.
fn in_use(facts: &Facts, items: &Named) -> Result<Vec<Place>, Refusal> {
    let places = items.find(facts)?;
    let usable = |place: &Place| {
        let there =
            matches!(place.holder, Holder::Store | Holder::Transit(_) | Holder::Prescriber(_) | Holder::Circulation);
        there && place.passes > 0
    };
    match places.iter().find(|place| !usable(place)) {
        None => Ok(places),
        Some(other) => Err(Refusal::new(Code::NotInUse)
            .field("booklets")
            .about("serial", item_text(facts, other.item))
            .about("holder", &other.holder)),
    }
}

/// Passes that a receipt took out of use go back to where they were: blocked ones are unblocked, lost ones found again.
/// Whoever took them out of use does not bring them back.
#[derive(Debug, Clone)]
pub struct BringBack {
    /// [`Kind::Unblock`] or [`Kind::Found`].
    pub kind: Kind,
    /// The receipt that took them out of use.
    pub number: ReceiptNumber,
    /// These; all that the receipt took and that are still there, where none is named.
    pub items: Named,
    pub reason: ReleaseReason,
}

impl BringBack {
    /// Where the things are that may be brought back, and what may have taken them there.
    const fn undoes(&self) -> (Holder, &'static [Kind]) {
        match self.kind {
            Kind::Found => (Holder::Lost, &[Kind::Loss]),
            _ => (Holder::Blocked, &[Kind::Block, Kind::Delivery, Kind::Acceptance]),
        }
    }

    fn withdrawal<'f>(&self, facts: &'f Facts, context: &Context) -> Result<&'f Withdrawal, Refusal> {
        let about = |code: Code| Refusal::new(code).about("number", &self.number);
        let (_, kinds) = self.undoes();
        let found = facts.withdrawals.get(self.number.as_str()).filter(|found| kinds.contains(&found.kind));
        let found = found.ok_or_else(|| about(Code::WithdrawalUnknown))?;
        if found.by == context.actor.pseudonym { Err(about(Code::SecondPersonNeeded)) } else { Ok(found) }
    }

    /// What is still where the receipt took it, among what it took.
    fn places(&self, facts: &Facts, withdrawal: &Withdrawal) -> Result<Vec<Place>, Refusal> {
        let (there, _) = self.undoes();
        let still = |item: &ItemId| {
            let last = facts.last_moves.get(item) == Some(&withdrawal.position);
            place_of(facts, *item).filter(|place| place.holder == there && last)
        };
        if self.items.is_empty() {
            let places: Vec<Place> = withdrawal.origins.keys().filter_map(still).collect();
            let none = || Refusal::new(Code::NothingToBringBack).about("number", &self.number);
            return if places.is_empty() { Err(none()) } else { Ok(places) };
        }
        let named = self.items.find(facts)?;
        let other =
            named.iter().find(|place| !withdrawal.origins.contains_key(&place.item) || still(&place.item).is_none());
        match other {
            None => Ok(named),
            Some(other) => Err(Refusal::new(Code::NotTakenByReceipt)
                .field("booklets")
                .about("serial", item_text(facts, other.item))
                .about("number", &self.number)),
        }
    }
}

impl Act for BringBack {
    fn kind(&self) -> Kind {
        self.kind
    }

    fn needs(&self, needs: &mut Needs) {
        self.items.needs(needs);
        needs.withdrawals.insert(self.number.to_string());
        needs.holders.insert(Holder::Store);
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        own_organisation(facts, context)?;
        let withdrawal = self.withdrawal(facts, context)?;
        let places = self.places(facts, withdrawal)?;
        // What was unusable on arrival was never in the store; found good after all, it goes there.
        let home = |place: &Place| match withdrawal.origins.get(&place.item) {
            Some(Holder::Issue(_)) | None => Holder::Store,
            Some(origin) => origin.clone(),
        };
        let mut movement =
            Movement::new(self.kind).mention("reason", self.reason.as_str()).lines(lines(facts, &places, home)?);
        movement.corrects = Some(self.number.to_string());
        Ok(movement)
    }
}
