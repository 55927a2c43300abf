//! Signing in and out, as a client sees it.

use actix_web::test::TestRequest;
use serde_json::json;

use super::*;
use crate::auth::password::{Hasher, Parameters};
use crate::domain::movement::Kind;
use crate::domain::party::OrganisationKind;
use crate::http::reference::stage::{Answer, PASSWORD, Stage};

const EMAIL: &str = "admin@region.example";

async fn sign_in(stage: &Stage, email: &str, password: &str) -> Answer {
    let body = json!({ "email": email, "password": password });
    stage.call(TestRequest::post().uri("/api/v1/auth/login").set_json(body)).await
}

async fn renew(stage: &Stage, refresh_token: &str) -> Answer {
    let body = json!({ "refresh_token": refresh_token });
    stage.call(TestRequest::post().uri("/api/v1/auth/refresh").set_json(body)).await
}

async fn me(stage: &Stage, tokens: &Answer) -> Answer {
    stage.get(tokens.text("access_token"), "/api/v1/auth/me").await
}

fn change(stage: &Stage, change: impl FnOnce(&mut User)) {
    let changed = stage.app.store.write::<_, StoreError>(|tx| {
        let mut user = tx.user(stage.admin)?.unwrap();
        change(&mut user);
        user.version += 1;
        tx.update_user(&user)
    });
    assert!(changed.unwrap());
}

#[actix_web::test]
async fn who_signs_in_learns_who_they_are_and_what_they_may_do() {
    let stage = Stage::new();
    let tokens = sign_in(&stage, " Admin@Region.example ", PASSWORD).await;
    assert_eq!((tokens.status, tokens.text("token_type")), (200, "Bearer"), "{tokens:?}");
    assert_eq!(tokens.body["expires_in"], 600);
    let me = me(&stage, &tokens).await;
    assert_eq!((me.status, me.text("role")), (200, "region_admin"));
    assert_eq!(me.body["user"]["email"], EMAIL);
    assert_eq!(me.body["organisation"]["code"], "HDF");
    let actions = me.body["actions"].as_array().unwrap();
    assert!(actions.contains(&json!("administer")) && actions.contains(&json!("record_order")));
    assert!(!actions.contains(&json!("record_redemption")) && !actions.contains(&json!("check_pass")));
}

#[actix_web::test]
async fn whatever_is_wrong_the_answer_is_the_same() {
    let stage = Stage::new();
    let club = stage.organisation("CLUB", &[OrganisationKind::Provider], "90000001900019");
    stage.user("leo@club.example", club, Role::VenueAgent);
    stage
        .app
        .store
        .write::<_, StoreError>(|tx| {
            let organisation = tx.organisation(club)?.unwrap();
            let disabled = crate::domain::party::Organisation { active: false, version: 2, ..organisation };
            tx.update_organisation(&disabled)
        })
        .unwrap();
    let mut answers = vec![
        sign_in(&stage, EMAIL, "un autre mot de passe").await,
        sign_in(&stage, "nobody@region.example", PASSWORD).await,
        sign_in(&stage, "leo@club.example", PASSWORD).await,
    ];
    change(&stage, |user| user.active = false);
    answers.push(sign_in(&stage, EMAIL, PASSWORD).await);
    for answer in answers {
        assert_eq!(answer.problem(), (401, "credentials_wrong"));
    }
}

#[actix_web::test]
async fn after_five_failures_the_account_waits_and_a_success_forgets_them() {
    let stage = Stage::new();
    for _ in 0..5 {
        assert_eq!(sign_in(&stage, EMAIL, "faux").await.problem(), (401, "credentials_wrong"));
    }
    let early = sign_in(&stage, EMAIL, PASSWORD).await;
    assert_eq!((early.problem(), early.header("Retry-After")), ((429, "sign_in_delayed"), "1"));
    stage.clock.advance_seconds(1);
    assert_eq!(sign_in(&stage, EMAIL, "faux").await.status, 401);
    stage.clock.advance_seconds(1);
    let early = sign_in(&stage, EMAIL, PASSWORD).await;
    assert_eq!((early.problem(), early.header("Retry-After")), ((429, "sign_in_delayed"), "1"));
    stage.clock.advance_seconds(1);
    assert_eq!(sign_in(&stage, EMAIL, PASSWORD).await.status, 200);
    let user = stage.app.store.read::<_, StoreError>(|tx| tx.user(stage.admin)).unwrap().unwrap();
    assert_eq!((user.failures, user.last_failure), (0, None));
}

#[actix_web::test]
async fn a_right_password_tried_beside_wrong_ones_waits_like_them() {
    let stage = Stage::new();
    let user = stage.app.store.read::<_, StoreError>(|tx| tx.user(stage.admin)).unwrap().unwrap();
    let now = stage.app.clock.now();
    let first = Grant::new(&stage.app, stage.app.entropy.uuid(now), user.id).stored();
    // Five others failed while this one was being compared.
    stage.app.store.write::<_, StoreError>(|tx| tx.note_sign_in(user.id, 5, Some(now))).unwrap();
    let settled = stage.app.store.write(|tx| settle(tx, &user, Tried::Right(None), &first, now)).unwrap();
    assert_eq!(settled.unwrap_err().code(), "sign_in_delayed");
}

#[actix_web::test]
async fn one_address_tries_thirty_times_a_minute_at_most() {
    let stage = Stage::new();
    let attempt = || {
        let request = TestRequest::post().uri("/api/v1/auth/login").peer_addr("192.0.2.7:4000".parse().unwrap());
        request.set_json(json!({ "email": "nobody@region.example", "password": "faux" }))
    };
    for _ in 0..30 {
        assert_eq!(stage.call(attempt()).await.status, 401);
    }
    assert_eq!(stage.call(attempt()).await.problem(), (429, "too_many_requests"));
}

