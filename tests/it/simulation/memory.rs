//! The pure domain as a ledger: facts in memory, one group after the other, no database, no thread. It can be broken at
//! one seam, and the simulation must convict it then. What never lives here: a rule.

use std::collections::{BTreeMap, BTreeSet};

use recepisse::auth::Caller;
use recepisse::clock::{Clock as _, FrozenClock};
use recepisse::domain::act::{Context, admit};
use recepisse::domain::facts::{Facts, Needs, Stamp};
use recepisse::domain::ids::BatchId;
use recepisse::domain::moment::{Astray, Reading, of_recording};
use recepisse::domain::movement::{Kind, Mention, Movement};
use recepisse::domain::party::Holder;
use recepisse::domain::payments::PaymentNeeds;
use recepisse::domain::programme::Payer;
use recepisse::domain::redemption::{check_spendable, find_pass};
use recepisse::domain::refusal::Refusal;
use recepisse::domain::standing::Standing;
use recepisse::domain::statements::StatementLine;
use recepisse::domain::stock::CodeMac;
use recepisse::domain::time::Instant;
use recepisse::ledger::prefetch;

use super::applications::{self, Filed, Had};
use super::fault::Fault;
use super::money::{self, Purse};
use super::oracle::waits_for_answers;
use super::people::{self, Reminded};
use super::recall::{self, Recall};
use super::script::{At, Balances, Batch, Change, PEOPLE, PRESCRIBERS, Pass, Request, Stock, VENUES, Who};
use super::stage;
use super::statements::Lines;
use super::subject::{Answer, Legacy, Subject, Told, said};
use crate::harness::{Person, World};

/// Where every life begins: the world's people and places as facts, and nothing in stock.
#[derive(Debug)]
pub(super) struct Cradle {
    pub(super) world: World,
    facts: Facts,
    callers: BTreeMap<Who, Caller>,
    /// By their fingerprints, which take time to compute.
    people: Vec<(u32, CodeMac)>,
}

impl Cradle {
    pub(super) fn new(world: World) -> Self {
        let (no, callers) = (world.programme.no, stage::settle(&world));
        let needs = Needs {
            users: callers.values().map(|caller| caller.actor().user).collect(),
            organisations: PEOPLE
                .iter()
                .map(|who| world.organisation(who.office))
                .chain([world.organisation("APTIC")])
                .collect(),
            venues: VENUES.iter().map(|venue| world.venue(venue)).collect(),
            custody_of: PRESCRIBERS.iter().map(|office| world.organisation(office)).collect(),
            // Rules are read where a person is asked for.
            people: BTreeSet::from([[0; 32]]),
            // And of claims where somebody asks what is owed.
            payments: PaymentNeeds { owed: true, ..PaymentNeeds::default() },
            ..Needs::default()
        };
        let facts = world.store.read(|tx| prefetch::facts(tx, no, &needs));
        let people = applications::PEOPLE.map(|person| (person, Person::senior(&world, person).fingerprint)).collect();
        Self { facts: facts.unwrap().unwrap(), people, world, callers }
    }
}

/// A ledger without a database.
#[derive(Debug)]
pub(super) struct Memory<'c> {
    cradle: &'c Cradle,
    fault: Option<Fault>,
    facts: Facts,
    recall: Recall,
    clock: FrozenClock,
    started: Reading,
    last: Instant,
    position: i64,
    kept: BTreeMap<u32, (String, Answer)>,
    idle: BTreeSet<Who>,
    closed: BTreeSet<&'static str>,
}

impl<'c> Memory<'c> {
    pub(super) fn new(cradle: &'c Cradle, fault: Option<Fault>) -> Self {
        let clock = FrozenClock::new(cradle.world.now());
        Self {
            cradle,
            fault,
            facts: cradle.facts.clone(),
            recall: Recall::default(),
            started: clock.reading(),
            clock,
            last: Instant::from_millis(i64::MIN),
            position: 0,
            kept: BTreeMap::new(),
            idle: BTreeSet::new(),
            closed: BTreeSet::new(),
        }
    }

