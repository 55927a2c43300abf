//! The real ledger on a real database as a subject. Its groups are made to order: the writer is held at its clock while
//! the requests of a group queue up behind a request that changes nothing, so that it finds all of them waiting. What
//! never lives here: a rule.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Poll, Waker};

use recepisse::audit;
use recepisse::auth::Caller;
use recepisse::clock::{Clock, FrozenClock};
use recepisse::domain::facts::Needs;
use recepisse::domain::ids::ProgrammeNo;
use recepisse::domain::programme::{Payer, Programme};
use recepisse::domain::redemption::{check_spendable, find_pass};
use recepisse::domain::stock::CodeMac;
use recepisse::domain::time::{Day, Instant};
use recepisse::ledger::{self, Ledger, Outcome, RequestKey, Submission, SubmitError, prefetch};
use recepisse::receipts::chain;
use recepisse::receipts::replay::Replay;
use recepisse::store::{ClaimFilter, Proposal, StoreError};

use super::applications::{self, Filed, Had};
use super::money::{self, Purse};
use super::people::{self, Reminded};
use super::script::{ADMIN, At, Balances, Change, OrderSlip, Pass, Request, Stock, Who, Wish, parse_batch};
use super::stage;
use super::statements::Lines;
use super::subject::{Answer, Legacy, Subject, Told, said};
use crate::harness::{Engine, Person, Raw, World, python_is_here};

/// A clock at which whoever asks has to wait while the gate is shut.
#[derive(Debug)]
struct Gate {
    clock: Arc<FrozenClock>,
    /// Whether it is shut, and whether somebody waits.
    state: Mutex<(bool, bool)>,
    changed: Condvar,
}

impl Gate {
    fn new(clock: Arc<FrozenClock>) -> Self {
        Self { clock, state: Mutex::new((false, false)), changed: Condvar::new() }
    }

    /// Shut until what is answered is dropped, also by a test that fails: nobody would ever come to open it.
    fn shut(&self) -> Shut<'_> {
        *self.state.lock().unwrap() = (true, false);
        Shut(self)
    }

    /// Until the writer stands at the gate.
    fn await_writer(&self) {
        drop(self.changed.wait_while(self.state.lock().unwrap(), |(_, waits)| !*waits).unwrap());
    }
}

struct Shut<'g>(&'g Gate);

impl Drop for Shut<'_> {
    fn drop(&mut self) {
        *self.0.state.lock().unwrap() = (false, false);
        self.0.changed.notify_all();
    }
}

impl Clock for Gate {
    fn now(&self) -> Instant {
        let mut state = self.state.lock().unwrap();
        if state.0 {
            state.1 = true;
            self.changed.notify_all();
        }
        drop(self.changed.wait_while(state, |(shut, _)| *shut).unwrap());
        self.clock.now()
    }

    fn elapsed_millis(&self) -> i64 {
        self.clock.elapsed_millis()
    }
}

type Asked<'l> = Pin<Box<dyn Future<Output = Result<ledger::Answer, SubmitError>> + 'l>>;

/// The real ledger.
#[derive(Debug)]
pub(super) struct Register {
    /// Before the world, so that the writer stops before the store goes.
    ledger: Option<Ledger>,
    gate: Arc<Gate>,
    world: World,
    callers: BTreeMap<Who, Caller>,
    /// One act per group, whatever is waiting.
    one_by_one: bool,
    /// What somebody does to the tables before every group, for the controls.
    tampering: Option<&'static str>,
}

impl Register {
    pub(super) fn new(engine: Engine, one_by_one: bool) -> Self {
        let world = World::new(engine);
        let (callers, gate) = (stage::settle(&world), Arc::new(Gate::new(Arc::clone(&world.clock))));
        let mut register = Self { ledger: None, gate, world, callers, one_by_one, tampering: None };
        register.restart();
        register
    }

    /// A register whose tables somebody changes with `sql` before every group.
    pub(super) fn tampered_with(engine: Engine, sql: &'static str) -> Self {
        Self { tampering: Some(sql), ..Self::new(engine, false) }
    }

    fn submission(&self, request: &Request) -> Result<Submission, SubmitError> {
        let act = stage::act(&self.world, request);
        let permit = self.callers[&request.who].permit(act.kind()).map_err(|_| SubmitError::Forbidden)?;
        let named = |key: u32| RequestKey { digest: format!("key-{key}"), fingerprint: request.fingerprint() };
        Submission::new(permit, self.world.programme.no, act, request.key.map(named))
    }

