//! The rules by which a programme's claims are approved and due. The administrator sets them, the finance service
//! approves by them: nobody sets their own limit. What never lives here: a claim.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::app::App;
use super::super::caller::SignedIn;
use super::super::envelope::Asked;
use super::super::problem::Problem;
use super::replace;
use super::rules::Rules;
use crate::auth::Action;
use crate::domain::account::{Account, Bic, Iban};
use crate::domain::claims::ClaimRules;
use crate::domain::ids::UserId;
use crate::domain::party::{Organisation, Role};
use crate::domain::payments::Debtor;
use crate::domain::programme::Programme;
use crate::domain::standing::Standing;
use crate::domain::text::Label;
use crate::payees::close_debtor;
use crate::store::Reads;

const RULES: Rules<ClaimRules, RulesView> = Rules {
    read: |tx, no| tx.claim_rules(no),
    keep: |tx, no, rules, before| tx.keep_claim_rules(no, rules, before),
    view: RulesView::new,
};

/// The rules as they stand.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClaimRules)]
struct RulesView {
    /// Up to this amount one approval is enough; above it two different people approve.
    #[schema(example = 500_000)]
    one_approver_up_to_cents: i64,
    /// Who may approve; everybody of the finance service without a limit when empty.
    approvers: Vec<ApproverBody>,
    /// Days from the claim to the day on which it is due.
    #[schema(example = 30)]
    due_days: u32,
    /// Days that a changed account of a provider waits before it is paid on.
    #[schema(example = 3)]
    payee_wait_days: u32,
    /// The account from which claims are paid; its number is masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    debtor: Option<DebtorView>,
    /// Counts the changes; 0 while nobody has set any.
    version: i64,
}

/// The account from which claims are paid.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Debtor)]
struct DebtorView {
    #[schema(example = "Région Hauts-de-France")]
    name: String,
    #[schema(example = "FR76 •••• 0185")]
    account: String,
}

/// The account from which claims are paid.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct DebtorBody {
    /// As the bank knows it.
    #[schema(value_type = String, example = "Région Hauts-de-France")]
    name: Label,
    #[schema(value_type = String, example = "FR7630001007941234567890185")]
    iban: Iban,
    #[schema(value_type = Option<String>, example = "BDFEFRPP")]
    bic: Option<Bic>,
}

/// Somebody who may approve claims.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ApproverBody {
    #[schema(value_type = String, example = "018f2d5e-0000-7000-8000-000000000001")]
    user_id: UserId,
    /// Up to this amount.
    #[schema(example = 1_000_000)]
    up_to_cents: i64,
}

/// What to change of the rules.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct RulesChange {
    #[schema(example = 500_000)]
    one_approver_up_to_cents: Option<i64>,
    approvers: Option<Vec<ApproverBody>>,
    /// 1 to 60.
    #[schema(example = 30)]
    due_days: Option<u32>,
    /// 0 to 60.
    #[schema(example = 3)]
    payee_wait_days: Option<u32>,
    debtor: Option<DebtorBody>,
}

impl RulesView {
    fn new(rules: ClaimRules, version: i64) -> Self {
        let approver = |(user_id, up_to_cents)| ApproverBody { user_id, up_to_cents };
        Self {
            one_approver_up_to_cents: rules.one_approver_up_to_cents,
            approvers: rules.approvers.into_iter().map(approver).collect(),
            due_days: rules.due_days,
            payee_wait_days: rules.payee_wait_days,
            debtor: rules.debtor.map(|debtor| DebtorView { name: debtor.name.to_string(), account: debtor.masked }),
            version,
        }
    }
}

/// The rules by which claims are approved and due.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/claim-rules", tag = "reference",
    params(("programme" = String, Path, description = "Code of the programme", example = "HDF21")),
    responses((status = 200, description = "The rules", body = RulesView,
        headers(("ETag" = String, description = "Their version")))))]
pub(in crate::http) async fn one(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadWholeProgramme)?;
    RULES.one(&app, (&signed_in, &path)).await
}

/// Changes the rules, of which the version read is given in `If-Match`.
#[utoipa::path(patch, path = "/api/v1/programmes/{programme}/claim-rules", tag = "reference",
    request_body = RulesChange,
    params(("programme" = String, Path, description = "Code of the programme", example = "HDF21"),
        ("If-Match" = String, Header, description = "ETag of the version read")),
    responses((status = 200, description = "Changed", body = RulesView,
        headers(("ETag" = String, description = "Their new version")))))]
pub(in crate::http) async fn change(
    app: web::Data<App>,
    request: HttpRequest,
    path: web::Path<String>,
    asked: Asked<RulesChange>,
) -> Result<HttpResponse, Problem> {
    let (change, shared) = (asked.body, app.clone());
    RULES
        .change(&app, &request, (&asked.signed_in, &path), move |tx, of, rules| {
            let approvers = change.approvers.map(|all| known(tx, of, &all)).transpose()?;
            replace(&mut rules.approvers, approvers);
            replace(&mut rules.one_approver_up_to_cents, change.one_approver_up_to_cents);
            replace(&mut rules.due_days, change.due_days);
            replace(&mut rules.payee_wait_days, change.payee_wait_days);
            let debtor = change.debtor.map(|debtor| closed(&shared, of, debtor)).transpose()?;
            rules.debtor = debtor.or(rules.debtor.take());
            Ok(rules.check()?)
        })
        .await
}

/// The account as the rules keep it: nobody reads it without the key.
fn closed(app: &App, programme: &Programme, debtor: DebtorBody) -> Result<Debtor, Problem> {
    let account = Account { holder: debtor.name, iban: debtor.iban, bic: debtor.bic };
    let closed = close_debtor(&app.keys, app.entropy.as_ref(), &programme.code, &account);
    closed.map_err(|error| Problem::internal(&error))
}

/// The approvers named: each an active member of the Region's finance service.
fn known(
    tx: &mut (impl Reads + ?Sized),
    programme: &Programme,
    named: &[ApproverBody],
) -> Result<BTreeMap<UserId, i64>, Problem> {
    let users = named.iter().map(|approver| approver.user_id).collect();
    let active = tx.active_users(&users)?;
    let check = |approver: &ApproverBody| {
        let of_finance = |(user, standing, _): &(UserId, Standing, Organisation)| {
            (*user, standing.role, standing.organisation) == (approver.user_id, Role::RegionFinance, programme.sponsor)
        };
        if active.iter().any(of_finance) {
            return Ok((approver.user_id, approver.up_to_cents));
        }
        Err(Problem::new("approver_unknown").field("approvers"))
    };
    named.iter().map(check).collect()
}
