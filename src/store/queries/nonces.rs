//! What the salts of commitments were derived from: written with the receipt, read to print its paper again, destroyed with
//! the person. What never lives here: a salt, which follows from a key besides.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};

use super::super::super::cell::{Cell, stored_row};
use super::super::super::error::StoreError;
use super::super::super::rows::mac;
use super::super::super::schema::commitment_nonces;
use super::super::super::stored::Appended;
use super::super::writing::Writing;
use super::Conn;
use super::fragment::{among, by_keys, insert_all};
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

/// Writes the nonces of what was granted, each under the number of its receipt.
pub(super) fn save(out: &mut Writing<'_>, programme: ProgrammeNo, granted: &[Appended]) -> Result<(), StoreError> {
    let mut rows = Vec::new();
    for appended in granted {
        for record in &appended.movement.records {
            let Record::Committed { person, nonce } = record else { continue };
            let number = &appended.receipt.body().number;
            rows.push(NonceRow { programme_no: programme.0, number, fingerprint: person, nonce });
        }
    }
    insert_all(out, &rows)
}

/// Destroys those of people: what stood there is written over.
pub(super) fn destroy(conn: &mut Conn, programme: ProgrammeNo, people: &BTreeSet<CodeMac>) -> Result<(), StoreError> {
    let keys: Vec<Cell<'_>> = people.iter().map(Cell::from).collect();
    conn.batch_execute(super::super::WRITING_OVER)?;
    by_keys(&keys, |keys| {
        let of_programme = commitment_nonces::table.filter(commitment_nonces::programme_no.eq(programme.0));
        Ok(vec![diesel::delete(of_programme.filter(among(commitment_nonces::fingerprint, keys))).execute(conn)?])
    })?;
    Ok(conn.batch_execute(super::super::AS_BEFORE)?)
}
