//! The venue's own word: passes that the issuer says it has paid, and that the provider says it was not paid for. What
//! never lives here: who is right.

use std::collections::BTreeSet;

use super::super::act::{Act, Context, item_text, own_organisation};
use super::super::facts::{Facts, Needs};
use super::super::ids::PassId;
use super::super::movement::{Kind, Movement, Record};
use super::super::named::named;
use super::super::refusal::{Code, Malformed, Refusal};
use super::super::text::Reference;
use super::{LineClass, LineStatus, StatementLine, StatementRecord, listed, unknown};

/// Passes that one act may dispute.
const PASSES_PER_DISPUTE: usize = 1_000;

named!(
    /// What a venue says of passes that the issuer says it has paid.
    DisputeReason, Malformed::Identifier, {
        /// Nothing came.
        NotReceived => "not_received",
        /// Another amount came.
        OtherAmount => "other_amount",
    }
);

/// Disputes passes of one statement, all of them spent at the provider's own venues.
#[derive(Debug, Clone)]
pub struct Dispute {
    pub statement: i64,
    pub passes: Vec<PassId>,
    pub reason: DisputeReason,
    /// The letter or file that says more.
    pub reference: Option<Reference>,
}

impl Act for Dispute {
    fn kind(&self) -> Kind {
        Kind::IssuerDispute
    }

    fn needs(&self, needs: &mut Needs) {
        needs.statements.statements.insert(self.statement);
        needs.statements.passes.extend(&self.passes);
        needs.passes.extend(&self.passes);
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        let own = own_organisation(facts, context)?;
        let statement = facts.statements.statements.get(&self.statement).ok_or_else(|| unknown(self.statement))?;
        if self.passes.is_empty() {
            return Err(Refusal::new(Code::SelectionEmpty).field("passes"));
        }
        if self.passes.len() > PASSES_PER_DISPUTE {
            return Err(Refusal::out_of_range("passes", 1, PASSES_PER_DISPUTE));
        }
        let (mut seen, mut lines) = (BTreeSet::new(), Vec::new());
        for (pass, number) in self.passes.iter().zip(statement.last_line.saturating_add(1)..) {
            let about = |code: Code| {
                let serial = item_text(facts, pass.item());
                Refusal::new(code).field("passes").about("serial", serial).about("statement", self.statement)
            };
            if !seen.insert(*pass) {
                return Err(about(Code::PassNamedTwice));
            }
            let mut matched = facts.statements.matched(self.statement, *pass);
            if !matched.any(|line| line.provider.as_ref() == Some(&own.code)) {
                return Err(about(Code::PassNotInStatement));
            }
            let disputed = |line: &StatementLine| {
                line.pass == *pass && line.class == LineClass::Disputed && line.status == LineStatus::Open
            };
            if facts.statements.lines.iter().any(|(_, line)| disputed(line)) {
                return Err(about(Code::DisputedAlready));
            }
            lines.push(StatementLine {
                statement: self.statement,
                number,
                pass: *pass,
                provider: Some(own.code.clone()),
                said: None,
                class: LineClass::Disputed,
                status: LineStatus::Open,
                resolution: None,
                closed_by: None,
            });
        }
        let open = statement.open.saturating_add(i64::try_from(lines.len()).unwrap_or(i64::MAX));
        let serial = |pass: PassId| item_text(facts, pass.item());
        Ok(Movement::new(Kind::IssuerDispute)
            .mention("statement", self.statement)
            .mention("provider", &own.name)
            .mention("provider_code", &own.code)
            .mention("reason", self.reason.as_str())
            .mention_some("reference", self.reference.as_ref())
            .mention_some("differences", listed(lines.iter(), serial))
            .mention("open_differences", open)
            .record(Record::Statements(StatementRecord::Disputed(lines))))
    }
}
