//! The blocks of a journal's tree, and what witnesses signed of it.

use diesel::prelude::{ExpressionMethods, QueryDsl, RunQueryDsl};

use super::super::super::doors::{TreeReads, TreeWrites};
use super::super::super::error::StoreError;
use super::super::super::rows::corrupt;
use super::super::super::schema::{cosignatures, receipts, tree_blocks};
use super::super::super::stored::StoredCosignature;
use super::Conn;
use crate::domain::ids::ProgrammeNo;
use crate::receipts::merkle::{Hash, leaf};

type Columns = (String, String, i64, i64, String);

impl TreeReads for Conn {
    fn tree_blocks(&mut self, programme: ProgrammeNo, first: i64, end: i64) -> Result<Vec<Hash>, StoreError> {
        let found: Vec<(i64, Vec<u8>)> = tree_blocks::table
            .filter(tree_blocks::programme_no.eq(programme.0))
            .filter(tree_blocks::number.ge(first))
            .filter(tree_blocks::number.lt(end))
            .order(tree_blocks::number)
            .select((tree_blocks::number, tree_blocks::hash))
            .load(self)?;
        let hash = |(expected, (number, hash)): (i64, (i64, Vec<u8>))| {
            Hash::try_from(hash).ok().filter(|_| number == expected).ok_or_else(|| corrupt("tree_blocks"))
        };
        (first..).zip(found).map(hash).collect()
    }

    fn tree_blocks_kept(&mut self, programme: ProgrammeNo) -> Result<i64, StoreError> {
        Ok(tree_blocks::table.filter(tree_blocks::programme_no.eq(programme.0)).count().get_result(self)?)
    }

    fn leaves(&mut self, programme: ProgrammeNo, first: i64, last: i64) -> Result<Vec<Hash>, StoreError> {
        let found: Vec<(i64, String)> = receipts::table
            .filter(receipts::programme_no.eq(programme.0))
            .filter(receipts::position.ge(first))
            .filter(receipts::position.le(last))
            .order(receipts::position)
            .select((receipts::position, receipts::body))
            .load(self)?;
        let leaf = |(expected, (position, body)): (i64, (i64, String))| {
            if position == expected { Ok(leaf(body.as_bytes())) } else { Err(corrupt("receipts.position")) }
        };
        (first..).zip(found).map(leaf).collect()
    }

    fn cosignatures(&mut self, programme: ProgrammeNo) -> Result<Vec<StoredCosignature>, StoreError> {
        let found: Vec<Columns> = cosignatures::table
            .filter(cosignatures::programme_no.eq(programme.0))
            .select((
                cosignatures::witness,
                cosignatures::origin,
                cosignatures::size,
                cosignatures::signed_at_seconds,
                cosignatures::line,
            ))
            .load(self)?;
        let read = |(witness, origin, size, signed_at_seconds, line)| StoredCosignature {
            witness,
            origin,
            size,
            signed_at_seconds,
            line,
        };
        let mut found: Vec<StoredCosignature> = found.into_iter().map(read).collect();
        found.sort_by(|one, other| one.witness.cmp(&other.witness));
        Ok(found)
    }
}

impl TreeWrites for Conn {
    fn insert_tree_block(&mut self, programme: ProgrammeNo, number: i64, hash: &Hash) -> Result<(), StoreError> {
        let row = (
            tree_blocks::programme_no.eq(programme.0),
            tree_blocks::number.eq(number),
            tree_blocks::hash.eq(&hash[..]),
        );
        // Another instance may have been faster: it computed the same.
        diesel::insert_into(tree_blocks::table).values(row).on_conflict_do_nothing().execute(self)?;
        Ok(())
    }

    fn keep_cosignature(&mut self, programme: ProgrammeNo, kept: &StoredCosignature) -> Result<(), StoreError> {
        diesel::delete(cosignatures::table.find((programme.0, &kept.witness))).execute(self)?;
        let row = (
            cosignatures::programme_no.eq(programme.0),
            cosignatures::witness.eq(&kept.witness),
            cosignatures::origin.eq(&kept.origin),
            cosignatures::size.eq(kept.size),
            cosignatures::signed_at_seconds.eq(kept.signed_at_seconds),
            cosignatures::line.eq(&kept.line),
        );
        diesel::insert_into(cosignatures::table).values(row).execute(self)?;
        Ok(())
    }
}
