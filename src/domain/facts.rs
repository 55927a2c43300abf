//! What an act may know: rows loaded before anyone decides, kept up to date in memory as acts of a group are
//! granted. What never lives here: a query, or a rule.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use super::applications::{ApplicationFacts, ApplicationNeeds};
use super::claims::{ClaimFacts, ClaimNeeds};
use super::closing::{Books, Closed, DayEnd, Period};
use super::destruction::Proposal;
use super::duplicates::{DuplicateFacts, DuplicateNeeds};
use super::eligibility::RuleSet;
use super::end_calendar::{EndRules, OrderHoldings};
use super::erasure::{Erased, ErasureFacts, ErasureNeeds};
use super::follow_up::{FollowUpFacts, FollowUpNeeds};
use super::ids::{BatchId, BookletId, ItemId, OrderId, OrganisationId, PassId, UserId, VenueId};
use super::incidents::{Given, Withdrawal};
use super::money::Cents;
use super::movement::{Batch, Dispatch, Exception, HandOut, Kind, Line, Movement, Record, Redemption, Replaced};
use super::offline::{OfflineFacts, OfflineNeeds};
use super::order_places::OrderPlaces;
use super::party::{Holder, Organisation, Venue};
use super::payments::{PaymentFacts, PaymentNeeds};
use super::people_key::{PeopleKeyNeeds, PeopleKeys};
use super::programme::{Mandate, Order, Programme};
use super::restore::{Declaration, Loss};
use super::short_code::ShortCode;
use super::standing::Standing;
use super::statements::{StatementFacts, StatementNeeds};
use super::stock::{Booklet, CodeMac, Pass};
use super::text::Reference;
use super::time::Day;

/// What an act asks to know. The union over a group is loaded with one query per table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    pub users: BTreeSet<UserId>,
    pub organisations: BTreeSet<OrganisationId>,
    pub venues: BTreeSet<VenueId>,
    /// Mandates of these prescribers.
    pub custody_of: BTreeSet<OrganisationId>,
    /// The act rests on the mandate of whoever asks: the ledger puts that organisation into `custody_of`.
    pub own_mandate: bool,
    /// What is on its way to these prescribers.
    pub receivers: BTreeSet<OrganisationId>,
    pub orders: BTreeSet<Reference>,
    pub booklets: BTreeSet<BookletId>,
    /// Passes named one by one.
    pub passes: BTreeSet<PassId>,
    /// Orders whose passes are looked at one by one.
    pub order_places: BTreeSet<Reference>,
    pub codes: BTreeSet<CodeMac>,
    pub dispatches: BTreeSet<i64>,
    pub people: BTreeSet<CodeMac>,
    pub exceptions: BTreeSet<i64>,
    /// Numbers of redemption receipts.
    pub redemptions: BTreeSet<String>,
    /// Numbers of receipts that took booklets or passes out of use, to bring them back.
    pub withdrawals: BTreeSet<String>,
    /// Who handed these booklets out.
    pub given: BTreeSet<BookletId>,
    /// Where the act may move things to, besides where they are and what goes with codes and whole booklets.
    pub holders: BTreeSet<Holder>,
    pub offline: OfflineNeeds,
    pub claims: ClaimNeeds,
    pub payments: PaymentNeeds,
    pub statements: StatementNeeds,
    pub applications: ApplicationNeeds,
    /// What was declared of a loss.
    pub restore: bool,
    /// Periods to be closed, each by one of its days.
    pub closings: BTreeSet<(Period, Day)>,
    /// Booklets to be chosen for the act: by holder and order, how many.
    pub picks: Vec<Pick>,
    /// What is left of orders.
    pub sweeps: Vec<Sweep>,
    /// Orders whose end is in sight: what holders have of them, and the programme's rules.
    pub ends: BTreeSet<Reference>,
    /// Proposals of destruction, by number.
    pub destructions: BTreeSet<i64>,
    /// The number of the last of them.
    pub new_destruction: bool,
    /// The key under which people are recognised. Known with any `people`.
    pub people_keys: PeopleKeyNeeds,
    pub erasures: ErasureNeeds,
    pub follow_ups: FollowUpNeeds,
    pub duplicates: DuplicateNeeds,
}

/// A wish for any `count` booklets that `holder` has, lowest numbers first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pick {
    pub holder: Holder,
    pub order: Option<Reference>,
    pub count: u32,
}

/// A wish for what is left of an order, or of it has expired: at most so many booklets and so many single passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sweep {
    pub order: Reference,
    /// What awaits a credit note; else what may expire.
    pub expired: bool,
    pub most: u32,
}

