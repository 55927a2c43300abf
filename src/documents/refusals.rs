//! The page that explains every refusal: what a problem's `type` points at. What never lives here: the sentences, which are
//! the catalogue's.

use askama::Template;

use crate::catalogue::{self, Entry};

const STYLE: &str = include_str!("templates/finder.css");

/// A refusal with its sentences as they are said where no fact is known.
#[derive(Debug)]
struct Explained {
    code: &'static str,
    status: u16,
    french: String,
    english: String,
}

#[derive(Template)]
#[template(path = "refusals.html")]
struct Page {
    style: &'static str,
    refusals: Vec<Explained>,
}

/// The page, in the order of the codes. It has the style of [`finder`](super::finder).
#[must_use]
pub fn refusals() -> String {
    let open = |sentence| catalogue::fill(sentence, |_| Some("…"));
    let explained = |&Entry { code, status, french, english }: &Entry| Explained {
        code,
        status,
        french: open(french),
        english: open(english),
    };
    let mut refusals: Vec<Explained> = catalogue::all().map(explained).collect();
    refusals.sort_by_key(|refusal| refusal.code);
    // Writing to a String cannot fail.
    Page { style: STYLE, refusals }.render().unwrap_or_default()
}
