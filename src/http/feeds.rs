//! Webhooks that are told what happened; and, beside them, the events of a programme by cursor. What never lives here: what an
//! event says (see `feeds`), or a secret but in the one answer that gives it.

pub(super) mod events;

use std::collections::BTreeSet;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::app::App;
use super::caller::SignedIn;
use super::envelope::{Asked, List, PageQuery, etag, if_match, limit, query};
use super::problem::Problem;
use super::reference::{listed, next_version, page};
use crate::auth::Action;
use crate::domain::ids::{OrganisationId, WebhookId};
use crate::domain::movement::Kind;
use crate::domain::places::words::WebAddress;
use crate::domain::short_code::ShortCode;
use crate::domain::webhooks::{Progress, Topic, Webhook};
use crate::feeds::secret;
use crate::store::{Reads, Writes};

/// Webhooks of one organisation at most.
const MOST: usize = 20;

/// To whom what is told.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewWebhook {
    /// `https://`, of the Internet.
    #[schema(value_type = String, example = "https://1.1.1.1/pass-numerique")]
    url: WebAddress,
    /// `receipts`, `applications` or `places`.
    #[schema(value_type = String, example = "receipts")]
    topic: Topic,
    /// Whose receipts or applications; not for places.
    #[schema(value_type = Option<String>, example = "HDF21")]
    programme: Option<ShortCode>,
    /// Only these kinds of receipts; all of them when the list is empty.
    #[serde(default)]
    #[schema(value_type = Vec<String>, example = json!(["redemption"]))]
    kinds: BTreeSet<Kind>,
    /// From the beginning, and not only what happens from now on.
    #[serde(default)]
    from_the_beginning: bool,
}

/// Changes to a webhook; a field left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WebhookChange {
    #[schema(value_type = Option<String>, example = "https://1.1.1.1/pass-numerique")]
    url: Option<WebAddress>,
    #[schema(value_type = Option<Vec<String>>, example = json!(["redemption"]))]
    kinds: Option<BTreeSet<Kind>>,
    /// `true` starts a webhook again that was stopped; what happened meanwhile is told.
    active: Option<bool>,
}

/// From where everything is told again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WebhookReplay {
    /// The position of the last event that need not come again; 0 for everything.
    #[schema(example = 41)]
    after: i64,
}

/// Nothing more need be said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSecret {}

/// A webhook as shown.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WebhookView {
    #[schema(value_type = String, format = "uuid")]
    id: WebhookId,
    #[schema(value_type = String, example = "receipts")]
    topic: Topic,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "HDF21")]
    programme: Option<String>,
    #[schema(value_type = Vec<String>)]
    kinds: BTreeSet<Kind>,
    #[schema(value_type = String, example = "https://hooks.example.org/pass")]
    url: WebAddress,
    /// `false`: stopped by its owner, or because three events in a row could not be told.
    active: bool,
    /// The position of the last event that is done with.
    cursor: i64,
    /// Failed attempts at the next one.
    attempts: i64,
    /// The secret that signs; shown when it is made, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "whsec_9f86d0…")]
    secret: Option<String>,
    /// What `If-Match` asks for.
    version: i64,
}

impl WebhookView {
    fn new(webhook: Webhook, programme: Option<String>, secret: Option<String>) -> Self {
        let Webhook { id, topic, kinds, url, active, progress, version, .. } = webhook;
        let Progress { cursor, attempts, .. } = progress;
        Self { id, topic, programme, kinds, url, active, cursor, attempts, secret, version }
    }
}

/// An event that could not be told.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeadLetterView {
    #[schema(example = 42)]
    position: i64,
    #[schema(example = "HDF21:42")]
    event: String,
    /// What the last attempt came to.
    #[schema(example = "réponse 500")]
    why: String,
    #[schema(example = "2026-11-26T14:03:21.123Z")]
    at: String,
}

fn unknown() -> Problem {
    Problem::new("webhook_unknown")
}

/// One of the caller's own organisation; another's does not exist.
fn own(tx: &mut (impl Reads + ?Sized), id: &str, organisation: OrganisationId) -> Result<Webhook, Problem> {
    let id = WebhookId::parse(id).map_err(|_| unknown())?;
    tx.webhook(id)?.filter(|webhook| webhook.organisation == organisation).ok_or_else(unknown)
}

fn code_of(tx: &mut (impl Reads + ?Sized), webhook: &Webhook) -> Result<Option<String>, Problem> {
    let Some(no) = webhook.programme else { return Ok(None) };
    Ok(tx.programme_by_no(no)?.map(|programme| programme.code.to_string()))
}

fn stored(tx: &mut (impl Writes + ?Sized), webhook: &Webhook) -> Result<(), Problem> {
    if tx.update_webhook(webhook)? { Ok(()) } else { Err(Problem::new("version_conflict")) }
}

