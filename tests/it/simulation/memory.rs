//! The pure domain as a ledger: facts in memory, one group after the other, no database, no thread. It is also where the
//! deliberately broken ledgers are: each breaks at one seam, and the simulation must convict it. What never lives here:
//! a rule.

use std::collections::{BTreeMap, BTreeSet};

use recepisse::auth::Caller;
use recepisse::clock::{Clock as _, FrozenClock};
use recepisse::domain::act::{Context, admit};
use recepisse::domain::activity::Activity;
use recepisse::domain::closing::DayEnd;
use recepisse::domain::facts::{Facts, Needs, Stamp};
use recepisse::domain::ids::BatchId;
use recepisse::domain::incidents::{Given, Withdrawal};
use recepisse::domain::moment::{Astray, Reading, of_recording};
use recepisse::domain::movement::{Kind, Movement, Record};
use recepisse::domain::party::Holder;
use recepisse::domain::redemption::{check_spendable, find_pass};
use recepisse::domain::refusal::Refusal;
use recepisse::domain::standing::Standing;
use recepisse::domain::time::Instant;
use recepisse::ledger::prefetch;

use super::script::{At, Balances, Batch, Change, PEOPLE, PRESCRIBERS, Pass, Request, Stock, VENUES, Who};
use super::stage;
use super::subject::{Answer, Legacy, Subject, Told};
use crate::harness::World;

/// A ledger that is wrong in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// A redemption does not take the passes.
    PassesStaySpendable,
    /// A request that was answered before is run again.
    ReplaysRunAgain,
    /// A key answers for any request.
    KeysForgetTheRequest,
    /// A refusal is not kept under its key.
    RefusalsAreForgotten,
    /// A reversal gives the pass back and forgets to count it with its booklet.
    ReversalsForgetTheBooklet,
    /// An acceptance leaves the damaged booklets where they were.
    AcceptancesLoseTheDamaged,
    /// A refused request takes a number all the same.
    NumbersSkip,
    /// The acts of a group do not see each other.
    GroupsDecideOnOldFacts,
    /// The wall clock is believed whatever it says.
    AnyClockIsBelieved,
    /// An exception can be used for ever.
    ExceptionsLast,
    /// A disabled account is stopped at the next sign-in only.
    AccountsStayOpen,
}

impl Fault {
    pub(super) const ALL: &[Self] = &[
        Self::PassesStaySpendable,
        Self::ReplaysRunAgain,
        Self::KeysForgetTheRequest,
        Self::RefusalsAreForgotten,
        Self::ReversalsForgetTheBooklet,
        Self::AcceptancesLoseTheDamaged,
        Self::NumbersSkip,
        Self::GroupsDecideOnOldFacts,
        Self::AnyClockIsBelieved,
        Self::ExceptionsLast,
        Self::AccountsStayOpen,
    ];
}

/// Where every life begins: the world's people and places as facts, and nothing in stock.
#[derive(Debug)]
pub(super) struct Cradle {
    pub(super) world: World,
    facts: Facts,
    callers: BTreeMap<Who, Caller>,
}

impl Cradle {
    pub(super) fn new(world: World) -> Self {
        let no = world.programme.no;
        let needs = Needs {
            users: PEOPLE.iter().map(|who| world.user(who.office, who.role)).collect(),
            organisations: PEOPLE
                .iter()
                .map(|who| world.organisation(who.office))
                .chain([world.organisation("APTIC")])
                .collect(),
            venues: VENUES.iter().map(|venue| world.venue(venue)).collect(),
            custody_of: PRESCRIBERS.iter().map(|office| world.organisation(office)).collect(),
            // Rules are read where a person is asked for.
            people: BTreeSet::from([[0; 32]]),
            ..Needs::default()
        };
        let facts =
            world.store.read(|tx| prefetch::facts(tx, no, &needs, recepisse::domain::facts::Counters::default()));
        let callers = PEOPLE.iter().map(|who| (*who, world.hand(who.office, who.role).caller)).collect();
        Self { facts: facts.unwrap(), world, callers }
    }
}

