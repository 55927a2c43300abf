//! The Region's part: what waits, accepting and refusing, withdrawing, and which venue a place is.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::views::{PlaceView, RevisionView};
use super::{now, parse_id, signed, store, unknown};
use crate::auth::Action;
use crate::domain::ids::{PlaceId, VenueId};
use crate::domain::places::directory::Listed;
use crate::domain::places::moderation::{decide, withdraw as withdrawn};
use crate::domain::places::{ChangeKind, Decision, Outcome, State, likeness};
use crate::domain::text::Label;
use crate::http::app::App;
use crate::http::caller::SignedIn;
use crate::http::envelope::{Asked, List};
use crate::http::problem::Problem;

/// Revisions that one answer shows.
const MOST_WAITING: i64 = 200;

/// Why something is done.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct PlaceReason {
    #[schema(value_type = String, example = "Adresse vérifiée par téléphone")]
    reason: Label,
}

/// A word with an acceptance, if there is one to say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct PlaceAcceptance {
    #[schema(value_type = Option<String>, example = "Adresse vérifiée par téléphone")]
    reason: Option<Label>,
}

/// Which venue a place is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct PlaceLink {
    /// `null`: passes are not spent there.
    #[schema(value_type = Option<String>, format = "uuid", example = "019acd0f-1f2e-7a10-8c4d-2f6b1f0e9a80")]
    venue_id: Option<VenueId>,
}

/// Two published places that may be the same.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct PlacePair {
    /// From 0 to 100.
    #[schema(example = 93)]
    score: u32,
    #[schema(value_type = String, format = "uuid")]
    first: PlaceId,
    first_name: String,
    #[schema(value_type = String, format = "uuid")]
    second: PlaceId,
    second_name: String,
}

/// Revisions that wait for a decision, the oldest first; at most 200.
#[utoipa::path(get, path = "/api/v1/place-revisions", tag = "places", summary = "List revisions that wait",
    responses((status = 200, description = "What waits", body = List<RevisionView>)))]
pub(in crate::http) async fn waiting(app: web::Data<App>, signed_in: SignedIn) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ModeratePlaces)?;
    let found = app.read(move |tx| Ok(tx.revisions_waiting(MOST_WAITING)?)).await?;
    let items = found.into_iter().map(|revision| RevisionView::new(revision, true)).collect();
    Ok(HttpResponse::Ok().json(List { items, next: None }))
}

/// Accepts a revision: it is published. One that was made on an older one than is in force is refused: it would undo what
/// came between.
#[utoipa::path(post, path = "/api/v1/places/{id}/revisions/{number}/acceptance", tag = "places",
    summary = "Accept a revision", request_body = PlaceAcceptance,
    params(("id" = String, Path), ("number" = i64, Path)),
    responses((status = 200, description = "The place as published", body = PlaceView)))]
pub(in crate::http) async fn accept(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    asked: Asked<PlaceAcceptance>,
) -> Result<HttpResponse, Problem> {
    decided(app, &path, &asked.signed_in, (Outcome::Accepted, asked.body.reason)).await
}

/// Refuses a revision, with the reason.
#[utoipa::path(post, path = "/api/v1/places/{id}/revisions/{number}/refusal", tag = "places",
    summary = "Refuse a revision", request_body = PlaceReason,
    params(("id" = String, Path), ("number" = i64, Path)),
    responses((status = 200, description = "The place as it stands", body = PlaceView)))]
pub(in crate::http) async fn refuse(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    asked: Asked<PlaceReason>,
) -> Result<HttpResponse, Problem> {
    decided(app, &path, &asked.signed_in, (Outcome::Refused, Some(asked.body.reason))).await
}

async fn decided(
    app: web::Data<App>,
    path: &(String, String),
    signed_in: &SignedIn,
    (outcome, reason): (Outcome, Option<Label>),
) -> Result<HttpResponse, Problem> {
    let (id, at) = (parse_id(&path.0)?, now(&app));
    let missing = || Problem::new("revision_unknown");
    let number: i64 = path.1.parse().map_err(|_| missing())?;
    let decision = Decision { outcome, reason, by: signed(signed_in, at) };
    let place = app
        .write(move |tx| {
            let mut place = tx.place(id)?.ok_or_else(unknown)?;
            let mut revision = tx.revision(id, number)?.ok_or_else(missing)?;
            let was = place.state;
            decide(&mut place, &mut revision, decision.clone())?;
            store(tx, &place)?;
            tx.insert_decision(id, number, &decision)?;
            if outcome == Outcome::Accepted {
                let kind = if was == State::Published { ChangeKind::Changed } else { ChangeKind::Added };
                tx.note_place_changes(&[(id, kind)], at)?;
            }
            Ok(place)
        })
        .await?;
    Ok(HttpResponse::Ok().json(PlaceView::new(place, at.day())))
}

