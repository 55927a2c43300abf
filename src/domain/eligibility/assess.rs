//! The judgement itself: a walk over the conditions that keeps a reason for each one that counted. What never
//! lives here: the words, which are [`super::sentences`]'.

use super::rules::{Age, Condition, Document, Edition, Ground, PlaceList, Proof, ProofKind, ResidesIn, Status};
use super::sentences;
use super::situation::{Reason, ShownProof, Situation, Unassessable, Verdict};
use crate::domain::territory::{self, Commune, CommuneCode};
use crate::domain::time::Day;

/// Beyond, a birth date is a typing error.
const OLDEST: i32 = 120;

/// Everything a condition is judged on.
pub(super) struct Question<'a> {
    pub(super) rules: &'a Document,
    pub(super) situation: &'a Situation,
    pub(super) asked: Option<&'a str>,
    pub(super) on: Day,
    /// In whole years, 0 to 120.
    pub(super) age: i32,
    /// Where the person lives, by today's communes: two for a former commune that was split, none if unknown.
    pub(super) places: Vec<Commune>,
}

/// The answer of one condition.
struct Answer<'a> {
    satisfied: bool,
    reasons: Vec<Reason>,
    ground: Option<&'a Ground>,
    proof: Option<(Weight, ShownProof)>,
}

/// Which proof says most about the ground.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    Residence,
    Age,
    Status,
}

/// What became of the proofs that a condition lists.
pub(super) enum Shown<'a> {
    /// None is asked.
    NotAsked,
    Accepted(&'a ProofKind, ShownProof),
    Refused(&'a Proof, &'a ShownProof, Flaw),
    Nothing,
}

/// Why a proof of the right kind does not count.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    TooOld(Day),
    InFuture(Day),
    Undated,
}

pub(super) fn verdict(
    rules: &Document,
    situation: &Situation,
    asked: Option<&str>,
    on: Day,
) -> Result<Verdict, Unassessable> {
    let age = on.age_of_birth(situation.birth);
    if situation.birth > on {
        return Err(Unassessable::BirthInFuture);
    }
    if age > OLDEST {
        return Err(Unassessable::BirthTooLongAgo);
    }
    if let Some(code) = asked
        && !rules.rule.grounds().iter().any(|ground| ground.code == code)
    {
        return Err(Unassessable::UnknownGround(code.to_owned()));
    }
    let places = territory::today(&situation.commune);
    let question = Question { rules, situation, asked, on, age, places };
    let answer = question.answer(&rules.rule, None);
    let summary = sentences::summary(&question, answer.satisfied, answer.ground, &answer.reasons);
    let ground = answer.ground.filter(|_| answer.satisfied);
    Ok(Verdict {
        eligible: answer.satisfied,
        ground: ground.map(|ground| ground.code.clone()),
        ground_label: ground.map(|ground| ground.label.on(on).to_owned()),
        rule_version: rules.version.clone(),
        proof_used: answer.proof.filter(|_| answer.satisfied).map(|(_, proof)| proof),
        reasons: answer.reasons,
        summary,
    })
}

