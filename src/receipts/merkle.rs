//! The Merkle tree over the receipts of a journal (RFC 6962 §2.1): the leaf of a receipt hashes its very bytes. Roots and
//! proofs are computed from the leaves of the last, incomplete block and the hashes of the complete blocks before it, so
//! that nobody has to read the whole journal. What never lives here: where blocks are kept, or a signature.

use sha2::{Digest, Sha256};

/// The hash of a leaf, of a subtree, or of the whole tree.
pub type Hash = [u8; 32];

/// Leaves of a block: a complete subtree whose hash is kept.
pub const BLOCK: u64 = 256;

/// The hash of a receipt's bytes as a leaf: `SHA-256(0x00 || bytes)`.
#[must_use]
pub fn leaf(bytes: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(bytes).finalize().into()
}

/// The hash of two subtrees side by side: `SHA-256(0x01 || left || right)`.
#[must_use]
pub fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The root of a tree without leaves: `SHA-256()`.
#[must_use]
pub fn empty() -> Hash {
    Sha256::new().finalize().into()
}

/// Where hashes come from.
pub trait Leaves {
    type Error;

    /// The hashes of the leaves from `first` (0 is the receipt at position 1) up to `end`, which is not among them; at most
    /// one block, and within one.
    ///
    /// # Errors
    /// Those of the place where they are.
    fn leaves(&mut self, first: u64, end: u64) -> Result<Vec<Hash>, Self::Error>;

    /// The hashes of the complete blocks from `first` up to `end`, counted in blocks.
    ///
    /// # Errors
    /// Those of the place where they are.
    fn blocks(&mut self, first: u64, end: u64) -> Result<Vec<Hash>, Self::Error>;
}

/// The largest power of two below `size`, which is 2 at least.
const fn split(size: u64) -> u64 {
    1 << (u64::BITS - 1 - (size - 1).leading_zeros())
}

/// The hash over these hashes in order (RFC 6962 §2.1).
#[must_use]
pub fn root_of(hashes: &[Hash]) -> Hash {
    match hashes {
        [] => empty(),
        [only] => *only,
        [..] => {
            let middle = usize::try_from(split(u64::try_from(hashes.len()).unwrap_or(u64::MAX))).unwrap_or(usize::MAX);
            let (left, right) = hashes.split_at(middle.min(hashes.len()));
            node(&root_of(left), &root_of(right))
        }
    }
}

/// The hash of the subtree over the leaves from `first` up to `end`. Subtrees of more than a block begin at a block.
///
/// # Errors
/// Those of the leaves.
pub fn subtree<L: Leaves>(leaves: &mut L, first: u64, end: u64) -> Result<Hash, L::Error> {
    if first == end {
        return Ok(empty());
    }
    if end - first < BLOCK {
        return Ok(root_of(&leaves.leaves(first, end)?));
    }
    let mut hashes = leaves.blocks(first / BLOCK, end / BLOCK)?;
    if !end.is_multiple_of(BLOCK) {
        hashes.push(root_of(&leaves.leaves(end / BLOCK * BLOCK, end)?));
    }
    Ok(root_of(&hashes))
}

/// The root of the tree over the first `size` receipts.
///
/// # Errors
/// Those of the leaves.
pub fn root<L: Leaves>(leaves: &mut L, size: u64) -> Result<Hash, L::Error> {
    subtree(leaves, 0, size)
}

