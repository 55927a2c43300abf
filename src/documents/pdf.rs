//! The PDF: a view laid out on A5 sheets in Helvetica, which needs no font file; the code is drawn, the text can be
//! searched and copied. Long lists of serials run over to further pages. What never lives here: words of a receipt.

pub(super) mod letter;
mod letters;
mod sheet;
pub(super) mod statement;

use letters::{Face, encode, width};
use sheet::{Ink, MARGIN, PAGE_WIDTH, ROOM, Sheets, Type};

use super::qr::Qr;
use super::receipt_view::{Amount, Handed, ReceiptView, Row, Side, Signature};

const GAP: i32 = 80;
const RIGHT: i32 = PAGE_WIDTH - MARGIN;
/// A third of a page: what is longer begins where there is room, and goes on over pages.
const LONGEST_ROW: i32 = 1_800;

/// The sizes of one document: larger on what a beneficiary holds.
#[derive(Debug, Clone, Copy)]
struct Scale {
    body: i32,
    /// Particulars and balances.
    table: i32,
    /// What is for checking, not for reading.
    small: i32,
    /// Air between blocks.
    air: i32,
    signature: i32,
}

const OFFICE: Scale = Scale { body: 82, table: 78, small: 60, air: 60, signature: 520 };
const LARGE: Scale = Scale { body: 94, table: 76, small: 58, air: 52, signature: 470 };

struct Layout<'v> {
    view: &'v ReceiptView,
    sheets: Sheets,
    scale: Scale,
}

pub(super) fn file(view: &ReceiptView) -> Vec<u8> {
    let scale = if view.gist.is_some() { LARGE } else { OFFICE };
    let sheets = Sheets::new(format!("{}  ·  {}", view.number, view.short_hash));
    let mut layout = Layout { view, sheets, scale };
    layout.header();
    layout.sides();
    if let Some(amount) = &view.amount {
        layout.amount(amount);
    }
    layout.lots();
    layout.rows();
    layout.balances();
    layout.caveat();
    layout.signatures();
    layout.integrity();
    layout.sheets.finish(&view.name(), &view.office)
}

