//! Organisations. Everybody who has signed in sees who takes part (prescribers send booklets to each other by code);
//! how to reach an organisation is shown to itself and to the roles that see the whole programme.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Asked, Change, commune, created, listed, next_version, not_anothers, page, replace, shown, taken, updated,
};
use crate::auth::Action;
use crate::domain::ids::OrganisationId;
use crate::domain::party::{Organisation, OrganisationKind, Registration};
use crate::domain::registration::{Rna, Siret};
use crate::domain::short_code::ShortCode;
use crate::domain::territory::CommuneCode;
use crate::domain::text::{Email, Label};
use crate::http::app::App;
use crate::http::caller::SignedIn;
use crate::http::envelope::{List, PageQuery, if_match, query};
use crate::http::places::provider_changed;
use crate::http::problem::Problem;

/// An organisation that joins the scheme.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewOrganisation {
    /// Stands in receipt numbers; never changes.
    #[schema(value_type = String, example = "MAUB")]
    code: ShortCode,
    /// At least one of `region`, `prescriber`, `provider`, `issuer`, `auditor`, `platform`.
    #[schema(value_type = Vec<String>, example = json!(["prescriber", "provider"]))]
    kinds: BTreeSet<OrganisationKind>,
    #[schema(value_type = String, example = "CCAS de Maubeuge")]
    name: Label,
    /// SIRET or RNA: exactly one of the two.
    #[schema(value_type = Option<String>, example = "90000001900019")]
    siret: Option<Siret>,
    #[schema(value_type = Option<String>, example = "W595001234")]
    rna: Option<Rna>,
    /// INSEE code of the seat, not its postal code.
    #[schema(example = "59392")]
    commune: String,
    #[schema(value_type = Option<String>, example = "Place du Docteur-Forest")]
    address: Option<Label>,
    #[schema(value_type = Option<String>, example = "ccas@maubeuge.example")]
    email: Option<Email>,
    #[schema(value_type = Option<String>, example = "03 27 00 00 00")]
    phone: Option<Label>,
}

/// Changes to an organisation; a field left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct OrganisationChange {
    /// Kinds to add. A kind is never taken away: roles, venues and custody hang on it.
    #[schema(value_type = Option<Vec<String>>, example = json!(["provider"]))]
    add_kinds: Option<BTreeSet<OrganisationKind>>,
    #[schema(value_type = Option<String>, example = "CCAS de Maubeuge")]
    name: Option<Label>,
    /// Instead of the registration known so far.
    #[schema(value_type = Option<String>, example = "90000001900019")]
    siret: Option<Siret>,
    /// Instead of the registration known so far.
    #[schema(value_type = Option<String>, example = "W595001234")]
    rna: Option<Rna>,
    #[schema(example = "59392")]
    commune: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Place du Docteur-Forest")]
    address: Change<Label>,
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "ccas@maubeuge.example")]
    email: Change<Email>,
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "03 27 00 00 00")]
    phone: Change<Label>,
    /// `false` stops everybody of the organisation at their next request.
    active: Option<bool>,
}

/// An organisation as shown.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct OrganisationView {
    #[schema(value_type = String, format = "uuid", example = "019acd0c-5f2e-7a10-8c4d-2f6b1f0e9a77")]
    id: OrganisationId,
    #[schema(value_type = String, example = "MAUB")]
    code: ShortCode,
    #[schema(value_type = Vec<String>, example = json!(["prescriber", "provider"]))]
    kinds: BTreeSet<OrganisationKind>,
    #[schema(value_type = String, example = "CCAS de Maubeuge")]
    name: Label,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "90000001900019")]
    siret: Option<Siret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "W595001234")]
    rna: Option<Rna>,
    /// INSEE code.
    #[schema(value_type = String, example = "59392")]
    commune: CommuneCode,
    active: bool,
    /// What `If-Match` asks for.
    #[schema(example = 1)]
    version: i64,
    /// Absent when the organisation is outside the caller's scope.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<ContactView>,
}

/// How to reach an organisation.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ContactView {
    #[schema(value_type = Option<String>, example = "Place du Docteur-Forest")]
    address: Option<Label>,
    #[schema(value_type = Option<String>, example = "ccas@maubeuge.example")]
    email: Option<Email>,
    #[schema(value_type = Option<String>, example = "03 27 00 00 00")]
    phone: Option<Label>,
}

impl OrganisationView {
    /// The organisation as somebody with this scope sees it.
    pub(in crate::http) fn new(organisation: Organisation, scope: Option<OrganisationId>) -> Self {
        let (id, registration) = (organisation.id, organisation.registration);
        let Organisation { code, kinds, name, commune, address, email, phone, active, version, .. } = organisation;
        let (siret, rna) = match registration {
            Registration::Siret(siret) => (Some(siret), None),
            Registration::Rna(rna) => (None, Some(rna)),
        };
        let contact = scope.is_none_or(|scope| scope == id).then_some(ContactView { address, email, phone });
        Self { id, code, kinds, name, siret, rna, commune, active, version, contact }
    }
}

/// Lists the organisations of the scheme, in order of creation.
#[utoipa::path(get, path = "/api/v1/organisations", tag = "reference", operation_id = "list_organisations",
    summary = "List organisations", params(PageQuery),
    responses((status = 200, description = "A page of organisations", body = List<OrganisationView>)))]
pub(in crate::http) async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReference)?;
    let asked: PageQuery = query(&request)?;
    let page = page(asked.after.as_deref(), asked.limit, OrganisationId::parse)?;
    let wanted = page.clone();
    let rows = app.read(move |tx| Ok(tx.organisations(None, &wanted)?)).await?;
    let view = |organisation| OrganisationView::new(organisation, signed_in.scope());
    Ok(listed(rows, &page, |organisation| organisation.id.to_string(), view))
}

