//! What acts on issuers' statements need to know, loaded for a group. What never lives here: a rule.

use std::collections::BTreeSet;

use crate::domain::facts::{Facts, Needs};
use crate::domain::ids::PassId;
use crate::domain::movement::Redemption;
use crate::store::{Reads, StoreError};

/// Loads statements and lines, what spent the passes in sight, and the providers and orders that follow from it.
pub(super) fn load(tx: &mut (impl Reads + ?Sized), needs: &Needs, facts: &mut Facts) -> Result<(), StoreError> {
    let asked = &needs.statements;
    if asked.is_empty() {
        return Ok(());
    }
    let programme = facts.programme.no;
    facts.statements.last = tx.last_statement(programme)?;
    facts.statements.files = tx.issuer_files_among(programme, &asked.files)?;
    for order in tx.orders(programme)? {
        facts.orders.load(order.id, order);
    }
    let mut passes: BTreeSet<PassId> = asked.passes.clone();
    for month in &asked.months {
        for (number, redemption) in tx.redemptions_of_month(programme, *month)? {
            passes.extend(passes_of(&redemption));
            facts.redemptions.load(number, redemption);
        }
    }
    for (statement, number) in &asked.lines {
        let found = tx.statement_lines(programme, *statement, number.saturating_sub(1), 1)?;
        passes.extend(found.iter().filter(|line| line.number == *number).map(|line| line.pass));
    }
    let moved = tx.moves_of_passes(programme, &passes, i64::MAX)?;
    let positions = moved.into_iter().map(|(_, position)| position).collect();
    let numbers = tx.numbers_at(programme, &positions)?.into_iter().map(|(_, number)| number);
    let elsewhere = numbers.filter(|number| facts.redemptions.get(number).is_none()).collect();
    for (number, redemption) in tx.redemptions_among(programme, &elsewhere)? {
        facts.redemptions.load(number, redemption);
    }
    let redemptions = facts.redemptions.iter().filter(|(_, redemption)| !redemption.reversed);
    let spent = redemptions.flat_map(|(number, redemption)| passes_of(redemption).map(move |pass| (pass, number)));
    facts.statements.spent = spent.map(|(pass, number)| (pass, number.clone())).collect();
    for line in tx.statement_lines_of(&passes)? {
        facts.statements.lines.load((line.statement, line.number), line);
    }
    let of_lines = facts.statements.lines.iter().map(|((statement, _), _)| *statement);
    let numbers = of_lines.chain(asked.statements.iter().copied()).collect();
    for statement in tx.statements_among(programme, &numbers)? {
        facts.statements.statements.load(statement.number, statement);
    }
    let providers = facts.redemptions.iter().map(|(_, redemption)| redemption.provider);
    let mut providers: BTreeSet<_> = providers.collect();
    providers.retain(|provider| !facts.organisations.contains_key(provider));
    for provider in tx.organisations_among(&providers)? {
        facts.organisations.insert(provider.id, provider);
    }
    Ok(())
}

fn passes_of(redemption: &Redemption) -> impl Iterator<Item = PassId> + '_ {
    redemption.items.iter().filter_map(|item| item.pass())
}
