//! The one text of a receipt: fixed keys in fixed order, no whitespace, integers, NFC strings, two escapes.
//! What never lives here: a second way to write the same receipt, or a general JSON writer.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_normalization::is_nfc;

use super::{Body, Break, Line, Mention, VERSION, reading};

/// The largest integer, up or down, that every JSON reader keeps exactly (RFC 8259 §6).
pub const LARGEST_INTEGER: i64 = 9_007_199_254_740_991;

/// The longest text of one receipt, in bytes.
pub const LONGEST: usize = 16 * 1024 * 1024;

/// Why a body has no canonical text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotCanonical {
    /// Another version than ours.
    #[error("version {0} inconnue")]
    Version(i64),
    /// A string with a control character, or not in Unicode's composed form (NFC).
    #[error("le champ {0} contient un caractère de contrôle ou n'est pas en forme NFC")]
    Text(&'static str),
    /// An integer beyond [`LARGEST_INTEGER`].
    #[error("le champ {0} dépasse les entiers permis")]
    Integer(&'static str),
    /// A mention's name that is not lower-case ASCII words joined by underscores.
    #[error("le nom de mention {0:?} n'est pas permis")]
    Name(String),
    /// More than [`LONGEST`] bytes.
    #[error("le récépissé est trop long")]
    TooLong,
}

/// The canonical text of `body`.
///
/// # Errors
/// [`NotCanonical`] says which value has no canonical form.
pub fn write(body: &Body) -> Result<String, NotCanonical> {
    if body.v != VERSION {
        return Err(NotCanonical::Version(body.v));
    }
    let mut text = Text(String::with_capacity(1024));
    text.raw("{\"v\":1");
    text.string("programme", &body.programme)?;
    text.integer("position", body.position)?;
    text.string("number", &body.number)?;
    text.string("kind", &body.kind)?;
    text.string("at", &body.at)?;
    text.string("day", &body.day)?;
    text.open("office", '{');
    text.string("code", &body.office.code)?;
    text.string("name", &body.office.name)?;
    text.string("registration", &body.office.registration)?;
    text.string("commune", &body.office.commune)?;
    text.raw("}");
    text.open("agent", '{');
    text.string("pseudonym", &body.agent.pseudonym)?;
    text.string("role", &body.agent.role)?;
    text.raw("}");
    text.integer("face_cents", body.face_cents)?;
    text.open("lines", '[');
    body.lines.iter().try_for_each(|line| write_line(&mut text, line))?;
    text.raw("]");
    text.open("total", '{');
    text.integer("booklets", body.total.booklets)?;
    text.integer("passes", body.total.passes)?;
    text.integer("cents", body.total.cents)?;
    text.raw("}");
    write_end(&mut text, body)?;
    if text.0.len() > LONGEST { Err(NotCanonical::TooLong) } else { Ok(text.0) }
}

fn write_line(text: &mut Text, line: &Line) -> Result<(), NotCanonical> {
    text.element('{');
    text.string("batch", &line.batch)?;
    text.string("from", &line.from)?;
    text.string("to", &line.to)?;
    text.integer("booklets", line.booklets)?;
    text.integer("passes", line.passes)?;
    text.integer("cents", line.cents)?;
    text.open("items", '[');
    for item in &line.items {
        text.comma();
        text.quoted("items", item)?;
    }
    text.raw("]}");
    Ok(())
}

fn write_end(text: &mut Text, body: &Body) -> Result<(), NotCanonical> {
    text.open("holdings", '[');
    for holding in &body.holdings {
        text.element('{');
        text.string("holder", &holding.holder)?;
        text.integer("before", holding.before)?;
        text.integer("after", holding.after)?;
        text.raw("}");
    }
    text.raw("]");
    text.open("mentions", '{');
    for (name, mention) in &body.mentions {
        if !is_name(name) {
            return Err(NotCanonical::Name(name.clone()));
        }
        text.key(name);
        match mention {
            Mention::Text(value) => text.quoted("mentions", value)?,
            Mention::Number(value) => text.number("mentions", *value)?,
        }
    }
    text.raw("}");
    if let Some(corrects) = &body.corrects {
        text.string("corrects", corrects)?;
    }
    text.string("prev", &body.prev)?;
    text.raw("}");
    Ok(())
}

/// The text being written. A value puts its own comma before it unless it opens an object or a list.
struct Text(String);

impl Text {
    fn raw(&mut self, text: &str) {
        self.0.push_str(text);
    }

    fn comma(&mut self) {
        if !self.0.ends_with(['{', '[']) {
            self.0.push(',');
        }
    }

    /// Keys are ours or checked: plain ASCII.
    fn key(&mut self, key: &str) {
        self.comma();
        self.0.push('"');
        self.0.push_str(key);
        self.0.push_str("\":");
    }

    fn open(&mut self, key: &str, bracket: char) {
        self.key(key);
        self.0.push(bracket);
    }

    fn element(&mut self, bracket: char) {
        self.comma();
        self.0.push(bracket);
    }

    fn string(&mut self, key: &'static str, value: &str) -> Result<(), NotCanonical> {
        self.key(key);
        self.quoted(key, value)
    }

    fn integer(&mut self, key: &'static str, value: i64) -> Result<(), NotCanonical> {
        self.key(key);
        self.number(key, value)
    }

    fn quoted(&mut self, key: &'static str, value: &str) -> Result<(), NotCanonical> {
        if !is_plain(value) {
            return Err(NotCanonical::Text(key));
        }
        self.0.push('"');
        for part in value.split_inclusive(['"', '\\']) {
            match part.strip_suffix(['"', '\\']) {
                Some(before) => {
                    self.0.push_str(before);
                    self.0.push('\\');
                    self.0.push_str(part.get(before.len()..).unwrap_or_default());
                }
                None => self.0.push_str(part),
            }
        }
        self.0.push('"');
        Ok(())
    }

    fn number(&mut self, key: &'static str, value: i64) -> Result<(), NotCanonical> {
        if !(-LARGEST_INTEGER..=LARGEST_INTEGER).contains(&value) {
            return Err(NotCanonical::Integer(key));
        }
        // Writing to a String cannot fail.
        let _ = write!(self.0, "{value}");
        Ok(())
    }
}

/// A string as it stands in a receipt, with its quotes.
pub(super) fn write_string(value: &str) -> Result<String, NotCanonical> {
    let mut text = Text(String::with_capacity(value.len() + 2));
    text.quoted("", value)?;
    Ok(text.0)
}

/// Whether a receipt may hold this text: in composed form, without control characters.
pub(super) fn is_plain(value: &str) -> bool {
    // Below U+0300 every letter is composed and combines with nothing; most texts need no table.
    let composed = value.chars().all(|letter| letter < '\u{300}') || is_nfc(value);
    composed && !value.chars().any(char::is_control)
}

/// Whether a mention may have this name.
pub(super) fn is_name(name: &str) -> bool {
    let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.bytes().all(plain)
}

/// Reads a receipt, and accepts only the very bytes that [`write()`] would write of what they say.
///
/// # Errors
/// Codes `version_unknown` and `not_canonical`, at position 0: the bytes alone do not say where they belong.
pub fn read(bytes: &str) -> Result<Body, Break> {
    reading::body(bytes)
}

/// The same without keeping anything: what it says is borrowed from the bytes.
///
/// # Errors
/// As [`read`].
pub fn borrow(bytes: &str) -> Result<Body<Cow<'_, str>>, Break> {
    reading::body(bytes)
}
