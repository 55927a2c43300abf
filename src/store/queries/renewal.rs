//! People who are met again after a new key of people is in use: everything that is known of them under the old fingerprint is
//! theirs under the new one. What never lives here: a key, or which fingerprint is whose.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};

use super::super::super::doors::JournalWrites;
use super::super::super::error::StoreError;
use super::super::super::schema::{
    applications, commitment_nonces, exceptions, follow_ups, hand_outs, likenesses, people, possible_duplicates,
    replacements,
};
use super::Conn;
use crate::domain::erasure::NOBODY;
use crate::domain::ids::ProgrammeNo;
use crate::domain::stock::CodeMac;

/// Gives the rows of a table that are somebody's the new fingerprint.
macro_rules! renew {
    ($conn:expr, $programme:expr, $before:expr, $now:expr, { $($table:ident.$column:ident),+ $(,)? }) => {
        $(
            let theirs = $table::table
                .filter($table::programme_no.eq($programme.0))
                .filter($table::$column.eq($before.as_slice()));
            diesel::update(theirs).set($table::$column.eq($now.as_slice())).execute($conn)?;
        )+
    };
}

/// As if it were an act: acts of the programme wait meanwhile, and then see the new fingerprint alone.
pub(super) fn renew_fingerprint(
    conn: &mut Conn,
    programme: ProgrammeNo,
    (before, now): (&CodeMac, &CodeMac),
    alike: &BTreeSet<CodeMac>,
) -> Result<(), StoreError> {
    conn.enter(programme)?;
    count_together(conn, programme, (before, now))?;
    renew!(conn, programme, before, now, {
        hand_outs.fingerprint,
        exceptions.fingerprint,
        replacements.fingerprint,
        applications.fingerprint,
        commitment_nonces.fingerprint,
        follow_ups.fingerprint,
        possible_duplicates.known,
        possible_duplicates.newcomer,
    });
    for one in [before, now] {
        let theirs = likenesses::table
            .filter(likenesses::programme_no.eq(programme.0))
            .filter(likenesses::fingerprint.eq(one.as_slice()));
        diesel::delete(theirs).execute(conn)?;
    }
    for likeness in alike {
        let row = (
            likenesses::programme_no.eq(programme.0),
            likenesses::likeness.eq(likeness.as_slice()),
            likenesses::fingerprint.eq(now.as_slice()),
        );
        diesel::insert_into(likenesses::table).values(row).execute(conn)?;
    }
    Ok(())
}

/// What counts towards the entitlement, under the new fingerprint: whoever was met by a server with another key has both.
fn count_together(
    conn: &mut Conn,
    programme: ProgrammeNo,
    (before, now): (&CodeMac, &CodeMac),
) -> Result<(), StoreError> {
    let of = |one: &CodeMac| people::table.find((programme.0, one.to_vec()));
    let Some(had) = of(before).select(people::passes).first::<i64>(conn).optional()? else { return Ok(()) };
    diesel::delete(of(before)).execute(conn)?;
    let has = of(now).select(people::passes).first::<i64>(conn).optional()?;
    if let Some(has) = has {
        diesel::update(of(now)).set(people::passes.eq(has.saturating_add(had))).execute(conn)?;
        return Ok(());
    }
    let row = (people::programme_no.eq(programme.0), people::fingerprint.eq(now.as_slice()), people::passes.eq(had));
    diesel::insert_into(people::table).values(row).execute(conn)?;
    Ok(())
}

/// How many people are known under each key, by the first byte of their fingerprints.
pub(super) fn people_by_key(conn: &mut Conn, programme: ProgrammeNo) -> Result<BTreeMap<u8, usize>, StoreError> {
    let mut found: BTreeSet<Vec<u8>> = BTreeSet::new();
    macro_rules! take {
        ($($table:ident),+) => {
            $(
                let of_programme = $table::table.filter($table::programme_no.eq(programme.0));
                found.extend(of_programme.select($table::fingerprint).distinct().load::<Vec<u8>>(conn)?);
            )+
        };
    }
    take!(people, hand_outs, exceptions, replacements, applications, likenesses, commitment_nonces, follow_ups);
    found.remove(NOBODY.as_slice());
    let mut by_key = BTreeMap::new();
    for fingerprint in &found {
        *by_key.entry(fingerprint.first().copied().unwrap_or_default()).or_default() += 1;
    }
    Ok(by_key)
}
