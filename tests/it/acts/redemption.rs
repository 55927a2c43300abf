//! Redemptions and reversals.

use recepisse::domain::ids::DeviceId;
use recepisse::domain::party::Service;
use recepisse::domain::redemption::{Redeem, ReversalReason, Reverse};
use recepisse::domain::refusal::Code;
use recepisse::domain::territory::CommuneCode;
use recepisse::domain::text::ReceiptNumber;
use recepisse::domain::time::{Day, Instant};
use recepisse::domain::visit::{Offline, Visit};
use recepisse::receipts::Mention;

use crate::conservation::balances;
use crate::harness::{Hand, Person, Raw, World, on_every_engine};

fn reversal(number: &str) -> Reverse {
    Reverse { number: ReceiptNumber::parse(number).unwrap(), reason: ReversalReason::EnteredByMistake }
}

/// What the agents of LIEUX are told when they try this with the first pass of booklet 1.
fn told(world: &World, change: impl Fn(&mut Redeem)) -> Code {
    let mut act = world.redeem("Maubeuge", world.codes(1, [1]));
    change(&mut act);
    world.venue_agent("LIEUX").is_told(act)
}

#[test]
fn passes_are_spent_together_under_one_receipt() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(2);
        let codes = [world.codes(1, [1, 3]), world.codes(2, [10])].concat();
        let receipt = world.venue_agent("LIEUX").does(world.redeem("Maubeuge", codes));
        assert_eq!((receipt.body().total.passes, receipt.body().total.cents), (3, 3_000));
        assert_eq!(receipt.body().lines[0].items.len(), 3);
    });
}

#[test]
fn one_bad_code_spoils_the_lot_and_nothing_is_spent() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        let before = balances(world);
        let mut codes = world.codes(1, 1..=3);
        codes.push([0xAB; 32]);
        assert_eq!(world.venue_agent("LIEUX").is_told(world.redeem("Maubeuge", codes)), Code::CodeUnknown);
        let twice = world.codes(1, [1, 2, 1]);
        assert_eq!(world.venue_agent("LIEUX").is_told(world.redeem("Maubeuge", twice)), Code::CodeRepeated);
        assert_eq!(balances(world), before);
        let mut raw = Raw::on(&world.place);
        assert_eq!(raw.number("SELECT COUNT(*) AS answer FROM refused_scans"), 2, "the attempts are kept");
        assert_eq!(raw.number("SELECT MAX(unknown_codes) AS answer FROM refused_scans"), 1);
    });
}

#[test]
fn one_to_twenty_codes_make_a_redemption() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(3);
        assert_eq!(told(world, |act| act.codes.clear()), Code::QuantityOutOfRange);
        let many = [world.codes(1, 1..=10), world.codes(2, 1..=10), world.codes(3, [1])].concat();
        assert_eq!(told(world, |act| act.codes.clone_from(&many)), Code::QuantityOutOfRange);
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", many[..20].to_vec()));
    });
}

#[test]
fn the_venue_is_approved_the_callers_own_and_inside_the_territory() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        assert_eq!(told(world, |act| act.venue = world.venue("Louvroil")), Code::VenueNotApproved);
        assert_eq!(told(world, |act| act.venue = world.venue("Bus")), Code::VenueUnknown);
        assert_eq!(told(world, |act| act.venue = world.venue("Lille")), Code::VenueOutsideTerritory);
        // A venue that stands still is where it is, whatever is said.
        let nowhere = CommuneCode::parse("75056").unwrap();
        let mut mobile = world.redeem("Bus", world.codes(1, [1]));
        mobile.performed_in = Some(nowhere);
        assert_eq!(world.venue_agent("MOBI").is_told(mobile), Code::VenueOutsideTerritory);
        let mut still = world.redeem("Maubeuge", world.codes(1, [1]));
        still.performed_in = Some(nowhere);
        world.venue_agent("LIEUX").does(still);
        let mut in_maubeuge = world.redeem("Bus", world.codes(1, [2]));
        in_maubeuge.performed_in = Some(CommuneCode::parse("59392").unwrap());
        world.venue_agent("MOBI").does(in_maubeuge);
    });
}

#[test]
fn the_service_is_payable_and_offered_there() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        assert_eq!(told(world, |act| act.service = Service::Equipment), Code::ServiceNotPayable);
        assert_eq!(told(world, |act| act.service = Service::Leisure), Code::ServiceNotOffered);
    });
}

#[test]
fn a_programme_that_is_closed_pays_nothing() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        world.change_programme(|programme| programme.active = false);
        assert_eq!(told(world, |_| ()), Code::ProgrammeInactive);
    });
}

#[test]
fn a_pass_is_spent_once_and_only_after_activation_and_hand_out() {
    on_every_engine(|world| {
        world.region_admin().does(world.order("CMD-1", 2));
        let mut delivery = world.delivery("CMD-1", 1..=2);
        delivery.damaged = vec![delivery.received[1].id];
        world.region_admin().does(delivery);
        assert_eq!(told(world, |_| ()), Code::NotActivated);
        world.region_finance().does(world.activation("CMD-1"));
        assert_eq!(told(world, |_| ()), Code::NotHandedOut);
        assert_eq!(told(world, |act| act.codes = world.codes(2, [1])), Code::Blocked);
        world.region_admin().does(world.dispatch("MAUB", 1));
        assert_eq!(told(world, |_| ()), Code::NotHandedOut);
        world.prescriber("MAUB").does(world.acceptance(1, "MAUB", [1]));
        assert_eq!(told(world, |_| ()), Code::NotHandedOut);
        world.prescriber("MAUB").does(world.hand_out(&Person::senior(world, 1), [1]));
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, [1])));
        let refusal = world.venue_agent("LIEUX").is_refused(world.redeem("Maubeuge", world.codes(1, [2, 1])));
        assert_eq!(refusal.code, Code::AlreadyRedeemed);
        assert!(refusal.about.iter().any(|(name, value)| name == "serial" && value.ends_with("/01")), "{refusal:?}");
    });
}

