//! Payees and payments: what is kept of them, and what the acts of a group changed of it.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::max;
use diesel::prelude::{
    ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
};

use super::super::super::cell::{Cell, stored_row};
use super::super::super::error::StoreError;
use super::super::super::payment_doors::{PaymentReads, PaymentWrites, Proposal};
use super::super::super::rows::{PayeeRow, PaymentLineRow, PaymentRow, corrupt};
use super::super::super::schema::{bank_files, payees, payment_lines, payments};
use super::super::super::stored::{Appended, written_down};
use super::super::writing::Writing;
use super::Conn;
use super::fragment::{among, by_keys, insert_all, update_from};
use crate::domain::facts::{Facts, Row};
use crate::domain::ids::{OrganisationId, ProgrammeNo};
use crate::domain::movement::Record;
use crate::domain::payments::{Payee, Payment, PaymentLine, PaymentRecord};

stored_row! {
    struct BankFileRow<'a> in "bank_files" {
        programme_no: i64,
        file_hash: &'a str,
        receipt: &'a str,
    }
}

fn read_payees(rows: Vec<PayeeRow>) -> Result<Vec<Payee>, StoreError> {
    rows.into_iter().map(Payee::try_from).collect()
}

impl PaymentReads for Conn {
    fn last_payee(&mut self, programme: ProgrammeNo) -> Result<i64, StoreError> {
        let last: Option<i64> =
            payees::table.filter(payees::programme_no.eq(programme.0)).select(max(payees::number)).first(self)?;
        Ok(last.unwrap_or(0))
    }

    fn payees_among(&mut self, programme: ProgrammeNo, numbers: &BTreeSet<i64>) -> Result<Vec<Payee>, StoreError> {
        let numbers: Vec<Cell<'_>> = numbers.iter().map(|number| (*number).into()).collect();
        let rows = by_keys(&numbers, |numbers| {
            let found =
                payees::table.filter(payees::programme_no.eq(programme.0)).filter(among(payees::number, numbers));
            Ok(found.select(PayeeRow::as_select()).load(self)?)
        })?;
        read_payees(rows)
    }

    fn payees_of(
        &mut self,
        programme: ProgrammeNo,
        providers: &BTreeSet<OrganisationId>,
    ) -> Result<Vec<Payee>, StoreError> {
        let providers: Vec<Cell<'_>> = providers.iter().map(|provider| provider.to_string().into()).collect();
        let rows = by_keys(&providers, |providers| {
            let of_programme = payees::table.filter(payees::programme_no.eq(programme.0));
            let found = of_programme.filter(among(payees::provider_id, providers)).order(payees::number);
            Ok(found.select(PayeeRow::as_select()).load(self)?)
        })?;
        read_payees(rows)
    }

    fn payees(
        &mut self,
        programme: ProgrammeNo,
        provider: Option<OrganisationId>,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Payee>, StoreError> {
        let mut query = payees::table.select(PayeeRow::as_select()).into_boxed();
        query = query.filter(payees::programme_no.eq(programme.0)).filter(payees::number.gt(after));
        if let Some(provider) = provider {
            query = query.filter(payees::provider_id.eq(provider.to_string()));
        }
        read_payees(query.order(payees::number).limit(limit).load(self)?)
    }

    fn payee_asked(&mut self, programme: ProgrammeNo, key_digest: &str) -> Result<Option<(Payee, String)>, StoreError> {
        let found = payees::table
            .filter(payees::programme_no.eq(programme.0))
            .filter(payees::key_digest.eq(key_digest))
            .select((PayeeRow::as_select(), payees::fingerprint.assume_not_null()));
        let row: Option<(PayeeRow, String)> = found.first(self).optional()?;
        let proposed = |(row, fingerprint)| Ok((Payee { confirmed: None, ..Payee::try_from(row)? }, fingerprint));
        row.map(proposed).transpose()
    }

    fn payee_account(&mut self, programme: ProgrammeNo, payee: i64) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(payees::table.find((programme.0, payee)).select(payees::account).first(self).optional()?)
    }

