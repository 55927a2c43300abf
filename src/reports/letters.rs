//! Letters that reached somebody: the hand-outs of the second channel; and those that came back. A receipt on letters says which
//! booklet reached which application and when; what is known of the person stands with the application. What never lives here: a name, or an address.

use std::collections::{BTreeMap, BTreeSet};

use super::question::{Question, mention};
use super::reconciliation::each_body;
use crate::domain::applications::Application;
use crate::domain::ids::{BookletId, ProgrammeNo};
use crate::domain::mailing::ReturnCause;
use crate::domain::movement::Kind;
use crate::domain::party::Holder;
use crate::domain::serial::read_booklet;
use crate::domain::time::Day;
use crate::receipts::Body;
use crate::store::{BodyFilter, HandOutFact, KeptOfHandOut, Reads, StoreError, Window};

/// Receipts read at a time.
const PAGE: i64 = 100;

/// What the fingerprint of an application is once its person was erased.
const ERASED: [u8; 32] = [0; 32];

/// A booklet that came by mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Delivered {
    pub(super) booklet: BookletId,
    pub(super) application: i64,
    /// The day on which it reached the person.
    pub(super) on: Day,
    /// Of the receipt that says so.
    pub(super) position: i64,
    pub(super) day: Day,
    pub(super) office: String,
}

/// Every letter of the window that reached somebody, in the order of the receipts.
pub(super) fn delivered(tx: &mut dyn Reads, question: &Question, window: Window) -> Result<Vec<Delivered>, StoreError> {
    let mut all = Vec::new();
    each_body(tx, window, &[Kind::LetterReport], |body| {
        for letter in mention(body, "delivered").split("; ").filter(|letter| !letter.is_empty()) {
            all.push(read(question, body, letter)?);
        }
        Ok(())
    })?;
    Ok(all)
}

fn read(question: &Question, body: &Body, letter: &str) -> Result<Delivered, StoreError> {
    let (application, booklet, on) = words(question.programme.no, body, letter)?;
    Ok(Delivered {
        booklet,
        application,
        on: Day::parse(on)?,
        position: body.position,
        day: Day::parse(&body.day)?,
        office: body.office.code.clone(),
    })
}

/// A letter that came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CameBack {
    pub on: Day,
    pub cause: ReturnCause,
}

/// The letters of one sending that came back, by application and booklet.
///
/// # Errors
/// Those of the store; [`StoreError::Corrupt`] where what a receipt says of a letter cannot be read.
pub fn came_back(
    tx: &mut dyn Reads,
    programme: ProgrammeNo,
    dispatch: i64,
) -> Result<BTreeMap<(i64, BookletId), CameBack>, StoreError> {
    let (transit, mut back) = (Holder::Transit(dispatch), BTreeMap::new());
    let filter = BodyFilter { kinds: &[Kind::LetterReport], holder: Some(&transit) };
    let mut window = Window { programme, after: 0, until: i64::MAX };
    loop {
        let receipts = tx.receipt_bodies(window, filter, PAGE)?;
        let Some(last) = receipts.last() else { return Ok(back) };
        window.after = last.position;
        for receipt in &receipts {
            let body = receipt.said()?;
            for letter in mention(&body, "returned").split("; ").filter(|letter| !letter.is_empty()) {
                let (application, booklet, cause) = words(programme, &body, letter)?;
                let back_on = CameBack { on: Day::parse(&body.day)?, cause: ReturnCause::parse(cause)? };
                // The same booklet may have left again in another sending, and come back from that one too.
                back.entry((application, booklet)).or_insert(back_on);
            }
        }
    }
}

/// Reads `12 HDF21-000123-47 2026-11-26`: the application, the booklet, and what is said of the letter.
fn words<'l>(programme: ProgrammeNo, body: &Body, letter: &'l str) -> Result<(i64, BookletId, &'l str), StoreError> {
    let unreadable = || StoreError::Corrupt(format!("what receipt {} says of a letter cannot be read", body.number));
    let mut words = letter.split(' ');
    let (application, serial, said) = (words.next(), words.next(), words.next());
    let application = application.and_then(|number| number.parse().ok()).ok_or_else(unreadable)?;
    let (_, number) = serial.and_then(read_booklet).ok_or_else(unreadable)?;
    Ok((application, BookletId::new(programme, number), said.ok_or_else(unreadable)?))
}

/// The same as hand-outs, each with the number of its application: one booklet each.
pub(super) fn as_hand_outs(
    tx: &mut dyn Reads,
    question: &Question,
    letters: &[Delivered],
) -> Result<Vec<(i64, HandOutFact)>, StoreError> {
    let numbers: BTreeSet<i64> = letters.iter().map(|letter| letter.application).collect();
    let found = tx.applications_among(question.programme.no, &numbers)?;
    let known: BTreeMap<i64, Application> = found.into_iter().map(|one| (one.number, one)).collect();
    let fact = |letter: &Delivered| {
        let application = known.get(&letter.application);
        let fact = HandOutFact {
            position: letter.position,
            day: letter.day,
            office: letter.office.clone(),
            kept: application.filter(|application| application.fingerprint != ERASED).map(kept),
            booklets: 1,
            passes: application.map_or(0, |application| application.passes),
        };
        (letter.application, fact)
    };
    Ok(letters.iter().map(fact).collect())
}

fn kept(application: &Application) -> KeptOfHandOut {
    KeptOfHandOut {
        ground: application.assessed.ground.clone().unwrap_or_default(),
        age_band: application.age_band.clone(),
        commune: application.commune.clone(),
        sex: application.sex,
    }
}
