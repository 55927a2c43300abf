//! Counters for operations, in the Prometheus text format. No label carries an identifier.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper ends of the buckets of the request duration, in microseconds.
const BUCKETS: [u128; 10] = [500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 500_000, 2_500_000];

/// Counted since the process started.
#[derive(Debug, Default)]
pub struct Metrics {
    /// By class of status: 1xx to 5xx.
    answers: [AtomicU64; 5],
    /// By bucket; slower ones are in none.
    buckets: [AtomicU64; 10],
    micros: AtomicU64,
}

impl Metrics {
    /// Counts an answer.
    pub(super) fn answered(&self, status: u16, took: Duration) {
        let class = usize::from((status / 100).clamp(1, 5)) - 1;
        if let Some(counter) = self.answers.get(class) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        let micros = took.as_micros();
        let bucket = BUCKETS.iter().position(|end| micros <= *end).and_then(|index| self.buckets.get(index));
        if let Some(counter) = bucket {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        self.micros.fetch_add(u64::try_from(micros).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(super) fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        writeln!(text, "# TYPE recepisse_http_answers_total counter")?;
        for (counter, class) in self.answers.iter().zip(1..) {
            let count = counter.load(Ordering::Relaxed);
            writeln!(text, "recepisse_http_answers_total{{class=\"{class}xx\"}} {count}")?;
        }
        writeln!(text, "# TYPE recepisse_http_duration_microseconds histogram")?;
        let mut below = 0;
        for (counter, end) in self.buckets.iter().zip(BUCKETS) {
            below += counter.load(Ordering::Relaxed);
            writeln!(text, "recepisse_http_duration_microseconds_bucket{{le=\"{end}\"}} {below}")?;
        }
        let all: u64 = self.answers.iter().map(|counter| counter.load(Ordering::Relaxed)).sum();
        writeln!(text, "recepisse_http_duration_microseconds_bucket{{le=\"+Inf\"}} {all}")?;
        writeln!(text, "recepisse_http_duration_microseconds_sum {}", self.micros.load(Ordering::Relaxed))?;
        writeln!(text, "recepisse_http_duration_microseconds_count {all}")?;
        Ok(text)
    }
}
