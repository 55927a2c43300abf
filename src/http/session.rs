//! Signing in, staying signed in and signing out. What never lives here: how passwords and tokens are made (`auth`),
//! and what a caller may do.

mod actions;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use actions::actions;

use super::app::App;
use super::caller::SignedIn;
use super::envelope::Body;
use super::problem::Problem;
use super::reference::organisations::OrganisationView;
use crate::auth::password::{Busy, HashFailure, Password, Verified};
use crate::auth::token::{self, RefreshToken};
use crate::auth::{Action, throttle};
use crate::domain::ids::UserId;
use crate::domain::party::Role;
use crate::domain::standing::has_ended;
use crate::domain::text::Email;
use crate::domain::time::Instant;
use crate::store::{StoreError, StoredRefresh, User, Writes};

/// A session that nobody uses for 12 hours ends: a day at the counter does not.
const IDLE_SECONDS: i64 = 12 * 60 * 60;

/// However busy, a session ends after 7 days.
const LONGEST_SECONDS: i64 = 7 * 24 * 60 * 60;

/// What is advised to somebody sent away by the gate.
const BUSY_SECONDS: u64 = 5;

/// A secret as typed: read from a request, never shown.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Typed(String);

impl Typed {
    pub(super) fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed(…)")
    }
}

/// Who signs in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Credentials {
    #[schema(value_type = String, example = "ana@ccas-maubeuge.example")]
    email: Email,
    #[schema(value_type = String, format = "password", example = "le héron guette au bord du canal")]
    password: Typed,
}

/// What keeps a session going.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Renewal {
    /// The refresh token received last; it serves once.
    #[schema(value_type = String, example = "5f0c…64 hexadecimal digits")]
    refresh_token: Typed,
}

/// The tokens of a session.
#[derive(Serialize, ToSchema)]
pub(super) struct Tokens {
    /// For the `Authorization` header of every request.
    #[schema(example = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJIUzI1NiJ9…")]
    access_token: String,
    /// For the next `POST /api/v1/auth/refresh`, once, within 12 hours.
    #[schema(example = "5f0c…64 hexadecimal digits")]
    refresh_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds during which the access token is accepted.
    #[schema(example = 600)]
    expires_in: i64,
}

/// Who has signed in, and what they may do.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Me {
    user: Person,
    organisation: OrganisationView,
    #[schema(value_type = String, example = "venue_agent")]
    role: Role,
    /// The last day on which the account may be used; absent when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "2027-02-24")]
    valid_until: Option<String>,
    /// What the role may do, by name.
    #[schema(example = json!(["edit_venues", "read_reference", "check_pass", "record_redemption"]))]
    actions: Vec<String>,
}

/// The person behind a session.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Person {
    #[schema(value_type = String, format = "uuid", example = "019acd0d-1f2e-7a10-8c4d-2f6b1f0e9a78")]
    id: UserId,
    #[schema(example = "ana@ccas-maubeuge.example")]
    email: String,
    #[schema(example = "Ana Duval")]
    display_name: String,
}

/// The network address that a request came from. Behind a front server on this machine, which carries TLS, that is the
/// last address it wrote into `X-Forwarded-For`: else all of its clients would share one budget. Nobody else is
/// believed.
pub(super) fn address(request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip();
    let last = || request.headers().get_all("X-Forwarded-For").next_back()?.to_str().ok()?.rsplit(',').next();
    let forwarded = if peer.is_loopback() { last() } else { None };
    Some(forwarded.and_then(|text| text.trim().parse().ok()).unwrap_or(peer))
}

/// Signs in with e-mail address and password. A wrong password, an unknown address, a disabled account and one
/// whose last day is over get the same answer; after five failures in a row the account waits, longer each time, 15 minutes at most.
#[utoipa::path(post, path = "/api/v1/auth/login", tag = "session", operation_id = "login", security(()),
    summary = "Sign in", request_body = Credentials,
    responses((status = 200, description = "Signed in", body = Tokens)))]
pub(super) async fn login(
    app: web::Data<App>,
    request: HttpRequest,
    body: Body<Credentials>,
) -> Result<HttpResponse, Problem> {
    if let Some(from) = address(&request) {
        app.limits.sign_in(from)?;
    }
    let Body(Credentials { email, password }) = body;
    let password = Password::tried(password.text())?;
    let known = app.read(move |tx| Ok(tx.user_by_email(email.as_str())?)).await?;
    refuse_if_delayed(known.as_ref(), app.clock.now())?;
    let tried = gated_check(&app, password, known.as_ref().map(|user| user.password_hash.clone())).await?;
    let user = known.ok_or_else(wrong)?;
    let grant = Grant::new(&app, app.entropy.uuid(app.clock.now()), user.id);
    let (stored, now) = (grant.stored(), grant.now);
    // The inner result is the answer: a failed attempt is counted, so the transaction is kept.
    app.write(move |tx| Ok(settle(tx, &user, tried, &stored, now)?)).await??;
    grant.tokens(&app)
}

