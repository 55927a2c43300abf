//! What ought to happen, in maps and integers, written from the documents and from nothing else: it calls no rule of the
//! domain. For a request it names *every* reason to refuse; the ledger may tell any one of them, and may grant only
//! where there is none. What never lives here: a look at the ledger.

use std::collections::{BTreeMap, BTreeSet};

use recepisse::domain::closing::Period;
use recepisse::domain::ends::Scope;
use recepisse::domain::party::Role;
use recepisse::domain::time::{Day, Instant};

use super::script::{At, Balances, Batch, Change, Delivery, Pass, Pick, Request, Stock, Who, Wish};

pub(super) const FACE_CENTS: i64 = 1000;
pub(super) const ENTITLEMENT: i64 = 10;
const TWO_MINUTES: i64 = 120_000;

pub(super) type Reasons = BTreeSet<&'static str>;

/// What a request ought to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expected {
    Granted {
        number: String,
        position: i64,
    },
    Refused(Reasons),
    /// What it was told the first time.
    Again,
    KeyReused,
    Forbidden,
    WrongClock(&'static str),
}

#[derive(Debug, Clone)]
pub(super) struct Order {
    pub(super) first: u32,
    pub(super) last: u32,
    pub(super) size: u8,
    pub(super) deliveries: u32,
    pub(super) active: bool,
    pub(super) validity_end: Day,
    /// Hand-outs, redemptions.
    pub(super) stopped: (bool, bool),
}

