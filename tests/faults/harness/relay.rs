//! A relay between somebody who asks and somebody who answers, which cuts the connection when its gates say so: after so
//! many bytes, or at a COMMIT on its way to PostgreSQL. What never lives here: a request, or a judgement.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use super::{Register, Service, chance};
use crate::server::Place;

/// What becomes of some bytes.
pub(crate) struct Passed {
    /// What goes on to the other side.
    pub(crate) on: Vec<u8>,
    /// What is answered in the other side's name.
    pub(crate) back: Vec<u8>,
    pub(crate) cut: bool,
}

impl Passed {
    pub(crate) fn on(on: Vec<u8>) -> Self {
        Self { on, back: Vec::new(), cut: false }
    }
}

/// Stands in one direction of one connection.
pub(crate) type Gate = Box<dyn FnMut(&[u8]) -> Passed + Send>;

/// Lets everything through.
pub(crate) fn open_gate() -> Gate {
    Box::new(|bytes| Passed::on(bytes.to_vec()))
}

/// Cuts after so many bytes, in the middle of whatever they are.
pub(crate) fn cut_after(mut bytes_left: usize) -> Gate {
    Box::new(move |bytes| {
        let on = bytes[..bytes.len().min(bytes_left)].to_vec();
        bytes_left -= on.len();
        Passed { on, back: Vec::new(), cut: bytes_left == 0 }
    })
}

/// Listens until it is dropped.
pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
    closed: Arc<AtomicBool>,
}

impl Relay {
    /// `reach` connects to the one who answers; `gates` makes the gates of a new connection, the asker's bytes first.
    pub(crate) fn between<S: Side>(
        reach: impl Fn() -> io::Result<S> + Send + 'static,
        gates: impl Fn() -> (Gate, Gate) + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let relay = Self { address: listener.local_addr().unwrap(), closed: Arc::default() };
        let closed = Arc::clone(&relay.closed);
        thread::spawn(move || {
            for asker in listener.incoming().flatten() {
                if closed.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(answerer) = reach() else { continue };
                let (asking, answering) = gates();
                pump(asker.twin(), answerer.twin(), asking);
                pump(answerer, asker, answering);
            }
        });
        relay
    }

    /// Between the program and the PostgreSQL behind a URL with a Unix socket; answers the URL to use instead.
    pub(crate) fn to_postgres(url: &str, gates: impl Fn() -> (Gate, Gate) + Send + 'static) -> (Self, String) {
        let (rest, folder) = url.split_once("?host=").unwrap();
        let database = rest.rsplit('/').next().unwrap();
        let socket = PathBuf::from(folder).join(".s.PGSQL.5432");
        let relay = Self::between(move || UnixStream::connect(&socket), gates);
        let url = format!("postgres://recepisse@{}/{database}", relay.address);
        (relay, url)
    }
}

/// The program on a register, which it reaches by another URL.
pub(crate) fn through(register: &Register, url: String) -> Service {
    let Place { program, data_dir, .. } = &register.place;
    let place = Place { database: url, data_dir: data_dir.clone(), program: program.clone() };
    let elsewhere = |command: Command| {
        let given: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
        let listen = given.iter().position(|argument| argument == "--listen").unwrap();
        let mut command = place.command("serve");
        command.args(&given[listen..]);
        command
    };
    Service::try_start(register, elsewhere).unwrap()
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
    }
}

/// One end of a connection.
pub(crate) trait Side: Read + Write + Send + 'static {
    fn twin(&self) -> Self;
    fn cut(&self);
}

impl Side for TcpStream {
    fn twin(&self) -> Self {
        self.set_nodelay(true).unwrap();
        self.try_clone().unwrap()
    }

    fn cut(&self) {
        drop(self.shutdown(Shutdown::Both));
    }
}

impl Side for UnixStream {
    fn twin(&self) -> Self {
        self.try_clone().unwrap()
    }

    fn cut(&self) {
        drop(self.shutdown(Shutdown::Both));
    }
}

