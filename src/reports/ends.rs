//! How orders end: per order what was printed, handed out, not handed out and started, what nobody has spent, has expired
//! and was credited; and, with the rules of the calendar, which step is due. What never lives here: what each funder is
//! owed (see `funders` and `stop`).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::figures::{Quantity, kind_of};
use super::orders::{OrderStory, Stories, stories};
use super::question::Question;
use super::reconciliation::{Identity, identities};
use super::table::{Column, Report, Row, row, whole};
use super::{Access, Entry, ReportError, Request};
use crate::domain::end_calendar::Progress;
use crate::domain::ids::{BookletId, ItemId, OrderId, ProgrammeNo};
use crate::domain::movement::Kind;
use crate::domain::serial::SerialRange;
use crate::store::{Flow, Reads, Store, StoreError, Window};

/// One line per order, as it stood at the end of the day. `handed_out`, `not_handed_out`: of what was delivered;
/// `started`: booklets of which a pass was used and stayed so, with the passes used; `unused`: passes that can still
/// expire; `to_credit`: expired or destroyed, and awaiting a credit note. `at_own_charge`: handed out after the acknowledgement.
/// `unscanned`: printed and not used, wherever they are; `estimated_credit`: what the issuer owes if nothing more is used.
const COLUMNS: &[Column] = &[
    Column::text("order_number", "Commande"),
    Column::date("validity_end", "Fin de validité"),
    Column::date("grace_end", "Fin du délai de grâce"),
    Column::date("stopped_on", "Remises arrêtées le"),
    Column::date("acknowledged_on", "Responsabilité reconnue le"),
    Column::integer("printed_booklets", "Carnets imprimés"),
    Column::integer("handed_out_booklets", "Carnets remis"),
    Column::integer("not_handed_out_booklets", "Carnets non remis"),
    Column::integer("started_booklets", "Carnets entamés"),
    Column::integer("printed_passes", "Pass imprimés"),
    Column::integer("handed_out_passes", "Pass remis"),
    Column::integer("not_handed_out_passes", "Pass non remis"),
    Column::integer("used_passes", "Pass utilisés"),
    Column::integer("unused_passes", "Pass ni utilisés ni périmés"),
    Column::integer("to_credit_passes", "Pass périmés, en attente d'avoir"),
    Column::integer("credited_passes", "Pass en avoir"),
    Column::integer("at_own_charge_passes", "Pass remis après la reconnaissance"),
    Column::cents("printed_cents", "Valeur imprimée"),
    Column::cents("handed_out_cents", "Valeur remise"),
    Column::cents("not_handed_out_cents", "Valeur non remise"),
    Column::cents("used_cents", "Valeur utilisée"),
    Column::cents("unused_cents", "Valeur ni utilisée ni périmée"),
    Column::cents("to_credit_cents", "Valeur périmée, en attente d'avoir"),
    Column::cents("credited_cents", "Valeur en avoir"),
    Column::cents("at_own_charge_cents", "Valeur remise après la reconnaissance"),
    Column::integer("unscanned_passes", "Pass jamais utilisés"),
    Column::integer("estimated_credit_passes", "Pass de l'avoir à attendre"),
    Column::cents("estimated_credit_cents", "Avoir à attendre"),
];

pub(super) const ENTRY: Entry = Entry {
    name: "end-of-validity",
    title: "Fin de validité des commandes",
    columns: COLUMNS,
    access: Access::WholeProgramme,
    parameters: &[],
    open,
};

/// Items read at once.
const PAGE: i64 = 10_000;

/// The kinds of holders of what nobody has spent and that can expire: a test holds them against the rule.
pub(super) const UNUSED: [&str; 6] = ["store", "transit", "prescriber", "circulation", "blocked", "lost"];
/// Those of what was used.
pub(super) const USED: [&str; 3] = ["provider", "claimed", "paid"];

