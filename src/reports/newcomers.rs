//! Nouveaux venus : of each venue, how many visits it said were somebody's first there, and how many it said were not. What never
//! lives here: who came.

use std::collections::BTreeMap;

use super::question::{Parameter, Question, mention};
use super::redemptions::each_act;
use super::table::{Column, Report, Row, row, whole};
use super::{Access, Entry, ReportError};
use crate::store::StoreError;

/// Net of reversals. `said`: visits of which the venue said whether they were the first; `first_visits` of those.
const COLUMNS: &[Column] = &[
    Column::text("provider", "Structure"),
    Column::text("venue_id", "Identifiant du lieu"),
    Column::text("venue", "Lieu"),
    Column::text("venue_commune", "Commune du lieu"),
    Column::integer("visits", "Visites"),
    Column::integer("said", "Visites où le lieu l'a dit"),
    Column::integer("first_visits", "Premières venues"),
    Column::integer("passes", "Pass utilisés"),
];

pub(super) const ENTRY: Entry = Entry {
    name: "newcomers",
    title: "Nouveaux venus, par lieu",
    columns: COLUMNS,
    access: Access::OwnPart,
    parameters: &[Parameter::From],
    open,
};

/// What one venue said.
#[derive(Debug, Default)]
struct Visits {
    venue: String,
    commune: String,
    all: i64,
    said: i64,
    first: i64,
    passes: i64,
}

fn open(question: &Question) -> Result<Report, ReportError> {
    let mut venues: BTreeMap<(String, String), Visits> = BTreeMap::new();
    each_act(question, |act| {
        if question.request.scope.as_ref().is_some_and(|scope| act.provider() != scope.as_str()) {
            return Ok(());
        }
        let (place, sign) = (act.place(), act.sign());
        let visits = venues.entry((act.provider().to_owned(), mention(place, "venue"))).or_default();
        (visits.venue, visits.commune) = (mention(place, "venue_name"), mention(place, "venue_commune"));
        visits.all += sign;
        visits.passes += sign * act.passes();
        match mention(place, "first_visit").as_str() {
            "" => {}
            said => {
                visits.said += sign;
                visits.first += if said == "yes" { sign } else { 0 };
            }
        }
        Ok::<_, StoreError>(())
    })?;
    let line = |((provider, id), visits): ((String, String), Visits)| -> Row {
        let Visits { venue, commune, all, said, first, passes } = visits;
        row![provider, id, venue, commune, all, said, first, passes]
    };
    Ok(question.report(whole(venues.into_iter().map(line).collect())))
}
