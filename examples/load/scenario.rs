//! What one request of each scenario is, over HTTP and without it. Each draws passes or booklets that nobody has
//! drawn before. What never lives here: time, threads.

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context;
use recepisse::clock::{Clock, Entropy, SystemClock, SystemEntropy};
use recepisse::domain::ids::BookletId;
use recepisse::domain::party::Service;
use recepisse::domain::redemption::Redeem;
use recepisse::domain::visit::Visit;
use recepisse::ledger::{RequestKey, Submission};
use sha2::{Digest, Sha256};

use crate::peer::Peer;
use crate::wire::{Answer, Connection};
use crate::world::{COMMUNE, Desk, PROGRAMME, World};

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Scenario {
    /// One pass, one receipt.
    Redeem,
    /// One booklet to one new person.
    HandOut,
    /// A pass looked at, nothing written.
    Check,
    /// Of ten: five checks, four redemptions, one hand-out.
    Mixed,
    /// Requests that were answered before, with the keys of then.
    Replay,
    /// The use account of today, which adds the whole journal up.
    Report,
}

/// Whose passes are shown.
#[derive(Debug)]
pub(crate) enum Source {
    Own(Box<World>),
    Peer(Peer),
}

/// Everything drawn from, shared by all connections.
#[derive(Debug)]
pub(crate) struct Stock {
    source: Source,
    /// Identifiers of the places that redeem.
    venues: Vec<String>,
    next_pass: AtomicU64,
    next_booklet: AtomicU64,
    next_request: AtomicU64,
    /// The first pass that this run draws.
    first_pass: u64,
    /// Keys never repeat, not even in another run on the same database.
    run: String,
}

/// One request that went well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    /// Recorded at this position of the journal.
    Recorded(i64),
    /// Answered, nothing written.
    Read,
}

/// Access tokens of the venues' and the prescribers' agents, in their order.
#[derive(Debug)]
pub(crate) struct Tokens {
    venues: Vec<String>,
    prescribers: Vec<String>,
    finance: Option<String>,
}

impl Stock {
    /// Draws from our own register where the last run has stopped.
    pub(crate) fn own(world: World) -> Self {
        let venues = world.venues.iter().map(|desk| desk.venue.to_string()).collect();
        let drawn = world.drawn;
        Self::new(Source::Own(Box::new(world)), venues, drawn)
    }

    /// Draws the peer's passes from the one with this place on.
    pub(crate) fn of_peer(passes: u64, first: u64) -> Self {
        Self::new(Source::Peer(Peer { passes }), Peer::venues(), (first, 0))
    }

    fn new(source: Source, venues: Vec<String>, (passes, booklets): (u64, u64)) -> Self {
        let run = SystemEntropy.uuid(SystemClock.now()).simple().to_string();
        let (next_pass, next_booklet, next_request) = (passes.into(), booklets.into(), AtomicU64::new(0));
        Self { source, venues, next_pass, next_booklet, next_request, first_pass: passes, run }
    }

    pub(crate) fn world(&self) -> anyhow::Result<&World> {
        match &self.source {
            Source::Own(world) => Ok(world),
            Source::Peer(_) => anyhow::bail!("a peer only redeems"),
        }
    }

    fn passes(&self) -> u64 {
        match &self.source {
            Source::Own(world) => world.passes,
            Source::Peer(peer) => peer.passes,
        }
    }

    fn code(&self, place: u64) -> String {
        match &self.source {
            Source::Own(world) => world.code(world.pass(place)).grouped(),
            Source::Peer(peer) => peer.code(place),
        }
    }

    /// Where the redemptions of this stock go.
    fn programme(&self) -> &str {
        match &self.source {
            Source::Own(world) => world.code.as_str(),
            Source::Peer(_) => PROGRAMME,
        }
    }

