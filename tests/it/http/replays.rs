//! Every act sent twice under one key: the second answer is the first one, whatever has changed in between, and
//! nothing is done twice.

use recepisse::auth::Action;
use recepisse::http::ROUTES;
use serde_json::Value;

use super::bad_input::{rows, somebody};
use super::requests::{Carries, sample, stage};
use crate::harness::{Answer, over_every_engine};

/// The body without what names the request.
fn said(answer: &Answer) -> Value {
    let mut body = answer.json();
    body.as_object_mut().unwrap().remove("trace_id");
    body
}

#[test]
fn every_act_that_comes_again_is_answered_as_the_first_time() {
    over_every_engine(stage, async |http| {
        let mut granted = 0;
        for row in ROUTES.iter().filter(|row| matches!(row.action, Some(Action::Record(_)))) {
            let (code, role) = somebody(row).unwrap();
            let sample = sample(http, row, role).await.unwrap();
            let key = http.key();
            let send = async || {
                let request = http.who(code, role).request(sample.method.clone(), &sample.path).await;
                let request = request.insert_header(("Idempotency-Key", key.clone()));
                http.send(match &sample.carries {
                    Carries::Nothing => request,
                    Carries::Json(body) => request.set_json(body),
                    Carries::Csv(file) => request.insert_header(("Content-Type", "text/csv")).set_payload(file.clone()),
                })
                .await
            };
            let first = send().await;
            let (before, position) = (rows(http), http.position());
            http.world.clock.advance_seconds(7);
            let second = send().await;
            assert_eq!((second.status, said(&second)), (first.status, said(&first)), "{}", row.path);
            assert_eq!(second.header("Location"), first.header("Location"), "{}", row.path);
            let replays = (first.header("Idempotent-Replay"), second.header("Idempotent-Replay"));
            // What cannot be done may be said before the ledger is asked, each time anew.
            let told = replays == (None, Some("true")) || (first.status != 201 && replays == (None, None));
            assert!(told, "{}: {replays:?} {first:?}", row.path);
            assert_eq!((rows(http), http.position()), (before, position), "{}", row.path);
            granted += usize::from(first.status == 201);
        }
        // A booklet that has gone back is not handed out: that refusal is repeated like the rest.
        assert_eq!(granted, 29);
    });
}
