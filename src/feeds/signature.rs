//! How an event is signed: HMAC-SHA256 over the moment and the body, so that neither can be changed nor sent again much
//! later. The secret of a webhook is derived from a key of the installation: it is stored nowhere, shown once, and another
//! one comes with the next generation. What never lives here: a secret in a log.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::domain::ids::WebhookId;
use crate::keys::{Keys, Purpose};

/// The secret of a webhook's generation, as its receiver is given it.
#[must_use]
pub fn secret(keys: &Keys, webhook: WebhookId, generation: i64) -> String {
    let (webhook, generation) = (webhook.to_string(), generation.to_string());
    let parts = [b"secret of a webhook".as_slice(), webhook.as_bytes(), generation.as_bytes()];
    format!("whsec_{}", hex::encode(keys.mac(Purpose::Commitment, &parts)))
}

/// The signature under one secret, in hexadecimal digits, of `<seconds>.<body>`.
#[must_use]
pub fn sign(secret: &str, seconds: i64, body: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(seconds.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn every_webhook_and_generation_has_a_secret_of_its_own_that_comes_back() {
        let keys = Keys::for_tests(1);
        let (one, other) = (WebhookId::new(Uuid::from_u128(1)), WebhookId::new(Uuid::from_u128(2)));
        assert_eq!(secret(&keys, one, 1), secret(&Keys::for_tests(1), one, 1));
        let all: std::collections::BTreeSet<String> =
            [secret(&keys, one, 1), secret(&keys, one, 2), secret(&keys, other, 1)].into_iter().collect();
        assert_eq!(all.len(), 3);
        assert!(all.iter().all(|secret| secret.starts_with("whsec_") && secret.len() == 70));
    }

    /// The example of `docs/API.md`, made with another program: `printf '1700000000.{}' | openssl dgst -sha256 -hmac whsec_test`.
    #[test]
    fn a_signature_is_the_documented_one() {
        let expected = "35495024f4ef3f94e5a93e22221544c4b75e9a42300cd965ab81cb85cd994e91";
        assert_eq!(sign("whsec_test", 1_700_000_000, b"{}"), expected);
        assert_ne!(sign("whsec_test", 1_700_000_001, b"{}"), expected);
    }
}
