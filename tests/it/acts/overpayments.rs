//! What was paid and ought not to have been, through the ledger: stated, taken off, asked for, come back.

use recepisse::domain::claims::{Approve, ClaimState, MakeClaim, RejectionReason, Suspend, SuspensionReason};
use recepisse::domain::ids::{BookletId, PassId};
use recepisse::domain::money::Cents;
use recepisse::domain::month::Month;
use recepisse::domain::payments::{LineState, NoteOverpayment, Offset, OrderPayment, OrderRevenue, Outcome};
use recepisse::domain::refusal::Code;
use recepisse::domain::time::Instant;
use recepisse::receipts::Mention;
use recepisse::reports::{Request, Value, open};
use recepisse::store::StoreError;

use super::payments::{claim_state, due, file, held, is_sound, line_state, order, told};
use crate::harness::{World, on_every_engine, reference, second_opinion, short_code};

fn pass(world: &World, rank: u8) -> PassId {
    BookletId::new(world.programme.no, 1).pass(rank)
}

fn wrongly_paid(claim: i64, passes: Vec<PassId>) -> NoteOverpayment {
    let reference = Some(reference("COURRIER-2021-118"));
    NoteOverpayment { claim, passes, reason: RejectionReason::PaidOtherwise, reference }
}

fn revenue(world: &World, cents: i64, number: &str) -> OrderRevenue {
    OrderRevenue { provider: world.organisation("LIEUX"), amount: Cents::new(cents), number: reference(number) }
}

/// Payment `number` of claim 2, less what is taken off.
fn less(world: &World, number: i64, netted: i64) -> OrderPayment {
    let mut order = order(world, number, &[(2, 1000 - netted)]);
    order.transfers[0].netted = Cents::new(netted);
    order
}

fn owed(world: &World) -> i64 {
    let owed: Result<_, StoreError> = world.store.read(|tx| tx.owed(world.programme.no));
    owed.unwrap().get(&world.organisation("LIEUX")).copied().unwrap_or(0)
}

fn text(words: &str) -> Mention {
    Mention::Text(words.to_owned())
}

/// Every table of payments filled: claim 1 paid and overpaid, a part of it asked for, the rest taken off claim 2.
pub(crate) fn settled(world: &World) {
    overpaid(world);
    world.region_finance().does(revenue(world, 400, "2021-TR-1"));
    world.region_finance().does(less(world, 2, 600));
}

/// Claim 1 paid, and one of its three passes found to be paid otherwise.
fn overpaid(world: &World) {
    due(world);
    let finance = world.region_finance();
    finance.does(order(world, 1, &[(1, 3000)]));
    finance.does(file("01", vec![told(1, 1, Outcome::Executed, 3000)]));
    let receipt = finance.does(wrongly_paid(1, vec![pass(world, 1)]));
    assert_eq!(receipt.body().mentions["owed_cents"], Mention::Number(1000));
}

#[test]
fn passes_of_a_paid_claim_go_back_and_their_value_is_owed() {
    on_every_engine(|world| {
        due(world);
        let finance = world.region_finance();
        assert_eq!(finance.is_told(wrongly_paid(9, vec![pass(world, 1)])), Code::ClaimUnknown);
        assert_eq!(finance.is_told(wrongly_paid(1, vec![pass(world, 1)])), Code::ClaimNotPaid);
        finance.does(order(world, 1, &[(1, 3000)]));
        finance.does(file("01", vec![told(1, 1, Outcome::Executed, 3000)]));
        assert_eq!(finance.is_told(wrongly_paid(1, Vec::new())), Code::SelectionEmpty);
        let receipt = finance.does(wrongly_paid(1, vec![pass(world, 1)]));
        assert_eq!((&*receipt.body().lines[0].from, &*receipt.body().lines[0].to), ("paid:LIEUX", "provider:LIEUX"));
        assert_eq!((held(world, "paid"), held(world, "provider")), ((2, 2_000), (1, 1_000)));
        assert_eq!((owed(world), claim_state(world, 1)), (1000, ClaimState::Paid));
        assert_eq!(finance.is_told(wrongly_paid(1, vec![pass(world, 1)])), Code::PassNotInClaim);
        is_sound(world);
        second_opinion(world);
    });
}