    /// The answers of a group whose requests are all waiting when the writer looks.
    fn ask(&self, group: &[Request]) -> Vec<Result<ledger::Answer, SubmitError>> {
        let ledger = self.ledger.as_ref().unwrap();
        let asked = |request: &Request| -> Asked<'_> {
            match self.submission(request) {
                Ok(submission) => Box::pin(ledger.submit(submission)),
                Err(error) => Box::pin(std::future::ready(Err(error))),
            }
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let within = runtime.enter();
        let shut = self.gate.shut();
        let ahead = queued(asked(&changes_nothing()));
        self.gate.await_writer();
        let group: Vec<Asked<'_>> = group.iter().map(|request| queued(asked(request))).collect();
        drop((shut, within));
        drop(runtime.block_on(ahead));
        group.into_iter().map(|asked| runtime.block_on(asked)).collect()
    }
}

/// The first poll puts a request into the queue.
fn queued(mut asked: Asked<'_>) -> Asked<'_> {
    match asked.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Box::pin(std::future::ready(answer)),
        Poll::Pending => asked,
    }
}

/// A request that is refused without a trace.
fn changes_nothing() -> Request {
    let today = recepisse::domain::time::Day::new(2021, 10, 4).unwrap();
    let (number, booklets, size, slip) = (0, 0, 0, OrderSlip::None);
    let wish = Wish::Order { number, booklets, size, ordered_on: today, validity_end: today, slip };
    Request { key: None, who: ADMIN, wish }
}

fn told(programme: ProgrammeNo, answer: Result<ledger::Answer, SubmitError>) -> Told {
    match answer {
        Ok(ledger::Answer { outcome, replayed, .. }) => {
            let answer = match outcome {
                Outcome::Granted(receipt) => Answer::Granted {
                    number: receipt.body().number.clone(),
                    position: receipt.body().position,
                    bytes: receipt.bytes().to_owned(),
                    said: said(
                        programme,
                        receipt.body().mentions.iter().map(|(name, of)| (name.as_str(), of.to_string())),
                    ),
                },
                Outcome::Refused(refusal) => Answer::Refused(refusal),
            };
            if replayed { Told::Replay(answer) } else { Told::Answer(answer) }
        }
        Err(SubmitError::Forbidden) => Told::Forbidden,
        Err(SubmitError::KeyReused) => Told::KeyReused,
        Err(SubmitError::ClockBehind) => Told::WrongClock("clock_behind"),
        Err(SubmitError::ClockAhead) => Told::WrongClock("clock_ahead"),
        Err(other) => Told::Broken(other.to_string()),
    }
}

/// What the verifier that shares no code with ours says of the exported journal, where Python is installed.
fn second_opinion(world: &World, programme: &Programme) -> Result<(), String> {
    if !python_is_here() {
        return Ok(());
    }
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let keys = [world.keys.seal_key().verifying_key()];
    audit::write_journal(&world.store, &keys, programme, &mut file, &mut |_, _| {}).map_err(|e| e.to_string())?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/verify_journal.py");
    let output = Command::new("python3").arg("-I").arg(script).arg(file.path()).output().unwrap();
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stdout).into_owned()) }
}

impl Subject for Register {
    fn write(&mut self, group: &[Request]) -> Vec<Told> {
        if let Some(sql) = self.tampering {
            Raw::on(&self.world.place).run(sql).unwrap();
        }
        let groups = if self.one_by_one { group.chunks(1) } else { group.chunks(group.len()) };
        groups.flat_map(|group| self.ask(group)).map(|answer| told(self.world.programme.no, answer)).collect()
    }

    fn rehearse(&mut self, request: &Request) -> Told {
        let decided =
            self.submission(request).and_then(|submission| self.ledger.as_ref().unwrap().dry_run(&submission));
        match decided {
            Ok(Ok(_)) => Told::Answer(Answer::rehearsed()),
            Ok(Err(refusal)) => Told::Answer(Answer::Refused(refusal)),
            Err(error) => told(self.world.programme.no, Err(error)),
        }
    }