/// A row as loaded and as it stands after the acts granted so far. The difference is what must be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<V> {
    pub loaded: Option<V>,
    pub now: V,
}

/// Rows by key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table<K, V>(BTreeMap<K, Row<V>>);

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord, V: Clone + PartialEq> Table<K, V> {
    /// The row as it stands now.
    #[must_use]
    pub fn get(&self, key: &K) -> Option<&V> {
        self.0.get(key).map(|row| &row.now)
    }

    /// Takes a row in as the database has it.
    pub fn load(&mut self, key: K, value: V) {
        self.0.insert(key, Row { loaded: Some(value.clone()), now: value });
    }

    /// Sets the row, new or known.
    pub fn set(&mut self, key: K, value: V) {
        match self.0.get_mut(&key) {
            Some(row) => row.now = value,
            None => {
                self.0.insert(key, Row { loaded: None, now: value });
            }
        }
    }

    /// Changes a known row; an unknown key is left alone.
    pub fn change(&mut self, key: &K, change: impl FnOnce(&mut V)) {
        if let Some(row) = self.0.get_mut(key) {
            change(&mut row.now);
        }
    }

    /// Takes a row out that is deleted besides; set again, it is new.
    pub(in crate::domain) fn remove(&mut self, key: &K) {
        self.0.remove(key);
    }

    /// The rows whose keys lie in a range, as they stand now.
    pub fn range(&self, keys: RangeInclusive<K>) -> impl Iterator<Item = &V> {
        self.0.range(keys).map(|(_, row)| &row.now)
    }

    /// The same with their keys.
    pub fn entries(&self, keys: RangeInclusive<K>) -> impl Iterator<Item = (&K, &V)> {
        self.0.range(keys).map(|(key, row)| (key, &row.now))
    }

    /// Every row as it stands now.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.0.iter().map(|(key, row)| (key, &row.now))
    }

    /// The rows that differ from what was loaded.
    pub fn changed(&self) -> impl Iterator<Item = (&K, &Row<V>)> {
        self.0.iter().filter(|(_, row)| row.loaded.as_ref() != Some(&row.now))
    }
}

/// What one holder has of one batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Balance {
    pub booklets: i64,
    pub passes: i64,
    pub value: Cents,
}

impl Balance {
    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            booklets: self.booklets.saturating_add(other.booklets),
            passes: self.passes.saturating_add(other.passes),
            value: Cents::new(self.value.get().saturating_add(other.value.get())),
        }
    }

    fn plus(self, line: &Line, sign: i64) -> Self {
        let value = self.value.get().saturating_add(line.value.get().saturating_mul(sign));
        Self {
            booklets: self.booklets.saturating_add(line.booklets.saturating_mul(sign)),
            passes: self.passes.saturating_add(line.passes.saturating_mul(sign)),
            value: Cents::new(value),
        }
    }
}

/// The running numbers of a programme: the last one given of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    pub booklet: u32,
    pub order: i64,
    pub dispatch: i64,
    pub exception: i64,
    /// The epoch in which receipts are numbered: 1, and a higher one after each declared restore.
    pub epoch: i64,
}

/// Where a granted movement stands in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    pub position: i64,
    pub number: String,
    pub day: Day,
}

