//! One group of acts of one programme in one transaction, behind its door: look, replay, prefetch, decide, flush.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Instant as Moment;

use super::heads::Heads;
use super::pulse::{Ending, Fate, GroupReport, Head, Observer, Pulse, Stage, Stopwatch};
use super::replay::{self, Reply};
use super::{Answer, Job, Outcome, RequestKey, Submission, SubmitError, decide, draft, patience, prefetch};
use crate::clock::{Clock, Entropy};
use crate::domain::act::{Refused, RefusedHandOut, RefusedScan, item_text};
use crate::domain::facts::Facts;
use crate::domain::ids::ProgrammeNo;
use crate::domain::moment::{self, Reading};
use crate::domain::movement::Kind;
use crate::domain::refusal::Refusal;
use crate::domain::time::Instant;
use crate::keys::Keys;
use crate::receipts::{self, Receipt, SignedHead};
use crate::store::{
    Appended, Backend, GroupRecord, Journal, Recorded, Store, StoreError, StoredRefusedHandOut, StoredReply,
    StoredScan, StoredSeal, WriteError, Writes,
};

/// What the writer thread works with.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) store: Arc<Store>,
    pub(super) keys: Arc<Keys>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    /// What the clocks said when the writer started.
    pub(super) started: Reading,
    /// See [`super::Options`].
    pub(super) slow_group: std::time::Duration,
    pub(super) pulse: Arc<Pulse>,
    pub(super) observer: Arc<dyn Observer>,
    pub(super) heads: Arc<Heads>,
}

/// Why a group's transaction is undone.
enum Stop {
    Failed(SubmitError),
    /// There is nothing to write: every act was answered before, or refused without a trace. Undone, it costs no
    /// flush to disk.
    Unchanged(Answers),
}

type Answers = Vec<Result<Answer, SubmitError>>;

/// What a group answers, with the head that it leaves if it appended receipts.
type Done = (Answers, Option<(Head, SignedHead)>);

/// How a group's transaction ended.
type Written = Result<Done, WriteError<Stop>>;

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<SubmitError> for Stop {
    fn from(error: SubmitError) -> Self {
        Self::Failed(error)
    }
}

/// A group in the making.
struct Group<'a> {
    writer: &'a Writer,
    facts: Facts,
    at: Instant,
    head: Journal,
    granted: Vec<Appended>,
    scans: Vec<StoredScan>,
    refused_hand_outs: Vec<StoredRefusedHandOut>,
    /// By key digest: what was answered before this group, or in it.
    kept: BTreeMap<String, Reply>,
    replies: Vec<StoredReply>,
}

impl Writer {
    /// Writes the group and answers every caller. What may pass is tried again for a while; another error of the database
    /// sends each act through alone, the only one a second time: then a conflict is decided on the facts that stand, the
    /// victim of a deadlock is let through, and one bad act undoes no other.
    pub(super) fn write(&self, programme: ProgrammeNo, jobs: Vec<Job>) {
        let Some(first) = jobs.first() else { return };
        let mut watch = Stopwatch::since(first.queued);
        watch.lap(Stage::Wait);
        match self.attempt(programme, &submissions(&jobs), &mut watch) {
            Err(WriteError::Undone(Stop::Failed(SubmitError::Store(error)))) if error.may_spare_others() => {
                tracing::warn!(%error, acts = jobs.len(), "group undone, its acts run one by one");
                self.observer.wrote(&GroupReport::undone(jobs.len(), watch.stop()));
                for job in jobs {
                    let mut watch = Stopwatch::since(job.queued);
                    watch.lap(Stage::Wait);
                    let alone = vec![job];
                    let written = self.attempt(programme, &submissions(&alone), &mut watch);
                    self.conclude(programme, alone, written, watch);
                }
            }
            written => self.conclude(programme, jobs, written, watch),
        }
    }

    /// Runs the acts in one transaction, again while that may help.
    fn attempt(&self, programme: ProgrammeNo, submissions: &[&Submission], watch: &mut Stopwatch) -> Written {
        let passing = |written: &Written| match written {
            Err(WriteError::Undone(Stop::Failed(SubmitError::Store(error)))) => Some(error.clone()),
            _ => None,
        };
        let write = || self.store.write_group(programme, |tx| self.run(tx, programme, submissions, watch));
        patience::persist(&*self.entropy, passing, write)
    }

