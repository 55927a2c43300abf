//! Contradictory statements: the last list that each order's issuer gave, and every pass on which it differed from the ledger,
//! with what has become of the difference since. Told from the receipts, so that a past day answers as it did. What never lives
//! here: who is right.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::orders::{Told, stories};
use super::question::{Question, mention};
use super::reconciliation::each_body;
use super::table::{Column, Report, Row, row, whole};
use super::{Access, Entry, ReportError, Request};
use crate::domain::contradiction::{Differing, Gap, PassState};
use crate::domain::ids::{ItemId, PassId};
use crate::domain::items::read_items;
use crate::domain::money::Cents;
use crate::domain::movement::Kind;
use crate::domain::party::Holder;
use crate::domain::serial::LAST_RANK;
use crate::domain::time::Day;
use crate::receipts::{Body, Line};
use crate::store::{Reads, Store, StoreError, Window};

/// `ledger_state`: where the pass stood when the list was compared; `ledger_now`: at the end of the day asked for. A difference
/// is `open` until the ledger has come to what the issuer says, by the receipt `decided_by`, or a later list says otherwise.
pub(super) const ENTRY: Entry = Entry {
    name: "order-differences",
    title: "États contradictoires : écarts avec l'émetteur, pass par pass",
    columns: &[
        Column::text("order_number", "Commande"),
        Column::text("statement", "Récépissé de l'état"),
        Column::date("stated_on", "Arrêté le"),
        Column::text("serial", "Pass"),
        Column::text("ledger_state", "État au registre, alors"),
        Column::text("issuer_state", "État chez l'émetteur"),
        Column::text("gap", "Écart"),
        Column::text("ledger_now", "État au registre"),
        Column::text("status", "État de l'écart"),
        Column::text("decided_by", "Résolu par"),
        Column::date("decided_on", "Résolu le"),
        Column::cents("value_cents", "Valeur faciale"),
    ],
    access: Access::WholeProgramme,
    parameters: &[],
    open,
};

/// The kinds of receipts that change the state of a pass.
const KINDS: &[Kind] = &[
    Kind::Redemption,
    Kind::Reversal,
    Kind::Block,
    Kind::Unblock,
    Kind::Loss,
    Kind::Found,
    Kind::Replacement,
    Kind::BankReturn,
    Kind::Overpayment,
    Kind::Offset,
    Kind::IssuerStatement,
    Kind::IssuerResolution,
    Kind::Expiry,
    Kind::Destruction,
    Kind::CreditNote,
];

/// One pass on which both differed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderDifference {
    pub serial: String,
    pub gap: Gap,
    /// When they were compared.
    pub ledger: PassState,
    /// None where the list did not have it.
    pub issuer: Option<PassState>,
    /// At the end of the day asked for.
    pub now: PassState,
    /// The receipt that brought the ledger to what the issuer says.
    pub resolved: Option<Told>,
}

/// The last list of an order's issuer, held against the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    pub told: Told,
    pub file_hash: String,
    pub listed: i64,
    pub agreed: i64,
    /// Passes by state, as the issuer says.
    pub issuer: BTreeMap<PassState, i64>,
    pub differences: Vec<OrderDifference>,
    order: String,
    face: Cents,
    passes_per_booklet: u8,
}

impl Contradiction {
    fn new(body: &Body, order: String, passes_per_booklet: u8) -> Result<Self, StoreError> {
        let count = |name| body.mentioned_number(name).unwrap_or(0);
        Ok(Self {
            told: Told { number: body.number.clone(), day: Day::parse(&body.day)?, position: body.position },
            file_hash: mention(body, "file_hash"),
            listed: count("listed_passes"),
            agreed: count("agreed_passes"),
            issuer: PassState::ALL.iter().map(|state| (*state, count(state.mentions().1))).collect(),
            differences: Vec::new(),
            order,
            face: Cents::new(body.face_cents),
            passes_per_booklet,
        })
    }

    /// Passes on which they still differ.
    #[must_use]
    pub fn open(&self) -> usize {
        self.differences.iter().filter(|one| one.resolved.is_none()).count()
    }
}

/// By running number of the order.
type Contradictions = BTreeMap<i64, Contradiction>;

/// The last comparison of one order up to the day asked for, by the order's number; none where there was none.
///
/// # Errors
/// [`ReportError::ProgrammeUnknown`], or the store's.
pub fn order_contradiction(
    store: &Arc<Store>,
    request: &Request,
    order: &str,
) -> Result<Option<Contradiction>, ReportError> {
    let question = Question::new(&ENTRY, store, request)?;
    let found = question.store.read(|tx| read(tx, &question))?;
    Ok(found.into_values().find(|one| one.order == order))
}

