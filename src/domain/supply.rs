//! Supply: the Region orders, takes in charge and activates. What never lives here: how codes are made.

use std::collections::BTreeSet;

use super::act::{Act, Context, booklet_lines, distinct, organisation_of_kind, own_organisation, ranges_text, serial};
use super::facts::{Facts, Needs};
use super::ids::{BatchId, BookletId, OrderId, OrganisationId};
use super::money::Cents;
use super::movement::{Batch, Kind, Movement, Record};
use super::party::{Holder, OrganisationKind};
use super::programme::{Activation, FundingShare, Order, Suspended, funding_text};
use super::refusal::{Code, Refusal};
use super::serial::SerialRange;
use super::stock::{Booklet, CodeMac, NewBooklet, codes_digest, secret_digest};
use super::text::{Label, Reference};
use super::time::Day;

/// Most booklets of one order; a larger purchase is several orders.
pub const BOOKLETS_PER_ORDER: u32 = 1_000_000;
/// A hundred million euros: beyond it somebody has typed something else.
const LARGEST_FEES_CENTS: i64 = 10_000_000_000;
const WHOLE_BASIS_POINTS: u32 = 10_000;
/// Thirty years: a later end of validity is a typing error, and its grace could leave the calendar.
pub(super) const LONGEST_VALIDITY_DAYS: u32 = 10_958;
/// Passes of one delivery: what the writer takes in without keeping others waiting.
pub const PASSES_PER_DELIVERY: usize = 200_000;

/// The Region orders booklets. Nothing exists in stock without an order.
#[derive(Debug, Clone)]
pub struct PlaceOrder {
    pub number: Reference,
    pub ordered_on: Day,
    pub issuer: OrganisationId,
    /// 1 to [`BOOKLETS_PER_ORDER`].
    pub booklets: u32,
    /// 1 to 99.
    pub passes_per_booklet: u8,
    pub face_value: Cents,
    pub fees: Cents,
    pub funding: Vec<FundingShare>,
    pub validity_end: Day,
}

impl PlaceOrder {
    fn check(&self, facts: &Facts, context: &Context) -> Result<(), Refusal> {
        if facts.order(&self.number).is_some() {
            return Err(Refusal::new(Code::OrderNumberTaken).field("number").about("number", &self.number));
        }
        if self.ordered_on > context.day {
            return Err(Refusal::new(Code::DateInFuture).field("ordered_on").about("date", self.ordered_on.french()));
        }
        if self.validity_end < context.day || self.validity_end < self.ordered_on {
            let end = self.validity_end.french();
            return Err(Refusal::new(Code::ValidityEndPast).field("validity_end").about("date", end));
        }
        if self.validity_end > context.day.plus_days(LONGEST_VALIDITY_DAYS) {
            let last = context.day.plus_days(LONGEST_VALIDITY_DAYS).french();
            return Err(Refusal::out_of_range("validity_end", context.day.french(), last));
        }
        if self.face_value != facts.programme.face_value {
            let wanted = facts.programme.face_value.figures();
            return Err(Refusal::new(Code::FaceValueDiffers).field("face_value_cents").about("wanted", wanted));
        }
        if !(1..=BOOKLETS_PER_ORDER).contains(&self.booklets) {
            return Err(Refusal::out_of_range("booklets", 1, BOOKLETS_PER_ORDER));
        }
        if !(1..=99).contains(&self.passes_per_booklet) {
            return Err(Refusal::out_of_range("passes_per_booklet", 1, 99));
        }
        if !(0..=LARGEST_FEES_CENTS).contains(&self.fees.get()) {
            return Err(Refusal::out_of_range("fees_cents", 0, LARGEST_FEES_CENTS));
        }
        self.check_funding()
    }

    fn check_funding(&self) -> Result<(), Refusal> {
        let sum = self.funding.iter().try_fold(0_u32, |sum, share| sum.checked_add(share.basis_points));
        let each = self.funding.iter().all(|share| share.basis_points > 0);
        let funders: BTreeSet<&Label> = self.funding.iter().map(|share| &share.funder).collect();
        if sum == Some(WHOLE_BASIS_POINTS) && each && funders.len() == self.funding.len() {
            return Ok(());
        }
        let sum = sum.map_or_else(|| "?".to_owned(), |sum| sum.to_string());
        Err(Refusal::new(Code::FundingSharesWrong).field("funding").about("sum", sum))
    }
}

impl Act for PlaceOrder {
    fn kind(&self) -> Kind {
        Kind::Order
    }

