//! The end of an order: hand-outs and redemptions are suspended and resumed, the validity is prorogued, what is left
//! expires once the grace is over, and the issuer's credit note gives back its face value. What never lives here: what
//! funders are owed (see `funding`).

use super::act::{Act, Context, item_text, own_organisation};
use super::facts::{Facts, Needs, Sweep};
use super::items::{Named, Place, lines, of_booklet, of_pass};
use super::money::Cents;
use super::movement::{Kind, Line, Movement, Record};
use super::named::named;
use super::part;
use super::party::Holder;
use super::programme::{Order, Suspended};
use super::refusal::{Code, Malformed, Refusal};
use super::supply::LONGEST_VALIDITY_DAYS;
use super::text::Reference;
use super::time::Day;

/// Booklets, and single passes, that one expiry takes: the writer keeps nobody waiting for long. What is left is for
/// the next one.
pub const BOOKLETS_PER_EXPIRY: u32 = 20_000;
/// Those of one credit note.
pub const BOOKLETS_PER_CREDIT_NOTE: u32 = 100_000;
/// Orders that one suspension names.
const ORDERS_PER_ACT: usize = 100;

named!(
    /// What is suspended.
    Scope, Malformed::Identifier, {
        HandOuts => "hand_outs",
        Redemptions => "redemptions",
        Everything => "everything",
    }
);

impl Scope {
    const fn hand_outs(self) -> bool {
        matches!(self, Self::HandOuts | Self::Everything)
    }

    const fn redemptions(self) -> bool {
        matches!(self, Self::Redemptions | Self::Everything)
    }

    /// The state after this is suspended, or resumed.
    #[must_use]
    pub const fn applied(self, before: Suspended, suspended: bool) -> Suspended {
        Suspended {
            hand_outs: if self.hand_outs() { suspended } else { before.hand_outs },
            redemptions: if self.redemptions() { suspended } else { before.redemptions },
        }
    }
}

named!(
    /// Why an order is suspended.
    SuspensionReason, Malformed::Identifier, {
        /// Fifteen days before the end of validity, distributors stop.
        EndOfValidity => "end_of_validity",
        /// The issuer does not pay any more, or is being wound up.
        IssuerFailure => "issuer_failure",
        /// Codes or paper have leaked.
        Security => "security",
        /// The Region has decided so.
        Decision => "decision",
    }
);

/// Stops hand-outs, redemptions or both of some orders, or lets them go on.
#[derive(Debug, Clone)]
pub struct Suspend {
    pub orders: Vec<Reference>,
    pub scope: Scope,
    /// Why; none to let them go on.
    pub reason: Option<SuspensionReason>,
}

impl Act for Suspend {
    fn kind(&self) -> Kind {
        if self.reason.is_some() { Kind::Suspension } else { Kind::Resumption }
    }

    fn needs(&self, needs: &mut Needs) {
        needs.orders.extend(self.orders.iter().cloned());
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        own_organisation(facts, context)?;
        if self.orders.is_empty() || self.orders.len() > ORDERS_PER_ACT {
            return Err(Refusal::out_of_range("orders", 1, ORDERS_PER_ACT));
        }
        let suspended = self.reason.is_some();
        let mut found = std::collections::BTreeMap::new();
        for number in &self.orders {
            let order = known(facts, number)?;
            if self.scope.applied(order.suspended, suspended) == order.suspended {
                let code = if suspended { Code::AlreadySuspended } else { Code::NotSuspended };
                return Err(Refusal::new(code).field("orders").about("order", number));
            }
            found.insert(order.id, order);
        }
        let joined =
            |text: &dyn Fn(&Order) -> String| found.values().map(|order| text(order)).collect::<Vec<_>>().join(" ");
        Ok(Movement::new(self.kind())
            .mention("orders", joined(&|order| order.id.sequence().to_string()))
            .mention("order_numbers", joined(&|order| order.number.to_string()))
            .mention("scope", self.scope.as_str())
            .mention_some("reason", self.reason.map(SuspensionReason::as_str))
            .record(Record::OrdersSuspended { orders: found.into_keys().collect(), scope: self.scope, suspended }))
    }
}

