//! How much venues' devices may take without a network: per device and day, per booklet and day, and for how long a line may wait
//! for the network. Without a network nobody sees that a pass was spent elsewhere: these limits bound what can go wrong before
//! anybody notices. What never lives here: what one line may hold (see `visit`), or a device's key.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::act::{Context, item_text};
use super::facts::Facts;
use super::ids::{BookletId, DeviceId};
use super::money::Cents;
use super::refusal::{Code, Refusal, check_bounds};
use super::stock::{Booklet, Pass};
use super::time::Day;
use super::visit::Offline;

/// The most that a programme may let a device take in a day, in passes.
const MOST_DEVICE_PASSES: i64 = 2_000;
/// The same in cents: 100 000 €.
const MOST_DEVICE_CENTS: i64 = 10_000_000;
/// The most passes of one booklet in a day: those of the largest booklet.
const MOST_BOOKLET_PASSES: i64 = 99;
/// The longest that a line may wait for the network, in hours: thirty days.
const LONGEST_HOURS: i64 = 720;
/// How far the clock of a device may be ahead of ours, in seconds: a quarter of an hour.
const AHEAD_SECONDS: i64 = 15 * 60;
const SECONDS_PER_HOUR: i64 = 3_600;

/// What a programme lets be taken without a network. Days are those of the device's clock, in Europe/Paris.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OfflineRules {
    /// Passes that one device may take in a day: 0 to 2 000; 0 lets nobody redeem without a network.
    pub device_day_passes: i64,
    /// Their face value, in cents: 0 to 10 000 000.
    pub device_day_cents: i64,
    /// Passes of one booklet that all devices together may take in a day: 0 to 99.
    pub booklet_day_passes: i64,
    /// Hours from the scan until the line is with us: 1 to 720.
    pub max_offline_hours: u32,
}

/// A busy day of workshops, a whole booklet of ten, and from Friday to Monday.
impl Default for OfflineRules {
    fn default() -> Self {
        Self { device_day_passes: 60, device_day_cents: 60_000, booklet_day_passes: 10, max_offline_hours: 72 }
    }
}

impl OfflineRules {
    /// # Errors
    /// [`Code::QuantityOutOfRange`] with the field.
    pub fn check(self) -> Result<(), Refusal> {
        check_bounds([
            ("device_day_passes", self.device_day_passes, 0..=MOST_DEVICE_PASSES),
            ("device_day_cents", self.device_day_cents, 0..=MOST_DEVICE_CENTS),
            ("booklet_day_passes", self.booklet_day_passes, 0..=MOST_BOOKLET_PASSES),
            ("max_offline_hours", self.max_offline_hours.into(), 1..=LONGEST_HOURS),
        ])
    }
}

/// Passes and what they are worth.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    pub passes: i64,
    pub value: Cents,
}

impl Taken {
    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        let value = Cents::new(self.value.get().saturating_add(other.value.get()));
        Self { passes: self.passes.saturating_add(other.passes), value }
    }

    /// What is left of a day of a device.
    #[must_use]
    pub fn left_of(self, rules: OfflineRules) -> Self {
        Self {
            passes: rules.device_day_passes.saturating_sub(self.passes).max(0),
            value: Cents::new(rules.device_day_cents.saturating_sub(self.value.get()).max(0)),
        }
    }
}

/// What a device took of one booklet in one redemption. A reversal gives nothing back: it was taken without a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfflineUse {
    pub device: DeviceId,
    /// By the device's clock.
    pub day: Day,
    pub booklet: BookletId,
    pub taken: Taken,
}

/// What acts ask to know of earlier lines: those of these devices on these days, and with the booklets of the codes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfflineNeeds {
    pub days: BTreeSet<(DeviceId, Day)>,
}

/// What was taken without a network before, where somebody asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfflineFacts {
    pub rules: OfflineRules,
    pub by_device: BTreeMap<(DeviceId, Day), Taken>,
    /// Passes.
    pub by_booklet: BTreeMap<(BookletId, Day), i64>,
}

impl OfflineFacts {
    /// Takes a granted line in.
    pub fn write_down(&mut self, uses: &[OfflineUse]) {
        for OfflineUse { device, day, booklet, taken } in uses {
            let of_device = self.by_device.entry((*device, *day)).or_default();
            *of_device = of_device.and(*taken);
            let of_booklet = self.by_booklet.entry((*booklet, *day)).or_default();
            *of_booklet = of_booklet.saturating_add(taken.passes);
        }
    }
}

/// What a line takes, booklet by booklet.
fn uses(facts: &Facts, offline: &Offline, passes: &[(&Pass, &Booklet)]) -> Vec<OfflineUse> {
    let mut by_booklet: BTreeMap<BookletId, Taken> = BTreeMap::new();
    for (_, booklet) in passes {
        let face = facts.order_of(booklet).map_or(Cents::ZERO, |order| order.face_value);
        let taken = by_booklet.entry(booklet.id).or_default();
        *taken = taken.and(Taken { passes: 1, value: face });
    }
    let (device, day) = (offline.device, offline.scanned_at.day());
    by_booklet.into_iter().map(|(booklet, taken)| OfflineUse { device, day, booklet, taken }).collect()
}