/// Booklets, passes and their value in cents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    pub booklets: i64,
    pub passes: i64,
    pub value_cents: i64,
}

impl From<Quantity> for Count {
    fn from(Quantity { booklets, passes, cents }: Quantity) -> Self {
        Self { booklets, passes, value_cents: cents }
    }
}

/// What stands of an order at the end of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderEnd {
    pub story: OrderStory,
    pub printed: Count,
    /// Given to beneficiaries, replacements included, wherever it is now.
    pub handed_out: Count,
    pub not_handed_out: Count,
    /// Booklets of which at least one pass is used, and the passes used.
    pub started: Count,
    /// Passes that nobody has spent and that have not expired: booklets are not counted.
    pub unused: Count,
    /// Expired or destroyed, and awaiting a credit note.
    pub to_credit: Count,
    pub credited: Count,
    /// Of the passes used, those that were paid.
    pub paid: Count,
    /// Handed out since the Region has acknowledged its liability.
    pub at_own_charge: Count,
    /// The last position of the journal that counts, and the hash there.
    pub position: i64,
    pub head: String,
}

impl OrderEnd {
    /// What the issuer owes if nothing more is used: what can still expire, and what awaits a credit note.
    #[must_use]
    pub const fn estimated_credit(&self) -> Count {
        let (unused, to_credit) = (self.unused, self.to_credit);
        Count {
            booklets: 0,
            passes: unused.passes.saturating_add(to_credit.passes),
            value_cents: unused.value_cents.saturating_add(to_credit.value_cents),
        }
    }

    /// What the calendar must know.
    #[must_use]
    pub const fn progress(&self) -> Progress {
        Progress {
            validity_end: self.story.validity_end,
            grace_end: self.story.grace_end,
            hand_outs_suspended: self.story.suspended.hand_outs,
            acknowledged: self.story.acknowledged.is_some(),
            unspent_passes: self.unused.passes,
            expired_passes: self.to_credit.passes,
        }
    }
}

/// Where every order stands in the calendar at the end of the day asked for, by its number: without its counters, which
/// take a walk over all that was used.
///
/// # Errors
/// [`ReportError::ProgrammeUnknown`], or the store's.
pub fn progress(store: &Arc<Store>, request: &Request) -> Result<Vec<(String, Progress)>, ReportError> {
    let question = Question::new(&ENTRY, store, request)?;
    let window = question.whole();
    let (stories, by_order) =
        question.store.read(|tx| Ok::<_, StoreError>((stories(tx, window)?, by_order(tx, window)?)))?;
    let none = Identity::default();
    let of = |(sequence, story): (i64, OrderStory)| {
        let end = end(&question, (story, by_order.get(&sequence).unwrap_or(&none)), Given::default(), 0);
        (end.story.number.clone(), end.progress())
    };
    Ok(stories.into_iter().map(of).collect())
}

/// Every order as it stood at the end of the day asked for, in order.
///
/// # Errors
/// [`ReportError::ProgrammeUnknown`], or the store's.
pub fn order_ends(store: &Arc<Store>, request: &Request) -> Result<Vec<OrderEnd>, ReportError> {
    let question = Question::new(&ENTRY, store, request)?;
    read(&question, None)
}

/// One order, by its number.
///
/// # Errors
/// As [`order_ends`]; `None` where no order had this number on that day.
pub fn order_end(store: &Arc<Store>, request: &Request, order: &str) -> Result<Option<OrderEnd>, ReportError> {
    let question = Question::new(&ENTRY, store, request)?;
    Ok(read(&question, Some(order))?.pop())
}