/// What a receipt took out of use: by whom, whether it is lost, and where each booklet was.
#[derive(Debug, Clone)]
pub(super) struct Withdrawn {
    pub(super) by: Who,
    pub(super) lost: bool,
    pub(super) booklets: Vec<(u32, At)>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Booklet {
    pub(super) batch: Batch,
    pub(super) size: u8,
    pub(super) at: At,
    pub(super) handed_out: Option<Day>,
}

#[derive(Debug, Clone)]
pub(super) struct Redemption {
    pub(super) provider: &'static str,
    pub(super) day: Day,
    pub(super) passes: Vec<Pass>,
    pub(super) reversed: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Model {
    /// Wall clock, and by how much it was set since the start, in milliseconds.
    wall: i64,
    set_by: i64,
    /// Of the last receipt.
    last: i64,
    position: i64,
    series: BTreeMap<(&'static str, i32), u32>,
    /// Keys with what they name.
    kept: BTreeMap<u32, String>,
    /// By the Region's number, in the order in which they were placed.
    pub(super) orders: Vec<(u32, Order)>,
    pub(super) booklets: BTreeMap<u32, Booklet>,
    /// Printed codes, and the passes that they open.
    pub(super) codes: BTreeMap<Pass, Pass>,
    pub(super) spent: BTreeMap<Pass, &'static str>,
    /// Passes that were given back while their booklet was out of use: in circulation by themselves.
    pub(super) loose: BTreeSet<Pass>,
    /// Who handed a booklet out.
    pub(super) given: BTreeMap<u32, &'static str>,
    /// By number of receipt.
    pub(super) withdrawn: BTreeMap<String, Withdrawn>,
    /// The receipt that moved each booklet last.
    pub(super) moved_by: BTreeMap<u32, String>,
    /// Sender and receiver, by number.
    pub(super) dispatches: Vec<(At, At)>,
    pub(super) had: BTreeMap<u32, i64>,
    /// Person, passes, used.
    pub(super) exceptions: Vec<(u32, i64, bool)>,
    pub(super) redemptions: BTreeMap<String, Redemption>,
    /// The day of the first receipt, and the last day that is closed of each kind of period.
    pub(super) opened: Option<Day>,
    pub(super) closed: BTreeMap<Period, Day>,
    pub(super) open: bool,
    pub(super) idle: BTreeSet<Who>,
    pub(super) closed_offices: BTreeSet<&'static str>,
    pub(super) refused_venues: BTreeSet<&'static str>,
    /// Ceiling in booklets, and whether it is in force.
    pub(super) mandates: BTreeMap<&'static str, (i64, bool)>,
}

fn may(role: Role, wish: &Wish) -> bool {
    use Role::{PrescriberAgent, RegionAdmin, RegionFinance, VenueAgent};
    match wish {
        Wish::Order { .. } | Wish::Deliver(_) => role == RegionAdmin,
        Wish::Activate { .. } | Wish::Close { .. } => role == RegionFinance,
        Wish::Dispatch { .. } | Wish::Accept(_) => matches!(role, RegionAdmin | PrescriberAgent),
        Wish::Return { .. } | Wish::HandOut { .. } => role == PrescriberAgent,
        Wish::Exempt { .. } => matches!(role, RegionAdmin | RegionFinance),
        Wish::Redeem { .. } => role == VenueAgent,
        Wish::Reverse { .. } => matches!(role, VenueAgent | RegionFinance),
        Wish::Block { .. } | Wish::BringBack { .. } | Wish::Suspend { .. } => {
            matches!(role, RegionAdmin | RegionFinance)
        }
        Wish::Lose { .. } => matches!(role, RegionAdmin | PrescriberAgent),
        Wish::Count { .. } => matches!(role, RegionAdmin | RegionFinance | PrescriberAgent),
    }
}

/// What somebody's booklets are kept as.
pub(super) fn own(who: Who) -> At {
    if matches!(who.role, Role::PrescriberAgent | Role::VenueAgent) { At::Office(who.office) } else { At::Store }
}

/// What is stopped of an order after something of it is stopped, or goes on.
pub(super) fn after(scope: Scope, before: (bool, bool), stop: bool) -> (bool, bool) {
    match scope {
        Scope::HandOuts => (stop, before.1),
        Scope::Redemptions => (before.0, stop),
        Scope::Everything => (stop, stop),
    }
}

/// The last day of the period that a day lies in.
pub(super) fn end_of(period: Period, day: Day) -> Day {
    let same = |other: &Day| match period {
        Period::Day => *other == day,
        Period::Month => other.to_string()[..7] == day.to_string()[..7],
        Period::Year => other.year() == day.year(),
    };
    (0..366).map(|count| day.plus_days(count)).take_while(same).last().unwrap()
}

impl Model {
    /// The last day of the period that is closed next; none before there is a receipt.
    pub(super) fn next_closing(&self, period: Period) -> Option<Day> {
        let first = self.closed.get(&period).map(|day| day.plus_days(1)).or(self.opened)?;
        Some(end_of(period, first))
    }

    pub(super) fn new(now: Instant) -> Self {
        Self {
            wall: now.millis(),
            set_by: 0,
            last: i64::MIN,
            position: 0,
            series: BTreeMap::new(),
            kept: BTreeMap::new(),
            orders: Vec::new(),
            booklets: BTreeMap::new(),
            codes: BTreeMap::new(),
            spent: BTreeMap::new(),
            loose: BTreeSet::new(),
            given: BTreeMap::new(),
            withdrawn: BTreeMap::new(),
            moved_by: BTreeMap::new(),
            dispatches: Vec::new(),
            had: BTreeMap::new(),
            exceptions: Vec::new(),
            redemptions: BTreeMap::new(),
            opened: None,
            closed: BTreeMap::new(),
            open: true,
            idle: BTreeSet::new(),
            closed_offices: BTreeSet::new(),
            refused_venues: BTreeSet::from(["Louvroil"]),
            mandates: BTreeMap::from([("MAUB", (200, true)), ("FOURM", (200, true))]),
        }
    }

    pub(super) fn time_passes(&mut self, seconds: i64) {
        self.wall += 1000 * seconds;
    }

    pub(super) fn clock_is_set(&mut self, seconds: i64) {
        self.wall += 1000 * seconds;
        self.set_by += 1000 * seconds;
    }

    pub(super) fn restarts(&mut self) {
        self.set_by = 0;
    }

    pub(super) fn today(&self) -> Day {
        Instant::from_millis(self.wall).day()
    }

    /// How far the clock was set, in seconds.
    pub(super) fn set_by_seconds(&self) -> i64 {
        self.set_by / 1000
    }

    pub(super) fn with(&self, at: At) -> Vec<u32> {
        self.booklets.iter().filter(|(_, booklet)| booklet.at == at).map(|(number, _)| *number).collect()
    }

    pub(super) fn order(&self, number: u32) -> Option<&Order> {
        self.orders.iter().find(|(of, _)| *of == number).map(|(_, order)| order)
    }

    pub(super) fn order_of(&self, booklet: &Booklet) -> &Order {
        &self.orders[usize::try_from(booklet.batch.0).unwrap() - 1].1
    }

    pub(super) fn has_exception(&self, person: u32) -> Option<i64> {
        let place = self.exceptions.iter().position(|(of, _, used)| *of == person && !used)?;
        Some(i64::try_from(place).unwrap() + 1)
    }

    pub(super) fn change(&mut self, change: Change) {
        fn put<T: Ord>(set: &mut BTreeSet<T>, item: T, is_in: bool) {
            if is_in {
                set.insert(item);
            } else {
                set.remove(&item);
            }
        }
        match change {
            Change::Account(who, active) => put(&mut self.idle, who, !active),
            Change::Office(office, active) => put(&mut self.closed_offices, office, !active),
            Change::Programme(active) => self.open = active,
            Change::Venue(venue, approved) => put(&mut self.refused_venues, venue, !approved),
            Change::Mandate { office, ceiling_booklets, in_force } => {
                self.mandates.insert(office, (ceiling_booklets, in_force));
            }
        }
    }

    /// What a request that arrives now ought to be told, and what comes of it.
    pub(super) fn ask(&mut self, request: &Request) -> Expected {
        if !may(request.who.role, &request.wish) {
            return Expected::Forbidden;
        }
        if self.set_by > TWO_MINUTES {
            return Expected::WrongClock("clock_ahead");
        }
        if self.set_by < -TWO_MINUTES || self.last.saturating_sub(self.wall) > TWO_MINUTES {
            return Expected::WrongClock("clock_behind");
        }
        if let Some(named) = request.key.and_then(|key| self.kept.get(&key)) {
            return if *named == request.fingerprint() { Expected::Again } else { Expected::KeyReused };
        }
        let at = self.wall.max(self.last);
        let today = Instant::from_millis(at).day();
        let wrong = self.wrong(request, today);
        // A refusal of who asks is not kept: the same request may be granted once the account is put right.
        if let Some(key) = request.key.filter(|_| !wrong.contains("account_disabled")) {
            self.kept.insert(key, request.fingerprint());
        }
        if !wrong.is_empty() {
            return Expected::Refused(wrong);
        }
        (self.last, self.position) = (at, self.position + 1);
        self.opened.get_or_insert(today);
        let running = self.series.entry((request.who.office, today.year())).or_default();
        *running += 1;
        let number = format!("HDF21-{}-{}-{running:06}", request.who.office, today.year());
        self.grant(request, today, &number);
        Expected::Granted { number, position: self.position }
    }

    /// The same without any effect, by the clock as it stands.
    pub(super) fn rehearse(&self, request: &Request) -> Expected {
        if !may(request.who.role, &request.wish) {
            return Expected::Forbidden;
        }
        Expected::Refused(self.wrong(request, self.today()))
    }

    fn move_all(&mut self, booklets: &[u32], to: At, by: &str) {
        for number in booklets {
            self.booklets.get_mut(number).unwrap().at = to;
            self.moved_by.insert(*number, by.to_owned());
        }
    }

    /// Takes booklets out of use, and remembers where they were.
    fn withdraw(&mut self, who: Who, booklets: &[u32], lost: bool, number: &str) {
        let origin = |booklet: &u32| (*booklet, self.booklets[booklet].at);
        let booklets: Vec<(u32, At)> = booklets.iter().map(origin).collect();
        let numbers: Vec<u32> = booklets.iter().map(|(booklet, _)| *booklet).collect();
        self.move_all(&numbers, if lost { At::Lost } else { At::Blocked }, number);
        self.withdrawn.insert(number.to_owned(), Withdrawn { by: who, lost, booklets });
    }

    /// What a receipt took out of use and that is still where it put it, with where it comes back to.
    pub(super) fn still_out(&self, number: &str) -> Vec<(u32, At)> {
        let Some(withdrawn) = self.withdrawn.get(number) else { return Vec::new() };
        let there = if withdrawn.lost { At::Lost } else { At::Blocked };
        let still = |(booklet, _): &&(u32, At)| {
            self.booklets[booklet].at == there && self.moved_by.get(booklet).is_some_and(|by| by == number)
        };
        let home = |at: At| if matches!(at, At::Issue(_)) { At::Store } else { at };
        withdrawn.booklets.iter().filter(still).map(|(booklet, at)| (*booklet, home(*at))).collect()
    }

    fn send(&mut self, who: Who, pick: &Pick, to: At, number: &str) {
        let chosen = self.chosen(pick, own(who), &mut Reasons::new());
        self.dispatches.push((own(who), to));
        self.move_all(&chosen, At::Transit(i64::try_from(self.dispatches.len()).unwrap()), number);
    }

    fn grant(&mut self, request: &Request, today: Day, number: &str) {
        let who = request.who;
        match &request.wish {
            Wish::Order { number, booklets, size, validity_end, .. } => {
                let first = self.orders.last().map_or(1, |(_, order)| order.last + 1);
                let (last, validity_end) = (first + booklets - 1, *validity_end);
                let stopped = (false, false);
                let order = Order { first, last, size: *size, deliveries: 0, active: false, validity_end, stopped };
                self.orders.push((*number, order));
            }
            Wish::Deliver(delivery) => self.take_in(delivery, who, number),
            Wish::Activate { order } => {
                let found = self.orders.iter_mut().find(|(of, _)| of == order);
                found.unwrap().1.active = true;
            }
            Wish::Dispatch { to, pick, .. } => self.send(who, pick, At::Office(to), number),
            Wish::Return { pick, .. } => self.send(who, pick, At::Store, number),
            Wish::Accept(acceptance) => {
                let (sound, damaged) = self.sorted(acceptance);
                self.move_all(&sound, own(who), number);
                self.withdraw(who, &damaged, false, number);
            }
            Wish::Exempt { person, passes } => self.exceptions.push((*person, i64::from(*passes), false)),
            Wish::HandOut { person, booklets, exception, .. } => {
                let passes: i64 = booklets.iter().map(|number| self.left(*number)).sum();
                let had = self.had.entry(*person).or_default();
                *had += passes;
                if let Some(number) = exception.filter(|_| *had > ENTITLEMENT) {
                    self.exceptions[usize::try_from(number - 1).unwrap()].2 = true;
                }
                self.move_all(booklets, At::Circulation, number);
                for booklet in booklets {
                    self.booklets.get_mut(booklet).unwrap().handed_out = Some(today);
                    self.given.insert(*booklet, who.office);
                }
            }
            Wish::Redeem { codes, .. } => {
                let passes: Vec<Pass> = codes.iter().map(|code| self.codes[code]).collect();
                self.spent.extend(passes.iter().map(|pass| (*pass, who.office)));
                self.loose.retain(|pass| !passes.contains(pass));
                let redemption = Redemption { provider: who.office, day: today, passes, reversed: false };
                self.redemptions.insert(number.to_owned(), redemption);
            }
            Wish::Close { period, of } => drop(self.closed.insert(*period, end_of(*period, *of))),
            Wish::Reverse { number } => {
                let redemption = self.redemptions.get_mut(number).unwrap();
                redemption.reversed = true;
                self.spent.retain(|pass, _| !redemption.passes.contains(pass));
                let away = |pass: &&Pass| self.booklets[&pass.0].at != At::Circulation;
                self.loose.extend(redemption.passes.iter().filter(away));
            }
            Wish::Block { booklets } => self.withdraw(who, booklets, false, number),
            Wish::Lose { booklets, .. } => self.withdraw(who, booklets, true, number),
            Wish::BringBack { number: taken_by, .. } => {
                for (booklet, home) in self.still_out(taken_by) {
                    self.move_all(&[booklet], home, number);
                }
            }
            Wish::Suspend { orders, scope, stop } => {
                for (_, order) in self.orders.iter_mut().filter(|(number, _)| orders.contains(number)) {
                    order.stopped = after(*scope, order.stopped, *stop);
                }
            }
            Wish::Count { .. } => {}
        }
    }

    fn take_in(&mut self, delivery: &Delivery, who: Who, number: &str) {
        let place = self.orders.iter().position(|(of, _)| *of == delivery.order).unwrap();
        let found = &mut self.orders[place].1;
        found.deliveries += 1;
        let (batch, size) = ((u32::try_from(place + 1).unwrap(), found.deliveries), found.size);
        self.codes.extend(delivery.printed());
        for booklet in &delivery.received {
            self.booklets.insert(*booklet, Booklet { batch, size, at: At::Issue(batch), handed_out: None });
        }
        let sound: Vec<u32> =
            delivery.received.iter().filter(|booklet| !delivery.damaged.contains(booklet)).copied().collect();
        self.move_all(&sound, At::Store, number);
        self.withdraw(who, &delivery.damaged, false, number);
    }

    pub(super) fn stock(&self) -> Stock {
        let left = |number: u32| u8::try_from(self.left(number)).unwrap();
        Stock {
            booklets: self.booklets.iter().map(|(number, booklet)| (*number, (booklet.at, left(*number)))).collect(),
            spent: self
                .spent
                .iter()
                .map(|(pass, provider)| (*pass, At::Provider(provider)))
                .chain(self.loose.iter().map(|pass| (*pass, At::Circulation)))
                .collect(),
        }
    }

    pub(super) fn balances(&self) -> Balances {
        let mut balances = Balances::new();
        let mut add = |at: At, batch: Batch, booklets: i64, passes: i64| {
            let balance = balances.entry((at, batch)).or_default();
            *balance = (balance.0 + booklets, balance.1 + passes, balance.2 + passes * FACE_CENTS);
        };
        for (number, booklet) in &self.booklets {
            add(booklet.at, booklet.batch, 1, self.left(*number));
            add(At::Issue(booklet.batch), booklet.batch, -1, -i64::from(booklet.size));
        }
        for ((number, _), provider) in &self.spent {
            add(At::Provider(provider), self.booklets[number].batch, 0, 1);
        }
        for (number, _) in &self.loose {
            add(At::Circulation, self.booklets[number].batch, 0, 1);
        }
        balances.retain(|_, balance| *balance != (0, 0, 0));
        balances
    }
}