#[test]
fn what_is_owed_is_taken_off_the_next_payment_or_asked_for_by_a_revenue_order_and_never_twice() {
    on_every_engine(|world| {
        overpaid(world);
        let finance = world.region_finance();
        assert_eq!(finance.is_told(less(world, 2, 1000)), Code::NettingAbsorbsClaim);
        for cents in [0, 1001] {
            assert_eq!(finance.is_told(revenue(world, cents, "2021-TR-1")), Code::RevenueOrderBeyondDebt);
        }
        let asked = finance.does(revenue(world, 400, "2021-TR-1"));
        assert_eq!(asked.body().mentions["owed_cents"], Mention::Number(600));
        assert_eq!(finance.is_told(revenue(world, 1, "2021-TR-1")), Code::RevenueOrderTaken);
        // Mandats and titres are two series: either may have a number of the other.
        let dry = finance.caller.permit(recepisse::domain::movement::Kind::RevenueOrder).unwrap();
        let act = Box::new(revenue(world, 1, "2021-MP-1"));
        let submission = recepisse::ledger::Submission::new(dry, world.programme.no, act, None).unwrap();
        assert!(world.ledger.dry_run(&submission).unwrap().is_ok());
        let mut used = less(world, 2, 600);
        used.payment.payment_order = reference("2021-MP-1");
        assert_eq!(finance.is_told(used), Code::PaymentOrderTaken);
        assert_eq!(finance.is_told(less(world, 2, 599)), Code::PaymentChanged);
        let ordered = finance.does(less(world, 2, 600));
        assert_eq!(ordered.body().mentions["netted"], text("2 LIEUX 600"));
        assert_eq!((&ordered.body().mentions["payment_cents"], owed(world)), (&Mention::Number(400), 0));
        is_sound(world);
        // What was taken off in vain is owed again.
        let rejected = finance.does(file("02", vec![told(2, 1, Outcome::Rejected, 400)]));
        assert_eq!(rejected.body().mentions["netting_undone"], text("2 LIEUX 600"));
        assert_eq!(owed(world), 600);
        is_sound(world);
        finance.does(less(world, 3, 600));
        finance.does(file("03", vec![told(3, 1, Outcome::Executed, 400)]));
        assert_eq!((owed(world), held(world, "paid")), (0, (3, 3_000)));
        // What has been recovered cannot come back once more.
        let back = file("04", vec![told(1, 1, Outcome::Returned, 3000)]);
        assert_eq!(finance.is_told(back), Code::TransferOverpaid);
        is_sound(world);
        second_opinion(world);
    });
}

/// Claim 1 paid and all of its three passes found to be paid otherwise: more than claim 2 is worth.
#[test]
fn a_claim_that_a_debt_absorbs_is_settled_against_it_without_the_bank() {
    on_every_engine(|world| {
        overpaid(world);
        let finance = world.region_finance();
        assert_eq!(finance.is_told(Offset { claim: 9 }), Code::ClaimUnknown);
        assert_eq!(finance.is_told(Offset { claim: 1 }), Code::ClaimNotApproved);
        finance.does(revenue(world, 400, "2021-TR-1"));
        assert_eq!(finance.is_told(Offset { claim: 2 }), Code::OffsetBeyondDebt);
        finance.does(wrongly_paid(1, vec![pass(world, 2)]));
        assert_eq!(finance.is_told(less(world, 2, 1000)), Code::NettingAbsorbsClaim);
        let receipt = finance.does(Offset { claim: 2 });
        assert_eq!((&receipt.body().mentions["owed_cents"], owed(world)), (&Mention::Number(600), 600));
        assert_eq!((claim_state(world, 2), held(world, "claimed")), (ClaimState::Paid, (0, 0)));
        assert_eq!(finance.is_told(Offset { claim: 2 }), Code::ClaimNotApproved);
        is_sound(world);
        second_opinion(world);
    });
}

