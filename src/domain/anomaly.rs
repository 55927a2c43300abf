//! Four questions that an auditor asks of a journal, answered as its acts go by: each finding is something to be looked
//! at, never a proof of wrong. What never lives here: where the acts come from, or what is done about a finding.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::time::Instant;

/// A pass spent so soon after its booklet was handed out was spent at the desk where it was given.
pub const QUICK_MINUTES: i64 = 10;
/// So many booklets that follow each other by number, at one venue within [`BURST_MINUTES`], were not each brought by
/// somebody of their own.
pub const BURST_BOOKLETS: usize = 4;
pub const BURST_MINUTES: i64 = 30;
/// So many refusals at one organisation within [`STORM_MINUTES`] are a trial of codes, or a venue in trouble.
pub const STORM_REFUSALS: usize = 5;
pub const STORM_MINUTES: i64 = 10;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// One organisation gave the booklet and took its passes.
    SameOrganisation,
    /// A pass was spent minutes after its booklet was handed out.
    QuickScan,
    /// Booklets in the order of their numbers at one venue.
    SerialBurst,
    /// Refusals in a row.
    RefusalStorm,
}

impl Question {
    /// Stable; part of the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SameOrganisation => "same_organisation",
            Self::QuickScan => "quick_scan",
            Self::SerialBurst => "serial_burst",
            Self::RefusalStorm => "refusal_storm",
        }
    }

    /// In French: what was seen, why it is asked, and what may explain it.
    #[must_use]
    pub fn explanation(self) -> String {
        match self {
            Self::SameOrganisation => {
                "La même structure a remis le carnet et encaissé ses pass. C'est permis à qui est \
                 prescripteur et lieu ; vérifiez que la personne est venue."
                    .to_owned()
            }
            Self::QuickScan => format!(
                "Un pass a été utilisé moins de {QUICK_MINUTES} minutes après la remise de son carnet. Une permanence \
                 commune l'explique ; sinon, demandez la feuille d'émargement."
            ),
            Self::SerialBurst => format!(
                "Au moins {BURST_BOOKLETS} carnets de numéros consécutifs ont été utilisés dans un même lieu en \
                 {BURST_MINUTES} minutes. Un atelier collectif l'explique ; sinon, rapprochez-les des remises."
            ),
            Self::RefusalStorm => format!(
                "Au moins {STORM_REFUSALS} présentations refusées en {STORM_MINUTES} minutes dans une même structure. \
                 Cherchez le motif : essais de codes, pass bloqués ou lieu en difficulté."
            ),
        }
    }
}

/// One thing to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub question: Question,
    /// When it was first seen.
    pub at: Instant,
    /// Code of the organisation that took the passes, or was refused.
    pub organisation: String,
    /// The venue, where it is about one.
    pub venue: String,
    /// Numbers of the booklets.
    pub booklets: BTreeSet<u32>,
    /// Numbers of the receipts, in order; none for refusals.
    pub receipts: Vec<String>,
    /// Passes, or refusals.
    pub count: i64,
}

/// A redemption as it goes by.
#[derive(Debug, Clone, Copy)]
pub struct Scan<'a> {
    pub at: Instant,
    /// Code of the provider.
    pub provider: &'a str,
    pub venue: &'a str,
    pub receipt: &'a str,
    /// Numbers of the booklets, one for each pass.
    pub booklets: &'a [u32],
}

/// A booklet in somebody's hands.
#[derive(Debug)]
struct Given {
    at: Instant,
    /// Code of the organisation that handed it out.
    office: String,
}

/// A scan that a later one may follow on.
#[derive(Debug)]
struct Recent {
    at: Instant,
    booklet: u32,
    receipt: String,
}

/// The scans of one venue that a later one may follow on.
#[derive(Debug, Default)]
struct Recents {
    scans: VecDeque<Recent>,
    /// How many of them each booklet has: a counter with a queue in front of it is not counted anew for each scan.
    of_booklet: BTreeMap<u32, usize>,
}

impl Recents {
    /// The scan comes, and those that are too old to go with it are forgotten.
    fn go_on(&mut self, scan: Scan<'_>) {
        while let Some(old) = self.scans.pop_front_if(|first| minutes_between(first.at, scan.at) >= BURST_MINUTES) {
            if let Entry::Occupied(mut left) = self.of_booklet.entry(old.booklet) {
                *left.get_mut() -= 1;
                if *left.get() == 0 {
                    left.remove();
                }
            }
        }
        for booklet in scan.booklets {
            *self.of_booklet.entry(*booklet).or_default() += 1;
            self.scans.push_back(Recent { at: scan.at, booklet: *booklet, receipt: scan.receipt.to_owned() });
        }
    }

    /// The numbers that follow each other without a gap around this one.
    fn run_around(&self, around: u32) -> BTreeSet<u32> {
        let is_there = |number: &u32| self.of_booklet.contains_key(number);
        let down = (0..=around).rev().take_while(is_there);
        down.chain((around..=u32::MAX).take_while(is_there)).collect()
    }
}

