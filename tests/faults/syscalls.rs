//! F-02, F-04, F-05 on SQLite: at every call by which the server writes, it is killed, or the disk answers with an error,
//! or is full. What never lives here: the oracle.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt as _;
use std::time::{Duration, Instant};

use crate::harness::{
    Engine, Entry, Injection, Register, Service, Told, alone, audit, bar, chance, judge, most_calls, settle,
    strace_is_here, tell, watched,
};

const ORDER: &str = "CMD-2";
const BOOKLETS_PER_DELIVERY: u32 = 5;
/// The calls by which SQLite writes.
const CALLS: [&str; 4] = ["pwrite64", "fdatasync", "ftruncate", "unlink"];
const KILL: &str = "signal=SIGKILL";
/// The call is not made, and answered as if a page had been written.
const CLAIMED: &str = "retval=4096";
/// Writes of one redemption within which one must be missed.
const MOST_WRITES: usize = 40;
const SIGABRT: i32 = 6;
const SIGKILL: i32 = 9;
/// After an answer `outcome_unknown` the process ends within one second; the rest is the tracer's and this machine's.
const END: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(30);

/// What the harmed server is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    /// One redemption, one delivery.
    Acts,
    /// One redemption, then SIGTERM: the log goes back into the database.
    Stop,
}

#[derive(Debug, Default)]
struct Figures {
    runs: u32,
    /// Killed by the injection.
    killed: u32,
    /// Ended by itself after `outcome_unknown`.
    aborted: u32,
    /// Refused to start on a disk that fails.
    not_started: u32,
    unknown: usize,
    had_happened: usize,
    slowest_end: Duration,
}

/// One register, harmed again and again.
struct Suite {
    register: Register,
    journal: Vec<Entry>,
    figures: Figures,
}

impl Suite {
    fn new() -> Self {
        let register = Register::prepare(Engine::Sqlite, 4_000, 20);
        let mut order = Entry::order(&register, ORDER, 20_000);
        let service = Service::start(&register);
        order.send(&register, &mut service.connect().unwrap());
        assert!(matches!(order.told, Told::Granted(_)), "{order:?}");
        Self { register, journal: vec![order], figures: Figures::default() }
    }

    /// How often a thread makes each call in the script at most.
    fn calls(&mut self, script: Script) -> BTreeMap<String, usize> {
        // What earlier runs have left in the log is not part of this script.
        let mut service = Service::start(&self.register);
        service.terminate();
        service.end_within(PATIENCE).expect("the server does not end");
        let file = self.register.file("calls");
        let service = Service::try_start(&self.register, |command| watched(&command, &file, &CALLS)).unwrap();
        let asked = self.play(service, script);
        assert!(asked.iter().all(|entry| matches!(entry.told, Told::Granted(_))), "{asked:?}");
        self.journal.extend(asked);
        most_calls(&file)
    }

    /// Asks what the script says; answers what was told, once the server has ended.
    fn play(&mut self, mut service: Service, script: Script) -> Vec<Entry> {
        let mut asked = vec![Entry::redemption(&self.register, self.register.draw_pass().unwrap())];
        if script == Script::Acts {
            asked.push(Entry::delivery(&self.register, ORDER, BOOKLETS_PER_DELIVERY));
        }
        for entry in &mut asked {
            if let Ok(mut connection) = service.connect() {
                entry.send(&self.register, &mut connection);
            }
            if entry.told == Told::Unknown("503 outcome_unknown".to_owned()) {
                self.must_abort(&mut service);
            }
        }
        if script == Script::Stop && service.end_within(Duration::ZERO).is_none() {
            service.terminate();
            service.end_within(PATIENCE).expect("the server does not end");
        }
        // A connection is gone a little before its process is.
        let cut = asked.iter().any(|entry| matches!(entry.told, Told::Unknown(_)));
        let status = service.end_within(if cut { Duration::from_secs(1) } else { Duration::ZERO });
        self.figures.killed += u32::from(status.is_some_and(|status| status.signal() == Some(SIGKILL)));
        asked
    }

    /// A server that does not know what its disk holds must not go on.
    fn must_abort(&mut self, service: &mut Service) {
        let began = Instant::now();
        let status = service.end_within(END).expect("outcome_unknown was answered, and the server goes on");
        assert_eq!(status.signal(), Some(SIGABRT), "{status}");
        self.figures.aborted += 1;
        self.figures.slowest_end = self.figures.slowest_end.max(began.elapsed());
    }

    /// One run under an injection, then the judgement on a server that is well. Answers whether it was killed.
    fn run(&mut self, script: Script, injection: &Injection) -> bool {
        let killed_before = self.figures.killed;
        self.figures.runs += 1;
        match Service::try_start(&self.register, |command| injection.on(&command)) {
            Ok(service) => {
                let asked = self.play(service, script);
                self.journal.extend(asked);
            }
            // Harmed before it was ready: nothing was asked.
            Err(_) if injection.harm == KILL => self.figures.killed += 1,
            Err(_) => self.figures.not_started += 1,
        }
        let service = Service::start(&self.register);
        let judged = settle(&self.register, &service, &mut self.journal).and_then(|settled| {
            self.figures.unknown += settled.unknown;
            self.figures.had_happened += settled.had_happened;
            judge(&self.register, &self.journal)
        });
        judged.unwrap_or_else(|wrong| panic!("{script:?} {injection:?}: {wrong:#?}"));
        self.figures.killed > killed_before
    }

