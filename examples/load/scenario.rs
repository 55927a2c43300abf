//! What one request of each scenario is, over HTTP and without it. Each draws passes or booklets that nobody has
//! drawn before. What never lives here: time, threads.

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context;
use recepisse::clock::{Clock, Entropy, SystemClock, SystemEntropy};
use recepisse::domain::ids::BookletId;
use recepisse::domain::party::Service;
use recepisse::domain::redemption::Redeem;
use recepisse::domain::serial::BookletSerial;
use recepisse::domain::short_code::ShortCode;
use recepisse::ledger::{RequestKey, Submission};
use sha2::{Digest, Sha256};

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
}

/// Everything drawn from, shared by all connections.
#[derive(Debug)]
pub(crate) struct Stock {
    pub(crate) world: World,
    next_pass: AtomicU64,
    next_booklet: AtomicU64,
    next_request: AtomicU64,
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

impl Stock {
    pub(crate) fn new(world: World) -> Self {
        let run = SystemEntropy.uuid(SystemClock.now()).simple().to_string();
        let zero = || AtomicU64::new(0);
        Self { world, next_pass: zero(), next_booklet: zero(), next_request: zero(), run }
    }

    fn ticket(&self) -> u64 {
        self.next_request.fetch_add(1, Ordering::Relaxed)
    }

    /// A pass nobody has redeemed; `None` when all are.
    fn draw_pass(&self) -> Option<u64> {
        let place = self.next_pass.fetch_add(1, Ordering::Relaxed);
        (place < self.world.passes).then_some(place)
    }

    /// A booklet in somebody's custody, with its holder.
    fn draw_booklet(&self) -> Option<(&Desk, u32)> {
        let place = self.next_booklet.fetch_add(1, Ordering::Relaxed);
        let desks = u64::try_from(self.world.prescribers.len()).ok()?;
        let desk = self.world.prescribers.get(usize::try_from(place % desks).ok()?)?;
        let (first, count) = desk.custody;
        let within = u32::try_from(place / desks).ok().filter(|within| *within < count)?;
        Some((desk, first + within))
    }

    /// How many passes have been drawn: what a replay may ask again.
    pub(crate) fn redeemed(&self) -> u64 {
        self.next_pass.load(Ordering::Relaxed).min(self.world.passes)
    }

    fn pass_key(&self, place: u64) -> String {
        format!("{}-p{place}", self.run)
    }

    fn venue(&self, place: u64) -> anyhow::Result<&Desk> {
        // A pass is always shown at the same place, so that a retry is the same request.
        let desks = u64::try_from(self.world.venues.len())?;
        self.world.venues.get(usize::try_from(place % desks)?).context("no venue")
    }

    /// The act of a redemption, as a caller without HTTP submits it.
    pub(crate) fn redemption(&self) -> anyhow::Result<Option<Submission>> {
        let Some(place) = self.draw_pass() else { return Ok(None) };
        let desk = self.venue(place)?;
        let act = Redeem {
            venue: desk.venue,
            codes: vec![self.world.keys.code_mac(&self.world.code(self.world.pass(place)))],
            service: Service::AdministrativeHelp,
            performed_on: SystemClock.now().day(),
            performed_in: None,
        };
        let digest = hex::encode(Sha256::digest(self.pass_key(place)));
        let key = RequestKey { digest: digest.clone(), fingerprint: digest };
        let permit = desk.caller.permit(recepisse::domain::movement::Kind::Redemption)?;
        Ok(Some(Submission::new(permit, self.world.programme, Box::new(act), Some(key))?))
    }
}

/// One connection's way of asking.
#[derive(Debug)]
pub(crate) struct Client<'a> {
    stock: &'a Stock,
    connection: Connection,
    /// Access tokens of the venues' and the prescribers' agents, in their order.
    venue_tokens: &'a [String],
    prescriber_tokens: &'a [String],
    today: String,
}

