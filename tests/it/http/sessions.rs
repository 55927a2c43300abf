//! Signing in over HTTP: tokens that expire, are renewed, stolen or revoked; guessers who wait.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use recepisse::domain::party::Role;
use serde_json::{Value, json};

use super::requests::stage;
use crate::harness::{Answer, Http, PASSWORD, over_every_engine};

const VENUE: &str = "venue_agent@lieux.example";

async fn with_token(http: &Http<'_>, token: &str, method: Method, path: &str) -> TestRequest {
    http.anonymous().request(method, path).await.insert_header(("Authorization", format!("Bearer {token}")))
}

async fn me(http: &Http<'_>, token: &str) -> Answer {
    http.send(with_token(http, token, Method::GET, "/auth/me").await).await
}

async fn renew(http: &Http<'_>, token: &str) -> Answer {
    http.anonymous().post("/auth/refresh", json!({ "refresh_token": token })).await
}

#[test]
fn an_access_token_lasts_ten_minutes_and_the_session_goes_on() {
    over_every_engine(
        |_| (),
        async |http| {
            let first = http.sign_in(VENUE, PASSWORD).await;
            let token = first.text_at("access_token");
            assert_eq!(me(http, &token).await.status, 200);
            http.world.clock.advance_seconds(10 * 60 + 60);
            me(http, &token).await.is_refused(401, "token_expired");
            let next = renew(http, &first.text_at("refresh_token")).await;
            assert_eq!(me(http, &next.text_at("access_token")).await.status, 200);
        },
    );
}

#[test]
fn a_token_with_one_letter_changed_is_no_token() {
    over_every_engine(
        |_| (),
        async |http| {
            let token = http.sign_in(VENUE, PASSWORD).await.text_at("access_token");
            let place = token.len() / 2;
            let other = if token.as_bytes()[place] == b'A' { "B" } else { "A" };
            let changed = format!("{}{other}{}", &token[..place], &token[place + 1..]);
            for token in [changed.as_str(), "", "x", "a.b.c", &token.replace('.', " ")] {
                me(http, token).await.is_refused(401, "token_invalid");
            }
            let basic =
                http.anonymous().request(Method::GET, "/auth/me").await.insert_header(("Authorization", "Basic eDp5"));
            http.send(basic).await.is_refused(401, "token_invalid");
        },
    );
}

#[test]
fn a_refresh_token_used_twice_ends_the_session_of_both() {
    over_every_engine(
        |_| (),
        async |http| {
            let first = http.sign_in(VENUE, PASSWORD).await.text_at("refresh_token");
            let second = renew(http, &first).await;
            assert_eq!(second.status, 200);
            renew(http, &first).await.is_refused(401, "refresh_token_invalid");
            renew(http, &second.text_at("refresh_token")).await.is_refused(401, "refresh_token_invalid");
            me(http, &second.text_at("access_token")).await.is_refused(401, "token_invalid");
        },
    );
}

#[test]
fn signing_out_ends_the_session_at_once() {
    over_every_engine(
        |_| (),
        async |http| {
            let tokens = http.sign_in(VENUE, PASSWORD).await;
            let token = tokens.text_at("access_token");
            assert_eq!(http.send(with_token(http, &token, Method::POST, "/auth/logout").await).await.status, 204);
            me(http, &token).await.is_refused(401, "token_invalid");
            renew(http, &tokens.text_at("refresh_token")).await.is_refused(401, "refresh_token_invalid");
        },
    );
}

/// Disabled between signing in and the next write: by the user's own account, or by the organisation's.
#[test]
fn who_is_disabled_is_stopped_at_their_next_write() {
    over_every_engine(stage, async |http| {
        let world = http.world;
        let redeem = super::requests::redemption_body(world, 2, &[1]);
        let path = "/programmes/HDF21/redemptions";
        let agent = http.venue_agent("LIEUX");
        assert_eq!(agent.get("/auth/me").await.status, 200);
        let organisation = format!("/organisations/{}", world.organisation("LIEUX"));
        let off = http.region_admin().patch(&organisation, 1, json!({ "active": false })).await;
        assert_eq!(off.status, 200, "{off:?}");
        let before = http.position();
        agent.post(path, redeem.clone()).await.is_refused(403, "account_disabled");
        let on = http.region_admin().patch(&organisation, 2, json!({ "active": true })).await;
        assert_eq!(on.status, 200, "{on:?}");
        let user = format!("/users/{}", world.user("LIEUX", Role::VenueAgent));
        let version = http.region_admin().get(&user).await.done()["version"].as_i64().unwrap();
        let off = http.region_admin().patch(&user, version, json!({ "active": false })).await;
        assert_eq!(off.status, 200, "{off:?}");
        let stopped = agent.post(path, redeem).await;
        assert!(matches!(stopped.problem().0, 401 | 403), "{stopped:?}");
        assert_eq!(http.position(), before);
        http.sign_in(VENUE, PASSWORD).await.is_refused(401, "credentials_wrong");
    });
}

#[test]
fn a_guesser_waits_longer_each_time() {
    over_every_engine(
        |_| (),
        async |http| {
            for _ in 0..5 {
                http.sign_in(VENUE, "un autre mot de passe").await.is_refused(401, "credentials_wrong");
            }
            let early = http.sign_in(VENUE, PASSWORD).await;
            early.is_refused(429, "sign_in_delayed");
            assert!(early.header("Retry-After").unwrap().parse::<u32>().unwrap() > 0);
            // Somebody else signs in as before, and an unknown address never waits differently.
            assert_eq!(http.sign_in("venue_agent@mobi.example", PASSWORD).await.status, 200);
            http.world.clock.advance_seconds(60);
            assert_eq!(http.sign_in(VENUE, PASSWORD).await.status, 200);
        },
    );
}

#[test]
fn one_address_may_not_try_without_end() {
    over_every_engine(
        |_| (),
        async |http| {
            let attempt = || {
                let from = "192.0.2.7:4711".parse().unwrap();
                let body: Value = json!({ "email": "nobody@nowhere.example", "password": "faux" });
                TestRequest::post().uri("/api/v1/auth/login").peer_addr(from).set_json(body)
            };
            for _ in 0..30 {
                http.send(attempt()).await.is_refused(401, "credentials_wrong");
            }
            let slowed = http.send(attempt()).await;
            slowed.is_refused(429, "too_many_requests");
            assert!(slowed.header("Retry-After").is_some());
        },
    );
}
