//! What acts on statements may know, and how a granted one changes it. Loaded only when an act asks. What never lives
//! here: a rule, or a query.

use std::collections::{BTreeMap, BTreeSet};

use super::super::facts::Table;
use super::super::ids::PassId;
use super::super::month::Month;
use super::{IssuerStatement, LineClass, LineStatus, Resolution, StatementLine};

/// What an act asks to know of statements.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatementNeeds {
    /// Hashes of files that may have been taken in before.
    pub files: BTreeSet<String>,
    /// Every line that was ever said of these passes, and what spent them.
    pub passes: BTreeSet<PassId>,
    /// What was spent in these months, with every line that was said of it.
    pub months: BTreeSet<Month>,
    /// Statements by number.
    pub statements: BTreeSet<i64>,
    /// Lines by statement and number, with what else is said of their passes.
    pub lines: BTreeSet<(i64, i64)>,
}

impl StatementNeeds {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self == &Self::default()
    }
}

/// What acts know of statements.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatementFacts {
    /// The last number given.
    pub last: i64,
    pub statements: Table<i64, IssuerStatement>,
    /// By statement and number.
    pub lines: Table<(i64, i64), StatementLine>,
    /// Those of the hashes asked about that are taken.
    pub files: BTreeSet<String>,
    /// The number of the redemption that spent each pass, unless it was undone.
    pub spent: BTreeMap<PassId, String>,
}

/// What there is to write down of statements besides the lines of a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatementRecord {
    /// A new statement, its lines and differences, and those of earlier ones that it corrects.
    Taken(Box<IssuerStatement>, Vec<StatementLine>, Vec<(i64, i64)>),
    /// New differences of a statement: a venue disputes them.
    Disputed(Vec<StatementLine>),
    /// Differences of a statement, resolved so, and lines that are taken back with them.
    Resolved(Vec<(i64, i64)>, Resolution, Vec<(i64, i64)>),
}

impl StatementFacts {
    /// Every line that was said of each pass, in order.
    #[must_use]
    pub fn by_pass(&self) -> BTreeMap<PassId, Vec<&StatementLine>> {
        let mut by_pass: BTreeMap<PassId, Vec<&StatementLine>> = BTreeMap::new();
        for (_, line) in self.lines.iter() {
            by_pass.entry(line.pass).or_default().push(line);
        }
        by_pass
    }

    /// Takes a granted record in, so that the next act of the group sees it. `receipt` is the number of its receipt.
    pub fn write_down(&mut self, record: &StatementRecord, receipt: &str) {
        match record {
            StatementRecord::Taken(statement, lines, corrected) => {
                self.last = statement.number;
                self.files.insert(statement.file_hash.clone());
                self.statements.set(statement.number, (**statement).clone());
                for line in lines {
                    self.lines.set(line.key(), line.clone());
                }
                self.close(corrected, LineStatus::Corrected, None, receipt);
            }
            StatementRecord::Disputed(lines) => {
                for line in lines {
                    self.lines.set(line.key(), line.clone());
                    self.statements.change(&line.statement, |statement| {
                        statement.last_line = statement.last_line.max(line.number);
                        statement.open = statement.open.saturating_add(1);
                    });
                }
            }
            StatementRecord::Resolved(resolved, resolution, taken_back) => {
                self.close(resolved, LineStatus::Resolved, Some(*resolution), receipt);
                self.close(taken_back, LineStatus::Corrected, None, receipt);
            }
        }
    }

    fn close(&mut self, keys: &[(i64, i64)], status: LineStatus, resolution: Option<Resolution>, receipt: &str) {
        for key in keys {
            let mut was_open = false;
            self.lines.change(key, |line| {
                was_open = line.status == LineStatus::Open;
                line.status = status;
                line.resolution = resolution.or(line.resolution);
                line.closed_by = Some(receipt.to_owned());
            });
            if was_open {
                self.statements.change(&key.0, |statement| statement.open = statement.open.saturating_sub(1));
            }
        }
    }

    /// The lines of a statement that say what the ledger says of a pass, or are not disputed any more.
    pub(super) fn matched(&self, statement: i64, pass: PassId) -> impl Iterator<Item = &StatementLine> {
        let of_statement = self.lines.range((statement, 0)..=(statement, i64::MAX));
        of_statement.filter(move |line| {
            line.pass == pass && line.class == LineClass::Matched && line.status == LineStatus::Settled
        })
    }
}
