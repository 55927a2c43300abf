//! Orders as their receipts tell them up to a position: what was ordered, activated, stopped, prorogued, acknowledged,
//! expired and credited. What never lives here: where passes are, or an order as it stands now.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::question::{Question, mention};
use super::reconciliation::each_body;
use super::{ReportError, Request};
use crate::domain::ends::Scope;
use crate::domain::movement::Kind;
use crate::domain::programme::Suspended;
use crate::domain::serial::{SerialRange, read_booklet};
use crate::domain::time::Day;
use crate::receipts::{Body, Office};
use crate::store::{Reads, Store, StoreError, Window};

/// The kinds of receipts that tell an order's story.
const KINDS: &[Kind] = &[
    Kind::Order,
    Kind::Delivery,
    Kind::Activation,
    Kind::Suspension,
    Kind::Resumption,
    Kind::Prorogation,
    Kind::Acknowledgement,
    Kind::Expiry,
    Kind::CreditNote,
];

/// A receipt that an order's story names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub number: String,
    pub day: Day,
    pub position: i64,
}

/// An order up to a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderStory {
    /// As the Region's purchasing system numbers it.
    pub number: String,
    /// The order's running number.
    pub sequence: i64,
    /// Who ordered.
    pub sponsor: Office,
    pub range: SerialRange,
    pub passes_per_booklet: i64,
    pub face_cents: i64,
    pub validity_end: Day,
    pub grace_end: Day,
    pub deliveries: i64,
    pub delivered_booklets: i64,
    /// The number of the payment order that covers its value.
    pub payment_order: Option<String>,
    pub suspended: Suspended,
    pub activated: Option<Told>,
    /// The suspension of hand-outs that stands.
    pub stopped: Option<Told>,
    pub prorogations: Vec<Told>,
    /// Of this end.
    pub acknowledged: Option<Told>,
    pub expiries: Vec<Told>,
    pub credit_notes: Vec<Told>,
}

impl OrderStory {
    /// The face value of everything ordered, in cents.
    #[must_use]
    pub fn value_cents(&self) -> i64 {
        i64::from(self.range.len()).saturating_mul(self.passes_per_booklet).saturating_mul(self.face_cents)
    }
}

/// By running number.
pub(super) type Stories = BTreeMap<i64, OrderStory>;

/// Every order as it stood at the end of the day asked for, by its running number.
///
/// # Errors
/// [`ReportError::ProgrammeUnknown`], or the store's.
pub fn order_stories(store: &Arc<Store>, request: &Request) -> Result<BTreeMap<i64, OrderStory>, ReportError> {
    let question = Question::new(&super::ends::ENTRY, store, request)?;
    Ok(store.read(|tx| stories(tx, question.whole()))?)
}

/// The order with this number as the window's receipts leave it.
///
/// # Errors
/// [`StoreError`].
pub fn order_then(tx: &mut dyn Reads, window: Window, number: &str) -> Result<Option<OrderStory>, StoreError> {
    Ok(stories(tx, window)?.into_values().find(|story| story.number == number))
}

/// Every order that the window's receipts place, as they leave it.
pub(super) fn stories(tx: &mut dyn Reads, window: Window) -> Result<Stories, StoreError> {
    let mut stories = Stories::new();
    each_body(tx, Window { after: 0, ..window }, KINDS, |body| take(&mut stories, body))?;
    Ok(stories)
}

fn unreadable(body: &Body) -> StoreError {
    StoreError::Corrupt(format!("what receipt {} says of an order cannot be read", body.number))
}

fn day(body: &Body, name: &str) -> Result<Day, StoreError> {
    Ok(Day::parse(&mention(body, name))?)
}

fn take(stories: &mut Stories, body: &Body) -> Result<(), StoreError> {
    let kind = Kind::parse(&body.kind)?;
    let told = Told { number: body.number.clone(), day: Day::parse(&body.day)?, position: body.position };
    if kind == Kind::Order {
        let story = placed(body)?;
        stories.insert(story.sequence, story);
        return Ok(());
    }
    if matches!(kind, Kind::Suspension | Kind::Resumption) {
        let scope = Scope::parse(&mention(body, "scope"))?;
        for sequence in mention(body, "orders").split(' ') {
            let story = sequence.parse().ok().and_then(|sequence| stories.get_mut(&sequence));
            suspend(story.ok_or_else(|| unreadable(body))?, scope, kind == Kind::Suspension, &told);
        }
        return Ok(());
    }
    let story = body.mentioned_number("order").and_then(|sequence| stories.get_mut(&sequence));
    let story = story.ok_or_else(|| unreadable(body))?;
    match kind {
        Kind::Delivery => {
            story.deliveries += 1;
            story.delivered_booklets = story.delivered_booklets.saturating_add(body.total.booklets);
        }
        Kind::Activation => {
            story.payment_order = Some(mention(body, "payment_order"));
            story.activated = Some(told);
        }
        Kind::Prorogation => {
            (story.validity_end, story.grace_end) = (day(body, "validity_end")?, day(body, "grace_end")?);
            story.acknowledged = None;
            story.prorogations.push(told);
        }
        Kind::Acknowledgement => story.acknowledged = Some(told),
        Kind::Expiry => story.expiries.push(told),
        _ => story.credit_notes.push(told),
    }
    Ok(())
}

fn placed(body: &Body) -> Result<OrderStory, StoreError> {
    let serial = |name| read_booklet(&mention(body, name)).map(|(_, number)| number).ok_or_else(|| unreadable(body));
    Ok(OrderStory {
        number: mention(body, "order_number"),
        sequence: body.mentioned_number("order").ok_or_else(|| unreadable(body))?,
        sponsor: body.office.clone(),
        range: SerialRange::new(serial("first_serial")?, serial("last_serial")?)?,
        passes_per_booklet: body.mentioned_number("passes_per_booklet").ok_or_else(|| unreadable(body))?,
        face_cents: body.face_cents,
        validity_end: day(body, "validity_end")?,
        grace_end: day(body, "grace_end")?,
        deliveries: 0,
        delivered_booklets: 0,
        payment_order: None,
        suspended: Suspended::default(),
        activated: None,
        stopped: None,
        prorogations: Vec::new(),
        acknowledged: None,
        expiries: Vec::new(),
        credit_notes: Vec::new(),
    })
}

fn suspend(story: &mut OrderStory, scope: Scope, suspended: bool, told: &Told) {
    let before = story.suspended;
    story.suspended = scope.applied(before, suspended);
    if before.hand_outs != story.suspended.hand_outs {
        story.stopped = suspended.then(|| told.clone());
    }
}
