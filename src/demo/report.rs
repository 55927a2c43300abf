//! What a register adds up to: the use account (compte d'emploi) of its programmes, and whether the sums and the chain
//! hold. Read from what is stored, so that it is as true after a restart. What never lives here: printing.

use std::collections::BTreeMap;

use ed25519_dalek::VerifyingKey;
use serde::Serialize;

use crate::audit::{self, AuditError};
use crate::domain::money::Cents;
use crate::domain::programme::Programme;
use crate::store::{Page, Reads, Store, StoreError};

/// Balances read at a time.
const PAGE: i64 = 2_000;

/// What one kind of holder has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Whole booklets, however many of their passes have left since.
    pub booklets: i64,
    pub passes: i64,
    pub value_cents: i64,
}

impl Line {
    fn add(&mut self, (booklets, passes, value_cents): (i64, i64, i64)) {
        self.booklets = self.booklets.saturating_add(booklets);
        self.passes = self.passes.saturating_add(passes);
        self.value_cents = self.value_cents.saturating_add(value_cents);
    }
}

/// One programme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProgrammeReport {
    pub code: String,
    pub label: String,
    /// By kind of holder, `issue` below zero.
    #[serde(skip)]
    pub holders: BTreeMap<String, Line>,
    pub receipts: i64,
    pub refusals: i64,
    /// Hash of the last receipt.
    pub head: String,
    pub seals: i64,
    pub identity_holds: bool,
    pub chain_verified: bool,
    /// Why the chain is not verified, in French.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken: Option<String>,
}

/// All programmes together, in passes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    pub bought: i64,
    pub store: i64,
    pub transit: i64,
    pub prescribers: i64,
    pub circulation: i64,
    pub redeemed: i64,
    pub claimed: i64,
    pub paid: i64,
    pub blocked: i64,
    pub lost: i64,
    pub expired: i64,
    pub destroyed: i64,
    pub credited: i64,
    /// Passes wherever they are.
    pub passes_total: i64,
    /// Their value in cents.
    pub value_cents_total: i64,
    pub receipts: i64,
    /// Acts that the rules refused.
    pub refusals: i64,
    /// Bought is the sum of all the rest, in passes and in cents, in each batch.
    pub identity_holds: bool,
    /// Chain, seals, rules and projections.
    pub chain_verified: bool,
    /// `sqlite` or `postgresql`.
    pub engine: String,
    pub programmes: Vec<ProgrammeReport>,
}

/// Adds everything up and verifies every programme.
///
/// # Errors
/// [`StoreError`]; a broken chain is part of the report.
pub fn report(store: &Store, trusted: &[VerifyingKey]) -> Result<Report, StoreError> {
    let programmes = store.read(|tx| tx.programmes(&Page::ALL_PROGRAMMES))?;
    let mut reports = Vec::with_capacity(programmes.len());
    for programme in &programmes {
        reports.push(of_programme(store, trusted, programme)?);
    }
    Ok(sum(reports, store.backend().to_string()))
}

fn of_programme(store: &Store, trusted: &[VerifyingKey], programme: &Programme) -> Result<ProgrammeReport, StoreError> {
    let (holders, identity_holds, replies) = store.read(|tx| -> Result<_, StoreError> {
        let (holders, identity_holds) = holders(tx, programme)?;
        Ok((holders, identity_holds, tx.count_replies(programme.no)?))
    })?;
    let verified = match audit::verify(store, trusted, programme, &mut |_, _| {}) {
        Ok(verified) => Ok(verified),
        Err(AuditError::Broken(found)) => Err(found.to_string()),
        Err(AuditError::Store(error)) => return Err(error),
    };
    let (receipts, head, seals) = if let Ok(verified) = &verified {
        (verified.receipts, verified.head.clone(), verified.seals)
    } else {
        let journal = store.read(|tx| tx.journal(programme.no))?;
        journal.map_or((0, String::new(), 0), |journal| (journal.position, journal.head, 0))
    };
    Ok(ProgrammeReport {
        code: programme.code.to_string(),
        label: programme.label.to_string(),
        holders,
        receipts,
        // Every act here came under a key, and a key that has no receipt was refused.
        refusals: replies.saturating_sub(receipts).max(0),
        head,
        seals,
        identity_holds,
        chain_verified: verified.is_ok(),
        broken: verified.err(),
    })
}

/// What each kind of holder has, and whether every batch sums to zero.
fn holders(tx: &mut dyn Reads, programme: &Programme) -> Result<(BTreeMap<String, Line>, bool), StoreError> {
    let mut holders: BTreeMap<String, Line> = BTreeMap::new();
    let mut batches: BTreeMap<i64, Line> = BTreeMap::new();
    let mut after: Option<(String, i64)> = None;
    loop {
        let key = after.as_ref().map(|(holder, batch)| (holder.as_str(), *batch));
        let page = tx.balances_page(programme.no, key, PAGE)?;
        let Some(last) = page.last() else { break };
        after = Some((last.holder.clone(), last.batch));
        for row in page {
            let kind = row.holder.split_once(':').map_or(row.holder.as_str(), |(kind, _)| kind);
            let counted = (row.booklets, row.passes, row.value_cents);
            holders.entry(kind.to_owned()).or_default().add(counted);
            batches.entry(row.batch).or_default().add(counted);
        }
    }
    let holds = batches.values().all(|batch| (batch.passes, batch.value_cents) == (0, 0));
    Ok((holders, holds))
}

