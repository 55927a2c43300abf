//! The stage: a register with a clock of its own, the people who act on it, and the one way to act: through the
//! ledger, several at a time. What never lives here: the story.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::DemoError;
use super::dice::Dice;
use crate::auth::Caller;
use crate::clock::{Clock, FrozenClock, SeededEntropy};
use crate::domain::act::Act;
use crate::domain::ids::{BookletId, OrganisationId, PassId, ProgrammeNo, UserId};
use crate::domain::party::{Actor, Role};
use crate::domain::refusal::Code;
use crate::domain::serial::BookletSerial;
use crate::domain::stock::CodeMac;
use crate::domain::time::{Day, Instant};
use crate::issuing;
use crate::keys::Keys;
use crate::ledger::{Ledger, Options, Outcome, RequestKey, Submission, Unobserved};
use crate::people;
use crate::receipts::Receipt;
use crate::store::Store;

/// Acts sent to the ledger at a time: half of what its queue takes.
const AT_A_TIME: usize = 512;

/// Nobody stands at a counter here: a large delivery on a slow machine is waited for, and is not an outcome that nobody knows.
fn patient() -> Options {
    Options { longest_wait: Duration::from_mins(10), ..Options::default() }
}

/// An act and who asks for it.
pub(super) type Asked = (Caller, Box<dyn Act>);

/// See the module.
pub(super) struct Stage {
    pub(super) store: Arc<Store>,
    pub(super) keys: Arc<Keys>,
    pub(super) dice: Dice,
    /// Identifiers: not secret here.
    pub(super) entropy: Arc<SeededEntropy>,
    clock: Arc<FrozenClock>,
    ledger: Arc<Ledger>,
    runtime: tokio::runtime::Runtime,
    programme: ProgrammeNo,
    asked: u64,
    /// The nonce that each booklet's codes come from: what the paper knows.
    nonces: BTreeMap<BookletId, [u8; 32]>,
}

impl std::fmt::Debug for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stage").field("asked", &self.asked).finish_non_exhaustive()
    }
}

impl Stage {
    pub(super) fn new(store: Arc<Store>, keys: Arc<Keys>, start: Instant, seed: u64) -> Result<Self, DemoError> {
        let clock = Arc::new(FrozenClock::new(start));
        let entropy = Arc::new(SeededEntropy::new(seed));
        let own_clock: Arc<dyn Clock> = Arc::<FrozenClock>::clone(&clock);
        let scans = Arc::new(SeededEntropy::new(seed.wrapping_add(1)));
        let (own_store, own_keys) = (Arc::clone(&store), Arc::clone(&keys));
        let ledger = Ledger::start_with(own_store, own_keys, (own_clock, scans), patient(), Arc::new(Unobserved))?;
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().build().map_err(DemoError::Runtime)?;
        Ok(Self {
            store,
            keys,
            dice: Dice::new(seed),
            entropy,
            clock,
            ledger: Arc::new(ledger),
            runtime,
            programme: ProgrammeNo(0),
            asked: 0,
            nonces: BTreeMap::new(),
        })
    }

    /// From here on acts are on this programme.
    pub(super) const fn enter(&mut self, programme: ProgrammeNo) {
        self.programme = programme;
    }

    pub(super) fn set(&self, at: Instant) {
        self.clock.set(at);
    }

    pub(super) fn later(&self, seconds: i64) {
        self.clock.advance_seconds(seconds);
    }

    pub(super) fn now(&self) -> Instant {
        self.clock.now()
    }

    pub(super) fn today(&self) -> Day {
        self.clock.now().day()
    }

    /// Somebody who has signed in.
    pub(super) fn caller(&self, user: UserId, organisation: OrganisationId, role: Role) -> Caller {
        let pseudonym = people::pseudonym(&self.keys, user);
        Caller::new(Actor { user, organisation, role, pseudonym }, "demo".to_owned())
    }

