//! The register of claims: each with its provider, its month, what was asked and rejected, when it is due, under which payment
//! order it was ordered and when the bank paid it. Told from the receipts, so that a past day answers as it did. What never
//! lives here: a rule of a claim, or an account.

use std::collections::{BTreeMap, BTreeSet};

use super::question::{Question, mention};
use super::reconciliation::each_body;
use super::table::{Column, Report, Row, row, whole};
use super::{Access, Entry, ReportError};
use crate::domain::claims::ClaimState;
use crate::domain::money::Cents;
use crate::domain::movement::Kind;
use crate::domain::time::Day;
use crate::receipts::Body;
use crate::store::{Reads, StoreError};

/// `value`: what is still asked for, rejected passes apart. `receipt` is that of the claim, `payment_order` and the two after it
/// of the last payment that was ordered for it; `paid_on` is the day on which the bank's word was taken. `account` is the one,
/// masked, to which that payment was ordered; `late_days` are those past the last day for paying it, until it was paid, was
/// suspended or until the day asked about, and none for a claim that was rejected whole; `serials` are the passes asked for, as sealed, rejected ones among them.
const COLUMNS: &[Column] = &[
    Column::integer("claim", "Demande n°").running(),
    Column::text("provider_code", "Code de la structure"),
    Column::text("provider", "Structure"),
    Column::text("registration", "SIRET ou RNA"),
    Column::text("month", "Mois"),
    Column::text("receipt", "Récépissé"),
    Column::date("claimed_on", "Reçue le"),
    Column::date("due_on", "À payer au plus tard le"),
    Column::integer("suspended_days", "Jours de suspension"),
    Column::text("state", "État"),
    Column::integer("passes", "Pass demandés"),
    Column::integer("rejected_passes", "Pass rejetés"),
    Column::cents("value_cents", "Valeur demandée"),
    Column::cents("rejected_cents", "Valeur rejetée"),
    Column::text("payment_order", "Mandat de paiement"),
    Column::text("bordereau", "Bordereau"),
    Column::date("ordered_on", "Ordonnée le"),
    Column::date("paid_on", "Payée le"),
    Column::integer("late_days", "Jours de retard"),
    Column::text("account", "Compte"),
    Column::text("serials", "Pass"),
];

pub(super) const ENTRY: Entry = Entry {
    name: "claims",
    title: "Registre des demandes de remboursement",
    columns: COLUMNS,
    access: Access::OwnPart,
    parameters: &[],
    open,
};

const KINDS: &[Kind] = &[
    Kind::Claim,
    Kind::ClaimApproval,
    Kind::ClaimRejection,
    Kind::ClaimSuspension,
    Kind::ClaimResumption,
    Kind::Payment,
    Kind::BankReturn,
    Kind::Offset,
    Kind::Overpayment,
];

/// A claim up to a receipt.
#[derive(Debug)]
struct Claim {
    code: String,
    provider: String,
    registration: String,
    month: String,
    receipt: String,
    claimed_on: Day,
    due_on: Day,
    suspended_days: i64,
    /// Since when its delay stands still.
    suspended_on: Option<Day>,
    state: ClaimState,
    passes: i64,
    cents: i64,
    rejected: (i64, i64),
    payment_order: String,
    bordereau: String,
    ordered_on: Option<Day>,
    paid_on: Option<Day>,
    /// The payment that was ordered last.
    payment: Option<i64>,
    account: String,
    serials: String,
}

impl Claim {
    /// Days past the last day for paying it, as it stood on a day.
    fn late_days(&self, asked: Day) -> i64 {
        let until = self.paid_on.or(self.suspended_on).unwrap_or(asked);
        if self.state == ClaimState::Rejected { 0 } else { i64::from(until.days_since(self.due_on)) }
    }
}

/// By number.
type Claims = BTreeMap<i64, Claim>;

fn open(question: &Question) -> Result<Report, ReportError> {
    let mut claims = Claims::new();
    question.store.read(|tx| {
        each_body(tx, question.whole(), KINDS, |body| take(&mut claims, body))?;
        name_accounts(tx, question, &mut claims)
    })?;
    let scope = question.request.scope.as_ref();
    let own = |(_, claim): &(&i64, &Claim)| scope.is_none_or(|scope| claim.code == scope.as_str());
    let asked = question.request.as_of;
    Ok(question.report(whole(claims.iter().filter(own).map(|claim| line(claim, asked)).collect())))
}

/// The account of each claim in the payment that was ordered for it: a transfer's never changes.
fn name_accounts(tx: &mut dyn Reads, question: &Question, claims: &mut Claims) -> Result<(), StoreError> {
    let programme = question.programme.no;
    let payments: BTreeSet<i64> = claims.values().filter_map(|claim| claim.payment).collect();
    for payment in payments {
        let lines = tx.payment_lines(programme, payment)?;
        let payees = tx.payees_among(programme, &lines.iter().map(|line| line.payee).collect())?;
        for line in lines {
            let claim = claims.get_mut(&line.claim).filter(|claim| claim.payment == Some(payment));
            let payee = payees.iter().find(|payee| payee.number == line.payee);
            if let (Some(claim), Some(payee)) = (claim, payee) {
                claim.account.clone_from(&payee.masked);
            }
        }
    }
    Ok(())
}

