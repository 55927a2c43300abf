//! Reads the one text of a receipt in one pass, key by key in the order in which [`super::canonical`] writes them, and
//! stops at the first byte that it would not have written. What never lives here: a general JSON reader, or a second
//! text that says the same.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::canonical::{LARGEST_INTEGER, LONGEST, NotCanonical, is_name, is_plain};
use super::{Agent, Body, Break, Holding, Line, Mention, Office, Text, Total, VERSION};

/// What `bytes` say, if they are a receipt's.
pub(super) fn body<'a, T: Text + From<Cow<'a, str>>>(bytes: &'a str) -> Result<Body<T>, Break> {
    if !bytes.starts_with("{\"v\":1,") {
        let code = if bytes.starts_with("{\"v\":") { "version_unknown" } else { "not_canonical" };
        return Err(Break::new(code, "le texte ne commence pas comme un récépissé de version 1"));
    }
    if bytes.len() > LONGEST {
        return Err(Break::new("not_canonical", NotCanonical::TooLong.to_string()));
    }
    let mut reader = Reader { rest: bytes };
    reader.receipt().ok_or_else(|| {
        let place = bytes.len() - reader.rest.len();
        Break::new("not_canonical", format!("le texte n'est pas de forme canonique après l'octet {place}"))
    })
}

