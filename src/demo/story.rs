//! What any programme lives through: order, deliveries, dispatches, then day after day hand-outs and visits. The
//! refusals that chance brings are part of it; those that are staged are in `troubles`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::DemoError;
use super::cast::{Body, Place};
use super::people::{Ground, Person};
use super::stage::{Asked, Stage, mentioned};
use crate::auth::Caller;
use crate::domain::acceptance::Accept;
use crate::domain::custody::{Selection, SendBooklets};
use crate::domain::facts::Pick;
use crate::domain::handout::HandOut;
use crate::domain::ids::{BookletId, OrganisationId};
use crate::domain::money::Cents;
use crate::domain::party::{Holder, Service};
use crate::domain::people_key::FIRST;
use crate::domain::programme::{FundingShare, Programme};
use crate::domain::redemption::Redeem;
use crate::domain::supply::{Activate, PlaceOrder, TakeDelivery};
use crate::domain::territory::{Commune, CommuneCode, commune};
use crate::domain::text::{Label, Reference};
use crate::domain::time::Day;
use crate::issuing;
use crate::ledger::Outcome;
use crate::people;
use crate::receipts::Receipt;
use crate::store::StoreError;

/// Seconds between the morning's hand-outs and the visits of the same day.
const UNTIL_VISITS: i64 = 3 * 60 * 60;

/// A prescriber in the story.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) body: Body,
    /// The booklets in its custody.
    pub(super) custody: Vec<BookletId>,
}

impl Desk {
    pub(super) fn holder(&self) -> Holder {
        Holder::Prescriber(self.body.organisation.code.clone())
    }
}

/// A visit to come.
#[derive(Debug, Clone, Copy)]
struct Visit {
    booklet: BookletId,
    passes: u8,
    place: usize,
}

/// A redemption that was granted.
#[derive(Debug, Clone)]
pub(super) struct Spent {
    pub(super) number: String,
    pub(super) by: Caller,
    pub(super) booklet: BookletId,
    pub(super) rank: u8,
}

/// A booklet in somebody's hands.
#[derive(Debug, Clone)]
pub(super) struct Owner {
    pub(super) person: Person,
    pub(super) desk: usize,
    pub(super) booklet: BookletId,
}

/// One programme and where it stands.
#[derive(Debug)]
pub(super) struct Story {
    pub(super) programme: Programme,
    pub(super) admin: Caller,
    pub(super) finance: Caller,
    pub(super) order: Reference,
    /// Passes of a booklet.
    pub(super) size: u8,
    pub(super) desks: Vec<Desk>,
    pub(super) places: Vec<Place>,
    /// Where people live.
    pub(super) communes: Vec<Commune>,
    pub(super) owners: Vec<Owner>,
    /// The last redemption of the day.
    pub(super) last: Option<Spent>,
    invented: usize,
    visits: BTreeMap<usize, Vec<Visit>>,
    /// Ranks spent, by booklet.
    spent: BTreeMap<BookletId, u8>,
}

impl Story {
    pub(super) fn new(
        programme: Programme,
        (admin, finance): (Caller, Caller),
        (order, size): (Reference, u8),
        (prescribers, places): (Vec<Body>, Vec<Place>),
        communes: Vec<Commune>,
    ) -> Self {
        let desks = prescribers.into_iter().map(|body| Desk { body, custody: Vec::new() }).collect();
        Self {
            programme,
            admin,
            finance,
            order,
            size,
            desks,
            places,
            communes,
            owners: Vec::new(),
            last: None,
            invented: 0,
            visits: BTreeMap::new(),
            spent: BTreeMap::new(),
        }
    }

