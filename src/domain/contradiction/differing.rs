//! Passes on which an issuer and the ledger differ, as a receipt names them. What never lives here: why they do.

use super::super::ids::ProgrammeNo;
use super::super::items::Named;
use super::super::programme::Programme;
use super::super::refusal::Malformed;
use super::{Gap, PassState};

/// Passes that differ in the same way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differing {
    pub gap: Gap,
    pub ledger: PassState,
    /// None where the list does not have them.
    pub issuer: Option<PassState>,
    /// A booklet is named where all of its passes differ so.
    pub items: Named,
}

/// Where a list says nothing.
const NOTHING: &str = "-";

impl Differing {
    pub(super) fn text(&self, programme: &Programme) -> String {
        let issuer = self.issuer.map_or(NOTHING, PassState::as_str);
        let words = [self.gap.as_str(), self.ledger.as_str(), issuer].map(str::to_owned).into_iter();
        words.chain(self.items.printed(programme)).collect::<Vec<_>>().join(" ")
    }

    fn read(programme: ProgrammeNo, text: &str) -> Result<Self, Malformed> {
        let words: Vec<&str> = text.split(' ').collect();
        let [gap, ledger, issuer, items @ ..] = words.as_slice() else { return Err(Malformed::Identifier) };
        let items: Vec<String> = items.iter().map(|item| (*item).to_owned()).collect();
        Ok(Self {
            gap: Gap::parse(gap)?,
            ledger: PassState::parse(ledger)?,
            issuer: if *issuer == NOTHING { None } else { Some(PassState::parse(issuer)?) },
            items: Named::read(programme, &items)?,
        })
    }

    /// Reads the mention `gaps` of a receipt.
    ///
    /// # Errors
    /// [`Malformed`] for another text.
    pub fn read_all(programme: ProgrammeNo, text: &str) -> Result<Vec<Self>, Malformed> {
        text.split("; ").filter(|part| !part.is_empty()).map(|part| Self::read(programme, part)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gaps_of_a_receipt_are_read_back() {
        let text = "spent_here paid unused HDF21-000001-85/01; unlisted expired - HDF21-000002-82..HDF21-000003-79";
        let read = Differing::read_all(ProgrammeNo(3), text).unwrap();
        assert_eq!(
            (read[0].gap, read[0].issuer, read[0].items.passes.len()),
            (Gap::SpentHere, Some(PassState::Unused), 1)
        );
        assert_eq!((read[1].ledger, read[1].issuer, read[1].items.booklets.len()), (PassState::Expired, None, 2));
        assert_eq!(Differing::read_all(ProgrammeNo(3), ""), Ok(Vec::new()));
        for wrong in ["spent_here", "elsewhere paid unused HDF21-000001-85", "unlisted paid unused HDF21-000001-84"] {
            assert!(Differing::read_all(ProgrammeNo(3), wrong).is_err(), "{wrong}");
        }
    }
}
