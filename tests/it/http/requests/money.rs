//! Requests of what providers claim and are paid, and of what an issuer says it has paid.

use serde_json::{Value, json};

use super::Carries;
use crate::harness::World;

pub(super) fn money(world: &World, rest: &str) -> Option<(String, Carries)> {
    let json = |path: &str, body: Value| Some((format!("/api/v1/programmes/HDF21{path}"), Carries::Json(body)));
    match rest {
        "/claims" => {
            let month = world.day().minus_months(1).to_string();
            json(rest, json!({ "provider_id": world.organisation("LIEUX"), "month": &month[..7] }))
        }
        "/payees" => json(
            rest,
            json!({ "provider_id": world.organisation("LIEUX"), "legal_form": "association", "holder": "Les lieux",
                "iban": "FR7630006000011234567890189" }),
        ),
        "/payees/{payee}/confirmation" => json("/payees/1/confirmation", json!({})),
        "/payments" => json(
            rest,
            json!({ "claims": [1], "payment_order": "2021-MP-4711", "bordereau": "2021-BJ-118",
                "engagement": "2021-E-42", "execute_on": "2021-10-08" }),
        ),
        "/bank-returns" => {
            let line = "end_to_end_id,outcome,date,amount_cents,reason\r\nHDF21-P1-L1,executed,2021-10-04,1000,\r\n";
            Some((format!("/api/v1/programmes/HDF21{rest}"), Carries::Csv(line.to_owned())))
        }
        "/issuer-statements" => {
            let line = format!(
                "serial;venue;redeemed_on;paid_on;amount\r\n{}/01;LIEUX;2021-10-04;2021-11-05;10,00\r\n",
                world.serial(1)
            );
            Some((format!("/api/v1/programmes/HDF21{rest}?issuer=APTIC&month=2021-09"), Carries::Csv(line)))
        }
        "/orders/{order}/contradictory-statement" => {
            let list = format!("serial;state\r\n{}/01;used\r\n{};unused\r\n", world.serial(1), world.serial(6));
            Some(("/api/v1/programmes/HDF21/orders/CMD-1/contradictory-statement".to_owned(), Carries::Csv(list)))
        }
        "/issuer-statements/{statement}/disputes" => {
            let passes = [format!("{}/01", world.serial(1))];
            json("/issuer-statements/1/disputes", json!({ "passes": passes, "reason": "not_received" }))
        }
        "/issuer-statements/{statement}/resolutions" => json(
            "/issuer-statements/1/resolutions",
            json!({ "differences": [2], "resolution": "issuer_corrects", "reason": "evidence_seen" }),
        ),
        "/claims/{claim}/overpayments" => {
            let passes = [format!("{}/01", world.serial(1))];
            json("/claims/1/overpayments", json!({ "passes": passes, "reason": "paid_otherwise" }))
        }
        "/revenue-orders" => json(
            rest,
            json!({ "provider_id": world.organisation("LIEUX"), "amount_cents": 1000, "number": "2021-TR-42" }),
        ),
        "/claims/{claim}/rejection" => {
            let passes = [format!("{}/01", world.serial(1))];
            json("/claims/1/rejection", json!({ "passes": passes, "reason": "evidence_missing" }))
        }
        "/claims/{claim}/suspension" => json("/claims/1/suspension", json!({ "reason": "evidence_asked" })),
        "/claims/{claim}/approval" | "/claims/{claim}/resumption" | "/claims/{claim}/offset" => {
            json(&rest.replace("{claim}", "1"), json!({}))
        }
        _ => None,
    }
}
