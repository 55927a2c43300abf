//! From a bearer token to a caller. The token says who; role, organisation and whether the account is active are
//! read from the database, or remembered from a moment ago (see `remembered`): a change takes effect at once, and within
//! a second where another process made it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};

use super::app::App;
use super::problem::Problem;
use crate::auth::token::{self, Claims};
use crate::auth::{Action, Caller};
use crate::domain::act::sponsors;
use crate::domain::ids::OrganisationId;
use crate::domain::party::{Actor, Organisation};
use crate::domain::programme::Programme;
use crate::domain::short_code::ShortCode;
use crate::domain::standing::has_ended;
use crate::domain::time::Day;
use crate::keys::Keys;
use crate::people::pseudonym;
use crate::store::Reads;

/// The caller with the organisation for which they act.
#[derive(Debug, Clone)]
pub(super) struct SignedIn {
    pub(super) caller: Caller,
    pub(super) organisation: Organisation,
    pub(super) email: String,
    pub(super) display_name: String,
    /// The last day of the account.
    pub(super) valid_until: Option<Day>,
}

impl SignedIn {
    /// # Errors
    /// 403 when the role does not allow the action.
    pub(super) fn require(&self, action: Action) -> Result<(), Problem> {
        Ok(self.caller.require(action)?)
    }

    /// The programme of the address, or 404; another Region's programme does not exist for a Region's people.
    pub(super) async fn programme(&self, app: &App, code: &str) -> Result<Arc<Programme>, Problem> {
        let unknown = || Problem::new("programme_unknown");
        let code = ShortCode::parse(code).map_err(|_| unknown())?;
        let programme = match app.remembered.programmes.get(&code) {
            Ok(known) => known,
            Err(missing) => {
                let wanted = code.clone();
                let found = app.read(move |tx| Ok(tx.programme(&wanted)?)).await?.ok_or_else(unknown)?;
                app.remembered.programmes.keep(missing, code, found)
            }
        };
        if sponsors(self.caller.actor(), &programme) { Ok(programme) } else { Err(unknown()) }
    }

    /// The only organisation whose data the caller sees, if the role does not see everything.
    pub(super) fn scope(&self) -> Option<OrganisationId> {
        self.caller.scope()
    }
}

impl FromRequest for SignedIn {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { sign_in(&request).await })
    }
}

/// What the route table asks for at one address, by method; the route carries it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rights {
    pub(super) route: &'static str,
    pub(super) actions: &'static [(&'static str, Option<Action>)],
}

/// The caller, with the right that the route table asks for at this address. Before anything else: nobody learns from
/// a refused body or an unknown address what they may not do. What asks for no right is open to nobody here.
pub(super) async fn permitted(request: &HttpRequest) -> Result<SignedIn, Problem> {
    let signed_in = sign_in(request).await?;
    let rights = request.app_data::<Rights>().map_or(&[][..], |rights| rights.actions);
    let row = rights.iter().find(|(method, _)| request.method().as_str().eq_ignore_ascii_case(method));
    signed_in.require(row.and_then(|(_, action)| *action).ok_or(Problem::new("forbidden"))?)?;
    Ok(signed_in)
}

/// Reads the caller once per request, however many extractors ask.
pub(super) async fn sign_in(request: &HttpRequest) -> Result<SignedIn, Problem> {
    if let Some(known) = request.extensions().get::<Arc<SignedIn>>() {
        return Ok(known.as_ref().clone());
    }
    let app = request.app_data::<web::Data<App>>().ok_or(Problem::new("internal_error"))?;
    let claims = claims(request, app)?;
    let key = (claims.user, claims.session);
    let signed_in = match app.remembered.callers.get(&key) {
        Ok(known) => known,
        Err(missing) => {
            let keys = Arc::clone(&app.keys);
            let found = app.read(move |tx| read_caller(tx, &keys, &claims)).await?;
            app.remembered.callers.keep(missing, key, found)
        }
    };
    // Asked each time: a day ends while the row is remembered.
    if let Some(last) = signed_in.valid_until.filter(|last| has_ended(Some(*last), app.clock.now().day())) {
        return Err(Problem::new("account_expired").about("date", last.french()));
    }
    request.extensions_mut().insert(Arc::clone(&signed_in));
    Ok(signed_in.as_ref().clone())
}

fn read_caller(tx: &mut dyn Reads, keys: &Keys, claims: &Claims) -> Result<SignedIn, Problem> {
    let user = tx.user(claims.user)?.ok_or(Problem::new("token_invalid"))?;
    let organisation = tx.organisation(user.organisation)?.ok_or(Problem::new("token_invalid"))?;
    if !tx.session_is_alive(&claims.session.to_string())? {
        return Err(Problem::new("token_invalid"));
    }
    if !(user.active && organisation.active) {
        return Err(Problem::new("account_disabled"));
    }
    let actor =
        Actor { user: user.id, organisation: user.organisation, role: user.role, pseudonym: pseudonym(keys, user.id) };
    let caller = Caller::new(actor, claims.session.to_string());
    let (email, display_name) = (user.email.to_string(), user.display_name.to_string());
    Ok(SignedIn { caller, organisation, email, display_name, valid_until: user.valid_until })
}

fn claims(request: &HttpRequest, app: &App) -> Result<Claims, Problem> {
    let header = request.headers().get(header::AUTHORIZATION).ok_or(Problem::new("token_missing"))?;
    let token = header.to_str().ok().and_then(|text| text.strip_prefix("Bearer "));
    let token = token.ok_or(Problem::new("token_invalid"))?;
    Ok(token::check(&app.keys, token.trim(), app.clock.now())?)
}
