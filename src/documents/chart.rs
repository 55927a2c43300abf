//! A chart of bars as a picture (SVG), and as a page with the same figures in a table. Two series differ by their pattern and
//! not only by their colour; every bar bears its figure. What never lives here: where a figure comes from.

use askama::Template;

use super::html::{STYLE, hash_of};
use super::phrases;
use crate::domain::time::Day;

const CHART_STYLE: &str = include_str!("templates/chart.css");

/// In units of the picture.
const WIDTH: i64 = 960;
const RIGHT: i64 = 860;
/// Where bars begin at most, and what a letter of a label takes.
const FARTHEST_LEFT: i64 = 300;
const LETTER: i64 = 8;
/// What the title and the note of the journal take, which a page has of its own.
const HEADING: i64 = 56;
const NOTE: i64 = 28;
const TOP: i64 = 110;
const BAR: i64 = 16;
const GAP: i64 = 12;
const FOOT: i64 = 60;
/// Lines across the picture, the one at zero apart.
const LINES: i64 = 4;
/// Letters of a label beside a bar at most; the table has it whole.
const LONGEST: usize = 34;

/// What a chart shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    pub sponsor: String,
    pub programme: String,
    pub title: String,
    /// The day whose end it shows.
    pub as_of: Day,
    /// What the values of a bar are: one or two.
    pub series: Vec<String>,
    /// A label with a value for each series; none where it is masked.
    pub bars: Vec<(String, Vec<Option<i64>>)>,
    /// The last position of the journal that it counts, and the hash there.
    pub position: i64,
    pub head: String,
}

/// One bar as it is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Bar {
    y: i64,
    width: i64,
    /// Where its figure begins, and on which line it stands.
    text_x: i64,
    text_y: i64,
    figure: String,
    class: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    label: String,
    y: i64,
    bars: Vec<Bar>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    x: i64,
    figure: String,
}

#[derive(Template)]
#[template(path = "chart.svg")]
struct Picture<'a> {
    chart: &'a Chart,
    about: String,
    style: &'static str,
    width: i64,
    height: i64,
    /// Where what is seen begins, and how high it is.
    seen: (i64, i64),
    left: i64,
    label_x: i64,
    bottom: i64,
    bar: i64,
    legend: Vec<(i64, &'static str, &'a str)>,
    lines: Vec<Line>,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "chart.html")]
struct Page<'a> {
    chart: &'a Chart,
    moment: String,
    style: String,
    picture: String,
    rows: Vec<(&'a str, Vec<String>)>,
}

impl Chart {
    /// The picture, whole: nothing is fetched, and it may stand in any page.
    #[must_use]
    pub fn svg(&self) -> String {
        self.picture(false)
    }

    /// The picture, with its title and the note of the journal or, within a page that says both, without.
    fn picture(&self, within_page: bool) -> String {
        let high = self.step() * LINES;
        let rows = self.bars.iter().zip(0_i64..).map(|((label, values), place)| self.row(label, values, (place, high)));
        let rows: Vec<Row> = rows.collect();
        let bottom = TOP + self.row_height() * i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let (left, line) = (self.left(), |place: i64| {
            let value = self.step() * place;
            Line { x: self.across(value, high), figure: phrases::count(value) }
        });
        let (above, height) = if within_page { (HEADING, bottom + FOOT - NOTE) } else { (0, bottom + FOOT) };
        let legend = self.series.iter().zip(CLASSES).zip(0_i64..);
        let apart = room(self.series.iter().map(String::as_str)).saturating_add(5 * GAP);
        let picture = Picture {
            chart: self,
            about: format!("{} – {} – {}", self.sponsor, self.programme, self.moment()),
            style: CHART_STYLE,
            width: WIDTH,
            height: bottom + FOOT,
            seen: (above, height - above),
            left,
            label_x: left - GAP,
            bottom,
            bar: BAR,
            legend: legend.map(|((name, class), place)| (left + place * apart, class, name.as_str())).collect(),
            lines: (0..=LINES).map(line).collect(),
            rows,
        };
        // Writing to a String cannot fail.
        picture.render().unwrap_or_default()
    }

    /// The picture with its figures in a table, as a whole HTML page.
    #[must_use]
    pub fn html(&self) -> String {
        let figures = |values: &[Option<i64>]| values.iter().copied().map(figure).collect();
        let page = Page {
            chart: self,
            moment: self.moment(),
            style: page_style(),
            picture: self.picture(true),
            rows: self.bars.iter().map(|(label, values)| (label.as_str(), figures(values))).collect(),
        };
        // Writing to a String cannot fail.
        page.render().unwrap_or_default()
    }

    /// What a `Content-Security-Policy` writes after `style-src` to allow the styles of the page and no other.
    #[must_use]
    pub fn style_hashes() -> String {
        format!("{} {}", hash_of(&page_style()), hash_of(CHART_STYLE))
    }

    fn moment(&self) -> String {
        format!("Situation au {}", self.as_of.french())
    }

    /// Where bars begin: beside the longest label.
    fn left(&self) -> i64 {
        room(self.bars.iter().map(|(label, _)| label.as_str())).saturating_add(2 * GAP).min(FARTHEST_LEFT)
    }

