//! From what is wanted of the end of an order to acts of the domain. What never lives here: what ought to come of them.

use recepisse::domain::act::Act;
use recepisse::domain::destruction::{Destroy, DestructionReason, ProposeDestruction};
use recepisse::domain::end_calendar::Acknowledge;
use recepisse::domain::ends::{Expire, Prorogue, TakeCredit};
use recepisse::domain::ids::BookletId;
use recepisse::domain::items::Named;
use recepisse::domain::money::Cents;
use recepisse::domain::replacement::{Replace, ReplacementReason};

use super::super::stage::order_number;
use super::{EndsWish, Items};
use crate::harness::{Person, World, booklet_ids, reference};

/// The act that is asked for.
pub(in crate::simulation) fn act(world: &World, wish: &EndsWish) -> Box<dyn Act> {
    let order = |number: u32| reference(&order_number(number));
    match wish {
        EndsWish::Prorogue { order: of, validity_end } => {
            Box::new(Prorogue { order: order(*of), validity_end: *validity_end })
        }
        EndsWish::Acknowledge { order: of } => Box::new(Acknowledge { order: order(*of) }),
        EndsWish::Expire { order: of, most } => Box::new(Expire { order: order(*of), most: *most }),
        EndsWish::Credit { order: of, on, cents, items } => Box::new(TakeCredit {
            order: order(*of),
            credit_note: reference("AVOIR-1"),
            received_on: *on,
            amount: Cents::new(*cents),
            items: named(world, items),
        }),
        EndsWish::Propose { items } => {
            Box::new(ProposeDestruction { items: named(world, items), reason: DestructionReason::Damaged })
        }
        EndsWish::Destroy { proposal, items } => Box::new(Destroy { proposal: *proposal, items: named(world, items) }),
        EndsWish::Replace { original, replacement, person, torn } => {
            let person = Person::senior(world, *person);
            Box::new(Replace {
                original: BookletId::new(world.programme.no, *original),
                replacement: BookletId::new(world.programme.no, *replacement),
                fingerprint: person.fingerprint,
                commitment: person.commitment,
                nonce: None,
                reason: if *torn { ReplacementReason::Damaged } else { ReplacementReason::Lost },
            })
        }
    }
}

fn named(world: &World, items: &Items) -> Named {
    let pass = |(booklet, rank): &(u32, u8)| BookletId::new(world.programme.no, *booklet).pass(*rank);
    Named {
        booklets: booklet_ids(world, items.booklets.iter().copied()),
        passes: items.passes.iter().map(pass).collect(),
    }
}
