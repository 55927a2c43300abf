//! Two processes on one SQLite file: the second is refused, whatever it came to write, and says so; who only reads is
//! let in. PostgreSQL orders its writers by itself: see `concurrency`.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// How often the door is tried while somebody is inside.
const TRIES: usize = 100;

const REGION: &[&str] =
    &["organisation", "create", "--code", "HDF", "--kind", "region", "--name", "Région", "--siret", "20005374200017"];
const COMMUNE: &[&str] = &["--commune", "59350"];
const SERVE: &[&str] = &["serve", "--listen", "127.0.0.1:0"];
const WRITERS: &[&[&str]] = &[
    SERVE,
    &["migrate"],
    &["demo", "--no-serve"],
    &["user", "create", "--email", "a@b.fr", "--name", "A", "--organisation", "HDF", "--role", "region_admin"],
    &[
        "organisation",
        "create",
        "--code",
        "MAUB",
        "--kind",
        "prescriber",
        "--name",
        "M",
        "--siret",
        "20005374200017",
        "--commune",
        "59392",
    ],
];

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_recepisse"));
    command.args(["--log", "off"]).args(arguments).arg("--data-dir").arg(folder);
    command.stdin(Stdio::null());
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

/// A server that has begun to listen.
fn serve(folder: &Path) -> Child {
    let mut child = command(folder, SERVE).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("écoute sur"), "{line}");
    child
}

#[test]
fn a_second_writer_is_refused_a_hundred_times_and_readers_are_let_in() {
    let folder = tempfile::tempdir().unwrap();
    let made = run(folder.path(), &[REGION, COMMUNE].concat());
    assert!(made.status.success(), "{made:?}");
    let mut server = serve(folder.path());
    for arguments in WRITERS.iter().cycle().take(TRIES) {
        let refused = run(folder.path(), arguments);
        let said = String::from_utf8(refused.stderr).unwrap();
        assert_eq!((refused.status.code(), refused.stdout.len()), (Some(1), 0), "{arguments:?}: {said}");
        let holder = format!("(processus {})", server.id());
        assert!(said.contains("recepisse.sqlite") && said.contains(&holder) && said.contains("arrêtez-le"), "{said}");
    }
    for reader in [&["verify"][..], &["rebuild", "--check"]] {
        let read = run(folder.path(), reader);
        assert!(read.status.success(), "{read:?}");
    }
    // The control: what was refused is let in at once when the holder is killed, however it went.
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(run(folder.path(), &["migrate"]).status.success());
}
