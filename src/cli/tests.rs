//! The command line, run in this process on a directory of its own.

use std::path::Path;
use std::time::Duration;

use clap::{CommandFactory, FromArgMatches};

use super::{Arguments, Command, place, run};
use crate::config::{self, ConfigurationFile, Settings};
use crate::http::Listening;
use crate::ledger;

/// Exit code and standard output.
fn recepisse(folder: &Path, arguments: &[&str]) -> (u8, String) {
    let mut out = Vec::new();
    let all = ["recepisse", "--log", "off"].iter().chain(arguments).map(|text| (*text).to_owned());
    let place = ["--data-dir".to_owned(), folder.display().to_string()];
    let code = run(all.chain(place).map(Into::into), &mut out);
    (code, String::from_utf8(out).unwrap())
}

/// What `serve` is set to under a configuration file with this text.
fn settings(text: &str) -> (String, Settings) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let command = ConfigurationFile::read(file.path()).unwrap().as_defaults(Arguments::command());
    let matches = command.try_get_matches_from(["recepisse", "serve"]).unwrap();
    let Arguments { log, command, .. } = Arguments::from_arg_matches(&matches).unwrap();
    let Command::Serve(settings) = command else { panic!("not serve") };
    (format!("{log:?}"), *settings)
}

#[test]
fn the_default_configuration_sets_what_is_set_without_it() {
    let text = config::commented_default();
    let uncommented: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix('#')).filter(|line| line.starts_with("RECEPISSE_")).collect();
    assert!(uncommented.len() >= 20, "{text}");
    assert_eq!(settings(&uncommented.join("\n")), settings(""));
    assert_eq!(settings(&text), settings(""), "behind their # the lines set nothing");
    // The positive control: a line that sets something else is seen.
    let other = uncommented.join("\n").replace("RECEPISSE_QUEUE=1024", "RECEPISSE_QUEUE=1023");
    assert_ne!(settings(&other), settings(""));
}

#[test]
fn what_a_file_sets_reaches_the_parts() {
    let (_, settings) = settings(
        "RECEPISSE_GROUP=7\nRECEPISSE_QUEUE=8\nRECEPISSE_WAIT_SECONDS=9\nRECEPISSE_SLOW_GROUP_MILLIS=10\n\
         RECEPISSE_WORKERS=11\nRECEPISSE_CONNECTIONS=12\nRECEPISSE_HEADER_SECONDS=13\nRECEPISSE_KEEP_ALIVE_SECONDS=14\n\
         RECEPISSE_STOP_SECONDS=15\nRECEPISSE_READERS=16\nRECEPISSE_ALLOW_PLAIN_REMOTE_DATABASE=true",
    );
    let (seconds, writing) = (Duration::from_secs, settings.writing.options());
    assert_eq!((writing.group.get(), writing.queue, writing.longest_wait), (7, 8, seconds(9)));
    assert_eq!(writing.slow_group, Duration::from_millis(10));
    let Listening { workers, connections, header_deadline, keep_alive, stop } = settings.http.listening();
    assert_eq!((workers, connections), (11, 12));
    assert_eq!([header_deadline, keep_alive, stop], [seconds(13), seconds(14), seconds(15)]);
    assert_eq!(settings.reading.readers(), Some(16));
    assert!(settings.place.allows_plain_remote_database());
}

#[test]
fn the_defaults_of_the_options_are_those_of_the_parts() {
    let (_, settings) = settings("");
    assert_eq!(settings.writing.options(), ledger::Options::default());
    assert_eq!(settings.http.listening(), Listening::default());
}