#[test]
fn a_code_of_another_programme_is_unknown_here() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        let there = Hand { programme: world.second_programme(), ..world.venue_agent("LIEUX") };
        assert_eq!(there.is_told(world.redeem("Maubeuge", world.codes(1, [1]))), Code::CodeUnknown);
    });
}

#[test]
fn a_service_took_place_between_the_hand_out_and_today() {
    on_every_engine(|world| {
        world.clock.advance_days(1);
        world.hand_out_at_maubeuge(1);
        let day = |day| Day::new(2021, 10, day).unwrap();
        assert_eq!(told(world, |act| act.performed_on = day(6)), Code::DateInFuture);
        assert_eq!(told(world, |act| act.performed_on = day(4)), Code::PerformedBeforeHandOut);
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, [1])));
    });
}

#[test]
fn passes_can_be_spent_until_the_last_day_of_grace_in_paris() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        // Validity ends on 30 June 2023; thirty days of grace end on 30 July, at midnight in Paris: 22:00 UTC.
        world.clock.set(Instant::parse("2023-07-30T21:59:59.999Z").unwrap());
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, [1])));
        world.clock.set(Instant::parse("2023-07-30T22:00:00.000Z").unwrap());
        assert_eq!(told(world, |act| act.codes = world.codes(1, [2])), Code::Expired);
        let yesterday = Day::new(2023, 7, 30).unwrap();
        let late = |act: &mut Redeem| {
            act.codes = world.codes(1, [2]);
            act.performed_on = yesterday;
        };
        assert_eq!(told(world, late), Code::Expired, "what was done in time must be claimed in time");
    });
}

#[test]
fn a_redemption_is_undone_once_and_the_passes_are_good_again() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        let before = balances(world);
        let agent = world.venue_agent("LIEUX");
        let spent = agent.does(world.redeem("Maubeuge", world.codes(1, 1..=2)));
        let number = spent.body().number.as_str();
        let undone = agent.does(reversal(number));
        assert_eq!(undone.body().corrects.as_deref(), Some(number));
        assert_eq!(balances(world), before);
        assert_eq!(agent.is_told(reversal(number)), Code::AlreadyReversed);
        agent.does(world.redeem("Maubeuge", world.codes(1, 2..=3)));
    });
}

#[test]
fn a_provider_undoes_its_own_redemptions_on_the_same_day_and_the_region_later() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        let spent = world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, [1])));
        let number = spent.body().number.as_str();
        assert_eq!(world.venue_agent("MOBI").is_told(reversal(number)), Code::RedemptionUnknown);
        assert_eq!(world.venue_agent("LIEUX").is_told(reversal("HDF21-LIEUX-2021-000009")), Code::RedemptionUnknown);
        world.clock.advance_days(1);
        assert_eq!(world.venue_agent("LIEUX").is_told(reversal(number)), Code::ReversalTooLate);
        world.region_finance().does(reversal(number));
    });
}

#[test]
fn a_redemption_of_another_programme_cannot_be_undone_from_here() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        let spent = world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, [1])));
        let there = Hand { programme: world.second_programme(), ..world.region_finance() };
        assert_eq!(there.is_told(reversal(&spent.body().number)), Code::RedemptionUnknown, "{}", world.engine());
        world.region_finance().does(reversal(&spent.body().number));
    });
}

#[test]
fn a_visit_is_noted_with_what_can_be_and_without_a_network_only_so_much_is_taken() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        let agent = world.venue_agent("LIEUX");
        let with = |visit: Visit, ranks: std::ops::RangeInclusive<u8>| Redeem {
            visit,
            ..world.redeem("Maubeuge", world.codes(1, ranks))
        };
        let device = DeviceId::parse("019acd0f-1f2e-7a10-8c4d-2f6b1f0e9a80").unwrap();
        let noted = |counter| Visit {
            offline: Some(Offline { device, counter, scanned_at: world.now(), floor_passes: 2 }),
            ..Visit::default()
        };
        assert_eq!(agent.is_told(with(noted(1), 1..=3)), Code::OfflineFloorExceeded);
        assert_eq!(agent.is_told(with(noted(0), 1..=1)), Code::QuantityOutOfRange);
        let long = Visit { minutes: Some(601), ..Visit::default() };
        assert_eq!(agent.is_told(with(long, 1..=1)), Code::QuantityOutOfRange);
        let workshop = Visit { first: Some(false), minutes: Some(90), participants: Some(8), ..noted(1) };
        let body = agent.does(with(workshop, 1..=2)).body().clone();
        assert_eq!(body.mentions["participants"], Mention::Number(8));
        assert_eq!(body.mentions["device_counter"], Mention::Number(1));
        assert_eq!(body.mentions["first_visit"], Mention::Text("no".to_owned()));
        let mut raw = Raw::on(&world.place);
        assert_eq!(raw.number("SELECT MAX(minutes * 1000 + participants) AS answer FROM redemptions"), 90_008);
    });
}
