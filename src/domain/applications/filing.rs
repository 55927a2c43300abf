//! An application is filed, and completed: each time the situation shown is judged by the rules of the day. What never
//! lives here: the Region's decision.

use std::collections::BTreeSet;

use super::super::act::{Act, Context, age_band, hexadecimal, own_organisation};
use super::super::duplicates::Likenesses;
use super::super::eligibility::{Situation, Verdict};
use super::super::facts::{Facts, Needs};
use super::super::follow_up::{Consent, FollowUpRecord};
use super::super::handout::check_eligibility;
use super::super::ids::OrganisationId;
use super::super::movement::{Kind, Movement, Record};
use super::super::party::Role;
use super::super::refusal::{Code, Refusal};
use super::super::sex::Sex;
use super::super::short_code::ShortCode;
use super::super::stock::CodeMac;
use super::super::text::Reference;
use super::super::time::Day;
use super::{Application, ApplicationRecord, ApplicationState, Assessed, Channel, check_is_somebodys, known, not_open};

/// A person applies for a booklet.
#[derive(Debug, Clone)]
pub struct File {
    /// Of whoever asks: their own organisation's.
    pub office: ShortCode,
    pub reference: Reference,
    /// Keyed digest of what was sent.
    pub content: CodeMac,
    pub fingerprint: CodeMac,
    /// Keyed likenesses of the person, to notice who was typed otherwise before.
    pub likenesses: Likenesses,
    /// Salted commitment to the identity, for the receipt.
    pub commitment: CodeMac,
    /// What its salt was derived from and the dossier is closed under, to be kept until that has served.
    pub nonce: Option<CodeMac>,
    pub situation: Situation,
    /// What the person says of their sex, if anything.
    pub sex: Option<Sex>,
    /// The ground that is claimed; any that holds when none is named.
    pub ground: Option<String>,
    /// Passes of the booklet asked for; when not said half of the entitlement on the platform, all of it at a prescriber's.
    pub passes: Option<u32>,
    /// Name and address, closed.
    pub dossier: Vec<u8>,
    /// Where the person agrees to be reminded of a booklet that they do not start.
    pub follow_up: Option<Consent>,
    /// The Region: it reminds whoever applied through a machine.
    pub sponsor: OrganisationId,
}

/// What was missing is there.
#[derive(Debug, Clone)]
pub struct Complete {
    pub application: i64,
    pub office: ShortCode,
    /// Of the person, as filed.
    pub fingerprint: CodeMac,
    pub situation: Situation,
    pub ground: Option<String>,
}

/// What the rules of a day say of a situation.
fn assess(facts: &Facts, situation: &Situation, ground: Option<&str>, on: Day) -> Result<Assessed, Refusal> {
    let verdict = check_eligibility(&facts.rule_sets, situation, ground, on)?;
    let Verdict { eligible, ground, rule_version, proof_used, reasons, .. } = verdict;
    let mut missing: Vec<String> = Vec::new();
    for reason in reasons.into_iter().filter(|reason| !(eligible || reason.satisfied)) {
        // What several grounds ask for is missing once.
        if !missing.contains(&reason.code) {
            missing.push(reason.code);
        }
    }
    Ok(Assessed {
        on,
        rule_version,
        ground,
        proof_kind: proof_used.as_ref().map(|proof| proof.kind.clone()),
        proof_issued_on: proof_used.and_then(|proof| proof.issued_on),
        missing,
    })
}

/// Complete once a ground holds.
const fn state(assessed: &Assessed) -> ApplicationState {
    if assessed.ground.is_some() { ApplicationState::Complete } else { ApplicationState::Received }
}

impl File {
    /// One booklet of the whole entitlement, or one of half of it.
    fn passes(&self, facts: &Facts, channel: Channel) -> Result<i64, Refusal> {
        let whole = facts.programme.entitlement_passes;
        let half = whole / 2;
        let usual = match channel {
            Channel::Platform if whole.is_multiple_of(2) => half,
            Channel::Platform | Channel::Prescriber => whole,
        };
        let asked = self.passes.unwrap_or(usual);
        let offered = asked == whole || (asked > 0 && whole.is_multiple_of(2) && asked == half);
        // The one or the other, where the entitlement can be halved.
        let least = if whole.is_multiple_of(2) { half } else { whole };
        if offered { Ok(i64::from(asked)) } else { Err(Refusal::out_of_range("passes", least, whole)) }
    }

    /// Whoever filed for the person reminds them; a machine reminds nobody, so the Region does.
    fn agreed(&self, facts: &Facts, channel: Channel) -> Result<Option<FollowUpRecord>, Refusal> {
        let Some(consent) = self.follow_up.clone() else { return Ok(None) };
        let sponsor = || facts.organisations.get(&self.sponsor).ok_or(Refusal::new(Code::AccountDisabled));
        let office = match channel {
            Channel::Prescriber => self.office.clone(),
            Channel::Platform => sponsor()?.code.clone(),
        };
        Ok(Some(FollowUpRecord::Agreed { person: self.fingerprint, office, booklets: BTreeSet::new(), consent }))
    }

