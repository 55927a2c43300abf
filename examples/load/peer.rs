//! A peer: another server that answers the same redemption on the same path (see `examples/peers`). Its passes, places
//! and tokens follow from numbers, so that both sides know them without a file. What never lives here: time, threads.

use anyhow::Context;
use jsonwebtoken::{EncodingKey, Header, encode};
use recepisse::clock::{Clock, SystemClock};
use sha2::{Digest, Sha256};

use crate::world::scatter;

/// Shared with every peer; it guards nothing.
const SECRET: &[u8] = b"the load client and its peers share this secret";
const PLACES: u64 = 20;
/// Life of a token, in seconds.
const LIFE_SECONDS: i64 = 24 * 60 * 60;

/// See the module.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) passes: u64,
}

impl Peer {
    /// What is printed on the pass with this place: sixteen digits of a hash of its number.
    pub(crate) fn code(&self, place: u64) -> String {
        let number = scatter(place, self.passes) + 1;
        let digits = hex::encode_upper(Sha256::digest(format!("pass {number}")));
        let groups = [0..4, 4..8, 8..12, 12..16].map(|group| digits.get(group).unwrap_or_default().to_owned());
        groups.join("-")
    }

    /// The identifiers of the places.
    pub(crate) fn venues() -> Vec<String> {
        (1..=PLACES).map(|number| identifier("a", number)).collect()
    }

    /// An access token for the agent of each place.
    pub(crate) fn tokens() -> anyhow::Result<Vec<String>> {
        let expires = SystemClock.now().millis() / 1_000 + LIFE_SECONDS;
        let token = |number| {
            let claims = serde_json::json!({ "sub": identifier("b", number), "exp": expires });
            encode(&Header::default(), &claims, &EncodingKey::from_secret(SECRET)).context("no token")
        };
        (1..=PLACES).map(token).collect()
    }
}

fn identifier(kind: &str, number: u64) -> String {
    format!("{kind}0000000-0000-4000-8000-{number:012}")
}
