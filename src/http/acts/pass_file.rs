//! The issuer's file of passes, line by line: what stands there, and what is wrong with it within the file and the
//! order. What never lives here: the database, a code in clear beyond the line it stands on.

use std::collections::BTreeMap;

use super::super::problem::LineVerdict;
use super::super::table_file::{self, TableLine};
use crate::catalogue;
use crate::domain::code::PassCode;
use crate::domain::refusal::Malformed;
use crate::domain::serial::{PassSerial, SerialRange};
use crate::domain::short_code::ShortCode;
use crate::domain::stock::CodeMac;
use crate::domain::text::Reference;

/// The verdict on a line that is right.
pub(super) const OK: &str = "ok";

/// What was ordered, as far as a line depends on it.
#[derive(Debug)]
pub(super) struct Ordered {
    pub(super) programme: ShortCode,
    pub(super) number: Reference,
    pub(super) range: SerialRange,
    pub(super) passes_per_booklet: u8,
}

/// One line as read: the pass and the digest of its code, or the code of what is wrong.
#[derive(Debug)]
pub(super) struct Line {
    /// In the file, from 1.
    number: u64,
    text: String,
    /// Known even where the code of the line cannot be read.
    serial: Option<PassSerial>,
    pub(super) read: Result<(PassSerial, CodeMac), &'static str>,
}

impl Line {
    fn unreadable(number: u64) -> Self {
        Self { number, text: String::new(), serial: None, read: Err("line_unreadable") }
    }

    /// What is said of the line: about the pass, or about its booklet where the whole booklet is concerned.
    pub(super) fn verdict(self, order: &Ordered) -> LineVerdict {
        let wrong = self.read.err();
        let (number, size) = (order.number.to_string(), order.passes_per_booklet.to_string());
        let booklet = self.serial.map_or_else(|| self.text.clone(), |serial| serial.booklet().to_string());
        let fact = |name: &str| match name {
            "serial" if wrong == Some("code_repeated") => Some(self.text.as_str()),
            "serial" => Some(booklet.as_str()),
            "order" => Some(number.as_str()),
            "size" => Some(size.as_str()),
            _ => None,
        };
        let detail = wrong.map(|code| catalogue::fill(catalogue::find(code).french, fact));
        LineVerdict { line: self.number, serial: self.text, verdict: wrong.unwrap_or(OK), detail }
    }
}

/// Reads `serial,code`, one pass per line. A code is turned into its digest at once.
pub(super) fn read(bytes: &[u8], digest: impl Fn(&PassCode) -> CodeMac) -> Vec<Line> {
    table_file::lines(bytes).filter_map(|line| read_line(&line, &digest)).collect()
}

/// The pass of a line; `None` for the control line of a print file of ours.
fn read_line(line: &TableLine<'_>, digest: &impl Fn(&PassCode) -> CodeMac) -> Option<Line> {
    let number = line.number;
    let Some(cells) = &line.cells else { return Some(Line::unreadable(number)) };
    let mut cells = cells.iter().copied();
    let (first, second) = (cells.next().unwrap_or_default(), cells.next().unwrap_or_default());
    if first.starts_with('#') {
        return None;
    }
    let serial = PassSerial::parse(first);
    let code = || PassCode::parse(second).map(|code| digest(&code));
    let read = serial.clone().and_then(|serial| Ok((serial, code()?))).map_err(Malformed::code);
    // Columns the wrong way round: a verdict must not repeat a code.
    let swapped = PassCode::parse(first).is_ok();
    let text = if swapped { String::new() } else { table_file::shown(first) };
    Some(Line { number, text, serial: serial.ok(), read })
}

