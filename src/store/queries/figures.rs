//! Figures of communes, by edition; what a programme publishes.

use diesel::dsl::sql;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use diesel::sql_types::BigInt;

use super::super::super::cell::Cell;
use super::super::super::error::StoreError;
use super::super::super::figure_doors::{Edition, FigureReads, FigureWrites};
use super::super::super::rows::FiguresRow;
use super::super::super::schema::{commune_figures, publication_rules};
use super::super::sets::Keys;
use super::super::writing::Writing;
use super::Conn;
use super::fragment::{among, insert_all};
use super::rules::{keep_rules, read_rules};
use crate::domain::ids::ProgrammeNo;
use crate::domain::publication::PublicationRules;
use crate::domain::territory::{CommuneFigures, FiguresThen};
use crate::domain::time::Day;

impl FigureReads for Conn {
    fn commune_figures(&mut self, on: Day) -> Result<FiguresThen, StoreError> {
        let then = commune_figures::table.filter(commune_figures::edition.le(on.to_string()));
        let order = (commune_figures::edition, commune_figures::commune);
        let rows: Vec<FiguresRow> = then.order(order).select(FiguresRow::as_select()).load(self)?;
        let figures = rows.into_iter().map(CommuneFigures::try_from).collect::<Result<Vec<_>, _>>()?;
        Ok(FiguresThen::new(figures))
    }

    fn publication_rules(&mut self, programme: ProgrammeNo) -> Result<Option<(PublicationRules, i64)>, StoreError> {
        read_rules!(self, publication_rules, programme, "rules of publication")
    }

    fn commune_editions(&mut self) -> Result<Vec<Edition>, StoreError> {
        let sums = (
            sql::<BigInt>("COUNT(*)"),
            sql::<BigInt>("CAST(SUM(commune_figures.population) AS BIGINT)"),
            sql::<BigInt>("CAST(SUM(commune_figures.seniors) AS BIGINT)"),
        );
        let rows: Vec<(String, (i64, i64, i64))> = commune_figures::table
            .group_by(commune_figures::edition)
            .order(commune_figures::edition)
            .select((commune_figures::edition, sums))
            .load(self)?;
        let edition = |(edition, (communes, population, seniors)): (String, (i64, i64, i64))| {
            Ok(Edition { from: Day::parse(&edition)?, communes, population, seniors })
        };
        rows.into_iter().map(edition).collect()
    }
}

impl FigureWrites for Conn {
    fn keep_commune_figures(&mut self, edition: Day, figures: &[CommuneFigures]) -> Result<(), StoreError> {
        let codes: Vec<Cell<'_>> = figures.iter().map(|figures| figures.commune.to_string().into()).collect();
        for codes in Keys::sets(&codes) {
            let known = commune_figures::table.filter(commune_figures::edition.eq(edition.to_string()));
            diesel::delete(known.filter(among(commune_figures::commune, codes))).execute(self)?;
        }
        let rows: Vec<FiguresRow> = figures.iter().map(|figures| FiguresRow::new(edition, figures)).collect();
        let mut out = Writing::on(self);
        insert_all(&mut out, &rows)?;
        out.end()
    }

    fn keep_publication_rules(
        &mut self,
        programme: ProgrammeNo,
        rules: PublicationRules,
        before: i64,
    ) -> Result<bool, StoreError> {
        keep_rules!(self, publication_rules, programme, &rules, before, "rules of publication")
    }
}