/// What is left of the text. A `None` leaves it where reading stopped.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn receipt<T: Text + From<Cow<'a, str>>>(&mut self) -> Option<Body<T>> {
        self.exactly("{\"v\":1")?;
        let body = Body {
            v: VERSION,
            programme: self.string(",\"programme\":")?,
            position: self.integer(",\"position\":")?,
            number: self.string(",\"number\":")?,
            kind: self.string(",\"kind\":")?,
            at: self.string(",\"at\":")?,
            day: self.string(",\"day\":")?,
            office: Office {
                code: self.string(",\"office\":{\"code\":")?,
                name: self.string(",\"name\":")?,
                registration: self.string(",\"registration\":")?,
                commune: self.string(",\"commune\":")?,
            },
            agent: Agent { pseudonym: self.string("},\"agent\":{\"pseudonym\":")?, role: self.string(",\"role\":")? },
            face_cents: self.integer("},\"face_cents\":")?,
            lines: self.list(",\"lines\":[", Self::line)?,
            total: Total {
                booklets: self.integer(",\"total\":{\"booklets\":")?,
                passes: self.integer(",\"passes\":")?,
                cents: self.integer(",\"cents\":")?,
            },
            holdings: self.list("},\"holdings\":[", Self::holding)?,
            mentions: self.mentions()?,
            corrects: if self.rest.starts_with(",\"corrects\":") { Some(self.string(",\"corrects\":")?) } else { None },
            prev: self.string(",\"prev\":")?,
        };
        self.exactly("}")?;
        self.rest.is_empty().then_some(body)
    }

    fn line<T: Text + From<Cow<'a, str>>>(&mut self) -> Option<Line<T>> {
        let line = Line {
            batch: self.string("{\"batch\":")?,
            from: self.string(",\"from\":")?,
            to: self.string(",\"to\":")?,
            booklets: self.integer(",\"booklets\":")?,
            passes: self.integer(",\"passes\":")?,
            cents: self.integer(",\"cents\":")?,
            items: self.list(",\"items\":[", |reader| reader.text().map(T::from))?,
        };
        self.exactly("}")?;
        Some(line)
    }

    fn holding<T: Text + From<Cow<'a, str>>>(&mut self) -> Option<Holding<T>> {
        let holding = Holding {
            holder: self.string("{\"holder\":")?,
            before: self.integer(",\"before\":")?,
            after: self.integer(",\"after\":")?,
        };
        self.exactly("}")?;
        Some(holding)
    }

    /// Names in ascending order, none of them twice.
    fn mentions<T: Text + From<Cow<'a, str>>>(&mut self) -> Option<BTreeMap<T, Mention<T>>> {
        let mut last = "";
        let named = self.list(",\"mentions\":{", |reader| {
            let name = reader.plain()?;
            if !is_name(name) || name <= last {
                return None;
            }
            last = name;
            reader.exactly(":")?;
            let value = if reader.rest.starts_with('"') {
                Mention::Text(reader.text()?.into())
            } else {
                Mention::Number(reader.number()?)
            };
            Some((T::from(Cow::Borrowed(name)), value))
        })?;
        Some(named.into_iter().collect())
    }

    /// What opens a list or an object, then its elements with commas between them, then what closes it.
    fn list<E>(&mut self, opening: &str, mut element: impl FnMut(&mut Self) -> Option<E>) -> Option<Vec<E>> {
        self.exactly(opening)?;
        let closing = if opening.ends_with('{') { "}" } else { "]" };
        let mut elements = Vec::new();
        if self.exactly(closing).is_some() {
            return Some(elements);
        }
        loop {
            elements.push(element(self)?);
            if self.exactly(closing).is_some() {
                return Some(elements);
            }
            self.exactly(",")?;
        }
    }

    /// Inlined, so that a key is compared as the few words that it is.
    #[inline]
    fn exactly(&mut self, text: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(text)?;
        Some(())
    }

    fn cut(&mut self, length: usize) -> Option<&'a str> {
        let (cut, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(cut)
    }

    /// A string without escapes and beyond suspicion: ASCII, no control character.
    fn plain(&mut self) -> Option<&'a str> {
        let text = self.rest.strip_prefix('"')?;
        let length = text.bytes().position(|byte| matches!(byte, b'"' | b'\\' | ..0x20 | 0x7f..))?;
        let (plain, rest) = text.split_at_checked(length)?;
        self.rest = rest.strip_prefix('"')?;
        Some(plain)
    }

    #[inline]
    fn string<T: From<Cow<'a, str>>>(&mut self, key: &str) -> Option<T> {
        self.exactly(key)?;
        self.text().map(T::from)
    }

    fn text(&mut self) -> Option<Cow<'a, str>> {
        if let Some(plain) = self.plain() {
            return Some(Cow::Borrowed(plain));
        }
        self.exactly("\"")?;
        let mut unescaped = String::new();
        loop {
            let part = self.cut(self.rest.find(['"', '\\'])?)?;
            if self.exactly("\"").is_some() {
                let value = if unescaped.is_empty() { Cow::Borrowed(part) } else { Cow::Owned(unescaped + part) };
                return is_plain(&value).then_some(value);
            }
            self.exactly("\\")?;
            unescaped.push_str(part);
            unescaped.push_str(self.cut(1).filter(|escaped| matches!(*escaped, "\"" | "\\"))?);
        }
    }

    #[inline]
    fn integer(&mut self, key: &str) -> Option<i64> {
        self.exactly(key)?;
        self.number()
    }

    fn number(&mut self) -> Option<i64> {
        let digits = self.rest.strip_prefix('-').unwrap_or(self.rest);
        let length = digits.bytes().take_while(u8::is_ascii_digit).count();
        let text = self.cut(self.rest.len() - digits.len() + length)?;
        // Neither `-0` nor a leading zero; more digits than the largest integer has would not fit an i64 either.
        let canonical = text == "0" || !text.trim_start_matches('-').starts_with('0');
        let value = text.parse().ok().filter(|value| (-LARGEST_INTEGER..=LARGEST_INTEGER).contains(value));
        value.filter(|_| canonical)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::canonical::{borrow, read, write};
    use super::super::sample;
    use super::*;

    /// The definition, by a general JSON reader: what is written again byte for byte is a receipt.
    fn written_again(bytes: &str) -> Option<Body> {
        let body: Body = serde_json::from_str(bytes).ok()?;
        (write(&body).as_deref() == Ok(bytes)).then_some(body)
    }

    fn owned(body: Body<Cow<'_, str>>) -> String {
        let texts = [body.programme, body.number, body.kind, body.at, body.day, body.office.name, body.prev];
        texts.join("|")
    }

    #[test]
    fn every_receipt_of_the_sample_is_read_and_borrowed() {
        for receipt in sample::journal() {
            assert_eq!(read(receipt.bytes()).as_ref(), Ok(receipt.body()));
            let body = receipt.body();
            let texts = [&body.programme, &body.number, &body.kind, &body.at, &body.day, &body.office.name, &body.prev];
            assert_eq!(borrow(receipt.bytes()).map(owned), Ok(texts.map(String::as_str).join("|")));
        }
    }

    #[test]
    fn a_text_without_escapes_is_borrowed_and_one_with_escapes_is_not() {
        let journal = sample::journal();
        let borrowed: Vec<bool> = journal
            .iter()
            .map(|receipt| matches!(borrow(receipt.bytes()).unwrap().office.name, Cow::Borrowed(_)))
            .collect();
        assert!(borrowed.contains(&true) && borrowed.contains(&false), "{borrowed:?}");
    }

    /// Letters that JSON, NFC or integers treat in their own way.
    const LETTERS: [&str; 24] = [
        "\"", "\\", "\\\"", "\\u00e9", "\\n", "0", "-", "-0", "00", "1", ".0", "e1", ",", "{", "}", "[", "]", ":", " ",
        "\n", "é", "\u{301}", "\u{7f}", "\u{85}",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn what_is_read_is_exactly_what_would_be_written_again(
            which in 0_usize..13,
            at in 0_usize..2_000,
            removed in 0_usize..3,
            letters in proptest::collection::vec(prop::sample::select(LETTERS.to_vec()), 0..3),
        ) {
            let sound = sample::journal()[which].bytes().to_owned();
            let mut letters_of: Vec<char> = sound.chars().collect();
            let at = at % letters_of.len();
            let until = (at + removed).min(letters_of.len());
            letters_of.splice(at..until, letters.concat().chars());
            let changed: String = letters_of.into_iter().collect();
            let expected = written_again(&changed);
            prop_assert_eq!(read(&changed).ok(), expected.clone(), "{}", changed);
            prop_assert_eq!(borrow(&changed).is_ok(), expected.is_some());
        }

        #[test]
        fn a_piece_moved_elsewhere_is_no_receipt(which in 0_usize..13, at in 0_usize..2_000, to in 0_usize..2_000) {
            let sound = sample::journal()[which].bytes().to_owned();
            let mut fields: Vec<&str> = sound.split(',').collect();
            let (at, to) = (at % fields.len(), to % fields.len());
            fields.swap(at, to);
            let changed = fields.join(",");
            prop_assert_eq!(read(&changed).ok(), written_again(&changed));
        }
    }
}
