//! Statements and differences as the receipts up to a position tell them. What never lives here: a table of the store.

use std::collections::BTreeMap;

use super::super::question::mention;
use super::super::reconciliation::each_body;
use crate::domain::money::Cents;
use crate::domain::movement::Kind;
use crate::domain::statements::{LineClass, LineStatus, Said};
use crate::domain::time::Day;
use crate::receipts::Body;
use crate::store::{Reads, StoreError, Window};

const KINDS: &[Kind] = &[Kind::IssuerStatement, Kind::IssuerDispute, Kind::IssuerResolution];

/// The four counters of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counter {
    /// Paid by the issuer what the ledger says.
    Matched,
    /// Paid by the issuer, and not to be paid: never spent, out of use, unknown, or paid already.
    Unrecognised,
    /// Spent, and not paid by the issuer: it does not say so, or the venue denies it.
    Unpaid,
    /// Paid by the issuer for another amount, venue or day.
    Otherwise,
}

impl Counter {
    /// Every counter, in the order of a document.
    pub const ALL: [Self; 4] = [Self::Matched, Self::Unrecognised, Self::Unpaid, Self::Otherwise];

    /// The counter of a class; none for what was said before.
    #[must_use]
    pub const fn of(class: LineClass) -> Option<Self> {
        match class {
            LineClass::Matched => Some(Self::Matched),
            LineClass::Unchanged => None,
            LineClass::NotRedeemed | LineClass::NotPayable | LineClass::PaidTwice => Some(Self::Unrecognised),
            LineClass::Absent | LineClass::Disputed => Some(Self::Unpaid),
            LineClass::VenueDiffers | LineClass::AmountDiffers | LineClass::DayDiffers => Some(Self::Otherwise),
        }
    }

    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::Unrecognised => "unrecognised",
            Self::Unpaid => "unpaid",
            Self::Otherwise => "otherwise",
        }
    }

    /// In French.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Matched => "Concordants : payés par l'émetteur, utilisés au registre",
            Self::Unrecognised => "Payés par l'émetteur, non reconnus au registre",
            Self::Unpaid => "Utilisés au registre, non payés par l'émetteur",
            Self::Otherwise => "Payés pour un autre montant, lieu ou jour",
        }
    }
}

/// How a pass was spent, says the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spent {
    /// Number of the receipt.
    pub number: String,
    pub venue: String,
    pub performed_on: Option<Day>,
}

/// A difference up to a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DifferenceStory {
    pub number: i64,
    pub class: LineClass,
    pub serial: String,
    /// What the issuer says it has paid that nothing else of the statement says: 0 for what a venue disputes, which agreed before.
    pub cents: i64,
    /// Code of the provider; empty where the ledger knows none.
    pub provider: String,
    /// The issuer's own words, and the ledger's, where they were asked for.
    pub said: Option<Said>,
    pub spent: Option<Spent>,
    pub status: LineStatus,
    pub resolution: Option<String>,
    pub reason: Option<String>,
    pub reference: Option<String>,
    /// When it was resolved or corrected, and by which receipt.
    pub decided_on: Option<Day>,
    pub decided_by: Option<String>,
    /// What the venue says of it, where it disputes.
    pub dispute: Option<String>,
}

impl DifferenceStory {
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.status == LineStatus::Open
    }

    /// Whether the ledger says that the pass was spent.
    #[must_use]
    pub const fn is_spent(&self) -> bool {
        !self.provider.is_empty()
    }
}

/// A statement up to a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementStory {
    pub number: i64,
    pub receipt: String,
    /// Code of the issuer.
    pub issuer: String,
    pub month: String,
    pub corrects: Option<i64>,
    pub file_hash: String,
    /// Lines of the file, those that agree, and those that were said before.
    pub lines: i64,
    pub matched: i64,
    pub unchanged: i64,
    pub stated: Cents,
    /// What a pass is worth.
    pub face: Cents,
    /// In order of number.
    pub differences: Vec<DifferenceStory>,
    /// The last position of the journal that counts, and the hash there.
    pub position: i64,
    pub head: String,
}

/// What a counter says: passes, cents by the issuer and by the ledger, and differences that are open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    pub passes: i64,
    pub issuer_cents: i64,
    pub ledger_cents: i64,
    pub open: i64,
}

