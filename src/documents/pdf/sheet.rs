//! Sheets filled from the top, A5 or that same page enlarged to A4: text, rules, frames, a page break where something does not fit. All lengths are whole
//! tenths of a point (0,035 mm), measured from the lower left corner, scaled once per page: so no float is computed
//! with. What never lives here: what a receipt says.

use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

use super::letters::{Face, encode, width, wrap};
use crate::documents::qr::Qr;

/// The paper: its sides in points, and how many points one tenth of ours is. Both have the same proportions, so that a page
/// laid out for one is right on the other.
#[derive(Debug, Clone, Copy)]
struct Format {
    sides: [f32; 2],
    unit: f32,
}

const A5: Format = Format { sides: [419.53, 595.28], unit: 0.1 };
const A4: Format = Format { sides: [595.28, 841.89], unit: 0.141_42 };

/// 148 mm by 210 mm.
pub(super) const PAGE_WIDTH: i32 = 4195;
const PAGE_HEIGHT: i32 = 5953;
pub(super) const MARGIN: i32 = 320;
/// Between the margins.
pub(super) const ROOM: i32 = PAGE_WIDTH - 2 * MARGIN;
const TOP: i32 = PAGE_HEIGHT - 280;
/// The lowest point of a page's content; the page number stands below.
const BOTTOM: i32 = 300;

const REGULAR: Name<'static> = Name(b"R");
const BOLD: Name<'static> = Name(b"B");

/// The inks of a document; all but the last keep a contrast above 7 on white.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Black,
    Blue,
    Grey,
    /// Behind the amount.
    Pale,
    /// Hairlines.
    Line,
}

impl Ink {
    const fn rgb(self) -> [f32; 3] {
        match self {
            Self::Black => [0.06, 0.08, 0.1],
            Self::Blue => [0.04, 0.23, 0.4],
            Self::Grey => [0.28, 0.32, 0.37],
            Self::Pale => [0.91, 0.94, 0.97],
            Self::Line => [0.72, 0.76, 0.8],
        }
    }
}

/// Type: face, size and ink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Type {
    pub(super) face: Face,
    /// Tenths of a point.
    pub(super) size: i32,
    pub(super) ink: Ink,
}

impl Type {
    pub(super) const fn new(face: Face, size: i32, ink: Ink) -> Self {
        Self { face, size, ink }
    }

    /// From one baseline to the next.
    pub(super) const fn leading(self) -> i32 {
        self.size * 119 / 100
    }

    pub(super) fn lines(self, room: i32, text: &str) -> Vec<Vec<u8>> {
        wrap(self.face, self.size, room, text)
    }

    /// How high a paragraph of it is.
    pub(super) fn height(self, room: i32, text: &str) -> i32 {
        i32::try_from(self.lines(room, text).len()).unwrap_or(i32::MAX).saturating_mul(self.leading())
    }
}

/// Pages under way.
pub(super) struct Sheets {
    paper: Format,
    done: Vec<Content>,
    page: Content,
    /// Top of the free room on this page.
    pub(super) y: i32,
    /// At the foot of every page.
    foot: String,
}

/// Lengths are far below what an `i16` holds.
fn length(tenths: i32) -> f32 {
    f32::from(i16::try_from(tenths).unwrap_or(i16::MAX))
}

impl Sheets {
    pub(super) fn new(foot: String) -> Self {
        Self::on(A5, foot)
    }

    /// The same, enlarged to A4.
    pub(super) fn a4(foot: String) -> Self {
        Self::on(A4, foot)
    }

    fn on(paper: Format, foot: String) -> Self {
        Self { paper, done: Vec::new(), page: blank(paper), y: TOP, foot }
    }

    /// Starts a new page unless `height` fits on this one; says whether it did.
    pub(super) fn need(&mut self, height: i32) -> bool {
        let full = self.y - height < BOTTOM && self.y < TOP;
        if full {
            self.done.push(std::mem::replace(&mut self.page, blank(self.paper)));
            self.y = TOP;
        }
        full
    }

    /// The same, unless it is higher than a page: such a thing begins where there is room.
    pub(super) fn keep(&mut self, height: i32) -> bool {
        height <= TOP - BOTTOM && self.need(height)
    }

    pub(super) fn space(&mut self, height: i32) {
        self.y -= height;
    }

    /// One line whose baseline lies `height` above the lower edge.
    pub(super) fn place(&mut self, kind: Type, x: i32, height: i32, bytes: &[u8]) {
        let name = if kind.face == Face::Bold { BOLD } else { REGULAR };
        let [red, green, blue] = kind.ink.rgb();
        self.page.set_fill_rgb(red, green, blue);
        self.page.begin_text().set_font(name, length(kind.size)).next_line(length(x), length(height));
        self.page.show(Str(bytes)).end_text();
    }

    /// One line that ends at `right`.
    pub(super) fn place_right(&mut self, kind: Type, right: i32, height: i32, text: &str) {
        let bytes = encode(text);
        self.place(kind, right - width(kind.face, kind.size, &bytes), height, &bytes);
    }

