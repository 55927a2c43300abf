//! Letters of the PDF: Windows-1252 (`WinAnsiEncoding`), which every reader has for Helvetica, and how wide each is.
//! What never lives here: where a letter goes on the page.

use crate::documents::phrases::spaced;
use unicode_normalization::UnicodeNormalization;

/// The two faces of a document, both among the fourteen that every reader has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Face {
    Regular,
    Bold,
}

/// The characters of bytes 0x80 to 0x9f; a bullet where there is none.
const UPPER: [char; 32] = [
    '€', '•', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '•', 'Ž', '•', '•', '‘', '’', '“', '”', '•', '–',
    '—', '˜', '™', 'š', '›', 'œ', '•', 'ž', 'Ÿ',
];

/// Advance widths of bytes 32 to 255 in thousandths of the type size (Adobe font metrics of Helvetica).
#[rustfmt::skip]
const REGULAR: [u16; 224] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667,
    556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556,
    556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722,
    500, 500, 500, 334, 260, 334, 584, 350, 556, 350, 222, 556, 333, 1000, 556, 556, 333, 1000, 667, 333, 1000, 350,
    611, 350, 350, 222, 222, 333, 333, 350, 556, 1000, 333, 1000, 500, 333, 944, 350, 500, 667, 278, 333, 556, 556,
    556, 556, 260, 556, 333, 737, 370, 556, 584, 333, 737, 552, 400, 549, 333, 333, 333, 576, 537, 278, 333, 333,
    365, 556, 834, 834, 834, 611, 667, 667, 667, 667, 667, 667, 1000, 722, 667, 667, 667, 667, 278, 278, 278, 278,
    722, 722, 778, 778, 778, 778, 778, 584, 778, 722, 722, 722, 722, 667, 667, 611, 556, 556, 556, 556, 556, 556,
    889, 500, 556, 556, 556, 556, 278, 278, 278, 278, 556, 556, 556, 556, 556, 556, 556, 549, 611, 556, 556, 556,
    556, 500, 556, 500,
];

/// The same for Helvetica-Bold.
#[rustfmt::skip]
const BOLD: [u16; 224] = [
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722,
    611, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556, 333, 556,
    611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778,
    556, 556, 500, 389, 280, 389, 584, 350, 556, 350, 278, 556, 500, 1000, 556, 556, 333, 1000, 667, 333, 1000, 350,
    611, 350, 350, 278, 278, 500, 500, 350, 556, 1000, 333, 1000, 556, 333, 944, 350, 500, 667, 278, 333, 556, 556,
    556, 556, 280, 556, 333, 737, 370, 556, 584, 333, 737, 552, 400, 549, 333, 333, 333, 576, 556, 278, 333, 333,
    365, 556, 834, 834, 834, 611, 722, 722, 722, 722, 722, 722, 1000, 722, 667, 667, 667, 667, 278, 278, 278, 278,
    722, 722, 778, 778, 778, 778, 778, 584, 778, 722, 722, 722, 722, 667, 667, 611, 556, 556, 556, 556, 556, 556,
    889, 556, 556, 556, 556, 556, 278, 278, 278, 278, 611, 611, 611, 611, 611, 611, 611, 549, 611, 611, 611, 611,
    611, 556, 611, 556,
];

/// The text in Windows-1252. Thin no-break spaces become plain no-break spaces; a letter the encoding lacks loses its
/// marks, and becomes a question mark where nothing is left of it.
pub(super) fn encode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for c in spaced(text).nfc() {
        match byte(c) {
            Some(byte) => bytes.push(byte),
            None => match std::iter::once(c).nfkd().find_map(byte) {
                Some(byte) => bytes.push(byte),
                None => bytes.push(b'?'),
            },
        }
    }
    bytes
}

fn byte(c: char) -> Option<u8> {
    match c {
        '\u{202f}' | '\u{2007}' | '\u{2009}' => Some(0xa0),
        // Hyphens that do not break, and the minus sign.
        '\u{2010}' | '\u{2011}' | '\u{2212}' => Some(b'-'),
        ' '..='~' | '\u{a0}'..='ÿ' => u8::try_from(u32::from(c)).ok(),
        other => (0x80..=0x9f_u8).zip(UPPER).find_map(|(byte, upper)| (upper == other).then_some(byte)),
    }
}

/// How wide the bytes are at this size, in the unit of the size.
pub(super) fn width(face: Face, size: i32, bytes: &[u8]) -> i32 {
    let widths = match face {
        Face::Regular => &REGULAR,
        Face::Bold => &BOLD,
    };
    let of = |byte: &u8| usize::from(*byte).checked_sub(32).and_then(|place| widths.get(place)).copied().unwrap_or(0);
    bytes.iter().map(|byte| i32::from(of(byte))).sum::<i32>() * size / 1000
}

/// Breaks the text at spaces so that each line fits; a word longer than a line is cut. Never gives an empty list.
pub(super) fn wrap(face: Face, size: i32, room: i32, text: &str) -> Vec<Vec<u8>> {
    let fits = |bytes: &[u8]| width(face, size, bytes) <= room;
    let mut lines: Vec<Vec<u8>> = Vec::new();
    let mut line: Vec<u8> = Vec::new();
    for word in encode(text).split(|byte| *byte == b' ').filter(|word| !word.is_empty()) {
        let longer = if line.is_empty() { word.to_vec() } else { [&line, &b" "[..], word].concat() };
        if fits(&longer) {
            line = longer;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for byte in word {
            line.push(*byte);
            if line.len() > 1 && !fits(&line) {
                line.pop();
                lines.push(std::mem::replace(&mut line, vec![*byte]));
            }
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_and_the_euro_sign_have_their_bytes() {
        assert_eq!(
            encode("Été à Œuf, 1\u{202f}000\u{a0}€ « ï »"),
            b"\xc9t\xe9 \xe0 \x8cuf, 1\xa0000\xa0\x80 \xab\xa0\xef\xa0\xbb"
        );
        assert_eq!(encode("e\u{301}"), b"\xe9");
    }

    #[test]
    fn letters_out_of_reach_keep_their_base_or_become_a_question_mark() {
        assert_eq!(encode("Ştefan ő ﬁ Жук\u{7f}"), b"Stefan o f ????");
    }

    #[test]
    fn widths_are_those_of_helvetica() {
        assert_eq!(width(Face::Regular, 1000, b"A i"), 667 + 278 + 222);
        assert_eq!(width(Face::Bold, 100, b"\x80"), 55);
    }

    #[test]
    fn lines_fit_and_no_letter_is_lost() {
        let text = "Arrêté à la somme de quatre mille trois cents euros. HDF21-000101-09HDF21-000101-09HDF21-000101-09";
        for room in [200, 700, 5000] {
            let lines = wrap(Face::Regular, 80, room, text);
            assert!(lines.iter().all(|line| width(Face::Regular, 80, line) <= room), "{room}");
            let kept: Vec<u8> = lines.concat().into_iter().filter(|byte| *byte != b' ').collect();
            assert_eq!(kept, encode(&text.replace(' ', "")), "{room}");
        }
        assert_eq!(wrap(Face::Regular, 80, 10, ""), [Vec::<u8>::new()]);
    }
}
