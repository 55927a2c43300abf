use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::get_current_timestamp;
use serde_json::{Value, json};
use sha2::{Sha256, Sha384};

use super::*;
use crate::clock::SeededEntropy;

const USER: &str = "0192f0c1-2b3c-7d4e-8f50-61728394a5b6";
const SESSION: &str = "0192f0c1-2b3c-7d4e-8f50-000000000002";
const TOKEN: &str = "0192f0c1-2b3c-7d4e-8f50-000000000003";

fn keys() -> Keys {
    Keys::for_tests(1)
}

fn now() -> Instant {
    Instant::parse("2026-11-24T10:06:52.999Z").unwrap()
}

fn ours() -> String {
    issue(&keys(), user(), session(), TOKEN.parse().unwrap(), now()).unwrap()
}

fn user() -> UserId {
    UserId::parse(USER).unwrap()
}

fn session() -> Uuid {
    SESSION.parse().unwrap()
}

/// Base64 for URLs without padding (RFC 4648 §5).
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    bytes
        .chunks(3)
        .flat_map(|chunk| {
            let bits = (0..3).fold(0, |bits, place| bits << 8 | usize::from(chunk.get(place).copied().unwrap_or(0)));
            (0..=chunk.len()).map(move |place| char::from(ALPHABET[bits >> (18 - 6 * place) & 63]))
        })
        .collect()
}

fn message(header: &Value, claims: &Value) -> String {
    format!("{}.{}", base64(header.to_string().as_bytes()), base64(claims.to_string().as_bytes()))
}

fn signed(message: &str, key: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(message).finalize().into_bytes();
    format!("{message}.{}", base64(&mac))
}

/// Signed with our own key, so that only what it says can be wrong.
fn forged(header: &Value, claims: &Value) -> String {
    signed(&message(header, claims), keys().token_key())
}

fn good_header() -> Value {
    json!({"typ": "at+jwt", "alg": "HS256"})
}

fn good_claims(now: i64) -> Value {
    json!({
        "iss": "recepisse", "aud": "recepisse-api", "sub": USER, "sid": SESSION, "jti": TOKEN,
        "iat": now, "nbf": now, "exp": now + 600,
    })
}

fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

fn without(mut object: Value, name: &str) -> Value {
    object.as_object_mut().unwrap().remove(name).unwrap();
    object
}

fn why(token: &str) -> TokenError {
    check(&keys(), token, now()).expect_err(token)
}

#[test]
fn a_token_says_who_it_was_issued_to() {
    let claims = check(&keys(), &ours(), now()).unwrap();
    assert_eq!((claims.user, claims.session, claims.token), (user(), session(), TOKEN.parse().unwrap()));
    assert_eq!(claims.issued_at.to_string(), "2026-11-24T10:06:52.000Z");
    assert_eq!(claims.expires_at, claims.issued_at.plus_seconds(600));
}

#[test]
fn a_token_made_by_hand_as_we_make_them_is_accepted() {
    // Without it the forgeries below could be refused for a fault of this file.
    assert!(check(&keys(), &forged(&good_header(), &good_claims(seconds(now()))), now()).is_ok());
}

#[test]
fn a_token_lives_ten_minutes_and_five_seconds_of_grace() {
    let token = ours();
    let at = |seconds| check(&keys(), &token, now().plus_seconds(seconds));
    for seconds in [-5, 0, 1, 599, 600, 604] {
        assert!(at(seconds).is_ok(), "{seconds}");
    }
    for seconds in [605, 650, 100_000] {
        assert_eq!(at(seconds), Err(TokenError::Expired), "{seconds}");
    }
    for seconds in [-6, -60, -100_000] {
        assert_eq!(at(seconds), Err(TokenError::NotYetValid), "{seconds}");
    }
}

#[test]
fn what_the_library_accepts_by_default_is_refused_here() {
    let now = i64::try_from(get_current_timestamp()).unwrap();
    let keys = keys();
    let plain = json!({"typ": "JWT", "alg": "HS256"});
    let bare = without(good_claims(now), "aud");
    let expired = with(bare.clone(), "exp", json!(now - 50));
    let nameless = json!({"exp": now + 60});
    let early = with(bare, "nbf", json!(now + 86_400));
    for (claims, name) in [(expired, "expired 50 s ago"), (nameless, "no aud, iss, sub"), (early, "nbf tomorrow")] {
        let token = forged(&plain, &claims);
        let key = DecodingKey::from_secret(keys.token_key());
        assert!(decode::<Value>(&token, &key, &Validation::new(Algorithm::HS256)).is_ok(), "{name}: default");
        let at = Instant::from_millis(now * 1000);
        assert_eq!(check(&keys, &token, at), Err(TokenError::Header), "{name}: type");
        assert_eq!(check(&keys, &forged(&good_header(), &claims), at), Err(TokenError::Claims), "{name}: claims");
    }
    // The same two faults of time, in tokens that are otherwise whole.
    let at = Instant::from_millis(now * 1000);
    let expired = forged(&good_header(), &good_claims(now - 650));
    assert_eq!(check(&keys, &expired, at), Err(TokenError::Expired));
    let early = forged(&good_header(), &good_claims(now + 86_400));
    assert_eq!(check(&keys, &early, at), Err(TokenError::NotYetValid));
}

