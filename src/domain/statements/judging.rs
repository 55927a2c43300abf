//! How a line of an issuer's file stands to the ledger: one class each, the gravest where several differ. What never lives
//! here: what is done about it.

use std::collections::{BTreeMap, BTreeSet};

use super::super::act::item_text;
use super::super::facts::Facts;
use super::super::ids::{OrganisationId, PassId};
use super::super::items::of_pass;
use super::super::month::Month;
use super::super::movement::Redemption;
use super::super::party::Holder;
use super::super::refusal::{Code, Refusal};
use super::super::short_code::ShortCode;
use super::{LineClass, Said, StatementLine, Told};

/// How a line stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    pub class: LineClass,
    /// Whose venue spent the pass, says the ledger; none where nothing new is said.
    pub provider: Option<ShortCode>,
    /// Earlier lines and differences that it takes the place of.
    pub corrects: Vec<(i64, i64)>,
}

/// Judges the lines of one file, one after the other: a pass that a file names twice is paid twice.
#[derive(Debug)]
pub struct Judge<'f> {
    facts: &'f Facts,
    issuer: OrganisationId,
    month: Month,
    /// Whether the file corrects what was said of its month.
    correcting: bool,
    earlier: BTreeMap<PassId, Vec<&'f StatementLine>>,
    seen: BTreeSet<PassId>,
}

impl<'f> Judge<'f> {
    #[must_use]
    pub fn new(facts: &'f Facts, issuer: OrganisationId, month: Month, correcting: bool) -> Self {
        let (earlier, seen) = (facts.statements.by_pass(), BTreeSet::new());
        Self { facts, issuer, month, correcting, earlier, seen }
    }

    /// Judges the next line.
    ///
    /// # Errors
    /// [`Code::IssuerLineTaken`]: it was taken in before, in the same words.
    pub fn judge(&mut self, told: &Told) -> Result<Judged, Refusal> {
        let earlier = self.earlier.get(&told.pass).map(Vec::as_slice).unwrap_or_default();
        let standing: Vec<&StatementLine> = earlier.iter().copied().filter(|line| line.stands()).collect();
        let said: Vec<&StatementLine> = standing.iter().copied().filter(|line| line.said.is_some()).collect();
        let again = |line: &&&StatementLine| line.said.as_ref() == Some(&told.said);
        if !self.seen.insert(told.pass) {
            let twice = |line: &&&StatementLine| again(line) && line.class == LineClass::PaidTwice;
            let known = self.correcting && said.iter().find(twice).is_some_and(|line| self.is_of_month(line));
            let class = if known { LineClass::Unchanged } else { LineClass::PaidTwice };
            return Ok(self.judged(class, told.pass, Vec::new()));
        }
        let same = said.iter().find(again);
        if let Some(same) = same.filter(|same| !(self.correcting && self.is_of_month(same))) {
            let serial = item_text(self.facts, told.pass.item());
            let refusal = Refusal::new(Code::IssuerLineTaken).field("file").about("line", told.number);
            return Err(refusal.about("serial", serial).about("statement", same.statement));
        }
        let replaceable = |line: &&StatementLine| self.correcting && self.is_of_month(line);
        if !said.iter().all(replaceable) {
            return Ok(self.judged(LineClass::PaidTwice, told.pass, Vec::new()));
        }
        // What was absent is not any more, whatever month's statement says so.
        let open = |line: &&StatementLine| line.said.is_some() || line.class == LineClass::Absent;
        let corrects: Vec<(i64, i64)> =
            standing.iter().copied().filter(open).map(|line| (line.statement, line.number)).collect();
        let class = self.class(told.pass, &told.said, !said.is_empty());
        if same.is_some_and(|same| same.class == class) {
            return Ok(self.judged(LineClass::Unchanged, told.pass, Vec::new()));
        }
        Ok(self.judged(class, told.pass, corrects))
    }

    fn is_of_month(&self, line: &StatementLine) -> bool {
        let statement = self.facts.statements.statements.get(&line.statement);
        statement.is_some_and(|statement| statement.month == self.month)
    }

    fn judged(&self, class: LineClass, pass: PassId, corrects: Vec<(i64, i64)>) -> Judged {
        let provider = match self.holder(pass).filter(|_| class != LineClass::Unchanged) {
            Some(Holder::Provider(code) | Holder::Claimed(code) | Holder::Paid(code)) => Some(code),
            _ => None,
        };
        Judged { class, provider, corrects }
    }

    /// Where a pass of this issuer is.
    fn holder(&self, pass: PassId) -> Option<Holder> {
        let place = of_pass(self.facts, pass)?;
        let order = self.facts.orders.get(&place.batch.order())?;
        (order.issuer == self.issuer).then_some(place.holder)
    }

    /// `replaces`: whether the issuer has said something else of the pass before.
    fn class(&self, pass: PassId, said: &Said, replaces: bool) -> LineClass {
        match self.holder(pass) {
            None | Some(Holder::Blocked | Holder::Lost | Holder::Expired | Holder::Destroyed | Holder::Credited) => {
                LineClass::NotPayable
            }
            Some(
                Holder::Issue(_) | Holder::Store | Holder::Transit(_) | Holder::Prescriber(_) | Holder::Circulation,
            ) => LineClass::NotRedeemed,
            Some(Holder::Claimed(_)) => LineClass::PaidTwice,
            Some(Holder::Paid(_)) if !replaces => LineClass::PaidTwice,
            Some(Holder::Provider(_) | Holder::Paid(_)) => self.compared(pass, said),
        }
    }

    fn compared(&self, pass: PassId, said: &Said) -> LineClass {
        let number = self.facts.statements.spent.get(&pass);
        let Some(redemption) = number.and_then(|number| self.facts.redemptions.get(number)) else {
            return LineClass::VenueDiffers;
        };
        if !self.designates(said, redemption) {
            return LineClass::VenueDiffers;
        }
        if said.amount != self.facts.programme.face_value {
            return LineClass::AmountDiffers;
        }
        let on_its_day = [redemption.performed_on, redemption.day].contains(&said.redeemed_on);
        if on_its_day { LineClass::Matched } else { LineClass::DayDiffers }
    }

    /// Whether the issuer calls the venue of a redemption, or its provider.
    fn designates(&self, said: &Said, redemption: &Redemption) -> bool {
        let provider = self.facts.organisations.get(&redemption.provider);
        let names = provider.map(|provider| [provider.code.to_string(), provider.registration.to_string()]);
        let venue = redemption.venue.to_string();
        let mut names = names.into_iter().flatten().chain([venue]);
        names.any(|name| name.eq_ignore_ascii_case(said.venue.as_str()))
    }
}
