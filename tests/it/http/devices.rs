//! Devices of venues: enrolled with a one-time code, believed by what they sign, revoked; and what they noted without a network,
//! line by line, each recorded once however often it comes.

use ed25519_dalek::{Signer as _, SigningKey};
use recepisse::clock::Entropy as _;
use recepisse::domain::device::Device;
use recepisse::domain::ids::DeviceId;
use recepisse::domain::party::{Role, Service};
use recepisse::domain::short_code::ShortCode;
use recepisse::domain::text::Label;
use recepisse::domain::time::Day;
use recepisse::domain::visit::{SignedLine, enrolment_text};
use serde_json::{Value, json};

use super::requests::stage;
use crate::harness::{Client, Http, World, over_every_engine, printed_code};

/// When a tablet notes what it notes, unless a test says otherwise.
const SCANNED_AT: &str = "2021-10-04T07:30:00.000Z";

pub(super) const UPLOAD: &str = "/programmes/HDF21/offline-redemptions";

/// A tablet, as its maker would program it.
pub(super) struct Tablet {
    pub(super) id: String,
    key: SigningKey,
}

/// What it notes: counter, booklet and ranks.
pub(super) type Noted<'n> = (i64, u32, &'n [u8]);

impl Tablet {
    pub(super) async fn enrolled(http: &Http<'_>, seed: u8, settings: Value) -> Self {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let path = format!("/venues/{}/devices", http.world.venue("Maubeuge"));
        let code = http.venue_agent("LIEUX").post(&path, settings).await.text_at("enrolment_code");
        let answer = http.anonymous().post("/devices/enrolments", enrolment(&key, &code)).await;
        assert_eq!(answer.done()["state"], "active");
        Self { id: answer.text_at("id"), key }
    }

    fn line(&self, world: &World, scanned_at: &str, (counter, booklet, ranks): Noted<'_>) -> Value {
        let codes: Vec<String> = ranks.iter().map(|rank| printed_code(booklet, *rank).grouped()).collect();
        let programme = ShortCode::parse("HDF21").unwrap();
        let line = SignedLine {
            device: DeviceId::parse(&self.id).unwrap(),
            counter,
            scanned_at,
            programme: &programme,
            venue: world.venue("Maubeuge"),
            service: Service::AdministrativeHelp,
            performed_on: Day::new(2021, 10, 4).unwrap(),
            performed_in: None,
            codes: &codes,
            first_visit: Some(true),
            minutes: Some(45),
            participants: None,
        };
        let signature = hex::encode(self.key.sign(line.text().as_bytes()).to_bytes());
        json!({ "counter": counter, "scanned_at": line.scanned_at, "service": line.service.to_string(),
            "performed_on": "2021-10-04", "codes": codes, "first_visit": true, "minutes": 45, "signature": signature })
    }

