//! From what is wanted of the money to acts of the domain, and the settings that the Region makes before. What never lives
//! here: what ought to come of them.

use recepisse::domain::account::{Account, Iban};
use recepisse::domain::act::Act;
use recepisse::domain::claims::{
    Approve, ClaimRules, MakeClaim, Reject, RejectionReason, Resume, Suspend, SuspensionReason,
};
use recepisse::domain::ids::{BookletId, PassId};
use recepisse::domain::money::Cents;
use recepisse::domain::payments::{
    BankReturn, ConfirmPayee, LegalForm, NoteOverpayment, Offset, OrderPayment, OrderRevenue, Outcome, Payee, Payment,
    Planned, Told,
};
use recepisse::domain::text::{BankReason, Label};
use recepisse::payees::{self, Proposed};

use super::super::script::{Pass, Who};
use super::{BankFile, DUE_DAYS, LIMITS_CENTS, MoneyWish, ONE_APPROVER_CENTS, Slip, WAIT_DAYS, desks};
use crate::acts::payments::{FIRST, debtor};
use crate::harness::{World, reference};

/// The act that is asked for.
pub(in crate::simulation) fn act(world: &World, wish: &MoneyWish) -> Box<dyn Act> {
    let passes = |passes: &[Pass]| passes.iter().map(|pass| pass_id(world, *pass)).collect::<Vec<PassId>>();
    match wish {
        MoneyWish::Claim { provider, month, again } => {
            Box::new(MakeClaim { provider: world.organisation(provider), month: *month, again: passes(again) })
        }
        MoneyWish::Approve { claim } => Box::new(Approve { claim: *claim }),
        MoneyWish::Reject { claim, passes: named } => Box::new(Reject {
            claim: *claim,
            passes: passes(named),
            reason: RejectionReason::EvidenceMissing,
            reference: None,
        }),
        MoneyWish::Doubt { claim, passes: named } => Box::new(Suspend {
            claim: *claim,
            reason: SuspensionReason::EvidenceAsked,
            passes: passes(named),
            reference: None,
        }),
        MoneyWish::Resume { claim } => Box::new(Resume { claim: *claim }),
        MoneyWish::Confirm { payee } => Box::new(ConfirmPayee { payee: *payee }),
        MoneyWish::Pay(slip) => Box::new(payment(world, slip)),
        MoneyWish::Bank(file) => Box::new(bank_return(world, file)),
        MoneyWish::Overpaid { claim, passes: named } => Box::new(NoteOverpayment {
            claim: *claim,
            passes: passes(named),
            reason: RejectionReason::PaidOtherwise,
            reference: None,
        }),
        MoneyWish::Recover { provider, cents, number } => Box::new(OrderRevenue {
            provider: world.organisation(provider),
            amount: Cents::new(*cents),
            number: reference(&format!("N-{number}")),
        }),
        MoneyWish::Offset { claim } => Box::new(Offset { claim: *claim }),
    }
}

fn pass_id(world: &World, (booklet, rank): Pass) -> PassId {
    BookletId::new(world.programme.no, booklet).pass(rank)
}

fn payment(world: &World, slip: &Slip) -> OrderPayment {
    let transfers: Vec<Planned> = slip.transfers.iter().map(|of| of.planned()).collect();
    let total = transfers.iter().map(|of| of.amount.get()).sum();
    let payment = Payment {
        number: slip.payment,
        made_at: world.now(),
        execute_on: slip.execute_on,
        payment_order: reference(&format!("N-{}", slip.mandat)),
        bordereau: None,
        engagement: None,
        debtor: debtor(world),
        file_hash: format!("{:064x}", slip.payment),
        total: Cents::new(total),
    };
    OrderPayment { payment, transfers, net: slip.net }
}

fn bank_return(world: &World, file: &BankFile) -> BankReturn {
    let told = |(place, (transfer, outcome, cents)): (usize, &(_, Outcome, Option<i64>))| Told {
        transfer: *transfer,
        outcome: *outcome,
        on: world.day(),
        amount: cents.map(Cents::new),
        reason: (*outcome != Outcome::Executed).then(|| BankReason::parse("AC04").unwrap()),
        place,
    };
    let told = (1..).zip(&file.words).map(told).collect();
    BankReturn { file_hash: format!("{:064x}", file.mark), format: "csv", told }
}

/// How the Region judges claims; `known`: whether its own account is.
pub(in crate::simulation) fn rules(
    world: &World,
    finance: impl Fn(Who) -> recepisse::domain::ids::UserId,
) -> ClaimRules {
    ClaimRules {
        one_approver_up_to_cents: ONE_APPROVER_CENTS,
        approvers: desks().into_iter().map(finance).zip(LIMITS_CENTS).collect(),
        due_days: DUE_DAYS,
        payee_wait_days: WAIT_DAYS,
        debtor: Some(debtor(world)),
    }
}

/// The Region's own account, known or not.
pub(in crate::simulation) fn set_debtor(world: &World, rules: &mut ClaimRules, known: bool) {
    rules.debtor = known.then(|| debtor(world));
}

/// An account that somebody proposes for a provider, and how it is kept.
pub(in crate::simulation) fn propose(
    world: &World,
    by: &recepisse::domain::party::Actor,
    provider: &str,
    number: i64,
) -> (Payee, Vec<u8>) {
    let account =
        Account { holder: Label::parse("Le titulaire").unwrap(), iban: Iban::parse(FIRST).unwrap(), bic: None };
    let provider = world.organisation(provider);
    let proposed = Proposed { number, provider, legal_form: LegalForm::Association };
    let code = &world.programme.code;
    payees::propose(&world.keys, &*world.entropy, code, proposed, &account, (by, world.day())).unwrap()
}
