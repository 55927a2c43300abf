//! Proof of counter-value: of each order, the face value that is out, by who has it, against what is left of the money
//! ordered for payment. What closings say of the whole programme, order by order and on any day. What never lives here: a
//! bank's word of what an issuer holds.

use super::ends::by_order;
use super::orders::{OrderStory, stories};
use super::question::Question;
use super::reconciliation::Identity;
use super::table::{Column, Report, Row, row, whole};
use super::{Access, Entry, ReportError};
use crate::domain::money::Cents;
use crate::store::StoreError;

/// One line per order. `committed`: the face value ordered for payment by its activation, nothing before; `funds`: less what
/// was paid to providers and what the issuer gave back. `outstanding` is the sum of the five kinds of holders before it.
/// `gap`: funds less outstanding: what is paid for and not delivered yet; below zero, what is delivered and not paid for.
const COLUMNS: &[Column] = &[
    Column::text("order_number", "Commande"),
    Column::text("payment_order", "Mandat de paiement"),
    Column::date("activated_on", "Activée le"),
    Column::cents("committed_cents", "Contre-valeur mandatée"),
    Column::cents("paid_cents", "Payée aux structures"),
    Column::cents("credited_cents", "Rendue par l'émetteur"),
    Column::cents("funds_cents", "Fonds restants"),
    Column::cents("not_handed_out_cents", "En réserve, en route ou en dépôt"),
    Column::cents("circulation_cents", "Chez les bénéficiaires"),
    Column::cents("withdrawn_cents", "Bloquée ou perdue"),
    Column::cents("to_pay_cents", "Utilisée, à payer aux structures"),
    Column::cents("to_credit_cents", "Périmée ou détruite, sans avoir"),
    Column::cents("outstanding_cents", "Valeur faciale en circulation"),
    Column::cents("gap_cents", "Fonds moins valeur"),
];

pub(super) const ENTRY: Entry = Entry {
    name: "counter-value",
    title: "Preuve de contre-valeur",
    columns: COLUMNS,
    access: Access::WholeProgramme,
    parameters: &[],
    open,
};

/// An order's money and its value, in cents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Proof {
    committed: i64,
    paid: i64,
    credited: i64,
    /// Not handed out, circulation, withdrawn, to pay, to credit.
    places: [i64; 5],
}

impl Proof {
    fn new(story: &OrderStory, identity: &Identity) -> Self {
        let at = |kinds: &[&str]| kinds.iter().map(|kind| identity.held(kind).cents).sum();
        Self {
            committed: if story.activated.is_some() { story.value_cents() } else { 0 },
            paid: at(&["paid"]),
            credited: at(&["credited"]),
            places: [
                at(&["store", "transit", "prescriber"]),
                at(&["circulation"]),
                at(&["blocked", "lost"]),
                at(&["provider", "claimed"]),
                at(&["expired", "destroyed"]),
            ],
        }
    }

    const fn funds(&self) -> i64 {
        self.committed.saturating_sub(self.paid).saturating_sub(self.credited)
    }

    fn outstanding(&self) -> i64 {
        self.places.iter().sum()
    }

    /// Whether what can be spent, or is owed, is covered: what was never paid for may be in stock, and nowhere else.
    fn holds(&self) -> bool {
        let [not_handed_out, ..] = self.places;
        self.funds() >= self.outstanding() || (self.committed == 0 && self.outstanding() == not_handed_out)
    }
}

fn open(question: &Question) -> Result<Report, ReportError> {
    let proofs = question.store.read(|tx| {
        let by_order = by_order(tx, question.whole())?;
        let none = Identity::default();
        let proof = |(sequence, story): (i64, OrderStory)| {
            let proof = Proof::new(&story, by_order.get(&sequence).unwrap_or(&none));
            (story, proof)
        };
        Ok::<_, StoreError>(stories(tx, question.whole())?.into_iter().map(proof).collect::<Vec<_>>())
    })?;
    let mut report = question.report(whole(proofs.iter().map(line).collect()));
    report.meta.holds = Some(proofs.iter().all(|(_, proof)| proof.holds()));
    Ok(report)
}

fn line((story, proof): &(OrderStory, Proof)) -> Row {
    let [not_handed_out, circulation, withdrawn, to_pay, to_credit] = proof.places.map(Cents::new);
    row![
        story.number.as_str(),
        story.payment_order.clone(),
        story.activated.as_ref().map(|told| told.day),
        Cents::new(proof.committed),
        Cents::new(proof.paid),
        Cents::new(proof.credited),
        Cents::new(proof.funds()),
        not_handed_out,
        circulation,
        withdrawn,
        to_pay,
        to_credit,
        Cents::new(proof.outstanding()),
        Cents::new(proof.funds().saturating_sub(proof.outstanding())),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_paid_for_may_be_in_stock_and_nowhere_else() {
        let paid = Proof { committed: 10_000, paid: 2_000, places: [3_000, 2_000, 1_000, 1_000, 0], credited: 1_000 };
        assert_eq!((paid.funds(), paid.outstanding(), paid.holds()), (7_000, 7_000, true));
        assert!(!Proof { committed: 9_999, ..paid }.holds(), "a cent too little");
        let stock = Proof { places: [5_000, 0, 0, 0, 0], ..Proof::default() };
        assert!(stock.holds());
        assert!(!Proof { places: [5_000, 1_000, 0, 0, 0], ..stock }.holds(), "handed out and not paid for");
    }
}
