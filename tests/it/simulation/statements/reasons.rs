//! Why a request about an issuer's statement ought to be refused: every reason that holds. What never lives here: what comes
//! of a request that is granted.

use recepisse::domain::statements::{LineClass, Resolution};
use recepisse::domain::time::Day;

use super::super::model::{Model, Reasons};
use super::super::reasons::{has_twins, insert_if};
use super::super::script::{At, Who};
use super::{IssuerFile, Kept, OPEN, StatementWish};

impl Model {
    pub(in crate::simulation) fn wrong_statement(
        &self,
        who: Who,
        wish: &StatementWish,
        today: Day,
        wrong: &mut Reasons,
    ) {
        let statements = &self.statements;
        match wish {
            StatementWish::Import(file) => self.wrong_import(file, today, wrong),
            StatementWish::Dispute { statement, passes } => {
                insert_if(wrong, statements.month(*statement).is_none(), "statement_unknown");
                insert_if(wrong, passes.is_empty(), "selection_empty");
                insert_if(wrong, has_twins(passes), "pass_named_twice");
                for pass in passes {
                    let theirs = |key: &(i64, i64)| statements.lines[key].provider == Some(who.office);
                    let matched = statements.matched(*statement, *pass).iter().any(theirs);
                    insert_if(wrong, !matched, "pass_not_in_statement");
                    let open = |line: &Kept| line.class == LineClass::Disputed && line.status == OPEN;
                    insert_if(wrong, statements.of_pass(*pass).any(|(_, line)| open(line)), "disputed_already");
                }
            }
            StatementWish::Resolve { statement, differences, resolution } => {
                insert_if(wrong, statements.month(*statement).is_none(), "statement_unknown");
                insert_if(wrong, differences.is_empty(), "selection_empty");
                insert_if(wrong, has_twins(differences), "difference_named_twice");
                for number in differences {
                    self.wrong_resolution((*statement, *number), *resolution, wrong);
                }
            }
        }
    }

    fn wrong_import(&self, file: &IssuerFile, today: Day, wrong: &mut Reasons) {
        insert_if(wrong, !self.issuer_pays, "payer_is_region");
        insert_if(wrong, today < file.month.end(), "month_not_over");
        insert_if(wrong, self.statements.marks.contains(&file.mark), "issuer_file_taken");
        let strange = |corrected: i64| self.statements.month(corrected) != Some(file.month);
        insert_if(wrong, file.corrects.is_some_and(strange), "statement_unknown");
        match self.judge(file) {
            None => insert_if(wrong, true, "issuer_line_taken"),
            Some(judged) => {
                let nothing = judged.iter().all(|judged| judged.line.class == LineClass::Unchanged);
                insert_if(wrong, nothing, "statement_empty");
            }
        }
    }

    /// What was never spent, or never paid, is not settled by believing the issuer.
    fn wrong_resolution(&self, key: (i64, i64), resolution: Resolution, wrong: &mut Reasons) {
        use LineClass::{Absent, AmountDiffers, Matched, NotPayable, NotRedeemed, PaidTwice, Unchanged};
        let Some(line) = self.statements.lines.get(&key).filter(|line| !matches!(line.class, Matched | Unchanged))
        else {
            return insert_if(wrong, true, "difference_unknown");
        };
        insert_if(wrong, line.status != OPEN, "difference_closed");
        let spent = matches!(self.alone.get(&line.pass), Some(At::Provider(_)));
        let impossible = match resolution {
            Resolution::Accepted => matches!(line.class, NotPayable | Absent) || (line.class == NotRedeemed && !spent),
            Resolution::VenueCorrects => matches!(line.class, NotPayable | PaidTwice | AmountDiffers),
            Resolution::IssuerCorrects => false,
        };
        insert_if(wrong, impossible, "resolution_impossible");
    }
}
