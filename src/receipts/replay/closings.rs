//! What moved day by day, added up from the lines, and the closings held against it. What never lives here: which period
//! may be closed when; that is `domain::closing`, and a verifier in another language says it again.

use std::collections::BTreeMap;

use super::super::{Body, Break, Head, Mention, Text, closing};
use super::Replay;
use super::records::{text, wrong};
use crate::domain::activity::Activity;
use crate::domain::closing::{Books, COUNTER_VALUE, Closing, DayEnd, Period};
use crate::domain::money::Cents;
use crate::domain::movement;
use crate::domain::time::Day;

/// Closings so far, and the days that are not closed.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    books: Books,
    /// Those on which something was recorded.
    open: BTreeMap<Day, DayEnd>,
    /// The face value of the orders activated on each day.
    activations: BTreeMap<Day, Cents>,
}

impl Accounts {
    /// Takes note that an order of this value was activated.
    pub(super) fn activated<T: Text>(&mut self, body: &Body<T>, cents: i64) {
        let of_day = self.activations.entry(today(body)).or_default();
        *of_day = Cents::new(of_day.get().saturating_add(cents));
    }
}

/// Everything that a closing may say of its sums: what it does not say is nothing.
const OPTIONAL: [&str; 6] =
    ["period_by_kind", "period_by_holder", "perpetual_by_kind", "perpetual_by_holder", "previous", "previous_hash"];

impl Replay {
    /// The closing that this receipt must be: the next of its kind, with the totals of its days.
    pub(super) fn closing<T: Text>(&self, body: &Body<T>) -> Result<Box<Closing>, Break> {
        let day = |name| Day::parse(text(body, name)?).map_err(|_| wrong(name));
        let period = Period::parse(text(body, "period")?).map_err(|_| wrong("period"))?;
        let (last_day, today) = (day("last_day")?, today(body));
        let order =
            || Break::new("closing_order", format!("la clôture ({period}) au {last_day} n'est pas la suivante"));
        let Accounts { books, open, activations } = &self.accounts;
        let expected = books.close((period, last_day), today, open, activations).map_err(|_| order())?;
        if expected.last_day != last_day {
            return Err(order());
        }
        let mut mentions = expected.mentions();
        // An older journal does not prove its counter-value: whoever says a part of it says all of it.
        if COUNTER_VALUE.iter().all(|name| !body.mentions.contains_key(*name)) {
            mentions.retain(|name, _| !COUNTER_VALUE.contains(name));
        }
        let absent = OPTIONAL.iter().find(|name| body.mentions.contains_key(**name) && !mentions.contains_key(**name));
        let differs = mentions.iter().find(|(name, value)| !same(body.mentions.get(**name), value));
        match absent.copied().or(differs.map(|(name, _)| *name)) {
            Some(name) => {
                Err(Break::new("closing_totals", format!("la mention {name} n'est pas ce que le journal donne")))
            }
            None => Ok(Box::new(expected)),
        }
    }

    /// Takes a receipt that holds into its day, and a closing into the books.
    pub(super) fn account_for<T: Text>(&mut self, body: &Body<T>, head: &Head, closed: Option<&Closing>) {
        let Accounts { books, open, .. } = &mut self.accounts;
        let today = today(body);
        books.opened_on.get_or_insert(today);
        if let Some((period, last_day, closed)) = closed.and_then(|_| closing::read(body, &head.hash)) {
            books.note(period, last_day, closed);
            books.forget_settled(period);
            *open = open.split_off(&last_day.plus_days(1));
        }
        let new = || DayEnd { position: 0, hash: String::new(), activity: Activity::default() };
        let end = open.entry(today).or_insert_with(new);
        end.position = head.position;
        end.hash.clone_from(&head.hash);
        end.activity.receipts(&body.kind, 1, (body.total.passes, body.total.cents));
        for line in &body.lines {
            end.activity.line(&line.from, &line.to, (line.passes, line.cents));
        }
    }
}

/// The business day of a receipt, which was checked before.
fn today<T: Text>(body: &Body<T>) -> Day {
    Day::parse(&body.day).unwrap_or(Day::FIRST)
}

fn same<T: Text>(said: Option<&Mention<T>>, expected: &movement::Mention) -> bool {
    match (said, expected) {
        (Some(Mention::Text(said)), movement::Mention::Text(expected)) => **said == **expected,
        (Some(Mention::Number(said)), movement::Mention::Number(expected)) => said == expected,
        _ => false,
    }
}