    fn conclude(&self, programme: ProgrammeNo, jobs: Vec<Job>, written: Written, mut watch: Stopwatch) {
        let (answers, fate, head) = match written {
            Ok((answers, heads)) => {
                watch.lap(Stage::Commit);
                (answers, Fate::Committed, self.committed(programme, heads))
            }
            Err(WriteError::Undone(Stop::Unchanged(answers))) => (answers, Fate::Unchanged, None),
            Err(WriteError::Undone(Stop::Failed(error))) => {
                tracing::error!(%error, acts = jobs.len(), requests = %Traces(&jobs), "group undone");
                (jobs.iter().map(|_| Err(error.clone())).collect(), Fate::Undone, None)
            }
            Err(WriteError::Unknown(error)) => {
                tracing::error!(%error, acts = jobs.len(), requests = %Traces(&jobs), "the outcome of a commit is not known");
                watch.lap(Stage::Commit);
                (self.resolve_unknown(programme, &jobs), Fate::Unknown, None)
            }
        };
        self.answer(jobs, answers, (fate, head, watch));
    }

    /// Remembers the head that was committed, before anybody is answered: whoever holds a receipt must find its head there.
    fn committed(&self, programme: ProgrammeNo, heads: Option<(Head, SignedHead)>) -> Option<Head> {
        let (head, sealed) = heads.unzip();
        if let Some(sealed) = sealed {
            self.heads.committed(sealed);
        }
        self.pulse.committed(programme, head.as_ref());
        head
    }

    /// COMMIT gave no answer. SQLite: nobody can say, recovery decides what is true. PostgreSQL: the group goes through
    /// the door once more, which opens only when the lost transaction has ended, one way or the other: what it did is
    /// answered from its keys, what it did not do is done now. An act without a key cannot be told apart from its double.
    fn resolve_unknown(&self, programme: ProgrammeNo, jobs: &[Job]) -> Answers {
        let with_key: Vec<&Submission> =
            jobs.iter().map(|job| &job.submission).filter(|submission| submission.key.is_some()).collect();
        let mut found = Vec::new();
        if self.store.backend() == Backend::Postgres && !with_key.is_empty() {
            match self.attempt(programme, &with_key, &mut Stopwatch::since(Moment::now())) {
                Ok((answers, heads)) => {
                    self.committed(programme, heads);
                    found = answers;
                }
                Err(WriteError::Undone(Stop::Unchanged(answers))) => found = answers,
                Err(WriteError::Undone(Stop::Failed(error))) => tracing::error!(%error, "the outcome stays unknown"),
                Err(WriteError::Unknown(error)) => tracing::error!(%error, "the outcome stays unknown"),
            }
        }
        let mut found = found.into_iter();
        let answer = |job: &Job| {
            let answer = job.submission.key.as_ref().and_then(|_| found.next());
            // Whoever asked has not heard it yet.
            answer.unwrap_or(Err(SubmitError::OutcomeUnknown)).map(|answer| Answer { replayed: false, ..answer })
        };
        jobs.iter().map(answer).collect()
    }

    /// Answers every caller, then says what the group was: those who wait come before those who watch.
    fn answer(&self, jobs: Vec<Job>, answers: Answers, (fate, head, mut watch): (Fate, Option<Head>, Stopwatch)) {
        let ending = |(job, answer): (&Job, &Result<Answer, SubmitError>)| {
            let ending = match answer {
                Ok(Answer { replayed: true, .. }) => Ending::Replayed,
                Ok(Answer { outcome: Outcome::Granted(_), .. }) => Ending::Granted,
                Ok(Answer { outcome: Outcome::Refused(refusal), .. }) => Ending::Refused(refusal.code),
                Err(_) => Ending::Failed,
            };
            (job.submission.act.kind(), ending)
        };
        let mut endings = BTreeMap::new();
        for ending in jobs.iter().zip(&answers).map(ending) {
            *endings.entry(ending).or_default() += 1;
        }
        let mut written = Vec::with_capacity(jobs.len());
        for (job, answer) in jobs.into_iter().zip(answers) {
            // A caller that has gone away asks again with its key.
            drop(job.answer.send(answer));
            written.push(job.submission);
        }
        watch.lap(Stage::Answer);
        let report = GroupReport { fate, acts: written.len(), endings, stages: watch.stop(), head };
        self.say(&report, &written);
        self.observer.wrote(&report);
    }

