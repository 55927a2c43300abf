//! Payees, payments and what the bank says of them, through the ledger.

use recepisse::audit;
use recepisse::clock::SeededEntropy;
use recepisse::domain::account::{Account, Iban};
use recepisse::domain::act::{Act as _, Context};
use recepisse::domain::claims::{
    Approve, ClaimRules, ClaimState, MakeClaim, Reject, RejectionReason, Suspend, SuspensionReason,
};
use recepisse::domain::facts::{Needs, Stamp};
use recepisse::domain::ids::BookletId;
use recepisse::domain::money::Cents;
use recepisse::domain::month::Month;
use recepisse::domain::party::Role;
use recepisse::domain::payments::{
    BankReturn, ConfirmPayee, Debtor, LegalForm, LineState, OrderPayment, Outcome, Payment, Planned, Told,
};
use recepisse::domain::refusal::Code;
use recepisse::domain::text::{BankReason, Label};
use recepisse::domain::time::{Day, Instant};
use recepisse::ledger::prefetch;
use recepisse::payees::{self, Proposed, close_debtor};
use recepisse::receipts::Mention;
use recepisse::reports::{CsvOptions, Export, Format, Request, open};
use recepisse::store::{ClaimFilter, Proposal, StoreError};

use crate::conservation::balances;
use crate::harness::{Hand, Raw, World, on_every_engine, reference};

pub(crate) const FIRST: &str = "FR7630006000011234567890189";
const OTHER: &str = "DE89370400440532013000";

/// Proposes an account for LIEUX, as its agent or somebody of the Region does over HTTP. Answers its number.
pub(crate) fn propose(world: &World, by: &Hand<'_>, iban: &str) -> i64 {
    let holder = Label::parse("Les lieux numériques").unwrap();
    let account = Account { holder, iban: Iban::parse(iban).unwrap(), bic: None };
    let actor = by.caller.actor();
    world.write(|tx| {
        let number = tx.last_payee(world.programme.no)? + 1;
        let (provider, legal_form) = (world.organisation("LIEUX"), LegalForm::Association);
        let proposed = Proposed { number, provider, legal_form };
        let code = &world.programme.code;
        let made = payees::propose(&world.keys, &*world.entropy, code, proposed, &account, (actor, world.day()));
        let (payee, closed) = made.unwrap();
        let key = format!("key-{number}");
        let proposal = Proposal { account: &closed, key_digest: &key, fingerprint: "request" };
        tx.insert_payee(world.programme.no, &payee, proposal)?;
        Ok(number)
    })
}

pub(crate) fn debtor(world: &World) -> Debtor {
    let iban = Iban::parse("FR7630001007941234567890185").unwrap();
    let account = Account { holder: Label::parse("Région Hauts-de-France").unwrap(), iban, bic: None };
    close_debtor(&world.keys, &SeededEntropy::new(1), &world.programme.code, &account).unwrap()
}

/// Claims 1 and 2 of LIEUX, of three passes and of one, both approved; payee 1 confirmed; the debtor known.
pub(super) fn due(world: &World) {
    world.hand_out_at_maubeuge(2);
    world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, 1..=3)));
    world.clock.set(Instant::parse("2021-11-02T08:00:00.000Z").unwrap());
    world.venue_agent("LIEUX").does(claim_of(world, "2021-10"));
    world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(2, [5])));
    world.clock.set(Instant::parse("2021-12-02T08:00:00.000Z").unwrap());
    world.venue_agent("LIEUX").does(claim_of(world, "2021-11"));
    let approver = world.newcomer("HDF", Role::RegionFinance);
    for claim in [1, 2] {
        approver.does(Approve { claim });
    }
    let payee = propose(world, &world.venue_agent("LIEUX"), FIRST);
    world.region_finance().does(ConfirmPayee { payee });
    assert_eq!(world.region_finance().is_told(order(world, 1, &[(1, 3000)])), Code::DebtorMissing);
    world.write(|tx| {
        let rules = ClaimRules { debtor: Some(debtor(world)), ..ClaimRules::default() };
        assert!(tx.keep_claim_rules(world.programme.no, &rules, 0)?);
        Ok(())
    });
}

