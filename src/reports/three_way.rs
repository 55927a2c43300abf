//! Contrôle à trois voies: what the rows of booklets and passes say, what the balances say, and what the journal
//! says, compared holder by holder and batch by batch. One row per difference; no row means that all agree. Only
//! the present state can be counted, so the day must be the journal's last one.

use std::collections::BTreeMap;

use super::figures::{ISSUE, Quantity, kind_of};
use super::question::{Question, head_at};
use super::table::{Column, Report, Row, row, whole};
use super::{Access, Entry, ReportError};
use crate::domain::ids::{BatchId, ProgrammeNo};
use crate::domain::programme::Programme;
use crate::domain::stock::Booklet;
use crate::store::{Held, Reads, Store, StoreError, Window};

/// `check`: `holder` (a holder and batch by three ways), `receipts` (the receipts' own totals as counted, their
/// entries as journal) or `booklet` (the passes of one booklet as counted, its own number as balance).
const COLUMNS: &[Column] = &[
    Column::text("check", "Contrôle"),
    Column::text("holder", "Détenteur ou carnet"),
    Column::text("batch", "Lot"),
    Column::integer("counted_booklets", "Carnets comptés"),
    Column::integer("balance_booklets", "Carnets au solde"),
    Column::integer("journal_booklets", "Carnets au journal"),
    Column::integer("counted_passes", "Pass comptés"),
    Column::integer("balance_passes", "Pass au solde"),
    Column::integer("journal_passes", "Pass au journal"),
    Column::cents("balance_cents", "Valeur au solde"),
    Column::cents("journal_cents", "Valeur au journal"),
];

pub(super) const ENTRY: Entry = Entry {
    name: "three-way",
    title: "Contrôle à trois voies",
    columns: COLUMNS,
    access: Access::WholeProgramme,
    parameters: &[],
    open,
};

/// Booklets counted per page.
const PAGE: i64 = 250;
/// Differences shown at most; a ledger with more than these needs no list.
const MOST: usize = 10_000;

#[derive(Debug, Default)]
struct Ways {
    counted: Quantity,
    balance: Quantity,
    journal: Quantity,
}

impl Ways {
    /// Whether the ways agree. The counter-account has no rows of its own to count.
    fn agree(&self, holder: &str) -> bool {
        let counted = kind_of(holder) == ISSUE
            || (self.counted.passes, self.counted.booklets) == (self.balance.passes, self.balance.booklets);
        counted && self.balance == self.journal
    }

    fn row(&self, check: &str, holder: &str, batch: &str) -> Row {
        row![
            check,
            holder,
            batch,
            self.counted.booklets,
            self.balance.booklets,
            self.journal.booklets,
            self.counted.passes,
            self.balance.passes,
            self.journal.passes,
            self.balance.value(),
            self.journal.value(),
        ]
    }
}

fn open(question: &Question) -> Result<Report, ReportError> {
    let programme = &question.programme;
    // The head may have moved since the question was read: what is compared is one moment, read here.
    let (mut rows, position, head) = question.store.read(|tx| {
        let position = tx.position_on(programme.no, question.request.as_of)?;
        if tx.journal(programme.no)?.is_none_or(|journal| journal.position != position) {
            return Err(ReportError::OnlyNow);
        }
        let rows = differences(tx, Window { until: position, ..question.whole() })?;
        Ok((rows, position, head_at(tx, programme, position)?))
    })?;
    miscounted(&question.store, programme, &mut rows)?;
    let holds = rows.is_empty();
    let mut report = question.report(whole(rows));
    report.meta.position = position;
    report.meta.head = head;
    report.meta.holds = Some(holds);
    Ok(report)
}