    fn look(&mut self, (booklet, rank): Pass) -> Option<String> {
        let (code, today) = (self.world.code(booklet, rank), self.world.day());
        let needs = Needs { codes: std::collections::BTreeSet::from([code]), ..Needs::default() };
        let no = self.world.programme.no;
        let facts = self.world.store.read(|tx| prefetch::facts(tx, no, &needs)).unwrap().unwrap();
        let found = find_pass(&facts, &code);
        let spendable = found.and_then(|(pass, booklet)| check_spendable(&facts, pass, booklet, today, today));
        spendable.err().map(|refusal| refusal.code.to_string())
    }

    fn change(&mut self, change: &Change) {
        let (world, user) = (&self.world, |who: &Who| self.callers[who].actor().user);
        match *change {
            Change::Account(who, active) => world.write(|tx| {
                let mut user = tx.user(user(&who))?.unwrap();
                user.active = active;
                user.version += 1;
                assert!(tx.update_user(&user)?);
                Ok(())
            }),
            Change::Office(office, active) => world.change_organisation(office, |office| office.active = active),
            Change::Programme(active) => world.change_programme(|programme| programme.active = active),
            Change::Venue(venue, approved) => world.write(|tx| {
                let mut venue = tx.venue(world.venue(venue))?.unwrap();
                venue.approved = approved;
                venue.version += 1;
                assert!(tx.update_venue(&venue)?);
                Ok(())
            }),
            Change::Mandate { office, ceiling_booklets, in_force } => world.change_mandate(office, |mandate| {
                mandate.ceiling_booklets = ceiling_booklets;
                mandate.revoked_on = (!in_force).then_some(mandate.starts_on);
            }),
            Change::Payee { provider, by } => world.write(|tx| {
                let number = tx.last_payee(world.programme.no)? + 1;
                let (payee, closed) = money::propose(world, self.callers[&by].actor(), provider, number);
                let key = format!("payee-{number}");
                let proposal = Proposal { account: &closed, key_digest: &key, fingerprint: "request" };
                tx.insert_payee(world.programme.no, &payee, proposal)
            }),
            Change::PeopleKey { number, by } => world.write(|tx| {
                let proposed =
                    people::proposal(&tx.people_keys(world.programme.no)?, number, self.callers[&by].actor());
                proposed.map_or(Ok(()), |proposal| tx.keep_people_key_proposal(world.programme.no, &proposal))
            }),
            Change::IssuerPays => world.change_programme(|programme| programme.payer = Payer::Issuer),
            Change::Counter { training, orientation } => world.write(|tx| {
                let (mut rules, version) = tx.distribution_rules(world.programme.no)?.unwrap_or_default();
                (rules.training_required, rules.orientation_required) = (training, orientation);
                assert!(tx.keep_distribution_rules(world.programme.no, &rules, version)?);
                Ok(())
            }),
            Change::Debtor(known) => world.write(|tx| {
                let (mut rules, version) = tx.claim_rules(world.programme.no)?.unwrap();
                money::set_debtor(world, &mut rules, known);
                assert!(tx.keep_claim_rules(world.programme.no, &rules, version)?);
                Ok(())
            }),
        }
    }

    fn time_passes(&mut self, seconds: i64) {
        self.world.clock.advance_seconds(seconds);
    }

    fn clock_is_set(&mut self, seconds: i64) {
        self.world.clock.jump_seconds(seconds);
    }

    fn restart(&mut self) {
        drop(self.ledger.take());
        let (store, keys) = (Arc::clone(&self.world.store), Arc::clone(&self.world.keys));
        let ledger = Ledger::start(store, keys, self.gate.clone(), self.world.entropy.clone());
        self.ledger = Some(ledger.unwrap());
    }

    fn balances(&mut self) -> Result<Balances, String> {
        let sql = "SELECT holder || ' ' || batch_id || ' ' || booklets || ' ' || passes || ' ' || value_cents AS answer \
                   FROM balances WHERE booklets <> 0 OR passes <> 0 OR value_cents <> 0";
        let read = |row: String| {
            let words: Vec<&str> = row.split(' ').collect();
            let batch = recepisse::domain::ids::BatchId(words[1].parse().unwrap()).to_string();
            let count = |place: usize| words[place].parse::<i64>().unwrap();
            Ok(((At::parse(words[0])?, parse_batch(&batch)?), (count(2), count(3), count(4))))
        };
        Raw::on(&self.world.place).texts(sql).into_iter().flatten().map(read).collect()
    }

