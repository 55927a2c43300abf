//! The keys under which people are recognised, by number and digest. What never lives here: a key, or a fingerprint.

use std::collections::BTreeMap;

use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};

use super::super::super::error::StoreError;
use super::super::super::people_key_doors::{PeopleKeyReads, PeopleKeyWrites};
use super::super::super::rows::corrupt;
use super::super::super::schema::people_keys;
use super::super::super::stored::{Appended, written_down};
use super::Conn;
use crate::domain::ids::{ProgrammeNo, UserId};
use crate::domain::movement::Record;
use crate::domain::people_key::{NamedKey, PeopleKeys, Proposal};

type KeyColumns = (Option<i64>, Option<String>);
type Columns = (KeyColumns, KeyColumns, (Option<String>, Option<String>));

fn key((number, digest): KeyColumns) -> Result<Option<NamedKey>, StoreError> {
    let Some((number, digest)) = number.zip(digest) else { return Ok(None) };
    Ok(Some(NamedKey { number: u8::try_from(number).map_err(|_| corrupt("number of a key of people"))?, digest }))
}

fn keys((renewed, proposed, (by, pseudonym)): Columns) -> Result<PeopleKeys, StoreError> {
    let proposal = match (key(proposed)?, by, pseudonym) {
        (Some(key), Some(by), Some(pseudonym)) => {
            Some(Proposal { key, by: UserId::parse(&by).map_err(|_| corrupt("proposer_id"))?, pseudonym })
        }
        _ => None,
    };
    Ok(PeopleKeys { renewed: key(renewed)?, proposal })
}

const COLUMNS: (
    (people_keys::number, people_keys::digest),
    (people_keys::proposed_number, people_keys::proposed_digest),
    (people_keys::proposer_id, people_keys::pseudonym),
) = (
    (people_keys::number, people_keys::digest),
    (people_keys::proposed_number, people_keys::proposed_digest),
    (people_keys::proposer_id, people_keys::pseudonym),
);

impl PeopleKeyReads for Conn {
    fn people_keys(&mut self, programme: ProgrammeNo) -> Result<PeopleKeys, StoreError> {
        let row: Option<Columns> = people_keys::table.find(programme.0).select(COLUMNS).first(self).optional()?;
        row.map_or_else(|| Ok(PeopleKeys::default()), keys)
    }

    fn all_people_keys(&mut self) -> Result<BTreeMap<ProgrammeNo, PeopleKeys>, StoreError> {
        let rows: Vec<(i64, Columns)> = people_keys::table.select((people_keys::programme_no, COLUMNS)).load(self)?;
        rows.into_iter().map(|(programme, row)| Ok((ProgrammeNo(programme), keys(row)?))).collect()
    }
}

impl PeopleKeyWrites for Conn {
    fn keep_people_key_proposal(&mut self, programme: ProgrammeNo, proposal: &Proposal) -> Result<(), StoreError> {
        let values = (
            people_keys::proposed_number.eq(Some(i64::from(proposal.key.number))),
            people_keys::proposed_digest.eq(Some(proposal.key.digest.clone())),
            people_keys::proposer_id.eq(Some(proposal.by.to_string())),
            people_keys::pseudonym.eq(Some(proposal.pseudonym.clone())),
        );
        let known = diesel::update(people_keys::table.find(programme.0)).set(values.clone()).execute(self)?;
        if known == 0 {
            let row = (people_keys::programme_no.eq(programme.0), values.0, values.1, values.2, values.3);
            diesel::insert_into(people_keys::table).values(row).execute(self)?;
        }
        Ok(())
    }
}

/// Puts what was proposed in use. Fails with a conflict where something else is proposed by now.
pub(super) fn save(conn: &mut Conn, programme: ProgrammeNo, granted: &[Appended]) -> Result<(), StoreError> {
    for (_, record) in written_down(granted) {
        let Record::PeopleKeyRenewed(key) = record else { continue };
        let (number, digest) = (Some(i64::from(key.number)), Some(key.digest.clone()));
        let proposed = people_keys::table
            .find(programme.0)
            .filter(people_keys::proposed_number.eq(number))
            .filter(people_keys::proposed_digest.eq(digest.clone()));
        let renewed = (
            (people_keys::number.eq(number), people_keys::digest.eq(digest)),
            (people_keys::proposed_number.eq(None::<i64>), people_keys::proposed_digest.eq(None::<String>)),
            (people_keys::proposer_id.eq(None::<String>), people_keys::pseudonym.eq(None::<String>)),
        );
        let changed = diesel::update(proposed).set(renewed).execute(conn)?;
        if changed != 1 {
            return Err(StoreError::guard("people_keys", 1, changed));
        }
    }
    Ok(())
}
