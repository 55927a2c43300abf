//! What a person says of their sex, where they say anything: never asked for, never in a receipt, kept for the figures alone.
//! What never lives here: a civility, or a guess from a given name.

use super::named::named;
use super::refusal::Malformed;

named!(
    /// As the person says it.
    Sex, Malformed::Identifier, {
        Female => "female",
        Male => "male",
        Other => "other",
    }
);
