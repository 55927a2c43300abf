//! Applications as their receipts tell them, and as they are stored: how far each has come, since when, why, and with which
//! letter. Who applied is in no receipt. What never lives here: a repair.

use std::collections::BTreeMap;

use super::PAGE;
use super::findings::{Findings, paged};
use crate::domain::applications::{Application as Stored, ApplicationState, Assessed};
use crate::domain::programme::Programme;
use crate::domain::serial::read_booklet;
use crate::receipts::{Body, Text};
use crate::store::{ApplicationFilter, Reads, StoreError};

/// What the rules of a day said of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Judged {
    on: String,
    rule_version: String,
    ground: Option<String>,
    proof_kind: Option<String>,
    missing: Vec<String>,
}

impl Judged {
    fn stored(stored: Assessed) -> Self {
        let Assessed { on, rule_version, ground, proof_kind, missing, .. } = stored;
        Self { on: on.to_string(), rule_version, ground, proof_kind, missing }
    }

    fn said<T: Text>(body: &Body<T>) -> Self {
        let said = |name| body.mentioned_text(name).map(str::to_owned);
        let missing = body.mentioned_text("conditions_missing").unwrap_or_default();
        Self {
            on: (*body.day).to_owned(),
            rule_version: said("rule_version").unwrap_or_default(),
            ground: said("ground"),
            proof_kind: said("proof"),
            missing: missing.split_whitespace().map(str::to_owned).collect(),
        }
    }
}

/// An application up to a receipt.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Application {
    office: String,
    channel: String,
    passes: i64,
    received_on: String,
    judged: Judged,
    state: &'static str,
    state_on: String,
    reason: Option<String>,
    /// Number of the booklet, and of the dispatch.
    letter: Option<(u32, i64)>,
    filed_by: String,
    last_receipt: String,
}

impl Application {
    fn stored(stored: Stored) -> Self {
        Self {
            office: stored.office.to_string(),
            channel: stored.channel.to_string(),
            passes: stored.passes,
            received_on: stored.received_on.to_string(),
            judged: Judged::stored(stored.assessed),
            state: stored.state.as_str(),
            state_on: stored.state_on.to_string(),
            reason: stored.reason,
            letter: stored.letter.map(|(booklet, dispatch)| (booklet.number(), dispatch)),
            filed_by: stored.filed_by,
            last_receipt: stored.last_receipt,
        }
    }
}

/// By number.
#[derive(Debug, Default)]
pub(super) struct Applications {
    by_number: BTreeMap<i64, Application>,
}

impl Applications {
    /// Takes the next receipt of applications or letters in.
    pub(super) fn take<T: Text>(&mut self, body: &Body<T>) {
        match &*body.kind {
            "application" => self.filed(body),
            "application_decision" => {
                let accepted = body.mentioned_text("decision") == Some("accepted");
                let state = if accepted { ApplicationState::Accepted } else { ApplicationState::Refused };
                let reason = body.mentioned_text("reason").map(str::to_owned);
                self.becomes(body, body.mentioned_number("application"), state, |one| {
                    one.reason = reason.or(one.reason.take());
                });
            }
            "application_end" => {
                let withdrawn = body.mentioned_text("outcome") == Some("withdrawn");
                let state = if withdrawn { ApplicationState::Withdrawn } else { ApplicationState::Expired };
                self.becomes(body, body.mentioned_number("application"), state, |_| {});
            }
            "mailing" => {
                let dispatch = body.mentioned_number("dispatch").unwrap_or_default();
                for (application, booklet, _) in letters(body, "letters") {
                    self.becomes(body, Some(application), ApplicationState::Mailed, |one| {
                        (one.letter, one.reason) = (Some((booklet, dispatch)), None);
                    });
                }
            }
            _ => {
                for (application, _, on) in letters(body, "delivered") {
                    let state = ApplicationState::Delivered;
                    self.becomes(body, Some(application), state, |one| on.clone_into(&mut one.state_on));
                }
                for (application, _, cause) in letters(body, "returned") {
                    let state = ApplicationState::Returned;
                    self.becomes(body, Some(application), state, |one| one.reason = Some(cause.to_owned()));
                }
            }
        }
    }

    fn filed<T: Text>(&mut self, body: &Body<T>) {
        let complete = body.mentioned_number("complete") == Some(1);
        let state = if complete { ApplicationState::Complete } else { ApplicationState::Received };
        let sequence = body.mentioned_number("application");
        if body.mentioned_text("step") == Some("received") {
            let filed = Application {
                office: (*body.office.code).to_owned(),
                channel: body.mentioned_text("channel").unwrap_or_default().to_owned(),
                passes: body.mentioned_number("passes_asked").unwrap_or_default(),
                received_on: (*body.day).to_owned(),
                filed_by: (*body.number).to_owned(),
                ..Application::default()
            };
            self.by_number.insert(sequence.unwrap_or_default(), filed);
        }
        self.becomes(body, sequence, state, |one| one.judged = Judged::said(body));
    }

    fn becomes<T: Text>(
        &mut self,
        body: &Body<T>,
        sequence: Option<i64>,
        state: ApplicationState,
        change: impl FnOnce(&mut Application),
    ) {
        let Some(one) = sequence.and_then(|sequence| self.by_number.get_mut(&sequence)) else { return };
        one.state = state.as_str();
        (*body.day).clone_into(&mut one.state_on);
        (*body.number).clone_into(&mut one.last_receipt);
        change(one);
    }
}

/// The letters of a mention: application, booklet, and what is said of it.
fn letters<'b, T: Text>(body: &'b Body<T>, mention: &str) -> Vec<(i64, u32, &'b str)> {
    let read = |letter: &'b str| {
        let mut words = letter.split(' ');
        let (application, booklet) = (words.next()?.parse().ok()?, words.next()?);
        Some((application, read_booklet(booklet)?.1, words.next().unwrap_or_default()))
    };
    body.mentioned_text(mention).unwrap_or_default().split("; ").filter_map(read).collect()
}

/// Compares every application, also where people were erased or an archive left them out: what is compared names nobody.
pub(super) fn compare(
    tx: &mut dyn Reads,
    programme: &Programme,
    applications: &Applications,
    found: &mut Findings,
) -> Result<(), StoreError> {
    let stored = paged(0, |after| {
        let page = tx.applications(programme.no, &ApplicationFilter::default(), *after, PAGE)?;
        Ok(page.into_iter().map(|row| (row.number, Application::stored(row))).collect())
    });
    found.table(("applications", i64::to_string), stored, &applications.by_number)
}