fn read(question: &Question, only: Option<&str>) -> Result<Vec<OrderEnd>, ReportError> {
    let window = question.whole();
    let (stories, by_order, mut given) = question.store.read(|tx| {
        let mut stories = stories(tx, window)?;
        stories.retain(|_, story| only.is_none_or(|only| story.number == only));
        let given = handed_out(tx, window, &stories)?;
        Ok::<_, StoreError>((stories, by_order(tx, window)?, given))
    })?;
    let mut ends = Vec::new();
    for (sequence, story) in stories {
        let started = started(question, story.range)?;
        let identity = by_order.get(&sequence).cloned().unwrap_or_default();
        let given = given.remove(&sequence).unwrap_or_default();
        ends.push(end(question, (story, &identity), given, started));
    }
    Ok(ends)
}

fn end(question: &Question, (story, identity): (OrderStory, &Identity), given: Given, started: i64) -> OrderEnd {
    let at = |kinds: &[&str]| {
        let sum = kinds.iter().fold(Quantity::default(), |sum, kind| sum.plus(identity.held(kind)));
        Count { booklets: 0, ..sum.into() }
    };
    OrderEnd {
        story,
        printed: identity.bought.into(),
        handed_out: given.all.into(),
        not_handed_out: identity.bought.minus(given.all).into(),
        started: Count { booklets: started, ..at(&USED) },
        unused: at(&UNUSED),
        to_credit: at(&["expired", "destroyed"]),
        credited: at(&["credited"]),
        paid: at(&["paid"]),
        at_own_charge: given.since_acknowledged.into(),
        position: question.window.until,
        head: question.head.clone(),
    }
}

/// Where the passes of each order are, by its running number.
pub(super) fn by_order(tx: &mut dyn Reads, window: Window) -> Result<BTreeMap<i64, Identity>, StoreError> {
    let mut by_order: BTreeMap<i64, Identity> = BTreeMap::new();
    for (batch, identity) in &identities(tx, window)? {
        by_order.entry(batch.order().sequence()).or_default().add(identity);
    }
    Ok(by_order)
}

/// What beneficiaries were given of an order.
#[derive(Debug, Clone, Copy, Default)]
struct Given {
    all: Quantity,
    since_acknowledged: Quantity,
}

fn handed_out(tx: &mut dyn Reads, window: Window, stories: &Stories) -> Result<BTreeMap<i64, Given>, StoreError> {
    let mut given: BTreeMap<i64, Given> = BTreeMap::new();
    // Over a counter or by letter; what comes into circulation from elsewhere has been there before.
    let of_people = |flow: &Flow| matches!(kind_of(&flow.from), "prescriber" | "transit") && flow.to == "circulation";
    for flow in tx.flows(window, None)?.iter().filter(|flow| of_people(flow)) {
        let all = &mut given.entry(flow.batch.order().sequence()).or_default().all;
        *all = all.plus(Quantity::from(flow));
    }
    let since = |story: &OrderStory| story.acknowledged.as_ref().map(|told| told.position);
    for (sequence, after) in stories.iter().filter_map(|(sequence, story)| Some((*sequence, since(story)?))) {
        let later = tx.flows(Window { after, ..window }, None)?;
        let of_order = |flow: &&Flow| flow.batch.order() == OrderId::new(window.programme, sequence) && of_people(flow);
        for flow in later.iter().filter(of_order) {
            let since = &mut given.entry(sequence).or_default().since_acknowledged;
            *since = since.plus(Quantity::from(flow));
        }
    }
    Ok(given)
}

/// Booklets of the range of which at least one pass is used: its last event is a redemption that was not reversed.
fn started(question: &Question, range: SerialRange) -> Result<i64, ReportError> {
    let programme: ProgrammeNo = question.programme.no;
    let last = BookletId::new(programme, range.last()).pass(99).item().0;
    let mut after = (BookletId::new(programme, range.first()).item().0, 0);
    // Events come by pass and in order: of each pass the last one counts, of each booklet one pass.
    let mut tally = Tally::default();
    loop {
        let events = question.store.read(|tx| tx.uses_of_items(question.whole(), after, PAGE))?;
        let Some(end) = events.last() else { return Ok(tally.finish()) };
        after = (end.item, end.position);
        for event in &events {
            if event.item > last {
                return Ok(tally.finish());
            }
            tally.note(ItemId(event.item), &event.kind);
        }
    }
}

