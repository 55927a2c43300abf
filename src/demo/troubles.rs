//! What goes wrong, on purpose: each refusal that matters is met once, and must be the one expected.

use std::collections::BTreeSet;

use super::DemoError;
use super::people::{Ground, Person};
use super::stage::{Stage, mentioned};
use super::story::{Owner, Story};
use crate::domain::custody::{Selection, SendBooklets};
use crate::domain::handout::{GrantException, HandOut};
use crate::domain::ids::BookletId;
use crate::domain::party::{Holder, Service};
use crate::domain::people_key::FIRST;
use crate::domain::redemption::Redeem;
use crate::domain::refusal::Code;
use crate::domain::supply::{Activate, PlaceOrder};
use crate::domain::territory::CommuneCode;
use crate::domain::text::{Label, Reference};
use crate::domain::visit::Visit;
use crate::people;

/// The same order again, and one whose funding does not add up.
pub(super) fn ordering(stage: &mut Stage, story: &Story, purchase: &PlaceOrder) -> Result<(), DemoError> {
    stage.refuse(Code::OrderNumberTaken, &story.admin, purchase.clone())?;
    let mut lopsided = PlaceOrder { number: Reference::parse("BC-0")?, ..purchase.clone() };
    lopsided.funding.pop();
    stage.refuse(Code::FundingSharesWrong, &story.admin, lopsided)
}

/// A desk in a hurry, and a venue too: nothing is worth its value yet.
pub(super) fn before_activation(stage: &mut Stage, story: &mut Story) -> Result<(), DemoError> {
    let person = story.newcomer(stage, 0)?;
    let desk = story.desk(0)?;
    let (caller, booklet) = (desk.body.caller.clone(), desk.custody.first().copied());
    let act = story.hand_out(stage, &person, booklet.into_iter().collect());
    stage.refuse(Code::NotActivated, &caller, act)?;
    let pass = BookletId::new(story.programme.no, 100).pass(1);
    let act = redeem(stage, story, 0, vec![stage.code(pass)])?;
    stage.refuse(Code::NotActivated, &story.at(0)?.caller, act)
}

/// The same activation twice; a pass that is still in the store; a damaged one.
pub(super) fn after_activation(stage: &mut Stage, story: &Story) -> Result<(), DemoError> {
    let payment_order = Reference::parse("2204-4418")?;
    let again = Activate { order: story.order.clone(), payment_order };
    stage.refuse(Code::OrderAlreadyActivated, &story.finance, again)?;
    let caller = story.at(0)?.caller.clone();
    for (booklet, code) in [(299, Code::NotHandedOut), (17, Code::Blocked)] {
        let pass = BookletId::new(story.programme.no, booklet).pass(1);
        let act = redeem(stage, story, 0, vec![stage.code(pass)])?;
        stage.refuse(code, &caller, act)?;
    }
    Ok(())
}

/// People who are not entitled, or no more; booklets that are not there, or too many.
pub(super) fn at_desks(stage: &mut Stage, story: &mut Story, index: usize) -> Result<(), DemoError> {
    let owner = story.owners.first().cloned().ok_or(DemoError::Unexpected("bénéficiaire"))?;
    let elsewhere = usize::from(owner.desk == 0);
    let there = story.desk(elsewhere)?;
    let caller = there.body.caller.clone();
    let booklet = *there.custody.last().ok_or(DemoError::Unexpected("carnet"))?;
    let other = *story.desk(2)?.custody.first().ok_or(DemoError::Unexpected("carnet"))?;
    not_eligible(stage, story, elsewhere, booklet)?;
    let act = story.hand_out(stage, &owner.person, vec![booklet]);
    stage.refuse(Code::EntitlementExhausted, &caller, act.clone())?;
    let newcomer = story.newcomer(stage, elsewhere)?;
    let elsewhere_held = story.hand_out(stage, &newcomer, vec![other]);
    stage.refuse(Code::BookletNotHeld, &caller, elsewhere_held)?;
    ceilings(stage, story)?;
    grant_exception(stage, story, (index, elsewhere), (owner, act))
}

/// Lives in Reims; is 40 and shows nothing; shows an attestation of five months.
fn not_eligible(stage: &mut Stage, story: &mut Story, desk: usize, booklet: BookletId) -> Result<(), DemoError> {
    let caller = story.desk(desk)?.body.caller.clone();
    let today = stage.today();
    let maubeuge = CommuneCode::parse("59392")?;
    let refuse = |stage: &mut Stage, act: HandOut| stage.refuse(Code::NotEligible, &caller, act);
    let far = Person::invent(&stage.dice, 1_001, Ground::Senior, CommuneCode::parse("51454")?, today)?;
    let act = story.hand_out(stage, &far, vec![booklet]);
    refuse(stage, act)?;
    let seeker = Person::invent(&stage.dice, 1_002, Ground::JobSeeker, maubeuge, today)?;
    let mut act = story.hand_out(stage, &seeker, vec![booklet]);
    for proof in &mut act.situation.proofs {
        proof.issued_on = proof.issued_on.map(|day| day.minus_months(5));
    }
    refuse(stage, act.clone())?;
    act.situation.statuses = BTreeSet::new();
    act.situation.proofs.retain(|proof| proof.kind != "job_seeker_attestation");
    refuse(stage, act)
}