fn open(question: &Question) -> Result<Report, ReportError> {
    let found = question.store.read(|tx| read(tx, question))?;
    let rows = found.values().flat_map(|of| of.differences.iter().map(move |one| line(of, one)));
    Ok(question.report(whole(rows.collect())))
}

fn line(of: &Contradiction, one: &OrderDifference) -> Row {
    row![
        of.order.as_str(),
        of.told.number.as_str(),
        of.told.day,
        one.serial.as_str(),
        one.ledger.as_str(),
        one.issuer.map(PassState::as_str),
        one.gap.as_str(),
        one.now.as_str(),
        if one.resolved.is_some() { "resolved" } else { "open" },
        one.resolved.as_ref().map(|told| told.number.clone()),
        one.resolved.as_ref().map(|told| told.day),
        of.face,
    ]
}

fn read(tx: &mut dyn Reads, question: &Question) -> Result<Contradictions, StoreError> {
    let window = question.whole();
    let orders = stories(tx, window)?;
    let (mut found, mut gaps) = (Contradictions::new(), BTreeMap::new());
    each_body(tx, window, &[Kind::ContradictoryStatement], |body| {
        let sequence = body.mentioned_number("order").unwrap_or_default();
        let Some(order) = orders.get(&sequence) else { return Ok(()) };
        let size = u8::try_from(order.passes_per_booklet).unwrap_or(u8::MAX);
        found.insert(sequence, Contradiction::new(body, order.number.clone(), size)?);
        gaps.insert(sequence, mention(body, "gaps"));
        Ok(())
    })?;
    let mut places = Places::new();
    for (sequence, of) in &mut found {
        let gaps = gaps.get(sequence).map(String::as_str).unwrap_or_default();
        for group in Differing::read_all(window.programme, gaps)? {
            for pass in passes(&group, of.passes_per_booklet) {
                places.insert(pass, (*sequence, of.differences.len()));
                of.differences.push(OrderDifference {
                    serial: pass.item().printed(&question.programme.code),
                    gap: group.gap,
                    ledger: group.ledger,
                    issuer: group.issuer,
                    now: group.ledger,
                    resolved: None,
                });
            }
        }
    }
    let Some(after) = found.values().map(|of| of.told.position).min() else { return Ok(found) };
    each_body(tx, Window { after, ..window }, KINDS, |body| follow(window, body, &places, &mut found))?;
    Ok(found)
}

/// Where each pass stands among the differences: order and place.
type Places = HashMap<PassId, (i64, usize)>;

fn passes(group: &Differing, size: u8) -> Vec<PassId> {
    let of_booklets = group.items.booklets.iter().flat_map(|booklet| (1..=size).map(|rank| booklet.pass(rank)));
    of_booklets.chain(group.items.passes.iter().copied()).collect()
}

/// Takes a receipt in that may have moved passes which differ.
fn follow(window: Window, body: &Body, places: &Places, found: &mut Contradictions) -> Result<(), StoreError> {
    for moved in &body.lines {
        let state = |holder: &str| Ok::<_, StoreError>(PassState::of(&Holder::parse(window.programme, holder)?));
        let (Some(from), Some(to)) = (state(&moved.from)?, state(&moved.to)?) else { continue };
        for item in items(window, moved)? {
            let whole = || (1..=LAST_RANK).map(|rank| item.booklet().pass(rank)).collect();
            for pass in item.pass().map_or_else(whole, |pass| vec![pass]) {
                let place = places.get(&pass).copied();
                let Some((of, place)) = place.and_then(|(order, at)| Some((found.get_mut(&order)?, at))) else {
                    continue;
                };
                let later = of.told.position < body.position;
                // A whole booklet takes along what is still with it.
                let Some(one) = of.differences.get_mut(place).filter(|one| later && one.now == from) else { continue };
                one.now = to;
                let told = Told { number: body.number.clone(), day: Day::parse(&body.day)?, position: body.position };
                one.resolved = Gap::between(to, one.issuer).is_none().then_some(told);
            }
        }
    }
    Ok(())
}

fn items(window: Window, line: &Line) -> Result<Vec<ItemId>, StoreError> {
    let mut items = Vec::new();
    for text in &line.items {
        items.extend(read_items(window.programme, text)?);
    }
    Ok(items)
}
