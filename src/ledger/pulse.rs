//! What the writer is doing, for those who watch over it: how many acts wait and for how long, what each group was
//! and where its time went. One record per group, never one per act. What never lives here: a metrics library, HTTP,
//! or anything an act decides on.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::domain::ids::ProgrammeNo;
use crate::domain::movement::Kind;
use crate::domain::refusal::Code;
use crate::domain::short_code::ShortCode;

/// What a group goes through, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Its oldest act waited in the queue.
    Wait,
    /// The transaction began and the journal row was taken.
    Door,
    /// The head, kept replies, who asks and the passes behind the codes were read.
    Look,
    /// What the acts need was loaded.
    Prefetch,
    /// The acts decided, and their receipts were laid out.
    Decide,
    /// The changes were sent to the database.
    Flush,
    /// COMMIT, with the flush to disk.
    Commit,
    /// The callers were told.
    Answer,
}

impl Stage {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wait => "wait",
            Self::Door => "door",
            Self::Look => "look",
            Self::Prefetch => "prefetch",
            Self::Decide => "decide",
            Self::Flush => "flush",
            Self::Commit => "commit",
            Self::Answer => "answer",
        }
    }
}

/// What became of a group's transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fate {
    Committed,
    /// There was nothing to write: every act was answered before, or refused without a trace.
    Unchanged,
    /// The database said no: its acts were run one by one, or told so.
    Undone,
    /// COMMIT gave no answer.
    Unknown,
}

impl Fate {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Committed => "committed",
            Self::Unchanged => "unchanged",
            Self::Undone => "undone",
            Self::Unknown => "unknown",
        }
    }
}

/// What became of one act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    Granted,
    Refused(Code),
    /// The answer was given before, under the same key.
    Replayed,
    /// Neither granted nor refused: the caller was told what went wrong.
    Failed,
}

impl Ending {
    /// Without the code of a refusal.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Refused(_) => "refused",
            Self::Replayed => "replayed",
            Self::Failed => "failed",
        }
    }
}

/// The last receipt of a programme's journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub programme: ShortCode,
    pub position: i64,
    pub hash: String,
}

/// The time that each stage took, in order; stages that were not reached are missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stages(Vec<(Stage, Duration)>);

impl Stages {
    /// Every stage with its time, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Stage, Duration)> {
        self.0.iter().copied()
    }

    /// How long the writer had the group: everything but the wait in the queue.
    #[must_use]
    pub fn worked(&self) -> Duration {
        self.iter().filter(|(stage, _)| *stage != Stage::Wait).map(|(_, took)| took).sum()
    }
}

/// `door 120 µs, flush 2100 µs`, for a line of log.
impl fmt::Display for Stages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (stage, took)) in self.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            write!(f, "{comma}{} {} µs", stage.as_str(), took.as_micros())?;
        }
        Ok(())
    }
}

/// Measures one stage after the other: nothing between two of them is lost.
#[derive(Debug)]
pub(super) struct Stopwatch {
    since: Instant,
    stages: Stages,
}

impl Stopwatch {
    /// Starts when the oldest act of the group was queued.
    pub(super) fn since(queued: Instant) -> Self {
        Self { since: queued, stages: Stages(Vec::with_capacity(8)) }
    }

    /// The stage ends here, and the next begins.
    pub(super) fn lap(&mut self, stage: Stage) {
        let now = Instant::now();
        self.stages.0.push((stage, now.duration_since(self.since)));
        self.since = now;
    }

    pub(super) fn stop(self) -> Stages {
        self.stages
    }
}

/// One group, told once its callers have their answers.
#[derive(Debug)]
pub struct GroupReport {
    pub fate: Fate,
    pub acts: usize,
    /// How many acts of each kind ended how.
    pub endings: BTreeMap<(Kind, Ending), u64>,
    pub stages: Stages,
    /// The head that the group left; none unless it appended a receipt.
    pub head: Option<Head>,
}

impl GroupReport {
    /// A group that the database refused as a whole: each of its acts will have a report of its own.
    pub(super) fn undone(acts: usize, stages: Stages) -> Self {
        Self { fate: Fate::Undone, acts, endings: BTreeMap::new(), stages, head: None }
    }

    /// `3 hand_out, 61 redemption`, for a line of log.
    #[must_use]
    pub fn kinds(&self) -> String {
        let mut kinds: BTreeMap<Kind, u64> = BTreeMap::new();
        for ((kind, _), acts) in &self.endings {
            *kinds.entry(*kind).or_default() += acts;
        }
        kinds.iter().map(|(kind, acts)| format!("{acts} {kind}")).collect::<Vec<_>>().join(", ")
    }
}