    fn purse(&mut self) -> Result<Purse, String> {
        let no = self.world.programme.no;
        let kept = self.world.store.read::<_, StoreError>(|tx| {
            let claims = tx.claims(no, ClaimFilter::default(), 0, 10_000)?;
            let mut lines = Vec::new();
            for payment in tx.payments(no, 0, 10_000)? {
                lines.extend(tx.payment_lines(no, payment.number)?);
            }
            Ok((claims, lines, tx.owed(no)?))
        });
        let (claims, lines, owed) = kept.map_err(|error| error.to_string())?;
        Ok(Purse::read(&self.world, claims.iter(), lines.iter(), &owed))
    }

    fn lines(&mut self) -> Result<Lines, String> {
        let sql = "SELECT statement || ' ' || number || ' ' || class || ' ' || status AS answer FROM issuer_lines";
        let read = |row: String| {
            let words: Vec<&str> = row.split(' ').collect();
            let number = |place: usize| words[place].parse::<i64>().unwrap();
            ((number(0), number(1)), (words[2].to_owned(), words[3].to_owned()))
        };
        Ok(Raw::on(&self.world.place).texts(sql).into_iter().flatten().map(read).collect())
    }

    fn had(&mut self) -> Result<Had, String> {
        let people = applications::PEOPLE.map(|person| (Person::senior(&self.world, person).fingerprint, person));
        let people: BTreeMap<CodeMac, u32> = people.collect();
        let (no, asked) = (self.world.programme.no, people.keys().copied().collect());
        let had = self.world.store.read::<_, StoreError>(|tx| tx.people_among(no, &asked));
        let had = had.map_err(|error| error.to_string())?.into_iter().filter(|(_, passes)| *passes != 0);
        Ok(had.map(|(fingerprint, passes)| (people[&fingerprint], passes)).collect())
    }

    fn reminded(&mut self) -> Result<Reminded, String> {
        let sql = "SELECT hand_out || ' ' || reminders || ' ' || COALESCE(reminded_on, '') AS answer FROM follow_ups";
        let read = |row: String| {
            let words: Vec<&str> = row.split(' ').collect();
            (words[0].to_owned(), (words[1].parse().unwrap(), Day::parse(words[2]).ok()))
        };
        Ok(Raw::on(&self.world.place).texts(sql).into_iter().flatten().map(read).collect())
    }

    fn filed(&mut self) -> Result<Filed, String> {
        let sql = "SELECT number || ' ' || state AS answer FROM applications";
        let read = |row: String| {
            let (number, state) = row.split_once(' ').unwrap();
            (number.parse().unwrap(), state.to_owned())
        };
        Ok(Raw::on(&self.world.place).texts(sql).into_iter().flatten().map(read).collect())
    }

    fn stock(&mut self) -> Result<Option<Stock>, String> {
        Ok(None)
    }

    fn legacy(&mut self) -> Result<Legacy, String> {
        let world = &self.world;
        let trusted = [world.keys.seal_key().verifying_key()];
        let no = world.programme.no;
        let programme = world.store.read(|tx| tx.programme_by_no(no)).unwrap().unwrap();
        let verified = audit::verify(&world.store, &trusted, &programme, &mut |_, _| {}).map_err(|e| e.to_string())?;
        second_opinion(world, &programme)?;
        let mut replay = Replay::new("HDF21");
        let mut journal = Vec::new();
        for stored in world.receipts() {
            let receipt = chain::read_receipt(stored.body).map_err(|found| format!("{found:?}"))?;
            replay.receipt(&receipt).map_err(|found| found.to_string())?;
            journal.push(receipt.bytes().to_owned());
        }
        replay.recount().map_err(|found| found.to_string())?;
        let mut stock = Stock::default();
        for (number, booklet) in replay.booklets() {
            stock.booklets.insert(number, (At::parse(booklet.holder)?, booklet.passes_left));
        }
        for (booklet, rank, holder) in replay.departed() {
            stock.alone.insert((booklet, rank), At::parse(holder)?);
        }
        let mut balances = BTreeMap::new();
        for (batch, holder, balance) in replay.balances() {
            let row = (balance.booklets, balance.passes, balance.cents);
            balances.insert((At::parse(holder)?, parse_batch(batch)?), row);
        }
        let seals = (!self.one_by_one).then(|| usize::try_from(verified.seals).unwrap());
        Ok(Legacy { balances, stock, journal, seals })
    }
}
