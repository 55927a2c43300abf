//! The log: one line per event on the standard error stream, as text for people or JSON for machines.
//!
//! What is never logged, at any level: passwords and their hashes, access and refresh tokens, keys, codes of passes
//! and their digests, print nonces, names, birth dates and fingerprints of people, bodies of requests, and the
//! password in a database's URL.

use std::io::IsTerminal;

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

/// How much is logged, and how.
#[derive(Debug, Clone, PartialEq, clap::Args)]
#[command(next_help_heading = "Journal technique")]
pub struct Log {
    #[arg(
        long,
        value_name = "NIVEAUX",
        env = "RECEPISSE_LOG",
        default_value = "info",
        value_parser = parse,
        global = true,
        help = "Ce qui est journalisé : off, error, warn, info, debug, ou par module (info,recepisse::http=debug)"
    )]
    log: Targets,
    #[arg(
        long,
        value_name = "FORMAT",
        env = "RECEPISSE_LOG_FORMAT",
        default_value = "auto",
        global = true,
        help = "Forme du journal technique : texte à l'écran et JSON ailleurs (auto), ou l'un des deux"
    )]
    log_format: Format,
}

/// The form of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Auto,
    #[value(name = "texte")]
    Text,
    Json,
}

fn parse(text: &str) -> Result<Targets, String> {
    text.parse().map_err(|_| "niveaux attendus : off, error, warn, info, debug ou trace".to_owned())
}

/// Starts logging. A second start in one process changes nothing.
pub fn start(log: &Log) {
    let json = match log.log_format {
        Format::Auto => !std::io::stderr().is_terminal(),
        Format::Text => false,
        Format::Json => true,
    };
    let layer = if json {
        fmt::layer()
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .with_writer(std::io::stderr)
            .boxed()
    } else {
        fmt::layer().with_ansi(std::io::stderr().is_terminal()).with_writer(std::io::stderr).boxed()
    };
    // Another part of the process (a test) has set its own subscriber: it stays.
    drop(tracing_subscriber::registry().with(layer.with_filter(log.log.clone())).try_init());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_read_per_module() {
        assert!(parse("info").is_ok());
        let targets = parse("warn,recepisse::http=debug").unwrap();
        assert!(targets.would_enable("recepisse::http", &tracing::Level::DEBUG));
        assert!(!targets.would_enable("recepisse::store", &tracing::Level::INFO));
        assert!(parse("recepisse=loud").is_err());
    }
}
