//! Hand-out: a prescriber gives booklets to an eligible person, at most the entitlement per person and
//! programme; a second role may grant an exception. What never lives here: a name. The person is a keyed
//! fingerprint and the receipt carries a salted commitment.

use super::act::{
    Act, Context, Refused, RefusedHandOut, age_band, booklet_lines, find_booklets, hexadecimal, own_organisation,
    serial,
};
use super::custody::basis;
use super::duplicates::Likenesses;
use super::eligibility::{RuleSet, Situation, Unassessable, Verdict, in_force};
use super::entitlement::{Channels, Wish};
use super::facts::{Facts, Needs};
use super::follow_up::{Consent, FollowUpRecord};
use super::ids::BookletId;
use super::movement::{Exception, HandOut as Kept, Kind, Movement, Record};
use super::orientation::Orientation;
use super::party::Holder;
use super::refusal::{Code, Refusal};
use super::sex::Sex;
use super::stock::{Booklet, CodeMac};
use super::text::Label;

/// Gives booklets to a person (R3).
#[derive(Debug, Clone)]
pub struct HandOut {
    /// Keyed fingerprint of the normalised identity.
    pub fingerprint: CodeMac,
    /// Keyed likenesses of the person, to notice who was typed otherwise before.
    pub likenesses: Likenesses,
    /// Salted commitment to the identity, for the receipt; the salt is on the printed paper only.
    pub commitment: CodeMac,
    /// What its salt was derived from, to be kept until the person is erased.
    pub nonce: Option<CodeMac>,
    pub situation: Situation,
    /// The ground that the agent names; any that holds when none is named.
    pub ground: Option<String>,
    pub booklets: Vec<BookletId>,
    /// What the person says of their sex, if anything.
    pub sex: Option<Sex>,
    /// Where the person is told to go, where the programme wants to know.
    pub orientation: Option<Orientation>,
    /// Number of the exception that covers what exceeds the entitlement.
    pub exception: Option<i64>,
    /// Where the person agrees to be reminded of what they do not start.
    pub follow_up: Option<Consent>,
}

impl HandOut {
    fn choose<'f>(&self, facts: &'f Facts, holder: &Holder) -> Result<Vec<&'f Booklet>, Refusal> {
        let booklets = find_booklets(facts, &self.booklets)?;
        for booklet in &booklets {
            let about = |code: Code| Refusal::new(code).field("booklets").about("serial", serial(facts, booklet.id));
            if &booklet.holder != holder {
                return Err(about(Code::BookletNotHeld));
            }
            check_order(facts, booklet)?;
        }
        Ok(booklets)
    }
}

/// Booklets are given out once their order is activated, and not while that is suspended.
pub(super) fn check_order(facts: &Facts, booklet: &Booklet) -> Result<(), Refusal> {
    let order = facts.order_of(booklet).filter(|order| order.activation.is_some());
    let inactive = || Refusal::new(Code::NotActivated).field("booklets").about("serial", serial(facts, booklet.id));
    let order = order.ok_or_else(inactive)?;
    if order.suspended.hand_outs {
        return Err(Refusal::new(Code::HandOutsSuspended).field("booklets").about("order", &order.number));
    }
    Ok(())
}

/// The distribution window of the programme and the printed validity of each booklet.
pub(super) fn check_window(facts: &Facts, context: &Context, booklets: &[&Booklet]) -> Result<(), Refusal> {
    let programme = &facts.programme;
    let last = booklets
        .iter()
        .filter_map(|booklet| facts.order_of(booklet))
        .map(|order| order.validity_end)
        .fold(programme.distribution_until, std::cmp::min);
    if programme.distribution_from <= context.day && context.day <= last {
        return Ok(());
    }
    Err(Refusal::new(Code::DistributionClosed)
        .about("from", programme.distribution_from.french())
        .about("until", last.french()))
}

