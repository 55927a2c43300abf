//! The judge of every fault suite. It believes the clients' own journals and what the program's commands say of the
//! database, and nothing that a fault could have told it: every acknowledged act is there once with the receipt that was
//! answered, nothing else is there, every unknown act has one definite answer. What never lives here: a fault.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use recepisse::receipts::{Body, canonical, chain, journal_file};

use super::client::Said;
use super::python::python_is_here;
use super::{Entry, Register, Service, Told};

/// What was found to be in order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Receipts of the clients' acts.
    pub(crate) granted: usize,
    pub(crate) refused: usize,
}

/// What became of the requests whose outcome was unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Settled {
    pub(crate) unknown: usize,
    /// Those that had been recorded before they were asked again.
    pub(crate) had_happened: usize,
}

impl std::ops::AddAssign for Settled {
    fn add_assign(&mut self, other: Self) {
        self.unknown += other.unknown;
        self.had_happened += other.had_happened;
    }
}

/// Sends every unknown request again under its key: one retry must give a definite answer, and asking once more the same
/// one as a replay.
pub(crate) fn settle(register: &Register, service: &Service, journal: &mut [Entry]) -> Result<Settled, Vec<String>> {
    let mut connection = service.connect().map_err(|error| vec![format!("no connection: {error:#}")])?;
    let (mut settled, mut wrong) = (Settled::default(), Vec::new());
    for entry in journal.iter_mut().filter(|entry| matches!(entry.told, Told::Unknown(_))) {
        settled.unknown += 1;
        settled.had_happened += usize::from(entry.send(register, &mut connection));
        let first = entry.told.clone();
        let replayed = entry.send(register, &mut connection);
        if let Told::Unknown(why) = &first {
            wrong.push(format!("{} has no definite answer: {why}", entry.key));
        } else if !replayed || entry.told != first {
            wrong.push(format!("{} was answered {first:?}, then {:?}", entry.key, entry.told));
        }
    }
    if wrong.is_empty() { Ok(settled) } else { Err(wrong) }
}

/// Holds the clients' journals, in which nothing may be unknown any more, against the register's.
pub(crate) fn judge(register: &Register, journal: &[Entry]) -> Result<Verdict, Vec<String>> {
    let exported = register.command("export").arg("journal").output().unwrap();
    if !exported.status.success() {
        return Err(vec![format!("export: {}", String::from_utf8_lossy(&exported.stderr))]);
    }
    let text = String::from_utf8(exported.stdout).unwrap();
    if let Err(found) = journal_file::verify_lines(text.lines().map(str::to_owned)) {
        return Err(vec![format!("the exported journal: {found}")]);
    }
    compare(register.receipts_before, &receipts(&text), journal)
}

