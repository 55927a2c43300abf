//! The execution report of a year, for the State that pays a part: as data, or as a document to be signed. What never lives here:
//! a figure (see `reports`), or how a page looks (see `documents`).

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::app::App;
use super::caller::SignedIn;
use super::documents::{Form, accepted};
use super::envelope::query;
use super::problem::Problem;
use super::statements::{answer, heading, read};
use crate::auth::Action;
use crate::documents::{Figure, FigureTable, Statement, public_in_words};
use crate::domain::eligibility::Choice;
use crate::domain::time::Day;
use crate::reports::{self, Request, Row, Section, Value};

/// Of which year.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ExecutionQuery {
    /// Until its last day, or today while it lasts.
    #[param(example = 2026)]
    year: i32,
}

/// A report of which the execution report is made.
#[derive(Debug, Serialize, ToSchema)]
struct ExecutionSection {
    #[schema(example = "funders")]
    report: &'static str,
    title: &'static str,
    /// As in that report.
    #[schema(value_type = Vec<Object>)]
    rows: Vec<serde_json::Value>,
}

/// The execution report as data.
#[derive(Debug, Serialize, ToSchema)]
struct ExecutionReport {
    year: i32,
    from: String,
    as_of: String,
    sections: Vec<ExecutionSection>,
    /// The last position of the journal that counts, and the hash there.
    position: i64,
    head: String,
}

/// The execution report of a year: account of the passes, funders, cohorts by order, indicators with their definitions, publics,
/// intercommunalités; as JSON, or to be signed by `Accept: text/html` or `application/pdf`.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/execution-report", tag = "reports",
    params(("programme" = String, Path), ExecutionQuery),
    responses((status = 200, description = "The report", content(
        (ExecutionReport = "application/json"), (String = "text/html"), (Vec<u8> = "application/pdf")))))]
pub(super) async fn execution(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadWholeProgramme)?;
    let programme = signed_in.programme(&app, &path).await?;
    let (form, year) = (accepted(&request)?, query::<ExecutionQuery>(&request)?.year);
    let today = app.clock.now().day();
    let (from, end) = Day::new(year, 1, 1).map_err(|malformed| Problem::from(malformed).field("year"))?.year_ends();
    if from > today {
        return Err(Problem::new("date_in_future").about("date", from.french()).field("year"));
    }
    let as_of = end.min(today);
    let asked = Request::new(programme.code.clone(), as_of);
    let (meta, sections) = read(&app, move |store| reports::execution(store, &asked, from)).await?;
    if form == Form::Json {
        let section =
            |section: Section| ExecutionSection { report: section.name, title: section.title, rows: section.json() };
        let (from, as_of) = (from.to_string(), as_of.to_string());
        let sections = sections.into_iter().map(section).collect();
        let (position, head) = (meta.position, meta.head);
        return Ok(HttpResponse::Ok().json(ExecutionReport { year, from, as_of, sections, position, head }));
    }
    let name = format!("{}-rapport-execution-{year}", programme.code);
    let journal = (meta.position, meta.head);
    let (heading, rules) =
        app.read(move |tx| Ok((heading(tx, &programme, journal, as_of)?, tx.rule_sets(programme.no)?))).await?;
    // Of rules that came later, the words count.
    let grounds: Vec<Choice> = rules.iter().rev().flat_map(|rules| rules.grounds(as_of)).collect();
    let tables = LAYOUT.iter().filter_map(|layout| layout.table(&sections, &grounds)).collect();
    let facts = facts(&sections);
    Ok(answer(&Statement::execution(heading, year, facts, tables), form, &name))
}

/// How a section is laid out: what stands on the left, and which columns beside it.
struct Layout {
    section: &'static str,
    caption: &'static str,
    label: fn(&Section, &Row, &[Choice]) -> String,
    columns: &'static [(&'static str, &'static str)],
    /// Rows that are shown.
    wanted: fn(&Section, &Row) -> bool,
}

/// Units of what is one number divided by another.
const QUOTIENTS: &[&str] = &["per_mille", "per_hundred", "minutes"];

/// The sections that count people.
const MASKED: &[&str] = &["indicators", "publics", "territories"];

