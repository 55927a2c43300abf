//! Applications and the rules of distribution: what is kept of them, and what the acts of a group changed of it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::max;
use diesel::prelude::{
    ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
};

use super::super::super::application_doors::{ApplicationFilter, ApplicationReads, ApplicationWrites, Letter};
use super::super::super::cell::{Cell, stored_row};
use super::super::super::error::StoreError;
use super::super::super::rows::{ApplicationRow, corrupt};
use super::super::super::schema::{applications, distribution_rules, letters};
use super::super::super::stored::{Appended, written_down};
use super::super::writing::Writing;
use super::Conn;
use super::fragment::{among, by_keys, insert_all, update_from};
use super::rules::{keep_rules, read_rules};
use crate::domain::applications::{Application, ApplicationRecord};
use crate::domain::distribution::DistributionRules;
use crate::domain::facts::Facts;
use crate::domain::ids::{BookletId, ProgrammeNo};
use crate::domain::movement::Record;
use crate::domain::short_code::ShortCode;
use crate::domain::stock::CodeMac;
use crate::domain::text::Reference;

stored_row! {
    struct LetterRow in "letters" {
        programme_no: i64,
        dispatch: i64,
        application: i64,
        booklet_id: i64,
        tracking: Option<String>,
    }
}

/// The applications of these rows, each with its last letter.
fn read(conn: &mut Conn, programme: ProgrammeNo, rows: Vec<ApplicationRow>) -> Result<Vec<Application>, StoreError> {
    let mut found = rows.into_iter().map(Application::try_from).collect::<Result<Vec<_>, _>>()?;
    let mailed = found.iter().filter(|application| application.state.may_have_a_letter());
    let mailed: Vec<Cell<'_>> = mailed.map(|application| application.number.into()).collect();
    let rows: Vec<(i64, i64, i64)> = by_keys(&mailed, |numbers| {
        let of_programme = letters::table.filter(letters::programme_no.eq(programme.0));
        let sent = of_programme.filter(among(letters::application, numbers)).order(letters::dispatch);
        Ok(sent.select((letters::application, letters::booklet_id, letters::dispatch)).load(conn)?)
    })?;
    let last: BTreeMap<i64, (BookletId, i64)> = rows
        .into_iter()
        .map(|(application, booklet, dispatch)| (application, (BookletId(booklet), dispatch)))
        .collect();
    for application in &mut found {
        application.letter = last.get(&application.number).copied();
    }
    Ok(found)
}

impl ApplicationReads for Conn {
    fn distribution_rules(&mut self, programme: ProgrammeNo) -> Result<Option<(DistributionRules, i64)>, StoreError> {
        read_rules!(self, distribution_rules, programme, "rules of distribution")
    }

    fn last_application(&mut self, programme: ProgrammeNo) -> Result<i64, StoreError> {
        let of_programme = applications::table.filter(applications::programme_no.eq(programme.0));
        let last: Option<i64> = of_programme.select(max(applications::number)).first(self)?;
        Ok(last.unwrap_or(0))
    }

    fn applications_among(
        &mut self,
        programme: ProgrammeNo,
        numbers: &BTreeSet<i64>,
    ) -> Result<Vec<Application>, StoreError> {
        let numbers: Vec<Cell<'_>> = numbers.iter().map(|number| (*number).into()).collect();
        let rows = by_keys(&numbers, |numbers| {
            let of_programme = applications::table.filter(applications::programme_no.eq(programme.0));
            let found = of_programme.filter(among(applications::number, numbers));
            Ok(found.select(ApplicationRow::as_select()).load(self)?)
        })?;
        read(self, programme, rows)
    }

    fn applications_of(
        &mut self,
        programme: ProgrammeNo,
        people: &BTreeSet<CodeMac>,
    ) -> Result<Vec<Application>, StoreError> {
        let people: Vec<Cell<'_>> = people.iter().map(Cell::from).collect();
        let rows = by_keys(&people, |people| {
            let of_programme = applications::table.filter(applications::programme_no.eq(programme.0));
            let found = of_programme.filter(among(applications::fingerprint, people));
            Ok(found.select(ApplicationRow::as_select()).load(self)?)
        })?;
        read(self, programme, rows)
    }

