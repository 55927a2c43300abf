//! What everybody may ask without signing in: where a pass can be spent, which places there are, and what changed since.
//! Every answer can be kept by whoever stands between: it has an `ETag` and says how long it holds. What never lives here: a
//! proposal, a name of a person, or a place that is not published.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::{IntoParams, ToSchema};

use super::parse_id;
use super::views::PublicPlace;
use crate::domain::party::Service;
use crate::domain::places::ChangeKind;
use crate::domain::places::directory::{Around, Wish};
use crate::domain::position::Position;
use crate::domain::short_code::ShortCode;
use crate::domain::territory::Commune;
use crate::domain::text::Label;
use crate::domain::time::Day;
use crate::http::app::App;
use crate::http::envelope::{limit, query};
use crate::http::problem::Problem;
use crate::http::reference::communes::named;
use crate::http::shape;

/// Seconds for which an answer holds.
const HOLDS_SECONDS: u32 = 300;
/// Kilometres around a point at most.
const FURTHEST_KM: i64 = 300;
/// Days of a question about sessions at most.
const LONGEST_DAYS: u32 = 366;

/// What is looked for: all of it at once.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct FinderQuery {
    /// INSEE code, or the name of a commune: of several of that name the most populous.
    #[param(example = "59392")]
    commune: Option<String>,
    /// How far around the commune: `commune` (when not said), `epci` or `department`.
    #[param(example = "epci")]
    around: Option<String>,
    /// Where the person is, `latitude,longitude`: the nearest come first.
    #[param(example = "50.27875,3.97267")]
    near: Option<String>,
    /// Only within this distance of the point or the commune, 1 to 300.
    #[param(example = 20)]
    within_km: Option<i64>,
    /// A service of the national list, by its name in this API.
    #[param(value_type = Option<String>, example = "aide_aux_demarches_administratives")]
    service: Option<Service>,
    /// A value of `prise_en_charge_specifique`.
    #[param(value_type = Option<String>, example = "Surdité")]
    special_care: Option<Label>,
    /// Only places whose accessibility is described.
    #[serde(default)]
    described_access: bool,
    /// Only places where a pass can be spent.
    #[serde(default)]
    accepts_passes: bool,
    /// Only places that take passes of this programme.
    #[param(value_type = Option<String>, example = "HDF21")]
    programme: Option<ShortCode>,
    /// Only places with a session from this day on.
    #[param(value_type = Option<String>, example = "2026-12-01")]
    session_from: Option<Day>,
    /// Only places with a session until this day.
    #[param(value_type = Option<String>, example = "2026-12-31")]
    session_until: Option<Day>,
    /// Words of the name or the address; accents and capitals do not count.
    #[param(example = "cyber espace")]
    q: Option<String>,
    /// Rows of the page, 1 to 200; 50 when not said.
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// A page of what was found.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct FinderPage<'a> {
    /// Places that fit, on all pages.
    #[schema(example = 12)]
    total: usize,
    items: Vec<PublicPlace<'a>>,
    /// What to pass as `after` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Since which change.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct SinceQuery {
    /// The `next` of the answer before; 0 for everything.
    #[serde(default)]
    #[param(example = 0)]
    since: i64,
    /// Changes of the page, 1 to 200; 50 when not said.
    limit: Option<i64>,
}

/// A change of what everybody can read.
#[derive(Debug, Serialize, ToSchema)]
struct PublicChange<'a> {
    #[schema(example = 42)]
    no: i64,
    /// `added`, `changed` or `removed`.
    #[schema(value_type = String, example = "changed")]
    kind: ChangeKind,
    #[schema(example = "2026-11-26T14:03:21.123Z")]
    at: String,
    #[schema(value_type = String, format = "uuid")]
    place_id: String,
    /// The place as it is now; absent when it is shown no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<PublicPlace<'a>>,
}

/// What changed since, in order.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct PublicChanges<'a> {
    items: Vec<PublicChange<'a>>,
    /// What to pass as `since` the next time: nothing is missed, and nothing comes twice.
    #[schema(example = 42)]
    next: i64,
    /// Whether more is to be had at once.
    more: bool,
}

impl FinderQuery {
    fn wish(&self) -> Result<Wish, Problem> {
        let wrong =
            |field: &'static str, detail: String| Problem::new("query_malformed").about("detail", detail).field(field);
        let commune: Option<Commune> = self.commune.as_deref().map(named).transpose()?;
        let near = self
            .near
            .as_deref()
            .map(Position::parse)
            .transpose()
            .map_err(|malformed| Problem::from(malformed).field("near"))?;
        let around = match (self.within_km, self.around.as_deref()) {
            (Some(km), None) if (1..=FURTHEST_KM).contains(&km) => Around::Metres(km * 1_000),
            (Some(_), None) => return Err(wrong("within_km", format!("within_km : 1 à {FURTHEST_KM}"))),
            (None, None | Some("commune")) => Around::Commune,
            (None, Some("epci")) => Around::Epci,
            (None, Some("department")) => Around::Department,
            (_, Some(_)) => {
                return Err(wrong("around", "around : commune, epci ou department, sans within_km".to_owned()));
            }
        };
        if commune.is_none() && (self.around.is_some() || (self.within_km.is_some() && near.is_none())) {
            return Err(wrong("commune", "donnez une commune, ou un point avec near".to_owned()));
        }
        Ok(Wish {
            commune,
            around,
            near,
            services: self.service.into_iter().collect(),
            special_care: self.special_care.clone(),
            described_access: self.described_access,
            accepts: self.accepts_passes,
            programme: self.programme.clone(),
            sessions: self.days()?,
            words: self.q.clone().filter(|words| !words.trim().is_empty()),
        })
    }