impl<'a> Question<'a> {
    fn answer(&self, condition: &'a Condition, ground: Option<&'a Ground>) -> Answer<'a> {
        match condition {
            Condition::All(parts) => together(parts.iter().map(|part| self.answer(part, ground)).collect()),
            Condition::Any(parts) => self.best(parts, ground),
            Condition::ResidesIn(places) => self.residence(places, ground),
            Condition::Age(age) => self.ages(age, ground),
            Condition::Status(status) => self.status(status, ground),
            Condition::Without(status) => self.without(status, ground),
            Condition::Ground(within) => {
                let answer = self.answer(&within.condition, Some(within));
                Answer { ground: answer.satisfied.then_some(within), ..answer }
            }
        }
    }

    /// The part that holds, the ground asked for before the others; else every part that could have helped.
    fn best(&self, parts: &'a [Condition], ground: Option<&'a Ground>) -> Answer<'a> {
        let is_asked = |found: &Ground| self.asked.is_some_and(|asked| found.code == asked);
        let mut holding = Vec::new();
        let mut failing = Vec::new();
        for part in parts {
            let answer = self.answer(part, ground);
            if answer.satisfied {
                holding.push(answer);
            } else {
                failing.push((part.grounds().into_iter().any(is_asked), answer));
            }
        }
        let kept = holding.iter().position(|answer| answer.ground.is_some_and(is_asked)).unwrap_or(0);
        if let Some(answer) = holding.into_iter().nth(kept) {
            return answer;
        }
        let narrow = failing.iter().any(|(asked, _)| *asked);
        let useful = failing.into_iter().filter(|(asked, _)| *asked || !narrow).map(|(_, answer)| answer);
        let mut useful: Vec<Answer<'a>> = useful.collect();
        // Grounds are told apart by their names; other alternatives have to say that they are.
        for answer in useful.iter_mut().skip(1).filter(|answer| answer.reasons.iter().all(|it| same(it, ground))) {
            if let Some(missing) = answer.reasons.iter_mut().find_map(|reason| reason.missing.as_mut()) {
                *missing = sentences::alternative(missing);
            }
        }
        Answer { satisfied: false, ..together(useful) }
    }

    fn residence(&self, wanted: &'a ResidesIn, ground: Option<&'a Ground>) -> Answer<'a> {
        let covers = |place: &Commune| covers(self.rules, wanted, (self.situation.commune, place), self.on);
        let inside = (!self.places.is_empty() && self.places.iter().all(covers)) || self.in_neighbourhood(wanted);
        let shown = self.shown(&wanted.proofs);
        let (asked, seen, missing) = sentences::residence(self, wanted, inside, &shown);
        leaf("residence", Weight::Residence, ground, shown, Judged { holds: inside, asked, seen, missing })
    }

    fn in_neighbourhood(&self, wanted: &ResidesIn) -> bool {
        let Some(own) = &self.situation.neighbourhood else { return false };
        editions(self.rules, wanted, self.on).any(|edition| edition.neighbourhoods.contains(own))
    }

    fn ages(&self, wanted: &'a Age, ground: Option<&'a Ground>) -> Answer<'a> {
        let old_enough = wanted.from.is_none_or(|from| i32::from(from) <= self.age);
        let young_enough = wanted.to.is_none_or(|to| self.age <= i32::from(to));
        let shown = self.shown(&wanted.proofs);
        let (asked, seen, missing) = sentences::age(self, wanted, &shown);
        leaf("age", Weight::Age, ground, shown, Judged { holds: old_enough && young_enough, asked, seen, missing })
    }

    fn status(&self, wanted: &'a Status, ground: Option<&'a Ground>) -> Answer<'a> {
        let declared = self.declares(wanted);
        let shown = self.shown(&wanted.proofs);
        let (asked, seen, missing) = sentences::status(self, wanted, declared, &shown);
        let holds = declared || !wanted.proofs.is_empty();
        leaf(&wanted.code, Weight::Status, ground, shown, Judged { holds, asked, seen, missing })
    }

    fn without(&self, wanted: &'a Status, ground: Option<&'a Ground>) -> Answer<'a> {
        let declared = self.declares(wanted);
        let (asked, seen, missing) = sentences::without(self, wanted, declared);
        leaf(&wanted.code, Weight::Status, ground, Shown::NotAsked, Judged { holds: !declared, asked, seen, missing })
    }

    fn declares(&self, status: &Status) -> bool {
        let names = |code: &str| self.situation.statuses.contains(code);
        names(&status.code) || status.aliases.iter().any(|alias| names(alias))
    }

    /// The first shown proof that is accepted, in the order of the rule; else the least wrong one.
    fn shown(&self, accepted: &'a [Proof]) -> Shown<'a> {
        if accepted.is_empty() {
            return Shown::NotAsked;
        }
        let mut refused = None;
        for proof in accepted {
            let Some(kind) = self.rules.proof_kinds.iter().find(|kind| kind.code == proof.kind) else { continue };
            let same = |shown: &&ShownProof| kind.code == shown.kind || kind.aliases.contains(&shown.kind);
            for shown in self.situation.proofs.iter().filter(same) {
                match self.flaw(proof, shown) {
                    None => {
                        let kept = ShownProof { kind: kind.code.clone(), issued_on: shown.issued_on };
                        return Shown::Accepted(kind, kept);
                    }
                    Some(flaw) => refused = refused.or(Some(Shown::Refused(proof, shown, flaw))),
                }
            }
        }
        refused.unwrap_or(Shown::Nothing)
    }

    fn flaw(&self, proof: &Proof, shown: &ShownProof) -> Option<Flaw> {
        match (shown.issued_on, proof.max_age_months) {
            (Some(issued), _) if issued > self.on => Some(Flaw::InFuture(issued)),
            (Some(issued), Some(months)) if issued <= self.on.minus_months(months.into()) => Some(Flaw::TooOld(issued)),
            (None, Some(_)) => Some(Flaw::Undated),
            _ => None,
        }
    }
}

