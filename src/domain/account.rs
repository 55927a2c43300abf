//! A bank account as people write it: IBAN, BIC and the name of its holder. What never lives here: where it is kept; in
//! clear nowhere.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::refusal::Malformed;
use super::text::Label;

/// An IBAN of the SEPA zone: the length and form of its country, and the check of ISO 7064 MOD 97-10. It has no
/// `Display`, and its `Debug` is masked: a log line is written in a hurry.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Iban(sepa::Iban);

impl Iban {
    /// Reads an IBAN; spaces and letter case are forgiven.
    ///
    /// # Errors
    /// [`Malformed::Iban`].
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let iban = sepa::validate_iban(&plain.to_ascii_uppercase()).map_err(|_| Malformed::Iban)?;
        if iban.is_sepa() { Ok(Self(iban)) } else { Err(Malformed::Iban) }
    }

    /// What may be shown: `FR76 •••• 0189`.
    #[must_use]
    pub fn masked(&self) -> String {
        let text = self.0.as_str();
        let ends = (text.get(..4).unwrap_or_default(), text.len().checked_sub(4).and_then(|at| text.get(at..)));
        format!("{} •••• {}", ends.0, ends.1.unwrap_or_default())
    }

    /// The value for a payment file.
    #[must_use]
    pub const fn get(&self) -> &sepa::Iban {
        &self.0
    }
}

impl fmt::Debug for Iban {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl TryFrom<String> for Iban {
    type Error = Malformed;
    fn try_from(text: String) -> Result<Self, Malformed> {
        Self::parse(&text)
    }
}

impl From<Iban> for String {
    fn from(iban: Iban) -> Self {
        iban.0.as_str().to_owned()
    }
}

/// The identifier of a bank (ISO 9362): 8 or 11 characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Bic(sepa::Bic);

impl Bic {
    /// Reads a BIC; letter case is forgiven.
    ///
    /// # Errors
    /// [`Malformed::Bic`].
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        sepa::validate_bic(&text.trim().to_ascii_uppercase()).map(Self).map_err(|_| Malformed::Bic)
    }

    /// The value for a payment file.
    #[must_use]
    pub const fn get(&self) -> &sepa::Bic {
        &self.0
    }
}

impl TryFrom<String> for Bic {
    type Error = Malformed;
    fn try_from(text: String) -> Result<Self, Malformed> {
        Self::parse(&text)
    }
}

impl From<Bic> for String {
    fn from(bic: Bic) -> Self {
        bic.0.as_str().to_owned()
    }
}

/// An account and its holder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// As the bank knows it.
    pub holder: Label,
    pub iban: Iban,
    pub bic: Option<Bic>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_iban_has_the_length_of_its_country_and_the_right_check() {
        let iban = Iban::parse("fr76 3000 6000 0112 3456 7890 189").unwrap();
        assert_eq!(iban.masked(), "FR76 •••• 0189");
        assert_eq!(format!("{iban:?}"), "FR76 •••• 0189");
        for wrong in [
            "",
            "FR7630006000011234567890188",
            "FR763000600001123456789018",
            "FR76300060000112345678901890",
            "XX7630006000011234567890189",
            // Sound, and outside the zone of euro transfers.
            "BR1800360305000010009795493C1",
        ] {
            assert_eq!(Iban::parse(wrong), Err(Malformed::Iban), "{wrong}");
        }
        assert!(Iban::parse("DE89 3704 0044 0532 0130 00").is_ok());
    }

    #[test]
    fn a_bic_has_eight_or_eleven_characters() {
        assert!(Bic::parse("AGRIFRPP").is_ok() && Bic::parse("bdfefrppcct").is_ok());
        for wrong in ["", "AGRIFRP", "AGRIFRPPX", "1GRIFRPP!"] {
            assert_eq!(Bic::parse(wrong), Err(Malformed::Bic), "{wrong}");
        }
    }
}
