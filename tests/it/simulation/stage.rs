//! From plain data to acts of the domain. What never lives here: what ought to come of them.

use std::collections::{BTreeMap, BTreeSet};

use recepisse::auth::Caller;
use recepisse::domain::acceptance::Accept;
use recepisse::domain::act::Act;
use recepisse::domain::closing::Close;
use recepisse::domain::custody::{ReturnBooklets, ReturnReason, Selection, SendBooklets};
use recepisse::domain::duplicates::Likenesses;
use recepisse::domain::eligibility::{ShownProof, Situation};
use recepisse::domain::ends::{Suspend, SuspensionReason};
use recepisse::domain::handout::{GrantException, HandOut};
use recepisse::domain::ids::{BatchId, OrderId};
use recepisse::domain::incidents::{Block, BlockReason, BringBack, DeclareLoss, LossReason, ReleaseReason};
use recepisse::domain::items::Named;
use recepisse::domain::money::Cents;
use recepisse::domain::movement::Kind;
use recepisse::domain::party::Holder;
use recepisse::domain::redemption::{Redeem, ReversalReason, Reverse};
use recepisse::domain::stock::NewBooklet;
use recepisse::domain::stock_take::TakeStock;
use recepisse::domain::supply::{PlaceOrder, TakeDelivery};
use recepisse::domain::territory::CommuneCode;
use recepisse::domain::text::{Label, ReceiptNumber};
use recepisse::domain::time::Day;
use recepisse::domain::visit::Visit;

use super::model::own;
use super::recall::RETENTION;
use super::script::{Acceptance, At, Batch, Case, Delivery, OrderSlip, PEOPLE, Pick, Request, Who, Wish};
use super::{applications, ends, money, people, statements};
use crate::harness::{Person, World, booklet_ids, reference, short_code};

/// Everybody who has an account, the newcomers among them with one of their own; and how the Region judges claims.
pub(super) fn settle(world: &World) -> BTreeMap<Who, Caller> {
    let caller = |who: &Who| match who.desk {
        0 => world.hand(who.office, who.role).caller,
        _ => world.newcomer(who.office, who.role).caller,
    };
    let callers: BTreeMap<Who, Caller> = PEOPLE.iter().map(|who| (*who, caller(who))).collect();
    world.write(|tx| {
        let rules = money::rules(world, |who| callers[&who].actor().user);
        assert!(tx.keep_claim_rules(world.programme.no, &rules, 0)?);
        assert!(tx.keep_retention_rules(world.programme.no, RETENTION, 0)?);
        Ok(())
    });
    callers
}

/// The act that the request asks for.
pub(super) fn act(world: &World, request: &Request) -> Box<dyn Act> {
    let held = |posing_as: &Option<At>| holder(world, posing_as.unwrap_or(own(request.who)));
    match &request.wish {
        Wish::Order { .. } => Box::new(order(world, &request.wish)),
        Wish::Deliver(delivery) => Box::new(take_delivery(world, delivery)),
        Wish::Activate { order } => Box::new(world.activation(&order_number(*order))),
        Wish::Dispatch { to, pick, posing_as } => Box::new(SendBooklets {
            to: world.organisation(to),
            booklets: selection(world, pick),
            carrier_reference: None,
            from: held(posing_as),
        }),
        Wish::Return { pick, posing_as } => Box::new(ReturnBooklets {
            booklets: selection(world, pick),
            reason: ReturnReason::Unused,
            from: held(posing_as),
        }),
        Wish::Accept(acceptance) => Box::new(accept(world, acceptance, held(&acceptance.posing_as))),
        Wish::Exempt { person, passes } => Box::new(GrantException {
            fingerprint: Person::senior(world, *person).fingerprint,
            passes: *passes,
            reason: Label::parse("Situation particulière").unwrap(),
        }),
        Wish::HandOut { person, case, booklets, exception, key, agrees } => {
            let hand_out = world.hand_out(&Person::senior(world, *person), booklets.iter().copied());
            let ground = (*case == Case::StrangeGround).then(|| "astronaut".to_owned());
            let situation = situation(*case, hand_out.situation.clone());
            let likenesses = Likenesses { key: *key, ..Likenesses::default() };
            let follow_up = people::consent(*agrees, None);
            Box::new(HandOut { situation, ground, exception: *exception, likenesses, follow_up, ..hand_out })
        }
        Wish::Redeem { venue, codes, service, on, away } => Box::new(Redeem {
            venue: world.venue(venue),
            codes: codes.iter().map(|(booklet, rank)| world.code(*booklet, *rank)).collect(),
            service: *service,
            performed_on: *on,
            performed_in: away.map(|commune| CommuneCode::parse(commune).unwrap()),
            visit: Visit::default(),
        }),
        Wish::Statement(wish) => statements::act(world, wish),
        Wish::Application(wish) => applications::act(world, request, wish),
        Wish::End(wish) => ends::act(world, wish),
        Wish::Money(wish) => money::act(world, wish),
        Wish::People(wish) => people::act(wish),
        Wish::Close { period, of } => Box::new(Close { period: *period, of: *of }),
        Wish::Block { .. } | Wish::Lose { .. } | Wish::BringBack { .. } | Wish::Suspend { .. } | Wish::Count { .. } => {
            incident(world, request)
        }
        Wish::Reverse { number } => {
            Box::new(Reverse { number: ReceiptNumber::parse(number).unwrap(), reason: ReversalReason::WrongPass })
        }
    }
}

