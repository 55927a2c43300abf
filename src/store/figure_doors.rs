//! What is read and written of the figures of communes, and of what a programme publishes of its own. What never lives here: SQL, or where the figures come from.

use super::error::StoreError;
use crate::domain::ids::ProgrammeNo;
use crate::domain::publication::PublicationRules;
use crate::domain::territory::{CommuneFigures, FiguresThen};
use crate::domain::time::Day;

type Found<T> = Result<T, StoreError>;

/// One edition, summed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// The day from which its figures count.
    pub from: Day,
    pub communes: i64,
    pub population: i64,
    pub seniors: i64,
}

/// Figures of communes.
pub trait FigureReads {
    /// Those in force on a day.
    fn commune_figures(&mut self, on: Day) -> Found<FiguresThen>;
    /// The rules of publication with their version; `None` while nobody has set any.
    fn publication_rules(&mut self, programme: ProgrammeNo) -> Found<Option<(PublicationRules, i64)>>;
    /// Every edition, the earliest first.
    fn commune_editions(&mut self) -> Found<Vec<Edition>>;
}

/// Changes to them.
pub trait FigureWrites {
    /// Keeps figures of an edition, each in the place of those that the edition had of the commune.
    fn keep_commune_figures(&mut self, edition: Day, figures: &[CommuneFigures]) -> Found<()>;
    /// Keeps the rules in place of those of version `before` (0 where there were none); `false` if others came between.
    fn keep_publication_rules(&mut self, programme: ProgrammeNo, rules: PublicationRules, before: i64) -> Found<bool>;
}