#[test]
fn a_demonstration_is_set_up_once_verified_and_exported() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (code, out) = recepisse(&data, &["demo", "--json"]);
    assert_eq!(code, 0, "{out}");
    let first: serde_json::Value = serde_json::from_str(&out).unwrap();
    let parts = ["store", "transit", "prescribers", "circulation", "redeemed", "claimed", "paid", "expired", "blocked"];
    let sum: i64 = parts.iter().map(|name| first[name].as_i64().unwrap()).sum();
    assert_eq!((first["bought"].as_i64(), sum), (Some(5_000), 5_000));
    assert_eq!((first["passes_total"].as_i64(), first["value_cents_total"].as_i64()), (Some(5_000), Some(5_000_000)));
    assert_eq!(first["identity_holds"], true);
    assert_eq!(first["chain_verified"], true);
    assert_eq!(first["engine"], "sqlite");
    assert!(first["receipts"].as_i64() > Some(900) && first["refusals"].as_i64() > Some(20), "{out}");
    assert_eq!(recepisse(&data, &["demo", "--json"]), (0, out), "the same again, and nothing added");

    let (code, out) = recepisse(&data, &["verify"]);
    assert!(code == 0 && out.starts_with("HDF21 : conforme.") && out.contains(" par seconde"), "{out}");
    let (code, out) = recepisse(&data, &["verify", "--chain-only"]);
    assert!(code == 0 && out.starts_with("HDF21 : chaîne et sceaux intacts"), "{out}");
    let (code, out) = recepisse(&data, &["verify", "--chain-only", "--public-key", &"0".repeat(64)]);
    assert!(code == 1 && out.contains("seal_key"), "{out}");
    let (code, out) = recepisse(&data, &["rebuild", "--check"]);
    assert!(code == 0 && out.contains("aucun écart"), "{out}");
    let (code, out) = recepisse(&data, &["verify", "--public-key", &"0".repeat(64)]);
    assert!(code == 1 && !out.contains("conforme."), "{out}");

    let (code, out) = recepisse(&data, &["erase", "--as", "programme@demo.example", "--dry-run"]);
    assert!(code == 0 && out.starts_with("HDF21 : 0 personne sans contact depuis le "), "{out}");
    let (code, out) = recepisse(&data, &["erase", "--as", "finances@demo.example"]);
    assert!(code == 0 && out == "HDF21 : 0 effacements établis, plus rien à effacer.\n", "{out}");
    let (code, _) = recepisse(&data, &["erase", "--as", "nobody@demo.example"]);
    assert_eq!(code, 1);

    let (code, out) = recepisse(&data, &["export", "use-account", "--delimiter", ";", "--bom"]);
    assert!(code == 0 && out.starts_with("\u{feff}holder;kind;") && out.contains("#total"), "{out}");
    let file = folder.path().join("journal.jsonl");
    let (code, out) = recepisse(&data, &["export", "journal", "--output", &file.display().to_string()]);
    assert_eq!((code, out.as_str()), (0, ""));
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(crate::receipts::journal_file::verify_lines(text.lines().map(str::to_owned)).is_ok());
}

#[test]
fn lost_or_foreign_keys_are_never_replaced_beside_a_database_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let (data, other) = (folder.path().join("data"), folder.path().join("other"));
    for place in [&data, &other] {
        assert_eq!(recepisse(place, &["demo", "--json"]).0, 0);
    }
    let (keys, away) = (data.join("keys"), folder.path().join("away"));
    std::fs::rename(&keys, &away).unwrap();
    let account =
        ["user", "create", "--email", "a@b.fr", "--name", "A", "--organisation", "HDF", "--role", "accountant"];
    for command in [&["demo", "--no-serve"][..], &["serve", "--listen", "127.0.0.1:0"], &account, &["verify"]] {
        assert_eq!(recepisse(&data, command), (1, String::new()), "{command:?}");
        assert!(!keys.exists(), "{command:?}");
    }
    std::fs::rename(other.join("keys"), &keys).unwrap();
    assert_eq!(recepisse(&data, &["serve", "--listen", "127.0.0.1:0"]), (1, String::new()));
    let (code, out) = recepisse(&data, &["verify"]);
    assert!(code == 1 && out.contains("seal_key"), "{out}");
    std::fs::rename(&keys, other.join("keys")).unwrap();
    std::fs::rename(&away, &keys).unwrap();
    assert_eq!(recepisse(&data, &["verify"]).0, 0);
}