    fn needs(&self, needs: &mut Needs) {
        needs.orders.insert(self.number.clone());
        needs.organisations.insert(self.issuer);
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        self.check(facts, context)?;
        let issuer = organisation_of_kind(facts, self.issuer, OrganisationKind::Issuer, Code::IssuerUnknown)
            .map_err(|refusal| refusal.field("issuer_id"))?;
        if facts.counters.order >= OrderId::LAST_SEQUENCE {
            return Err(Refusal::beyond_counting());
        }
        let before = facts.counters.booklet;
        let range = SerialRange::new(before.saturating_add(1), before.saturating_add(self.booklets))
            .map_err(|_| Refusal::beyond_counting().field("booklets"))?;
        let id = OrderId::new(facts.programme.no, facts.counters.order + 1);
        let order = Order {
            id,
            number: self.number.clone(),
            ordered_on: self.ordered_on,
            issuer: self.issuer,
            range,
            passes_per_booklet: self.passes_per_booklet,
            face_value: self.face_value,
            fees: self.fees,
            funding: self.funding.clone(),
            validity_end: self.validity_end,
            grace_end: self.validity_end.plus_days(facts.programme.grace_days),
            deliveries: 0,
            delivered_booklets: 0,
            activation: None,
            suspended: Suspended::default(),
            expired_on: None,
            acknowledged_on: None,
        };
        let printed = |number| serial(facts, BookletId::new(facts.programme.no, number));
        Ok(Movement::new(Kind::Order)
            .mention("order", id.sequence())
            .mention("order_number", &self.number)
            .mention("ordered_on", self.ordered_on)
            .mention("issuer", &issuer.name)
            .mention("issuer_code", &issuer.code)
            .mention("issuer_registration", issuer.registration.to_string())
            .mention("booklets", i64::from(self.booklets))
            .mention("passes_per_booklet", i64::from(self.passes_per_booklet))
            .mention("fees_cents", self.fees.get())
            .mention("validity_end", self.validity_end)
            .mention("grace_end", order.grace_end)
            .mention("first_serial", printed(range.first()))
            .mention("last_serial", printed(range.last()))
            .mention("funding", funding_text(&self.funding))
            .record(Record::OrderPlaced(order)))
    }
}

/// The Region takes booklets of an order in charge (R1). Missing booklets stay with the issuer and may come
/// later; damaged ones are taken in charge and blocked at once.
#[derive(Debug, Clone)]
pub struct TakeDelivery {
    pub order: Reference,
    pub delivered_on: Day,
    /// The issuer's delivery note.
    pub note: Reference,
    /// What was received, with the digests of its codes in rank order.
    pub received: Vec<NewBooklet>,
    /// Announced but not there.
    pub missing: Vec<BookletId>,
    /// There, but unusable: among `received`.
    pub damaged: Vec<BookletId>,
    /// Where generated codes are derived from; none for codes that the issuer printed.
    pub print_nonce: Option<CodeMac>,
}

impl TakeDelivery {
    fn check_received(&self, facts: &Facts, order: &Order) -> Result<BTreeSet<BookletId>, Refusal> {
        let received: Vec<BookletId> = self.received.iter().map(|new| new.id).collect();
        if received.is_empty() {
            return Err(Refusal::new(Code::SelectionEmpty).field("booklets"));
        }
        if received.len().saturating_mul(usize::from(order.passes_per_booklet)) > PASSES_PER_DELIVERY {
            let most = PASSES_PER_DELIVERY / usize::from(order.passes_per_booklet).max(1);
            return Err(Refusal::out_of_range("booklets", 1, most));
        }
        let received = distinct(facts, &received)?;
        distinct(facts, &self.missing)?;
        let named = |code: Code, id: BookletId| Refusal::new(code).about("serial", serial(facts, id));
        for id in received.iter().chain(&self.missing) {
            if !order.range.contains(id.number()) {
                return Err(named(Code::BookletNotInOrder, *id).about("order", &order.number));
            }
            if facts.booklets.get(id).is_some() {
                return Err(named(Code::BookletAlreadyDelivered, *id));
            }
        }
        if let Some(id) = self.missing.iter().find(|id| received.contains(*id)) {
            return Err(named(Code::BookletNamedTwice, *id).field("missing"));
        }
        if let Some(id) = self.damaged.iter().find(|id| !received.contains(*id)) {
            return Err(named(Code::BookletNotInOrder, *id).field("damaged").about("order", &order.number));
        }
        Ok(received)
    }

    fn check_codes(&self, facts: &Facts, order: &Order) -> Result<(), Refusal> {
        let mut seen = BTreeSet::new();
        for new in &self.received {
            if new.code_macs.len() != usize::from(order.passes_per_booklet) {
                let size = order.passes_per_booklet;
                let refusal = Refusal::out_of_range("booklets", size, size);
                return Err(refusal.about("serial", serial(facts, new.id)));
            }
            let taken = |mac| facts.codes.contains_key(mac) || facts.codes_elsewhere.contains(mac);
            if new.code_macs.iter().any(|mac| taken(mac) || !seen.insert(mac)) {
                return Err(Refusal::new(Code::CodeTaken).field("codes").about("serial", serial(facts, new.id)));
            }
        }
        Ok(())
    }
}

