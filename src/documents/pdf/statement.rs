//! A statement laid out on sheets. What never lives here: a figure, or a word of it.

use super::GAP;
use super::letters::{Face, encode, width};
use super::sheet::{Ink, MARGIN, PAGE_WIDTH, ROOM, Sheets, Type};
use crate::documents::statement::{Statement, StatementTable};

const RIGHT: i32 = PAGE_WIDTH - MARGIN;
const PLAIN: Type = Type::new(Face::Regular, 80, Ink::Black);
const STRONG: Type = Type::new(Face::Bold, 80, Ink::Black);
const LABEL: Type = Type::new(Face::Regular, 76, Ink::Grey);
const SMALL: Type = Type::new(Face::Regular, 60, Ink::Black);
const AIR: i32 = 60;
const SIGNATURE: i32 = 620;

pub(in crate::documents) fn file(statement: &Statement) -> Vec<u8> {
    let mut sheets = Sheets::new(format!("{}  ·  {}", statement.about, statement.moment));
    header(&mut sheets, statement);
    sheets.space(AIR);
    for (label, value) in &statement.facts {
        row(&mut sheets, (LABEL, label), &[(PLAIN, value)], ROOM * 35 / 100);
    }
    // What is signed and the place to sign stay on one sheet, with the last lines of what they are of.
    let journal =
        format!("Établi d'après le journal jusqu'à la position {}, d'empreinte {}", statement.position, statement.head);
    let foot = AIR + SMALL.height(ROOM, &journal);
    let signed = STRONG.height(ROOM, &statement.caveat) + 2 * AIR + height_of(&statement.signatures) + foot;
    let last = statement.tables.len().saturating_sub(1);
    for (place, table) in statement.tables.iter().enumerate() {
        of_table(&mut sheets, table, if place == last { signed } else { 0 });
    }
    sheets.space(AIR);
    sheets.keep(signed - AIR);
    sheets.paragraph(STRONG, MARGIN, ROOM, &statement.caveat);
    signatures(&mut sheets, &statement.signatures);
    sheets.space(AIR);
    sheets.paragraph(SMALL, MARGIN, ROOM, &journal);
    sheets.finish(&statement.name(), &statement.sponsor)
}

fn header(sheets: &mut Sheets, statement: &Statement) {
    sheets.paragraph(STRONG, MARGIN, ROOM, &statement.sponsor);
    sheets.paragraph(PLAIN, MARGIN, ROOM, &statement.programme);
    sheets.space(25);
    sheets.paragraph(Type::new(Face::Bold, 150, Ink::Blue), MARGIN, ROOM, &statement.title);
    sheets.space(15);
    sheets.paragraph(Type::new(Face::Bold, 108, Ink::Black), MARGIN, ROOM, &statement.about);
    sheets.paragraph(PLAIN, MARGIN, ROOM, &statement.moment);
    sheets.space(45);
    sheets.rule(Ink::Blue, 16);
}

/// A label and what stands beside it: one text from `indent`, or figures that end at their columns.
fn row(sheets: &mut Sheets, (kind, label): (Type, &str), texts: &[(Type, &str)], indent: i32) {
    let lines = texts.iter().map(|(kind, text)| kind.lines(ROOM - indent, text).len()).max().unwrap_or(0);
    let lines = lines.max(kind.lines(indent - GAP, label).len());
    sheets.need(i32::try_from(lines).unwrap_or(i32::MAX).saturating_mul(kind.leading()).saturating_add(28));
    sheets.rule(Ink::Line, 4);
    sheets.space(10);
    let top = sheets.y;
    let mut height = sheets.column(kind, (MARGIN, top), indent - GAP, label);
    for (kind, text) in texts {
        height = height.max(sheets.column(*kind, (MARGIN + indent, top), ROOM - indent, text));
    }
    sheets.y = top - height - 8;
}

