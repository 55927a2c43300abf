//! The acts that come before the load: order, deliveries, activation, dispatches, acceptances, hand-outs, all through
//! the ledger and in sets as large as the rules allow. What never lives here: a short cut into the tables.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Instant;

use anyhow::{Context, bail};
use recepisse::auth::Caller;
use recepisse::clock::{Clock, Entropy, SystemClock, SystemEntropy};
use recepisse::domain::acceptance::Accept;
use recepisse::domain::act::Act;
use recepisse::domain::custody::{Selection, SendBooklets};
use recepisse::domain::eligibility::{ShownProof, Situation};
use recepisse::domain::handout::HandOut;
use recepisse::domain::ids::{BookletId, ProgrammeNo};
use recepisse::domain::money::Cents;
use recepisse::domain::party::Holder;
use recepisse::domain::programme::FundingShare;
use recepisse::domain::stock::NewBooklet;
use recepisse::domain::supply::{Activate, PlaceOrder, TakeDelivery};
use recepisse::domain::territory::CommuneCode;
use recepisse::domain::text::{Label, Reference};
use recepisse::domain::time::Day;
use recepisse::issuing;
use recepisse::keys::Keys;
use recepisse::ledger::{Ledger, Outcome, Submission};
use recepisse::store::{Store, StoreError, WriteError};

use crate::cast::{Cast, DESKS, cast};
use crate::world::{COMMUNE, Desk, Known, SIZE, World};

/// Booklets of one delivery and of one dispatch: the most passes that one delivery may bring.
const AT_ONCE: u32 = 20_000;
/// Booklets of one order at most.
const PER_ORDER: u32 = 1_000_000;
/// Booklets handed out in one act: one receipt for a whole delivery to a desk's public.
const PER_HAND_OUT: u32 = 20_000;

/// How much is prepared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent {
    /// Passes in circulation.
    pub(crate) passes: u32,
    /// Booklets in custody, to be handed out.
    pub(crate) booklets: u32,
}

/// Prepares the `nth` programme of the database, from 1, and says how fast that went.
pub(crate) fn prepare(
    store: &Arc<Store>,
    keys: &Arc<Keys>,
    nth: u32,
    extent: Extent,
) -> anyhow::Result<(Known, String)> {
    let mut nonce = [0; 32];
    SystemEntropy.fill(&mut nonce);
    let written = store.write(|tx| cast(tx, keys, nth));
    let Cast { region, programme, venues, prescribers } =
        written.map_err(undone).context("the database must be empty")?;
    let ledger = Ledger::start(Arc::clone(store), Arc::clone(keys), Arc::new(SystemClock), Arc::new(SystemEntropy))?;
    let handed_out = extent.passes.div_ceil(SIZE.into());
    let per_desk = extent.booklets / DESKS;
    let began = Instant::now();
    let preparation = Preparation { programme: programme.no, prescribers: &prescribers, nonce, keys, ledger: &ledger };
    let total = handed_out + per_desk * DESKS;
    preparation.supply(&region, total)?;
    let supplied = began.elapsed();
    let custody = preparation.hand_over(&region.admin, handed_out, per_desk)?;
    let took = began.elapsed();
    let passes = u64::from(handed_out) * u64::from(SIZE);
    let each = |took: std::time::Duration| u128::from(total) * u128::from(SIZE) * 1_000 / took.as_millis().max(1);
    let speed = format!(
        "{}: {} passes prepared in {} s; {} passes/s delivered, {} passes/s over all acts up to the hand-out",
        programme.code,
        u64::from(total) * u64::from(SIZE),
        took.as_secs(),
        each(supplied),
        each(took)
    );
    let with_custody = prescribers.iter().zip(custody).map(|(desk, custody)| Desk { custody, ..desk.clone() });
    let known = Known {
        programme: programme.no,
        code: programme.code,
        venues,
        prescribers: with_custody.collect(),
        finance: region.finance,
        passes,
        nonce,
        drawn: (0, 0),
    };
    Ok((known, speed))
}

impl World {
    /// Prepares an empty database so that `passes` are in circulation and `booklets` more wait at prescribers.
    pub(crate) fn prepare(store: &Arc<Store>, keys: &Arc<Keys>, passes: u32, booklets: u32) -> anyhow::Result<Self> {
        let (known, _) = prepare(store, keys, 1, Extent { passes, booklets })?;
        Ok(Self { keys: Arc::clone(keys), known })
    }
}

fn undone(error: WriteError<StoreError>) -> anyhow::Error {
    match error {
        WriteError::Undone(error) | WriteError::Unknown(error) => error.into(),
    }
}

/// Somebody of 66 with everything that is asked for.
fn situation() -> anyhow::Result<Situation> {
    let seen = |kind: &str| ShownProof { kind: kind.to_owned(), issued_on: None };
    Ok(Situation {
        birth: Day::parse("1955-03-14")?,
        commune: CommuneCode::parse(COMMUNE)?,
        neighbourhood: None,
        statuses: BTreeSet::new(),
        proofs: vec![seen("home_proof"), seen("identity_document")],
    })
}

/// The acts of one programme.
struct Preparation<'a> {
    programme: ProgrammeNo,
    prescribers: &'a [Desk],
    nonce: [u8; 32],
    keys: &'a Arc<Keys>,
    ledger: &'a Ledger,
}

