//! When a pass that is refused as spent was spent, and whether it was with whoever asks: never where else. What never lives here:
//! the refusal.

use super::super::app::App;
use super::super::caller::SignedIn;
use super::super::problem::{Problem, english};
use crate::domain::ids::{BookletId, PassId};
use crate::domain::programme::Programme;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::serial::PassSerial;
use crate::ledger::{Answer, Outcome};
use crate::store::LastUse;

/// Who asks about passes of which programme.
pub(super) struct Asker<'a> {
    pub(super) app: &'a App,
    pub(super) signed_in: &'a SignedIn,
    pub(super) programme: &'a Programme,
}

impl Asker<'_> {
    /// The last use of a pass, and whether it was the asker's own.
    pub(super) async fn last_use(&self, serial: &str) -> Option<(LastUse, bool)> {
        let parsed = PassSerial::parse(serial).ok()?;
        let pass: PassId = BookletId::new(self.programme.no, parsed.booklet().number()).pass(parsed.rank());
        let last = self.app.read(move |tx| Ok(tx.last_use(pass)?)).await.ok().flatten()?;
        let own = last.office == self.signed_in.organisation.code.as_str();
        Some((last, own))
    }

    async fn told(&self, serial: Option<&str>) -> Option<String> {
        let (last, own) = self.last_use(serial?).await?;
        Some(in_words(&last, own))
    }

    /// The answer with what may be told of a spent pass.
    pub(super) async fn complete(&self, answer: Answer) -> Answer {
        let Outcome::Refused(refusal) = &answer.outcome else { return answer };
        if refusal.code != Code::AlreadyRedeemed {
            return answer;
        }
        let told = self.told(refusal.detail("serial")).await;
        let refusal: Refusal = told.into_iter().fold(refusal.clone(), |refusal, told| refusal.about("detail", told));
        Answer { outcome: Outcome::Refused(refusal), ..answer }
    }

    /// The same of a problem that is told before anything is recorded.
    pub(super) async fn complete_problem(&self, problem: Problem) -> Problem {
        if problem.code() != Code::AlreadyRedeemed.as_str() {
            return problem;
        }
        let told = self.told(problem.detail("serial")).await;
        told.into_iter().fold(problem, |problem, told| problem.about("detail", told))
    }
}

/// `C'était le 04/10/2021, dans votre structure.`
pub(super) fn in_words(last: &LastUse, own: bool) -> String {
    let day = last.day.french();
    match (own, english()) {
        (true, false) => format!("C'était le {day}, dans votre structure (récépissé {}).", last.number),
        (false, false) => format!("C'était le {day}, dans une autre structure."),
        (true, true) => format!("That was on {day}, in your organisation (receipt {}).", last.number),
        (false, true) => format!("That was on {day}, in another organisation."),
    }
}