/// What a line takes, where the programme's limits allow it.
///
/// # Errors
/// [`Code::OfflineTooOld`], [`Code::OfflineClockAhead`], [`Code::OfflinePassesExceeded`], [`Code::OfflineValueExceeded`] or
/// [`Code::OfflineBookletExceeded`].
pub(super) fn within_limits(
    facts: &Facts,
    context: &Context,
    offline: &Offline,
    passes: &[(&Pass, &Booklet)],
) -> Result<Vec<OfflineUse>, Refusal> {
    let rules = facts.offline.rules;
    check_moment(rules, context, offline)?;
    let uses = uses(facts, offline, passes);
    let day = offline.scanned_at.day();
    let before = facts.offline.by_device.get(&(offline.device, day)).copied().unwrap_or_default();
    let after = uses.iter().fold(before, |sum, one| sum.and(one.taken));
    let about = |code: Code| Refusal::new(code).field("codes").about("date", day.french());
    if after.passes > rules.device_day_passes {
        let refusal = about(Code::OfflinePassesExceeded).about("most", rules.device_day_passes);
        return Err(refusal.about("taken", before.passes));
    }
    if after.value.get() > rules.device_day_cents {
        let refusal = about(Code::OfflineValueExceeded).about("most", Cents::new(rules.device_day_cents).figures());
        return Err(refusal.about("taken", before.value.figures()));
    }
    for one in &uses {
        let before = facts.offline.by_booklet.get(&(one.booklet, day)).copied().unwrap_or_default();
        if before.saturating_add(one.taken.passes) > rules.booklet_day_passes {
            let refusal = about(Code::OfflineBookletExceeded).about("serial", item_text(facts, one.booklet.item()));
            return Err(refusal.about("most", rules.booklet_day_passes).about("taken", before));
        }
    }
    Ok(uses)
}

/// A line comes in time, and not from the future: else a clock that is set wrong would open another day.
fn check_moment(rules: OfflineRules, context: &Context, offline: &Offline) -> Result<(), Refusal> {
    let scanned_at = offline.scanned_at;
    if scanned_at > context.at.plus_seconds(AHEAD_SECONDS) {
        let refusal = Refusal::new(Code::OfflineClockAhead).field("scanned_at").about("scanned", scanned_at.french());
        return Err(refusal.about("now", context.at.french()));
    }
    if scanned_at.plus_seconds(i64::from(rules.max_offline_hours) * SECONDS_PER_HOUR) < context.at {
        let refusal = Refusal::new(Code::OfflineTooOld).field("scanned_at").about("scanned", scanned_at.french());
        return Err(refusal.about("most", rules.max_offline_hours));
    }
    Ok(())
}

/// What a device is told of a line that a rule refused, by stable name: `over_limit` where the passes may be good all the same and
/// are to be entered on line, `refused` for good. The answer to a line is kept: the same line is never judged again.
#[must_use]
pub const fn verdict(code: Code) -> &'static str {
    match code {
        Code::OfflineFloorExceeded
        | Code::OfflinePassesExceeded
        | Code::OfflineValueExceeded
        | Code::OfflineBookletExceeded
        | Code::OfflineTooOld
        | Code::OfflineClockAhead => "over_limit",
        _ => "refused",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_have_bounds() {
        let rules = OfflineRules::default();
        assert_eq!(rules.check(), Ok(()));
        for (wrong, field) in [
            (OfflineRules { device_day_passes: -1, ..rules }, "device_day_passes"),
            (OfflineRules { device_day_passes: 2_001, ..rules }, "device_day_passes"),
            (OfflineRules { device_day_cents: 10_000_001, ..rules }, "device_day_cents"),
            (OfflineRules { booklet_day_passes: 100, ..rules }, "booklet_day_passes"),
            (OfflineRules { max_offline_hours: 0, ..rules }, "max_offline_hours"),
            (OfflineRules { max_offline_hours: 721, ..rules }, "max_offline_hours"),
        ] {
            let refusal = wrong.check().unwrap_err();
            assert_eq!((refusal.code, refusal.field.as_deref()), (Code::QuantityOutOfRange, Some(field)));
        }
        assert_eq!(OfflineRules { device_day_passes: 0, ..rules }.check(), Ok(()), "nobody redeems without a network");
    }

    #[test]
    fn what_is_left_of_a_day_is_never_less_than_nothing() {
        let rules = OfflineRules { device_day_passes: 5, device_day_cents: 3_000, ..OfflineRules::default() };
        let taken = Taken { passes: 2, value: Cents::new(2_000) };
        assert_eq!(taken.left_of(rules), Taken { passes: 3, value: Cents::new(1_000) });
        assert_eq!(taken.and(taken).and(taken).left_of(rules), Taken::default());
    }
}
