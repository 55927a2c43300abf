//! How many people of 60 and over live in each commune of the demonstration: invented, a quarter of the inhabitants more or
//! less, so that rates and white zones have something to show. What never lives here: an official figure.

use super::DemoError;
use super::stage::Stage;
use crate::domain::territory::{self, Commune, CommuneFigures};
use crate::domain::time::Instant;
use crate::store::{StoreError, WriteError};

/// Hauts-de-France.
const REGION: &str = "32";

/// Keeps an edition that counts from the first day of the story on.
pub(super) fn count(stage: &Stage, start: Instant) -> Result<(), DemoError> {
    let here = territory::communes().filter(|commune| commune.region == REGION);
    let figures: Vec<CommuneFigures> = here.map(|commune| invented(&commune)).collect();
    stage
        .store
        .write(|tx| tx.keep_commune_figures(start.day(), &figures))
        .map_err(|error: WriteError<StoreError>| error.into())
}

fn invented(commune: &Commune) -> CommuneFigures {
    let population = i64::from(commune.population);
    // Between 21 and 33 in a hundred, by the code: the same every time.
    let spread: i64 = commune.code.as_str().bytes().map(i64::from).sum::<i64>() * 37 % 13;
    CommuneFigures { commune: commune.code, population, seniors: population * (21 + spread) / 100, position: None }
}