    fn queue(&self, world: &World, noted: &[Noted<'_>]) -> Value {
        self.queue_of(world, SCANNED_AT, noted)
    }

    /// What it noted at one moment.
    pub(super) fn queue_of(&self, world: &World, scanned_at: &str, noted: &[Noted<'_>]) -> Value {
        let lines: Vec<Value> = noted.iter().map(|noted| self.line(world, scanned_at, *noted)).collect();
        json!({ "device_id": self.id, "lines": lines })
    }
}

fn enrolment(key: &SigningKey, code: &str) -> Value {
    let public_key = hex::encode(key.verifying_key().as_bytes());
    let signature = hex::encode(key.sign(enrolment_text(code, &public_key).as_bytes()).to_bytes());
    json!({ "code": code, "public_key": public_key, "signature": signature })
}

/// The tablet that is there from the beginning.
const KNOWN: &str = "019acd0f-1f2e-7a10-8c4d-2f6b1f0e9a80";

fn known_key() -> SigningKey {
    SigningKey::from_bytes(&[1; 32])
}

/// A tablet at Maubeuge that is enrolled, and one that waits to be.
pub(super) fn with_devices(world: &World) {
    let device = Device {
        id: DeviceId::parse(KNOWN).unwrap(),
        venue: world.venue("Maubeuge"),
        label: Label::parse("Tablette").unwrap(),
        floor_passes: 10,
        added_by: world.user("LIEUX", Role::VenueAgent),
        added_at: world.now(),
        code_mac: [0; 32],
        code_until: world.now(),
        public_key: Some(hex::encode(known_key().verifying_key().as_bytes())),
        enrolled_at: Some(world.now()),
        revoked_at: None,
        used_at: None,
        counter: 0,
    };
    let waiting = Device {
        id: DeviceId::new(world.entropy.uuid(world.now())),
        code_mac: world.keys.code_mac(&printed_code(9, 9)),
        code_until: world.now().plus_seconds(365 * 24 * 60 * 60),
        public_key: None,
        enrolled_at: None,
        ..device.clone()
    };
    world.write(|tx| [&device, &waiting].into_iter().try_for_each(|device| tx.insert_device(device)));
}

/// What the waiting tablet is enrolled with.
pub(super) fn enrolment_of_the_waiting() -> Value {
    enrolment(&SigningKey::from_bytes(&[2; 32]), &printed_code(9, 9).grouped())
}

/// What the enrolled tablet has noted: one pass.
pub(super) fn known_queue(world: &World) -> Value {
    Tablet { id: KNOWN.to_owned(), key: known_key() }.queue(world, &[(1, 2, &[1])])
}

pub(super) fn conditions_of_the_known() -> String {
    format!("/offline-conditions?device_id={KNOWN}")
}

pub(super) fn revocation_of_the_known() -> String {
    format!("/api/v1/devices/{KNOWN}/revocation")
}

/// Counter, verdict and code of each line.
pub(super) fn verdicts(answer: &Value) -> Vec<(i64, String, String)> {
    let told = |of: &Value, name: &str| of[name].as_str().unwrap_or_default().to_owned();
    let verdict = |line: &Value| (line["counter"].as_i64().unwrap(), told(line, "verdict"), told(line, "code"));
    answer["verdicts"].as_array().unwrap().iter().map(verdict).collect()
}

pub(super) fn verdict(counter: i64, verdict: &str, code: &str) -> (i64, String, String) {
    (counter, verdict.to_owned(), code.to_owned())
}

#[test]
fn a_device_is_enrolled_once_by_whoever_holds_its_code_and_the_key() {
    over_every_engine(stage, async |http| {
        let path = format!("/venues/{}/devices", http.world.venue("Maubeuge"));
        let lieux = http.venue_agent("LIEUX");
        let added = lieux.post(&path, json!({ "label": "Tablette" })).await;
        let code = added.text_at("enrolment_code");
        assert_eq!(
            (added.status, &added.json()["state"], &added.json()["floor_passes"]),
            (201, &json!("waiting"), &json!(10))
        );
        let (ours, theirs) = (SigningKey::from_bytes(&[7; 32]), SigningKey::from_bytes(&[8; 32]));
        let enrol = async |body: Value| http.anonymous().post("/devices/enrolments", body).await;
        let mut foreign = enrolment(&theirs, &code);
        foreign["public_key"] = json!(hex::encode(ours.verifying_key().as_bytes()));
        enrol(foreign).await.is_refused(422, "signature_invalid");
        let mut none = enrolment(&ours, &code);
        none["public_key"] = json!("00");
        enrol(none).await.is_refused(400, "public_key_malformed");
        enrol(enrolment(&ours, &printed_code(1, 1).grouped())).await.is_refused(404, "enrolment_code_unknown");
        enrol(enrolment(&ours, &code)).await.done();
        enrol(enrolment(&theirs, &code)).await.is_refused(404, "enrolment_code_unknown");
        let late =
            lieux.post(&path, json!({ "label": "Téléphone", "floor_passes": 3 })).await.text_at("enrolment_code");
        http.world.clock.advance_seconds(15 * 60 + 1);
        enrol(enrolment(&theirs, &late)).await.is_refused(404, "enrolment_code_unknown");
        let listed = http.venue_agent("LIEUX").get(&path).await.done();
        let mut states: Vec<&str> =
            listed["items"].as_array().unwrap().iter().map(|it| it["state"].as_str().unwrap()).collect();
        states.sort_unstable();
        assert_eq!(states, ["active", "active", "lapsed", "waiting"]);
        assert!(!listed.to_string().contains("enrolment_code"), "shown once");
        lieux.post(&path, json!({ "label": "x", "floor_passes": 21 })).await.is_refused(422, "quantity_out_of_range");
    });
}

#[test]
fn every_line_of_a_queue_has_its_verdict_and_is_recorded_once() {
    over_every_engine(stage, async |http| {
        let tablet = Tablet::enrolled(http, 7, json!({ "label": "Tablette", "floor_passes": 2 })).await;
        let lieux = http.venue_agent("LIEUX");
        let before = http.position();
        let mut queue =
            tablet.queue(http.world, &[(5, 1, &[4, 5]), (1, 2, &[1]), (2, 1, &[1]), (3, 2, &[2, 3, 4]), (6, 2, &[9])]);
        queue["lines"][4]["minutes"] = json!(60);
        let answer = lieux.post(UPLOAD, queue.clone()).await.done();
        let first = [
            verdict(1, "recorded", ""),
            verdict(2, "refused", "already_redeemed"),
            verdict(3, "over_limit", "offline_floor_exceeded"),
            verdict(5, "recorded", ""),
            verdict(6, "refused", "signature_invalid"),
        ];
        assert_eq!(verdicts(&answer), first, "{answer}");
        let conflict = &answer["verdicts"][1]["conflict"];
        assert_eq!((&conflict["own"], &conflict["day"]), (&json!(true), &json!("2021-10-04")));
        assert!(conflict["receipt"].as_str().unwrap().starts_with("HDF21-LIEUX-2021-"), "{answer}");
        assert_eq!(answer["missing_counters"], json!([4]));
        assert_eq!(http.position(), before + 2);
        let number = answer["verdicts"][0]["receipt"].as_str().unwrap();
        let receipt = lieux.get(&format!("/programmes/HDF21/receipts/{number}")).await.done();
        let said = &receipt["mentions"];
        assert_eq!((&said["device"], &said["device_counter"]), (&json!(tablet.id), &json!(1)), "{receipt}");
        assert_eq!((&said["first_visit"], &said["minutes"]), (&json!("yes"), &json!(45)));
        let again = lieux.post(UPLOAD, queue.clone()).await.done();
        let kept: Vec<_> = verdicts(&again).into_iter().map(|(counter, verdict, _)| (counter, verdict)).collect();
        assert_eq!(kept[0], (1, "recorded_before".to_owned()));
        assert_eq!(again["verdicts"][0]["receipt"], answer["verdicts"][0]["receipt"]);
        assert_eq!(again["missing_counters"], json!([4]), "the first answer may have been lost");
        assert_eq!((kept[3].clone(), http.position()), ((5, "recorded_before".to_owned()), before + 2));
        let reused = lieux.post(UPLOAD, tablet.queue(http.world, &[(1, 2, &[5])])).await.done();
        assert_eq!(verdicts(&reused), [verdict(1, "refused", "idempotency_key_reused")]);
        let found = lieux.post(UPLOAD, tablet.queue(http.world, &[(4, 2, &[5])])).await.done();
        assert_eq!((&found["verdicts"][0]["verdict"], &found["missing_counters"]), (&json!("recorded"), &json!([])));
        let all = lieux.post(UPLOAD, queue).await.done();
        assert_eq!(all["missing_counters"], json!([]), "what came in another queue is there");
    });
}

#[test]
fn a_queue_sent_twice_at_once_is_recorded_once() {
    over_every_engine(stage, async |http| {
        let tablet = Tablet::enrolled(http, 7, json!({ "label": "Tablette" })).await;
        let before = http.position();
        let queue = tablet.queue(http.world, &[(1, 2, &[1]), (2, 2, &[2]), (3, 2, &[3])]);
        let lieux = http.venue_agent("LIEUX");
        let (one, other) =
            futures_util::future::join(lieux.post(UPLOAD, queue.clone()), lieux.post(UPLOAD, queue.clone())).await;
        for answer in [one.done(), other.done()] {
            assert!(verdicts(&answer).iter().all(|(_, verdict, _)| verdict != "refused"), "{answer}");
        }
        let settled = verdicts(&lieux.post(UPLOAD, queue).await.done());
        assert!(settled.iter().all(|(_, verdict, _)| verdict == "recorded_before"), "{settled:?}");
        assert_eq!(http.position(), before + 3);
    });
}

async fn revocation(client: &Client<'_>, tablet: &Tablet) -> crate::harness::Answer {
    client.post(&format!("/devices/{}/revocation", tablet.id), json!({})).await
}

#[test]
fn a_device_is_its_venues_and_nothing_is_believed_once_it_is_revoked() {
    over_every_engine(stage, async |http| {
        let tablet = Tablet::enrolled(http, 7, json!({ "label": "Tablette" })).await;
        let (lieux, admin) = (http.venue_agent("LIEUX"), http.region_admin());
        let queue = tablet.queue(http.world, &[(1, 2, &[1])]);
        let stranger = http.venue_agent("MOBI");
        stranger.post(UPLOAD, queue.clone()).await.is_refused(404, "device_unknown");
        revocation(&stranger, &tablet).await.is_refused(404, "device_unknown");
        let path = format!("/venues/{}/devices", http.world.venue("Maubeuge"));
        stranger.get(&path).await.is_refused(404, "venue_unknown");
        let revoked = revocation(&admin, &tablet).await.done();
        assert_eq!(revoked["state"], "revoked");
        assert_eq!(revocation(&lieux, &tablet).await.done()["revoked_at"], revoked["revoked_at"]);
        lieux.post(UPLOAD, queue).await.is_refused(409, "device_not_active");
        lieux.post(UPLOAD, tablet.queue(http.world, &[])).await.is_refused(422, "quantity_out_of_range");
    });
}

#[test]
fn what_a_venue_spent_is_attested_for_its_own_accounts_and_to_nobody_else() {
    over_every_engine(stage, async |http| {
        let path = "/programmes/HDF21/attestation?from=2021-10-01";
        let lieux = http.venue_agent("LIEUX");
        let told = lieux.get(path).await.done();
        assert_eq!((&told["passes"], &told["value_cents"]), (&json!(3), &json!(3_000)), "{told}");
        assert_eq!(
            (&told["lines"][0]["venue"], &told["lines"][0]["performed_on"]),
            (&json!("Maubeuge"), &json!("2021-10-04"))
        );
        let page = lieux.get_as("text/html", path).await.text();
        assert!(page.contains("Attestation de pass utilisés") && page.contains("trente euros"), "{page}");
        assert!(lieux.get_as("application/pdf", path).await.bytes.starts_with(b"%PDF"));
        http.venue_agent("MOBI").get(&format!("{path}&provider=LIEUX")).await.is_refused(422, "provider_unknown");
        assert_eq!(http.venue_agent("MOBI").get(path).await.done()["lines"], json!([]));
        http.prescriber("MAUB").get(path).await.is_refused(422, "provider_unknown");
        let asked = format!("{path}&provider=LIEUX");
        assert_eq!(http.region_admin().get(&asked).await.done()["passes"], 3);
    });
}
