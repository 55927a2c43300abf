//! Les territoires : by commune or intercommunalité, who received, who started, where passes are spent, and which places are
//! white zones (see `domain::reach`). One row for each place of the programme's territory, so that a map has no hole. Venues and
//! sessions are those of the day of asking; where people live is read from the erasable zone. What never lives here: a person.

mod accepting;
mod masks;
mod sums;

use std::collections::BTreeMap;

use super::question::{Parameter, Question};
use super::table::{Column, Report, Row, row, whole};
use super::{Access, Entry, ReportError};
use crate::domain::position::Position;
use crate::domain::reach::{FURTHEST_KM, NEAR_KM, Near, Reach};
use crate::domain::territory::{self, Commune};
use masks::{Mask, masks};
use sums::Sum;

/// `hand_outs` to `started_booklets`: by where people live; `booklets_per_1000` by inhabitants of 60 and over. `spent_passes`,
/// `active_venues`: by where the venue is; net of reversals. `accepting_venues`: where passes can be spent; `sessions`: announced
/// from the day on. `nearest_metres`: from the middle of the place. `white_zone`: 1 where people are concerned and nothing is in the
/// intercommunalité or within `within_km` (10 when not said); `why`: `venue_here`, `session_here`, `venue_in_epci`,
/// `session_in_epci`, `within_distance`, `nobody_concerned` or `nothing_near`. `residents_60_plus` is empty while no edition of
/// commune figures says it. `position_estimated`: 1 where a commune is only known to be in the middle of its neighbours.
const COLUMNS: &[Column] = &[
    Column::text("code", "Code (commune ou intercommunalité)"),
    Column::text("name", "Nom"),
    Column::text("department", "Département"),
    Column::text("epci", "Intercommunalité"),
    Column::integer("population", "Population"),
    Column::integer("residents_60_plus", "Habitants de 60 ans ou plus"),
    Column::integer("hand_outs", "Remises"),
    Column::integer("booklets", "Carnets remis"),
    Column::integer("passes", "Pass remis"),
    Column::integer("started_booklets", "Carnets démarrés"),
    Column::integer("booklets_per_1000", "Carnets remis pour mille habitants de 60 ans ou plus").running(),
    Column::integer("spent_passes", "Pass utilisés sur place"),
    Column::integer("active_venues", "Lieux où un pass a servi"),
    Column::integer("accepting_venues", "Lieux qui acceptent le pass"),
    Column::integer("sessions", "Séances annoncées"),
    Column::integer("nearest_metres", "Distance au plus proche (mètres)").running(),
    Column::integer("white_zone", "Zone blanche"),
    Column::text("why", "Pourquoi"),
    Column::text("latitude", "Latitude"),
    Column::text("longitude", "Longitude"),
    Column::integer("position_estimated", "Position estimée"),
];

pub(super) const ENTRY: Entry = Entry {
    name: "territories",
    title: "Territoires : remises, utilisations, zones blanches",
    columns: COLUMNS,
    access: Access::WholeProgramme,
    parameters: &[Parameter::Grain, Parameter::WithinKm, Parameter::Masked],
    open,
};

/// A row before it is written: a commune, or an intercommunalité as the sum of its communes.
#[derive(Debug, Clone)]
struct Place {
    code: String,
    name: &'static str,
    department: &'static str,
    epci: &'static str,
    population: i64,
    seniors: Option<i64>,
    sum: Sum,
    near: Near,
    /// And whether it is estimated.
    position: Option<(Position, bool)>,
}

impl Place {
    fn of(commune: Commune, (population, seniors): (i64, Option<i64>), sum: Sum, near: Near) -> Self {
        Self {
            code: commune.code.to_string(),
            name: commune.name,
            department: commune.department,
            epci: commune.epci.unwrap_or_default(),
            population,
            seniors,
            sum,
            near,
            position: None,
        }
    }
}

