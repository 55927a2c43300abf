//! Devices of venues, and who spent a pass.

use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
};

use super::super::super::device_doors::{DeviceReads, DeviceWrites, LastUse};
use super::super::super::error::StoreError;
use super::super::super::rows::DeviceRow;
use super::super::super::schema::{devices, receipt_items, receipts};
use super::Conn;
use crate::domain::device::Device;
use crate::domain::ids::{DeviceId, PassId, VenueId};
use crate::domain::movement::Kind;
use crate::domain::time::{Day, Instant};

impl DeviceReads for Conn {
    fn device(&mut self, id: DeviceId) -> Result<Option<Device>, StoreError> {
        let row = devices::table.find(id.to_string()).select(DeviceRow::as_select()).first(self);
        row.optional()?.map(Device::try_from).transpose()
    }

    fn device_by_code(&mut self, code_mac: &[u8; 32]) -> Result<Option<Device>, StoreError> {
        let found = devices::table.filter(devices::code_mac.eq(code_mac.as_slice()));
        found.select(DeviceRow::as_select()).first(self).optional()?.map(Device::try_from).transpose()
    }

    fn devices(&mut self, venue: VenueId) -> Result<Vec<Device>, StoreError> {
        let of_venue = devices::table.filter(devices::venue_id.eq(venue.to_string()));
        let rows: Vec<DeviceRow> = of_venue.order(devices::id).select(DeviceRow::as_select()).load(self)?;
        rows.into_iter().map(Device::try_from).collect()
    }

    fn last_use(&mut self, pass: PassId) -> Result<Option<LastUse>, StoreError> {
        let uses = receipt_items::table.inner_join(receipts::table.on(
            receipts::programme_no.eq(receipt_items::programme_no).and(receipts::position.eq(receipt_items::position)),
        ));
        let of_pass = uses.filter(receipt_items::item.eq(pass.item().0));
        let spent = of_pass.filter(receipts::kind.eq(Kind::Redemption.to_string()));
        let columns = (receipts::number, receipts::office, receipts::day);
        let found: Option<(String, String, String)> =
            spent.order(receipt_items::position.desc()).select(columns).first(self).optional()?;
        let last =
            |(number, office, day): (String, String, String)| Ok(LastUse { number, office, day: Day::parse(&day)? });
        found.map(last).transpose()
    }
}

impl DeviceWrites for Conn {
    fn insert_device(&mut self, device: &Device) -> Result<(), StoreError> {
        diesel::insert_into(devices::table).values(DeviceRow::from(device)).execute(self)?;
        Ok(())
    }

    fn enrol_device(&mut self, device: &Device) -> Result<bool, StoreError> {
        let waiting = devices::table.find(device.id.to_string()).filter(devices::public_key.is_null());
        let key = (
            devices::public_key.eq(device.public_key.as_deref()),
            devices::enrolled_millis.eq(device.enrolled_at.map(Instant::millis)),
        );
        Ok(diesel::update(waiting.filter(devices::revoked_millis.is_null())).set(key).execute(self)? == 1)
    }

    fn revoke_device(&mut self, device: &Device) -> Result<bool, StoreError> {
        let known = devices::table.find(device.id.to_string()).filter(devices::revoked_millis.is_null());
        let revoked = devices::revoked_millis.eq(device.revoked_at.map(Instant::millis));
        Ok(diesel::update(known).set(revoked).execute(self)? == 1)
    }

    fn use_device(&mut self, device: &Device) -> Result<(), StoreError> {
        let known = devices::table.find(device.id.to_string());
        diesel::update(known).set(devices::used_millis.eq(device.used_at.map(Instant::millis))).execute(self)?;
        let lower = devices::table.find(device.id.to_string()).filter(devices::counter.lt(device.counter));
        diesel::update(lower).set(devices::counter.eq(device.counter)).execute(self)?;
        Ok(())
    }
}
