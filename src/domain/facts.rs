//! What an act may know: rows loaded before anyone decides, kept up to date in memory as acts of a group are
//! granted. What never lives here: a query, or a rule.

mod apply;
mod needs;
mod table;

use std::collections::{BTreeMap, BTreeSet};

pub use self::needs::{Needs, Pick, Sweep};
pub use self::table::{Row, Table};

use super::applications::ApplicationFacts;
use super::claims::ClaimFacts;
use super::closing::{Books, DayEnd};
use super::destruction::Proposal;
use super::duplicates::DuplicateFacts;
use super::eligibility::RuleSet;
use super::end_calendar::{EndRules, OrderHoldings};
use super::erasure::ErasureFacts;
use super::follow_up::FollowUpFacts;
use super::ids::{BatchId, BookletId, ItemId, OrderId, OrganisationId, PassId, UserId, VenueId};
use super::incidents::{Given, Withdrawal};
use super::money::Cents;
use super::movement::{Batch, Dispatch, Exception, HandOut, Line, Redemption};
use super::offline::OfflineFacts;
use super::order_places::OrderPlaces;
use super::party::{Holder, Organisation, Venue};
use super::payments::PaymentFacts;
use super::people_key::PeopleKeys;
use super::programme::{Mandate, Order, Programme};
use super::restore::{Declaration, Loss};
use super::short_code::ShortCode;
use super::standing::Standing;
use super::statements::StatementFacts;
use super::stock::{Booklet, CodeMac, Pass};
use super::text::Reference;
use super::time::Day;

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
}