/// Counts booklets with a used pass, event by event.
#[derive(Debug, Default)]
struct Tally {
    /// The pass under way, and whether its last event so far spent it.
    pass: Option<(ItemId, bool)>,
    counted: Option<BookletId>,
    started: i64,
}

impl Tally {
    fn note(&mut self, item: ItemId, kind: &str) {
        if item.pass().is_none() {
            return;
        }
        if self.pass.is_some_and(|(pass, _)| pass != item) {
            self.settle();
        }
        self.pass = Some((item, kind == Kind::Redemption.as_str()));
    }

    fn settle(&mut self) {
        let used = self.pass.take().filter(|(_, used)| *used).map(|(pass, _)| pass.booklet());
        if used.is_some() && used != self.counted {
            self.counted = used;
            self.started += 1;
        }
    }

    fn finish(mut self) -> i64 {
        self.settle();
        self.started
    }
}

fn open(question: &Question) -> Result<Report, ReportError> {
    let rows = read(question, None)?.iter().map(line).collect();
    Ok(question.report(whole(rows)))
}

fn line(end: &OrderEnd) -> Row {
    let story = &end.story;
    let on = |told: &Option<super::orders::Told>| told.as_ref().map(|told| told.day);
    let cents = |count: Count| crate::domain::money::Cents::new(count.value_cents);
    row![
        story.number.as_str(),
        story.validity_end,
        story.grace_end,
        on(&story.stopped),
        on(&story.acknowledged),
        end.printed.booklets,
        end.handed_out.booklets,
        end.not_handed_out.booklets,
        end.started.booklets,
        end.printed.passes,
        end.handed_out.passes,
        end.not_handed_out.passes,
        end.started.passes,
        end.unused.passes,
        end.to_credit.passes,
        end.credited.passes,
        end.at_own_charge.passes,
        cents(end.printed),
        cents(end.handed_out),
        cents(end.not_handed_out),
        cents(end.started),
        cents(end.unused),
        cents(end.to_credit),
        cents(end.credited),
        cents(end.at_own_charge),
        end.printed.passes.saturating_sub(end.started.passes),
        end.estimated_credit().passes,
        cents(end.estimated_credit()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ends::can_expire;
    use crate::domain::party::Holder;
    use crate::reports::figures::KINDS;

    #[test]
    fn what_is_called_unused_is_what_can_expire() {
        for (kind, _) in KINDS {
            let text = match kind {
                "issue" => "issue:1-1".to_owned(),
                "transit" => "transit:1".to_owned(),
                "prescriber" | "provider" | "claimed" | "paid" => format!("{kind}:MAUB"),
                _ => kind.to_owned(),
            };
            let holder = Holder::parse(ProgrammeNo(1), &text).unwrap();
            assert_eq!(UNUSED.contains(&kind), can_expire(&holder), "{kind}");
        }
    }

    #[test]
    fn a_booklet_is_started_by_a_pass_that_stays_used() {
        let booklet = |number: u32| BookletId::new(ProgrammeNo(1), number);
        let mut tally = Tally::default();
        let mut note = |item: ItemId, kinds: &[Kind]| kinds.iter().for_each(|kind| tally.note(item, kind.as_str()));
        note(booklet(1).item(), &[Kind::HandOut]);
        note(booklet(1).pass(1).item(), &[Kind::Redemption]);
        note(booklet(1).pass(2).item(), &[Kind::Redemption]);
        note(booklet(2).pass(1).item(), &[Kind::Redemption, Kind::Reversal]);
        note(booklet(3).pass(4).item(), &[Kind::Redemption, Kind::Reversal, Kind::Redemption]);
        assert_eq!(tally.finish(), 2);
    }
}
