//! Codes of priority neighbourhoods (quartiers prioritaires de la politique de la ville, QPV). What never lives here: their
//! outlines, which are streets and not communes: whoever sits at the counter looks the address up on the State's map.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::refusal::Malformed;

/// A QPV code: `QP` and six digits for the neighbourhoods of 2015; `QN`, five characters and a letter for those of 2024.
/// Its form is checked, not that the neighbourhood exists: rules list those they mean.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NeighbourhoodCode([u8; 8]);

impl NeighbourhoodCode {
    /// Reads a code; lower case and surrounding spaces are forgiven.
    ///
    /// # Errors
    /// [`Malformed::Neighbourhood`].
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let text = text.trim_matches(' ').to_ascii_uppercase();
        let code: [u8; 8] = text.as_bytes().try_into().map_err(|_| Malformed::Neighbourhood)?;
        let fits = match code {
            [b'Q', b'P', rest @ ..] => rest.iter().all(u8::is_ascii_digit),
            [b'Q', b'N', rest @ .., last] => rest.iter().all(u8::is_ascii_alphanumeric) && last.is_ascii_alphabetic(),
            _ => false,
        };
        if fits { Ok(Self(code)) } else { Err(Malformed::Neighbourhood) }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for NeighbourhoodCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NeighbourhoodCode({self})")
    }
}

impl fmt::Display for NeighbourhoodCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for NeighbourhoodCode {
    type Error = Malformed;
    fn try_from(text: String) -> Result<Self, Malformed> {
        Self::parse(&text)
    }
}

impl From<NeighbourhoodCode> for String {
    fn from(code: NeighbourhoodCode) -> Self {
        code.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_editions_are_read_and_nothing_else() {
        for fine in ["QP059001", "QN05901M", "qn02a01m", " QN97101A "] {
            assert!(NeighbourhoodCode::parse(fine).is_ok(), "{fine}");
        }
        for wrong in ["", "QP05900A", "QN059011", "QX059001", "QP59001", "QN05901MM", "QN0590éM"] {
            assert_eq!(NeighbourhoodCode::parse(wrong), Err(Malformed::Neighbourhood), "{wrong}");
        }
    }
}
