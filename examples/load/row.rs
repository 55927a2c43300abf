//! One row of the table: what was driven, how, and what came of it, for people and for a program. What never lives
//! here: a measurement.

use std::io::Write;

use crate::drive::Seen;
use crate::scenario::Scenario;

/// What the server's processes used during a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Used {
    /// All instances, without a database server's own processes.
    pub(crate) cpu_micros: u64,
    /// The largest instance, at the end.
    pub(crate) resident_megabytes: u64,
}

/// What was driven.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) round: u32,
    /// `http`, or how the engine was called.
    pub(crate) by: String,
    pub(crate) scenario: Scenario,
    pub(crate) group: usize,
    pub(crate) instances: usize,
    pub(crate) programmes: usize,
    pub(crate) callers: usize,
}

pub(crate) const TITLES: &str = "round | by | scenario | group | instances | programmes | callers | answered | errors | \
                                 per second | p50 ms | p99 ms | p99.9 ms | max ms | server CPU µs | client CPU µs | \
                                 server RSS MB";

impl Row {
    /// A line of the table.
    pub(crate) fn line(&self, seen: &Seen, used: Option<Used>) -> String {
        let millis = |per_mille| {
            let micros = seen.quantile(per_mille);
            format!("{}.{:02}", micros / 1_000, micros % 1_000 / 10)
        };
        let Self { round, by, scenario, group, instances, programmes, callers } = self;
        let (cpu, memory) = match used {
            Some(used) => {
                (format!("{}", used.cpu_micros / seen.answered().max(1)), format!("{}", used.resident_megabytes))
            }
            None => ("-".to_owned(), "-".to_owned()),
        };
        let (answered, errors, rate) = (seen.answered(), seen.errors, seen.per_second());
        let client = seen.client_cpu_micros_each();
        let quantiles = [500, 990, 999, 1_000].map(millis).join(" | ");
        format!(
            "{round} | {by} | {scenario:?} | {group} | {instances} | {programmes} | {callers} | {answered} | {errors} \
             | {rate} | {quantiles} | {cpu} | {client} | {memory}"
        )
    }

    /// The same for a program, with quantiles in microseconds.
    pub(crate) fn json(&self, seen: &Seen, used: Option<Used>) -> serde_json::Value {
        serde_json::json!({
            "round": self.round,
            "by": self.by,
            "scenario": format!("{:?}", self.scenario),
            "group": self.group,
            "instances": self.instances,
            "programmes": self.programmes,
            "callers": self.callers,
            "answered": seen.answered(),
            "errors": seen.errors,
            "complaints": seen.complaints,
            "took_millis": seen.took.as_millis().min(u128::from(u64::MAX)),
            "per_second": seen.per_second(),
            "p50_micros": seen.quantile(500),
            "p99_micros": seen.quantile(990),
            "p999_micros": seen.quantile(999),
            "max_micros": seen.quantile(1_000),
            "client_cpu_micros_each": seen.client_cpu_micros_each(),
            "server_cpu_micros_each": used.map(|used| used.cpu_micros / seen.answered().max(1)),
            "server_resident_megabytes": used.map(|used| used.resident_megabytes),
        })
    }

    /// Tells both.
    pub(crate) fn tell(
        &self,
        seen: &Seen,
        used: Option<Used>,
        (out, json): (&mut dyn Write, Option<&mut dyn Write>),
    ) -> std::io::Result<()> {
        writeln!(out, "{}", self.line(seen, used))?;
        for complaint in &seen.complaints {
            writeln!(out, "  ! {complaint}")?;
        }
        match json {
            Some(json) => writeln!(json, "{}", self.json(seen, used)),
            None => Ok(()),
        }
    }
}
