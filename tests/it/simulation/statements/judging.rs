//! How the words of an issuer stand to what the model knows: one class each, the gravest first. What never lives here: what
//! is done about it.

use std::collections::BTreeSet;

use recepisse::domain::month::Month;
use recepisse::domain::statements::LineClass;

use super::super::model::{FACE_CENTS, Model, Redemption};
use super::super::script::{At, Pass};
use super::{IssuerFile, Kept, Said};

/// A line of a file as it is kept, and what it takes the place of.
pub(super) struct Judged {
    pub(super) line: Kept,
    pub(super) corrects: Vec<(i64, i64)>,
}

impl Model {
    /// The redemption by which a pass is spent now.
    pub(super) fn spent_by(&self, pass: Pass) -> Option<&Redemption> {
        self.redemptions.values().find(|of| !of.reversed && of.passes.contains(&pass))
    }

    fn whereabouts(&self, pass: Pass) -> Option<At> {
        let of = self.booklets.get(&pass.0).filter(|of| (1..=of.size).contains(&pass.1))?;
        Some(self.alone.get(&pass).copied().unwrap_or(of.at))
    }

    /// Judges every line; none where one was said before, in the same words.
    pub(super) fn judge(&self, file: &IssuerFile) -> Option<Vec<Judged>> {
        let (mut seen, mut judged) = (BTreeSet::new(), Vec::new());
        for (pass, said) in &file.lines {
            let again = !seen.insert(*pass);
            judged.push(self.judge_line(file, (*pass, *said), again)?);
        }
        Some(judged)
    }

    fn judge_line(&self, file: &IssuerFile, (pass, said): (Pass, Said), again: bool) -> Option<Judged> {
        let of_month = |key: &(i64, i64)| file.corrects.is_some() && self.statements.month(key.0) == Some(file.month);
        let standing: Vec<(&(i64, i64), &Kept)> =
            self.statements.of_pass(pass).filter(|(_, line)| line.stands()).collect();
        let told: Vec<(&(i64, i64), &Kept)> =
            standing.iter().copied().filter(|(_, line)| line.said.is_some()).collect();
        let same_words = |line: &Kept| line.said == Some(said);
        if again {
            // Paid twice in one file; a correction may say that once more.
            let twice = told.iter().find(|(_, line)| same_words(line) && line.class == LineClass::PaidTwice);
            let known = twice.is_some_and(|(key, _)| of_month(key));
            return Some(self.kept(pass, said, if known { LineClass::Unchanged } else { LineClass::PaidTwice }));
        }
        let same = told.iter().find(|(_, line)| same_words(line));
        if same.is_some_and(|(key, _)| !of_month(key)) {
            return None;
        }
        if told.iter().any(|(key, _)| !of_month(key)) {
            return Some(self.kept(pass, said, LineClass::PaidTwice));
        }
        let class = self.class(pass, said, !told.is_empty());
        if same.is_some_and(|(_, line)| line.class == class) {
            return Some(self.kept(pass, said, LineClass::Unchanged));
        }
        let replaced = |line: &Kept| line.said.is_some() || line.class == LineClass::Absent;
        let corrects = standing.iter().filter(|(_, line)| replaced(line)).map(|(key, _)| **key).collect();
        Some(Judged { corrects, ..self.kept(pass, said, class) })
    }

    fn kept(&self, pass: Pass, said: Said, class: LineClass) -> Judged {
        let provider = match self.whereabouts(pass).filter(|_| class != LineClass::Unchanged) {
            Some(At::Provider(of) | At::Claimed(of) | At::Paid(of)) => Some(of),
            _ => None,
        };
        Judged { line: Kept::new(pass, provider, Some(said), class), corrects: Vec::new() }
    }

    /// `corrects`: whether something else was said of the pass before.
    fn class(&self, pass: Pass, said: Said, corrects: bool) -> LineClass {
        match self.whereabouts(pass) {
            None | Some(At::Blocked | At::Lost | At::Expired | At::Destroyed | At::Credited) => LineClass::NotPayable,
            Some(At::Claimed(_)) => LineClass::PaidTwice,
            Some(At::Paid(_)) if !corrects => LineClass::PaidTwice,
            Some(At::Provider(_) | At::Paid(_)) => match self.spent_by(pass) {
                Some(of) if of.provider != said.provider => LineClass::VenueDiffers,
                _ if said.cents != FACE_CENTS => LineClass::AmountDiffers,
                Some(of) if ![of.day, of.performed_on].contains(&said.on) => LineClass::DayDiffers,
                _ => LineClass::Matched,
            },
            Some(_) => LineClass::NotRedeemed,
        }
    }

    /// What was spent in the month and not paid, of which nothing was said.
    pub(super) fn absent(&self, file: &IssuerFile) -> Vec<Kept> {
        let told: BTreeSet<Pass> = file.lines.iter().map(|(pass, _)| *pass).collect();
        let listed = |pass: &Pass| self.statements.of_pass(*pass).any(|(_, line)| line.stands());
        let fits = |(pass, at): (&Pass, &At)| {
            let At::Provider(provider) = *at else { return None };
            let of_month = self.spent_by(*pass).is_some_and(|of| Month::of(of.day) == file.month);
            let absent = of_month && !told.contains(pass) && !listed(pass);
            absent.then(|| Kept::new(*pass, Some(provider), None, LineClass::Absent))
        };
        self.alone.iter().filter_map(fits).collect()
    }
}
