//! Holds the stored projections against the account of the receipts, table by table, in pages. What never lives here:
//! a repair; a projection that differs is evidence first.

use std::collections::BTreeMap;

use super::account::{Account, Closing, Dispatch};
use super::applications;
use super::claims::Claim;
use super::compare_redemptions::redemptions;
use super::compare_statements::statements;
use super::compare_stock;
use super::destructions;
use super::findings::{Findings, paged};
use super::orders::Order;
use super::{PAGE, trails};
use crate::domain::claims::{Claim as StoredClaim, ClaimState};
use crate::domain::ids::{BatchId, BookletId, OrganisationId, PassId};
use crate::domain::programme::Programme;
use crate::domain::time::Day;
use crate::receipts::replay::Balance;
use crate::store::{ClaimFilter, Journal, Reads, StoreError, StoredBooklet};

/// Compares every projection of the programme.
pub(super) fn all(
    tx: &mut dyn Reads,
    programme: &Programme,
    journal: &Journal,
    account: &Account,
) -> Result<Findings, StoreError> {
    let mut found = Findings::default();
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

/// The walk has held the bytes against the entries; this holds the columns, which reports add up, against them too.
fn receipts(tx: &mut dyn Reads, programme: &Programme, found: &mut Findings) -> Result<(), StoreError> {
    for (position, stored, said) in tx.receipts_unlike_entries(programme.no, PAGE)? {
        found.row("receipts", || position.to_string(), (Some(&stored), Some(&said)));
    }
    Ok(())
}

/// One by one out of a map: a balance of nothing may have a row or none, and each engine has an order of its own for texts.
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
    let said = account.replay().booklets().map(|(number, booklet)| {
        let said = Booklet {
            batch: booklet.batch.to_owned(),
            size: booklet.size.into(),
            holder: booklet.holder.to_owned(),
            passes_left: booklet.passes_left.into(),
            handed_out_on: account.handed_out.get(&number).copied(),
        };
        (BookletId::new(programme.no, number), said)
    });
    let stored = paged(BookletId::new(programme.no, 0), |after| {
        let page = tx.booklets_page(programme.no, *after, PAGE)?;
        Ok(page.into_iter().map(|row| (row.id, Booklet::from(row))).collect())
    });
    found.table(("booklets", |id: &BookletId| id.item().printed(&programme.code)), stored, said)
}

fn passes(
    tx: &mut dyn Reads,
    programme: &Programme,
    account: &Account,
    found: &mut Findings,
) -> Result<(), StoreError> {
    let departed = account.replay().departed();
    let said =
        departed.map(|(number, rank, holder)| (BookletId::new(programme.no, number).pass(rank), holder.to_owned()));
    let before = BookletId::new(programme.no, 0).pass(0);
    let stored = paged(before, |after| tx.departed_page(programme.no, *after, PAGE));
    found.table(("passes", |pass: &PassId| pass.item().printed(&programme.code)), stored, said)
}

fn series(
    tx: &mut dyn Reads,
    programme: &Programme,
    account: &Account,
    found: &mut Findings,
) -> Result<(), StoreError> {
    let mut stored = tx.whole_series(programme.no)?;
    // Each engine has an order of its own for texts.
    stored.sort();
    let stored = stored.into_iter().map(|(office, year, last)| Ok(((office, year), last)));
    let said = account.replay().series().map(|(office, year, last)| ((office.to_owned(), i64::from(year)), last));
    let said: BTreeMap<_, _> = said.collect();
    found.table(("series", |(office, year): &(String, i64)| format!("{office} {year}")), stored, said)
}

fn orders(
    tx: &mut dyn Reads,
    programme: &Programme,
    account: &Account,
    found: &mut Findings,
) -> Result<(), StoreError> {
    let mut stored = Vec::new();
    for order in tx.orders(programme.no)? {
        let (sequence, issuer) = (order.id.sequence(), code_of(tx, order.issuer)?);
        // Receipts of before do not say it.
        let silent = account.orders.get(&sequence).is_some_and(|said| said.issuer_code.is_none());
        stored.push(Ok((sequence, Order::stored(order, (!silent).then_some(issuer)))));
    }
    let printed = |sequence: &i64| {
        account.orders.get(sequence).map_or_else(|| sequence.to_string(), |order| order.number.clone())
    };
    found.table(("orders", printed), stored, &account.orders)
}

