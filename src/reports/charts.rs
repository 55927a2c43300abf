//! Figures to be drawn: the columns of a report that a chart shows, under their French names. What never lives here: a picture
//! (see `documents`).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::table::{Column, Meta, Report, Value};
use super::{ReportError, Request, open};
use crate::store::Store;

/// How rows become bars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A bar for each label, in the order of the labels.
    Labels,
    /// A bar for each label, the highest first; what comes after the first thirty is one bar.
    Highest,
    /// A bar for each column, over all rows.
    Columns,
}

/// A chart that can be asked for.
#[derive(Debug, Clone, Copy)]
pub struct Chart {
    /// Stable; part of the API.
    pub name: &'static str,
    /// In French.
    pub title: &'static str,
    report: &'static str,
    grain: &'static str,
    /// The column of the labels.
    label: &'static str,
    columns: &'static [&'static str],
    shape: Shape,
}

/// Bars of [`Shape::Highest`] at most, but the one of all others.
const MOST_BARS: usize = 30;
const OTHERS: &str = "Toutes les autres";

/// Every chart.
pub const CHARTS: &[Chart] = &[
    Chart {
        name: "uses-by-month",
        title: "Pass utilisés, mois par mois",
        report: "redemptions",
        grain: "month",
        label: "period",
        columns: &["net_passes"],
        shape: Shape::Labels,
    },
    Chart {
        name: "starts-by-month",
        title: "Carnets remis et carnets démarrés, par mois de remise",
        report: "cohorts",
        grain: "month",
        label: "cohort",
        columns: &["handed_out_booklets", "started_booklets"],
        shape: Shape::Labels,
    },
    Chart {
        name: "booklets-by-epci",
        title: "Carnets remis et carnets démarrés, par intercommunalité de résidence",
        report: "territories",
        grain: "epci",
        label: "name",
        columns: &["booklets", "started_booklets"],
        shape: Shape::Highest,
    },
    Chart {
        name: "funnel",
        title: "De la commande au dernier pass",
        report: "cohorts",
        grain: "order",
        label: "cohort",
        columns: &[
            "ordered_booklets",
            "delivered_booklets",
            "activated_booklets",
            "sent_booklets",
            "handed_out_booklets",
            "started_booklets",
            "finished_booklets",
        ],
        shape: Shape::Columns,
    },
];

/// A bar for each value; none where a value is masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bars {
    pub label: String,
    pub values: Vec<Option<i64>>,
}

/// What a chart shows.
#[derive(Debug)]
pub struct Drawn {
    pub title: &'static str,
    /// What the values of a bar are, in order.
    pub series: Vec<&'static str>,
    pub bars: Vec<Bars>,
    pub meta: Meta,
}

/// The figures of a chart on the day asked for.
///
/// # Errors
/// [`ReportError::ChartUnknown`], or those of the report that it is drawn from.
pub fn draw(name: &str, store: &Arc<Store>, request: &Request) -> Result<Drawn, ReportError> {
    let chart = CHARTS.iter().find(|chart| chart.name == name).ok_or(ReportError::ChartUnknown)?;
    let asked = Request { grain: Some(chart.grain.to_owned()), ..request.clone() };
    let mut report = open(chart.report, store, &asked)?;
    let sums = sums(chart, &mut report)?;
    let labels = series(chart, report.columns);
    let (series, bars) = match chart.shape {
        Shape::Labels => (labels, sums.into_iter().map(Bars::from).collect()),
        Shape::Highest => (labels, highest(sums)),
        Shape::Columns => {
            let all = sums.into_values().reduce(|one, other| added(&one, &other)).unwrap_or_default();
            let all = all.into_iter().chain(std::iter::repeat(Some(0)));
            let bar = |(label, value): (&str, Option<i64>)| Bars { label: label.to_owned(), values: vec![value] };
            (vec!["Carnets"], labels.into_iter().zip(all).map(bar).collect())
        }
    };
    Ok(Drawn { title: chart.title, series, bars, meta: report.meta })
}

impl From<(String, Vec<Option<i64>>)> for Bars {
    fn from((label, values): (String, Vec<Option<i64>>)) -> Self {
        Self { label, values }
    }
}

fn place(columns: &[Column], name: &str) -> Option<usize> {
    columns.iter().position(|column| column.name == name)
}

