//! Cohortes : what became of booklets that have something in common (the prescriber who handed them out, their order, the month
//! in which they were handed out), from the order to the last pass. What never lives here: a person.

use std::collections::{BTreeMap, BTreeSet};

use super::figures::per_hundred;
use super::orders::{Stories, stories};
use super::question::{Parameter, Question};
use super::table::{Column, Report, Row, row, whole};
use super::uses::{Origin, Use, each_use};
use super::{Access, Entry, ReportError};
use crate::store::{Flow, StoreError};

/// `ordered_booklets` to `activated_booklets`: by order only, which is where they mean something. `sent_booklets`: to prescribers
/// and by mail, less what came back. `hand_outs`: at a counter or by mail, of one or several booklets. `spent_passes_per_hundred_people`:
/// for a hundred hand-outs; who received twice counts twice. A booklet that took the place of another goes on as that one. `observed_30`: handed out 30 days before the end of the day or earlier, of which `started_30`
/// were used within 30 days; so 60 and 90. `finished_booklets`: every pass spent. `expired_booklets`: some passes expired unspent.
/// `first_quarter_days`, `median_days`, `third_quarter_days`: days from the hand-out to the first use, of the booklets started.
const COLUMNS: &[Column] = &[
    Column::text("cohort", "Cohorte"),
    Column::integer("ordered_booklets", "Carnets commandés"),
    Column::integer("delivered_booklets", "Carnets pris en charge"),
    Column::integer("activated_booklets", "Carnets activés"),
    Column::integer("sent_booklets", "Carnets envoyés"),
    Column::integer("hand_outs", "Remises"),
    Column::integer("handed_out_booklets", "Carnets remis"),
    Column::integer("observed_30", "Remis depuis 30 jours"),
    Column::integer("started_30", "dont démarrés en 30 jours"),
    Column::integer("observed_60", "Remis depuis 60 jours"),
    Column::integer("started_60", "dont démarrés en 60 jours"),
    Column::integer("observed_90", "Remis depuis 90 jours"),
    Column::integer("started_90", "dont démarrés en 90 jours"),
    Column::integer("started_booklets", "Carnets démarrés"),
    Column::integer("finished_booklets", "Carnets épuisés"),
    Column::integer("expired_booklets", "Carnets périmés en partie ou en entier"),
    Column::integer("handed_out_passes", "Pass remis"),
    Column::integer("spent_passes", "Pass utilisés"),
    Column::integer("spent_passes_per_hundred_people", "Pass utilisés pour cent personnes").running(),
    Column::integer("first_quarter_days", "Délai du premier quart (jours)").running(),
    Column::integer("median_days", "Délai médian (jours)").running(),
    Column::integer("third_quarter_days", "Délai des trois quarts (jours)").running(),
];

pub(super) const ENTRY: Entry = Entry {
    name: "cohorts",
    title: "Cohortes : de la commande au dernier pass",
    columns: COLUMNS,
    access: Access::OwnPart,
    parameters: &[Parameter::Grain],
    open,
};

/// Days after which a cohort is looked at.
const MARKS: [u32; 3] = [30, 60, 90];

/// What booklets have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grain {
    Month,
    Order,
    Prescriber,
}

impl Grain {
    fn parse(text: Option<&str>) -> Result<Self, ReportError> {
        match text {
            None | Some("month") => Ok(Self::Month),
            Some("order") => Ok(Self::Order),
            Some("prescriber") => Ok(Self::Prescriber),
            Some(_) => Err(ReportError::ParameterMalformed(Parameter::Grain.name(), "month, order, prescriber")),
        }
    }
}

/// One cohort.
#[derive(Debug, Default)]
struct Cohort {
    ordered: Option<i64>,
    delivered: Option<i64>,
    activated: Option<i64>,
    sent: Option<i64>,
    hand_outs: BTreeSet<Origin>,
    handed_out: i64,
    /// For each mark: observed, and started by then.
    marks: [(i64, i64); MARKS.len()],
    started: i64,
    finished: i64,
    expired: i64,
    passes: i64,
    spent: i64,
    /// Started booklets by days to their first use.
    days: BTreeMap<u32, i64>,
}

type Cohorts = BTreeMap<String, Cohort>;

