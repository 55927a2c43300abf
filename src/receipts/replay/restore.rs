//! Declared restores: what the receipt must say of the loss, and the epoch that it opens. What never lives here: how a
//! loss is noticed; that takes a head from outside the journal.

use super::super::{Body, Break, FIRST_EPOCH, Mention, Text, is_hex};
use super::Replay;
use super::records::{number, text, wrong};

/// The kind of the receipt that declares a loss.
const KIND: &str = "restore";

/// A loss that was declared: receipts were given out after [`Self::restored_position`] that this journal does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Of the receipt that declares it.
    pub position: i64,
    /// The epoch that it opens.
    pub epoch: i64,
    /// The last receipt that survived; 0 for none.
    pub restored_position: i64,
    /// The last receipt that was known, and is lost.
    pub last_known_position: i64,
    /// Its hash.
    pub last_known_head: String,
    /// How many at least.
    pub receipts_lost: i64,
}

/// The epoch that a receipt says it opens. It is numbered in that epoch already: in the one before, its number could
/// be that of a lost receipt.
#[must_use]
pub fn opened<T: Text>(body: &Body<T>) -> Option<i64> {
    let said = if &*body.kind == KIND { body.mentions.get("epoch") } else { None };
    match said? {
        Mention::Number(epoch) => Some(*epoch),
        Mention::Text(_) => None,
    }
}

impl Replay {
    /// The epoch of the last receipt taken.
    #[must_use]
    pub fn epoch(&self) -> i64 {
        self.gaps.last().map_or(FIRST_EPOCH, |gap| gap.epoch)
    }

    /// Every declared restore, in order.
    #[must_use]
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// The epoch of the receipt at a position.
    pub(super) fn epoch_at(&self, position: u32) -> i64 {
        let open = self.gaps.iter().rev().find(|gap| gap.position <= i64::from(position));
        open.map_or(FIRST_EPOCH, |gap| gap.epoch)
    }

    /// The receipt names the head it follows, the lost one, how many are missing, and two different people.
    pub(super) fn restore<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
        let hash = |name| text(body, name).and_then(|hash| if is_hex(hash, 64) { Ok(hash) } else { Err(wrong(name)) });
        let (epoch, restored) = (number(body, "epoch")?, number(body, "restored_position")?);
        let (known, missing) = (number(body, "last_known_position")?, number(body, "receipts_lost")?);
        let (restored_head, known_head) = (hash("restored_head")?, hash("last_known_head")?);
        text(body, "reason")?;
        let declared_by = text(body, "declared_by")?;
        if epoch <= self.epoch() {
            let detail = format!("l'époque {epoch} n'est pas après l'époque {}", self.epoch());
            return Err(Break::new("epoch", detail));
        }
        let follows = restored == self.head.position && restored_head == self.head.hash;
        if !follows || known < 1 || missing != known.saturating_sub(restored).max(1) {
            return Err(Break::new("gap", "la perte déclarée n'est pas celle qui suit le récépissé précédent"));
        }
        if !is_hex(declared_by, 16) || declared_by == &*body.agent.pseudonym {
            let detail = "une restauration est déclarée par une personne et confirmée par une autre";
            return Err(Break::new("four_eyes", detail));
        }
        self.gaps.push(Gap {
            position: body.position,
            epoch,
            restored_position: restored,
            last_known_position: known,
            last_known_head: known_head.to_owned(),
            receipts_lost: missing,
        });
        Ok(())
    }
}
