//! The conditions under which a device may take passes without a network, and what is left of its day. What never lives here: a
//! limit (see `domain::offline`), or a line (see `acts::offline`).

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::app::App;
use super::super::caller::SignedIn;
use super::super::envelope::query;
use super::super::problem::Problem;
use super::super::reference::devices::own;
use crate::auth::Action;
use crate::domain::device::Device;
use crate::domain::ids::DeviceId;
use crate::domain::offline::{OfflineRules, Taken};
use crate::domain::time::Instant;

/// Of which device.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ConditionsQuery {
    #[param(value_type = String, format = "uuid")]
    device_id: DeviceId,
}

/// Passes and what they are worth.
#[derive(Debug, Serialize, ToSchema)]
struct TakenJson {
    passes: i64,
    value_cents: i64,
}

impl From<Taken> for TakenJson {
    fn from(taken: Taken) -> Self {
        Self { passes: taken.passes, value_cents: taken.value.get() }
    }
}

/// What the device may take without a network. Days are those of its clock, in Europe/Paris.
#[derive(Debug, Serialize, ToSchema)]
struct OfflineConditions {
    #[schema(value_type = String, format = "uuid")]
    device_id: DeviceId,
    /// Only what an `active` device signs is believed.
    #[schema(example = "active")]
    state: &'static str,
    /// Our clock, for the device to set its own by.
    #[schema(example = "2026-11-26T09:30:00.000Z")]
    server_time: String,
    /// The highest counter that came: the next line has a higher one.
    last_counter: i64,
    /// Passes of one redemption.
    #[schema(example = 10)]
    floor_passes: i64,
    /// Passes of one day.
    #[schema(example = 60)]
    device_day_passes: i64,
    /// Their face value, in cents.
    #[schema(example = 60_000)]
    device_day_cents: i64,
    /// Passes of one booklet in a day, taken by all devices together.
    #[schema(example = 10)]
    booklet_day_passes: i64,
    /// Hours from the scan until the line is with us.
    #[schema(example = 72)]
    max_offline_hours: u32,
    /// What came of today so far.
    taken_today: TakenJson,
    /// What may still be taken today, by what came so far.
    left_today: TakenJson,
}

impl OfflineConditions {
    fn new(device: &Device, rules: OfflineRules, taken: Taken, now: Instant) -> Self {
        Self {
            device_id: device.id,
            state: device.state(now).as_str(),
            server_time: now.to_string(),
            last_counter: device.counter,
            floor_passes: device.floor_passes,
            device_day_passes: rules.device_day_passes,
            device_day_cents: rules.device_day_cents,
            booklet_day_passes: rules.booklet_day_passes,
            max_offline_hours: rules.max_offline_hours,
            taken_today: taken.into(),
            left_today: taken.left_of(rules).into(),
        }
    }
}

/// How much a device may take without a network, and how much it has taken today.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/offline-conditions", tag = "venue",
    params(("programme" = String, Path), ConditionsQuery),
    responses((status = 200, description = "The conditions of the device", body = OfflineConditions)))]
pub(in crate::http) async fn conditions(
    app: web::Data<App>,
    path: web::Path<String>,
    signed_in: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::EditVenues)?;
    let programme = signed_in.programme(&app, &path).await?;
    let ConditionsQuery { device_id } = query(&request)?;
    let (scope, now, no) = (signed_in.scope(), app.clock.now(), programme.no);
    let shown = app.read(move |tx| {
        let unknown = || Problem::new("device_unknown").field("device_id");
        let device = tx.device(device_id)?.ok_or_else(unknown)?;
        own(tx, device.venue, scope).map_err(|_| unknown())?;
        let today = (device.id, now.day());
        let rules = tx.offline_rules(no)?.unwrap_or_default().0;
        let taken = tx.taken_by_devices(no, &BTreeSet::from([today]))?.remove(&today).unwrap_or_default();
        Ok(OfflineConditions::new(&device, rules, taken, now))
    });
    Ok(HttpResponse::Ok().json(shown.await?))
}