#[actix_web::test]
async fn a_password_is_hashed_again_when_its_cost_is_no_longer_the_one_of_today() {
    let stage = Stage::new();
    let older = Hasher::new(Arc::clone(&stage.app.keys), Parameters { memory_kib: 16, passes: 1, lanes: 1 }).unwrap();
    let hash = older.hash(&Password::tried(PASSWORD).unwrap(), stage.app.entropy.as_ref()).unwrap();
    change(&stage, |user| user.password_hash.clone_from(&hash));
    assert_eq!(sign_in(&stage, EMAIL, PASSWORD).await.status, 200);
    let user = stage.app.store.read::<_, StoreError>(|tx| tx.user(stage.admin)).unwrap().unwrap();
    assert!(user.password_hash != hash && user.password_hash.contains("m=8,"), "{}", user.password_hash);
    assert_eq!(sign_in(&stage, EMAIL, PASSWORD).await.status, 200);
}

#[actix_web::test]
async fn a_refresh_token_serves_once_and_its_second_use_ends_the_session() {
    let stage = Stage::new();
    let first = sign_in(&stage, EMAIL, PASSWORD).await;
    let second = renew(&stage, first.text("refresh_token")).await;
    assert_eq!(second.status, 200, "{second:?}");
    assert_ne!(first.text("refresh_token"), second.text("refresh_token"));
    assert_eq!(me(&stage, &second).await.status, 200);
    let stolen = renew(&stage, first.text("refresh_token")).await;
    assert_eq!(stolen.problem(), (401, "refresh_token_invalid"));
    assert_eq!(renew(&stage, second.text("refresh_token")).await.problem(), (401, "refresh_token_invalid"));
    assert_eq!(me(&stage, &second).await.problem(), (401, "token_invalid"));
}

#[actix_web::test]
async fn a_made_up_refresh_token_is_refused() {
    let stage = Stage::new();
    for token in ["", "abc", &"0".repeat(64), &"é".repeat(64)] {
        assert_eq!(renew(&stage, token).await.problem(), (401, "refresh_token_invalid"));
    }
}

#[actix_web::test]
async fn a_session_ends_after_twelve_idle_hours_and_after_seven_days() {
    let stage = Stage::new();
    let idle = sign_in(&stage, EMAIL, PASSWORD).await;
    stage.clock.advance_seconds(IDLE_SECONDS);
    assert_eq!(renew(&stage, idle.text("refresh_token")).await.status, 401);
    let mut busy = sign_in(&stage, EMAIL, PASSWORD).await;
    for _ in 0..14 {
        stage.clock.advance_seconds(IDLE_SECONDS - 1);
        busy = renew(&stage, busy.text("refresh_token")).await;
        assert_eq!(busy.status, 200);
    }
    stage.clock.advance_seconds(14);
    assert_eq!(renew(&stage, busy.text("refresh_token")).await.status, 401);
}

#[actix_web::test]
async fn who_signs_out_is_out() {
    let stage = Stage::new();
    let tokens = sign_in(&stage, EMAIL, PASSWORD).await;
    let other = sign_in(&stage, EMAIL, PASSWORD).await;
    assert_eq!(stage.post(tokens.text("access_token"), "/api/v1/auth/logout", json!({})).await.status, 204);
    assert_eq!(me(&stage, &tokens).await.problem(), (401, "token_invalid"));
    assert_eq!(renew(&stage, tokens.text("refresh_token")).await.status, 401);
    assert_eq!(me(&stage, &other).await.status, 200);
}

#[actix_web::test]
async fn a_disabled_user_is_stopped_and_cannot_renew() {
    let stage = Stage::new();
    let tokens = sign_in(&stage, EMAIL, PASSWORD).await;
    change(&stage, |user| user.active = false);
    assert_eq!(me(&stage, &tokens).await.problem(), (403, "account_disabled"));
    assert_eq!(renew(&stage, tokens.text("refresh_token")).await.problem(), (401, "refresh_token_invalid"));
}

#[test]
fn every_action_has_a_name_of_its_own() {
    let mut names: Vec<String> = Role::ALL.iter().flat_map(|role| actions(*role)).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 24 + Kind::ALL.len());
}

#[test]
fn a_secret_is_not_shown() {
    assert_eq!(format!("{:?}", Typed("secret".to_owned())), "Typed(…)");
}

#[test]
fn behind_a_front_server_of_this_machine_each_client_has_an_address_of_its_own() {
    let from = |peer: &str, forwarded: &[&str]| {
        let mut request = TestRequest::get().peer_addr(std::net::SocketAddr::new(peer.parse().unwrap(), 40_000));
        for value in forwarded {
            request = request.append_header(("X-Forwarded-For", *value));
        }
        address(&request.to_http_request()).unwrap().to_string()
    };
    assert_eq!(from("127.0.0.1", &[]), "127.0.0.1");
    assert_eq!(from("127.0.0.1", &["203.0.113.7"]), "203.0.113.7");
    assert_eq!(from("::1", &["1.2.3.4, 2001:db8::7"]), "2001:db8::7", "the last is the front server's own");
    assert_eq!(from("127.0.0.1", &["1.2.3.4", "203.0.113.7"]), "203.0.113.7");
    assert_eq!(from("127.0.0.1", &["unknown"]), "127.0.0.1");
    assert_eq!(from("198.51.100.9", &["203.0.113.7"]), "198.51.100.9", "nobody else is believed");
}
