//! A journal that has lost receipts which were given out: one person declares the loss, another confirms it, and
//! writing goes on in a new epoch. What never lives here: how a loss is noticed.

use super::act::{Act, Context};
use super::facts::{Facts, Needs};
use super::ids::UserId;
use super::movement::{Kind, Movement, Record};
use super::named::named;
use super::refusal::{Code, Malformed, Refusal};

named!(
    /// Why a journal has lost receipts.
    RestoreReason, Malformed::Identifier, {
        /// A disk or a machine failed; what could be saved was put back.
        StorageFailure => "storage_failure",
        /// An older copy was put back on purpose.
        RestoredFromBackup => "restored_from_backup",
        /// A copy that ran behind took the place of the database.
        ReplicaPromoted => "replica_promoted",
        /// Somebody put back or removed the wrong files.
        OperatorError => "operator_error",
        /// The restore is rehearsed.
        Drill => "drill",
    }
);

/// A place in a journal: the receipt at this position, in this epoch, with this hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    pub epoch: i64,
    /// 0 before the first receipt.
    pub position: i64,
    /// 64 hexadecimal digits.
    pub hash: String,
}

/// What a journal has lost: it stands at `restored`, and was known to have stood at `known`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    pub restored: Point,
    pub known: Point,
}

impl Loss {
    /// How many receipts are missing at least: one where the journal went another way after the loss.
    #[must_use]
    pub fn receipts_lost(&self) -> i64 {
        self.known.position.saturating_sub(self.restored.position).max(1)
    }

    /// The epoch in which writing can go on: above both, so that no number of either is given again.
    #[must_use]
    pub fn next_epoch(&self) -> i64 {
        self.known.epoch.max(self.restored.epoch).saturating_add(1)
    }
}

/// The first half of a declared restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    pub by: UserId,
    /// As receipts name this person.
    pub pseudonym: String,
    pub reason: RestoreReason,
    pub loss: Loss,
}

/// Declares the loss that stands. A later declaration takes the place of an earlier one.
///
/// # Errors
/// [`Code::RestoreNotNeeded`] where nothing is lost.
pub fn declare(
    loss: Option<Loss>,
    by: UserId,
    pseudonym: String,
    reason: RestoreReason,
) -> Result<Declaration, Refusal> {
    let loss = loss.ok_or(Refusal::new(Code::RestoreNotNeeded))?;
    Ok(Declaration { by, pseudonym, reason, loss })
}

/// Confirms the loss that somebody else has declared, and opens a new epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmRestore;

impl Act for ConfirmRestore {
    fn kind(&self) -> Kind {
        Kind::Restore
    }

    fn needs(&self, needs: &mut Needs) {
        needs.restore = true;
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        let loss = facts.loss.as_ref().ok_or(Refusal::new(Code::RestoreNotNeeded))?;
        // A declaration of another loss, before or since, says nothing of this one.
        let declared = facts.declaration.as_ref().filter(|declaration| declaration.loss == *loss);
        let declared = declared.ok_or(Refusal::new(Code::RestoreNotDeclared))?;
        if declared.by == context.actor.user {
            return Err(Refusal::new(Code::RestoreSamePerson));
        }
        let epoch = loss.next_epoch();
        Ok(Movement::new(Kind::Restore)
            .mention("epoch", epoch)
            .mention("reason", declared.reason.as_str())
            .mention("declared_by", declared.pseudonym.clone())
            .mention("restored_position", loss.restored.position)
            .mention("restored_head", loss.restored.hash.clone())
            .mention("last_known_position", loss.known.position)
            .mention("last_known_head", loss.known.hash.clone())
            .mention("receipts_lost", loss.receipts_lost())
            .record(Record::Restored { epoch }))
    }
}
