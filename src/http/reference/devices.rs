//! Devices of venues: added and revoked by the venue's own people or the Region, enrolled by whoever holds the one-time code.
//! What never lives here: what they noted without a network (see `acts::offline`).

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Asked;
use crate::auth::Action;
use crate::devices::{public_key, signed};
use crate::domain::code::PassCode;
use crate::domain::device::{CODE_SECONDS, Device};
use crate::domain::ids::{DeviceId, OrganisationId, VenueId};
use crate::domain::text::Label;
use crate::domain::time::Instant;
use crate::domain::visit::{FLOOR_PASSES, HIGHEST_FLOOR_PASSES, enrolment_text};
use crate::http::app::App;
use crate::http::caller::SignedIn;
use crate::http::envelope::{Body, List};
use crate::http::problem::Problem;
use crate::http::session::address;
use crate::store::Reads;

/// A device to be added to a venue.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewDevice {
    /// What people call it.
    #[schema(value_type = String, example = "Tablette de l'accueil")]
    label: Label,
    /// Passes that it may take in one redemption without a network, 1 to 20; 10 when not said.
    #[serde(default)]
    #[schema(example = 10)]
    floor_passes: Option<i64>,
}

/// A device as shown.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct DeviceJson {
    #[schema(value_type = String, format = "uuid")]
    id: DeviceId,
    #[schema(value_type = String, format = "uuid")]
    venue_id: VenueId,
    #[schema(value_type = String, example = "Tablette de l'accueil")]
    label: Label,
    /// `waiting` for its code to be used, `lapsed` when that was not in time, `active`, or `revoked`.
    #[schema(example = "active")]
    state: &'static str,
    #[schema(example = 10)]
    floor_passes: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    enrolled_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<String>,
    /// When lines of it last came.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<String>,
    /// The highest counter that came.
    last_counter: i64,
    /// Only in the answer to its addition: to be typed on the device within a quarter of an hour, once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "7K3M-Q9TX-2WHB-5CTW")]
    enrolment_code: Option<String>,
}

impl DeviceJson {
    fn new(device: Device, now: Instant) -> Self {
        Self {
            state: device.state(now).as_str(),
            id: device.id,
            venue_id: device.venue,
            label: device.label,
            floor_passes: device.floor_passes,
            enrolled_at: device.enrolled_at.map(|at| at.to_string()),
            revoked_at: device.revoked_at.map(|at| at.to_string()),
            last_used_at: device.used_at.map(|at| at.to_string()),
            last_counter: device.counter,
            enrolment_code: None,
        }
    }
}

/// The venue's own device, or anybody's for the Region.
pub(in crate::http) fn own(tx: &mut dyn Reads, venue: VenueId, scope: Option<OrganisationId>) -> Result<(), Problem> {
    let unknown = || Problem::new("venue_unknown");
    let venue = tx.venue(venue)?.ok_or_else(unknown)?;
    if scope.is_some_and(|scope| scope != venue.provider) { Err(unknown()) } else { Ok(()) }
}

fn venue_id(text: &str) -> Result<VenueId, Problem> {
    VenueId::parse(text).map_err(|_| Problem::new("venue_unknown"))
}

/// Lists the devices of a venue.
#[utoipa::path(get, path = "/api/v1/venues/{id}/devices", tag = "venue", operation_id = "list_devices",
    summary = "List devices", params(("id" = String, Path, description = "Identifier of the venue")),
    responses((status = 200, description = "Every device, the revoked ones too", body = List<DeviceJson>)))]
pub(in crate::http) async fn list(
    app: web::Data<App>,
    id: web::Path<String>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::EditVenues)?;
    let (venue, scope, now) = (venue_id(&id)?, signed_in.scope(), app.clock.now());
    let devices = app.read(move |tx| {
        own(tx, venue, scope)?;
        Ok(tx.devices(venue)?)
    });
    let items = devices.await?.into_iter().map(|device| DeviceJson::new(device, now)).collect();
    Ok(HttpResponse::Ok().json(List { items, next: None::<String> }))
}

/// Adds a device to a venue. The answer shows its one-time code, and nothing else ever does.
#[utoipa::path(post, path = "/api/v1/venues/{id}/devices", tag = "venue", operation_id = "add_device",
    summary = "Add a device", request_body = NewDevice,
    params(("id" = String, Path, description = "Identifier of the venue")),
    responses((status = 201, description = "Added; its code is to be typed within a quarter of an hour", body = DeviceJson)))]
