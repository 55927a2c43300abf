//! The calendar of an order's end: what is asked of whom thirty, fifteen and seven days before it, when the grace is over
//! and thirty-seven days after; and the act by which the Region takes upon itself what is still handed out. What never
//! lives here: a figure that is shown, or who reminds anybody.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::act::{Act, Context, own_organisation};
use super::ends::known;
use super::facts::{Balance, Facts, Needs};
use super::ids::OrderId;
use super::movement::{Kind, Movement, Record};
use super::named::named;
use super::party::Holder;
use super::programme::Order;
use super::refusal::{Code, Malformed, Refusal, check_bounds};
use super::text::Reference;
use super::time::Day;

/// The longest delay that a rule of the calendar may set, in days.
const LONGEST_DAYS: u32 = 365;

/// How many days before the printed end of validity each step is taken, and how many after it the accounts are compared:
/// what issuers practise unless the Region sets something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EndRules {
    /// Everybody is told: 1 to 365.
    pub alert_days: u32,
    /// Hand-outs stop: at most `alert_days`.
    pub stop_days: u32,
    /// The Region acknowledges its liability: at most `stop_days`, at least 1.
    pub acknowledgement_days: u32,
    /// After the end: the contradictory statement, 0 to 365.
    pub statement_days: u32,
}

impl Default for EndRules {
    fn default() -> Self {
        Self { alert_days: 30, stop_days: 15, acknowledgement_days: 7, statement_days: 37 }
    }
}

impl EndRules {
    /// # Errors
    /// [`Code::QuantityOutOfRange`] for a delay that is out of range, or before the step that it follows.
    pub fn check(&self) -> Result<(), Refusal> {
        let bounds = [
            ("alert_days", self.alert_days, self.stop_days..=LONGEST_DAYS),
            ("stop_days", self.stop_days, self.acknowledgement_days..=self.alert_days),
            ("acknowledgement_days", self.acknowledgement_days, 1..=self.stop_days),
            ("statement_days", self.statement_days, 0..=LONGEST_DAYS),
        ];
        check_bounds(bounds)
    }
}

named!(
    /// A step of the calendar, in its order.
    Step, Malformed::Identifier, {
        /// Everybody is told that the order ends.
        Alert => "alert",
        /// Hand-outs are suspended.
        Stop => "stop",
        /// The Region acknowledges that what is handed out from then on is at its own charge.
        Acknowledgement => "acknowledgement",
        /// The printed end of validity.
        End => "end",
        /// The grace is over: what is left expires.
        Expiry => "expiry",
        /// The issuer and the Region compare their accounts.
        Statement => "statement",
        /// The issuer gives the face value of what has expired back.
        CreditNote => "credit_note",
    }
);

named!(
    /// Where a step stands on a day.
    StepState, Malformed::Identifier, {
        Upcoming => "upcoming",
        Due => "due",
        Done => "done",
        /// Its time is over, and it was not taken.
        Missed => "missed",
    }
);

impl Step {
    /// Its name in French.
    #[must_use]
    pub const fn french(self) -> &'static str {
        match self {
            Self::Alert => "alerte",
            Self::Stop => "arrêt des remises",
            Self::Acknowledgement => "reconnaissance de responsabilité",
            Self::End => "fin de validité",
            Self::Expiry => "péremption",
            Self::Statement => "état contradictoire",
            Self::CreditNote => "avoir de l'émetteur",
        }
    }
}

/// What the calendar must know of an order, as it stood on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub validity_end: Day,
    pub grace_end: Day,
    pub hand_outs_suspended: bool,
    /// Of this end: a prorogation asks for it again.
    pub acknowledged: bool,
    /// Passes that nobody has spent and that have not expired.
    pub unspent_passes: i64,
    /// Passes that have expired and await a credit note.
    pub expired_passes: i64,
}

impl Progress {
    /// The day of a step.
    #[must_use]
    pub fn day_of(&self, step: Step, rules: &EndRules) -> Day {
        let after_grace = self.grace_end.plus_days(1);
        match step {
            Step::Alert => self.validity_end.minus_days(rules.alert_days),
            Step::Stop => self.validity_end.minus_days(rules.stop_days),
            Step::Acknowledgement => self.validity_end.minus_days(rules.acknowledgement_days),
            Step::End => self.validity_end,
            Step::Expiry => after_grace,
            Step::Statement | Step::CreditNote => self.validity_end.plus_days(rules.statement_days).max(after_grace),
        }
    }

