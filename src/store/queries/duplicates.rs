//! People who may be one: found by likeness, reviewed by number, forgotten by person.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::{count_star, max};
use diesel::prelude::{
    ExpressionMethods, OptionalExtension, QueryDsl, Queryable, RunQueryDsl, Selectable, SelectableHelper,
};

use super::super::super::cell::{Cell, stored_row};
use super::super::super::duplicate_doors::{DuplicateReads, DuplicateWrites, NoticedPair, PairCounts, Review};
use super::super::super::error::StoreError;
use super::super::super::rows::{corrupt, mac};
use super::super::super::schema::{likenesses, possible_duplicates};
use super::super::super::stored::{Appended, written_down};
use super::super::writing::Writing;
use super::Conn;
use super::fragment::{among, by_keys, insert_all};
use crate::domain::duplicates::{PossibleDuplicate, Verdict};
use crate::domain::erasure::NOBODY;
use crate::domain::ids::{ProgrammeNo, UserId};
use crate::domain::movement::Record;
use crate::domain::stock::CodeMac;
use crate::domain::text::Label;
use crate::domain::time::Day;

stored_row! {
    struct LikenessRow<'a> in "likenesses" {
        programme_no: i64,
        likeness: &'a [u8],
        fingerprint: &'a [u8],
    }
}

stored_row! {
    struct NewPairRow<'a> in "possible_duplicates" {
        programme_no: i64,
        number: i64,
        known: &'a [u8],
        newcomer: &'a [u8],
        found_on: String,
        receipt: &'a str,
    }
}

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = possible_duplicates)]
struct PairRow {
    number: i64,
    known: Vec<u8>,
    newcomer: Vec<u8>,
    found_on: String,
    receipt: String,
    verdict: Option<String>,
    reason: Option<String>,
    reviewer_id: Option<String>,
    reviewed_on: Option<String>,
}

impl TryFrom<PairRow> for NoticedPair {
    type Error = StoreError;

    fn try_from(row: PairRow) -> Result<Self, StoreError> {
        let verdict = row.verdict.as_deref().map(Verdict::parse).transpose()?;
        let said = verdict.zip(row.reason.zip(row.reviewer_id.zip(row.reviewed_on)));
        let review = said.map(|(verdict, (reason, (reviewer, on)))| {
            let (reason, reviewer) = (Label::parse(&reason)?, UserId::parse(&reviewer)?);
            Ok::<_, StoreError>(Review { verdict, reason, reviewer, on: Day::parse(&on)? })
        });
        let review = review.transpose()?;
        if verdict != review.as_ref().map(|review| review.verdict) {
            return Err(corrupt("a review without its reason"));
        }
        let pair = PossibleDuplicate {
            number: row.number,
            known: mac(&row.known)?,
            newcomer: mac(&row.newcomer)?,
            found_on: Day::parse(&row.found_on)?,
            verdict,
        };
        Ok(Self { pair, receipt: row.receipt, review })
    }
}

fn read(rows: Vec<PairRow>) -> Result<Vec<NoticedPair>, StoreError> {
    rows.into_iter().map(NoticedPair::try_from).collect()
}

impl DuplicateReads for Conn {
    fn people_alike(
        &mut self,
        programme: ProgrammeNo,
        likenesses: &BTreeSet<CodeMac>,
    ) -> Result<BTreeMap<CodeMac, BTreeSet<CodeMac>>, StoreError> {
        let keys: Vec<Cell<'_>> = likenesses.iter().map(Cell::from).collect();
        let rows: Vec<(Vec<u8>, Vec<u8>)> = by_keys(&keys, |keys| {
            let of_programme = likenesses::table.filter(likenesses::programme_no.eq(programme.0));
            let found = of_programme.filter(among(likenesses::likeness, keys));
            Ok(found.select((likenesses::likeness, likenesses::fingerprint)).load(self)?)
        })?;
        let mut alike = BTreeMap::<CodeMac, BTreeSet<CodeMac>>::new();
        for (likeness, fingerprint) in rows {
            alike.entry(mac(&likeness)?).or_default().insert(mac(&fingerprint)?);
        }
        Ok(alike)
    }

    fn duplicates_of(
        &mut self,
        programme: ProgrammeNo,
        people: &BTreeSet<CodeMac>,
    ) -> Result<Vec<NoticedPair>, StoreError> {
        let keys: Vec<Cell<'_>> = people.iter().map(Cell::from).collect();
        let mut rows: Vec<PairRow> = by_keys(&keys, |keys| {
            let of_programme = possible_duplicates::table.filter(possible_duplicates::programme_no.eq(programme.0));
            let found = of_programme.filter(among(possible_duplicates::known, keys));
            Ok(found.select(PairRow::as_select()).load(self)?)
        })?;
        rows.extend(by_keys(&keys, |keys| {
            let of_programme = possible_duplicates::table.filter(possible_duplicates::programme_no.eq(programme.0));
            let found = of_programme.filter(among(possible_duplicates::newcomer, keys));
            Ok(found.select(PairRow::as_select()).load::<PairRow>(self)?)
        })?);
        rows.sort_unstable_by_key(|row| row.number);
        rows.dedup_by_key(|row| row.number);
        read(rows)
    }

    fn last_duplicate(&mut self, programme: ProgrammeNo) -> Result<i64, StoreError> {
        let of_programme = possible_duplicates::table.filter(possible_duplicates::programme_no.eq(programme.0));
        let last: Option<i64> = of_programme.select(max(possible_duplicates::number)).first(self)?;
        Ok(last.unwrap_or(0))
    }

