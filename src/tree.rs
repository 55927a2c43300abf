//! The tree of a stored journal: roots, checkpoints and proofs, and the blocks that make them cheap. Blocks are computed
//! from the receipts after these are written, never while an act waits. What never lives here: SQL, or a signature's form.

use std::fmt;

use crate::domain::ids::ProgrammeNo;
use crate::domain::programme::Programme;
use crate::keys::Keys;
use crate::receipts::merkle::{self, BLOCK, Hash, Leaves};
use crate::receipts::note::{self, Checkpoint, NamedKey, Note, SignatureLine, WitnessRequest};
use crate::store::{Reads, Store, StoreError, StoredCosignature, WriteError};

/// Blocks that are computed and kept at a time.
const BLOCKS_AT_A_TIME: u64 = 32;

/// Leaves and blocks as stored; a block that is not kept yet is computed.
struct Stored<'t> {
    tx: &'t mut dyn Reads,
    programme: ProgrammeNo,
}

fn number(count: u64) -> Result<i64, StoreError> {
    i64::try_from(count).map_err(|_| StoreError::Corrupt("more receipts than an i64 counts".to_owned()))
}

impl Leaves for Stored<'_> {
    type Error = StoreError;

    fn leaves(&mut self, first: u64, end: u64) -> Result<Vec<Hash>, StoreError> {
        let found = self.tx.leaves(self.programme, number(first)?.saturating_add(1), number(end)?)?;
        let whole = u64::try_from(found.len()).is_ok_and(|count| count == end - first);
        if whole { Ok(found) } else { Err(StoreError::Corrupt(format!("no receipt at {end}"))) }
    }

    fn blocks(&mut self, first: u64, end: u64) -> Result<Vec<Hash>, StoreError> {
        let mut found = self.tx.tree_blocks(self.programme, number(first)?, number(end)?)?;
        let kept = first + u64::try_from(found.len()).unwrap_or(u64::MAX);
        for block in kept..end {
            found.push(merkle::root_of(&self.leaves(block * BLOCK, (block + 1) * BLOCK)?));
        }
        Ok(found)
    }
}

/// The tree over the first `size` receipts of one programme's journal, in one read of the database.
pub struct Tree<'t> {
    stored: Stored<'t>,
    origin: String,
    size: u64,
}

impl fmt::Debug for Tree<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tree").field("origin", &self.origin).field("size", &self.size).finish_non_exhaustive()
    }
}

/// Where the journal's tree cannot be: a size that it never had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BeyondTheEnd;

impl<'t> Tree<'t> {
    /// The tree of `size` receipts; of all there are when not said.
    ///
    /// # Errors
    /// [`StoreError`]; [`BeyondTheEnd`] inside where there are not as many.
    pub fn of(
        tx: &'t mut dyn Reads,
        programme: &Programme,
        size: Option<u64>,
    ) -> Result<Result<Self, BeyondTheEnd>, StoreError> {
        let journal = tx.journal(programme.no)?;
        let journal = journal.ok_or_else(|| StoreError::Corrupt("a programme without a journal".to_owned()))?;
        let all = u64::try_from(journal.position).unwrap_or_default();
        let size = size.unwrap_or(all);
        if size > all {
            return Ok(Err(BeyondTheEnd));
        }
        let origin = note::origin(programme.code.as_str(), journal.counters.epoch);
        Ok(Ok(Self { stored: Stored { tx, programme: programme.no }, origin, size }))
    }

    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The checkpoint of the tree.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn checkpoint(&mut self) -> Result<Checkpoint, StoreError> {
        let (origin, size) = (self.origin.clone(), self.size);
        Ok(Checkpoint { origin, size, root: merkle::root(&mut self.stored, size)? })
    }

