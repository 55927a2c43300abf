//! Chance that is the same every time: the demonstration tells the same story on every machine.

use crate::clock::{Entropy, SeededEntropy};

/// A seeded source of choices.
#[derive(Debug)]
pub(super) struct Dice(SeededEntropy);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(SeededEntropy::new(seed))
    }

    /// A number from 0 to `sides - 1`; 0 when there are no sides.
    pub(super) fn below(&self, sides: usize) -> usize {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        let rolled = usize::try_from(u32::from_be_bytes(bytes)).unwrap_or_default();
        rolled.checked_rem(sides).unwrap_or_default()
    }

    /// A number from `first` to `last`.
    pub(super) fn between(&self, first: usize, last: usize) -> usize {
        first + self.below(last.saturating_sub(first) + 1)
    }

    /// True `percent` times out of a hundred.
    pub(super) fn chance(&self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of `choices`, unless there is none.
    pub(super) fn pick<'c, T>(&self, choices: &'c [T]) -> Option<&'c T> {
        choices.get(self.below(choices.len()))
    }

    /// Bytes for a batch's nonce.
    pub(super) fn nonce(&self) -> [u8; 32] {
        let mut nonce = [0; 32];
        self.0.fill(&mut nonce);
        nonce
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_rolls_the_same_numbers_within_bounds() {
        let roll = |seed| {
            let dice = Dice::new(seed);
            (0..50).map(|_| dice.between(3, 9)).collect::<Vec<_>>()
        };
        assert_eq!(roll(1), roll(1));
        assert_ne!(roll(1), roll(2));
        assert!(roll(1).iter().all(|rolled| (3..=9).contains(rolled)));
        assert_eq!((Dice::new(1).below(0), Dice::new(1).pick::<u8>(&[])), (0, None));
    }
}
