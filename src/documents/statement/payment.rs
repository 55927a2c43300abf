//! État liquidatif of one payment: what is owed to whom, claim by claim, as it goes with the mandat de paiement. What never
//! lives here: an account in clear.

use super::super::phrases;
use super::{Heading, Statement, StatementTable};
use crate::domain::money::Cents;
use crate::domain::time::Day;

/// One transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidLine {
    pub transfer: String,
    pub provider: String,
    pub registration: String,
    pub claim: String,
    pub month: String,
    pub passes: i64,
    pub claimed: Cents,
    /// What the provider had been overpaid, taken off.
    pub netted: Cents,
    pub amount: Cents,
    /// Masked.
    pub account: String,
    pub due_on: Option<Day>,
}

/// What is said of the payment besides its transfers: a label in French and a value.
pub type PaymentFact = (&'static str, String);

impl Statement {
    /// The état liquidatif of a payment.
    #[must_use]
    pub fn payment(heading: Heading, payment: i64, facts: &[PaymentFact], lines: &[PaidLine]) -> Self {
        let sum = |of: fn(&PaidLine) -> Cents| {
            Cents::new(lines.iter().fold(0_i64, |sum, line| sum.saturating_add(of(line).get())))
        };
        let (claimed, netted, amount) = (sum(|line| line.claimed), sum(|line| line.netted), sum(|line| line.amount));
        let passes = lines.iter().fold(0_i64, |sum, line| sum.saturating_add(line.passes));
        let row = |line: &PaidLine| {
            let due = line.due_on.map(|day| format!(", échéance {}", day.french())).unwrap_or_default();
            let what = format!(
                "{}, {} ({}), demande n° {} ({}), compte {}{due}",
                line.transfer,
                line.provider,
                phrases::registration(&line.registration),
                line.claim,
                phrases::month(&line.month),
                line.account
            );
            let money = [line.claimed, line.netted, line.amount].map(Cents::figures);
            [what, phrases::count(line.passes)].into_iter().chain(money).collect()
        };
        let mut rows: Vec<Vec<String>> = lines.iter().map(row).collect();
        let totals = [claimed, netted, amount].map(Cents::figures);
        rows.push(["Total".to_owned(), phrases::count(passes)].into_iter().chain(totals).collect());
        let columns = ["", "Pass", "Demandé", "Retenu", "À payer"].map(str::to_owned).to_vec();
        let mut told: Vec<(String, String)> =
            facts.iter().map(|(label, value)| ((*label).to_owned(), value.clone())).collect();
        told.push(("Arrêté à la somme de".to_owned(), amount.words()));
        Self {
            title: "État liquidatif".to_owned(),
            about: format!("Paiement n° {payment}"),
            facts: told,
            tables: vec![StatementTable { caption: "Virements".to_owned(), columns, rows }],
            caveat: "Cet état accompagne le mandat de paiement ; les récépissés des demandes et de leurs utilisations en sont \
                     les pièces justificatives. Il ne dit pas ce que la banque a exécuté."
                .to_owned(),
            signatures: vec!["L'ordonnateur".to_owned(), "Vu par le comptable public".to_owned()],
            ..Self::under(heading)
        }
    }
}
