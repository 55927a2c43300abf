//! Access tokens (JWT, RFC 9068 style) and refresh tokens (opaque). What never lives here: the life of a session, which
//! is the store's, and a role: what a caller may do is read afresh for every request.

use std::fmt;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use secrecy::{ExposeSecret, SecretBox};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::clock::Entropy;
use crate::domain::ids::UserId;
use crate::domain::time::Instant;
use crate::keys::Keys;

/// Life of an access token, in seconds.
pub const LIFE_SECONDS: i64 = 10 * 60;

/// How far the clocks of two instances may differ, in seconds.
const LEEWAY_SECONDS: i64 = 5;

/// No token of ours is longer; a longer one is not looked at.
const LONGEST_BYTES: usize = 2048;

const ISSUER: &str = "recepisse";
const AUDIENCE: &str = "recepisse-api";
const TYPE: &str = "at+jwt";

/// All claims that the library can require; [`Written`] requires the others.
const REQUIRED: [&str; 5] = ["exp", "nbf", "aud", "iss", "sub"];

/// Why a token is not accepted. The API says one of two codes; the variants are for tests and the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Longer than 2 KiB.
    #[error("token too long")]
    TooLong,
    /// Not three parts, or another header than the one we write: other algorithm, other type, a key of its own.
    #[error("token header not ours")]
    Header,
    /// Not signed with our key.
    #[error("token signature wrong")]
    Signature,
    /// A claim is missing, unknown, of another shape, or for somebody else.
    #[error("token claims not ours")]
    Claims,
    /// From the future.
    #[error("token not valid yet")]
    NotYetValid,
    /// Ours, and too old.
    #[error("token expired")]
    Expired,
}

impl TokenError {
    /// The stable code, part of the API. Only an expired token is told apart, because the client can do something
    /// about it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Expired => "token_expired",
            _ => "token_invalid",
        }
    }
}

/// A token could not be signed: a fault of the program, never of the caller.
#[derive(Debug, thiserror::Error)]
#[error("access token not issued")]
pub struct NotIssued(#[from] jsonwebtoken::errors::Error);

/// What an accepted access token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claims {
    pub user: UserId,
    pub session: Uuid,
    /// The token's own identifier, for the log.
    pub token: Uuid,
    pub issued_at: Instant,
    pub expires_at: Instant,
}

/// The claims as they are written. Times are whole seconds since 1970 (RFC 7519 `NumericDate`).
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    iss: String,
    aud: String,
    sub: UserId,
    sid: Uuid,
    jti: Uuid,
    iat: i64,
    nbf: i64,
    exp: i64,
}

/// A token for `user` within `session`, valid for ten minutes from `now`. `token` must be new each time.
///
/// # Errors
/// [`NotIssued`].
pub fn issue(keys: &Keys, user: UserId, session: Uuid, token: Uuid, now: Instant) -> Result<String, NotIssued> {
    let now = seconds(now);
    let claims = Written {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: user,
        sid: session,
        jti: token,
        iat: now,
        nbf: now,
        exp: now.saturating_add(LIFE_SECONDS),
    };
    Ok(encode(&header(), &claims, &EncodingKey::from_secret(keys.token_key()))?)
}

/// What `token` says, if it is ours and in force at `now`.
///
/// The library checks the signature and that the claims are there. The header and the times are checked here: left to
/// itself the library takes a token that expired 50 s ago or that starts tomorrow, and reads the machine's clock.
///
/// # Errors
/// See [`TokenError`]. Times are judged last, so [`TokenError::Expired`] is said of our own tokens only.
pub fn check(keys: &Keys, token: &str, now: Instant) -> Result<Claims, TokenError> {
    if token.len() > LONGEST_BYTES {
        return Err(TokenError::TooLong);
    }
    // Equality, not a list of what is forbidden: `crit`, `jku`, `jwk`, `x5u`, `x5c`, `kid` and whatever comes next.
    if decode_header(token).map_err(|_| TokenError::Header)? != header() {
        return Err(TokenError::Header);
    }
    let key = DecodingKey::from_secret(keys.token_key());
    let claims = decode::<Written>(token, &key, &validation()).map_err(|error| refused(&error))?.claims;
    in_force(&claims, seconds(now))?;
    Ok(Claims {
        user: claims.sub,
        session: claims.sid,
        token: claims.jti,
        issued_at: Instant::from_millis(claims.iat.saturating_mul(1000)),
        expires_at: Instant::from_millis(claims.exp.saturating_mul(1000)),
    })
}

fn header() -> Header {
    Header { typ: Some(TYPE.to_owned()), ..Header::new(Algorithm::HS256) }
}

fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_required_spec_claims(&REQUIRED);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    // `in_force` does it, by the clock that was handed in.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation
}

fn refused(error: &jsonwebtoken::errors::Error) -> TokenError {
    use jsonwebtoken::errors::ErrorKind;
    match error.kind() {
        ErrorKind::InvalidSignature | ErrorKind::Base64(_) => TokenError::Signature,
        _ => TokenError::Claims,
    }
}

/// All in seconds. `iat` and `nbf` may be up to five seconds ahead, `exp` up to five seconds behind.
fn in_force(claims: &Written, now: i64) -> Result<(), TokenError> {
    let life = claims.exp.checked_sub(claims.iat).ok_or(TokenError::Claims)?;
    if !(1..=LIFE_SECONDS).contains(&life) || claims.nbf < claims.iat || claims.nbf >= claims.exp {
        return Err(TokenError::Claims);
    }
    if claims.nbf > now.saturating_add(LEEWAY_SECONDS) || claims.iat > now.saturating_add(LEEWAY_SECONDS) {
        return Err(TokenError::NotYetValid);
    }
    if claims.exp <= now.saturating_sub(LEEWAY_SECONDS) { Err(TokenError::Expired) } else { Ok(()) }
}

fn seconds(at: Instant) -> i64 {
    at.millis().div_euclid(1000)
}

/// 256 random bits that stand for a session until they are exchanged for new ones. The holder has the text, the
/// database only [`RefreshToken::digest`].
pub struct RefreshToken(SecretBox<[u8; 32]>);

impl RefreshToken {
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(SecretBox::init_with_mut(|bytes: &mut [u8; 32]| entropy.fill(bytes)))
    }

    /// Reads the 64 lowercase hexadecimal digits that [`RefreshToken::reveal`] wrote.
    ///
    /// # Errors
    /// [`TokenError::Claims`] for any other text.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let mut bytes = [0; 32];
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) || hex::decode_to_slice(text, &mut bytes).is_err() {
            return Err(TokenError::Claims);
        }
        Ok(Self(SecretBox::new(Box::new(bytes))))
    }

    /// The text for its holder, once, and for nothing else.
    #[must_use]
    pub fn reveal(&self) -> String {
        hex::encode(self.0.expose_secret())
    }

    /// What is stored: the SHA-256 of the 32 bytes, in 64 hexadecimal digits. No salt and no slow hash: there is
    /// nothing to guess in 256 random bits.
    #[must_use]
    pub fn digest(&self) -> String {
        hex::encode(Sha256::digest(self.0.expose_secret()))
    }
}

/// Says that there is a token, never which one.
impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshToken(…)")
    }
}

#[cfg(test)]
mod tests;
