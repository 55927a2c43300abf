//! The registration of a legal entity: the SIRET of an establishment, the RNA number of an association. What
//! never lives here: whether the entity exists; that is for the registers of Insee and of the State to say.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::refusal::Malformed;

/// La Poste outgrew the Luhn check of its establishments: for its SIREN the 14 digits must add up to a multiple
/// of five instead (Insee's documented exception; its older establishments still pass Luhn).
const LA_POSTE: &str = "356000000";

/// The 14 digits of an establishment: SIREN (9) and establishment number (5), each with its Luhn check.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Siret(String);

impl Siret {
    /// Reads 14 digits; spaces between them are forgiven, as SIRETs are printed in groups.
    ///
    /// # Errors
    /// [`Malformed::Siret`], a wrong check included.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}')).collect();
        let shaped = digits.len() == 14 && digits.bytes().all(|byte| byte.is_ascii_digit());
        let siren = digits.get(..9).filter(|siren| shaped && *siren != "000000000").ok_or(Malformed::Siret)?;
        let checked = luhn(&digits) || (siren == LA_POSTE && digit_sum(&digits).is_multiple_of(5));
        if luhn(siren) && checked { Ok(Self(digits)) } else { Err(Malformed::Siret) }
    }

    /// A number that passes the checks and belongs to nobody, for demonstrations and tests: the block that begins with
    /// 999 is not in use. Another one for each number below 100,000.
    #[must_use]
    pub fn invented(number: u32) -> Self {
        let siren = with_check(&format!("999{:05}", number % 100_000));
        Self(with_check(&format!("{siren}0001")))
    }

    /// The 14 digits without spaces.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first nine digits: the legal entity.
    #[must_use]
    pub fn siren(&self) -> &str {
        self.0.get(..9).unwrap_or_default()
    }
}

fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .chars()
        .rev()
        .filter_map(|c| c.to_digit(10))
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => digit * 2 - 9,
            (_, digit) => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// The digits with the one that makes them pass.
fn with_check(digits: &str) -> String {
    (0..10).map(|check| format!("{digits}{check}")).find(|whole| luhn(whole)).unwrap_or_default()
}

fn digit_sum(digits: &str) -> u32 {
    digits.chars().filter_map(|c| c.to_digit(10)).sum()
}

/// The number of an association in the Répertoire national des associations: `W` and nine digits. The second of
/// them is a letter where the department's is (`2A`, `2B`) and in the overseas registers (`W9R…`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rna(String);

impl Rna {
    /// Reads the ten characters; lower case and surrounding spaces are forgiven.
    ///
    /// # Errors
    /// [`Malformed::Rna`].
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let text = text.trim_matches(' ').to_ascii_uppercase();
        let shaped = text.len() == 10
            && text.char_indices().all(|(place, c)| match place {
                0 => c == 'W',
                2 => c.is_ascii_digit() || c.is_ascii_uppercase(),
                _ => c.is_ascii_digit(),
            });
        if shaped { Ok(Self(text)) } else { Err(Malformed::Rna) }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! through_text {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Malformed;
            fn try_from(text: String) -> Result<Self, Malformed> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}

through_text!(Siret);
through_text!(Rna);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_siret_is_read_with_or_without_spaces() {
        let insee = Siret::parse("120 027 016 00563").unwrap();
        assert_eq!((insee.as_str(), insee.siren()), ("12002701600563", "120027016"));
        assert_eq!(Siret::parse(" 12002701600563 "), Ok(insee.clone()));
        assert_eq!(Siret::parse("120\u{a0}027\u{202f}016 00563"), Ok(insee.clone()));
        assert_eq!(insee.to_string(), "12002701600563");
    }

    #[test]
    fn a_siret_refuses_other_texts() {
        for wrong in [
            "",
            "1200270160056",
            "120027016005630",
            "12002701600564",
            "12002701600A63",
            "120-027-016-00563",
            "00000000000000",
            "１2002701600563",
            "12002701600563\0",
        ] {
            assert_eq!(Siret::parse(wrong), Err(Malformed::Siret), "{wrong:?}");
        }
    }

    #[test]
    fn an_invented_siret_passes_and_is_never_invented_twice() {
        let all: std::collections::BTreeSet<Siret> = (0..2_000).map(Siret::invented).collect();
        assert_eq!(all.len(), 2_000);
        for siret in &all {
            assert_eq!(Siret::parse(siret.as_str()), Ok(siret.clone()));
            assert!(siret.siren().starts_with("999"));
        }
    }

    #[test]
    fn the_siren_must_pass_its_own_check() {
        // 14 digits that pass Luhn as a whole while their first nine do not.
        let whole = "12002701700009";
        assert!(luhn(whole) && !luhn(&whole[..9]));
        assert_eq!(Siret::parse(whole), Err(Malformed::Siret));
    }

    #[test]
    fn la_poste_is_checked_by_the_sum_of_its_digits() {
        for right in ["35600000000048", "35600000049837", "35600000009075"] {
            assert!(Siret::parse(right).is_ok(), "{right}");
        }
        assert!(luhn("35600000000048") && !luhn("35600000049837"));
        assert_eq!(Siret::parse("35600000049838"), Err(Malformed::Siret));
    }

    #[test]
    fn every_wrong_digit_of_a_siret_is_caught() {
        let right = "12002701600563";
        for place in 0..14 {
            for new in ('0'..='9').filter(|new| !right[place..].starts_with(*new)) {
                let mut wrong = right.to_owned();
                wrong.replace_range(place..=place, &new.to_string());
                assert_eq!(Siret::parse(&wrong), Err(Malformed::Siret), "{wrong}");
            }
        }
    }

    #[test]
    fn an_rna_number_is_a_w_and_nine_characters() {
        for right in ["W751212517", "W2A1000123", "W9R2001234"] {
            assert_eq!(Rna::parse(right).unwrap().as_str(), right);
        }
        assert_eq!(Rna::parse(" w751212517 ").unwrap().to_string(), "W751212517");
        for wrong in
            ["", "W75121251", "W7512125170", "751212517", "X751212517", "WA51212517", "W75A212517", "W75 212517"]
        {
            assert_eq!(Rna::parse(wrong), Err(Malformed::Rna), "{wrong}");
        }
    }

    #[test]
    fn registrations_pass_through_serde_by_their_parser() {
        let siret: Siret = serde_json::from_str("\"120 027 016 00563\"").unwrap();
        assert_eq!(serde_json::to_string(&siret).unwrap(), "\"12002701600563\"");
        assert!(serde_json::from_str::<Rna>("\"W1\"").is_err());
    }
}
