//! How a life begins that is about one thing: with booklets that were ordered, handed out and spent, so that it comes to the
//! point soon. What never lives here: chance beyond the first morning.

use recepisse::domain::party::{Role, Service};
use recepisse::domain::time::Day;

use super::focus::Focus;
use super::script::{
    ADMIN, Acceptance, Case, Change, Delivery, Event, FINANCE, OrderSlip, Pass, Pick, Request, Who, Wish,
};

const MAUBEUGE: Who = Who::of("MAUB", Role::PrescriberAgent);
const ORDER: u32 = 1;
const SIZE: u8 = 5;

fn asks(who: Who, wish: Wish) -> Event {
    Event::Arrive(Request { key: None, who, wish })
}

/// What happens before anything else.
pub(super) fn prologue(focus: Focus) -> Vec<Event> {
    let today = Day::new(2021, 10, 4).unwrap();
    if focus == Focus::Everything {
        return Vec::new();
    }
    let lasts = if focus == Focus::Ends { 15 } else { 600 };
    let mut events = stocked(today, today.plus_days(lasts));
    if matches!(focus, Focus::Money | Focus::Statements) {
        events.extend(spent(today));
    }
    if focus == Focus::Statements {
        events.push(Event::Changes(Change::IssuerPays));
    }
    events
}

/// Eight booklets, four of them in people's hands and two at a prescriber's.
fn stocked(today: Day, validity_end: Day) -> Vec<Event> {
    let order =
        Wish::Order { number: ORDER, booklets: 8, size: SIZE, ordered_on: today, validity_end, slip: OrderSlip::None };
    let delivery = Delivery {
        order: ORDER,
        on: today,
        received: (1..=8).collect(),
        missing: Vec::new(),
        damaged: Vec::new(),
        size: SIZE,
        copied: None,
    };
    let acceptance = Acceptance {
        dispatch: 1,
        seen: (1..=6).collect(),
        accepted: None,
        missing: Vec::new(),
        damaged: Vec::new(),
        posing_as: None,
    };
    let mut events = vec![
        asks(ADMIN, order),
        asks(ADMIN, Wish::Deliver(delivery)),
        asks(FINANCE, Wish::Activate { order: ORDER }),
        asks(ADMIN, Wish::Dispatch { to: "MAUB", pick: Pick::Lowest(6, None), posing_as: None }),
        asks(MAUBEUGE, Wish::Accept(acceptance)),
    ];
    let give = |person| Wish::HandOut {
        person,
        case: Case::Senior,
        booklets: vec![person],
        exception: None,
        key: 1,
        agrees: person < 3,
    };
    events.extend((1..=4).map(|person| asks(MAUBEUGE, give(person))));
    events
}

/// Some passes spent at either provider, a month ago; both have named an account.
fn spent(today: Day) -> Vec<Event> {
    let spend = |office: &'static str, venue: &'static str, codes: Vec<Pass>| {
        let service = Service::AdministrativeHelp;
        asks(Who::of(office, Role::VenueAgent), Wish::Redeem { venue, codes, service, on: today, away: None })
    };
    let account = |provider| Event::Changes(Change::Payee { provider, by: Who::of(provider, Role::VenueAgent) });
    vec![
        spend("LIEUX", "Maubeuge", (1..=4).map(|rank| (1, rank)).collect()),
        spend("MOBI", "Bus", vec![(2, 1), (2, 2)]),
        spend("LIEUX", "Avesnes", vec![(3, 1), (2, 3)]),
        spend("LIEUX", "Avesnes", vec![(3, 2)]),
        account("LIEUX"),
        account("MOBI"),
        Event::TimePasses(29 * 24 * 60 * 60),
    ]
}
