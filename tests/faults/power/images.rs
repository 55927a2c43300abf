//! Crash images of a recording, each opened by the store and judged by the audit. What never lives here: how a disk
//! loses what.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, RunQueryDsl as _, SqliteConnection};
use recepisse::audit;
use recepisse::domain::programme::Programme;
use recepisse::store::{Options, ReceiptFilter, Store, StoreError};
use serde_json::Value;

use super::disk::{Disk, Event, Fate, Files};
use crate::harness::{Register, chance};

/// What the recorder saw, from the disk before it.
#[derive(Debug)]
pub(super) struct Recording {
    pub(super) disk: Disk,
    pub(super) events: Vec<Event>,
    pub(super) database: PathBuf,
    /// `None` where the recording is of a database being made.
    pub(super) register: Option<Register>,
}

/// What the images were found to be.
#[derive(Debug, Default)]
pub(super) struct Judged {
    pub(super) images: usize,
    /// Sentences about images that do not open, do not verify, or lack what was answered.
    pub(super) wrong: Vec<String>,
    /// Of these, images that lack what was answered.
    pub(super) lost: usize,
    /// Images with acts of which nobody had been told yet: they may.
    pub(super) beyond: usize,
}

/// A receipt as it was answered: position and hash.
type Acknowledged = (i64, String);

impl Recording {
    pub(super) fn count(&self, of: impl Fn(&Event) -> bool) -> usize {
        self.events.iter().filter(|event| of(event)).count()
    }

    /// Judges so many images of random moments, on as many threads as there are processors.
    pub(super) fn judge(&self, images: u32) -> Judged {
        let judged = Mutex::new(Judged::default());
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let each = usize::try_from(images).unwrap().div_ceil(threads);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| self.judge_some(each, &judged));
            }
        });
        judged.into_inner().unwrap()
    }

    fn judge_some(&self, images: usize, judged: &Mutex<Judged>) {
        let mut moments: Vec<usize> = (0..images).map(|_| chance(self.events.len() + 1)).collect();
        moments.sort_unstable();
        let mut disk = self.disk.clone();
        let mut acknowledged = Vec::new();
        let mut passed = 0;
        for moment in moments {
            for event in &self.events[passed..moment] {
                disk.apply(event);
                if let Event::Answered(bytes) = event {
                    acknowledged.push(receipt_in(bytes));
                }
            }
            passed = moment;
            let fate = Fate::ALL[chance(Fate::ALL.len())];
            let image = disk.after_power_loss(fate, &mut || chance(2) == 0);
            let found = self.judge_one(&image, &acknowledged);
            let mut judged = judged.lock().unwrap();
            judged.images += 1;
            match found {
                Ok(beyond) => judged.beyond += usize::from(beyond),
                Err(wrong) => {
                    judged.lost += usize::from(wrong.starts_with("lost"));
                    judged.wrong.push(format!("at {moment}, {fate:?}: {wrong}"));
                }
            }
        }
    }

    /// Whether the image holds more than was answered; or what is wrong with it.
    fn judge_one(&self, image: &Files, acknowledged: &[Acknowledged]) -> Result<bool, String> {
        let folder = tempfile::Builder::new().tempdir_in(memory()).unwrap();
        for (path, content) in image {
            std::fs::write(folder.path().join(Path::new(path).file_name().unwrap()), content).unwrap();
        }
        let file = folder.path().join(self.database.file_name().unwrap());
        let url = format!("sqlite:{}", file.display());
        let store = Store::open(&url, &Options::default()).map_err(|error| format!("does not open: {error}"))?;
        let beyond = match &self.register {
            Some(register) => stands(&store, register, acknowledged)?,
            None => false,
        };
        drop(store);
        integrity(&file)?;
        Ok(beyond)
    }
}

/// A folder in memory where there is one: what is judged has no disk to wait for.
fn memory() -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    if memory.is_dir() { memory } else { std::env::temp_dir() }
}

/// Position and hash of the receipt in an answer.
fn receipt_in(answer: &[u8]) -> Acknowledged {
    let text = std::str::from_utf8(answer).unwrap();
    let (_, body) = text.split_once("\r\n\r\n").unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    let receipt = &body["receipt"];
    (receipt["position"].as_i64().unwrap(), receipt["hash"].as_str().unwrap().to_owned())
}

fn stands(store: &Store, register: &Register, acknowledged: &[Acknowledged]) -> Result<bool, String> {
    let (no, key) = (register.world.programme, register.world.keys.seal_key().verifying_key());
    let read = store.read(|tx| {
        let programme = tx.programme_by_no(no)?;
        Ok((programme, tx.receipts(no, register.receipts_before, 100_000, &ReceiptFilter::default())?))
    });
    let (programme, receipts): (Option<Programme>, _) = read.map_err(|error: StoreError| error.to_string())?;
    let programme = programme.ok_or("the programme is gone")?;
    if let Some(lost) = acknowledged
        .iter()
        .find(|(position, hash)| !receipts.iter().any(|receipt| receipt.position == *position && receipt.hash == *hash))
    {
        return Err(format!("lost: {lost:?}"));
    }
    let verified =
        audit::verify_register(store).and_then(|()| audit::verify(store, &[key], &programme, &mut |_, _| {}));
    verified.map_err(|error| format!("does not verify: {error}"))?;
    Ok(receipts.len() > acknowledged.len())
}

#[derive(Debug, diesel::QueryableByName)]
struct Answer {
    #[diesel(sql_type = diesel::sql_types::Text)]
    integrity_check: String,
}

#[expect(clippy::disallowed_methods, reason = "SQLite itself is asked about the file, past the store")]
fn integrity(file: &Path) -> Result<(), String> {
    let mut conn = SqliteConnection::establish(&file.display().to_string()).map_err(|error| error.to_string())?;
    conn.batch_execute("PRAGMA busy_timeout = 5000").map_err(|error| error.to_string())?;
    let answers: Vec<Answer> =
        diesel::sql_query("PRAGMA integrity_check").load(&mut conn).map_err(|error| error.to_string())?;
    match answers.as_slice() {
        [answer] if answer.integrity_check == "ok" => Ok(()),
        answers => Err(format!("corrupt: {answers:?}")),
    }
}
