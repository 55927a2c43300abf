//! How prescribers are brought to hand out, and how stock is shared among them, as the Region lives it over HTTP.

use recepisse::domain::party::Role;
use serde_json::{Value, json};

use crate::harness::{World, over_every_engine};

const P: &str = "/programmes/HDF21";

fn stocked(world: &World) {
    world.stock_up(30);
}

fn key(world: &World, booklets: u32) -> Value {
    json!({ "booklets": booklets, "fixed_booklets": 3, "weighting": "population", "prescribers": [
        { "prescriber_id": world.organisation("MAUB") },
        { "prescriber_id": world.organisation("FOURM"), "communes": ["59249", "59012"] },
    ] })
}

#[test]
fn an_allocation_is_simulated_then_applied_and_gives_what_was_told() {
    over_every_engine(stocked, async |http| {
        let (admin, world) = (http.region_admin(), http.world);
        let before = http.position();
        let told = admin.post(&format!("{P}/allocations/simulation"), key(world, 20)).await.done();
        assert_eq!((&told["booklets"], http.position()), (&json!(20), before));
        let shares = told["shares"].as_array().unwrap();
        let maubeuge = shares[0]["booklets"].as_i64().unwrap();
        assert_eq!(maubeuge + shares[1]["booklets"].as_i64().unwrap(), 20);
        assert!(maubeuge > 10, "Maubeuge has more people than Fourmies and Anor: {told}");
        assert!(shares.iter().all(|share| share["fits"] == true && share["fixed_booklets"] == 3), "{told}");
        let dry = admin.post(&format!("{P}/allocations?dry_run=true"), key(world, 20)).await.done();
        assert_eq!(dry["booklets"], 20);
        let done = admin.post(&format!("{P}/allocations"), key(world, 20)).await.receipt();
        let sendings = done["mentions"]["sendings"].as_str().unwrap();
        assert!(sendings.starts_with(&format!("1 store prescriber:MAUB {maubeuge}; 2 store")), "{sendings}");
        http.prescriber("MAUB").post(&format!("{P}/dispatches/1/acceptance"), json!({})).await.receipt();

        let asked = json!({ "reason": "dormant_stock", "moves": [{ "from_prescriber_id": world.organisation("MAUB"),
            "to_prescriber_id": world.organisation("FOURM"), "booklets": 2 }] });
        let moved = admin.post(&format!("{P}/reallocations"), asked.clone()).await.receipt();
        assert_eq!((&moved["from"], &moved["to"]), (&json!("prescriber:MAUB"), &json!("transit:3")));
        http.prescriber("FOURM").post(&format!("{P}/dispatches/3/acceptance"), json!({})).await.receipt();
        http.prescriber("FOURM").post(&format!("{P}/reallocations"), asked).await.is_refused(403, "forbidden");

        let no_weight = json!({ "booklets": 4, "weighting": "qpv",
            "prescribers": [{ "prescriber_id": world.organisation("MAUB") }] });
        admin.post(&format!("{P}/allocations/simulation"), no_weight).await.is_refused(422, "weight_missing");
        let lieux = json!({ "booklets": 4, "weighting": "equal",
            "prescribers": [{ "prescriber_id": world.organisation("LIEUX") }] });
        admin.post(&format!("{P}/allocations/simulation"), lieux).await.is_refused(422, "prescriber_unknown");
        let without = json!({ "booklets": 4, "weighting": "equal",
            "prescribers": [{ "prescriber_id": world.organisation("HIRSON") }] });
        let told = admin.post(&format!("{P}/allocations/simulation"), without).await.done();
        assert_eq!((&told["shares"][0]["fits"], &told["shares"][0]["ceiling_booklets"]), (&json!(false), &Value::Null));
        assert_eq!(admin.get(&format!("{P}/verification")).await.status, 200);
    });
}

#[test]
fn a_prescriber_is_ready_once_mandate_agent_and_training_are_there() {
    over_every_engine(stocked, async |http| {
        let (admin, world) = (http.region_admin(), http.world);
        let states = async || -> Vec<String> {
            let all = admin.get(&format!("{P}/prescribers")).await.done();
            let state = |one: &Value| format!("{} {} {}", one["code"].as_str().unwrap(), one["ready"], one["missing"]);
            all["items"].as_array().unwrap().iter().map(state).collect()
        };
        assert_eq!(states().await, ["FOURM true null", "HIRSON false [\"mandate\"]", "MAUB true null"]);
        admin.patch(&format!("{P}/distribution-rules"), 0, json!({ "training_required": true })).await.done();
        assert_eq!(states().await[2], "MAUB false [\"training\"]");
        let training =
            |code: &'static str, role, day: &str| json!({ "user_id": world.user(code, role), "trained_on": day });
        let of = |code, day| training(code, Role::PrescriberAgent, day);
        assert_eq!(admin.post(&format!("{P}/trainings"), of("MAUB", "2021-09-20")).await.status, 204);
        assert_eq!(states().await[2], "MAUB true null");
        admin.post(&format!("{P}/trainings"), of("MAUB", "2022-09-20")).await.is_refused(422, "date_in_future");
        let venue = training("LIEUX", Role::VenueAgent, "2021-09-20");
        admin.post(&format!("{P}/trainings"), venue).await.is_refused(422, "agent_unknown");
        let own = http.prescriber("FOURM").get(&format!("{P}/prescribers")).await.done();
        assert_eq!(own["items"].as_array().unwrap().len(), 1, "a prescriber sees itself: {own}");
    });
}