/// The same for what happens to booklets and orders besides.
fn incident(world: &World, request: &Request) -> Box<dyn Act> {
    let whole = |numbers: &[u32]| Named { booklets: booklet_ids(world, numbers.iter().copied()), passes: Vec::new() };
    match &request.wish {
        Wish::Block { booklets } => Box::new(Block { items: whole(booklets), reason: BlockReason::Precaution }),
        Wish::Lose { booklets, on } => Box::new(DeclareLoss {
            items: whole(booklets),
            reason: LossReason::Lost,
            noticed_on: *on,
            complaint: None,
            stock_take: None,
        }),
        Wish::BringBack { number, lost, named } => Box::new(BringBack {
            kind: if *lost { Kind::Found } else { Kind::Unblock },
            number: ReceiptNumber::parse(number).unwrap(),
            items: whole(named),
            reason: ReleaseReason::ClearedUp,
        }),
        Wish::Suspend { orders, scope, stop } => Box::new(Suspend {
            orders: orders.iter().map(|number| reference(&order_number(*number))).collect(),
            scope: *scope,
            reason: stop.then_some(SuspensionReason::Security),
        }),
        Wish::Count { counted, on } => Box::new(TakeStock {
            holder: holder(world, own(request.who)),
            prescriber: None,
            counted_on: *on,
            counted: booklet_ids(world, counted.iter().copied()),
        }),
        other => panic!("{other:?}"),
    }
}

pub(super) fn order_number(number: u32) -> String {
    format!("CMD-{number}")
}

fn order(world: &World, wish: &Wish) -> PlaceOrder {
    let Wish::Order { number, booklets, size, ordered_on, validity_end, slip } = wish else { panic!("{wish:?}") };
    let mut order = PlaceOrder {
        ordered_on: *ordered_on,
        passes_per_booklet: *size,
        validity_end: *validity_end,
        ..world.order(&order_number(*number), *booklets)
    };
    match slip {
        OrderSlip::None => {}
        OrderSlip::FaceValue => order.face_value = Cents::new(999),
        OrderSlip::Shares => order.funding[0].basis_points = 9_999,
        OrderSlip::Issuer => order.issuer = world.organisation("MAUB"),
        OrderSlip::Fees => order.fees = Cents::new(-1),
    }
    order
}

fn take_delivery(world: &World, delivery: &Delivery) -> TakeDelivery {
    let mut codes = delivery.printed().into_iter().map(|((booklet, rank), _)| world.code(booklet, rank));
    let received = booklet_ids(world, delivery.received.iter().copied()).into_iter();
    let with_codes = |id| NewBooklet { id, code_macs: codes.by_ref().take(delivery.size.into()).collect() };
    TakeDelivery {
        delivered_on: delivery.on,
        received: received.map(with_codes).collect(),
        missing: booklet_ids(world, delivery.missing.iter().copied()),
        damaged: booklet_ids(world, delivery.damaged.iter().copied()),
        ..world.delivery(&order_number(delivery.order), [])
    }
}

fn accept(world: &World, acceptance: &Acceptance, receiver: Holder) -> Accept {
    let named = |numbers: &[u32]| booklet_ids(world, numbers.iter().copied());
    Accept {
        dispatch: acceptance.dispatch,
        in_transit: named(&acceptance.seen),
        accepted: acceptance.accepted.as_deref().map(named),
        missing: named(&acceptance.missing),
        damaged: named(&acceptance.damaged),
        receiver,
    }
}

fn selection(world: &World, pick: &Pick) -> Selection {
    match pick {
        Pick::Lowest(booklets, order) => {
            Selection::Count { booklets: *booklets, order: order.map(|number| reference(&order_number(number))) }
        }
        Pick::These(numbers) => Selection::Named(booklet_ids(world, numbers.iter().copied())),
    }
}

pub(super) fn batch(world: &World, (order, delivery): Batch) -> BatchId {
    OrderId::new(world.programme.no, order.into()).batch(delivery.into())
}

pub(super) fn holder(world: &World, at: At) -> Holder {
    match at {
        At::Issue(of) => Holder::Issue(batch(world, of)),
        At::Store => Holder::Store,
        At::Transit(dispatch) => Holder::Transit(dispatch),
        At::Office(office) => Holder::Prescriber(short_code(office)),
        At::Circulation => Holder::Circulation,
        At::Provider(office) => Holder::Provider(short_code(office)),
        At::Claimed(office) => Holder::Claimed(short_code(office)),
        At::Paid(office) => Holder::Paid(short_code(office)),
        At::Blocked => Holder::Blocked,
        At::Lost => Holder::Lost,
        At::Expired => Holder::Expired,
        At::Destroyed => Holder::Destroyed,
        At::Credited => Holder::Credited,
    }
}

pub(super) fn situation(case: Case, senior: Situation) -> Situation {
    let born = |year| Day::new(year, 6, 1).unwrap();
    let shown = |kind: &str| ShownProof { kind: kind.to_owned(), issued_on: None };
    match case {
        Case::Senior | Case::StrangeGround => senior,
        Case::Young => Situation {
            birth: born(2000),
            statuses: BTreeSet::from(["job_search".to_owned()]),
            proofs: ["home_proof", "identity_document", "mission_locale_attestation"].map(shown).to_vec(),
            ..senior
        },
        Case::Neither => Situation { birth: born(1990), ..senior },
        Case::NoProof => Situation { proofs: Vec::new(), ..senior },
        Case::Elsewhere => Situation { commune: CommuneCode::parse("75056").unwrap(), ..senior },
        Case::StrangeProof => Situation { proofs: vec![shown("horoscope")], ..senior },
        Case::StrangeStatus => Situation { statuses: BTreeSet::from(["idle".to_owned()]), ..senior },
        Case::Unborn => Situation { birth: born(2150), ..senior },
    }
}