fn dispatches(
    tx: &mut dyn Reads,
    programme: &Programme,
    account: &Account,
    found: &mut Findings,
) -> Result<(), StoreError> {
    let stored = paged(0, |after| {
        let page = tx.dispatches(programme.no, None, *after, PAGE)?;
        Ok(page.into_iter().map(|row| (row.number, Dispatch::stored(&row))).collect())
    });
    found.table(("dispatches", i64::to_string), stored, &account.dispatches)
}

/// What providers owe of what they were overpaid; who owes nothing any more stands on neither side.
fn debts(tx: &mut dyn Reads, programme: &Programme, account: &Account, found: &mut Findings) -> Result<(), StoreError> {
    let mut stored = Vec::new();
    for (provider, cents) in tx.owed(programme.no)? {
        stored.push((code_of(tx, provider)?, cents));
    }
    stored.sort();
    let stored = stored.into_iter().filter(|(_, cents)| *cents != 0).map(Ok);
    found.table(("overpayments", String::clone), stored, account.claims.owed.iter().filter(|(_, cents)| **cents != 0))
}

/// The code under which receipts name an organisation.
fn code_of(tx: &mut dyn Reads, organisation: OrganisationId) -> Result<String, StoreError> {
    Ok(tx.organisation(organisation)?.map(|found| found.code.to_string()).unwrap_or_default())
}

/// What both sides know of a claim.
#[derive(Debug, PartialEq, Eq)]
struct ClaimFigures {
    /// Code.
    provider: String,
    month: String,
    passes: i64,
    cents: i64,
    rejected: i64,
    due_on: String,
    suspended: bool,
    state: ClaimState,
    approvals: usize,
}

impl ClaimFigures {
    fn stored(provider: String, claim: &StoredClaim) -> Self {
        Self {
            provider,
            month: claim.month.to_string(),
            passes: claim.passes,
            cents: claim.value.get(),
            rejected: claim.rejected_passes,
            due_on: claim.due_on.to_string(),
            suspended: claim.suspended_on.is_some(),
            state: claim.state,
            approvals: claim.approvals.len(),
        }
    }

    fn said(claim: &Claim) -> Self {
        Self {
            provider: claim.provider.clone(),
            month: claim.month.clone(),
            passes: claim.passes,
            cents: claim.cents,
            rejected: claim.rejected,
            due_on: claim.due_on.clone(),
            suspended: claim.suspended,
            state: claim.state,
            approvals: claim.people.len().saturating_sub(1),
        }
    }
}

fn claims(
    tx: &mut dyn Reads,
    programme: &Programme,
    account: &Account,
    found: &mut Findings,
) -> Result<(), StoreError> {
    let stored = paged(0, |after| {
        let page = tx.claims(programme.no, ClaimFilter::default(), *after, PAGE)?;
        page.into_iter().map(|row| Ok((row.number, ClaimFigures::stored(code_of(tx, row.provider)?, &row)))).collect()
    });
    let said = account.claims.by_number.iter().map(|(number, claim)| (number, ClaimFigures::said(claim)));
    found.table(("claims", i64::to_string), stored, said)
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
    let stored = paged(0, |after| {
        let page = tx.closings(programme.no, None, *after, PAGE)?;
        Ok(page.into_iter().map(|row| (row.position, Closing::stored(&row))).collect())
    });
    found.table(("closings", |position: &i64| format!("récépissé {position}")), stored, &account.closings)
}

/// Blocks that are not kept yet are no difference: they are computed when they are asked for.
fn tree(tx: &mut dyn Reads, programme: &Programme, account: &Account, found: &mut Findings) -> Result<(), StoreError> {
    for (number, stored) in (0_usize..).zip(tx.tree_blocks(programme.no, 0, i64::MAX)?) {
        let (stored, said) = (hex::encode(stored), account.blocks.get(number).map(hex::encode));
        found.row("tree", || format!("bloc {number}"), (Some(&stored), said.as_ref()));
    }
    Ok(())
}