#[test]
fn every_report_of_the_catalogue_that_asks_for_nothing_can_be_exported() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(recepisse(folder.path(), &["demo", "--json"]).0, 0);
    for entry in crate::reports::CATALOGUE {
        let asks = [
            "movements",
            "rendition",
            "booklet-history",
            "pass-history",
            "sample",
            "issuer-exposure",
            "payment-statement",
        ]
        .contains(&entry.name);
        for format in ["csv", "json"] {
            let (code, out) = recepisse(folder.path(), &["export", entry.name, "--format", format]);
            assert!(asks || (code == 0 && !out.is_empty()), "{} {format}: {out}", entry.name);
        }
    }
    assert_eq!(recepisse(folder.path(), &["export", "nothing"]).0, 1);
}

const REGION: [&str; 12] = [
    "organisation",
    "create",
    "--code",
    "HDF",
    "--kind",
    "region",
    "--name",
    "Région",
    "--siret",
    "20005374200017",
    "--commune",
    "59350",
];

#[test]
fn the_first_region_and_its_first_account_are_created_and_not_twice() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out) = recepisse(folder.path(), &REGION);
    assert_eq!((code, out.as_str()), (0, "Organisme HDF créé : Région (Lille).\n"));
    assert_eq!(recepisse(folder.path(), &REGION).0, 1);
    let key = "0".repeat(64);
    for command in [&["verify", "--public-key", &key][..], &["rebuild", "--check"]] {
        let (code, out) = recepisse(folder.path(), command);
        assert!(code == 0 && out.contains("aucun dispositif"), "{command:?}: {out}");
    }
    let account = |role: &str| {
        let arguments =
            ["user", "create", "--email", "a@hdf.example", "--name", "A", "--organisation", "HDF", "--role"];
        recepisse(folder.path(), &[&arguments[..], &[role]].concat())
    };
    assert_eq!(account("venue_agent").0, 1, "the Region is no provider");
    let (code, out) = account("region_admin");
    assert!(code == 0 && out.contains("affiché une seule fois : "), "{out}");
    assert_eq!(account("region_admin").0, 1, "the address is taken");
    assert_eq!(recepisse(folder.path(), &["demo", "--json"]).0, 1, "a register in service is left alone");
}

#[test]
fn a_command_that_reads_makes_no_database_and_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("typo");
    for command in [&["verify"][..], &["rebuild", "--check"], &["export", "stock"], &["export", "journal"]] {
        assert_eq!(recepisse(&data, command).0, 1);
    }
    assert!(!data.exists());
}

#[test]
fn what_is_not_understood_is_exit_code_two_and_rebuild_never_writes() {
    let folder = tempfile::tempdir().unwrap();
    for wrong in [&["bogus"][..], &["export"], &["demo", "--scale", "huge"], &["export", "stock", "--as-of", "hier"]] {
        assert_eq!(recepisse(folder.path(), wrong).0, 2, "{wrong:?}");
    }
    assert_eq!(recepisse(folder.path(), &["migrate"]).0, 0);
    assert_eq!(recepisse(folder.path(), &["rebuild"]).0, 1);
    assert_eq!(recepisse(folder.path(), &["verify"]).0, 1, "there are no keys yet");
}