    fn application_by_reference(
        &mut self,
        programme: ProgrammeNo,
        office: &ShortCode,
        reference: &Reference,
    ) -> Result<Option<Application>, StoreError> {
        let rows = applications::table
            .filter(applications::programme_no.eq(programme.0))
            .filter(applications::office.eq(office.as_str()))
            .filter(applications::reference.eq(reference.as_str()))
            .select(ApplicationRow::as_select())
            .load(self)?;
        Ok(read(self, programme, rows)?.pop())
    }

    fn applications(
        &mut self,
        programme: ProgrammeNo,
        filter: &ApplicationFilter,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Application>, StoreError> {
        let mut query = applications::table.select(ApplicationRow::as_select()).into_boxed();
        query = query.filter(applications::programme_no.eq(programme.0)).filter(applications::number.gt(after));
        if let Some(office) = &filter.office {
            query = query.filter(applications::office.eq(office.to_string()));
        }
        if let Some(state) = filter.state {
            query = query.filter(applications::state.eq(state.as_str()));
        }
        let rows = query.order(applications::number).limit(limit).load(self)?;
        read(self, programme, rows)
    }

    fn dossier(&mut self, programme: ProgrammeNo, application: i64) -> Result<Option<Vec<u8>>, StoreError> {
        let found = applications::table.find((programme.0, application)).select(applications::dossier);
        Ok(found.first::<Vec<u8>>(self).optional()?.filter(|dossier| !dossier.is_empty()))
    }

    fn letters_of(&mut self, programme: ProgrammeNo, dispatch: i64) -> Result<Vec<Letter>, StoreError> {
        let rows: Vec<(i64, i64, Option<String>)> = letters::table
            .filter(letters::programme_no.eq(programme.0))
            .filter(letters::dispatch.eq(dispatch))
            .order(letters::application)
            .select((letters::application, letters::booklet_id, letters::tracking))
            .load(self)?;
        let letter = |(application, booklet, tracking)| Letter { application, booklet: BookletId(booklet), tracking };
        Ok(rows.into_iter().map(letter).collect())
    }

    fn letters_to(&mut self, programme: ProgrammeNo, application: i64) -> Result<Vec<(i64, Letter)>, StoreError> {
        let rows: Vec<(i64, i64, Option<String>)> = letters::table
            .filter(letters::programme_no.eq(programme.0))
            .filter(letters::application.eq(application))
            .order(letters::dispatch)
            .select((letters::dispatch, letters::booklet_id, letters::tracking))
            .load(self)?;
        let letter =
            |(dispatch, booklet, tracking)| (dispatch, Letter { application, booklet: BookletId(booklet), tracking });
        Ok(rows.into_iter().map(letter).collect())
    }

    fn tracked(
        &mut self,
        programme: ProgrammeNo,
        tracking: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, i64>, StoreError> {
        let tracking: Vec<Cell<'_>> = tracking.iter().map(|number| number.as_str().into()).collect();
        let rows: Vec<(String, i64)> = by_keys(&tracking, |tracking| {
            let of_programme = letters::table.filter(letters::programme_no.eq(programme.0));
            let found = of_programme.filter(among(letters::tracking, tracking));
            Ok(found.select((letters::tracking.assume_not_null(), letters::application)).load(self)?)
        })?;
        Ok(rows.into_iter().collect())
    }
}

impl ApplicationWrites for Conn {
    fn keep_distribution_rules(
        &mut self,
        programme: ProgrammeNo,
        rules: &DistributionRules,
        before: i64,
    ) -> Result<bool, StoreError> {
        keep_rules!(self, distribution_rules, programme, rules, before, "rules of distribution")
    }

    fn keep_tracking(
        &mut self,
        programme: ProgrammeNo,
        (dispatch, application): (i64, i64),
        tracking: &Reference,
    ) -> Result<bool, StoreError> {
        let letter = letters::table.find((programme.0, application, dispatch));
        Ok(diesel::update(letter).set(letters::tracking.eq(tracking.as_str())).execute(self)? == 1)
    }

    fn renew_dossier(
        &mut self,
        programme: ProgrammeNo,
        application: &Application,
        nonce: &CodeMac,
        dossier: &[u8],
    ) -> Result<(), StoreError> {
        super::nonces::insert(self, programme, (&application.filed_by, &application.fingerprint), nonce)?;
        let known = applications::table
            .find((programme.0, application.number))
            .filter(applications::state.eq(application.state.as_str()));
        let changed = diesel::update(known).set(applications::dossier.eq(dossier)).execute(self)?;
        if changed == 1 { Ok(()) } else { Err(StoreError::guard("applications", 1, changed)) }
    }

    fn keep_dossier(&mut self, programme: ProgrammeNo, application: i64, dossier: &[u8]) -> Result<bool, StoreError> {
        let erased: &[u8] = &[];
        let known = applications::table.find((programme.0, application)).filter(applications::dossier.ne(erased));
        Ok(diesel::update(known).set(applications::dossier.eq(dossier)).execute(self)? == 1)
    }
}

/// What became of an application: its columns but the last.
const CHANGED: &str = "UPDATE applications SET assessed_on = v.column5, rule_version = v.column6, ground = v.column7, \
    proof_kind = v.column8, proof_issued_on = v.column9, missing = v.column10, state = v.column11, \
    state_on = v.column12, reason = v.column13, last_receipt = v.column14";
/// The same, and name and address have served.
const SERVED: &str = "UPDATE applications SET assessed_on = v.column5, rule_version = v.column6, ground = v.column7, \
    proof_kind = v.column8, proof_issued_on = v.column9, missing = v.column10, state = v.column11, \
    state_on = v.column12, reason = v.column13, last_receipt = v.column14, dossier = v.column15";
const UNCHANGED: &str = "applications.programme_no = v.column1 AND applications.number = v.column2 \
    AND applications.state = v.column3 AND applications.last_receipt = v.column4";

/// Writes the applications that a group filed or changed, and erases the names that have served. Each row is written once:
/// the statements of a group do not see each other's rows.
pub(super) fn save(
    out: &mut Writing<'_>,
    programme: ProgrammeNo,
    facts: &Facts,
    granted: &[Appended],
) -> Result<(), StoreError> {
    let dossiers = dossiers(granted);
    let (mut new, mut known, mut served, mut letters) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (number, row) in facts.applications.known.changed() {
        let has_served = row.now.state.has_no_more_need_of_names();
        match &row.loaded {
            None => {
                let dossier = dossiers.get(number).copied().filter(|_| !has_served).unwrap_or_default();
                new.push(ApplicationRow::new(programme, &row.now, dossier));
            }
            Some(before) if has_served => {
                let mut cells = ApplicationRow::change(programme, before, &row.now).to_vec();
                cells.push(Cell::Bytes(Cow::Borrowed(&[])));
                served.push(cells.try_into().map_err(|_| corrupt("cells of an application"))?);
            }
            Some(before) => known.push(ApplicationRow::change(programme, before, &row.now)),
        }
        let before = row.loaded.as_ref().and_then(|before| before.letter);
        if let Some((booklet, dispatch)) = row.now.letter.filter(|letter| Some(*letter) != before) {
            letters.push(LetterRow {
                programme_no: programme.0,
                dispatch,
                application: *number,
                booklet_id: booklet.0,
                tracking: None,
            });
        }
    }
    insert_all(out, &new)?;
    update_from(out, "applications", CHANGED, &known, UNCHANGED)?;
    update_from::<15>(out, "applications", SERVED, &served, UNCHANGED)?;
    insert_all(out, &letters)
}

/// The names and addresses of what was filed, by application.
fn dossiers(granted: &[Appended]) -> BTreeMap<i64, &[u8]> {
    let filed = written_down(granted).filter_map(|(_, record)| match record {
        Record::Applications(ApplicationRecord::Filed(application, dossier)) => {
            Some((application.number, dossier.as_slice()))
        }
        _ => None,
    });
    filed.collect()
}