/// Everything that a receipt's lines name, as sealed.
fn serials(body: &Body) -> String {
    body.lines.iter().flat_map(|line| &line.items).map(String::as_str).collect::<Vec<_>>().join(" ")
}

fn day(body: &Body, name: &str) -> Result<Day, StoreError> {
    Ok(Day::parse(&mention(body, name))?)
}

/// The claims that a mention lists: `3 5 8`.
fn listed(body: &Body, name: &str) -> Vec<i64> {
    mention(body, name).split(' ').filter_map(|number| number.parse().ok()).collect()
}

fn take(claims: &mut Claims, body: &Body) -> Result<(), StoreError> {
    let today = Day::parse(&body.day)?;
    match Kind::parse(&body.kind)? {
        Kind::Claim => {
            claims.insert(body.mentioned_number("claim").unwrap_or_default(), made(body, today)?);
        }
        Kind::Payment => {
            for sequence in listed(body, "claims") {
                let Some(claim) = claims.get_mut(&sequence) else { continue };
                claim.state = ClaimState::Ordered;
                claim.payment_order = mention(body, "payment_order");
                claim.bordereau = mention(body, "bordereau");
                claim.ordered_on = Some(today);
                claim.payment = body.mentioned_number("payment");
            }
        }
        Kind::BankReturn => {
            for (name, state, paid_on) in [
                ("claims_executed", ClaimState::Paid, Some(today)),
                ("claims_rejected", ClaimState::Approved, None),
                ("claims_returned", ClaimState::Approved, None),
                ("claims_ended", ClaimState::Rejected, None),
            ] {
                for sequence in listed(body, name) {
                    let Some(claim) = claims.get_mut(&sequence) else { continue };
                    (claim.state, claim.paid_on) = (state, paid_on);
                }
            }
        }
        Kind::Offset => {
            let claim = body.mentioned_number("claim").and_then(|sequence| claims.get_mut(&sequence));
            if let Some(claim) = claim {
                (claim.state, claim.paid_on) = (ClaimState::Paid, Some(today));
            }
        }
        kind => {
            let claim = body.mentioned_number("claim").and_then(|sequence| claims.get_mut(&sequence));
            claim.map_or(Ok(()), |claim| judged(claim, kind, body))?;
        }
    }
    Ok(())
}

fn made(body: &Body, today: Day) -> Result<Claim, StoreError> {
    let to = body.lines.first().map(|line| line.to.as_str()).unwrap_or_default();
    Ok(Claim {
        code: to.strip_prefix("claimed:").unwrap_or(to).to_owned(),
        provider: mention(body, "provider"),
        registration: mention(body, "provider_registration"),
        month: mention(body, "month"),
        receipt: body.number.clone(),
        claimed_on: today,
        due_on: day(body, "due_on")?,
        suspended_days: 0,
        suspended_on: None,
        state: ClaimState::Submitted,
        passes: body.total.passes,
        cents: body.total.cents,
        rejected: (0, 0),
        payment_order: String::new(),
        bordereau: String::new(),
        ordered_on: None,
        paid_on: None,
        payment: None,
        account: String::new(),
        serials: serials(body),
    })
}

/// What an approval, a rejection, a suspension, a resumption or the finding of an overpayment makes of a claim.
fn judged(claim: &mut Claim, kind: Kind, body: &Body) -> Result<(), StoreError> {
    match kind {
        Kind::ClaimApproval => {
            if body.mentioned_number("approval") >= body.mentioned_number("approvals_needed") {
                claim.state = ClaimState::Approved;
            }
        }
        Kind::ClaimSuspension => claim.suspended_on = Some(Day::parse(&body.day)?),
        Kind::ClaimResumption => {
            claim.suspended_on = None;
            claim.due_on = day(body, "due_on")?;
            claim.suspended_days += body.mentioned_number("suspended_days").unwrap_or_default();
        }
        _ => {
            claim.passes -= body.total.passes;
            claim.cents -= body.total.cents;
            claim.rejected = (claim.rejected.0 + body.total.passes, claim.rejected.1 + body.total.cents);
            if kind == Kind::ClaimRejection {
                claim.state = if claim.passes == 0 { ClaimState::Rejected } else { ClaimState::Submitted };
            }
        }
    }
    Ok(())
}

fn line((sequence, claim): (&i64, &Claim), asked: Day) -> Row {
    row![
        *sequence,
        claim.code.as_str(),
        claim.provider.as_str(),
        claim.registration.as_str(),
        claim.month.as_str(),
        claim.receipt.as_str(),
        claim.claimed_on,
        claim.due_on,
        claim.suspended_days,
        claim.state.as_str(),
        claim.passes,
        claim.rejected.0,
        Cents::new(claim.cents),
        Cents::new(claim.rejected.1),
        claim.payment_order.as_str(),
        claim.bordereau.as_str(),
        claim.ordered_on,
        claim.paid_on,
        claim.late_days(asked),
        claim.account.as_str(),
        claim.serials.as_str(),
    ]
}