impl StatementStory {
    /// What one of the counters says.
    #[must_use]
    pub fn counted(&self, counter: Counter) -> Counted {
        let face = self.face.get();
        if counter == Counter::Matched {
            let cents = self.matched.saturating_mul(face);
            return Counted { passes: self.matched, issuer_cents: cents, ledger_cents: cents, open: 0 };
        }
        let own = self.differences.iter().filter(|difference| Counter::of(difference.class) == Some(counter));
        own.fold(Counted::default(), |sum, difference| Counted {
            passes: sum.passes.saturating_add(1),
            issuer_cents: sum.issuer_cents.saturating_add(difference.cents),
            ledger_cents: sum.ledger_cents.saturating_add(if counter == Counter::Unrecognised { 0 } else { face }),
            open: sum.open.saturating_add(difference.is_open().into()),
        })
    }

    /// Differences that nobody has decided on.
    #[must_use]
    pub fn open(&self) -> i64 {
        i64::try_from(self.differences.iter().filter(|difference| difference.is_open()).count()).unwrap_or(i64::MAX)
    }
}

/// All of them; the differences of a statement stand beside it.
#[derive(Debug, Default)]
pub(super) struct Stories {
    pub(super) statements: BTreeMap<i64, StatementStory>,
    /// By statement and number.
    pub(super) differences: BTreeMap<(i64, i64), DifferenceStory>,
}

/// Reads every receipt of statements in the window.
pub(super) fn stories(tx: &mut dyn Reads, window: Window) -> Result<Stories, StoreError> {
    let mut stories = Stories::default();
    each_body(tx, window, KINDS, |body| stories.take(body))?;
    Ok(stories)
}

fn said(body: &Body, name: &str) -> Option<String> {
    Some(mention(body, name)).filter(|text| !text.is_empty())
}

impl Stories {
    fn take(&mut self, body: &Body) -> Result<(), StoreError> {
        let statement = body.mentioned_number("statement").unwrap_or_default();
        match Kind::parse(&body.kind)? {
            Kind::IssuerStatement => {
                self.statements.insert(statement, made(body, statement));
                for key in mention(body, "corrected").split("; ").filter_map(|key| key.split_once('/')) {
                    if let (Ok(statement), Ok(line)) = (key.0.parse(), key.1.parse()) {
                        self.close((statement, line), LineStatus::Corrected, body)?;
                    }
                }
                self.list(body, statement, None)
            }
            Kind::IssuerDispute => self.list(body, statement, said(body, "reason").as_deref()),
            _ => {
                let numbers = mention(body, "resolved");
                let mut numbers = numbers.split(' ').filter_map(|number| number.parse().ok());
                numbers.try_for_each(|number| self.close((statement, number), LineStatus::Resolved, body))
            }
        }
    }

    fn list(&mut self, body: &Body, statement: i64, dispute: Option<&str>) -> Result<(), StoreError> {
        for part in mention(body, "differences").split("; ").filter(|part| !part.is_empty()) {
            let words: Vec<&str> = part.split(' ').collect();
            let [number, class, serial, cents, provider] = words.as_slice() else { continue };
            let (Ok(number), Ok(cents)) = (number.parse(), cents.parse()) else { continue };
            let difference = DifferenceStory {
                number,
                class: LineClass::parse(class)?,
                serial: (*serial).to_owned(),
                cents,
                provider: if *provider == "-" { String::new() } else { (*provider).to_owned() },
                said: None,
                spent: None,
                status: LineStatus::Open,
                resolution: None,
                reason: None,
                reference: None,
                decided_on: None,
                decided_by: None,
                dispute: dispute.map(str::to_owned),
            };
            self.differences.insert((statement, number), difference);
        }
        Ok(())
    }

    fn close(&mut self, key: (i64, i64), status: LineStatus, body: &Body) -> Result<(), StoreError> {
        let Some(difference) = self.differences.get_mut(&key) else { return Ok(()) };
        difference.status = status;
        difference.decided_on = Some(Day::parse(&body.day)?);
        difference.decided_by = Some(body.number.clone());
        if status == LineStatus::Resolved {
            difference.resolution = said(body, "resolution");
            difference.reason = said(body, "reason");
            difference.reference = said(body, "reference");
        }
        Ok(())
    }
}

fn made(body: &Body, statement: i64) -> StatementStory {
    let count = |name: &str| body.mentioned_number(name).unwrap_or_default();
    StatementStory {
        number: statement,
        receipt: body.number.clone(),
        issuer: mention(body, "issuer_code"),
        month: mention(body, "month"),
        corrects: body.mentioned_number("corrects_statement"),
        file_hash: mention(body, "file_hash"),
        lines: count("statement_lines"),
        matched: count("matched_passes"),
        unchanged: count("unchanged_lines"),
        stated: Cents::new(count("stated_cents")),
        face: Cents::new(body.face_cents),
        differences: Vec::new(),
        position: body.position,
        head: String::new(),
    }
}
