//! How the provider of the year is paid: once a month what its venues took is claimed, approved by two people, ordered by a
//! third one in a file for the bank, and told by the bank to be paid. What never lives here: what is measured of it.

use recepisse::domain::act::Act;
use recepisse::domain::claims::{Approve, ClaimRules, MakeClaim};
use recepisse::domain::money::Cents;
use recepisse::domain::month::Month;
use recepisse::domain::party::Role;
use recepisse::domain::payments::{BankReturn, ConfirmPayee, OrderPayment, Outcome, Told};
use recepisse::domain::refusal::Code;
use recepisse::payment_file::{self, Wish};
use recepisse::receipts::{Mention, Receipt};
use recepisse::store::StoreError;

use crate::acts::payments::{FIRST, debtor, propose};
use crate::harness::{Hand, World, reference};

/// The code of the only provider of the year.
pub(super) const PROVIDER: &str = "LIEUX";

/// Who judges what is claimed, and who orders it.
pub(super) struct Till<'w> {
    world: &'w World,
    approvers: [Hand<'w>; 2],
    /// Orders given to the bank.
    orders: usize,
}

impl<'w> Till<'w> {
    /// The Region's account is known, the provider names its own, and somebody else confirms it.
    pub(super) fn new(world: &'w World) -> Self {
        world.write(|tx| {
            let rules =
                ClaimRules { debtor: Some(debtor(world)), one_approver_up_to_cents: 0, ..ClaimRules::default() };
            assert!(tx.keep_claim_rules(world.programme.no, &rules, 0)?);
            Ok(())
        });
        let payee = propose(world, &world.venue_agent(PROVIDER), FIRST);
        world.region_finance().does(ConfirmPayee { payee });
        let approvers = [(); 2].map(|()| world.newcomer("HDF", Role::RegionFinance));
        Self { world, approvers, orders: 0 }
    }

    /// The month is claimed, approved, ordered and paid, in as many claims as it takes. Answers the passes that were.
    pub(super) fn pay(&mut self, month: Month) -> i64 {
        let provider = self.world.organisation(PROVIDER);
        let mut passes = 0;
        loop {
            let claim: Box<dyn Act> = Box::new(MakeClaim { provider, month, again: Vec::new() });
            match self.world.venue_agent(PROVIDER).asks_together(vec![claim]).remove(0) {
                Ok(claimed) => passes += self.pay_claim(&claimed),
                Err(refusal) => {
                    assert_eq!(refusal.code, Code::ClaimEmpty);
                    return passes;
                }
            }
        }
    }

    fn pay_claim(&mut self, claimed: &Receipt) -> i64 {
        let claim = number(claimed, "claim");
        for approver in &self.approvers {
            approver.does(Approve { claim });
        }
        self.orders += 1;
        let ordered = self.world.region_finance().does(self.order(claim));
        let payment = number(&ordered, "payment");
        let paid = self.world.region_finance().does(self.told(payment));
        assert_eq!(paid.body().total, claimed.body().total, "the bank paid what was claimed");
        paid.body().total.passes
    }

    fn order(&self, claim: i64) -> OrderPayment {
        let number = self.orders;
        let wish = Wish {
            claims: vec![claim],
            payment_order: reference(&format!("2022-MP-{number}")),
            bordereau: Some(reference(&format!("2022-BJ-{number}"))),
            engagement: Some(reference("2022-E-42")),
            execute_on: self.world.day().plus_days(1),
            net: true,
        };
        let world = self.world;
        let prepared = world.store.read(|tx| {
            Ok::<_, StoreError>(payment_file::prepare(tx, &world.keys, &world.programme, wish.clone(), world.now()))
        });
        prepared.unwrap().unwrap()
    }

    fn told(&self, payment: i64) -> BankReturn {
        let lines = self.world.store.read::<_, StoreError>(|tx| tx.payment_lines(self.world.programme.no, payment));
        let tell = |(place, (line, amount)): (usize, (i64, Cents))| Told {
            transfer: (payment, line),
            outcome: Outcome::Executed,
            on: self.world.day(),
            amount: Some(amount),
            reason: None,
            place: place + 1,
        };
        let lines = lines.unwrap().into_iter().map(|line| (line.line, line.amount));
        let told = lines.enumerate().map(tell).collect();
        let file_hash = payment_file::hash(format!("bank's word on payment {payment}").as_bytes());
        BankReturn { file_hash, format: "csv", told }
    }
}

fn number(receipt: &Receipt, name: &str) -> i64 {
    match receipt.body().mentions.get(name) {
        Some(Mention::Number(number)) => *number,
        other => panic!("{name} of {}: {other:?}", receipt.body().number),
    }
}
