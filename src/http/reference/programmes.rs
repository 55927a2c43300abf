//! Programmes (dispositifs): the frame within which passes are bought, handed out and spent. Code, sponsor, face value
//! and payer are settled when a programme is created; what was printed and sealed says so.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::rule_sets::rule_set;
use super::{Asked, created, in_order, listed, next_version, page, replace, shown, taken, updated, within};
use crate::auth::Action;
use crate::domain::eligibility::hdf_2021;
use crate::domain::ids::{OrganisationId, ProgrammeNo};
use crate::domain::money::Cents;
use crate::domain::party::Service;
use crate::domain::programme::{Payer, Programme, Territory};
use crate::domain::refusal::Malformed;
use crate::domain::short_code::ShortCode;
use crate::domain::territory::{self, CommuneCode};
use crate::domain::text::Label;
use crate::domain::time::Day;
use crate::http::app::App;
use crate::http::caller::SignedIn;
use crate::http::envelope::{List, PageQuery, if_match, query};
use crate::http::problem::Problem;
use crate::receipts::chain::genesis;

/// 10,000 euros: the face value of one pass is never more.
const LARGEST_FACE_VALUE: i64 = 1_000_000;
/// Passes one person may receive, at most.
const LARGEST_ENTITLEMENT: u32 = 1_000;
/// A year and a day.
const LONGEST_GRACE: u32 = 366;
/// Unless the programme says otherwise.
const USUAL_GRACE: u32 = 30;

/// A programme to be opened.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewProgramme {
    /// Stands in serials and receipt numbers; never changes.
    #[schema(value_type = String, example = "HDF21")]
    code: ShortCode,
    #[schema(value_type = String, example = "Pass numérique Hauts-de-France 2021")]
    label: Label,
    /// The Region that buys.
    #[schema(value_type = String, format = "uuid", example = "019acd0c-5f2e-7a10-8c4d-2f6b1f0e9a77")]
    sponsor_id: OrganisationId,
    /// Of one pass, 1 to 1 000 000.
    #[schema(value_type = i64, example = 1000)]
    face_value_cents: Cents,
    /// Passes one person may receive in all, 1 to 1000.
    #[schema(example = 10)]
    entitlement_passes: u32,
    /// First day on which booklets may be handed out.
    #[schema(value_type = String, format = "date", example = "2021-09-01")]
    distribution_from: Day,
    /// Last day on which booklets may be handed out.
    #[schema(value_type = String, format = "date", example = "2022-12-31")]
    distribution_until: Day,
    /// Days after the printed end of validity during which venues may still redeem, 0 to 366; 30 when not said.
    #[schema(example = 30)]
    grace_days: Option<u32>,
    /// `issuer` or `region`.
    #[schema(value_type = String, example = "issuer")]
    payer: Payer,
    /// Where passes may be spent; everywhere when not said.
    territory: Option<TerritoryBody>,
    /// What passes pay for; the seven services of support when not said.
    #[schema(value_type = Option<Vec<String>>, example = json!(["aide_aux_demarches_administratives"]))]
    services: Option<BTreeSet<Service>>,
    /// The eligibility rules as a document; those of Hauts-de-France 2021 when not said.
    #[schema(value_type = Option<Object>)]
    rule_set: Option<serde_json::Value>,
}

/// Changes to a programme; a field left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ProgrammeChange {
    #[schema(value_type = Option<String>, example = "Pass numérique Hauts-de-France")]
    label: Option<Label>,
    #[schema(example = 10)]
    entitlement_passes: Option<u32>,
    #[schema(value_type = Option<String>, format = "date", example = "2021-09-01")]
    distribution_from: Option<Day>,
    #[schema(value_type = Option<String>, format = "date", example = "2023-06-30")]
    distribution_until: Option<Day>,
    #[schema(example = 30)]
    grace_days: Option<u32>,
    territory: Option<TerritoryBody>,
    #[schema(value_type = Option<Vec<String>>, example = json!(["aide_aux_demarches_administratives"]))]
    services: Option<BTreeSet<Service>>,
    /// `false` closes the programme: nothing moves any more.
    active: Option<bool>,
}

/// A part of France by official codes: a commune belongs to it when any of the lists names it. Empty lists restrict
/// nothing.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
pub(in crate::http) struct TerritoryBody {
    #[schema(example = json!(["32"]))]
    regions: BTreeSet<String>,
    #[schema(example = json!(["59"]))]
    departments: BTreeSet<String>,
    /// SIREN numbers of intercommunalités.
    #[schema(example = json!(["200043396"]))]
    epcis: BTreeSet<String>,
    /// INSEE codes.
    #[schema(example = json!(["59392"]))]
    communes: BTreeSet<String>,
}

