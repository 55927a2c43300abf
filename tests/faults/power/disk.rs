//! A disk that may lose its power: what was flushed is there for ever; of what was written since, anything may be, in
//! pieces of a sector. Made from the recorder's log. What never lives here: what the files mean.

use std::collections::BTreeMap;

/// One record of the log; see `recorder.c`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    Written {
        file: String,
        offset: usize,
        bytes: Vec<u8>,
    },
    Cut {
        file: String,
        length: usize,
    },
    /// A file, or the folder.
    Flushed {
        file: String,
    },
    Removed {
        file: String,
    },
    /// The bytes of a 201.
    Answered(Vec<u8>),
}

/// Reads the recorder's log.
pub(crate) fn read(mut log: &[u8]) -> Vec<Event> {
    let mut events = Vec::new();
    let mut take = |count: usize| {
        let (taken, rest) = log.split_at(count);
        log = rest;
        (taken.to_vec(), rest.is_empty())
    };
    loop {
        let (head, _) = take(15);
        let number = |from: usize, to: usize| {
            let mut bytes = [0; 8];
            bytes[..to - from].copy_from_slice(&head[from..to]);
            usize::try_from(u64::from_le_bytes(bytes)).unwrap()
        };
        let (path, _) = take(number(1, 3));
        let (bytes, last) = take(number(11, 15));
        let (file, offset) = (String::from_utf8(path).unwrap(), number(3, 11));
        events.push(match head[0] {
            b'W' => Event::Written { file, offset, bytes },
            b'T' => Event::Cut { file, length: offset },
            b'S' => Event::Flushed { file },
            b'U' => Event::Removed { file },
            b'A' => Event::Answered(bytes),
            other => panic!("a record of kind {other}"),
        });
        if last {
            return events;
        }
    }
}

/// What becomes of what was not flushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Lost,
    Kept,
    /// Each write by itself.
    AtRandom,
    /// Each sector of each write by itself.
    Torn,
}

impl Fate {
    pub(crate) const ALL: [Self; 4] = [Self::Lost, Self::Kept, Self::AtRandom, Self::Torn];
}

const SECTOR_BYTES: usize = 512;

/// The files of a folder, by path.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

#[derive(Debug, Clone)]
enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Cut { length: usize },
}

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct Disk {
    folder: String,
    durable: Files,
    /// Not flushed, by file, in order.
    pending: BTreeMap<String, Vec<Change>>,
    /// Removed, while the folder was not flushed: they may come back.
    removed: Vec<String>,
}

impl Disk {
    /// A disk on which these files are safe.
    pub(crate) fn with(folder: &str, durable: Files) -> Self {
        Self { folder: folder.to_owned(), durable, pending: BTreeMap::new(), removed: Vec::new() }
    }

    pub(crate) fn apply(&mut self, event: &Event) {
        match event {
            Event::Written { file, offset, bytes } => {
                self.reborn(file);
                let change = Change::Write { offset: *offset, bytes: bytes.clone() };
                self.pending.entry(file.clone()).or_default().push(change);
            }
            Event::Cut { file, length } => {
                self.pending.entry(file.clone()).or_default().push(Change::Cut { length: *length });
            }
            Event::Flushed { file } if *file == self.folder => {
                for file in std::mem::take(&mut self.removed) {
                    self.forget(&file);
                }
            }
            Event::Flushed { file } => {
                let content = self.durable.entry(file.clone()).or_default();
                for change in self.pending.remove(file).unwrap_or_default() {
                    keep(content, &change);
                }
            }
            Event::Removed { file } => self.removed.push(file.clone()),
            Event::Answered(_) => {}
        }
    }

    /// A file that is made again under the name of a removed one.
    fn reborn(&mut self, file: &str) {
        if self.removed.iter().any(|removed| removed == file) {
            self.removed.retain(|removed| removed != file);
            self.forget(file);
        }
    }

    fn forget(&mut self, file: &str) {
        self.durable.remove(file);
        self.pending.remove(file);
    }

    /// What a start finds after the power went now. `coin` decides what chance decides.
    pub(crate) fn after_power_loss(&self, fate: Fate, coin: &mut dyn FnMut() -> bool) -> Files {
        let mut disk = self.clone();
        for file in std::mem::take(&mut disk.removed) {
            if coin() {
                disk.forget(&file);
            }
        }
        for (file, changes) in &disk.pending {
            let content = disk.durable.entry(file.clone()).or_default();
            for change in changes {
                match (fate, change) {
                    (Fate::Lost, _) => {}
                    (Fate::Kept, change) => keep(content, change),
                    (Fate::AtRandom, change) | (Fate::Torn, change @ Change::Cut { .. }) => {
                        if coin() {
                            keep(content, change);
                        }
                    }
                    (Fate::Torn, Change::Write { offset, bytes }) => {
                        for (sector, place) in bytes.chunks(SECTOR_BYTES).zip((*offset..).step_by(SECTOR_BYTES)) {
                            if coin() {
                                put(content, place, sector);
                            }
                        }
                    }
                }
            }
        }
        disk.durable
    }
}

fn keep(content: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Write { offset, bytes } => put(content, *offset, bytes),
        Change::Cut { length } => content.truncate(*length),
    }
}

fn put(content: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset + bytes.len();
    if content.len() < end {
        content.resize(end, 0);
    }
    content[offset..end].copy_from_slice(bytes);
}

#[test]
fn what_was_flushed_stays_and_the_rest_is_as_chance_will() {
    let written = |bytes: &[u8]| Event::Written { file: "/d/f".to_owned(), offset: 0, bytes: bytes.to_vec() };
    let mut disk = Disk::with("/d", Files::new());
    disk.apply(&written(b"old"));
    disk.apply(&Event::Flushed { file: "/d/f".to_owned() });
    disk.apply(&written(b"NEW"));
    let mut never = || false;
    assert_eq!(disk.after_power_loss(Fate::Lost, &mut never)["/d/f"], b"old");
    assert_eq!(disk.after_power_loss(Fate::AtRandom, &mut never)["/d/f"], b"old");
    assert_eq!(disk.after_power_loss(Fate::Kept, &mut never)["/d/f"], b"NEW");
    disk.apply(&Event::Removed { file: "/d/f".to_owned() });
    assert!(disk.after_power_loss(Fate::Kept, &mut || true).is_empty());
    assert_eq!(disk.after_power_loss(Fate::Kept, &mut never)["/d/f"], b"NEW");
    disk.apply(&Event::Flushed { file: "/d".to_owned() });
    assert!(disk.after_power_loss(Fate::Kept, &mut never).is_empty());
}