    /// Tokens that last longer than a cell of the table.
    pub(crate) fn tokens(&self) -> anyhow::Result<Tokens> {
        let Source::Own(world) = &self.source else {
            return Ok(Tokens { venues: Peer::tokens()?, prescribers: Vec::new(), finance: None });
        };
        let of = |desks: &[Desk]| desks.iter().map(|desk| world.token(desk)).collect::<anyhow::Result<Vec<_>>>();
        let finance = Some(world.token(&world.finance)?);
        Ok(Tokens { venues: of(&world.venues)?, prescribers: of(&world.prescribers)?, finance })
    }

    /// How many passes and booklets have been drawn, for a later run.
    pub(crate) fn drawn(&self) -> (u64, u64) {
        (self.next_pass.load(Ordering::Relaxed), self.next_booklet.load(Ordering::Relaxed))
    }

    fn ticket(&self) -> u64 {
        self.next_request.fetch_add(1, Ordering::Relaxed)
    }

    /// A pass nobody has redeemed; `None` when all are.
    fn draw_pass(&self) -> Option<u64> {
        let place = self.next_pass.fetch_add(1, Ordering::Relaxed);
        (place < self.passes()).then_some(place)
    }

    /// A pass that this run has redeemed.
    fn redeemed(&self, ticket: u64) -> Option<u64> {
        let drawn = self.next_pass.load(Ordering::Relaxed).min(self.passes());
        let redeemed = drawn.checked_sub(self.first_pass).filter(|count| *count > 0)?;
        Some(self.first_pass + ticket * 7919 % redeemed)
    }

    fn pass_key(&self, place: u64) -> String {
        format!("{}-p{place}", self.run)
    }

    /// The place in the list of venues: a pass is always shown at the same, so that a retry is the same request.
    fn desk(&self, place: u64) -> usize {
        let count = u64::try_from(self.venues.len()).unwrap_or(1).max(1);
        usize::try_from(place % count).unwrap_or(0)
    }

    /// The act of a redemption, as a caller without HTTP submits it.
    pub(crate) fn redemption(&self) -> anyhow::Result<Option<Submission>> {
        let Some(place) = self.draw_pass() else { return Ok(None) };
        let world = self.world()?;
        let desk = world.venues.get(self.desk(place)).context("no venue")?;
        let act = Redeem {
            venue: desk.venue,
            codes: vec![world.keys.code_mac(&world.code(world.pass(place)))],
            service: Service::AdministrativeHelp,
            performed_on: SystemClock.now().day(),
            performed_in: None,
            visit: Visit::default(),
        };
        let digest = hex::encode(Sha256::digest(self.pass_key(place)));
        let key = RequestKey { digest: digest.clone(), fingerprint: digest };
        let permit = desk.caller(&world.keys).permit(recepisse::domain::movement::Kind::Redemption)?;
        Ok(Some(Submission::new(permit, world.programme, Box::new(act), Some(key))?))
    }
}

/// One connection's way of asking.
#[derive(Debug)]
pub(crate) struct Client<'a> {
    stock: &'a Stock,
    connection: Connection,
    tokens: &'a Tokens,
    today: String,
}

impl<'a> Client<'a> {
    pub(crate) fn new(stock: &'a Stock, connection: Connection, tokens: &'a Tokens) -> Self {
        let today = SystemClock.now().day().to_string();
        Self { stock, connection, tokens, today }
    }

    /// Asks once; `None` when there is nothing left to ask about.
    pub(crate) fn ask(&mut self, scenario: Scenario) -> anyhow::Result<Option<Done>> {
        let ticket = self.stock.ticket();
        match (scenario, ticket % 10) {
            (Scenario::Redeem, _) | (Scenario::Mixed, 5..=8) => match self.stock.draw_pass() {
                Some(place) => self.redeem(place, false).map(Some),
                None => Ok(None),
            },
            (Scenario::HandOut, _) | (Scenario::Mixed, 9..) => self.hand_out(ticket),
            (Scenario::Check, _) | (Scenario::Mixed, 0..=4) => self.check(ticket).map(Some),
            (Scenario::Replay, _) => match self.stock.redeemed(ticket) {
                Some(place) => self.redeem(place, true).map(Some),
                None => Ok(None),
            },
            (Scenario::Report, _) => self.report().map(Some),
        }
    }

