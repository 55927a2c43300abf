//! Holds the stored projections against the account of the receipts, table by table, in pages. What never lives here:
//! a repair; a projection that differs is evidence first.

use std::collections::BTreeMap;
use std::fmt::Debug;

use super::account::{Account, Closing};
use super::applications;
use super::compare_redemptions::redemptions;
use super::compare_statements::statements;
use super::compare_stock;
use super::destructions;
use super::orders::Order;
use super::{Difference, PAGE, trails};
use crate::domain::claims::ClaimState;
use crate::domain::ids::{BatchId, BookletId, PassId};
use crate::domain::programme::Programme;
use crate::domain::time::Day;
use crate::receipts::replay::Balance;
use crate::store::{ClaimFilter, Journal, Reads, StoreError, StoredBooklet};

/// How many differences are told one by one.
const MOST: usize = 100;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// Rows compared.
    pub(super) rows: i64,
    pub(super) differences: Vec<Difference>,
    pub(super) total: i64,
}

impl Findings {
    /// Compares one row; `None` is a row that is not there.
    pub(super) fn row<T: PartialEq + Debug>(
        &mut self,
        projection: &'static str,
        key: impl FnOnce() -> String,
        (stored, recomputed): (Option<&T>, Option<&T>),
    ) {
        self.rows += 1;
        if stored == recomputed {
            return;
        }
        self.total += 1;
        if self.differences.len() < MOST {
            let told = |value: Option<&T>| value.map_or_else(|| "rien".to_owned(), |value| format!("{value:?}"));
            let (stored, recomputed) = (told(stored), told(recomputed));
            self.differences.push(Difference { projection, key: key(), stored, recomputed });
        }
    }
}

/// Compares every projection of the programme.
pub(super) fn all(
    tx: &mut dyn Reads,
    programme: &Programme,
    journal: &Journal,
    account: &Account,
) -> Result<Findings, StoreError> {
    let mut found = Findings::default();
    for column in tx.mistyped()? {
        found.row("types", || column.clone(), (Some(&"une valeur d'un autre type que sa colonne"), None));
    }
    receipts(tx, programme, &mut found)?;
    balances(tx, programme, account, &mut found)?;
    booklets(tx, programme, account, &mut found)?;
    passes(tx, programme, account, &mut found)?;
    compare_stock::batches(tx, programme, account, &mut found)?;
    compare_stock::passes(tx, programme, account, &mut found)?;
    trails::compare(tx, programme, &account.trails, &mut found)?;
    series(tx, programme, account, &mut found)?;
    orders(tx, programme, account, &mut found)?;
    dispatches(tx, programme, account, &mut found)?;
    closings(tx, programme, account, &mut found)?;
    people_key(tx, programme, account, &mut found)?;
    tree(tx, programme, account, &mut found)?;
    redemptions(tx, programme, account, &mut found)?;
    claims(tx, programme, account, &mut found)?;
    debts(tx, programme, account, &mut found)?;
    destructions::compare(tx, programme, &account.destructions, &mut found)?;
    applications::compare(tx, programme, &account.applications, &mut found)?;
    statements(tx, programme, account, &mut found)?;
    counters(journal, account, &mut found);
    Ok(found)
}

/// The walk has held the bytes against the entries and the seals that it met; this holds the columns, which reports add
/// up, against them too, and finds the seals that it could not meet.
fn receipts(tx: &mut dyn Reads, programme: &Programme, found: &mut Findings) -> Result<(), StoreError> {
    for (position, stored, said) in tx.receipts_unlike_entries(programme.no, PAGE)? {
        found.row("receipts", || position.to_string(), (Some(&stored), Some(&said)));
    }
    for stray in tx.stray_seals(PAGE)? {
        found.row("seals", || format!("programme {}, {}", stray.0, stray.1), (Some(&"un sceau sans récépissé"), None));
    }
    Ok(())
}

