//! The rows of figures of communes. What never lives here: a query.

use diesel::prelude::{Queryable, Selectable};

use super::super::cell::stored_row;
use super::super::error::StoreError;
use super::super::schema::commune_figures;
use super::optional;
use crate::domain::position::{Degrees, Position};
use crate::domain::territory::{CommuneCode, CommuneFigures};
use crate::domain::time::Day;

stored_row! {
    #[derive(Debug, Queryable, Selectable)]
    #[diesel(table_name = commune_figures)]
    pub(in crate::store) struct FiguresRow in "commune_figures" {
        edition: String,
        commune: String,
        population: i64,
        seniors: i64,
        latitude: Option<String>,
        longitude: Option<String>,
    }
}

impl FiguresRow {
    pub(in crate::store) fn new(edition: Day, figures: &CommuneFigures) -> Self {
        let at = |of: fn(&Position) -> Degrees| figures.position.as_ref().map(|position| of(position).to_string());
        Self {
            edition: edition.to_string(),
            commune: figures.commune.to_string(),
            population: figures.population,
            seniors: figures.seniors,
            latitude: at(|position| position.latitude),
            longitude: at(|position| position.longitude),
        }
    }
}

impl TryFrom<FiguresRow> for CommuneFigures {
    type Error = StoreError;
    fn try_from(row: FiguresRow) -> Result<Self, StoreError> {
        let latitude = optional(row.latitude.as_deref(), Degrees::parse)?;
        let longitude = optional(row.longitude.as_deref(), Degrees::parse)?;
        let position = latitude.zip(longitude).map(|(latitude, longitude)| Position::new(latitude, longitude));
        Ok(Self {
            commune: CommuneCode::parse(&row.commune)?,
            population: row.population,
            seniors: row.seniors,
            position: position.transpose()?,
        })
    }
}