    /// The order as the Region places it: 60 % State, 40 % Region, fees of four percent.
    pub(super) fn purchase(
        &self,
        issuer: OrganisationId,
        booklets: u32,
        ordered_on: Day,
        validity_end: Day,
    ) -> Result<PlaceOrder, DemoError> {
        let face = self.programme.face_value;
        let passes = i64::from(booklets).saturating_mul(i64::from(self.size));
        let fees = face.times(passes).unwrap_or(Cents::ZERO).get() / 25;
        let share = |funder: &str, basis_points| {
            Ok::<_, DemoError>(FundingShare { funder: Label::parse(funder)?, basis_points })
        };
        Ok(PlaceOrder {
            number: self.order.clone(),
            ordered_on,
            issuer,
            booklets,
            passes_per_booklet: self.size,
            face_value: face,
            fees: Cents::new(fees),
            funding: vec![share("État", 6_000)?, share("Région Hauts-de-France", 4_000)?],
            validity_end,
        })
    }

    /// One delivery, all booklets of which are generated here.
    pub(super) fn deliver(
        &self,
        stage: &mut Stage,
        note: &str,
        numbers: &[u32],
        (missing, damaged): (&[u32], &[u32]),
    ) -> Result<Arc<Receipt>, DemoError> {
        let nonce = stage.dice.nonce();
        let no = self.programme.no;
        let ids = |numbers: &[u32]| numbers.iter().map(|number| BookletId::new(no, *number)).collect::<Vec<_>>();
        let received = issuing::new_booklets(&stage.keys, &nonce, no, numbers.iter().copied(), self.size);
        stage.printed(numbers.iter().copied(), nonce);
        let delivery = TakeDelivery {
            order: self.order.clone(),
            delivered_on: stage.today(),
            note: Reference::parse(note)?,
            received,
            missing: ids(missing),
            damaged: ids(damaged),
            print_nonce: Some(nonce),
        };
        stage.grant(&self.admin, delivery)
    }

    pub(super) fn activate(&self, stage: &mut Stage, payment_order: &str) -> Result<Arc<Receipt>, DemoError> {
        let payment_order = Reference::parse(payment_order)?;
        stage.grant(&self.finance, Activate { order: self.order.clone(), payment_order })
    }

    /// Sends booklets from the store to a desk, which has not accepted them yet; the number of the dispatch.
    pub(super) fn send(&self, stage: &mut Stage, desk: usize, booklets: Selection) -> Result<i64, DemoError> {
        let to = self.desk(desk)?.body.organisation.id;
        let carrier_reference = Some(Reference::parse(&format!("LS-{}-{:04}", self.programme.code, desk + 1))?);
        let act = SendBooklets { to, booklets, carrier_reference, from: Holder::Store };
        let receipt = stage.grant(&self.admin, act)?;
        Ok(mentioned(&receipt, "dispatch"))
    }

    /// The desk counts what came and accepts it, save what it names.
    pub(super) fn accept(
        &mut self,
        stage: &mut Stage,
        desk: usize,
        dispatch: i64,
        (missing, damaged): (Vec<BookletId>, Vec<BookletId>),
    ) -> Result<(), DemoError> {
        let in_transit = in_transit(stage, &self.programme, dispatch)?;
        let at = self.desk(desk)?;
        let act = Accept { dispatch, in_transit, accepted: None, missing, damaged, receiver: at.holder() };
        let receipt = stage.grant(&at.body.caller.clone(), act)?;
        let accepted = stage.booklets(&receipt, Some("prescriber:"));
        if let Some(desk) = self.desks.get_mut(desk) {
            desk.custody.extend(accepted);
        }
        Ok(())
    }

    pub(super) fn desk(&self, desk: usize) -> Result<&Desk, DemoError> {
        self.desks.get(desk).ok_or(DemoError::Unexpected("guichet"))
    }

