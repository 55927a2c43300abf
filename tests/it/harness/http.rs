//! The HTTP door of the harness: the real routes and middleware over a [`World`], in this process, without a socket.
//! Callers are values that sign in through the real route: `http.region_admin().post("/programmes/…", body)`. What
//! never lives here: an assertion about a rule.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use actix_web::http::header::HeaderMap;
use actix_web::http::{Method, header};
use actix_web::middleware::from_fn;
use actix_web::rt::System;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::web::Bytes;
use actix_web::{App as Application, web};
use recepisse::auth::password::{Hasher, Parameters, Password};
use recepisse::clock::Clock as _;
use recepisse::domain::party::Role;
use recepisse::domain::time::Instant;
use recepisse::http::{App, Parts, Reading, configure, surround};
use recepisse::keys::Keys;
use recepisse::ledger::{Heads, Options};
use recepisse::store::{Store, StoreError};
use serde_json::{Value, json};

use super::{Engine, World, engines};

/// What everybody of the harness signs in with.
pub(crate) const PASSWORD: &str = "le héron guette au bord du canal";

/// An access token is renewed when it has less than this left.
const FRESH_SECONDS: i64 = 540;

type Reply = Pin<Box<dyn Future<Output = Answer>>>;

/// The routes over a world.
pub(crate) struct Http<'w> {
    pub(crate) world: &'w World,
    pub(crate) app: web::Data<App>,
    service: Box<dyn Fn(TestRequest) -> Reply>,
    tokens: RefCell<BTreeMap<String, (String, Instant)>>,
    keys: Cell<u32>,
}

/// Runs a test once per engine, each time over a fresh world that `prepare` has changed before the first request.
#[expect(clippy::needless_pass_by_value, reason = "both are closures written in place")]
pub(crate) fn over_every_engine(prepare: impl Fn(&World), test: impl AsyncFn(&Http<'_>)) {
    for engine in engines() {
        let world = World::new(*engine);
        prepare(&world);
        System::new().block_on(async {
            let http = Http::over(&world).await;
            test(&http).await;
        });
    }
}

impl<'w> Http<'w> {
    pub(crate) async fn over(world: &'w World) -> Self {
        Self::reading(world, Reading::of_primary(Arc::clone(&world.store))).await
    }

    /// The same with reports read from elsewhere.
    pub(crate) async fn reading(world: &'w World, reading: Reading) -> Self {
        let mut app = parts_over(world, Options::default());
        app.reading = Arc::new(reading);
        Self::serving(world, app).await
    }

    /// A second server over the same database with keys of its own, and on PostgreSQL connections of its own.
    pub(crate) async fn beside(world: &'w World, keys: Arc<Keys>) -> Self {
        let store = match world.engine() {
            Engine::Sqlite => Arc::clone(&world.store),
            Engine::Postgres => Arc::new(Store::open(&world.place.url, &recepisse::store::Options::default()).unwrap()),
        };
        let http = Self::serving(world, parts_of(world, (store, keys), Options::default())).await;
        // Keys of requests that the first server is not asked with.
        http.keys.set(10_000);
        http
    }

    async fn serving(world: &'w World, app: App) -> Self {
        let app = web::Data::new(app);
        let routes = Application::new().app_data(app.clone()).wrap(from_fn(surround)).configure(configure);
        let service = Rc::new(init_service(routes).await);
        let service = move |request: TestRequest| -> Reply {
            let service = Rc::clone(&service);
            Box::pin(async move {
                let response = call_service(&*service, request.to_request()).await;
                let (status, headers) = (response.status().as_u16(), response.headers().clone());
                Answer { status, headers, bytes: read_body(response).await }
            })
        };
        Self { world, app, service: Box::new(service), tokens: RefCell::default(), keys: Cell::new(0) }
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, request: TestRequest) -> Answer {
        (self.service)(request).await
    }

    /// A person of the world, or one made over HTTP with the harness's password.
    pub(crate) fn person(&self, email: &str) -> Client<'_> {
        Client { http: self, email: Some(email.to_owned()) }
    }

    /// The person of an organisation in a role.
    pub(crate) fn who(&self, code: &str, role: Role) -> Client<'_> {
        self.person(&format!("{role}@{}.example", code.to_lowercase()))
    }

    pub(crate) fn anonymous(&self) -> Client<'_> {
        Client { http: self, email: None }
    }

    pub(crate) fn region_admin(&self) -> Client<'_> {
        self.who("HDF", Role::RegionAdmin)
    }

    pub(crate) fn prescriber(&self, code: &str) -> Client<'_> {
        self.who(code, Role::PrescriberAgent)
    }

    pub(crate) fn venue_agent(&self, code: &str) -> Client<'_> {
        self.who(code, Role::VenueAgent)
    }

    /// An idempotency key that was not used before.
    pub(crate) fn key(&self) -> String {
        let number = self.keys.get() + 1;
        self.keys.set(number);
        format!("test-key-{number:08}")
    }

    /// Signs in by the real route.
    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Answer {
        let body = json!({ "email": email, "password": password });
        self.send(TestRequest::post().uri("/api/v1/auth/login").set_json(body)).await
    }

    /// Forgets the token of a person whose session has ended.
    pub(crate) fn forget(&self, email: &str) {
        self.tokens.borrow_mut().remove(email);
    }

    async fn token(&self, email: &str) -> String {
        let now = self.world.clock.now();
        let known = self.tokens.borrow().get(email).cloned();
        if let Some((token, since)) = known
            && now.millis() - since.millis() < FRESH_SECONDS * 1000
        {
            return token;
        }
        let answer = self.sign_in(email, PASSWORD).await;
        assert_eq!(answer.status, 200, "{email} signs in: {answer:?}");
        let token = answer.text_at("access_token");
        self.tokens.borrow_mut().insert(email.to_owned(), (token.clone(), now));
        token
    }

    /// Where the journal of the first programme stands.
    pub(crate) fn position(&self) -> i64 {
        self.world.journal(self.world.programme.no).position
    }
}

