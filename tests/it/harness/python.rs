//! Whether Python is here: the verifiers that share no code with ours need it, and nothing else does. What never lives
//! here: a verifier.

use std::process::Command;

use recepisse::audit;

use super::World;

/// Whether `python3` can be run. It must where `CI` is set; elsewhere what needs it is left out.
#[expect(clippy::disallowed_methods, reason = "whether a test may be left out is asked of the environment")]
pub(crate) fn python_is_here() -> bool {
    let here = Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success());
    assert!(here || std::env::var("CI").is_err(), "the verifiers that share no code with ours need python3");
    here
}

/// The verifier beside the documents finds the journal of the world intact, where Python is here.
pub(crate) fn second_opinion(world: &World) {
    if !python_is_here() {
        return;
    }
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let keys = [world.keys.seal_key().verifying_key()];
    audit::write_journal(&world.store, &keys, &world.programme, &mut file, &mut |_, _| {}).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/verify_journal.py");
    let output = Command::new("python3").arg("-I").arg(script).arg(file.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
