//! The machine's "no", in a few words. The only translation of diesel's errors; their text goes to the log and
//! never to a caller.

use diesel::result::{DatabaseErrorKind, Error};

/// Why the database did not do what it was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// A unique key, a check or a guard said no: somebody else was first, or a rule was broken below us.
    #[error("conflict in the database: {0}")]
    Conflict(String),
    /// Somebody else holds what was asked for; nothing was done, and soon it may be.
    #[error("held by another: {0}")]
    Busy(String),
    /// The database could not be reached, or the connection was lost before anything was committed.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// Another process writes this SQLite file.
    #[error("{0}")]
    InUse(String),
    /// The volume of the file has hardly any room left; nothing was tried.
    #[error("the volume of the database is full")]
    Full,
    /// A row that cannot be what we wrote.
    #[error("the database holds a value that is not ours: {0}")]
    Corrupt(String),
    /// The schema is not the one this program knows.
    #[error("{0}")]
    Schema(String),
    /// Anything else.
    #[error("the database failed: {0}")]
    Failed(String),
}

impl StoreError {
    /// A guarded update that did not find the rows it expected.
    #[must_use]
    pub fn guard(table: &str, expected: usize, found: usize) -> Self {
        Self::Conflict(format!("{table}: {expected} rows were to change, {found} did"))
    }

    /// Whether a unique key, a check or a guard said no.
    #[must_use]
    pub const fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict(_))
    }

    /// Whether the same may succeed a moment later: then the whole group is worth another try.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::Busy(_) | Self::Unreachable(_))
    }

    /// What a failure means of the statement that takes the lock: whoever holds it has not let go in time. Neither
    /// engine's driver tells this apart from other failures, and texts are in the server's language.
    #[must_use]
    pub fn at_the_door(self) -> Self {
        match self {
            Self::Failed(said) => Self::Busy(said),
            other => other,
        }
    }

    /// Whether trying each act of a group alone may help: not while the database is held, out of reach or out of room.
    #[must_use]
    pub const fn may_spare_others(&self) -> bool {
        !matches!(self, Self::Busy(_) | Self::Unreachable(_) | Self::Full)
    }
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        match &error {
            Error::DatabaseError(kind, info) => match kind {
                DatabaseErrorKind::UniqueViolation
                | DatabaseErrorKind::CheckViolation
                | DatabaseErrorKind::ForeignKeyViolation
                | DatabaseErrorKind::NotNullViolation => Self::Conflict(info.message().to_owned()),
                DatabaseErrorKind::SerializationFailure => Self::Busy(info.message().to_owned()),
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
                    Self::Unreachable(info.message().to_owned())
                }
                _ => Self::Failed(info.message().to_owned()),
            },
            Error::DeserializationError(cause) => Self::Corrupt(cause.to_string()),
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl From<crate::domain::refusal::Malformed> for StoreError {
    fn from(malformed: crate::domain::refusal::Malformed) -> Self {
        Self::Corrupt(malformed.code().to_owned())
    }
}

/// Why a write did not happen, or may not have.
#[derive(Debug, thiserror::Error)]
pub enum WriteError<E> {
    /// It did not happen.
    #[error("not written")]
    Undone(E),
    /// COMMIT was sent and its answer is not known: it may have happened.
    #[error("outcome unknown: {0}")]
    Unknown(StoreError),
}
