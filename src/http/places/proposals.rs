//! Proposing a place and changing one; the registry as those who have signed in read it, with its history.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::sheet_schema::SheetSchema;
use super::views::{PlaceView, RevisionView};
use super::{moderates, now, parse_id, provider_of, signed, sound, store, visible};
use crate::auth::Action;
use crate::domain::ids::PlaceId;
use crate::domain::places::moderation::{self, NotNow, publishes_at_once};
use crate::domain::places::{ChangeKind, Decision, Outcome, Sheet, State, likeness};
use crate::domain::text::Label;
use crate::domain::time::Day;
use crate::http::app::App;
use crate::http::caller::SignedIn;
use crate::http::envelope::{Asked, List, query};
use crate::http::problem::Problem;
use crate::http::reference::{listed, page};
use crate::store::PlaceFilter;

/// A place to be added to the registry.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewPlace {
    #[schema(value_type = SheetSchema)]
    sheet: Sheet,
    /// For whoever decides.
    #[schema(value_type = Option<String>, example = "Ouvert en septembre")]
    note: Option<Label>,
}

/// Another description of a place.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct PlaceChange {
    /// The whole description, not only what changed.
    #[schema(value_type = SheetSchema)]
    sheet: Sheet,
    #[schema(value_type = Option<String>, example = "Nouveaux horaires")]
    note: Option<Label>,
    /// The number of the revision in force that was read: another one since then is not overwritten unseen.
    #[schema(example = 1)]
    base: i64,
}

/// A place that looks like one that was proposed.
#[derive(Debug, Serialize, ToSchema)]
struct LookAlike {
    #[schema(value_type = String, format = "uuid")]
    id: PlaceId,
    name: String,
    /// From 0 to 100.
    #[schema(example = 93)]
    score: u32,
}

/// A proposal as it was taken.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ProposedPlace {
    place: PlaceView,
    /// Published places that may be the same: `score` 90 and more.
    look_alikes: Vec<LookAlike>,
}

/// Proposes a place. What the Region proposes is published at once; what others propose waits for its decision.
#[utoipa::path(post, path = "/api/v1/places", tag = "places", summary = "Propose a place", request_body = NewPlace,
    responses((status = 201, description = "Published, or waiting", body = ProposedPlace,
        headers(("Location" = String, description = "Its address")))))]
pub(in crate::http) async fn propose(app: web::Data<App>, asked: Asked<NewPlace>) -> Result<HttpResponse, Problem> {
    let (at, NewPlace { sheet, note }) = (now(&app), asked.body);
    sound(&sheet, at.day())?;
    let (directory, _) = app.directory().await?;
    let alike = |score: &u32| *score >= likeness::CUTOFF;
    let look_alikes = directory.all().filter_map(|known| {
        let score = likeness::score(&known.sheet, &sheet).filter(alike)?;
        Some(LookAlike { id: known.id, name: known.sheet.name.to_string(), score })
    });
    let look_alikes = look_alikes.collect();
    let by = signed(&asked.signed_in, at);
    let (mut place, mut revision) = moderation::proposed(PlaceId::new(app.entropy.uuid(at)), sheet, note, by.clone());
    let published = publishes_at_once(&by, None);
    if published {
        moderation::decide(&mut place, &mut revision, Decision { outcome: Outcome::Accepted, reason: None, by })?;
    }
    let new = place.clone();
    app.write(move |tx| {
        let changes = [(new.id, ChangeKind::Added)];
        tx.insert_places(&[new])?;
        tx.insert_revisions(&[revision])?;
        Ok::<_, Problem>(tx.note_place_changes(if published { &changes } else { &[] }, at)?)
    })
    .await?;
    let location = (header::LOCATION, format!("/api/v1/places/{}", place.id));
    let answer = ProposedPlace { place: PlaceView::new(place, at.day()), look_alikes };
    Ok(HttpResponse::Created().insert_header(location).json(answer))
}

/// Proposes another description of a place. What the Region proposes, or the provider that answers for the place, is
/// published at once; what others propose waits for the Region's decision.
#[utoipa::path(post, path = "/api/v1/places/{id}/revisions", tag = "places", summary = "Propose a change to a place",
    request_body = PlaceChange, params(("id" = String, Path, description = "Identifier of the place")),
    responses((status = 201, description = "Published, or waiting", body = RevisionView)))]
