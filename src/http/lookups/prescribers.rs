//! How far each prescriber has come before it may hand out: its mandate, its agents, their training. What never lives here:
//! stock; that is a report.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::app::App;
use super::super::caller::SignedIn;
use super::super::envelope::List;
use super::super::problem::Problem;
use crate::auth::Action;
use crate::domain::distribution::DistributionRules;
use crate::domain::ids::OrganisationId;
use crate::domain::party::{Organisation, OrganisationKind, Role};
use crate::domain::programme::{Mandate, Programme};
use crate::domain::time::Day;
use crate::store::{Page, Reads, User};

/// Organisations and agents of one answer at most.
const MOST: i64 = 10_000;

/// A prescriber on its way to handing out.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Prescriber)]
struct PrescriberJson {
    id: String,
    #[schema(example = "MAUB")]
    code: String,
    #[schema(example = "CCAS de Maubeuge")]
    name: String,
    /// The mandate in force, else the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    mandate: Option<MandateState>,
    agents: Vec<AgentState>,
    /// Whether somebody there may hand out today.
    ready: bool,
    /// What is missing: `mandate`, `agent`, `training`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<&'static str>,
}

/// By what title it holds booklets, and until when.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MandateState)]
struct MandateState {
    #[schema(example = "2021-14")]
    number: String,
    starts_on: String,
    ends_on: String,
    ceiling_booklets: i64,
    in_force: bool,
}

/// A named agent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AgentState)]
struct AgentState {
    user_id: String,
    #[schema(example = "Ana Duval")]
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    trained_on: Option<String>,
    /// Whether the training counts today, or none is asked for.
    may_hand_out: bool,
}

/// Every prescriber, in order of code, with what it still lacks. A prescriber sees
/// itself.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/prescribers", tag = "reference",
    params(("programme" = String, Path)), responses((status = 200, body = List<PrescriberJson>)))]
pub(in crate::http) async fn list(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadReference)?;
    let programme = signed_in.programme(&app, &path).await?;
    let (own, today) = (signed_in.scope(), app.clock.now().day());
    let items = app.read(move |tx| prescribers(tx, &programme, own, today)).await?;
    Ok(HttpResponse::Ok().json(List { items, next: None }))
}

fn prescribers(
    tx: &mut dyn Reads,
    programme: &Programme,
    own: Option<OrganisationId>,
    today: Day,
) -> Result<Vec<PrescriberJson>, Problem> {
    let page = Page { after: None, limit: MOST };
    let all = tx.organisations(own, &page)?.into_iter();
    let prescribe = |one: &Organisation| one.active && one.kinds.contains(&OrganisationKind::Prescriber);
    let mut organisations: Vec<Organisation> = all.filter(prescribe).collect();
    organisations.sort_by(|one, other| one.code.cmp(&other.code));
    let ids: BTreeSet<OrganisationId> = organisations.iter().map(|one| one.id).collect();
    let mut mandates: BTreeMap<OrganisationId, Vec<Mandate>> = BTreeMap::new();
    for mandate in tx.mandates_of(programme.no, &ids)? {
        mandates.entry(mandate.prescriber).or_default().push(mandate);
    }
    let users = tx.users(own, &page)?.into_iter();
    let agents: Vec<User> = users.filter(|user| user.active && user.role == Role::PrescriberAgent).collect();
    let trained = tx.trainings_of(programme.no, &agents.iter().map(|agent| agent.id).collect())?;
    let (rules, _) = tx.distribution_rules(programme.no)?.unwrap_or_default();
    let shown = |one: &Organisation| {
        let of_one = agents.iter().filter(|agent| agent.organisation == one.id);
        let agents = of_one.map(|agent| agent_state(agent, trained.get(&agent.id).copied(), &rules, today)).collect();
        prescriber(one, mandates.get(&one.id).map(Vec::as_slice).unwrap_or_default(), agents, today)
    };
    Ok(organisations.iter().map(shown).collect())
}

fn agent_state(agent: &User, trained_on: Option<Day>, rules: &DistributionRules, today: Day) -> AgentState {
    AgentState {
        user_id: agent.id.to_string(),
        name: agent.display_name.to_string(),
        trained_on: trained_on.map(|day| day.to_string()),
        may_hand_out: rules.is_trained(trained_on, today),
    }
}

fn prescriber(one: &Organisation, mandates: &[Mandate], agents: Vec<AgentState>, today: Day) -> PrescriberJson {
    let in_force = mandates.iter().find(|mandate| mandate.is_in_force(today));
    let last = in_force.or_else(|| mandates.iter().max_by_key(|mandate| mandate.ends_on));
    let mut missing = Vec::new();
    if in_force.is_none() {
        missing.push("mandate");
    }
    if agents.is_empty() {
        missing.push("agent");
    } else if agents.iter().all(|agent| !agent.may_hand_out) {
        missing.push("training");
    }
    let state = |mandate: &Mandate| MandateState {
        number: mandate.number.to_string(),
        starts_on: mandate.starts_on.to_string(),
        ends_on: mandate.ends_on.to_string(),
        ceiling_booklets: mandate.ceiling_booklets,
        in_force: mandate.is_in_force(today),
    };
    PrescriberJson {
        id: one.id.to_string(),
        code: one.code.to_string(),
        name: one.name.to_string(),
        mandate: last.map(state),
        agents,
        ready: missing.is_empty(),
        missing,
    }
}
