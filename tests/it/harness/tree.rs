//! What this program is built of, as cargo tells it.

use std::process::Command;

use serde_json::Value;

/// The packages of the tree, ours among them.
pub(crate) fn packages() -> Vec<Value> {
    let cargo = |arguments: &[&str]| {
        let done =
            Command::new(env!("CARGO")).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    };
    // Only what this machine builds has been downloaded; CI's Linux is what is shipped.
    let about = cargo(&["-vV"]);
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let tree = cargo(&["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", host]);
    let tree: Value = serde_json::from_str(&tree).unwrap();
    tree["packages"].as_array().unwrap().clone()
}