const LAYOUT: &[Layout] = &[
    Layout {
        section: "programme-account",
        caption: "Pass",
        label: |section, row, _| text(section, row, "label"),
        columns: &[("period_passes", "Dans l'année"), ("total_passes", "Cumul"), ("total_cents", "Valeur cumulée")],
        wanted: |_, _| true,
    },
    Layout {
        section: "funders",
        caption: "Financement, par commande",
        label: |section, row, _| format!("{} – {}", text(section, row, "order_number"), text(section, row, "funder")),
        columns: &[("committed_cents", "Engagé"), ("used_cents", "Utilisé"), ("to_repay_cents", "À rendre")],
        wanted: |_, _| true,
    },
    Layout {
        section: "cohorts",
        caption: "Carnets, par commande",
        label: |section, row, _| text(section, row, "cohort"),
        columns: &[
            ("delivered_booklets", "Pris en charge"),
            ("handed_out_booklets", "Remis"),
            ("started_booklets", "Démarrés"),
            ("finished_booklets", "Épuisés"),
        ],
        wanted: |_, _| true,
    },
    Layout {
        section: "indicators",
        caption: "Indicateurs et leur définition",
        label: |section, row, grounds| {
            let indicator = text(section, row, "indicator");
            let public = indicator.split_once(':').map(|(_, of)| of).filter(|of| *of != "not_given");
            let public = public.map(|of| format!(" « {} »", public_in_words(of, grounds))).unwrap_or_default();
            format!("{}{public} : {}", text(section, row, "label"), text(section, row, "definition"))
        },
        columns: &[("value", "Valeur"), ("numerator", "Numérateur"), ("denominator", "Dénominateur")],
        wanted: |_, _| true,
    },
    Layout {
        section: "publics",
        caption: "Publics",
        label: |section, row, grounds| {
            let in_words = |name: &str| public_in_words(&text(section, row, name), grounds);
            format!("{}, {}", in_words("ground"), in_words("age_band"))
        },
        columns: &[("hand_outs", "Remises"), ("passes", "Pass")],
        wanted: |_, _| true,
    },
    Layout {
        section: "territories",
        caption: "Intercommunalités",
        label: |section, row, _| text(section, row, "name"),
        columns: &[
            ("hand_outs", "Remises"),
            ("spent_passes", "Pass utilisés sur place"),
            ("accepting_venues", "Lieux"),
        ],
        wanted: |section, row| {
            let nothing = |name: &str| section.cell(row, name).and_then(Value::number) == Some(0);
            !(nothing("hand_outs") && nothing("spent_passes"))
        },
    },
];

impl Layout {
    fn table(&self, sections: &[Section], grounds: &[Choice]) -> Option<FigureTable> {
        let section = sections.iter().find(|section| section.name == self.section)?;
        let row = |row: &Row| {
            let figures = self.columns.iter().map(|(name, _)| figure(section, row, name));
            ((self.label)(section, row, grounds), figures.collect())
        };
        Some(FigureTable {
            caption: self.caption.to_owned(),
            columns: self.columns.iter().map(|(_, header)| (*header).to_owned()).collect(),
            rows: section.rows.iter().filter(|row| (self.wanted)(section, row)).map(row).collect(),
        })
    }
}

fn text(section: &Section, row: &Row, name: &str) -> String {
    section.cell(row, name).map(super::statements::text).unwrap_or_default()
}

/// A count in words: `1 jour`, `13 jours`.
fn counted(count: i64, one: &str) -> String {
    format!("{count} {one}{}", if count.abs() < 2 { "" } else { "s" })
}

fn figure(section: &Section, row: &Row, name: &str) -> Figure {
    let unit = text(section, row, "unit");
    let is_value = name == "value";
    let untold = match name {
        "value" => section.cell(row, "denominator").and_then(Value::number) == Some(0),
        // What was only counted is no quotient.
        "numerator" | "denominator" => !QUOTIENTS.contains(&&*unit),
        _ => false,
    };
    match section.cell(row, name) {
        Some(Value::Integer(_)) if untold => Figure::Text("–".to_owned()),
        Some(Value::Integer(thousandths)) if is_value && unit == "per_mille" => Figure::PerMille(*thousandths),
        Some(Value::Integer(days)) if is_value && unit == "days" => Figure::Text(counted(*days, "jour")),
        Some(Value::Integer(minutes)) if is_value && unit == "minutes" => Figure::Text(counted(*minutes, "minute")),
        Some(Value::Integer(count)) => Figure::Count(*count),
        Some(Value::Cents(cents)) => Figure::Money(*cents),
        Some(Value::Text(text)) => Figure::Text(text.clone()),
        // What counts people is masked; elsewhere a cell is empty where there is nothing to say: what stands at the end of a day
        // has no period, and an amount no passes.
        Some(Value::Empty) if MASKED.contains(&section.name) => Figure::Masked,
        Some(Value::Empty) | None => Figure::Text("–".to_owned()),
        Some(Value::Day(day)) => Figure::Text(day.french()),
        Some(Value::Instant(instant)) => Figure::Text(instant.french()),
    }
}

/// What stands above the tables.
fn facts(sections: &[Section]) -> Vec<(String, String)> {
    let Some(places) = sections.iter().find(|section| section.name == "territories") else { return Vec::new() };
    let white = |row: &&Row| places.cell(row, "white_zone").and_then(Value::number) == Some(1);
    let count = i64::try_from(places.rows.iter().filter(white).count()).unwrap_or(i64::MAX);
    let (places, all) = (counted(count, "intercommunalité"), places.rows.len());
    vec![(
        "Zones blanches".to_owned(),
        format!("{places} sur {all} : des habitants concernés, et ni lieu qui accepte le pass ni séance annoncée"),
    )]
}
