//! The least of HTTP/1.1 that a load needs: one connection kept alive, one request after another, answers with a
//! length or in chunks. What never lives here: anything about passes.

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
    /// None once an answer said that it was the last one, or did not come: the next request connects again.
    stream: Option<TcpStream>,
    received: Vec<u8>,
}

/// What the server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Whether it was given before, under the same idempotency key.
    pub(crate) replayed: bool,
    /// Whether the server takes no other request on this connection.
    pub(crate) closes: bool,
    pub(crate) body: String,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> anyhow::Result<Self> {
        Ok(Self { address, stream: Some(connect(address)?), received: Vec::new() })
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

    /// The same for somebody who has signed in.
    pub(crate) fn get_as(&mut self, path: &str, token: &str) -> anyhow::Result<Answer> {
        let host = self.address;
        self.exchange(&format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n\r\n"))
    }

    fn exchange(&mut self, request: &str) -> anyhow::Result<Answer> {
        if self.stream.is_none() {
            // Whatever the old connection still held belonged to the request that failed.
            self.received.clear();
            self.stream = Some(connect(self.address)?);
        }
        let answer = self.stream()?.write_all(request.as_bytes()).context("sending").and_then(|()| self.read());
        if answer.as_ref().map_or(true, |answer| answer.closes) {
            self.stream = None;
        }
        answer
    }

    fn stream(&mut self) -> anyhow::Result<&mut TcpStream> {
        self.stream.as_mut().context("no connection")
    }

    fn read(&mut self) -> anyhow::Result<Answer> {
        let end = loop {
            match self.received.windows(4).position(|window| window == b"\r\n\r\n") {
                Some(end) => break end + 4,
                None => self.more()?,
            }
        };
        let head = String::from_utf8(self.received.drain(..end).collect())?;
        let (length, answer) = parse_head(&head)?;
        let body = match length {
            Length::Bytes(length) => self.take(length)?,
            Length::Chunks => self.take_chunks()?,
        };
        Ok(Answer { body: String::from_utf8(body)?, ..answer })
    }

    fn take(&mut self, length: usize) -> anyhow::Result<Vec<u8>> {
        while self.received.len() < length {
            self.more()?;
        }
        Ok(self.received.drain(..length).collect())
    }

    fn take_chunks(&mut self) -> anyhow::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let end = loop {
                match self.received.windows(2).position(|window| window == b"\r\n") {
                    Some(end) => break end,
                    None => self.more()?,
                }
            };
            let size = String::from_utf8(self.take(end)?)?;
            self.take(2)?;
            let size = usize::from_str_radix(&size, 16)?;
            body.extend(self.take(size)?);
            self.take(2)?;
            if size == 0 {
                return Ok(body);
            }
        }
    }

    fn more(&mut self) -> anyhow::Result<()> {
        let mut chunk = [0; 16 * 1024];
        let count = self.stream()?.read(&mut chunk).context("reading")?;
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

/// How an answer's body ends.
#[derive(Debug, Clone, Copy)]
enum Length {
    Bytes(usize),
    Chunks,
}

/// How the body ends, and the answer without it.
fn parse_head(head: &str) -> anyhow::Result<(Length, Answer)> {
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).context("no status line")?.parse()?;
    let mut answer = Answer { status, replayed: false, closes: false, body: String::new() };
    let mut length = Length::Bytes(0);
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            length = Length::Bytes(value.parse()?);
        }
        if name.eq_ignore_ascii_case("transfer-encoding") && value.eq_ignore_ascii_case("chunked") {
            length = Length::Chunks;
        }
        answer.replayed |= name.eq_ignore_ascii_case("idempotent-replay");
        answer.closes |= name.eq_ignore_ascii_case("connection") && value.eq_ignore_ascii_case("close");
    }
    Ok((length, answer))
}