/// What was seen so far. Acts must go by in the order of the journal.
#[derive(Debug, Default)]
pub struct Watch {
    given: BTreeMap<u32, Given>,
    /// By the name of the venue.
    recent: BTreeMap<String, Recents>,
    refused: BTreeMap<String, VecDeque<Instant>>,
    /// The finding that goes on at a venue or an organisation.
    open: BTreeMap<(Question, String), usize>,
    findings: Vec<Finding>,
}

const fn minutes_between(earlier: Instant, later: Instant) -> i64 {
    (later.millis() - earlier.millis()) / 60_000
}

impl Watch {
    /// Booklets were handed out.
    pub fn handed_out(&mut self, at: Instant, office: &str, booklets: impl Iterator<Item = u32>) {
        self.given.extend(booklets.map(|booklet| (booklet, Given { at, office: office.to_owned() })));
    }

    /// Passes were spent.
    pub fn redeemed(&mut self, scan: Scan<'_>) {
        for booklet in scan.booklets {
            let Some(given) = self.given.get(booklet) else { continue };
            let (same, quick) = (given.office == scan.provider, minutes_between(given.at, scan.at) < QUICK_MINUTES);
            // One finding for a booklet, however often its passes come.
            if same {
                self.note(Question::SameOrganisation, booklet.to_string(), scan, [*booklet], 1);
            }
            if quick {
                self.note(Question::QuickScan, booklet.to_string(), scan, [*booklet], 1);
            }
        }
        self.burst(scan);
    }

    /// Codes were presented and refused.
    pub fn refused(&mut self, at: Instant, organisation: &str, venue: &str) {
        let times = self.refused.entry(organisation.to_owned()).or_default();
        times.push_back(at);
        while times.front().is_some_and(|first| minutes_between(*first, at) >= STORM_MINUTES) {
            times.pop_front();
        }
        let (count, first) = (times.len(), times.front().copied().unwrap_or(at));
        let scan = Scan { at: first, provider: organisation, venue, receipt: "", booklets: &[] };
        let key = (Question::RefusalStorm, organisation.to_owned());
        if count < STORM_REFUSALS {
            self.open.remove(&key);
        } else {
            let more = if self.open.contains_key(&key) { 1 } else { i64::try_from(count).unwrap_or(i64::MAX) };
            self.note(key.0, key.1, scan, [], more);
        }
    }

    /// What was found, without what rests on receipts that were all reversed.
    #[must_use]
    pub fn findings(mut self, reversed: &BTreeSet<String>) -> Vec<Finding> {
        let undone = |finding: &Finding| {
            !finding.receipts.is_empty() && finding.receipts.iter().all(|receipt| reversed.contains(receipt))
        };
        self.findings.retain(|finding| !undone(finding));
        self.findings
    }

    fn burst(&mut self, scan: Scan<'_>) {
        let recent = self.recent.entry(scan.venue.to_owned()).or_default();
        recent.go_on(scan);
        let Some(run) = scan.booklets.iter().map(|booklet| recent.run_around(*booklet)).max_by_key(BTreeSet::len)
        else {
            return;
        };
        let key = (Question::SerialBurst, scan.venue.to_owned());
        if run.len() < BURST_BOOKLETS {
            self.open.remove(&key);
            return;
        }
        let known = self.open.get(&key).copied();
        match known.and_then(|place| self.findings.get_mut(place)) {
            // The run goes on: what this scan adds is added.
            Some(open) if !open.booklets.is_disjoint(&run) => {
                open.count += i64::try_from(scan.booklets.len()).unwrap_or(i64::MAX);
                open.booklets.extend(&run);
                open.receipts.push(scan.receipt.to_owned());
            }
            _ => {
                let in_run: Vec<&Recent> = recent.scans.iter().filter(|one| run.contains(&one.booklet)).collect();
                let first = in_run.first().map_or(scan.at, |recent| recent.at);
                let mut receipts: Vec<String> = in_run.iter().map(|recent| recent.receipt.clone()).collect();
                receipts.dedup();
                let passes = i64::try_from(in_run.len()).unwrap_or(i64::MAX);
                self.open.remove(&key);
                self.note(key.0, key.1, Scan { at: first, ..scan }, run, passes);
                if let Some(found) = self.findings.last_mut() {
                    found.receipts = receipts;
                }
            }
        }
    }