fn open(question: &Question) -> Result<Report, ReportError> {
    let by_epci = match question.request.grain.as_deref() {
        None | Some("commune") => false,
        Some("epci") => true,
        Some(_) => return Err(ReportError::ParameterMalformed(Parameter::Grain.name(), "commune, epci")),
    };
    let within_km = question.request.within_km.unwrap_or(NEAR_KM);
    if !(1..=FURTHEST_KM).contains(&within_km) {
        return Err(ReportError::ParameterMalformed(Parameter::WithinKm.name(), "1 … 100"));
    }
    let communes = communes(question, within_km)?;
    let epcis = together(&communes);
    let shown = question.request.masked.then(|| masks(&communes, &epcis));
    let (places, masks) = match shown {
        None if by_epci => (epcis, Vec::new()),
        None => (communes, Vec::new()),
        Some((_, of_epcis)) if by_epci => (epcis, of_epcis),
        Some((of_communes, _)) => (communes, of_communes),
    };
    let masks = masks.into_iter().map(Some).chain(std::iter::repeat(None));
    let rows = places.into_iter().zip(masks).map(|(place, mask)| line(place, mask.unwrap_or(Mask::ALL_SHOWN)));
    Ok(question.report_about(Parameter::WithinKm, within_km.to_string(), whole(rows.collect())))
}

/// Every commune of the programme's territory, in order of code.
fn communes(question: &Question, within_km: u32) -> Result<Vec<Place>, ReportError> {
    let mut sums = sums::by_commune(question)?;
    let figures = question.store.read(|tx| tx.commune_figures(question.request.as_of))?;
    let reach = Reach::new(&accepting::spots(question)?, within_km);
    let wanted = |commune: &Commune| commune.commune.is_none() && question.programme.territory.contains(commune);
    let place = |commune: Commune| {
        let told = figures.of(&commune);
        let population = told.map_or(commune.population.into(), |told| told.population);
        let (seniors, sum) = (told.map(|told| told.seniors), sums.remove(&commune.code).unwrap_or_default());
        let position = figures.position(&commune);
        let concerned = seniors.unwrap_or(population) > 0 || sum.hand_outs > 0;
        let near = reach.near(&commune, position.map(|(position, _)| position), concerned);
        Place { position, ..Place::of(commune, (population, seniors), sum, near) }
    };
    Ok(territory::communes().filter(wanted).map(place).collect())
}

/// Communes summed into their intercommunalités; those without one stand by themselves.
fn together(communes: &[Place]) -> Vec<Place> {
    let mut grouped: BTreeMap<&str, Vec<&Place>> = BTreeMap::new();
    for place in communes {
        grouped.entry(group(place)).or_default().push(place);
    }
    grouped.into_iter().filter_map(|(code, places)| summed(code, &places)).collect()
}

/// What a place is summed into.
fn group(place: &Place) -> &str {
    if territory::epci(place.epci).is_some() { place.epci } else { &place.code }
}

fn summed(code: &str, communes: &[&Place]) -> Option<Place> {
    let first = *communes.first()?;
    let Some(epci) = territory::epci(code) else { return Some(first.clone()) };
    let mut sum = Sum::default();
    for commune in communes {
        sum.add(&commune.sum);
    }
    let told: Vec<i64> = communes.iter().filter_map(|commune| commune.seniors).collect();
    let nearby: Vec<Near> = communes.iter().map(|commune| commune.near).collect();
    let points: Vec<Position> = communes.iter().filter_map(|commune| Some(commune.position?.0)).collect();
    Some(Place {
        code: epci.siren.to_owned(),
        name: epci.name,
        population: communes.iter().map(|commune| commune.population).sum(),
        seniors: (!told.is_empty()).then(|| told.iter().sum()),
        sum,
        near: Near::together(&nearby),
        position: Position::middle(&points).map(|middle| (middle, false)),
        ..*first
    })
}

fn line(place: Place, mask: Mask) -> Row {
    let Place { code, name, department, epci, population, seniors, sum, near, position } = place;
    let people = |count: i64| mask.people.then_some(count);
    let rate = seniors.filter(|seniors| *seniors > 0).map(|seniors| sum.booklets.saturating_mul(1_000) / seniors);
    let degrees = position.map(|(position, _)| position);
    row![
        code,
        name,
        department,
        epci,
        population,
        seniors,
        people(sum.hand_outs),
        people(sum.booklets),
        people(sum.passes),
        mask.started.then_some(sum.started),
        rate.filter(|_| mask.people),
        mask.spent.then_some(sum.spent),
        i64::try_from(sum.venues.len()).unwrap_or(i64::MAX),
        near.offers.venues,
        near.offers.sessions,
        near.metres,
        i64::from(near.why.is_white()),
        near.why.as_str(),
        degrees.map(|position| position.latitude.to_string()),
        degrees.map(|position| position.longitude.to_string()),
        position.map(|(_, estimated)| i64::from(estimated)),
    ]
}