/// Withdraws a place: it is shown no more. Its history stays.
#[utoipa::path(post, path = "/api/v1/places/{id}/withdrawal", tag = "places", summary = "Withdraw a place",
    request_body = PlaceReason, params(("id" = String, Path)),
    responses((status = 200, description = "The place, withdrawn", body = PlaceView)))]
pub(in crate::http) async fn withdraw(
    app: web::Data<App>,
    id: web::Path<String>,
    asked: Asked<PlaceReason>,
) -> Result<HttpResponse, Problem> {
    let (id, at) = (parse_id(&id)?, now(&app));
    let by = signed(&asked.signed_in, at);
    let reason = Some(asked.body.reason);
    let place = app
        .write(move |tx| {
            let mut place = tx.place(id)?.ok_or_else(unknown)?;
            let was = place.state;
            withdrawn(&mut place)?;
            // What was decided is kept as every decision is: on a revision of its own, which changes no word.
            place.revisions += 1;
            place.venue = None;
            let decision = Decision { outcome: Outcome::Refused, reason, by: by.clone() };
            let revision = crate::domain::places::Revision {
                place: id,
                number: place.revisions,
                base: place.in_force,
                sheet: place.sheet.clone(),
                note: None,
                by,
                decision: Some(decision),
            };
            store(tx, &place)?;
            tx.insert_revisions(&[revision])?;
            if was == State::Published {
                tx.note_place_changes(&[(id, ChangeKind::Removed)], at)?;
            }
            Ok(place)
        })
        .await?;
    Ok(HttpResponse::Ok().json(PlaceView::new(place, at.day())))
}

/// Says which venue a place is, or that it is none: whether passes are spent there follows from the venue alone.
#[utoipa::path(post, path = "/api/v1/places/{id}/venue", tag = "places", summary = "Link a place to a venue",
    request_body = PlaceLink, params(("id" = String, Path)),
    responses((status = 200, description = "The place, linked", body = PlaceView)))]
pub(in crate::http) async fn link(
    app: web::Data<App>,
    id: web::Path<String>,
    asked: Asked<PlaceLink>,
) -> Result<HttpResponse, Problem> {
    let (id, at, venue) = (parse_id(&id)?, now(&app), asked.body.venue_id);
    let place = app
        .write(move |tx| {
            let mut place = tx.place(id)?.ok_or_else(unknown)?;
            crate::domain::places::moderation::is_shown(&place)?;
            if let Some(venue) = venue {
                tx.venue(venue)?.ok_or(Problem::new("venue_unknown").field("venue_id"))?;
                if tx.place_of_venue(venue)?.is_some_and(|known| known != id) {
                    return Err(Problem::new("venue_linked_already").field("venue_id"));
                }
            }
            place.venue = venue;
            place.version += 1;
            store(tx, &place)?;
            tx.note_place_changes(&[(id, ChangeKind::Changed)], at)?;
            Ok(place)
        })
        .await?;
    Ok(HttpResponse::Ok().json(PlaceView::new(place, at.day())))
}

/// Pairs of published places that may be the same, the likeliest first.
#[utoipa::path(get, path = "/api/v1/place-duplicates", tag = "places", summary = "List possible duplicates",
    responses((status = 200, description = "Pairs that score 90 and more", body = List<PlacePair>)))]
pub(in crate::http) async fn duplicates(app: web::Data<App>, signed_in: SignedIn) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ModeratePlaces)?;
    let (directory, _) = app.directory().await?;
    let _entered = app.reading.enter()?;
    let items = app.reading.turn(move || Ok(pairs(directory.all()))).await?;
    Ok(HttpResponse::Ok().json(List { items, next: None }))
}

/// Only places of one commune are compared: others cannot be the same.
fn pairs<'a>(places: impl Iterator<Item = &'a Listed>) -> Vec<PlacePair> {
    let mut by_commune: BTreeMap<_, Vec<&Listed>> = BTreeMap::new();
    for place in places {
        by_commune.entry(place.commune.code).or_default().push(place);
    }
    let mut pairs = Vec::new();
    for mut here in by_commune.into_values() {
        while let Some(second) = here.pop() {
            pairs.extend(here.iter().filter_map(|first| pair(first, second)));
        }
    }
    pairs.sort_by_key(|pair: &PlacePair| (std::cmp::Reverse(pair.score), pair.first, pair.second));
    pairs
}

fn pair(first: &Listed, second: &Listed) -> Option<PlacePair> {
    let score = likeness::score(&first.sheet, &second.sheet).filter(|score| *score >= likeness::CUTOFF)?;
    let (first_name, second_name) = (first.sheet.name.to_string(), second.sheet.name.to_string());
    Some(PlacePair { score, first: first.id, first_name, second: second.id, second_name })
}