/// Judges a situation by the rules in force on the day, without writing anything.
///
/// # Errors
/// [`Code::RuleSetMissing`], [`Code::BirthDateImpossible`], [`Code::GroundUnknown`], [`Code::ProofUnknown`] or
/// [`Code::StatusUnknown`].
pub fn check_eligibility(
    rule_sets: &[RuleSet],
    situation: &Situation,
    ground: Option<&str>,
    context_day: super::time::Day,
) -> Result<Verdict, Refusal> {
    let missing = || Refusal::new(Code::RuleSetMissing).about("date", context_day.french());
    let rules = in_force(rule_sets, context_day).ok_or_else(missing)?;
    check_proofs(rules, situation)?;
    check_statuses(rules, situation)?;
    rules.evaluate(situation, ground, context_day).map_err(|error| match error {
        Unassessable::BirthInFuture | Unassessable::BirthTooLongAgo => {
            Refusal::new(Code::BirthDateImpossible).field("beneficiary.birth_date")
        }
        Unassessable::UnknownGround(_) => Refusal::new(Code::GroundUnknown)
            .field("ground")
            .about("ground", ground.unwrap_or_default().chars().take(40).collect::<String>()),
    })
}

/// A proof that the rules do not know is a typing error of the counter, not a missing document.
fn check_proofs(rules: &RuleSet, situation: &Situation) -> Result<(), Refusal> {
    let kinds = &rules.document().proof_kinds;
    let known = |proof: &str| kinds.iter().any(|kind| kind.code == proof || kind.aliases.iter().any(|a| a == proof));
    if situation.proofs.iter().all(|proof| known(&proof.kind)) {
        return Ok(());
    }
    let codes: Vec<&str> = kinds.iter().map(|kind| kind.code.as_str()).collect();
    Err(Refusal::new(Code::ProofUnknown).field("proofs").about("known", codes.join(", ")))
}

/// The same of what the person declares: unnoticed, it would turn somebody away who has the right.
fn check_statuses(rules: &RuleSet, situation: &Situation) -> Result<(), Refusal> {
    if situation.statuses.iter().all(|declared| rules.knows_status(declared)) {
        return Ok(());
    }
    let refusal = Refusal::new(Code::StatusUnknown).field("statuses");
    let known = rules.statuses();
    Err(if known.is_empty() {
        refusal.about("known", "aucune").about("known_in_english", "none")
    } else {
        refusal.about("known", known.join(", "))
    })
}

impl Act for HandOut {
    fn kind(&self) -> Kind {
        Kind::HandOut
    }

    fn needs(&self, needs: &mut Needs) {
        needs.own_mandate = true;
        needs.booklets.extend(&self.booklets);
        needs.people.insert(self.fingerprint);
        needs.applications.people.insert(self.fingerprint);
        needs.applications.rules = true;
        needs.exceptions.extend(self.exception);
        needs.duplicates.ask(&self.fingerprint, &self.likenesses);
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        let prescriber = own_organisation(facts, context)?;
        needs_custody(prescriber, context)?;
        let mandate = basis(facts, prescriber, context.day)?;
        check_training(facts, context)?;
        if facts.applications.rules.orientation_required && self.orientation.is_none() {
            return Err(Refusal::new(Code::OrientationMissing).field("orientation"));
        }
        let holder = Holder::Prescriber(prescriber.code.clone());
        let booklets = self.choose(facts, &holder)?;
        check_window(facts, context, &booklets)?;
        facts.people_keys.check(&self.likenesses)?;
        let verdict = check_eligibility(&facts.rule_sets, &self.situation, self.ground.as_deref(), context.day)?;
        if !verdict.eligible {
            return Err(not_eligible(&verdict));
        }
        let no_ground = || Refusal::new(Code::RuleSetMissing).about("date", context.day.french());
        let ground = verdict.ground.clone().ok_or_else(no_ground)?;
        let lines = booklet_lines(facts, &booklets, &Holder::Circulation)?;
        let passes = lines.iter().map(|line| line.passes).sum();
        let wish = Wish { person: &self.fingerprint, passes, exception: self.exception };
        let exception = wish.check(facts, Channels::BesideApplications)?;
        let orders = || booklets.iter().filter_map(|booklet| facts.order_of(booklet));
        let validity_end = orders().map(|order| order.validity_end).min();
        let grace_end = orders().map(|order| order.grace_end).min();
        let proof = verdict.proof_used.as_ref();
        let kept = Kept {
            fingerprint: self.fingerprint,
            ground,
            rule_version: verdict.rule_version.clone(),
            proof_kind: proof.map(|proof| proof.kind.clone()),
            proof_issued_on: proof.and_then(|proof| proof.issued_on),
            age_band: age_band(self.situation.birth, context.day),
            commune: self.situation.commune.to_string(),
            neighbourhood: self.situation.neighbourhood,
            sex: self.sex,
            orientation: self.orientation,
            booklets: i64::try_from(booklets.len()).unwrap_or(i64::MAX),
            passes,
        };
        let movement = Movement::new(Kind::HandOut)
            .mention("basis", mandate.title())
            .mention("commitment", hexadecimal(&self.commitment))
            .mention("ground", kept.ground.clone())
            .mention("rule_version", kept.rule_version.clone())
            .mention_some("proof", kept.proof_kind.clone())
            .mention_some("validity_end", validity_end)
            .mention_some("grace_end", grace_end)
            .mention_some("exception", exception)
            .mention_some("follow_up", self.follow_up.as_ref().map(|consent| consent.channel.as_str()))
            .lines(lines);
        let movement = match exception {
            Some(number) => movement.record(Record::ExceptionUsed(number)),
            None => movement,
        };
        let agreed = self.follow_up.clone().map(|consent| FollowUpRecord::Agreed {
            person: self.fingerprint,
            office: prescriber.code.clone(),
            booklets: booklets.iter().map(|booklet| booklet.id).collect(),
            consent,
        });
        let movement = movement.records(agreed.map(Record::FollowUp).into_iter().collect());
        let noticed = facts.duplicates.notice(&self.fingerprint, &self.likenesses, context.day);
        Ok(movement.record(Record::HandedOut(kept)).committed(self.fingerprint, self.nonce).noticed(noticed))
    }