    /// Where a step stands on `today`.
    #[must_use]
    pub fn state_of(&self, step: Step, rules: &EndRules, today: Day) -> StepState {
        let taken = match step {
            Step::Stop => self.hand_outs_suspended,
            Step::Acknowledgement => self.acknowledged,
            Step::Alert | Step::End | Step::Expiry | Step::Statement | Step::CreditNote => false,
        };
        let (reached, before_end) = (self.day_of(step, rules) <= today, today <= self.validity_end);
        match step {
            _ if taken => StepState::Done,
            _ if !reached => StepState::Upcoming,
            // Of what was never delivered, or is all used, nobody has to be told.
            _ if before_end && self.unspent_passes == 0 => StepState::Done,
            Step::Alert if before_end && !self.hand_outs_suspended => StepState::Due,
            Step::Stop | Step::Acknowledgement if before_end => StepState::Due,
            Step::Stop | Step::Acknowledgement => StepState::Missed,
            Step::Expiry if self.unspent_passes > 0 => StepState::Due,
            Step::Statement | Step::CreditNote if self.unspent_passes + self.expired_passes > 0 => StepState::Due,
            Step::Alert | Step::End | Step::Expiry | Step::Statement | Step::CreditNote => StepState::Done,
        }
    }

    /// Every step with its day and where it stands on `today`, in the order of the calendar.
    pub fn steps(self, rules: EndRules, today: Day) -> impl Iterator<Item = (Step, Day, StepState)> {
        let step = move |step: &Step| (*step, self.day_of(*step, &rules), self.state_of(*step, &rules, today));
        Step::ALL.iter().map(step)
    }

    /// The step that is to be taken on `today`, and since when. The alert stands until hand-outs are stopped: any other
    /// goes before it.
    #[must_use]
    pub fn due(self, rules: EndRules, today: Day) -> Option<(Step, Day)> {
        let due = self.steps(rules, today).filter(|(_, _, state)| *state == StepState::Due);
        due.map(|(step, day, _)| (step, day)).min_by_key(|(step, _)| (*step == Step::Alert, *step))
    }
}

/// What holders have of the orders that an act asks about, kept up to date within a group.
pub type OrderHoldings = BTreeMap<OrderId, BTreeMap<Holder, Balance>>;

/// The Region acknowledges that the passes of an order are about to be cancelled, and that those handed out in the
/// meantime are at its own charge. Its receipt says how many there still are to hand out.
#[derive(Debug, Clone)]
pub struct Acknowledge {
    pub order: Reference,
}

impl Act for Acknowledge {
    fn kind(&self) -> Kind {
        Kind::Acknowledgement
    }

    fn needs(&self, needs: &mut Needs) {
        needs.orders.insert(self.order.clone());
        needs.ends.insert(self.order.clone());
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        own_organisation(facts, context)?;
        let order = known(facts, &self.order)?;
        let about =
            |code: Code, day: Day| Err(Refusal::new(code).about("order", &order.number).about("date", day.french()));
        if let Some(day) = order.acknowledged_on {
            return about(Code::AcknowledgedAlready, day);
        }
        let first = order.validity_end.minus_days(facts.end_rules.acknowledgement_days);
        if context.day < first {
            return about(Code::AcknowledgementTooEarly, first);
        }
        if context.day > order.validity_end {
            return about(Code::AcknowledgementTooLate, order.validity_end);
        }
        let left = undistributed(facts, order);
        Ok(super::ends::of_order(Kind::Acknowledgement, order)
            .mention("validity_end", order.validity_end)
            .mention("undistributed_booklets", left.booklets)
            .mention("undistributed_passes", left.passes)
            .mention("undistributed_cents", left.value.get())
            .record(Record::OrderAcknowledged(order.id)))
    }
}

