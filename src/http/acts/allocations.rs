//! Allocation of booklets among prescribers: simulated, then applied in one act; and what goes from one prescriber to
//! another.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::app::App;
use super::super::envelope::{ActRequest, Asked as Question};
use super::super::problem::Problem;
use super::{Asked, DryRun, Recorded, facts_for, record};
use crate::domain::allocation::{Allocate, Ground, Key, ReallocationReason, Sending, Share, Weighting};
use crate::domain::custody::{basis, held_and_awaited};
use crate::domain::facts::{Facts, Needs};
use crate::domain::ids::OrganisationId;
use crate::domain::party::{Holder, Organisation, OrganisationKind};
use crate::domain::programme::Programme;
use crate::domain::territory::{self, CommuneCode};
use crate::domain::text::Reference;
use crate::domain::time::Day;
use crate::store::Reads;

/// One prescriber of an allocation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct AllocatedBody {
    #[schema(value_type = String, format = "uuid")]
    prescriber_id: OrganisationId,
    /// What the rest is shared by. Not needed by `equal`, nor by `population` where communes are named.
    #[serde(default)]
    #[schema(example = 30_000)]
    weight: Option<u64>,
    /// INSEE codes of the communes served: by `population` their legal population counts; that of the prescriber's seat when
    /// neither weight nor communes are given.
    #[serde(default)]
    #[schema(value_type = Vec<String>, example = json!(["59392"]))]
    communes: BTreeSet<CommuneCode>,
}

/// How many booklets each prescriber gets.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct AllocationBody {
    /// Only booklets of this order.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    order: Option<Reference>,
    /// In all.
    #[schema(example = 500)]
    booklets: u32,
    /// For each, before the rest is shared by weight.
    #[serde(default)]
    #[schema(example = 10)]
    fixed_booklets: u32,
    /// `equal`, `population`, `qpv` or `other`.
    #[schema(value_type = String, example = "population")]
    weighting: Weighting,
    prescribers: Vec<AllocatedBody>,
}

/// What one prescriber would get, and whether its mandate allows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AllocationShare)]
struct ShareJson {
    prescriber_id: String,
    #[schema(example = "MAUB")]
    code: String,
    #[schema(example = "CCAS de Maubeuge")]
    name: String,
    weight: u64,
    fixed_booklets: i64,
    weighted_booklets: i64,
    booklets: i64,
    /// What it has, with what is on its way.
    held_booklets: i64,
    /// What its mandate allows in all; nothing where none is in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    ceiling_booklets: Option<i64>,
    /// Whether the act would be granted for it.
    fits: bool,
}

/// What an allocation would give.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AllocationSimulation)]
struct SimulationJson {
    booklets: i64,
    shares: Vec<ShareJson>,
}

fn unknown_prescriber() -> Problem {
    Problem::new("prescriber_unknown").field("prescribers")
}

/// The weight of a prescriber: what is said, else the people of the communes that it serves.
fn weight(weighting: Weighting, body: &AllocatedBody, organisation: &Organisation) -> Result<u64, Problem> {
    let people = |code: &CommuneCode| territory::commune(code).map(|commune| u64::from(commune.population));
    match (weighting, body.weight) {
        (Weighting::Equal, _) => Ok(1),
        (_, Some(weight)) => Ok(weight),
        (Weighting::Population, None) if body.communes.is_empty() => Ok(people(&organisation.commune).unwrap_or(0)),
        (Weighting::Population, None) => {
            let unknown = |code| Problem::new("commune_unknown").about("detail", code).field("prescribers");
            body.communes.iter().map(|code| people(code).ok_or_else(|| unknown(code))).sum()
        }
        (Weighting::Qpv | Weighting::Other, None) => Err(Problem::new("weight_missing").field("prescribers")),
    }
}

fn key(tx: &mut (impl Reads + ?Sized), body: &AllocationBody) -> Result<Key, Problem> {
    let mut weights = Vec::with_capacity(body.prescribers.len());
    for named in &body.prescribers {
        let organisation = tx.organisation(named.prescriber_id)?.ok_or_else(unknown_prescriber)?;
        weights.push((organisation.id, organisation.code.clone(), weight(body.weighting, named, &organisation)?));
    }
    Ok(Key { booklets: body.booklets, fixed: body.fixed_booklets, weighting: body.weighting, weights })
}

/// What a key would give to each, and whether it may have it. Nothing is written.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/allocations/simulation", tag = "reference",
    request_body = AllocationBody, params(("programme" = String, Path)),
    responses((status = 200, description = "Who would get how many", body = SimulationJson)))]