    /// Who was sent away for want of the right is counted: the Region asks why people leave with nothing.
    fn refused(&self, _facts: &Facts, refusal: &Refusal) -> Option<Refused> {
        let told = |name: &str| refusal.detail(name).unwrap_or_default().to_owned();
        match refusal.code {
            Code::NotEligible => Some(Refused::HandOut(RefusedHandOut {
                rule_version: told("rule_version"),
                lacking: told("lacking").split(' ').map(str::to_owned).collect(),
            })),
            Code::EntitlementExhausted => Some(Refused::HandOut(RefusedHandOut {
                rule_version: String::new(),
                lacking: vec!["entitlement".to_owned()],
            })),
            _ => None,
        }
    }
}

/// The rules said no: what they lack, in words and by code.
fn not_eligible(verdict: &Verdict) -> Refusal {
    let mut lacking: Vec<&str> = Vec::new();
    for reason in verdict.reasons.iter().filter(|reason| !reason.satisfied) {
        if !lacking.contains(&reason.code.as_str()) {
            lacking.push(&reason.code);
        }
    }
    Refusal::new(Code::NotEligible)
        .field("beneficiary")
        .about("summary", &verdict.summary)
        .about("lacking", lacking.join(" "))
        .about("rule_version", &verdict.rule_version)
}

/// Where the programme asks for it, whoever hands out was trained.
pub(super) fn check_training(facts: &Facts, context: &Context) -> Result<(), Refusal> {
    let trained_on = facts.trainings.get(&context.actor.user).copied();
    if facts.applications.rules.is_trained(trained_on, context.day) {
        return Ok(());
    }
    Err(Refusal::new(Code::TrainingMissing).about("date", context.day.french()))
}

fn needs_custody(prescriber: &super::party::Organisation, context: &Context) -> Result<(), Refusal> {
    if prescriber.kinds.contains(&super::party::OrganisationKind::Prescriber) {
        return Ok(());
    }
    Err(Refusal::new(Code::NoMandateInForce).about("name", &prescriber.name).about("date", context.day.french()))
}

/// A second role lets one person receive more than the entitlement, once, for a reason.
#[derive(Debug, Clone)]
pub struct GrantException {
    pub fingerprint: CodeMac,
    /// How many passes beyond the entitlement, 1 to 99.
    pub passes: u8,
    pub reason: Label,
}

impl Act for GrantException {
    fn kind(&self) -> Kind {
        Kind::Exception
    }

    fn needs(&self, needs: &mut Needs) {
        needs.people.insert(self.fingerprint);
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        own_organisation(facts, context)?;
        if !(1..=99).contains(&self.passes) {
            return Err(Refusal::out_of_range("passes", 1, 99));
        }
        let exception = Exception {
            number: facts.counters.exception + 1,
            fingerprint: self.fingerprint,
            passes: i64::from(self.passes),
            reason: self.reason.clone(),
            granted_by: context.actor.user,
            granted_on: context.day,
            used: false,
        };
        Ok(Movement::new(Kind::Exception)
            .mention("exception", exception.number)
            .mention("passes_granted", exception.passes)
            .record(Record::ExceptionGranted(exception)))
    }
}
