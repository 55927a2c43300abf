//! What is read and written of applications and of the rules of distribution. What never lives here: SQL.

use std::collections::{BTreeMap, BTreeSet};

use super::error::StoreError;
use crate::domain::applications::{Application, ApplicationState};
use crate::domain::distribution::DistributionRules;
use crate::domain::ids::{BookletId, ProgrammeNo};
use crate::domain::short_code::ShortCode;
use crate::domain::stock::CodeMac;
use crate::domain::text::Reference;

type Found<T> = Result<T, StoreError>;

/// Which applications are wanted.
#[derive(Debug, Clone, Default)]
pub struct ApplicationFilter {
    /// Of the organisation that sent them.
    pub office: Option<ShortCode>,
    pub state: Option<ApplicationState>,
}

/// One booklet that left by mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub application: i64,
    pub booklet: BookletId,
    /// The carrier's number, once it is known.
    pub tracking: Option<String>,
}

/// Applications, and the rules of distribution.
pub trait ApplicationReads {
    /// The rules with their version; `None` while nobody has set any.
    fn distribution_rules(&mut self, programme: ProgrammeNo) -> Found<Option<(DistributionRules, i64)>>;
    /// The number of the last application; 0 before the first.
    fn last_application(&mut self, programme: ProgrammeNo) -> Found<i64>;
    fn applications_among(&mut self, programme: ProgrammeNo, numbers: &BTreeSet<i64>) -> Found<Vec<Application>>;
    /// Everything that these people have asked for.
    fn applications_of(&mut self, programme: ProgrammeNo, people: &BTreeSet<CodeMac>) -> Found<Vec<Application>>;
    /// The application that an organisation sent under this reference.
    fn application_by_reference(
        &mut self,
        programme: ProgrammeNo,
        office: &ShortCode,
        reference: &Reference,
    ) -> Found<Option<Application>>;
    /// Applications in order of number after one.
    fn applications(
        &mut self,
        programme: ProgrammeNo,
        filter: &ApplicationFilter,
        after: i64,
        limit: i64,
    ) -> Found<Vec<Application>>;
    /// Name and address as they were closed; `None` once they are erased.
    fn dossier(&mut self, programme: ProgrammeNo, application: i64) -> Found<Option<Vec<u8>>>;
    /// The letters of one sending, in order of application.
    fn letters_of(&mut self, programme: ProgrammeNo, dispatch: i64) -> Found<Vec<Letter>>;
    /// The letters to one applicant, each with the number of its sending, in that order.
    fn letters_to(&mut self, programme: ProgrammeNo, application: i64) -> Found<Vec<(i64, Letter)>>;
    /// The applications whose letters have these carrier's numbers.
    fn tracked(&mut self, programme: ProgrammeNo, tracking: &BTreeSet<String>) -> Found<BTreeMap<String, i64>>;
}

/// Changes that are no act's; applications themselves are written with the acts that make them.
pub trait ApplicationWrites {
    /// Keeps the rules in place of those of version `before` (0 where there were none); `false` if others came between.
    fn keep_distribution_rules(
        &mut self,
        programme: ProgrammeNo,
        rules: &DistributionRules,
        before: i64,
    ) -> Found<bool>;
    /// Keeps the carrier's number of a letter, named by its dispatch and its application; `false` where there is none.
    fn keep_tracking(&mut self, programme: ProgrammeNo, letter: (i64, i64), tracking: &Reference) -> Found<bool>;
    /// Keeps a name and an address that were sent again, and what they are closed under, where the latter was lost.
    fn renew_dossier(
        &mut self,
        programme: ProgrammeNo,
        application: &Application,
        nonce: &CodeMac,
        dossier: &[u8],
    ) -> Found<()>;
    /// Keeps another name and address in the place of those that are there; `false` where they are erased.
    fn keep_dossier(&mut self, programme: ProgrammeNo, application: i64, dossier: &[u8]) -> Found<bool>;
}