    fn days(&self) -> Result<Option<(Day, Day)>, Problem> {
        let days = match (self.session_from, self.session_until) {
            (None, None) => return Ok(None),
            (Some(first), None) => (first, first.plus_days(LONGEST_DAYS)),
            (None, Some(last)) => (Day::FIRST, last),
            (Some(first), Some(last)) => (first, last),
        };
        if days.0 <= days.1 {
            return Ok(Some(days));
        }
        Err(Problem::new("dates_out_of_order").field("session_until"))
    }
}

/// Finds places: by commune, distance, service, accessibility, programme and session, the nearest first.
#[utoipa::path(get, path = "/api/v1/public/places", tag = "places", summary = "Find places", security(()),
    params(FinderQuery), responses((status = 200, description = "A page of places", body = FinderPage<'static>),
        (status = 304, description = "As `If-None-Match` has it")))]
pub(in crate::http) async fn find(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let asked: FinderQuery = query(&request)?;
    let (wish, limit) = (asked.wish()?, limit(asked.limit)?);
    let (directory, _) = app.directory().await?;
    let today = app.clock.now().day();
    let found = directory.find(&wish);
    let total = found.len();
    let start = match asked.after.as_deref() {
        None => 0,
        Some(after) => {
            let place = found.iter().position(|found| found.listed.id.to_string() == after);
            let gone = || Problem::new("query_malformed").about("detail", shape::no_continuation()).field("after");
            place.ok_or_else(gone)? + 1
        }
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let page = found.iter().skip(start).take(limit);
    let items: Vec<PublicPlace<'_>> = page.map(|found| PublicPlace::found(found, today)).collect();
    let last = found.get((start + items.len()).saturating_sub(1)).map(|found| found.listed.id.to_string());
    let next = last.filter(|_| start + items.len() < total);
    Ok(cached(&request, "application/json", json(&FinderPage { total, items, next })))
}

/// Shows one published place.
#[utoipa::path(get, path = "/api/v1/public/places/{id}", tag = "places", summary = "Read a published place",
    security(()), params(("id" = String, Path)),
    responses((status = 200, description = "The place", body = PublicPlace<'static>)))]
pub(in crate::http) async fn one(
    app: web::Data<App>,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let (directory, _) = app.directory().await?;
    let listed = directory.one(id).ok_or_else(super::unknown)?;
    let body = json(&PublicPlace::new(listed, None, app.clock.now().day()));
    Ok(cached(&request, "application/json", body))
}

/// What changed since a number that was answered before, each place once with what became of it: for whoever keeps a copy.
#[utoipa::path(get, path = "/api/v1/public/place-changes", tag = "places", summary = "Follow the places", security(()),
    params(SinceQuery), responses((status = 200, description = "Changes in order", body = PublicChanges<'static>)))]
pub(in crate::http) async fn changes(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let asked: SinceQuery = query(&request)?;
    let limit = limit(asked.limit)?;
    let rows = app.read(move |tx| Ok(tx.place_changes(asked.since, limit)?)).await?;
    // Read after the changes: what they led to is in it, whatever came since.
    let (directory, _) = app.directory().await?;
    let today = app.clock.now().day();
    let next = rows.last().map_or(asked.since, |last| last.no);
    let more = i64::try_from(rows.len()).is_ok_and(|count| count == limit);
    let last_of = |no: i64, place| !rows.iter().any(|later| later.place == place && later.no > no);
    let items = rows.iter().filter(|row| last_of(row.no, row.place)).map(|row| {
        let place = directory.one(row.place).map(|listed| PublicPlace::new(listed, None, today));
        let kind = if place.is_some() { row.kind } else { ChangeKind::Removed };
        PublicChange { no: row.no, kind, at: row.at.to_string(), place_id: row.place.to_string(), place }
    });
    let body = json(&PublicChanges { items: items.collect(), next, more });
    Ok(cached(&request, "application/json", body))
}

fn json(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).unwrap_or_default()
}

/// The answer with its `ETag`, or 304 when the caller has it already. Anybody's page may read it: it is public.
pub(in crate::http) fn cached(request: &HttpRequest, content_type: &'static str, body: Vec<u8>) -> HttpResponse {
    let digest = hex::encode(Sha256::digest(&body));
    let etag = format!("\"{}\"", digest.get(..32).unwrap_or_default());
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let same = known.is_some_and(|known| {
        known.split(',').map(|one| one.trim().trim_start_matches("W/")).any(|one| one == etag || one == "*")
    });
    let mut response = if same { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((header::ETAG, etag))
        .insert_header((header::CACHE_CONTROL, format!("public, max-age={HOLDS_SECONDS}")))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"));
    if same { response.finish() } else { response.content_type(content_type).body(body) }
}
