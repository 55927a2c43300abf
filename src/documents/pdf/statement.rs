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
/// The room of one column of figures at least.
const FIGURE: i32 = 540;
const AIR: i32 = 60;
const SIGNATURE: i32 = 620;

pub(in crate::documents) fn file(statement: &Statement) -> Vec<u8> {
    let mut sheets = Sheets::new(format!("{}  ·  {}", statement.about, statement.moment));
    header(&mut sheets, statement);
    sheets.space(AIR);
    for (label, value) in &statement.facts {
        row(&mut sheets, (LABEL, label), &[(PLAIN, value)], ROOM * 35 / 100);
    }
    for table in &statement.tables {
        of_table(&mut sheets, table);
    }
    sheets.space(AIR);
    sheets.paragraph(STRONG, MARGIN, ROOM, &statement.caveat);
    signatures(&mut sheets, &statement.signatures);
    sheets.space(AIR);
    let journal =
        format!("Établi d'après le journal jusqu'à la position {}, d'empreinte {}", statement.position, statement.head);
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

/// Its columns are named again on every page that it goes on to.
fn of_table(sheets: &mut Sheets, table: &StatementTable) {
    sheets.space(AIR);
    let heads: Vec<&str> = table.columns.iter().skip(1).map(String::as_str).collect();
    let columns = Columns::of(&heads);
    sheets.need(4 * PLAIN.leading());
    columns.row(sheets, (LABEL, &table.caption), &heads);
    for cells in &table.rows {
        let Some((label, figures)) = cells.split_first() else { continue };
        let figures: Vec<&str> = figures.iter().map(String::as_str).collect();
        if sheets.need(columns.height(PLAIN, label)) {
            columns.row(sheets, (LABEL, &table.caption), &heads);
        }
        columns.row(sheets, (PLAIN, label), &figures);
    }
}

/// The room of the labels of a table, and of each of its columns of figures.
#[derive(Debug, Clone, Copy)]
struct Columns {
    labels: i32,
    figure: i32,
}

impl Columns {
    /// As wide as the longest name asks for, while the labels keep a quarter of the page.
    fn of(heads: &[&str]) -> Self {
        let count = i32::try_from(heads.len()).unwrap_or(i32::MAX).max(1);
        let longest = heads.iter().map(|head| width(LABEL.face, LABEL.size, &encode(head))).max().unwrap_or(0);
        let figure = (longest + AIR).max(FIGURE).min(ROOM * 3 / 4 / count);
        Self { labels: ROOM - count * figure, figure }
    }

    fn height(self, kind: Type, label: &str) -> i32 {
        let lines = i32::try_from(kind.lines(self.labels - GAP, label).len()).unwrap_or(i32::MAX);
        lines.saturating_mul(kind.leading()).saturating_add(28)
    }

    fn row(self, sheets: &mut Sheets, (kind, label): (Type, &str), figures: &[&str]) {
        sheets.need(self.height(kind, label));
        sheets.rule(Ink::Line, 4);
        sheets.space(10);
        let top = sheets.y;
        let mut right = RIGHT;
        for figure in figures.iter().rev() {
            sheets.place_right(kind, right, top - kind.leading() + kind.size / 4, figure);
            right -= self.figure;
        }
        sheets.y = top - sheets.column(kind, (MARGIN, top), self.labels - GAP, label) - 8;
    }
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
}
