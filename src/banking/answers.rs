//! What a bank answers: a statement (`camt.053`), a status report (`pain.002`), or a table in CSV for whoever has neither.
//! Of a statement only what names one of our transfers counts. What never lives here: whether a transfer exists.

use sepa::camt::{CashEntry, EntryStatus};
use sepa::camt053::parse_camt053;
use sepa::pain002::{PaymentStatus, ReasonCode, parse_pain002};

use crate::domain::money::Cents;
use crate::domain::payments::{Outcome, Told, read_end_to_end_id};
use crate::domain::short_code::ShortCode;
use crate::domain::text::BankReason;
use crate::domain::time::Day;

/// The columns of the table.
const COLUMNS: [&str; 5] = ["end_to_end_id", "outcome", "date", "amount_cents", "reason"];

/// What a file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// `camt.053`, `pain.002` or `csv`.
    pub format: &'static str,
    /// Of single transfers.
    pub told: Vec<Told>,
    /// Of whole payments: the outcome of each of their transfers. The transfer of each has the line 0.
    pub whole: Vec<Told>,
    /// Lines of a table that cannot be read.
    pub unread: Vec<UnreadLine>,
}

/// A line that cannot be read, counted from 1, the header included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadLine {
    pub line: usize,
    /// What stands there first.
    pub text: String,
    /// The name of the column that cannot be read, where it is known.
    pub column: Option<&'static str>,
}

/// The file is none that a bank sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a camt.053, a pain.002 nor a table")]
pub struct Unread;

/// Reads a bank's file, whatever it is.
///
/// # Errors
/// [`Unread`].
pub fn answers_in(programme: &ShortCode, bytes: &[u8]) -> Result<Answers, Unread> {
    let text = std::str::from_utf8(bytes).map_err(|_| Unread)?.trim_start_matches('\u{feff}');
    if !text.trim_start().starts_with('<') {
        return table(programme, text);
    }
    if text.contains("camt.053.") { statement(programme, text) } else { report(programme, text) }
}

/// The payment that `HDF21-P7` names, as a transfer of it without a line.
fn whole_payment(programme: &ShortCode, id: Option<&String>) -> Option<(i64, i64)> {
    let number = id?.trim().strip_prefix(programme.as_str())?.strip_prefix("-P")?;
    number.parse().ok().filter(|number| *number > 0).map(|number| (number, 0))
}

fn reason(code: Option<&str>) -> Option<BankReason> {
    code.and_then(|code| BankReason::parse(code).ok())
}

fn day(text: Option<&String>) -> Result<Day, Unread> {
    text.and_then(|text| text.get(..10)).and_then(|text| Day::parse(text).ok()).ok_or(Unread)
}

fn statement(programme: &ShortCode, xml: &str) -> Result<Answers, Unread> {
    let document = parse_camt053(xml).map_err(|_| Unread)?;
    let mut answers = Answers { format: "camt.053", told: Vec::new(), whole: Vec::new(), unread: Vec::new() };
    let entries = document.statements.iter().flat_map(|statement| &statement.entries);
    for (entry, place) in entries.zip(1..).filter(|(entry, _)| entry.status == EntryStatus::Booked) {
        let on = day(entry.booking_date_raw.as_ref().or(entry.value_date_raw.as_ref()))?;
        let ours = booked(programme, entry, on, place);
        if ours.is_empty() {
            answers.whole.extend(booked_whole(programme, entry, on, place));
        }
        answers.told.extend(ours);
    }
    // What came back had been paid, in whatever order the statement lists it.
    answers.told.sort_by_key(|told| told.outcome == Outcome::Returned);
    Ok(answers)
}

/// What an entry says of single transfers.
fn booked(programme: &ShortCode, entry: &CashEntry, on: Day, place: usize) -> Vec<Told> {
    let told = |detail: &sepa::camt::EntryDetail| {
        let transfer = read_end_to_end_id(programme, detail.end_to_end_id.as_deref()?)?;
        let signed = detail.signed_ct().or_else(|| entry.signed_ct().filter(|_| entry.details.len() == 1))?;
        let outcome = if signed < 0 { Outcome::Executed } else { Outcome::Returned };
        let (amount, reason) =
            (Some(Cents::new(signed.saturating_abs())), reason(detail.return_reason_code.as_deref()));
        Some(Told { transfer, outcome, on, amount, reason, place })
    };
    entry.details.iter().filter_map(told).collect()
}

