//! What the salts of commitments were derived from: written with the receipt, read to print its paper again, destroyed with
//! the person. What never lives here: a salt, which follows from a key besides.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};

use super::super::super::cell::{Cell, stored_row};
use super::super::super::error::StoreError;
use super::super::super::rows::mac;
use super::super::super::schema::commitment_nonces;
use super::super::super::stored::{Appended, written_down};
use super::super::writing::Writing;
use super::Conn;
use super::fragment::{among, by_keys, insert_all};
use crate::domain::facts::Facts;
use crate::domain::follow_up::{FollowUpRecord, own_nonce};
use crate::domain::ids::ProgrammeNo;
use crate::domain::movement::Record;
use crate::domain::stock::CodeMac;

stored_row! {
    struct NonceRow<'a> in "commitment_nonces" {
        programme_no: i64,
        number: &'a str,
        fingerprint: &'a [u8],
        nonce: &'a [u8],
    }
}

pub(super) fn nonce_of(conn: &mut Conn, number: &str) -> Result<Option<CodeMac>, StoreError> {
    let found = commitment_nonces::table.find(number).select(commitment_nonces::nonce);
    let nonce: Option<Vec<u8>> = found.first(conn).optional()?;
    nonce.map(|nonce| mac(&nonce)).transpose()
}

/// Keeps one nonce where none is.
pub(super) fn insert(
    conn: &mut Conn,
    programme: ProgrammeNo,
    (number, person): (&str, &CodeMac),
    nonce: &CodeMac,
) -> Result<(), StoreError> {
    let row = (
        commitment_nonces::programme_no.eq(programme.0),
        commitment_nonces::number.eq(number),
        commitment_nonces::fingerprint.eq(person.as_slice()),
        commitment_nonces::nonce.eq(nonce.as_slice()),
    );
    diesel::insert_into(commitment_nonces::table).values(row).execute(conn)?;
    Ok(())
}

/// The numbers of the receipts that filed applications whose dossier has served, and with it its nonce.
fn served(facts: &Facts) -> BTreeSet<&str> {
    let changed = facts.applications.known.changed().map(|(_, row)| &row.now);
    changed.filter(|now| now.state.has_no_more_need_of_names()).map(|now| now.filed_by.as_str()).collect()
}

/// Destroys those of dossiers that have served.
pub(super) fn destroy_served(conn: &mut Conn, facts: &Facts) -> Result<(), StoreError> {
    let served = served(facts);
    if served.is_empty() {
        return Ok(());
    }
    let keys: Vec<Cell<'_>> = served.into_iter().map(Cell::from).collect();
    destroy_named(conn, &keys)
}

/// Destroys those with these names: what stood there is written over.
pub(super) fn destroy_named(conn: &mut Conn, names: &[Cell<'_>]) -> Result<(), StoreError> {
    written_over(conn, |conn| {
        by_keys(names, |names| {
            let theirs = commitment_nonces::table.filter(among(commitment_nonces::number, names));
            Ok(vec![diesel::delete(theirs).execute(conn)?])
        })
    })?;
    Ok(())
}

/// What contacts are closed under that have a nonce of their own: its name, and whose it is. One that was agreed to and taken back
/// within one group never served.
fn contacts<'g>(facts: &Facts, granted: &'g [Appended]) -> Vec<(String, &'g CodeMac, &'g CodeMac)> {
    let mut found = Vec::new();
    for (body, record) in written_down(granted) {
        let Record::FollowUp(FollowUpRecord::Agreed { person, consent, .. }) = record else { continue };
        let number = &body.number;
        if facts.follow_ups.known.get(number).is_none() {
            continue;
        }
        let name = own_nonce(number);
        found.extend(consent.nonce.as_ref().map(|nonce| (name, person, nonce)));
    }
    found
}

/// Writes the nonces of what was granted, each under the number of its receipt.
pub(super) fn save(
    out: &mut Writing<'_>,
    programme: ProgrammeNo,
    facts: &Facts,
    granted: &[Appended],
) -> Result<(), StoreError> {
    let (served, contacts) = (served(facts), contacts(facts, granted));
    let mut rows: Vec<NonceRow<'_>> = contacts
        .iter()
        .map(|(number, person, nonce)| NonceRow {
            programme_no: programme.0,
            number,
            fingerprint: *person,
            nonce: *nonce,
        })
        .collect();
    for (body, record) in written_down(granted) {
        let Record::Committed { person, nonce } = record else { continue };
        let number = body.number.as_str();
        // Filed and withdrawn within one group: it never served.
        if served.contains(number) {
            continue;
        }
        rows.push(NonceRow { programme_no: programme.0, number, fingerprint: person, nonce });
    }
    insert_all(out, &rows)
}

/// Destroys those of people: what stood there is written over.
pub(super) fn destroy(conn: &mut Conn, programme: ProgrammeNo, people: &BTreeSet<CodeMac>) -> Result<(), StoreError> {
    let keys: Vec<Cell<'_>> = people.iter().map(Cell::from).collect();
    written_over(conn, |conn| {
        by_keys(&keys, |keys| {
            let of_programme = commitment_nonces::table.filter(commitment_nonces::programme_no.eq(programme.0));
            Ok(vec![diesel::delete(of_programme.filter(among(commitment_nonces::fingerprint, keys))).execute(conn)?])
        })
    })?;
    Ok(())
}

/// What is deleted meanwhile is written over where it stood.
pub(super) fn written_over<T>(
    conn: &mut Conn,
    delete: impl FnOnce(&mut Conn) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    conn.batch_execute(super::super::WRITING_OVER)?;
    let done = delete(conn)?;
    conn.batch_execute(super::super::AS_BEFORE)?;
    Ok(done)
}