    fn breaks(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    /// As a group is prepared: its facts are loaded. Only what waits for answers asks who was given what, and who is known.
    fn load(&mut self, group: &[Request]) {
        let mut needs = Needs::default();
        for request in group.iter().filter(|request| waits_for_answers(&request.wish)) {
            stage::act(&self.cradle.world, request).needs(&mut needs);
        }
        self.recall.load(&mut self.facts, &needs);
        recall::load_places(&mut self.facts, group);
    }

    fn answer(&mut self, request: &Request, old: Option<&Facts>) -> Told {
        let caller = &self.cradle.callers[&request.who];
        let act = stage::act(&self.cradle.world, request);
        let Ok(permit) = caller.permit(act.kind()) else { return Told::Forbidden };
        let at = match of_recording(self.started, self.clock.reading(), self.last) {
            Ok(at) => at,
            Err(_) if self.breaks(Fault::AnyClockIsBelieved) => self.clock.now(),
            Err(Astray::Behind) => return Told::WrongClock("clock_behind"),
            Err(Astray::Ahead) => return Told::WrongClock("clock_ahead"),
        };
        let fingerprint = request.fingerprint();
        if let Some((named, answer)) = request.key.and_then(|key| self.kept.get(&key)) {
            if *named != fingerprint && !self.breaks(Fault::KeysForgetTheRequest) {
                return Told::KeyReused;
            }
            if !self.breaks(Fault::ReplaysRunAgain) {
                return Told::Replay(answer.clone());
            }
        }
        let context = Context { at, day: at.day(), actor: permit.redeem(act.kind()).unwrap() };
        let facts = old.unwrap_or(&self.facts);
        let decision = admit(facts, &context, act.kind()).and_then(|()| act.decide(facts, &context));
        let answer = match decision {
            Ok(movement) => self.grant(movement, &context),
            Err(refusal) => self.refuse(refusal, &context),
        };
        let forgotten = match &answer {
            Answer::Refused(refusal) => refusal.code.is_about_the_caller() || self.breaks(Fault::RefusalsAreForgotten),
            Answer::Granted { .. } => false,
        };
        if let Some(key) = request.key.filter(|_| !forgotten) {
            self.kept.insert(key, (fingerprint, answer.clone()));
        }
        Told::Answer(answer)
    }

    fn refuse(&mut self, refusal: Refusal, context: &Context) -> Answer {
        if self.breaks(Fault::NumbersSkip) {
            self.next_number(context);
        }
        Answer::Refused(refusal)
    }

    fn next_number(&mut self, context: &Context) -> String {
        let office = &self.facts.organisations[&context.actor.organisation].code;
        let (series, programme) = ((office.clone(), context.day.year()), &self.facts.programme.code);
        let running = self.facts.series.get(&series).copied().unwrap_or(0) + 1;
        let number = format!("{programme}-{office}-{}-{running:06}", context.day.year());
        self.facts.series.set(series, running);
        number
    }

    fn grant(&mut self, mut movement: Movement, context: &Context) -> Answer {
        if let Some(fault) = self.fault {
            fault.spoil(&mut movement);
        }
        self.position += 1;
        let stamp = Stamp { position: self.position, number: self.next_number(context), day: context.day };
        let claimable = self.breaks(Fault::ClaimsForgetWhatTheyHold).then(|| self.facts.claims.claimable.clone());
        let places = self.breaks(Fault::ListsOverlookTheGroup).then(|| self.facts.order_places.clone());
        self.facts.apply(&movement, &stamp, "");
        self.facts.order_places = places.unwrap_or_else(|| std::mem::take(&mut self.facts.order_places));
        self.facts.claims.claimable.extend(claimable.into_iter().flatten());
        recall::add_to_the_day(&mut self.facts, &movement, &stamp);
        self.recall.note(&mut self.facts, &movement, &stamp, &context.actor);
        self.last = context.at;
        for item in movement.lines.iter().flat_map(|line| &line.items) {
            let Some(pass) = item.pass() else { continue };
            match movement.kind {
                Kind::Redemption if self.breaks(Fault::PassesStaySpendable) => {
                    self.facts.passes.change(&pass, |pass| pass.holder = None);
                }
                Kind::Reversal if self.breaks(Fault::ReversalsForgetTheBooklet) => {
                    self.facts.booklets.change(&pass.booklet(), |booklet| booklet.passes_left -= 1);
                }
                _ => {}
            }
        }
        let text = |mention: &Mention| match mention {
            Mention::Text(text) => text.clone(),
            Mention::Number(number) => number.to_string(),
        };
        let said = said(self.facts.programme.no, movement.mentions.iter().map(|(name, of)| (*name, text(of))));
        Answer::Granted { number: stamp.number, position: stamp.position, bytes: String::new(), said }
    }

    /// Those whose account and organisation are both active.
    fn admit_people(&mut self) {
        if self.breaks(Fault::AccountsStayOpen) {
            return;
        }
        let active = |who: &&Who| !self.idle.contains(who) && !self.closed.contains(who.office);
        let user = |who: &Who| {
            let actor = self.cradle.callers[who].actor();
            (actor.user, Standing { organisation: actor.organisation, role: actor.role, valid_until: None })
        };
        self.facts.active_users = PEOPLE.iter().filter(active).map(user).collect();
    }
}

fn batch_of(id: BatchId) -> Batch {
    let order = id.order();
    let number = |number: i64| u32::try_from(number).unwrap();
    (number(order.sequence()), number(id.0 - order.batch(0).0))
}

/// The same holder in plain data, without a text in between: this is done for everybody after every group.
fn at(holder: &Holder) -> Result<At, String> {
    Ok(match holder {
        Holder::Issue(batch) => At::Issue(batch_of(*batch)),
        Holder::Transit(dispatch) => At::Transit(*dispatch),
        Holder::Store => At::Store,
        Holder::Circulation => At::Circulation,
        Holder::Blocked => At::Blocked,
        Holder::Lost => At::Lost,
        Holder::Expired => At::Expired,
        Holder::Destroyed => At::Destroyed,
        Holder::Credited => At::Credited,
        other => return At::parse(&other.to_string()),
    })
}

impl Subject for Memory<'_> {
    fn write(&mut self, group: &[Request]) -> Vec<Told> {
        self.load(group);
        let old = self.breaks(Fault::GroupsDecideOnOldFacts).then(|| self.facts.clone());
        group.iter().map(|request| self.answer(request, old.as_ref())).collect()
    }