/// What the routes work with, over a world.
pub(crate) fn app(world: &World, options: Options) -> web::Data<App> {
    web::Data::new(parts_over(world, options))
}

fn parts_over(world: &World, options: Options) -> App {
    parts_of(world, (Arc::clone(&world.store), Arc::clone(&world.keys)), options)
}

fn parts_of(world: &World, (store, keys): (Arc<Store>, Arc<Keys>), options: Options) -> App {
    let parameters = Parameters { memory_kib: 8, passes: 1, lanes: 1 };
    let hasher = Hasher::new(Arc::clone(&keys), parameters).unwrap();
    give_passwords(world);
    let (clock, entropy) = (world.clock.clone(), world.entropy.clone());
    let heads = Heads::open(&store, &keys, world.head_file.clone()).unwrap();
    App::start(Parts { store, keys, clock, entropy, hasher, heads }, options).unwrap()
}

/// Hashed once per process: the same keys and cost in every world.
fn give_passwords(world: &World) {
    static HASH: OnceLock<String> = OnceLock::new();
    let hash = HASH.get_or_init(|| {
        let keys = Arc::new(Keys::for_tests(7));
        let hasher = Hasher::new(keys, Parameters { memory_kib: 8, passes: 1, lanes: 1 }).unwrap();
        hasher.hash(&Password::tried(PASSWORD).unwrap(), &recepisse::clock::SeededEntropy::new(1)).unwrap()
    });
    let page = recepisse::store::Page { after: None, limit: 200 };
    let users = world.store.read(|tx| tx.users(None, &page)).unwrap_or_else(|error: StoreError| panic!("{error}"));
    if users.iter().all(|user| user.password_hash == *hash) {
        return;
    }
    world.write(|tx| {
        for mut user in users {
            user.password_hash.clone_from(hash);
            user.version += 1;
            assert!(tx.update_user(&user)?);
        }
        Ok(())
    });
}

/// Somebody with a browser.
#[derive(Clone)]
pub(crate) struct Client<'h> {
    http: &'h Http<'h>,
    email: Option<String>,
}

/// Addresses are written without the version of the API; those outside it with their own first word.
fn full(path: &str) -> String {
    let outside = ["/api/", "/health", "/ready", "/metrics", "/docs", "/verify", "/lieux", "/refus"];
    if path == "/" || outside.iter().any(|start| path.starts_with(start)) {
        path.to_owned()
    } else {
        format!("/api/v1{path}")
    }
}

impl Client<'_> {
    /// A request with this person's token, to be completed and sent by [`Http::send`].
    pub(crate) async fn request(&self, method: Method, path: &str) -> TestRequest {
        let request = TestRequest::with_uri(&full(path)).method(method);
        match &self.email {
            None => request,
            Some(email) => {
                let token = self.http.token(email).await;
                request.insert_header((header::AUTHORIZATION, format!("Bearer {token}")))
            }
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.http.send(self.request(Method::GET, path).await).await
    }

    /// Reads in another form.
    pub(crate) async fn get_as(&self, accept: &str, path: &str) -> Answer {
        self.http.send(self.request(Method::GET, path).await.insert_header((header::ACCEPT, accept))).await
    }

    /// Posts under a key of its own.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.post_under(&self.http.key(), path, body).await
    }

    pub(crate) async fn post_under(&self, key: &str, path: &str, body: Value) -> Answer {
        let request = self.request(Method::POST, path).await.insert_header(("Idempotency-Key", key));
        self.http.send(request.set_json(body)).await
    }

    /// Posts a file of comma-separated values under a key of its own.
    pub(crate) async fn post_csv(&self, path: &str, file: impl Into<Bytes>) -> Answer {
        let request = self.request(Method::POST, path).await.insert_header(("Idempotency-Key", self.http.key()));
        self.http.send(request.insert_header((header::CONTENT_TYPE, "text/csv")).set_payload(file)).await
    }

    pub(crate) async fn patch(&self, path: &str, version: i64, body: Value) -> Answer {
        let request = self.request(Method::PATCH, path).await;
        self.http.send(request.insert_header((header::IF_MATCH, format!("\"{version}\""))).set_json(body)).await
    }
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.status, self.text())
    }
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The body, which must be JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The text under a key of the body.
    pub(crate) fn text_at(&self, key: &str) -> String {
        self.json()[key].as_str().unwrap_or_else(|| panic!("{key}: {self:?}")).to_owned()
    }

    /// Status and code of a problem.
    pub(crate) fn problem(&self) -> (u16, String) {
        assert_eq!(self.header("Content-Type"), Some("application/problem+json"), "{self:?}");
        (self.status, self.text_at("code"))
    }

    /// The body of a success.
    #[track_caller]
    pub(crate) fn done(&self) -> Value {
        assert!((200..300).contains(&self.status), "{self:?}");
        self.json()
    }

    /// The receipt of a recorded act.
    #[track_caller]
    pub(crate) fn receipt(&self) -> Value {
        assert_eq!(self.status, 201, "{self:?}");
        self.json()["receipt"].clone()
    }

    #[track_caller]
    pub(crate) fn is_refused(&self, status: u16, code: &str) {
        assert_eq!(self.problem(), (status, code.to_owned()), "{self:?}");
    }
}