    /// Goes on with the finding that is open under this name, or opens one.
    fn note(
        &mut self,
        question: Question,
        name: String,
        scan: Scan<'_>,
        booklets: impl IntoIterator<Item = u32>,
        count: i64,
    ) {
        let key = (question, name);
        if let Some(open) = self.open.get(&key).and_then(|place| self.findings.get_mut(*place)) {
            open.count += count;
            open.booklets.extend(booklets);
            if !scan.receipt.is_empty() && open.receipts.last().is_none_or(|last| last != scan.receipt) {
                open.receipts.push(scan.receipt.to_owned());
            }
            return;
        }
        self.open.insert(key, self.findings.len());
        self.findings.push(Finding {
            question,
            at: scan.at,
            organisation: scan.provider.to_owned(),
            venue: scan.venue.to_owned(),
            booklets: booklets.into_iter().collect(),
            receipts: if scan.receipt.is_empty() { Vec::new() } else { vec![scan.receipt.to_owned()] },
            count,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Instant {
        Instant::from_millis(minute * 60_000)
    }

    fn scan<'a>(minute: i64, provider: &'a str, receipt: &'a str, booklets: &'a [u32]) -> Scan<'a> {
        Scan { at: at(minute), provider, venue: "v", receipt, booklets }
    }

    fn asked(watch: Watch) -> Vec<(Question, i64, Vec<u32>)> {
        let findings = watch.findings(&BTreeSet::new()).into_iter();
        findings.map(|found| (found.question, found.count, found.booklets.into_iter().collect())).collect()
    }

    #[test]
    fn who_gives_and_takes_the_same_booklet_is_named_once_for_it() {
        let mut watch = Watch::default();
        watch.handed_out(at(0), "CSC", [7, 9].into_iter());
        watch.redeemed(scan(2_000, "CSC", "R-1", &[7, 7]));
        watch.redeemed(scan(4_000, "CSC", "R-2", &[7]));
        watch.redeemed(scan(4_000, "BUS", "R-3", &[9]));
        assert_eq!(asked(watch), [(Question::SameOrganisation, 3, vec![7])]);
    }

    #[test]
    fn a_pass_is_quick_below_ten_minutes_and_not_at_ten() {
        for (minute, quick) in [(0, true), (9, true), (10, false), (11, false)] {
            let mut watch = Watch::default();
            watch.handed_out(at(0), "MAUB", [7].into_iter());
            watch.redeemed(scan(minute, "BUS", "R-1", &[7]));
            assert_eq!(asked(watch).len(), usize::from(quick), "{minute}");
        }
    }

    #[test]
    fn four_booklets_in_a_row_at_one_venue_are_a_burst_and_it_goes_on() {
        let mut watch = Watch::default();
        for (minute, booklet) in [(0, 12), (5, 10), (6, 30), (8, 11)] {
            watch.redeemed(scan(minute, "BUS", "R", &[booklet]));
        }
        watch.redeemed(scan(9, "BUS", "R-4", &[13]));
        watch.redeemed(scan(20, "BUS", "R-5", &[14]));
        assert_eq!(asked(watch), [(Question::SerialBurst, 5, vec![10, 11, 12, 13, 14])]);
    }

    #[test]
    fn a_booklet_that_came_twice_is_there_until_its_last_scan_is_too_old() {
        let burst = |scans: &[(i64, u32)]| {
            let mut watch = Watch::default();
            for (minute, booklet) in scans {
                watch.redeemed(scan(*minute, "BUS", "R", &[*booklet]));
            }
            asked(watch)
        };
        let again = burst(&[(0, 10), (20, 10), (32, 11), (33, 12), (34, 13)]);
        assert_eq!(again, [(Question::SerialBurst, 4, vec![10, 11, 12, 13])]);
        assert_eq!(burst(&[(0, 10), (2, 10), (32, 11), (33, 12), (34, 13)]), []);
    }

    #[test]
    fn booklets_in_a_row_over_a_day_or_in_several_venues_are_none() {
        let mut watch = Watch::default();
        for (place, booklet) in (0..).zip([10, 11, 12, 13]) {
            watch.redeemed(scan(place * BURST_MINUTES, "BUS", "R", &[booklet]));
        }
        for (venue, booklet) in ["a", "b", "c", "d"].into_iter().zip(20..) {
            watch.redeemed(Scan { venue, ..scan(900, "BUS", "R", &[booklet]) });
        }
        assert_eq!(asked(watch), []);
    }

    #[test]
    fn five_refusals_within_ten_minutes_are_one_storm_and_a_calm_ends_it() {
        let mut watch = Watch::default();
        for minute in [0, 1, 2, 3, 4, 5, 60, 61, 62, 63] {
            watch.refused(at(minute), "BUS", "v");
        }
        assert_eq!(asked(watch), [(Question::RefusalStorm, 6, vec![])]);
    }

    #[test]
    fn what_rests_on_reversed_receipts_alone_is_not_told() {
        let mut watch = Watch::default();
        watch.handed_out(at(0), "MAUB", [7, 8].into_iter());
        watch.redeemed(scan(1, "BUS", "R-1", &[7]));
        watch.redeemed(scan(2, "BUS", "R-2", &[8]));
        let left = watch.findings(&BTreeSet::from(["R-1".to_owned()]));
        assert_eq!(left.iter().map(|found| found.receipts.as_slice()).collect::<Vec<_>>(), [["R-2".to_owned()]]);
    }
}
