//! The end of a process that cannot say any more what its database holds. SQLite gave no answer to a COMMIT: only the
//! recovery of the next start decides what is true. What never lives here: how that is noticed (see `store`).

use std::time::Duration;

/// Long enough for the answers to leave, short enough that nobody works on doubtful data; nothing is written meanwhile.
const REPRIEVE: Duration = Duration::from_millis(500);

/// Ends the process in half a second, whatever else it does.
pub fn end_soon() {
    tracing::error!("SQLite gave no answer to a COMMIT: this process ends, and the next start finds out what is true");
    let end = || {
        std::thread::sleep(REPRIEVE);
        std::process::abort();
    };
    if std::thread::Builder::new().name("end".to_owned()).spawn(end).is_err() {
        std::process::abort();
    }
}