/// More than a mandate allows, more than there is, and to a prescriber without a mandate.
fn ceilings(stage: &mut Stage, story: &Story) -> Result<(), DemoError> {
    let last = story.desks.len().saturating_sub(1);
    let tries = [
        (last.saturating_sub(1), 40, Code::MandateCeilingExceeded),
        (1, 9_999, Code::NotEnoughBooklets),
        (last, 5, Code::NoMandateInForce),
    ];
    for (desk, booklets, code) in tries {
        let to = story.desk(desk)?.body.organisation.id;
        let booklets = Selection::Count { booklets, order: None };
        let act = SendBooklets { to, booklets, carrier_reference: None, from: Holder::Store };
        stage.refuse(code, &story.admin, act)?;
    }
    Ok(())
}

/// The Region lets one person have a second booklet: the first burnt with the house.
fn grant_exception(
    stage: &mut Stage,
    story: &mut Story,
    (index, desk): (usize, usize),
    (owner, act): (Owner, HandOut),
) -> Result<(), DemoError> {
    let fingerprint = people::fingerprint(stage.keys.people(), FIRST, &story.programme.code, &owner.person.identity);
    let reason = Label::parse("Carnet détruit dans un sinistre déclaré, attestation vue")?;
    let granted = stage.grant(&story.admin.clone(), GrantException { fingerprint, passes: 10, reason })?;
    stage.later(300);
    let exception = Some(mentioned(&granted, "exception"));
    let caller = story.desk(desk)?.body.caller.clone();
    let receipt = stage.grant(&caller, HandOut { exception, ..act })?;
    for booklet in stage.booklets(&receipt, None) {
        if let Some(desk) = story.desks.get_mut(desk) {
            desk.custody.retain(|held| *held != booklet);
        }
        story.owns(stage, index, Owner { desk, booklet, ..owner.clone() });
    }
    Ok(())
}

/// Passes that are spent, unknown or shown twice; a place that is not approved; services that are not paid.
pub(super) fn at_venues(stage: &mut Stage, story: &Story) -> Result<(), DemoError> {
    let fresh = story.untouched().ok_or(DemoError::Unexpected("carnet"))?.booklet.pass(1);
    let fresh = stage.code(fresh);
    let spent = story.last.as_ref().ok_or(DemoError::Unexpected("utilisation"))?;
    let spent = stage.code(spent.booklet.pass(spent.rank));
    let unknown = stage.dice.nonce();
    for (codes, code) in [
        (vec![fresh, spent], Code::AlreadyRedeemed),
        (vec![unknown], Code::CodeUnknown),
        (vec![fresh, fresh], Code::CodeRepeated),
    ] {
        let act = redeem(stage, story, 0, codes)?;
        stage.refuse(code, &story.at(0)?.caller, act)?;
    }
    let closed = (0..story.places.len()).find(|place| story.at(*place).is_ok_and(|place| !place.venue.approved));
    let closed = closed.unwrap_or_default();
    let act = redeem(stage, story, closed, vec![fresh])?;
    stage.refuse(Code::VenueNotApproved, &story.at(closed)?.caller, act)?;
    for (service, code) in [(Service::Access, Code::ServiceNotPayable), (Service::Leisure, Code::ServiceNotOffered)] {
        let act = Redeem { service, ..redeem(stage, story, 0, vec![fresh])? };
        stage.refuse(code, &story.at(0)?.caller, act)?;
    }
    let early = stage.today().minus_months(4);
    let act = Redeem { performed_on: early, ..redeem(stage, story, 0, vec![fresh])? };
    stage.refuse(Code::PerformedBeforeHandOut, &story.at(0)?.caller, act)
}

fn redeem(
    stage: &Stage,
    story: &Story,
    place: usize,
    codes: Vec<crate::domain::stock::CodeMac>,
) -> Result<Redeem, DemoError> {
    let venue = story.at(place)?.venue.id;
    let service = Service::EverydayTools;
    Ok(Redeem { venue, codes, service, performed_on: stage.today(), performed_in: None, visit: Visit::default() })
}

impl Story {
    fn at(&self, place: usize) -> Result<&super::cast::Place, DemoError> {
        self.places.get(place).ok_or(DemoError::Unexpected("lieu"))
    }
}
