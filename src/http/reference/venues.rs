//! Venues: where passes are spent. A public register: everybody who has signed in reads it. A provider keeps its own
//! venues up to date; only the Region approves one.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Asked, Change, commune, created, listed, next_version, page, replace, shown, updated};
use crate::auth::{Action, may};
use crate::domain::ids::{OrganisationId, VenueId};
use crate::domain::party::{OrganisationKind, Service, Venue};
use crate::domain::territory::CommuneCode;
use crate::domain::text::Label;
use crate::http::app::App;
use crate::http::caller::SignedIn;
use crate::http::envelope::{List, if_match, query};
use crate::http::places::venue_changed;
use crate::http::problem::Problem;

/// A venue to be registered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewVenue {
    /// Who is paid for what is redeemed here; a provider's agent may leave it out.
    #[schema(value_type = Option<String>, format = "uuid", example = "019acd0c-5f2e-7a10-8c4d-2f6b1f0e9a77")]
    provider_id: Option<OrganisationId>,
    #[schema(value_type = String, example = "Espace numérique de la gare")]
    name: Label,
    /// INSEE code, not the postal code; for a mobile venue, that of its base.
    #[schema(example = "59392")]
    commune: String,
    #[schema(value_type = Option<String>, example = "2 place de la Gare")]
    address: Option<Label>,
    /// The mediator travels.
    #[serde(default)]
    mobile: bool,
    /// Services of the national list; at least one.
    #[schema(value_type = Vec<String>, example = json!(["aide_aux_demarches_administratives"]))]
    services: BTreeSet<Service>,
    /// Only the Region may say `true`.
    #[serde(default)]
    approved: bool,
}

/// Changes to a venue; a field left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct VenueChange {
    #[schema(value_type = Option<String>, example = "Espace numérique de la gare")]
    name: Option<Label>,
    #[schema(example = "59392")]
    commune: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "2 place de la Gare")]
    address: Change<Label>,
    mobile: Option<bool>,
    #[schema(value_type = Option<Vec<String>>, example = json!(["aide_aux_demarches_administratives"]))]
    services: Option<BTreeSet<Service>>,
    /// Only the Region may give it.
    approved: Option<bool>,
    active: Option<bool>,
}

/// A venue as shown.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct VenueView {
    #[schema(value_type = String, format = "uuid", example = "019acd0f-1f2e-7a10-8c4d-2f6b1f0e9a80")]
    id: VenueId,
    #[schema(value_type = String, format = "uuid", example = "019acd0c-5f2e-7a10-8c4d-2f6b1f0e9a77")]
    provider_id: OrganisationId,
    #[schema(value_type = String, example = "Espace numérique de la gare")]
    name: Label,
    /// INSEE code.
    #[schema(value_type = String, example = "59392")]
    commune: CommuneCode,
    #[schema(value_type = Option<String>, example = "2 place de la Gare")]
    address: Option<Label>,
    mobile: bool,
    #[schema(value_type = Vec<String>, example = json!(["aide_aux_demarches_administratives"]))]
    services: BTreeSet<Service>,
    /// Without the Region's approval nothing is redeemed here.
    approved: bool,
    active: bool,
    /// What `If-Match` asks for.
    #[schema(example = 1)]
    version: i64,
}

impl From<Venue> for VenueView {
    fn from(venue: Venue) -> Self {
        let Venue { id, provider, name, commune, address, mobile, services, approved, active, version } = venue;
        Self { id, provider_id: provider, name, commune, address, mobile, services, approved, active, version }
    }
}

/// Which venues a list shows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct VenueQuery {
    /// Only those of this provider.
    #[param(value_type = Option<String>)]
    provider: Option<OrganisationId>,
    /// Rows of the page, 1 to 200; 50 when not said.
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Lists the venues, in order of creation.
#[utoipa::path(get, path = "/api/v1/venues", tag = "reference", operation_id = "list_venues",
    summary = "List venues", params(VenueQuery),
    responses((status = 200, description = "A page of venues", body = List<VenueView>)))]
pub(in crate::http) async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReference)?;
    let VenueQuery { provider, limit, after } = query(&request)?;
    let page = page(after.as_deref(), limit, VenueId::parse)?;
    let wanted = page.clone();
    let rows = app.read(move |tx| Ok(tx.venues(provider, &wanted)?)).await?;
    Ok(listed(rows, &page, |venue| venue.id.to_string(), VenueView::from))
}

/// Shows one venue.
#[utoipa::path(get, path = "/api/v1/venues/{id}", tag = "reference", operation_id = "read_venue",
    summary = "Read a venue", params(("id" = String, Path, description = "Identifier of the venue")),
    responses((status = 200, description = "The venue", body = VenueView,
        headers(("ETag" = String, description = "Its version, for If-Match")))))]
pub(in crate::http) async fn one(
    app: web::Data<App>,
    id: web::Path<String>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReference)?;
    let id = parse_id(&id)?;
    let venue = app.read(move |tx| tx.venue(id)?.ok_or_else(unknown)).await?;
    Ok(shown(venue.version, &VenueView::from(venue)))
}