    /// Submits all of them at once and answers in their order.
    pub(super) fn ask(&mut self, asked: Vec<Asked>) -> Result<Vec<Outcome>, DemoError> {
        let mut outcomes = Vec::with_capacity(asked.len());
        let mut waiting = asked.into_iter().peekable();
        while waiting.peek().is_some() {
            let mut sent = Vec::new();
            for (caller, act) in waiting.by_ref().take(AT_A_TIME) {
                sent.push(self.submission(&caller, act)?);
            }
            let ledger = &self.ledger;
            let answers = self.runtime.block_on(async {
                let sending = |submission| {
                    let ledger = Arc::clone(ledger);
                    tokio::spawn(async move { ledger.submit(submission).await })
                };
                let mut answers = Vec::new();
                for sent in sent.into_iter().map(sending).collect::<Vec<_>>() {
                    answers.push(sent.await);
                }
                answers
            });
            for answer in answers {
                let answer = answer.map_err(|error| DemoError::Runtime(std::io::Error::other(error)))?;
                outcomes.push(answer?.outcome);
            }
        }
        Ok(outcomes)
    }

    fn submission(&mut self, caller: &Caller, act: Box<dyn Act>) -> Result<Submission, DemoError> {
        let permit = caller.permit(act.kind()).map_err(|_| DemoError::Forbidden(act.kind().title()))?;
        self.asked += 1;
        let digest = Sha256::new()
            .chain_update("recepisse/demo/")
            .chain_update(self.programme.0.to_be_bytes())
            .chain_update(self.asked.to_be_bytes())
            .finalize();
        let digest = hex::encode(digest);
        let key = RequestKey { fingerprint: digest.clone(), digest };
        Ok(Submission::new(permit, self.programme, act, Some(key))?)
    }

    /// Asks for one act that must be granted.
    pub(super) fn grant(&mut self, caller: &Caller, act: impl Act + 'static) -> Result<Arc<Receipt>, DemoError> {
        let kind = act.kind().title();
        match self.ask(vec![(caller.clone(), Box::new(act))])?.pop() {
            Some(Outcome::Granted(receipt)) => Ok(receipt),
            Some(Outcome::Refused(refusal)) => Err(DemoError::Refused(kind, refusal.code)),
            None => Err(DemoError::Unexpected(kind)),
        }
    }

    /// Asks for one act that the rules must refuse with this code.
    pub(super) fn refuse(&mut self, code: Code, caller: &Caller, act: impl Act + 'static) -> Result<(), DemoError> {
        let kind = act.kind().title();
        match self.ask(vec![(caller.clone(), Box::new(act))])?.pop() {
            Some(Outcome::Refused(refusal)) if refusal.code == code => Ok(()),
            Some(Outcome::Refused(refusal)) => Err(DemoError::Refused(kind, refusal.code)),
            Some(Outcome::Granted(_)) | None => Err(DemoError::Unexpected(kind)),
        }
    }

    /// Remembers where the codes of printed booklets come from.
    pub(super) fn printed(&mut self, numbers: impl IntoIterator<Item = u32>, nonce: [u8; 32]) {
        let programme = self.programme;
        self.nonces.extend(numbers.into_iter().map(|number| (BookletId::new(programme, number), nonce)));
    }

    /// What a venue's request knows of a pass: the digest of the code that is printed on it.
    pub(super) fn code(&self, pass: PassId) -> CodeMac {
        let nonce = self.nonces.get(&pass.booklet()).copied().unwrap_or_default();
        self.keys.code_mac(&issuing::pass_code(&self.keys, &nonce, pass))
    }

    /// The booklets that a receipt moved to this kind of holder, or to any.
    pub(super) fn booklets(&self, receipt: &Receipt, to: Option<&str>) -> Vec<BookletId> {
        let lines = receipt.body().lines.iter().filter(|line| to.is_none_or(|to| line.to.starts_with(to)));
        let mut booklets = Vec::new();
        for item in lines.flat_map(|line| &line.items) {
            let (first, last) = item.split_once("..").unwrap_or((item, item));
            if let (Ok(first), Ok(last)) = (BookletSerial::parse(first), BookletSerial::parse(last)) {
                let numbers = first.number()..=last.number();
                booklets.extend(numbers.map(|number| BookletId::new(self.programme, number)));
            }
        }
        booklets
    }
}

/// A number that a receipt mentions.
pub(super) fn mentioned(receipt: &Receipt, name: &str) -> i64 {
    receipt.body().mentioned_number(name).unwrap_or_default()
}