    fn duplicates(
        &mut self,
        programme: ProgrammeNo,
        verdict: Option<Option<Verdict>>,
        after: i64,
        limit: i64,
    ) -> Result<Vec<NoticedPair>, StoreError> {
        let mut query = possible_duplicates::table.select(PairRow::as_select()).into_boxed();
        query = query.filter(possible_duplicates::programme_no.eq(programme.0));
        query = query.filter(possible_duplicates::number.gt(after));
        query = query.filter(possible_duplicates::known.ne(NOBODY.as_slice()));
        query = match verdict {
            None => query,
            Some(None) => query.filter(possible_duplicates::verdict.is_null()),
            Some(Some(verdict)) => query.filter(possible_duplicates::verdict.eq(verdict.as_str())),
        };
        read(query.order(possible_duplicates::number).limit(limit).load(self)?)
    }

    fn duplicate(&mut self, programme: ProgrammeNo, number: i64) -> Result<Option<NoticedPair>, StoreError> {
        let found = possible_duplicates::table
            .find((programme.0, number))
            .filter(possible_duplicates::known.ne(NOBODY.as_slice()));
        let row: Option<PairRow> = found.select(PairRow::as_select()).first(self).optional()?;
        row.map(NoticedPair::try_from).transpose()
    }

    fn duplicate_counts(&mut self, programme: ProgrammeNo) -> Result<PairCounts, StoreError> {
        let rows: Vec<(Option<String>, i64)> = possible_duplicates::table
            .filter(possible_duplicates::programme_no.eq(programme.0))
            .filter(possible_duplicates::known.ne(NOBODY.as_slice()))
            .group_by(possible_duplicates::verdict)
            .select((possible_duplicates::verdict, count_star()))
            .load(self)?;
        let mut counts = PairCounts::default();
        for (verdict, count) in rows {
            match verdict.as_deref().map(Verdict::parse).transpose()? {
                None => counts.waiting = count,
                Some(Verdict::Same) => counts.same = count,
                Some(Verdict::Different) => counts.different = count,
            }
        }
        Ok(counts)
    }
}

impl DuplicateWrites for Conn {
    fn keep_review(&mut self, programme: ProgrammeNo, number: i64, review: &Review) -> Result<bool, StoreError> {
        let known = possible_duplicates::table
            .find((programme.0, number))
            .filter(possible_duplicates::known.ne(NOBODY.as_slice()));
        let said = (
            possible_duplicates::verdict.eq(review.verdict.as_str()),
            possible_duplicates::reason.eq(review.reason.as_str()),
            possible_duplicates::reviewer_id.eq(review.reviewer.to_string()),
            possible_duplicates::reviewed_on.eq(review.on.to_string()),
        );
        Ok(diesel::update(known).set(said).execute(self)? == 1)
    }
}

/// Writes the likenesses of people who are new, and the pairs that were noticed, each with the receipt of its act.
pub(super) fn save(out: &mut Writing<'_>, programme: ProgrammeNo, granted: &[Appended]) -> Result<(), StoreError> {
    let (mut alike, mut pairs) = (Vec::new(), Vec::new());
    for (body, record) in written_down(granted) {
        let Record::Noticed(noticed) = record else { continue };
        alike.extend(noticed.likenesses.iter().map(|likeness| LikenessRow {
            programme_no: programme.0,
            likeness,
            fingerprint: &noticed.person,
        }));
        pairs.extend(noticed.duplicates.iter().map(|pair| NewPairRow {
            programme_no: programme.0,
            number: pair.number,
            known: &pair.known,
            newcomer: &pair.newcomer,
            found_on: pair.found_on.to_string(),
            receipt: &body.number,
        }));
    }
    insert_all(out, &alike)?;
    insert_all(out, &pairs)
}

/// Forgets what people looked like; a pair of one of them keeps its number and is nobody's.
pub(super) fn erase(conn: &mut Conn, programme: ProgrammeNo, people: &BTreeSet<CodeMac>) -> Result<(), StoreError> {
    let keys: Vec<Cell<'_>> = people.iter().map(Cell::from).collect();
    by_keys(&keys, |keys| {
        let of_programme = likenesses::table.filter(likenesses::programme_no.eq(programme.0));
        Ok(vec![diesel::delete(of_programme.filter(among(likenesses::fingerprint, keys))).execute(conn)?])
    })?;
    // A reason is free text: people write names there.
    let nobodys = || {
        (
            possible_duplicates::known.eq(NOBODY.as_slice()),
            possible_duplicates::newcomer.eq(NOBODY.as_slice()),
            possible_duplicates::verdict.eq(None::<String>),
            possible_duplicates::reason.eq(None::<String>),
        )
    };
    by_keys(&keys, |keys| {
        let of_programme = possible_duplicates::table.filter(possible_duplicates::programme_no.eq(programme.0));
        let theirs = of_programme.filter(among(possible_duplicates::known, keys));
        Ok(vec![diesel::update(theirs).set(nobodys()).execute(conn)?])
    })?;
    by_keys(&keys, |keys| {
        let of_programme = possible_duplicates::table.filter(possible_duplicates::programme_no.eq(programme.0));
        let theirs = of_programme.filter(among(possible_duplicates::newcomer, keys));
        Ok(vec![diesel::update(theirs).set(nobodys()).execute(conn)?])
    })?;
    Ok(())
}
