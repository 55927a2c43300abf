//! What is known of people: found by person, and deleted. A new table of personal data is found in `known_of`, deleted in
//! `erase` and declared in `docs/PRIVACY.md`. What never lives here: whose time is over.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::max;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
};

use super::super::super::application_doors::ApplicationReads;
use super::super::super::cell::Cell;
use super::super::super::erasure_doors::{ErasureReads, ErasureWrites, Held};
use super::super::super::error::StoreError;
use super::super::super::follow_up_doors::FollowUpReads;
use super::super::super::rows::{ExceptionRow, mac};
use super::super::super::schema::{
    applications, exceptions, hand_outs, people, receipts, replacements, retention_rules,
};
use super::super::super::stored::{Appended, written_down};
use super::fragment::{among, by_keys};
use super::rules::{keep_rules, read_rules};
use super::{Conn, held};
use crate::domain::erasure::{Erased, Known, NOBODY, RetentionRules};
use crate::domain::ids::{BookletId, ProgrammeNo};
use crate::domain::items::read_items;
use crate::domain::movement::{Exception, Record};
use crate::domain::stock::CodeMac;
use crate::domain::time::Day;
use crate::receipts::canonical;

type KnownPeople = BTreeMap<CodeMac, Known>;

impl ErasureReads for Conn {
    fn retention_rules(&mut self, programme: ProgrammeNo) -> Result<Option<(RetentionRules, i64)>, StoreError> {
        read_rules!(self, retention_rules, programme, "rules of retention")
    }

    fn people_not_seen_since(
        &mut self,
        programme: ProgrammeNo,
        since: Day,
        after: Option<&CodeMac>,
        limit: i64,
    ) -> Result<BTreeSet<CodeMac>, StoreError> {
        let after = after.map_or_else(Vec::new, |person| person.to_vec());
        let mut found: Vec<Vec<u8>> = hand_outs::table
            .filter(hand_outs::programme_no.eq(programme.0))
            .filter(hand_outs::fingerprint.gt(&after))
            .group_by(hand_outs::fingerprint)
            .having(max(hand_outs::day).lt(since.to_string()))
            .order(hand_outs::fingerprint)
            .limit(limit)
            .select(hand_outs::fingerprint)
            .load(self)?;
        let granted: Vec<Vec<u8>> = exceptions::table
            .filter(exceptions::programme_no.eq(programme.0))
            .filter(exceptions::fingerprint.gt(&after))
            .group_by(exceptions::fingerprint)
            .having(max(exceptions::granted_on).lt(since.to_string()))
            .order(exceptions::fingerprint)
            .limit(limit)
            .select(exceptions::fingerprint)
            .load(self)?;
        let applied: Vec<Vec<u8>> = applications::table
            .filter(applications::programme_no.eq(programme.0))
            .filter(applications::fingerprint.gt(&after))
            .filter(applications::fingerprint.ne(NOBODY.as_slice()))
            .group_by(applications::fingerprint)
            .having(max(applications::state_on).lt(since.to_string()))
            .order(applications::fingerprint)
            .limit(limit)
            .select(applications::fingerprint)
            .load(self)?;
        let replaced: Vec<Vec<u8>> = replacements::table
            .inner_join(receipts::table.on(receipts::number.eq(replacements::number)))
            .filter(replacements::programme_no.eq(programme.0))
            .filter(replacements::fingerprint.gt(&after))
            .filter(replacements::fingerprint.ne(NOBODY.as_slice()))
            .group_by(replacements::fingerprint)
            .having(max(receipts::day).lt(since.to_string()))
            .order(replacements::fingerprint)
            .limit(limit)
            .select(replacements::fingerprint)
            .load(self)?;
        found.extend(granted.into_iter().chain(applied).chain(replaced));
        let people = found.iter().map(|fingerprint| mac(fingerprint)).collect::<Result<BTreeSet<_>, _>>()?;
        // Of lists that each go on, what lies beyond the shorter one's end comes with the next page.
        Ok(people.into_iter().take(usize::try_from(limit).unwrap_or(usize::MAX)).collect())
    }