fn sum(programmes: Vec<ProgrammeReport>, engine: String) -> Report {
    let passes = |kind: &str| {
        let lines = programmes.iter().filter_map(|programme| programme.holders.get(kind));
        lines.map(|line| line.passes).sum::<i64>()
    };
    let held = programmes.iter().flat_map(|programme| &programme.holders).filter(|(kind, _)| *kind != "issue");
    let (passes_total, value_cents_total) =
        held.fold((0, 0), |(passes, cents), (_, line)| (passes + line.passes, cents + line.value_cents));
    Report {
        bought: -passes("issue"),
        store: passes("store"),
        transit: passes("transit"),
        prescribers: passes("prescriber"),
        circulation: passes("circulation"),
        redeemed: passes("provider"),
        claimed: passes("claimed"),
        paid: passes("paid"),
        blocked: passes("blocked"),
        lost: passes("lost"),
        expired: passes("expired"),
        destroyed: passes("destroyed"),
        credited: passes("credited"),
        passes_total,
        value_cents_total,
        receipts: programmes.iter().map(|programme| programme.receipts).sum(),
        refusals: programmes.iter().map(|programme| programme.refusals).sum(),
        identity_holds: programmes.iter().all(|programme| programme.identity_holds),
        chain_verified: programmes.iter().all(|programme| programme.chain_verified),
        engine,
        programmes,
    }
}

/// The holders in the order in which a booklet meets them, with their French names.
const NAMES: [(&str, &str); 12] = [
    ("store", "En réserve à la Région"),
    ("transit", "En cours de remise"),
    ("prescriber", "Chez les prescripteurs"),
    ("circulation", "Aux mains des bénéficiaires"),
    ("provider", "Utilisés"),
    ("claimed", "En demande de remboursement"),
    ("paid", "Remboursés"),
    ("blocked", "Bloqués"),
    ("lost", "Perdus ou volés"),
    ("expired", "Périmés"),
    ("destroyed", "Détruits"),
    ("credited", "En avoir"),
];

impl ProgrammeReport {
    /// The use account as a French table of fixed width. Holders that never had anything are left out.
    #[must_use]
    pub fn table(&self) -> String {
        let line = |name: &str, passes: &str, value: &str| format!("  {name:<30}{passes:>12}{value:>18}\n");
        let row = |name: &str, passes: i64, cents: i64| line(name, &thousands(passes), &Cents::new(cents).figures());
        let rule = format!("  {}\n", "─".repeat(60));
        let mut table = format!("{} ({})\n\n", self.label, self.code);
        table.push_str(&line("Compte d'emploi", "Pass", "Valeur"));
        table.push_str(&rule);
        let bought = self.holders.get("issue").copied().unwrap_or_default();
        table.push_str(&row("Achetés", -bought.passes, -bought.value_cents));
        table.push_str(&rule);
        for (kind, name) in NAMES {
            if let Some(held) = self.holders.get(kind) {
                table.push_str(&row(name, held.passes, held.value_cents));
            }
        }
        let held = self.holders.iter().filter(|(kind, _)| *kind != "issue");
        let (passes, cents) = held.fold((0, 0), |sum, (_, held)| (sum.0 + held.passes, sum.1 + held.value_cents));
        table.push_str(&rule);
        table.push_str(&row("Somme", passes, cents));
        table
    }
}

/// `66 100`, with narrow no-break spaces.
#[must_use]
pub fn thousands(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + 8);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    if number < 0 { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped_by_three() {
        for (number, text) in [(0, "0"), (999, "999"), (5_000, "5 000"), (66_100, "66 100"), (-1_234_567, "-1 234 567")]
        {
            assert_eq!(thousands(number).replace('\u{202f}', " "), text);
        }
    }

    #[test]
    fn a_table_adds_up_and_keeps_its_columns() {
        let line = |passes: i64| Line { booklets: 0, passes, value_cents: passes * 1_000 };
        let holders = [("issue", -5_000), ("store", 3_000), ("circulation", 2_000)];
        let programme = ProgrammeReport {
            code: "HDF21".into(),
            label: "Pilote".into(),
            holders: holders.iter().map(|(kind, passes)| ((*kind).to_owned(), line(*passes))).collect(),
            receipts: 3,
            refusals: 0,
            head: String::new(),
            seals: 1,
            identity_holds: true,
            chain_verified: true,
            broken: None,
        };
        let table = programme.table();
        let rows: Vec<&str> = table.lines().skip(2).collect();
        assert!(rows.iter().all(|row| row.chars().count() == 62 || row.ends_with("Valeur")), "{table}");
        assert!(table.contains("Achetés") && !table.contains("Périmés"));
        assert_eq!(table.matches("50\u{202f}000,00").count(), 2);
    }
}