fn series(chart: &Chart, columns: &'static [Column]) -> Vec<&'static str> {
    let label = |name: &&str| Some(columns.get(place(columns, name)?)?.label);
    chart.columns.iter().filter_map(label).collect()
}

/// The values of each label: the sums of its rows, in the order of the labels.
fn sums(chart: &Chart, report: &mut Report) -> Result<BTreeMap<String, Vec<Option<i64>>>, ReportError> {
    let label = place(report.columns, chart.label);
    let places: Vec<Option<usize>> = chart.columns.iter().map(|name| place(report.columns, name)).collect();
    let mut sums: BTreeMap<String, Vec<Option<i64>>> = BTreeMap::new();
    while let Some(rows) = (report.pages)()? {
        for row in rows {
            let Some(Value::Text(name)) = label.and_then(|place| row.get(place)) else { continue };
            let values: Vec<Option<i64>> =
                places.iter().map(|place| place.and_then(|place| row.get(place)).and_then(Value::number)).collect();
            let sum = sums.remove(name).map_or_else(|| values.clone(), |sum| added(&sum, &values));
            sums.insert(name.clone(), sum);
        }
    }
    Ok(sums)
}

/// What is hidden of one is hidden of the sum.
fn added(one: &[Option<i64>], other: &[Option<i64>]) -> Vec<Option<i64>> {
    one.iter().zip(other).map(|(one, other)| Some((*one)?.saturating_add((*other)?))).collect()
}

fn highest(sums: BTreeMap<String, Vec<Option<i64>>>) -> Vec<Bars> {
    let mut bars: Vec<Bars> = sums.into_iter().map(Bars::from).collect();
    bars.sort_by_key(|bar| std::cmp::Reverse(bar.values.first().copied().flatten()));
    let others = bars.split_off(bars.len().min(MOST_BARS)).into_iter().map(|bar| bar.values);
    // What is hidden is hidden in the last bar too: the sum of some would tell the rest.
    bars.extend(others.reduce(|one, other| added(&one, &other)).map(|values| Bars::from((OTHERS.to_owned(), values))));
    bars
}

#[cfg(test)]
mod tests {
    use super::super::story::{Story, code, day};
    use super::*;

    #[test]
    fn every_chart_is_of_columns_that_its_report_has() {
        for chart in CHARTS {
            let entry = super::super::entry(chart.report).unwrap();
            assert!(place(entry.columns, chart.label).is_some(), "{}", chart.name);
            assert_eq!(series(chart, entry.columns).len(), chart.columns.len(), "{}", chart.name);
        }
    }

    #[test]
    fn a_chart_shows_what_its_report_says() {
        let story = Story::told();
        let request = Request::new(code("HDF26"), day("2026-05-20"));
        let bars = |name: &str| draw(name, &story.store, &request).unwrap().bars;
        let one =
            |label: &str, values: &[i64]| Bars::from((label.to_owned(), values.iter().copied().map(Some).collect()));
        assert_eq!(bars("uses-by-month"), [one("2026-03", &[3]), one("2026-04", &[2])]);
        assert_eq!(bars("starts-by-month"), [one("2026-03", &[2, 1])]);
        assert_eq!(bars("booklets-by-epci"), [one("CA Maubeuge Val de Sambre", &[2, 1])]);
        let funnel: Vec<Option<i64>> = bars("funnel").iter().map(|bar| bar.values[0]).collect();
        assert_eq!(funnel, [8, 6, 6, 4, 2, 1, 1].map(Some));
        assert_eq!(draw("pie", &story.store, &request).unwrap_err().code(), "chart_unknown");
    }

    #[test]
    fn the_highest_come_first_and_the_others_are_one_bar_that_gives_nothing_away() {
        let many = (0..40).map(|number| (format!("{number:02}"), vec![Some(number)])).collect();
        let bars = highest(many);
        assert_eq!((bars.len(), bars[0].values[0], bars[30].values[0]), (31, Some(39), Some((0..10).sum())));
        let hidden = (0..32).map(|number| (format!("{number:02}"), vec![Some(number).filter(|number| *number > 0)]));
        assert_eq!(highest(hidden.collect()).last().unwrap().values, [None]);
    }
}