/// Is told of every group; must not keep the writer waiting.
pub trait Observer: fmt::Debug + Send + Sync {
    fn wrote(&self, group: &GroupReport);
    /// An answer was given again without the writer.
    fn replayed(&self);
}

/// Nobody looks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn wrote(&self, _: &GroupReport) {}
    fn replayed(&self) {}
}

/// The state of the queue and of the writer, readable at any moment by any thread.
#[derive(Debug)]
pub struct Pulse {
    started: Instant,
    waiting: AtomicUsize,
    /// When the oldest act in the writer's hands was queued, in microseconds since `started`; 0 when it has none.
    oldest: AtomicU64,
    /// When the last group was committed, in microseconds since `started`; 0 before the first.
    committed: AtomicU64,
    heads: Mutex<BTreeMap<ProgrammeNo, Head>>,
}

impl Default for Pulse {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            waiting: AtomicUsize::new(0),
            oldest: AtomicU64::new(0),
            committed: AtomicU64::new(0),
            heads: Mutex::default(),
        }
    }
}

impl Pulse {
    /// Acts that wait in the queue.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// How long the oldest act has been without an answer; none when the writer rests. The queue is in order, so no
    /// act that still waits is older than those in the writer's hands.
    #[must_use]
    pub fn oldest(&self) -> Option<Duration> {
        self.elapsed(&self.oldest)
    }

    /// How long ago this process committed a group; none before the first.
    #[must_use]
    pub fn since_commit(&self) -> Option<Duration> {
        self.elapsed(&self.committed)
    }

    /// The last head that this process wrote in each programme.
    #[must_use]
    pub fn heads(&self) -> Vec<(ProgrammeNo, Head)> {
        let heads = self.heads.lock().unwrap_or_else(PoisonError::into_inner);
        heads.iter().map(|(programme, head)| (*programme, head.clone())).collect()
    }

    pub(super) fn queued(&self) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
    }

    /// What was counted as waiting is not, or no longer.
    pub(super) fn taken(&self, acts: usize) {
        self.waiting.fetch_sub(acts, Ordering::Relaxed);
    }

    pub(super) fn begins(&self, queued: Instant) {
        self.oldest.store(self.micros(queued), Ordering::Relaxed);
    }

    pub(super) fn rests(&self) {
        self.oldest.store(0, Ordering::Relaxed);
    }

    pub(super) fn committed(&self, programme: ProgrammeNo, head: Option<&Head>) {
        self.committed.store(self.micros(Instant::now()), Ordering::Relaxed);
        if let Some(head) = head {
            self.heads.lock().unwrap_or_else(PoisonError::into_inner).insert(programme, head.clone());
        }
    }

    /// Never 0: that means "none".
    fn micros(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.started).as_micros()).unwrap_or(u64::MAX).max(1)
    }

    fn elapsed(&self, since: &AtomicU64) -> Option<Duration> {
        let since = since.load(Ordering::Relaxed);
        let now = self.micros(Instant::now());
        (since > 0).then(|| Duration::from_micros(now.saturating_sub(since)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_follow_each_other_and_the_wait_is_no_work() {
        let mut watch = Stopwatch::since(Instant::now().checked_sub(Duration::from_secs(1)).unwrap());
        watch.lap(Stage::Wait);
        watch.lap(Stage::Door);
        let stages = watch.stop();
        let named: Vec<Stage> = stages.iter().map(|(stage, _)| stage).collect();
        assert_eq!(named, [Stage::Wait, Stage::Door]);
        let (_, waited) = stages.iter().next().unwrap();
        assert!(waited >= Duration::from_secs(1) && stages.worked() < waited, "{stages}");
        assert!(stages.to_string().starts_with("wait 1") && stages.to_string().contains(", door "), "{stages}");
    }

    #[test]
    fn the_oldest_act_is_known_only_while_the_writer_works() {
        let pulse = Pulse::default();
        assert_eq!((pulse.waiting(), pulse.oldest(), pulse.since_commit()), (0, None, None));
        pulse.queued();
        pulse.queued();
        pulse.taken(1);
        pulse.begins(Instant::now());
        assert_eq!(pulse.waiting(), 1);
        assert!(pulse.oldest().is_some());
        pulse.rests();
        pulse.committed(ProgrammeNo(1), None);
        assert!(pulse.oldest().is_none() && pulse.since_commit().is_some() && pulse.heads().is_empty());
    }
}
