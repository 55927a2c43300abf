//! What people hold: a receipt as a page to print from the browser and as a PDF, statements of figures to be signed, charts of them, and the pages on which places are found and refusals explained. A
//! document is laid out from the sealed receipt and a few labels, or from figures; it decides nothing and keeps nothing. What never lives here: SQL, HTTP, a clock,
//! a file. The HTML page is the reference version (structure for screen readers, every Unicode letter); the PDF shows
//! the same, with the letters of Windows-1252.

mod chart;
mod finder;
mod html;
mod letter;
mod pdf;
mod phrases;
mod qr;
mod receipt_view;
mod refusals;
mod statement;
mod surroundings;

#[cfg(test)]
mod specimen;

pub use chart::Chart;
pub use finder::{Answer, Choice, Form, FoundPlace, Other, Results, finder, finder_style_hash};
pub use letter::{
    Circumstances as LetterCircumstances, LetterView, PHONE, Places as LetterPlaces, letter, letter_pdf,
    letter_style_hash,
};
pub use receipt_view::{ReceiptView, organisations_named};
pub use refusals::refusals;
pub use statement::{
    Attested, Compared, ComparedList, ComparedOrder, ComparedPass, Figure, FigureTable, Heading, Owed, PaidLine,
    PaymentFact, ReconciledLine, Reconciliation, Statement, StatementTable, Word as StatementWord, public_in_words,
};
pub use surroundings::{Beneficiary, OrderReference, Paper, Party, SealInfo, Surroundings};

/// The receipt as a whole HTML page: A5 when printed, no script, no address outside the page. Its one `<style>` may
/// be allowed by [`style_hash`].
#[must_use]
pub fn html(view: &ReceiptView) -> String {
    html::page(view)
}

/// The receipt as a PDF file of A5 pages. The same view gives the same bytes.
#[must_use]
pub fn pdf(view: &ReceiptView) -> Vec<u8> {
    pdf::file(view)
}

/// What a `Content-Security-Policy` writes after `style-src` to allow the page's own style and no other:
/// `'sha256-…'`, quotes included.
#[must_use]
pub fn style_hash() -> String {
    html::style_hash()
}
