//! The demonstration: a register that is lived in. It submits real acts through the ledger, with the refusals that a
//! real year brings, and adds up the result. Everything but the communes is invented.
//! What never lives here: a short cut around the ledger, SQL, or a secret that is not this demonstration's own.

mod calendar;
mod cast;
mod dice;
mod incidents;
mod inhabitants;
mod issuer;
mod letters;
mod payments;
mod people;
mod pilot;
mod region;
mod registry;
mod report;
mod stage;
mod story;
#[cfg(test)]
mod tests;
mod troubles;

use std::sync::Arc;

pub use cast::Login;
pub use report::{Line, ProgrammeReport, Report, report, thousands};

use crate::auth::password::HashFailure;
use crate::domain::refusal::{Code, Malformed};
use crate::domain::text::Email;
use crate::domain::time::Instant;
use crate::keys::Keys;
use crate::ledger::SubmitError;
use crate::store::{Page, Store, StoreError, WriteError};

/// How large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// 500 booklets of ten, Sambre-Avesnois-Thiérache.
    Pilot,
    /// 6,610 booklets of ten, and 800 booklets of five asked for on line.
    Region,
}

/// What a database holds already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// No organisation and no account.
    Nothing,
    /// An earlier demonstration.
    Demo,
    /// Something else, which a demonstration must not touch.
    Other,
}

/// Why the demonstration could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// COMMIT gave no answer.
    #[error("the outcome of a write is not known: {0}")]
    Unknown(StoreError),
    #[error(transparent)]
    Submit(#[from] SubmitError),
    #[error("a text of the demonstration is malformed: {0}")]
    Malformed(#[from] Malformed),
    #[error(transparent)]
    Password(#[from] HashFailure),
    #[error("the role may not record this: {0}")]
    Forbidden(&'static str),
    /// The rules refused what the story needs.
    #[error("{0}: refused with {1}")]
    Refused(&'static str, Code),
    /// The rules granted what the story expects them to refuse.
    #[error("{0}: the answer is not the one expected")]
    Unexpected(&'static str),
    /// An account cannot be closed.
    #[error(transparent)]
    Unopened(#[from] crate::payees::Unopened),
    #[error("the system gives no thread: {0}")]
    Runtime(std::io::Error),
}

impl From<WriteError<StoreError>> for DemoError {
    fn from(error: WriteError<StoreError>) -> Self {
        match error {
            WriteError::Undone(error) => Self::Store(error),
            WriteError::Unknown(error) => Self::Unknown(error),
        }
    }
}

/// Says how far the story has come: working days lived and how many there are.
pub type Progress<'a> = dyn FnMut(u64, u64) + 'a;

/// Looks whether a demonstration may be set up here.
///
/// # Errors
/// [`StoreError`].
pub fn presence(store: &Store) -> Result<Presence, StoreError> {
    store.read(|tx| {
        let first = Page { after: None, limit: 1 };
        if tx.user_by_email(&admin_email())?.is_some() {
            return Ok(Presence::Demo);
        }
        let empty = tx.organisations(None, &first)?.is_empty() && tx.users(None, &first)?.is_empty();
        Ok(if empty { Presence::Nothing } else { Presence::Other })
    })
}

fn admin_email() -> String {
    format!("programme@{}", cast::DOMAIN)
}

/// Lives the story in an empty database. All accounts get the password with this hash; `now` is the machine's moment,
/// and everything recorded lies before it.
///
/// # Errors
/// [`DemoError`]. What was recorded until then stays.
pub fn play(
    store: &Arc<Store>,
    keys: &Arc<Keys>,
    (scale, now): (Scale, Instant),
    password_hash: &str,
    progress: &mut Progress<'_>,
) -> Result<Vec<Login>, DemoError> {
    match scale {
        Scale::Pilot => pilot::play(store, keys, now, password_hash, progress),
        Scale::Region => region::play(store, keys, now, password_hash, progress),
    }
}

/// Gives the accounts of an earlier demonstration a new password, and lists one for each role.
///
/// # Errors
/// [`DemoError`].
pub fn renew_password(store: &Store, password_hash: &str) -> Result<Vec<Login>, DemoError> {
    let renewed = store.write(|tx| -> Result<Vec<Login>, StoreError> {
        let mut logins: Vec<Login> = Vec::new();
        let mut after = None;
        loop {
            let page = tx.users(None, &Page { after, limit: 200 })?;
            let Some(last) = page.last() else { break };
            after = Some(last.id.to_string());
            for mut user in page.into_iter().filter(|user| is_of_demo(&user.email)) {
                password_hash.clone_into(&mut user.password_hash);
                user.version += 1;
                tx.update_user(&user)?;
                cast::show(&mut logins, Login { role: user.role, email: user.email, organisation: user.display_name });
            }
        }
        Ok(logins)
    })?;
    Ok(renewed)
}

fn is_of_demo(email: &Email) -> bool {
    email.as_str().rsplit('@').next() == Some(cast::DOMAIN)
}