    fn known_of(&mut self, programme: ProgrammeNo, people: &BTreeSet<CodeMac>) -> Result<KnownPeople, StoreError> {
        let keys: Vec<Cell<'_>> = people.iter().map(Cell::from).collect();
        let mut known = KnownPeople::new();
        counted(self, programme, &keys, &mut known)?;
        granted(self, programme, &keys, &mut known)?;
        let mut owners = applied(self, programme, people, &mut known)?;
        owners.extend(handed_out(self, programme, &keys, &mut known)?);
        owners.extend(replaced(self, programme, &keys, &mut known)?);
        let days = self.redemption_days(programme, &owners.keys().copied().collect())?;
        for (booklet, (_, last)) in days {
            let Some(person) = owners.get(&booklet) else { continue };
            known.entry(*person).or_default().met(last);
        }
        for follow_up in self.follow_ups_of(programme, people)? {
            known.entry(follow_up.person).or_default().traces.contacts.insert(follow_up.hand_out);
        }
        Ok(known)
    }

    fn people_by_key(&mut self, programme: ProgrammeNo) -> Result<BTreeMap<u8, usize>, StoreError> {
        super::renewal::people_by_key(self, programme)
    }

    fn nonce_of(&mut self, number: &str) -> Result<Option<CodeMac>, StoreError> {
        super::nonces::nonce_of(self, number)
    }

    fn held_of_person(&mut self, programme: ProgrammeNo, person: &CodeMac) -> Result<Held, StoreError> {
        let passes = people::table.find((programme.0, person.as_slice())).select(people::passes);
        let of_person = exceptions::programme_no.eq(programme.0).and(exceptions::fingerprint.eq(person.as_slice()));
        let granted = exceptions::table.filter(of_person).order(exceptions::number).select(ExceptionRow::as_select());
        let granted: Vec<ExceptionRow> = granted.load(self)?;
        let replaced = replacements::table
            .filter(replacements::programme_no.eq(programme.0))
            .filter(replacements::fingerprint.eq(person.as_slice()))
            .order(replacements::replacement_id)
            .select(replacements::number);
        let mut applications = self.applications_of(programme, &BTreeSet::from([*person]))?;
        applications.sort_unstable_by_key(|application| application.number);
        Ok(Held {
            passes: passes.first(self).optional()?,
            applications,
            hand_outs: held::hand_outs_of(self, programme, person)?,
            exceptions: granted.into_iter().map(Exception::try_from).collect::<Result<_, _>>()?,
            replacements: replaced.load(self)?,
            follow_ups: self.follow_ups_of(programme, &BTreeSet::from([*person]))?,
        })
    }

    fn redemption_days(
        &mut self,
        programme: ProgrammeNo,
        booklets: &BTreeSet<BookletId>,
    ) -> Result<BTreeMap<BookletId, (Day, Day)>, StoreError> {
        super::visits::redemption_days(self, programme, booklets)
    }
}

impl ErasureWrites for Conn {
    fn keep_retention_rules(
        &mut self,
        programme: ProgrammeNo,
        rules: RetentionRules,
        before: i64,
    ) -> Result<bool, StoreError> {
        keep_rules!(self, retention_rules, programme, &rules, before, "rules of retention")
    }

    fn renew_fingerprint(
        &mut self,
        programme: ProgrammeNo,
        fingerprints: (&CodeMac, &CodeMac),
        likenesses: &BTreeSet<CodeMac>,
    ) -> Result<(), StoreError> {
        super::renewal::renew_fingerprint(self, programme, fingerprints, likenesses)
    }
}

