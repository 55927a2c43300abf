//! Destruction of what is out of use: proposed by the Region, signed by the public accountant.

use recepisse::audit;
use recepisse::domain::destruction::{Destroy, DestructionReason, ProposeDestruction};
use recepisse::domain::ends::{Expire, TakeCredit};
use recepisse::domain::ids::PassId;
use recepisse::domain::incidents::{Block, BlockReason, DeclareLoss, LossReason};
use recepisse::domain::items::Named;
use recepisse::domain::money::Cents;
use recepisse::domain::party::Role;
use recepisse::domain::refusal::Code;
use recepisse::domain::time::Instant;
use recepisse::ledger::SubmitError;
use recepisse::receipts::Mention;

use super::is_sound;
use crate::conservation::balances;
use crate::harness::{Hand, Raw, World, booklet_ids, on_every_engine, reference};

fn whole(world: &World, numbers: &[u32]) -> Named {
    Named { booklets: booklet_ids(world, numbers.iter().copied()), passes: Vec::new() }
}

fn proposal(items: Named, reason: DestructionReason) -> ProposeDestruction {
    ProposeDestruction { items, reason }
}

/// What the accountant is to sign, once the Region's finance service has proposed it.
fn propose(world: &World, items: Named, reason: DestructionReason) -> Destroy {
    let proposed = world.region_finance().does(proposal(items.clone(), reason));
    let Mention::Number(number) = proposed.body().mentions["proposal"] else { panic!("{proposed:?}") };
    Destroy { proposal: number, items }
}

fn accountant(world: &World) -> Hand<'_> {
    world.hand("HDF", Role::Accountant)
}

fn held(world: &World, holder: &str) -> i64 {
    balances(world).iter().filter(|((of, _), _)| of == holder).map(|(_, (passes, _))| passes).sum()
}

#[test]
fn what_is_out_of_use_is_destroyed_by_two_roles_once() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(2);
        world.region_admin().does(world.order("CMD-2", 3));
        world.region_admin().does(world.delivery("CMD-2", 3..=5));
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, [1, 2])));
        let pass: Vec<PassId> = vec![booklet_ids(world, [2])[0].pass(9)];
        let block = Block { items: Named { booklets: Vec::new(), passes: pass.clone() }, reason: BlockReason::Damaged };
        world.region_admin().does(block);
        let told = world.region_finance().is_refused(proposal(whole(world, &[1]), DestructionReason::Damaged));
        assert_eq!((told.code, told.field.as_deref()), (Code::NotDestroyable, Some("booklets")));
        assert!(matches!(
            accountant(world).asks(proposal(whole(world, &[3]), DestructionReason::Damaged)),
            Err(SubmitError::Forbidden)
        ));
        let items = Named { passes: pass, ..whole(world, &[3, 4]) };
        let destroy = propose(world, items, DestructionReason::Misprinted);
        assert!(matches!(world.region_finance().asks(destroy.clone()), Err(SubmitError::Forbidden)));
        let minutes = accountant(world).does(destroy.clone());
        assert_eq!((minutes.body().total.booklets, minutes.body().total.passes), (2, 21));
        let by = world.region_finance().caller.actor().pseudonym.clone();
        assert_eq!(minutes.body().mentions["proposed_by"], Mention::Text(by));
        let again = accountant(world).is_refused(destroy.clone());
        assert_eq!(again.code, Code::DestructionSignedAlready);
        assert!(again.about.iter().any(|(_, number)| *number == minutes.body().number), "{again:?}");
        let kept = world.store.read(|tx| tx.destructions(world.programme.no, 0, 10)).unwrap();
        assert_eq!(kept[0].receipt.as_ref(), Some(&minutes.body().number), "{}", world.engine());
        let other = Destroy { items: whole(world, &[5]), ..destroy };
        assert_eq!(accountant(world).is_told(other), Code::DestructionUnknown, "a proposal never changes");
        let unknown = Destroy { proposal: 9, items: whole(world, &[5]) };
        assert_eq!(accountant(world).is_told(unknown), Code::DestructionUnknown);
        assert_eq!((held(world, "destroyed"), held(world, "store")), (21, 10));
        let spent = world.venue_agent("LIEUX").is_told(world.redeem("Maubeuge", world.codes(2, [9])));
        assert_eq!(spent, Code::Cancelled);
        is_sound(world);
    });
}

