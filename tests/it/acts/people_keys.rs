//! The key under which people are recognised is renewed by two people, and whoever was recognised under the one before while
//! that happened is recognised again. What never lives here: HTTP, or two servers (see `http::people_keys`).

use recepisse::domain::people_key::{NamedKey, Proposal, RenewPeopleKey};
use recepisse::domain::refusal::Code;
use recepisse::receipts::Mention;

use super::is_sound;
use crate::harness::{Hand, Person, Raw, World, on_every_engine};

fn propose_as(world: &World, hand: &Hand<'_>, number: u8) {
    let actor = hand.caller.actor();
    let key = NamedKey { number, digest: "a5".repeat(32) };
    let proposal = Proposal { key, by: actor.user, pseudonym: actor.pseudonym.clone() };
    world.write(|tx| tx.keep_people_key_proposal(world.programme.no, &proposal));
}

#[test]
fn a_key_is_proposed_by_one_person_and_put_in_use_by_another_and_the_receipt_names_both() {
    on_every_engine(|world| {
        world.supply_maubeuge(2);
        let (admin, finance) = (world.region_admin(), world.region_finance());
        assert_eq!(finance.is_told(RenewPeopleKey), Code::PeopleKeyNotProposed);
        propose_as(world, &finance, 2);
        assert_eq!(finance.is_told(RenewPeopleKey), Code::PeopleKeySamePerson);
        propose_as(world, &admin, 3);
        let renewed = finance.does(RenewPeopleKey);
        let said = |name: &str| renewed.body().mentions[name].clone();
        assert_eq!((said("key"), said("previous_key")), (Mention::Number(3), Mention::Number(1)));
        assert_eq!(said("key_digest"), Mention::Text("a5".repeat(32)));
        assert_eq!(said("proposed_by"), Mention::Text(admin.caller.actor().pseudonym.clone()));
        assert_eq!(finance.is_told(RenewPeopleKey), Code::PeopleKeyNotProposed, "it has served");
        let known = world.store.read(|tx| tx.people_keys(world.programme.no)).unwrap_or_default();
        assert_eq!((known.in_use(), &known.proposal), (3, &None));
        let again =
            known.propose(NamedKey { number: 3, digest: "a5".repeat(32) }, admin.caller.actor().user, String::new());
        assert_eq!(again.map_err(|no| no.code), Err(Code::PeopleKeyNotLater));
        is_sound(world);
        // A key that no receipt put in use is told by the audit.
        Raw::on(&world.place).run("UPDATE people_keys SET number = 4").unwrap();
        let found = recepisse::audit::rebuild(&world.store, &world.programme, &mut |_, _| {}).unwrap();
        assert_eq!(found.total, 1, "{}: {found:?}", world.engine());
    });
}

/// Between the question who somebody is and the act, another server may have met them under the new key.
#[test]
fn whoever_was_recognised_under_the_key_before_is_recognised_again() {
    on_every_engine(|world| {
        world.supply_maubeuge(2);
        propose_as(world, &world.region_admin(), 2);
        let (person, maubeuge) = (Person::senior(world, 1), world.prescriber("MAUB"));
        world.region_finance().does(RenewPeopleKey);
        assert_eq!(maubeuge.is_told(world.hand_out(&person, [1])), Code::PeopleKeyRenewed);
        assert_eq!(maubeuge.is_told(world.application("MAUB", &person, 10)), Code::PeopleKeyRenewed);
    });
}