/// Everything a group of acts on one programme may know.
#[derive(Debug, Clone)]
pub struct Facts {
    pub programme: Programme,
    pub rule_sets: Vec<RuleSet>,
    pub counters: Counters,
    /// Users whose account and organisation are active.
    pub active_users: BTreeMap<UserId, Standing>,
    pub organisations: BTreeMap<OrganisationId, Organisation>,
    pub venues: BTreeMap<VenueId, Venue>,
    pub mandates: BTreeMap<OrganisationId, Vec<Mandate>>,
    pub orders: Table<OrderId, Order>,
    pub batches: Table<BatchId, Batch>,
    pub booklets: Table<BookletId, Booklet>,
    pub passes: Table<PassId, Pass>,
    pub codes: BTreeMap<CodeMac, PassId>,
    /// Codes that passes of other programmes have.
    pub codes_elsewhere: BTreeSet<CodeMac>,
    pub dispatches: Table<i64, Dispatch>,
    pub people: Table<CodeMac, i64>,
    pub people_keys: PeopleKeys,
    pub exceptions: Table<i64, Exception>,
    pub redemptions: Table<String, Redemption>,
    /// What receipts took out of use, by their number.
    pub withdrawals: BTreeMap<String, Withdrawal>,
    /// The position of the receipt that moved each of these items last.
    pub last_moves: BTreeMap<ItemId, i64>,
    /// Who handed booklets out.
    pub given: BTreeMap<BookletId, Given>,
    pub offline: OfflineFacts,
    pub claims: ClaimFacts,
    pub payments: PaymentFacts,
    pub statements: StatementFacts,
    pub applications: ApplicationFacts,
    /// When users were trained, where the rules of distribution ask for it.
    pub trainings: BTreeMap<UserId, Day>,
    /// What holders have of the batches in sight.
    pub balances: Table<(Holder, BatchId), Balance>,
    /// What they have of all batches together.
    pub holdings: BTreeMap<Holder, Balance>,
    /// Last running number per organisation and year.
    pub series: Table<(ShortCode, i32), i64>,
    /// What the journal has lost, as somebody outside the database remembers it; none when all is well.
    pub loss: Option<Loss>,
    /// The last declaration of a loss, whether or not it is of this one.
    pub declaration: Option<Declaration>,
    /// The closings so far, where one is asked for.
    pub books: Books,
    /// What happened on the days that are asked to be closed; those without receipts are not there.
    pub day_ends: BTreeMap<Day, DayEnd>,
    /// The face value of the orders activated on each day, where a closing is asked for.
    pub activations: BTreeMap<Day, Cents>,
    /// Proposals of destruction.
    pub destructions: Table<i64, Proposal>,
    /// The number of the last proposal, where one is made; 0 before the first.
    pub last_destruction: i64,
    /// How the ends of orders are prepared, where one is in sight.
    pub end_rules: EndRules,
    /// What holders have of the orders whose end is in sight.
    pub order_holdings: OrderHoldings,
    /// Where each pass is of the orders that are looked at whole.
    pub order_places: BTreeMap<OrderId, OrderPlaces>,
    pub erasures: ErasureFacts,
    pub follow_ups: FollowUpFacts,
    pub duplicates: DuplicateFacts,
    /// Hand-outs granted in this group, with the receipt they belong to.
    pub hand_outs: Vec<(Stamp, HandOut)>,
}

impl Facts {
    /// Facts that know only the programme.
    #[must_use]
    pub fn new(programme: Programme, counters: Counters) -> Self {
        Self {
            programme,
            counters,
            rule_sets: Vec::new(),
            active_users: BTreeMap::new(),
            organisations: BTreeMap::new(),
            venues: BTreeMap::new(),
            mandates: BTreeMap::new(),
            orders: Table::default(),
            batches: Table::default(),
            booklets: Table::default(),
            passes: Table::default(),
            codes: BTreeMap::new(),
            codes_elsewhere: BTreeSet::new(),
            dispatches: Table::default(),
            people: Table::default(),
            people_keys: PeopleKeys::default(),
            exceptions: Table::default(),
            redemptions: Table::default(),
            withdrawals: BTreeMap::new(),
            last_moves: BTreeMap::new(),
            given: BTreeMap::new(),
            offline: OfflineFacts::default(),
            claims: ClaimFacts::default(),
            payments: PaymentFacts::default(),
            statements: StatementFacts::default(),
            applications: ApplicationFacts::default(),
            trainings: BTreeMap::new(),
            balances: Table::default(),
            holdings: BTreeMap::new(),
            series: Table::default(),
            loss: None,
            declaration: None,
            books: Books::default(),
            day_ends: BTreeMap::new(),
            activations: BTreeMap::new(),
            destructions: Table::default(),
            last_destruction: 0,
            end_rules: EndRules::default(),
            order_holdings: OrderHoldings::new(),
            order_places: BTreeMap::new(),
            erasures: ErasureFacts::default(),
            follow_ups: FollowUpFacts::default(),
            duplicates: DuplicateFacts::default(),
            hand_outs: Vec::new(),
        }
    }

    /// The order with this number.
    #[must_use]
    pub fn order(&self, number: &Reference) -> Option<&Order> {
        self.orders.iter().map(|(_, order)| order).find(|order| &order.number == number)
    }

    /// The order a booklet came with.
    #[must_use]
    pub fn order_of(&self, booklet: &Booklet) -> Option<&Order> {
        self.orders.get(&booklet.batch.order())
    }

    /// What `holder` has in the whole programme.
    #[must_use]
    pub fn held(&self, holder: &Holder) -> Balance {
        self.holdings.get(holder).copied().unwrap_or_default()
    }

