//! Tables that people send as text, line by line: each line is judged by itself, so that a quotation mark left open spoils
//! its own line and no other. What never lives here: what a column means, or what is said of a line.

/// Characters of a cell that are repeated in a verdict at most.
const LONGEST: usize = 40;

/// A line of a table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TableLine<'a> {
    /// In the file, from 1; blank lines count.
    pub(super) number: u64,
    /// `None` where the line cannot be read as text.
    pub(super) cells: Option<Vec<&'a str>>,
}

/// The table without its byte order mark, and what stands between two cells: a comma or a semicolon, as its first line has
/// it.
pub(super) fn opened(bytes: &[u8]) -> (&[u8], u8) {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    (bytes, if first.contains(&b';') { b';' } else { b',' })
}

/// The lines that are not blank and not a header, which is a first line whose first cell has no digit. A cell may stand
/// between quotation marks.
pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = TableLine<'_>> {
    let (bytes, delimiter) = opened(bytes);
    let numbered = bytes.split(|byte| *byte == b'\n').zip(1..);
    numbered.filter_map(move |(line, number)| read(line, number, char::from(delimiter)))
}

fn read(line: &[u8], number: u64, delimiter: char) -> Option<TableLine<'_>> {
    let is_stray = |c: char| c.is_control() && c != '\t';
    let Some(line) = str::from_utf8(line).ok().map(str::trim).filter(|line| !line.contains(is_stray)) else {
        return Some(TableLine { number, cells: None });
    };
    let cells: Vec<&str> = line.split(delimiter).map(|cell| cell.trim().trim_matches('"').trim()).collect();
    let first = cells.first().copied().unwrap_or_default();
    let is_header = number == 1 && !first.contains(|c: char| c.is_ascii_digit());
    (!line.is_empty() && !is_header).then_some(TableLine { number, cells: Some(cells) })
}

/// The cell as a verdict repeats it.
pub(super) fn shown(cell: &str) -> String {
    cell.chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<(u64, Vec<&str>)> {
        lines(text.as_bytes()).map(|line| (line.number, line.cells.unwrap())).collect()
    }

    #[test]
    fn a_table_is_read_with_either_separator_with_or_without_its_header() {
        let expected = vec![(2, vec!["12", "6A1"]), (4, vec!["13", "a,b"])];
        assert_eq!(cells("\u{feff}demande;suivi\r\n12; \"6A1\" \r\n\r\n13;a,b\r\n"), expected);
        assert_eq!(cells("12,6A1\n13"), [(1, vec!["12", "6A1"]), (2, vec!["13"])]);
        assert_eq!(cells(""), []);
    }

    #[test]
    fn a_line_that_is_no_text_spoils_itself_alone() {
        let read: Vec<_> = lines(b"1,\xff\n2,\"b\n3,\x1fc\n4,d").map(|line| line.cells).collect();
        assert_eq!(read, [None, Some(vec!["2", "b"]), None, Some(vec!["4", "d"])]);
    }

    #[test]
    fn a_verdict_repeats_little_of_a_cell_and_nothing_that_is_not_seen() {
        assert_eq!(shown("a\u{1b}b"), "ab");
        assert_eq!(shown(&"é".repeat(50)), "é".repeat(LONGEST));
    }
}
