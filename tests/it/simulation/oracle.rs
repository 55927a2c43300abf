//! The judge: lets something happen to the subject and to the model, and says where the two part. What never lives here:
//! chance.

use std::collections::{BTreeMap, BTreeSet};

use super::ends::EndsWish;
use super::model::{Expected, FACE_CENTS, Model, Reasons};
use super::script::{At, Balances, Event, Request, Wish};
use super::subject::{Answer, Legacy, Subject, Told};

/// Acts of one group at most.
const GROUP: usize = 12;

/// What a life was made of.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    pub(super) acts: usize,
    pub(super) replays: usize,
    /// By kind of act.
    pub(super) granted: BTreeMap<&'static str, usize>,
    /// By code, and everything else that is no receipt.
    pub(super) told: BTreeMap<String, usize>,
    /// Groups of several acts.
    pub(super) groups: usize,
    /// Groups that left a receipt.
    sealed: usize,
}

impl Tally {
    pub(super) fn add(&mut self, other: &Self) {
        self.acts += other.acts;
        self.replays += other.replays;
        self.groups += other.groups;
        for (kind, times) in &other.granted {
            *self.granted.entry(kind).or_default() += times;
        }
        for (code, times) in &other.told {
            *self.told.entry(code.clone()).or_default() += times;
        }
    }
}

pub(super) struct Oracle<'s> {
    subject: &'s mut dyn Subject,
    pub(super) model: Model,
    pub(super) tally: Tally,
    group: Vec<Request>,
    /// Requests with keys that were answered, with the first answer.
    first: BTreeMap<u32, (Request, Answer)>,
}

/// The name of the act in the tally.
fn kind(wish: &Wish) -> &'static str {
    match wish {
        Wish::Order { .. } => "order",
        Wish::Deliver(_) => "delivery",
        Wish::Activate { .. } => "activation",
        Wish::Dispatch { .. } => "dispatch",
        Wish::Return { .. } => "return",
        Wish::Accept(_) => "acceptance",
        Wish::Exempt { .. } => "exception",
        Wish::HandOut { .. } => "hand_out",
        Wish::Redeem { .. } => "redemption",
        Wish::Reverse { .. } => "reversal",
        Wish::Close { .. } => "closing",
        Wish::Block { .. } => "block",
        Wish::Lose { .. } => "loss",
        Wish::BringBack { lost: false, .. } => "unblock",
        Wish::BringBack { lost: true, .. } => "found",
        Wish::Suspend { stop: true, .. } => "suspension",
        Wish::Suspend { stop: false, .. } => "resumption",
        Wish::Count { .. } => "stock_take",
        Wish::Application(wish) => wish.kind(),
        Wish::End(wish) => wish.kind(),
        Wish::Statement(wish) => wish.kind(),
        Wish::Money(wish) => wish.kind(),
        Wish::People(wish) => wish.kind(),
    }
}

/// Nobody knows of a receipt, of a hand-out or of a file for the bank before it is answered.
pub(super) const fn waits_for_answers(wish: &Wish) -> bool {
    match wish {
        Wish::BringBack { .. } | Wish::Lose { .. } | Wish::Statement(_) => true,
        Wish::Application(wish) => wish.waits_for_answers(),
        Wish::End(wish) => wish.waits_for_answers(),
        Wish::Money(wish) => wish.waits_for_answers(),
        Wish::People(wish) => wish.waits_for_answers(),
        _ => false,
    }
}

impl<'s> Oracle<'s> {
    pub(super) fn new(subject: &'s mut dyn Subject, model: Model) -> Self {
        Self { subject, model, tally: Tally::default(), group: Vec::new(), first: BTreeMap::new() }
    }

