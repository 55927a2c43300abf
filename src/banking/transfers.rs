//! The file that asks a bank to pay: ISO 20022 `pain.001.001.09`, SEPA credit transfers. The same payment gives the same
//! bytes. What never lives here: who is to be paid, or how much.

use sepa::{
    CharsetPolicy, CreditTransferEntry, CreditTransferGroup, CreditTransferSchema, IsoDate, IsoDateTime,
    Pain001Builder, Transliteration, transliterate,
};

use crate::domain::account::Account;
use crate::domain::money::Cents;
use crate::domain::payments::{Payment, end_to_end_id};
use crate::domain::short_code::ShortCode;

/// Characters of a remittance text, and of a name (EPC implementation guidelines).
const LONGEST_REMITTANCE: usize = 140;
const LONGEST_NAME: usize = 70;

/// One transfer as the bank needs it.
#[derive(Debug, Clone)]
pub struct Transfer {
    /// Its rank in the payment, from 1.
    pub line: i64,
    pub account: Account,
    pub amount: Cents,
    /// What the provider reads on its statement.
    pub about: String,
}

/// The payment cannot be put into a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a payment cannot be put into a transfer file: {0}")]
pub struct NoFile(String);

/// The file of a payment, as text.
///
/// # Errors
/// [`NoFile`] where the library refuses a value: every one was checked before, so it is a defect.
pub fn transfer_file(
    programme: &ShortCode,
    payment: &Payment,
    debtor: &Account,
    transfers: Vec<Transfer>,
) -> Result<String, NoFile> {
    let no = |error: &dyn std::fmt::Display| NoFile(error.to_string());
    let execute_on = IsoDate::parse(&payment.execute_on.to_string()).map_err(|error| no(&error))?;
    let moment = payment.made_at.to_string();
    let seconds = moment.get(..19).map(|text| format!("{text}Z")).unwrap_or_default();
    let made_at = IsoDateTime::parse(&seconds).map_err(|error| no(&error))?;
    let payer = plain(debtor.holder.as_str(), LONGEST_NAME);
    let mut group = CreditTransferGroup::new(payer.clone(), debtor.iban.get(), execute_on)
        .payment_info_id(format!("{programme}-P{}", payment.number))
        .batch_booking(true);
    if let Some(bic) = &debtor.bic {
        group = group.debtor_bic(bic.get().clone());
    }
    for transfer in transfers {
        let id = end_to_end_id(programme, payment.number, transfer.line);
        let Account { holder, iban, bic } = &transfer.account;
        let (name, about) = (plain(holder.as_str(), LONGEST_NAME), plain(&transfer.about, LONGEST_REMITTANCE));
        let amount = transfer.amount.get();
        let mut entry = CreditTransferEntry::new(name, iban.get().clone(), amount, id).with_description(about);
        if let Some(bic) = bic {
            entry = entry.with_bic(bic.get().clone());
        }
        group = group.add_entry(entry);
    }
    Pain001Builder::new(payer, format!("{programme}-P{}", payment.number))
        .created_at(made_at)
        .schema(CreditTransferSchema::IsoV9)
        .charset(CharsetPolicy::Strict)
        .add_group(group)
        .build()
        .map_err(|error| no(&error))
}

/// The text in the characters that every bank of the zone takes (EPC217-08), cut to what fits: `Béthune` is `Bethune`.
fn plain(text: &str, longest: usize) -> String {
    transliterate(text, Transliteration::Epc).chars().take(longest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::{Bic, Iban};
    use crate::domain::payments::Debtor;
    use crate::domain::text::{Label, Reference};
    use crate::domain::time::{Day, Instant};

    fn payment() -> Payment {
        let (name, account) = (Label::parse("Région Hauts-de-France").unwrap(), String::new());
        let debtor = Debtor { name, masked: "FR76 •••• 0185".to_owned(), account };
        Payment {
            number: 7,
            made_at: Instant::parse("2021-11-05T09:12:31.204Z").unwrap(),
            execute_on: Day::new(2021, 11, 8).unwrap(),
            payment_order: Reference::parse("2021-MP-4711").unwrap(),
            bordereau: None,
            engagement: None,
            debtor,
            file_hash: String::new(),
            total: Cents::new(4_000),
        }
    }

    fn transfers(name: &str) -> Vec<Transfer> {
        let account =
            |iban: &str, bic| Account { holder: Label::parse(name).unwrap(), iban: Iban::parse(iban).unwrap(), bic };
        let about = "Pass numérique HDF21, demande 3, 2021-10".to_owned();
        let first = account("FR7630006000011234567890189", Some(Bic::parse("AGRIFRPP").unwrap()));
        let second = account("DE89370400440532013000", None);
        vec![
            Transfer { line: 1, account: first, amount: Cents::new(3_000), about: about.clone() },
            Transfer { line: 2, account: second, amount: Cents::new(1_000), about },
        ]
    }

    fn file(name: &str) -> String {
        let debtor = Account {
            holder: Label::parse("Région Hauts-de-France").unwrap(),
            iban: Iban::parse("FR7630001007941234567890185").unwrap(),
            bic: Some(Bic::parse("BDFEFRPP").unwrap()),
        };
        transfer_file(&ShortCode::parse("HDF21").unwrap(), &payment(), &debtor, transfers(name)).unwrap()
    }

    #[test]
    fn the_same_payment_gives_the_same_bytes_with_its_totals() {
        let text = file("Les lieux numériques & Cie");
        assert_eq!(text, file("Les lieux numériques & Cie"));
        for part in [
            "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09",
            "<MsgId>HDF21-P7</MsgId>",
            "<PmtInfId>HDF21-P7</PmtInfId>",
            "<NbOfTxs>2</NbOfTxs>",
            "<CtrlSum>40.00</CtrlSum>",
            "<Dt>2021-11-08</Dt>",
            "<EndToEndId>HDF21-P7-L2</EndToEndId>",
            "<InstdAmt Ccy=\"EUR\">30.00</InstdAmt>",
            "<IBAN>FR7630006000011234567890189</IBAN>",
            "<ChrgBr>SLEV</ChrgBr>",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        assert!(!text.contains('é'), "{text}");
    }

    /// Names that people type try to be markup, or too long: what comes out is always plain text of the zone.
    #[test]
    fn no_name_breaks_the_file() {
        for name in ["</Nm><InstdAmt>", "Ĳssel ß œuvre 株式会社", &"é".repeat(200), "&amp;", "a\u{301}"] {
            let text = file(name);
            assert_eq!(text.matches("<Cdtr>").count(), 2, "{name}");
            assert!(text.is_ascii(), "{text}");
        }
    }
}