/// A ledger without a database.
#[derive(Debug)]
pub(super) struct Memory<'c> {
    cradle: &'c Cradle,
    fault: Option<Fault>,
    facts: Facts,
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
        if self.breaks(Fault::AcceptancesLoseTheDamaged) && movement.kind == Kind::Acceptance {
            movement.lines.retain(|line| line.to != Holder::Blocked);
        }
        if self.breaks(Fault::ExceptionsLast) {
            movement.records.retain(|record| !matches!(record, Record::ExceptionUsed(_)));
        }
        self.position += 1;
        let stamp = Stamp { position: self.position, number: self.next_number(context), day: context.day };
        self.facts.apply(&movement, &stamp, "");
        self.add_to_the_day(&movement, &stamp);
        self.remember_hands(&movement, &stamp, context);
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
        Answer::Granted { number: stamp.number, position: stamp.position, bytes: String::new() }
    }

    /// What a database would find: what the receipt took out of use, what it moved, and to whom it gave booklets.
    fn remember_hands(&mut self, movement: &Movement, stamp: &Stamp, context: &Context) {
        let mut origins = BTreeMap::new();
        for line in &movement.lines {
            self.facts.last_moves.extend(line.items.iter().map(|item| (*item, stamp.position)));
            if matches!(line.to, Holder::Blocked | Holder::Lost) {
                origins.extend(line.items.iter().map(|item| (*item, line.from.clone())));
            }
            let office = self.facts.organisations[&context.actor.organisation].code.clone();
            for item in line.items.iter().filter(|_| movement.kind == Kind::HandOut) {
                let (number, office) = (stamp.number.clone(), office.clone());
                self.facts.given.insert(item.booklet(), Given { number, office, fingerprint: [0; 32] });
            }
        }
        let (position, kind, by) = (stamp.position, movement.kind, context.actor.pseudonym.clone());
        self.facts.withdrawals.insert(stamp.number.clone(), Withdrawal { position, kind, by, origins });
    }

    /// What a database would add up: what happened on each day.
    fn add_to_the_day(&mut self, movement: &Movement, stamp: &Stamp) {
        self.facts.books.opened_on.get_or_insert(stamp.day);
        let new = || DayEnd { position: 0, hash: String::new(), activity: Activity::default() };
        let end = self.facts.day_ends.entry(stamp.day).or_insert_with(new);
        end.position = stamp.position;
        let (_, passes, value) = movement.total().unwrap();
        end.activity.receipts(movement.kind.as_str(), 1, (passes, value.get()));
        for line in &movement.lines {
            end.activity.line(&line.from.to_string(), &line.to.to_string(), (line.passes, line.value.get()));
        }
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
        other => return At::parse(&other.to_string()),
    })
}

impl Subject for Memory<'_> {
    fn write(&mut self, group: &[Request]) -> Vec<Told> {
        let old = self.breaks(Fault::GroupsDecideOnOldFacts).then(|| self.facts.clone());
        group.iter().map(|request| self.answer(request, old.as_ref())).collect()
    }

    fn rehearse(&mut self, request: &Request) -> Told {
        let act = stage::act(&self.cradle.world, request);
        let Ok(permit) = self.cradle.callers[&request.who].permit(act.kind()) else { return Told::Forbidden };
        let at = self.clock.now();
        let context = Context { at, day: at.day(), actor: permit.redeem(act.kind()).unwrap() };
        match admit(&self.facts, &context, act.kind()).and_then(|()| act.decide(&self.facts, &context)) {
            Ok(_) => Told::Answer(Answer::Granted { number: String::new(), position: 0, bytes: String::new() }),
            Err(refusal) => Told::Answer(Answer::Refused(refusal)),
        }
    }

    fn look(&mut self, (booklet, rank): Pass) -> Option<String> {
        let (code, today) = (self.cradle.world.code(booklet, rank), self.clock.now().day());
        let found = find_pass(&self.facts, &code);
        let spendable = found.and_then(|(pass, booklet)| check_spendable(&self.facts, pass, booklet, today, today));
        spendable.err().map(|refusal| refusal.code.to_string())
    }

    fn change(&mut self, change: Change) {
        let world = &self.cradle.world;
        match change {
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

    fn stock(&mut self) -> Result<Option<Stock>, String> {
        let mut stock = Stock::default();
        for (id, booklet) in self.facts.booklets.iter() {
            stock.booklets.insert(id.number(), (at(&booklet.holder)?, booklet.passes_left));
        }
        for (id, pass) in self.facts.passes.iter() {
            if let Some(holder) = &pass.holder {
                stock.spent.insert((id.booklet().number(), id.rank()), at(holder)?);
            }
        }
        Ok(Some(stock))
    }

    fn legacy(&mut self) -> Result<Legacy, String> {
        let (balances, stock) = (self.balances()?, self.stock()?.unwrap_or_default());
        Ok(Legacy { balances, stock, journal: Vec::new(), seals: None })
    }
}
