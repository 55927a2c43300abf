//! What is asked of the ledger, and what it answers. What never lives here: how an answer is found.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::oneshot;

use super::in_flight::Held;
use crate::auth::Permit;
use crate::domain::act::Act;
use crate::domain::ids::ProgrammeNo;
use crate::domain::moment::Astray;
use crate::domain::movement::Movement;
use crate::domain::party::Actor;
use crate::domain::programme::Programme;
use crate::domain::refusal::Refusal;
use crate::receipts::Receipt;
use crate::store::StoreError;

/// The client's name for a request, and what the request was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey {
    /// Digest of the caller's scope and key.
    pub digest: String,
    /// Digest of method, route, query and body.
    pub fingerprint: String,
}

/// A request to act: who, where, what, and under which key.
#[derive(Debug)]
pub struct Submission {
    pub(super) programme: ProgrammeNo,
    pub(super) actor: Actor,
    pub(super) act: Box<dyn Act>,
    pub(super) key: Option<RequestKey>,
    /// Names the request in the log; empty when it has no name.
    pub(super) trace_id: String,
}

impl Submission {
    /// The permit says who asks, and that the role may ask this kind of act.
    ///
    /// # Errors
    /// [`SubmitError::Forbidden`] when the permit is for another kind of act.
    pub fn new(
        permit: Permit,
        programme: ProgrammeNo,
        act: Box<dyn Act>,
        key: Option<RequestKey>,
    ) -> Result<Self, SubmitError> {
        let actor = permit.redeem(act.kind()).ok_or(SubmitError::Forbidden)?;
        Ok(Self { programme, actor, act, key, trace_id: String::new() })
    }

    /// Names the request that the act came with, for the log of the group that writes it.
    #[must_use]
    pub fn traced(mut self, trace_id: String) -> Self {
        self.trace_id = trace_id;
        self
    }
}

/// The definite answer to a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Shared: the same receipt is kept, written and told.
    Granted(Arc<Receipt>),
    Refused(Refusal),
}

/// An outcome, and whether it was given before under the same key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub outcome: Outcome,
    /// It is about a person who may be somebody else who is known: see [`Movement::is_doubtful`].
    pub doubtful: bool,
    pub replayed: bool,
}

/// Why there is no definite answer, or none yet.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SubmitError {
    #[error("the role may not do this")]
    Forbidden,
    #[error("no such programme")]
    ProgrammeUnknown,
    /// The same key came with another request.
    #[error("this key was used for another request")]
    KeyReused,
    /// A request with the same key is still being worked on.
    #[error("this key is being worked on")]
    InFlight,
    /// Too many acts are waiting; nothing was done.
    #[error("the queue is full")]
    QueueFull,
    /// The writer has stopped; nothing was done.
    #[error("the ledger is stopping")]
    Stopped,
    /// The clock stands before the last receipt, or was set back; nothing was done.
    #[error("the clock is behind the journal")]
    ClockBehind,
    /// The clock was set forward while the process ran; nothing was done.
    #[error("the clock jumped ahead")]
    ClockAhead,
    /// The journal has lost receipts that were given out; nothing was done, and nothing is until a restore is declared.
    #[error("the journal has lost receipts that were given out")]
    RolledBack,
    /// It was not written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It may have been written: ask again with the same key.
    #[error("the outcome is not known")]
    OutcomeUnknown,
}

impl From<Astray> for SubmitError {
    fn from(astray: Astray) -> Self {
        match astray {
            Astray::Behind => Self::ClockBehind,
            Astray::Ahead => Self::ClockAhead,
        }
    }
}

/// A submission in the queue.
pub(super) struct Job {
    pub(super) submission: Submission,
    pub(super) queued: Instant,
    pub(super) answer: oneshot::Sender<Result<Answer, SubmitError>>,
    /// Let go with the act, once it is answered.
    pub(super) _key: Option<Held>,
}

impl AsRef<Submission> for Job {
    fn as_ref(&self) -> &Submission {
        &self.submission
    }
}

impl AsRef<Self> for Submission {
    fn as_ref(&self) -> &Self {
        self
    }
}

/// What a dry run would have done.
#[derive(Debug, Clone)]
pub struct Preview {
    pub movement: Movement,
    pub programme: Programme,
}
