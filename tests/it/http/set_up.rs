//! A scheme set up by nothing but the API: the Region's administrator registers everybody and opens the programme.

use recepisse::domain::ids::ProgrammeNo;
use recepisse::domain::short_code::ShortCode;
use serde_json::{Value, json};

use crate::harness::{Answer, Http, PASSWORD};

/// Who signs in, by e-mail address.
#[derive(Debug)]
pub(super) struct Agents {
    pub(super) admin: &'static str,
    pub(super) finance: &'static str,
    pub(super) maubeuge: &'static str,
    pub(super) fourmies: &'static str,
    pub(super) lieux: &'static str,
}

pub(super) const AGENTS: Agents = Agents {
    admin: "ada@region.example",
    finance: "fanny@region.example",
    maubeuge: "mona@ccas.example",
    fourmies: "fred@centre.example",
    lieux: "leo@lieux.example",
};

/// What the API called what it made.
#[derive(Debug)]
pub(super) struct SchemeIds {
    pub(super) programme: ProgrammeNo,
    pub(super) issuer: String,
    pub(super) maubeuge: String,
    pub(super) fourmies: String,
    pub(super) hirson: String,
    pub(super) venue: String,
}

#[track_caller]
fn id(answer: &Answer) -> String {
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.text_at("id")
}

async fn organisation(http: &Http<'_>, code: &str, kind: &str, commune: &str, rna: u32) -> String {
    let body = json!({ "code": code, "kinds": [kind], "name": format!("Organisme {code}"), "commune": commune,
        "rna": format!("W{rna:09}") });
    id(&http.region_admin().post("/organisations", body).await)
}

async fn user(http: &Http<'_>, email: &str, organisation: &str, role: &str) {
    let body = json!({ "email": email, "display_name": email.split('@').next(), "organisation_id": organisation,
        "role": role, "password": PASSWORD });
    id(&http.region_admin().post("/users", body).await);
}

async fn mandate(http: &Http<'_>, prescriber: &str, number: &str) {
    let body: Value = json!({ "prescriber_id": prescriber, "kind": "mandate_agreement", "number": number,
        "signed_on": "2021-06-15", "signatory": "Claire Lenoir, présidente", "starts_on": "2021-07-16",
        "ends_on": "2023-06-30", "accountant_opinion_on": "2021-07-16", "ceiling_booklets": 5,
        "ceiling_cents": 5_000_000 });
    id(&http.person(AGENTS.admin).post("/programmes/PILOTE/mandates", body).await);
}

/// Everything before the first order.
pub(super) async fn set_up(http: &Http<'_>) -> SchemeIds {
    let region = http.region_admin().get("/auth/me").await.json()["organisation"]["id"].as_str().unwrap().to_owned();
    let issuer = organisation(http, "EMET", "issuer", "75056", 2).await;
    let maubeuge = organisation(http, "CCAS", "prescriber", "59392", 3).await;
    let fourmies = organisation(http, "CENTRE", "prescriber", "59249", 4).await;
    let hirson = organisation(http, "MISSION", "prescriber", "02381", 5).await;
    let lieux = organisation(http, "ESPACE", "provider", "59392", 6).await;
    user(http, AGENTS.admin, &region, "region_admin").await;
    user(http, AGENTS.finance, &region, "region_finance").await;
    user(http, AGENTS.maubeuge, &maubeuge, "prescriber_agent").await;
    user(http, AGENTS.fourmies, &fourmies, "prescriber_agent").await;
    user(http, AGENTS.lieux, &lieux, "venue_agent").await;
    let admin = http.person(AGENTS.admin);
    let programme = json!({ "code": "PILOTE", "label": "Pass numérique, pilote", "sponsor_id": region,
        "face_value_cents": 1000, "entitlement_passes": 5, "distribution_from": "2021-09-01",
        "distribution_until": "2022-12-31", "payer": "issuer", "territory": { "regions": ["32"] } });
    let opened = admin.post("/programmes", programme).await;
    assert_eq!((opened.status, opened.header("Location")), (201, Some("/api/v1/programmes/PILOTE")), "{opened:?}");
    mandate(http, &maubeuge, "CONV-1").await;
    mandate(http, &fourmies, "CONV-2").await;
    let venue =
        json!({ "name": "Espace de la gare", "commune": "59392", "services": ["aide_aux_demarches_administratives"] });
    let venue = id(&http.person(AGENTS.lieux).post("/venues", venue).await);
    let approved = admin.patch(&format!("/venues/{venue}"), 1, json!({ "approved": true })).await;
    assert_eq!(approved.status, 200, "{approved:?}");
    let code = ShortCode::parse("PILOTE").unwrap();
    let programme = http.world.store.read(|tx| tx.programme(&code)).unwrap().unwrap().no;
    SchemeIds { programme, issuer, maubeuge, fourmies, hirson, venue }
}
