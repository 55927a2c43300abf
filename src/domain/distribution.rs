//! How a programme distributes its booklets: what the Region sets besides dates and entitlement. What never lives here: who
//! is eligible (see `eligibility`).

use serde::{Deserialize, Serialize};

use super::refusal::{Refusal, check_bounds};
use super::text::Label;
use super::time::Day;

/// The rules of distribution of a programme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DistributionRules {
    /// Days within which an applicant brings what is missing, or a new address; 1 to 365.
    pub completion_days: u32,
    /// The court before which a refusal may be disputed, as the letter names it.
    pub appeal_court: Label,
    /// Where the request to reconsider a refusal is sent, as the letter gives it.
    pub appeal_address: Option<Label>,
    /// Agents hand booklets out once they are trained.
    pub training_required: bool,
    /// For how many months a training counts; 0: for ever. At most 120.
    pub training_months: u32,
    /// Whoever hands out says where the person is told to go, or what for.
    pub orientation_required: bool,
}

impl Default for DistributionRules {
    fn default() -> Self {
        #[expect(clippy::expect_used, reason = "a constant that a test reads")]
        let appeal_court = Label::parse("tribunal administratif dans le ressort duquel la Région a son siège")
            .expect("a text of the right form");
        Self {
            completion_days: 60,
            appeal_court,
            appeal_address: None,
            training_required: false,
            training_months: 0,
            orientation_required: false,
        }
    }
}

impl DistributionRules {
    /// # Errors
    /// [`super::refusal::Code::QuantityOutOfRange`] for a delay outside 1 to 365 days, or more than 120 months.
    pub fn check(&self) -> Result<(), Refusal> {
        check_bounds([
            ("completion_days", self.completion_days, 1..=365),
            ("training_months", self.training_months, 0..=120),
        ])
    }

    /// Whether an agent who was trained on that day, or never, may hand out on `day`.
    #[must_use]
    pub fn is_trained(&self, trained_on: Option<Day>, day: Day) -> bool {
        let counts = |trained: Day| self.training_months == 0 || trained > day.minus_months(self.training_months);
        !self.training_required || trained_on.is_some_and(counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_rules_are_well_formed() {
        let rules = DistributionRules::default();
        assert_eq!(rules.check(), Ok(()));
        assert!(DistributionRules { completion_days: 0, ..rules.clone() }.check().is_err());
        assert!(DistributionRules { training_months: 121, ..rules }.check().is_err());
    }

    #[test]
    fn a_training_counts_for_as_long_as_the_programme_says() {
        let day = |text| Day::parse(text).unwrap();
        let (trained, today) = (Some(day("2025-11-24")), day("2026-11-24"));
        let rules = DistributionRules::default();
        assert!(rules.is_trained(None, today), "none is asked for");
        let asked = DistributionRules { training_required: true, ..rules };
        assert!(!asked.is_trained(None, today) && asked.is_trained(trained, today));
        let yearly = DistributionRules { training_months: 12, ..asked };
        assert!(yearly.is_trained(trained, day("2026-11-23")) && !yearly.is_trained(trained, today));
    }
}
