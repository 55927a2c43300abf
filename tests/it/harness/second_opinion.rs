//! The journal of a world before the verifier that shares no code with ours. What never lives here: a rule.

use std::process::Command;

use recepisse::audit;

use super::{World, python_is_here};

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
