//! A streaming replica of a throw-away server, copied from it while it runs. What never lives here: a report.

use std::process::Command;
use std::time::{Duration, Instant};

use recepisse::store::{Options, Store};

use super::postgres::Cluster;
use super::{Place, World};

const PATIENCE: Duration = Duration::from_mins(1);

/// A running replica; it is gone when this is.
#[derive(Debug)]
pub(crate) struct Standby(Cluster);

impl Standby {
    /// Copies the whole server and follows it.
    pub(crate) fn of(primary: &Cluster) -> Self {
        let copy = |data: &std::path::Path| {
            let mut command = Command::new(primary.binaries.join("pg_basebackup"));
            command.arg("-h").arg(&primary.folder).args(["-U", "recepisse", "-D"]).arg(data);
            command.args(["-R", "-X", "stream", "--checkpoint=fast", "--no-sync"]);
            command
        };
        Self(Cluster::of(&primary.binaries, copy).unwrap())
    }

    /// The database of this place, on the replica.
    pub(crate) fn url_of(&self, place: &Place) -> String {
        let name = place.url.split("@/").nth(1).and_then(|rest| rest.split('?').next()).unwrap();
        self.0.url(name)
    }

    /// Waits until the replica has all that the world has.
    pub(crate) fn follows(&self, world: &World) {
        let (no, deadline) = (world.programme.no, Instant::now() + PATIENCE);
        let url = self.url_of(&world.place);
        let seen = || Store::open_replica(&url, &Options::default()).ok()?.read(|tx| tx.journal(no)).ok()?;
        while seen().as_ref() != Some(&world.journal(no)) {
            assert!(Instant::now() < deadline, "the replica does not follow");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Receives and no longer applies.
    pub(crate) fn pauses(&self) {
        self.0.run("SELECT pg_wal_replay_pause()");
        // A pause is asked for first and taken a moment later.
        self.0.run("DO $$ BEGIN WHILE pg_get_wal_replay_pause_state() <> 'paused' LOOP PERFORM pg_sleep(0.01); END LOOP; END $$");
    }

    /// Stops the server at once.
    pub(crate) fn stops(&self) {
        let pid = std::fs::read_to_string(self.0.folder.join("data/postmaster.pid")).unwrap();
        let pid = pid.lines().next().unwrap().to_owned();
        assert!(Command::new("kill").args(["-QUIT", &pid]).status().unwrap().success());
        let deadline = Instant::now() + PATIENCE;
        while Store::open_replica(&self.0.url("postgres"), &Options::default()).is_err_and(|e| !e.may_pass()) {
            assert!(Instant::now() < deadline, "the replica does not stop");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}
