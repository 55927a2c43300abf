//! What became of applications, told to whoever filed them: received, decided, mailed, delivered, without asking again and again.
//! The receipts say it; the reference by which the sender knows its application stands with the application. What never lives
//! here: a name, an address, or a person's situation.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::event::{About, Event, EventBody, ahead, seen};
use crate::domain::applications::{Application, ApplicationState};
use crate::domain::ids::ProgrammeNo;
use crate::domain::movement::Kind;
use crate::domain::short_code::ShortCode;
use crate::receipts::Body;
use crate::store::{BodyFilter, Reads, StoreError, StoredReceipt};

/// The receipts that say something of applications.
const KINDS: &[Kind] =
    &[Kind::Application, Kind::ApplicationDecision, Kind::ApplicationEnd, Kind::Mailing, Kind::LetterReport];

/// What one application has become.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Its number within the programme.
    pub application: i64,
    /// As whoever filed it numbers it.
    pub external_reference: String,
    /// Who filed it.
    pub office: String,
    pub state: ApplicationState,
    /// Why it was refused, or why its letter came back, as a stable name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The day on which its letter reached the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivered_on: Option<String>,
}

/// What a receipt says of an application: what it became, and the word that goes with it (a reason, or a day).
type Said<'b> = (i64, ApplicationState, Option<&'b str>);

/// Events of a programme's applications after a position, from at most `limit` receipts: of those that `party` filed, where it
/// is given. And up to where the journal was looked at.
///
/// # Errors
/// [`StoreError`].
pub fn of_applications(
    tx: &mut (impl Reads + ?Sized),
    (programme, code): (ProgrammeNo, &ShortCode),
    (after, limit): (i64, i64),
    party: Option<&ShortCode>,
) -> Result<(Vec<Event>, i64), StoreError> {
    let Some(window) = ahead(tx, programme, after)? else { return Ok((Vec::new(), after)) };
    let filter = BodyFilter { kinds: KINDS, holder: None };
    let receipts = tx.receipt_bodies(window, filter, limit)?;
    let seen = seen(&receipts, |receipt| receipt.position, (limit, window));
    let bodies = receipts.iter().map(StoredReceipt::said).collect::<Result<Vec<Body>, _>>()?;
    let said: Vec<Vec<Said<'_>>> = bodies.iter().map(said).collect();
    let numbers: BTreeSet<i64> = said.iter().flatten().map(|(number, ..)| *number).collect();
    let known: BTreeMap<i64, Application> =
        tx.applications_among(programme, &numbers)?.into_iter().map(|one| (one.number, one)).collect();
    let told = |(body, said): (&Body, Vec<Said<'_>>)| {
        let theirs = said.into_iter().filter_map(|said| {
            let application = known.get(&said.0)?;
            party.is_none_or(|party| party == &application.office).then(|| Told::new(application, said))
        });
        let applications: Vec<Told> = theirs.collect();
        (!applications.is_empty()).then(|| event(code, body, applications))
    };
    Ok((bodies.iter().zip(said).filter_map(told).collect(), seen))
}

impl Told {
    fn new(application: &Application, (number, state, word): Said<'_>) -> Self {
        let word = word.map(str::to_owned);
        let (reason, delivered_on) = if state.is_delivered() { (None, word) } else { (word, None) };
        Self {
            application: number,
            external_reference: application.reference.to_string(),
            office: application.office.to_string(),
            state,
            reason,
            delivered_on,
        }
    }
}

fn event(code: &ShortCode, body: &Body, applications: Vec<Told>) -> Event {
    let about = About::Applications {
        programme: code.to_string(),
        position: body.position,
        receipt: body.number.clone(),
        day: body.day.clone(),
        applications,
    };
    let (id, kind) = (format!("{code}:{}:applications", body.position), "applications.changed".to_owned());
    Event { position: body.position, body: EventBody { id, kind, occurred_at: body.at.clone(), about } }
}

/// What a receipt says of applications.
fn said(body: &Body) -> Vec<Said<'_>> {
    let one = |state: Option<ApplicationState>, word| {
        body.mentioned_number("application")
            .zip(state)
            .map(|(number, state)| (number, state, word))
            .into_iter()
            .collect()
    };
    let named = |name: &str| body.mentioned_text(name).and_then(|state| ApplicationState::parse(state).ok());
    match Kind::parse(&body.kind) {
        Ok(Kind::Application) => {
            let complete = body.mentioned_number("complete") == Some(1);
            one(Some(if complete { ApplicationState::Complete } else { ApplicationState::Received }), None)
        }
        Ok(Kind::ApplicationDecision) => one(named("decision"), body.mentioned_text("reason")),
        Ok(Kind::ApplicationEnd) => one(named("outcome"), None),
        Ok(Kind::Mailing) => letters(body, "letters", ApplicationState::Mailed),
        Ok(Kind::LetterReport) => [
            letters(body, "delivered", ApplicationState::Delivered),
            letters(body, "returned", ApplicationState::Returned),
        ]
        .concat(),
        _ => Vec::new(),
    }
}

/// Reads `12 HDF21-000123-47 2026-11-26; 13 …`: the application, its booklet, and what is said of the letter.
fn letters<'b>(body: &'b Body, name: &str, state: ApplicationState) -> Vec<Said<'b>> {
    let letter = |letter: &'b str| {
        let mut words = letter.split(' ');
        let number = words.next()?.parse().ok()?;
        Some((number, state, words.nth(1)))
    };
    body.mentioned_text(name).unwrap_or_default().split("; ").filter_map(letter).collect()
}
