//! Claims: built from what was redeemed, approved by others than who made them, rejected in part, suspended and resumed.

use recepisse::audit;
use recepisse::domain::act::Act;
use recepisse::domain::claims::{
    Approve, ClaimRules, ClaimState, MakeClaim, Reject, RejectionReason, Resume, Suspend, SuspensionReason,
};
use recepisse::domain::ids::{BookletId, PassId};
use recepisse::domain::money::Cents;
use recepisse::domain::month::Month;
use recepisse::domain::party::{OrganisationKind, Role};
use recepisse::domain::programme::Payer;
use recepisse::domain::redemption::{ReversalReason, Reverse};
use recepisse::domain::refusal::Code;
use recepisse::domain::text::ReceiptNumber;
use recepisse::domain::time::Instant;
use recepisse::receipts::{Mention, Receipt};
use recepisse::store::{ClaimFilter, StoreError};

use crate::conservation::balances;
use crate::harness::{Hand, Raw, World, on_every_engine, reference};

fn october(world: &World, provider: &str) -> MakeClaim {
    let month = Month::parse("2021-10").unwrap();
    MakeClaim { provider: world.organisation(provider), month, again: Vec::new() }
}

fn pass(world: &World, booklet: u32, rank: u8) -> PassId {
    BookletId::new(world.programme.no, booklet).pass(rank)
}

fn rejection(claim: i64, passes: Vec<PassId>) -> Reject {
    Reject { claim, passes, reason: RejectionReason::EvidenceMissing, reference: Some(reference("COURRIER-118")) }
}

fn suspension(claim: i64) -> Suspend {
    Suspend { claim, reason: SuspensionReason::EvidenceAsked, passes: Vec::new(), reference: None }
}

fn reversal(of: &Receipt) -> Reverse {
    let number = ReceiptNumber::parse(&of.body().number).unwrap();
    Reverse { number, reason: ReversalReason::EnteredByMistake }
}

/// Two redemptions of LIEUX in October 2021, of three passes and of one, then the morning of 2 November.
fn redeemed(world: &World) -> [Receipt; 2] {
    world.hand_out_at_maubeuge(2);
    let first = world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(1, 1..=3)));
    world.clock.advance_days(20);
    let second = world.venue_agent("LIEUX").does(world.redeem("Avesnes", world.codes(2, [5])));
    world.clock.set(Instant::parse("2021-11-02T08:00:00.000Z").unwrap());
    [first, second]
}

/// The same, claimed by LIEUX as claim 1.
fn claimed(world: &World) -> Receipt {
    redeemed(world);
    world.venue_agent("LIEUX").does(october(world, "LIEUX"))
}

fn state(world: &World, number: i64) -> ClaimState {
    let claims = world.store.read::<_, StoreError>(|tx| tx.claims(world.programme.no, ClaimFilter::default(), 0, 50));
    claims.unwrap().into_iter().find(|claim| claim.number == number).unwrap().state
}

fn set_rules(world: &World, change: impl FnOnce(&mut ClaimRules)) {
    world.write(|tx| {
        let (mut rules, version) = tx.claim_rules(world.programme.no)?.unwrap_or_default();
        change(&mut rules);
        assert!(tx.keep_claim_rules(world.programme.no, &rules, version)?);
        Ok(())
    });
}

/// The audit recomputes every claim from the receipts.
fn is_sound(world: &World) {
    let key = world.keys.seal_key().verifying_key();
    audit::verify(&world.store, &[key], &world.programme, &mut |_, _| {}).unwrap();
}

/// Submits without moving the journal when it is refused.
fn finance_is_told(world: &World, act: impl Act + 'static) -> Code {
    world.region_finance().is_told(act)
}

#[test]
fn a_claim_is_everything_redeemed_by_the_end_of_the_month_and_no_more() {
    on_every_engine(|world| {
        let spent = redeemed(world);
        world.venue_agent("MOBI").does(world.redeem("Bus", world.codes(2, [1])));
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(2, [2])));
        let claim = world.venue_agent("LIEUX").does(october(world, "LIEUX"));
        assert_eq!((claim.body().total.passes, claim.body().total.cents), (4, 4_000));
        let [line] = &claim.body().lines[..] else { panic!("{:?}", claim.body().lines) };
        assert_eq!((&*line.from, &*line.to), ("provider:LIEUX", "claimed:LIEUX"));
        assert_eq!(claim.body().mentions["due_on"], Mention::Text("2021-12-02".to_owned()));
        let rows = world.store.read::<_, StoreError>(|tx| tx.claim_passes(world.programme.no, 1)).unwrap();
        let redemptions: Vec<&str> = rows.iter().map(|(_, row)| row.redemption.as_str()).collect();
        let [first, second] = spent.each_ref().map(|receipt| receipt.body().number.as_str());
        assert_eq!(redemptions, [first, first, first, second]);
        is_sound(world);
    });
}