pub(in crate::http) async fn add(
    app: web::Data<App>,
    id: web::Path<String>,
    asked: Asked<NewDevice>,
) -> Result<HttpResponse, Problem> {
    let (venue, scope, now) = (venue_id(&id)?, asked.signed_in.scope(), app.clock.now());
    let floor_passes = asked.body.floor_passes.unwrap_or(FLOOR_PASSES);
    if !(1..=HIGHEST_FLOOR_PASSES).contains(&floor_passes) {
        return Err(Problem::out_of_range("floor_passes", 1, HIGHEST_FLOOR_PASSES));
    }
    let mut random = [0; 9];
    app.entropy.fill(&mut random);
    let code = PassCode::from_random(&random);
    let device = Device {
        id: DeviceId::new(app.entropy.uuid(now)),
        venue,
        label: asked.body.label,
        floor_passes,
        added_by: asked.signed_in.caller.actor().user,
        added_at: now,
        code_mac: app.keys.code_mac(&code),
        code_until: now.plus_seconds(CODE_SECONDS),
        public_key: None,
        enrolled_at: None,
        revoked_at: None,
        used_at: None,
        counter: 0,
    };
    let new = device.clone();
    app.write(move |tx| {
        own(tx, venue, scope)?;
        Ok(tx.insert_device(&new)?)
    })
    .await?;
    let shown = DeviceJson { enrolment_code: Some(code.grouped()), ..DeviceJson::new(device, now) };
    Ok(HttpResponse::build(StatusCode::CREATED).json(shown))
}

/// The key of a device, and that whoever sends it holds the code and the key.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct EnrolmentBody {
    /// The one-time code as the venue was shown it.
    #[schema(value_type = String, example = "7K3M-Q9TX-2WHB-5CTW")]
    code: PassCode,
    /// Ed25519, 64 hexadecimal digits in lower case.
    #[schema(example = "ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c")]
    public_key: String,
    /// By this key, of the lines `recepisse-enrolment-1`, the code in groups of four and the public key; 128 hexadecimal digits.
    signature: String,
}

/// Enrols a device with its one-time code. Nobody signs in: the code is the right to do this, once.
#[utoipa::path(post, path = "/api/v1/devices/enrolments", tag = "venue", operation_id = "enrol_device", security(()),
    summary = "Enrol a device", request_body = EnrolmentBody,
    responses((status = 200, description = "Enrolled: it signs what it notes from now on", body = DeviceJson)))]
pub(in crate::http) async fn enrol(
    app: web::Data<App>,
    request: HttpRequest,
    body: Body<EnrolmentBody>,
) -> Result<HttpResponse, Problem> {
    if let Some(from) = address(&request) {
        app.limits.sign_in(from)?;
    }
    let Body(EnrolmentBody { code, public_key: key, signature }) = body;
    let trusted = public_key(&key).map_err(|malformed| Problem::from(malformed).field("public_key"))?;
    if !signed(&trusted, &enrolment_text(&code.grouped(), &key), &signature) {
        return Err(Problem::new("signature_invalid").field("signature"));
    }
    let (mac, now) = (app.keys.code_mac(&code), app.clock.now());
    let device = app.write(move |tx| {
        let unknown = || Problem::new("enrolment_code_unknown").field("code");
        let device = tx.device_by_code(&mac)?.and_then(|device| device.enrolled(key, now)).ok_or_else(unknown)?;
        if tx.enrol_device(&device)? { Ok(device) } else { Err(unknown()) }
    });
    Ok(HttpResponse::Ok().json(DeviceJson::new(device.await?, now)))
}

/// Revokes a device for ever: nothing that it signed is believed from now on. Asked again, it answers the same.
#[utoipa::path(post, path = "/api/v1/devices/{id}/revocation", tag = "venue", operation_id = "revoke_device",
    summary = "Revoke a device", params(("id" = String, Path, description = "Identifier of the device")),
    responses((status = 200, description = "Revoked", body = DeviceJson)))]
pub(in crate::http) async fn revoke(
    app: web::Data<App>,
    id: web::Path<String>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::EditVenues)?;
    let unknown = || Problem::new("device_unknown");
    let id = DeviceId::parse(&id).map_err(|_| unknown())?;
    let (scope, now) = (signed_in.scope(), app.clock.now());
    let device = app.write(move |tx| {
        let device = tx.device(id)?.ok_or_else(unknown)?;
        own(tx, device.venue, scope).map_err(|_| unknown())?;
        let revoked = Device { revoked_at: device.revoked_at.or(Some(now)), ..device };
        tx.revoke_device(&revoked)?;
        Ok(revoked)
    });
    Ok(HttpResponse::Ok().json(DeviceJson::new(device.await?, now)))
}
