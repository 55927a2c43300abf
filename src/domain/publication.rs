//! What a programme publishes of its own figures: everybody may read them once it says so. What never lives here: a figure.

use serde::{Deserialize, Serialize};

use super::reach::{FURTHEST_KM, NEAR_KM};
use super::refusal::Refusal;

/// How a programme publishes its figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PublicationRules {
    /// Whether anybody may read its open data without signing in.
    pub open_data: bool,
    /// How far is near, in kilometres, when white zones are published: 1 to 100.
    pub within_km: u32,
}

impl Default for PublicationRules {
    fn default() -> Self {
        Self { open_data: false, within_km: NEAR_KM }
    }
}

impl PublicationRules {
    /// # Errors
    /// [`super::refusal::Code::QuantityOutOfRange`].
    pub fn check(self) -> Result<(), Refusal> {
        if (1..=FURTHEST_KM).contains(&self.within_km) {
            return Ok(());
        }
        Err(Refusal::out_of_range("within_km", 1, FURTHEST_KM))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_published_until_somebody_says_so() {
        let rules = PublicationRules::default();
        assert!(!rules.open_data && rules.check().is_ok());
        assert!(PublicationRules { within_km: 0, ..rules }.check().is_err());
        assert!(PublicationRules { within_km: 101, ..rules }.check().is_err());
    }
}