    /// Every call of a kind that the script makes: all of them where they are few, else each so many-th, from a first one
    /// that chance decides.
    fn at_every(&mut self, script: Script, (call, harm, suffix): (&'static str, &'static str, &str)) -> usize {
        let most = self.calls(script).get(call).copied().unwrap_or(0);
        let step = if most > 20 { usize::try_from(bar("RECEPISSE_FAULT_STEP", 10)).unwrap() } else { 1 };
        for place in (1 + chance(step)..=most).step_by(step) {
            let killed = self.run(script, &Injection { call, harm, when: format!("{place}{suffix}") });
            if !killed && harm == KILL {
                // The script ends before this call: later ones are not made either.
                break;
            }
        }
        most
    }

    /// The first flush that is not part of a start fails, and all after it. Answers what was told.
    fn flush_of_a_redemption_fails(&mut self) -> Vec<Entry> {
        for place in 1..=20 {
            let injection = Injection { call: "fdatasync", harm: "error=EIO", when: format!("{place}+") };
            let started = Service::try_start(&self.register, |command| injection.on(&command));
            if let Ok(service) = started {
                let asked = self.play(service, Script::Acts);
                assert_eq!(self.figures.aborted, 1, "the redemption was not harmed: {asked:?}");
                return asked;
            }
        }
        panic!("no start goes well");
    }

    fn end(self, what: &str) {
        audit(&self.register).unwrap();
        let Figures { runs, killed, aborted, not_started, unknown, had_happened, slowest_end } = self.figures;
        tell(&format!(
            "{what}: {runs} runs, {killed} killed by it, {aborted} ended themselves (slowest after {} ms), {not_started} did not start, {unknown} acts \
             unknown and settled, {had_happened} of them had been recorded; 0 lost, 0 refused that exist",
            slowest_end.as_millis()
        ));
    }
}

#[test]
fn a_server_killed_at_any_call_by_which_it_writes_loses_nothing() {
    let _machine = alone();
    if !strace_is_here("F-02") {
        return;
    }
    let mut suite = Suite::new();
    let mut calls = Vec::new();
    for script in [Script::Acts, Script::Stop] {
        for call in CALLS {
            let most = suite.at_every(script, (call, KILL, ""));
            calls.push(format!("{script:?} {call} {most}"));
        }
    }
    assert!(suite.figures.killed > 0, "nobody was killed");
    suite.end(&format!("F-02 SIGKILL at every call ({})", calls.join(", ")));
}

#[test]
fn a_flush_that_fails_is_never_told_as_a_refusal_and_ends_the_server() {
    let _machine = alone();
    if !strace_is_here("F-04") {
        return;
    }
    let mut suite = Suite::new();
    for suffix in ["", "+"] {
        suite.at_every(Script::Acts, ("fdatasync", "error=EIO", suffix));
    }
    suite.at_every(Script::Stop, ("fdatasync", "error=EIO", "+"));
    assert!(suite.figures.aborted > 0, "no flush failed");
    suite.end("F-04 EIO on fdatasync, once and for ever");
}

#[test]
fn a_full_disk_harms_nothing_and_writes_go_on_when_there_is_space() {
    let _machine = alone();
    if !strace_is_here("F-05") {
        return;
    }
    let mut suite = Suite::new();
    suite.at_every(Script::Acts, ("pwrite64", "error=ENOSPC", ""));
    suite.at_every(Script::Stop, ("pwrite64", "error=ENOSPC", ""));
    assert!(suite.figures.unknown > 0, "no disk was full");
    suite.end("F-05 ENOSPC on pwrite64");
}

/// The positive control of F-02 and F-05: a disk that says it has written what it has not. Some act that was granted is not
/// in the file once the server is killed, and the oracle says so.
#[test]
fn the_oracle_convicts_a_disk_that_claims_a_write_it_did_not_make() {
    let _machine = alone();
    if !strace_is_here("F-02, F-05 control") {
        return;
    }
    for place in 1..=MOST_WRITES {
        // A register each: what a disk has lost is not found again.
        let mut suite = Suite::new();
        let injection = Injection { call: "pwrite64", harm: CLAIMED, when: place.to_string() };
        let started = Service::try_start(&suite.register, |command| injection.on(&command));
        let Ok(service) = started else { continue };
        let mut entry = Entry::redemption(&suite.register, suite.register.draw_pass().unwrap());
        entry.send(&suite.register, &mut service.connect().unwrap());
        service.kill();
        let granted = matches!(entry.told, Told::Granted(_));
        suite.journal.push(entry);
        let service = Service::start(&suite.register);
        if granted && let Err(wrong) = judge(&suite.register, &suite.journal) {
            assert!(wrong.iter().any(|sentence| sentence.contains("and lost")), "{wrong:?}");
            drop(service);
            return tell(&format!(
                "F-02, F-05 control: the write {place} was claimed and not made, an act lost, and convicted"
            ));
        }
    }
    panic!("the oracle is blind: no write that was not made was missed");
}

/// The positive control: read the answer to a flush that failed as a server would give it that takes a failed COMMIT for
/// one that did not happen. The act is in the file all the same, and the oracle says so.
#[test]
fn the_oracle_convicts_a_refusal_of_what_the_file_holds_after_a_failed_flush() {
    let _machine = alone();
    if !strace_is_here("F-04 control") {
        return;
    }
    let mut suite = Suite::new();
    let mut asked = suite.flush_of_a_redemption_fails();
    asked[0].told = Told::Refused("conflict".to_owned());
    // The delivery was never begun: it is not part of the trial.
    asked.truncate(1);
    suite.journal.extend(asked);
    let service = Service::start(&suite.register);
    let judged =
        settle(&suite.register, &service, &mut suite.journal).and_then(|_| judge(&suite.register, &suite.journal));
    let wrong = judged.expect_err("the oracle is blind");
    assert!(wrong.iter().any(|sentence| sentence.contains("granted to nobody")), "{wrong:?}");
    tell("F-04 control: an act told as refused after a failed flush is in the file, and convicted");
}
