//! The verification of a programme's journal, asked for over HTTP. What never lives here: a rule of it (see `audit`).

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::app::App;
use super::caller::SignedIn;
use super::problem::Problem;
use crate::audit;
use crate::auth::Action;
use crate::receipts::seal::{self, key_id};

/// What a verification found.
#[derive(Debug, Serialize, ToSchema)]
struct VerificationJson {
    /// Whether chain, seals, business rules and projections all hold.
    verified: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipts: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    head: Option<String>,
    /// The key that seals now: compare it with the one published.
    seal_key_id: String,
    seal_public_key: String,
    /// The first break, in French.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_break: Option<String>,
}

/// Walk the chain and its seals, replay the business rules, compare with the projections.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/verification", tag = "receipts",
    params(("programme" = String, Path)), responses((status = 200, body = VerificationJson)))]
pub(super) async fn verify(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::Verify)?;
    let programme = signed_in.programme(&app, &path).await?;
    let _entered = app.reading.enter()?;
    let shared = app.clone();
    let walk = move || {
        let key = shared.keys.seal_key().verifying_key();
        let store = shared.reading.store()?;
        let verified =
            audit::verify_register(&store).and_then(|()| audit::verify(&store, &[key], &programme, &mut |_, _| {}));
        let (seal_key_id, seal_public_key) = (key_id(&key), seal::write_key(&key));
        match verified {
            Ok(verified) => Ok(VerificationJson {
                verified: true,
                receipts: Some(verified.receipts),
                head: Some(verified.head),
                seal_key_id,
                seal_public_key,
                first_break: None,
            }),
            Err(audit::AuditError::Store(error)) => Err(shared.reading.problem(&error)),
            Err(broken) => Ok(VerificationJson {
                verified: false,
                receipts: None,
                head: None,
                seal_key_id,
                seal_public_key,
                first_break: Some(broken.to_string()),
            }),
        }
    };
    let json = app.reading.turn(walk).await?;
    Ok(HttpResponse::Ok().json(json))
}