/// Whether what is there could still be handed out.
#[must_use]
pub const fn is_undistributed(holder: &Holder) -> bool {
    matches!(holder, Holder::Store | Holder::Transit(_) | Holder::Prescriber(_))
}

/// What could still be handed out of an order.
fn undistributed(facts: &Facts, order: &Order) -> Balance {
    let holdings = facts.order_holdings.get(&order.id).into_iter().flatten();
    holdings.filter(|(holder, _)| is_undistributed(holder)).fold(Balance::default(), |sum, (_, held)| sum.and(*held))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    /// An order that ends on 31 December with thirty-one days of grace, as issuers practise it.
    fn ending() -> Progress {
        Progress {
            validity_end: day("2026-12-31"),
            grace_end: day("2027-01-31"),
            hand_outs_suspended: false,
            acknowledged: false,
            unspent_passes: 10,
            expired_passes: 0,
        }
    }

    fn states(progress: Progress, today: &str) -> String {
        let steps = progress.steps(EndRules::default(), day(today));
        steps.map(|(_, _, state)| state.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_days_are_those_that_issuers_practise() {
        let days: Vec<String> = ending()
            .steps(EndRules::default(), day("2026-11-01"))
            .map(|(step, day, _)| format!("{step} {day}"))
            .collect();
        assert_eq!(
            days,
            [
                "alert 2026-12-01",
                "stop 2026-12-16",
                "acknowledgement 2026-12-24",
                "end 2026-12-31",
                "expiry 2027-02-01",
                "statement 2027-02-06",
                "credit_note 2027-02-06",
            ]
        );
        // A grace that was promised longer than the statement's delay comes first.
        let longer = Progress { grace_end: day("2027-03-31"), ..ending() };
        assert_eq!(longer.day_of(Step::Statement, &EndRules::default()), day("2027-04-01"));
    }

    #[test]
    fn a_step_is_due_from_its_day_until_it_is_taken_or_missed() {
        let upcoming = ["upcoming"; 7].join(" ");
        assert_eq!(states(ending(), "2026-11-30"), upcoming);
        assert_eq!(states(ending(), "2026-12-01"), upcoming.replacen("upcoming", "due", 1));
        assert_eq!(states(ending(), "2026-12-16"), "due due upcoming upcoming upcoming upcoming upcoming");
        let stopped = Progress { hand_outs_suspended: true, ..ending() };
        assert_eq!(states(stopped, "2026-12-24"), "done done due upcoming upcoming upcoming upcoming");
        let told = Progress { acknowledged: true, ..stopped };
        assert_eq!(states(told, "2026-12-31"), "done done done done upcoming upcoming upcoming");
        assert_eq!(states(ending(), "2027-01-01"), "done missed missed done upcoming upcoming upcoming");
        assert_eq!(states(told, "2027-02-01"), "done done done done due upcoming upcoming");
        let expired = Progress { unspent_passes: 0, expired_passes: 10, ..told };
        assert_eq!(states(expired, "2027-02-06"), "done done done done done due due");
        let used_up = Progress { unspent_passes: 0, ..ending() };
        assert_eq!(states(used_up, "2026-12-24"), "done done done upcoming upcoming upcoming upcoming");
        let credited = Progress { expired_passes: 0, ..expired };
        assert_eq!(states(credited, "2027-02-06"), "done done done done done done done");
    }

    #[test]
    fn the_steps_of_the_rules_follow_each_other() {
        let field =
            |rules: EndRules| rules.check().err().and_then(|refusal| refusal.field.map(|field| field.to_string()));
        let usual = EndRules::default();
        assert_eq!(field(usual), None);
        assert_eq!(field(EndRules { alert_days: 14, ..usual }).as_deref(), Some("alert_days"));
        assert_eq!(field(EndRules { alert_days: 366, ..usual }).as_deref(), Some("alert_days"));
        assert_eq!(field(EndRules { stop_days: 6, ..usual }).as_deref(), Some("stop_days"));
        assert_eq!(field(EndRules { acknowledgement_days: 0, ..usual }).as_deref(), Some("acknowledgement_days"));
        assert_eq!(field(EndRules { statement_days: 366, ..usual }).as_deref(), Some("statement_days"));
    }
}
