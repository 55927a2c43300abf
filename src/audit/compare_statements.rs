//! Holds the stored statements of issuers, their lines and differences, against what the receipts say. What never lives
//! here: a repair.

use std::collections::BTreeMap;

use super::PAGE;
use super::account::Account;
use super::compare::Findings;
use super::statements::{Difference, Statement};
use crate::domain::ids::PassId;
use crate::domain::programme::Programme;
use crate::domain::statements::{IssuerStatement, LineClass, LineStatus, StatementLine, Told};
use crate::payment_file;
use crate::store::{Reads, StoreError};

/// Compares every statement, and every line of each.
pub(super) fn statements(
    tx: &mut dyn Reads,
    programme: &Programme,
    account: &Account,
    found: &mut Findings,
) -> Result<(), StoreError> {
    let mut expected = account.statements.by_number.clone();
    let mut after = 0;
    loop {
        let page = tx.statements(programme.no, after, PAGE)?;
        let Some((last, _)) = page.last() else { break };
        after = last.number;
        for (statement, receipt) in page {
            let number = statement.number;
            let lines = lines(tx, programme, account, number, found)?;
            let open = (statement.open, statement.last_line);
            let said = expected.remove(&number);
            let stored = stored(statement, receipt);
            found.row("issuer_statements", || number.to_string(), (Some(&stored), said.as_ref()));
            let recounted = (account.statements.open_of(number), lines.last);
            found.row("issuer_statements", || format!("{number}, écarts"), (Some(&open), Some(&recounted)));
            found.row("issuer_lines", || format!("{number}, empreinte"), (Some(&lines.hash), Some(&stored.lines_hash)));
        }
    }
    for (missing, statement) in &expected {
        found.row("issuer_statements", || missing.to_string(), (None, Some(statement)));
    }
    Ok(())
}

fn stored(statement: IssuerStatement, receipt: String) -> Statement {
    Statement {
        receipt,
        issuer: statement.issuer.to_string(),
        month: statement.month.to_string(),
        corrects: statement.corrects.unwrap_or(0),
        file_hash: statement.file_hash,
        lines_hash: statement.lines_hash,
        lines: statement.lines,
        matched: statement.matched,
        unchanged: statement.unchanged,
        stated_cents: statement.stated.get(),
    }
}

/// What all lines of a statement hash to, and the highest number.
struct Lines {
    hash: String,
    last: i64,
}

fn lines(
    tx: &mut dyn Reads,
    programme: &Programme,
    account: &Account,
    statement: i64,
    found: &mut Findings,
) -> Result<Lines, StoreError> {
    let (mut text, mut last) = (String::new(), 0);
    let of_statement = account.statements.differences.range((statement, 0)..=(statement, i64::MAX));
    let mut expected: BTreeMap<i64, &Difference> = of_statement.map(|((_, number), one)| (*number, one)).collect();
    loop {
        let page = tx.statement_lines(programme.no, statement, last, PAGE)?;
        let Some(end) = page.last() else { break };
        last = end.number;
        for line in page {
            if let Some(said) = &line.said {
                let told = Told { number: line.number, pass: line.pass, said: said.clone() };
                text.push_str(&told.text(&line.pass.item().printed(&programme.code)));
            }
            let said = expected.remove(&line.number);
            compare(account, &line, said, found);
        }
    }
    for (number, missing) in expected {
        found.row("issuer_lines", || format!("{statement}/{number}"), (None, Some(missing)));
    }
    Ok(Lines { hash: payment_file::hash(text.as_bytes()), last })
}

fn compare(account: &Account, line: &StatementLine, said: Option<&Difference>, found: &mut Findings) {
    let key = || format!("{}/{}", line.statement, line.number);
    let stored = Difference {
        class: line.class.to_string(),
        pass: number_of(line.pass),
        cents: line.said.as_ref().map_or(0, |said| said.amount.get()),
        provider: line.provider.as_ref().map(ToString::to_string).unwrap_or_default(),
        status: line.status.as_str(),
        resolution: line.resolution.map(|resolution| resolution.to_string()).unwrap_or_default(),
        closed_by: line.closed_by.clone().unwrap_or_default(),
    };
    if line.class.is_difference() {
        return found.row("issuer_lines", key, (Some(&stored), said));
    }
    let statements = &account.statements;
    let pass = stored.pass;
    let corrected = statements.taken_back.get(&(line.statement, line.number));
    let by = corrected.or_else(|| statements.disputed_back.get(&(line.statement, pass)));
    let matched = line.class == LineClass::Matched;
    let status = if by.is_some() { LineStatus::Corrected } else { LineStatus::Settled };
    let agreed = Difference {
        provider: statements.providers.get(&pass).filter(|_| matched).cloned().unwrap_or_default(),
        status: status.as_str(),
        resolution: String::new(),
        closed_by: by.cloned().unwrap_or_default(),
        ..stored.clone()
    };
    found.row("issuer_lines", key, (Some(&stored), Some(&agreed)));
}

/// Number of the booklet, times a hundred, plus the rank.
fn number_of(pass: PassId) -> u32 {
    let rank = u32::try_from(pass.0 % 100).unwrap_or_default();
    pass.booklet().number() * 100 + rank
}
