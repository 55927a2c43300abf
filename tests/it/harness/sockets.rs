//! The HTTP door with its sockets: the server of the program in this process, on a free port, and a client that writes
//! bytes as it likes. What never lives here: an assertion about a rule.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::HttpMessage as _;
use actix_web::dev::ServerHandle;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::rt::System;
use actix_web::test::TestRequest;
use actix_web::web;
use recepisse::http::{Listening, configure, start};
use recepisse::ledger::Options;
use serde_json::Value;

use super::World;
use super::http::app;

/// An answer that takes longer counts as none.
const PATIENCE: Duration = Duration::from_secs(30);

/// A listening server; stopped when it is dropped.
pub(crate) struct Sockets {
    pub(crate) address: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Sockets {
    /// The real routes over a world.
    pub(crate) fn over(world: &World, options: Options, connections: usize) -> Self {
        let app = app(world, options);
        Self::serving(connections, move |config| configure(config.app_data(app.clone())))
    }

    /// What `routes` mounts, within the bounds of the real server.
    pub(crate) fn serving(
        connections: usize,
        routes: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, told) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            System::new().block_on(async {
                let listening = Listening { workers: 1, connections, ..Listening::default() };
                let server = start(routes, listener, listening).unwrap();
                tell.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        Self { address, handle: told.recv().unwrap(), thread: Some(thread) }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream
    }

    /// Sends the bytes on a connection of their own and hears the answer.
    pub(crate) fn ask(&self, bytes: &[u8]) -> Heard {
        let mut stream = self.connect();
        stream.write_all(bytes).unwrap();
        hear(&mut stream).unwrap_or_else(|| panic!("no answer to {}", String::from_utf8_lossy(bytes)))
    }
}

impl Drop for Sockets {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Heard {
    /// A header by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let headers = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        headers.filter(|(of, _)| of.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// A problem that says when to come back.
    #[track_caller]
    pub(crate) fn is_refused(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.header("content-type")), (status, Some("application/problem+json")), "{self:?}");
        assert_eq!(self.json()["code"], code, "{self:?}");
        let says_when = self.header("retry-after").is_some_and(|seconds| seconds.parse::<u64>().is_ok());
        assert_eq!(says_when, matches!(status, 429 | 503) || code == "request_in_flight", "{self:?}");
    }
}

/// Reads one answer; `None` when the connection closes before there is one.
pub(crate) fn hear(stream: &mut TcpStream) -> Option<Heard> {
    let mut received = Vec::new();
    loop {
        if let Some(heard) = whole(&received) {
            return Some(heard);
        }
        let mut chunk = [0; 16 * 1024];
        match stream.read(&mut chunk) {
            Ok(0) => return None,
            Ok(count) => received.extend_from_slice(&chunk[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return None,
            Err(error) => panic!("no answer in time: {error}"),
        }
    }
}

fn whole(received: &[u8]) -> Option<Heard> {
    let end = received.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8(received[..end].to_vec()).unwrap();
    let body = &received[end + 4..];
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let answer = Heard { status, head, body: String::from_utf8_lossy(body).into_owned() };
    let length = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
    (body.len() >= length).then_some(answer)
}

/// The head of a request of the harness, announcing a body of so many bytes.
pub(crate) fn head(request: TestRequest, length: usize) -> Vec<u8> {
    let request = request.to_request();
    let mut text = format!("{} {} HTTP/1.1\r\nhost: localhost\r\n", request.method(), request.uri());
    for (name, value) in request.headers().iter().filter(|(name, _)| *name != CONTENT_LENGTH) {
        write!(text, "{name}: {}\r\n", value.to_str().unwrap()).unwrap();
    }
    write!(text, "content-length: {length}\r\n\r\n").unwrap();
    text.into_bytes()
}