/// Registers a venue: the Region for any provider, a provider's agent for their own and not approved yet.
#[utoipa::path(post, path = "/api/v1/venues", tag = "reference", operation_id = "create_venue",
    summary = "Register a venue", request_body = NewVenue,
    responses((status = 201, description = "Registered", body = VenueView,
        headers(("Location" = String, description = "Its address"), ("ETag" = String, description = "Its version")))))]
pub(in crate::http) async fn create(app: web::Data<App>, asked: Asked<NewVenue>) -> Result<HttpResponse, Problem> {
    let id = VenueId::new(app.entropy.uuid(app.clock.now()));
    let venue = asked.body.venue(id, &asked.signed_in)?;
    let new = venue.clone();
    app.write(move |tx| {
        let provider = tx.organisation(new.provider)?.filter(|provider| provider.active);
        if !provider.is_some_and(|provider| provider.kinds.contains(&OrganisationKind::Provider)) {
            return Err(Problem::new("provider_unknown").field("provider_id"));
        }
        Ok(tx.insert_venue(&new)?)
    })
    .await?;
    Ok(created(&format!("/api/v1/venues/{}", venue.id), venue.version, &VenueView::from(venue)))
}

/// Changes a venue, of which the version read is given in `If-Match`. When a provider's agent moves an approved venue
/// or adds a service, the approval ends: the Region approved something else.
#[utoipa::path(patch, path = "/api/v1/venues/{id}", tag = "reference", operation_id = "change_venue",
    summary = "Change or approve a venue", request_body = VenueChange,
    params(("id" = String, Path, description = "Identifier of the venue"),
        ("If-Match" = String, Header, description = "ETag of the version read")),
    responses((status = 200, description = "Changed", body = VenueView,
        headers(("ETag" = String, description = "Its new version")))))]
pub(in crate::http) async fn change(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    asked: Asked<VenueChange>,
) -> Result<HttpResponse, Problem> {
    let (id, read, change) = (parse_id(&id)?, if_match(&request)?, asked.body);
    let (approves, scope, at) = (approves(&asked.signed_in), asked.signed_in.scope(), app.clock.now());
    let venue = app
        .write(move |tx| {
            let mut venue = tx.venue(id)?.ok_or_else(unknown)?;
            if scope.is_some_and(|scope| scope != venue.provider) {
                return Err(unknown());
            }
            venue.version = next_version(venue.version, read)?;
            change.apply(&mut venue, approves)?;
            updated(tx.update_venue(&venue)?)?;
            venue_changed(tx, id, at)?;
            Ok(venue)
        })
        .await?;
    Ok(shown(venue.version, &VenueView::from(venue)))
}

fn unknown() -> Problem {
    Problem::new("venue_unknown")
}

fn parse_id(text: &str) -> Result<VenueId, Problem> {
    VenueId::parse(text).map_err(|_| unknown())
}

/// Whether the caller is who approves venues.
const fn approves(signed_in: &SignedIn) -> bool {
    may(signed_in.caller.role(), Action::Administer)
}

impl NewVenue {
    fn venue(self, id: VenueId, by: &SignedIn) -> Result<Venue, Problem> {
        if self.approved && !approves(by) {
            return Err(Problem::new("forbidden").field("approved"));
        }
        let provider = self.provider_id.or(by.scope()).ok_or(Problem::new("provider_unknown").field("provider_id"))?;
        if by.scope().is_some_and(|scope| scope != provider) {
            return Err(Problem::new("not_found").field("provider_id"));
        }
        let venue = Venue {
            id,
            provider,
            name: self.name,
            commune: commune(&self.commune)?,
            address: self.address,
            mobile: self.mobile,
            services: self.services,
            approved: self.approved,
            active: true,
            version: 1,
        };
        offers_something(&venue)?;
        Ok(venue)
    }
}

impl VenueChange {
    /// `approves`: whether who asks may also approve.
    fn apply(self, to: &mut Venue, approves: bool) -> Result<(), Problem> {
        if self.approved.is_some() && !approves {
            return Err(Problem::new("forbidden").field("approved"));
        }
        let before = to.clone();
        replace(&mut to.name, self.name);
        replace(&mut to.commune, self.commune.as_deref().map(commune).transpose()?);
        self.address.apply(&mut to.address);
        replace(&mut to.mobile, self.mobile);
        replace(&mut to.services, self.services);
        replace(&mut to.active, self.active);
        // Name and address are sealed into receipts: whoever approved the venue approved them too.
        let same_place = (&to.name, &to.address, &to.commune) == (&before.name, &before.address, &before.commune);
        let as_approved = same_place && to.mobile == before.mobile && to.services.is_subset(&before.services);
        to.approved = self.approved.unwrap_or(before.approved && (approves || as_approved));
        offers_something(to)
    }
}

fn offers_something(venue: &Venue) -> Result<(), Problem> {
    if venue.services.is_empty() { Err(Problem::new("service_list_empty").field("services")) } else { Ok(()) }
}