    fn last_payment(&mut self, programme: ProgrammeNo) -> Result<i64, StoreError> {
        let of_programme = payments::table.filter(payments::programme_no.eq(programme.0));
        let last: Option<i64> = of_programme.select(max(payments::number)).first(self)?;
        Ok(last.unwrap_or(0))
    }

    fn payment(&mut self, programme: ProgrammeNo, number: i64) -> Result<Option<Payment>, StoreError> {
        let found = payments::table.find((programme.0, number));
        let row: Option<PaymentRow> = found.select(PaymentRow::as_select()).first(self).optional()?;
        row.map(Payment::try_from).transpose()
    }

    fn payments(&mut self, programme: ProgrammeNo, after: i64, limit: i64) -> Result<Vec<Payment>, StoreError> {
        let rows: Vec<PaymentRow> = payments::table
            .filter(payments::programme_no.eq(programme.0))
            .filter(payments::number.gt(after))
            .order(payments::number)
            .limit(limit)
            .select(PaymentRow::as_select())
            .load(self)?;
        rows.into_iter().map(Payment::try_from).collect()
    }

    fn payment_lines(&mut self, programme: ProgrammeNo, payment: i64) -> Result<Vec<PaymentLine>, StoreError> {
        let rows: Vec<PaymentLineRow> = payment_lines::table
            .filter(payment_lines::programme_no.eq(programme.0))
            .filter(payment_lines::payment.eq(payment))
            .order(payment_lines::line)
            .select(PaymentLineRow::as_select())
            .load(self)?;
        rows.into_iter().map(PaymentLine::try_from).collect()
    }

    fn lines_of_claim(&mut self, programme: ProgrammeNo, claim: i64) -> Result<Vec<PaymentLine>, StoreError> {
        let rows: Vec<PaymentLineRow> = payment_lines::table
            .filter(payment_lines::programme_no.eq(programme.0))
            .filter(payment_lines::claim.eq(claim))
            .order((payment_lines::payment, payment_lines::line))
            .select(PaymentLineRow::as_select())
            .load(self)?;
        rows.into_iter().map(PaymentLine::try_from).collect()
    }

    fn last_overpayment(&mut self, programme: ProgrammeNo) -> Result<i64, StoreError> {
        super::overpayments::last(self, programme)
    }

    fn owed(&mut self, programme: ProgrammeNo) -> Result<BTreeMap<OrganisationId, i64>, StoreError> {
        super::overpayments::owed(self, programme)
    }

    fn payment_orders_among(
        &mut self,
        programme: ProgrammeNo,
        numbers: &BTreeSet<String>,
    ) -> Result<BTreeSet<String>, StoreError> {
        let numbers: Vec<Cell<'_>> = numbers.iter().map(|number| number.as_str().into()).collect();
        let taken = by_keys(&numbers, |numbers| {
            let of_programme = payments::table.filter(payments::programme_no.eq(programme.0));
            let found = of_programme.filter(among(payments::payment_order, numbers));
            Ok(found.select(payments::payment_order).load::<String>(self)?)
        })?;
        Ok(taken.into_iter().collect())
    }

    fn revenue_orders_among(
        &mut self,
        programme: ProgrammeNo,
        numbers: &BTreeSet<String>,
    ) -> Result<BTreeSet<String>, StoreError> {
        super::overpayments::revenue_orders_among(self, programme, numbers)
    }

    fn bank_files_among(
        &mut self,
        programme: ProgrammeNo,
        hashes: &BTreeSet<String>,
    ) -> Result<BTreeSet<String>, StoreError> {
        let hashes: Vec<Cell<'_>> = hashes.iter().map(|hash| hash.as_str().into()).collect();
        let found = by_keys(&hashes, |hashes| {
            let of_programme = bank_files::table.filter(bank_files::programme_no.eq(programme.0));
            let known = of_programme.filter(among(bank_files::file_hash, hashes));
            Ok(known.select(bank_files::file_hash).load::<String>(self)?)
        })?;
        Ok(found.into_iter().collect())
    }
}