    /// The same, signed by the seal key, with what witnesses have signed of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn note(&mut self, keys: &Keys) -> Result<Note, StoreError> {
        let mut note = note::sign(keys.seal_key(), &self.checkpoint()?);
        let cosigned = self.witnessed()?.into_iter().filter(|kept| u64::try_from(kept.size) == Ok(self.size));
        note.signatures.extend(cosigned.filter_map(|kept| SignatureLine::parse(kept.line.trim_end())));
        Ok(note)
    }

    /// What witnesses have signed of this tree, at any size.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn witnessed(&mut self) -> Result<Vec<StoredCosignature>, StoreError> {
        let mut kept = self.stored.tx.cosignatures(self.stored.programme)?;
        kept.retain(|kept| kept.origin == self.origin);
        Ok(kept)
    }

    /// The path from the receipt at `position` to the root; none where it is not in the tree.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn inclusion(&mut self, position: u64) -> Result<Option<Vec<Hash>>, StoreError> {
        let Some(index) = position.checked_sub(1).filter(|index| *index < self.size) else { return Ok(None) };
        merkle::inclusion(&mut self.stored, index, self.size).map(Some)
    }

    /// The proof that the tree of `old` receipts is the beginning of this one; none where it is not smaller or equal.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn consistency(&mut self, old: u64) -> Result<Option<Vec<Hash>>, StoreError> {
        if old > self.size {
            return Ok(None);
        }
        merkle::consistency(&mut self.stored, old, self.size).map(Some)
    }

    /// What a witness that signed the tree of `old` receipts is asked.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn request(&mut self, keys: &Keys, old: u64) -> Result<Option<WitnessRequest>, StoreError> {
        let Some(proof) = self.consistency(old)? else { return Ok(None) };
        Ok(Some(WitnessRequest { old, proof, note: note::sign(keys.seal_key(), &self.checkpoint()?) }))
    }
}

/// Keeps the blocks that are complete and not kept yet.
///
/// # Errors
/// [`WriteError`]; what was kept before it stays kept.
pub fn extend(store: &Store, programme: ProgrammeNo) -> Result<(), WriteError<StoreError>> {
    loop {
        let made: Result<Vec<(u64, Hash)>, StoreError> = store.read(|tx| {
            let all = tx.journal(programme)?.map_or(0, |journal| u64::try_from(journal.position).unwrap_or_default());
            let kept = u64::try_from(tx.tree_blocks_kept(programme)?).unwrap_or_default();
            let end = (all / BLOCK).min(kept.saturating_add(BLOCKS_AT_A_TIME));
            if kept >= end {
                return Ok(Vec::new());
            }
            let blocks = Stored { tx, programme }.blocks(kept, end)?;
            Ok((kept..end).zip(blocks).collect())
        });
        let made = made.map_err(WriteError::Undone)?;
        if made.is_empty() {
            return Ok(());
        }
        store.write(|tx| {
            made.iter().try_for_each(|(block, hash)| tx.insert_tree_block(programme, number(*block)?, hash))
        })?;
    }
}

/// What became of what a witness signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cosigned {
    Kept,
    /// It is not of the tree of this size, or not of a known witness.
    NotOurs,
    /// A newer one of the same witness is kept already.
    Older,
}

/// Keeps what a witness has signed of the tree of `size` receipts, if a known witness did.
///
/// # Errors
/// [`WriteError`].
pub fn keep(
    store: &Store,
    programme: &Programme,
    witnesses: &[NamedKey],
    (size, line): (u64, &SignatureLine),
) -> Result<Cosigned, WriteError<StoreError>> {
    let found = store.read(|tx| {
        let Ok(mut tree) = Tree::of(tx, programme, Some(size))? else { return Ok::<_, StoreError>(None) };
        let checkpoint = tree.checkpoint()?;
        let made = |key: &NamedKey| key.made(line, &checkpoint.to_string()).map(|seconds| (key.name.clone(), seconds));
        let Some((witness, seconds)) = witnesses.iter().find_map(made) else { return Ok(None) };
        let newer = tree.witnessed()?.iter().any(|kept| kept.witness == witness && kept.size > checkpoint_size(size));
        Ok(Some((checkpoint.origin, witness, seconds, newer)))
    });
    let Some((origin, witness, seconds, newer)) = found.map_err(WriteError::Undone)? else {
        return Ok(Cosigned::NotOurs);
    };
    if newer {
        return Ok(Cosigned::Older);
    }
    let signed_at_seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    let kept =
        StoredCosignature { witness, origin, size: checkpoint_size(size), signed_at_seconds, line: line.to_string() };
    store.write(|tx| tx.keep_cosignature(programme.no, &kept))?;
    Ok(Cosigned::Kept)
}

fn checkpoint_size(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}
