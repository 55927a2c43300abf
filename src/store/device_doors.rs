//! What is read and written of venues' devices. What never lives here: SQL, or a rule.

use super::error::StoreError;
use crate::domain::device::Device;
use crate::domain::ids::{DeviceId, PassId, VenueId};
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
}