#[test]
fn what_came_late_or_was_left_out_comes_with_a_later_month_and_nothing_comes_twice() {
    on_every_engine(|world| {
        redeemed(world);
        world.venue_agent("LIEUX").does(world.redeem("Maubeuge", world.codes(2, [2])));
        world.clock.set(Instant::parse("2021-12-01T08:00:00.000Z").unwrap());
        let november = || MakeClaim { month: Month::parse("2021-11").unwrap(), ..october(world, "LIEUX") };
        let claim = world.venue_agent("LIEUX").does(november());
        assert_eq!(claim.body().total.passes, 5, "October was left out and comes along");
        assert_eq!(world.venue_agent("LIEUX").is_told(november()), Code::ClaimEmpty);
        assert_eq!(world.region_admin().is_told(october(world, "LIEUX")), Code::ClaimEmpty);
        assert_eq!(world.region_admin().is_told(october(world, "MOBI")), Code::ClaimEmpty);
        is_sound(world);
    });
}

#[test]
fn what_was_reversed_is_not_claimed_and_what_is_claimed_is_not_reversed() {
    on_every_engine(|world| {
        let [first, second] = redeemed(world);
        world.region_finance().does(reversal(&first));
        let claim = world.region_admin().does(october(world, "LIEUX"));
        assert_eq!(claim.body().total.passes, 1);
        assert_eq!(finance_is_told(world, reversal(&second)), Code::ClaimedAlready);
    });
}

/// The guard under the rules: the database itself refuses a pass of one redemption in two claims.
#[test]
fn the_database_refuses_a_redemption_in_two_claims() {
    on_every_engine(|world| {
        claimed(world);
        let mut raw = Raw::on(&world.place);
        let again = "INSERT INTO claim_passes SELECT programme_no, claim, pass_id, redemption, NULL FROM claim_passes";
        assert!(raw.run(again).is_err(), "the same line twice");
        let other = "INSERT INTO claims SELECT programme_no, 2, (SELECT number FROM receipts WHERE position = 1), \
                     provider_id, month, claimant_id, claimed_on, due_on, passes, value_cents, rejected_passes, \
                     approvals, suspended_on, suspended_days, state FROM claims";
        raw.run(other).unwrap();
        let elsewhere = "INSERT INTO claim_passes SELECT programme_no, 2, pass_id, redemption, NULL FROM claim_passes";
        assert!(raw.run(elsewhere).is_err(), "{}: one redemption in two claims", world.engine());
    });
}

#[test]
fn a_claim_is_of_a_month_that_is_over_of_ones_own_and_where_the_region_pays() {
    on_every_engine(|world| {
        redeemed(world);
        let november = MakeClaim { month: Month::parse("2021-11").unwrap(), ..october(world, "LIEUX") };
        assert_eq!(world.venue_agent("LIEUX").is_told(november), Code::MonthNotOver);
        assert_eq!(world.venue_agent("MOBI").is_told(october(world, "LIEUX")), Code::ProviderUnknown);
        assert_eq!(world.region_admin().is_told(october(world, "MAUB")), Code::ProviderUnknown);
        world.change_programme(|programme| programme.payer = Payer::Issuer);
        assert_eq!(world.venue_agent("LIEUX").is_told(october(world, "LIEUX")), Code::PayerIsIssuer);
        world.change_programme(|programme| {
            programme.payer = Payer::Region;
            programme.active = false;
        });
        world.venue_agent("LIEUX").does(october(world, "LIEUX"));
    });
}

#[test]
fn one_person_approves_up_to_an_amount_and_two_above_it() {
    on_every_engine(|world| {
        claimed(world);
        set_rules(world, |rules| rules.one_approver_up_to_cents = 3_999);
        let first = world.region_finance().does(Approve { claim: 1 });
        assert_eq!(first.body().mentions["approvals_needed"], Mention::Number(2));
        assert_eq!(state(world, 1), ClaimState::Submitted);
        assert_eq!(finance_is_told(world, Approve { claim: 1 }), Code::ApprovalSamePerson);
        let other = world.newcomer("HDF", Role::RegionFinance);
        other.does(Approve { claim: 1 });
        assert_eq!(state(world, 1), ClaimState::Approved);
        assert_eq!(finance_is_told(world, Approve { claim: 1 }), Code::ClaimAlreadyApproved);
        assert_eq!(finance_is_told(world, Approve { claim: 2 }), Code::ClaimUnknown);
        is_sound(world);
    });
}

