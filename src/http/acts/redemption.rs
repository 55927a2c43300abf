//! Checking a pass, redeeming and reversing. A code comes in a body, becomes a digest here and goes no further.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::app::App;
use super::super::envelope::{self, ActRequest};
use super::super::problem::{Problem, english};
use super::handout::commune;
use super::{Asked, DryRun, Recorded, facts_for, record};
use crate::catalogue;
use crate::domain::code::PassCode;
use crate::domain::facts::Needs;
use crate::domain::ids::{ProgrammeNo, VenueId};
use crate::domain::party::Service;
use crate::domain::redemption::{Redeem, ReversalReason, Reverse, check_spendable, find_pass};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::stock::CodeMac;
use crate::domain::territory::CommuneCode;
use crate::domain::text::ReceiptNumber;
use crate::domain::time::Day;
use crate::domain::visit::Visit;
use crate::store::{LastUse, Reads};

/// Passes to spend.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct RedemptionBody {
    #[schema(value_type = String, format = "uuid")]
    venue_id: VenueId,
    /// 1 to 20 codes as printed; all are spent or none.
    #[schema(value_type = Vec<String>, example = json!(["7K3M-Q9TX-2WHB-5CTW"]))]
    codes: Vec<PassCode>,
    #[schema(value_type = String, example = "maitrise_des_outils_numeriques_du_quotidien")]
    service: Service,
    #[schema(value_type = String, example = "2026-11-24")]
    performed_on: Day,
    /// INSEE code of the commune where a mobile venue worked that day.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    performed_in: Option<CommuneCode>,
    /// Whether the person came to this venue for the first time.
    #[serde(default)]
    #[schema(example = true)]
    first_visit: Option<bool>,
    /// How long it took, 1 to 600 minutes.
    #[serde(default)]
    #[schema(example = 60)]
    minutes: Option<u16>,
    /// How many took part in a workshop, 2 to 200; left out for somebody received alone.
    #[serde(default)]
    #[schema(example = 8)]
    participants: Option<u16>,
}

/// Redeem passes at a venue, all or nothing.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/redemptions", tag = "venue", request_body = RedemptionBody,
    params(("programme" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn redeem(
    app: web::Data<App>,
    path: web::Path<String>,
    request: ActRequest<RedemptionBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path).await?;
    let ActRequest { signed_in, body, key, dry_run } = request;
    let performed_in = body.performed_in.as_ref().map(|code| commune(code.as_str(), "performed_in")).transpose()?;
    let act = Redeem {
        venue: body.venue_id,
        codes: body.codes.iter().map(|code| app.keys.code_mac(code)).collect(),
        service: body.service,
        performed_on: body.performed_on,
        performed_in,
        visit: Visit { first: body.first_visit, minutes: body.minutes, participants: body.participants, offline: None },
    };
    let office = signed_in.organisation.code.to_string();
    app.limits.may_try_codes(&office)?;
    let asked = Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run };
    let answer = record(asked, act).await;
    let status = answer.as_ref().map_or_else(ResponseError::status_code, HttpResponse::status);
    if status == StatusCode::NOT_FOUND {
        app.limits.wrong_code(&office);
    }
    answer
}

/// A pass to look at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct CheckBody {
    #[schema(value_type = String, example = "7K3M-Q9TX-2WHB-5CTW")]
    code: PassCode,
}

/// Whether a pass can be spent here and now. No personal data.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct CheckJson {
    spendable: bool,
    #[schema(example = "HDF21-000123-10/04")]
    serial: String,
    value_cents: i64,
    /// Last day on which a venue may redeem it.
    #[schema(example = "2028-01-30")]
    last_day: String,
    /// Why not, as a stable code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "already_redeemed")]
    code: Option<&'static str>,
    /// Why not, in French.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// Check a pass without spending it.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/passes/check", tag = "venue", request_body = CheckBody,
    params(("programme" = String, Path)), responses((status = 200, body = CheckJson)))]
pub(in crate::http) async fn check(
    app: web::Data<App>,
    path: web::Path<String>,
    asked: envelope::Asked<CheckBody>,
) -> Result<HttpResponse, Problem> {
    let envelope::Asked { signed_in, body } = asked;
    let programme = signed_in.programme(&app, &path).await?;
    let office = signed_in.organisation.code.to_string();
    app.limits.may_try_codes(&office)?;
    let (mac, today) = (app.keys.code_mac(&body.code), app.clock.now().day());
    let own = office.clone();
    let checked = app.read(move |tx| look(tx, programme.no, (&mac, today), &own)).await;
    if checked.as_ref().is_err_and(|problem| problem.code() == Code::CodeUnknown.as_str()) {
        app.limits.wrong_code(&office);
    }
    Ok(HttpResponse::Ok().json(checked.map_err(|problem| problem.field("code"))?))
}

fn look(
    tx: &mut dyn Reads,
    programme: ProgrammeNo,
    (mac, today): (&CodeMac, Day),
    own: &str,
) -> Result<CheckJson, Problem> {
    let needs = Needs { codes: BTreeSet::from([*mac]), ..Needs::default() };
    let facts = facts_for(tx, programme, &needs)?;
    let (pass, booklet) = find_pass(&facts, mac)?;
    let order = facts.order_of(booklet).ok_or(Problem::new("code_unknown"))?;
    let mut refusal: Option<Refusal> = check_spendable(&facts, pass, booklet, today, today).err();
    if let Some(spent) = refusal.take_if(|refusal| refusal.code == Code::AlreadyRedeemed) {
        let last = tx.last_use(pass.id)?.map(|last| in_words(&last, last.office == own));
        refusal = Some(last.into_iter().fold(spent, |spent, told| spent.about("detail", told)));
    }
    let detail = refusal
        .as_ref()
        .map(|refusal| catalogue::fill(catalogue::find(refusal.code.as_str()).french, |name| refusal.detail(name)));
    Ok(CheckJson {
        spendable: refusal.is_none(),
        serial: pass.id.item().printed(&facts.programme.code),
        value_cents: facts.programme.face_value.get(),
        last_day: order.grace_end.to_string(),
        code: refusal.map(|refusal| refusal.code.as_str()),
        detail,
    })
}

/// Why a redemption is undone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ReversalBody {
    #[schema(value_type = String, example = "entered_by_mistake")]
    reason: ReversalReason,
}

/// Reverse a redemption by a counter-receipt: the provider on the same day, the Region's finance later.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/redemptions/{number}/reversal", tag = "venue",
    request_body = ReversalBody, params(("programme" = String, Path), ("number" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn reverse(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: ActRequest<ReversalBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path.0).await?;
    let ActRequest { signed_in, body, key, dry_run } = request;
    let act = Reverse { number: receipt_number(&path.1)?, reason: body.reason };
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}

/// A number that no receipt can have is an address that leads nowhere.
fn receipt_number(text: &str) -> Result<ReceiptNumber, Problem> {
    ReceiptNumber::parse(text).map_err(|_| Problem::new("redemption_unknown").about("number", text))
}

/// `C'était le 04/10/2021, dans votre structure.` Told to who looks a pass up: a refusal that is recorded says nothing of it, for
/// under its key it is answered again as it was, whatever became of the pass since.
fn in_words(last: &LastUse, own: bool) -> String {
    let day = last.day.french();
    match (own, english()) {
        (true, false) => format!("C'était le {day}, dans votre structure (récépissé {}).", last.number),
        (false, false) => format!("C'était le {day}, dans une autre structure."),
        (true, true) => format!("That was on {day}, in your organisation (receipt {}).", last.number),
        (false, true) => format!("That was on {day}, in another organisation."),
    }
}