fn claim_of(world: &World, month: &str) -> MakeClaim {
    MakeClaim { provider: world.organisation("LIEUX"), month: Month::parse(month).unwrap(), again: Vec::new() }
}

/// The order to pay claims with payee 1, as payment `number`.
pub(super) fn order(world: &World, number: i64, claims: &[(i64, i64)]) -> OrderPayment {
    let transfer = |(claim, cents): &(i64, i64)| Planned {
        claim: *claim,
        payee: 1,
        amount: Cents::new(*cents),
        netted: Cents::ZERO,
    };
    let transfers: Vec<Planned> = claims.iter().map(transfer).collect();
    let payment = Payment {
        number,
        made_at: world.now(),
        execute_on: world.day(),
        payment_order: reference(&format!("2021-MP-{number}")),
        bordereau: Some(reference("2021-BJ-118")),
        engagement: None,
        debtor: debtor(world),
        file_hash: "a5".repeat(32),
        total: Cents::new(claims.iter().map(|(_, cents)| cents).sum()),
    };
    OrderPayment { payment, transfers, net: true }
}

pub(super) fn told(payment: i64, line: i64, outcome: Outcome, cents: i64) -> Told {
    let reason = (outcome != Outcome::Executed).then(|| BankReason::parse("AC04").unwrap());
    let on = Day::new(2021, 12, 3).unwrap();
    Told { transfer: (payment, line), outcome, on, amount: Some(Cents::new(cents)), reason, place: 2 }
}

pub(super) fn file(mark: &str, told: Vec<Told>) -> BankReturn {
    BankReturn { file_hash: mark.repeat(32), format: "csv", told }
}

pub(super) fn claim_state(world: &World, number: i64) -> ClaimState {
    let claims = world.store.read::<_, StoreError>(|tx| tx.claims(world.programme.no, ClaimFilter::default(), 0, 50));
    claims.unwrap().into_iter().find(|claim| claim.number == number).unwrap().state
}

pub(super) fn line_state(world: &World, payment: i64, line: i64) -> LineState {
    let lines = world.store.read::<_, StoreError>(|tx| tx.payment_lines(world.programme.no, payment)).unwrap();
    lines.into_iter().find(|known| known.line == line).unwrap().state
}

pub(super) fn held(world: &World, holder: &str) -> (i64, i64) {
    balances(world).get(&(format!("{holder}:LIEUX"), "1-1".to_owned())).copied().unwrap_or_default()
}

pub(super) fn is_sound(world: &World) {
    let key = world.keys.seal_key().verifying_key();
    audit::verify(&world.store, &[key], &world.programme, &mut |_, _| {}).unwrap();
}

#[test]
fn an_account_is_confirmed_by_somebody_else_and_a_change_waits() {
    on_every_engine(|world| {
        let finance = world.region_finance();
        assert_eq!(finance.is_told(ConfirmPayee { payee: 1 }), Code::PayeeUnknown);
        let first = propose(world, &world.venue_agent("LIEUX"), FIRST);
        let receipt = finance.does(ConfirmPayee { payee: first });
        assert_eq!(receipt.body().mentions["first_account"], Mention::Number(1));
        assert_eq!(receipt.body().mentions["effective_on"], Mention::Text("2021-10-04".to_owned()));
        assert!(!receipt.bytes().contains("3000600001") && !receipt.bytes().contains("numériques\",\"iban"));
        assert_eq!(finance.is_told(ConfirmPayee { payee: first }), Code::PayeeConfirmedAlready);
        let own = propose(world, &finance, OTHER);
        assert_eq!(finance.is_told(ConfirmPayee { payee: own }), Code::PayeeSamePerson);
        let later = propose(world, &world.region_admin(), OTHER);
        assert_eq!(
            world.newcomer("HDF", Role::RegionFinance).is_told(ConfirmPayee { payee: own }),
            Code::PayeeSuperseded
        );
        let changed = finance.does(ConfirmPayee { payee: later });
        assert_eq!(changed.body().mentions["effective_on"], Mention::Text("2021-10-07".to_owned()));
        let mut raw = Raw::on(&world.place);
        let clear = "SELECT COUNT(*) AS answer FROM payees WHERE masked LIKE '%3000600001%'";
        assert_eq!(raw.number(clear), 0);
    });
}

