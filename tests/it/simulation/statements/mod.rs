//! Statements of an issuer that pays the venues itself, in the model: what was said of each pass, and what became of it.
//! What never lives here: why a request is refused.

mod judging;
mod reasons;
mod stage;
mod wish;
mod wishes;

use std::collections::{BTreeMap, BTreeSet};

use recepisse::domain::month::Month;
use recepisse::domain::statements::{LineClass, Resolution};

pub(super) use stage::act;
pub(super) use wish::{IssuerFile, Said, StatementWish};
pub(super) use wishes::wanted;

use super::model::Model;
use super::script::{At, Pass, Who};

/// How a line stands, as the ledger calls it.
const SETTLED: &str = "settled";
const OPEN: &str = "open";
const RESOLVED: &str = "resolved";
const CORRECTED: &str = "corrected";

#[derive(Debug, Clone)]
struct Kept {
    pass: Pass,
    /// Whose venue spent the pass.
    provider: Option<&'static str>,
    said: Option<Said>,
    class: LineClass,
    status: &'static str,
    resolution: Option<Resolution>,
}

impl Kept {
    const fn new(pass: Pass, provider: Option<&'static str>, said: Option<Said>, class: LineClass) -> Self {
        let agrees = matches!(class, LineClass::Matched | LineClass::Unchanged);
        Self { pass, provider, said, class, status: if agrees { SETTLED } else { OPEN }, resolution: None }
    }

    /// Whether it is still said.
    fn stands(&self) -> bool {
        let taken_back = self.resolution == Some(Resolution::IssuerCorrects);
        self.status != CORRECTED && self.class != LineClass::Unchanged && !taken_back
    }
}

/// Statements by place, from 1, and their lines by statement and number.
#[derive(Debug, Clone, Default)]
pub(super) struct Statements {
    /// Month, and the last number of a line.
    kept: Vec<(Month, i64)>,
    lines: BTreeMap<(i64, i64), Kept>,
    marks: BTreeSet<u32>,
}

/// Class and status of each line, as a ledger keeps them.
pub(super) type Lines = BTreeMap<(i64, i64), (String, String)>;

fn place(statement: i64) -> Option<usize> {
    usize::try_from(statement.checked_sub(1)?).ok()
}

impl Statements {
    fn month(&self, statement: i64) -> Option<Month> {
        self.kept.get(place(statement)?).map(|(month, _)| *month)
    }

    fn of_pass(&self, pass: Pass) -> impl Iterator<Item = (&(i64, i64), &Kept)> {
        self.lines.iter().filter(move |(_, line)| line.pass == pass)
    }

    /// What agrees with the ledger in a statement.
    fn matched(&self, statement: i64, pass: Pass) -> Vec<(i64, i64)> {
        let agrees = |line: &Kept| line.class == LineClass::Matched && line.status == SETTLED;
        let of_statement = self.of_pass(pass).filter(|((of, _), line)| *of == statement && agrees(line));
        of_statement.map(|(key, _)| *key).collect()
    }

    /// How far what the ledger keeps of statements ought to be.
    pub(super) fn lines(&self) -> Lines {
        let told = |line: &Kept| (line.class.to_string(), line.status.to_owned());
        self.lines.iter().map(|(key, line)| (*key, told(line))).collect()
    }
}

impl Model {
    pub(super) fn grant_statement(&mut self, who: Who, wish: &StatementWish) {
        match wish {
            StatementWish::Import(file) => self.take_statement(file),
            StatementWish::Dispute { statement, passes } => {
                let statements = &mut self.statements;
                let last = &mut statements.kept[place(*statement).unwrap()].1;
                for pass in passes {
                    *last += 1;
                    let line = Kept::new(*pass, Some(who.office), None, LineClass::Disputed);
                    statements.lines.insert((*statement, *last), line);
                }
            }
            StatementWish::Resolve { statement, differences, resolution } => {
                for number in differences {
                    self.resolve((*statement, *number), *resolution);
                }
            }
        }
    }

    fn take_statement(&mut self, file: &IssuerFile) {
        let number = i64::try_from(self.statements.kept.len()).unwrap() + 1;
        let judged = self.judge(file).unwrap();
        let absent = self.absent(file);
        let mut last = 0;
        for (line, judged) in (2_i64..).zip(judged) {
            if judged.line.class == LineClass::Matched
                && let Some(At::Provider(provider)) = self.alone.get(&judged.line.pass).copied()
            {
                self.move_passes(&[judged.line.pass], At::Paid(provider));
            }
            for key in judged.corrects {
                self.statements.lines.get_mut(&key).unwrap().status = CORRECTED;
            }
            self.statements.lines.insert((number, line), judged.line);
            last = line;
        }
        for line in absent {
            last += 1;
            self.statements.lines.insert((number, last), line);
        }
        self.statements.kept.push((file.month, last));
        self.statements.marks.insert(file.mark);
    }

    /// What is believed is paid; what the issuer is to put right is owed again.
    fn resolve(&mut self, key: (i64, i64), resolution: Resolution) {
        let line = self.statements.lines.get_mut(&key).unwrap();
        (line.status, line.resolution) = (RESOLVED, Some(resolution));
        let (pass, class) = (line.pass, line.class);
        let differs = matches!(class, LineClass::VenueDiffers | LineClass::AmountDiffers | LineClass::DayDiffers);
        match (resolution, self.alone.get(&pass).copied()) {
            (Resolution::Accepted, Some(At::Provider(of))) if differs || class == LineClass::NotRedeemed => {
                self.move_passes(&[pass], At::Paid(of));
            }
            (Resolution::IssuerCorrects, Some(At::Paid(of))) if differs || class == LineClass::Disputed => {
                self.move_passes(&[pass], At::Provider(of));
            }
            _ => {}
        }
        if resolution == Resolution::IssuerCorrects && class == LineClass::Disputed {
            for matched in self.statements.matched(key.0, pass) {
                self.statements.lines.get_mut(&matched).unwrap().status = CORRECTED;
            }
        }
    }
}