#[test]
fn who_may_approve_how_much_is_a_rule_of_the_programme() {
    on_every_engine(|world| {
        claimed(world);
        let (own, other) = (world.user("HDF", Role::RegionFinance), world.newcomer("HDF", Role::RegionFinance));
        set_rules(world, |rules| {
            rules.approvers.insert(own, 3_999);
        });
        assert_eq!(finance_is_told(world, Approve { claim: 1 }), Code::ApprovalBeyondLimit);
        assert_eq!(
            other.is_told(Approve { claim: 1 }),
            Code::ApprovalBeyondLimit,
            "who is not named may approve nothing"
        );
        set_rules(world, |rules| {
            rules.approvers.insert(own, 4_000);
        });
        world.region_finance().does(Approve { claim: 1 });
        assert_eq!(state(world, 1), ClaimState::Approved);
    });
}

#[test]
fn nobody_approves_their_own_organisation_s_claim_nor_one_that_they_made() {
    on_every_engine(|world| {
        redeemed(world);
        world.change_organisation("HDF", |region| {
            region.kinds.insert(OrganisationKind::Provider);
        });
        // A venue of the Region itself.
        world.write(|tx| {
            let mut venue = tx.venue(world.venue("Maubeuge"))?.unwrap();
            venue.id = recepisse::domain::ids::VenueId::new(uuid::Uuid::from_u128(7));
            venue.provider = world.organisation("HDF");
            tx.insert_venue(&venue)
        });
        let own = world.newcomer("HDF", Role::VenueAgent);
        let mut act = world.redeem("Maubeuge", world.codes(2, [9]));
        act.venue = recepisse::domain::ids::VenueId::new(uuid::Uuid::from_u128(7));
        world.clock.set(Instant::parse("2021-11-20T08:00:00.000Z").unwrap());
        act.performed_on = world.day();
        own.does(act);
        world.clock.set(Instant::parse("2021-12-02T08:00:00.000Z").unwrap());
        let november = MakeClaim { month: Month::parse("2021-11").unwrap(), ..october(world, "HDF") };
        own.does(november);
        assert_eq!(finance_is_told(world, Approve { claim: 1 }), Code::ClaimOfOwnOrganisation);
        // Somebody who made a claim as the programme's administrator and has moved to the finance service since.
        let mover = world.newcomer("HDF", Role::RegionAdmin);
        mover.does(october(world, "LIEUX"));
        let user = mover.caller.actor().user;
        world.write(|tx| {
            let mut row = tx.user(user)?.unwrap();
            row.role = Role::RegionFinance;
            row.version += 1;
            assert!(tx.update_user(&row)?);
            Ok(())
        });
        let mut actor = mover.caller.actor().clone();
        actor.role = Role::RegionFinance;
        let now_finance = Hand { caller: recepisse::auth::Caller::new(actor, "session".to_owned()), ..mover };
        assert_eq!(now_finance.is_told(Approve { claim: 2 }), Code::ApprovalSamePerson);
    });
}

#[test]
fn rejected_passes_go_back_to_their_provider_and_void_the_approvals() {
    on_every_engine(|world| {
        claimed(world);
        set_rules(world, |rules| rules.one_approver_up_to_cents = 0);
        world.region_finance().does(Approve { claim: 1 });
        let refused = rejection(1, vec![pass(world, 1, 1), pass(world, 1, 1)]);
        assert_eq!(finance_is_told(world, refused), Code::PassNamedTwice);
        assert_eq!(finance_is_told(world, rejection(1, vec![pass(world, 1, 4)])), Code::PassNotInClaim);
        assert_eq!(finance_is_told(world, rejection(1, Vec::new())), Code::SelectionEmpty);
        let rejected = world.region_finance().does(rejection(1, vec![pass(world, 1, 2)]));
        assert_eq!(rejected.body().total.passes, 1);
        assert_eq!(rejected.body().mentions["claim_cents"], Mention::Number(3_000));
        let batch = "1-1".to_owned();
        assert_eq!(balances(world)[&("provider:LIEUX".to_owned(), batch.clone())], (1, 1_000));
        assert_eq!(balances(world)[&("claimed:LIEUX".to_owned(), batch)], (3, 3_000));
        assert_eq!(finance_is_told(world, rejection(1, vec![pass(world, 1, 2)])), Code::PassNotInClaim);
        world.region_finance().does(Approve { claim: 1 });
        assert_eq!(state(world, 1), ClaimState::Submitted, "the earlier approval was of another amount");
        is_sound(world);
    });
}