#[test]
fn only_approved_claims_of_a_payee_in_force_are_paid_and_each_once() {
    on_every_engine(|world| {
        due(world);
        let finance = world.region_finance();
        assert_eq!(finance.is_told(order(world, 1, &[])), Code::SelectionEmpty);
        assert_eq!(finance.is_told(order(world, 1, &[(1, 3000), (1, 3000)])), Code::ClaimNamedTwice);
        assert_eq!(finance.is_told(order(world, 1, &[(9, 1)])), Code::ClaimUnknown);
        let mut early = order(world, 1, &[(1, 3000)]);
        early.payment.execute_on = Day::new(2021, 12, 1).unwrap();
        assert_eq!(finance.is_told(early), Code::ExecutionPast);
        for changed in [order(world, 2, &[(1, 3000)]), order(world, 1, &[(1, 2999)])] {
            assert_eq!(finance.is_told(changed), Code::PaymentChanged);
        }
        let mut other_debtor = order(world, 1, &[(1, 3000)]);
        other_debtor.payment.debtor.account.push_str("00");
        assert_eq!(finance.is_told(other_debtor), Code::PaymentChanged);
        let receipt = finance.does(order(world, 1, &[(1, 3000)]));
        // The account from which is paid stands nowhere in clear.
        let mut raw = Raw::on(&world.place);
        for (table, column) in [("claim_rules", "document"), ("payments", "debtor")] {
            let clear =
                format!("SELECT COUNT(*) AS answer FROM {table} WHERE {column} LIKE '%30001007941234567890185%'");
            assert_eq!(raw.number(&clear), 0);
        }
        assert_eq!(receipt.body().mentions["payment_cents"], Mention::Number(3_000));
        assert_eq!(receipt.body().mentions["file_hash"], Mention::Text("a5".repeat(32)));
        assert_eq!((claim_state(world, 1), held(world, "claimed")), (ClaimState::Ordered, (4, 4_000)));
        assert_eq!(finance.is_told(order(world, 2, &[(1, 3000)])), Code::ClaimNotApproved);
        let late = Reject {
            claim: 1,
            passes: vec![BookletId::new(world.programme.no, 1).pass(1)],
            reason: RejectionReason::EvidenceMissing,
            reference: None,
        };
        assert_eq!(finance.is_told(late), Code::ClaimNotOpen);
        is_sound(world);
    });
}

/// In the group in which it is ordered the passes of a payment are not in sight: they would stay where they are while the
/// claim is paid.
#[test]
fn a_bank_is_not_believed_on_a_payment_of_its_own_group() {
    on_every_engine(|world| {
        due(world);
        let (order, returned) = (order(world, 1, &[(1, 3000)]), file("01", vec![told(1, 1, Outcome::Executed, 3000)]));
        let mut needs = Needs::default();
        order.needs(&mut needs);
        returned.needs(&mut needs);
        let no = world.programme.no;
        let mut facts = world.store.read(|tx| prefetch::facts(tx, no, &needs)).unwrap().unwrap();
        let actor = world.region_finance().caller.actor().clone();
        let context = Context { at: world.now(), day: world.day(), actor };
        let ordered = order.decide(&facts, &context).unwrap();
        facts.apply(
            &ordered,
            &Stamp { position: 99, number: "HDF21-HDF-2021-000099".to_owned(), day: world.day() },
            "",
        );
        assert_eq!(returned.decide(&facts, &context).unwrap_err().code, Code::TransferUnknown);
    });
}

