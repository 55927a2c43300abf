//! Bounded everywhere, through real sockets: who is slow is cut, who is one too many is told so, who panics is answered
//! for. What never lives here: what a bound costs; the fault suites measure that.

use std::io::Write as _;
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use actix_web::test::TestRequest;
use actix_web::{HttpResponse, web};
use recepisse::http::{ROUTES, configure};
use recepisse::ledger::Options;

use super::bad_input::somebody;
use super::requests::{Carries, sample, stage};
use crate::harness::{Http, Sockets, World, engines, head, hear, over_every_engine};

/// More than any test here opens.
const ENOUGH: usize = 512;
/// What a body may take, and what a test machine may add.
const BODY_SECONDS: Duration = Duration::from_secs(10);
const CUT_BY: Duration = Duration::from_secs(20);

/// Sends a byte now and then until the server has had enough; answers when that was.
fn drip(stream: &mut TcpStream) -> Duration {
    let began = Instant::now();
    let listening = stream.try_clone().unwrap();
    listening.set_nonblocking(true).unwrap();
    while began.elapsed() < CUT_BY {
        let answered = listening.peek(&mut [0]).is_ok();
        if answered || stream.write_all(b" ").is_err() {
            break;
        }
        thread::sleep(Duration::from_millis(250));
    }
    stream.set_nonblocking(false).unwrap();
    began.elapsed()
}

/// The requests of every route that takes a body, without it.
async fn heads(http: &Http<'_>) -> Vec<(String, Vec<u8>)> {
    let mut heads = Vec::new();
    for row in ROUTES {
        let who = somebody(row);
        let role = who.map_or(recepisse::domain::party::Role::RegionAdmin, |(_, role)| role);
        let sample = sample(http, row, role).await.unwrap();
        let kind = match sample.carries {
            Carries::Nothing => continue,
            Carries::Json(_) => "application/json",
            Carries::Csv(_) => "text/csv",
        };
        let request = sample.request(http, who).await.insert_header(("Content-Type", kind));
        heads.push((format!("{} {}", row.method, row.path), head(request, 60_000)));
    }
    heads
}

#[test]
fn a_body_that_drips_is_cut_on_every_route_that_takes_one() {
    over_every_engine(stage, async |http| {
        let sockets = Sockets::over(http.world, Options::default(), ENOUGH);
        let (heads, position) = (heads(http).await, http.position());
        assert!(heads.iter().any(|(route, _)| route.ends_with("/import")), "an import has a body");
        assert!(heads.iter().any(|(route, _)| route.ends_with("/auth/login")), "a sign-in has a body");
        thread::scope(|scope| {
            for (route, head) in &heads {
                let mut stream = sockets.connect();
                scope.spawn(move || {
                    stream.write_all(head).unwrap();
                    let cut = drip(&mut stream);
                    let heard = hear(&mut stream).unwrap_or_else(|| panic!("{route} was cut without a word"));
                    heard.is_refused(408, "body_too_slow");
                    assert!((BODY_SECONDS..CUT_BY).contains(&cut), "{route}: {cut:?}");
                });
            }
        });
        assert_eq!(http.position(), position);
    });
}

/// The framework's own deadline: it answers without a body, and closes.
#[test]
fn a_head_that_does_not_end_is_cut() {
    let sockets = Sockets::serving(ENOUGH, |_| {});
    let mut stream = sockets.connect();
    stream.write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\nx-slow: ").unwrap();
    let cut = drip(&mut stream);
    assert_eq!(hear(&mut stream).map(|heard| heard.status), Some(408));
    assert!(cut < CUT_BY, "{cut:?}");
}

#[test]
fn a_connection_too_many_is_told_so_at_once_and_a_place_that_is_left_is_given_again() {
    const SERVED: usize = 4;
    const HEALTH: &[u8] = b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let sockets = Sockets::over(&World::new(engines()[0]), Options::default(), SERVED);
    let mut inside: Vec<TcpStream> = (0..SERVED).map(|_| sockets.connect()).collect();
    for stream in &mut inside {
        stream.write_all(HEALTH).unwrap();
        assert_eq!(hear(stream).unwrap().status, 200);
    }
    for _ in 0..20 {
        let mut outside = sockets.connect();
        outside.write_all(HEALTH).unwrap();
        let heard = hear(&mut outside).unwrap();
        heard.is_refused(503, "too_busy");
        assert_eq!(heard.header("connection"), Some("close"));
        assert!(hear(&mut outside).is_none(), "and it is closed");
    }
    // Who is inside is served as before.
    inside[0].write_all(HEALTH).unwrap();
    assert_eq!(hear(&mut inside[0]).unwrap().status, 200);
    inside.pop();
    let deadline = Instant::now() + Duration::from_secs(10);
    while sockets.ask(HEALTH).status != 200 {
        assert!(Instant::now() < deadline, "the place is not given again");
    }
}

#[test]
fn an_address_that_is_too_long_is_refused_and_a_head_without_end_is_not_read() {
    let sockets = Sockets::over(&World::new(engines()[0]), Options::default(), ENOUGH);
    let request = |length: usize| format!("GET /health?{} HTTP/1.1\r\nhost: localhost\r\n\r\n", "a".repeat(length));
    assert_eq!(sockets.ask(request(8_000).as_bytes()).status, 200);
    sockets.ask(request(9_000).as_bytes()).is_refused(414, "address_too_long");
    let mut stream = sockets.connect();
    // The server may have hung up before all of it was sent.
    drop(stream.write_all(request(10 << 20).as_bytes()));
    let heard = hear(&mut stream);
    assert!(heard.as_ref().is_none_or(|heard| (400..500).contains(&heard.status)), "{heard:?}");
    assert_eq!(sockets.ask(request(1).as_bytes()).status, 200);
}

async fn panics() -> HttpResponse {
    panic!("on purpose")
}

#[test]
fn a_handler_that_panics_is_answered_for_and_others_are_not_disturbed() {
    let world = World::new(engines()[0]);
    let app = crate::harness::app(&world, Options::default());
    let sockets = Sockets::serving(ENOUGH, move |config| {
        configure(config.app_data(app.clone()).route("/panics", web::get().to(panics)));
    });
    let ask = |path: &str, language: &str| {
        let request = TestRequest::get().uri(path).insert_header(("Accept-Language", language));
        sockets.ask(&head(request, 0))
    };
    for (language, word) in [("fr", "Renvoyez"), ("en", "Send")].iter().cycle().take(20) {
        let heard = ask("/panics", language);
        heard.is_refused(500, "request_broken_off");
        let body = heard.json();
        assert!(body["detail"].as_str().unwrap().contains(word), "{heard:?}");
        assert_eq!(body["trace_id"].as_str(), heard.header("x-request-id"), "{heard:?}");
        assert_eq!(heard.header("cache-control"), Some("no-store"));
        assert!(!heard.body.contains("purpose"), "{heard:?}");
    }
    assert_eq!(ask("/ready", "fr").status, 200);
    assert!(ask("/metrics", "fr").body.contains("20"), "the failures are counted");
}
