//! Mandate agreements and régies: the title by which a prescriber may hold booklets (CGCT L.1611-7 IV, D.1611-16 and
//! following). A prescriber sees its own and nobody else's.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Asked, created, in_order, listed, next_version, page, replace, shown, taken, updated, within};
use crate::auth::Action;
use crate::domain::ids::{MandateId, OrganisationId};
use crate::domain::money::Cents;
use crate::domain::party::OrganisationKind;
use crate::domain::programme::{BasisKind, Mandate};
use crate::domain::text::{Label, Reference};
use crate::domain::time::Day;
use crate::http::app::App;
use crate::http::caller::SignedIn;
use crate::http::envelope::{List, PageQuery, if_match, query};
use crate::http::problem::Problem;

/// More booklets than a programme can number.
const LARGEST_CEILING: i64 = 10_000_000;
/// A hundred million euros.
const LARGEST_CEILING_CENTS: i64 = 10_000_000_000;

/// A mandate agreement or régie to be recorded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewMandate {
    #[schema(value_type = String, format = "uuid", example = "019acd0c-5f2e-7a10-8c4d-2f6b1f0e9a77")]
    prescriber_id: OrganisationId,
    /// `mandate_agreement` or `regie`.
    #[schema(value_type = String, example = "mandate_agreement")]
    kind: BasisKind,
    /// Unique within the programme.
    #[schema(value_type = String, example = "CONV-2021-014")]
    number: Reference,
    #[schema(value_type = String, format = "date", example = "2021-06-15")]
    signed_on: Day,
    #[schema(value_type = String, example = "Claire Lenoir, présidente")]
    signatory: Label,
    #[schema(value_type = String, format = "date", example = "2021-07-16")]
    starts_on: Day,
    #[schema(value_type = String, format = "date", example = "2023-06-30")]
    ends_on: Day,
    /// The day of the public accountant's opinion; without one an agreement is not in force.
    #[schema(value_type = Option<String>, format = "date", example = "2021-07-16")]
    accountant_opinion_on: Option<Day>,
    /// The opinion is deemed given because a month passed (CGCT D.1611-17).
    #[serde(default)]
    opinion_is_tacit: bool,
    /// Booklets that may be in custody at a time, 0 to 10 000 000.
    #[schema(example = 500)]
    ceiling_booklets: i64,
    /// Value that may be in custody at a time.
    #[schema(value_type = i64, example = 5_000_000)]
    ceiling_cents: Cents,
}

/// Changes to a mandate; a field left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct MandateChange {
    #[schema(value_type = Option<String>, format = "date", example = "2023-12-31")]
    ends_on: Option<Day>,
    #[schema(value_type = Option<String>, format = "date", example = "2021-07-16")]
    accountant_opinion_on: Option<Day>,
    opinion_is_tacit: Option<bool>,
    #[schema(example = 800)]
    ceiling_booklets: Option<i64>,
    #[schema(value_type = Option<i64>, example = 8_000_000)]
    ceiling_cents: Option<Cents>,
    /// From this day on the mandate is no longer in force. Never taken back: a new mandate is recorded instead.
    #[schema(value_type = Option<String>, format = "date", example = "2022-03-01")]
    revoked_on: Option<Day>,
}

/// A mandate as shown.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct MandateView {
    #[schema(value_type = String, format = "uuid", example = "019acd0e-1f2e-7a10-8c4d-2f6b1f0e9a79")]
    id: MandateId,
    #[schema(value_type = String, format = "uuid", example = "019acd0c-5f2e-7a10-8c4d-2f6b1f0e9a77")]
    prescriber_id: OrganisationId,
    #[schema(value_type = String, example = "mandate_agreement")]
    kind: BasisKind,
    #[schema(value_type = String, example = "CONV-2021-014")]
    number: Reference,
    #[schema(value_type = String, format = "date", example = "2021-06-15")]
    signed_on: Day,
    #[schema(value_type = String, example = "Claire Lenoir, présidente")]
    signatory: Label,
    #[schema(value_type = String, format = "date", example = "2021-07-16")]
    starts_on: Day,
    #[schema(value_type = String, format = "date", example = "2023-06-30")]
    ends_on: Day,
    #[schema(value_type = Option<String>, format = "date", example = "2021-07-16")]
    accountant_opinion_on: Option<Day>,
    opinion_is_tacit: bool,
    #[schema(example = 500)]
    ceiling_booklets: i64,
    #[schema(value_type = i64, example = 5_000_000)]
    ceiling_cents: Cents,
    #[schema(value_type = Option<String>, format = "date", example = "2022-03-01")]
    revoked_on: Option<Day>,
    /// Whether booklets may be entrusted under it today.
    in_force: bool,
    /// What `If-Match` asks for.
    #[schema(example = 1)]
    version: i64,
}

