//! For tests: the whole service on a database of its own, with the Region and its administrator, a clock that stands
//! still and passwords that cost nothing.

use std::sync::Arc;

use actix_web::http::header::HeaderMap;
use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App as Application, web};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::auth::password::{Hasher, Parameters, Password};
use crate::auth::token::{self, RefreshToken};
use crate::clock::{Clock, Entropy, FrozenClock, SeededEntropy};
use crate::domain::ids::{OrganisationId, UserId};
use crate::domain::party::{Organisation, OrganisationKind, Registration, Role};
use crate::domain::short_code::ShortCode;
use crate::domain::territory::CommuneCode;
use crate::domain::text::{Email, Label};
use crate::domain::time::Instant;
use crate::http::{App, Parts, configure, surround};
use crate::keys::Keys;
use crate::store::{Options, Store, StoreError, StoredRefresh, User};

pub(in crate::http) const PASSWORD: &str = "le héron guette au bord du canal";

/// A cheap cost, and not the one that everybody's hash is brought to.
const CHEAP: Parameters = Parameters { memory_kib: 8, passes: 1, lanes: 1 };

pub(in crate::http) struct Stage {
    pub(in crate::http) app: web::Data<App>,
    pub(in crate::http) clock: Arc<FrozenClock>,
    pub(in crate::http) region: OrganisationId,
    pub(in crate::http) admin: UserId,
    _folder: TempDir,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(in crate::http) struct Answer {
    pub(in crate::http) status: u16,
    pub(in crate::http) headers: HeaderMap,
    pub(in crate::http) body: Value,
}

impl Answer {
    pub(in crate::http) fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}: {self:?}")).to_str().unwrap()
    }

    /// The status and the code of the problem.
    pub(in crate::http) fn problem(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap_or_else(|| panic!("{self:?}")))
    }

    pub(in crate::http) fn text(&self, field: &str) -> &str {
        self.body[field].as_str().unwrap_or_else(|| panic!("{field}: {self:?}"))
    }
}

impl Stage {
    pub(in crate::http) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.sqlite");
        let store = Arc::new(Store::open(path.to_str().unwrap(), &Options::default()).unwrap());
        let keys = Arc::new(Keys::for_tests(1));
        let clock = Arc::new(FrozenClock::new(Instant::parse("2026-11-24T10:00:00.000Z").unwrap()));
        let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(1));
        let hasher = Hasher::new(Arc::clone(&keys), CHEAP).unwrap();
        let heads = crate::ledger::Heads::open(&store, &keys, None).unwrap();
        let parts = Parts { store, keys, clock: clock.clone(), entropy, hasher, heads };
        let app = web::Data::new(App::start(parts, crate::ledger::Options::default()).unwrap());
        let nobody = UserId::new(app.entropy.uuid(clock.now()));
        let region = OrganisationId::new(app.entropy.uuid(clock.now()));
        let mut stage = Self { app, clock, region, admin: nobody, _folder: folder };
        stage.region = stage.organisation("HDF", &[OrganisationKind::Region], "20000001600010");
        stage.admin = stage.user("admin@region.example", stage.region, Role::RegionAdmin);
        stage
    }

    pub(in crate::http) fn organisation(&self, code: &str, kinds: &[OrganisationKind], siret: &str) -> OrganisationId {
        let organisation = Organisation {
            id: OrganisationId::new(self.app.entropy.uuid(self.clock.now())),
            code: ShortCode::parse(code).unwrap(),
            kinds: kinds.iter().copied().collect(),
            name: Label::parse(&format!("Organisme {code}")).unwrap(),
            registration: Registration::parse(siret).unwrap(),
            commune: CommuneCode::parse("59392").unwrap(),
            address: None,
            email: Some(Email::parse("contact@organisme.example").unwrap()),
            phone: None,
            active: true,
            version: 1,
        };
        self.app.store.write::<_, StoreError>(|tx| tx.insert_organisation(&organisation)).unwrap();
        organisation.id
    }

    pub(in crate::http) fn user(&self, email: &str, organisation: OrganisationId, role: Role) -> UserId {
        let password = Password::tried(PASSWORD).unwrap();
        let user = User {
            id: UserId::new(self.app.entropy.uuid(self.clock.now())),
            email: Email::parse(email).unwrap(),
            display_name: Label::parse("Ana Duval").unwrap(),
            organisation,
            role,
            password_hash: self.app.hasher.hash(&password, self.app.entropy.as_ref()).unwrap(),
            active: true,
            failures: 0,
            last_failure: None,
            version: 1,
            valid_until: None,
        };
        self.app.store.write::<_, StoreError>(|tx| tx.insert_user(&user)).unwrap();
        user.id
    }

    /// An access token of a session opened without a password.
    pub(in crate::http) fn token(&self, user: UserId) -> String {
        let (now, entropy) = (self.clock.now(), self.app.entropy.as_ref());
        let session = entropy.uuid(now);
        let refresh = StoredRefresh {
            digest: RefreshToken::generate(entropy).digest(),
            session: session.to_string(),
            user,
            expires: now.plus_seconds(3600),
            used: false,
            revoked: false,
        };
        self.app.store.write::<_, StoreError>(|tx| tx.insert_refresh_token(&refresh)).unwrap();
        token::issue(&self.app.keys, user, session, entropy.uuid(now), now).unwrap()
    }

    pub(in crate::http) async fn call(&self, request: TestRequest) -> Answer {
        let service = Application::new().app_data(self.app.clone()).wrap(from_fn(surround)).configure(configure);
        let response = call_service(&init_service(service).await, request.to_request()).await;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = read_body(response).await;
        Answer { status, headers, body: serde_json::from_slice(&body).unwrap_or_default() }
    }

    pub(in crate::http) async fn get(&self, token: &str, path: &str) -> Answer {
        self.call(TestRequest::get().uri(path).insert_header(("Authorization", format!("Bearer {token}")))).await
    }

    pub(in crate::http) async fn post(&self, token: &str, path: &str, body: Value) -> Answer {
        let request = TestRequest::post().uri(path).insert_header(("Authorization", format!("Bearer {token}")));
        self.call(request.set_json(body)).await
    }

    /// Changes what has this version.
    pub(in crate::http) async fn patch(&self, token: &str, path: &str, version: &str, body: Value) -> Answer {
        let request = TestRequest::patch().uri(path).insert_header(("Authorization", format!("Bearer {token}")));
        self.call(request.insert_header(("If-Match", version)).set_json(body)).await
    }

    /// Opens the programme HDF21 of the Region.
    pub(in crate::http) async fn programme(&self, token: &str) -> Answer {
        let body = json!({
            "code": "HDF21", "label": "Pass numérique", "sponsor_id": self.region.to_string(),
            "face_value_cents": 1000, "entitlement_passes": 10, "payer": "issuer",
            "distribution_from": "2026-09-01", "distribution_until": "2027-12-31",
        });
        self.post(token, "/api/v1/programmes", body).await
    }
}
