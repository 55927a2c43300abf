//! The verifier of `docs/verify_journal.py` shares no code with ours: both must say the same of every journal.

use std::path::PathBuf;
use std::process::Command;

use super::journal_file::verify_lines;
use super::replay::breaches;
use super::{Receipt, canonical, chain, journal_file, sample, seal};

fn script() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/verify_journal.py")
}

fn python_is_here() -> bool {
    Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Exit status and first line of the script.
fn run(arguments: &[&str]) -> (i32, String) {
    let output = Command::new("python3").arg("-I").arg(script()).args(arguments).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.code().unwrap(), text.lines().next().unwrap_or_default().to_owned())
}

/// What the script ought to say of these lines.
fn verdict(lines: &[String]) -> String {
    match verify_lines(lines.iter().cloned()) {
        Ok(_) => "VERDICT : JOURNAL INTACT".to_owned(),
        Err(found) => format!("VERDICT : RUPTURE, position {}, code {}", found.position, found.code),
    }
}

/// Asserts that both verifiers give the same verdict on these lines.
fn both_agree(what: &str, lines: &[String]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    let text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
    std::fs::write(&path, text).unwrap();
    let (status, found) = run(&[path.to_str().unwrap()]);
    assert_eq!(found, verdict(lines), "{what}");
    assert_eq!(status, i32::from(found.contains("RUPTURE")), "{what}");
}

#[test]
fn both_verifiers_agree_on_sound_and_on_tampered_journals() {
    if !python_is_here() {
        return;
    }
    let file = sample::file();
    both_agree("sound", &file);
    both_agree("empty", &[]);
    let replaced = |from: &str, to: &str| -> Vec<String> {
        assert!(file.iter().any(|line| line.contains(from)), "{from}");
        file.iter().map(|line| line.replacen(from, to, 1)).collect()
    };
    for (from, to) in [
        ("\"kind\":\"hand_out\"", "\"kind\":\"handed\""),
        ("\"cents\":20000", "\"cents\":20001"),
        ("2026-11-24T10:06:17.123Z", "2026-11-24T10:06:18.123Z"),
        ("é", "e\u{301}"),
        ("é", "\\u00e9"),
        ("être", "\u{7f}être"),
        ("\"booklets\":2", "\"booklets\":2.0"),
        ("\"signature\":\"", "\"signature\":\"0"),
        ("\"receipts\":13", "\"receipts\":12"),
        ("\"keys\":[", "\"keys\":[ "),
    ] {
        both_agree(from, &replaced(from, to));
    }
    for at in [0, 1, 2, 8, file.len() - 2, file.len() - 1] {
        let mut dropped = file.clone();
        dropped.remove(at);
        both_agree("dropped", &dropped);
        let mut swapped = file.clone();
        swapped.swap(at, (at + 1) % file.len());
        both_agree("swapped", &swapped);
    }
}

/// Journals that somebody with the key sealed, each wrong in one number, text or item of one receipt.
fn forgeries() -> Vec<Vec<String>> {
    let journal = sample::journal();
    let mut files = Vec::new();
    for (at, receipt) in journal.iter().enumerate() {
        let text = receipt.bytes();
        // Each integer by one, and each string's last letter: the chain is then joined again behind it.
        let starts: Vec<usize> = text.match_indices([':', '[', ',']).map(|(place, _)| place + 1).collect();
        for start in starts {
            let Some(forged) = forge(text, start) else { continue };
            let Ok(body) = canonical::read(&forged) else { continue };
            let mut chain: Vec<Receipt> = journal[..at].to_vec();
            chain.push(chain::seal_receipt(body).unwrap());
            for later in &journal[at + 1..] {
                let mut body = later.body().clone();
                body.prev = chain.last().unwrap().hash().to_owned();
                chain.push(chain::seal_receipt(body).unwrap());
            }
            files.push(sample::lines(&sample::key(), &chain, &[13]));
        }
    }
    files
}

/// `text` with the value that begins at `start` changed a little.
fn forge(text: &str, start: usize) -> Option<String> {
    let value = &text[start..];
    if let Some(inner) = value.strip_prefix('"') {
        let end = start + 1 + inner.find('"')?;
        if text[end..].starts_with("\":") {
            return None;
        }
        let last = text[..end].chars().last().filter(char::is_ascii_alphanumeric)?;
        let other = if last == '1' { '2' } else { '1' };
        return Some(format!("{}{other}{}", &text[..end - 1], &text[end..]));
    }
    let length = value.find(|c: char| !c.is_ascii_digit() && c != '-').filter(|length| *length > 0)?;
    let number: i64 = value[..length].parse().ok()?;
    Some(format!("{}{}{}", &text[..start], number + 1, &value[length..]))
}

