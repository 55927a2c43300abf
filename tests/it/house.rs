//! The rules of the house that no type and no lint can hold: who may see whom, how long a file may be, that every
//! refusal has its line in the documents and its test. A rule that is broken here fails the build.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use recepisse::catalogue;
use recepisse::domain::movement::Kind;
use recepisse::domain::refusal::Code;

use crate::harness::packages;

const LONG: usize = 400;
const TOO_LONG: usize = 600;

/// What neither a rule nor a receipt may depend on.
const IMPURE: &[&str] = &["diesel", "actix", "Utc::now", "std::env", "std::fs", "std::net", "getrandom"];

/// What a folder must never see besides the modules below it in `lib.rs`: the words, and why in `docs/ARCHITECTURE.md`.
const BORDERS: &[(&str, &[&str])] = &[
    ("src/domain", IMPURE),
    ("src/receipts", IMPURE),
    ("src/store", &["actix", "crate::auth", "crate::clock"]),
    ("src/ledger", &["actix", "diesel"]),
    ("src/reports", &["actix", "diesel", "crate::ledger"]),
    ("src/documents", &["diesel"]),
    ("src/auth", &["actix", "diesel"]),
    ("src/audit", &["actix", "diesel"]),
    ("src/archive", &["actix", "diesel"]),
    ("src/feeds", &["actix", "diesel", "crate::ledger"]),
    ("src/cartography", &["actix", "diesel"]),
    ("src/demo", &["diesel"]),
    ("src/http", &["diesel"]),
    ("src/cli", &["diesel"]),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every Rust file below `folder`, and `folder.rs`, by its path from the root.
fn sources(folder: &str) -> Vec<(String, String)> {
    fn collect(path: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                collect(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    let mut files = Vec::new();
    collect(&root().join(folder), &mut files);
    files.extend(Some(root().join(format!("{folder}.rs"))).filter(|file| file.exists()));
    files.sort();
    let named = |file: PathBuf| {
        let path = file.strip_prefix(root()).unwrap().display().to_string();
        (path, fs::read_to_string(&file).unwrap())
    };
    files.into_iter().map(named).collect()
}

/// Leaves out the modules that are compiled for tests only, with all that is below them; a test may read what it checks.
fn without_tests(files: Vec<(String, String)>) -> Vec<(String, String)> {
    let declared = |(path, text): &(String, String)| -> Vec<String> {
        let folder = path.strip_suffix("/mod.rs").or_else(|| path.strip_suffix(".rs")).unwrap_or(path);
        let after = text.split("#[cfg(test)]\nmod ").skip(1);
        after.filter_map(|rest| rest.split_once(';')).map(|(name, _)| format!("{folder}/{name}")).collect()
    };
    let tests: Vec<String> = files.iter().flat_map(declared).collect();
    let is_below = |path: &str, test: &String| {
        path.strip_prefix(test.as_str()).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
    };
    files.into_iter().filter(|(path, _)| !tests.iter().any(|test| is_below(path, test))).collect()
}

/// The lines that are code, numbered from 1, without their comments.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.lines().map(|line| line.split("//").next().unwrap_or_default()))
}

/// Whether the word stands in the line by itself, not inside a longer one.
fn mentions(line: &str, word: &str) -> bool {
    let inside = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    line.match_indices(word).any(|(place, _)| {
        !inside(line[..place].chars().next_back()) && !inside(line[place + word.len()..].chars().next())
    })
}

/// Where a word that is forbidden there stands below `folder`, tests aside.
fn sightings(folder: &str, forbidden: &[impl AsRef<str>]) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in without_tests(sources(folder)) {
        for (number, line) in code(&text) {
            let seen = forbidden.iter().map(AsRef::as_ref).filter(|word| mentions(line, word));
            found.extend(seen.map(|word| format!("{path}:{number} sees {word}")));
        }
    }
    found
}

#[test]
fn no_module_sees_what_it_must_not() {
    let broken: Vec<String> = BORDERS.iter().flat_map(|(folder, forbidden)| sightings(folder, forbidden)).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn a_module_sees_only_those_above_it() {
    let text = read("src/lib.rs");
    let name = |line| str::strip_prefix(line, "pub mod ").or(line.strip_prefix("mod "))?.strip_suffix(';');
    let modules: Vec<&str> = text.lines().filter_map(name).collect();
    assert!(modules.contains(&"domain") && modules.contains(&"closed"), "{modules:?}");
    let mut broken = Vec::new();
    for (place, module) in modules.iter().enumerate() {
        let below: Vec<String> = modules[place + 1..].iter().map(|below| format!("crate::{below}")).collect();
        broken.extend(sightings(&format!("src/{module}"), &below));
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// The positive control of the test above.
#[test]
fn the_border_guard_sees_an_import_and_overlooks_a_comment() {
    assert!(mentions("use diesel::prelude::QueryDsl;", "diesel"));
    assert!(mentions("    actix_web::web::Json(1)".replace("actix_web", "actix").as_str(), "actix"));
    assert!(!mentions("let dieselised = 1;", "diesel"));
    assert_eq!(code("let a = 1; // diesel").next(), Some((1, "let a = 1; ")));
}

#[test]
fn no_file_is_too_long() {
    let mut broken = Vec::new();
    for (path, text) in [sources("src"), sources("tests")].concat() {
        let lines = text.lines().count();
        if lines > TOO_LONG {
            broken.push(format!("{path} has {lines} lines"));
        } else if lines > LONG {
            println!("{path} has {lines} lines: {LONG} is a smell, {TOO_LONG} fails");
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn no_float_comes_near_money() {
    let mut broken = Vec::new();
    for folder in ["src/domain", "src/receipts", "src/ledger", "src/store", "src/reports"] {
        // The cells of a workbook are numbers of no other kind; digits are handed over there, and nothing is calculated.
        for (path, text) in sources(folder).into_iter().filter(|(path, _)| path != "src/reports/xlsx.rs") {
            for (number, line) in code(&text) {
                if mentions(line, "f32") || mentions(line, "f64") {
                    broken.push(format!("{path}:{number}"));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// A row that may leave a column to its default makes diesel open a transaction of its own on SQLite.
#[test]
fn no_row_leaves_a_column_to_its_default() {
    for (path, text) in sources("src/store") {
        let lines: Vec<&str> = text.lines().collect();
        for (place, line) in lines.iter().enumerate().filter(|(_, line)| line.contains("Insertable")) {
            if line.trim_start().starts_with("#[derive") {
                let attribute = lines[place + 1];
                assert!(attribute.contains("treat_none_as_default_value = false"), "{path}:{}", place + 1);
            }
        }
    }
}

/// `not_enough_booklets` is `NotEnoughBooklets`.
fn variant(name: &str) -> String {
    let word = |word: &str| word[..1].to_uppercase() + &word[1..];
    name.split('_').map(word).collect()
}

#[test]
fn every_refusal_has_a_test_through_the_ledger() {
    let tests: String = sources("tests/it/acts").into_iter().map(|(_, text)| text).collect();
    let untested: Vec<&Code> =
        Code::ALL.iter().filter(|code| !mentions(&tests, &format!("Code::{}", variant(code.as_str())))).collect();
    assert!(untested.is_empty(), "no test in tests/it/acts expects {untested:?}");
}

/// The codes of `Malformed`, read where they are written, since that type has no list of its own.
fn malformed() -> Vec<String> {
    let text = read("src/domain/refusal.rs");
    let (_, rest) = text.split_once("impl Malformed").unwrap();
    let (body, _) = rest.split_once("impl fmt::Display").unwrap();
    body.lines().filter_map(|line| line.split('"').nth(1)).map(str::to_owned).collect()
}

#[test]
fn every_code_is_in_the_catalogue_and_in_the_documents_with_its_status() {
    let documents = read("docs/API.md");
    let is_row = |line: &&str| {
        let status = line.strip_prefix("| `").and_then(|row| row.split('|').nth(1));
        status.is_some_and(|status| status.trim().parse::<u16>().is_ok())
    };
    let written: BTreeSet<String> = documents.lines().filter(is_row).map(str::to_owned).collect();
    let row = |entry: &catalogue::Entry| format!("| `{}` | {} | {} |", entry.code, entry.status, entry.french);
    let known: BTreeSet<String> = catalogue::all().map(row).collect();
    let missing: Vec<&str> = known.difference(&written).map(String::as_str).collect();
    assert!(missing.is_empty(), "put these rows into docs/API.md:\n{}", missing.join("\n"));
    let unknown: Vec<&str> = written.difference(&known).map(String::as_str).collect();
    assert!(unknown.is_empty(), "take these rows out of docs/API.md:\n{}", unknown.join("\n"));
    let codes: BTreeSet<&str> = catalogue::all().map(|entry| entry.code).collect();
    assert_eq!(codes.len(), known.len(), "a code stands twice in the catalogue");
    for code in Code::ALL.iter().map(|code| code.as_str().to_owned()).chain(malformed()) {
        assert!(codes.contains(code.as_str()), "{code} has no entry in the catalogue");
    }
}

/// The statuses of rules follow one idea: see `docs/API.md`.
#[test]
fn statuses_follow_their_kind() {
    let status = |code: Code| catalogue::find(code.as_str()).status;
    for code in Code::ALL {
        assert!(matches!(status(*code), 403 | 404 | 409 | 422), "{code}: {}", status(*code));
    }
    for code in malformed() {
        assert!(matches!(catalogue::find(&code).status, 400 | 422), "{code}");
    }
    assert_eq!(status(Code::AccountDisabled), 403);
}

fn is_copyleft(licence: &str) -> bool {
    let alternatives = licence.split(" OR ").flat_map(|part| part.split('/'));
    // Of several licences we choose one; it is enough that one of them asks nothing of us.
    alternatives.into_iter().all(|alternative| ["GPL", "SSPL"].iter().any(|word| alternative.contains(word)))
}

#[test]
fn no_crate_of_the_tree_has_a_licence_that_spreads() {
    let packages = packages();
    assert!(packages.len() > 100, "this is not the whole tree");
    for package in &packages {
        let licence = package["license"].as_str().or(package["license_file"].as_str()).unwrap_or_default();
        assert!(!licence.is_empty(), "{} names no licence", package["name"]);
        assert!(!is_copyleft(licence), "{} is under {licence}", package["name"]);
    }
}

#[test]
fn the_judge_of_licences_knows_a_choice_from_a_duty() {
    assert!(is_copyleft("GPL-3.0-only"));
    assert!(is_copyleft("AGPL-3.0 OR SSPL-1.0"));
    assert!(!is_copyleft("MIT OR Apache-2.0 OR LGPL-2.1-or-later"));
    assert!(!is_copyleft("EUPL-1.2"));
}

#[test]
fn the_two_documents_that_are_read_first_stay_short() {
    for path in ["docs/ARCHITECTURE.md", "docs/STYLE.md"] {
        let lines = read(path).lines().count();
        assert!(lines < 200, "{path} has {lines} lines");
    }
}

/// Every kind of user has a guide that the index names, and no guide speaks of a refusal that does not exist.
#[test]
fn every_guide_is_in_the_index_and_names_only_refusals_that_exist() {
    let index = read("docs/guides/README.md");
    let known: BTreeSet<&str> = catalogue::all().map(|entry| entry.code).collect();
    for guide in ["region-programme", "region-finances", "prescripteur", "lieu-de-mediation", "auditeur", "comptable"] {
        assert!(index.contains(&format!("({guide}.md)")), "the index does not name {guide}.md");
        let text = read(&format!("docs/guides/{guide}.md"));
        let (_, table) = text.split_once("| Code | Quoi faire |").unwrap_or_else(|| panic!("{guide}.md has no table"));
        let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
        // The verifier beside the documents has codes of its own.
        let first = rows.filter_map(|row| row.split('|').nth(1)).filter(|cell| !cell.contains("(vérificateur)"));
        for code in first.flat_map(|cell| cell.split('`').skip(1).step_by(2)) {
            assert!(known.contains(code), "{guide}.md: {code}");
        }
    }
}

/// The configuration file that the documents show is the one that the program writes.
#[test]
fn the_documented_configuration_is_that_of_the_program() {
    let written = recepisse::config::commented_default();
    let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join("recepisse.conf");
    fs::write(&made, &written).unwrap();
    let documented = root().join("docs/recepisse.conf");
    let known = fs::read_to_string(&documented).unwrap_or_default();
    assert!(known == written, "the options have changed:\ncp {} {}", made.display(), documented.display());
}

/// A receipt that a verifier does not know is a break: every kind of act has its rule in both, and its line in the format.
#[test]
fn every_kind_of_act_is_known_to_both_verifiers_and_to_the_format() {
    for path in ["src/receipts/replay/kinds.rs", "docs/verify_receipt.py", "docs/RECEIPT-FORMAT.md"] {
        let text = read(path);
        let unknown: Vec<&Kind> = Kind::ALL
            .iter()
            .filter(|kind| ['"', '`'].iter().all(|quote| !text.contains(&format!("{quote}{kind}{quote}"))))
            .collect();
        assert!(unknown.is_empty(), "{path} does not know {unknown:?}");
    }
}

/// Whoever is to trust the verifiers reads them first: no file of theirs is longer than one sitting.
#[test]
fn each_verifier_of_the_documents_is_read_in_one_sitting() {
    for name in ["receipt", "account", "ends", "people", "statements", "journal", "archive", "proof"] {
        let path = format!("docs/verify_{name}.py");
        let lines = read(&path).lines().count();
        assert!(lines <= LONG, "{path}: {lines} lines");
    }
}

/// The names of all tests.
fn tests() -> BTreeSet<String> {
    let named = |text: &str| -> Vec<String> {
        let after = text.split("#[test]").skip(1).filter_map(|rest| rest.split_once("fn "));
        after.filter_map(|(_, rest)| rest.split_once('(')).map(|(name, _)| name.to_owned()).collect()
    };
    [sources("src"), sources("tests")].concat().iter().flat_map(|(_, text)| named(text)).collect()
}

/// A clause is met as long as the tests that it names exist; a text of law is of the day on which it was read.
#[test]
fn every_clause_names_tests_that_exist_and_every_text_the_day_on_which_it_was_read() {
    let (page, tests) = (read("docs/COMPLIANCE.md"), tests());
    assert!(tests.len() > 500, "these are not all tests");
    let (mut clauses, mut laws) = (0, 0);
    for row in page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| Règle")) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        match cells[..] {
            [_, _, named] => {
                let named: Vec<&str> = named.split('`').skip(1).step_by(2).collect();
                assert!(!named.is_empty(), "no test holds: {row}");
                for name in named {
                    assert!(tests.contains(name), "{name} is no test: {row}");
                }
                clauses += 1;
            }
            [_, _, _, "Vérifié le"] | [_, _] => {}
            [_, _, _, day] => {
                let parts: Vec<usize> = day.split('-').map(str::len).collect();
                assert!(parts == [4, 2, 2], "no day: {row}");
                laws += 1;
            }
            _ => panic!("not a row of this page: {row}"),
        }
    }
    assert!(clauses >= 30 && laws >= 10, "{clauses} clauses, {laws} texts of law");
}

/// The two commands of the README are those that CI runs.
#[test]
fn the_commands_of_the_readme_are_run_by_ci() {
    let (readme, ci) = (read("README.md"), read(".ci/run"));
    for command in ["cargo run --release -- demo", "cargo test"] {
        assert!(readme.lines().any(|line| line.trim() == command), "README.md has no line `{command}`");
        assert!(ci.contains(command), ".ci/run does not run `{command}`");
    }
}