fn callable(app: &App, url: &WebAddress) -> Result<(), Problem> {
    if app.wire.accepts(url.as_str()) { Ok(()) } else { Err(Problem::new("webhook_address_refused").field("url")) }
}

fn shown(webhook: Webhook, programme: Option<String>, secret: Option<String>) -> HttpResponse {
    let tag = etag(webhook.version);
    HttpResponse::Ok().insert_header(tag).json(WebhookView::new(webhook, programme, secret))
}

/// Asks to be told: each event is a signed POST, at least once, in order. The secret is in this answer only.
#[utoipa::path(post, path = "/api/v1/webhooks", tag = "feeds", summary = "Register a webhook",
    request_body = NewWebhook, responses((status = 201, description = "Registered", body = WebhookView,
        headers(("Location" = String, description = "Its address")))))]
pub(super) async fn create(app: web::Data<App>, asked: Asked<NewWebhook>) -> Result<HttpResponse, Problem> {
    let NewWebhook { url, topic, programme, kinds, from_the_beginning } = asked.body;
    callable(&app, &url)?;
    let wanted = match (topic, programme) {
        (Topic::Receipts | Topic::Applications, None) => {
            return Err(Problem::new("programme_unknown").field("programme"));
        }
        (Topic::Applications, Some(_)) if !kinds.is_empty() => {
            return Err(Problem::new("webhook_kinds_of_receipts").field("kinds"));
        }
        (Topic::Receipts | Topic::Applications, Some(code)) => {
            Some(asked.signed_in.programme(&app, code.as_str()).await?)
        }
        (Topic::Places, None) if kinds.is_empty() => None,
        (Topic::Places, _) => return Err(Problem::new("webhook_places_whole").field("programme")),
    };
    let id = WebhookId::new(app.entropy.uuid(app.clock.now()));
    let organisation = asked.signed_in.organisation.id;
    let code = wanted.as_ref().map(|programme| programme.code.to_string());
    let webhook = app
        .write(move |tx| {
            let page = crate::store::Page { after: None, limit: 200 };
            if tx.webhooks(organisation, &page)?.len() >= MOST {
                return Err(Problem::new("too_many_webhooks").about("limit", MOST));
            }
            let programme = wanted.map(|programme| programme.no);
            let cursor = match programme {
                _ if from_the_beginning => 0,
                Some(no) => tx.journal(no)?.map_or(0, |journal| journal.position),
                None => tx.last_place_change()?,
            };
            let progress = Progress { cursor, ..Progress::default() };
            let (active, generation, overlap_until, version) = (true, 1, None, 1);
            let webhook = Webhook {
                id,
                organisation,
                topic,
                programme,
                kinds,
                url,
                active,
                generation,
                overlap_until,
                progress,
                version,
            };
            tx.insert_webhook(&webhook)?;
            Ok(webhook)
        })
        .await?;
    let location = (header::LOCATION, format!("/api/v1/webhooks/{id}"));
    let given = Some(secret(&app.keys, id, webhook.generation));
    Ok(HttpResponse::Created().insert_header(location).json(WebhookView::new(webhook, code, given)))
}

/// Lists the webhooks of one's organisation.
#[utoipa::path(get, path = "/api/v1/webhooks", tag = "feeds", summary = "List webhooks", params(PageQuery),
    responses((status = 200, description = "A page of webhooks", body = List<WebhookView>)))]
pub(super) async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::FollowFeeds)?;
    let asked: PageQuery = query(&request)?;
    let page = page(asked.after.as_deref(), asked.limit, WebhookId::parse)?;
    let (organisation, wanted) = (signed_in.organisation.id, page.clone());
    let rows = app
        .read(move |tx| {
            let found = tx.webhooks(organisation, &wanted)?;
            found.into_iter().map(|webhook| Ok((code_of(tx, &webhook)?, webhook))).collect::<Result<Vec<_>, Problem>>()
        })
        .await?;
    Ok(listed(
        rows,
        &page,
        |(_, webhook)| webhook.id.to_string(),
        |(code, webhook)| WebhookView::new(webhook, code, None),
    ))
}

/// Shows one webhook: how far it has been told, and how it goes.
#[utoipa::path(get, path = "/api/v1/webhooks/{id}", tag = "feeds", summary = "Read a webhook",
    params(("id" = String, Path)), responses((status = 200, description = "The webhook", body = WebhookView)))]
pub(super) async fn one(
    app: web::Data<App>,
    id: web::Path<String>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::FollowFeeds)?;
    let organisation = signed_in.organisation.id;
    let (webhook, code) = app
        .read(move |tx| {
            let webhook = own(tx, &id, organisation)?;
            let code = code_of(tx, &webhook)?;
            Ok((webhook, code))
        })
        .await?;
    Ok(shown(webhook, code, None))
}

