//! A client that keeps its promise to itself: it sends the same request under the same key until the answer is definite,
//! and goes to another instance when one does not answer. What never lives here: a judgement on the answers.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::{Entry, Register, Told};
use crate::wire::Connection;

/// A request without a definite answer by then is what these suites look for.
const LONGEST: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(20);

/// Where the instances listen, as a front server would know it.
pub(crate) type Addresses = Mutex<Vec<SocketAddr>>;

/// What became of requests that were sent until they were answered.
#[derive(Debug, Default)]
pub(crate) struct Course {
    pub(crate) journal: Vec<Entry>,
    /// Attempts that had no definite answer.
    pub(crate) retries: usize,
    /// The longest time from the first attempt to the definite answer.
    pub(crate) slowest: Duration,
}

impl Course {
    pub(crate) fn join(&mut self, other: Self) {
        self.journal.extend(other.journal);
        self.retries += other.retries;
        self.slowest = self.slowest.max(other.slowest);
    }
}

/// See the module.
pub(crate) struct Persistent<'a> {
    register: &'a Register,
    addresses: &'a Addresses,
    /// Which of the addresses is asked.
    turn: usize,
    connection: Option<Connection>,
    pub(crate) course: Course,
}

impl<'a> Persistent<'a> {
    pub(crate) fn new(register: &'a Register, addresses: &'a Addresses, turn: usize) -> Self {
        Self { register, addresses, turn, connection: None, course: Course::default() }
    }

    /// Sends until there is a definite answer, each time `again` has looked at the request.
    pub(crate) fn ask(&mut self, mut entry: Entry, again: impl Fn(&mut Entry)) -> &Told {
        let began = Instant::now();
        while !self.attempt(&mut entry) && began.elapsed() < LONGEST {
            self.course.retries += 1;
            self.connection = None;
            self.turn += 1;
            thread::sleep(PAUSE);
            again(&mut entry);
        }
        self.course.slowest = self.course.slowest.max(began.elapsed());
        self.course.journal.push(entry);
        &self.course.journal.last().unwrap().told
    }

    fn attempt(&mut self, entry: &mut Entry) -> bool {
        if self.connection.is_none() {
            let addresses = self.addresses.lock().unwrap();
            let address = addresses[self.turn % addresses.len()];
            drop(addresses);
            self.connection = Connection::open(address).ok();
        }
        if let Some(connection) = &mut self.connection {
            entry.send(self.register, connection);
        }
        !matches!(entry.told, Told::Unknown(_))
    }
}

/// So many clients redeem passes that nobody else has, until `disturb` has done or there are none; each is sent again
/// after `again` has looked at it.
pub(crate) fn persist(
    register: &Register,
    addresses: &Addresses,
    clients: usize,
    again: impl Fn(&mut Entry) + Sync,
    disturb: impl FnOnce(),
) -> Course {
    let enough = AtomicBool::new(false);
    thread::scope(|scope| {
        let ask = |turn| {
            let (enough, again) = (&enough, &again);
            scope.spawn(move || {
                let mut client = Persistent::new(register, addresses, turn);
                while let Some(place) = register.draw_pass().filter(|_| !enough.load(Ordering::SeqCst)) {
                    client.ask(Entry::redemption(register, place), again);
                }
                client.course
            })
        };
        let asking: Vec<_> = (0..clients).map(ask).collect();
        disturb();
        enough.store(true, Ordering::SeqCst);
        let mut course = Course::default();
        for client in asking {
            course.join(client.join().unwrap());
        }
        course
    })
}