    /// One line for the group: at `debug`, or as a warning when the writer had it in hand for too long.
    fn say(&self, group: &GroupReport, written: &[Submission]) {
        let position = group.head.as_ref().map(|head| head.position);
        let (fate, acts, stages) = (group.fate.as_str(), group.acts, &group.stages);
        if stages.worked() >= self.slow_group {
            let kinds = group.kinds();
            tracing::warn!(fate, acts, kinds, position, %stages, requests = %Traces(written), "slow group");
        } else {
            tracing::debug!(fate, acts, position, %stages, requests = %Traces(written), "group");
        }
    }

    fn run(
        &self,
        tx: &mut dyn Writes,
        programme: ProgrammeNo,
        submissions: &[&Submission],
        watch: &mut Stopwatch,
    ) -> Result<(Done, Recorded), Stop> {
        watch.lap(Stage::Door);
        let keys: Vec<&RequestKey> = submissions.iter().filter_map(|submission| submission.key.as_ref()).collect();
        let needs = prefetch::needs(submissions);
        let seen = prefetch::look(tx, programme, &needs, &replay::digests(&keys))?;
        let mut seen = seen.ok_or(SubmitError::ProgrammeUnknown)?;
        let before = seen.journal.clone();
        let at = moment::of_recording(self.started, self.clock.reading(), before.at).map_err(SubmitError::from)?;
        let kept = replay::replies(tx, programme, &keys, std::mem::take(&mut seen.replies))?;
        watch.lap(Stage::Look);
        let mut facts = prefetch::facts_of(tx, seen, &needs)?;
        facts.loss = self.heads.loss(tx, &facts.programme, &before)?;
        watch.lap(Stage::Prefetch);
        let mut group = Group {
            writer: self,
            facts,
            at,
            head: before.clone(),
            granted: Vec::new(),
            scans: Vec::new(),
            refused_hand_outs: Vec::new(),
            kept,
            replies: Vec::new(),
        };
        let mut answers = Vec::with_capacity(submissions.len());
        for submission in submissions {
            answers.push(group.answer(submission)?);
        }
        watch.lap(Stage::Decide);
        if group.granted.is_empty()
            && group.scans.is_empty()
            && group.refused_hand_outs.is_empty()
            && group.replies.is_empty()
        {
            return Err(Stop::Unchanged(answers));
        }
        let (heads, recorded) = group.flush(tx, programme, &before)?;
        watch.lap(Stage::Flush);
        Ok(((answers, heads), recorded))
    }
}