    /// Takes a granted movement in, so that the next act of the group sees it. `hash` is that of its receipt.
    pub fn apply(&mut self, movement: &Movement, stamp: &Stamp, hash: &str) {
        // The first receipt of all opens the books, also for a closing of its own group.
        self.books.opened_on.get_or_insert(stamp.day);
        for record in &movement.records {
            self.write_down(record, movement, stamp);
            if let Record::Closed(closing) = record {
                let (number, hash) = (stamp.number.clone(), hash.to_owned());
                let (last_position, last_hash) = (closing.last_position, closing.last_hash.clone());
                let closed = Closed { number, hash, last_position, last_hash, perpetual: closing.perpetual.clone() };
                self.books.note(closing.period, closing.last_day, closed);
            }
        }
        for line in &movement.lines {
            self.post(line);
            for item in &line.items {
                match item.pass() {
                    None => self.move_booklet(item.booklet(), line, movement.kind, stamp.day),
                    Some(pass) => self.move_pass(pass, line),
                }
                if let Some(last) = self.last_moves.get_mut(item) {
                    *last = stamp.position;
                }
                if let Some(places) = self.order_places.get_mut(&line.batch.order()) {
                    places.moved(*item, &line.to);
                }
            }
        }
    }

    fn post(&mut self, line: &Line) {
        for (holder, sign) in [(&line.from, -1), (&line.to, 1)] {
            let key = (holder.clone(), line.batch);
            let balance = self.balances.get(&key).copied().unwrap_or_default();
            self.balances.set(key, balance.plus(line, sign));
            let holding = self.holdings.entry(holder.clone()).or_default();
            *holding = holding.plus(line, sign);
            if let Some(of_order) = self.order_holdings.get_mut(&line.batch.order()) {
                let held = of_order.entry(holder.clone()).or_default();
                *held = held.plus(line, sign);
            }
        }
    }

    fn move_booklet(&mut self, id: BookletId, line: &Line, kind: Kind, day: Day) {
        let given = matches!(kind, Kind::HandOut | Kind::Replacement) && line.to == Holder::Circulation;
        self.booklets.change(&id, |booklet| {
            booklet.holder = line.to.clone();
            if given {
                booklet.handed_out_on = Some(day);
            }
        });
    }

    /// A pass is with its booklet until it is moved alone, and again once it is moved to where its booklet is.
    fn move_pass(&mut self, id: PassId, line: &Line) {
        let home = self.booklets.get(&id.booklet()).is_none_or(|booklet| booklet.holder == line.to);
        let mut leaves = false;
        self.passes.change(&id, |pass| {
            leaves = pass.holder.is_none();
            pass.holder = (!home).then(|| line.to.clone());
        });
        self.booklets.change(&id.booklet(), |booklet| {
            booklet.passes_left = match (leaves, home) {
                (true, false) => booklet.passes_left.saturating_sub(1),
                (false, true) => booklet.passes_left.saturating_add(1),
                (true, true) | (false, false) => booklet.passes_left,
            };
        });
    }

    fn write_down(&mut self, record: &Record, movement: &Movement, stamp: &Stamp) {
        match record {
            Record::OrderPlaced(order) => {
                self.counters.order = order.id.sequence();
                self.counters.booklet = order.range.last();
                self.orders.set(order.id, order.clone());
            }
            Record::OrderActivated { order, activation } => {
                self.orders.change(order, |order| order.activation = Some(activation.clone()));
            }
            Record::BatchDelivered { batch, booklets, size } => {
                let received = i64::try_from(booklets.len()).unwrap_or(i64::MAX);
                self.orders.change(&batch.id.order(), |order| {
                    order.deliveries += 1;
                    order.delivered_booklets = order.delivered_booklets.saturating_add(received);
                });
                self.batches.set(batch.id, batch.clone());
                for new in booklets {
                    self.take_in(batch.id, *size, new);
                }
            }
            Record::DispatchOpened(dispatch) => {
                self.counters.dispatch = dispatch.number;
                self.dispatches.set(dispatch.number, dispatch.clone());
            }
            Record::ExceptionGranted(exception) => {
                self.counters.exception = exception.number;
                self.exceptions.set(exception.number, exception.clone());
            }
            Record::ExceptionUsed(number) => self.exceptions.change(number, |exception| exception.used = true),
            Record::HandedOut(hand_out) => {
                self.grant(hand_out.fingerprint, hand_out.passes);
                self.hand_outs.push((stamp.clone(), hand_out.clone()));
            }
            Record::TakenOffline(uses) => self.offline.write_down(uses),
            Record::Redeemed(redemption) => self.redemptions.set(stamp.number.clone(), redemption.clone()),
            Record::Claims(record) => self.claims.write_down(record),
            Record::Payments(record) => self.payments.write_down(record),
            Record::Statements(record) => self.statements.write_down(record, &stamp.number),
            Record::Restored { epoch } => {
                self.counters.epoch = *epoch;
                self.loss = None;
            }
            Record::OrdersSuspended { .. }
            | Record::OrderProrogued { .. }
            | Record::OrderAcknowledged(_)
            | Record::OrderExpired(_)
            | Record::DestructionProposed(_)
            | Record::Destroyed(_) => self.write_down_end(record, stamp),
            Record::Replaced(replaced) => {
                let Replaced { replacement, office, fingerprint, .. } = replaced.clone();
                self.given.insert(replacement, Given { number: stamp.number.clone(), office, fingerprint });
            }
            Record::Reversed { number } => self.redemptions.change(number, |redemption| redemption.reversed = true),
            Record::Applications(record) => {
                self.applications.write_down(record, &stamp.number);
                if let Some((person, passes)) = record.reserves() {
                    self.grant(person, passes);
                }
                if let Some((booklet, on)) = record.delivers() {
                    self.booklets.change(&booklet, |booklet| booklet.handed_out_on = Some(on));
                }
            }
            Record::PeopleKeyRenewed(key) => self.people_keys = PeopleKeys::under(key.clone()),
            Record::Erased(erased) => self.forget(erased),
            Record::FollowUp(record) => self.follow_ups.write_down(record, stamp),
            Record::Noticed(noticed) => self.duplicates.write_down(noticed),
            // With the hash of its receipt: see `apply`. No act asks for a nonce.
            Record::Closed(_) | Record::Committed { .. } => {}
        }
        debug_assert!(movement.total().is_some(), "a decided movement has a total");
    }