impl PaymentWrites for Conn {
    fn insert_payee(
        &mut self,
        programme: ProgrammeNo,
        payee: &Payee,
        proposal: Proposal<'_>,
    ) -> Result<(), StoreError> {
        let row = (
            payees::programme_no.eq(programme.0),
            payees::number.eq(payee.number),
            payees::provider_id.eq(payee.provider.to_string()),
            payees::legal_form.eq(payee.legal_form.as_str()),
            payees::account.eq(proposal.account),
            payees::masked.eq(&payee.masked),
            payees::commitment.eq(hex::encode(payee.commitment)),
            payees::proposer_id.eq(payee.proposer.to_string()),
            payees::proposer.eq(&payee.proposer_pseudonym),
            payees::proposed_on.eq(payee.proposed_on.to_string()),
            payees::key_digest.eq(proposal.key_digest),
            payees::fingerprint.eq(proposal.fingerprint),
        );
        diesel::insert_into(payees::table).values(row).execute(self)?;
        Ok(())
    }
}

/// Writes what a group changed of payees and payments.
pub(super) fn save(
    out: &mut Writing<'_>,
    programme: ProgrammeNo,
    facts: &Facts,
    granted: &[Appended],
) -> Result<(), StoreError> {
    let confirmed = |(number, row): (&i64, &Row<Payee>)| {
        let (by, on, from) = row.now.confirmed?;
        let [by, on, from] = [by.to_string(), on.to_string(), from.to_string()];
        Some([Cell::Number(programme.0), (*number).into(), by.into(), on.into(), from.into()])
    };
    let confirmed: Vec<[Cell<'_>; 5]> = facts.payments.payees.changed().filter_map(confirmed).collect();
    update_from(
        out,
        "payees",
        "UPDATE payees SET confirmer_id = v.column3, confirmed_on = v.column4, effective_on = v.column5",
        &confirmed,
        "payees.programme_no = v.column1 AND payees.number = v.column2 AND payees.confirmed_on IS NULL",
    )?;
    save_ordered(out, programme, granted)?;
    super::overpayments::save(out, programme, granted)?;
    save_lines(out, programme, facts)
}

/// Payments, and the files of banks that were taken: both name their receipt.
fn save_ordered(out: &mut Writing<'_>, programme: ProgrammeNo, granted: &[Appended]) -> Result<(), StoreError> {
    let (mut ordered, mut taken) = (Vec::new(), Vec::new());
    for (body, record) in written_down(granted) {
        match record {
            Record::Payments(PaymentRecord::Ordered(payment, _)) => {
                ordered.push(PaymentRow::new(programme, payment, &body.number)?);
            }
            Record::Payments(PaymentRecord::FileTaken(file_hash)) => {
                taken.push(BankFileRow { programme_no: programme.0, file_hash, receipt: &body.number });
            }
            _ => {}
        }
    }
    insert_all(out, &ordered)?;
    insert_all(out, &taken)
}

fn save_lines(out: &mut Writing<'_>, programme: ProgrammeNo, facts: &Facts) -> Result<(), StoreError> {
    let (mut new, mut told) = (Vec::new(), Vec::new());
    for ((payment, line), row) in facts.payments.lines.changed() {
        let Some(before) = &row.loaded else {
            new.push(PaymentLineRow::new(programme, &row.now));
            continue;
        };
        let on = row.now.state_on.ok_or_else(|| corrupt("a transfer changed without a day"))?;
        told.push([
            Cell::Number(programme.0),
            (*payment).into(),
            (*line).into(),
            before.state.as_str().into(),
            row.now.state.as_str().into(),
            on.to_string().into(),
            row.now.reason.as_ref().map(ToString::to_string).into(),
        ]);
    }
    insert_all(out, &new)?;
    update_from(
        out,
        "payment_lines",
        "UPDATE payment_lines SET state = v.column5, state_on = v.column6, reason = v.column7",
        &told,
        "payment_lines.programme_no = v.column1 AND payment_lines.payment = v.column2 \
         AND payment_lines.line = v.column3 AND payment_lines.state = v.column4",
    )
}