    /// Lets it happen to both.
    ///
    /// # Errors
    /// Where they part.
    pub(super) fn step(&mut self, event: &Event) -> Result<(), String> {
        if let Event::Arrive(request) = event {
            // The ledger has no key twice in one group: the second waits until the first is answered.
            if request.key.is_some() && self.group.iter().any(|waiting| waiting.key == request.key) {
                self.group_ends()?;
            }
            // Whoever has a list of an order has seen that it was placed.
            let has_list = matches!(request.wish, Wish::End(EndsWish::Contradict(_)));
            let unseen = self.group.iter().any(|waiting| matches!(waiting.wish, Wish::Order { .. }));
            if waits_for_answers(&request.wish) || (has_list && unseen) {
                self.group_ends()?;
            }
            self.group.push(request.clone());
            return if self.group.len() < GROUP { Ok(()) } else { self.group_ends() };
        }
        self.group_ends()?;
        match event {
            Event::Arrive(_) | Event::GroupEnds => {}
            Event::Rehearse(request) => {
                let (expected, told) = (self.model.rehearse(request), self.subject.rehearse(request));
                self.compare(request, &expected, &told)?;
                self.check_books()?;
            }
            Event::Look(code) => {
                let (mut wrong, today) = (Reasons::new(), self.model.today());
                self.model.wrong_pass(*code, today, today, &mut wrong);
                let told = self.subject.look(*code);
                let right = told.as_deref().map_or(wrong.is_empty(), |code| wrong.contains(code));
                check(right, || format!("a look at {code:?} ought to say one of {wrong:?} and says {told:?}"))?;
            }
            Event::TimePasses(seconds) => {
                self.model.time_passes(*seconds);
                self.subject.time_passes(*seconds);
            }
            Event::ClockIsSet(seconds) => {
                self.model.clock_is_set(*seconds);
                self.subject.clock_is_set(*seconds);
            }
            Event::Changes(change) => {
                self.model.change(change);
                self.subject.change(change);
            }
            Event::Restart => {
                self.model.restarts();
                self.subject.restart();
            }
        }
        Ok(())
    }

    fn group_ends(&mut self) -> Result<(), String> {
        let group = std::mem::take(&mut self.group);
        if group.is_empty() {
            return Ok(());
        }
        let answers = self.subject.write(&group);
        check(answers.len() == group.len(), || format!("{} answers for {} requests", answers.len(), group.len()))?;
        self.tally.groups += usize::from(group.len() > 1);
        let mut sealed = false;
        for (request, told) in group.iter().zip(&answers) {
            let expected = self.model.ask(request);
            sealed |= matches!(expected, Expected::Granted { .. });
            self.compare(request, &expected, told)?;
            self.count(request, told);
        }
        self.tally.sealed += usize::from(sealed);
        self.check_books()
    }

    fn compare(&mut self, request: &Request, expected: &Expected, told: &Told) -> Result<(), String> {
        let first = request.key.and_then(|key| self.first.get(&key));
        let agree = match (expected, told) {
            (
                Expected::Granted { number, position, said },
                Told::Answer(Answer::Granted { number: n, position: p, said: s, .. }),
            ) => (number, position) == (n, p) && said.iter().all(|(name, of)| s.get(name) == Some(of)),
            // A rehearsal that would be granted names no number.
            (Expected::Refused(wrong), Told::Answer(Answer::Granted { position: 0, .. })) => wrong.is_empty(),
            (Expected::Refused(wrong), Told::Answer(Answer::Refused(refusal))) => wrong.contains(refusal.code.as_str()),
            (Expected::Again, Told::Replay(answer)) => first.is_some_and(|(_, first)| first == answer),
            (Expected::KeyReused, Told::KeyReused) | (Expected::Forbidden, Told::Forbidden) => true,
            (Expected::WrongClock(code), Told::WrongClock(told)) => code == told,
            _ => false,
        };
        check(agree, || {
            format!("{request:?}\n  ought to be told {expected:?} (first {first:?})\n  and is told      {told:?}")
        })
    }

    fn count(&mut self, request: &Request, told: &Told) {
        self.tally.acts += 1;
        let mut note = |code: &str| *self.tally.told.entry(code.to_owned()).or_default() += 1;
        match told {
            Told::Answer(answer) => {
                let kept = !matches!(answer, Answer::Refused(refusal) if refusal.code.is_about_the_caller());
                if let Some(key) = request.key.filter(|_| kept) {
                    self.first.insert(key, (request.clone(), answer.clone()));
                }
                match answer {
                    Answer::Granted { .. } => *self.tally.granted.entry(kind(&request.wish)).or_default() += 1,
                    Answer::Refused(refusal) => note(refusal.code.as_str()),
                }
            }
            Told::Replay(_) => self.tally.replays += 1,
            Told::KeyReused => note("idempotency_key_reused"),
            Told::Forbidden => note("forbidden"),
            Told::WrongClock(code) => note(code),
            Told::Broken(what) => note(what),
        }
    }