pub(in crate::http) async fn simulate(
    app: web::Data<App>,
    path: web::Path<String>,
    asked: Question<AllocationBody>,
) -> Result<HttpResponse, Problem> {
    let programme = asked.signed_in.programme(&app, &path).await?;
    let (body, today) = (asked.body, app.clock.now().day());
    let shares = app
        .read(move |tx| {
            let plan = key(tx, &body)?.plan()?;
            let facts = custody(tx, &programme, &plan)?;
            plan.iter().map(|share| simulated(&facts, share, today)).collect::<Result<Vec<_>, Problem>>()
        })
        .await?;
    let booklets = shares.iter().map(|share| share.booklets).sum();
    Ok(HttpResponse::Ok().json(SimulationJson { booklets, shares }))
}

/// What these prescribers have, may have, and wait for.
fn custody(tx: &mut dyn Reads, programme: &Programme, plan: &[Share]) -> Result<Facts, Problem> {
    let ids: BTreeSet<OrganisationId> = plan.iter().map(|share| share.prescriber).collect();
    let needs = Needs { custody_of: ids.clone(), receivers: ids, ..Needs::default() };
    let mut facts = facts_for(tx, programme.no, &needs)?;
    let mut holders: BTreeSet<Holder> = facts.dispatches.iter().map(|(number, _)| Holder::Transit(*number)).collect();
    holders.extend(plan.iter().map(|share| Holder::Prescriber(share.code.clone())));
    facts.holdings = tx.holdings_of(programme.no, &holders)?;
    Ok(facts)
}

fn simulated(facts: &Facts, share: &Share, today: Day) -> Result<ShareJson, Problem> {
    let prescribes = |known: &&Organisation| known.active && known.kinds.contains(&OrganisationKind::Prescriber);
    let organisation = facts.organisations.get(&share.prescriber).filter(prescribes).ok_or_else(unknown_prescriber)?;
    let (held, cents) = held_and_awaited(facts, &Holder::Prescriber(share.code.clone()));
    let mandate = basis(facts, organisation, today).ok();
    let after = held.saturating_add(share.booklets());
    let fits = mandate.is_some_and(|mandate| after <= mandate.ceiling_booklets && cents <= mandate.ceiling.get());
    Ok(ShareJson {
        prescriber_id: share.prescriber.to_string(),
        code: share.code.to_string(),
        name: organisation.name.to_string(),
        weight: share.weight,
        fixed_booklets: share.fixed,
        weighted_booklets: share.weighted,
        booklets: share.booklets(),
        held_booklets: held,
        ceiling_booklets: mandate.map(|mandate| mandate.ceiling_booklets),
        fits,
    })
}

/// Allocate booklets of the store among prescribers by a key: one receipt, one sending for each, in transit until accepted.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/allocations", tag = "custody",
    request_body = AllocationBody, params(("programme" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn allocate(
    app: web::Data<App>,
    path: web::Path<String>,
    request: ActRequest<AllocationBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path).await?;
    let ActRequest { signed_in, body, key: request_key, dry_run } = request;
    let act = app.read(move |tx| Ok(Allocate::by_key(&key(tx, &body)?, body.order)?)).await?;
    let asked = Asked { app: &app, signed_in: &signed_in, programme: &programme, key: request_key, dry_run };
    record(asked, act).await
}

/// Booklets of one prescriber for another.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct MoveBody {
    #[schema(value_type = String, format = "uuid")]
    from_prescriber_id: OrganisationId,
    #[schema(value_type = String, format = "uuid")]
    to_prescriber_id: OrganisationId,
    #[schema(example = 12)]
    booklets: u32,
}

/// What goes from prescriber to prescriber, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ReallocationBody {
    /// Only booklets of this order.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    order: Option<Reference>,
    moves: Vec<MoveBody>,
    /// `dormant_stock`, `end_of_validity`, `need` or `end_of_mandate`.
    #[schema(value_type = String, example = "dormant_stock")]
    reason: ReallocationReason,
}

/// Reallocate booklets between prescribers, as many moves as it takes, by one receipt.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/reallocations", tag = "custody",
    request_body = ReallocationBody, params(("programme" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn reallocate(
    app: web::Data<App>,
    path: web::Path<String>,
    request: ActRequest<ReallocationBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path).await?;
    let ActRequest { signed_in, body, key, dry_run } = request;
    let ReallocationBody { order, moves, reason } = body;
    let sendings = app
        .read(move |tx| {
            let sending = |one: &MoveBody| {
                let giver = tx.organisation(one.from_prescriber_id)?.ok_or_else(unknown_prescriber)?;
                let (to, booklets) = (one.to_prescriber_id, one.booklets);
                Ok(Sending { from: Holder::Prescriber(giver.code), to, booklets })
            };
            moves.iter().map(sending).collect::<Result<Vec<Sending>, Problem>>()
        })
        .await?;
    let act = Allocate { sendings, order, ground: Ground::Reallocation(reason) };
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}
