//! Answers once given: how they are kept under the client's key, and how they are given again. A replay is an
//! answer, not an error. What never lives here: a decision.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Answer, Outcome, RequestKey, SubmitError};
use crate::domain::ids::ProgrammeNo;
use crate::domain::refusal::Refusal;
use crate::domain::time::Instant;
use crate::receipts::chain;
use crate::store::{Reads, StoreError, StoredReply};

/// How an outcome is kept under its key.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kept {
    /// The receipt's position.
    Granted(i64),
    /// The same, with a warning: see [`Answer::doubtful`].
    GrantedInDoubt(i64),
    Refused(Refusal),
}

/// The request that a key names, and the answer to it; none where nobody asks for that one.
pub(super) struct Reply {
    pub(super) fingerprint: String,
    /// With whether it is about a person who may be somebody else.
    pub(super) outcome: Option<(Outcome, bool)>,
}

impl Reply {
    /// The answer again, if this is the request that the key names.
    pub(super) fn answer(&self, key: &RequestKey) -> Result<Answer, SubmitError> {
        let same = self.outcome.as_ref().filter(|_| self.fingerprint == key.fingerprint);
        let again = |(outcome, doubtful): &(Outcome, bool)| Answer {
            outcome: outcome.clone(),
            doubtful: *doubtful,
            replayed: true,
        };
        same.map(again).ok_or(SubmitError::KeyReused)
    }
}

/// An outcome as it is stored; none for what was refused because of the caller's account: once it is put right, the same
/// request is decided. That somebody may not approve this one claim is said of the claim, and kept.
pub(super) fn keep(key: &RequestKey, (outcome, doubtful): (&Outcome, bool), at: Instant) -> Option<StoredReply> {
    let kept = match outcome {
        Outcome::Granted(receipt) if doubtful => Kept::GrantedInDoubt(receipt.body().position),
        Outcome::Granted(receipt) => Kept::Granted(receipt.body().position),
        Outcome::Refused(refusal) if refusal.code.is_about_the_caller() => return None,
        Outcome::Refused(refusal) => Kept::Refused(refusal.clone()),
    };
    Some(StoredReply {
        key_digest: key.digest.clone(),
        fingerprint: key.fingerprint.clone(),
        at,
        outcome: serde_json::to_string(&kept).unwrap_or_default(),
    })
}

/// What was answered before under this key.
pub(super) fn find(
    tx: &mut (impl Reads + ?Sized),
    programme: ProgrammeNo,
    key: &RequestKey,
) -> Result<Option<Result<Answer, SubmitError>>, SubmitError> {
    let stored = tx.replies(&digests(&[key]))?;
    let reply = replies(tx, programme, &[key], stored)?.into_values().next();
    Ok(reply.map(|reply| reply.answer(key)))
}

/// What the keys are looked up by.
pub(super) fn digests(keys: &[&RequestKey]) -> BTreeSet<String> {
    keys.iter().map(|key| key.digest.clone()).collect()
}

/// What was answered before under these keys, as it is stored, with the receipts those answers name. The answer to another
/// request is not read: its receipt may stand in another programme's journal.
pub(super) fn replies(
    tx: &mut (impl Reads + ?Sized),
    programme: ProgrammeNo,
    keys: &[&RequestKey],
    stored: Vec<StoredReply>,
) -> Result<BTreeMap<String, Reply>, SubmitError> {
    let asked: BTreeSet<(&str, &str)> =
        keys.iter().map(|key| (key.digest.as_str(), key.fingerprint.as_str())).collect();
    let mut kept = BTreeMap::new();
    for reply in stored {
        let same = asked.contains(&(reply.key_digest.as_str(), reply.fingerprint.as_str()));
        let outcome = if same { Some(outcome(tx, programme, &reply.outcome)?) } else { None };
        kept.insert(reply.key_digest, Reply { fingerprint: reply.fingerprint, outcome });
    }
    Ok(kept)
}

fn outcome(tx: &mut (impl Reads + ?Sized), programme: ProgrammeNo, text: &str) -> Result<(Outcome, bool), StoreError> {
    let corrupt = || StoreError::Corrupt("a reply that cannot be read".to_owned());
    let (position, doubtful) = match serde_json::from_str(text).map_err(|_| corrupt())? {
        Kept::Refused(refusal) => return Ok((Outcome::Refused(refusal), false)),
        Kept::Granted(position) => (position, false),
        Kept::GrantedInDoubt(position) => (position, true),
    };
    let stored = tx.receipt_at(programme, position)?.ok_or_else(corrupt)?;
    Ok((Outcome::Granted(Arc::new(chain::read_receipt(stored.body).map_err(|_| corrupt())?)), doubtful))
}
