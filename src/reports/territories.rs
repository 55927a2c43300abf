//! Les territoires : by commune or intercommunalité, who received and where passes are spent, and where none ever was. One row for
//! each place of the programme's territory, so that a map has no hole. Where people live is read from the erasable zone. What
//! never lives here: a person.

use std::collections::{BTreeMap, BTreeSet};

use super::hand_outs::each_hand_out;
use super::question::{Parameter, Question, mention};
use super::redemptions::each_act;
use super::table::{Column, Report, row, whole};
use super::{Access, Entry, ReportError};
use crate::domain::territory::{self, Commune, CommuneCode};
use crate::store::StoreError;

/// `hand_outs`, `booklets`, `passes`: by where people live. `spent_passes`, `active_venues`: by where the venue is; net of
/// reversals. `white_zone`: 1 where no pass was ever spent in the whole intercommunalité (in the commune, where it has none).
const COLUMNS: &[Column] = &[
    Column::text("code", "Code (commune ou intercommunalité)"),
    Column::text("name", "Nom"),
    Column::text("department", "Département"),
    Column::text("epci", "Intercommunalité"),
    Column::integer("population", "Population légale"),
    Column::integer("hand_outs", "Remises"),
    Column::integer("booklets", "Carnets remis"),
    Column::integer("passes", "Pass remis"),
    Column::integer("spent_passes", "Pass utilisés sur place"),
    Column::integer("active_venues", "Lieux où un pass a servi"),
    Column::integer("white_zone", "Zone blanche"),
];

pub(super) const ENTRY: Entry = Entry {
    name: "territories",
    title: "Territoires : remises, utilisations, zones blanches",
    columns: COLUMNS,
    access: Access::WholeProgramme,
    parameters: &[Parameter::Grain],
    open,
};

/// What happened in one place.
#[derive(Debug, Clone, Default)]
struct Sum {
    hand_outs: i64,
    booklets: i64,
    passes: i64,
    spent: i64,
    venues: BTreeSet<String>,
}

impl Sum {
    fn add(&mut self, other: &Self) {
        self.hand_outs += other.hand_outs;
        self.booklets += other.booklets;
        self.passes += other.passes;
        self.spent += other.spent;
        self.venues.extend(other.venues.iter().cloned());
    }
}

/// A row before it is written: a commune, or an intercommunalité as the sum of its communes.
struct Place {
    code: String,
    name: &'static str,
    department: &'static str,
    epci: &'static str,
    population: i64,
    sum: Sum,
}

fn open(question: &Question) -> Result<Report, ReportError> {
    let by_epci = match question.request.grain.as_deref() {
        None | Some("commune") => false,
        Some("epci") => true,
        Some(_) => return Err(ReportError::ParameterMalformed(Parameter::Grain.name())),
    };
    let sums = sums(question)?;
    let wanted = |commune: &&Commune| commune.commune.is_none() && question.programme.territory.contains(commune);
    let within = territory::communes().iter().filter(wanted);
    let places: Vec<Place> = within.map(|commune| place(commune, &sums)).collect();
    let mut served: BTreeMap<&str, bool> = BTreeMap::new();
    for place in &places {
        *served.entry(place.epci).or_default() |= !place.sum.venues.is_empty();
    }
    let is_white = |place: &Place| match served.get(place.epci) {
        Some(served) if !place.epci.is_empty() => !served,
        _ => place.sum.venues.is_empty(),
    };
    let line = |place: Place| {
        let white = i64::from(is_white(&place));
        let Place { code, name, department, epci, population, sum } = place;
        let venues = i64::try_from(sum.venues.len()).unwrap_or(i64::MAX);
        row![
            code,
            name,
            department,
            epci,
            population,
            sum.hand_outs,
            sum.booklets,
            sum.passes,
            sum.spent,
            venues,
            white
        ]
    };
    let rows: Vec<Place> = if by_epci { together(places) } else { places };
    Ok(question.report(whole(rows.into_iter().map(line).collect())))
}

fn place(commune: &'static Commune, sums: &BTreeMap<CommuneCode, Sum>) -> Place {
    Place {
        code: commune.code.to_string(),
        name: commune.name,
        department: commune.department,
        epci: commune.epci.unwrap_or_default(),
        population: commune.population.into(),
        sum: sums.get(&commune.code).cloned().unwrap_or_default(),
    }
}

/// Communes summed into their intercommunalités; those without one stand by themselves.
fn together(places: Vec<Place>) -> Vec<Place> {
    let mut summed: BTreeMap<String, Place> = BTreeMap::new();
    for place in places {
        let Some(epci) = territory::epci(place.epci) else {
            summed.insert(place.code.clone(), place);
            continue;
        };
        let new =
            || Place { code: epci.siren.to_owned(), name: epci.name, population: 0, sum: Sum::default(), ..place };
        let known = summed.entry(epci.siren.to_owned()).or_insert_with(new);
        known.population += place.population;
        known.sum.add(&place.sum);
    }
    summed.into_values().collect()
}

/// What happened, by commune of today: one that was merged since counts for the commune that it became.
fn sums(question: &Question) -> Result<BTreeMap<CommuneCode, Sum>, ReportError> {
    let mut sums: BTreeMap<CommuneCode, Sum> = BTreeMap::new();
    let today = |code: &str| {
        let found = *territory::today(&CommuneCode::parse(code).ok()?).first()?;
        Some(found.commune.unwrap_or(found.code))
    };
    each_hand_out(question, |fact| {
        let Some(commune) = fact.kept.as_ref().and_then(|kept| today(&kept.commune)) else { return };
        let sum = sums.entry(commune).or_default();
        sum.hand_outs += 1;
        sum.booklets += fact.booklets;
        sum.passes += fact.passes;
    })?;
    each_act(question, |act| {
        let (place, sign) = (act.place(), act.sign());
        let travelled = mention(place, "performed_in");
        let said = if travelled.is_empty() { mention(place, "venue_commune") } else { travelled };
        if let Some(commune) = today(&said) {
            let sum = sums.entry(commune).or_default();
            sum.spent += sign * act.passes();
            sum.venues.insert(mention(place, "venue"));
        }
        Ok::<_, StoreError>(())
    })?;
    Ok(sums)
}