#[test]
fn a_rejected_pass_is_claimed_again_only_by_name_or_its_redemption_undone() {
    on_every_engine(|world| {
        let spent = redeemed(world);
        let agent = world.venue_agent("LIEUX");
        agent.does(october(world, "LIEUX"));
        let again = |passes: Vec<PassId>| MakeClaim { again: passes, ..october(world, "LIEUX") };
        let all = [1, 2, 3].map(|rank| pass(world, 1, rank)).to_vec();
        assert_eq!(agent.is_told(again(vec![all[0]])), Code::PassNotRejected, "it stands in a claim");
        world.region_finance().does(rejection(1, all.clone()));
        assert_eq!(agent.is_told(october(world, "LIEUX")), Code::ClaimEmpty);
        assert_eq!(agent.is_told(again(vec![all[0], all[0]])), Code::PassNamedTwice);
        assert_eq!(agent.is_told(again(vec![pass(world, 2, 5)])), Code::PassNotRejected);
        let claim = agent.does(again(vec![all[0]]));
        assert_eq!(claim.body().total.passes, 1);
        assert_eq!(finance_is_told(world, reversal(&spent[0])), Code::ClaimedAlready);
        world.region_finance().does(rejection(2, vec![all[0]]));
        assert_eq!(state(world, 2), ClaimState::Rejected);
        assert_eq!(finance_is_told(world, Approve { claim: 2 }), Code::ClaimNotOpen);
        world.region_finance().does(reversal(&spent[0]));
        assert_eq!(agent.is_told(again(vec![all[1]])), Code::PassNotRejected, "it is with the beneficiary again");
        is_sound(world);
    });
}

/// Its redemption was undone and another one spent it: it comes with the month of that one, and under its number.
#[test]
fn a_rejected_pass_that_was_spent_anew_is_not_claimed_by_name() {
    on_every_engine(|world| {
        let spent = redeemed(world);
        let agent = world.venue_agent("LIEUX");
        agent.does(october(world, "LIEUX"));
        world.region_finance().does(rejection(1, [1, 2, 3].map(|rank| pass(world, 1, rank)).to_vec()));
        world.region_finance().does(reversal(&spent[0]));
        agent.does(world.redeem("Maubeuge", world.codes(1, [1])));
        let again = MakeClaim { again: vec![pass(world, 1, 1)], ..october(world, "LIEUX") };
        assert_eq!(agent.is_told(again), Code::PassNotRejected);
        world.clock.set(Instant::parse("2021-12-02T08:00:00.000Z").unwrap());
        let november = MakeClaim { month: Month::parse("2021-11").unwrap(), ..october(world, "LIEUX") };
        assert_eq!(agent.does(november).body().total.passes, 1);
        is_sound(world);
    });
}

#[test]
fn a_suspended_claim_waits_and_is_due_as_many_days_later() {
    on_every_engine(|world| {
        claimed(world);
        assert_eq!(finance_is_told(world, Resume { claim: 1 }), Code::ClaimNotSuspended);
        let mut disputed = suspension(1);
        disputed.passes = vec![pass(world, 1, 3)];
        let receipt = world.region_finance().does(disputed);
        let serial = format!("{}/03", world.serial(1));
        assert_eq!(receipt.body().mentions["disputed"], Mention::Text(serial));
        assert_eq!(finance_is_told(world, suspension(1)), Code::ClaimSuspended);
        assert_eq!(finance_is_told(world, Approve { claim: 1 }), Code::ClaimSuspended);
        world.clock.advance_days(9);
        let resumed = world.region_finance().does(Resume { claim: 1 });
        assert_eq!(resumed.body().mentions["due_on"], Mention::Text("2021-12-11".to_owned()));
        world.region_finance().does(Approve { claim: 1 });
        assert_eq!(state(world, 1), ClaimState::Approved);
        is_sound(world);
    });
}

#[test]
fn rules_make_sense_and_a_change_names_the_version_read() {
    let wrong = |change: fn(&mut ClaimRules)| {
        let mut rules = ClaimRules::default();
        change(&mut rules);
        rules.check().unwrap_err().code
    };
    assert_eq!(wrong(|rules| rules.due_days = 0), Code::QuantityOutOfRange);
    assert_eq!(wrong(|rules| rules.due_days = 61), Code::QuantityOutOfRange);
    assert_eq!(wrong(|rules| rules.one_approver_up_to_cents = -1), Code::QuantityOutOfRange);
    assert_eq!(ClaimRules::default().approvals_needed(Cents::new(500_001)), 2);
    on_every_engine(|world| {
        let rules = ClaimRules::default();
        let keep = |before| world.write(|tx| tx.keep_claim_rules(world.programme.no, &rules, before));
        assert_eq!([keep(1), keep(0), keep(0), keep(1), keep(1)], [false, true, false, true, false]);
    });
}