/// The passes of an order are valid for longer. Receipts keep what they promised: the end only moves away.
#[derive(Debug, Clone)]
pub struct Prorogue {
    pub order: Reference,
    /// The new printed end; the days of grace follow it.
    pub validity_end: Day,
}

impl Act for Prorogue {
    fn kind(&self) -> Kind {
        Kind::Prorogation
    }

    fn needs(&self, needs: &mut Needs) {
        needs.orders.insert(self.order.clone());
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        own_organisation(facts, context)?;
        let order = known(facts, &self.order)?;
        if order.expired_on.is_some() {
            return Err(Refusal::new(Code::OrderExpired).about("order", &order.number));
        }
        if self.validity_end <= order.validity_end || self.validity_end < context.day {
            let date = order.validity_end.max(context.day).french();
            return Err(Refusal::new(Code::ProrogationNotLater).field("validity_end").about("date", date));
        }
        if self.validity_end > context.day.plus_days(LONGEST_VALIDITY_DAYS) {
            let last = context.day.plus_days(LONGEST_VALIDITY_DAYS).french();
            return Err(Refusal::out_of_range("validity_end", order.validity_end.plus_days(1).french(), last));
        }
        let grace_end = order.grace_end.max(self.validity_end.plus_days(facts.programme.grace_days));
        Ok(of_order(Kind::Prorogation, order)
            .mention("validity_end", self.validity_end)
            .mention("grace_end", grace_end)
            .mention("previous_validity_end", order.validity_end)
            .record(Record::OrderProrogued { order: order.id, validity_end: self.validity_end, grace_end }))
    }
}

/// What is left of an order expires, a bounded part at a time, wherever it is: nobody can spend it any more. Once
/// nothing is left the act is refused, so that it can be repeated without harm.
#[derive(Debug, Clone)]
pub struct Expire {
    pub order: Reference,
    /// 1 to [`BOOKLETS_PER_EXPIRY`].
    pub most: u32,
}

impl Act for Expire {
    fn kind(&self) -> Kind {
        Kind::Expiry
    }

    fn needs(&self, needs: &mut Needs) {
        let most = self.most.min(BOOKLETS_PER_EXPIRY);
        needs.orders.insert(self.order.clone());
        needs.sweeps.push(Sweep { order: self.order.clone(), expired: false, most: part::to_load(most) });
        needs.holders.insert(Holder::Expired);
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        own_organisation(facts, context)?;
        if !(1..=BOOKLETS_PER_EXPIRY).contains(&self.most) {
            return Err(Refusal::out_of_range("most", 1, BOOKLETS_PER_EXPIRY));
        }
        let order = known(facts, &self.order)?;
        if context.day <= order.grace_end {
            let refusal = Refusal::new(Code::NotExpiredYet).about("order", &order.number);
            return Err(refusal.about("date", order.grace_end.french()));
        }
        let (places, more) = swept(facts, order, self.most, can_expire);
        if places.is_empty() {
            return Err(Refusal::new(Code::NothingToExpire).about("order", &order.number));
        }
        Ok(of_order(Kind::Expiry, order)
            .mention("grace_end", order.grace_end)
            .mention_some("more", more.then_some(1_i64))
            .lines(lines(facts, &places, |_| Holder::Expired)?)
            .record(Record::OrderExpired(order.id)))
    }
}

/// The issuer gives the face value of expired passes back (avoir), of all of an order or of those named. The amount typed
/// must be what the ledger computes.
#[derive(Debug, Clone)]
pub struct TakeCredit {
    pub order: Reference,
    /// The issuer's number.
    pub credit_note: Reference,
    pub received_on: Day,
    pub amount: Cents,
    /// What the credit note is for, where it is a part of what awaits one.
    pub items: Named,
}

impl TakeCredit {
    /// What is credited: what is named, each thing expired or destroyed and of the order, or everything of it that is.
    fn places(&self, facts: &Facts, order: &Order) -> Result<Vec<Place>, Refusal> {
        if self.items.is_empty() {
            let (places, _) = swept(facts, order, BOOKLETS_PER_CREDIT_NOTE, can_be_credited);
            let none = || Refusal::new(Code::NothingToCredit).about("order", &order.number);
            return if places.is_empty() { Err(none()) } else { Ok(places) };
        }
        let places = self.items.find(facts)?;
        let awaits =
            |place: &Place| place.batch.order() == order.id && can_be_credited(&place.holder) && place.passes > 0;
        match places.iter().find(|place| !awaits(place)) {
            None => Ok(places),
            Some(other) => Err(Refusal::new(Code::NotCreditable)
                .field(if other.item.pass().is_some() { "passes" } else { "booklets" })
                .about("serial", item_text(facts, other.item))
                .about("order", &order.number)
                .about("holder", &other.holder)),
        }
    }
}

