//! A register prepared by real acts, and what is still to be drawn from it. What never lives here: a request.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use recepisse::clock::{Clock as _, Entropy as _, SystemClock, SystemEntropy};
use recepisse::domain::ids::{OrganisationId, UserId};
use recepisse::domain::party::{Organisation, OrganisationKind, Role};
use recepisse::keys::Keys;
use recepisse::store::{Options, Page, Store, StoreError, StoredRefresh, WriteError};
use tempfile::TempDir;

use uuid::Uuid;

use super::engine::{self, Engine};
use crate::server::Place;
use crate::world::World;

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_recepisse");

const ALL: Page = Page { after: None, limit: 200 };

/// An installation whose passes and booklets wait to be used; gone when it is dropped.
#[derive(Debug)]
pub(crate) struct Register {
    pub(crate) world: World,
    pub(crate) place: Place,
    /// The Region's administrator, with an open session.
    pub(crate) admin: (UserId, Uuid),
    pub(crate) issuer: OrganisationId,
    /// Receipts there were before any client came.
    pub(crate) receipts_before: i64,
    next_pass: AtomicU64,
    next_booklet: AtomicUsize,
    next_key: AtomicU64,
    folder: TempDir,
    engine: Engine,
    /// Gone with the register, unless a suite has made it for itself.
    _database: Option<engine::Place>,
}

impl Register {
    /// `passes` in circulation, `booklets` in custody of the prescribers.
    pub(crate) fn prepare(engine: Engine, passes: u32, booklets: u32) -> Self {
        let database = engine::Place::fresh(engine);
        let register = Self::prepare_at(database.engine, database.url.clone(), passes, booklets);
        Self { _database: Some(database), ..register }
    }

    /// The same in a database that a suite has made for itself.
    pub(crate) fn prepare_at(engine: Engine, url: String, passes: u32, booklets: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys = Arc::new(Keys::open_or_create(&folder.path().join("keys"), &SystemEntropy).unwrap());
        let store = Arc::new(Store::open(&url, &Options::default()).unwrap());
        let world = World::prepare(&store, &keys, passes, booklets).unwrap();
        let receipts_before = store.read(|tx| tx.journal(world.programme)).unwrap().unwrap().position;
        let admin = sign_in_the_administrator(&store);
        let everybody = store.read(|tx| tx.organisations(None, &ALL));
        let mut everybody: Vec<Organisation> = everybody.unwrap_or_else(|error: StoreError| panic!("{error}"));
        everybody.retain(|organisation| organisation.kinds.contains(&OrganisationKind::Issuer));
        let issuer = everybody[0].id;
        let place = Place { program: PROGRAM.into(), data_dir: folder.path().to_owned(), database: url };
        let zero = || AtomicU64::new(0);
        Self {
            world,
            place,
            admin,
            issuer,
            receipts_before,
            next_pass: zero(),
            next_booklet: AtomicUsize::new(0),
            next_key: zero(),
            folder,
            engine,
            _database: None,
        }
    }

    pub(crate) fn engine(&self) -> Engine {
        self.engine
    }

    /// A command of the program on this register.
    pub(crate) fn command(&self, name: &str) -> Command {
        self.place.command(name)
    }

    /// A file for a suite's own use, beside the keys.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The database's file; only SQLite has one.
    pub(crate) fn database_file(&self) -> PathBuf {
        PathBuf::from(self.place.database.trim_start_matches("sqlite:"))
    }

    /// The place of a pass that nobody has drawn; `None` when all are.
    pub(crate) fn draw_pass(&self) -> Option<u64> {
        let place = self.next_pass.fetch_add(1, Ordering::SeqCst);
        (place < self.world.passes).then_some(place)
    }

    /// Whether every pass was drawn.
    pub(crate) fn is_used_up(&self) -> bool {
        self.next_pass.load(Ordering::SeqCst) >= self.world.passes
    }

    /// A prescriber, and the number of a booklet in their custody that nobody has drawn; `None` when all are.
    pub(crate) fn draw_booklet(&self) -> Option<(usize, u32)> {
        let place = self.next_booklet.fetch_add(1, Ordering::SeqCst);
        let desks = self.world.prescribers.len();
        let (desk, place) = (place % desks, u32::try_from(place / desks).unwrap());
        let (first, count) = self.world.prescribers[desk].custody;
        (place < count).then_some((desk, first + place))
    }

    /// An idempotency key that was not used before.
    pub(crate) fn key(&self) -> String {
        format!("fault-suite-key-{:08}", self.next_key.fetch_add(1, Ordering::SeqCst))
    }
}

/// Opens a session for the Region's administrator. Nobody signs in with a password here: that is not what is harmed.
fn sign_in_the_administrator(store: &Store) -> (UserId, Uuid) {
    let session = SystemEntropy.uuid(SystemClock.now());
    let written: Result<UserId, WriteError<StoreError>> = store.write(|tx| {
        let users = tx.users(None, &ALL)?;
        let admin = users.iter().find(|user| user.role == Role::RegionAdmin).unwrap().id;
        tx.insert_refresh_token(&StoredRefresh {
            digest: session.to_string(),
            session: session.to_string(),
            user: admin,
            expires: SystemClock.now().plus_seconds(24 * 60 * 60),
            used: false,
            revoked: false,
        })?;
        Ok(admin)
    });
    (written.unwrap(), session)
}