impl Group<'_> {
    fn answer(&mut self, submission: &Submission) -> Result<Result<Answer, SubmitError>, SubmitError> {
        if let Some(key) = &submission.key
            && let Some(reply) = self.kept.get(&key.digest)
        {
            return Ok(reply.answer(key));
        }
        // Where receipts are missing, the next one written would take the place of one that somebody holds.
        if self.facts.loss.is_some() && submission.act.kind() != Kind::Restore {
            return Ok(Err(SubmitError::RolledBack));
        }
        let (outcome, doubtful) = match decide(submission, &self.facts, self.at) {
            Ok(movement) => {
                let doubtful = movement.is_doubtful();
                (Outcome::Granted(self.grant(submission, movement)?), doubtful)
            }
            Err(refusal) => {
                self.keep_refused(submission, &refusal);
                (Outcome::Refused(refusal), false)
            }
        };
        self.keep_reply(submission, (&outcome, doubtful));
        Ok(Ok(Answer { outcome, doubtful, replayed: false }))
    }

    fn grant(
        &mut self,
        submission: &Submission,
        movement: crate::domain::movement::Movement,
    ) -> Result<Arc<Receipt>, SubmitError> {
        let stamp = draft::stamp(submission, &movement, &mut self.facts, (self.at, self.head.position + 1))?;
        let receipt = Arc::new(draft::receipt(submission, &self.facts, &movement, &stamp, (self.at, &self.head.head))?);
        self.facts.apply(&movement, &stamp, receipt.hash());
        self.head.position = stamp.position;
        receipt.hash().clone_into(&mut self.head.head);
        self.head.at = self.at;
        self.granted.push(Appended { receipt: Arc::clone(&receipt), movement, at: self.at, day: stamp.day });
        Ok(receipt)
    }

    fn keep_reply(&mut self, submission: &Submission, (outcome, doubtful): (&Outcome, bool)) {
        let Some(key) = &submission.key else { return };
        let Some(kept) = replay::keep(key, (outcome, doubtful), self.at) else { return };
        self.replies.push(kept);
        let reply = Reply { fingerprint: key.fingerprint.clone(), outcome: Some((outcome.clone(), doubtful)) };
        self.kept.insert(key.digest.clone(), reply);
    }

    fn keep_refused(&mut self, submission: &Submission, refusal: &Refusal) {
        let Some(refused) = submission.act.refused(&self.facts, refusal) else { return };
        let office = self.facts.organisations.get(&submission.actor.organisation);
        let office = office.map(|office| office.code.to_string()).unwrap_or_default();
        let (id, at, day) = (self.writer.entropy.uuid(self.at).to_string(), self.at, self.at.day());
        let code = refusal.code.to_string();
        match refused {
            Refused::Scan(RefusedScan { venue, service, serials, unknown_codes }) => {
                let serials: Vec<String> = serials.iter().map(|item| item_text(&self.facts, *item)).collect();
                let (serials, unknown_codes) = (serials.join(","), i64::try_from(unknown_codes).unwrap_or(i64::MAX));
                self.scans.push(StoredScan { id, at, day, office, venue, service, code, serials, unknown_codes });
            }
            Refused::HandOut(RefusedHandOut { rule_version, lacking }) => {
                let lacking = lacking.join(" ");
                let refused = StoredRefusedHandOut { id, at, day, office, code, rule_version, lacking };
                self.refused_hand_outs.push(refused);
            }
        }
    }

    /// Writes what the group changed; the head, if a receipt was appended.
    fn flush(
        mut self,
        tx: &mut dyn Writes,
        programme: ProgrammeNo,
        before: &Journal,
    ) -> Result<(Option<(Head, SignedHead)>, Recorded), SubmitError> {
        let sealed = (!self.granted.is_empty()).then(|| self.seal());
        self.head.counters = self.facts.counters;
        let seal = sealed.as_ref().map(stored_seal);
        let recorded = tx.record(
            programme,
            &GroupRecord {
                before,
                after: &self.head,
                granted: &self.granted,
                facts: &self.facts,
                seal: seal.as_ref(),
                scans: &self.scans,
                refused_hand_outs: &self.refused_hand_outs,
                replies: &self.replies,
            },
        )?;
        let Journal { position, head: hash, .. } = self.head;
        let head = Head { programme: self.facts.programme.code, position, hash };
        Ok((sealed.map(|sealed| (head, sealed)), recorded))
    }

    /// One signature over the head seals every receipt before it.
    fn seal(&self) -> SignedHead {
        let (programme, epoch) = (self.facts.programme.code.to_string(), self.facts.counters.epoch);
        let (position, hash) = (self.head.position, self.head.head.clone());
        let signature = receipts::seal::sign(self.writer.keys.seal_key(), &programme, epoch, position, &hash);
        SignedHead { programme, epoch, position, hash, key: self.writer.keys.seal_key_id(), signature }
    }
}

fn stored_seal(head: &SignedHead) -> StoredSeal {
    let SignedHead { position, hash, key, signature, .. } = head.clone();
    StoredSeal { position, hash, key_id: key, signature }
}

fn submissions(jobs: &[Job]) -> Vec<&Submission> {
    jobs.iter().map(|job| &job.submission).collect()
}

/// The names of the requests, for a line of log: written out only when the line is.
struct Traces<'a, T>(&'a [T]);

impl<T: AsRef<Submission>> fmt::Display for Traces<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, item) in self.0.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            write!(f, "{comma}{}", item.as_ref().trace_id)?;
        }
        Ok(())
    }
}
