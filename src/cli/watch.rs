//! The thread that looks into the folder of the witnesses while the service runs. What never lives here: what a note is worth
//! (see `witness_folder`).

use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, bail};

use crate::http::App;
use crate::witness_folder::{Looked, take_up};

/// How often the folder is looked into.
const INTERVAL: Duration = Duration::from_secs(2);

/// Takes up what witnesses sign for as long as it lives.
pub(super) struct Watcher {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watcher {
    /// Starts the thread, which looks at once.
    ///
    /// # Errors
    /// A folder that cannot be read, no witness whose notes could be taken up, or no thread.
    pub(super) fn start(app: &Arc<App>, folder: PathBuf) -> anyhow::Result<Self> {
        if app.witnesses.is_empty() {
            bail!("--witness-folder : aucun témoin n'est déclaré par --witness, rien de ce dossier ne serait pris");
        }
        std::fs::read_dir(&folder)
            .with_context(|| format!("--witness-folder : {} ne peut pas être lu", folder.display()))?;
        let (stop, stopped) = channel::<()>();
        let app = Arc::downgrade(app);
        let work = move || {
            while look(&app, &folder) && stopped.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {}
        };
        let thread = std::thread::Builder::new().name("witnesses".to_owned()).spawn(work)?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // It has nothing to say that was not logged.
            drop(thread.join());
        }
    }
}

/// Takes up what is there now; `false` once the server is gone. What could not be done is tried again at the next look.
fn look(app: &Weak<App>, folder: &Path) -> bool {
    let Some(app) = app.upgrade() else { return false };
    match take_up(&app.store, &app.witnesses, folder) {
        Ok(looked) => looked.iter().for_each(tell),
        Err(error) => tracing::warn!(%error, "what witnesses have signed could not be taken up"),
    }
    true
}

fn tell(Looked { file, outcome }: &Looked) {
    match outcome {
        Ok((programme, size)) => tracing::info!(file, programme, size, "a witness has signed the tree"),
        Err(reason) => tracing::warn!(file, %reason, "the note of a witness is refused"),
    }
}