    /// The reference is new, the person has nothing under way, and booklets are given out these days.
    fn check_new(&self, facts: &Facts, context: &Context) -> Result<(), Refusal> {
        let mut all = facts.applications.known.iter().map(|(_, application)| application);
        let same = |known: &&Application| known.office == self.office && known.reference == self.reference;
        if let Some(known) = all.find(same) {
            let refusal = Refusal::new(Code::ApplicationKnown).field("external_reference");
            return Err(refusal.about("reference", &self.reference).about("application", known.number));
        }
        let everyone = facts.duplicates.everyone(&self.fingerprint);
        let mut theirs = everyone.iter().flat_map(|person| facts.applications.of(person));
        if theirs.any(|known| known.state.is_open()) {
            return Err(Refusal::new(Code::ApplicationOpen).field("applicant"));
        }
        let programme = &facts.programme;
        if programme.distribution_from <= context.day && context.day <= programme.distribution_until {
            return Ok(());
        }
        Err(Refusal::new(Code::DistributionClosed)
            .about("from", programme.distribution_from.french())
            .about("until", programme.distribution_until.french()))
    }
}

impl Act for File {
    fn kind(&self) -> Kind {
        Kind::Application
    }

    fn needs(&self, needs: &mut Needs) {
        needs.people.insert(self.fingerprint);
        needs.applications.people.insert(self.fingerprint);
        needs.applications.references.insert((self.office.clone(), self.reference.clone()));
        needs.applications.last = true;
        if self.follow_up.is_some() {
            needs.organisations.insert(self.sponsor);
        }
        needs.duplicates.ask(&self.fingerprint, &self.likenesses);
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        let own = own_organisation(facts, context)?;
        if own.code != self.office {
            return Err(Refusal::new(Code::AccountDisabled));
        }
        let channel = match context.actor.role {
            Role::Platform => Channel::Platform,
            _ => Channel::Prescriber,
        };
        facts.people_keys.check(&self.likenesses)?;
        self.check_new(facts, context)?;
        let passes = self.passes(facts, channel)?;
        let assessed = assess(facts, &self.situation, self.ground.as_deref(), context.day)?;
        let application = Application {
            number: facts.applications.last + 1,
            office: self.office.clone(),
            reference: self.reference.clone(),
            content: self.content,
            channel,
            fingerprint: self.fingerprint,
            age_band: age_band(self.situation.birth, context.day).to_owned(),
            commune: self.situation.commune.to_string(),
            sex: self.sex,
            received_on: context.day,
            passes,
            state: state(&assessed),
            state_on: context.day,
            assessed,
            reason: None,
            letter: None,
            filed_by: String::new(),
            last_receipt: String::new(),
        };
        let movement = told(&application, "received")
            .mention("commitment", hexadecimal(&self.commitment))
            .mention("channel", channel.as_str())
            .mention("passes_asked", passes)
            .mention_some("follow_up", self.follow_up.as_ref().map(|consent| consent.channel.as_str()));
        let filed = ApplicationRecord::Filed(Box::new(application), self.dossier.clone());
        let mut noticed = facts.duplicates.notice(&self.fingerprint, &self.likenesses, context.day);
        // Whoever files is told nothing: the Region is, before and when it accepts.
        noticed.doubtful = false;
        let agreed = self.agreed(facts, channel)?.map(Record::FollowUp);
        let movement = movement.record(Record::Applications(filed)).records(agreed.into_iter().collect());
        Ok(movement.committed(self.fingerprint, self.nonce).noticed(noticed))
    }
}

impl Act for Complete {
    fn kind(&self) -> Kind {
        Kind::Application
    }

    fn needs(&self, needs: &mut Needs) {
        needs.people.insert(self.fingerprint);
        needs.applications.numbers.insert(self.application);
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        own_organisation(facts, context)?;
        let application = known(facts, self.application, Some(&self.office))?;
        if application.state != ApplicationState::Received {
            return Err(not_open(application));
        }
        check_is_somebodys(application)?;
        let assessed = assess(facts, &self.situation, self.ground.as_deref(), context.day)?;
        let now = Application { assessed: assessed.clone(), ..application.becomes(state(&assessed), context) };
        Ok(told(&now, "completed").record(Record::Applications(ApplicationRecord::Changed(Box::new(now), 0))))
    }
}

/// What the acknowledgement of an application says.
fn told(application: &Application, step: &'static str) -> Movement {
    let Assessed { rule_version, ground, proof_kind, missing, .. } = &application.assessed;
    Movement::new(Kind::Application)
        .mention("application", application.number)
        .mention("step", step)
        .mention("complete", i64::from(application.state == ApplicationState::Complete))
        .mention("rule_version", rule_version.clone())
        .mention_some("ground", ground.clone())
        .mention_some("proof", proof_kind.clone())
        .mention_some("conditions_missing", (!missing.is_empty()).then(|| missing.join(" ")))
}
