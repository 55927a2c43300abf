//! People who may be one, as the Region reviews them: what waits, what is held of either side, and what it found. The two
//! prescribers are told nothing of each other. What never lives here: what follows from a finding (see `domain::entitlement`).

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::access_log::Handed;
use super::super::app::App;
use super::super::caller::SignedIn;
use super::super::envelope::{Asked, List, limit, query};
use super::super::problem::Problem;
use super::cursor;
use super::people::{HeldApplicationJson, HeldHandOutJson};
use crate::auth::Action;
use crate::domain::duplicates::Verdict;
use crate::domain::programme::Programme;
use crate::domain::stock::CodeMac;
use crate::domain::text::Label;
use crate::keys::Keys;
use crate::store::{NoticedPair, PairCounts, Reads, Review};

/// Two people who may be one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PossibleDuplicate)]
struct PairJson {
    #[schema(example = 3)]
    number: i64,
    #[schema(example = "2026-11-24")]
    found_on: String,
    /// Of the hand-out or application by which it was noticed.
    #[schema(example = "HDF21-MAUB-2026-000042")]
    receipt: String,
    /// `waiting`, `same` or `different`.
    #[schema(example = "waiting")]
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reviewed_on: Option<String>,
}

impl From<NoticedPair> for PairJson {
    fn from(noticed: NoticedPair) -> Self {
        let review = noticed.review;
        Self {
            number: noticed.pair.number,
            found_on: noticed.pair.found_on.to_string(),
            receipt: noticed.receipt,
            state: review.as_ref().map_or(WAITING, |review| review.verdict.as_str()),
            reason: review.as_ref().map(|review| review.reason.to_string()),
            reviewed_on: review.map(|review| review.on.to_string()),
        }
    }
}

/// What is held of one of the two.
#[derive(Debug, Serialize, ToSchema)]
struct PairSideJson {
    hand_outs: Vec<HeldHandOutJson>,
    /// With name and address, as long as these are kept.
    applications: Vec<HeldApplicationJson>,
    /// Counted towards the entitlement.
    passes: i64,
}

impl PairSideJson {
    fn read(
        tx: &mut (impl Reads + ?Sized),
        keys: &Keys,
        programme: &Programme,
        person: &CodeMac,
    ) -> Result<Self, Problem> {
        let held = tx.held_of_person(programme.no, person)?;
        let read = |application| HeldApplicationJson::read(&mut *tx, keys, programme, application);
        let applications = held.applications.into_iter().map(read).collect::<Result<_, _>>()?;
        let hand_outs = held.hand_outs.into_iter().map(HeldHandOutJson::from).collect();
        Ok(Self { hand_outs, applications, passes: held.passes.unwrap_or(0) })
    }
}

/// Two people who may be one, with what is held of either.
#[derive(Debug, Serialize, ToSchema)]
struct PairDetailJson {
    #[serde(flatten)]
    pair: PairJson,
    /// Who was there before.
    known: PairSideJson,
    newcomer: PairSideJson,
}

/// How many wait, and what was found of the others.
#[derive(Debug, Serialize, ToSchema)]
struct PairCountsJson {
    waiting: i64,
    same: i64,
    different: i64,
}

/// A page of pairs, with how many there are in all.
#[derive(Debug, Serialize, ToSchema)]
struct PairListJson {
    counts: PairCountsJson,
    items: Vec<PairJson>,
    next: Option<String>,
}

const WAITING: &str = "waiting";

/// What a list of pairs may be limited to.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PairQuery {
    /// `waiting`, `same` or `different`; all when not said.
    #[param(value_type = Option<String>)]
    state: Option<PairState>,
    /// Rows of the page, 1 to 200; 50 when not said.
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PairState {
    Waiting,
    Same,
    Different,
}

impl PairState {
    const fn verdict(self) -> Option<Verdict> {
        match self {
            Self::Waiting => None,
            Self::Same => Some(Verdict::Same),
            Self::Different => Some(Verdict::Different),
        }
    }
}

/// What is told of people: that it was read is kept.
fn told(what: &impl Serialize) -> HttpResponse {
    let mut response = HttpResponse::Ok().json(what);
    response.extensions_mut().insert(Handed { form: "person", number: None });
    response
}

fn unknown(number: &str) -> Problem {
    Problem::new("duplicate_unknown").about("duplicate", number)
}

fn number(text: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_| unknown(text))
}

/// People who may be one, in the order in which they were noticed.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/possible-duplicates", tag = "people",
    params(("programme" = String, Path), PairQuery), responses((status = 200, body = PairListJson)))]
pub(in crate::http) async fn list(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReviewDuplicates)?;
    let programme = signed_in.programme(&app, &path).await?;
    let asked = query::<PairQuery>(&request)?;
    let (limit, after) = (limit(asked.limit)?, cursor(asked.after.as_deref())?);
    let (no, verdict) = (programme.no, asked.state.map(PairState::verdict));
    let found = app.read(move |tx| Ok((tx.duplicates(no, verdict, after, limit)?, tx.duplicate_counts(no)?))).await?;
    let (pairs, PairCounts { waiting, same, different }) = found;
    let items = pairs.into_iter().map(PairJson::from).collect();
    let List { items, next } = List::new(items, limit, |last: &PairJson| last.number.to_string());
    Ok(told(&PairListJson { counts: PairCountsJson { waiting, same, different }, items, next }))
}

/// One pair, with what is held of either side.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/possible-duplicates/{number}", tag = "people",
    params(("programme" = String, Path), ("number" = i64, Path)), responses((status = 200, body = PairDetailJson)))]
pub(in crate::http) async fn one(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReviewDuplicates)?;
    let programme = signed_in.programme(&app, &path.0).await?;
    let asked = number(&path.1)?;
    let keys = Arc::clone(&app.keys);
    let detail = app
        .read(move |tx| {
            let noticed = tx.duplicate(programme.no, asked)?.ok_or_else(|| unknown(&path.1))?;
            let known = PairSideJson::read(tx, &keys, &programme, &noticed.pair.known)?;
            let newcomer = PairSideJson::read(tx, &keys, &programme, &noticed.pair.newcomer)?;
            Ok(PairDetailJson { pair: noticed.into(), known, newcomer })
        })
        .await?;
    Ok(told(&detail))
}

/// What the Region found.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ReviewBody {
    /// `same`: one person, whose passes count together from now on; `different`: two people, no longer noticed.
    #[schema(value_type = String, example = "different")]
    verdict: Verdict,
    /// Kept until one of the two is erased.
    #[schema(value_type = String, example = "Deux sœurs jumelles : livrets de famille vus")]
    reason: Label,
}

/// Say what a pair is, in the place of what was said before: what was already given is not taken back.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/possible-duplicates/{number}/review", tag = "people",
    request_body = ReviewBody, params(("programme" = String, Path), ("number" = i64, Path)),
    responses((status = 200, body = PairJson)))]
pub(in crate::http) async fn review(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    asked: Asked<ReviewBody>,
) -> Result<HttpResponse, Problem> {
    let programme = asked.signed_in.programme(&app, &path.0).await?;
    let (no, pair, on) = (programme.no, number(&path.1)?, app.clock.now().day());
    let ReviewBody { verdict, reason } = asked.body;
    let review = Review { verdict, reason, reviewer: asked.signed_in.caller.actor().user, on };
    let noticed = app
        .write(move |tx| {
            tx.keep_review(no, pair, &review)?;
            tx.duplicate(no, pair)?.ok_or_else(|| unknown(&path.1))
        })
        .await?;
    Ok(told(&PairJson::from(noticed)))
}