/// Whether a place of today lies within the territory wanted; `stated` is the commune as it was said, which may be a former one.
pub(super) fn covers(rules: &Document, wanted: &ResidesIn, (stated, place): (CommuneCode, &Commune), on: Day) -> bool {
    let listed = |codes: &[String], code: &str| codes.iter().any(|listed| listed == code);
    let mut communes = wanted.communes.iter().chain(editions(rules, wanted, on).flat_map(|edition| &edition.communes));
    listed(&wanted.regions, place.region)
        || listed(&wanted.departments, place.department)
        || place.epci.is_some_and(|siren| listed(&wanted.epcis, siren))
        || communes.any(|code| {
            *code == place.code
                || Some(*code) == place.commune
                || *code == stated
                || territory::successors(code).iter().any(|successor| successor.code == place.code)
        })
}

/// The editions of the lists that a condition names, as they are on a day.
pub(super) fn editions<'a>(rules: &'a Document, wanted: &'a ResidesIn, on: Day) -> impl Iterator<Item = &'a Edition> {
    let named = |list: &&PlaceList| wanted.lists.contains(&list.code);
    rules.lists.iter().filter(named).filter_map(move |list| list.on(on))
}

/// Whether a reason belongs to the ground around the condition at hand, not to one inside it.
fn same(reason: &Reason, ground: Option<&Ground>) -> bool {
    reason.ground.as_ref() == ground.map(|ground| &ground.code)
}

/// A condition's own test, before its proofs, and its sentences.
struct Judged {
    holds: bool,
    asked: String,
    seen: String,
    missing: Option<String>,
}

fn leaf<'a>(code: &str, weight: Weight, ground: Option<&'a Ground>, shown: Shown<'a>, judged: Judged) -> Answer<'a> {
    let (proven, proof) = match shown {
        Shown::NotAsked => (true, None),
        Shown::Accepted(_, proof) => (true, Some((weight, proof))),
        Shown::Refused(..) | Shown::Nothing => (false, None),
    };
    let reason = Reason {
        code: code.to_owned(),
        ground: ground.map(|ground| ground.code.clone()),
        satisfied: judged.holds && proven,
        asked: judged.asked,
        shown: judged.seen,
        missing: judged.missing,
    };
    Answer { satisfied: reason.satisfied, reasons: vec![reason], ground: None, proof }
}

/// All of them: the first ground, the weightiest proof, every reason.
fn together(answers: Vec<Answer<'_>>) -> Answer<'_> {
    let mut whole = Answer { satisfied: true, reasons: Vec::new(), ground: None, proof: None };
    for answer in answers {
        whole.satisfied &= answer.satisfied;
        whole.reasons.extend(answer.reasons);
        whole.ground = whole.ground.or(answer.ground);
        whole.proof = match (whole.proof, answer.proof) {
            (Some(kept), Some(next)) if next.0 > kept.0 => Some(next),
            (kept, next) => kept.or(next),
        };
    }
    whole
}
