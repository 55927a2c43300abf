//! A receipt as JSON: the sealed bytes read back, with amounts in words. Nothing here that is not in the bytes,
//! so that the same receipt always gives the same answer.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::problem::Problem;
use crate::domain::money::Cents;
use crate::domain::movement::Kind;
use crate::receipts::{Mention, Receipt, chain};
use crate::store::StoredReceipt;

/// A numbered, sealed receipt.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Receipt)]
pub(super) struct ReceiptJson {
    /// For people: programme, organisation, year, running number without gaps.
    #[schema(example = "HDF21-MAUB-2026-000042")]
    number: String,
    /// Place in the programme's journal.
    #[schema(example = 42)]
    position: i64,
    #[schema(example = "hand_out")]
    kind: String,
    /// The receipt's title in French.
    #[schema(example = "Récépissé de remise au bénéficiaire")]
    title: &'static str,
    /// When it was recorded (UTC, milliseconds).
    #[schema(example = "2026-11-24T10:06:52.123Z")]
    occurred_at: String,
    /// Business day in Europe/Paris.
    #[schema(example = "2026-11-24")]
    day: String,
    /// The organisation that issued the receipt.
    office: OfficeJson,
    /// Who acted, by a keyed pseudonym.
    agent: AgentJson,
    /// The giver, when there is exactly one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "prescriber:MAUB")]
    from: Option<String>,
    /// The receiver, when there is exactly one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "circulation")]
    to: Option<String>,
    booklets: i64,
    passes: i64,
    /// Face value of one pass.
    face_value_cents: i64,
    value_cents: i64,
    /// In French figures and words, as the paper shows them.
    #[schema(example = "100,00 €")]
    value_in_figures: String,
    #[schema(example = "cent euros")]
    value_in_words: String,
    lines: Vec<LineJson>,
    /// Passes of every holder touched, before and after.
    holdings: Vec<HoldingJson>,
    /// What else the receipt says, by stable name.
    #[schema(value_type = Object)]
    mentions: BTreeMap<String, serde_json::Value>,
    /// The receipt that this one undoes.
    #[serde(skip_serializing_if = "Option::is_none")]
    corrects: Option<String>,
    /// Hash of the receipt before.
    previous_hash: String,
    /// SHA-256 of the sealed bytes (docs/RECEIPT-FORMAT.md).
    hash: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct OfficeJson {
    #[schema(example = "MAUB")]
    code: String,
    name: String,
    /// SIRET or RNA.
    registration: String,
    /// INSEE code.
    commune: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct AgentJson {
    pseudonym: String,
    role: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct LineJson {
    batch: String,
    from: String,
    to: String,
    booklets: i64,
    passes: i64,
    value_cents: i64,
    /// Serials, or runs `first..last`.
    items: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct HoldingJson {
    holder: String,
    passes_before: i64,
    passes_after: i64,
}

impl From<&Receipt> for ReceiptJson {
    fn from(receipt: &Receipt) -> Self {
        let body = receipt.body();
        let value = Cents::new(body.total.cents);
        let only = |mut holders: Vec<&String>| {
            holders.dedup();
            if let [holder] = holders.as_slice() { Some((*holder).clone()) } else { None }
        };
        let mention = |(name, mention): (&String, &Mention)| {
            let value = match mention {
                Mention::Text(text) => text.clone().into(),
                Mention::Number(number) => (*number).into(),
            };
            (name.clone(), value)
        };
        Self {
            number: body.number.clone(),
            position: body.position,
            kind: body.kind.clone(),
            title: Kind::parse(&body.kind).map(Kind::title).unwrap_or_default(),
            occurred_at: body.at.clone(),
            day: body.day.clone(),
            office: OfficeJson {
                code: body.office.code.clone(),
                name: body.office.name.clone(),
                registration: body.office.registration.clone(),
                commune: body.office.commune.clone(),
            },
            agent: AgentJson { pseudonym: body.agent.pseudonym.clone(), role: body.agent.role.clone() },
            from: only(body.lines.iter().map(|line| &line.from).collect()),
            to: only(body.lines.iter().map(|line| &line.to).collect()),
            booklets: body.total.booklets,
            passes: body.total.passes,
            face_value_cents: body.face_cents,
            value_cents: body.total.cents,
            value_in_figures: value.figures(),
            value_in_words: value.words(),
            lines: body.lines.iter().map(LineJson::from).collect(),
            holdings: body.holdings.iter().map(HoldingJson::from).collect(),
            mentions: body.mentions.iter().map(mention).collect(),
            corrects: body.corrects.clone(),
            previous_hash: body.prev.clone(),
            hash: receipt.hash().to_owned(),
        }
    }
}

impl From<&crate::receipts::Line> for LineJson {
    fn from(line: &crate::receipts::Line) -> Self {
        Self {
            batch: line.batch.clone(),
            from: line.from.clone(),
            to: line.to.clone(),
            booklets: line.booklets,
            passes: line.passes,
            value_cents: line.cents,
            items: line.items.clone(),
        }
    }
}

impl From<&crate::receipts::Holding> for HoldingJson {
    fn from(holding: &crate::receipts::Holding) -> Self {
        Self { holder: holding.holder.clone(), passes_before: holding.before, passes_after: holding.after }
    }
}

/// Reads a stored receipt back from its bytes.
///
/// # Errors
/// 500 when the bytes are not a receipt: the database was altered.
pub(super) fn read(stored: StoredReceipt) -> Result<Receipt, Problem> {
    chain::read_receipt(stored.body).map_err(|broken| Problem::internal(&broken))
}