/// Exchanges a refresh token for new tokens. A token that comes a second time was stolen, from one of the two who had
/// it: the whole session ends.
#[utoipa::path(post, path = "/api/v1/auth/refresh", tag = "session", operation_id = "refresh", security(()),
    summary = "Renew the tokens", request_body = Renewal,
    responses((status = 200, description = "New tokens; the old refresh token has served", body = Tokens)))]
pub(super) async fn refresh(app: web::Data<App>, body: Body<Renewal>) -> Result<HttpResponse, Problem> {
    let token = RefreshToken::parse(body.0.refresh_token.text()).map_err(|_| ended())?;
    let digest = token.digest();
    let wanted = digest.clone();
    // Read first: a made-up token never gets as far as the door for writing.
    let known = app.read(move |tx| tx.refresh_token(&wanted)?.ok_or_else(ended)).await?;
    let session = Uuid::try_parse(&known.session).map_err(|_| ended())?;
    let grant = Grant::new(&app, session, known.user);
    let next = grant.stored();
    let now = app.clock.now();
    // The inner result is the answer: the end of a stolen session is kept.
    app.write(move |tx| Ok(exchange(tx, &digest, &next, now)?)).await??;
    grant.tokens(&app)
}

/// Ends the session: its access tokens are refused from the next request on.
#[utoipa::path(post, path = "/api/v1/auth/logout", tag = "session", operation_id = "logout",
    summary = "Sign out", responses((status = 204, description = "Signed out")))]
pub(super) async fn logout(app: web::Data<App>, signed_in: SignedIn) -> Result<HttpResponse, Problem> {
    let session = signed_in.caller.session().to_owned();
    app.write(move |tx| Ok(tx.revoke_session(&session)?)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Says who has signed in, for which organisation, and what their role may do.
#[utoipa::path(get, path = "/api/v1/auth/me", tag = "session", operation_id = "me",
    summary = "Who am I", responses((status = 200, description = "The caller", body = Me)))]
pub(super) async fn me(signed_in: SignedIn) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReference)?;
    let (role, scope, id) = (signed_in.caller.role(), signed_in.scope(), signed_in.caller.actor().user);
    Ok(HttpResponse::Ok().json(Me {
        user: Person { id, email: signed_in.email, display_name: signed_in.display_name },
        organisation: OrganisationView::new(signed_in.organisation, scope),
        role,
        valid_until: signed_in.valid_until.map(|day| day.to_string()),
        actions: actions(role),
    }))
}

fn wrong() -> Problem {
    Problem::new("credentials_wrong")
}

fn ended() -> Problem {
    Problem::new("refresh_token_invalid")
}

fn busy(_: Busy) -> Problem {
    Problem::new("too_busy").retry_after(BUSY_SECONDS)
}

/// Hashes a chosen password when its turn has come.
///
/// # Errors
/// 503 when too many wait.
pub(super) async fn gated_hash(app: &App, password: Password) -> Result<String, Problem> {
    let (hasher, entropy) = (Arc::clone(&app.hasher), Arc::clone(&app.entropy));
    Ok(app.gate.run(move || hasher.hash(&password, entropy.as_ref())).await.map_err(busy)??)
}

/// What a password that was tried turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Tried {
    Wrong,
    /// With its hash at today's cost, where the stored one is of another.
    Right(Option<String>),
}

/// Compares the password with the stored hash, or with nobody's at the same cost.
async fn gated_check(app: &App, password: Password, stored: Option<String>) -> Result<Tried, Problem> {
    let (hasher, entropy) = (Arc::clone(&app.hasher), Arc::clone(&app.entropy));
    let check = move || -> Result<Tried, HashFailure> {
        let Some(stored) = stored else {
            return hasher.dummy(&password).map(|()| Tried::Wrong);
        };
        match hasher.verify(&password, &stored)? {
            Verified { ok: false, .. } => Ok(Tried::Wrong),
            Verified { needs_rehash: false, .. } => Ok(Tried::Right(None)),
            Verified { needs_rehash: true, .. } => hasher.hash(&password, entropy.as_ref()).map(Some).map(Tried::Right),
        }
    };
    Ok(app.gate.run(check).await.map_err(busy)??)
}

