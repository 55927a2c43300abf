//! Every route for every role and for nobody: each cell of the table in `auth` as HTTP answers it. What may be done
//! is not repeated here; that it is done, and that nobody is asked before being refused, is.

use recepisse::auth::may;
use recepisse::domain::party::Role;
use recepisse::http::ROUTES;

use super::requests::{EVERYBODY, sample, stage};
use crate::harness::over_every_engine;

#[test]
fn everybody_has_every_role() {
    let roles: Vec<Role> = EVERYBODY.iter().map(|(_, role)| *role).collect();
    assert_eq!(roles, Role::ALL);
}

#[test]
fn every_route_asks_every_role_for_its_right_before_anything_else() {
    over_every_engine(stage, async |http| {
        let mut cells = 0;
        for row in ROUTES {
            for (code, role) in EVERYBODY {
                let sample = sample(http, row, *role).await;
                let sample = sample.unwrap_or_else(|| panic!("no sample of {} {}", row.method, row.path));
                let answer = http.send(sample.request(http, Some((code, *role))).await).await;
                let cell = format!("{role}: {} {} on {}: {answer:?}", row.method, sample.path, http.world.engine());
                let allowed = row.action.is_none_or(|action| may(*role, action));
                if row.path == "/api/v1/auth/refresh" {
                    answer.is_refused(401, "refresh_token_invalid");
                } else if allowed {
                    assert!(answer.status < 500 && !matches!(answer.status, 400 | 401 | 403 | 405 | 415), "{cell}");
                } else {
                    assert_eq!(answer.problem(), (403, "forbidden".to_owned()), "{cell}");
                }
                if row.path == "/api/v1/auth/logout" {
                    http.forget(&format!("{role}@{}.example", code.to_lowercase()));
                }
                cells += 1;
            }
        }
        assert_eq!(cells, ROUTES.len() * 7);
    });
}

#[test]
fn nobody_is_asked_to_sign_in_wherever_there_is_something_to_keep() {
    over_every_engine(stage, async |http| {
        let before = http.position();
        for row in ROUTES {
            let sample = sample(http, row, Role::RegionAdmin).await.unwrap();
            let answer = http.send(sample.request(http, None).await).await;
            let cell = format!("{} {}: {answer:?}", row.method, sample.path);
            match row.action {
                Some(_) => {
                    assert_eq!(answer.problem(), (401, "token_missing".to_owned()), "{cell}");
                    assert_eq!(answer.header("WWW-Authenticate"), Some("Bearer"), "{cell}");
                }
                None if row.path == "/api/v1/auth/refresh" => answer.is_refused(401, "refresh_token_invalid"),
                None => assert!(answer.status < 400, "{cell}"),
            }
        }
        assert_eq!(http.position(), before);
    });
}

/// Somebody who may not is told so, whatever else is wrong with what they send: nobody learns from a refused body
/// what exists.
#[test]
fn a_refused_role_learns_nothing_from_a_body_that_is_wrong() {
    over_every_engine(stage, async |http| {
        for row in ROUTES.iter().filter(|row| row.method != "get") {
            let Some(action) = row.action else { continue };
            for (code, role) in EVERYBODY.iter().filter(|(_, role)| !may(*role, action)) {
                let path =
                    row.path.replace("{programme}", "NOWHERE").replace("{number}", "999").replace("{order}", "X");
                let method = actix_web::http::Method::from_bytes(row.method.to_uppercase().as_bytes()).unwrap();
                let request = http.who(code, *role).request(method, &path).await;
                let answer = http.send(request.set_payload("{")).await;
                assert_eq!(answer.problem(), (403, "forbidden".to_owned()), "{role} {} {path}", row.method);
            }
        }
    });
}
