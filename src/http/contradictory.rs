//! The contradictory statement of an order: what the register says, what its issuer says, and each pass on which they differ.
//! What never lives here: a figure (see `reports`), or how a page looks (see `documents`).

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::acts::supply::order_number;
use super::app::App;
use super::caller::SignedIn;
use super::documents::{Form, accepted};
use super::envelope::query;
use super::problem::Problem;
use super::statements::{answer, day_asked, heading, read};
use crate::auth::Action;
use crate::documents::{Compared, ComparedList, ComparedOrder, ComparedPass, Statement};
use crate::domain::contradiction::PassState;
use crate::domain::money::Cents;
use crate::domain::programme::Programme;
use crate::domain::time::Day;
use crate::reports::{self, Contradiction, Count, OrderDifference, OrderEnd, Request, Told};
use crate::store::Reads;

/// On which day, and what the issuer says.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ContradictoryQuery {
    /// The last business day that counts; today when not said.
    #[param(value_type = Option<String>, example = "2028-02-06")]
    as_of: Option<Day>,
    /// Passes that the issuer has delivered, by its own account; so with the others. What is not said here is what its last list
    /// says.
    issuer_printed: Option<i64>,
    issuer_used: Option<i64>,
    issuer_paid: Option<i64>,
    issuer_unused: Option<i64>,
    issuer_to_credit: Option<i64>,
    issuer_credited: Option<i64>,
}

/// A figure as each party has it.
#[derive(Debug, Serialize, ToSchema)]
struct ComparedJson {
    #[schema(example = "to_credit")]
    figure: &'static str,
    #[schema(example = "Périmés ou détruits sans usage, à rendre par avoir")]
    label: &'static str,
    passes: i64,
    value_cents: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer_passes: Option<i64>,
    /// What the register says less what the issuer says.
    #[serde(skip_serializing_if = "Option::is_none")]
    gap_passes: Option<i64>,
}

/// What the register and the issuer say of an order.
#[derive(Debug, Serialize, ToSchema)]
struct ContradictoryStatement {
    order: String,
    as_of: String,
    figures: Vec<ComparedJson>,
    /// The last list of the issuer that was held against the ledger.
    #[serde(skip_serializing_if = "Option::is_none")]
    list: Option<OrderListJson>,
    /// The last position of the journal that counts, and the hash there.
    position: i64,
    head: String,
}

/// A list of the issuer, compared.
#[derive(Debug, Serialize, ToSchema)]
struct OrderListJson {
    #[schema(example = "HDF21-HDF-2028-000042")]
    receipt: String,
    stated_on: String,
    file_hash: String,
    listed_passes: i64,
    agreed_passes: i64,
    open_differences: usize,
    differences: Vec<OrderDifferenceJson>,
}

/// A pass on which both differ.
#[derive(Debug, Serialize, ToSchema)]
struct OrderDifferenceJson {
    #[schema(example = "HDF21-000123-10/04")]
    serial: String,
    #[schema(example = "spent_here")]
    gap: &'static str,
    #[schema(example = "paid")]
    ledger_state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "expired")]
    issuer_state: Option<&'static str>,
    ledger_now: &'static str,
    /// The receipt that brought the ledger to what the issuer says.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<String>,
}

impl From<&OrderDifference> for OrderDifferenceJson {
    fn from(one: &OrderDifference) -> Self {
        Self {
            serial: one.serial.clone(),
            gap: one.gap.as_str(),
            ledger_state: one.ledger.as_str(),
            issuer_state: one.issuer.map(PassState::as_str),
            ledger_now: one.now.as_str(),
            decided_by: one.resolved.as_ref().map(|told| told.number.clone()),
        }
    }
}

impl From<&Contradiction> for OrderListJson {
    fn from(list: &Contradiction) -> Self {
        Self {
            receipt: list.told.number.clone(),
            stated_on: list.told.day.to_string(),
            file_hash: list.file_hash.clone(),
            listed_passes: list.listed,
            agreed_passes: list.agreed,
            open_differences: list.open(),
            differences: list.differences.iter().map(Into::into).collect(),
        }
    }
}

impl ContradictoryQuery {
    /// What is not said is what the issuer's list says.
    fn completed(mut self, list: Option<&Contradiction>) -> Self {
        let Some(list) = list else { return self };
        let of = |states: &[PassState]| Some(states.iter().filter_map(|state| list.issuer.get(state)).sum());
        self.issuer_printed = self.issuer_printed.or(Some(list.listed));
        self.issuer_used = self.issuer_used.or(of(&[PassState::Used, PassState::Paid]));
        self.issuer_paid = self.issuer_paid.or(of(&[PassState::Paid]));
        self.issuer_unused = self.issuer_unused.or(of(&[PassState::Unused, PassState::Withdrawn]));
        self.issuer_to_credit = self.issuer_to_credit.or(of(&[PassState::Expired]));
        self.issuer_credited = self.issuer_credited.or(of(&[PassState::Credited]));
        self
    }
}

