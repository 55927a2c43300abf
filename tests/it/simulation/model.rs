//! What ought to happen, in maps and integers, written from the documents and from nothing else: it calls no rule of the
//! domain. For a request it names *every* reason to refuse; the ledger may tell any one of them, and may grant only
//! where there is none. What never lives here: a look at the ledger.

use std::collections::{BTreeMap, BTreeSet};

use recepisse::domain::closing::Period;
use recepisse::domain::ends::Scope;
use recepisse::domain::party::Role;
use recepisse::domain::time::{Day, Instant};

use super::applications::Application;
use super::ends::{EndsWish, Items};
use super::money::Money;
use super::people::{Consent, Keys};
use super::script::{At, Balances, Batch, Change, Pass, Request, Stock, Who, Wish};
use super::statements::Statements;
use super::subject::Said;

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
        /// Some of what the receipt says by name.
        said: Said,
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
    pub(super) grace_end: Day,
    pub(super) acknowledged: bool,
    pub(super) expired: bool,
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

/// Who handed a booklet out, and to whom.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given {
    pub(super) office: &'static str,
    pub(super) person: u32,
}

#[derive(Debug, Clone)]
pub(super) struct Redemption {
    pub(super) provider: &'static str,
    pub(super) day: Day,
    pub(super) performed_on: Day,
    pub(super) passes: Vec<Pass>,
    pub(super) reversed: bool,
    /// Whether a claim ever held it.
    pub(super) claimed: bool,
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
    /// Passes that are not where their booklet is: spent, or given back while their booklet was out of use.
    pub(super) alone: BTreeMap<Pass, At>,
    pub(super) given: BTreeMap<u32, Given>,
    /// Whom somebody has met, and when last.
    pub(super) contacts: BTreeMap<u32, Day>,
    /// What somebody proposes to destroy, and whether it is.
    pub(super) proposals: Vec<(Items, bool)>,
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
    /// By place, from 1.
    pub(super) applications: Vec<Application>,
    /// Whether training, and where to go, are asked for at the counter: nobody has the one or says the other.
    pub(super) counter: (bool, bool),
    pub(super) money: Money,
    pub(super) statements: Statements,
    pub(super) keys: Keys,
    /// Who agreed to be reminded, by the number of the receipt that says so.
    pub(super) consents: BTreeMap<String, Consent>,
    /// Who pays the venues: the Region, or the issuer itself.
    pub(super) issuer_pays: bool,
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
        Wish::Money(wish) => wish.is_open_to(role),
        Wish::Application(wish) => wish.is_open_to(role),
        Wish::End(wish) => wish.is_open_to(role),
        Wish::Statement(wish) => wish.is_open_to(role),
        Wish::People(wish) => wish.is_open_to(role),
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
            alone: BTreeMap::new(),
            given: BTreeMap::new(),
            contacts: BTreeMap::new(),
            proposals: Vec::new(),
            withdrawn: BTreeMap::new(),
            moved_by: BTreeMap::new(),
            dispatches: Vec::new(),
            had: BTreeMap::new(),
            exceptions: Vec::new(),
            redemptions: BTreeMap::new(),
            applications: Vec::new(),
            counter: (false, false),
            money: Money::default(),
            statements: Statements::default(),
            keys: Keys::first(),
            consents: BTreeMap::new(),
            issuer_pays: false,
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

    /// Whether a pass was spent, whatever has become of its payment.
    pub(super) fn is_spent(&self, pass: Pass) -> bool {
        matches!(self.alone.get(&pass), Some(At::Provider(_) | At::Claimed(_) | At::Paid(_)))
    }

    pub(super) fn has_exception(&self, person: u32) -> Option<i64> {
        let place = self.exceptions.iter().position(|(of, _, used)| *of == person && !used)?;
        Some(i64::try_from(place).unwrap() + 1)
    }

    pub(super) fn change(&mut self, change: &Change) {
        fn put<T: Ord>(set: &mut BTreeSet<T>, item: T, is_in: bool) {
            if is_in {
                set.insert(item);
            } else {
                set.remove(&item);
            }
        }
        match *change {
            Change::Account(who, active) => put(&mut self.idle, who, !active),
            Change::Office(office, active) => put(&mut self.closed_offices, office, !active),
            Change::Programme(active) => self.open = active,
            Change::Venue(venue, approved) => put(&mut self.refused_venues, venue, !approved),
            Change::Mandate { office, ceiling_booklets, in_force } => {
                self.mandates.insert(office, (ceiling_booklets, in_force));
            }
            Change::Payee { provider, by } => self.money.propose(provider, by),
            Change::PeopleKey { number, by } => self.keys.propose(number, by),
            Change::IssuerPays => self.issuer_pays = true,
            Change::Counter { training, orientation } => self.counter = (training, orientation),
            Change::Debtor(known) => self.money.set_debtor(known),
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
        let said = self.foretold(&request.wish);
        self.grant(request, today, &number);
        Expected::Granted { number, position: self.position, said }
    }

    /// What the receipt will say by name, as far as it is foretold.
    fn foretold(&self, wish: &Wish) -> Said {
        match wish {
            Wish::People(wish) => self.foretold_of_people(wish),
            Wish::Application(wish) => self.foretold_of_application(wish),
            Wish::End(EndsWish::Contradict(list)) => self.foretold_of_list(list),
            _ => Said::new(),
        }
    }

    /// The same without any effect, by the clock as it stands.
    pub(super) fn rehearse(&self, request: &Request) -> Expected {
        if !may(request.who.role, &request.wish) {
            return Expected::Forbidden;
        }
        Expected::Refused(self.wrong(request, self.today()))
    }

    pub(super) fn stock(&self) -> Stock {
        let left = |number: u32| u8::try_from(self.left(number)).unwrap();
        Stock {
            booklets: self.booklets.iter().map(|(number, booklet)| (*number, (booklet.at, left(*number)))).collect(),
            alone: self.alone.clone(),
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
        for ((number, _), at) in &self.alone {
            add(*at, self.booklets[number].batch, 0, 1);
        }
        balances.retain(|_, balance| *balance != (0, 0, 0));
        balances
    }
}