impl MandateView {
    fn new(mandate: Mandate, today: Day) -> Self {
        Self {
            in_force: mandate.is_in_force(today),
            id: mandate.id,
            prescriber_id: mandate.prescriber,
            kind: mandate.kind,
            number: mandate.number,
            signed_on: mandate.signed_on,
            signatory: mandate.signatory,
            starts_on: mandate.starts_on,
            ends_on: mandate.ends_on,
            accountant_opinion_on: mandate.accountant_opinion_on,
            opinion_is_tacit: mandate.opinion_is_tacit,
            ceiling_booklets: mandate.ceiling_booklets,
            ceiling_cents: mandate.ceiling,
            revoked_on: mandate.revoked_on,
            version: mandate.version,
        }
    }
}

/// Lists the mandates of a programme; a prescriber's agent sees those of the prescriber.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/mandates", tag = "reference",
    operation_id = "list_mandates", summary = "List mandates",
    params(("programme" = String, Path, description = "Code of the programme", example = "HDF21"), PageQuery),
    responses((status = 200, description = "A page of mandates", body = List<MandateView>)))]
pub(in crate::http) async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    code: web::Path<String>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReference)?;
    let asked: PageQuery = query(&request)?;
    let page = page(asked.after.as_deref(), asked.limit, MandateId::parse)?;
    let (wanted, programme, scope) = (page.clone(), signed_in.programme(&app, &code).await?, signed_in.scope());
    let rows = app.read(move |tx| Ok(tx.mandates(programme.no, scope, &wanted)?)).await?;
    let today = app.clock.now().day();
    Ok(listed(rows, &page, |mandate| mandate.id.to_string(), |mandate| MandateView::new(mandate, today)))
}

/// Shows one mandate.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/mandates/{id}", tag = "reference",
    operation_id = "read_mandate", summary = "Read a mandate",
    params(("programme" = String, Path, description = "Code of the programme", example = "HDF21"),
        ("id" = String, Path, description = "Identifier of the mandate")),
    responses((status = 200, description = "The mandate", body = MandateView,
        headers(("ETag" = String, description = "Its version, for If-Match")))))]
pub(in crate::http) async fn one(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReference)?;
    let (programme, id) = (signed_in.programme(&app, &path.0).await?, parse_id(&path.1)?);
    let mandate = app.read(move |tx| tx.mandate(programme.no, id)?.ok_or_else(unknown)).await?;
    if signed_in.scope().is_some_and(|scope| scope != mandate.prescriber) {
        return Err(unknown());
    }
    Ok(shown(mandate.version, &MandateView::new(mandate, app.clock.now().day())))
}

/// Records a mandate agreement or a régie of a prescriber.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/mandates", tag = "reference",
    operation_id = "create_mandate", summary = "Record a mandate", request_body = NewMandate,
    params(("programme" = String, Path, description = "Code of the programme", example = "HDF21")),
    responses((status = 201, description = "Recorded", body = MandateView,
        headers(("Location" = String, description = "Its address"), ("ETag" = String, description = "Its version")))))]
pub(in crate::http) async fn create(
    app: web::Data<App>,
    code: web::Path<String>,
    asked: Asked<NewMandate>,
) -> Result<HttpResponse, Problem> {
    let (programme, now) = (asked.signed_in.programme(&app, &code).await?, app.clock.now());
    let no = programme.no;
    let mandate = asked.body.mandate(MandateId::new(app.entropy.uuid(now)))?;
    let new = mandate.clone();
    app.write(move |tx| {
        let prescriber = tx.organisation(new.prescriber)?.filter(|prescriber| prescriber.active);
        if !prescriber.is_some_and(|prescriber| prescriber.kinds.contains(&OrganisationKind::Prescriber)) {
            return Err(Problem::new("prescriber_unknown").field("prescriber_id"));
        }
        let number_taken = taken("mandate_number_taken");
        tx.insert_mandate(no, &new).map_err(|error| number_taken(error).field("number"))
    })
    .await?;
    let location = format!("/api/v1/programmes/{}/mandates/{}", programme.code, mandate.id);
    Ok(created(&location, mandate.version, &MandateView::new(mandate, now.day())))
}

