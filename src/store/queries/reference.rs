//! Organisations, programmes, rule sets, venues and mandates.

use std::collections::BTreeSet;

use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};

use super::super::super::cell::Cell;
use super::super::super::doors::{ReferenceReads, ReferenceWrites};
use super::super::super::error::StoreError;
use super::super::super::rows::{MandateRow, OrganisationRow, ProgrammeRow, VenueRow, corrupt};
use super::super::super::schema::{journals, mandates, organisations, programmes, rule_sets, venues};
use super::super::super::stored::Page;
use super::Conn;
use super::fragment::{among, by_keys};
use crate::domain::eligibility::RuleSet;
use crate::domain::ids::{MandateId, OrganisationId, ProgrammeNo, VenueId};
use crate::domain::party::{Organisation, Venue};
use crate::domain::programme::{Mandate, Programme};
use crate::domain::short_code::ShortCode;

fn all<Row, T: TryFrom<Row, Error = StoreError>>(rows: Vec<Row>) -> Result<Vec<T>, StoreError> {
    rows.into_iter().map(T::try_from).collect()
}

fn texts<T: ToString>(ids: &BTreeSet<T>) -> Vec<Cell<'static>> {
    ids.iter().map(|id| id.to_string().into()).collect()
}

impl ReferenceReads for Conn {
    fn organisation(&mut self, id: OrganisationId) -> Result<Option<Organisation>, StoreError> {
        let row = organisations::table.find(id.to_string()).select(OrganisationRow::as_select()).first(self);
        row.optional()?.map(Organisation::try_from).transpose()
    }

    fn organisation_by_code(&mut self, code: &ShortCode) -> Result<Option<Organisation>, StoreError> {
        let found = organisations::table.filter(organisations::code.eq(code.as_str()));
        let row = found.select(OrganisationRow::as_select()).first(self);
        row.optional()?.map(Organisation::try_from).transpose()
    }

    fn organisations(&mut self, only: Option<OrganisationId>, page: &Page) -> Result<Vec<Organisation>, StoreError> {
        let mut query = organisations::table.select(OrganisationRow::as_select()).into_boxed();
        if let Some(only) = only {
            query = query.filter(organisations::id.eq(only.to_string()));
        }
        if let Some(after) = &page.after {
            query = query.filter(organisations::id.gt(after));
        }
        all(query.order(organisations::id).limit(page.limit).load(self)?)
    }

    fn organisations_among(&mut self, ids: &BTreeSet<OrganisationId>) -> Result<Vec<Organisation>, StoreError> {
        all(by_keys(&texts(ids), |ids| {
            let found = organisations::table.filter(among(organisations::id, ids));
            Ok(found.select(OrganisationRow::as_select()).load(self)?)
        })?)
    }

    fn programme(&mut self, code: &ShortCode) -> Result<Option<Programme>, StoreError> {
        let found = programmes::table.filter(programmes::code.eq(code.as_str()));
        let row = found.select(ProgrammeRow::as_select()).first(self);
        row.optional()?.map(Programme::try_from).transpose()
    }

    fn programme_by_no(&mut self, no: ProgrammeNo) -> Result<Option<Programme>, StoreError> {
        let row = programmes::table.find(no.0).select(ProgrammeRow::as_select()).first(self);
        row.optional()?.map(Programme::try_from).transpose()
    }

    fn programmes(&mut self, page: &Page) -> Result<Vec<Programme>, StoreError> {
        let mut query = programmes::table.select(ProgrammeRow::as_select()).into_boxed();
        if let Some(after) = page.after.as_ref().and_then(|after| after.parse::<i64>().ok()) {
            query = query.filter(programmes::no.gt(after));
        }
        all(query.order(programmes::no).limit(page.limit).load(self)?)
    }

    fn rule_sets(&mut self, programme: ProgrammeNo) -> Result<Vec<RuleSet>, StoreError> {
        let found = rule_sets::table.filter(rule_sets::programme_no.eq(programme.0));
        let documents: Vec<String> =
            found.order((rule_sets::valid_from, rule_sets::version)).select(rule_sets::document).load(self)?;
        documents.iter().map(|text| RuleSet::parse(text).map_err(|_| corrupt("a rule set"))).collect()
    }

    fn venue(&mut self, id: VenueId) -> Result<Option<Venue>, StoreError> {
        let row = venues::table.find(id.to_string()).select(VenueRow::as_select()).first(self);
        row.optional()?.map(Venue::try_from).transpose()
    }

    fn venues(&mut self, provider: Option<OrganisationId>, page: &Page) -> Result<Vec<Venue>, StoreError> {
        let mut query = venues::table.select(VenueRow::as_select()).into_boxed();
        if let Some(provider) = provider {
            query = query.filter(venues::provider_id.eq(provider.to_string()));
        }
        if let Some(after) = &page.after {
            query = query.filter(venues::id.gt(after));
        }
        all(query.order(venues::id).limit(page.limit).load(self)?)
    }

    fn venues_among(&mut self, ids: &BTreeSet<VenueId>) -> Result<Vec<Venue>, StoreError> {
        all(by_keys(&texts(ids), |ids| {
            Ok(venues::table.filter(among(venues::id, ids)).select(VenueRow::as_select()).load(self)?)
        })?)
    }

