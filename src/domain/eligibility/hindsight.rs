//! What decisions of the past would have been by other rules, from the little that is kept of them: an age band, a commune, a
//! ground, one proof. What never lives here: a guess. What was not kept and may decide is said to be undetermined.

use super::RuleSet;
use super::assess::{covers, editions};
use super::rules::{Age, Condition, Document, Proof, ResidesIn, Status};
use super::situation::ShownProof;
use crate::domain::territory::{self, CommuneCode, NeighbourhoodCode};
use crate::domain::time::Day;

/// What is kept of a decision that gave somebody the right to passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptDecision {
    pub day: Day,
    /// In whole years on that day, both ends included.
    pub ages: (u8, u8),
    pub commune: CommuneCode,
    pub neighbourhood: Option<NeighbourhoodCode>,
    pub ground: String,
    /// The proof that carried the ground. Those of residence and identity are not kept, and taken for shown.
    pub proof: Option<ShownProof>,
}

/// A decision seen again by other rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hindsight {
    /// The person would have the right all the same.
    Still,
    /// What is kept does not say: an age within the band, a situation that nobody asked about.
    Undetermined,
    /// The person would not.
    Lost,
}

impl RuleSet {
    /// What a kept decision would have been by these rules on its own day. `earlier` are the rules it was made by: what its
    /// ground required was then so. The codes are those of the conditions that are not met, or may not be: `residence`,
    /// `age`, or a status.
    #[must_use]
    pub fn in_hindsight<'r>(&'r self, kept: &'r KeptDecision, earlier: Option<&'r Self>) -> (Hindsight, Vec<&'r str>) {
        let document = self.document();
        let earlier = earlier.map(Self::document);
        let grounds = earlier.map(|document| document.rule.grounds()).unwrap_or_default();
        let required = grounds.into_iter().find(|ground| ground.code == kept.ground);
        let certain = required.map(|ground| certain(&ground.condition)).unwrap_or_default();
        SecondLook { document, decision: kept, certain }.seen(&document.rule)
    }
}

/// The situations without which a condition is not met.
fn certain(condition: &Condition) -> Vec<&Status> {
    match condition {
        Condition::All(parts) => parts.iter().flat_map(certain).collect(),
        Condition::Any(parts) => {
            let mut ways = parts.iter().map(certain);
            let first = ways.next().unwrap_or_default();
            ways.fold(first, |common, way| {
                common.into_iter().filter(|it| way.iter().any(|same| same.code == it.code)).collect()
            })
        }
        Condition::Status(status) => vec![status],
        Condition::Ground(ground) => certain(&ground.condition),
        Condition::ResidesIn(_) | Condition::Age(_) | Condition::Without(_) => Vec::new(),
    }
}

/// One decision under one document.
struct SecondLook<'a> {
    document: &'a Document,
    decision: &'a KeptDecision,
    certain: Vec<&'a Status>,
}

impl<'a> SecondLook<'a> {
    fn seen(&self, condition: &'a Condition) -> (Hindsight, Vec<&'a str>) {
        let leaf = |seen: Hindsight, code: &'a str| (seen, if seen == Hindsight::Still { vec![] } else { vec![code] });
        match condition {
            Condition::All(parts) => {
                let answers: Vec<_> = parts.iter().map(|part| self.seen(part)).collect();
                let worst = answers.iter().map(|(seen, _)| *seen).max().unwrap_or(Hindsight::Still);
                // What is lost for a sure reason is not owed to an unsure one.
                let codes = answers.into_iter().filter(|(seen, _)| *seen == worst).flat_map(|(_, codes)| codes);
                (worst, codes.collect())
            }
            Condition::Any(parts) => {
                let answers: Vec<_> = parts.iter().map(|part| self.seen(part)).collect();
                let best = answers.iter().map(|(seen, _)| *seen).min().unwrap_or(Hindsight::Lost);
                let codes = answers.into_iter().filter(|(seen, _)| *seen == best).flat_map(|(_, codes)| codes);
                (best, if best == Hindsight::Still { Vec::new() } else { codes.collect() })
            }
            Condition::Ground(ground) => self.seen(&ground.condition),
            Condition::ResidesIn(places) => leaf(self.residence(places), "residence"),
            Condition::Age(age) => leaf(self.age(age), "age"),
            Condition::Status(status) => leaf(self.status(status), &status.code),
            Condition::Without(status) if self.is_certain(status) => (Hindsight::Lost, vec![&status.code]),
            Condition::Without(status) => (Hindsight::Undetermined, vec![&status.code]),
        }
    }

    fn residence(&self, wanted: &ResidesIn) -> Hindsight {
        let KeptDecision { day, commune, neighbourhood, .. } = self.decision;
        let places = territory::today(commune);
        let covered = |place: &territory::Commune| covers(self.document, wanted, (*commune, place), *day);
        if !places.is_empty() && places.iter().all(covered) {
            return Hindsight::Still;
        }
        let mut listed = editions(self.document, wanted, *day).flat_map(|edition| &edition.neighbourhoods).peekable();
        match neighbourhood {
            Some(own) if listed.any(|code| code == own) => Hindsight::Still,
            // Nobody asked then.
            None if listed.peek().is_some() => Hindsight::Undetermined,
            _ => Hindsight::Lost,
        }
    }

    fn age(&self, wanted: &Age) -> Hindsight {
        let (youngest, oldest) = self.decision.ages;
        let (from, to) = (wanted.from.unwrap_or(0), wanted.to.unwrap_or(u8::MAX));
        if from <= youngest && oldest <= to {
            Hindsight::Still
        } else if oldest < from || to < youngest {
            Hindsight::Lost
        } else {
            Hindsight::Undetermined
        }
    }

    fn status(&self, wanted: &Status) -> Hindsight {
        let proven = self.decision.proof.as_ref().map(|shown| self.proves(&wanted.proofs, shown));
        match proven.flatten() {
            Some(true) => Hindsight::Still,
            // What was shown would no longer do.
            Some(false) => Hindsight::Lost,
            None if wanted.proofs.is_empty() && self.is_certain(wanted) => Hindsight::Still,
            None => Hindsight::Undetermined,
        }
    }

    /// Whether what was shown would do; none where it is another kind of proof.
    fn proves(&self, accepted: &[Proof], shown: &ShownProof) -> Option<bool> {
        let is = |proof: &&Proof| {
            let kind = self.document.proof_kinds.iter().find(|kind| kind.code == proof.kind);
            kind.is_some_and(|kind| kind.code == shown.kind || kind.aliases.contains(&shown.kind))
        };
        let proof = accepted.iter().find(is)?;
        let fresh =
            |months: u8| shown.issued_on.is_some_and(|issued| issued > self.decision.day.minus_months(months.into()));
        Some(proof.max_age_months.is_none_or(fresh))
    }

    fn is_certain(&self, wanted: &Status) -> bool {
        let names = |status: &Status, code: &str| status.code == code || status.aliases.iter().any(|it| it == code);
        self.certain.iter().any(|sure| names(wanted, &sure.code) || sure.aliases.iter().any(|it| names(wanted, it)))
    }
}
