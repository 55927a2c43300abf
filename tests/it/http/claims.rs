//! From what was redeemed to a claim that is due, as a provider and the Region's finance service live it over HTTP.

use recepisse::domain::party::Role;
use recepisse::domain::time::Instant;
use serde_json::{Value, json};

use super::requests::stage;
use crate::harness::{Http, World, over_every_engine};

const P: &str = "/programmes/HDF21";

/// Three passes of booklet 1 spent at LIEUX in October; it is November.
fn november(world: &World) {
    stage(world);
    world.clock.set(Instant::parse("2021-11-02T08:00:00.000Z").unwrap());
}

fn october() -> Value {
    json!({ "month": "2021-10" })
}

/// Claims October for LIEUX.
async fn claim(http: &Http<'_>) -> Value {
    http.venue_agent("LIEUX").post(&format!("{P}/claims"), october()).await.receipt()
}

#[test]
fn a_provider_claims_and_the_finance_service_approves() {
    over_every_engine(november, async |http| {
        let (lieux, finance) = (http.venue_agent("LIEUX"), http.who("HDF", Role::RegionFinance));
        let before = http.position();
        let dry = lieux.post(&format!("{P}/claims?dry_run=true"), october()).await.done();
        assert_eq!(
            (&dry["passes"], &dry["value_cents"], &dry["mentions"]["claim"]),
            (&json!(3), &json!(3000), &json!(1))
        );
        assert_eq!(http.position(), before);
        let receipt = claim(http).await;
        assert_eq!((&receipt["kind"], &receipt["to"]), (&json!("claim"), &json!("claimed:LIEUX")));
        lieux.post(&format!("{P}/claims"), october()).await.is_refused(409, "claim_empty");
        lieux.post(&format!("{P}/claims"), json!({ "month": "2021-11" })).await.is_refused(422, "month_not_over");
        lieux.post(&format!("{P}/claims"), json!({ "month": "11/2021" })).await.is_refused(400, "month_malformed");
        finance.post(&format!("{P}/claims"), october()).await.is_refused(403, "forbidden");

        let shown = lieux.get(&format!("{P}/claims/1")).await.done();
        assert_eq!(
            (&shown["state"], &shown["passes"], &shown["due_on"]),
            (&json!("submitted"), &json!(3), &json!("2021-12-02"))
        );
        assert_eq!(shown["lines"][0]["redemption"], "HDF21-LIEUX-2021-000001");
        assert_eq!(shown["lines"][0]["passes"].as_array().unwrap().len(), 3);

        lieux.post(&format!("{P}/claims/1/approval"), json!({})).await.is_refused(403, "forbidden");
        finance.post(&format!("{P}/claims/1/approval"), json!({})).await.receipt();
        let due = finance.get(&format!("{P}/claims?state=approved")).await.done();
        assert_eq!((&due["items"][0]["number"], &due["items"][0]["approvals"]), (&json!(1), &json!(1)));
        assert_eq!(finance.get(&format!("{P}/claims?state=submitted")).await.done()["items"], json!([]));
    });
}

#[test]
fn a_rejected_pass_is_shown_with_its_reason_and_presented_again() {
    over_every_engine(november, async |http| {
        let (lieux, finance) = (http.venue_agent("LIEUX"), http.who("HDF", Role::RegionFinance));
        claim(http).await;
        let serial = format!("{}/02", http.world.serial(1));
        let why = json!({ "passes": [serial], "reason": "evidence_missing", "reference": "COURRIER-118" });
        finance
            .post(&format!("{P}/claims/1/suspension"), json!({ "reason": "passes_disputed", "passes": [serial] }))
            .await
            .receipt();
        finance.post(&format!("{P}/claims/1/approval"), json!({})).await.is_refused(409, "claim_suspended");
        finance.post(&format!("{P}/claims/1/rejection"), why).await.receipt();
        finance.post(&format!("{P}/claims/1/resumption"), json!({})).await.receipt();
        let shown = lieux.get(&format!("{P}/claims/1")).await.done();
        assert_eq!((&shown["passes"], &shown["rejected_passes"]), (&json!(2), &json!(1)));
        assert_eq!(shown["lines"][0]["passes"][1], json!({ "serial": serial, "rejected": "evidence_missing" }));
        let foreign = json!({ "month": "2021-10", "again": ["AISNE22-000001-08/02"] });
        assert!(lieux.post(&format!("{P}/claims"), foreign).await.status < 500);
        let again = json!({ "month": "2021-10", "again": [serial] });
        assert_eq!(lieux.post(&format!("{P}/claims"), again).await.receipt()["passes"], 1);
        assert_eq!(lieux.get(&format!("{P}/claims/2")).await.done()["lines"][0]["passes"][0]["serial"], json!(serial));
    });
}

#[test]
fn a_provider_sees_its_own_claims_and_no_other() {
    over_every_engine(november, async |http| {
        claim(http).await;
        let list = format!("{P}/claims");
        assert_eq!(http.venue_agent("LIEUX").get(&list).await.done()["items"].as_array().unwrap().len(), 1);
        assert_eq!(http.venue_agent("MOBI").get(&list).await.done()["items"], json!([]));
        let asked = format!("{list}?provider_id={}", http.world.organisation("LIEUX"));
        assert_eq!(http.venue_agent("MOBI").get(&asked).await.done()["items"], json!([]));
        assert_eq!(http.who("CRC", Role::Auditor).get(&asked).await.done()["items"][0]["number"], 1);
        http.venue_agent("MOBI").get(&format!("{list}/1")).await.is_refused(404, "claim_unknown");
        http.prescriber("MAUB").get(&format!("{list}/1")).await.is_refused(404, "claim_unknown");
        http.venue_agent("LIEUX").get(&format!("{list}/x")).await.is_refused(404, "claim_unknown");
    });
}

#[test]
fn the_administrator_sets_the_rules_and_whoever_approves_is_bound_by_them() {
    over_every_engine(november, async |http| {
        let (admin, finance) = (http.region_admin(), http.who("HDF", Role::RegionFinance));
        claim(http).await;
        let rules = format!("{P}/claim-rules");
        let read = finance.get(&rules).await.done();
        assert_eq!(
            (&read["one_approver_up_to_cents"], &read["due_days"], &read["version"]),
            (&json!(500_000), &json!(30), &json!(0))
        );
        let own = http.world.user("HDF", Role::RegionFinance);
        let limit = |cents: i64| json!({ "approvers": [{ "user_id": own, "up_to_cents": cents }] });
        finance.patch(&rules, 0, limit(1)).await.is_refused(403, "forbidden");
        assert_eq!(admin.patch(&rules, 0, limit(2_999)).await.done()["version"], 1);
        admin.patch(&rules, 0, limit(1)).await.is_refused(412, "version_conflict");
        let stranger =
            json!({ "approvers": [{ "user_id": http.world.user("HDF", Role::RegionAdmin), "up_to_cents": 1 }] });
        admin.patch(&rules, 1, stranger).await.is_refused(422, "approver_unknown");
        admin.patch(&rules, 1, json!({ "due_days": 0 })).await.is_refused(422, "quantity_out_of_range");
        finance.post(&format!("{P}/claims/1/approval"), json!({})).await.is_refused(403, "approval_beyond_limit");
        admin.patch(&rules, 1, limit(3_000)).await.done();
        finance.post(&format!("{P}/claims/1/approval"), json!({})).await.receipt();
    });
}