/// A programme as shown.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ProgrammeView {
    #[schema(value_type = String, example = "HDF21")]
    code: ShortCode,
    #[schema(value_type = String, example = "Pass numérique Hauts-de-France 2021")]
    label: Label,
    #[schema(value_type = String, format = "uuid", example = "019acd0c-5f2e-7a10-8c4d-2f6b1f0e9a77")]
    sponsor_id: OrganisationId,
    #[schema(value_type = i64, example = 1000)]
    face_value_cents: Cents,
    #[schema(example = 10)]
    entitlement_passes: u32,
    #[schema(value_type = String, format = "date", example = "2021-09-01")]
    distribution_from: Day,
    #[schema(value_type = String, format = "date", example = "2022-12-31")]
    distribution_until: Day,
    #[schema(example = 30)]
    grace_days: u32,
    #[schema(value_type = String, example = "issuer")]
    payer: Payer,
    territory: TerritoryBody,
    #[schema(value_type = Vec<String>, example = json!(["aide_aux_demarches_administratives"]))]
    services: BTreeSet<Service>,
    active: bool,
    /// What `If-Match` asks for.
    #[schema(example = 1)]
    version: i64,
}

impl From<Programme> for ProgrammeView {
    fn from(programme: Programme) -> Self {
        let Territory { regions, departments, epcis, communes } = programme.territory;
        Self {
            code: programme.code,
            label: programme.label,
            sponsor_id: programme.sponsor,
            face_value_cents: programme.face_value,
            entitlement_passes: programme.entitlement_passes,
            distribution_from: programme.distribution_from,
            distribution_until: programme.distribution_until,
            grace_days: programme.grace_days,
            payer: programme.payer,
            territory: TerritoryBody { regions, departments, epcis, communes },
            services: programme.services,
            active: programme.active,
            version: programme.version,
        }
    }
}

/// Lists the programmes of this installation.
#[utoipa::path(get, path = "/api/v1/programmes", tag = "reference", operation_id = "list_programmes",
    summary = "List programmes", params(PageQuery),
    responses((status = 200, description = "A page of programmes", body = List<ProgrammeView>)))]
pub(in crate::http) async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReference)?;
    let asked: PageQuery = query(&request)?;
    let number = |text: &str| text.parse::<i64>().map_err(|_| Malformed::Identifier);
    let page = page(asked.after.as_deref(), asked.limit, number)?;
    let wanted = page.clone();
    let rows = app.read(move |tx| Ok(tx.programmes(&wanted)?)).await?;
    Ok(listed(rows, &page, |programme| programme.no.0.to_string(), ProgrammeView::from))
}

/// Shows one programme.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}", tag = "reference", operation_id = "read_programme",
    summary = "Read a programme", params(("programme" = String, Path, description = "Code", example = "HDF21")),
    responses((status = 200, description = "The programme", body = ProgrammeView,
        headers(("ETag" = String, description = "Its version, for If-Match")))))]
pub(in crate::http) async fn one(
    app: web::Data<App>,
    code: web::Path<String>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReference)?;
    let programme = signed_in.programme(&app, &code).await?;
    Ok(shown(programme.version, &ProgrammeView::from(programme.as_ref().clone())))
}

/// Opens a programme with its eligibility rules and an empty journal.
#[utoipa::path(post, path = "/api/v1/programmes", tag = "reference", operation_id = "create_programme",
    summary = "Open a programme", request_body = NewProgramme,
    responses((status = 201, description = "Opened", body = ProgrammeView,
        headers(("Location" = String, description = "Its address"), ("ETag" = String, description = "Its version")))))]
pub(in crate::http) async fn create(app: web::Data<App>, asked: Asked<NewProgramme>) -> Result<HttpResponse, Problem> {
    let mut body = asked.body;
    let rules = match body.rule_set.take() {
        None => hdf_2021().clone(),
        Some(document) => rule_set(&document).map_err(|problem| problem.field("rule_set"))?,
    };
    let new = body.programme()?;
    if new.sponsor != asked.signed_in.caller.actor().organisation {
        return Err(Problem::new("sponsor_not_own").field("sponsor_id"));
    }
    let programme = app
        .write(move |tx| {
            if tx.programme(&new.code)?.is_some() {
                return Err(Problem::new("programme_code_taken").field("code"));
            }
            let genesis = genesis(new.code.as_str());
            let programme = tx.insert_programme(&new, &genesis).map_err(taken("programme_code_taken"))?;
            tx.insert_rule_set(programme.no, &rules)?;
            Ok(programme)
        })
        .await?;
    let location = format!("/api/v1/programmes/{}", programme.code);
    Ok(created(&location, programme.version, &ProgrammeView::from(programme)))
}