    /// Somebody new asks at a desk.
    pub(super) fn newcomer(&mut self, stage: &Stage, desk: usize) -> Result<Person, DemoError> {
        let code = self.desk(desk)?.body.organisation.code.to_string();
        let seat = commune(&self.desk(desk)?.body.organisation.commune).and_then(|commune| commune.epci);
        let ground = match (code.get(..2), stage.dice.below(10)) {
            (Some("ML"), _) | (_, 0) => Ground::YoungAdult,
            (Some("FT"), _) | (_, 1 | 2) => Ground::JobSeeker,
            _ => Ground::Senior,
        };
        let near: Vec<&Commune> = self.communes.iter().filter(|it| it.epci == seat && seat.is_some()).collect();
        let home = if stage.dice.chance(85) { stage.dice.pick(&near).copied().copied() } else { None };
        let home = home.or_else(|| stage.dice.pick(&self.communes).copied());
        let home = home.map_or(CommuneCode::parse("59392"), |commune| Ok(commune.code))?;
        self.invented += 1;
        Ok(Person::invent(&stage.dice, self.invented, ground, home, stage.today())?)
    }

    /// What a desk asks for when it hands a booklet to somebody.
    pub(super) fn hand_out(&self, stage: &Stage, person: &Person, booklets: Vec<BookletId>) -> HandOut {
        let code = &self.programme.code;
        let request = booklets.first().map_or(0, |booklet| booklet.0).to_be_bytes();
        HandOut {
            fingerprint: people::fingerprint(stage.keys.people(), FIRST, code, &person.identity),
            likenesses: people::likenesses(stage.keys.people(), FIRST, code, &person.identity),
            commitment: people::commitment(&stage.keys, code, &request, &person.identity).commitment,
            nonce: None,
            situation: person.situation(stage.today()),
            ground: Some(person.ground.code().to_owned()),
            booklets,
            sex: person.sex,
            orientation: None,
            exception: None,
            follow_up: None,
        }
    }

    /// The rest of a working day that has begun: so many hand-outs at each desk named, then the visits that are due.
    pub(super) fn live(&mut self, stage: &mut Stage, index: usize, desks: &[usize]) -> Result<(), DemoError> {
        self.hand_outs(stage, index, desks)?;
        stage.later(UNTIL_VISITS);
        self.receive_visitors(stage, index)
    }

    fn hand_outs(&mut self, stage: &mut Stage, index: usize, desks: &[usize]) -> Result<(), DemoError> {
        let mut asked: Vec<Asked> = Vec::new();
        let mut askers = Vec::new();
        for desk in desks {
            let Some(booklet) = self.desks.get_mut(*desk).and_then(|desk| desk.custody.pop()) else { continue };
            let person = self.newcomer(stage, *desk)?;
            let act = self.hand_out(stage, &person, vec![booklet]);
            asked.push((self.desk(*desk)?.body.caller.clone(), Box::new(act)));
            askers.push(Owner { person, desk: *desk, booklet });
        }
        for (owner, outcome) in askers.into_iter().zip(stage.ask(asked)?) {
            match outcome {
                Outcome::Granted(_) => self.owns(stage, index, owner),
                // Two invented people turned out to be one: the booklet stays at the desk.
                Outcome::Refused(_) => {
                    if let Some(desk) = self.desks.get_mut(owner.desk) {
                        desk.custody.insert(0, owner.booklet);
                    }
                }
            }
        }
        Ok(())
    }

    /// Plans what somebody will do with a booklet received on the day with this index.
    pub(super) fn owns(&mut self, stage: &Stage, index: usize, owner: Owner) {
        let home = commune(&owner.person.commune).and_then(|commune| commune.epci);
        let open: Vec<usize> = (0..self.places.len()).filter(|place| self.is_open(*place, None)).collect();
        let near: Vec<usize> = open.iter().copied().filter(|place| self.is_open(*place, home)).collect();
        let near = if near.is_empty() { open } else { near };
        let mut day = index;
        for _ in 0..stage.dice.below(5) {
            day += stage.dice.between(2, 18);
            let passes = u8::try_from(stage.dice.between(1, 4)).unwrap_or(1);
            let Some(place) = stage.dice.pick(&near).copied() else { continue };
            self.visits.entry(day).or_default().push(Visit { booklet: owner.booklet, passes, place });
        }
        self.owners.push(owner);
    }