/// What an entry for a whole payment says, where the bank does not list its transfers.
fn booked_whole(programme: &ShortCode, entry: &CashEntry, on: Day, place: usize) -> Option<Told> {
    let transfer = whole_payment(programme, entry.batch.as_ref()?.payment_info_id.as_ref())?;
    let signed = entry.signed_ct().filter(|signed| *signed < 0)?;
    let amount = Some(Cents::new(signed.saturating_abs()));
    Some(Told { transfer, outcome: Outcome::Executed, on, amount, reason: None, place })
}

fn report(programme: &ShortCode, xml: &str) -> Result<Answers, Unread> {
    let document = parse_pain002(xml).map_err(|_| Unread)?;
    let on = day(Some(&document.created_at_raw))?;
    let mut answers = Answers { format: "pain.002", told: Vec::new(), whole: Vec::new(), unread: Vec::new() };
    let refused = |transfer, codes: &[ReasonCode], amount: Option<i64>, place| Told {
        transfer,
        outcome: Outcome::Rejected,
        on,
        amount: amount.map(Cents::new),
        reason: reason(codes.first().map(ReasonCode::as_code)),
        place,
    };
    if document.group_status == Some(PaymentStatus::Rjct) {
        let transfer = whole_payment(programme, Some(&document.original_msg_id)).ok_or(Unread)?;
        answers.whole.push(refused(transfer, &document.group_reason_codes, None, 1));
        return Ok(answers);
    }
    let mut place = 0;
    for payment in &document.payment_info_statuses {
        place += 1;
        let whole = whole_payment(programme, payment.original_payment_info_id.as_ref());
        if payment.status == Some(PaymentStatus::Rjct)
            && let Some(transfer) = whole
        {
            answers.whole.push(refused(transfer, &payment.reason_codes, None, place));
            continue;
        }
        for transaction in payment.transactions.iter().filter(|one| one.status == Some(PaymentStatus::Rjct)) {
            place += 1;
            let id = transaction.original_end_to_end_id.as_deref();
            let Some(transfer) = id.and_then(|id| read_end_to_end_id(programme, id)) else { continue };
            answers.told.push(refused(transfer, &transaction.reason_codes, transaction.original_amount_ct, place));
        }
    }
    Ok(answers)
}

fn table(programme: &ShortCode, text: &str) -> Result<Answers, Unread> {
    let header = text.lines().next().unwrap_or_default();
    let delimiter = if header.contains(';') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let named = reader.headers().map_err(|_| Unread)?.iter().map(str::trim).eq(COLUMNS);
    if !named {
        return Err(Unread);
    }
    let mut answers = Answers { format: "csv", told: Vec::new(), whole: Vec::new(), unread: Vec::new() };
    for (record, line) in reader.records().zip(2..) {
        let record = record.map_err(|_| Unread)?;
        let cells: Vec<&str> = record.iter().map(str::trim).collect();
        if let Some(told) = told_by(programme, &cells, line) {
            answers.told.push(told);
        } else {
            let text = cells.first().map(|text| (*text).to_owned()).unwrap_or_default();
            answers.unread.push(UnreadLine { line, text, column: None });
        }
    }
    Ok(answers)
}