    fn redeem(&mut self, place: u64, again: bool) -> anyhow::Result<Done> {
        let desk = self.stock.desk(place);
        let body = format!(
            r#"{{"venue_id":"{}","codes":["{}"],"service":"{}","performed_on":"{}"}}"#,
            self.stock.venues.get(desk).context("no venue")?,
            self.stock.code(place),
            Service::AdministrativeHelp,
            self.today
        );
        let token = self.tokens.venues.get(desk).context("no token")?;
        let path = format!("/api/v1/programmes/{}/redemptions", self.stock.programme());
        let answer = self.connection.post(&path, token, Some(&self.stock.pass_key(place)), &body)?;
        recorded(&answer, again)
    }

    fn hand_out(&mut self, ticket: u64) -> anyhow::Result<Option<Done>> {
        let world = self.stock.world()?;
        let desks = &world.prescribers;
        let drawn = self.stock.next_booklet.fetch_add(1, Ordering::Relaxed);
        let count = u64::try_from(desks.len())?.max(1);
        let place = usize::try_from(drawn % count)?;
        let (first, custody) = desks.get(place).context("no prescriber")?.custody;
        let Some(within) = u32::try_from(drawn / count).ok().filter(|within| *within < custody) else {
            return Ok(None);
        };
        let number = first + within;
        let serial = BookletId::new(world.programme, number).item().printed(&world.code);
        let body = format!(
            r#"{{"beneficiary":{{"family_name":"{}","given_name":"Anne","birth_date":"{}","commune":"{COMMUNE}"}},"proofs":[{{"kind":"home_proof"}},{{"kind":"identity_document"}}],"booklets":["{serial}"]}}"#,
            letters(number),
            birth(number)
        );
        let token = self.tokens.prescribers.get(place).context("no token")?;
        let path = format!("/api/v1/programmes/{}/hand-outs", self.stock.programme());
        let key = format!("{}-h{number}-{ticket}", self.stock.run);
        recorded(&self.connection.post(&path, token, Some(&key), &body)?, false).map(Some)
    }

    fn check(&mut self, ticket: u64) -> anyhow::Result<Done> {
        let place = ticket % self.stock.passes().max(1);
        let body = format!(r#"{{"code":"{}"}}"#, self.stock.code(place));
        let path = format!("/api/v1/programmes/{}/passes/check", self.stock.programme());
        let token = self.tokens.venues.get(self.stock.desk(ticket)).context("no token")?;
        let answer = self.connection.post(&path, token, None, &body)?;
        anyhow::ensure!(answer.status == 200, "{}: {}", answer.status, answer.body);
        Ok(Done::Read)
    }

    fn report(&mut self) -> anyhow::Result<Done> {
        let path = format!("/api/v1/programmes/{}/reports/use-account", self.stock.programme());
        let token = self.tokens.finance.as_ref().context("a peer only redeems")?;
        let answer = self.connection.get_as(&path, token)?;
        anyhow::ensure!(answer.status == 200, "{}: {}", answer.status, answer.body);
        Ok(Done::Read)
    }
}

/// A family name that nobody else has: the number, written with letters.
fn letters(number: u32) -> String {
    number.to_string().bytes().map(|digit| char::from(b'a' + (digit - b'0'))).collect()
}

/// One of twelve thousand birth dates: a crowd born on one day would be a crowd of possible duplicates.
fn birth(number: u32) -> String {
    let (year, month, day) = (1928 + number % 36, 1 + number / 36 % 12, 1 + number / 432 % 28);
    format!("{year}-{month:02}-{day:02}")
}

fn recorded(answer: &Answer, again: bool) -> anyhow::Result<Done> {
    anyhow::ensure!(answer.status == 201, "{}: {}", answer.status, answer.body);
    anyhow::ensure!(answer.replayed == again, "replayed is {}, not {again}", answer.replayed);
    let position = answer.body.split_once("\"position\":").map(|(_, rest)| rest.split([',', '}']).next());
    let position: i64 = position.flatten().context("no position in the receipt")?.trim().parse()?;
    Ok(if again { Done::Read } else { Done::Recorded(position) })
}