    fn rehearse(&mut self, request: &Request) -> Told {
        self.load(std::slice::from_ref(request));
        let act = stage::act(&self.cradle.world, request);
        let Ok(permit) = self.cradle.callers[&request.who].permit(act.kind()) else { return Told::Forbidden };
        let at = self.clock.now();
        let context = Context { at, day: at.day(), actor: permit.redeem(act.kind()).unwrap() };
        match admit(&self.facts, &context, act.kind()).and_then(|()| act.decide(&self.facts, &context)) {
            Ok(_) => Told::Answer(Answer::rehearsed()),
            Err(refusal) => Told::Answer(Answer::Refused(refusal)),
        }
    }

    fn look(&mut self, (booklet, rank): Pass) -> Option<String> {
        let (code, today) = (self.cradle.world.code(booklet, rank), self.clock.now().day());
        let found = find_pass(&self.facts, &code);
        let spendable = found.and_then(|(pass, booklet)| check_spendable(&self.facts, pass, booklet, today, today));
        spendable.err().map(|refusal| refusal.code.to_string())
    }

    fn change(&mut self, change: &Change) {
        let world = &self.cradle.world;
        match *change {
            Change::Account(who, true) => drop(self.idle.remove(&who)),
            Change::Account(who, false) => drop(self.idle.insert(who)),
            Change::Office(office, active) => {
                self.facts.organisations.get_mut(&world.organisation(office)).unwrap().active = active;
                let _ = if active { self.closed.remove(office) } else { self.closed.insert(office) };
            }
            Change::Programme(active) => self.facts.programme.active = active,
            Change::Venue(venue, approved) => {
                self.facts.venues.get_mut(&world.venue(venue)).unwrap().approved = approved;
            }
            Change::Mandate { office, ceiling_booklets, in_force } => {
                let mandate = &mut self.facts.mandates.get_mut(&world.organisation(office)).unwrap()[0];
                mandate.ceiling_booklets = ceiling_booklets;
                mandate.revoked_on = (!in_force).then_some(mandate.starts_on);
            }
            Change::Payee { provider, by } => {
                let number = self.facts.payments.payees.iter().map(|(number, _)| *number).max().unwrap_or(0) + 1;
                let (payee, _) = money::propose(world, self.cradle.callers[&by].actor(), provider, number);
                self.facts.payments.payees.load(number, payee);
            }
            Change::PeopleKey { number, by } => {
                let proposed = people::proposal(&self.facts.people_keys, number, self.cradle.callers[&by].actor());
                self.facts.people_keys.proposal = proposed.or_else(|| self.facts.people_keys.proposal.take());
            }
            Change::IssuerPays => self.facts.programme.payer = Payer::Issuer,
            Change::Counter { training, orientation } => {
                let rules = &mut self.facts.applications.rules;
                (rules.training_required, rules.orientation_required) = (training, orientation);
            }
            Change::Debtor(known) => money::set_debtor(world, &mut self.facts.claims.rules, known),
        }
        self.admit_people();
    }

