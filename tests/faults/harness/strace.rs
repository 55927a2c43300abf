//! Faults at the border between the program and the system, by `strace`: the k-th call of a kind is answered with an
//! error, or its caller is killed before it is made. What never lives here: what must follow.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use super::tell;

/// Which call is harmed, and how. Calls are counted in each thread by itself.
#[derive(Debug, Clone)]
pub(crate) struct Injection {
    pub(crate) call: &'static str,
    /// `signal=SIGKILL` or `error=EIO`.
    pub(crate) harm: &'static str,
    /// `3` is the third call, `3+` the third and all after it.
    pub(crate) when: String,
}

impl Injection {
    /// The same command, harmed.
    pub(crate) fn on(&self, command: &Command) -> Command {
        let mut traced = traced(command, Path::new("/dev/null"), &[self.call]);
        traced.arg("-e").arg(format!("inject={}:{}:when={}", self.call, self.harm, self.when));
        finish(traced, command)
    }
}

/// The same command, every one of these calls written to a file.
pub(crate) fn watched(command: &Command, file: &Path, calls: &[&str]) -> Command {
    finish(traced(command, file, calls), command)
}

/// The tracer is a grandchild (`-D`): the process that is started, and its end, are the program's own.
fn traced(command: &Command, file: &Path, calls: &[&str]) -> Command {
    let mut traced = Command::new("strace");
    for (name, value) in command.get_envs() {
        traced.env(name, value.unwrap_or_default());
    }
    traced.args(["-D", "-f", "-qq", "-o"]).arg(file).arg("-e").arg(format!("trace={}", calls.join(",")));
    traced
}

fn finish(mut traced: Command, command: &Command) -> Command {
    traced.arg(command.get_program()).args(command.get_args());
    traced
}

/// How often a thread has made each call at most, from what was written to the file.
pub(crate) fn most_calls(file: &Path) -> BTreeMap<String, usize> {
    let text = std::fs::read_to_string(file).unwrap();
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for line in text.lines() {
        let Some((thread, call)) = line.split_once(' ') else { continue };
        // A call that another thread interrupted is written on two lines; the second says `<... resumed>`.
        if let Some((name, _)) = call.trim_start().split_once('(') {
            *counts.entry((thread, name)).or_default() += 1;
        }
    }
    let mut most = BTreeMap::new();
    for ((_, name), count) in counts {
        let known: &mut usize = most.entry(name.to_owned()).or_default();
        *known = count.max(*known);
    }
    most
}

/// Whether `strace` can trace here. It must where `CI` is set; elsewhere its suites are left out, and say so.
#[expect(clippy::disallowed_methods, reason = "whether a suite may be left out is asked of the environment")]
pub(crate) fn strace_is_here(suite: &str) -> bool {
    let tried = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).status();
    let here = tried.is_ok_and(|status| status.success());
    if !here {
        assert!(std::env::var("CI").is_err(), "{suite} needs strace");
        tell(&format!("{suite} LEFT OUT: strace is missing, or may not trace here"));
    }
    here
}
