//! What is read and written of venues' devices, and of what they took without a network. What never lives here: SQL, or a rule.

use std::collections::{BTreeMap, BTreeSet};

use super::error::StoreError;
use super::report_doors::Window;
use crate::domain::device::Device;
use crate::domain::ids::{BookletId, DeviceId, PassId, ProgrammeNo, VenueId};
use crate::domain::offline::{OfflineRules, OfflineUse, Taken};
use crate::domain::time::Day;

type Found<T> = Result<T, StoreError>;

/// A redemption, by whom and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastUse {
    /// Of its receipt.
    pub number: String,
    pub office: String,
    pub day: Day,
}

/// Devices, and who spent a pass.
pub trait DeviceReads {
    fn device(&mut self, id: DeviceId) -> Found<Option<Device>>;
    /// By the keyed digest of its one-time code.
    fn device_by_code(&mut self, code_mac: &[u8; 32]) -> Found<Option<Device>>;
    /// In order of creation.
    fn devices(&mut self, venue: VenueId) -> Found<Vec<Device>>;
    /// The last redemption that spent a pass.
    fn last_use(&mut self, pass: PassId) -> Found<Option<LastUse>>;
    /// How much may be taken without a network, with the version of the rules; `None` while nobody has set any.
    fn offline_rules(&mut self, programme: ProgrammeNo) -> Found<Option<(OfflineRules, i64)>>;
    /// What devices took on days; one that took nothing is not there.
    fn taken_by_devices(
        &mut self,
        programme: ProgrammeNo,
        asked: &BTreeSet<(DeviceId, Day)>,
    ) -> Found<BTreeMap<(DeviceId, Day), Taken>>;
    /// Passes taken of booklets on days, by all devices together.
    fn taken_of_booklets(
        &mut self,
        programme: ProgrammeNo,
        booklets: &BTreeSet<BookletId>,
        days: &BTreeSet<Day>,
    ) -> Found<BTreeMap<(BookletId, Day), i64>>;
    /// What was taken by the receipts of a window, with their positions, in order.
    fn offline_uses(&mut self, window: Window) -> Found<Vec<(i64, OfflineUse)>>;
}

/// Changes to devices. Nothing takes one away.
pub trait DeviceWrites {
    fn insert_device(&mut self, device: &Device) -> Found<()>;
    /// Keeps the key of a device that has none yet; `false` where another came before.
    fn enrol_device(&mut self, device: &Device) -> Found<bool>;
    /// Notes the revocation of a device that is not revoked; `false` where it is.
    fn revoke_device(&mut self, device: &Device) -> Found<bool>;
    /// Notes that lines came, and the highest counter among them.
    fn use_device(&mut self, device: &Device) -> Found<()>;
    /// Keeps the rules in place of those of version `before` (0 where there were none); `false` if others came between.
    fn keep_offline_rules(&mut self, programme: ProgrammeNo, rules: OfflineRules, before: i64) -> Found<bool>;
}
