//! Trainings of prescribers' agents. What never lives here: whether a programme asks for one (see `distribution_rules`).

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::app::App;
use super::super::envelope::Asked;
use super::super::problem::Problem;
use crate::domain::ids::UserId;
use crate::domain::party::Role;
use crate::domain::time::Day;

/// An agent was trained.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct TrainingBody {
    /// An agent of a prescriber.
    #[schema(value_type = String, format = "uuid")]
    user_id: UserId,
    #[schema(value_type = String, example = "2026-09-20")]
    trained_on: Day,
}

/// Record the training of an agent, in the place of an earlier one.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/trainings", tag = "reference",
    request_body = TrainingBody, params(("programme" = String, Path)),
    responses((status = 204, description = "Kept")))]
pub(in crate::http) async fn record(
    app: web::Data<App>,
    path: web::Path<String>,
    asked: Asked<TrainingBody>,
) -> Result<HttpResponse, Problem> {
    let programme = asked.signed_in.programme(&app, &path).await?;
    let TrainingBody { user_id, trained_on } = asked.body;
    if trained_on > app.clock.now().day() {
        return Err(Problem::new("date_in_future").about("date", trained_on.french()).field("trained_on"));
    }
    app.write(move |tx| {
        let agent = tx.user(user_id)?.filter(|user| user.role == Role::PrescriberAgent);
        agent.ok_or(Problem::new("agent_unknown").field("user_id"))?;
        Ok(tx.keep_training(programme.no, user_id, trained_on)?)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
