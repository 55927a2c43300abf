//! One event on its way: a POST with its signature, to an address of the Internet, within ten seconds, following nobody
//! elsewhere. What never lives here: what is done when it fails.

use std::time::Duration;

use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, config::Config};

use super::address::is_public;

/// How long one attempt may take in all.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a receiver said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Any status of 2xx: it has the event.
    Taken,
    /// Another status.
    Refused(u16),
    /// Nobody answered, or the address is not one that is called.
    Unreachable(String),
}

impl Answer {
    /// In a few words, for people.
    #[must_use]
    pub fn told(&self) -> String {
        match self {
            Self::Taken => "pris".to_owned(),
            Self::Refused(status) => format!("réponse {status}"),
            Self::Unreachable(why) => format!("pas de réponse : {why}"),
        }
    }
}

/// The way to a receiver.
pub trait Sender: Send {
    /// Posts a body with its headers.
    fn post(&self, url: &str, headers: &[(&'static str, String)], body: &[u8]) -> Answer;
}

/// Over the network.
#[derive(Debug)]
pub struct Wire {
    agent: Agent,
    allow_private: bool,
}

impl Wire {
    /// `allow_private`: also addresses that are not of the Internet, and without encryption; for a receiver on the same
    /// private network, and for tests.
    #[must_use]
    pub fn new(allow_private: bool) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .proxy(None)
            .https_only(!allow_private)
            .user_agent(concat!("recepisse/", env!("CARGO_PKG_VERSION")))
            .build();
        let resolver = Guarded { inner: DefaultResolver::default(), allow_private };
        Self { agent: Agent::with_parts(config, DefaultConnector::default(), resolver), allow_private }
    }

    /// Whether an address may be told at all, as it is written: what its name leads to is looked at each time.
    #[must_use]
    pub fn accepts(&self, url: &str) -> bool {
        self.allow_private || (url.starts_with("https://") && literal(url).is_none_or(is_public))
    }
}

/// The address that a URL holds in place of a name.
fn literal(url: &str) -> Option<std::net::IpAddr> {
    let uri: Uri = url.parse().ok()?;
    uri.host()?.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

impl<S: Sender + Sync> Sender for std::sync::Arc<S> {
    fn post(&self, url: &str, headers: &[(&'static str, String)], body: &[u8]) -> Answer {
        self.as_ref().post(url, headers, body)
    }
}

impl Sender for Wire {
    fn post(&self, url: &str, headers: &[(&'static str, String)], body: &[u8]) -> Answer {
        let mut request = self.agent.post(url);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        match request.send(body) {
            Ok(response) if response.status().is_success() => Answer::Taken,
            Ok(response) => Answer::Refused(response.status().as_u16()),
            Err(error) => Answer::Unreachable(error.to_string()),
        }
    }
}

/// Looks names up, and keeps what is not of the Internet to itself: a name that leads elsewhere the second time is looked
/// at the second time.
#[derive(Debug)]
struct Guarded {
    inner: DefaultResolver,
    allow_private: bool,
}

impl Resolver for Guarded {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        let mut kept = self.empty();
        for address in found.iter().filter(|address| self.allow_private || is_public(address.ip())) {
            kept.push(*address);
        }
        if kept.is_empty() { Err(ureq::Error::HostNotFound) } else { Ok(kept) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_our_own_is_not_called_however_it_is_written() {
        let wire = Wire::new(false);
        for private in ["https://127.0.0.1/a", "https://[::1]/a", "https://10.0.0.8:8443/", "http://example.org/"] {
            assert!(!wire.accepts(private), "{private}");
        }
        assert!(wire.accepts("https://hooks.example.org/pass") && Wire::new(true).accepts("http://127.0.0.1:1/"));
        // The name is looked up, and what it leads to is not called.
        let answer = wire.post("https://localhost:1/a", &[], b"{}");
        assert!(matches!(&answer, Answer::Unreachable(why) if why.contains("host not found")), "{answer:?}");
    }

    #[test]
    fn nobody_there_is_told() {
        let answer = Wire::new(true).post("http://127.0.0.1:1/", &[], b"{}");
        assert!(matches!(&answer, Answer::Unreachable(_)), "{answer:?}");
        assert!(answer.told().starts_with("pas de réponse"));
        assert_eq!(Answer::Refused(500).told(), "réponse 500");
    }
}
