//! The replay: recomputes the whole account of a programme from its receipts, and stops at the first one that
//! does not follow from those before it. What never lives here: what is stored; whoever compares brings it.

mod allocations;
mod applications;
#[cfg(test)]
pub(super) mod breaches;
mod claims;
mod closings;
mod contradiction;
mod ends;
mod erasure;
mod follow_ups;
mod incidents;
mod kinds;
mod lines;
mod people_key;
mod records;
mod restore;
mod statements;
mod stock;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use self::incidents::{Withdrawer, Withdrawn};
use self::kinds::Rule;
pub use self::people_key::RenewedKey;
pub use self::restore::{Gap, opened};
pub use self::stock::Balance;
use self::stock::Stock;
use super::{Body, Break, Head, Receipt, Text, chain, is_hex, number};
use crate::domain::serial::SerialRange;
use crate::domain::short_code::ShortCode;

/// An order, by its running number.
#[derive(Debug)]
struct Order {
    range: SerialRange,
    passes_per_booklet: u8,
    deliveries: i64,
    activated: bool,
    /// The last day of hand-outs and of redemptions, as `records` counts days.
    validity_end: i32,
    grace_end: i32,
    /// Hand-outs, redemptions.
    suspended: (bool, bool),
    /// Whether the Region has taken upon itself what is handed out before this end.
    acknowledged: bool,
    /// Face value of everything ordered, in cents.
    cents: i64,
}

/// Where a transit comes from and goes to.
#[derive(Debug, Clone, Copy)]
struct Transit {
    origin: stock::Name,
    destination: stock::Name,
}

/// What is known of one position besides the head: 0 passes for receipts that are no redemption, or reversed.
#[derive(Debug, Clone, Copy, Default)]
struct Redeemed {
    passes: u32,
    reversed: bool,
}

/// A delivered booklet, for comparison with what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Booklet<'r> {
    pub batch: &'r str,
    /// How many passes it was delivered with.
    pub size: u8,
    pub holder: &'r str,
    /// How many of them are still with it.
    pub passes_left: u8,
}

/// The account of one programme, as far as its receipts were replayed.
#[derive(Debug)]
pub struct Replay {
    programme: String,
    head: Head,
    orders: BTreeMap<i64, Order>,
    /// Face value of the passes of a batch, in cents.
    face_cents: BTreeMap<stock::Name, i64>,
    stock: Stock,
    /// By number.
    transits: BTreeMap<i64, Transit>,
    /// Whether the exceptions 1, 2, 3… were used.
    exceptions_used: Vec<bool>,
    /// By office and year, the positions of the numbers 1, 2, 3…
    series: BTreeMap<String, BTreeMap<i32, Vec<u32>>>,
    redeemed: BTreeMap<u32, Redeemed>,
    /// What was taken out of use last, by number of pass; a whole booklet has rank 0.
    withdrawn: BTreeMap<u32, Withdrawn>,
    /// Receipts that took something out of use, by position.
    withdrawers: BTreeMap<u32, Withdrawer>,
    /// Applications 1, 2, 3…
    applications: Vec<applications::Application>,
    /// Proposals of destruction 1, 2, 3…
    proposals: Vec<ends::Proposal>,
    statements: statements::Statements,
    claims: claims::Standing,
    /// Declared restores, in order.
    gaps: Vec<Gap>,
    accounts: closings::Accounts,
    /// What could be erased of people.
    traces: erasure::Traces,
    follow_ups: follow_ups::FollowUps,
    people_key: Option<RenewedKey>,
    broken: Option<Break>,
}

impl Replay {
    /// The empty account of a programme.
    #[must_use]
    pub fn new(programme: &str) -> Self {
        Self {
            programme: programme.to_owned(),
            head: Head::genesis(programme),
            orders: BTreeMap::new(),
            face_cents: BTreeMap::new(),
            stock: Stock::default(),
            transits: BTreeMap::new(),
            exceptions_used: Vec::new(),
            series: BTreeMap::new(),
            redeemed: BTreeMap::new(),
            withdrawn: BTreeMap::new(),
            withdrawers: BTreeMap::new(),
            applications: Vec::new(),
            proposals: Vec::new(),
            statements: statements::Statements::default(),
            claims: claims::Standing::new(),
            gaps: Vec::new(),
            accounts: closings::Accounts::default(),
            traces: erasure::Traces::default(),
            follow_ups: follow_ups::FollowUps::default(),
            people_key: None,
            broken: None,
        }
    }

    /// Takes the next receipt into the account.
    ///
    /// # Errors
    /// The first rule it breaks, in the order of `docs/RECEIPT-FORMAT.md`. After a break the account is not to be
    /// relied on, and every further receipt answers the same break.
    pub fn receipt<T: Text>(&mut self, receipt: &Receipt<T>) -> Result<(), Break> {
        if let Some(broken) = &self.broken {
            return Err(broken.clone());
        }
        let position = self.head.position.saturating_add(1);
        let head = self.take(receipt).map_err(|found| found.at(position));
        match head {
            Ok(head) => self.head = head,
            Err(found) => {
                self.broken = Some(found.clone());
                return Err(found);
            }
        }
        Ok(())
    }

