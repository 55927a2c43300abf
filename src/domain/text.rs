//! Texts that people type: bounded, in NFC, without control characters, so that they can be sealed, printed
//! and put into a spreadsheet. What never lives here: meaning; a name is as good as any other.

use unicode_normalization::UnicodeNormalization;

use super::refusal::Malformed;

pub(super) fn clean(text: &str, longest: usize) -> Option<String> {
    let text: String = text.trim().nfc().collect();
    let fits = !text.is_empty() && text.chars().count() <= longest;
    (fits && !text.chars().any(char::is_control)).then_some(text)
}

macro_rules! text_value {
    ($(#[$doc:meta])* $name:ident, $error:expr, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Reads the text, trimmed and in NFC.
            ///
            /// # Errors
            #[doc = concat!("[`", stringify!($error), "`].")]
            pub fn parse(text: &str) -> Result<Self, Malformed> {
                let check: fn(&str) -> Option<String> = $check;
                check(text).map(Self).ok_or($error)
            }

            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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

pub(super) use text_value;

text_value!(
    /// A name, title, address or reason in 1 to 200 characters.
    Label, Malformed::Text, |text| clean(text, 200)
);

text_value!(
    /// A document's number as another body wrote it (order, payment order, mandate agreement): 1 to 40
    /// characters among letters, digits and `. _ / -`, at least one digit; not starting or ending with a
    /// separator, so that it can stand in a URL and in a file name. No spaces: this is no place for a name.
    Reference, Malformed::Identifier, |text| {
        let text = clean(text, 40)?;
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '/' | '-');
        let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let numbered = text.chars().any(|c| c.is_ascii_digit());
        (numbered && text.chars().all(allowed) && ends(text.chars().next()) && ends(text.chars().last())).then_some(text)
    }
);

text_value!(
    /// The number of a receipt: `HDF21-MAUB-2026-000042`. Whether there is such a receipt is another question.
    ReceiptNumber, Malformed::ReceiptNumber, |text| {
        let text = clean(text, 60)?.to_ascii_uppercase();
        let parts: Vec<&str> = text.split('-').collect();
        let plain = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric());
        (parts.len() == 4 && parts.iter().all(plain)).then_some(text)
    }
);

text_value!(
    /// Why a bank does not pay, as it says: the code of ISO 20022, such as `AC01`. Two to eight capitals and digits.
    BankReason, Malformed::Identifier, |text| {
        let text = clean(text, 8)?;
        let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
        (text.chars().count() >= 2 && text.chars().all(plain)).then_some(text)
    }
);

text_value!(
    /// An e-mail address in lower case: one `@`, a dot in the domain, at most 254 characters. Whether it
    /// receives mail is not a matter of form.
    Email, Malformed::Email, |text| {
        let text = clean(text, 254)?.to_lowercase();
        let (local, domain) = text.split_once('@')?;
        let plain = |part: &str| !part.is_empty() && !part.chars().any(|c| c.is_whitespace() || c == '@');
        let dotted = domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.');
        (plain(local) && plain(domain) && dotted).then_some(text)
    }
);

text_value!(
    /// The client's name for one request: 16 to 64 characters among letters, digits, `_` and `-`.
    IdempotencyKey, Malformed::IdempotencyKey, |text| {
        let text = text.trim().trim_matches('"');
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        ((16..=64).contains(&text.len()) && text.chars().all(allowed)).then(|| text.to_owned())
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_trimmed_and_composed() {
        assert_eq!(Label::parse("  Cafe\u{301} ").unwrap().as_str(), "Café");
        for wrong in ["", "   ", "a\0b", "a\nb", &"x".repeat(201)] {
            assert_eq!(Label::parse(wrong), Err(Malformed::Text));
        }
    }

    #[test]
    fn a_reference_can_stand_in_a_url() {
        assert!(Reference::parse("CMD-2021/0042-A").is_ok());
        for wrong in ["", "-1", "1/", "é1", "a?1", "CMD", "DUPONT Marie 1958", &"9".repeat(41)] {
            assert_eq!(Reference::parse(wrong), Err(Malformed::Identifier), "{wrong}");
        }
    }

    #[test]
    fn a_receipt_number_has_four_plain_parts() {
        assert_eq!(ReceiptNumber::parse("hdf21-maub-2026-000042").unwrap().as_str(), "HDF21-MAUB-2026-000042");
        for wrong in ["", "HDF21", "HDF21-MAUB-2026-", "HDF21-MAUB-2026-0\0", "a-b-c-d-e", "HDF21--2026-1"] {
            assert_eq!(ReceiptNumber::parse(wrong), Err(Malformed::ReceiptNumber), "{wrong}");
        }
    }

    #[test]
    fn an_email_has_a_local_part_and_a_dotted_domain() {
        assert_eq!(Email::parse("Ana@CCAS-Maubeuge.FR").unwrap().as_str(), "ana@ccas-maubeuge.fr");
        for wrong in ["a", "@b.fr", "a@b", "a b@c.fr", "a@b@c.fr", "a@.fr"] {
            assert_eq!(Email::parse(wrong), Err(Malformed::Email), "{wrong}");
        }
    }

    #[test]
    fn a_key_is_sixteen_to_sixty_four_plain_characters() {
        assert!(IdempotencyKey::parse("\"0123456789abcdef\"").is_ok());
        for wrong in ["", "0123456789abcde", "0123456789 abcdef", &"a".repeat(65)] {
            assert_eq!(IdempotencyKey::parse(wrong), Err(Malformed::IdempotencyKey), "{wrong}");
        }
    }
}
