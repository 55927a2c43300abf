//! A request sent twice: the same key and body give the same answer, and nothing happens the second time.

use recepisse::domain::refusal::Code;
use recepisse::ledger::{Answer, Outcome, SubmitError};

use crate::harness::{Hand, on_every_engine};

const KEY: &str = "9f2c1d7e5b3a4860";

fn receipt_hash(answer: &Answer) -> &str {
    match &answer.outcome {
        Outcome::Granted(receipt) => receipt.hash(),
        Outcome::Refused(refusal) => panic!("{refusal:?}"),
    }
}

#[test]
fn the_same_key_and_body_give_the_same_receipt_and_move_nothing() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        let redeem = || world.redeem("Maubeuge", world.codes(1, 1..=2));
        let first = world.venue_agent("LIEUX").asks_with_key(KEY, "body", redeem()).unwrap();
        assert!(!first.replayed);
        let journal = world.journal(world.programme.no);
        world.clock.advance_days(40);
        let second = world.venue_agent("LIEUX").asks_with_key(KEY, "body", redeem()).unwrap();
        assert!(second.replayed);
        assert_eq!(receipt_hash(&first), receipt_hash(&second));
        assert_eq!(first.outcome, second.outcome);
        assert_eq!(world.journal(world.programme.no).head, journal.head);
    });
}

#[test]
fn another_body_under_the_same_key_is_told_so() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        let agent = world.venue_agent("LIEUX");
        agent.asks_with_key(KEY, "one", world.redeem("Maubeuge", world.codes(1, [1]))).unwrap();
        let other = agent.asks_with_key(KEY, "two", world.redeem("Maubeuge", world.codes(1, [2])));
        assert!(matches!(other, Err(SubmitError::KeyReused)), "{other:?}");
        agent.does(world.redeem("Maubeuge", world.codes(1, [2])));
    });
}

#[test]
fn a_refusal_is_replayed_even_when_it_would_be_granted_by_now() {
    on_every_engine(|world| {
        world.supply_maubeuge(1);
        let redeem = || world.redeem("Maubeuge", world.codes(1, [1]));
        let first = world.venue_agent("LIEUX").asks_with_key(KEY, "body", redeem()).unwrap();
        let Outcome::Refused(refusal) = &first.outcome else { panic!("granted") };
        assert_eq!(refusal.code, Code::NotHandedOut);
        let person = crate::harness::Person::senior(world, 1);
        world.prescriber("MAUB").does(world.hand_out(&person, [1]));
        let second = world.venue_agent("LIEUX").asks_with_key(KEY, "body", redeem()).unwrap();
        assert!(second.replayed);
        assert_eq!(second.outcome, first.outcome, "facts and field of the refusal included");
        world.venue_agent("LIEUX").does(redeem());
    });
}

#[test]
fn a_key_used_in_one_programme_is_told_so_in_another() {
    on_every_engine(|world| {
        let second = world.second_programme();
        let here = world.region_admin();
        let there = Hand { programme: second, ..here.clone() };
        here.asks_with_key(KEY, "one", world.order("CMD-1", 1)).unwrap();
        let told = there.asks_with_key(KEY, "two", world.order("CMD-1", 1));
        assert!(matches!(told, Err(SubmitError::KeyReused)), "{}: {told:?}", world.engine());
    });
}

#[test]
fn an_act_without_a_key_is_a_new_act_each_time() {
    on_every_engine(|world| {
        world.stock_up(4);
        world.region_admin().does(world.dispatch("MAUB", 2));
        world.region_admin().does(world.dispatch("MAUB", 2));
        assert_eq!(world.region_admin().is_told(world.dispatch("MAUB", 1)), Code::NotEnoughBooklets);
    });
}
