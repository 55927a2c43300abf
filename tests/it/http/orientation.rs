//! Where people are told to go: on the paper, and in the figures.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::places::OPEN;
use super::requests::{beneficiary, proofs, redemption_body, stage};
use crate::harness::{Http, over_every_engine};

const P: &str = "/programmes/HDF21";

fn hand_out(http: &Http<'_>, booklet: u32, orientation: &Value) -> Value {
    json!({ "beneficiary": beneficiary(), "proofs": proofs(), "booklets": [http.world.serial(booklet)],
        "orientation": orientation })
}

#[test]
fn the_paper_says_where_to_go_and_the_figures_whether_they_went() {
    over_every_engine(stage, async |http| {
        http.world.change_programme(|programme| programme.entitlement_passes = 30);
        let (maubeuge, give) = (http.prescriber("MAUB"), format!("{P}/hand-outs"));
        let need = "aide_aux_demarches_administratives";
        for (wrong, status, code) in [
            (json!({}), 400, "body_malformed"),
            (json!({ "place_id": OPEN, "venue_id": http.world.venue("Avesnes") }), 400, "body_malformed"),
            (json!({ "place_id": "019acd00-0000-7000-8000-00000000ffff" }), 404, "place_unknown"),
            (json!({ "venue_id": "019acd00-0000-7000-8000-00000000ffff" }), 404, "venue_unknown"),
        ] {
            maubeuge.post(&give, hand_out(http, 3, &wrong)).await.is_refused(status, code);
        }
        let there = json!({ "place_id": OPEN, "need": need });
        let given = maubeuge.post(&give, hand_out(http, 3, &there)).await.done();
        let told: Vec<&str> =
            given["paper"]["orientation"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
        assert_eq!(told[0], "Où aller : Espace de la gare, 2 place de la Gare, 59600 Maubeuge.");
        assert_eq!(told[1], "Ouvert : lun.-ven. 09:00-12:00.");
        assert!(told[2].starts_with("Prochaine permanence : le ") && told[3].contains("démarches"), "{told:?}");
        assert!(!given["receipt"].to_string().contains("Espace de la gare"), "nothing of it is sealed");
        let page = json!({ "venue_id": http.world.venue("Maubeuge") });
        let asked = maubeuge.request(Method::POST, &give).await.insert_header(("Idempotency-Key", http.key()));
        let page =
            http.send(asked.insert_header(("Accept", "text/html")).set_json(hand_out(http, 4, &page))).await.text();
        assert!(page.contains("Où aller") && page.contains("Maubeuge, Maubeuge."), "{page}");

        let rows = async || -> Vec<Value> {
            let told = http.region_admin().get(&format!("{P}/reports/orientations")).await.done();
            told["rows"].as_array().unwrap().clone()
        };
        let of = |row: &Value| ["booklets", "came", "elsewhere", "unused"].map(|name| row[name].as_i64().unwrap());
        let before = rows().await;
        assert_eq!(before.iter().map(of).collect::<Vec<_>>(), [[1, 0, 0, 1], [1, 0, 0, 1]]);
        let masked = http.region_admin().get(&format!("{P}/reports/orientations?masked=true")).await.done();
        assert_eq!(masked["rows"][0]["booklets"], Value::Null, "one person's need is nobody else's: {masked}");
        http.venue_agent("LIEUX")
            .post(&format!("{P}/redemptions"), redemption_body(http.world, 4, &[1]))
            .await
            .receipt();
        http.venue_agent("LIEUX")
            .post(&format!("{P}/redemptions"), redemption_body(http.world, 3, &[1]))
            .await
            .receipt();
        let mut after: Vec<[i64; 4]> = rows().await.iter().map(of).collect();
        after.sort_unstable();
        assert_eq!(after, [[1, 0, 1, 0], [1, 1, 0, 0]], "one came, the other went to Maubeuge instead");
    });
}
