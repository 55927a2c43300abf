//! Devices of venues, who spent a pass, and what devices took without a network.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
};

use super::super::super::cell::{Cell, stored_row};
use super::super::super::device_doors::{DeviceReads, DeviceWrites, LastUse};
use super::super::super::error::StoreError;
use super::super::super::report_doors::Window;
use super::super::super::rows::DeviceRow;
use super::super::super::schema::{devices, offline_rules, offline_uses, receipt_items, receipts};
use super::super::super::stored::{Appended, written_down};
use super::super::writing::Writing;
use super::Conn;
use super::fragment::{among, by_keys, insert_all, sum_of};
use super::rules::{keep_rules, read_rules};
use crate::domain::device::Device;
use crate::domain::ids::{BookletId, DeviceId, PassId, ProgrammeNo, VenueId};
use crate::domain::money::Cents;
use crate::domain::movement::{Kind, Record};
use crate::domain::offline::{OfflineRules, OfflineUse, Taken};
use crate::domain::time::{Day, Instant};

stored_row! {
    struct OfflineUseRow in "offline_uses" {
        programme_no: i64,
        position: i64,
        booklet_id: i64,
        device_id: String,
        scanned_on: String,
        passes: i64,
        value_cents: i64,
    }
}

type OfflineUseColumns = (i64, i64, String, String, i64, i64);

fn read_use(
    (position, booklet, device, day, passes, value): OfflineUseColumns,
) -> Result<(i64, OfflineUse), StoreError> {
    let (device, day) = (DeviceId::parse(&device)?, Day::parse(&day)?);
    let taken = Taken { passes, value: Cents::new(value) };
    Ok((position, OfflineUse { device, day, booklet: BookletId(booklet), taken }))
}

/// Writes down what devices took without a network.
pub(super) fn save_offline_uses(
    out: &mut Writing<'_>,
    programme: ProgrammeNo,
    granted: &[Appended],
) -> Result<(), StoreError> {
    let mut rows = Vec::new();
    for (body, record) in written_down(granted) {
        let Record::TakenOffline(uses) = record else { continue };
        rows.extend(uses.iter().map(|one| OfflineUseRow {
            programme_no: programme.0,
            position: body.position,
            booklet_id: one.booklet.0,
            device_id: one.device.to_string(),
            scanned_on: one.day.to_string(),
            passes: one.taken.passes,
            value_cents: one.taken.value.get(),
        }));
    }
    insert_all(out, &rows)
}

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

    fn offline_rules(&mut self, programme: ProgrammeNo) -> Result<Option<(OfflineRules, i64)>, StoreError> {
        read_rules!(self, offline_rules, programme, "rules of what is taken without a network")
    }

    fn taken_by_devices(
        &mut self,
        programme: ProgrammeNo,
        asked: &BTreeSet<(DeviceId, Day)>,
    ) -> Result<BTreeMap<(DeviceId, Day), Taken>, StoreError> {
        let mut taken = BTreeMap::new();
        // One device brings its lines, of one day or two.
        for (device, day) in asked {
            let of_day = offline_uses::table
                .filter(offline_uses::programme_no.eq(programme.0))
                .filter(offline_uses::device_id.eq(device.to_string()))
                .filter(offline_uses::scanned_on.eq(day.to_string()))
                .group_by(offline_uses::device_id)
                .select((sum_of(offline_uses::passes), sum_of(offline_uses::value_cents)));
            let sums: Option<(i64, i64)> = of_day.first(self).optional()?;
            taken.extend(sums.map(|(passes, value)| ((*device, *day), Taken { passes, value: Cents::new(value) })));
        }
        Ok(taken)
    }

    fn taken_of_booklets(
        &mut self,
        programme: ProgrammeNo,
        booklets: &BTreeSet<BookletId>,
        days: &BTreeSet<Day>,
    ) -> Result<BTreeMap<(BookletId, Day), i64>, StoreError> {
        let booklets: Vec<Cell<'_>> = booklets.iter().map(|booklet| booklet.0.into()).collect();
        let mut taken = BTreeMap::new();
        for day in days {
            let rows: Vec<(i64, i64)> = by_keys(&booklets, |booklets| {
                Ok(offline_uses::table
                    .filter(offline_uses::programme_no.eq(programme.0))
                    .filter(among(offline_uses::booklet_id, booklets))
                    .filter(offline_uses::scanned_on.eq(day.to_string()))
                    .group_by(offline_uses::booklet_id)
                    .select((offline_uses::booklet_id, sum_of(offline_uses::passes)))
                    .load(self)?)
            })?;
            taken.extend(rows.into_iter().map(|(booklet, passes)| ((BookletId(booklet), *day), passes)));
        }
        Ok(taken)
    }

    fn offline_uses(&mut self, window: Window) -> Result<Vec<(i64, OfflineUse)>, StoreError> {
        let rows: Vec<OfflineUseColumns> = offline_uses::table
            .filter(offline_uses::programme_no.eq(window.programme.0))
            .filter(offline_uses::position.gt(window.after))
            .filter(offline_uses::position.le(window.until))
            .order((offline_uses::position, offline_uses::booklet_id))
            .select((
                offline_uses::position,
                offline_uses::booklet_id,
                offline_uses::device_id,
                offline_uses::scanned_on,
                offline_uses::passes,
                offline_uses::value_cents,
            ))
            .load(self)?;
        rows.into_iter().map(read_use).collect()
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

    fn keep_offline_rules(
        &mut self,
        programme: ProgrammeNo,
        rules: OfflineRules,
        before: i64,
    ) -> Result<bool, StoreError> {
        keep_rules!(self, offline_rules, programme, &rules, before, "rules of what is taken without a network")
    }
}
