//! What is read and written of the trainings of agents. What never lives here: SQL.

use std::collections::{BTreeMap, BTreeSet};

use super::error::StoreError;
use crate::domain::ids::{ProgrammeNo, UserId};
use crate::domain::time::Day;

type Found<T> = Result<T, StoreError>;

/// Trainings of agents.
pub trait TrainingReads {
    /// The day of the last training of each of these users; those who had none are not there.
    fn trainings_of(&mut self, programme: ProgrammeNo, users: &BTreeSet<UserId>) -> Found<BTreeMap<UserId, Day>>;
}

/// Changes to them.
pub trait TrainingWrites {
    /// Keeps the day of a training in the place of the one before.
    fn keep_training(&mut self, programme: ProgrammeNo, user: UserId, on: Day) -> Found<()>;
}
