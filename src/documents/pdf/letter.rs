//! The letter to an applicant laid out on A4, its address where the window of an envelope shows it. What never lives here: a
//! word of it.

use super::letters::Face;
use super::sheet::{Ink, MARGIN, PAGE_WIDTH, ROOM, Sheets, Type};
use crate::documents::letter::{LetterView, Part, Signing};
use crate::documents::phrases::RECIPE;

const RIGHT: i32 = PAGE_WIDTH - MARGIN;
/// On A4, 10.5 points.
const PLAIN: Type = Type::new(Face::Regular, 74, Ink::Black);
const STRONG: Type = Type::new(Face::Bold, 74, Ink::Black);
const TITLE: Type = Type::new(Face::Bold, 82, Ink::Black);
const SMALL: Type = Type::new(Face::Regular, 56, Ink::Black);
/// Left edge of the addressee: 110 mm on A4.
const ADDRESSEE: i32 = 2_205;
/// From the top of the room down to the addressee: the window begins 45 mm below the upper edge of A4.
const WINDOW: i32 = 640;
const AIR: i32 = 90;
const INDENT: i32 = 110;
/// The place to sign: 22 mm high on A4.
const SIGNATURE: i32 = 440;

pub(in crate::documents) fn file(view: &LetterView) -> Vec<u8> {
    let mut sheets = Sheets::a4(view.subject.clone());
    head(&mut sheets, view);
    paragraph(&mut sheets, PLAIN, "Madame, Monsieur,");
    for part in &view.parts {
        body(&mut sheets, part);
    }
    let closing = "Nous vous prions d'agréer, Madame, Monsieur, l'expression de nos salutations distinguées.";
    paragraph(&mut sheets, PLAIN, closing);
    if let Some(signing) = &view.signing {
        signature(&mut sheets, signing);
    }
    sheets.space(AIR);
    sheets.rule(Ink::Line, 4);
    sheets.space(20);
    if !view.recipe.is_empty() {
        sheets.paragraph(SMALL, MARGIN, ROOM, RECIPE);
    }
    for line in &view.recipe {
        sheets.paragraph(SMALL, MARGIN + INDENT, ROOM - INDENT, line);
    }
    sheets.space(20);
    if let Some(printed) = &view.printed {
        sheets.paragraph(SMALL, MARGIN, ROOM, printed);
    }
    // No line of it stands alone on another sheet.
    sheets.need(SMALL.height(ROOM, &view.privacy));
    sheets.paragraph(SMALL, MARGIN, ROOM, &view.privacy);
    sheets.finish(&view.subject, view.sender.first().map_or("", String::as_str))
}

fn head(sheets: &mut Sheets, view: &LetterView) {
    let top = sheets.y;
    for line in &view.sender {
        sheets.paragraph(STRONG, MARGIN, ADDRESSEE - MARGIN - INDENT, line);
    }
    sheets.y = sheets.y.min(top - WINDOW);
    for line in &view.recipient {
        sheets.paragraph(PLAIN, ADDRESSEE, RIGHT - ADDRESSEE, line);
    }
    sheets.space(2 * AIR);
    sheets.space(PLAIN.leading());
    sheets.place_right(PLAIN, RIGHT, sheets.y, &view.dated);
    sheets.space(2 * AIR);
    paragraph(sheets, STRONG, &view.subject);
    sheets.space(AIR / 2);
}

fn paragraph(sheets: &mut Sheets, kind: Type, text: &str) {
    sheets.paragraph(kind, MARGIN, ROOM, text);
    sheets.space(AIR / 2);
}

/// The place to sign: room for name and quality on the left, for the signature on the right.
fn signature(sheets: &mut Sheets, signing: &Signing) {
    sheets.space(AIR / 2);
    sheets.need(SIGNATURE);
    let (top, half) = (sheets.y, ROOM / 2);
    sheets.frame((MARGIN, top - SIGNATURE), (ROOM, SIGNATURE));
    let office = sheets.column(STRONG, (MARGIN + 60, top - 20), half - 120, &signing.office);
    sheets.column(PLAIN, (MARGIN + 60, top - 30 - office), half - 60, signing.author);
    sheets.column(PLAIN, (MARGIN + half + 60, top - 20), half - 120, signing.mark);
    sheets.y = top - SIGNATURE;
}

fn body(sheets: &mut Sheets, part: &Part) {
    if let Some(title) = part.title {
        sheets.space(AIR / 2);
        // A title is not left alone at the foot of a page.
        sheets.need(4 * TITLE.leading());
        paragraph(sheets, TITLE, title);
    }
    for text in &part.paragraphs {
        paragraph(sheets, PLAIN, text);
    }
    for point in &part.points {
        sheets.paragraph(PLAIN, MARGIN + INDENT, ROOM - INDENT, &format!("–\u{a0}{point}"));
        sheets.space(AIR / 4);
    }
    sheets.space(AIR / 4);
}