/// An accountant who also has the proposing role in another account is still one person: the user decides.
#[test]
fn whoever_proposed_does_not_sign() {
    on_every_engine(|world| {
        world.stock_up(1);
        let own = accountant(world).caller.actor().user;
        let destroy = propose(world, whole(world, &[1]), DestructionReason::Damaged);
        Raw::on(&world.place).run(&format!("UPDATE destructions SET proposer_id = '{own}'")).unwrap();
        assert_eq!(accountant(world).is_told(destroy), Code::DestructionSamePerson);
    });
}

/// The end of its validity is a reason once it has come, and what has changed hands since is not destroyed.
#[test]
fn what_can_still_be_used_is_not_destroyed_for_its_end_and_what_left_the_store_not_at_all() {
    on_every_engine(|world| {
        world.stock_up(3);
        let finance = world.region_finance();
        let told = finance.is_refused(proposal(whole(world, &[1]), DestructionReason::EndOfValidity));
        assert_eq!((told.code, told.field.as_deref()), (Code::StillValid, Some("booklets")));
        let of_two = propose(world, whole(world, &[2]), DestructionReason::Returned);
        let of_three = propose(world, whole(world, &[3]), DestructionReason::Damaged);
        assert_eq!((of_two.proposal, of_three.proposal), (1, 2));
        world.region_admin().does(DeclareLoss {
            items: whole(world, &[2]),
            reason: LossReason::Stolen,
            noticed_on: world.day(),
            complaint: None,
            stock_take: None,
        });
        assert_eq!(accountant(world).is_told(of_two), Code::NotDestroyable);
        accountant(world).does(of_three);
        let then = Instant::parse("2023-07-31T07:30:00.000Z").unwrap();
        world.clock.advance_seconds((then.millis() - world.now().millis()) / 1000);
        accountant(world).does(propose(world, whole(world, &[1]), DestructionReason::EndOfValidity));
        is_sound(world);
    });
}

/// Who proposes what is in the journal: a row that nobody proposed, or that says something else, is found.
#[test]
fn a_proposal_that_no_receipt_made_raises_the_alarm() {
    on_every_engine(|world| {
        world.stock_up(2);
        let destroy = propose(world, whole(world, &[1]), DestructionReason::Damaged);
        is_sound(world);
        let found = |sql: &str| {
            Raw::on(&world.place).run(sql).unwrap();
            let rebuilt = audit::rebuild(&world.store, &world.programme, &mut |_, _| {}).unwrap();
            rebuilt.differences.iter().filter(|one| one.projection == "destructions").count()
        };
        assert_eq!(found("UPDATE destructions SET reason = 'returned'"), 1);
        assert_eq!(found("UPDATE destructions SET reason = 'damaged', proposed_on = '2021-01-01'"), 1);
        assert_eq!(found("DELETE FROM destructions"), 1);
        assert_eq!(accountant(world).is_told(destroy), Code::DestructionUnknown);
    });
}

#[test]
fn what_was_destroyed_unused_is_still_credited() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(2);
        let then = Instant::parse("2023-07-31T07:30:00.000Z").unwrap();
        world.clock.advance_seconds((then.millis() - world.now().millis()) / 1000);
        let finance = world.region_finance();
        finance.does(Expire { order: reference("CMD-1"), most: 20_000 });
        accountant(world).does(propose(world, whole(world, &[1]), DestructionReason::EndOfValidity));
        assert_eq!((held(world, "expired"), held(world, "destroyed")), (10, 10));
        let credit = |cents: i64| TakeCredit {
            order: reference("CMD-1"),
            credit_note: reference("AV-7"),
            received_on: world.day(),
            amount: Cents::new(cents),
            items: Named::default(),
        };
        assert_eq!(finance.is_told(credit(10_000)), Code::CreditDiffers);
        finance.does(credit(20_000));
        assert_eq!((held(world, "destroyed"), held(world, "credited")), (0, 20));
        is_sound(world);
    });
}
