//! Users: who signs in, for which organisation and in which role. What never leaves: the hash of a password.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Asked, Change, created, next_version, not_anothers, page, replace, shown, taken, updated};
use crate::auth::Action;
use crate::auth::password::Password;
use crate::domain::ids::{OrganisationId, UserId};
use crate::domain::party::{Organisation, Role};
use crate::domain::standing::last_day;
use crate::domain::text::{Email, Label};
use crate::domain::time::Day;
use crate::http::app::App;
use crate::http::caller::SignedIn;
use crate::http::envelope::{List, if_match, query};
use crate::http::problem::Problem;
use crate::http::session::{Typed, gated_hash};
use crate::store::User;

/// Somebody who will sign in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewUser {
    /// What they sign in with; never changes.
    #[schema(value_type = String, example = "ana@ccas-maubeuge.example")]
    email: Email,
    #[schema(value_type = String, example = "Ana Duval")]
    display_name: Label,
    #[schema(value_type = String, format = "uuid", example = "019acd0c-5f2e-7a10-8c4d-2f6b1f0e9a77")]
    organisation_id: OrganisationId,
    /// One that fits a kind of the organisation.
    #[schema(value_type = String, example = "prescriber_agent")]
    role: Role,
    /// 15 to 128 characters.
    #[schema(value_type = String, format = "password", example = "le héron guette au bord du canal")]
    password: Typed,
    /// The last day on which the account may be used; without it, 90 days for an auditor and no end for others.
    #[schema(value_type = Option<String>, example = "2027-02-24")]
    valid_until: Option<Day>,
}

/// Changes to a user; a field left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct UserChange {
    #[schema(value_type = Option<String>, example = "Ana Duval-Petit")]
    display_name: Option<Label>,
    #[schema(value_type = Option<String>, example = "prescriber_agent")]
    role: Option<Role>,
    active: Option<bool>,
    /// 15 to 128 characters; ends every session of the user.
    #[schema(value_type = Option<String>, format = "password", example = "la péniche passe sous le vieux pont")]
    password: Option<Typed>,
    /// The last day on which the account may be used; `null` takes the end away, or gives an auditor 90 days from today.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "2027-02-24")]
    valid_until: Change<Day>,
}

/// A user as shown.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct UserView {
    #[schema(value_type = String, format = "uuid", example = "019acd0d-1f2e-7a10-8c4d-2f6b1f0e9a78")]
    id: UserId,
    #[schema(value_type = String, example = "ana@ccas-maubeuge.example")]
    email: Email,
    #[schema(value_type = String, example = "Ana Duval")]
    display_name: Label,
    #[schema(value_type = String, format = "uuid", example = "019acd0c-5f2e-7a10-8c4d-2f6b1f0e9a77")]
    organisation_id: OrganisationId,
    #[schema(value_type = String, example = "prescriber_agent")]
    role: Role,
    active: bool,
    /// The last day on which the account may be used; absent when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "2027-02-24")]
    valid_until: Option<String>,
    /// What `If-Match` asks for.
    #[schema(example = 1)]
    version: i64,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        let User { id, email, display_name, organisation, role, active, valid_until, version, .. } = user;
        let valid_until = valid_until.map(|day| day.to_string());
        Self { id, email, display_name, organisation_id: organisation, role, active, valid_until, version }
    }
}

/// Which users a list shows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct UserQuery {
    /// Only those of this organisation.
    #[param(value_type = Option<String>)]
    organisation: Option<OrganisationId>,
    /// Rows of the page, 1 to 200; 50 when not said.
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Lists the users, in order of creation.
#[utoipa::path(get, path = "/api/v1/users", tag = "reference", operation_id = "list_users",
    summary = "List users", params(UserQuery),
    responses((status = 200, description = "A page of users", body = List<UserView>)))]
pub(in crate::http) async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::Administer)?;
    let UserQuery { organisation, limit, after } = query(&request)?;
    let page = page(after.as_deref(), limit, UserId::parse)?;
    let wanted = page.clone();
    let own = signed_in.organisation.id;
    let (rows, anothers) = app
        .read(move |tx| {
            let rows = tx.users(organisation, &wanted)?;
            let houses = tx.organisations_among(&rows.iter().map(|user| user.organisation).collect())?;
            let anothers = houses.into_iter().filter(|house| !not_anothers(own, house)).map(|house| house.id);
            Ok((rows, anothers.collect::<BTreeSet<_>>()))
        })
        .await?;
    let List { items, next } = List::new(rows, page.limit, |user| user.id.to_string());
    let seen = items.into_iter().filter(|user| !anothers.contains(&user.organisation));
    Ok(HttpResponse::Ok().json(List { items: seen.map(UserView::from).collect(), next }))
}

/// Shows one user.
#[utoipa::path(get, path = "/api/v1/users/{id}", tag = "reference", operation_id = "read_user",
    summary = "Read a user", params(("id" = String, Path, description = "Identifier of the user")),
    responses((status = 200, description = "The user", body = UserView,
        headers(("ETag" = String, description = "Their version, for If-Match")))))]
pub(in crate::http) async fn one(
    app: web::Data<App>,
    id: web::Path<String>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::Administer)?;
    let user = find(&app, &id, &signed_in).await?;
    Ok(shown(user.version, &UserView::from(user)))
}

/// Creates a user, who can sign in at once.
#[utoipa::path(post, path = "/api/v1/users", tag = "reference", operation_id = "create_user",
    summary = "Create a user", request_body = NewUser,
    responses((status = 201, description = "Created", body = UserView,
        headers(("Location" = String, description = "Their address"), ("ETag" = String, description = "Version")))))]
