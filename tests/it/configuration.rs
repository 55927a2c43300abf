//! The configuration file, read by the real program: what wins over what, that a mistake starts nothing, and that the
//! service keeps within its bounds. What wins is seen by the folder that `verify` looks for a register in.

use std::io::Write as _;
use std::time::{Duration, Instant};

use crate::harness::{Program, hear, told};

const FILE: &str = "recepisse.conf";

fn with(text: impl AsRef<[u8]>) -> Program {
    let program = Program::new();
    program.has_file(FILE, text);
    program
}

#[test]
fn an_option_wins_over_the_environment_which_wins_over_the_file_which_wins_over_the_default() {
    let program = with("RECEPISSE_DATA_DIR=from-file\n");
    let named = ("RECEPISSE_CONFIG", FILE);
    let both = [named, ("RECEPISSE_DATA_DIR", "from-environment")];
    for (arguments, environment, expected) in [
        (&["verify"][..], &[][..], "data/recepisse.sqlite"),
        (&["verify"], &[named], "from-file/recepisse.sqlite"),
        (&["verify", "--config", FILE], &[], "from-file/recepisse.sqlite"),
        (&["--config", FILE, "verify"], &[], "from-file/recepisse.sqlite"),
        (&["verify"], &both, "from-environment/recepisse.sqlite"),
        (&["verify", "--data-dir", "from-option"], &both, "from-option/recepisse.sqlite"),
    ] {
        let output = program.command(arguments).envs(environment.iter().copied()).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(told(&output).contains(&format!(" {expected} ")), "{arguments:?} {environment:?}: {}", told(&output));
    }
}

#[test]
fn a_file_that_is_mistaken_starts_nothing_and_names_the_line_and_the_key() {
    for (text, expected) in [
        (&b"# a\nRECEPISSE_GROUPS=4\n"[..], "recepisse.conf, ligne 2 : la clé RECEPISSE_GROUPS n'existe pas"),
        (
            b"RECEPISSE_GROUP=many\n",
            "recepisse.conf, ligne 1 : RECEPISSE_GROUP : un nombre entier de 1 à 1024 est attendu",
        ),
        (b"RECEPISSE_GROUP=1\nRECEPISSE_GROUP=1\n", "recepisse.conf, ligne 2 : RECEPISSE_GROUP est déjà à la ligne 1"),
        (b"RECEPISSE_GROUP\n", "recepisse.conf, ligne 1 : une ligne est CLÉ=valeur, ou commence par #"),
        (b"RECEPISSE_DATA_DIR=\xff\n", "recepisse.conf ne peut pas être lu ("),
    ] {
        let program = with(text);
        let output = program.run(&["serve", "--config", FILE, "--data-dir", "made"]);
        assert_eq!(output.status.code(), Some(2), "{}", told(&output));
        assert!(told(&output).contains(expected), "{}", told(&output));
        assert!(output.stdout.is_empty() && !program.folder().join("made").exists());
    }
}

#[test]
fn a_file_that_is_not_there_is_told() {
    let output = Program::new().run(&["serve", "--config", "absent.conf"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(told(&output).contains("absent.conf ne peut pas être lu ("), "{}", told(&output));
}

/// What an operator does: write the file, uncomment a line, start with it.
#[test]
fn the_file_that_the_program_writes_is_read_by_it() {
    let program = Program::new();
    let written = program.run(&["config"]);
    assert_eq!(written.status.code(), Some(0));
    let text = String::from_utf8(written.stdout).unwrap();
    let edited = text.replace("#RECEPISSE_DATA_DIR=data\n", "RECEPISSE_DATA_DIR=elsewhere\n");
    assert_ne!(edited, text);
    program.has_file(FILE, edited);
    let output = program.run(&["migrate", "--config", FILE]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert!(program.folder().join("elsewhere/recepisse.sqlite").exists());
}

#[test]
fn the_service_keeps_within_the_bounds_that_the_file_sets() {
    let program = with("RECEPISSE_CONNECTIONS=1\nRECEPISSE_BODY_SECONDS=1\nRECEPISSE_WORKERS=1\n");
    let server = program.serve(&["--config", FILE]);
    let mut slow = server.connect();
    let head =
        "POST /api/v1/auth/login HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{";
    slow.write_all(head.as_bytes()).unwrap();
    let began = Instant::now();
    let mut second = server.connect();
    second.write_all(b"GET /health HTTP/1.1\r\nhost: h\r\n\r\n").unwrap();
    hear(&mut second).unwrap().is_refused(503, "too_busy");
    hear(&mut slow).unwrap().is_refused(408, "body_too_slow");
    // The control: unless it is set, a body has ten seconds.
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
}