#[test]
fn another_header_than_ours_is_refused_even_well_signed() {
    let claims = good_claims(seconds(now()));
    let mut headers: Vec<Value> = ["HS384", "HS512", "RS256", "RS384", "PS256", "ES256", "ES384", "EdDSA"]
        .into_iter()
        .chain(["none", "None", "NONE", "nOnE", "hs256", ""])
        .map(|algorithm| with(good_header(), "alg", json!(algorithm)))
        .collect();
    for typ in [json!("JWT"), json!("at+JWT"), json!("application/at+jwt"), json!("refresh+jwt"), json!(""), json!(1)] {
        headers.push(with(good_header(), "typ", typ));
    }
    let key = json!({"kty": "oct", "k": base64(b"attacker's own key")});
    for (name, value) in [
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("jku", json!("https://example.org/keys")),
        ("jwk", key),
        ("kid", json!("../../dev/null")),
        ("kid", json!("1' UNION SELECT 'k")),
        ("x5u", json!("https://example.org/cert")),
        ("x5c", json!(["MIIB"])),
        ("x5t", json!("abc")),
        ("x5t#S256", json!("abc")),
        ("cty", json!("JWT")),
        ("zip", json!("DEF")),
        ("enc", json!("A256GCM")),
        ("b64", json!(false)),
        ("nonce", json!("1")),
        ("url", json!("https://example.org")),
        ("anything", json!(null)),
    ] {
        headers.push(with(good_header(), name, value));
    }
    headers.extend([
        without(good_header(), "typ"),
        without(good_header(), "alg"),
        json!({}),
        json!([]),
        json!("HS256"),
    ]);
    for header in headers {
        assert_eq!(why(&forged(&header, &claims)), TokenError::Header, "{header}");
        let unsigned = format!("{}.", message(&header, &claims));
        assert_eq!(why(&unsigned), TokenError::Header, "{header} unsigned");
    }
}

#[test]
fn a_header_that_names_a_thing_twice_is_refused() {
    let header = br#"{"typ":"at+jwt","alg":"none","alg":"HS256"}"#;
    let claims = good_claims(seconds(now())).to_string();
    let message = format!("{}.{}", base64(header), base64(claims.as_bytes()));
    assert_eq!(why(&signed(&message, keys().token_key())), TokenError::Header);
}

#[test]
fn another_signature_than_ours_is_refused() {
    let message = message(&good_header(), &good_claims(seconds(now())));
    let token = signed(&message, keys().token_key());
    let mac = |key: &[u8]| Hmac::<Sha384>::new_from_slice(key).unwrap().chain_update(&message).finalize().into_bytes();
    let public = keys().seal_key().verifying_key().to_bytes();
    let signature = token.rsplit('.').next().unwrap();
    for forgery in [
        format!("{message}."),
        token[..token.len() - 1].to_owned(),
        token[..token.len() - 2].to_owned(),
        token[..token.len() - 22].to_owned(),
        format!("{token}A"),
        format!("{token}="),
        format!("{token}\n"),
        format!("{message}.{}", base64(&mac(keys().token_key()))),
        format!("{message}.{}", base64(&mac(keys().token_key())[..32])),
        format!("{message}.{}", base64(&[0; 32])),
        format!("{message}.{}", signature.chars().rev().collect::<String>()),
        signed(&message, b""),
        signed(&message, b"secret"),
        signed(&message, &[0; 32]),
        signed(&message, &public),
        signed(&message, Keys::for_tests(2).token_key()),
        signed(&message, keys().pepper()),
        signed(&message, hex::encode(keys().token_key()).as_bytes()),
    ] {
        assert_eq!(why(&forgery), TokenError::Signature, "{forgery}");
    }
}

#[test]
fn claims_changed_under_an_old_signature_are_refused() {
    let token = ours();
    let parts: Vec<&str> = token.split('.').collect();
    let claims = with(good_claims(seconds(now())), "sub", json!("0192f0c1-2b3c-7d4e-8f50-ffffffffffff"));
    let forgery = format!("{}.{}.{}", parts[0], base64(claims.to_string().as_bytes()), parts[2]);
    assert_eq!(why(&forgery), TokenError::Signature);
}