/// Shows one organisation.
#[utoipa::path(get, path = "/api/v1/organisations/{id}", tag = "reference", operation_id = "read_organisation",
    summary = "Read an organisation", params(("id" = String, Path, description = "Identifier of the organisation")),
    responses((status = 200, description = "The organisation", body = OrganisationView,
        headers(("ETag" = String, description = "Its version, for If-Match")))))]
pub(in crate::http) async fn one(
    app: web::Data<App>,
    id: web::Path<String>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReference)?;
    let id = parse_id(&id)?;
    let organisation = app.read(move |tx| tx.organisation(id)?.ok_or_else(unknown)).await?;
    Ok(shown(organisation.version, &OrganisationView::new(organisation, signed_in.scope())))
}

/// Registers an organisation. Its code, SIRET or RNA must not be another's.
#[utoipa::path(post, path = "/api/v1/organisations", tag = "reference", operation_id = "create_organisation",
    summary = "Register an organisation", request_body = NewOrganisation,
    responses((status = 201, description = "Registered", body = OrganisationView,
        headers(("Location" = String, description = "Its address"), ("ETag" = String, description = "Its version")))))]
pub(in crate::http) async fn create(
    app: web::Data<App>,
    asked: Asked<NewOrganisation>,
) -> Result<HttpResponse, Problem> {
    let organisation = asked.body.organisation(OrganisationId::new(app.entropy.uuid(app.clock.now())))?;
    let new = organisation.clone();
    app.write(move |tx| {
        if tx.organisation_by_code(&new.code)?.is_some() {
            return Err(Problem::new("organisation_code_taken").field("code"));
        }
        tx.insert_organisation(&new).map_err(taken("organisation_code_taken"))
    })
    .await?;
    let location = format!("/api/v1/organisations/{}", organisation.id);
    Ok(created(&location, organisation.version, &OrganisationView::new(organisation, asked.signed_in.scope())))
}

/// Changes an organisation, of which the version read is given in `If-Match`.
#[utoipa::path(patch, path = "/api/v1/organisations/{id}", tag = "reference", operation_id = "change_organisation",
    summary = "Change an organisation", request_body = OrganisationChange,
    params(("id" = String, Path, description = "Identifier of the organisation"),
        ("If-Match" = String, Header, description = "ETag of the version read")),
    responses((status = 200, description = "Changed", body = OrganisationView,
        headers(("ETag" = String, description = "Its new version")))))]
pub(in crate::http) async fn change(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    asked: Asked<OrganisationChange>,
) -> Result<HttpResponse, Problem> {
    let (id, read, change) = (parse_id(&id)?, if_match(&request)?, asked.body);
    let (own, at) = (asked.signed_in.organisation.id, app.clock.now());
    let organisation = app
        .write(move |tx| {
            let known = tx.organisation(id)?.filter(|organisation| not_anothers(own, organisation));
            let mut organisation = known.ok_or_else(unknown)?;
            organisation.version = next_version(organisation.version, read)?;
            change.apply(&mut organisation, own)?;
            updated(tx.update_organisation(&organisation).map_err(taken("organisation_code_taken"))?)?;
            provider_changed(tx, id, at)?;
            Ok(organisation)
        })
        .await?;
    Ok(shown(organisation.version, &OrganisationView::new(organisation, asked.signed_in.scope())))
}

fn unknown() -> Problem {
    Problem::new("organisation_unknown")
}

fn not_single(field: &'static str) -> Problem {
    Problem::new("registration_not_single").field(field)
}

fn parse_id(text: &str) -> Result<OrganisationId, Problem> {
    OrganisationId::parse(text).map_err(|_| unknown())
}

impl NewOrganisation {
    fn organisation(self, id: OrganisationId) -> Result<Organisation, Problem> {
        if self.kinds.is_empty() {
            return Err(Problem::new("organisation_kind_missing").field("kinds"));
        }
        Ok(Organisation {
            id,
            code: self.code,
            kinds: self.kinds,
            name: self.name,
            registration: registration(self.siret, self.rna)?.ok_or_else(|| not_single("siret"))?,
            commune: commune(&self.commune)?,
            address: self.address,
            email: self.email,
            phone: self.phone,
            active: true,
            version: 1,
        })
    }
}

impl OrganisationChange {
    /// `own`: the organisation of who asks, which they cannot disable.
    fn apply(self, to: &mut Organisation, own: OrganisationId) -> Result<(), Problem> {
        if to.id == own && self.active == Some(false) {
            return Err(Problem::new("own_account").field("active"));
        }
        to.kinds.extend(self.add_kinds.unwrap_or_default());
        replace(&mut to.name, self.name);
        replace(&mut to.registration, registration(self.siret, self.rna)?);
        replace(&mut to.commune, self.commune.as_deref().map(commune).transpose()?);
        self.address.apply(&mut to.address);
        self.email.apply(&mut to.email);
        self.phone.apply(&mut to.phone);
        replace(&mut to.active, self.active);
        Ok(())
    }
}

/// The registration given, if one is.
fn registration(siret: Option<Siret>, rna: Option<Rna>) -> Result<Option<Registration>, Problem> {
    match (siret, rna) {
        (Some(_), Some(_)) => Err(not_single("rna")),
        (Some(siret), None) => Ok(Some(Registration::Siret(siret))),
        (None, rna) => Ok(rna.map(Registration::Rna)),
    }
}