    fn time_passes(&mut self, seconds: i64) {
        self.clock.advance_seconds(seconds);
    }

    fn clock_is_set(&mut self, seconds: i64) {
        self.clock.jump_seconds(seconds);
    }

    fn restart(&mut self) {
        self.started = self.clock.reading();
    }

    fn balances(&mut self) -> Result<Balances, String> {
        let empty = recepisse::domain::facts::Balance::default();
        let full = self.facts.balances.iter().filter(|(_, balance)| **balance != empty);
        full.map(|((holder, batch), balance)| {
            Ok(((at(holder)?, batch_of(*batch)), (balance.booklets, balance.passes, balance.value.get())))
        })
        .collect()
    }

    fn purse(&mut self) -> Result<Purse, String> {
        let claims = self.facts.claims.claims.iter().map(|(_, claim)| claim);
        let lines = self.facts.payments.lines.iter().map(|(_, line)| line);
        Ok(Purse::read(&self.cradle.world, claims, lines, &self.facts.payments.owed))
    }

    fn lines(&mut self) -> Result<Lines, String> {
        let told =
            |(key, line): (&(i64, i64), &StatementLine)| (*key, (line.class.to_string(), line.status.to_string()));
        Ok(self.facts.statements.lines.iter().map(told).collect())
    }

    fn had(&mut self) -> Result<Had, String> {
        let people = self.cradle.people.iter();
        let had = people.filter_map(|(person, fingerprint)| Some((*person, *self.facts.people.get(fingerprint)?)));
        Ok(had.filter(|(_, passes)| *passes != 0).collect())
    }

    fn reminded(&mut self) -> Result<Reminded, String> {
        let known = self.facts.follow_ups.known.iter();
        Ok(known.map(|(number, of)| (number.clone(), (of.reminders, of.reminded_on))).collect())
    }

    fn filed(&mut self) -> Result<Filed, String> {
        let known = self.facts.applications.known.iter();
        Ok(known.map(|(number, of)| (*number, of.state.to_string())).collect())
    }

    fn stock(&mut self) -> Result<Option<Stock>, String> {
        let mut stock = Stock::default();
        for (id, booklet) in self.facts.booklets.iter() {
            stock.booklets.insert(id.number(), (at(&booklet.holder)?, booklet.passes_left));
        }
        for (id, pass) in self.facts.passes.iter() {
            if let Some(holder) = &pass.holder {
                stock.alone.insert((id.booklet().number(), id.rank()), at(holder)?);
            }
        }
        Ok(Some(stock))
    }

    fn legacy(&mut self) -> Result<Legacy, String> {
        let (balances, stock) = (self.balances()?, self.stock()?.unwrap_or_default());
        Ok(Legacy { balances, stock, journal: Vec::new(), seals: None })
    }
}