/// Changes a webhook, stops it or starts it again.
#[utoipa::path(patch, path = "/api/v1/webhooks/{id}", tag = "feeds", summary = "Change a webhook",
    request_body = WebhookChange, params(("id" = String, Path),
        ("If-Match" = String, Header, description = "ETag of the version read")),
    responses((status = 200, description = "Changed", body = WebhookView)))]
pub(super) async fn change(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    asked: Asked<WebhookChange>,
) -> Result<HttpResponse, Problem> {
    let (read, change, organisation) = (if_match(&request)?, asked.body, asked.signed_in.organisation.id);
    change.url.as_ref().map_or(Ok(()), |url| callable(&app, url))?;
    let (webhook, code) = app
        .write(move |tx| {
            let mut webhook = own(tx, &id, organisation)?;
            webhook.version = next_version(webhook.version, read)?;
            if let Some(url) = change.url {
                webhook.url = url;
            }
            if let Some(kinds) = change.kinds.filter(|_| webhook.topic == Topic::Receipts) {
                webhook.kinds = kinds;
            }
            if let Some(active) = change.active {
                webhook.active = active;
                webhook.progress = Progress { cursor: webhook.progress.cursor, ..Progress::default() };
            }
            stored(tx, &webhook)?;
            let code = code_of(tx, &webhook)?;
            Ok((webhook, code))
        })
        .await?;
    Ok(shown(webhook, code, None))
}

/// Makes another secret: it is in this answer only, and the one before signs beside it for a day more.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/secret", tag = "feeds", summary = "Replace a webhook's secret",
    request_body = NewSecret, params(("id" = String, Path)),
    responses((status = 200, description = "The webhook with its new secret", body = WebhookView)))]
pub(super) async fn rotate(
    app: web::Data<App>,
    id: web::Path<String>,
    asked: Asked<NewSecret>,
) -> Result<HttpResponse, Problem> {
    let (now, organisation, NewSecret {}) = (app.clock.now(), asked.signed_in.organisation.id, asked.body);
    let (webhook, code) = app
        .write(move |tx| {
            let mut webhook = own(tx, &id, organisation)?;
            webhook.rotate(now);
            stored(tx, &webhook)?;
            let code = code_of(tx, &webhook)?;
            Ok((webhook, code))
        })
        .await?;
    let given = secret(&app.keys, webhook.id, webhook.generation);
    Ok(shown(webhook, code, Some(given)))
}

/// Tells everything after an event once more, and starts the webhook if it was stopped.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/replay", tag = "feeds", summary = "Replay a webhook",
    request_body = WebhookReplay, params(("id" = String, Path)),
    responses((status = 200, description = "The webhook, at its new cursor", body = WebhookView)))]
pub(super) async fn replay(
    app: web::Data<App>,
    id: web::Path<String>,
    asked: Asked<WebhookReplay>,
) -> Result<HttpResponse, Problem> {
    let (after, organisation) = (asked.body.after, asked.signed_in.organisation.id);
    let (webhook, code) = app
        .write(move |tx| {
            let mut webhook = own(tx, &id, organisation)?;
            // Not beyond what happened: nothing would be told for a while, unseen.
            let last = match webhook.programme {
                Some(no) => tx.journal(no)?.map_or(0, |journal| journal.position),
                None => tx.last_place_change()?,
            };
            if !(0..=last).contains(&after) {
                return Err(Problem::out_of_range("after", 0, last));
            }
            webhook.progress = Progress { cursor: after, ..Progress::default() };
            webhook.active = true;
            webhook.version += 1;
            stored(tx, &webhook)?;
            let code = code_of(tx, &webhook)?;
            Ok((webhook, code))
        })
        .await?;
    Ok(shown(webhook, code, None))
}

/// Events that could not be told after twelve attempts, in order.
#[utoipa::path(get, path = "/api/v1/webhooks/{id}/dead-letters", tag = "feeds", summary = "List a webhook's dead letters",
    params(("id" = String, Path), PageQuery),
    responses((status = 200, description = "A page of events", body = List<DeadLetterView>)))]
pub(super) async fn dead_letters(
    app: web::Data<App>,
    id: web::Path<String>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::FollowFeeds)?;
    let asked: PageQuery = query(&request)?;
    let (limit, after) = (limit(asked.limit)?, super::lookups::cursor(asked.after.as_deref())?);
    let organisation = signed_in.organisation.id;
    let found = app
        .read(move |tx| {
            let webhook = own(tx, &id, organisation)?;
            Ok(tx.dead_letters(webhook.id, after, limit)?)
        })
        .await?;
    let items = found.into_iter().map(|letter| {
        let (position, event, why) = (letter.position, letter.event, letter.why);
        DeadLetterView { position, event, why, at: letter.at.to_string() }
    });
    let list = List::new(items.collect(), limit, |last: &DeadLetterView| last.position.to_string());
    Ok(HttpResponse::Ok().json(list))
}