#[test]
fn whoever_approved_a_claim_does_not_settle_it() {
    on_every_engine(|world| {
        overpaid(world);
        let (finance, lieux) = (world.region_finance(), world.venue_agent("LIEUX"));
        lieux.does(world.redeem("Maubeuge", world.codes(2, [6])));
        world.clock.set(Instant::parse("2022-01-03T08:00:00.000Z").unwrap());
        let (provider, month) = (world.organisation("LIEUX"), Month::parse("2021-12").unwrap());
        lieux.does(MakeClaim { provider, month, again: Vec::new() });
        finance.does(Approve { claim: 3 });
        assert_eq!(finance.is_told(Offset { claim: 3 }), Code::PaymentSamePerson);
        let reason = SuspensionReason::EvidenceAsked;
        finance.does(Suspend { claim: 2, reason, passes: Vec::new(), reference: None });
        assert_eq!(finance.is_told(Offset { claim: 2 }), Code::ClaimSuspended);
    });
}

#[test]
fn who_pays_whole_takes_nothing_off() {
    on_every_engine(|world| {
        overpaid(world);
        let whole = OrderPayment { net: false, ..order(world, 2, &[(2, 1000)]) };
        let receipt = world.region_finance().does(whole);
        assert!(!receipt.body().mentions.contains_key("netted"));
        assert_eq!(owed(world), 1000);
        is_sound(world);
    });
}

#[test]
fn a_transfer_that_comes_back_brings_what_was_overpaid_with_it() {
    on_every_engine(|world| {
        overpaid(world);
        let receipt = world.region_finance().does(file("02", vec![told(1, 1, Outcome::Returned, 3000)]));
        assert_eq!(receipt.body().mentions["overpayments_returned"], text("LIEUX 1000"));
        assert_eq!((receipt.body().total.passes, owed(world)), (2, 0));
        assert_eq!((claim_state(world, 1), held(world, "claimed")), (ClaimState::Approved, (3, 3_000)));
        assert_eq!(registered(world), ("approved".to_owned(), [2, 1, 2000]), "what is due, and not what was paid");
        is_sound(world);
        second_opinion(world);
    });
}

/// Nothing of it was due, and the bank did not pay it after all: no payment of nothing is ordered, and nobody waits for one.
#[test]
fn a_claim_of_which_nothing_is_due_ends_when_its_transfer_comes_back() {
    on_every_engine(|world| {
        overpaid(world);
        let finance = world.region_finance();
        finance.does(wrongly_paid(1, vec![pass(world, 2), pass(world, 3)]));
        assert_eq!((owed(world), claim_state(world, 1)), (3000, ClaimState::Paid));
        let receipt = finance.does(file("02", vec![told(1, 1, Outcome::Returned, 3000)]));
        let mentions = &receipt.body().mentions;
        assert_eq!((&mentions["claims_returned"], &mentions["claims_ended"]), (&text("1"), &text("1")));
        assert_eq!((receipt.body().total.passes, owed(world)), (0, 0));
        assert_eq!((claim_state(world, 1), held(world, "claimed").0), (ClaimState::Rejected, 1));
        assert_eq!(registered(world), ("rejected".to_owned(), [0, 3, 0]));
        assert_eq!(finance.is_told(order(world, 2, &[(1, 0)])), Code::ClaimNotApproved);
        assert_eq!(finance.is_told(Offset { claim: 1 }), Code::ClaimNotApproved);
        is_sound(world);
        second_opinion(world);
        // Its passes may be claimed again, by name: they are not paid otherwise after all.
        let again = vec![pass(world, 1)];
        let (provider, month) = (world.organisation("LIEUX"), Month::parse("2021-10").unwrap());
        world.clock.set(Instant::parse("2022-01-03T08:00:00.000Z").unwrap());
        world.venue_agent("LIEUX").does(MakeClaim { provider, month, again });
        is_sound(world);
        second_opinion(world);
    });
}