fn told_by(programme: &ShortCode, cells: &[&str], place: usize) -> Option<Told> {
    let [id, outcome, date, amount, why] = cells else { return None };
    let transfer = read_end_to_end_id(programme, id)?;
    let (outcome, on) = (Outcome::parse(outcome).ok()?, Day::parse(date).ok()?);
    let amount = Some(Cents::new(amount.parse().ok()?));
    let reason = if why.is_empty() { None } else { Some(BankReason::parse(why).ok()?) };
    (reason.is_some() == (outcome != Outcome::Executed)).then_some(Told {
        transfer,
        outcome,
        on,
        amount,
        reason,
        place,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hdf21() -> ShortCode {
        ShortCode::parse("HDF21").unwrap()
    }

    fn told(transfer: (i64, i64), outcome: Outcome, amount: Option<i64>, why: Option<&str>, place: usize) -> Told {
        let on = Day::new(2021, 11, 8).unwrap();
        Told { transfer, outcome, on, amount: amount.map(Cents::new), reason: reason(why), place }
    }

    #[test]
    fn a_table_says_what_became_of_each_transfer_and_which_lines_cannot_be_read() {
        let text = "end_to_end_id;outcome;date;amount_cents;reason\r\nHDF21-P1-L1;executed;2021-11-08;3000;\r\n\
                    HDF21-P1-L2;returned;2021-11-08;1000;AC04\r\nHDF21-P1-L3;executed;08/11/2021;1000;\r\n\
                    HDF21-P1-L4;rejected;2021-11-08;1000;\r\nAISNE22-P1-L1;executed;2021-11-08;1;\r\n";
        let answers = answers_in(&hdf21(), text.as_bytes()).unwrap();
        let right = [
            told((1, 1), Outcome::Executed, Some(3000), None, 2),
            told((1, 2), Outcome::Returned, Some(1000), Some("AC04"), 3),
        ];
        assert_eq!(answers.told, right);
        assert_eq!(answers.unread.iter().map(|line| line.line).collect::<Vec<_>>(), [4, 5, 6]);
        assert_eq!(answers_in(&hdf21(), b"a,b\n1,2\n"), Err(Unread));
        assert_eq!(answers_in(&hdf21(), b"\xff"), Err(Unread));
    }

    const STATEMENT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>S1</MsgId><CreDtTm>2021-11-08T18:00:00</CreDtTm></GrpHdr>
<Stmt><Id>1</Id><CreDtTm>2021-11-08T18:00:00</CreDtTm><Acct><Id><IBAN>FR7630001007941234567890185</IBAN></Id></Acct>
<Ntry><Amt Ccy="EUR">30.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2021-11-08</Dt></BookgDt>
<NtryDtls><TxDtls><Refs><EndToEndId>HDF21-P1-L1</EndToEndId></Refs><Amt Ccy="EUR">30.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">10.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2021-11-08</Dt></BookgDt>
<NtryDtls><TxDtls><Refs><EndToEndId>HDF21-P1-L2</EndToEndId></Refs><Amt Ccy="EUR">10.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">99.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2021-11-08</Dt></BookgDt>
<NtryDtls><TxDtls><Refs><EndToEndId>LOYER-11</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">70.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2021-11-08</Dt></BookgDt>
<NtryDtls><Btch><PmtInfId>HDF21-P2</PmtInfId><NbOfTxs>3</NbOfTxs></Btch></NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">10.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>PDNG</Cd></Sts><BookgDt><Dt>2021-11-08</Dt></BookgDt>
<NtryDtls><TxDtls><Refs><EndToEndId>HDF21-P3-L1</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>
</Stmt></BkToCstmrStmt></Document>"#;

    #[test]
    fn of_a_statement_what_names_our_transfers_counts_once_it_is_booked() {
        let answers = answers_in(&hdf21(), STATEMENT.as_bytes()).unwrap();
        let right = [
            told((1, 1), Outcome::Executed, Some(3000), None, 1),
            told((1, 2), Outcome::Returned, Some(1000), Some("AC04"), 2),
        ];
        assert_eq!((answers.format, &answers.told[..]), ("camt.053", &right[..]));
        assert_eq!(answers.whole, [told((2, 0), Outcome::Executed, Some(7000), None, 4)]);
    }

    #[test]
    fn a_status_report_says_which_transfers_were_not_taken() {
        let xml = |group: &str, payment: &str| {
            format!(
                r#"<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>
<GrpHdr><MsgId>R1</MsgId><CreDtTm>2021-11-08T09:00:00</CreDtTm></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>HDF21-P1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{group}</OrgnlGrpInfAndSts>
{payment}</CstmrPmtStsRpt></Document>"#
            )
        };
        let one = "<OrgnlPmtInfAndSts><OrgnlPmtInfId>HDF21-P1</OrgnlPmtInfId><PmtInfSts>PART</PmtInfSts><TxInfAndSts>\
                   <OrgnlEndToEndId>HDF21-P1-L2</OrgnlEndToEndId><TxSts>RJCT</TxSts><StsRsnInf><Rsn><Cd>AC01</Cd></Rsn>\
                   </StsRsnInf></TxInfAndSts><TxInfAndSts><OrgnlEndToEndId>HDF21-P1-L1</OrgnlEndToEndId>\
                   <TxSts>ACSC</TxSts></TxInfAndSts></OrgnlPmtInfAndSts>";
        let answers = answers_in(&hdf21(), xml("<GrpSts>PART</GrpSts>", one).as_bytes()).unwrap();
        assert_eq!(answers.told, [told((1, 2), Outcome::Rejected, None, Some("AC01"), 2)]);
        let all = "<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>AM05</Cd></Rsn></StsRsnInf>";
        let answers = answers_in(&hdf21(), xml(all, "").as_bytes()).unwrap();
        assert_eq!(answers.whole, [told((1, 0), Outcome::Rejected, None, Some("AM05"), 1)]);
        assert_eq!(answers_in(&hdf21(), b"<html></html>"), Err(Unread));
    }
}