#[test]
fn every_claim_is_required_and_typed() {
    let good = good_claims(seconds(now()));
    for name in ["iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp"] {
        assert_eq!(why(&forged(&good_header(), &without(good.clone(), name))), TokenError::Claims, "no {name}");
        for wrong in [json!(null), json!(true), json!([]), json!({}), json!(1.5), json!("")] {
            let claims = with(good.clone(), name, wrong);
            assert_eq!(why(&forged(&good_header(), &claims)), TokenError::Claims, "{claims}");
        }
    }
}

#[test]
fn claims_for_somebody_else_or_beyond_ours_are_refused() {
    let at = seconds(now());
    for (name, value) in [
        ("iss", json!("somebody")),
        ("iss", json!(["recepisse"])),
        ("iss", json!("Recepisse")),
        ("aud", json!("other-api")),
        ("aud", json!(["recepisse-api"])),
        ("aud", json!(["recepisse-api", "other-api"])),
        ("sub", json!("admin")),
        ("sid", json!(1)),
        ("jti", json!("../x")),
        ("role", json!("region_admin")),
        ("scope", json!("*")),
        ("exp", json!(at + 601)),
        ("exp", json!(i64::MAX)),
        ("exp", json!(u64::MAX)),
        ("exp", json!(i64::MIN)),
        ("exp", json!(at)),
        ("exp", json!((at + 60).to_string())),
        ("iat", json!(i64::MIN)),
        ("iat", json!(at - 1)),
        ("iat", json!(at + 600)),
        ("nbf", json!(at - 1)),
        ("nbf", json!(at + 600)),
    ] {
        let claims = with(good_claims(at), name, value);
        assert_eq!(why(&forged(&good_header(), &claims)), TokenError::Claims, "{claims}");
    }
    assert_eq!(why(&forged(&good_header(), &json!([]))), TokenError::Claims);
    assert_eq!(why(&forged(&good_header(), &with(good_claims(at), "nbf", json!(at + 60)))), TokenError::NotYetValid);
}

#[test]
fn a_text_that_is_no_token_is_refused() {
    let token = ours();
    for text in ["", ".", "..", "...", "a.b", "a.b.c", "Bearer x", "é.é.é", "\0", &format!("a.{token}"), &token[1..]]
    {
        assert_eq!(why(text), TokenError::Header, "{text:?}");
    }
    let long = with(good_claims(seconds(now())), "jti", json!("x".repeat(2048)));
    assert_eq!(why(&forged(&good_header(), &long)), TokenError::TooLong);
    assert_eq!(why(&"a".repeat(2049)), TokenError::TooLong);
    assert_eq!(why(&"a".repeat(10_000_000)), TokenError::TooLong);
}

#[test]
fn only_expiry_is_told_apart_by_its_code() {
    assert_eq!(TokenError::Expired.code(), "token_expired");
    for other in [TokenError::TooLong, TokenError::Header, TokenError::Signature, TokenError::Claims] {
        assert_eq!(other.code(), "token_invalid");
    }
}

#[test]
fn a_token_carries_no_role_and_stays_short() {
    let token = ours();
    assert!(token.len() < 500, "{}", token.len());
    let claims: Value = jsonwebtoken::dangerous::insecure_decode(&token).unwrap().claims;
    let names: Vec<_> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["aud", "exp", "iat", "iss", "jti", "nbf", "sid", "sub"]);
}

#[test]
fn a_refresh_token_is_read_back_and_stored_as_its_digest() {
    let token = RefreshToken::generate(&SeededEntropy::new(1));
    let text = token.reveal();
    assert_eq!(text.len(), 64);
    let again = RefreshToken::parse(&text).unwrap();
    assert_eq!(again.digest(), token.digest());
    assert_eq!(token.digest(), hex::encode(Sha256::digest(hex::decode(&text).unwrap())));
    assert_ne!(token.digest(), RefreshToken::generate(&SeededEntropy::new(2)).digest());
    assert!(!format!("{token:?}").contains(&text[..8]));
}

#[test]
fn another_text_is_no_refresh_token() {
    let text = RefreshToken::generate(&SeededEntropy::new(1)).reveal();
    for wrong in ["", &text[1..], &format!("{text}0"), &format!(" {text}"), &text.to_uppercase(), &"g".repeat(64)] {
        assert!(RefreshToken::parse(wrong).is_err(), "{wrong}");
    }
}