fn balances(
    tx: &mut dyn Reads,
    programme: &Programme,
    account: &Account,
    found: &mut Findings,
) -> Result<(), StoreError> {
    let named = |(batch, holder, balance): (&str, &str, Balance)| ((holder.to_owned(), batch.to_owned()), balance);
    let mut expected: BTreeMap<(String, String), Balance> = account.replay().balances().map(named).collect();
    let mut after: Option<(String, i64)> = None;
    loop {
        let key = after.as_ref().map(|(holder, batch)| (holder.as_str(), *batch));
        let page = tx.balances_page(programme.no, key, PAGE)?;
        let Some(last) = page.last() else { break };
        after = Some((last.holder.clone(), last.batch));
        for row in page {
            let key = (row.holder, BatchId(row.batch).to_string());
            let stored = Balance { booklets: row.booklets, passes: row.passes, cents: row.value_cents };
            let recomputed = expected.remove(&key).unwrap_or_default();
            found.row("balances", || format!("{} du lot {}", key.0, key.1), (Some(&stored), Some(&recomputed)));
        }
    }
    for ((holder, batch), balance) in &expected {
        found.row("balances", || format!("{holder} du lot {batch}"), (None, Some(balance)));
    }
    Ok(())
}

/// What both sides know of a booklet.
#[derive(Debug, PartialEq, Eq)]
struct Booklet {
    batch: String,
    size: i64,
    holder: String,
    passes_left: i64,
    handed_out_on: Option<Day>,
}

impl From<StoredBooklet> for Booklet {
    fn from(row: StoredBooklet) -> Self {
        let StoredBooklet { batch, size, holder, passes_left, handed_out_on, .. } = row;
        Self { batch: BatchId(batch).to_string(), size, holder, passes_left, handed_out_on }
    }
}