    /// Whether a place may take passes, and lies in this intercommunalité if one is named.
    fn is_open(&self, place: usize, epci: Option<&str>) -> bool {
        self.places.get(place).is_some_and(|place| {
            let there = commune(&place.venue.commune).and_then(|commune| commune.epci);
            place.venue.approved && (epci.is_none() || there == epci)
        })
    }

    fn receive_visitors(&mut self, stage: &mut Stage, index: usize) -> Result<(), DemoError> {
        let mut asked: Vec<Asked> = Vec::new();
        let mut scanned = Vec::new();
        for visit in self.visits.remove(&index).unwrap_or_default() {
            let first = self.spent.get(&visit.booklet).copied().unwrap_or(0);
            let last = first.saturating_add(visit.passes).min(self.size);
            let Some(place) = self.places.get(visit.place).filter(|_| first < last) else { continue };
            // Now and then somebody shows a pass that is spent already, or a letter is misread past its check.
            let first = if first > 0 && stage.dice.chance(2) { first - 1 } else { first };
            let mut codes: Vec<_> = (first + 1..=last).map(|rank| stage.code(visit.booklet.pass(rank))).collect();
            if stage.dice.chance(1)
                && let Some(code) = codes.first_mut()
            {
                *code = stage.dice.nonce();
            }
            let service = self.service(stage, place);
            let performed_on = stage.today();
            let act = Redeem {
                venue: place.venue.id,
                codes,
                service,
                performed_on,
                performed_in: None,
                visit: crate::domain::visit::Visit::default(),
            };
            asked.push((place.caller.clone(), Box::new(act)));
            scanned.push((visit.booklet, last, place.caller.clone()));
        }
        for ((booklet, rank, by), outcome) in scanned.into_iter().zip(stage.ask(asked)?) {
            if let Outcome::Granted(receipt) = outcome {
                self.spent.insert(booklet, rank);
                let number = receipt.body().number.clone();
                self.last = Some(Spent { number, by, booklet, rank });
            }
        }
        Ok(())
    }

    fn service(&self, stage: &Stage, place: &Place) -> Service {
        let payable: Vec<Service> = place.venue.services.intersection(&self.programme.services).copied().collect();
        stage.dice.pick(&payable).copied().unwrap_or(Service::EverydayTools)
    }

    /// Those who have a booklet of which nothing is spent.
    pub(super) fn untouched_owners(&self) -> impl Iterator<Item = &Owner> {
        self.owners.iter().filter(|owner| !self.spent.contains_key(&owner.booklet))
    }

    /// A booklet that is with its owner and of which nothing is spent.
    pub(super) fn untouched(&self) -> Option<&Owner> {
        self.untouched_owners().next()
    }

    /// A booklet that nobody has any more.
    pub(super) fn forget(&mut self, booklet: BookletId) {
        self.owners.retain(|owner| owner.booklet != booklet);
        self.visits.values_mut().for_each(|visits| visits.retain(|visit| visit.booklet != booklet));
    }

    /// A reversed redemption leaves its passes unspent.
    pub(super) fn give_back(&mut self, spent: &Spent) {
        if self.last.as_ref().is_some_and(|last| last.number == spent.number) {
            self.last = None;
        }
        // Its last pass is the next one shown; the others of that visit simply stay in the booklet.
        self.spent.entry(spent.booklet).and_modify(|rank| *rank = rank.saturating_sub(1));
    }
}

/// What is on its way under this number, as the receiver's screen would list it.
pub(super) fn in_transit(stage: &Stage, programme: &Programme, dispatch: i64) -> Result<Vec<BookletId>, DemoError> {
    let wish = Pick { holder: Holder::Transit(dispatch), order: None, count: 10_000 };
    let found: Result<_, StoreError> = stage.store.read(|tx| tx.pick(programme.no, &wish, None));
    Ok(found?.into_iter().map(|booklet| booklet.id).collect())
}
