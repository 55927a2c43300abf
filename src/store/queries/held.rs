//! What statistics keep of a person, read back for whoever asks what is held of them. What never lives here: its deletion
//! (`erasure`).

use diesel::prelude::{ExpressionMethods, QueryDsl, RunQueryDsl};

use super::super::super::erasure_doors::HeldHandOut;
use super::super::super::error::StoreError;
use super::super::super::schema::hand_outs;
use super::Conn;
use crate::domain::ids::{PlaceId, ProgrammeNo, VenueId};
use crate::domain::orientation::Orientation;
use crate::domain::party::Service;
use crate::domain::sex::Sex;
use crate::domain::stock::CodeMac;
use crate::domain::time::Day;

/// A place, a venue and a need.
pub(super) type OrientationColumns = (Option<String>, Option<String>, Option<String>);

pub(super) fn orientation((place, venue, need): OrientationColumns) -> Result<Option<Orientation>, StoreError> {
    if place.is_none() && venue.is_none() && need.is_none() {
        return Ok(None);
    }
    Ok(Some(Orientation {
        place: place.as_deref().map(PlaceId::parse).transpose()?,
        venue: venue.as_deref().map(VenueId::parse).transpose()?,
        need: need.as_deref().map(Service::parse).transpose()?,
    }))
}

/// What statistics keep of a person's hand-outs.
pub(super) fn hand_outs_of(
    conn: &mut Conn,
    programme: ProgrammeNo,
    person: &CodeMac,
) -> Result<Vec<HeldHandOut>, StoreError> {
    type Columns = (
        (String, String, String, String),
        (Option<String>, Option<String>),
        (String, String, Option<String>, Option<String>),
        OrientationColumns,
        (i64, i64),
    );
    let rows: Vec<Columns> = hand_outs::table
        .filter(hand_outs::programme_no.eq(programme.0))
        .filter(hand_outs::fingerprint.eq(person.as_slice()))
        .order(hand_outs::position)
        .select((
            (hand_outs::number, hand_outs::day, hand_outs::ground, hand_outs::rule_version),
            (hand_outs::proof_kind, hand_outs::proof_issued_on),
            (hand_outs::age_band, hand_outs::commune, hand_outs::neighbourhood, hand_outs::sex),
            (hand_outs::oriented_place, hand_outs::oriented_venue, hand_outs::need),
            (hand_outs::booklets, hand_outs::passes),
        ))
        .load(conn)?;
    let read =
        |(named, (proof_kind, issued), (age_band, commune, neighbourhood, sex), told, (booklets, passes)): Columns| {
            let (number, day, ground, rule_version) = named;
            let (day, proof_issued_on) = (Day::parse(&day)?, issued.as_deref().map(Day::parse).transpose()?);
            Ok(HeldHandOut {
                number,
                day,
                ground,
                rule_version,
                proof_kind,
                proof_issued_on,
                age_band,
                commune,
                neighbourhood,
                sex: sex.as_deref().map(Sex::parse).transpose()?,
                orientation: orientation(told)?,
                booklets,
                passes,
            })
        };
    rows.into_iter().map(read).collect()
}
