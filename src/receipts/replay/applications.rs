//! Applications as their receipts tell them, and the letters that carry booklets to applicants: what was accepted is
//! mailed, what was mailed is distributed or comes back, and every booklet that moves is the one that is named. What never
//! lives here: who applied; receipts do not say.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Body, Break, Line, Text, is_hex};
use super::kinds::{Effect, counting};
use super::records::{number, ordinal, text, wrong};
use super::stock::Item;
use super::{Replay, Transit};
use crate::domain::time::Day;

/// The only place to which a sending by mail goes.
pub(super) const MAIL: &str = "circulation";

/// How far an application has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open {
        complete: bool,
    },
    Accepted,
    /// With the carrier since a day, as [`ordinal`] counts.
    Mailed {
        booklet: u32,
        dispatch: i64,
        since: i32,
    },
    Over,
}

/// One application.
#[derive(Debug)]
pub(super) struct Application {
    passes: i64,
    state: State,
    /// Number of the receipt that filed it.
    filed_by: String,
}

/// The booklets that the letters of a receipt carry, by where they go.
#[derive(Debug, Default)]
pub(super) struct Letters {
    /// With the carrier, each with the passes that its applicant was granted.
    mailed: BTreeMap<u32, i64>,
    delivered: BTreeSet<u32>,
    returned: BTreeSet<u32>,
}

fn broken(application: i64, detail: &str) -> Break {
    Break::new("application", format!("demande {application} : {detail}"))
}

impl Replay {
    fn application(&mut self, sequence: i64) -> Result<&mut Application, Break> {
        let index = usize::try_from(sequence).ok().and_then(|sequence| sequence.checked_sub(1));
        let known = index.and_then(|index| self.applications.get_mut(index));
        known.ok_or_else(|| broken(sequence, "elle n'existe pas"))
    }

