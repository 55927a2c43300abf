//! What a programme publishes of its figures. What never lives here: a figure, or what is masked (see `reports`).

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
use crate::domain::publication::PublicationRules;

const RULES: Rules<PublicationRules, PublicationRulesView> = Rules {
    read: |tx, no| tx.publication_rules(no),
    keep: |tx, no, rules, before| tx.keep_publication_rules(no, *rules, before),
    view: PublicationRulesView::new,
};

/// The rules as they stand.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PublicationRules)]
struct PublicationRulesView {
    /// Whether anybody may read the open data of the programme without signing in.
    #[schema(example = true)]
    open_data: bool,
    /// How far is near, in kilometres, when white zones are published.
    #[schema(example = 10)]
    within_km: u32,
    /// Counts the changes; 0 while nobody has set any.
    version: i64,
}

impl PublicationRulesView {
    const fn new(rules: PublicationRules, version: i64) -> Self {
        Self { open_data: rules.open_data, within_km: rules.within_km, version }
    }
}

/// What to change of the rules.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct PublicationRulesChange {
    #[schema(example = true)]
    open_data: Option<bool>,
    /// 1 to 100.
    #[schema(example = 10)]
    within_km: Option<u32>,
}

/// What the programme publishes.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/publication-rules", tag = "reference",
    params(("programme" = String, Path, description = "Code of the programme", example = "HDF21")),
    responses((status = 200, description = "The rules", body = PublicationRulesView,
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
#[utoipa::path(patch, path = "/api/v1/programmes/{programme}/publication-rules", tag = "reference",
    request_body = PublicationRulesChange,
    params(("programme" = String, Path, description = "Code of the programme", example = "HDF21"),
        ("If-Match" = String, Header, description = "ETag of the version read")),
    responses((status = 200, description = "Changed", body = PublicationRulesView,
        headers(("ETag" = String, description = "Their new version")))))]
pub(in crate::http) async fn change(
    app: web::Data<App>,
    request: HttpRequest,
    path: web::Path<String>,
    asked: Asked<PublicationRulesChange>,
) -> Result<HttpResponse, Problem> {
    let change = asked.body;
    RULES
        .change(&app, &request, (&asked.signed_in, &path), move |_, _, rules| {
            replace(&mut rules.open_data, change.open_data);
            replace(&mut rules.within_km, change.within_km);
            Ok(rules.check()?)
        })
        .await
}