pub(in crate::http) async fn revise(
    app: web::Data<App>,
    id: web::Path<String>,
    asked: Asked<PlaceChange>,
) -> Result<HttpResponse, Problem> {
    let (id, at) = (parse_id(&id)?, now(&app));
    let PlaceChange { sheet, note, base } = asked.body;
    sound(&sheet, at.day())?;
    let signed_in = asked.signed_in;
    let named = signed_in.scope().is_none();
    let revision = app
        .write(move |tx| {
            let mut place = visible(tx, id, &signed_in)?;
            if base != place.in_force {
                return Err(Problem::from(NotNow::Outdated).field("base"));
            }
            let by = signed(&signed_in, at);
            let provider = provider_of(tx, &place)?;
            let was = place.state;
            let mut revision = moderation::revised(&mut place, sheet, note, by.clone())?;
            if publishes_at_once(&by, provider) {
                // One step of the version for both: they are one change.
                place.version -= 1;
                let decision = Decision { outcome: Outcome::Accepted, reason: None, by };
                moderation::decide(&mut place, &mut revision, decision)?;
                let kind = if was == State::Published { ChangeKind::Changed } else { ChangeKind::Added };
                tx.note_place_changes(&[(id, kind)], at)?;
            }
            store(tx, &place)?;
            tx.insert_revisions(std::slice::from_ref(&revision))?;
            Ok(revision)
        })
        .await?;
    Ok(HttpResponse::Created().json(RevisionView::new(revision, named)))
}

/// Which places a list shows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct PlaceQuery {
    /// `published` when not said; `proposed` and `refused` are for whoever decides.
    #[param(value_type = Option<String>)]
    state: Option<State>,
    /// Only those last known to be true before this day: the ageing ones.
    #[param(value_type = Option<String>, example = "2025-11-26")]
    updated_before: Option<Day>,
    /// Rows of the page, 1 to 200; 50 when not said.
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Lists the places in the order in which they were proposed.
#[utoipa::path(get, path = "/api/v1/places", tag = "places", summary = "List places", params(PlaceQuery),
    responses((status = 200, description = "A page of places", body = List<PlaceView>)))]
pub(in crate::http) async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReference)?;
    let PlaceQuery { state, updated_before, limit, after } = query(&request)?;
    let state = state.unwrap_or(State::Published);
    if matches!(state, State::Proposed | State::Refused) && !moderates(&signed_in) {
        return Err(Problem::new("forbidden").field("state"));
    }
    let page = page(after.as_deref(), limit, PlaceId::parse)?;
    let (filter, wanted) = (PlaceFilter { state: Some(state), updated_before }, page.clone());
    let rows = app.read(move |tx| Ok(tx.places(filter, &wanted)?)).await?;
    let today = app.clock.now().day();
    Ok(listed(rows, &page, |place| place.id.to_string(), |place| PlaceView::new(place, today)))
}

/// Shows one place.
#[utoipa::path(get, path = "/api/v1/places/{id}", tag = "places", summary = "Read a place",
    params(("id" = String, Path, description = "Identifier of the place")),
    responses((status = 200, description = "The place", body = PlaceView)))]
pub(in crate::http) async fn one(
    app: web::Data<App>,
    id: web::Path<String>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReference)?;
    let (id, today) = (parse_id(&id)?, app.clock.now().day());
    let place = app.read(move |tx| visible(tx, id, &signed_in)).await?;
    Ok(HttpResponse::Ok().json(PlaceView::new(place, today)))
}

/// The whole history of a place: what was proposed, by whom, when, and what was decided. Those who do not see the whole
/// programme see what was accepted, and what their organisation proposed.
#[utoipa::path(get, path = "/api/v1/places/{id}/revisions", tag = "places", summary = "Read the history of a place",
    params(("id" = String, Path, description = "Identifier of the place")),
    responses((status = 200, description = "Its revisions, the first first", body = List<RevisionView>)))]
pub(in crate::http) async fn history(
    app: web::Data<App>,
    id: web::Path<String>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReference)?;
    let id = parse_id(&id)?;
    let (own, named) = (signed_in.organisation.id, signed_in.scope().is_none());
    let revisions = app
        .read(move |tx| {
            visible(tx, id, &signed_in)?;
            Ok(tx.revisions(id)?)
        })
        .await?;
    let accepted = |outcome: Option<Outcome>| outcome == Some(Outcome::Accepted);
    let shown = revisions.into_iter().filter(|revision| {
        named || revision.by.organisation == own || accepted(revision.decision.as_ref().map(|it| it.outcome))
    });
    let items = shown.map(|revision| RevisionView::new(revision, named)).collect();
    Ok(HttpResponse::Ok().json(List { items, next: None }))
}