#[test]
fn whoever_approved_a_claim_does_not_order_its_payment() {
    on_every_engine(|world| {
        due(world);
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(2, [6])));
        world.clock.set(Instant::parse("2022-01-03T08:00:00.000Z").unwrap());
        world.venue_agent("LIEUX").does(claim_of(world, "2021-12"));
        world.region_finance().does(Approve { claim: 3 });
        let both = [(1, 3000), (3, 1000)];
        assert_eq!(world.region_finance().is_told(order(world, 1, &both)), Code::PaymentSamePerson);
        world.newcomer("HDF", Role::RegionFinance).does(order(world, 1, &both));
        is_sound(world);
    });
}

#[test]
fn a_provider_without_a_confirmed_account_is_not_paid() {
    on_every_engine(|world| {
        world.hand_out_at_maubeuge(1);
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, [1])));
        world.clock.set(Instant::parse("2021-11-02T08:00:00.000Z").unwrap());
        world.venue_agent("LIEUX").does(claim_of(world, "2021-10"));
        world.region_finance().does(Approve { claim: 1 });
        propose(world, &world.venue_agent("LIEUX"), FIRST);
        assert_eq!(world.region_finance().is_told(order(world, 1, &[(1, 1000)])), Code::PayeeMissing);
    });
}

#[test]
fn the_bank_alone_makes_a_pass_paid_and_due_again() {
    on_every_engine(|world| {
        due(world);
        let finance = world.region_finance();
        finance.does(order(world, 1, &[(1, 3000), (2, 1000)]));
        let paid =
            finance.does(file("01", vec![told(1, 1, Outcome::Executed, 3000), told(1, 2, Outcome::Rejected, 1000)]));
        assert_eq!(paid.body().total.passes, 3);
        assert_eq!(paid.body().mentions["claims_rejected"], Mention::Text("2".to_owned()));
        assert_eq!((held(world, "paid"), held(world, "claimed")), ((3, 3_000), (1, 1_000)));
        assert_eq!((claim_state(world, 1), claim_state(world, 2)), (ClaimState::Paid, ClaimState::Approved));
        is_sound(world);
        // What was rejected is due, and is ordered again.
        finance.does(order(world, 2, &[(2, 1000)]));
        assert_eq!(finance.is_told(order(world, 3, &[(2, 1000)])), Code::ClaimNotApproved);
        finance.does(file("02", vec![told(2, 1, Outcome::Executed, 1000)]));
        let back = finance.does(file("03", vec![told(1, 1, Outcome::Returned, 3000)]));
        assert_eq!((&*back.body().lines[0].from, &*back.body().lines[0].to), ("paid:LIEUX", "claimed:LIEUX"));
        assert_eq!((claim_state(world, 1), line_state(world, 1, 1)), (ClaimState::Approved, LineState::Returned));
        assert_eq!((held(world, "paid"), held(world, "claimed")), ((1, 1_000), (3, 3_000)));
        is_sound(world);
    });
}

#[test]
fn a_file_is_taken_once_and_says_only_what_can_be() {
    on_every_engine(|world| {
        due(world);
        let finance = world.region_finance();
        finance.does(order(world, 1, &[(1, 3000), (2, 1000)]));
        let executed = || told(1, 1, Outcome::Executed, 3000);
        assert_eq!(finance.is_told(file("01", Vec::new())), Code::BankFileEmpty);
        assert_eq!(finance.is_told(file("01", vec![executed(), executed()])), Code::TransferNamedTwice);
        assert_eq!(finance.is_told(file("01", vec![told(1, 3, Outcome::Executed, 1)])), Code::TransferUnknown);
        assert_eq!(finance.is_told(file("01", vec![told(1, 1, Outcome::Executed, 2999)])), Code::TransferAmount);
        assert_eq!(finance.is_told(file("01", vec![told(1, 1, Outcome::Returned, 3000)])), Code::TransferState);
        finance.does(file("01", vec![executed()]));
        assert_eq!(finance.is_told(file("01", vec![told(1, 2, Outcome::Executed, 1000)])), Code::BankFileTaken);
        assert_eq!(finance.is_told(file("02", vec![executed()])), Code::TransferState);
        assert_eq!(
            world
                .newcomer("HDF", Role::RegionFinance)
                .does(file("02", vec![told(1, 2, Outcome::Executed, 1000)]))
                .body()
                .total
                .passes,
            1
        );
    });
}

