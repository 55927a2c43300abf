//! Statements of an issuer that pays the venues itself: what it says it has paid, pass by pass, held against what the
//! ledger knows and what venues say. What never lives here: the form of a file, or a payment of the Region's own.

mod dispute;
mod facts;
mod import;
mod judging;
mod resolution;

pub use dispute::{Dispute, DisputeReason};
pub use facts::{StatementFacts, StatementNeeds, StatementRecord};
pub use import::{ImportStatement, LINES_PER_STATEMENT};
pub use judging::{Judge, Judged};
pub use resolution::{Resolution, ResolutionReason, Resolve};

use super::ids::PassId;
use super::money::Cents;
use super::month::Month;
use super::named::named;
use super::refusal::{Code, Malformed, Refusal};
use super::short_code::ShortCode;
use super::text::{clean, text_value};
use super::time::Day;

named!(
    /// How a line of a statement stands to the ledger.
    LineClass, Malformed::Identifier, {
        /// Paid by the issuer what the ledger says was spent: pass, venue, day and amount.
        Matched => "matched",
        /// Said before in the same words, and said again by a correction.
        Unchanged => "unchanged",
        /// Paid by the issuer, and not spent in the ledger.
        NotRedeemed => "not_redeemed",
        /// Paid by the issuer, and blocked, lost, expired, given back, unknown, or another issuer's.
        NotPayable => "not_payable",
        /// Paid by the issuer, and paid or claimed already.
        PaidTwice => "paid_twice",
        /// Spent somewhere else, says the ledger.
        VenueDiffers => "venue_differs",
        /// Not paid at its face value.
        AmountDiffers => "amount_differs",
        /// Spent on another day, says the ledger.
        DayDiffers => "day_differs",
        /// Spent in the ledger, and absent from the statement.
        Absent => "absent",
        /// Paid, says the issuer; not so, says the venue.
        Disputed => "disputed",
    }
);

impl LineClass {
    /// Whether somebody has to decide.
    #[must_use]
    pub const fn is_difference(self) -> bool {
        !matches!(self, Self::Matched | Self::Unchanged)
    }

    /// In French, as documents write it.
    #[must_use]
    pub const fn french(self) -> &'static str {
        match self {
            Self::Matched => "concordant",
            Self::Unchanged => "inchangé",
            Self::NotRedeemed => "payé, non utilisé au registre",
            Self::NotPayable => "payé, bloqué, périmé ou inconnu",
            Self::PaidTwice => "payé deux fois",
            Self::VenueDiffers => "lieu différent",
            Self::AmountDiffers => "montant différent",
            Self::DayDiffers => "jour différent",
            Self::Absent => "utilisé, absent de l'état",
            Self::Disputed => "contesté par le lieu",
        }
    }

    /// Whether a difference of this class can be resolved so. What was never spent, or never paid, is not settled by
    /// believing the issuer: the ledger would say what did not happen. `spent`: whether the pass is with a provider now,
    /// because its venue has recorded the service since.
    #[must_use]
    pub const fn admits(self, resolution: Resolution, spent: bool) -> bool {
        match (self, resolution) {
            (Self::NotRedeemed, Resolution::Accepted) => spent,
            (Self::Matched | Self::Unchanged, _)
            | (Self::NotPayable | Self::Absent, Resolution::Accepted)
            | (Self::NotPayable | Self::PaidTwice | Self::AmountDiffers, Resolution::VenueCorrects) => false,
            (_, Resolution::Accepted | Resolution::IssuerCorrects | Resolution::VenueCorrects) => true,
        }
    }
}

named!(
    /// What has become of a line.
    LineStatus, Malformed::Identifier, {
        /// There is nothing to decide.
        Settled => "settled",
        /// A difference that nobody has decided on.
        Open => "open",
        /// A difference that was decided on.
        Resolved => "resolved",
        /// Replaced by what was said later of the same pass, or taken back.
        Corrected => "corrected",
    }
);

text_value!(
    /// How an issuer calls a venue or its provider: the identifier of the venue, the short code, the SIRET or the RNA of
    /// the provider. 1 to 40 letters, digits, `_` and `-`; spaces are left out, letters are capitals.
    VenueReference, Malformed::Identifier, |text| {
        let text: String = clean(text, 60)?.split_whitespace().collect();
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        let fits = (1..=40).contains(&text.chars().count()) && text.chars().all(allowed);
        fits.then(|| text.to_ascii_uppercase())
    }
);