    /// What stops, lengthens or ends orders, or destroys what is out of use.
    fn write_down_end(&mut self, record: &Record, stamp: &Stamp) {
        let day = stamp.day;
        match record {
            Record::DestructionProposed(proposal) => {
                self.last_destruction = proposal.number;
                self.destructions.set(proposal.number, (**proposal).clone());
            }
            Record::Destroyed(number) => {
                self.destructions.change(number, |proposal| proposal.receipt = Some(stamp.number.clone()));
            }
            Record::OrdersSuspended { orders, scope, suspended } => {
                for order in orders {
                    self.orders.change(order, |order| order.suspended = scope.applied(order.suspended, *suspended));
                }
            }
            Record::OrderProrogued { order, validity_end, grace_end } => self.orders.change(order, |order| {
                order.validity_end = *validity_end;
                order.grace_end = *grace_end;
                order.acknowledged_on = None;
            }),
            Record::OrderAcknowledged(order) => {
                self.orders.change(order, |order| order.acknowledged_on = Some(day));
            }
            Record::OrderExpired(order) => self.orders.change(order, |order| {
                order.expired_on = order.expired_on.or(Some(day));
            }),
            _ => {}
        }
    }

    /// Counts passes towards a person's entitlement, or takes them back.
    fn grant(&mut self, person: CodeMac, passes: i64) {
        let had = self.people.get(&person).copied().unwrap_or(0);
        self.people.set(person, had.saturating_add(passes));
    }

    /// Whether an act of this group has to do with a person: what it writes is not there to be deleted yet.
    #[must_use]
    pub fn is_met(&self, person: &CodeMac) -> bool {
        let granted = |(_, row): (&i64, &Row<Exception>)| row.loaded.is_none() && row.now.fingerprint == *person;
        self.hand_outs.iter().any(|(_, hand_out)| hand_out.fingerprint == *person)
            || self.exceptions.changed().any(granted)
            || self.given.values().any(|given| given.fingerprint == *person)
            || self.applications.has_changed_for(person)
            || self.duplicates.writes_of(person)
    }

    /// Nothing is known any more of people who were erased: the next hand-out is their first.
    fn forget(&mut self, erased: &Erased) {
        for person in &erased.people {
            self.people.remove(person);
            self.erasures.known.remove(person);
            self.applications.forget(person);
            self.duplicates.forget(person);
        }
        for exception in &erased.traces.exceptions {
            self.exceptions.remove(exception);
        }
        self.follow_ups.forget(erased);
    }

    fn take_in(&mut self, batch: BatchId, size: u8, new: &super::stock::NewBooklet) {
        for (mac, rank) in new.code_macs.iter().zip(1_u8..) {
            let pass = new.id.pass(rank);
            self.codes.insert(*mac, pass);
            self.passes.set(pass, Pass { id: pass, holder: None });
        }
        let booklet =
            Booklet { id: new.id, batch, size, holder: Holder::Issue(batch), passes_left: size, handed_out_on: None };
        self.booklets.set(new.id, booklet);
    }
}
