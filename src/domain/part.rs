//! A part of many: how an act that may take any number of things takes a bounded number at a time, and says whether more
//! are left. What never lives here: what is taken.

/// How many are to be loaded for an act that takes `most`: one more tells whether any is left.
pub(super) const fn to_load(most: u32) -> u32 {
    most.saturating_add(1)
}

/// The first `most` of all, and whether there are more.
pub(super) fn of<T, C: FromIterator<T>>(mut all: impl Iterator<Item = T>, most: u32) -> (C, bool) {
    let first = all.by_ref().take(usize::try_from(most).unwrap_or(usize::MAX)).collect();
    (first, all.next().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_says_whether_more_are_left() {
        for (most, taken, more) in [(1, 1, true), (2, 2, true), (3, 3, false), (4, 3, false)] {
            assert_eq!(of(1..=3, most), ((1..=taken).collect::<Vec<_>>(), more));
        }
        assert_eq!(of::<u8, Vec<_>>(std::iter::empty(), 5), (Vec::new(), false));
        assert_eq!((to_load(1), to_load(u32::MAX)), (2, u32::MAX));
    }
}