#[test]
fn the_interface_describes_itself() {
    let mut out = Vec::new();
    assert_eq!(run(["recepisse", "openapi"].map(Into::into), &mut out), 0);
    let described: serde_json::Value = serde_json::from_slice(&out).unwrap();
    assert!(described["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
}

#[test]
fn every_help_text_is_in_french() {
    let commands: [&[&str]; 15] = [
        &[],
        &["serve"],
        &["migrate"],
        &["organisation"],
        &["organisation", "create"],
        &["user"],
        &["user", "create"],
        &["openapi"],
        &["verify"],
        &["rebuild"],
        &["export"],
        &["backup"],
        &["restore"],
        &["config"],
        &["demo"],
    ];
    for command in commands {
        for flag in ["-h", "--help"] {
            let mut out = Vec::new();
            let arguments = ["recepisse"].iter().chain(command).chain([&flag]).map(Into::into);
            assert_eq!(run(arguments, &mut out), 0, "{command:?}");
            let text = String::from_utf8(out).unwrap();
            assert!(text.contains("Usage : recepisse") && text.contains("Affiche cette aide"), "{text}");
            for english in ["Print", "default", "possible values", "Possible", "Commands", "COMMAND>", "env:"] {
                assert!(!text.contains(english), "{english}: {text}");
            }
            let colons = text.matches(":\n").count();
            assert_eq!(text.matches(" :\n").count(), colons, "French puts a space before a colon: {text}");
        }
    }
}

#[test]
fn a_day_to_come_has_no_state_yet() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(recepisse(folder.path(), &["demo", "--json"]).0, 0);
    assert_eq!(recepisse(folder.path(), &["export", "use-account", "--as-of", "2199-12-31"]), (1, String::new()));
}

#[test]
fn a_key_of_people_is_prepared_and_one_that_recognises_somebody_is_not_destroyed() {
    let folder = tempfile::tempdir().unwrap();
    let (code, _) = recepisse(folder.path(), &["demo", "--json"]);
    assert_eq!(code, 0);
    let (_, before) = recepisse(folder.path(), &["people-keys", "list"]);
    assert!(before.contains("HDF21 (en usage)"), "{before}");
    let (code, renewed) = recepisse(folder.path(), &["people-keys", "renew"]);
    assert!(code == 0 && renewed.contains("Clé n° 2 préparée"), "{renewed}");
    let (_, after) = recepisse(folder.path(), &["people-keys", "list"]);
    assert!(after.contains("HDF21 (préparée) : 0") && after.contains("HDF21 (en usage)"), "{after}");
    // In use, and not there; one that was prepared in vain may go.
    for (number, code) in [("1", 1), ("3", 1), ("2", 0)] {
        assert_eq!(recepisse(folder.path(), &["people-keys", "destroy", number]).0, code, "{number}");
    }
}

/// A folder of keys from before people had a key of their own.
#[test]
fn a_folder_without_a_key_of_people_is_given_one_where_nobody_is_known_and_refused_where_somebody_is() {
    let folder = tempfile::tempdir().unwrap();
    let first = folder.path().join("keys/people-1.key");
    let user = [
        "user",
        "create",
        "--email",
        "a@hdf.example",
        "--name",
        "A",
        "--organisation",
        "HDF",
        "--role",
        "region_admin",
    ];
    assert_eq!(recepisse(folder.path(), &REGION).0, 0);
    assert_eq!(recepisse(folder.path(), &user).0, 0);
    std::fs::remove_file(&first).unwrap();
    let other =
        ["user", "create", "--email", "b@hdf.example", "--name", "B", "--organisation", "HDF", "--role", "accountant"];
    let (code, said) = recepisse(folder.path(), &other);
    assert!(code == 0 && first.exists(), "{said}");
    let known = tempfile::tempdir().unwrap();
    let first = known.path().join("keys/people-1.key");
    assert_eq!(recepisse(known.path(), &["demo", "--json"]).0, 0);
    std::fs::remove_file(&first).unwrap();
    let (_, settings) = settings(&format!("RECEPISSE_DATA_DIR={}", known.path().display()));
    let refused = place::keys(&settings.place, &place::create(&settings.place).unwrap()).unwrap_err().to_string();
    assert!(refused.contains("people-1.key") && refused.contains("renew --lost"), "{refused}");
    assert!(!first.exists());
    assert_eq!(recepisse(known.path(), &["people-keys", "renew"]).0, 1, "nor by the way");
    let (code, said) = recepisse(known.path(), &["people-keys", "renew", "--lost"]);
    assert!(code == 0 && first.exists(), "{said}");
    assert_eq!(recepisse(known.path(), &["people-keys", "list"]).0, 0);
}
