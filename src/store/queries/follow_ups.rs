//! Whoever agreed to be reminded: found by hand-out and by person, written with the hand-out, and deleted once it has served.
//! What never lives here: whether somebody may be reminded.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::{
    ExpressionMethods, OptionalExtension, QueryDsl, Queryable, RunQueryDsl, Selectable, SelectableHelper,
};

use super::super::super::cell::{Cell, stored_row};
use super::super::super::error::StoreError;
use super::super::super::follow_up_doors::{FollowUpReads, FollowUpWrites};
use super::super::super::rows::{corrupt, mac};
use super::super::super::schema::{follow_up_rules, follow_ups};
use super::super::super::stored::{Appended, written_down};
use super::super::writing::Writing;
use super::Conn;
use super::fragment::{among, by_keys, insert_all, update_from};
use super::rules::{keep_rules, read_rules};
use crate::domain::facts::Facts;
use crate::domain::follow_up::{Channel, FollowUp, FollowUpRecord, FollowUpRules, own_nonce};
use crate::domain::ids::{BookletId, ProgrammeNo};
use crate::domain::movement::Record;
use crate::domain::short_code::ShortCode;
use crate::domain::stock::CodeMac;
use crate::domain::time::Day;

stored_row! {
    struct NewRow<'a> in "follow_ups" {
        hand_out: &'a str,
        programme_no: i64,
        fingerprint: &'a [u8],
        office: &'a str,
        channel: &'a str,
        consented_on: String,
        booklets: String,
        reminders: i64,
        reminded_on: Option<String>,
        contact: &'a [u8],
    }
}

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = follow_ups)]
struct FollowUpRow {
    hand_out: String,
    fingerprint: Vec<u8>,
    office: String,
    channel: String,
    consented_on: String,
    booklets: String,
    reminders: i64,
    reminded_on: Option<String>,
}

impl TryFrom<FollowUpRow> for FollowUp {
    type Error = StoreError;

    fn try_from(row: FollowUpRow) -> Result<Self, StoreError> {
        let booklet = |id: &str| id.parse().map(BookletId).map_err(|_| corrupt("booklets of a follow-up"));
        Ok(Self {
            hand_out: row.hand_out,
            person: mac(&row.fingerprint)?,
            office: ShortCode::parse(&row.office)?,
            channel: Channel::parse(&row.channel)?,
            consented_on: Day::parse(&row.consented_on)?,
            booklets: row.booklets.split(',').filter(|id| !id.is_empty()).map(booklet).collect::<Result<_, _>>()?,
            reminders: row.reminders,
            reminded_on: row.reminded_on.as_deref().map(Day::parse).transpose()?,
        })
    }
}

fn read(rows: Vec<FollowUpRow>) -> Result<Vec<FollowUp>, StoreError> {
    rows.into_iter().map(FollowUp::try_from).collect()
}

impl FollowUpReads for Conn {
    fn follow_up_rules(&mut self, programme: ProgrammeNo) -> Result<Option<(FollowUpRules, i64)>, StoreError> {
        read_rules!(self, follow_up_rules, programme, "rules of follow-ups")
    }

    fn follow_ups_among(
        &mut self,
        programme: ProgrammeNo,
        hand_outs: &BTreeSet<String>,
    ) -> Result<Vec<FollowUp>, StoreError> {
        let keys: Vec<Cell<'_>> = hand_outs.iter().map(|number| number.as_str().into()).collect();
        read(by_keys(&keys, |keys| {
            let of_programme = follow_ups::table.filter(follow_ups::programme_no.eq(programme.0));
            let found = of_programme.filter(among(follow_ups::hand_out, keys));
            Ok(found.select(FollowUpRow::as_select()).load(self)?)
        })?)
    }

    fn follow_ups_of(
        &mut self,
        programme: ProgrammeNo,
        people: &BTreeSet<CodeMac>,
    ) -> Result<Vec<FollowUp>, StoreError> {
        let keys: Vec<Cell<'_>> = people.iter().map(Cell::from).collect();
        read(by_keys(&keys, |keys| {
            let of_programme = follow_ups::table.filter(follow_ups::programme_no.eq(programme.0));
            let found = of_programme.filter(among(follow_ups::fingerprint, keys));
            Ok(found.select(FollowUpRow::as_select()).load(self)?)
        })?)
    }

