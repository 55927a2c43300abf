//! Devices of venues.

use diesel::prelude::{Insertable, Queryable, Selectable};

use super::super::error::StoreError;
use super::super::schema::devices;
use super::corrupt;
use crate::domain::device::Device;
use crate::domain::ids::{DeviceId, UserId, VenueId};
use crate::domain::text::Label;
use crate::domain::time::Instant;

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = devices, treat_none_as_default_value = false)]
pub(in crate::store) struct DeviceRow {
    id: String,
    venue_id: String,
    label: String,
    floor_passes: i64,
    added_by: String,
    added_millis: i64,
    code_mac: Vec<u8>,
    code_until_millis: i64,
    public_key: Option<String>,
    enrolled_millis: Option<i64>,
    revoked_millis: Option<i64>,
    used_millis: Option<i64>,
    counter: i64,
}

impl From<&Device> for DeviceRow {
    fn from(device: &Device) -> Self {
        Self {
            id: device.id.to_string(),
            venue_id: device.venue.to_string(),
            label: device.label.to_string(),
            floor_passes: device.floor_passes,
            added_by: device.added_by.to_string(),
            added_millis: device.added_at.millis(),
            code_mac: device.code_mac.to_vec(),
            code_until_millis: device.code_until.millis(),
            public_key: device.public_key.clone(),
            enrolled_millis: device.enrolled_at.map(Instant::millis),
            revoked_millis: device.revoked_at.map(Instant::millis),
            used_millis: device.used_at.map(Instant::millis),
            counter: device.counter,
        }
    }
}

impl TryFrom<DeviceRow> for Device {
    type Error = StoreError;
    fn try_from(row: DeviceRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: DeviceId::parse(&row.id)?,
            venue: VenueId::parse(&row.venue_id)?,
            label: Label::parse(&row.label)?,
            floor_passes: row.floor_passes,
            added_by: UserId::parse(&row.added_by)?,
            added_at: Instant::from_millis(row.added_millis),
            code_mac: row.code_mac.try_into().map_err(|_| corrupt("the digest of a device's code"))?,
            code_until: Instant::from_millis(row.code_until_millis),
            public_key: row.public_key,
            enrolled_at: row.enrolled_millis.map(Instant::from_millis),
            revoked_at: row.revoked_millis.map(Instant::from_millis),
            used_at: row.used_millis.map(Instant::from_millis),
            counter: row.counter,
        })
    }
}