/// # Errors
/// 429 while the account waits after failed attempts.
fn refuse_if_delayed(user: Option<&User>, now: Instant) -> Result<(), Problem> {
    let waits = user.and_then(|user| {
        let failures = u32::try_from(user.failures).unwrap_or(u32::MAX);
        throttle::next_allowed(failures, user.last_failure?)
    });
    let left = waits.map_or(0, |until| until.millis().saturating_sub(now.millis()));
    match u64::try_from(left) {
        Ok(millis) if millis > 0 => {
            let seconds = millis.div_ceil(1000);
            Err(Problem::new("sign_in_delayed").about("seconds", seconds).retry_after(seconds))
        }
        _ => Ok(()),
    }
}

/// Counts the attempt and, if it succeeded, opens the session. `user` is as it was when the password was compared: in
/// the meantime others may have tried, and then this attempt waits like theirs, right or wrong.
fn settle(
    tx: &mut dyn Writes,
    user: &User,
    tried: Tried,
    first: &StoredRefresh,
    now: Instant,
) -> Result<Result<(), Problem>, StoreError> {
    let Some(current) = tx.user(user.id)? else { return Ok(Err(wrong())) };
    if let Err(delayed) = refuse_if_delayed(Some(&current), now) {
        return Ok(Err(delayed));
    }
    let in_time = !has_ended(current.valid_until, now.day());
    let active = in_time && current.active && tx.organisation(current.organisation)?.is_some_and(|known| known.active);
    let rehashed = match tried {
        Tried::Right(rehashed) if active && current.password_hash == user.password_hash => rehashed,
        _ => {
            tx.note_sign_in(current.id, current.failures.saturating_add(1), Some(now))?;
            return Ok(Err(wrong()));
        }
    };
    tx.note_sign_in(current.id, 0, None)?;
    if let Some(password_hash) = rehashed {
        let version = current.version.saturating_add(1);
        // Whoever changed the user meanwhile has gone first; the next sign-in hashes again.
        tx.update_user(&User { password_hash, failures: 0, last_failure: None, version, ..current })?;
    }
    tx.insert_refresh_token(first)?;
    Ok(Ok(()))
}

/// Marks the token used and stores the next one of its session.
fn exchange(
    tx: &mut dyn Writes,
    digest: &str,
    next: &StoredRefresh,
    now: Instant,
) -> Result<Result<(), Problem>, StoreError> {
    let Some(stored) = tx.refresh_token(digest)?.filter(|stored| !stored.revoked) else { return Ok(Err(ended())) };
    if !tx.use_refresh_token(digest)? {
        tracing::warn!(session = stored.session, user = %stored.user, "refresh token used twice: session ended");
        tx.revoke_session(&stored.session)?;
        return Ok(Err(ended()));
    }
    let in_time = |user: &User| user.active && !has_ended(user.valid_until, now.day());
    let user = tx.user(stored.user)?.filter(in_time);
    let organisation = user.map(|user| tx.organisation(user.organisation)).transpose()?.flatten();
    if stored.expires <= now || next.expires <= now || !organisation.is_some_and(|known| known.active) {
        tx.revoke_session(&stored.session)?;
        return Ok(Err(ended()));
    }
    tx.insert_refresh_token(next)?;
    Ok(Ok(()))
}

/// New tokens for a session.
#[derive(Debug)]
struct Grant {
    session: Uuid,
    user: UserId,
    token: RefreshToken,
    now: Instant,
}

impl Grant {
    fn new(app: &App, session: Uuid, user: UserId) -> Self {
        Self { session, user, token: RefreshToken::generate(app.entropy.as_ref()), now: app.clock.now() }
    }

    /// The refresh token as it is stored. The session's identifier says when it began (UUID version 7).
    fn stored(&self) -> StoredRefresh {
        let began = self.session.get_timestamp().map(|at| at.to_unix());
        let began = began.and_then(|(seconds, _)| i64::try_from(seconds).ok()).unwrap_or_default();
        let latest = Instant::from_millis(0).plus_seconds(began).plus_seconds(LONGEST_SECONDS);
        StoredRefresh {
            digest: self.token.digest(),
            session: self.session.to_string(),
            user: self.user,
            expires: self.now.plus_seconds(IDLE_SECONDS).min(latest),
            used: false,
            revoked: false,
        }
    }

    fn tokens(&self, app: &App) -> Result<HttpResponse, Problem> {
        let access_token = token::issue(&app.keys, self.user, self.session, app.entropy.uuid(self.now), self.now)
            .map_err(|error| Problem::internal(&error))?;
        let (refresh_token, expires_in) = (self.token.reveal(), token::LIFE_SECONDS);
        Ok(HttpResponse::Ok().json(Tokens { access_token, refresh_token, token_type: "Bearer", expires_in }))
    }
}

#[cfg(test)]
mod tests;