    /// Where a value ends, between where bars begin and [`RIGHT`].
    fn across(&self, value: i64, high: i64) -> i64 {
        let left = self.left();
        left + value.saturating_mul(RIGHT - left) / high.max(1)
    }

    fn row_height(&self) -> i64 {
        i64::try_from(self.series.len()).unwrap_or(1) * BAR + GAP
    }

    /// What the lines across the picture count by: the least of 1, 2, 5, 10, 20, … that has room for the highest bar.
    fn step(&self) -> i64 {
        let highest = self.bars.iter().flat_map(|(_, values)| values).flatten().max().copied().unwrap_or(0);
        let powers = std::iter::successors(Some(1_i64), |power| power.checked_mul(10));
        let steps = powers.flat_map(|power| [1, 2, 5].map(|times| power.saturating_mul(times)));
        steps.into_iter().find(|step| step.saturating_mul(LINES) >= highest).unwrap_or(i64::MAX / LINES)
    }

    fn row(&self, label: &str, values: &[Option<i64>], (place, high): (i64, i64)) -> Row {
        let (left, top) = (self.left(), TOP + place * self.row_height());
        let bar = |((value, class), place): ((&Option<i64>, &'static str), i64)| {
            let width = self.across(value.unwrap_or(0).max(0), high) - left;
            let y = top + place * BAR;
            Bar { y, width, text_x: left + width + 6, text_y: y + BAR - 4, figure: figure(*value), class }
        };
        let bars: Vec<Bar> = values.iter().zip(CLASSES).zip(0_i64..).map(bar).collect();
        let middle = top + i64::try_from(bars.len()).unwrap_or(1) * BAR / 2 + 4;
        Row { label: shortened(label), y: middle, bars }
    }
}

/// How the series look, in order.
const CLASSES: [&str; 2] = ["plain", "hatched"];

/// What the longest of some texts takes.
fn room<'t>(texts: impl Iterator<Item = &'t str>) -> i64 {
    let longest = texts.map(|text| text.chars().count()).max().unwrap_or(0);
    i64::try_from(longest).unwrap_or(i64::MAX).saturating_mul(LETTER)
}

fn figure(value: Option<i64>) -> String {
    value.map_or_else(|| "masqué".to_owned(), phrases::count)
}

fn shortened(label: &str) -> String {
    if label.chars().count() <= LONGEST {
        return label.to_owned();
    }
    label.chars().take(LONGEST - 1).chain(['…']).collect()
}

fn page_style() -> String {
    format!(
        "{STYLE}main {{ max-width: 270mm; }}\nfigure {{ margin: 6mm 0; }}\nfigure svg {{ width: 100%; height: auto; }}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn specimen() -> Chart {
        Chart {
            sponsor: "Région Hauts-de-France".to_owned(),
            programme: "Pass numérique <HDF21>".to_owned(),
            title: "Carnets remis et carnets démarrés".to_owned(),
            as_of: Day::parse("2026-11-24").unwrap(),
            series: vec!["Carnets remis".to_owned(), "Carnets démarrés".to_owned()],
            bars: vec![
                ("CA Maubeuge Val de Sambre".to_owned(), vec![Some(1_240), Some(310)]),
                ("CC d'un nom qui est beaucoup trop long pour tenir".to_owned(), vec![Some(7), None]),
            ],
            position: 1042,
            head: "d4".repeat(32),
        }
    }

    #[test]
    fn every_figure_is_written_beside_its_bar_and_in_the_table() {
        let chart = specimen();
        let (svg, html) = (chart.svg(), chart.html());
        for wanted in ["1\u{202f}240", "310", "masqué", "Carnets démarrés", "Situation au 24/11/2026"] {
            assert!(svg.contains(wanted), "{wanted}: {svg}");
            assert!(html.matches(wanted).count() >= 2, "{wanted}");
        }
        assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\"") && svg.contains("role=\"img\""));
        assert!(svg.contains("<title") && svg.contains("url(#hatch)"), "told apart without colour");
        assert!(!svg.contains("<HDF21>") && !html.contains("<HDF21>"));
        assert!(html.contains("trop long pour tenir") && svg.contains("…"));
    }

    /// On a phone the picture is wider than the page, and a title within it would be cut.
    #[test]
    fn a_page_shows_the_picture_below_its_title_and_labels_take_no_more_room_than_they_need() {
        let chart = specimen();
        assert!(chart.svg().contains("viewBox=\"0 0 "));
        assert!(chart.html().contains(&format!("viewBox=\"0 {HEADING} ")));
        let short = Chart { bars: vec![("août 2026".to_owned(), vec![Some(3)])], ..chart.clone() };
        assert!(short.left() < FARTHEST_LEFT && chart.left() <= FARTHEST_LEFT);
    }

    #[test]
    fn bars_keep_their_proportions_within_the_picture() {
        let chart = specimen();
        assert_eq!(chart.step(), 500);
        let row = chart.row("a", &[Some(2_000), Some(1_000)], (0, 2_000));
        let whole = RIGHT - chart.left();
        assert_eq!((row.bars[0].width, row.bars[1].width), (whole, whole / 2));
        let empty = Chart { bars: Vec::new(), ..chart };
        assert_eq!(empty.step(), 1);
        assert!(empty.svg().contains("</svg>"));
    }
}
