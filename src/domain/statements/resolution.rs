//! Differences decided on, each by a person of the Region and for a reason: believed, or to be put right by the issuer or
//! by the venue. What never lives here: the putting right itself, which is a later statement or another act.

use std::collections::{BTreeMap, BTreeSet};

use super::super::act::{Act, Context, item_text};
use super::super::claims;
use super::super::facts::{Facts, Needs};
use super::super::ids::PassId;
use super::super::items::of_pass;
use super::super::movement::{Kind, Line, Movement, Record};
use super::super::named::named;
use super::super::party::Holder;
use super::super::refusal::{Code, Malformed, Refusal};
use super::super::text::Reference;
use super::{LineClass, LineStatus, StatementLine, StatementRecord, unknown};

/// Differences that one act may resolve.
const DIFFERENCES_PER_RESOLUTION: usize = 1_000;

named!(
    /// How a difference is resolved.
    Resolution, Malformed::Identifier, {
        /// As the issuer says: a pass that is spent is paid.
        Accepted => "accepted",
        /// The issuer puts it right: what it paid is claimed back from it, what it did not pay it pays. What it said of
        /// the pass counts no longer.
        IssuerCorrects => "issuer_corrects",
        /// The venue puts it right: it records what it did not, or has undone what it ought not to have recorded.
        VenueCorrects => "venue_corrects",
    }
);

named!(
    /// Why a difference is resolved so. A list, because a receipt holds no free text: people write names there.
    ResolutionReason, Malformed::Identifier, {
        /// What the issuer or the venue sent proves it.
        EvidenceSeen => "evidence_seen",
        /// The issuer says that it was mistaken.
        IssuerMistaken => "issuer_mistaken",
        /// The venue says that it was mistaken.
        VenueMistaken => "venue_mistaken",
        /// The venue recorded the service late.
        RecordedLate => "recorded_late",
        /// Nobody can prove anything, and the amount is not worth more work.
        Insignificant => "insignificant",
    }
);

/// Resolves differences of one statement.
#[derive(Debug, Clone)]
pub struct Resolve {
    pub statement: i64,
    /// By their numbers in the statement.
    pub differences: Vec<i64>,
    pub resolution: Resolution,
    pub reason: ResolutionReason,
    /// The letter or file that says more.
    pub reference: Option<Reference>,
}

impl Resolve {
    fn find<'f>(&self, facts: &'f Facts) -> Result<Vec<&'f StatementLine>, Refusal> {
        if self.differences.is_empty() {
            return Err(Refusal::new(Code::SelectionEmpty).field("differences"));
        }
        if self.differences.len() > DIFFERENCES_PER_RESOLUTION {
            return Err(Refusal::out_of_range("differences", 1, DIFFERENCES_PER_RESOLUTION));
        }
        let named: BTreeSet<i64> = self.differences.iter().copied().collect();
        if named.len() < self.differences.len() {
            return Err(Refusal::new(Code::DifferenceNamedTwice).field("differences"));
        }
        named.into_iter().map(|number| self.one(facts, number)).collect()
    }

    fn one<'f>(&self, facts: &'f Facts, number: i64) -> Result<&'f StatementLine, Refusal> {
        let about = |code: Code| {
            let refusal = Refusal::new(code).field("differences");
            refusal.about("difference", number).about("statement", self.statement)
        };
        let known = facts.statements.lines.get(&(self.statement, number)).filter(|line| line.class.is_difference());
        let line = known.ok_or_else(|| about(Code::DifferenceUnknown))?;
        if line.status != LineStatus::Open {
            return Err(about(Code::DifferenceClosed));
        }
        let holder = of_pass(facts, line.pass).map(|place| place.holder);
        if !line.class.admits(self.resolution, matches!(holder, Some(Holder::Provider(_)))) {
            let serial = item_text(facts, line.pass.item());
            return Err(about(Code::ResolutionImpossible).about("serial", serial));
        }
        Ok(line)
    }

    /// Where a resolved difference takes its pass: what is believed is paid, what was paid and is
    /// to be put right is owed again.
    fn way(&self, facts: &Facts, line: &StatementLine) -> Option<(Holder, Holder)> {
        let holder = of_pass(facts, line.pass)?.holder;
        match (line.class, self.resolution, holder) {
            (
                LineClass::NotRedeemed | LineClass::VenueDiffers | LineClass::AmountDiffers | LineClass::DayDiffers,
                Resolution::Accepted,
                Holder::Provider(code),
            ) => Some((Holder::Provider(code.clone()), Holder::Paid(code))),
            (
                LineClass::Disputed | LineClass::VenueDiffers | LineClass::AmountDiffers | LineClass::DayDiffers,
                Resolution::IssuerCorrects,
                Holder::Paid(code),
            ) => Some((Holder::Paid(code.clone()), Holder::Provider(code))),
            _ => None,
        }
    }

    fn lines(&self, facts: &Facts, resolved: &[&StatementLine]) -> Result<Vec<Line>, Refusal> {
        let mut moved: BTreeMap<(Holder, Holder), BTreeSet<PassId>> = BTreeMap::new();
        for line in resolved {
            if let Some(way) = self.way(facts, line) {
                moved.entry(way).or_default().insert(line.pass);
            }
        }
        let mut lines = Vec::new();
        for ((from, to), passes) in moved {
            lines.extend(claims::lines(facts, &passes.into_iter().collect::<Vec<_>>(), &from, &to)?);
        }
        Ok(lines)
    }

    /// What the issuer said of passes that their venues rightly dispute counts no longer.
    fn taken_back(&self, facts: &Facts, resolved: &[&StatementLine]) -> Vec<(i64, i64)> {
        let disputed = resolved.iter().filter(|line| line.class == LineClass::Disputed);
        let said = disputed.flat_map(|line| facts.statements.matched(self.statement, line.pass));
        let keys = said.map(StatementLine::key);
        if self.resolution == Resolution::IssuerCorrects { keys.collect() } else { Vec::new() }
    }
}

impl Act for Resolve {
    fn kind(&self) -> Kind {
        Kind::IssuerResolution
    }

    fn needs(&self, needs: &mut Needs) {
        needs.statements.statements.insert(self.statement);
        needs.statements.lines.extend(self.differences.iter().map(|number| (self.statement, *number)));
    }

    fn decide(&self, facts: &Facts, _: &Context) -> Result<Movement, Refusal> {
        let statement = facts.statements.statements.get(&self.statement).ok_or_else(|| unknown(self.statement))?;
        let resolved = self.find(facts)?;
        let lines = self.lines(facts, &resolved)?;
        let numbers: Vec<String> = resolved.iter().map(|line| line.number.to_string()).collect();
        let keys: Vec<(i64, i64)> = resolved.iter().map(|line| line.key()).collect();
        let taken_back = self.taken_back(facts, &resolved);
        let left = statement.open.saturating_sub(i64::try_from(keys.len()).unwrap_or(i64::MAX));
        let record = StatementRecord::Resolved(keys, self.resolution, taken_back);
        Ok(Movement::new(Kind::IssuerResolution)
            .mention("statement", self.statement)
            .mention("resolved", numbers.join(" "))
            .mention("resolution", self.resolution.as_str())
            .mention("reason", self.reason.as_str())
            .mention_some("reference", self.reference.as_ref())
            .mention("open_differences", left)
            .lines(lines)
            .record(Record::Statements(record)))
    }
}