impl Layout<'_> {
    const fn plain(&self) -> Type {
        Type::new(Face::Regular, self.scale.body, Ink::Black)
    }

    const fn strong(&self) -> Type {
        Type::new(Face::Bold, self.scale.body, Ink::Black)
    }

    const fn label(&self) -> Type {
        Type::new(Face::Regular, self.scale.body * 88 / 100, Ink::Grey)
    }

    fn header(&mut self) {
        let view = self.view;
        let top = self.sheets.y;
        let qr = Qr::of(&view.qr_text);
        let module = if qr.side == 0 { 0 } else { 720 / i32::from(qr.side) };
        self.sheets.qr(&qr, (RIGHT, top), module);
        let room = ROOM - i32::from(qr.side) * module - 160;
        let title = Type::new(Face::Bold, 150, Ink::Blue);
        self.sheets.paragraph(self.strong(), MARGIN, room, &view.sponsor);
        self.sheets.paragraph(self.plain(), MARGIN, room, &view.programme);
        self.sheets.space(25);
        self.sheets.paragraph(title, MARGIN, room, &view.title);
        self.sheets.space(15);
        self.sheets.paragraph(Type::new(Face::Bold, 108, Ink::Black), MARGIN, room, &format!("N° {}", view.number));
        self.sheets.paragraph(self.plain(), MARGIN, room, &view.moment);
        self.sheets.y = self.sheets.y.min(top - i32::from(qr.side) * module) - 45;
        self.sheets.rule(Ink::Blue, 16);
    }

    fn sides(&mut self) {
        if self.view.sides.is_empty() {
            return;
        }
        self.sheets.space(self.scale.air * 2 / 3);
        let room = (ROOM - GAP) / 2;
        let top = self.sheets.y;
        let mut lowest = top;
        for (side, x) in self.view.sides.iter().zip([MARGIN, MARGIN + room + GAP]) {
            lowest = lowest.min(top - self.side(side, (x, top), room));
        }
        self.sheets.y = lowest;
    }

    fn side(&mut self, side: &Side, (x, top): (i32, i32), room: i32) -> i32 {
        let mut height = self.sheets.column(self.label(), (x, top), room, side.label);
        height += self.sheets.column(self.strong(), (x, top - height), room, &side.name);
        for detail in &side.details {
            height += self.sheets.column(self.plain(), (x, top - height), room, detail);
        }
        height
    }

    fn amount(&mut self, amount: &Amount) {
        let view = self.view;
        let sum = Type::new(Face::Bold, self.scale.body * 155 / 100, Ink::Black);
        let until = Type::new(Face::Bold, self.scale.body * 118 / 100, Ink::Black);
        let words = format!("{} Valeur faciale d'un pass : {}.", amount.words, amount.face);
        let mut texts = vec![(self.plain(), words)];
        if let Some(gist) = &view.gist {
            texts.extend(gist.until.clone().map(|text| (until, text)));
            texts.push((self.plain(), gist.sentence.clone()));
            texts.extend(gist.orientation.iter().map(|line| (self.plain(), line.clone())));
        }
        let room = ROOM - 200;
        let height = |(kind, text): &(Type, String)| {
            i32::try_from(kind.lines(room, text).len()).unwrap_or(i32::MAX).saturating_mul(kind.leading())
        };
        // Where quantity and total are too long for one line, the total takes its own.
        let wide = width(sum.face, sum.size, &encode(&format!("{}   {}", amount.quantity, amount.total))) > room;
        let tall = 90 + sum.leading() * if wide { 2 } else { 1 } + texts.iter().map(height).sum::<i32>();
        self.sheets.space(self.scale.air);
        self.sheets.need(tall);
        let bottom = self.sheets.y - tall;
        self.sheets.fill(Ink::Pale, (MARGIN, bottom), (ROOM, tall));
        self.sheets.fill(Ink::Blue, (MARGIN, bottom), (24, tall));
        self.sheets.space(30);
        self.sheets.paragraph(sum, MARGIN + 100, room, &amount.quantity);
        if wide {
            self.sheets.space(sum.leading());
        }
        self.sheets.place_right(sum, RIGHT - 100, self.sheets.y + sum.size / 4, &amount.total);
        for (kind, text) in &texts {
            self.sheets.paragraph(*kind, MARGIN + 100, room, text);
        }
        self.sheets.y = bottom;
    }

    fn lots(&mut self) {
        for lot in &self.view.lots {
            self.sheets.space(self.scale.air * 2 / 3);
            let (label, kind) = (self.label(), self.strong());
            let name = encode(&format!("{}  ", lot.label));
            let indent = width(label.face, label.size, &name);
            let list = encode(&lot.serials.join("   "));
            // A short list stands beside its label.
            if indent + width(kind.face, kind.size, &list) <= ROOM {
                self.sheets.need(kind.leading());
                self.sheets.space(kind.leading());
                let height = self.sheets.y + kind.size / 4;
                self.sheets.place(label, MARGIN, height, &name);
                self.sheets.place(kind, MARGIN + indent, height, &list);
                continue;
            }
            self.sheets.need(label.leading() + kind.leading());
            self.sheets.paragraph(label, MARGIN, ROOM, &lot.label);
            self.serials(&lot.serials);
        }
    }

    /// Serials in lines, each kept whole.
    fn serials(&mut self, serials: &[String]) {
        let kind = self.strong();
        let mut line: Vec<u8> = Vec::new();
        for serial in serials {
            let longer = if line.is_empty() { encode(serial) } else { [&line, &b"   "[..], &encode(serial)].concat() };
            if width(kind.face, kind.size, &longer) <= ROOM {
                line = longer;
            } else {
                self.serial_line(kind, &line);
                line = encode(serial);
            }
        }
        self.serial_line(kind, &line);
    }

    fn serial_line(&mut self, kind: Type, line: &[u8]) {
        self.sheets.need(kind.leading());
        self.sheets.space(kind.leading());
        self.sheets.place(kind, MARGIN, self.sheets.y + kind.size / 4, line);
    }

    fn rows(&mut self) {
        let view = self.view;
        self.sheets.space(self.scale.air * 2 / 3);
        for row in &view.rows {
            self.row(&row.label, &row.value);
        }
        if !view.services.is_empty() {
            let small = Type::new(Face::Regular, self.scale.small * 108 / 100, Ink::Black);
            let services = format!("Services payables : {}.", view.services.join(" ; "));
            if view.balances.is_empty() {
                // Something of the receipt stands above the place to sign.
                self.sheets.keep(small.height(ROOM, &services).saturating_add(18 + self.tail()));
            }
            self.sheets.rule(Ink::Line, 4);
            self.sheets.space(14);
            self.sheets.paragraph(small, MARGIN, ROOM, &services);
        }
    }

    fn row(&mut self, label: &str, value: &str) {
        let left = Type::new(Face::Regular, self.scale.table, Ink::Grey);
        let right = Type::new(Face::Regular, self.scale.table, Ink::Black);
        let column = ROOM * 27 / 100;
        let high = left.height(column - 60, label).max(right.height(ROOM - column, value)).saturating_add(28);
        let long = high > LONGEST_ROW;
        self.sheets.need(if long { 4 * left.leading() } else { high });
        self.sheets.rule(Ink::Line, 4);
        self.sheets.space(10);
        let top = self.sheets.y;
        let label = self.sheets.column(left, (MARGIN, top), column - 60, label);
        if long {
            // It goes on over pages.
            self.sheets.paragraph(right, MARGIN + column, ROOM - column, value);
            self.sheets.space(8);
            return;
        }
        let value = self.sheets.column(right, (MARGIN + column, top), ROOM - column, value);
        self.sheets.y = top - label.max(value) - 8;
    }

    fn balances(&mut self) {
        let kind = Type::new(Face::Regular, self.scale.table, Ink::Black);
        let head = Type::new(Face::Regular, self.scale.table, Ink::Grey);
        let holders = self.view.balances.iter().map(|balance| kind.height(ROOM - 1250, &balance.holder) + 28);
        let high = head.leading() + 28 + holders.sum::<i32>();
        // The place to sign takes what is signed with it to another sheet, unless both are too long for one.
        self.sheets.keep(high.saturating_add(self.tail()));
        if self.view.balances.is_empty() {
            return;
        }
        self.sheets.space(self.scale.air * 2 / 3);
        self.sheets.need(4 * kind.leading());
        self.balance(head, "Soldes du dispositif, en pass", ["Avant", "Après", "Valeur après"]);
        let last = self.view.balances.len().saturating_sub(1);
        for (place, balance) in self.view.balances.iter().enumerate() {
            if place == last {
                let own = kind.height(ROOM - 1250, &balance.holder) + 28;
                self.sheets.keep(own.saturating_add(self.tail()));
            }
            self.balance(kind, &balance.holder, [&balance.before, &balance.after, &balance.value]);
        }
    }

    fn balance(&mut self, kind: Type, holder: &str, figures: [&str; 3]) {
        let room = ROOM - 1250;
        let lines = i32::try_from(kind.lines(room, holder).len()).unwrap_or(i32::MAX);
        self.sheets.need(lines.saturating_mul(kind.leading()).saturating_add(28));
        self.sheets.rule(Ink::Line, 4);
        self.sheets.space(10);
        let top = self.sheets.y;
        for (text, right) in figures.into_iter().zip([RIGHT - 950, RIGHT - 600, RIGHT]) {
            self.sheets.place_right(kind, right, top - kind.leading() + kind.size / 4, text);
        }
        self.sheets.y = top - self.sheets.column(kind, (MARGIN, top), room, holder) - 8;
    }

    /// How high everything from the caveat down is, as far as it stays together.
    fn tail(&self) -> i32 {
        let caveat = Type::new(Face::Bold, self.scale.table, Ink::Black).height(ROOM, &self.view.caveat);
        let (strong, small) = self.checked();
        let lines = self.to_compare();
        let compared: i32 = lines.iter().map(|line| small.height(ROOM, line)).sum();
        caveat + self.scale.air * 3 + self.scale.signature + strong.leading() + compared
    }

    fn caveat(&mut self) {
        self.sheets.space(self.scale.air * 2 / 3);
        let kind = Type::new(Face::Bold, self.scale.table, Ink::Black);
        // What is signed and the place to sign stay on one sheet.
        let high = kind.height(ROOM, &self.view.caveat);
        self.sheets.need(high.saturating_add(self.scale.air + self.scale.signature));
        self.sheets.paragraph(kind, MARGIN, ROOM, &self.view.caveat);
    }

    fn signatures(&mut self) {
        let high = self.scale.signature;
        self.sheets.space(self.scale.air);
        self.sheets.need(high);
        let room = (ROOM - GAP) / 2;
        let top = self.sheets.y;
        for (signature, x) in self.view.signatures.iter().zip([MARGIN, MARGIN + room + GAP]) {
            self.sheets.frame((x, top - high), (room, high));
            self.sheets.column(self.label(), (x + 60, top - 15), room - 120, &signature.title);
            self.mark(signature, (x + 60, top - high + 45));
        }
        self.sheets.y = top - high;
    }

    /// The line at the foot of a place to sign.
    fn mark(&mut self, signature: &Signature, (x, y): (i32, i32)) {
        let kind = Type::new(Face::Regular, 68, Ink::Black);
        if signature.person {
            self.sheets.frame((x, y - 5), (60, 60));
            self.sheets.place(kind, x + 95, y, &encode("Ne peut signer. Témoin (nom, signature) :"));
        } else {
            self.sheets.place(kind, x, y, &encode("Nom et qualité :"));
        }
    }

    /// The types of what is for checking.
    const fn checked(&self) -> (Type, Type) {
        let strong = Type::new(Face::Bold, self.scale.small * 115 / 100, Ink::Black);
        (strong, Type::new(Face::Regular, self.scale.small, Ink::Black))
    }

    /// What is compared, below the first digits of the hash.
    fn to_compare(&self) -> Vec<String> {
        let view = self.view;
        let verification = view.verification.as_ref().map(|at| format!(" Vérification : {at}")).unwrap_or_default();
        let mut lines = vec![
            format!("SHA-256 complet : {}", view.hash),
            format!("Récépissé précédent : {}", view.previous),
            format!("Position au journal : {} ; {}.{verification}", view.position, view.seal),
        ];
        lines.extend(view.digests.iter().map(|Row { label, value }| format!("{label} : {value}")));
        lines
    }

    fn integrity(&mut self) {
        let view = self.view;
        let (strong, small) = self.checked();
        self.sheets.space(self.scale.air * 2 / 3);
        let lines = self.to_compare();
        // Whoever compares finds all of it on one sheet.
        let rest: i32 = lines.iter().map(|line| small.height(ROOM, line)).sum();
        self.sheets.need(strong.leading() + rest);
        self.sheets.paragraph(strong, MARGIN, ROOM, &format!("Empreinte à comparer : {}", view.short_hash));
        for line in lines {
            self.sheets.paragraph(small, MARGIN, ROOM, &line);
        }
        if let Some(handed) = &view.handed {
            self.handed(handed, small);
        }
        self.sheets.space(12);
        self.sheets.paragraph(small, MARGIN, ROOM, &view.privacy);
    }

    fn handed(&mut self, handed: &Handed, small: Type) {
        self.sheets.paragraph(small, MARGIN, ROOM, &format!("Engagement d'identité : {}", handed.commitment));
        if handed.recipe.is_empty() {
            return;
        }
        self.sheets.space(12);
        self.sheets.paragraph(small, MARGIN, ROOM, super::phrases::RECIPE);
        for line in &handed.recipe {
            self.sheets.paragraph(small, MARGIN + 80, ROOM - 80, line);
        }
    }
}

#[cfg(test)]
mod tests;
