//! Compte d'emploi des valeurs (CGCT R.1611-11 ; décret n° 2012-1246, art. 60) : what each holder had, received,
//! gave and has. Transits are one line, and so is the counter-account of issue, whose closing is what was bought,
//! with a minus sign: over the whole programme the closings sum to zero, in passes and in cents.

use std::collections::{BTreeMap, BTreeSet};

use super::figures::{ISSUE, Quantity, kind_of, rank_of};
use super::question::{Parameter, Question, day, mention};
use super::reconciliation::each_body;
use super::table::{Column, Report, row, whole};
use super::{Access, Entry, ReportError};
use crate::domain::movement::Kind;
use crate::domain::time::Day;
use crate::store::{Flow, Reads, StoreError};

/// `handed_out_…` to `destroyed_…` are parts of `out_…`: given to beneficiaries, sent back to the Region, declared lost,
/// expired, destroyed; the rest is what was spent, passed on or blocked. `last_receipt`: the number of the last receipt that
/// touched the holder, up to the day; `last_stock_take`: the day of its last count.
const COLUMNS: &[Column] = &[
    Column::text("holder", "Détenteur"),
    Column::text("kind", "Nature"),
    Column::integer("opening_booklets", "Carnets à l'ouverture"),
    Column::integer("in_booklets", "Carnets reçus"),
    Column::integer("out_booklets", "Carnets remis"),
    Column::integer("closing_booklets", "Carnets à la clôture"),
    Column::integer("opening_passes", "Pass à l'ouverture"),
    Column::integer("in_passes", "Pass reçus"),
    Column::integer("out_passes", "Pass remis"),
    Column::integer("closing_passes", "Pass à la clôture"),
    Column::cents("opening_cents", "Valeur à l'ouverture"),
    Column::cents("in_cents", "Valeur reçue"),
    Column::cents("out_cents", "Valeur remise"),
    Column::cents("closing_cents", "Valeur à la clôture"),
    Column::text("last_receipt", "Dernier récépissé"),
    Column::integer("handed_out_passes", "dont remis aux bénéficiaires"),
    Column::integer("returned_passes", "dont restitués"),
    Column::integer("lost_passes", "dont perdus ou volés"),
    Column::integer("expired_passes", "dont périmés"),
    Column::integer("destroyed_passes", "dont détruits"),
    Column::cents("handed_out_cents", "Valeur remise aux bénéficiaires"),
    Column::cents("returned_cents", "Valeur restituée"),
    Column::cents("lost_cents", "Valeur perdue ou volée"),
    Column::cents("expired_cents", "Valeur périmée"),
    Column::cents("destroyed_cents", "Valeur détruite"),
    Column::date("last_stock_take", "Dernier inventaire"),
];

pub(super) const ENTRY: Entry = Entry {
    name: "use-account",
    title: "Compte d'emploi des valeurs",
    columns: COLUMNS,
    access: Access::OwnPart,
    parameters: &[Parameter::From],
    open,
};

#[derive(Debug, Default)]
struct Account {
    opening: Quantity,
    received: Quantity,
    given: Quantity,
    /// What was given, by [`WAYS`].
    ways: [Quantity; 5],
    last_position: i64,
}

/// The ways in which a holder gives something up that the account tells apart: by the receipt's kind and where it goes.
const WAYS: [fn(kind: &str, to: &str) -> bool; 5] = [
    |kind, to| matches!(kind, "hand_out" | "replacement" | "letter_report") && to == "circulation",
    |kind, _| kind == "return",
    |_, to| to == "lost",
    |_, to| to == "expired",
    |_, to| to == "destroyed",
];

/// By rank and name, in the order in which lines are shown.
type Accounts = BTreeMap<(usize, String), Account>;

fn open(question: &Question) -> Result<Report, ReportError> {
    let (accounts, numbers, counted) = question.store.read(|tx| {
        let mut accounts = Accounts::new();
        for flow in tx.flows(question.before(), None)? {
            post(question, &mut accounts, &flow, |account, received, given| {
                account.opening = account.opening.plus(received).minus(given);
            });
        }
        for flow in tx.flows(question.window, None)? {
            post(question, &mut accounts, &flow, |account, received, given| {
                account.received = account.received.plus(received);
                account.given = account.given.plus(given);
                for (way, is_so) in account.ways.iter_mut().zip(WAYS) {
                    *way = if is_so(&flow.kind, kind_of(&flow.to)) { way.plus(given) } else { *way };
                }
            });
        }
        let last: BTreeSet<i64> = accounts.values().map(|account| account.last_position).collect();
        let numbers = tx.numbers_at(question.window.programme, &last)?;
        let numbers = numbers.into_iter().collect::<BTreeMap<i64, String>>();
        Ok::<_, StoreError>((accounts, numbers, counted(tx, question)?))
    })?;
    let line = |((_, holder), account): (&(usize, String), &Account)| {
        let Account { opening, received, given, ways, last_position } = account;
        let [handed_out, returned, lost, expired, destroyed] = ways;
        let closing = opening.plus(*received).minus(*given);
        row![
            holder.as_str(),
            rank_of(holder).1,
            opening.booklets,
            received.booklets,
            given.booklets,
            closing.booklets,
            opening.passes,
            received.passes,
            given.passes,
            closing.passes,
            opening.value(),
            received.value(),
            given.value(),
            closing.value(),
            numbers.get(last_position).cloned(),
            handed_out.passes,
            returned.passes,
            lost.passes,
            expired.passes,
            destroyed.passes,
            handed_out.value(),
            returned.value(),
            lost.value(),
            expired.value(),
            destroyed.value(),
            counted.get(holder).copied(),
        ]
    };
    Ok(question.report(whole(accounts.iter().map(line).collect())))
}

/// The last count of each holder.
fn counted(tx: &mut dyn Reads, question: &Question) -> Result<BTreeMap<String, Day>, StoreError> {
    let mut counted = BTreeMap::new();
    each_body(tx, question.whole(), &[Kind::StockTake], |body| {
        counted.insert(mention(body, "holder"), day(&mention(body, "counted_on"))?);
        Ok(())
    })?;
    Ok(counted)
}

fn post(question: &Question, accounts: &mut Accounts, flow: &Flow, add: impl Fn(&mut Account, Quantity, Quantity)) {
    let quantity = Quantity::from(flow);
    let none = Quantity::default();
    for (holder, received, given) in [(&flow.from, none, quantity), (&flow.to, quantity, none)] {
        if !question.may_see(holder) {
            continue;
        }
        let account = accounts.entry((rank_of(holder).0, name_of(holder).to_owned())).or_default();
        account.last_position = account.last_position.max(flow.last_position);
        add(account, received, given);
    }
}

/// One line for all transits and one for all batches.
fn name_of(holder: &str) -> &str {
    match kind_of(holder) {
        kind @ (ISSUE | "transit") => kind,
        _ => holder,
    }
}