/// Asserts that both verifiers say the same of each of these files, and gives the verdicts.
fn all_agree(files: &[Vec<String>]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let mut expected = Vec::new();
    let mut paths = Vec::new();
    for (number, lines) in files.iter().enumerate() {
        let path = folder.path().join(format!("{number}.jsonl"));
        std::fs::write(&path, lines.join("\n") + "\n").unwrap();
        paths.push(path);
        expected.push(verdict(lines));
    }
    let output = Command::new("python3").arg("-I").arg(script()).args(&paths).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let found: Vec<&str> = text.lines().filter(|line| line.starts_with("VERDICT")).collect();
    assert_eq!(found.len(), expected.len());
    for (number, (found, expected)) in found.iter().zip(&expected).enumerate() {
        assert_eq!(found, expected, "{}", files[number].join("\n"));
    }
    expected
}

/// Whoever holds the key can seal anything: only the business rules are left to find it.
#[test]
fn both_verifiers_agree_on_sealed_journals_that_break_a_rule() {
    if !python_is_here() {
        return;
    }
    let files = forgeries();
    assert!(files.len() > 200, "{}", files.len());
    let verdicts = all_agree(&files);
    let broken = verdicts.iter().filter(|verdict| verdict.contains("RUPTURE")).count();
    assert!(broken > 150, "{broken}");
}

#[test]
fn both_verifiers_hold_what_the_acts_hold() {
    if !python_is_here() {
        return;
    }
    let file = |receipts: &[Receipt]| {
        let last = i64::try_from(receipts.len()).unwrap();
        sample::lines(&sample::key(), receipts, &[last])
    };
    let breaches = breaches::breaches();
    let broken: Vec<Vec<String>> = breaches.iter().map(|breach| file(&breach.receipts)).collect();
    for (verdict, breach) in all_agree(&broken).iter().zip(&breaches) {
        let expected = format!("position {}, code {}", breach.receipts.len(), breach.code);
        assert!(verdict.ends_with(&expected), "{verdict}: {}", breach.what);
    }
    let whole: Vec<Vec<String>> = breaches::sound().iter().map(|(_, receipts)| file(receipts)).collect();
    assert!(all_agree(&whole).iter().all(|verdict| verdict.ends_with("INTACT")));
}

/// The neutral point as a key would "sign" anything with the neutral point.
#[test]
fn both_verifiers_refuse_a_key_of_small_order() {
    if !python_is_here() {
        return;
    }
    let public = format!("01{}", "00".repeat(31));
    let key = seal::read_key(&public).unwrap();
    let journal = sample::journal();
    let mut lines = sample::lines(&sample::key(), &journal, &[]);
    lines[0] = journal_file::header_line("HDF21", &[key]);
    let hash = journal[12].hash().to_owned();
    let signature = format!("{public}{}", "00".repeat(32));
    let forged = journal_file::Seal { position: 13, hash, key: seal::key_id(&key), signature };
    lines.insert(14, journal_file::seal_line(&forged));
    assert!(verdict(&lines).ends_with("seal_signature"));
    both_agree("small order", &lines);
}

#[test]
fn the_script_accepts_the_vectors() {
    if !python_is_here() {
        return;
    }
    let vectors = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/receipt-v1.json");
    let check = vectors.with_file_name("check_vectors.py");
    let output = Command::new("python3").arg("-I").arg(check).arg(vectors).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn the_script_refuses_a_key_that_was_not_announced() {
    if !python_is_here() {
        return;
    }
    let journal = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/journal-v1.jsonl");
    let journal = journal.to_str().unwrap();
    let key = seal::write_key(&sample::key().verifying_key());
    assert_eq!(run(&[journal, "--key", &key]).0, 0);
    assert_eq!(run(&[journal, "--fast"]).0, 0);
    let (status, verdict) = run(&[journal, "--key", &"d7".repeat(32)]);
    assert_eq!((status, verdict.as_str()), (1, "VERDICT : RUPTURE, position 0, code key_untrusted"));
    assert_eq!(run(&["/nowhere/at/all"]).0, 2);
}
