//! Holds the stored statements of issuers, their lines and differences, against what the receipts say. What never lives
//! here: a repair.

use std::collections::BTreeMap;

use super::PAGE;
use super::account::Account;
use super::findings::{Findings, paged};
use super::statements::{Difference, Statement};
use crate::domain::ids::PassId;
use crate::domain::programme::Programme;
use crate::domain::statements::{IssuerStatement, LineClass, LineStatus, StatementLine, Told};
use crate::payment_file;
use crate::store::{Reads, StoreError};

/// What is kept beside a statement: how many of its differences are open, its last line, and what its lines hash to.
struct Kept {
    number: i64,
    open: i64,
    last_line: i64,
    lines_hash: String,
}

/// Compares every statement, and every line of each.
pub(super) fn statements(
    tx: &mut dyn Reads,
    programme: &Programme,
    account: &Account,
    found: &mut Findings,
) -> Result<(), StoreError> {
    let mut kept = Vec::new();
    let rows = paged(0, |after| {
        let page = tx.statements(programme.no, *after, PAGE)?.into_iter();
        let row = |(row, receipt): (IssuerStatement, String)| {
            let (number, open, last_line) = (row.number, row.open, row.last_line);
            kept.push(Kept { number, open, last_line, lines_hash: row.lines_hash.clone() });
            (number, stored(row, receipt))
        };
        Ok(page.map(row).collect())
    });
    found.table(("issuer_statements", i64::to_string), rows, &account.statements.by_number)?;
    for Kept { number, open, last_line, lines_hash } in kept {
        let lines = lines(tx, programme, account, number, found)?;
        let recounted = (account.statements.open_of(number), lines.last);
        found.row("issuer_statements", || format!("{number}, écarts"), (Some(&(open, last_line)), Some(&recounted)));
        found.row("issuer_lines", || format!("{number}, empreinte"), (Some(&lines.hash), Some(&lines_hash)));
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
    let rows = paged(0, |after| {
        let page = tx.statement_lines(programme.no, statement, *after, PAGE)?;
        Ok(page.into_iter().map(|line| (line.number, line)).collect())
    });
    for row in rows {
        let (number, line) = row?;
        last = number;
        if let Some(said) = &line.said {
            let told = Told { number, pass: line.pass, said: said.clone() };
            text.push_str(&told.text(&line.pass.item().printed(&programme.code)));
        }
        compare(account, &line, expected.remove(&number), found);
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
