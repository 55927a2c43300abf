//! Possible duplicates: two fingerprints that may be one person, because a name was mistyped, two names exchanged, or a day and
//! a month. Who gives is warned and learns nothing of the other; the Region reviews. What never lives here: a name, or how
//! likenesses are computed (see `identity` and `people`).

use std::collections::{BTreeMap, BTreeSet};

use super::named::named;
use super::people_key;
use super::refusal::Malformed;
use super::stock::CodeMac;
use super::time::Day;

named!(
    /// What the Region found.
    Verdict, Malformed::Identifier, {
        /// One person: what either received counts for both.
        Same => "same",
        /// Two people.
        Different => "different",
    }
);

/// Pairs noticed at once of one newcomer at most: a longer list helps nobody, and somebody might make it long on purpose.
const MOST_PAIRS: usize = 20;

/// Two fingerprints that look alike, to be reviewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PossibleDuplicate {
    /// Running number within the programme.
    pub number: i64,
    /// Who was there before.
    pub known: CodeMac,
    pub newcomer: CodeMac,
    pub found_on: Day,
    /// None until the Region has looked.
    pub verdict: Option<Verdict>,
}

impl PossibleDuplicate {
    fn is_of(&self, person: &CodeMac) -> bool {
        self.known == *person || self.newcomer == *person
    }

    fn other(&self, person: &CodeMac) -> Option<CodeMac> {
        match *person {
            known if known == self.known => Some(self.newcomer),
            newcomer if newcomer == self.newcomer => Some(self.known),
            _ => None,
        }
    }
}

/// What a person has in common with other spellings of themselves, each under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Likenesses {
    /// The number of the key in use, under which the person was recognised.
    pub key: u8,
    /// Under the key in use: kept, to recognise whoever comes.
    pub current: BTreeSet<CodeMac>,
    /// Under keys that were in use before: looked for, and not kept.
    pub former: BTreeSet<CodeMac>,
}

impl Default for Likenesses {
    fn default() -> Self {
        Self { key: people_key::FIRST, current: BTreeSet::new(), former: BTreeSet::new() }
    }
}

impl Likenesses {
    fn all(&self) -> impl Iterator<Item = &CodeMac> {
        self.current.iter().chain(&self.former)
    }
}

/// What an act asks to know of possible duplicates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DuplicateNeeds {
    /// Likenesses, and the people of the group who have each: who else has it, and what the Region found of them.
    pub likenesses: BTreeMap<CodeMac, BTreeSet<CodeMac>>,
    /// What is known of whoever filed the applications that the group names.
    pub of_applicants: bool,
}

impl DuplicateNeeds {
    /// Who else looks like this person.
    pub(in crate::domain) fn ask(&mut self, person: &CodeMac, likenesses: &Likenesses) {
        for likeness in likenesses.all() {
            self.likenesses.entry(*likeness).or_default().insert(*person);
        }
    }
}

/// What acts know of possible duplicates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DuplicateFacts {
    /// Who has each of the likenesses asked for.
    pub alike: BTreeMap<CodeMac, BTreeSet<CodeMac>>,
    /// By number.
    pub known: BTreeMap<i64, PossibleDuplicate>,
    /// The last number given.
    pub last: i64,
    /// Of whom the acts of this group write something here.
    written: BTreeSet<CodeMac>,
}

/// What is written of a person who is met.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Noticed {
    pub person: CodeMac,
    /// Those that are not there yet.
    pub likenesses: BTreeSet<CodeMac>,
    pub duplicates: Vec<PossibleDuplicate>,
    /// Whether the person may be somebody else who is known: nobody has said yet.
    pub doubtful: bool,
}

impl Noticed {
    /// Whether there is nothing to write and nothing to say.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.likenesses.is_empty() && self.duplicates.is_empty() && !self.doubtful
    }
}