    /// The identity of every batch, whoever is right; then what the model says.
    fn check_books(&mut self) -> Result<(), String> {
        let balances = self.subject.balances()?;
        check_identity(&balances)?;
        let expected = self.model.balances();
        check(balances == expected, || differ("balances", &expected, &balances))?;
        let (purse, expected) = (self.subject.purse()?, self.model.money.purse());
        purse.check(&balances)?;
        check(purse == expected, || {
            format!("claims and payments ought to be\n  {expected:?}\n  and are\n  {purse:?}")
        })?;
        let (lines, expected) = (self.subject.lines()?, self.model.statements.lines());
        check(lines == expected, || format!("statements ought to say\n  {expected:?}\n  and say\n  {lines:?}"))?;
        let (filed, expected) = (self.subject.filed()?, self.model.filed());
        check(filed == expected, || format!("applications ought to be\n  {expected:?}\n  and are\n  {filed:?}"))?;
        let (reminded, expected) = (self.subject.reminded()?, self.model.reminded());
        check(reminded == expected, || format!("reminders ought to be\n  {expected:?}\n  and are\n  {reminded:?}"))?;
        let (had, expected) = (self.subject.had()?, self.model.had());
        check(had == expected, || format!("people ought to have had {expected:?} and have had {had:?}"))?;
        if let Some(stock) = self.subject.stock()? {
            let expected = self.model.stock();
            check(stock == expected, || format!("stock ought to be\n  {expected:?}\n  and is\n  {stock:?}"))?;
        }
        Ok(())
    }

    /// Ends the life: sends every answered request once more, late, and reads the last will.
    ///
    /// # Errors
    /// As [`Self::step`].
    pub(super) fn finish(mut self) -> Result<(Tally, Legacy), String> {
        self.group_ends()?;
        let astray = self.model.set_by_seconds();
        self.step(&Event::ClockIsSet(-astray))?;
        // A clock that was believed while it was ahead left receipts that are up to two minutes early.
        self.step(&Event::TimePasses(40 * 24 * 60 * 60))?;
        let late: Vec<Request> = self.first.values().map(|(request, _)| request.clone()).collect();
        for request in late {
            self.step(&Event::Arrive(request))?;
        }
        self.group_ends()?;
        let legacy = self.subject.legacy()?;
        let (balances, stock) = (self.model.balances(), self.model.stock());
        check(legacy.balances == balances, || differ("replayed balances", &balances, &legacy.balances))?;
        check(legacy.stock == stock, || format!("receipts lead to\n  {:?}\n  instead of\n  {stock:?}", legacy.stock))?;
        let sealed = self.tally.sealed;
        let seals = legacy.seals.unwrap_or(sealed);
        check(seals == sealed, || format!("{sealed} groups left {seals} seals: a group was taken apart"))?;
        Ok((self.tally, legacy))
    }
}

fn check(holds: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what()) }
}

fn differ(what: &str, expected: &Balances, found: &Balances) -> String {
    let one: BTreeSet<_> = expected.iter().collect();
    let other: BTreeSet<_> = found.iter().collect();
    format!("{what}: expected alone {:?}, found alone {:?}", &one - &other, &other - &one)
}

/// Per batch everything sums to nothing, only the counter-account is below it, and money follows passes.
fn check_identity(balances: &Balances) -> Result<(), String> {
    let mut sums: BTreeMap<_, (i64, i64)> = BTreeMap::new();
    for ((at, batch), (booklets, passes, cents)) in balances {
        let sum = sums.entry(*batch).or_default();
        *sum = (sum.0 + passes, sum.1 + cents);
        let counter = matches!(at, At::Issue(_));
        let side = if counter { *passes <= 0 && *booklets <= 0 } else { *passes >= 0 && *booklets >= 0 };
        check(side, || format!("{at} has {booklets} booklets and {passes} passes of {batch:?}"))?;
        check(*cents == passes * FACE_CENTS, || format!("{at} has {passes} passes worth {cents} cents"))?;
    }
    check(sums.values().all(|sum| *sum == (0, 0)), || format!("batches that do not sum to nothing: {sums:?}"))
}