impl Act for TakeDelivery {
    fn kind(&self) -> Kind {
        Kind::Delivery
    }

    fn needs(&self, needs: &mut Needs) {
        needs.orders.insert(self.order.clone());
        needs.booklets.extend(self.received.iter().map(|new| new.id));
        needs.booklets.extend(&self.missing);
        needs.codes.extend(self.received.iter().flat_map(|new| new.code_macs.iter().copied()));
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        let order = known_order(facts, &self.order)?;
        if self.delivered_on > context.day {
            let date = self.delivered_on.french();
            return Err(Refusal::new(Code::DateInFuture).field("delivered_on").about("date", date));
        }
        if order.deliveries >= BatchId::LAST_SEQUENCE {
            return Err(Refusal::beyond_counting().field("booklets"));
        }
        let received = self.check_received(facts, order)?;
        self.check_codes(facts, order)?;
        let batch = order.id.batch(order.deliveries + 1);
        let arrived = |id: &BookletId| Booklet {
            id: *id,
            batch,
            size: order.passes_per_booklet,
            holder: Holder::Issue(batch),
            passes_left: order.passes_per_booklet,
            handed_out_on: None,
        };
        let damaged: BTreeSet<BookletId> = distinct(facts, &self.damaged)?;
        let (damaged, good): (Vec<Booklet>, Vec<Booklet>) =
            received.iter().map(arrived).partition(|booklet| damaged.contains(&booklet.id));
        let to_store = booklet_lines(facts, &good.iter().collect::<Vec<_>>(), &Holder::Store)?;
        let to_blocked = booklet_lines(facts, &damaged.iter().collect::<Vec<_>>(), &Holder::Blocked)?;
        let count = |list: usize| i64::try_from(list).unwrap_or(i64::MAX);
        let brought = Batch {
            id: batch,
            delivered_on: self.delivered_on,
            note: self.note.to_string(),
            print_nonce: self.print_nonce,
        };
        let movement = Movement::new(Kind::Delivery)
            .mention("order", order.id.sequence())
            .mention("order_number", &order.number)
            .mention("delivered_on", self.delivered_on)
            .mention("delivery_note", &self.note)
            .mention("passes_per_booklet", i64::from(order.passes_per_booklet))
            .mention("validity_end", order.validity_end)
            .mention("grace_end", order.grace_end)
            .mention("missing_booklets", count(self.missing.len()))
            .mention("damaged_booklets", count(damaged.len()))
            .mention("codes_digest", codes_digest(&self.received))
            .mention_some("print_nonce_digest", self.print_nonce.as_ref().map(secret_digest))
            .mention_some("missing", ranges_text(facts, &self.missing))
            .lines(to_store)
            .lines(to_blocked);
        let size = order.passes_per_booklet;
        Ok(movement.record(Record::BatchDelivered { batch: brought, booklets: self.received.clone(), size }))
    }
}

/// Finance records the number of the payment order: from here on the order's passes are worth their value.
#[derive(Debug, Clone)]
pub struct Activate {
    pub order: Reference,
    /// Number of the payment order (mandat de paiement) that covers the face value.
    pub payment_order: Reference,
}

impl Act for Activate {
    fn kind(&self) -> Kind {
        Kind::Activation
    }

    fn needs(&self, needs: &mut Needs) {
        needs.orders.insert(self.order.clone());
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        own_organisation(facts, context)?;
        let order = known_order(facts, &self.order)?;
        if let Some(activation) = &order.activation {
            let refusal = Refusal::new(Code::OrderAlreadyActivated).about("order", &order.number);
            return Err(refusal.about("payment_order", &activation.payment_order));
        }
        if order.deliveries == 0 {
            return Err(Refusal::new(Code::OrderNotDelivered).about("order", &order.number));
        }
        let passes = order.booklets().saturating_mul(i64::from(order.passes_per_booklet));
        let value = order.value().ok_or_else(Refusal::beyond_counting)?;
        let activation = Activation { payment_order: self.payment_order.clone(), at: context.at };
        Ok(Movement::new(Kind::Activation)
            .mention("order", order.id.sequence())
            .mention("order_number", &order.number)
            .mention("payment_order", &self.payment_order)
            .mention("booklets", order.booklets())
            .mention("passes", passes)
            .mention("value_cents", value.get())
            .mention("validity_end", order.validity_end)
            .mention("grace_end", order.grace_end)
            .record(Record::OrderActivated { order: order.id, activation }))
    }
}

fn known_order<'f>(facts: &'f Facts, number: &Reference) -> Result<&'f Order, Refusal> {
    facts.order(number).ok_or_else(|| Refusal::new(Code::OrderUnknown).about("order", number))
}
