//! What operations watch, in the OpenMetrics text format: the answers given over HTTP, what the ledger's writer tells
//! of each group, and the state of things at the moment of asking. No label carries an identifier of a person. What
//! never lives here: a decision taken upon a figure (see `health`).

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::ledger::{Ending, GroupReport, Head, Observer};

/// Upper ends of the buckets of an answer's duration, in seconds.
const ANSWER_SECONDS: [f64; 10] = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5];
/// The same of a stage of a group: most take microseconds, a flush to disk milliseconds.
const STAGE_SECONDS: [f64; 12] =
    [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5];
/// Upper ends of the buckets of a group's size, in acts.
const GROUP_ACTS: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

type Seconds = Gauge<f64, AtomicU64>;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteClass {
    route: &'static str,
    class: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByCode {
    code: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KindEnding {
    kind: &'static str,
    ending: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByFate {
    fate: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByStage {
    stage: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByProgramme {
    programme: String,
}

/// A histogram with these buckets, for a family.
#[derive(Debug, Clone, Copy)]
struct Buckets(&'static [f64]);

impl MetricConstructor<Histogram> for Buckets {
    fn new_metric(&self) -> Histogram {
        Histogram::new(self.0.iter().copied())
    }
}

/// The state of things when somebody asks.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) waiting: usize,
    pub(super) oldest: Option<Duration>,
    pub(super) since_commit: Option<Duration>,
    pub(super) readers_in_use: u32,
    /// Since the process started.
    pub(super) unproven_heads: u64,
    /// Since the process started.
    pub(super) accesses_lost: u64,
    pub(super) disk_free_bytes: Option<u64>,
    pub(super) disk_total_bytes: Option<u64>,
}

/// Counted since the process started.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    answers: Family<RouteClass, Counter>,
    durations: Family<Route, Histogram, Buckets>,
    problems: Family<ByCode, Counter>,
    acts: Family<KindEnding, Counter>,
    refusals: Family<ByCode, Counter>,
    replays: Counter,
    groups: Family<ByFate, Counter>,
    group_acts: Histogram,
    stages: Family<ByStage, Histogram, Buckets>,
    positions: Family<ByProgramme, Gauge>,
    waiting: Gauge,
    oldest: Seconds,
    since_commit: Seconds,
    readers_in_use: Gauge,
    unproven_heads: Counter,
    accesses_lost: Counter,
    disk_free: Gauge,
    disk_total: Gauge,
}

impl Metrics {
    /// Nothing counted yet; `engine` is the database's.
    pub(super) fn new(engine: &str) -> Self {
        let mut all = Self {
            registry: Registry::with_prefix("recepisse"),
            answers: Family::default(),
            durations: Family::new_with_constructor(Buckets(&ANSWER_SECONDS)),
            problems: Family::default(),
            acts: Family::default(),
            refusals: Family::default(),
            replays: Counter::default(),
            groups: Family::default(),
            group_acts: Histogram::new(GROUP_ACTS),
            stages: Family::new_with_constructor(Buckets(&STAGE_SECONDS)),
            positions: Family::default(),
            waiting: Gauge::default(),
            oldest: Seconds::default(),
            since_commit: Seconds::default(),
            readers_in_use: Gauge::default(),
            unproven_heads: Counter::default(),
            accesses_lost: Counter::default(),
            disk_free: Gauge::default(),
            disk_total: Gauge::default(),
        };
        let build = vec![("version", env!("CARGO_PKG_VERSION").to_owned()), ("engine", engine.to_owned())];
        all.registry.register("build", "This program and its database", Info::new(build));
        all.name_answers();
        all.name_groups();
        all.name_state();
        all
    }

    fn name_answers(&mut self) {
        let of = &mut self.registry;
        of.register("http_answers", "Answers by route and class of status", self.answers.clone());
        let durations = self.durations.clone();
        of.register_with_unit("http_duration", "From the request's head to the answer's", Unit::Seconds, durations);
        of.register("problems", "Answers that are problems, by code", self.problems.clone());
    }

    fn name_groups(&mut self) {
        let of = &mut self.registry;
        of.register("acts", "Acts that the writer answered, by kind and ending", self.acts.clone());
        of.register("refusals", "Acts refused by a rule, by code, replays not counted", self.refusals.clone());
        of.register("replays", "Answers given again under the same key", self.replays.clone());
        of.register("groups", "Groups by what became of their transaction", self.groups.clone());
        of.register("group_acts", "Acts of one group", self.group_acts.clone());
        let stages = self.stages.clone();
        of.register_with_unit("group_stage", "Time of one group in each stage", Unit::Seconds, stages);
        of.register("journal_position", "Last receipt that this process wrote", self.positions.clone());
    }

    fn name_state(&mut self) {
        let of = &mut self.registry;
        of.register("queue_acts", "Acts that wait for the writer", self.waiting.clone());
        let (oldest, since_commit) = (self.oldest.clone(), self.since_commit.clone());
        of.register_with_unit("oldest_act", "Age of the oldest act without an answer", Unit::Seconds, oldest);
        let help = "Since this process last committed a group; not a number before the first";
        of.register_with_unit("since_commit", help, Unit::Seconds, since_commit);
        of.register("readers_in_use", "Connections that read at this moment", self.readers_in_use.clone());
        let help = "Heads of journals that callers showed and that we never signed";
        of.register("unproven_heads", help, self.unproven_heads.clone());
        of.register("accesses_lost", "Accesses that could not be kept in their log", self.accesses_lost.clone());
        let (free, total) = (self.disk_free.clone(), self.disk_total.clone());
        of.register_with_unit("disk_free", "Free on the volume of the data", Unit::Bytes, free);
        of.register_with_unit("disk_size", "Size of the volume of the data", Unit::Bytes, total);
    }

    /// Counts an answer; `problem` is its code when it is one.
    pub(super) fn answered(&self, route: &'static str, status: u16, problem: Option<&'static str>, took: Duration) {
        let class = match status {
            ..200 => "1xx",
            200..300 => "2xx",
            300..400 => "3xx",
            400..500 => "4xx",
            500.. => "5xx",
        };
        self.answers.get_or_create(&RouteClass { route, class }).inc();
        self.durations.get_or_create(&Route { route }).observe(took.as_secs_f64());
        if let Some(code) = problem {
            self.problems.get_or_create(&ByCode { code }).inc();
        }
    }

    /// Where a programme's journal stands.
    pub(super) fn stands(&self, head: &Head) {
        let programme = head.programme.to_string();
        self.positions.get_or_create(&ByProgramme { programme }).set(head.position);
    }

    /// Everything, as text.
    pub(super) fn text(&self, state: &State) -> Result<String, std::fmt::Error> {
        let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        self.waiting.set(i64::try_from(state.waiting).unwrap_or(i64::MAX));
        self.oldest.set(state.oldest.map_or(0.0, |age| age.as_secs_f64()));
        self.since_commit.set(state.since_commit.map_or(f64::NAN, |age| age.as_secs_f64()));
        self.readers_in_use.set(state.readers_in_use.into());
        self.unproven_heads.inner().store(state.unproven_heads, Ordering::Relaxed);
        self.accesses_lost.inner().store(state.accesses_lost, Ordering::Relaxed);
        self.disk_free.set(state.disk_free_bytes.map_or(-1, whole));
        self.disk_total.set(state.disk_total_bytes.map_or(-1, whole));
        let mut text = String::new();
        text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

impl Observer for Metrics {
    fn wrote(&self, group: &GroupReport) {
        self.groups.get_or_create(&ByFate { fate: group.fate.as_str() }).inc();
        self.group_acts.observe(f64::from(u32::try_from(group.acts).unwrap_or(u32::MAX)));
        for (stage, took) in group.stages.iter() {
            self.stages.get_or_create(&ByStage { stage: stage.as_str() }).observe(took.as_secs_f64());
        }
        for ((kind, ending), acts) in &group.endings {
            self.acts.get_or_create(&KindEnding { kind: kind.as_str(), ending: ending.as_str() }).inc_by(*acts);
            match ending {
                Ending::Refused(code) => {
                    self.refusals.get_or_create(&ByCode { code: code.as_str() }).inc_by(*acts);
                }
                Ending::Replayed => {
                    self.replays.inc_by(*acts);
                }
                Ending::Granted | Ending::Failed => {}
            }
        }
        if let Some(head) = &group.head {
            self.stands(head);
        }
    }

    fn replayed(&self) {
        self.replays.inc();
    }
}
