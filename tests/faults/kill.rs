//! F-01: `kill -9` at a random moment under load, again and again on one register. What never lives here: the oracle.

use crate::harness::{
    Engine, Entry, Register, Service, Settled, Told, alone, audit, bar, compile, engines, judge, settle, tell,
    under_load,
};

/// A register is driven for so many cycles, so that judging it stays quick.
const CYCLES_PER_REGISTER: u32 = 25;
/// What one cycle may draw from a register at most.
const PASSES_PER_CYCLE: u32 = 1_200;

#[derive(Debug, Default)]
struct Figures {
    cycles: u32,
    granted: usize,
    refused: usize,
    settled: Settled,
    ready_millis: Vec<u128>,
}

impl Figures {
    fn campaign(&mut self, engine: Engine, cycles: u32) {
        let register = Register::prepare(engine, cycles * PASSES_PER_CYCLE, cycles * PASSES_PER_CYCLE / 3);
        let mut journal: Vec<Entry> = Vec::new();
        for cycle in 0..=cycles {
            let service = Service::start(&register);
            self.ready_millis.push(service.ready_after.as_millis());
            self.settled += settle(&register, &service, &mut journal).unwrap();
            let verdict = judge(&register, &journal).unwrap();
            if cycle == cycles {
                audit(&register).unwrap();
                (self.granted, self.refused) = (self.granted + verdict.granted, self.refused + verdict.refused);
            } else {
                journal.extend(under_load(&register, service, Service::kill).0);
            }
        }
        self.cycles += cycles;
    }

    fn tell(&mut self, engine: Engine) {
        self.ready_millis.sort_unstable();
        let last = self.ready_millis.len() - 1;
        tell(&format!(
            "F-01 {engine}: {} kills, {} acts acknowledged, {} refused, {} unknown and settled ({} of them recorded); 0 lost, 0 doubled, 0 gaps; \
             ready again after {} ms (median), {} ms (p99), {} ms (worst)",
            self.cycles,
            self.granted,
            self.refused,
            self.settled.unknown,
            self.settled.had_happened,
            self.ready_millis[last / 2],
            self.ready_millis[last * 99 / 100],
            self.ready_millis[last],
        ));
    }
}

#[test]
fn nothing_acknowledged_is_lost_when_the_server_is_killed() {
    let _machine = alone();
    let cycles = bar("RECEPISSE_FAULT_KILLS", 50);
    let each = cycles.div_ceil(u32::try_from(engines().len()).unwrap());
    for engine in engines() {
        let mut figures = Figures::default();
        while figures.cycles < each {
            figures.campaign(*engine, CYCLES_PER_REGISTER.min(each - figures.cycles));
        }
        figures.tell(*engine);
        assert!(figures.granted > 0 && figures.settled.unknown > 0, "the kills met no load");
    }
}

/// The positive control: a server whose log is in its own memory answers exactly as ours does, until it is killed.
#[test]
fn the_oracle_convicts_a_server_that_answers_before_its_log_is_on_disk() {
    let _machine = alone();
    let library = compile("volatile_log", include_str!("volatile_log.c"));
    let register = Register::prepare(Engine::Sqlite, 100, 20);
    let harmed = Service::try_start(&register, |mut command| {
        command.env("LD_PRELOAD", &library);
        command
    });
    let harmed = harmed.unwrap();
    let mut connection = harmed.connect().unwrap();
    let mut journal: Vec<Entry> = Vec::new();
    for _ in 0..20 {
        let mut entry = Entry::redemption(&register, register.draw_pass().unwrap());
        entry.send(&register, &mut connection);
        journal.push(entry);
    }
    harmed.kill();
    let acknowledged = journal.iter().filter(|entry| matches!(entry.told, Told::Granted(_))).count();
    let service = Service::start(&register);
    let judged = settle(&register, &service, &mut journal).and_then(|_| judge(&register, &journal));
    let wrong = judged.expect_err("the oracle is blind");
    let lost = wrong.iter().filter(|sentence| sentence.contains("and lost")).count();
    assert!(lost > 0, "{wrong:?}");
    tell(&format!(
        "F-01 control: with its log in memory, {lost} of {acknowledged} acknowledged acts were lost, and convicted"
    ));
}