    /// Lines below each other from the top of the free room, over pages where they must.
    pub(super) fn paragraph(&mut self, kind: Type, x: i32, room: i32, text: &str) {
        for line in kind.lines(room, text) {
            self.need(kind.leading());
            self.y -= kind.leading();
            self.place(kind, x, self.y + kind.size / 4, &line);
        }
    }

    /// Lines below each other from `top`, on this page; gives the height they take.
    pub(super) fn column(&mut self, kind: Type, (x, top): (i32, i32), room: i32, text: &str) -> i32 {
        let mut y = top;
        for line in kind.lines(room, text) {
            y -= kind.leading();
            self.place(kind, x, y + kind.size / 4, &line);
        }
        top - y
    }

    /// The same, each line ending at `right`.
    pub(super) fn column_right(&mut self, kind: Type, (right, top): (i32, i32), room: i32, text: &str) -> i32 {
        let mut y = top;
        for line in kind.lines(room, text) {
            y -= kind.leading();
            self.place(kind, right - width(kind.face, kind.size, &line), y + kind.size / 4, &line);
        }
        top - y
    }

    /// A filled rectangle from its lower left corner.
    pub(super) fn fill(&mut self, ink: Ink, (x, y): (i32, i32), (wide, high): (i32, i32)) {
        let [red, green, blue] = ink.rgb();
        self.page.set_fill_rgb(red, green, blue);
        self.page.rect(length(x), length(y), length(wide), length(high)).fill_nonzero();
    }

    /// An empty rectangle from its lower left corner.
    pub(super) fn frame(&mut self, (x, y): (i32, i32), (wide, high): (i32, i32)) {
        let [red, green, blue] = Ink::Grey.rgb();
        self.page.set_stroke_rgb(red, green, blue).set_line_width(6.0);
        self.page.rect(length(x), length(y), length(wide), length(high)).stroke();
    }

    /// A line across the page at the top of the free room.
    pub(super) fn rule(&mut self, ink: Ink, thickness: i32) {
        self.fill(ink, (MARGIN, self.y - thickness), (ROOM, thickness));
        self.y -= thickness;
    }

    /// The code with its upper right corner there; `module` is the side of one module.
    pub(super) fn qr(&mut self, qr: &Qr, (right, top): (i32, i32), module: i32) {
        let [red, green, blue] = Ink::Black.rgb();
        self.page.set_fill_rgb(red, green, blue);
        let left = right - i32::from(qr.side) * module;
        for (column, row, run) in &qr.runs {
            let (x, y) = (left + i32::from(*column) * module, top - (i32::from(*row) + 1) * module);
            self.page.rect(length(x), length(y), length(i32::from(*run) * module), length(module));
        }
        if !qr.runs.is_empty() {
            self.page.fill_nonzero();
        }
    }

    /// The file, with page numbers now that they are known.
    pub(super) fn finish(mut self, title: &str, author: &str) -> Vec<u8> {
        let last = std::mem::replace(&mut self.page, Content::new());
        self.done.push(last);
        let mut pages = std::mem::take(&mut self.done);
        let count = pages.len();
        let small = Type::new(Face::Regular, 62, Ink::Grey);
        for (number, page) in (1_usize..).zip(&mut pages) {
            std::mem::swap(&mut self.page, page);
            self.place(small, MARGIN, 200, &encode(&self.foot.clone()));
            self.place_right(small, PAGE_WIDTH - MARGIN, 200, &format!("page {number}/{count}"));
            self.page.restore_state();
            std::mem::swap(&mut self.page, page);
        }
        write(self.paper, pages, (title, author))
    }
}

/// A page on which one unit is one of ours.
fn blank(paper: Format) -> Content {
    let mut page = Content::new();
    page.save_state().transform([paper.unit, 0.0, 0.0, paper.unit, 0.0, 0.0]);
    page
}

fn write(paper: Format, pages: Vec<Content>, (title, author): (&str, &str)) -> Vec<u8> {
    let [catalog, tree, info, regular, bold] = [1, 2, 3, 4, 5].map(Ref::new);
    let ids: Vec<(Ref, Ref)> = (3..).zip(&pages).map(|(n, _)| (Ref::new(2 * n), Ref::new(2 * n + 1))).collect();
    let mut pdf = Pdf::new();
    let mut root = pdf.catalog(catalog);
    root.pages(tree).lang(TextStr("fr-FR"));
    root.viewer_preferences().display_doc_title(true);
    root.finish();
    pdf.document_info(info).title(TextStr(title)).author(TextStr(author)).producer(TextStr("Récépissé"));
    let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
    pdf.pages(tree).kids(ids.iter().map(|(page, _)| *page)).count(count);
    for (id, base) in [(regular, Name(b"Helvetica")), (bold, Name(b"Helvetica-Bold"))] {
        pdf.type1_font(id).base_font(base).encoding_predefined(Name(b"WinAnsiEncoding"));
    }
    for ((id, stream), content) in ids.into_iter().zip(pages) {
        let mut page = pdf.page(id);
        let [wide, high] = paper.sides;
        page.media_box(Rect::new(0.0, 0.0, wide, high)).parent(tree).contents(stream);
        page.resources().fonts().pair(REGULAR, regular).pair(BOLD, bold);
        page.finish();
        pdf.stream(stream, &content.finish());
    }
    pdf.finish()
}