    /// Applications are numbered from 1 without gaps; what was incomplete may be completed.
    pub(super) fn file<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
        let (sequence, complete) = (number(body, "application")?, number(body, "complete")?);
        let complete = match complete {
            0 => false,
            1 => true,
            _ => return Err(wrong("complete")),
        };
        if text(body, "step")? == "completed" {
            let application = self.application(sequence)?;
            if application.state != (State::Open { complete: false }) {
                return Err(broken(sequence, "elle n'est pas à compléter"));
            }
            application.state = State::Open { complete };
            return Ok(());
        }
        let passes = number(body, "passes_asked")?;
        if text(body, "step")? != "received" || !(1..=99).contains(&passes) {
            return Err(wrong("step"));
        }
        if !is_hex(text(body, "commitment")?, 64) {
            return Err(wrong("commitment"));
        }
        let expected = self.applications.len() + 1;
        if usize::try_from(sequence) != Ok(expected) {
            return Err(broken(sequence, &format!("la demande {expected} est attendue")));
        }
        let filed_by = (*body.number).to_owned();
        self.applications.push(Application { passes, state: State::Open { complete }, filed_by });
        self.agree(body)
    }

    /// What is complete may be accepted; what is open, refused.
    pub(super) fn decide<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
        let sequence = number(body, "application")?;
        let accepted = match text(body, "decision")? {
            "accepted" => true,
            "refused" => false,
            _ => return Err(wrong("decision")),
        };
        let reserved = if accepted { number(body, "passes_reserved")? } else { text(body, "reason").map(|_| 0)? };
        let application = self.application(sequence)?;
        application.state = match (application.state, accepted) {
            (State::Open { complete: true }, true) if reserved == application.passes => State::Accepted,
            (State::Open { .. }, false) => State::Over,
            _ => return Err(broken(sequence, "elle n'admet pas cette décision")),
        };
        if accepted { Ok(()) } else { self.come_to_nothing(body, sequence) }
    }

    /// What is not on its way to anybody may end.
    pub(super) fn end<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
        let sequence = number(body, "application")?;
        if !matches!(text(body, "outcome")?, "withdrawn" | "expired") {
            return Err(wrong("outcome"));
        }
        let application = self.application(sequence)?;
        if !matches!(application.state, State::Open { .. } | State::Accepted) {
            return Err(broken(sequence, "elle n'est plus en cours"));
        }
        application.state = State::Over;
        self.come_to_nothing(body, sequence)
    }

    /// How its person would have been reminded goes with it, where the receipt says so.
    fn come_to_nothing<T: Text>(&mut self, body: &Body<T>, sequence: i64) -> Result<(), Break> {
        if !body.mentions.contains_key("contacts") {
            return Ok(());
        }
        let filed_by = self.application(sequence)?.filed_by.clone();
        if number(body, "contacts")? == 1 && self.follow_ups.end(&filed_by) {
            return Ok(());
        }
        Err(broken(sequence, "elle n'a pas de contact à effacer"))
    }

    /// The letters that a mention lists: application, booklet, and what is said of each.
    fn letters<T: Text>(&self, body: &Body<T>, name: &str) -> Result<Vec<(i64, u32, Option<String>)>, Break> {
        let read = |letter: &str| {
            let mut words = letter.split(' ');
            let (application, serial) = (counting(words.next()?)?, words.next()?);
            let Ok(Item::Booklets(range)) = Item::parse(&self.programme, serial) else { return None };
            let said = words.next().map(str::to_owned);
            let plain = said.as_deref() != Some("") && words.next().is_none();
            (range.len() == 1 && plain).then_some((application, range.first(), said))
        };
        text(body, name)?.split("; ").map(|letter| read(letter).ok_or_else(|| wrong(name))).collect()
    }

    /// Opens the transit of a sending by mail; says its holder and the booklets that it carries.
    pub(super) fn mail<T: Text>(&mut self, body: &Body<T>) -> Result<(String, Letters), Break> {
        let dispatch = number(body, "dispatch")?;
        if text(body, "destination")? != MAIL {
            return Err(wrong("destination"));
        }
        let mut letters = Letters::default();
        for (sequence, booklet, said) in self.letters(body, "letters")? {
            let lost = match self.application(sequence)?.state {
                State::Mailed { booklet, dispatch, .. } => !self.is_in_transit(booklet, dispatch),
                state => state == State::Accepted,
            };
            let application = self.application(sequence)?;
            if !lost || said.is_some() || letters.mailed.insert(booklet, application.passes).is_some() {
                return Err(broken(sequence, "il n'y a rien à lui envoyer"));
            }
            application.state = State::Mailed { booklet, dispatch, since: ordinal(&body.day) };
        }
        let holders = &mut self.stock.holders;
        let opened = Transit { origin: holders.number("store"), destination: holders.number(MAIL) };
        if self.transits.insert(dispatch, opened).is_some() {
            return Err(Break::new("transit_reused", format!("transit:{dispatch} a déjà servi")));
        }
        Ok((format!("transit:{dispatch}"), letters))
    }

    fn is_in_transit(&self, booklet: u32, dispatch: i64) -> bool {
        let holder = self.stock.booklet(booklet).map(|slot| self.stock.holders.text(slot.holder));
        holder.and_then(|holder| holder.strip_prefix("transit:")) == Some(dispatch.to_string().as_str())
    }

    /// What the carrier says became of letters.
    pub(super) fn report<T: Text>(&mut self, body: &Body<T>) -> Result<Letters, Break> {
        let mut letters = Letters::default();
        for name in ["delivered", "returned"].into_iter().filter(|name| body.mentions.contains_key(*name)) {
            for (sequence, booklet, said) in self.letters(body, name)? {
                let said = said.ok_or_else(|| wrong(name))?;
                let State::Mailed { booklet: carried, dispatch, since } = self.application(sequence)?.state else {
                    return Err(broken(sequence, "aucune lettre n'est en chemin"));
                };
                if carried != booklet || !self.is_in_transit(booklet, dispatch) {
                    return Err(broken(sequence, "ce carnet n'est pas en chemin pour elle"));
                }
                if name == "returned" {
                    self.application(sequence)?.state = State::Accepted;
                    letters.returned.insert(booklet);
                    continue;
                }
                let on = Day::parse(&said).map(|day| ordinal(&day.to_string())).map_err(|_| wrong(name))?;
                if on < since || on > ordinal(&body.day) {
                    return Err(wrong(name));
                }
                self.application(sequence)?.state = State::Over;
                self.stock.note_hand_out(booklet, u16::try_from(on).unwrap_or_default());
                letters.delivered.insert(booklet);
            }
        }
        Ok(letters)
    }

    /// Whether the transit of this holder is a sending by mail.
    pub(super) fn is_mail(&self, holder: &str) -> bool {
        let transit = holder.strip_prefix("transit:").and_then(|number| self.transits.get(&number.parse().ok()?));
        transit.is_some_and(|transit| self.stock.holders.text(transit.destination) == MAIL)
    }

    /// The booklets that have moved are exactly those of the letters, each whole and of the size granted.
    pub(super) fn check_letters<T: Text>(
        &self,
        body: &Body<T>,
        effect: Effect,
        letters: &Letters,
    ) -> Result<(), Break> {
        let other = || Break::new("letters", "les carnets déplacés ne sont pas ceux des lettres");
        let moved = |to: fn(&str) -> bool| -> Result<BTreeSet<u32>, Break> {
            let lines = body.lines.iter().filter(|line: &&Line<T>| to(&line.to));
            let items = lines.flat_map(|line| &line.items).map(|item| Item::parse(&self.programme, item));
            let numbers = items.map(|item| match item? {
                Item::Booklets(range) => Ok(range.numbers().collect::<Vec<_>>()),
                Item::Pass { .. } => Err(other()),
            });
            Ok(numbers.collect::<Result<Vec<_>, Break>>()?.into_iter().flatten().collect())
        };
        if effect == Effect::Mails {
            let right = |(booklet, passes): (&u32, &i64)| {
                self.stock.booklet(*booklet).is_some_and(|slot| i64::from(slot.passes_left) == *passes)
            };
            let same = moved(|_| true)? == letters.mailed.keys().copied().collect();
            return if same && letters.mailed.iter().all(right) { Ok(()) } else { Err(other()) };
        }
        let same = moved(|to| to == MAIL)? == letters.delivered && moved(|to| to != MAIL)? == letters.returned;
        if same { Ok(()) } else { Err(other()) }
    }
}
