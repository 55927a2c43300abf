//! Requests of incidents and of the ends of orders.

use recepisse::domain::movement::Kind;
use serde_json::{Value, json};

use super::Carries;
use super::money::money;
use crate::harness::World;
use crate::http::stage::{number_of, owner};

pub(super) fn incident(world: &World, rest: &str) -> Option<(String, Carries)> {
    let json = |rest: &str, body: Value| Some((format!("/api/v1/programmes/HDF21{rest}"), Carries::Json(body)));
    match rest {
        "/blocks" => json(rest, json!({ "items": { "booklets": [world.serial(6)] }, "reason": "precaution" })),
        "/blocks/{number}/release" => {
            let number = number_of(world, Kind::Block);
            json(&format!("/blocks/{number}/release"), json!({ "reason": "cleared_up" }))
        }
        "/suspensions" => json(rest, json!({ "orders": ["CMD-2"], "scope": "redemptions", "reason": "security" })),
        "/resumptions" => json(rest, json!({ "orders": ["CMD-2"], "scope": "hand_outs" })),
        "/orders/{order}/prorogation" => json("/orders/CMD-2/prorogation", json!({ "validity_end": "2024-06-30" })),
        "/orders/{order}/acknowledgement" => json("/orders/CMD-1/acknowledgement", json!({})),
        "/orders/{order}/expiry" => json("/orders/CMD-1/expiry", json!({ "most": 20_000 })),
        "/orders/{order}/credit-notes" => json(
            "/orders/CMD-1/credit-notes",
            json!({ "credit_note": "AV-7", "received_on": "2021-10-04", "amount_cents": 10_000 }),
        ),
        "/destructions" => json(rest, json!({ "items": { "booklets": [world.serial(6)] }, "reason": "damaged" })),
        "/destructions/{destruction}/signature" => json("/destructions/1/signature", json!({})),
        "/stock-takes" => json(rest, json!({ "counted_on": "2021-10-04", "booklets": [world.serial(3)] })),
        "/losses" => json(
            rest,
            json!({ "items": { "passes": [format!("{}/09", world.serial(2))] }, "reason": "lost",
                "noticed_on": "2021-10-04" }),
        ),
        "/losses/{number}/recovery" => {
            let number = number_of(world, Kind::Loss);
            json(&format!("/losses/{number}/recovery"), json!({ "reason": "found_again" }))
        }
        "/replacements" => json(
            rest,
            json!({ "beneficiary": owner(), "original": world.serial(2), "replacement": world.serial(4),
                "reason": "damaged" }),
        ),
        _ => money(world, rest),
    }
}