    fn follow_ups(&mut self, programme: ProgrammeNo, after: &str, limit: i64) -> Result<Vec<FollowUp>, StoreError> {
        let rows = follow_ups::table
            .filter(follow_ups::programme_no.eq(programme.0))
            .filter(follow_ups::hand_out.gt(after))
            .order(follow_ups::hand_out)
            .limit(limit)
            .select(FollowUpRow::as_select())
            .load(self)?;
        read(rows)
    }

    fn contact(&mut self, hand_out: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(follow_ups::table.find(hand_out).select(follow_ups::contact).first(self).optional()?)
    }
}

impl FollowUpWrites for Conn {
    fn keep_follow_up_rules(
        &mut self,
        programme: ProgrammeNo,
        rules: FollowUpRules,
        before: i64,
    ) -> Result<bool, StoreError> {
        keep_rules!(self, follow_up_rules, programme, &rules, before, "rules of follow-ups")
    }
}

/// Deletes at once what a group takes back or erases, so that what stood there is written over.
pub(super) fn end(conn: &mut Conn, granted: &[Appended]) -> Result<(), StoreError> {
    let records = granted.iter().flat_map(|appended| &appended.movement.records);
    let mut ended = BTreeSet::new();
    for record in records {
        match record {
            Record::FollowUp(FollowUpRecord::Revoked(hand_out)) => drop(ended.insert(hand_out.as_str())),
            Record::Erased(erased) => ended.extend(erased.traces.contacts.iter().map(String::as_str)),
            _ => {}
        }
    }
    if ended.is_empty() {
        return Ok(());
    }
    let own: Vec<String> = ended.iter().map(|number| own_nonce(number)).collect();
    let own: Vec<Cell<'_>> = own.iter().map(|number| number.as_str().into()).collect();
    super::nonces::destroy_named(conn, &own)?;
    let keys: Vec<Cell<'_>> = ended.into_iter().map(Cell::from).collect();
    super::nonces::written_over(conn, |conn| {
        by_keys(&keys, |keys| {
            let ended = follow_ups::table.filter(among(follow_ups::hand_out, keys));
            Ok(vec![diesel::delete(ended).execute(conn)?])
        })
    })?;
    Ok(())
}

const REMINDED: &str = "UPDATE follow_ups SET reminders = v.column3, reminded_on = v.column4";
const NOT_SINCE: &str = "follow_ups.hand_out = v.column1 AND follow_ups.reminders = v.column2";

/// Writes what a group agreed to, and who was reminded.
pub(super) fn save(
    out: &mut Writing<'_>,
    programme: ProgrammeNo,
    facts: &Facts,
    granted: &[Appended],
) -> Result<(), StoreError> {
    let contacts = contacts(granted);
    let (mut new, mut known) = (Vec::new(), Vec::new());
    for (hand_out, row) in facts.follow_ups.known.changed() {
        let (now, reminded_on) = (&row.now, row.now.reminded_on.map(|day| day.to_string()));
        if let Some(before) = &row.loaded {
            let (before, now) = (before.reminders.into(), now.reminders.into());
            known.push([hand_out.as_str().into(), before, now, reminded_on.into()]);
            continue;
        }
        let booklets: Vec<String> = now.booklets.iter().map(|booklet| booklet.0.to_string()).collect();
        new.push(NewRow {
            hand_out,
            programme_no: programme.0,
            fingerprint: &now.person,
            office: now.office.as_str(),
            channel: now.channel.as_str(),
            consented_on: now.consented_on.to_string(),
            booklets: booklets.join(","),
            reminders: now.reminders,
            reminded_on,
            contact: contacts.get(hand_out.as_str()).copied().ok_or_else(|| corrupt("a follow-up without contact"))?,
        });
    }
    insert_all(out, &new)?;
    update_from::<4>(out, "follow_ups", REMINDED, &known, NOT_SINCE)
}

/// How the people of a group are reached, by the number of their hand-out.
fn contacts(granted: &[Appended]) -> BTreeMap<&str, &[u8]> {
    let mut contacts = BTreeMap::new();
    for (body, record) in written_down(granted) {
        let Record::FollowUp(FollowUpRecord::Agreed { consent, .. }) = record else { continue };
        contacts.insert(body.number.as_str(), consent.contact.as_slice());
    }
    contacts
}
