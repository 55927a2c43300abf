//! The page: a view put into the template, every value escaped. What never lives here: words of a receipt.

use askama::Template;
use sha2::{Digest, Sha256};

use super::phrases::RECIPE;
use super::qr::Qr;
use super::receipt_view::ReceiptView;

pub(super) const STYLE: &str = include_str!("templates/receipt.css");

/// Modules of white around the code.
const QUIET: u16 = 4;

#[derive(Template)]
#[template(path = "receipt.html")]
struct Page<'a> {
    view: &'a ReceiptView,
    style: &'static str,
    recipe: &'static str,
    path: String,
    /// Modules per side, the quiet zone included; and where the code starts.
    side: u16,
    quiet: u16,
}

pub(super) fn page(view: &ReceiptView) -> String {
    let qr = Qr::of(&view.qr_text);
    let page = Page { view, style: STYLE, recipe: RECIPE, path: qr.path(), side: qr.side + 2 * QUIET, quiet: QUIET };
    // Writing to a String cannot fail.
    page.render().unwrap_or_default()
}

pub(super) fn style_hash() -> String {
    hash_of(STYLE)
}

/// What a policy writes to allow this style and no other.
pub(super) fn hash_of(style: &str) -> String {
    format!("'sha256-{}'", base64(&Sha256::digest(style)))
}

/// Base 64 with padding (RFC 4648 §4).
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let joined = group.iter().fold(0_u32, |bits, byte| (bits << 8) | u32::from(*byte));
        let bits = joined << (8 * (3 - group.len()));
        for place in 0..4_usize {
            let six = usize::try_from((bits >> (18 - 6 * place)) & 63).unwrap_or(0);
            let digit = ALPHABET.get(six).filter(|_| place <= group.len());
            text.push(digit.map_or('=', |digit| char::from(*digit)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::specimen;
    use crate::domain::movement::Kind;

    #[test]
    fn base64_is_that_of_the_standard() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn the_style_hash_is_that_of_the_style_in_the_page() {
        let html = page(&specimen::view(Kind::Dispatch));
        let style = html.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
        assert_eq!(style_hash(), format!("'sha256-{}'", base64(&Sha256::digest(style))));
    }

    #[test]
    fn every_kind_has_its_page_with_number_title_and_hash() {
        for kind in Kind::ALL {
            let view = specimen::view(*kind);
            let html = page(&view);
            for wanted in [&view.number, &view.hash, &view.previous] {
                assert!(html.contains(wanted.as_str()), "{kind}: {wanted}");
            }
            // Apostrophes are escaped.
            assert!(html.contains(&kind.title().replace('\'', "&#39;")), "{kind}");
            assert!(html.starts_with("<!doctype html>\n<html lang=\"fr\">"), "{kind}");
            assert!(!html.contains("http://www.w3.org/1999/xhtml") && !html.contains("<script"), "{kind}");
        }
    }

    #[test]
    fn a_hostile_name_is_text_and_nothing_else() {
        let view = specimen::hostile();
        let html = page(&view);
        assert!(!html.contains("<script>") && !html.contains("<img"), "{html}");
        assert!(html.contains("&#60;script&#62;"));
    }

    #[test]
    fn nothing_is_fetched_and_no_attribute_carries_style_or_script() {
        let html = page(&specimen::view(Kind::HandOut));
        for foreign in ["src=", "href=", "url(", "@import", "style=\"", " on"] {
            let found = html.match_indices(foreign).any(|(at, _)| foreign != " on" || html[at..].starts_with(" onl"));
            assert!(!found, "{foreign}");
        }
    }
}