    fn mandate(&mut self, programme: ProgrammeNo, id: MandateId) -> Result<Option<Mandate>, StoreError> {
        let found = mandates::table.find(id.to_string()).filter(mandates::programme_no.eq(programme.0));
        let row = found.select(MandateRow::as_select()).first(self);
        row.optional()?.map(Mandate::try_from).transpose()
    }

    fn mandates(
        &mut self,
        programme: ProgrammeNo,
        prescriber: Option<OrganisationId>,
        page: &Page,
    ) -> Result<Vec<Mandate>, StoreError> {
        let mut query = mandates::table.select(MandateRow::as_select()).into_boxed();
        query = query.filter(mandates::programme_no.eq(programme.0));
        if let Some(prescriber) = prescriber {
            query = query.filter(mandates::prescriber_id.eq(prescriber.to_string()));
        }
        if let Some(after) = &page.after {
            query = query.filter(mandates::id.gt(after));
        }
        all(query.order(mandates::id).limit(page.limit).load(self)?)
    }

    fn mandates_of(
        &mut self,
        programme: ProgrammeNo,
        ids: &BTreeSet<OrganisationId>,
    ) -> Result<Vec<Mandate>, StoreError> {
        all(by_keys(&texts(ids), |ids| {
            let found = mandates::table
                .filter(mandates::programme_no.eq(programme.0))
                .filter(among(mandates::prescriber_id, ids));
            Ok(found.order((mandates::starts_on, mandates::id)).select(MandateRow::as_select()).load(self)?)
        })?)
    }
}

impl ReferenceWrites for Conn {
    fn insert_organisation(&mut self, organisation: &Organisation) -> Result<(), StoreError> {
        diesel::insert_into(organisations::table).values(OrganisationRow::from(organisation)).execute(self)?;
        Ok(())
    }

    fn update_organisation(&mut self, organisation: &Organisation) -> Result<bool, StoreError> {
        let known = organisations::table
            .find(organisation.id.to_string())
            .filter(organisations::version.eq(organisation.version - 1));
        Ok(diesel::update(known).set(OrganisationRow::from(organisation)).execute(self)? == 1)
    }

    fn insert_programme(&mut self, programme: &Programme, genesis: &str) -> Result<Programme, StoreError> {
        let last: Option<i64> = programmes::table.select(diesel::dsl::max(programmes::no)).first(self)?;
        let numbered = Programme { no: ProgrammeNo(last.unwrap_or(0) + 1), ..programme.clone() };
        diesel::insert_into(programmes::table).values(ProgrammeRow::from(&numbered)).execute(self)?;
        let nothing_yet = (
            journals::programme_no.eq(numbered.no.0),
            journals::door.eq(0),
            journals::position.eq(0),
            journals::head.eq(genesis),
            journals::at_millis.eq(0),
            journals::last_booklet.eq(0),
            journals::last_order.eq(0),
            journals::last_dispatch.eq(0),
            journals::last_exception.eq(0),
            journals::epoch.eq(crate::receipts::FIRST_EPOCH),
        );
        diesel::insert_into(journals::table).values(nothing_yet).execute(self)?;
        Ok(numbered)
    }

    fn update_programme(&mut self, programme: &Programme) -> Result<bool, StoreError> {
        let known = programmes::table.find(programme.no.0).filter(programmes::version.eq(programme.version - 1));
        Ok(diesel::update(known).set(ProgrammeRow::from(programme)).execute(self)? == 1)
    }

    fn insert_rule_set(&mut self, programme: ProgrammeNo, rule_set: &RuleSet) -> Result<(), StoreError> {
        let document = rule_set.document();
        let text = serde_json::to_string(document).map_err(|_| corrupt("a rule set"))?;
        let row = (
            rule_sets::programme_no.eq(programme.0),
            rule_sets::version.eq(rule_set.version()),
            rule_sets::valid_from.eq(document.valid_from.to_string()),
            rule_sets::document.eq(text),
        );
        diesel::insert_into(rule_sets::table).values(row).execute(self)?;
        Ok(())
    }

    fn insert_venue(&mut self, venue: &Venue) -> Result<(), StoreError> {
        diesel::insert_into(venues::table).values(VenueRow::from(venue)).execute(self)?;
        Ok(())
    }

    fn update_venue(&mut self, venue: &Venue) -> Result<bool, StoreError> {
        let known = venues::table.find(venue.id.to_string()).filter(venues::version.eq(venue.version - 1));
        Ok(diesel::update(known).set(VenueRow::from(venue)).execute(self)? == 1)
    }

    fn insert_mandate(&mut self, programme: ProgrammeNo, mandate: &Mandate) -> Result<(), StoreError> {
        diesel::insert_into(mandates::table).values(MandateRow::new(programme, mandate)).execute(self)?;
        Ok(())
    }

    fn update_mandate(&mut self, programme: ProgrammeNo, mandate: &Mandate) -> Result<bool, StoreError> {
        let known = mandates::table.find(mandate.id.to_string()).filter(mandates::version.eq(mandate.version - 1));
        Ok(diesel::update(known).set(MandateRow::new(programme, mandate)).execute(self)? == 1)
    }
}