/// Changes a programme, of which the version read is given in `If-Match`. What has happened stays as it was decided.
#[utoipa::path(patch, path = "/api/v1/programmes/{programme}", tag = "reference", operation_id = "change_programme",
    summary = "Change a programme", request_body = ProgrammeChange,
    params(("programme" = String, Path, description = "Code", example = "HDF21"),
        ("If-Match" = String, Header, description = "ETag of the version read")),
    responses((status = 200, description = "Changed", body = ProgrammeView,
        headers(("ETag" = String, description = "Its new version")))))]
pub(in crate::http) async fn change(
    app: web::Data<App>,
    request: HttpRequest,
    code: web::Path<String>,
    asked: Asked<ProgrammeChange>,
) -> Result<HttpResponse, Problem> {
    let (no, read, change) = (asked.signed_in.programme(&app, &code).await?.no, if_match(&request)?, asked.body);
    let programme = app
        .write(move |tx| {
            let mut programme = tx.programme_by_no(no)?.ok_or(Problem::new("programme_unknown"))?;
            programme.version = next_version(programme.version, read)?;
            change.apply(&mut programme)?;
            updated(tx.update_programme(&programme)?)?;
            Ok(programme)
        })
        .await?;
    Ok(shown(programme.version, &ProgrammeView::from(programme)))
}

impl NewProgramme {
    /// The programme, not numbered yet.
    fn programme(self) -> Result<Programme, Problem> {
        let programme = Programme {
            no: ProgrammeNo(0),
            code: self.code,
            label: self.label,
            sponsor: self.sponsor_id,
            face_value: self.face_value_cents,
            entitlement_passes: self.entitlement_passes,
            distribution_from: self.distribution_from,
            distribution_until: self.distribution_until,
            grace_days: self.grace_days.unwrap_or(USUAL_GRACE),
            payer: self.payer,
            territory: self.territory.unwrap_or_default().territory()?,
            services: self.services.unwrap_or_else(Service::payable_by_default),
            active: true,
            version: 1,
        };
        within(programme.face_value.get(), (1, LARGEST_FACE_VALUE), "face_value_cents")?;
        check(&programme)?;
        Ok(programme)
    }
}

impl ProgrammeChange {
    fn apply(self, to: &mut Programme) -> Result<(), Problem> {
        replace(&mut to.label, self.label);
        replace(&mut to.entitlement_passes, self.entitlement_passes);
        replace(&mut to.distribution_from, self.distribution_from);
        replace(&mut to.distribution_until, self.distribution_until);
        replace(&mut to.grace_days, self.grace_days);
        replace(&mut to.territory, self.territory.map(TerritoryBody::territory).transpose()?);
        replace(&mut to.services, self.services);
        replace(&mut to.active, self.active);
        check(to)
    }
}

/// What must hold after every change.
fn check(programme: &Programme) -> Result<(), Problem> {
    within(programme.entitlement_passes, (1, LARGEST_ENTITLEMENT), "entitlement_passes")?;
    within(programme.grace_days, (0, LONGEST_GRACE), "grace_days")?;
    in_order(programme.distribution_from, programme.distribution_until, "distribution_until")?;
    if programme.services.is_empty() {
        return Err(Problem::new("service_list_empty").field("services"));
    }
    Ok(())
}

impl TerritoryBody {
    /// # Errors
    /// 422 for a code that names no place of today.
    fn territory(self) -> Result<Territory, Problem> {
        let Self { regions, departments, epcis, communes } = self;
        let commune = |code: &str| CommuneCode::parse(code).ok().as_ref().and_then(territory::commune).is_some();
        known(&regions, |code| territory::region(code).is_some(), "territory.regions")?;
        known(&departments, |code| territory::department(code).is_some(), "territory.departments")?;
        known(&epcis, |code| territory::epci(code).is_some(), "territory.epcis")?;
        known(&communes, commune, "territory.communes")?;
        Ok(Territory { regions, departments, epcis, communes })
    }
}

fn known(codes: &BTreeSet<String>, exists: impl Fn(&str) -> bool, field: &'static str) -> Result<(), Problem> {
    match codes.iter().find(|code| !exists(code)) {
        None => Ok(()),
        Some(code) => Err(Problem::new("territory_unknown").about("code", code).field(field)),
    }
}
