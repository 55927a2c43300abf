//! The stage on which every route is asked: who is there, what they hold, and what a request may name. What never lives
//! here: a request.

use recepisse::contacts::{Contact, Owner};
use recepisse::domain::ends::{Scope, Suspend, SuspensionReason};
use recepisse::domain::follow_up::{Channel, Consent};
use recepisse::domain::handout::HandOut;
use recepisse::domain::identity::Identity;
use recepisse::domain::incidents::{Block, BlockReason, DeclareLoss, LossReason};
use recepisse::domain::items::Named;
use recepisse::domain::movement::Kind;
use recepisse::domain::party::Role;
use recepisse::domain::people_key::FIRST;
use recepisse::domain::programme::Mandate;
use recepisse::domain::publication::PublicationRules;
use recepisse::domain::time::Day;
use recepisse::people::fingerprint;
use recepisse::store::Page;
use serde_json::{Value, json};

use super::devices::with_devices;
use crate::harness::{Http, Person, World, booklet_ids, printed_code};

/// Everybody: a role with an organisation where somebody has it.
pub(crate) const EVERYBODY: &[(&str, Role)] = &[
    ("HDF", Role::RegionAdmin),
    ("HDF", Role::RegionFinance),
    ("HDF", Role::Accountant),
    ("MAUB", Role::PrescriberAgent),
    ("LIEUX", Role::VenueAgent),
    ("CRC", Role::Auditor),
    ("AIDES", Role::Platform),
];

/// Booklets 1 to 6 of order CMD-1 are active: 1 and 2 handed out at Maubeuge, three passes of 1 spent, 3 and 4 in the
/// stock of Maubeuge, 5 on its way there (dispatch 2), 6 in the store. Order CMD-2 (7 to 9) is not delivered; order
/// CMD-3 (10 and 11) is delivered with a print file and not activated. See [`incidents`].
pub(crate) fn stage(world: &World) {
    let admin = world.region_admin();
    admin.does(world.order("CMD-1", 6));
    admin.does(world.delivery("CMD-1", 1..=6));
    world.region_finance().does(world.activation("CMD-1"));
    admin.does(world.dispatch("MAUB", 4));
    world.prescriber("MAUB").does(world.acceptance(1, "MAUB", 1..=4));
    world.prescriber("MAUB").does(world.hand_out(&Person::senior(world, 1), [1]));
    let (nonce, follow_up) = (Some([5; 32]), Some(agreed(world)));
    let given = HandOut { nonce, follow_up, ..world.hand_out(&owner_of_two(world), [2]) };
    assert_eq!(world.prescriber("MAUB").does(given).body().number, AGREED);
    world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, 1..=3)));
    admin.does(world.dispatch("MAUB", 1));
    admin.does(world.order("CMD-2", 3));
    admin.does(world.order("CMD-3", 2));
    let mut delivery = world.delivery("CMD-3", 10..=11);
    delivery.print_nonce = Some([7; 32]);
    admin.does(delivery);
    incidents(world);
    super::places::stage(world);
    with_devices(world);
    super::applicants::stage(world);
    super::feeds::stage(world);
    let rules = PublicationRules { open_data: true, ..PublicationRules::default() };
    world.write(|tx| tx.keep_publication_rules(world.programme.no, rules, 0).map(|_| ()));
}

/// The hand-out of booklet 2, whose person agreed to be called.
pub(crate) const AGREED: &str = "HDF21-MAUB-2021-000003";

/// As [`AGREED`] says.
fn agreed(world: &World) -> Consent {
    let contact = Contact::new(Channel::Phone, "06 12 34 56 78", None).unwrap();
    let owner = Owner { programme: &world.programme.code, nonce: &[5; 32] };
    let contact = contact.close(&world.keys, &*world.entropy, owner).unwrap();
    Consent { channel: Channel::Phone, contact, nonce: None }
}

/// Who has booklet 2: the person of [`owner`].
fn owner_of_two(world: &World) -> Person {
    let birth = Day::new(1955, 3, 14).unwrap();
    let identity = Identity::new("Lambert", "Ana", birth).unwrap();
    let fingerprint = fingerprint(world.keys.people(), FIRST, &world.programme.code, &identity);
    Person { fingerprint, ..Person::senior(world, 2) }
}

pub(crate) fn owner() -> Value {
    json!({ "family_name": "Lambert", "given_name": "Ana", "birth_date": "1955-03-14", "commune": "59392" })
}

pub(crate) fn person() -> Value {
    json!({ "family_name": "Lambert", "given_name": "Ana", "birth_date": "1955-03-14" })
}

/// Hand-outs of order CMD-2 are suspended, booklet 11 is blocked, the last pass of booklet 2 declared lost.
fn incidents(world: &World) {
    let orders = vec![crate::harness::reference("CMD-2")];
    let reason = Some(SuspensionReason::Decision);
    world.region_finance().does(Suspend { orders, scope: Scope::HandOuts, reason });
    let whole = Named { booklets: booklet_ids(world, [11]), passes: Vec::new() };
    world.region_admin().does(Block { items: whole, reason: BlockReason::Precaution });
    let pass = Named { booklets: Vec::new(), passes: vec![booklet_ids(world, [2])[0].pass(10)] };
    let (reason, noticed_on) = (LossReason::Lost, world.day());
    let loss = DeclareLoss { items: pass, reason, noticed_on, complaint: None, stock_take: None };
    world.prescriber("MAUB").does(loss);
}

/// The number of the first receipt of this kind.
pub(crate) fn number_of(world: &World, kind: Kind) -> String {
    let found = world.receipts().into_iter().find(|receipt| receipt.kind == kind.to_string());
    found.map(|receipt| receipt.number).unwrap_or_default()
}

/// Another prescriber's stock: dispatch 4 to Fourmies, accepted. What nobody of Maubeuge may see.
pub(crate) fn supply_fourmies(world: &World) {
    world.region_admin().does(world.dispatch("FOURM", 1));
    world.prescriber("FOURM").does(world.acceptance(4, "FOURM", [6]));
}

pub(crate) fn mandate_of(world: &World, code: &str) -> Mandate {
    let found = world.store.read::<_, recepisse::store::StoreError>(|tx| {
        tx.mandates(world.programme.no, Some(world.organisation(code)), &Page { after: None, limit: 10 })
    });
    found.unwrap().pop().unwrap()
}

pub(crate) fn beneficiary() -> Value {
    json!({ "family_name": "Lefèvre", "given_name": "Zoé", "birth_date": "1955-03-14", "commune": "59392" })
}

pub(crate) fn proofs() -> Value {
    json!([{ "kind": "identity_document" }, { "kind": "home_proof" }])
}

/// The issuer's file for booklet 7 of order CMD-2.
pub(crate) fn issuer_file(world: &World, booklet: u32) -> String {
    let line = |rank| format!("{}/{rank:02},{}\n", world.serial(booklet), printed_code(booklet, rank).grouped());
    std::iter::once("serial,code\n".to_owned()).chain((1..=10).map(line)).collect()
}

/// The version of what an address shows.
pub(crate) async fn version(http: &Http<'_>, path: &str) -> i64 {
    http.region_admin().get(path).await.done()["version"].as_i64().unwrap()
}