fn open(question: &Question) -> Result<Report, ReportError> {
    let grain = Grain::parse(question.request.grain.as_deref())?;
    let (stories, flows) = question
        .store
        .read(|tx| Ok::<_, StoreError>((stories(tx, question.whole())?, tx.flows(question.whole(), None)?)))?;
    let mut cohorts = Cohorts::new();
    match grain {
        Grain::Order if question.request.scope.is_none() => supplied(&mut cohorts, &stories, &flows),
        Grain::Prescriber => deposited(&mut cohorts, &flows),
        Grain::Order | Grain::Month => {}
    }
    each_use(question, |booklet| {
        if question.request.scope.as_ref().is_some_and(|scope| booklet.office != scope.as_str()) {
            return;
        }
        let story = stories.values().find(|story| story.range.contains(booklet.booklet.number()));
        let name = match grain {
            Grain::Month => booklet.handed_out_on.to_string().chars().take(7).collect(),
            Grain::Order => story.map_or_else(String::new, |story| story.number.clone()),
            Grain::Prescriber => booklet.office.clone(),
        };
        let size = story.map_or(0, |story| story.passes_per_booklet);
        cohorts.entry(name).or_default().add(question, &booklet, size);
    })?;
    if let Some(scope) = question.request.scope.as_ref().filter(|_| grain == Grain::Prescriber) {
        cohorts.retain(|prescriber, _| prescriber == scope.as_str());
    }
    Ok(question.report(whole(cohorts.into_iter().map(line).collect())))
}

/// What was ordered, delivered, activated and sent of each order.
fn supplied(cohorts: &mut Cohorts, stories: &Stories, flows: &[Flow]) {
    for (sequence, story) in stories {
        let of_order = || flows.iter().filter(|flow| flow.batch.order().sequence() == *sequence);
        let out: i64 =
            of_order().filter(|flow| flow.from == "store" && is_sending(flow)).map(|flow| flow.booklets).sum();
        let back: i64 = of_order().filter(|flow| flow.to == "store" && is_return(flow)).map(|flow| flow.booklets).sum();
        let delivered = story.delivered_booklets;
        let cohort = cohorts.entry(story.number.clone()).or_default();
        cohort.ordered = Some(i64::from(story.range.len()));
        cohort.delivered = Some(delivered);
        cohort.activated = Some(if story.activated.is_some() { delivered } else { 0 });
        cohort.sent = Some(out - back);
    }
}

/// What each prescriber accepted, less what left otherwise than by a hand-out.
fn deposited(cohorts: &mut Cohorts, flows: &[Flow]) {
    for flow in flows {
        if let Some(code) = flow.to.strip_prefix("prescriber:") {
            *cohorts.entry(code.to_owned()).or_default().sent.get_or_insert(0) += flow.booklets;
        }
        let left = flow.from.strip_prefix("prescriber:").filter(|_| flow.to != "circulation");
        if let Some(code) = left {
            *cohorts.entry(code.to_owned()).or_default().sent.get_or_insert(0) -= flow.booklets;
        }
    }
}

fn is_sending(flow: &Flow) -> bool {
    flow.to.starts_with("transit:")
}

/// Not what comes out of a block or a loss.
fn is_return(flow: &Flow) -> bool {
    flow.from.starts_with("transit:") || flow.from.starts_with("prescriber:")
}

impl Cohort {
    fn add(&mut self, question: &Question, booklet: &Use, size: i64) {
        self.hand_outs.insert(booklet.origin);
        self.handed_out += 1;
        self.passes += size;
        self.spent += booklet.redeemed;
        let days = booklet.days_to_first_use();
        let since = question.request.as_of.days_since(booklet.handed_out_on);
        for ((observed, started), mark) in self.marks.iter_mut().zip(MARKS).filter(|(_, mark)| since >= *mark) {
            *observed += 1;
            *started += i64::from(days.is_some_and(|days| days <= mark));
        }
        self.finished += i64::from(size > 0 && booklet.redeemed == size);
        self.expired += i64::from(booklet.expired);
        if let Some(days) = days {
            self.started += 1;
            *self.days.entry(days).or_default() += 1;
        }
    }

    /// Days within which so many quarters of the started booklets were started.
    fn quarter(&self, quarters: i64) -> Option<i64> {
        let mut seen = 0;
        let reached = self.days.iter().find(|(_, booklets)| {
            seen += **booklets;
            4 * seen >= quarters * self.started
        });
        reached.map(|(days, _)| i64::from(*days))
    }
}

fn line((name, cohort): (String, Cohort)) -> Row {
    let [thirty, sixty, ninety] = cohort.marks;
    let hand_outs = i64::try_from(cohort.hand_outs.len()).unwrap_or(i64::MAX);
    row![
        name,
        cohort.ordered,
        cohort.delivered,
        cohort.activated,
        cohort.sent,
        hand_outs,
        cohort.handed_out,
        thirty.0,
        thirty.1,
        sixty.0,
        sixty.1,
        ninety.0,
        ninety.1,
        cohort.started,
        cohort.finished,
        cohort.expired,
        cohort.passes,
        cohort.spent,
        per_hundred(cohort.spent, hand_outs),
        cohort.quarter(1),
        cohort.quarter(2),
        cohort.quarter(3),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_are_those_of_the_booklets_that_were_started() {
        let cohort = Cohort { started: 4, days: BTreeMap::from([(1, 1), (5, 2), (40, 1)]), ..Cohort::default() };
        assert_eq!([1, 2, 3].map(|quarters| cohort.quarter(quarters)), [Some(1), Some(5), Some(5)]);
        assert_eq!(Cohort::default().quarter(2), None);
    }
}