type Figure = (&'static str, &'static str, Count, Option<i64>);

/// Each figure of the statement, with what the issuer says of it.
fn figures(end: &OrderEnd, issuer: &ContradictoryQuery) -> [Figure; 6] {
    [
        ("printed", "Pris en charge", end.printed, issuer.issuer_printed),
        ("used", "Utilisés", end.started, issuer.issuer_used),
        ("paid", "dont payés aux structures", end.paid, issuer.issuer_paid),
        ("unused", "Ni utilisés ni périmés", end.unused, issuer.issuer_unused),
        ("to_credit", "Périmés ou détruits sans usage, à rendre par avoir", end.to_credit, issuer.issuer_to_credit),
        ("credited", "Déjà rendus par avoir", end.credited, issuer.issuer_credited),
    ]
}

/// The contradictory statement of an order: the register's figures, the issuer's where they are given, the gaps; as JSON, or
/// to be signed by `Accept: text/html` or `application/pdf`.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/orders/{order}/contradictory-statement", tag = "ends",
    params(("programme" = String, Path), ("order" = String, Path), ContradictoryQuery),
    responses((status = 200, description = "The statement", content(
        (ContradictoryStatement = "application/json"), (String = "text/html"), (Vec<u8> = "application/pdf")))))]
pub(super) async fn contradictory(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadWholeProgramme)?;
    let programme = signed_in.programme(&app, &path.0).await?;
    let (number, form) = (order_number(&path.1)?, accepted(&request)?);
    let said = query::<ContradictoryQuery>(&request)?;
    let as_of = day_asked(&app, said.as_of)?;
    let (asked, wanted) = (Request::new(programme.code.clone(), as_of), number.clone());
    let (end, list) = read(&app, move |store| {
        let end = reports::order_end(store, &asked, wanted.as_str())?;
        Ok((end, reports::order_contradiction(store, &asked, wanted.as_str())?))
    })
    .await?;
    let end = end.ok_or_else(|| Problem::new("order_unknown").about("order", &number))?;
    let figures = figures(&end, &said.completed(list.as_ref()));
    if form == Form::Json {
        let json = |(figure, label, count, issuer_passes): Figure| {
            let gap_passes = issuer_passes.map(|issuer| count.passes.saturating_sub(issuer));
            ComparedJson {
                figure,
                label,
                passes: count.passes,
                value_cents: count.value_cents,
                issuer_passes,
                gap_passes,
            }
        };
        return Ok(HttpResponse::Ok().json(ContradictoryStatement {
            order: number.to_string(),
            as_of: as_of.to_string(),
            figures: figures.into_iter().map(json).collect(),
            list: list.as_ref().map(Into::into),
            position: end.position,
            head: end.head,
        }));
    }
    let compared = figures.map(|(_, label, count, issuer_passes)| Compared {
        label,
        passes: count.passes,
        value: Cents::new(count.value_cents),
        issuer_passes,
    });
    let of = programme.clone();
    let statement = app
        .read(move |tx| {
            let heading = heading(tx, &of, (end.position, end.head.clone()), as_of)?;
            let order = compared_order(tx, &of, &end)?;
            Ok(Statement::contradictory(heading, &order, &compared, list.map(compared_list).as_ref()))
        })
        .await?;
    Ok(answer(&statement, form, &format!("{}-etat-contradictoire-{as_of}", programme.code)))
}

fn compared_order(tx: &mut dyn Reads, programme: &Programme, end: &OrderEnd) -> Result<ComparedOrder, Problem> {
    let story = &end.story;
    let order = tx.orders(programme.no)?.into_iter().find(|order| order.id.sequence() == story.sequence);
    let issuer = order.map(|order| tx.organisation(order.issuer)).transpose()?.flatten();
    let told = |told: &Told| told.number.clone();
    Ok(ComparedOrder {
        number: story.number.clone(),
        issuer: issuer.map(|issuer| issuer.name.to_string()).unwrap_or_default(),
        validity_end: story.validity_end,
        grace_end: story.grace_end,
        payment_order: story.payment_order.clone(),
        receipts: story.expiries.iter().chain(&story.credit_notes).map(told).collect(),
    })
}

fn compared_list(list: Contradiction) -> ComparedList {
    let pass = |one: OrderDifference| ComparedPass {
        serial: one.serial,
        gap: one.gap.french(),
        ledger: one.ledger.french(),
        issuer: one.issuer.map(PassState::french),
        resolved: one.resolved.map(|told| told.number),
    };
    ComparedList {
        receipt: list.told.number,
        stated_on: list.told.day,
        file_hash: list.file_hash,
        listed: list.listed,
        agreed: list.agreed,
        differences: list.differences.into_iter().map(pass).collect(),
    }
}
