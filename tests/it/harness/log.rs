//! Everything that this process logs, whichever thread says it, from the finest level on. What never lives here: an
//! opinion about what it says.

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};

/// The log, as text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }

    /// The lines that mention a word, as JSON.
    pub(crate) fn lines(&self, word: &str) -> Vec<serde_json::Value> {
        let text = self.text();
        text.lines().filter(|line| line.contains(word)).filter_map(|line| serde_json::from_str(line).ok()).collect()
    }
}

/// What is logged from the first call on.
pub(crate) fn log() -> &'static Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    LOG.get_or_init(|| {
        let log = Log::default();
        let writer = log.clone();
        let lines = tracing_subscriber::fmt().json().flatten_event(true).with_max_level(tracing::Level::TRACE);
        tracing::subscriber::set_global_default(lines.with_writer(move || writer.clone()).finish()).unwrap();
        log
    })
}
