//! A journal that has lost receipts: nothing is written until one person has declared it and another confirmed it, and
//! no number is ever given twice. The loss is made up here, by a head that only the seal key can sign; real ones are
//! in `drill`.

use recepisse::domain::refusal::Code;
use recepisse::domain::restore::{ConfirmRestore, RestoreReason, declare};
use recepisse::ledger::SubmitError;
use recepisse::receipts::{Mention, SignedHead, seal};

use crate::harness::{Hand, World, on_every_engine};

/// The head of a journal that went `lost` receipts further than this one.
fn head_beyond(world: &World, lost: i64) -> SignedHead {
    let (journal, key) = (world.journal(world.programme.no), world.keys.seal_key());
    let (programme, epoch, position) = ("HDF21".to_owned(), journal.counters.epoch, journal.position + lost);
    let hash = "e5".repeat(32);
    let signature = seal::sign(key, &programme, epoch, position, &hash);
    SignedHead { programme, epoch, position, hash, key: seal::key_id(&key.verifying_key()), signature }
}

/// Somebody shows that head.
fn lose(world: &World, lost: i64) {
    world.ledger.heads().shown(&world.store, &head_beyond(world, lost).to_string()).unwrap();
}

/// What the first of the two people does.
fn declare_as(world: &World, hand: &Hand<'_>) {
    let loss = world.ledger.loss(&world.programme).unwrap();
    let actor = hand.caller.actor();
    let declared = declare(loss, actor.user, actor.pseudonym.clone(), RestoreReason::Drill).unwrap();
    world.write(|tx| tx.keep_restore_declaration(world.programme.no, &declared));
}

#[test]
fn a_journal_that_lost_nothing_has_nothing_to_restore() {
    on_every_engine(|world| {
        world.stock_up(1);
        assert_eq!(world.region_finance().is_told(ConfirmRestore), Code::RestoreNotNeeded);
        let declared = declare(
            None,
            world.user("HDF", recepisse::domain::party::Role::RegionAdmin),
            String::new(),
            RestoreReason::Drill,
        );
        assert_eq!(declared.unwrap_err().code, Code::RestoreNotNeeded);
    });
}

#[test]
fn nothing_is_written_until_a_loss_is_declared_by_one_and_confirmed_by_another() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        let before = world.journal(world.programme.no);
        lose(world, 10);
        assert_eq!(world.ledger.heads().frozen(), ["HDF21"]);
        let spend = || world.redeem("Maubeuge", world.codes(1, [1]));
        let frozen = |world: &World| {
            let told = world.venue_agent("LIEUX").asks_with_key("a-key-kept-through", "body", spend());
            assert!(matches!(told, Err(SubmitError::RolledBack)), "{}: {told:?}", world.engine());
            assert_eq!(world.journal(world.programme.no), before);
        };
        frozen(world);
        assert_eq!(world.region_finance().is_told(ConfirmRestore), Code::RestoreNotDeclared);
        declare_as(world, &world.region_finance());
        assert_eq!(world.region_finance().is_told(ConfirmRestore), Code::RestoreSamePerson);
        declare_as(world, &world.region_admin());
        frozen(world);
        let restored = world.region_finance().does(ConfirmRestore);
        assert_eq!(restored.body().number, "HDF21-HDF-2021E2-000005");
        let said = |name: &str| restored.body().mentions[name].clone();
        assert_eq!(said("restored_position"), Mention::Number(before.position));
        assert_eq!(said("last_known_position"), Mention::Number(before.position + 10));
        assert_eq!(said("receipts_lost"), Mention::Number(10));
        assert_eq!(said("declared_by"), Mention::Text(world.region_admin().caller.actor().pseudonym.clone()));
        assert!(world.ledger.heads().frozen().is_empty());
        let given = world.venue_agent("LIEUX").asks_with_key("a-key-kept-through", "body", spend()).unwrap();
        assert!(!given.replayed, "{}", world.engine());
        let again = world.venue_agent("LIEUX").asks_with_key("a-key-kept-through", "body", spend()).unwrap();
        assert_eq!((given.outcome, true), (again.outcome, again.replayed));
        assert_eq!(world.receipts().last().unwrap().number, "HDF21-LIEUX-2021E2-000001");
        assert_eq!(world.region_finance().is_told(ConfirmRestore), Code::RestoreNotNeeded);
    });
}

#[test]
fn a_loss_that_grew_after_it_was_declared_must_be_declared_again() {
    on_every_engine(|world| {
        world.stock_up(1);
        lose(world, 3);
        declare_as(world, &world.region_admin());
        let known = recepisse::keys::Keys::for_tests(7);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("heads");
        std::fs::write(&file, format!("recepisse-heads-1\n{}\n", head_beyond(world, 4))).unwrap();
        let heads = recepisse::ledger::Heads::open(&world.store, &known, Some(file)).unwrap();
        let ledger = world.second_ledger(heads);
        let finance = Hand { ledger: &ledger, ..world.region_finance() };
        assert_eq!(finance.is_told(ConfirmRestore), Code::RestoreNotDeclared);
    });
}

#[test]
fn a_lie_about_the_head_stops_nothing() {
    on_every_engine(|world| {
        world.stock_up(2);
        let genuine = head_beyond(world, 5);
        let other_key = SignedHead { signature: "0".repeat(128), ..genuine.clone() };
        let further = SignedHead { position: genuine.position + 1, ..genuine.clone() };
        let later = SignedHead { epoch: 2, ..genuine };
        for lie in [other_key.to_string(), further.to_string(), later.to_string(), "HDF21 1 99 x".to_owned()] {
            world.ledger.heads().shown(&world.store, &lie).unwrap();
        }
        assert_eq!(world.ledger.heads().unproven(), 4);
        assert!(world.ledger.heads().frozen().is_empty());
        world.region_admin().does(world.dispatch("MAUB", 1));
    });
}

#[test]
fn a_head_from_before_a_declared_restore_no_longer_proves_a_loss() {
    on_every_engine(|world| {
        world.stock_up(2);
        let lost = head_beyond(world, 5);
        world.ledger.heads().shown(&world.store, &lost.to_string()).unwrap();
        declare_as(world, &world.region_admin());
        world.region_finance().does(ConfirmRestore);
        world.ledger.heads().shown(&world.store, &lost.to_string()).unwrap();
        assert!(world.ledger.heads().frozen().is_empty());
        lose(world, 1);
        assert_eq!(world.ledger.heads().frozen(), ["HDF21"], "one of the new epoch does");
    });
}

/// Another process on the same database learns of the restore from the journal itself.
#[test]
fn what_one_instance_restored_the_other_takes_up() {
    on_every_engine(|world| {
        world.stock_up(2);
        let heads = recepisse::ledger::Heads::open(&world.store, &world.keys, None).unwrap();
        let ledger = world.second_ledger(heads);
        for ledger in [&world.ledger, &ledger] {
            ledger.heads().shown(&world.store, &head_beyond(world, 5).to_string()).unwrap();
        }
        declare_as(world, &world.region_admin());
        world.region_finance().does(ConfirmRestore);
        let other = Hand { ledger: &ledger, ..world.region_admin() };
        assert_eq!(other.does(world.dispatch("MAUB", 1)).body().number, "HDF21-HDF-2021E2-000005");
        assert!(ledger.heads().frozen().is_empty());
    });
}