/// Every holder and batch, and the receipts as a whole, that the ways do not agree on. `window` ends at the head.
pub(super) fn differences(tx: &mut dyn Reads, window: Window) -> Result<Vec<Row>, StoreError> {
    let programme = window.programme;
    let mut ways: BTreeMap<(String, BatchId), Ways> = BTreeMap::new();
    let mut journal = Quantity::default();
    for flow in tx.flows(window, None)? {
        let quantity = Quantity::from(&flow);
        journal = journal.plus(quantity);
        let from = ways.entry((flow.from.clone(), flow.batch)).or_default();
        from.journal = from.journal.minus(quantity);
        let to = ways.entry((flow.to.clone(), flow.batch)).or_default();
        to.journal = to.journal.plus(quantity);
    }
    let mut take = |held: Vec<Held>, add: fn(&mut Ways, Quantity)| {
        for held in held {
            let quantity = Quantity::from(&held);
            add(ways.entry((held.holder, held.batch)).or_default(), quantity);
        }
    };
    take(tx.balances_kept(programme)?, |ways, held| ways.balance = ways.balance.plus(held));
    take(tx.booklets_counted(programme)?, |ways, held| ways.counted = ways.counted.plus(held));
    take(tx.passes_counted(programme)?, |ways, held| ways.counted = ways.counted.plus(held));
    let differs = ways.iter().filter(|((holder, _), ways)| !ways.agree(holder));
    let mut rows: Vec<Row> =
        differs.take(MOST).map(|((holder, batch), ways)| ways.row("holder", holder, &batch.to_string())).collect();
    let sums = tx.receipt_sums(window)?;
    let receipts = Quantity { booklets: sums.booklets, passes: sums.passes, cents: sums.value_cents };
    if receipts != journal {
        let ways = Ways { counted: receipts, balance: receipts, journal };
        rows.push(ways.row("receipts", "", ""));
    }
    Ok(rows)
}

/// Booklets whose passes left are not those without a holder of their own, page by page.
fn miscounted(store: &Store, programme: &Programme, rows: &mut Vec<Row>) -> Result<(), StoreError> {
    let mut after = 0;
    while rows.len() < MOST {
        let page = store.read(|tx| counted_page(tx, programme.no, after))?;
        let Some(last) = page.last() else { break };
        after = last.0.id.0;
        for (booklet, with_booklet, printed) in &page {
            let expected = (i64::from(booklet.passes_left), i64::from(booklet.size));
            if (*with_booklet, *printed) != expected {
                let balance = Quantity { passes: expected.0, ..Quantity::default() };
                let counted = Quantity { passes: *with_booklet, ..Quantity::default() };
                let ways = Ways { counted, balance, journal: balance };
                let serial = booklet.id.item().printed(&programme.code);
                rows.push(ways.row("booklet", &serial, &booklet.batch.to_string()));
            }
        }
    }
    Ok(())
}

/// Booklets with how many of their passes go with them, and how many passes they have at all.
fn counted_page(
    tx: &mut dyn Reads,
    programme: ProgrammeNo,
    after: i64,
) -> Result<Vec<(Booklet, i64, i64)>, StoreError> {
    let booklets = tx.booklets_after(programme, after, PAGE)?;
    let (Some(first), Some(last)) = (booklets.first(), booklets.last()) else { return Ok(Vec::new()) };
    let mut counts: BTreeMap<_, (i64, i64)> = BTreeMap::new();
    for pass in tx.passes_between(programme, first.id, last.id)? {
        let count = counts.entry(pass.id.booklet()).or_default();
        count.0 += i64::from(pass.holder.is_none());
        count.1 += 1;
    }
    let with_counts = |booklet: Booklet| {
        let (with_booklet, printed) = counts.get(&booklet.id).copied().unwrap_or_default();
        (booklet, with_booklet, printed)
    };
    Ok(booklets.into_iter().map(with_counts).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_of_the_three_that_stands_alone_is_a_difference() {
        let quantity = |passes: i64| Quantity { booklets: 1, passes, cents: passes * 1000 };
        let ways = |counted, balance, journal| Ways {
            counted: Quantity { cents: 0, ..quantity(counted) },
            balance: quantity(balance),
            journal: quantity(journal),
        };
        assert!(ways(5, 5, 5).agree("store"));
        for (counted, balance, journal) in [(4, 5, 5), (5, 4, 5), (5, 5, 4)] {
            assert!(!ways(counted, balance, journal).agree("store"));
        }
    }

    #[test]
    fn the_counter_account_has_no_booklets_to_count() {
        let minus = Quantity { booklets: -1, passes: -5, cents: -5000 };
        let ways = Ways { counted: Quantity::default(), balance: minus, journal: minus };
        assert!(ways.agree("issue:1-1"));
        assert!(!ways.agree("store"));
    }
}
