//! A replica that reports are read from: it must be one of this register, and nobody reads it before that was seen.
//! What never lives here: a way to write there.

use std::sync::{Arc, OnceLock};

use crate::audit::{self, NotSameLedger};
use crate::store::{Options, Store};

/// See the module.
#[derive(Debug)]
pub struct Replica {
    primary: Arc<Store>,
    url: String,
    options: Options,
    /// Once it was reached and compared.
    seen: OnceLock<Arc<Store>>,
}

impl Replica {
    /// Looks at the replica. One that cannot be reached is looked for again at every report: a counter must open without
    /// it.
    ///
    /// # Errors
    /// [`NotSameLedger`] when it is reached and is another register's, or cannot be one.
    pub fn new(primary: Arc<Store>, url: String, options: Options) -> Result<Self, NotSameLedger> {
        let replica = Self { primary, url, options, seen: OnceLock::new() };
        match replica.store() {
            Err(NotSameLedger::Store(error)) if error.may_pass() => {
                tracing::warn!(%error, "the database for reports cannot be reached yet");
            }
            Err(error) => return Err(error),
            Ok(_) => {}
        }
        Ok(replica)
    }

    /// The replica, compared with the primary when it is first reached.
    pub(super) fn store(&self) -> Result<Arc<Store>, NotSameLedger> {
        if let Some(store) = self.seen.get() {
            return Ok(Arc::clone(store));
        }
        let store = Arc::new(Store::open_replica(&self.url, &self.options)?);
        audit::same_ledger(&self.primary, &store)?;
        Ok(Arc::clone(self.seen.get_or_init(|| store)))
    }
}