/// The audit path of leaf `index` in the tree of `size` leaves (RFC 6962 §2.1.1), from its sibling up.
///
/// # Errors
/// Those of the leaves.
pub fn inclusion<L: Leaves>(leaves: &mut L, index: u64, size: u64) -> Result<Vec<Hash>, L::Error> {
    let (mut first, mut end, mut path) = (0, size, Vec::new());
    while end - first > 1 {
        let middle = first + split(end - first);
        if index < middle {
            path.push(subtree(leaves, middle, end)?);
            end = middle;
        } else {
            path.push(subtree(leaves, first, middle)?);
            first = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The consistency proof from the tree of `old` leaves to that of `size` (RFC 6962 §2.1.2); empty where `old` is 0 or
/// `size`.
///
/// # Errors
/// Those of the leaves.
pub fn consistency<L: Leaves>(leaves: &mut L, old: u64, size: u64) -> Result<Vec<Hash>, L::Error> {
    if old == 0 || old >= size {
        return Ok(Vec::new());
    }
    let (mut first, mut end, mut proof) = (0, size, Vec::new());
    // Whether the old tree is the whole of what is looked at, which the verifier then has already.
    let mut whole = true;
    while old != end {
        let middle = first + split(end - first);
        if old <= middle {
            proof.push(subtree(leaves, middle, end)?);
            end = middle;
        } else {
            proof.push(subtree(leaves, first, middle)?);
            first = middle;
            whole = false;
        }
    }
    if !whole {
        proof.push(subtree(leaves, first, end)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Whether `path` leads from the leaf at `index` to the root of a tree of `size` leaves (RFC 9162 §2.1.3.2).
#[must_use]
pub fn includes(root: &Hash, size: u64, index: u64, leaf: &Hash, path: &[Hash]) -> bool {
    if index >= size {
        return false;
    }
    let (mut place, mut last, mut hash) = (index, size - 1, *leaf);
    for step in path {
        if last == 0 {
            return false;
        }
        if place % 2 == 1 || place == last {
            hash = node(step, &hash);
            while place.is_multiple_of(2) && place != 0 {
                (place, last) = (place / 2, last / 2);
            }
        } else {
            hash = node(&hash, step);
        }
        (place, last) = (place / 2, last / 2);
    }
    last == 0 && hash == *root
}

/// Whether the tree of `size` leaves is that of `old` leaves with more behind (RFC 9162 §2.1.4.2).
#[must_use]
pub fn continues((old, old_root): (u64, &Hash), (size, root): (u64, &Hash), proof: &[Hash]) -> bool {
    if old == 0 || old >= size {
        return proof.is_empty() && (if old == 0 { *old_root == empty() } else { old == size && old_root == root });
    }
    // A tree of a power of two stands in the other whole: its root is the first hash, and is not sent.
    let begun = if old.is_power_of_two() { Some((old_root, proof)) } else { proof.split_first() };
    let Some((start, rest)) = begun else { return false };
    let (mut place, mut last) = (old - 1, size - 1);
    while place % 2 == 1 {
        (place, last) = (place / 2, last / 2);
    }
    let (mut older, mut newer) = (*start, *start);
    for step in rest {
        if last == 0 {
            return false;
        }
        if place % 2 == 1 || place == last {
            (older, newer) = (node(step, &older), node(step, &newer));
            while place.is_multiple_of(2) && place != 0 {
                (place, last) = (place / 2, last / 2);
            }
        } else {
            newer = node(&newer, step);
        }
        (place, last) = (place / 2, last / 2);
    }
    last == 0 && older == *old_root && newer == *root
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, any, proptest};

    use super::*;

    /// Leaves at hand, and how many of them and of the blocks were asked for.
    struct InMemory {
        leaves: Vec<Hash>,
        asked: usize,
    }

    impl InMemory {
        fn of(leaves: Vec<Hash>) -> Self {
            Self { leaves, asked: 0 }
        }
    }

    impl Leaves for InMemory {
        type Error = std::convert::Infallible;

        fn leaves(&mut self, first: u64, end: u64) -> Result<Vec<Hash>, Self::Error> {
            assert!(end - first <= BLOCK && (first / BLOCK == (end - 1) / BLOCK), "{first}..{end}");
            let found = self.leaves[usize::try_from(first).unwrap()..usize::try_from(end).unwrap()].to_vec();
            self.asked += found.len();
            Ok(found)
        }

        fn blocks(&mut self, first: u64, end: u64) -> Result<Vec<Hash>, Self::Error> {
            let asked = self.asked;
            let mut found = Vec::new();
            for number in first..end {
                found.push(root_of(&self.leaves(number * BLOCK, (number + 1) * BLOCK)?));
            }
            self.asked = asked + found.len();
            Ok(found)
        }
    }

    /// The tree as the RFC defines it, and nothing of ours.
    fn naive(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => empty(),
            [only] => *only,
            _ => {
                let mut k = 1;
                while k * 2 < leaves.len() {
                    k *= 2;
                }
                node(&naive(&leaves[..k]), &naive(&leaves[k..]))
            }
        }
    }

    fn numbered(count: u64) -> Vec<Hash> {
        (0..count).map(|number| leaf(&number.to_be_bytes())).collect()
    }

    fn hash(text: &str) -> Hash {
        hex::decode(text).unwrap().try_into().unwrap()
    }

    /// The inputs of the reference implementation of Certificate Transparency, and what it makes of them.
    fn vectors() -> Vec<Vec<u8>> {
        let inputs =
            ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
        inputs.map(|input| hex::decode(input).unwrap()).to_vec()
    }

    #[test]
    fn the_vectors_of_certificate_transparency_are_met() {
        let leaves: Vec<Hash> = vectors().iter().map(|input| leaf(input)).collect();
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        assert_eq!(empty(), hash("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
        for (size, expected) in (1..).zip(roots) {
            assert_eq!(root(&mut InMemory::of(leaves.clone()), size).unwrap(), hash(expected), "{size}");
        }
        let path = |index, size| inclusion(&mut InMemory::of(leaves.clone()), index, size).unwrap();
        let first_of_eight = [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ];
        assert_eq!(path(0, 8), first_of_eight.map(hash));
        let between = |old, size| consistency(&mut InMemory::of(leaves.clone()), old, size).unwrap();
        let six_to_eight = [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ];
        assert_eq!(between(6, 8), six_to_eight.map(hash));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn roots_and_proofs_are_those_of_the_plain_tree_and_no_other(
            size in 1_u64..1_400, old in any::<proptest::sample::Index>(), index in any::<proptest::sample::Index>(),
            wrong in any::<proptest::sample::Index>(),
        ) {
            let all = numbered(size);
            let old = u64::try_from(old.index(all.len() + 1)).unwrap();
            let index = u64::try_from(index.index(all.len())).unwrap();
            let mut leaves = InMemory::of(all.clone());
            let (root, older) = (root(&mut leaves, size).unwrap(), naive(&all[..usize::try_from(old).unwrap()]));
            assert_eq!(root, naive(&all));
            let path = inclusion(&mut leaves, index, size).unwrap();
            let this = all[usize::try_from(index).unwrap()];
            assert!(includes(&root, size, index, &this, &path));
            assert!(!includes(&root, size, (index + 1) % size, &this, &path) || size == 1);
            assert!(!includes(&root, size, index, &leaf(b"another"), &path));
            let proof = consistency(&mut leaves, old, size).unwrap();
            assert!(continues((old, &older), (size, &root), &proof), "{old} to {size}");
            let other = leaf(b"another history");
            assert!(!continues((old, &other), (size, &root), &proof));
            assert!(!continues((old, &older), (size, &other), &proof) || old == 0);
            if !proof.is_empty() {
                let mut forged = proof.clone();
                let place = wrong.index(forged.len());
                forged[place] = other;
                assert!(!continues((old, &older), (size, &root), &forged));
                assert!(!continues((old, &older), (size, &root), &proof[1..]));
            }
        }
    }

    /// What a proof reads does not grow with the journal, but for the hashes of its blocks.
    #[test]
    fn a_proof_reads_two_blocks_of_leaves_at_most() {
        let mut leaves = InMemory::of(numbered(20 * BLOCK + 17));
        inclusion(&mut leaves, 5 * BLOCK + 100, 20 * BLOCK + 17).unwrap();
        assert!(leaves.asked < 2 * usize::try_from(BLOCK).unwrap() + 40, "{}", leaves.asked);
    }
}
