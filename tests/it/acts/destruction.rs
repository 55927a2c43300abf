//! Destruction of what is out of use: proposed by the Region, signed by the public accountant.

use recepisse::domain::destruction::{Destroy, DestructionReason, Proposal};
use recepisse::domain::ends::{Expire, TakeCredit};
use recepisse::domain::ids::PassId;
use recepisse::domain::incidents::{Block, BlockReason};
use recepisse::domain::items::Named;
use recepisse::domain::money::Cents;
use recepisse::domain::party::Role;
use recepisse::domain::refusal::Code;
use recepisse::domain::time::Instant;
use recepisse::ledger::SubmitError;
use recepisse::receipts::Mention;

use super::is_sound;
use crate::conservation::balances;
use crate::harness::{Hand, World, booklet_ids, on_every_engine, reference};

fn whole(world: &World, numbers: &[u32]) -> Named {
    Named { booklets: booklet_ids(world, numbers.iter().copied()), passes: Vec::new() }
}

/// Kept as HTTP keeps it, by the Region's finance service.
fn propose(world: &World, items: Named) -> Destroy {
    let proposer = world.region_finance().caller.actor().clone();
    world.write(|tx| {
        let number = tx.last_destruction(world.programme.no)? + 1;
        let proposal = Proposal {
            number,
            reason: DestructionReason::EndOfValidity,
            items: items.clone(),
            proposer: proposer.user,
            proposer_pseudonym: proposer.pseudonym.clone(),
            proposed_on: world.day(),
            receipt: None,
        };
        tx.insert_destruction(&world.programme, &proposal)?;
        Ok(Destroy { proposal: number, items })
    })
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
        let early = propose(world, whole(world, &[1]));
        let told = accountant(world).is_refused(early);
        assert_eq!((told.code, told.field.as_deref()), (Code::NotDestroyable, Some("booklets")));
        let items = Named { passes: pass, ..whole(world, &[3, 4]) };
        let destroy = propose(world, items);
        assert!(matches!(world.region_finance().asks(destroy.clone()), Err(SubmitError::Forbidden)));
        let minutes = accountant(world).does(destroy.clone());
        assert_eq!((minutes.body().total.booklets, minutes.body().total.passes), (2, 21));
        let by = world.region_finance().caller.actor().pseudonym.clone();
        assert_eq!(minutes.body().mentions["proposed_by"], Mention::Text(by));
        let again = accountant(world).is_refused(destroy.clone());
        assert_eq!(again.code, Code::DestructionSignedAlready);
        assert!(again.about.iter().any(|(_, number)| *number == minutes.body().number), "{again:?}");
        let kept = world.store.read(|tx| tx.destructions(world.programme.no, 1, 10)).unwrap();
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
        let own = accountant(world).caller.actor().clone();
        let destroy = propose(world, whole(world, &[1]));
        world.write(|tx| {
            let mut proposal = tx.destructions(world.programme.no, 0, 1)?.remove(0);
            proposal.number = 2;
            proposal.proposer = own.user;
            tx.insert_destruction(&world.programme, &proposal)
        });
        let signed = Destroy { proposal: 2, ..destroy };
        assert_eq!(accountant(world).is_told(signed), Code::DestructionSamePerson);
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
        accountant(world).does(propose(world, whole(world, &[1])));
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