/// Everything that the program and the verifier that shares no code with it have to say: slow, for the end of a suite.
pub(crate) fn audit(register: &Register) -> Result<(), Vec<String>> {
    let mut wrong = Vec::new();
    let mut run = |mut command: Command| {
        let output = command.output().unwrap();
        if !output.status.success() {
            let told = [output.stdout, output.stderr].concat();
            wrong.push(format!("{command:?}: {}", String::from_utf8_lossy(&told)));
        }
    };
    run(register.command("verify"));
    let mut rebuild = register.command("rebuild");
    rebuild.arg("--check");
    run(rebuild);
    let file = register.file("journal.jsonl");
    let mut export = register.command("export");
    export.arg("journal").arg("--output").arg(&file);
    run(export);
    if python_is_here() {
        let mut python = Command::new("python3");
        python.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/verify_journal.py")).arg(&file).arg("--fast");
        run(python);
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// The receipts of an exported journal, in order.
fn receipts(text: &str) -> Vec<(Said, Body)> {
    let lines = text.lines().filter(|line| line.starts_with("{\"v\":"));
    lines
        .map(|line| {
            let body = canonical::read(line).unwrap();
            let said = Said { position: body.position, number: body.number.clone(), hash: chain::hash(line) };
            (said, body)
        })
        .collect()
}

fn compare(before: i64, receipts: &[(Said, Body)], journal: &[Entry]) -> Result<Verdict, Vec<String>> {
    let mut wrong = gaps(receipts);
    let stored: BTreeSet<&Said> = receipts.iter().map(|(said, _)| said).filter(|said| said.position > before).collect();
    let mut told: BTreeMap<&Said, &str> = BTreeMap::new();
    let mut refused = 0;
    for entry in journal {
        match &entry.told {
            Told::Granted(said) => {
                if let Some(other) = told.insert(said, &entry.key) {
                    wrong.push(format!("{} was answered to {other} and to {}", said.number, entry.key));
                }
                if !stored.contains(said) {
                    wrong.push(format!("acknowledged to {} and lost: {said:?}", entry.key));
                }
            }
            Told::Refused(_) => refused += 1,
            Told::Unknown(why) => wrong.push(format!("{} is still unknown: {why}", entry.key)),
        }
    }
    for said in stored.iter().filter(|said| !told.contains_key(*said)) {
        wrong.push(format!("recorded, but granted to nobody: {said:?}"));
    }
    if wrong.is_empty() { Ok(Verdict { granted: told.len(), refused }) } else { Err(wrong) }
}

/// Positions and the numbers of each series without a gap; no pass redeemed twice.
fn gaps(receipts: &[(Said, Body)]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut series: BTreeMap<&str, i64> = BTreeMap::new();
    let mut spent = BTreeSet::new();
    for ((said, body), position) in receipts.iter().zip(1_i64..) {
        if said.position != position {
            wrong.push(format!("position {} stands where {position} belongs", said.position));
        }
        let (office, running) = said.number.rsplit_once('-').unwrap();
        let last = series.entry(office).or_default();
        *last += 1;
        if running.parse() != Ok(*last) {
            wrong.push(format!("{} stands where number {last} belongs", said.number));
        }
        let items = body.lines.iter().flat_map(|line| &line.items);
        match body.kind.as_str() {
            "redemption" => {
                wrong.extend(items.filter(|pass| !spent.insert(*pass)).map(|pass| format!("{pass} was spent twice")));
            }
            "reversal" => {
                for pass in items {
                    spent.remove(pass);
                }
            }
            _ => {}
        }
    }
    wrong
}

/// The oracle on trial: a sound journal passes, and each falsified one is convicted of what was done to it.
mod trial {
    use super::*;

    const VECTOR: &str = include_str!("../../vectors/journal-v1.jsonl");

    fn sound() -> (Vec<(Said, Body)>, Vec<Entry>) {
        let receipts = receipts(VECTOR);
        let heard = |(said, _): &(Said, Body)| Entry::heard(&said.number, Told::Granted(said.clone()));
        let journal = receipts.iter().map(heard).collect();
        (receipts, journal)
    }

    fn convicted(receipts: &[(Said, Body)], journal: &[Entry], of: &str) {
        let wrong = compare(0, receipts, journal).unwrap_err();
        assert!(wrong.iter().any(|sentence| sentence.contains(of)), "{of}: {wrong:?}");
    }

    #[test]
    fn a_journal_that_agrees_passes() {
        let (receipts, mut journal) = sound();
        journal.push(Entry::heard("refused", Told::Refused("already_redeemed".to_owned())));
        let verdict = compare(0, &receipts, &journal).unwrap();
        assert_eq!(verdict, Verdict { granted: receipts.len(), refused: 1 });
    }

    #[test]
    fn an_acknowledged_receipt_that_is_missing_is_convicted() {
        let (mut receipts, journal) = sound();
        receipts.pop();
        convicted(&receipts, &journal, "and lost");
    }

    #[test]
    fn an_acknowledged_receipt_with_other_bytes_is_convicted() {
        let (mut receipts, journal) = sound();
        receipts[3].0.hash = receipts[4].0.hash.clone();
        convicted(&receipts, &journal, "and lost");
    }

    #[test]
    fn one_receipt_for_two_requests_is_convicted() {
        let (receipts, mut journal) = sound();
        journal[5].told = journal[6].told.clone();
        convicted(&receipts, &journal, "was answered to");
    }

    #[test]
    fn a_receipt_of_a_request_that_was_refused_is_convicted() {
        let (receipts, mut journal) = sound();
        journal[7].told = Told::Refused("already_redeemed".to_owned());
        convicted(&receipts, &journal, "granted to nobody");
    }

    #[test]
    fn a_request_without_a_definite_answer_is_convicted() {
        let (receipts, mut journal) = sound();
        journal.push(Entry::heard("cut", Told::Unknown("cut".to_owned())));
        convicted(&receipts, &journal, "still unknown");
    }

    #[test]
    fn a_gap_and_a_number_twice_are_convicted() {
        let (mut receipts, journal) = sound();
        receipts.remove(4);
        convicted(&receipts, &journal, "where 5 belongs");
        let (mut receipts, journal) = sound();
        receipts[2].0.number = receipts[1].0.number.clone();
        convicted(&receipts, &journal, "stands where number");
    }

    #[test]
    fn a_pass_spent_twice_is_convicted() {
        let (mut receipts, journal) = sound();
        receipts.retain(|(_, body)| body.kind != "reversal");
        let redemptions = |(_, body): &&mut (Said, Body)| body.kind == "redemption";
        let mut redemptions: Vec<_> = receipts.iter_mut().filter(redemptions).collect();
        let lines = redemptions[0].1.lines.clone();
        redemptions[1].1.lines = lines;
        convicted(&receipts, &journal, "spent twice");
    }
}
