//! Short codes of programmes and organisations, such as `HDF21` and `MAUB`: the words from which serials and
//! receipt numbers are built. What never lives here: which codes are taken; that is reference data.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::refusal::Malformed;

/// 2 to 10 characters among `A`–`Z` and `0`–`9`, the first one a letter. It never contains a hyphen, so that a
/// serial can be cut at its hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ShortCode(String);

impl ShortCode {
    /// Reads the code, exactly in capitals and without surrounding spaces.
    ///
    /// # Errors
    /// [`Malformed::Code`].
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        if Self::is_one(text) { Ok(Self(text.to_owned())) } else { Err(Malformed::Code) }
    }

    /// Whether [`Self::parse`] would read it, for whoever checks millions and keeps none.
    #[must_use]
    pub fn is_one(text: &str) -> bool {
        let fits = (2..=10).contains(&text.len());
        let starts = text.starts_with(|c: char| c.is_ascii_uppercase());
        fits && starts && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ShortCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ShortCode {
    type Error = Malformed;
    fn try_from(text: String) -> Result<Self, Malformed> {
        Self::parse(&text)
    }
}

impl From<ShortCode> for String {
    fn from(code: ShortCode) -> Self {
        code.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_code_is_written_as_it_is_read() {
        for right in ["HDF21", "MAUB", "A1", "ABCDEFGHIJ"] {
            let code = ShortCode::parse(right).unwrap();
            assert_eq!((code.as_str(), code.to_string().as_str()), (right, right));
        }
    }

    #[test]
    fn a_short_code_refuses_other_texts() {
        for wrong in ["", "A", "ABCDEFGHIJK", "1AB", "hdf21", " HDF21", "HDF-21", "HDF 21", "ÉTÉ", "HDF21\0"] {
            assert_eq!(ShortCode::parse(wrong), Err(Malformed::Code), "{wrong:?}");
        }
    }

    #[test]
    fn a_short_code_passes_through_serde_by_its_parser() {
        let code: ShortCode = serde_json::from_str("\"MAUB\"").unwrap();
        assert_eq!(serde_json::to_string(&code).unwrap(), "\"MAUB\"");
        let refused = serde_json::from_str::<ShortCode>("\"maub\"").unwrap_err();
        assert!(refused.to_string().starts_with("short_code_malformed"), "{refused}");
    }
}