fn pump(mut from: impl Side, mut to: impl Side, mut gate: Gate) {
    thread::spawn(move || {
        let mut chunk = vec![0; 16 * 1024];
        while let Ok(count @ 1..) = from.read(&mut chunk) {
            let Passed { on, back, cut } = gate(&chunk[..count]);
            let sent = to.write_all(&on).and_then(|()| from.write_all(&back));
            if cut || sent.is_err() {
                break;
            }
        }
        from.cut();
        to.cut();
    });
}

/// When a connection is cut at a COMMIT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// PostgreSQL never sees it.
    Before,
    /// PostgreSQL sees a part of it, or all of it and nobody who waits for the answer.
    Inside,
    /// PostgreSQL has committed and said so; nobody hears it.
    After,
    /// The control: the relay answers in PostgreSQL's name, which never sees it. Nobody can notice before a restart.
    Swallowed,
}

/// Cuts connections at their COMMITs, one in two, until there were enough.
#[derive(Debug)]
pub(crate) struct Commits {
    moment: Moment,
    wanted: usize,
    done: AtomicUsize,
}

/// The answer to a COMMIT: `CommandComplete` and `ReadyForQuery`, outside of a transaction.
const COMMITTED: &[u8] = b"C\0\0\0\x0bCOMMIT\0Z\0\0\0\x05I";

impl Commits {
    pub(crate) fn new(moment: Moment, wanted: usize) -> Arc<Self> {
        Arc::new(Self { moment, wanted, done: AtomicUsize::new(0) })
    }

    pub(crate) fn done(&self) -> usize {
        self.done.load(Ordering::SeqCst)
    }

    pub(crate) fn gates(self: &Arc<Self>) -> (Gate, Gate) {
        let (commits, lost) = (Arc::clone(self), Arc::new(AtomicBool::new(false)));
        let answer_lost = Arc::clone(&lost);
        let (mut pending, mut greeted) = (Vec::new(), false);
        let asking = move |bytes: &[u8]| {
            pending.extend_from_slice(bytes);
            let mut passed = Passed::on(Vec::new());
            while let Some(length) = message(&pending, greeted) {
                let message: Vec<u8> = pending.drain(..length).collect();
                let commit = greeted && message.windows(6).any(|window| window == b"COMMIT");
                greeted = true;
                if !commit {
                    passed.on.extend(message);
                } else if commits.harms(message, &mut passed, &lost) {
                    return passed;
                }
            }
            passed
        };
        let answering = move |bytes: &[u8]| {
            if answer_lost.load(Ordering::SeqCst) {
                return Passed { on: Vec::new(), back: Vec::new(), cut: true };
            }
            Passed::on(bytes.to_vec())
        };
        (Box::new(asking), Box::new(answering))
    }

    /// Does to a COMMIT what its moment asks; answers whether the connection is to be cut now.
    fn harms(&self, message: Vec<u8>, passed: &mut Passed, answer_lost: &AtomicBool) -> bool {
        let spared = self.moment != Moment::Swallowed && (self.done() >= self.wanted || chance(2) == 0);
        if spared {
            passed.on.extend(message);
            return false;
        }
        self.done.fetch_add(1, Ordering::SeqCst);
        match self.moment {
            Moment::Before => passed.cut = true,
            Moment::Inside => {
                passed.on.extend(&message[..=chance(message.len())]);
                passed.cut = true;
            }
            Moment::After => {
                answer_lost.store(true, Ordering::SeqCst);
                passed.on.extend(message);
            }
            Moment::Swallowed => passed.back.extend(COMMITTED),
        }
        passed.cut
    }
}

/// The length of the first message, if all of it is there. The first of a connection has no letter before its length.
fn message(bytes: &[u8], greeted: bool) -> Option<usize> {
    let letter = usize::from(greeted);
    let length: [u8; 4] = bytes.get(letter..letter + 4)?.try_into().unwrap();
    let length = letter + usize::try_from(u32::from_be_bytes(length)).unwrap();
    (bytes.len() >= length).then_some(length)
}