fn booklets(
    tx: &mut dyn Reads,
    programme: &Programme,
    account: &Account,
    found: &mut Findings,
) -> Result<(), StoreError> {
    let recompute = |(number, booklet): (u32, crate::receipts::replay::Booklet<'_>)| {
        let handed_out_on = account.handed_out.get(&number).copied();
        let said = Booklet {
            batch: booklet.batch.to_owned(),
            size: booklet.size.into(),
            holder: booklet.holder.to_owned(),
            passes_left: booklet.passes_left.into(),
            handed_out_on,
        };
        (number, said)
    };
    let mut expected = account.replay().booklets().map(recompute).peekable();
    let mut after = BookletId::new(programme.no, 0);
    loop {
        let page = tx.booklets_page(programme.no, after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = last.id;
        for row in page {
            let number = row.id.number();
            while let Some((missing, said)) = expected.next_if(|(next, _)| *next < number) {
                found.row("booklets", || account.serial(missing), (None, Some(&said)));
            }
            let said = expected.next_if(|(next, _)| *next == number).map(|(_, said)| said);
            let stored = Booklet::from(row);
            found.row("booklets", || account.serial(number), (Some(&stored), said.as_ref()));
        }
    }
    for (missing, said) in expected {
        found.row("booklets", || account.serial(missing), (None, Some(&said)));
    }
    Ok(())
}

fn passes(
    tx: &mut dyn Reads,
    programme: &Programme,
    account: &Account,
    found: &mut Findings,
) -> Result<(), StoreError> {
    let printed = |pass: PassId| pass.item().printed(&programme.code);
    let named =
        |(number, rank, holder): (u32, u8, &str)| (BookletId::new(programme.no, number).pass(rank), holder.to_owned());
    let mut expected = account.replay().departed().map(named).peekable();
    let mut after = BookletId::new(programme.no, 0).pass(0);
    loop {
        let page = tx.departed_page(programme.no, after, PAGE)?;
        let Some((last, _)) = page.last() else { break };
        after = *last;
        for (pass, holder) in page {
            while let Some((missing, said)) = expected.next_if(|(next, _)| *next < pass) {
                found.row("passes", || printed(missing), (None, Some(&said)));
            }
            let said = expected.next_if(|(next, _)| *next == pass).map(|(_, said)| said);
            found.row("passes", || printed(pass), (Some(&holder), said.as_ref()));
        }
    }
    for (missing, said) in expected {
        found.row("passes", || printed(missing), (None, Some(&said)));
    }
    Ok(())
}

fn series(
    tx: &mut dyn Reads,
    programme: &Programme,
    account: &Account,
    found: &mut Findings,
) -> Result<(), StoreError> {
    let named = |(office, year, last): (&str, i32, i64)| ((office.to_owned(), i64::from(year)), last);
    let mut expected: BTreeMap<(String, i64), i64> = account.replay().series().map(named).collect();
    for (office, year, last) in tx.whole_series(programme.no)? {
        let key = (office, year);
        let said = expected.remove(&key);
        found.row("series", || format!("{} {}", key.0, key.1), (Some(&last), said.as_ref()));
    }
    for ((office, year), last) in &expected {
        found.row("series", || format!("{office} {year}"), (None, Some(last)));
    }
    Ok(())
}

fn orders(
    tx: &mut dyn Reads,
    programme: &Programme,
    account: &Account,
    found: &mut Findings,
) -> Result<(), StoreError> {
    let mut expected = account.orders.clone();
    for order in tx.orders(programme.no)? {
        let said = expected.remove(&order.id.sequence());
        let stored = Order::stored(order);
        found.row("orders", || stored.number.clone(), (Some(&stored), said.as_ref()));
    }
    for order in expected.values() {
        found.row("orders", || order.number.clone(), (None, Some(order)));
    }
    Ok(())
}

fn dispatches(
    tx: &mut dyn Reads,
    programme: &Programme,
    account: &Account,
    found: &mut Findings,
) -> Result<(), StoreError> {
    let mut expected = account.dispatches.iter().peekable();
    let mut after = 0;
    loop {
        let page = tx.dispatches(programme.no, None, after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = last.number;
        for row in page {
            let number = row.number;
            while let Some((missing, said)) = expected.next_if(|(next, _)| **next < number) {
                found.row("dispatches", || missing.to_string(), (None, Some(said)));
            }
            let said = expected.next_if(|(next, _)| **next == number).map(|(_, said)| said);
            let (from, to) = (row.from.to_string(), row.to.to_string());
            let stored = super::account::Dispatch { from, to, booklets: row.booklets };
            found.row("dispatches", || number.to_string(), (Some(&stored), said));
        }
    }
    for (missing, said) in expected {
        found.row("dispatches", || missing.to_string(), (None, Some(said)));
    }
    Ok(())
}

/// What providers owe of what they were overpaid.
fn debts(tx: &mut dyn Reads, programme: &Programme, account: &Account, found: &mut Findings) -> Result<(), StoreError> {
    let mut expected = account.claims.owed.clone();
    for (provider, stored) in tx.owed(programme.no)? {
        let code = tx.organisation(provider)?.map(|provider| provider.code.to_string()).unwrap_or_default();
        let said = expected.remove(&code).unwrap_or(0);
        found.row("overpayments", || code.clone(), (Some(&stored), Some(&said)));
    }
    for (code, cents) in expected.iter().filter(|(_, cents)| **cents != 0) {
        found.row("overpayments", || code.clone(), (None, Some(cents)));
    }
    Ok(())
}

/// Code of the provider, month, passes, cents, rejected, due on, suspended, state, approvals.
type ClaimFigures = (String, String, i64, i64, i64, String, bool, ClaimState, usize);

fn claims(
    tx: &mut dyn Reads,
    programme: &Programme,
    account: &Account,
    found: &mut Findings,
) -> Result<(), StoreError> {
    let mut expected = account.claims.by_number.clone();
    let mut after = 0;
    loop {
        let page = tx.claims(programme.no, ClaimFilter::default(), after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = last.number;
        for row in page {
            let provider = tx.organisation(row.provider)?.map(|provider| provider.code.to_string()).unwrap_or_default();
            let (suspended, approvals) = (row.suspended_on.is_some(), row.approvals.len());
            let (month, due_on) = (row.month.to_string(), row.due_on.to_string());
            let counts = (row.passes, row.value.get(), row.rejected_passes);
            let stored: ClaimFigures =
                (provider, month, counts.0, counts.1, counts.2, due_on, suspended, row.state, approvals);
            let said = expected.remove(&row.number).map(|claim| -> ClaimFigures {
                let approvals = claim.people.len().saturating_sub(1);
                let counts = (claim.passes, claim.cents, claim.rejected);
                let (due_on, suspended) = (claim.due_on, claim.suspended);
                (claim.provider, claim.month, counts.0, counts.1, counts.2, due_on, suspended, claim.state, approvals)
            });
            found.row("claims", || row.number.to_string(), (Some(&stored), said.as_ref()));
        }
    }
    for (missing, claim) in &expected {
        found.row("claims", || missing.to_string(), (None, Some(claim)));
    }
    Ok(())
}

/// The running numbers of the journal row; its position and head were compared by the walk.
fn counters(journal: &Journal, account: &Account, found: &mut Findings) {
    let last = |keys: Option<&i64>| keys.copied().unwrap_or(0);
    let counters = journal.counters;
    let pairs = [
        ("dernier carnet", i64::from(counters.booklet), account.last_booklet),
        ("dernière commande", counters.order, last(account.orders.keys().next_back())),
        ("dernière remise", counters.dispatch, last(account.dispatches.keys().next_back())),
        ("dernière dérogation", counters.exception, account.last_exception),
    ];
    let epochs = ("époque", counters.epoch, account.replay().epoch());
    for (key, stored, recomputed) in pairs.into_iter().chain([epochs]) {
        found.row("journal", || key.to_owned(), (Some(&stored), Some(&recomputed)));
    }
    let head = account.replay().head().at_millis;
    if journal.position > 0 {
        found.row("journal", || "dernier instant".to_owned(), (Some(&journal.at.millis()), Some(&head)));
    }
}

/// The key of people in use. A register that was rebuilt elsewhere has keys of its own, and no row.
fn people_key(
    tx: &mut dyn Reads,
    programme: &Programme,
    account: &Account,
    found: &mut Findings,
) -> Result<(), StoreError> {
    let Some(stored) = tx.people_keys(programme.no)?.renewed else { return Ok(()) };
    let stored = (i64::from(stored.number), stored.digest);
    let said = account.replay().people_key().map(|key| (key.number, key.digest.clone()));
    found.row("people_keys", || "clé en usage".to_owned(), (Some(&stored), said.as_ref()));
    Ok(())
}

fn closings(
    tx: &mut dyn Reads,
    programme: &Programme,
    account: &Account,
    found: &mut Findings,
) -> Result<(), StoreError> {
    let mut expected = account.closings.clone();
    let mut after = 0;
    loop {
        let page = tx.closings(programme.no, None, after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = last.position;
        for row in page {
            let key = (row.period.to_string(), row.last_day.to_string());
            let (first_day, position) = (row.first_day.to_string(), row.position);
            let (first_position, last_position) = (row.first_position, row.last_position);
            let stored = Closing { first_day, first_position, last_position, position };
            let said = expected.remove(&key);
            found.row("closings", || format!("{} au {}", key.0, key.1), (Some(&stored), said.as_ref()));
        }
    }
    for ((period, last_day), closing) in &expected {
        found.row("closings", || format!("{period} au {last_day}"), (None, Some(closing)));
    }
    Ok(())
}

/// Blocks that are not kept yet are no difference: they are computed when they are asked for.
fn tree(tx: &mut dyn Reads, programme: &Programme, account: &Account, found: &mut Findings) -> Result<(), StoreError> {
    for (number, stored) in (0_usize..).zip(tx.tree_blocks(programme.no, 0, i64::MAX)?) {
        let (stored, said) = (hex::encode(stored), account.blocks.get(number).map(hex::encode));
        found.row("tree", || format!("bloc {number}"), (Some(&stored), said.as_ref()));
    }
    Ok(())
}
