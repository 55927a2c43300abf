//! One table shape for every report: columns that are documented once, rows that are pulled in pages, and the
//! moment they speak of. What never lives here: how a table is written (see `export`), or a figure.

use crate::domain::money::Cents;
use crate::domain::short_code::ShortCode;
use crate::domain::time::{Day, Instant};
use crate::store::StoreError;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    Text,
    /// A whole number.
    Integer,
    /// Money in euro cents. The column's name ends in `_cents`.
    Cents,
    /// `YYYY-MM-DD`.
    Date,
    /// UTC to the millisecond, ISO 8601.
    Instant,
}

impl ColumnKind {
    /// The name used in the JSON description of a column.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Cents => "cents",
            Self::Date => "date",
            Self::Instant => "instant",
        }
    }
}

/// A column: its stable name and its French header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// `snake_case`; part of the API, never changes its meaning.
    pub name: &'static str,
    /// Without its unit: money gets `(centimes)` or `(euros)` when it is written.
    pub label: &'static str,
    pub kind: ColumnKind,
    /// Whether control totals sum the column: not where a row already holds a running balance.
    pub summed: bool,
}

impl Column {
    #[must_use]
    pub const fn text(name: &'static str, label: &'static str) -> Self {
        Self { name, label, kind: ColumnKind::Text, summed: false }
    }

    #[must_use]
    pub const fn integer(name: &'static str, label: &'static str) -> Self {
        Self { name, label, kind: ColumnKind::Integer, summed: true }
    }

    #[must_use]
    pub const fn cents(name: &'static str, label: &'static str) -> Self {
        Self { name, label, kind: ColumnKind::Cents, summed: true }
    }

    #[must_use]
    pub const fn date(name: &'static str, label: &'static str) -> Self {
        Self { name, label, kind: ColumnKind::Date, summed: false }
    }

    #[must_use]
    pub const fn instant(name: &'static str, label: &'static str) -> Self {
        Self { name, label, kind: ColumnKind::Instant, summed: false }
    }

    /// The same without a control total, for a running balance.
    #[must_use]
    pub const fn running(self) -> Self {
        Self { summed: false, ..self }
    }
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing to say: an empty field in CSV, `null` in JSON.
    Empty,
    Text(String),
    Integer(i64),
    Cents(Cents),
    Day(Day),
    Instant(Instant),
}

impl Value {
    /// What control totals add.
    #[must_use]
    pub const fn number(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            Self::Cents(cents) => Some(cents.get()),
            Self::Empty | Self::Text(_) | Self::Day(_) | Self::Instant(_) => None,
        }
    }
}

macro_rules! value_from {
    ($($from:ty => $build:expr),+ $(,)?) => {
        $(impl From<$from> for Value {
            fn from(value: $from) -> Self {
                $build(value)
            }
        })+
    };
}
value_from! {
    String => Self::Text,
    &str => |text: &str| Self::Text(text.to_owned()),
    i64 => Self::Integer,
    Cents => Self::Cents,
    Day => Self::Day,
    Instant => Self::Instant,
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

/// One row: a value per column, in the order of the columns.
pub type Row = Vec<Value>;

/// Writes a row from anything that is a [`Value`].
macro_rules! row {
    ($($value:expr),+ $(,)?) => { vec![$($crate::reports::table::Value::from($value)),+] };
}
pub(super) use row;

/// Where rows come from: a page at a time until `None`, so that memory stays the same however many there are.
pub type Pages = Box<dyn FnMut() -> Result<Option<Vec<Row>>, StoreError> + Send>;

/// Pages of rows that are all there already: sums, whose number does not grow with the journal.
#[must_use]
pub(super) fn whole(rows: Vec<Row>) -> Pages {
    let mut rows = Some(rows);
    Box::new(move || Ok(rows.take()))
}

/// The moment and the question a report answers. No time of making: the same question gives the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    pub programme: ShortCode,
    /// The last business day that counts.
    pub as_of: Day,
    /// The first business day of the period, for reports on a period.
    pub from: Option<Day>,
    /// The last position of the journal that counts; 0 before the first receipt.
    pub position: i64,
    /// Hash of the receipt at `position`.
    pub head: String,
    /// What else was asked, by name.
    pub parameters: Vec<(&'static str, String)>,
    /// For checks: whether everything agrees.
    pub holds: Option<bool>,
    /// Where the journal ended in the database that was read, and when that was recorded; `None` before the first receipt.
    /// Said beside the report and not in it: the same question about a past day gives the same bytes from every replica.
    pub seen: Option<(i64, Instant)>,
    /// Whether the day is closed, so that no act can change the answer any more. Said beside the report too.
    pub closed: bool,
}

/// A report, ready to be written.
pub struct Report {
    /// As in the catalogue.
    pub name: &'static str,
    /// In French.
    pub title: &'static str,
    pub columns: &'static [Column],
    pub meta: Meta,
    pub pages: Pages,
}

impl std::fmt::Debug for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Report").field("name", &self.name).field("meta", &self.meta).finish_non_exhaustive()
    }
}

/// Control totals: how many rows, and the sum of each summed column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totals {
    pub rows: u64,
    /// One per column; `None` where nothing is summed. Wide enough for any number of rows.
    pub sums: Vec<Option<i128>>,
}

impl Totals {
    #[must_use]
    pub fn new(columns: &[Column]) -> Self {
        Self { rows: 0, sums: columns.iter().map(|column| column.summed.then_some(0)).collect() }
    }

    pub fn add(&mut self, row: &[Value]) {
        self.rows += 1;
        for (sum, value) in self.sums.iter_mut().zip(row) {
            if let (Some(sum), Some(number)) = (sum, value.number()) {
                *sum += i128::from(number);
            }
        }
    }
}
