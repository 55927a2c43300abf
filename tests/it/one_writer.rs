//! Two processes on one SQLite file: the second is refused, whatever it came to write, and says so; who only reads is
//! let in. PostgreSQL orders its writers by itself: see `concurrency`.

use crate::harness::{Program, told};

/// How often the door is tried while somebody is inside.
const TRIES: usize = 100;

const REGION: &[&str] =
    &["organisation", "create", "--code", "HDF", "--kind", "region", "--name", "Région", "--siret", "20005374200017"];
const COMMUNE: &[&str] = &["--commune", "59350"];
const WRITERS: &[&[&str]] = &[
    &["serve", "--listen", "127.0.0.1:0"],
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

#[test]
fn a_second_writer_is_refused_a_hundred_times_and_readers_are_let_in() {
    let program = Program::new();
    let made = program.run(&[REGION, COMMUNE].concat());
    assert!(made.status.success(), "{made:?}");
    let server = program.serve(&[]);
    for arguments in WRITERS.iter().cycle().take(TRIES) {
        let refused = program.run(arguments);
        let said = told(&refused);
        assert_eq!((refused.status.code(), refused.stdout.len()), (Some(1), 0), "{arguments:?}: {said}");
        let holder = format!("(processus {})", server.child.id());
        assert!(said.contains("recepisse.sqlite") && said.contains(&holder) && said.contains("arrêtez-le"), "{said}");
    }
    for reader in [&["verify"][..], &["rebuild", "--check"]] {
        let read = program.run(reader);
        assert!(read.status.success(), "{read:?}");
    }
    // The control: what was refused is let in at once when the holder is killed, however it went.
    drop(server);
    assert!(program.run(&["migrate"]).status.success());
}