/// Changes a mandate, of which the version read is given in `If-Match`.
#[utoipa::path(patch, path = "/api/v1/programmes/{programme}/mandates/{id}", tag = "reference",
    operation_id = "change_mandate", summary = "Change or revoke a mandate", request_body = MandateChange,
    params(("programme" = String, Path, description = "Code of the programme", example = "HDF21"),
        ("id" = String, Path, description = "Identifier of the mandate"),
        ("If-Match" = String, Header, description = "ETag of the version read")),
    responses((status = 200, description = "Changed", body = MandateView,
        headers(("ETag" = String, description = "Its new version")))))]
pub(in crate::http) async fn change(
    app: web::Data<App>,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    asked: Asked<MandateChange>,
) -> Result<HttpResponse, Problem> {
    let (no, id) = (asked.signed_in.programme(&app, &path.0).await?.no, parse_id(&path.1)?);
    let (read, change) = (if_match(&request)?, asked.body);
    let mandate = app
        .write(move |tx| {
            let mut mandate = tx.mandate(no, id)?.ok_or_else(unknown)?;
            mandate.version = next_version(mandate.version, read)?;
            change.apply(&mut mandate)?;
            updated(tx.update_mandate(no, &mandate)?)?;
            Ok(mandate)
        })
        .await?;
    Ok(shown(mandate.version, &MandateView::new(mandate, app.clock.now().day())))
}

fn unknown() -> Problem {
    Problem::new("not_found")
}

fn parse_id(text: &str) -> Result<MandateId, Problem> {
    MandateId::parse(text).map_err(|_| unknown())
}

impl NewMandate {
    fn mandate(self, id: MandateId) -> Result<Mandate, Problem> {
        let mandate = Mandate {
            id,
            prescriber: self.prescriber_id,
            kind: self.kind,
            number: self.number,
            signed_on: self.signed_on,
            signatory: self.signatory,
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            accountant_opinion_on: self.accountant_opinion_on,
            opinion_is_tacit: self.opinion_is_tacit,
            ceiling_booklets: self.ceiling_booklets,
            ceiling: self.ceiling_cents,
            revoked_on: None,
            version: 1,
        };
        check(&mandate)?;
        Ok(mandate)
    }
}

impl MandateChange {
    fn apply(self, to: &mut Mandate) -> Result<(), Problem> {
        replace(&mut to.ends_on, self.ends_on);
        to.accountant_opinion_on = self.accountant_opinion_on.or(to.accountant_opinion_on);
        replace(&mut to.opinion_is_tacit, self.opinion_is_tacit);
        replace(&mut to.ceiling_booklets, self.ceiling_booklets);
        replace(&mut to.ceiling, self.ceiling_cents);
        to.revoked_on = self.revoked_on.or(to.revoked_on);
        check(to)
    }
}

/// What must hold after every change.
fn check(mandate: &Mandate) -> Result<(), Problem> {
    in_order(mandate.starts_on, mandate.ends_on, "ends_on")?;
    in_order(mandate.signed_on, mandate.ends_on, "signed_on")?;
    within(mandate.ceiling_booklets, (0, LARGEST_CEILING), "ceiling_booklets")?;
    within(mandate.ceiling.get(), (0, LARGEST_CEILING_CENTS), "ceiling_cents")?;
    // The month starts at the signature at the earliest: before it there is no agreement to be silent about.
    let month_passed = |given: Day| given.minus_months(1) >= mandate.signed_on;
    if mandate.opinion_is_tacit && !mandate.accountant_opinion_on.is_some_and(month_passed) {
        let signed_on = mandate.signed_on.french();
        return Err(Problem::new("tacit_opinion_too_early").about("date", signed_on).field("accountant_opinion_on"));
    }
    Ok(())
}
