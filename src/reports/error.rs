//! Why a report cannot be given. What never lives here: a sentence or a status (see `catalogue`).

use crate::store::StoreError;

/// The "no" to a question.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("no report has this name")]
    Unknown,
    #[error("no such programme")]
    ProgrammeUnknown,
    /// The report needs this parameter.
    #[error("the parameter {0} is missing")]
    ParameterMissing(&'static str),
    /// The parameter cannot be read; what it takes, in words of no language.
    #[error("the parameter {0} is malformed")]
    ParameterMalformed(&'static str, &'static str),
    /// The period ends before it begins.
    #[error("the period ends before it begins")]
    PeriodReversed,
    /// No payment has this number.
    #[error("no such payment")]
    PaymentUnknown(i64),
    /// The report does not take this parameter.
    #[error("the parameter {0} is unexpected")]
    ParameterUnexpected(&'static str),
    /// Not the caller's part of the programme: told like something that does not exist.
    #[error("not in the caller's scope")]
    NotInScope,
    /// No such booklet or pass on that day, or not in the caller's part of the programme.
    #[error("no such serial on that day")]
    SerialUnknown,
    /// The report counts the present state, which no longer is that of the day asked for.
    #[error("the report only speaks of the present")]
    OnlyNow,
    #[error("no chart has this name")]
    ChartUnknown,
    /// The report has no positions.
    #[error("the report has no positions")]
    NoMap,
    /// More rows than a workbook can hold.
    #[error("more rows than a workbook can hold")]
    TooLong,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ReportError {
    /// The stable code, part of the API.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "report_unknown",
            Self::ProgrammeUnknown => "programme_unknown",
            Self::ParameterMissing(_) => "parameter_missing",
            Self::ParameterMalformed(..) => "parameter_malformed",
            Self::PeriodReversed => "dates_out_of_order",
            Self::PaymentUnknown(_) => "payment_unknown",
            Self::ParameterUnexpected(_) => "parameter_unexpected",
            Self::NotInScope => "not_in_scope",
            Self::SerialUnknown => "serial_unknown",
            Self::OnlyNow => "report_only_now",
            Self::ChartUnknown => "chart_unknown",
            Self::NoMap => "report_without_map",
            Self::TooLong => "report_too_long",
            Self::Store(_) => "internal_error",
        }
    }

    /// The parameter that must change, where there is one.
    #[must_use]
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::ParameterMissing(name) | Self::ParameterMalformed(name, _) | Self::ParameterUnexpected(name) => {
                Some(name)
            }
            Self::PeriodReversed => Some("from"),
            Self::PaymentUnknown(_) => Some("payment"),
            Self::SerialUnknown => Some("serial"),
            Self::OnlyNow => Some("as_of"),
            Self::Unknown
            | Self::ProgrammeUnknown
            | Self::NotInScope
            | Self::ChartUnknown
            | Self::NoMap
            | Self::TooLong
            | Self::Store(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_sentences() {
        let errors = [
            ReportError::Unknown,
            ReportError::ProgrammeUnknown,
            ReportError::ParameterMissing("holder"),
            ReportError::ParameterMalformed("holder", "store"),
            ReportError::PeriodReversed,
            ReportError::PaymentUnknown(99),
            ReportError::ParameterUnexpected("holder"),
            ReportError::NotInScope,
            ReportError::SerialUnknown,
            ReportError::OnlyNow,
            ReportError::ChartUnknown,
            ReportError::NoMap,
            ReportError::TooLong,
            ReportError::Store(StoreError::Failed("x".to_owned())),
        ];
        for error in errors {
            assert_eq!(crate::catalogue::find(error.code()).code, error.code());
        }
    }
}