/// Its columns are named again on every page that it goes on to. Its last two rows stay together, so that no total stands without
/// anything that it is of; `tail` is the height of what must not stand without them.
fn of_table(sheets: &mut Sheets, table: &StatementTable, tail: i32) {
    sheets.space(AIR);
    let columns = Columns::of(table);
    let heads = table.columns.iter().skip(1).map(String::as_str).collect::<Vec<_>>();
    sheets.need(4 * PLAIN.leading());
    columns.row(sheets, (LABEL, &table.caption), &heads);
    let last = table.rows.len().saturating_sub(1);
    for (place, cells) in table.rows.iter().enumerate() {
        let Some((label, figures)) = cells.split_first() else { continue };
        let figures: Vec<&str> = figures.iter().map(String::as_str).collect();
        let own = columns.height(PLAIN, label, &figures);
        let with_it =
            if place + 1 == last { table.rows.get(last).map_or(0, |next| columns.height_of(next)) } else { 0 };
        let together = own + with_it + if place + 1 >= last { tail } else { 0 };
        if sheets.keep(together) || sheets.need(own + with_it) {
            columns.row(sheets, (LABEL, &table.caption), &heads);
        }
        columns.row(sheets, (PLAIN, label), &figures);
    }
}

/// The room of the labels of a table, and of each of its columns.
#[derive(Debug, Clone)]
struct Columns {
    labels: i32,
    figures: Vec<i32>,
}

impl Columns {
    /// As wide as what stands in each asks for, up to a share of the page, while the labels keep a quarter of it.
    fn of(table: &StatementTable) -> Self {
        let count = i32::try_from(table.columns.len()).unwrap_or(i32::MAX).saturating_sub(1).max(1);
        let wide = |kind: Type, text: &str| width(kind.face, kind.size, &encode(text));
        let asked = |column: usize| {
            let head = table.columns.get(column).map_or(0, |head| wide(LABEL, head));
            let cells = table.rows.iter().filter_map(|cells| cells.get(column)).map(|cell| wide(PLAIN, cell));
            cells.max().unwrap_or(0).max(head).saturating_add(AIR)
        };
        let share = (ROOM * 3 / 4 / count).max(ROOM / 5);
        let figures: Vec<i32> = (1..table.columns.len()).map(|column| asked(column).min(share)).collect();
        let sum = figures.iter().sum::<i32>();
        if sum > ROOM * 3 / 4 {
            let each = ROOM * 3 / 4 / count;
            return Self { labels: ROOM - count * each, figures: vec![each; figures.len()] };
        }
        Self { labels: ROOM - sum, figures }
    }

