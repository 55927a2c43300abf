//! From what is wanted of the end of an order to acts of the domain. What never lives here: what ought to come of them.

use recepisse::domain::act::Act;
use recepisse::domain::contradiction::{self, StateContradiction};
use recepisse::domain::destruction::{Destroy, DestructionReason, ProposeDestruction};
use recepisse::domain::end_calendar::Acknowledge;
use recepisse::domain::ends::{Expire, Prorogue, TakeCredit};
use recepisse::domain::ids::{BookletId, OrderId};
use recepisse::domain::items::Named;
use recepisse::domain::money::Cents;
use recepisse::domain::programme::{Order, Suspended};
use recepisse::domain::replacement::{Replace, ReplacementReason};
use recepisse::domain::serial::SerialRange;

use super::super::stage::order_number;
use super::{EndsWish, IssuerList, Items};
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
        EndsWish::Contradict(list) => Box::new(state(world, list)),
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

fn state(world: &World, list: &IssuerList) -> StateContradiction {
    let mut said = contradiction::IssuerList::of(&order(world, list)).unwrap();
    for ((booklet, rank), state) in &list.said {
        said.say(BookletId::new(world.programme.no, *booklet).pass(*rank), *state).unwrap();
    }
    StateContradiction { order: reference(&order_number(list.order)), file_hash: "a5".repeat(32), said }
}

/// The order that a list is of; of which only the booklets are looked at.
fn order(world: &World, list: &IssuerList) -> Order {
    let placed = world.order(&order_number(list.order), 1);
    Order {
        id: OrderId::new(world.programme.no, list.place.into()),
        number: placed.number,
        ordered_on: placed.ordered_on,
        issuer: placed.issuer,
        range: SerialRange::new(list.first, list.last).unwrap(),
        passes_per_booklet: list.size,
        face_value: placed.face_value,
        fees: placed.fees,
        funding: placed.funding,
        validity_end: placed.validity_end,
        grace_end: placed.validity_end,
        deliveries: 0,
        delivered_booklets: 0,
        activation: None,
        suspended: Suspended::default(),
        expired_on: None,
        acknowledged_on: None,
    }
}

fn named(world: &World, items: &Items) -> Named {
    let pass = |(booklet, rank): &(u32, u8)| BookletId::new(world.programme.no, *booklet).pass(*rank);
    Named {
        booklets: booklet_ids(world, items.booklets.iter().copied()),
        passes: items.passes.iter().map(pass).collect(),
    }
}