    fn take<T: Text>(&mut self, receipt: &Receipt<T>) -> Result<Head, Break> {
        let body = receipt.body();
        chain::is_of(&self.programme, receipt)?;
        let head = chain::follows(&self.head, receipt)?;
        let place = u32::try_from(head.position)
            .map_err(|_| Break::new("position", "le journal dépasse le nombre de positions permis"))?;
        check_issuer(body)?;
        self.next_in_series(body, place)?;
        let rule = Rule::of(&body.kind)?;
        if rule.roles.iter().all(|role| *role.as_str() != *body.agent.role) {
            let detail = format!("le rôle {:?} n'établit pas de récépissé {}", &*body.agent.role, rule.kind);
            return Err(Break::new("role", detail));
        }
        if body.face_cents <= 0 {
            return Err(Break::new("face_value", "la valeur faciale n'est pas positive"));
        }
        let terms = self.record(body, rule)?;
        self.lines(body, rule, &terms, place)?;
        self.account_for(body, &head, terms.closing.as_deref());
        Ok(head)
    }

    /// The number must be the next one of its office and year.
    fn next_in_series<T: Text>(&mut self, body: &Body<T>, position: u32) -> Result<(), Break> {
        let year = body.day.get(..4).and_then(|year| year.parse().ok()).unwrap_or_default();
        let epoch = restore::opened(body).unwrap_or_else(|| self.epoch());
        let office = &*body.office.code;
        let of_office = match self.series.get_mut(office) {
            Some(of_office) => of_office,
            None => self.series.entry(office.to_owned()).or_default(),
        };
        let taken = of_office.entry(year).or_default();
        let running = i64::try_from(taken.len()).unwrap_or(i64::MAX).saturating_add(1);
        let expected = number(&self.programme, office, (year, epoch), running);
        if *body.number != expected {
            let detail = format!("le numéro attendu est {expected}, le récépissé porte {:?}", &*body.number);
            return Err(Break::new("number", detail));
        }
        taken.push(position);
        Ok(())
    }

    /// The position of the receipt with this number.
    fn position_of(&self, text: &str) -> Option<u32> {
        let mut parts = text.strip_prefix(&self.programme)?.strip_prefix('-')?.split('-');
        let (office, year, running) = (parts.next()?, parts.next()?.get(..4)?.parse().ok()?, parts.next()?);
        let running: i64 = running.parse().ok()?;
        let index = usize::try_from(running).ok()?.checked_sub(1)?;
        let position = self.series.get(office)?.get(&year)?.get(index)?;
        let exact = number(&self.programme, office, (year, self.epoch_at(*position)), running) == text;
        exact.then_some(*position)
    }

    /// Counts all booklets and passes one by one and compares with the balances. Worth doing once, at the end.
    ///
    /// # Errors
    /// Code `conservation`.
    pub fn recount(&self) -> Result<(), Break> {
        self.stock.recount().map_err(|found| found.at(self.head.position))
    }

    /// The last receipt taken.
    #[must_use]
    pub const fn head(&self) -> &Head {
        &self.head
    }

    /// What each holder has of each batch, by batch and holder; empty balances are left out.
    pub fn balances(&self) -> impl Iterator<Item = (&str, &str, Balance)> {
        let named = |((batch, holder), balance): (&(stock::Name, stock::Name), &Balance)| {
            (self.stock.batches.text(*batch), self.stock.holders.text(*holder), *balance)
        };
        self.stock.balances.iter().map(named).filter(|(_, _, balance)| *balance != Balance::default())
    }

    /// Every delivered booklet by number, ascending.
    pub fn booklets(&self) -> impl Iterator<Item = (u32, Booklet<'_>)> {
        self.stock.booklets().map(|(number, slot)| (number, self.told(slot)))
    }

    fn told(&self, slot: &stock::Slot) -> Booklet<'_> {
        let batch = self.stock.batches.text(slot.batch);
        let holder = self.stock.holders.text(slot.holder);
        Booklet { batch, size: slot.size, holder, passes_left: slot.passes_left }
    }

    /// A booklet that was delivered.
    #[must_use]
    pub fn booklet(&self, number: u32) -> Option<Booklet<'_>> {
        self.stock.booklet(number).map(|slot| self.told(slot))
    }

    /// Every pass that is not with its booklet: number of the booklet, rank, holder; ascending.
    pub fn departed(&self) -> impl Iterator<Item = (u32, u8, &str)> {
        self.stock.departed.iter().map(|(pass, departure)| {
            let rank = u8::try_from(pass % 100).unwrap_or_default();
            (pass / 100, rank, self.stock.holders.text(departure.holder))
        })
    }

    /// The last running number of each office and year.
    pub fn series(&self) -> impl Iterator<Item = (&str, i32, i64)> {
        self.series.iter().flat_map(|(office, years)| {
            let last = |taken: &Vec<u32>| i64::try_from(taken.len()).unwrap_or(i64::MAX);
            years.iter().map(move |(year, taken)| (office.as_str(), *year, last(taken)))
        })
    }

    /// Passes per kind of holder: the use account in one glance. `issue` is the counter-account, below zero.
    #[must_use]
    pub fn use_account(&self) -> BTreeMap<&str, i64> {
        let mut account = BTreeMap::new();
        for (holder, passes) in &self.stock.held {
            let holder = self.stock.holders.text(*holder);
            let kind = holder.split_once(':').map_or(holder, |(kind, _)| kind);
            *account.entry(kind).or_default() += passes;
        }
        account
    }
}

/// The office and the agent are named in the right shape.
fn check_issuer<T: Text>(body: &Body<T>) -> Result<(), Break> {
    let office = &body.office;
    let full = [&office.name, &office.registration, &office.commune].into_iter().all(|text| !text.is_empty());
    if !ShortCode::is_one(&office.code) || !full {
        return Err(Break::new("office", "l'organisme émetteur n'est pas désigné en entier"));
    }
    if !is_hex(&body.agent.pseudonym, 16) || body.agent.role.is_empty() {
        return Err(Break::new("agent", "l'agent n'est pas désigné par un pseudonyme et un rôle"));
    }
    Ok(())
}
