//! How long work shows that it goes on. What never lives here: results; those go to the standard output.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar on the standard error stream, shown only where somebody looks at a terminal.
pub(super) fn bar(what: &str) -> ProgressBar {
    let target =
        if std::io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(0), target);
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len} {elapsed_precise}") {
        bar.set_style(style);
    }
    bar.set_message(what.to_owned());
    bar
}

/// Tells the bar how far the work is; numbers below zero count as none.
pub(super) fn tell(bar: &ProgressBar, done: i64, total: i64) {
    bar.set_length(u64::try_from(total).unwrap_or(0));
    bar.set_position(u64::try_from(done).unwrap_or(0));
}