/// Who has a count of passes.
fn counted(
    conn: &mut Conn,
    programme: ProgrammeNo,
    keys: &[Cell<'_>],
    known: &mut KnownPeople,
) -> Result<(), StoreError> {
    let rows: Vec<Vec<u8>> = by_keys(keys, |keys| {
        let of_programme = people::table.filter(people::programme_no.eq(programme.0));
        Ok(of_programme.filter(among(people::fingerprint, keys)).select(people::fingerprint).load(conn)?)
    })?;
    for fingerprint in rows {
        let person = mac(&fingerprint)?;
        known.entry(person).or_default().traces.entitlements.insert(person);
    }
    Ok(())
}

/// Who was granted an exception.
fn granted(
    conn: &mut Conn,
    programme: ProgrammeNo,
    keys: &[Cell<'_>],
    known: &mut KnownPeople,
) -> Result<(), StoreError> {
    let rows: Vec<(Vec<u8>, i64, Option<String>)> = by_keys(keys, |keys| {
        Ok(exceptions::table
            .filter(exceptions::programme_no.eq(programme.0))
            .filter(among(exceptions::fingerprint, keys))
            .select((exceptions::fingerprint, exceptions::number, exceptions::granted_on))
            .load(conn)?)
    })?;
    for (fingerprint, number, granted_on) in rows {
        let of_person = known.entry(mac(&fingerprint)?).or_default();
        of_person.traces.exceptions.insert(number);
        if let Some(day) = granted_on {
            of_person.met(Day::parse(&day)?);
        }
    }
    Ok(())
}

/// Who applied, when something last became of it, and which booklets came to them by letter.
fn applied(
    conn: &mut Conn,
    programme: ProgrammeNo,
    people: &BTreeSet<CodeMac>,
    known: &mut KnownPeople,
) -> Result<BTreeMap<BookletId, CodeMac>, StoreError> {
    let mut owners = BTreeMap::new();
    for application in conn.applications_of(programme, people)? {
        let of_person = known.entry(application.fingerprint).or_default();
        of_person.met(application.state_on);
        if application.state.is_open() {
            of_person.open_application = Some(application.number);
        }
        if let Some((booklet, _)) = application.letter.filter(|_| application.state.is_delivered()) {
            owners.insert(booklet, application.fingerprint);
        }
    }
    Ok(owners)
}

/// Who was given booklets, and which: the receipts say it.
fn handed_out(
    conn: &mut Conn,
    programme: ProgrammeNo,
    keys: &[Cell<'_>],
    known: &mut KnownPeople,
) -> Result<BTreeMap<BookletId, CodeMac>, StoreError> {
    let rows: Vec<(Vec<u8>, String, String, String)> = by_keys(keys, |keys| {
        Ok(hand_outs::table
            .inner_join(receipts::table.on(receipts::number.eq(hand_outs::number)))
            .filter(hand_outs::programme_no.eq(programme.0))
            .filter(among(hand_outs::fingerprint, keys))
            .select((hand_outs::fingerprint, hand_outs::number, hand_outs::day, receipts::body))
            .load(conn)?)
    })?;
    let mut owners = BTreeMap::new();
    for (fingerprint, number, day, body) in rows {
        let person = mac(&fingerprint)?;
        let of_person = known.entry(person).or_default();
        of_person.traces.hand_outs.insert(number);
        of_person.met(Day::parse(&day)?);
        let body = canonical::read(&body).map_err(|found| StoreError::Corrupt(found.to_string()))?;
        for text in body.lines.iter().flat_map(|line| &line.items) {
            owners.extend(read_items(programme, text)?.into_iter().map(|item| (item.booklet(), person)));
        }
    }
    Ok(owners)
}

/// Whose booklets were replaced, and by which.
fn replaced(
    conn: &mut Conn,
    programme: ProgrammeNo,
    keys: &[Cell<'_>],
    known: &mut KnownPeople,
) -> Result<BTreeMap<BookletId, CodeMac>, StoreError> {
    let rows: Vec<(Vec<u8>, i64, String)> = by_keys(keys, |keys| {
        Ok(replacements::table
            .inner_join(receipts::table.on(receipts::number.eq(replacements::number)))
            .filter(replacements::programme_no.eq(programme.0))
            .filter(among(replacements::fingerprint, keys))
            .select((replacements::fingerprint, replacements::replacement_id, receipts::day))
            .load(conn)?)
    })?;
    let mut owners = BTreeMap::new();
    for (fingerprint, booklet, day) in rows {
        let (person, booklet) = (mac(&fingerprint)?, BookletId(booklet));
        let of_person = known.entry(person).or_default();
        of_person.traces.replacements.insert(booklet);
        of_person.met(Day::parse(&day)?);
        owners.insert(booklet, person);
    }
    Ok(owners)
}

/// Deletes at once, before anything of the group is written: who is erased and comes back in the same group is somebody new.
pub(super) fn save_erasures(conn: &mut Conn, programme: ProgrammeNo, granted: &[Appended]) -> Result<(), StoreError> {
    for (_, record) in written_down(granted) {
        let Record::Erased(erased) = record else { continue };
        erase(conn, programme, erased)?;
    }
    Ok(())
}

/// Every row that was found must still be there.
fn erase(conn: &mut Conn, programme: ProgrammeNo, erased: &Erased) -> Result<(), StoreError> {
    let traces = &erased.traces;
    let persons: Vec<Cell<'_>> = traces.entitlements.iter().map(Cell::from).collect();
    each("people", &persons, |keys| {
        let of_programme = people::table.filter(people::programme_no.eq(programme.0));
        diesel::delete(of_programme.filter(among(people::fingerprint, keys))).execute(conn)
    })?;
    // An application stays as a number of its receipts: whose it was, and what was written in it, goes.
    let applicants: Vec<Cell<'_>> = erased.people.iter().map(Cell::from).collect();
    by_keys(&applicants, |keys| {
        let of_programme = applications::table.filter(applications::programme_no.eq(programme.0));
        let nobodys = (
            applications::fingerprint.eq(NOBODY.as_slice()),
            applications::dossier.eq(b"".as_slice()),
            applications::sex.eq(None::<String>),
        );
        let of_people = of_programme.filter(among(applications::fingerprint, keys));
        Ok(vec![diesel::update(of_people).set(nobodys).execute(conn)?])
    })?;
    super::duplicates::erase(conn, programme, &erased.people)?;
    super::nonces::destroy(conn, programme, &erased.people)?;
    let numbers: Vec<Cell<'_>> = traces.hand_outs.iter().map(|number| number.as_str().into()).collect();
    each("hand_outs", &numbers, |keys| {
        diesel::delete(hand_outs::table.filter(among(hand_outs::number, keys))).execute(conn)
    })?;
    let granted: Vec<Cell<'_>> = traces.exceptions.iter().map(|number| (*number).into()).collect();
    each("exceptions", &granted, |keys| {
        let of_programme = exceptions::table.filter(exceptions::programme_no.eq(programme.0));
        diesel::delete(of_programme.filter(among(exceptions::number, keys))).execute(conn)
    })?;
    let replaced: Vec<Cell<'_>> = traces.replacements.iter().map(|booklet| booklet.0.into()).collect();
    each("replacements", &replaced, |keys| {
        let by_person = replacements::table.filter(among(replacements::replacement_id, keys));
        diesel::update(by_person).set(replacements::fingerprint.eq(NOBODY.as_slice())).execute(conn)
    })
}

/// Changes one row for each key, or fails with a conflict.
fn each<'a>(
    table: &'static str,
    keys: &'a [Cell<'a>],
    mut change: impl FnMut(super::super::sets::Keys<'a>) -> diesel::QueryResult<usize>,
) -> Result<(), StoreError> {
    let counts: Vec<usize> = by_keys(keys, |keys| Ok(vec![change(keys)?]))?;
    let changed = counts.into_iter().sum();
    if changed == keys.len() { Ok(()) } else { Err(StoreError::guard(table, keys.len(), changed)) }
}