pub(in crate::http) async fn create(app: web::Data<App>, asked: Asked<NewUser>) -> Result<HttpResponse, Problem> {
    let NewUser { email, display_name, organisation_id, role, password, valid_until } = asked.body;
    let password_hash = gated_hash(&app, Password::chosen(password.text(), email.as_str())?).await?;
    let user = User {
        id: UserId::new(app.entropy.uuid(app.clock.now())),
        email,
        display_name,
        organisation: organisation_id,
        role,
        password_hash,
        active: true,
        failures: 0,
        last_failure: None,
        version: 1,
        valid_until: last_day(role, valid_until, app.clock.now().day()),
    };
    let (new, own) = (user.clone(), asked.signed_in.organisation.id);
    app.write(move |tx| {
        let known = tx.organisation(organisation_id)?.filter(|house| not_anothers(own, house));
        fits(role, &known.ok_or(Problem::new("organisation_unknown").field("organisation_id"))?)?;
        if tx.user_by_email(new.email.as_str())?.is_some() {
            return Err(Problem::new("email_taken").field("email"));
        }
        tx.insert_user(&new).map_err(taken("email_taken"))
    })
    .await?;
    Ok(created(&format!("/api/v1/users/{}", user.id), user.version, &UserView::from(user)))
}

/// Changes a user, of whom the version read is given in `If-Match`. Another role, another password or `active: false`
/// ends every session of the user.
#[utoipa::path(patch, path = "/api/v1/users/{id}", tag = "reference", operation_id = "change_user",
    summary = "Change a user", request_body = UserChange,
    params(("id" = String, Path, description = "Identifier of the user"),
        ("If-Match" = String, Header, description = "ETag of the version read")),
    responses((status = 200, description = "Changed", body = UserView,
        headers(("ETag" = String, description = "Their new version")))))]
pub(in crate::http) async fn change(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    asked: Asked<UserChange>,
) -> Result<HttpResponse, Problem> {
    let read = if_match(&request)?;
    let before = find(&app, &id, &asked.signed_in).await?;
    let UserChange { display_name, role, active, password, valid_until } = asked.body;
    let password_hash = match password {
        None => None,
        Some(typed) => Some(gated_hash(&app, Password::chosen(typed.text(), before.email.as_str())?).await?),
    };
    let change = Checked { display_name, role, active, password_hash, valid_until };
    let (own, today) = (asked.signed_in.caller.actor().user, app.clock.now().day());
    let user = app
        .write(move |tx| {
            let user = tx.user(before.id)?.ok_or_else(unknown)?;
            let organisation = tx.organisation(user.organisation)?.ok_or_else(unknown)?;
            let ends_sessions = change.ends_sessions(&user);
            let user = change.apply(user, &organisation, read, (own, today))?;
            updated(tx.update_user(&user)?)?;
            if ends_sessions {
                tx.revoke_sessions_of(user.id)?;
            }
            Ok(user)
        })
        .await?;
    Ok(shown(user.version, &UserView::from(user)))
}

fn unknown() -> Problem {
    Problem::new("not_found")
}

/// The user, unless they are another Region's.
///
/// # Errors
/// 404.
pub(in crate::http) async fn find(app: &App, id: &str, signed_in: &SignedIn) -> Result<User, Problem> {
    let id = UserId::parse(id).map_err(|_| unknown())?;
    let own = signed_in.organisation.id;
    app.read(move |tx| {
        let user = tx.user(id)?.ok_or_else(unknown)?;
        let house = tx.organisation(user.organisation)?.filter(|house| not_anothers(own, house));
        house.map(|_| user).ok_or_else(unknown)
    })
    .await
}

/// # Errors
/// 422 when the organisation is not of the kind whose people have this role.
fn fits(role: Role, organisation: &Organisation) -> Result<(), Problem> {
    if organisation.kinds.contains(&role.kind()) {
        return Ok(());
    }
    Err(Problem::new("role_not_for_organisation").about("role", role).about("kind", role.kind()).field("role"))
}

/// A change whose password has been weighed and hashed.
#[derive(Debug)]
struct Checked {
    display_name: Option<Label>,
    role: Option<Role>,
    active: Option<bool>,
    password_hash: Option<String>,
    valid_until: Change<Day>,
}

impl Checked {
    fn ends_sessions(&self, user: &User) -> bool {
        self.password_hash.is_some() || self.active == Some(false) || self.role.is_some_and(|role| role != user.role)
    }

    /// `own`: who asks. Nobody disables or demotes themselves, nor ends their own account, so that an administrator always
    /// remains.
    fn apply(
        self,
        mut user: User,
        organisation: &Organisation,
        read: i64,
        (own, today): (UserId, Day),
    ) -> Result<User, Problem> {
        user.version = next_version(user.version, read)?;
        if user.id == own && self.role.is_some_and(|role| role != user.role) {
            return Err(Problem::new("own_account").field("role"));
        }
        if user.id == own && self.active == Some(false) {
            return Err(Problem::new("own_account").field("active"));
        }
        if user.id == own && matches!(self.valid_until, Change::Set(_)) {
            return Err(Problem::new("own_account").field("valid_until"));
        }
        if let Some(role) = self.role {
            fits(role, organisation)?;
            user.role = role;
        }
        if let Some(password_hash) = self.password_hash {
            user.password_hash = password_hash;
            (user.failures, user.last_failure) = (0, None);
        }
        replace(&mut user.display_name, self.display_name);
        replace(&mut user.active, self.active);
        self.valid_until.apply(&mut user.valid_until);
        user.valid_until = last_day(user.role, user.valid_until, today);
        Ok(user)
    }
}