impl DuplicateFacts {
    /// What these pairs say, by number.
    #[must_use]
    pub fn of(known: BTreeMap<i64, PossibleDuplicate>) -> Self {
        Self { known, ..Self::default() }
    }

    /// What is to be noticed of a person with these likenesses.
    #[must_use]
    pub fn notice(&self, person: &CodeMac, likenesses: &Likenesses, today: Day) -> Noticed {
        let who = |likeness: &CodeMac| self.alike.get(likeness).into_iter().flatten();
        let is_theirs = |likeness: &CodeMac| who(likeness).any(|known| known == person);
        let others: BTreeSet<CodeMac> =
            likenesses.all().flat_map(who).filter(|other| *other != person).copied().collect();
        let paired: BTreeSet<CodeMac> = self.known.values().filter_map(|pair| pair.other(person)).collect();
        let is_new = |other: &CodeMac| !paired.contains(other);
        let pair = |(known, number): (CodeMac, i64)| PossibleDuplicate {
            number,
            known,
            newcomer: *person,
            found_on: today,
            verdict: None,
        };
        let numbers = self.last.saturating_add(1)..;
        let duplicates: Vec<_> = others.into_iter().filter(is_new).take(MOST_PAIRS).zip(numbers).map(pair).collect();
        Noticed {
            person: *person,
            likenesses: likenesses.current.iter().filter(|likeness| !is_theirs(likeness)).copied().collect(),
            doubtful: !duplicates.is_empty() || self.is_doubtful(person),
            duplicates,
        }
    }

    /// Whether the person may be somebody else who is known, and the Region has not said.
    #[must_use]
    pub fn is_doubtful(&self, person: &CodeMac) -> bool {
        self.known.values().any(|pair| pair.verdict.is_none() && pair.is_of(person))
    }

    /// The person under every fingerprint that the Region found to be theirs, the one given included.
    #[must_use]
    pub fn everyone(&self, person: &CodeMac) -> BTreeSet<CodeMac> {
        let mut found = BTreeSet::from([*person]);
        let same = || self.known.values().filter(|pair| pair.verdict == Some(Verdict::Same));
        loop {
            let next: Vec<CodeMac> = found.iter().flat_map(|one| same().filter_map(|pair| pair.other(one))).collect();
            let before = found.len();
            found.extend(next);
            if found.len() == before {
                return found;
            }
        }
    }

    /// Whether the acts of this group write something of a person here: it is not there to be deleted yet.
    pub(in crate::domain) fn writes_of(&self, person: &CodeMac) -> bool {
        self.written.contains(person)
    }

    /// Takes in what was noticed, so that the next act of the group sees it.
    pub(in crate::domain) fn write_down(&mut self, noticed: &Noticed) {
        for likeness in &noticed.likenesses {
            self.alike.entry(*likeness).or_default().insert(noticed.person);
        }
        if !noticed.likenesses.is_empty() {
            self.written.insert(noticed.person);
        }
        self.written.extend(noticed.duplicates.iter().flat_map(|pair| [pair.known, pair.newcomer]));
        self.last = noticed.duplicates.last().map_or(self.last, |pair| pair.number);
        self.known.extend(noticed.duplicates.iter().map(|pair| (pair.number, pair.clone())));
    }