impl Act for TakeCredit {
    fn kind(&self) -> Kind {
        Kind::CreditNote
    }

    fn needs(&self, needs: &mut Needs) {
        needs.orders.insert(self.order.clone());
        self.items.needs(needs);
        if self.items.is_empty() {
            needs.sweeps.push(Sweep { order: self.order.clone(), expired: true, most: BOOKLETS_PER_CREDIT_NOTE });
        }
        needs.holders.insert(Holder::Credited);
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        own_organisation(facts, context)?;
        let order = known(facts, &self.order)?;
        if self.received_on > context.day {
            let date = self.received_on.french();
            return Err(Refusal::new(Code::DateInFuture).field("received_on").about("date", date));
        }
        let lines = lines(facts, &self.places(facts, order)?, |_| Holder::Credited)?;
        let value = value(&lines).ok_or_else(Refusal::beyond_counting)?;
        if value != self.amount {
            let refusal = Refusal::new(Code::CreditDiffers).field("amount_cents").about("order", &order.number);
            return Err(refusal.about("expected", value.figures()).about("amount", self.amount.figures()));
        }
        Ok(of_order(Kind::CreditNote, order)
            .mention("credit_note", &self.credit_note)
            .mention("received_on", self.received_on)
            .mention("amount_cents", value.get())
            .mention_some("part", (!self.items.is_empty()).then_some(1_i64))
            .lines(lines))
    }
}

pub(super) fn known<'f>(facts: &'f Facts, number: &Reference) -> Result<&'f Order, Refusal> {
    facts.order(number).ok_or_else(|| Refusal::new(Code::OrderUnknown).about("order", number))
}

pub(super) fn of_order(kind: Kind, order: &Order) -> Movement {
    Movement::new(kind).mention("order", order.id.sequence()).mention("order_number", &order.number)
}

fn value(lines: &[Line]) -> Option<Cents> {
    lines.iter().try_fold(Cents::ZERO, |sum, line| sum.plus(line.value))
}

/// Whether what is there and unspent expires: also what is blocked or lost, of which the issuer owes the value too.
#[must_use]
pub const fn can_expire(holder: &Holder) -> bool {
    match holder {
        Holder::Store
        | Holder::Transit(_)
        | Holder::Prescriber(_)
        | Holder::Circulation
        | Holder::Blocked
        | Holder::Lost => true,
        Holder::Issue(_)
        | Holder::Provider(_)
        | Holder::Claimed(_)
        | Holder::Paid(_)
        | Holder::Expired
        | Holder::Destroyed
        | Holder::Credited => false,
    }
}

/// Whether the issuer owes the face value of what is there: it has expired, or was destroyed unused.
#[must_use]
pub const fn can_be_credited(holder: &Holder) -> bool {
    matches!(holder, Holder::Expired | Holder::Destroyed)
}

/// Booklets and single passes of an order at such holders, at most so many of each, and whether there are more.
fn swept(facts: &Facts, order: &Order, most: u32, at: impl Fn(&Holder) -> bool) -> (Vec<Place>, bool) {
    let wanted = |place: &Place| place.batch.order() == order.id && place.passes > 0 && at(&place.holder);
    let booklets = facts.booklets.iter().map(|(_, booklet)| of_booklet(booklet)).filter(wanted);
    let (mut places, more_booklets): (Vec<Place>, _) = part::of(booklets, most);
    let alone = facts.passes.iter().filter(|(_, pass)| pass.holder.is_some());
    let alone = alone.filter_map(|(id, _)| of_pass(facts, *id)).filter(wanted);
    let (mut passes, more_passes): (Vec<Place>, _) = part::of(alone, most);
    places.append(&mut passes);
    (places, more_booklets || more_passes)
}