    fn height_of(&self, cells: &[String]) -> i32 {
        let Some((label, figures)) = cells.split_first() else { return 0 };
        self.height(PLAIN, label, &figures.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn height(&self, kind: Type, label: &str, figures: &[&str]) -> i32 {
        let cells = figures.iter().zip(&self.figures).map(|(text, room)| kind.height(room - AIR / 2, text));
        cells.max().unwrap_or(0).max(kind.height(self.labels - GAP, label)).saturating_add(28)
    }

    fn row(&self, sheets: &mut Sheets, (kind, label): (Type, &str), figures: &[&str]) {
        sheets.need(self.height(kind, label, figures));
        sheets.rule(Ink::Line, 4);
        sheets.space(10);
        let top = sheets.y;
        let (mut right, mut high) = (RIGHT, 0);
        for (figure, room) in figures.iter().zip(&self.figures).rev() {
            high = high.max(sheets.column_right(kind, (right, top), room - AIR / 2, figure));
            right -= room;
        }
        high = high.max(sheets.column(kind, (MARGIN, top), self.labels - GAP, label));
        sheets.y = top - high - 8;
    }
}

/// How high the places to sign are.
fn height_of(who: &[String]) -> i32 {
    let pairs = i32::try_from(who.len().div_ceil(2)).unwrap_or(i32::MAX);
    pairs.saturating_mul(SIGNATURE + GAP)
}

fn signatures(sheets: &mut Sheets, who: &[String]) {
    sheets.space(AIR);
    let room = (ROOM - GAP) / 2;
    for pair in who.chunks(2) {
        sheets.need(SIGNATURE);
        let top = sheets.y;
        for (title, x) in pair.iter().zip([MARGIN, MARGIN + room + GAP]) {
            sheets.frame((x, top - SIGNATURE), (room, SIGNATURE));
            sheets.column(LABEL, (x + 60, top - 15), room - 120, title);
            let foot = Type::new(Face::Regular, 68, Ink::Black);
            sheets.place(foot, x + 60, top - SIGNATURE + 45, &encode("Nom et qualité, date :"));
        }
        sheets.y = top - SIGNATURE - GAP;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::statement::specimen;

    #[test]
    fn a_statement_is_one_sheet_with_its_figures_and_runs_over_when_it_is_long() {
        let statement = specimen();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let short = text(&file(&statement));
        assert!(short.starts_with("%PDF-1.7") && short.contains("(24 498)"));
        assert_eq!(short.matches("/Type /Page\n").count(), 1);
        assert_eq!(file(&statement), file(&statement), "the same statement gives the same bytes");
        let mut long = statement;
        long.tables[0].rows = vec![long.tables[0].rows[0].clone(); 80];
        let long = text(&file(&long));
        let sheets = long.matches("/Type /Page\n").count();
        assert!(sheets > 1);
        assert_eq!(long.matches("(Registre)").count(), sheets, "columns have their names on every sheet");
    }

    /// The texts that the sheets show, sheet by sheet.
    fn sheets_of(statement: &Statement) -> Vec<String> {
        let file = String::from_utf8_lossy(&file(statement)).into_owned();
        file.split("endstream").map(str::to_owned).collect()
    }

    fn row(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|cell| (*cell).to_owned()).collect()
    }

    #[test]
    fn a_total_and_a_place_to_sign_never_stand_without_a_line_before_them() {
        for count in 1..60 {
            let mut statement = specimen();
            statement.signatures = row(&["Ordonnateur", "Comptable"]);
            let lines = (1..=count).map(|number| row(&[&format!("Ligne {number}"), "1", "2", "3"]));
            statement.tables[0].rows = lines.chain([row(&["Total", "10", "20", "30"])]).collect();
            let sheets = sheets_of(&statement);
            let sheet = |text: &str| sheets.iter().position(|sheet| sheet.contains(text)).unwrap();
            let last = sheet(&format!("(Ligne {count})"));
            assert_eq!(sheet(&statement.head), last, "{count}");
            assert_eq!((last, sheet("(Ordonnateur)")), (sheet("(Total)"), last), "{count}");
        }
    }

    #[test]
    fn columns_are_as_wide_as_what_stands_in_them() {
        let mut statement = specimen();
        let what = "7/1, Association Le Bus num. (SIRET 812 345 678 00015), demande 12 (mai 2021), compte FR76 **** 1234, avant le 2 juillet";
        statement.tables[0].columns = row(&["", "Pass", "Demand.", "Retenu", "Payer"]);
        statement.tables[0].rows = vec![row(&[what, "120", "1 200,00", "0,00", "1 200,00"])];
        let columns = Columns::of(&statement.tables[0]);
        assert!(columns.labels > ROOM * 55 / 100, "{columns:?}");
        assert!(PLAIN.lines(columns.labels - GAP, what).len() <= 3);
        assert!(columns.figures[0] < columns.figures[1], "{columns:?}");
    }

    #[test]
    fn a_long_cell_keeps_to_its_column() {
        let mut statement = specimen();
        let name = "Association intercommunale pour le num. en Sambre-Avesnois et en Thi.";
        statement.tables[0].rows = vec![row(&["Ligne", name, "1", "2"])];
        let columns = Columns::of(&statement.tables[0]);
        assert!(columns.labels + columns.figures.iter().sum::<i32>() <= ROOM, "{columns:?}");
        assert!(!sheets_of(&statement).iter().any(|sheet| sheet.contains(name)), "over several lines");
    }
}