    /// Nothing is known any more of a person who was erased.
    pub(in crate::domain) fn forget(&mut self, person: &CodeMac) {
        self.alike.values_mut().for_each(|people| {
            people.remove(person);
        });
        self.known.retain(|_, pair| !pair.is_of(person));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: CodeMac = [1; 32];
    const TWO: CodeMac = [2; 32];
    const THREE: CodeMac = [3; 32];
    const LOOKS: CodeMac = [9; 32];

    fn today() -> Day {
        Day::parse("2026-11-24").unwrap()
    }

    fn looks() -> Likenesses {
        of([LOOKS, [8; 32]])
    }

    fn of<const N: usize>(likenesses: [CodeMac; N]) -> Likenesses {
        Likenesses { current: BTreeSet::from(likenesses), ..Likenesses::default() }
    }

    fn pair(number: i64, known: CodeMac, newcomer: CodeMac, verdict: Option<Verdict>) -> PossibleDuplicate {
        PossibleDuplicate { number, known, newcomer, found_on: today(), verdict }
    }

    fn by_number(pairs: impl IntoIterator<Item = PossibleDuplicate>) -> BTreeMap<i64, PossibleDuplicate> {
        pairs.into_iter().map(|pair| (pair.number, pair)).collect()
    }

    #[test]
    fn who_is_met_for_the_first_time_leaves_likenesses_and_the_second_of_them_a_pair() {
        let mut facts = DuplicateFacts { last: 4, ..DuplicateFacts::default() };
        let first = facts.notice(&ONE, &looks(), today());
        assert_eq!((&first.likenesses, first.doubtful), (&looks().current, false));
        facts.write_down(&first);
        assert!(facts.notice(&ONE, &looks(), today()).is_nothing(), "the same again");
        let second = facts.notice(&TWO, &of([LOOKS]), today());
        assert_eq!((second.duplicates.clone(), second.doubtful), (vec![pair(5, ONE, TWO, None)], true));
        facts.write_down(&second);
        assert_eq!(facts.last, 5);
        assert!(facts.writes_of(&ONE) && facts.writes_of(&TWO) && !facts.writes_of(&THREE));
        let again = facts.notice(&TWO, &of([LOOKS]), today());
        assert_eq!((again.duplicates.len(), again.doubtful), (0, true), "nobody has looked yet");
        facts.forget(&ONE);
        assert!(facts.notice(&TWO, &of([LOOKS]), today()).is_nothing());
    }

    #[test]
    fn who_looks_alike_under_an_older_key_is_noticed_and_that_likeness_is_not_kept() {
        let alike = BTreeMap::from([(LOOKS, BTreeSet::from([ONE]))]);
        let facts = DuplicateFacts { alike, ..DuplicateFacts::default() };
        let looks =
            Likenesses { current: BTreeSet::from([[8; 32]]), former: BTreeSet::from([LOOKS]), ..Likenesses::default() };
        let noticed = facts.notice(&TWO, &looks, today());
        assert_eq!((noticed.duplicates.len(), noticed.likenesses), (1, looks.current));
    }

    #[test]
    fn a_crowd_that_looks_alike_leaves_no_more_pairs_than_somebody_can_review() {
        let crowd: BTreeSet<CodeMac> = (10..110).map(|number| [number; 32]).collect();
        let facts = DuplicateFacts { alike: BTreeMap::from([(LOOKS, crowd)]), ..DuplicateFacts::default() };
        let noticed = facts.notice(&ONE, &looks(), today());
        assert_eq!((noticed.duplicates.len(), noticed.doubtful), (MOST_PAIRS, true));
    }

    #[test]
    fn who_was_found_to_be_another_is_not_doubted_again() {
        let known = by_number([pair(1, ONE, TWO, Some(Verdict::Different))]);
        let alike = BTreeMap::from([(LOOKS, BTreeSet::from([ONE, TWO]))]);
        let facts = DuplicateFacts { alike, known, last: 1, ..DuplicateFacts::default() };
        assert!(facts.notice(&TWO, &of([LOOKS]), today()).is_nothing());
        assert_eq!(facts.everyone(&TWO), BTreeSet::from([TWO]));
    }

    #[test]
    fn one_person_is_followed_through_all_their_spellings() {
        let same = Some(Verdict::Same);
        let known = by_number([pair(1, ONE, TWO, same), pair(2, TWO, THREE, same), pair(3, ONE, [4; 32], None)]);
        let facts = DuplicateFacts { known, ..DuplicateFacts::default() };
        assert_eq!(facts.everyone(&THREE), BTreeSet::from([ONE, TWO, THREE]));
    }
}
