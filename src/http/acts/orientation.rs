//! Where a person is told to go: read from a request, held against the registry and the venues, and told on the paper, or on the
//! letter with what is nearest where nothing was chosen. What never lives here: whether the programme asks for it (a rule), or
//! whether they went (a report).

use actix_web::web;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::app::App;
use super::super::problem::Problem;
use super::replayed;
use crate::documents::PHONE;
use crate::domain::ids::{PlaceId, VenueId};
use crate::domain::orientation::Orientation;
use crate::domain::party::{Service, Venue};
use crate::domain::places::directory::{Around, Directory, Wish};
use crate::domain::places::session::Session;
use crate::domain::places::{Place, Sheet, State};
use crate::domain::programme::Programme;
use crate::domain::territory::{self, CommuneCode};
use crate::domain::time::Day;
use crate::ledger::RequestKey;
use crate::store::Reads;

/// Where the person is told to go, and what for: a place of the registry or a venue, a need, or both.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct OrientationBody {
    /// A published place of the registry.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "uuid")]
    place_id: Option<PlaceId>,
    /// A venue where passes are spent.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "uuid")]
    venue_id: Option<VenueId>,
    /// A service of the national standard, such as `aide_aux_demarches_administratives`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "aide_aux_demarches_administratives")]
    need: Option<Service>,
}

/// An orientation, and the lines that the paper shows of it.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) orientation: Orientation,
    pub(super) lines: Vec<String>,
}

impl OrientationBody {
    /// What the registry and the venues know of it today.
    pub(super) fn told(self, tx: &mut (impl Reads + ?Sized), today: Day) -> Result<Told, Problem> {
        let Self { place_id, venue_id, need } = self;
        let orientation = match (place_id, venue_id, need) {
            (Some(_), Some(_), _) | (None, None, None) => {
                let detail = "orientation : place_id ou venue_id, ou need seul";
                return Err(Problem::new("body_malformed").about("detail", detail).field("orientation"));
            }
            (Some(id), None, _) => {
                let place = shown_place(tx, id)?.ok_or(Problem::new("place_unknown").field("orientation.place_id"))?;
                Orientation { place: Some(id), venue: place.venue, need }
            }
            (None, Some(id), _) => {
                let unknown = || Problem::new("venue_unknown").field("orientation.venue_id");
                tx.venue(id)?.filter(|venue| venue.active && venue.approved).ok_or_else(unknown)?;
                Orientation { place: tx.place_of_venue(id)?, venue: Some(id), need }
            }
            (None, None, _) => Orientation { place: None, venue: None, need },
        };
        let lines = lines(tx, orientation, today)?;
        Ok(Told { orientation, lines })
    }
}

fn shown_place(tx: &mut (impl Reads + ?Sized), id: PlaceId) -> Result<Option<Place>, Problem> {
    Ok(tx.place(id)?.filter(|place| place.state == State::Published))
}

/// Where the person is told to go. A request that was answered before is answered again, whatever became of the place.
pub(super) async fn told(
    app: &web::Data<App>,
    programme: &Programme,
    (asked, key): (Option<OrientationBody>, Option<&RequestKey>),
) -> Result<Option<Told>, Problem> {
    let Some(asked) = asked else { return Ok(None) };
    let today = app.clock.now().day();
    match app.read(move |tx| asked.told(tx, today)).await {
        Ok(told) => Ok(Some(told)),
        Err(_) if replayed(app, programme, key).await?.is_some() => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// How far what is nearest may be, in metres.
const NEAREST_METRES: i64 = 50_000;
/// How many of the nearest a letter names.
const NEAREST: usize = 3;

/// The venues nearest to a commune that take passes of the programme, for this need if one of them serves it; each in a line.
pub(in crate::http) fn nearest(
    directory: &Directory,
    programme: &Programme,
    (commune, need): (CommuneCode, Option<Service>),
) -> Vec<String> {
    let find = |need: Option<Service>| {
        let wish = Wish {
            commune: territory::commune(&commune),
            around: Around::Metres(NEAREST_METRES),
            services: need.into_iter().collect(),
            accepts: true,
            programme: Some(programme.code.clone()),
            ..Wish::default()
        };
        let found = directory.find(&wish).into_iter().take(NEAREST);
        found.map(|found| format!("{}.", address_of(&found.listed.sheet))).collect::<Vec<String>>()
    };
    let fitting = find(need);
    if fitting.is_empty() && need.is_some() { find(None) } else { fitting }
}

/// Address, opening hours and next session, as far as the registry knows them; then the need.
pub(in crate::http) fn lines(
    tx: &mut (impl Reads + ?Sized),
    orientation: Orientation,
    today: Day,
) -> Result<Vec<String>, Problem> {
    let mut lines = Vec::new();
    let place = orientation.place.map(|id| shown_place(tx, id)).transpose()?.flatten();
    if let Some(place) = &place {
        lines.extend(of_place(place));
        let ahead = tx.sessions_from(today, Some(place.id))?.into_iter().find(|session| !session.cancelled);
        lines.extend(ahead.as_ref().map(of_session));
    } else if let Some(venue) = orientation.venue.map(|id| tx.venue(id)).transpose()?.flatten() {
        lines.push(of_venue(&venue));
    }
    lines.extend(orientation.need.map(|need| format!("Pour : {}.", need.label())));
    Ok(lines)
}

fn of_place(place: &Place) -> Vec<String> {
    let hours = place.sheet.opening_hours.as_ref().map(|hours| format!("Ouvert : {}.", hours.french()));
    [format!("Où aller : {}.", address_of(&place.sheet))].into_iter().chain(hours).collect()
}

fn address_of(sheet: &Sheet) -> String {
    let address = [Some(&sheet.address), sheet.address_complement.as_ref()].into_iter().flatten();
    let address = address.map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let phone = sheet.phones.first().map(|phone| format!(", {PHONE} {phone}")).unwrap_or_default();
    format!("{}, {address}, {} {}{phone}", sheet.name, sheet.postal_code, sheet.commune_name)
}

fn of_session(session: &Session) -> String {
    let commune = territory::commune(&session.commune).map(|commune| commune.name).unwrap_or_default();
    let Session { day, starts, ends, address, .. } = session;
    format!("Prochaine permanence : le {}, de {starts} à {ends}, {address}, {commune}.", day.french())
}

fn of_venue(venue: &Venue) -> String {
    let commune = territory::commune(&venue.commune).map(|commune| commune.name).unwrap_or_default();
    let street = venue.address.as_ref().map(|address| format!("{address}, ")).unwrap_or_default();
    format!("Où aller : {}, {street}{commune}.", venue.name)
}
