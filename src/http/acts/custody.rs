//! Dispatches, returns and their acceptance.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::app::App;
use super::super::envelope::ActRequest;
use super::super::problem::Problem;
use super::{Asked, DryRun, RangeBody, Recorded, booklet_ids, record};
use crate::domain::acceptance::Accept;
use crate::domain::custody::{ReturnBooklets, ReturnReason, Selection, SendBooklets, sender};
use crate::domain::facts::Pick;
use crate::domain::ids::{BookletId, OrganisationId};
use crate::domain::party::Holder;
use crate::domain::programme::Programme;
use crate::domain::serial::BookletSerial;
use crate::domain::text::Reference;

/// Which booklets: a count (lowest serials first, of one order if named), or serials and ranges.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct SelectionBody {
    #[serde(default)]
    #[schema(example = 40)]
    count: Option<u32>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    order: Option<Reference>,
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    serials: Vec<BookletSerial>,
    #[serde(default)]
    ranges: Vec<RangeBody>,
}

impl SelectionBody {
    fn selection(self, programme: &Programme) -> Result<Selection, Problem> {
        let named = !(self.serials.is_empty() && self.ranges.is_empty());
        match (self.count, named) {
            (Some(booklets), false) => Ok(Selection::Count { booklets, order: self.order }),
            (None, _) if self.order.is_none() => {
                Ok(Selection::Named(booklet_ids(programme, &self.serials, &self.ranges)?))
            }
            _ => {
                let detail = "count (et order), ou bien serials et ranges";
                Err(Problem::new("body_malformed").about("detail", detail).field("booklets"))
            }
        }
    }
}

/// Booklets for a prescriber.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct DispatchBody {
    #[schema(value_type = String, format = "uuid")]
    prescriber_id: OrganisationId,
    booklets: SelectionBody,
    /// Parcel or delivery-note number of the carrier.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "6A12345678901")]
    carrier_reference: Option<Reference>,
}

/// Send booklets into a prescriber's custody: from the Region's store, or from prescriber to prescriber.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/dispatches", tag = "custody", request_body = DispatchBody,
    params(("programme" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn dispatch(
    app: web::Data<App>,
    path: web::Path<String>,
    request: ActRequest<DispatchBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path).await?;
    let ActRequest { signed_in, body, key, dry_run } = request;
    let act = SendBooklets {
        to: body.prescriber_id,
        booklets: body.booklets.selection(&programme)?,
        carrier_reference: body.carrier_reference,
        from: sender(signed_in.caller.role(), &signed_in.organisation),
    };
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}

/// Booklets for the Region.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ReturnBody {
    booklets: SelectionBody,
    #[schema(value_type = String, example = "unused")]
    reason: ReturnReason,
}

/// Send unused booklets back to the Region; in transit until the Region accepts them.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/returns", tag = "custody", request_body = ReturnBody,
    params(("programme" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn give_back(
    app: web::Data<App>,
    path: web::Path<String>,
    request: ActRequest<ReturnBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path).await?;
    let ActRequest { signed_in, body, key, dry_run } = request;
    let act = ReturnBooklets {
        booklets: body.booklets.selection(&programme)?,
        reason: body.reason,
        from: sender(signed_in.caller.role(), &signed_in.organisation),
    };
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}

/// What was received. Without `accepted`, everything in transit but the missing and the damaged.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct AcceptanceBody {
    /// Only these; the rest stays in transit.
    #[serde(default)]
    accepted: Option<AcceptedBody>,
    /// Not there: they stay in transit.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    missing: Vec<BookletSerial>,
    /// There but unusable: blocked at once.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    damaged: Vec<BookletSerial>,
}

/// Booklets by serial and range.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct AcceptedBody {
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    serials: Vec<BookletSerial>,
    #[serde(default)]
    ranges: Vec<RangeBody>,
}

/// Countersign a dispatch or a return, whole or in part.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/dispatches/{number}/acceptance", tag = "custody",
    request_body = AcceptanceBody, params(("programme" = String, Path), ("number" = i64, Path, example = 7)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn accept(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: ActRequest<AcceptanceBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path.0).await?;
    let ActRequest { signed_in, body, key, dry_run } = request;
    let number = path.1.parse().map_err(|_| Problem::new("dispatch_unknown").about("dispatch", &path.1))?;
    let accepted = match body.accepted {
        Some(accepted) => Some(booklet_ids(&programme, &accepted.serials, &accepted.ranges)?),
        None => None,
    };
    let act = Accept {
        dispatch: number,
        in_transit: in_transit(&app, &programme, number).await?,
        accepted,
        missing: booklet_ids(&programme, &body.missing, &[])?,
        damaged: booklet_ids(&programme, &body.damaged, &[])?,
        receiver: sender(signed_in.caller.role(), &signed_in.organisation),
    };
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}

async fn in_transit(app: &App, programme: &Programme, number: i64) -> Result<Vec<BookletId>, Problem> {
    let no = programme.no;
    app.read(move |tx| {
        let known = tx.dispatches_among(no, &BTreeSet::from([number]))?;
        let count = known.first().map_or(0, |dispatch| u32::try_from(dispatch.booklets).unwrap_or(u32::MAX));
        let pick = Pick { holder: Holder::Transit(number), order: None, count };
        Ok(tx.pick(no, &pick, None)?.into_iter().map(|booklet| booklet.id).collect())
    })
    .await
}
