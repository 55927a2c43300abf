//! The files of the national standard "lieux de médiation numérique": read and written as CSV and JSON, in version 1.0.2
//! and in the older 0.1, whose "Accepte le Pass numérique" no later version has. What never lives here: a database, a
//! request, or a decision about a place.

mod columns;
mod legacy;
mod reading;
mod rows;
#[cfg(test)]
mod tests;
mod writing;

pub use reading::{FileError, Read, Remark, Strictness, Treatment, read};
pub use rows::Form;
pub use writing::{Exported, csv, json};

/// A version of the standard.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Version {
    #[default]
    V1,
    /// 0.1, of before 2023: fifteen services, `;` between values.
    V01,
}

impl Version {
    /// As the standard numbers it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "1.0.2",
            Self::V01 => "0.1",
        }
    }
}
