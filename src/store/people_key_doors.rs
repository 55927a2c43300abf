//! What one may ask of the database of the keys under which people are recognised. What never lives here: SQL, or a key.

use std::collections::BTreeMap;

use super::error::StoreError;
use crate::domain::ids::ProgrammeNo;
use crate::domain::people_key::{PeopleKeys, Proposal};

/// Which keys programmes are under.
pub trait PeopleKeyReads {
    /// That of a programme, and what is proposed.
    fn people_keys(&mut self, programme: ProgrammeNo) -> Result<PeopleKeys, StoreError>;
    /// Of every programme that was ever under another key than the first, or is to be.
    fn all_people_keys(&mut self) -> Result<BTreeMap<ProgrammeNo, PeopleKeys>, StoreError>;
}

/// What is set besides acts.
pub trait PeopleKeyWrites {
    /// Keeps a proposal in the place of any earlier one.
    fn keep_people_key_proposal(&mut self, programme: ProgrammeNo, proposal: &Proposal) -> Result<(), StoreError>;
}
