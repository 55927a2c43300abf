//! The account on which a provider is paid: proposed by one person, confirmed by another of the Region's finance service,
//! in force at once the first time and after a wait when it changes. What never lives here: the account itself.

use super::super::act::{Act, Context, hexadecimal};
use super::super::facts::{Facts, Needs};
use super::super::ids::{OrganisationId, UserId};
use super::super::movement::{Kind, Movement, Record};
use super::super::named::named;
use super::super::refusal::{Code, Malformed, Refusal};
use super::super::stock::CodeMac;
use super::super::time::Day;
use super::PaymentRecord;

named!(
    /// The legal form of a body that is paid.
    LegalForm, Malformed::Identifier, {
        Association => "association",
        /// A commune, an intercommunalité, a CCAS or another public body.
        PublicBody => "public_body",
        Company => "company",
        /// A cooperative, a SCIC included.
        Cooperative => "cooperative",
        Foundation => "foundation",
        SoleTrader => "sole_trader",
    }
);

/// What may be known of a payee without the key that opens its account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payee {
    /// Running number within the programme: each proposal has its own, none is changed or taken away.
    pub number: i64,
    pub provider: OrganisationId,
    pub legal_form: LegalForm,
    /// `FR76 •••• 0189`.
    pub masked: String,
    /// Keyed: whoever has the key and the account can prove that this was it.
    pub commitment: CodeMac,
    pub proposer: UserId,
    /// As receipts name the proposer.
    pub proposer_pseudonym: String,
    pub proposed_on: Day,
    /// Who has confirmed it, when, and from when it is in force.
    pub confirmed: Option<(UserId, Day, Day)>,
}

impl Payee {
    /// Whether it may be paid on `day`, unless a later one may.
    #[must_use]
    pub fn is_in_force(&self, day: Day) -> bool {
        self.confirmed.is_some_and(|(_, _, from)| from <= day)
    }
}

/// Confirms what somebody else has proposed: from then on the provider may be paid. The first time, this is the Region's
/// approval of the provider.
#[derive(Debug, Clone)]
pub struct ConfirmPayee {
    /// Number of the payee.
    pub payee: i64,
}

impl Act for ConfirmPayee {
    fn kind(&self) -> Kind {
        Kind::Payee
    }

    fn needs(&self, needs: &mut Needs) {
        needs.payments.payees.insert(self.payee);
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        let about = |code: Code| Refusal::new(code).about("payee", self.payee);
        let payees = &facts.payments.payees;
        let payee = payees.get(&self.payee).ok_or_else(|| about(Code::PayeeUnknown))?;
        let provider = facts.organisations.get(&payee.provider).ok_or_else(|| about(Code::PayeeUnknown))?;
        if payee.confirmed.is_some() {
            return Err(about(Code::PayeeConfirmedAlready));
        }
        let of_provider = || payees.iter().map(|(_, payee)| payee).filter(|other| other.provider == payee.provider);
        if of_provider().any(|other| other.number > payee.number) {
            return Err(about(Code::PayeeSuperseded));
        }
        if payee.proposer == context.actor.user || payee.provider == context.actor.organisation {
            return Err(about(Code::PayeeSamePerson));
        }
        let first = of_provider().all(|other| other.confirmed.is_none());
        let wait = if first { 0 } else { facts.claims.rules.payee_wait_days };
        let from = context.day.plus_days(wait);
        let mut confirmed = payee.clone();
        confirmed.confirmed = Some((context.actor.user, context.day, from));
        Ok(Movement::new(Kind::Payee)
            .mention("payee", payee.number)
            .mention("provider", &provider.name)
            .mention("provider_code", &provider.code)
            .mention("provider_registration", provider.registration.to_string())
            .mention("legal_form", payee.legal_form.as_str())
            .mention("account_commitment", hexadecimal(&payee.commitment))
            .mention("proposed_by", payee.proposer_pseudonym.clone())
            .mention("effective_on", from)
            .mention_some("first_account", first.then_some(1_i64))
            .record(Record::Payments(PaymentRecord::PayeeConfirmed(confirmed))))
    }
}
