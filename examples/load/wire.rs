//! The least of HTTP/1.1 that a load needs: one connection kept alive, one request after another, answers with a
//! length. What never lives here: anything about passes.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, bail};

/// An answer that takes longer counts as none.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection to the server.
#[derive(Debug)]
pub(crate) struct Connection {
    address: SocketAddr,
    stream: TcpStream,
    received: Vec<u8>,
}

/// What the server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Whether it was given before, under the same idempotency key.
    pub(crate) replayed: bool,
    pub(crate) body: String,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> anyhow::Result<Self> {
        Ok(Self { address, stream: connect(address)?, received: Vec::new() })
    }

    /// Sends a POST with a JSON body and reads the answer.
    pub(crate) fn post(&mut self, path: &str, token: &str, key: Option<&str>, body: &str) -> anyhow::Result<Answer> {
        let key = key.map(|key| format!("idempotency-key: {key}\r\n")).unwrap_or_default();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n{key}\r\n{body}",
            self.address,
            body.len()
        );
        self.exchange(&request)
    }

    /// Sends a GET and reads the answer.
    pub(crate) fn get(&mut self, path: &str) -> anyhow::Result<Answer> {
        self.exchange(&format!("GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", self.address))
    }

    fn exchange(&mut self, request: &str) -> anyhow::Result<Answer> {
        let answer = self.stream.write_all(request.as_bytes()).context("sending").and_then(|()| self.read());
        if answer.is_err() {
            // Whatever the old connection still holds belongs to the request that failed.
            self.received.clear();
            self.stream = connect(self.address)?;
        }
        answer
    }

    fn read(&mut self) -> anyhow::Result<Answer> {
        let end = loop {
            match self.received.windows(4).position(|window| window == b"\r\n\r\n") {
                Some(end) => break end + 4,
                None => self.more()?,
            }
        };
        let head = String::from_utf8(self.received.drain(..end).collect())?;
        let (status, length, replayed) = parse_head(&head)?;
        while self.received.len() < length {
            self.more()?;
        }
        let body = String::from_utf8(self.received.drain(..length).collect())?;
        Ok(Answer { status, replayed, body })
    }

    fn more(&mut self) -> anyhow::Result<()> {
        let mut chunk = [0; 16 * 1024];
        let count = self.stream.read(&mut chunk).context("reading")?;
        let bytes = chunk.get(..count).unwrap_or_default();
        if bytes.is_empty() {
            bail!("the server closed the connection");
        }
        self.received.extend_from_slice(bytes);
        Ok(())
    }
}

fn connect(address: SocketAddr) -> anyhow::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// Status, length of the body, and whether the answer is a replay.
fn parse_head(head: &str) -> anyhow::Result<(u16, usize, bool)> {
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).context("no status line")?.parse()?;
    let mut length = 0;
    let mut replayed = false;
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse()?;
        }
        replayed |= name.eq_ignore_ascii_case("idempotent-replay");
    }
    Ok((status, length, replayed))
}
