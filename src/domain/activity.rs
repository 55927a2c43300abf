//! What moved, summed by kind of receipt and by holder, and the text in which receipts carry such sums. What never lives
//! here: a period, or who sums up.

use std::collections::BTreeMap;
use std::fmt;

/// Sums by name, written `hand_out 3 30 30000; redemption 2 4 4000`: sorted by name, none of them empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sums<const N: usize>(BTreeMap<String, [i64; N]>);

impl<const N: usize> Default for Sums<N> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<const N: usize> Sums<N> {
    /// Adds to the sums of this name.
    pub fn add(&mut self, name: &str, more: [i64; N]) {
        let sums = match self.0.get_mut(name) {
            Some(sums) => sums,
            None => self.0.entry(name.to_owned()).or_insert([0; N]),
        };
        for (sum, more) in sums.iter_mut().zip(more) {
            *sum = sum.saturating_add(more);
        }
    }

    fn plus(&self, other: &Self) -> Self {
        let mut sums = self.clone();
        other.0.iter().for_each(|(name, more)| sums.add(name, *more));
        sums
    }

    /// What was added since `earlier`.
    fn minus(&self, earlier: &Self) -> Self {
        let mut sums = self.clone();
        earlier.0.iter().for_each(|(name, less)| sums.add(name, less.map(i64::wrapping_neg)));
        sums.0.retain(|_, sums| *sums != [0; N]);
        sums
    }

    /// By name, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, [i64; N])> {
        self.0.iter().map(|(name, sums)| (name.as_str(), *sums))
    }

    /// Reads the text that `Display` writes; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let entry = |entry: &str| {
            let mut words = entry.split(' ');
            let name = words.next()?.to_owned();
            let sums: Vec<i64> = words.map(|word| word.parse().ok()).collect::<Option<_>>()?;
            Some((name, <[i64; N]>::try_from(sums).ok()?))
        };
        let read = Self(text.split("; ").filter(|entry| !entry.is_empty()).map(entry).collect::<Option<_>>()?);
        (read.to_string() == text).then_some(read)
    }
}

impl<const N: usize> fmt::Display for Sums<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (name, sums)) in self.0.iter().enumerate() {
            f.write_str(if place == 0 { "" } else { "; " })?;
            f.write_str(name)?;
            sums.iter().try_for_each(|sum| write!(f, " {sum}"))?;
        }
        Ok(())
    }
}

/// The name under which a holder is summed: one for all batches' counter-accounts and one for all transits, of which there
/// are ever more.
#[must_use]
pub fn account(holder: &str) -> &str {
    match holder.split_once(':') {
        Some((kind @ ("issue" | "transit"), _)) => kind,
        _ => holder,
    }
}

/// What receipts moved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Activity {
    /// By kind of receipt: how many, passes, cents.
    pub kinds: Sums<3>,
    /// By [`account`]: passes and cents received, passes and cents given.
    pub holders: Sums<4>,
}

impl Activity {
    /// Adds receipts of one kind and what they moved in all.
    pub fn receipts(&mut self, kind: &str, count: i64, (passes, cents): (i64, i64)) {
        self.kinds.add(kind, [count, passes, cents]);
    }

    /// Adds what went from one holder to another.
    pub fn line(&mut self, from: &str, to: &str, (passes, cents): (i64, i64)) {
        self.holders.add(account(from), [0, 0, passes, cents]);
        self.holders.add(account(to), [passes, cents, 0, 0]);
    }

    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self { kinds: self.kinds.plus(&other.kinds), holders: self.holders.plus(&other.holders) }
    }

    /// What these holders have of what moved, in cents: received less given. `which` is asked by the kind of holder.
    #[must_use]
    pub fn held_cents(&self, which: impl Fn(&str) -> bool) -> i64 {
        let kind = |name: &str| which(name.split_once(':').map_or(name, |(kind, _)| kind));
        let held = self.holders.iter().filter(|(name, _)| kind(name));
        held.fold(0, |sum: i64, (_, [_, received, _, given])| sum.saturating_add(received).saturating_sub(given))
    }

    /// What moved since `earlier`, which is part of it.
    #[must_use]
    pub fn minus(&self, earlier: &Self) -> Self {
        Self { kinds: self.kinds.minus(&earlier.kinds), holders: self.holders.minus(&earlier.holders) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(passes: i64) -> Activity {
        let mut activity = Activity::default();
        activity.receipts("redemption", 1, (passes, passes * 1000));
        activity.line("circulation", "provider:CAFE", (passes, passes * 1000));
        activity
    }

    #[test]
    fn sums_are_written_and_read() {
        let text = "hand_out 3 30 30000; redemption 2 4 4000";
        let sums = Sums::<3>::parse(text).unwrap();
        assert_eq!(sums.to_string(), text);
        assert_eq!(sums.iter().last(), Some(("redemption", [2, 4, 4000])));
        assert_eq!(Sums::<3>::parse(""), Some(Sums::default()));
        for wrong in [
            "hand_out 3 30",
            "hand_out 3 30 30000 1",
            "hand_out 3 30 x",
            "hand_out 3 30 030000",
            "redemption 2 4 4000; hand_out 3 30 30000",
            "hand_out 3 30 30000; ",
            "hand_out  3 30 30000",
        ] {
            assert_eq!(Sums::<3>::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_was_added_is_what_is_left_when_the_beginning_is_taken_away() {
        let both = day(3).plus(&day(4));
        assert_eq!(both.kinds.to_string(), "redemption 2 7 7000");
        assert_eq!(both.holders.to_string(), "circulation 0 0 7 7000; provider:CAFE 7 7000 0 0");
        assert_eq!(both.minus(&day(3)), day(4));
        assert_eq!(both.minus(&both), Activity::default());
    }

    #[test]
    fn what_a_holder_has_is_what_it_received_less_what_it_gave() {
        let both = day(3).plus(&day(4));
        assert_eq!(both.held_cents(|kind| kind == "provider"), 7_000);
        assert_eq!(both.held_cents(|kind| kind == "circulation"), -7_000);
        assert_eq!(both.held_cents(|_| true), 0);
    }

    #[test]
    fn batches_and_transits_are_summed_together() {
        assert_eq!(
            ["issue:3-1", "transit:7", "prescriber:MAUB", "store"].map(account),
            ["issue", "transit", "prescriber:MAUB", "store"]
        );
    }
}