impl Preparation<'_> {
    /// Orders as many booklets, takes them in charge and activates them.
    fn supply(&self, region: &crate::cast::Region, booklets: u32) -> anyhow::Result<()> {
        let mut orders = Vec::new();
        for ((first, last), number) in runs(1, booklets, PER_ORDER).zip(1..) {
            let number = Reference::parse(&format!("CMD-{number}"))?;
            self.ask(&region.admin, order(&number, region.issuer, last - first + 1)?)?;
            orders.push((number, (first, last)));
        }
        self.deliver(&region.admin, &orders)?;
        for (order, (first, _)) in orders {
            let payment_order = Reference::parse(&format!("MP-{first}"))?;
            self.ask(&region.finance.caller(self.keys), Activate { order, payment_order })?;
        }
        Ok(())
    }

    /// The codes of the next delivery are made while the last one is written.
    fn deliver(&self, admin: &Caller, orders: &[(Reference, (u32, u32))]) -> anyhow::Result<()> {
        let (made, ready) = sync_channel(1);
        std::thread::scope(|scope| {
            scope.spawn(move || {
                for (order, (first, last)) in orders {
                    for (first, last) in runs(*first, *last, AT_ONCE) {
                        let numbers = first..=last;
                        let booklets = issuing::new_booklets(self.keys, &self.nonce, self.programme, numbers, SIZE);
                        if made.send((order.clone(), first, booklets)).is_err() {
                            return;
                        }
                    }
                }
            });
            self.take_in(admin, &ready)
        })
    }

    fn take_in(&self, admin: &Caller, ready: &Receiver<(Reference, u32, Vec<NewBooklet>)>) -> anyhow::Result<()> {
        let today = SystemClock.now().day();
        for (order, first, received) in ready {
            let delivery = TakeDelivery {
                order,
                delivered_on: today,
                note: Reference::parse(&format!("BL-{first}"))?,
                received,
                missing: Vec::new(),
                damaged: Vec::new(),
                print_nonce: Some(self.nonce),
            };
            self.ask(admin, delivery)?;
        }
        Ok(())
    }

    /// Puts booklets 1 to `handed_out` into circulation and leaves `per_desk` more at each desk; the first number and
    /// the count at each.
    fn hand_over(&self, admin: &Caller, handed_out: u32, per_desk: u32) -> anyhow::Result<Vec<(u32, u32)>> {
        let mut dispatch = 0;
        for ((first, last), desk) in runs(1, handed_out, AT_ONCE).zip(self.prescribers.iter().cycle()) {
            dispatch += 1;
            self.entrust(admin, desk, dispatch, (first, last))?;
            for (first, last) in runs(first, last, PER_HAND_OUT) {
                self.hand_out(desk, (first, last))?;
            }
        }
        let mut custody = Vec::new();
        for desk in self.prescribers {
            let first = handed_out + 1 + per_desk * u32::try_from(custody.len())?;
            for (first, last) in runs(first, first + per_desk - 1, AT_ONCE) {
                dispatch += 1;
                self.entrust(admin, desk, dispatch, (first, last))?;
            }
            custody.push((first, per_desk));
        }
        Ok(custody)
    }

    fn entrust(&self, admin: &Caller, desk: &Desk, dispatch: i64, (first, last): (u32, u32)) -> anyhow::Result<()> {
        let booklets: Vec<BookletId> = self.booklets(first, last);
        let sent = SendBooklets {
            to: desk.organisation,
            booklets: Selection::Named(booklets.clone()),
            carrier_reference: None,
            from: Holder::Store,
        };
        self.ask(admin, sent)?;
        let accepted = Accept {
            dispatch,
            in_transit: booklets,
            accepted: None,
            missing: Vec::new(),
            damaged: Vec::new(),
            receiver: Holder::Prescriber(desk.code.clone()),
        };
        self.ask(&desk.caller(self.keys), accepted)
    }

    fn hand_out(&self, desk: &Desk, (first, last): (u32, u32)) -> anyhow::Result<()> {
        let mut fingerprint = [0; 32];
        SystemEntropy.fill(&mut fingerprint);
        let act = HandOut {
            fingerprint,
            likenesses: recepisse::domain::duplicates::Likenesses::default(),
            commitment: fingerprint,
            nonce: None,
            situation: situation()?,
            ground: None,
            booklets: self.booklets(first, last),
            sex: None,
            orientation: None,
            exception: None,
            follow_up: None,
        };
        self.ask(&desk.caller(self.keys), act)
    }

    fn booklets(&self, first: u32, last: u32) -> Vec<BookletId> {
        (first..=last).map(|number| BookletId::new(self.programme, number)).collect()
    }

    fn ask(&self, caller: &Caller, act: impl Act + 'static) -> anyhow::Result<()> {
        let kind = act.kind();
        let submission = Submission::new(caller.permit(kind)?, self.programme, Box::new(act), None)?;
        match self.ledger.submit_and_wait(submission)?.outcome {
            Outcome::Granted(_) => Ok(()),
            Outcome::Refused(refusal) => bail!("{kind} refused: {}", refusal.code),
        }
    }
}

fn order(
    number: &Reference,
    issuer: recepisse::domain::ids::OrganisationId,
    booklets: u32,
) -> anyhow::Result<PlaceOrder> {
    let today = SystemClock.now().day();
    Ok(PlaceOrder {
        number: number.clone(),
        ordered_on: today,
        issuer,
        booklets,
        passes_per_booklet: SIZE,
        face_value: Cents::new(1_000),
        fees: Cents::ZERO,
        funding: vec![FundingShare { funder: Label::parse("Région")?, basis_points: 10_000 }],
        validity_end: today.plus_days(365),
    })
}

/// `first` to `last` in runs of at most `length`.
fn runs(first: u32, last: u32, length: u32) -> impl Iterator<Item = (u32, u32)> {
    let step = usize::try_from(length).unwrap_or(1);
    (first..=last).step_by(step).map(move |start| (start, last.min(start.saturating_add(length - 1))))
}
