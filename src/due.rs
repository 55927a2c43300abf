//! What the calendar asks for: periods that are over and not closed yet are closed, in order; what is known of people whose
//! time is over is erased; what the ends of orders ask of somebody is told. Done again, it finds nothing to do. What never
//! lives here: which period may be closed when (see `domain::closing`), whose time is over (`domain::erasure`), or a timer.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::auth::{Caller, Forbidden};
use crate::domain::closing::Close;
use crate::domain::end_calendar::{Progress, Step};
use crate::domain::erasure::{Erase, PEOPLE_PER_ERASURE, Whom};
use crate::domain::ids::UserId;
use crate::domain::movement::Kind;
use crate::domain::party::Actor;
use crate::domain::programme::Programme;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::standing::Standing;
use crate::domain::time::Day;
use crate::keys::Keys;
use crate::ledger::{Ledger, Outcome, Submission, SubmitError, erasure_facts, follow_up_facts};
use crate::people::pseudonym;
use crate::receipts::Receipt;
use crate::reports::{self, ReportError, Request};
use crate::store::{Page, Reads, Store, StoreError};

/// Why something that is due was not done.
#[derive(Debug, thiserror::Error)]
pub enum DueError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Submit(#[from] SubmitError),
    #[error("refused: {0}")]
    Refused(Code),
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error(transparent)]
    Report(#[from] ReportError),
}

/// The account under which what is due is recorded, by its address: one that is active and may record this kind of act.
///
/// # Errors
/// [`StoreError`]; `None` inside where there is no such account.
pub fn caller(store: &Store, keys: &Keys, email: &str, kind: Kind) -> Result<Option<Caller>, StoreError> {
    let found = store.read(|tx| {
        let Some(user) = tx.user_by_email(email)? else { return Ok(None) };
        let standing = tx.active_users(&BTreeSet::from([user.id]))?.into_iter().next();
        Ok::<_, StoreError>(standing.map(|(user, standing, _)| (user, standing)))
    })?;
    let caller = |(user, Standing { organisation, role, .. }): (UserId, Standing)| {
        let actor = Actor { user, organisation, role, pseudonym: pseudonym(keys, user) };
        Caller::new(actor, String::new())
    };
    Ok(found.map(caller).filter(|caller| caller.permit(kind).is_ok()))
}

/// The programmes of the caller's own Region.
///
/// # Errors
/// [`StoreError`].
pub fn programmes(store: &Store, caller: &Caller) -> Result<Vec<Programme>, StoreError> {
    let all: Vec<Programme> = store.read(|tx| tx.programmes(&Page::ALL_PROGRAMMES))?;
    let own = |programme: &Programme| programme.sponsor == caller.actor().organisation;
    Ok(all.into_iter().filter(own).collect())
}

/// A step that somebody has to take before or after the end of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueStep {
    /// The order's number.
    pub order: String,
    pub step: Step,
    pub since: Day,
}

/// The next step of every order of a programme that asks for one on `today`: none of them is taken by itself.
///
/// # Errors
/// [`DueError`].
pub fn steps(store: &Arc<Store>, programme: &Programme, today: Day) -> Result<Vec<DueStep>, DueError> {
    let rules = store.read(|tx: &mut dyn Reads| tx.end_rules(programme.no))?.unwrap_or_default().0;
    let orders = reports::progress(store, &Request::new(programme.code.clone(), today))?;
    let due = |(order, progress): (String, Progress)| {
        progress.due(rules, today).map(|(step, since)| DueStep { order, step, since })
    };
    Ok(orders.into_iter().filter_map(due).collect())
}

/// Closes every period of a programme that is over on `today`, and gives the receipts.
///
/// # Errors
/// [`DueError`]: what was closed before it stays closed.
pub fn close(
    (ledger, store): (&Ledger, &Store),
    caller: &Caller,
    programme: &Programme,
    today: Day,
) -> Result<Vec<Arc<Receipt>>, DueError> {
    let mut closed = Vec::new();
    loop {
        let books = store.read(|tx: &mut dyn Reads| tx.books(programme.no, &BTreeSet::new()))?;
        let Some((period, of)) = books.due(today) else { return Ok(closed) };
        let permit = caller.permit(Kind::Closing)?;
        let submission = Submission::new(permit, programme.no, Box::new(Close { period, of }), None)?;
        match ledger.submit_and_wait(submission)?.outcome {
            Outcome::Granted(receipt) => closed.push(receipt),
            // Another instance was faster.
            Outcome::Refused(Refusal { code: Code::ClosingAlreadyMade, .. }) => {}
            Outcome::Refused(refusal) => return Err(DueError::Refused(refusal.code)),
        }
    }
}

/// People of whom nothing is to be known any more, or no contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overdue {
    /// As many as one erasure takes at most.
    pub people: usize,
    /// There was no contact with them since this day.
    pub since: Day,
    /// Whether there are no more than these.
    pub all: bool,
    /// Contacts of people who agreed to be reminded that have served, as many as one erasure takes at most.
    pub contacts: usize,
}

/// Who is to be erased on `today`; nobody is.
///
/// # Errors
/// [`DueError`].
pub fn overdue(store: &Store, programme: &Programme, today: Day) -> Result<Overdue, DueError> {
    let found: Result<_, StoreError> = store.read(|tx: &mut dyn Reads| {
        let since = tx.retention_rules(programme.no)?.unwrap_or_default().0.limit(today);
        let people = erasure_facts::overdue(tx, programme.no, since, PEOPLE_PER_ERASURE)?.len();
        let rules = tx.follow_up_rules(programme.no)?.unwrap_or_default().0;
        let served = follow_up_facts::served(tx, programme.no, rules, (today, PEOPLE_PER_ERASURE))?;
        Ok((since, people, served.len()))
    });
    let (since, people, contacts) = found?;
    Ok(Overdue { people, since, contacts, all: u32::try_from(people).is_ok_and(|people| people < PEOPLE_PER_ERASURE) })
}

/// Erases what is known of everybody whose time is over on `today`, and the contacts that have served; gives the receipts.
///
/// # Errors
/// [`DueError`]: what was erased before it stays erased.
pub fn erase(
    (ledger, store): (&Ledger, &Store),
    caller: &Caller,
    programme: &Programme,
    today: Day,
) -> Result<Vec<Arc<Receipt>>, DueError> {
    let rules: Result<_, StoreError> = store.read(|tx| tx.retention_rules(programme.no));
    let since = rules?.unwrap_or_default().0.limit(today);
    let mut erased = Vec::new();
    let most = PEOPLE_PER_ERASURE;
    for whom in [Whom::Overdue { since, most }, Whom::Served { on: today, most }] {
        loop {
            let act = Box::new(Erase { whom: whom.clone() });
            let submission = Submission::new(caller.permit(Kind::Erasure)?, programme.no, act, None)?;
            match ledger.submit_and_wait(submission)?.outcome {
                Outcome::Granted(receipt) => erased.push(receipt),
                Outcome::Refused(Refusal { code: Code::NothingToErase, .. }) => break,
                Outcome::Refused(refusal) => return Err(DueError::Refused(refusal.code)),
            }
        }
    }
    Ok(erased)
}