impl<'a> Client<'a> {
    pub(crate) fn new(stock: &'a Stock, connection: Connection, tokens: &'a (Vec<String>, Vec<String>)) -> Self {
        let today = SystemClock.now().day().to_string();
        Self { stock, connection, venue_tokens: &tokens.0, prescriber_tokens: &tokens.1, today }
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
            (Scenario::Replay, _) => match self.stock.redeemed() {
                0 => Ok(None),
                redeemed => self.redeem(ticket * 7919 % redeemed, true).map(Some),
            },
        }
    }

    fn redeem(&mut self, place: u64, again: bool) -> anyhow::Result<Done> {
        let desk = self.stock.venue(place)?;
        let code = self.stock.world.code(self.stock.world.pass(place)).grouped();
        let body = format!(
            r#"{{"venue_id":"{}","codes":["{code}"],"service":"{}","performed_on":"{}"}}"#,
            desk.venue,
            Service::AdministrativeHelp,
            self.today
        );
        let token = pick(self.venue_tokens, place)?;
        let path = format!("/api/v1/programmes/{PROGRAMME}/redemptions");
        let answer = self.connection.post(&path, token, Some(&self.stock.pass_key(place)), &body)?;
        recorded(&answer, again)
    }

    fn hand_out(&mut self, ticket: u64) -> anyhow::Result<Option<Done>> {
        let Some((desk, number)) = self.stock.draw_booklet() else { return Ok(None) };
        let place = self.stock.world.prescribers.iter().position(|known| std::ptr::eq(known, desk)).unwrap_or(0);
        let id = BookletId::new(self.stock.world.programme, number);
        let serial = id.item().printed(&ShortCode::parse(PROGRAMME)?);
        debug_assert!(BookletSerial::parse(&serial).is_ok());
        let body = format!(
            r#"{{"beneficiary":{{"family_name":"{}","given_name":"Anne","birth_date":"1955-03-14","commune":"{COMMUNE}"}},"proofs":[{{"kind":"home_proof"}},{{"kind":"identity_document"}}],"booklets":["{serial}"]}}"#,
            letters(ticket)
        );
        let token = self.prescriber_tokens.get(place).context("no token")?;
        let path = format!("/api/v1/programmes/{PROGRAMME}/hand-outs");
        let key = format!("{}-h{number}", self.stock.run);
        recorded(&self.connection.post(&path, token, Some(&key), &body)?, false).map(Some)
    }

    fn check(&mut self, ticket: u64) -> anyhow::Result<Done> {
        let code = self.stock.world.code(self.stock.world.pass(ticket % self.stock.world.passes.max(1)));
        let body = format!(r#"{{"code":"{}"}}"#, code.grouped());
        let path = format!("/api/v1/programmes/{PROGRAMME}/passes/check");
        let answer = self.connection.post(&path, pick(self.venue_tokens, ticket)?, None, &body)?;
        anyhow::ensure!(answer.status == 200, "{}: {}", answer.status, answer.body);
        Ok(Done::Read)
    }
}

fn pick(tokens: &[String], place: u64) -> anyhow::Result<&String> {
    let count = u64::try_from(tokens.len())?.max(1);
    tokens.get(usize::try_from(place % count)?).context("no token")
}

/// A family name that nobody else has: the number, written with letters.
fn letters(number: u64) -> String {
    number.to_string().bytes().map(|digit| char::from(b'a' + (digit - b'0'))).collect()
}

fn recorded(answer: &Answer, again: bool) -> anyhow::Result<Done> {
    anyhow::ensure!(answer.status == 201, "{}: {}", answer.status, answer.body);
    anyhow::ensure!(answer.replayed == again, "replayed is {}, not {again}", answer.replayed);
    let position = answer.body.split_once("\"position\":").map(|(_, rest)| rest.split([',', '}']).next());
    let position: i64 = position.flatten().context("no position in the receipt")?.parse()?;
    Ok(if again { Done::Read } else { Done::Recorded(position) })
}