#[test]
fn a_transfer_may_be_paid_and_come_back_in_one_file() {
    on_every_engine(|world| {
        due(world);
        let finance = world.region_finance();
        finance.does(order(world, 1, &[(1, 3000), (2, 1000)]));
        let words = || vec![told(1, 1, Outcome::Executed, 3000), told(1, 2, Outcome::Executed, 1000)];
        let mut back = words();
        back.push(told(1, 2, Outcome::Returned, 1000));
        let mut twice = back.clone();
        twice.push(told(1, 2, Outcome::Returned, 1000));
        assert_eq!(finance.is_told(file("01", twice)), Code::TransferNamedTwice);
        finance.does(file("01", back));
        assert_eq!((claim_state(world, 1), claim_state(world, 2)), (ClaimState::Paid, ClaimState::Approved));
        assert_eq!((line_state(world, 1, 2), held(world, "claimed")), (LineState::Returned, (1, 1_000)));
        is_sound(world);
        second_opinion(world);
    });
}

/// What the register of claims says of claim 1: its state, passes asked for and rejected, and cents.
fn registered(world: &World) -> (String, [i64; 3]) {
    let request = Request::new(world.programme.code.clone(), world.day());
    let mut opened = open("claims", &world.store, &request).unwrap();
    let columns = ["state", "passes", "rejected_passes", "value_cents"];
    let places = columns.map(|name| opened.columns.iter().position(|column| column.name == name).unwrap());
    let row = (opened.pages)().unwrap().unwrap_or_default().remove(0);
    let [state, passes, rejected, cents] = places.map(|place| row[place].clone());
    let Value::Text(state) = state else { panic!("{state:?}") };
    (state, [passes, rejected, cents].map(|value| value.number().unwrap()))
}

/// The figures of a line of a report, by its nature; nothing where there is no such line.
fn figures(world: &World, report: &str, nature: &str) -> Vec<i64> {
    let issuer = (report == "issuer-exposure").then(|| short_code("APTIC"));
    let request = Request { issuer, ..Request::new(world.programme.code.clone(), world.day()) };
    let mut opened = open(report, &world.store, &request).unwrap();
    let rows = (opened.pages)().unwrap().unwrap_or_default();
    let row = rows.into_iter().find(|row| matches!(&row[0], Value::Text(text) if text == nature));
    row.unwrap_or_default().iter().skip(1).filter_map(Value::number).collect()
}

#[test]
fn the_yearly_account_and_the_exposure_know_what_was_overpaid_and_what_came_back() {
    on_every_engine(|world| {
        let account = |nature: &str| figures(world, "programme-account", nature);
        let exposure = |nature: &str| figures(world, "issuer-exposure", nature);
        overpaid(world);
        assert_eq!(account("overpaid"), [1, 1000, 1, 1000], "{}", world.engine());
        assert_eq!(account("payment_returned"), [0, 0, 0, 0]);
        assert_eq!((account("overpaid_recovered"), account("overpaid_to_recover")), (vec![0; 2], vec![1000]));
        // The pass of claim 2, and the one that is not due any more: what was paid for it comes off.
        assert_eq!(exposure("redeemed_unpaid"), [2, 2000]);
        assert_eq!(exposure("overpaid_to_recover"), [0, -1000]);
        world.region_finance().does(revenue(world, 400, "2021-TR-1"));
        assert_eq!(account("overpaid_recovered"), vec![400; 2]);
        assert_eq!((account("overpaid_to_recover"), exposure("overpaid_to_recover")), (vec![600], vec![0, -600]));
        world.region_finance().does(less(world, 2, 600));
        assert_eq!((account("overpaid_to_recover"), exposure("overpaid_to_recover")), (vec![0], Vec::new()));
    });
}