/// Every booklet whole, of this order, each pass and each code once.
pub(super) fn check(order: &Ordered, lines: &mut [Line]) {
    let mut passes: BTreeMap<(u32, u8), usize> = BTreeMap::new();
    let mut codes: BTreeMap<CodeMac, usize> = BTreeMap::new();
    for serial in lines.iter().filter_map(|line| line.serial.as_ref()) {
        *passes.entry((serial.booklet().number(), serial.rank())).or_default() += 1;
    }
    for (_, mac) in lines.iter().filter_map(|line| line.read.as_ref().ok()) {
        *codes.entry(*mac).or_default() += 1;
    }
    let mut sizes: BTreeMap<u32, usize> = BTreeMap::new();
    for (number, _) in passes.keys() {
        *sizes.entry(*number).or_default() += 1;
    }
    let size = usize::from(order.passes_per_booklet);
    for line in lines {
        let Ok((serial, mac)) = &line.read else { continue };
        let number = serial.booklet().number();
        let once = |count: Option<&usize>| count == Some(&1);
        let wrong = if serial.booklet().programme() != &order.programme || !order.range.contains(number) {
            Some("booklet_not_in_order")
        } else if !once(passes.get(&(number, serial.rank()))) {
            Some("code_repeated")
        } else if !once(codes.get(mac)) {
            Some("code_taken")
        } else if sizes.get(&number) != Some(&size) || serial.rank() > order.passes_per_booklet {
            Some("booklet_incomplete")
        } else {
            None
        };
        if let Some(code) = wrong {
            line.read = Err(code);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::serial::BookletSerial;

    fn programme() -> ShortCode {
        ShortCode::parse("HDF21").unwrap()
    }

    fn code(number: u8) -> String {
        PassCode::from_random(&[number; 9]).grouped()
    }

    fn line(booklet: u32, rank: u8, separator: char) -> String {
        let serial = BookletSerial::new(programme(), booklet).unwrap().pass(rank).unwrap();
        format!("{serial}{separator}{}", code(u8::try_from(booklet).unwrap() * 10 + rank))
    }

    /// Booklets 1 and 2, of two passes each.
    fn whole(separator: char, end: &str) -> String {
        [(1, 1), (1, 2), (2, 1), (2, 2)].map(|(booklet, rank)| line(booklet, rank, separator) + end).concat()
    }

    /// Where and why each line is wrong, in an order of booklets 1 to 5 of two passes.
    fn said(file: impl AsRef<[u8]>) -> Vec<(u64, &'static str, String)> {
        let digest = |code: &PassCode| {
            let mut mac = [0; 32];
            mac[..14].copy_from_slice(code.payload().as_bytes());
            mac
        };
        let range = SerialRange::new(1, 5).unwrap();
        let number = Reference::parse("CMD-1").unwrap();
        let order = Ordered { programme: programme(), number, range, passes_per_booklet: 2 };
        let mut lines = read(file.as_ref(), digest);
        check(&order, &mut lines);
        let verdicts = lines.into_iter().map(|line| line.verdict(&order));
        verdicts.map(|line| (line.line, line.verdict, line.detail.unwrap_or_default())).collect()
    }

    fn fine(file: impl AsRef<[u8]>) -> bool {
        let said = said(file);
        said.len() == 4 && said.iter().all(|(_, verdict, _)| *verdict == OK)
    }

    #[test]
    fn a_file_is_read_with_either_separator_ending_and_with_or_without_a_header_or_a_mark() {
        for separator in [',', ';'] {
            for end in ["\n", "\r\n"] {
                let body = whole(separator, end);
                assert!(fine(&body), "no header");
                assert!(fine(format!("\u{feff}{body}")), "a mark");
                assert!(fine(format!("serial{separator}code{end}{body}")), "a header");
                assert!(fine(format!("\u{feff}Numéro{separator}Code{end}{end}{body}{end}#total{separator}4{end}")));
            }
        }
    }

    #[test]
    fn a_wrong_code_spoils_its_own_line_and_no_other() {
        let wrong = whole(',', "\n").replacen(&code(12), "7K3M-Q9TX-2WHB-0000", 1);
        let said = said(format!("serial,code\n\n{wrong}"));
        let verdicts: Vec<_> = said.iter().map(|(line, verdict, _)| (*line, *verdict)).collect();
        assert_eq!(verdicts, [(3, OK), (4, "code_malformed"), (5, OK), (6, OK)], "lines are those of the file");
    }

    #[test]
    fn a_booklet_must_be_whole_and_the_sentence_says_which() {
        let file = format!("{}{}", line(1, 1, ',') + "\n", line(2, 1, ',') + "\n" + &line(2, 2, ','));
        let said = said(file);
        assert_eq!(said[0].1, "booklet_incomplete");
        assert_eq!(said[0].2, "Dans le fichier, le carnet HDF21-000001-85 n'a pas ses 2 pass.");
        assert!(said[1..].iter().all(|(_, verdict, _)| *verdict == OK));
    }

    #[test]
    fn a_pass_or_a_code_stands_once_and_belongs_to_the_order() {
        let twice = said(format!("{}{}", whole(',', "\n"), line(1, 1, ',')));
        assert_eq!((twice[0].1, twice[4].1), ("code_repeated", "code_repeated"));
        assert_eq!(twice[4].2, "Le même pass (HDF21-000001-85/01) est présenté deux fois.");
        let same_code = said(whole(',', "\n").replacen(&code(22), &code(21), 1));
        assert_eq!((same_code[2].1, same_code[3].1), ("code_taken", "code_taken"));
        let foreign = said(line(6, 1, ','));
        assert_eq!(foreign[0].1, "booklet_not_in_order");
        assert!(foreign[0].2.ends_with("la commande ou à la livraison « CMD-1 »."), "{}", foreign[0].2);
    }

    #[test]
    fn what_is_no_text_is_said_to_be_unreadable() {
        let mut latin1 = whole(',', "\n").into_bytes();
        latin1.extend_from_slice(b"\xe9,x\n");
        assert_eq!(said(latin1).pop().map(|(line, verdict, _)| (line, verdict)), Some((5, "line_unreadable")));
        assert_eq!(said("HDF21-0000\0,x\n")[0].1, "line_unreadable");
        assert_eq!(said("1\n")[0].1, "serial_malformed");
        let swapped = read(format!("{},x", code(1)).as_bytes(), |_| [0; 32]).pop().unwrap();
        assert!(swapped.text.is_empty() && swapped.read == Err("serial_malformed"));
        assert!(said("").is_empty() && said("serial,code\n").is_empty());
    }
}
