//! Whether Python is here: the verifiers that share no code with ours need it, and nothing else does. What never lives
//! here: a verifier.

use std::process::Command;

/// Whether `python3` can be run. It must where `CI` is set; elsewhere what needs it is left out.
#[expect(clippy::disallowed_methods, reason = "whether a test may be left out is asked of the environment")]
pub(crate) fn python_is_here() -> bool {
    let here = Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success());
    assert!(here || std::env::var("CI").is_err(), "the verifiers that share no code with ours need python3");
    here
}