/// What an issuer says of one pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub venue: VenueReference,
    pub redeemed_on: Day,
    pub paid_on: Day,
    pub amount: Cents,
}

/// One line of an issuer's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Its line in the file, from 1; with a header the first is 2.
    pub number: i64,
    pub pass: PassId,
    pub said: Said,
}

impl Told {
    /// The line as the hash of a statement counts it, `serial` being that of the pass; ends with a new line.
    #[must_use]
    pub fn text(&self, serial: &str) -> String {
        let Said { venue, redeemed_on, paid_on, amount } = &self.said;
        format!("{} {serial} {venue} {redeemed_on} {paid_on} {}\n", self.number, amount.get())
    }
}

/// A statement that was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerStatement {
    /// Running number within the programme.
    pub number: i64,
    pub issuer: ShortCode,
    pub month: Month,
    /// The statement that it corrects.
    pub corrects: Option<i64>,
    /// SHA-256 of the file, and of its lines as [`Told::text`] writes them; 64 hexadecimal digits.
    pub file_hash: String,
    pub lines_hash: String,
    /// Lines of the file.
    pub lines: i64,
    /// Those that say what the ledger says, and those that were said before.
    pub matched: i64,
    pub unchanged: i64,
    /// What the issuer says it has paid, unchanged lines left out.
    pub stated: Cents,
    /// The highest number of a line or difference.
    pub last_line: i64,
    /// Differences that nobody has decided on.
    pub open: i64,
}

/// A line of a statement, or a difference that has none: what is absent, and what a venue disputes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementLine {
    pub statement: i64,
    /// The line in the file; differences without one are numbered after the last.
    pub number: i64,
    pub pass: PassId,
    /// Whose venue spent the pass, says the ledger.
    pub provider: Option<ShortCode>,
    /// None where the issuer says nothing.
    pub said: Option<Said>,
    pub class: LineClass,
    pub status: LineStatus,
    pub resolution: Option<Resolution>,
    /// The number of the receipt that resolved or corrected it.
    pub closed_by: Option<String>,
}

impl StatementLine {
    const fn key(&self) -> (i64, i64) {
        (self.statement, self.number)
    }

    /// Whether the issuer still says so: neither corrected since nor claimed back from it.
    fn stands(&self) -> bool {
        let taken_back = self.resolution == Some(Resolution::IssuerCorrects);
        self.status != LineStatus::Corrected && self.class != LineClass::Unchanged && !taken_back
    }
}

fn unknown(statement: i64) -> Refusal {
    Refusal::new(Code::StatementUnknown).about("statement", statement)
}

/// Differences as a receipt lists them: number, class, serial, cents that the issuer says it paid, and code of the provider
/// or `-`. `serial` prints a pass.
fn listed<'l>(lines: impl Iterator<Item = &'l StatementLine>, serial: impl Fn(PassId) -> String) -> Option<String> {
    let told = |line: &StatementLine| {
        let cents = line.said.as_ref().map_or(0, |said| said.amount.get());
        let provider = line.provider.as_ref().map_or("-", ShortCode::as_str);
        format!("{} {} {} {cents} {provider}", line.number, line.class, serial(line.pass))
    };
    let told: Vec<String> = lines.filter(|line| line.class.is_difference()).map(told).collect();
    (!told.is_empty()).then(|| told.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_venue_is_called_by_whatever_spacing_and_case() {
        let parsed = |text: &str| VenueReference::parse(text).map(|reference| reference.to_string());
        assert_eq!(parsed(" 812 345 678 00015 ").unwrap(), "81234567800015");
        assert_eq!(parsed("lieux").unwrap(), "LIEUX");
        for wrong in ["", " ", "a b!", &"9".repeat(41)] {
            assert!(parsed(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_did_not_happen_is_never_accepted_and_every_difference_can_be_resolved() {
        for class in LineClass::ALL.iter().filter(|class| class.is_difference()) {
            assert!(class.admits(Resolution::IssuerCorrects, false), "{class}");
        }
        for class in [LineClass::NotRedeemed, LineClass::NotPayable, LineClass::Absent] {
            assert!(!class.admits(Resolution::Accepted, false), "{class}");
        }
        assert!(LineClass::NotRedeemed.admits(Resolution::Accepted, true));
        assert!(!LineClass::Matched.admits(Resolution::IssuerCorrects, true));
    }
}