/// The guard under the rules: one claim in two transfers that the bank has not refused.
#[test]
fn the_database_refuses_a_claim_in_two_open_transfers() {
    on_every_engine(|world| {
        due(world);
        world.region_finance().does(order(world, 1, &[(1, 3000)]));
        let again = "INSERT INTO payment_lines SELECT programme_no, payment, line + 1, claim, payee, amount_cents, state, \
                     state_on, reason, netted_cents FROM payment_lines";
        let mut raw = Raw::on(&world.place);
        assert!(raw.run(again).is_err(), "{}", world.engine());
        raw.run(&again.replace("state_on, reason", "state_on, 'AC04'")).unwrap();
    });
}

/// One claim is paid, the other comes back from the bank: both are told as they stand, and as they stood.
#[test]
fn the_register_of_claims_tells_each_from_its_month_to_the_banks_word() {
    on_every_engine(|world| {
        due(world);
        let finance = world.region_finance();
        let register = |as_of: &str| -> Vec<String> {
            let request = Request::new(world.programme.code.clone(), Day::parse(as_of).unwrap());
            let report = open("claims", &world.store, &request).unwrap();
            let mut bytes = Vec::new();
            Export::new(report, Format::Csv(CsvOptions::default())).write_to(&mut bytes).unwrap();
            let text = String::from_utf8(bytes).unwrap();
            // From the month to the day of payment: who was paid is said before, account and passes after.
            let told = |line: &str| line.split(',').skip(4).take(15).collect::<Vec<_>>().join(",");
            text.lines().skip(1).take(2).map(told).collect()
        };
        finance.does(order(world, 1, &[(1, 3000), (2, 1000)]));
        world.clock.set(Instant::parse("2021-12-03T08:00:00.000Z").unwrap());
        let outcomes = vec![told(1, 1, Outcome::Executed, 3000), told(1, 2, Outcome::Rejected, 1000)];
        finance.does(file("c1", outcomes));
        let said = |number: &str, claimed: &str, due: &str, state: &str, passes: i64, paid: &str| {
            format!(
                "{number},{claimed},{due},0,{state},{passes},0,{},0,2021-MP-1,2021-BJ-118,2021-12-02,{paid}",
                passes * 1000
            )
        };
        // Paid on the day after the last.
        let first = said("2021-10,HDF21-LIEUX-2021-000002", "2021-11-02", "2021-12-02", "paid", 3, "2021-12-03,1");
        let second = said("2021-11,HDF21-LIEUX-2021-000004", "2021-12-02", "2022-01-01", "approved", 1, ",0");
        assert_eq!(register("2021-12-03"), [first.clone(), second.clone()], "{}", world.engine());
        let then =
            [first.replace("paid", "ordered").replace("2021-12-03,1", ",0"), second.replace("approved", "ordered")];
        assert_eq!(register("2021-12-02"), then, "{}", world.engine());
        world.clock.set(Instant::parse("2022-01-06T08:00:00.000Z").unwrap());
        let later = [first, second.replace(",,0", ",,5")];
        assert_eq!(register("2022-01-06"), later, "{}: what is not paid is later every day", world.engine());
        let (reason, passes, reference) = (SuspensionReason::EvidenceAsked, Vec::new(), None);
        finance.does(Suspend { claim: 2, reason, passes, reference });
        world.clock.advance_days(10);
        assert_eq!(register("2022-01-16"), later, "{}: while it is suspended it does not get later", world.engine());
    });
}
