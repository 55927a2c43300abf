//! Mentions that list several things, in words. What never lives here: how an act seals them, or which of them a paper shows.

use std::collections::BTreeSet;

use super::{Reader, run};
use crate::documents::phrases::{self, Form, List, MENTIONS};
use crate::domain::contradiction::{Gap, PassState};
use crate::domain::money::Cents;
use crate::domain::statements::LineClass;
use crate::domain::time::Day;
use crate::receipts::Body;

/// Where a list says nothing.
const NOTHING: &str = "-";

/// The codes of organisations that the mentions of a receipt name, without those of its holders.
#[must_use]
pub fn organisations_named(body: &Body) -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for (name, _, form) in MENTIONS {
        let Some(text) = body.mentioned_text(name) else { continue };
        match form {
            Form::Organisation => codes.extend([text]),
            Form::Holder => codes.extend(code_of(text)),
            Form::List(list) => codes.extend(items(*list, text).filter_map(|item| named_in(*list, item)).flatten()),
            _ => {}
        }
    }
    codes.into_iter().map(str::to_owned).collect()
}

/// The code in the text of a holder.
fn code_of(holder: &str) -> Option<&str> {
    holder.split_once(':').map(|(_, code)| code)
}

/// The codes in one item of a list.
fn named_in(list: List, item: &str) -> Option<Vec<&str>> {
    let words: Vec<&str> = item.split(' ').collect();
    let codes = match (list, words.as_slice()) {
        (List::Sendings, [_, from, to, _]) => [from, to].into_iter().filter_map(|holder| code_of(holder)).collect(),
        (List::Weights | List::Owed, [code, _])
        | (List::TakenOff, [_, code, _])
        | (List::Differences, [_, _, _, _, code]) => vec![*code],
        _ => return None,
    };
    Some(codes)
}

/// The items of a list as they are sealed.
fn items(list: List, text: &str) -> impl Iterator<Item = &str> {
    let between = match list {
        List::Numbers | List::Conditions => ' ',
        List::Serials if !text.contains(';') => ' ',
        _ => ';',
    };
    text.split(between).map(str::trim).filter(|item| !item.is_empty())
}

/// The sendings of an allocation: number, from, to, booklets.
pub(super) fn sendings(text: &str) -> impl Iterator<Item = (&str, &str, &str, i64)> {
    items(List::Sendings, text).filter_map(|item| {
        let words: Vec<&str> = item.split(' ').collect();
        let [number, from, to, booklets] = words.as_slice() else { return None };
        Some((*number, *from, *to, booklets.parse().ok()?))
    })
}

/// Between the items of a list as it is read; what stands before a semicolon keeps to its line.
const fn between(list: List) -> &'static str {
    if matches!(list, List::Numbers) { ", " } else { "\u{a0}; " }
}

fn euros(cents: &str) -> Option<String> {
    cents.parse().ok().map(|cents| Cents::new(cents).figures())
}

impl Reader<'_> {
    /// A list in words; an item that this version does not know is shown as it is sealed.
    pub(super) fn listed(&self, list: List, text: &str) -> String {
        let told = |item| self.item(list, item).unwrap_or_else(|| item.to_owned());
        items(list, text).map(told).collect::<Vec<_>>().join(between(list))
    }

    fn item(&self, list: List, item: &str) -> Option<String> {
        let words: Vec<&str> = item.split(' ').collect();
        match (list, words.as_slice()) {
            (List::Sendings, _) => sendings(item).next().map(|sending| self.sending(sending)),
            (List::Weights, [code, weight]) => {
                Some(format!("{}\u{a0}: {}", self.called(code), phrases::count(weight.parse().ok()?)))
            }
            (List::Letters, [application, booklet, said @ ..]) => Some(self.letter(application, booklet, said)),
            (List::Differences, [number, class, pass, cents, provider]) => {
                self.difference((number, pass, provider), LineClass::parse(class).ok()?, cents)
            }
            (List::StatementLines, [key]) => {
                let (statement, line) = key.split_once('/')?;
                Some(format!("état n°\u{a0}{statement}, ligne {line}"))
            }
            (List::Gaps, [gap, here, there, serials @ ..]) => gap_in_words(gap, [here, there], serials),
            (List::TakenOff, [claim, code, cents]) => {
                Some(format!("demande n°\u{a0}{claim}, {}\u{a0}: {}", self.called(code), euros(cents)?))
            }
            (List::Owed, [code, cents]) => Some(format!("{}\u{a0}: {}", self.called(code), euros(cents)?)),
            (List::Serials, [serial]) => Some(run(serial)),
            (List::Numbers, [number]) => Some(format!("n°\u{a0}{number}")),
            (List::Conditions, [code]) => self.condition(code),
            _ => None,
        }
    }

    /// The name of an organisation, or its code where nobody knows it.
    fn called(&self, code: &str) -> String {
        self.name_of(code).unwrap_or_else(|| code.to_owned())
    }

    fn sending(&self, (number, from, to, booklets): (&str, &str, &str, i64)) -> String {
        let name = |holder: &str| self.party(holder).map_or_else(|| self.holder(holder), |party| party.name);
        let (from, to) = (name(from), name(to));
        format!("envoi n°\u{a0}{number}, de {from} à {to}, {}", phrases::booklets(booklets))
    }

    /// A letter and what is said of it: the day on which it came, why it came back, or nothing yet.
    fn letter(&self, application: &str, booklet: &str, said: &[&str]) -> String {
        let letter = format!("demande n°\u{a0}{application}, carnet {booklet}");
        match said {
            [] => letter,
            [on] if Day::parse(on).is_ok() => format!("{letter}, le {}", phrases::day(on)),
            _ => format!("{letter}\u{a0}: {}", phrases::reason(self.kind, &said.join(" "))),
        }
    }

    fn difference(
        &self,
        (number, pass, provider): (&str, &str, &str),
        class: LineClass,
        cents: &str,
    ) -> Option<String> {
        let provider = if provider == NOTHING { String::new() } else { format!(", {}", self.called(provider)) };
        let stated = euros(cents)?;
        let face = Cents::new(self.body.face_cents).figures();
        let amounts = match class {
            // The issuer says nothing of it there.
            LineClass::Absent | LineClass::Disputed => String::new(),
            LineClass::AmountDiffers => format!(" ({stated} dit l'émetteur, {face} au registre)"),
            _ => format!(" ({stated} dit l'émetteur)"),
        };
        Some(format!("n°\u{a0}{number}, pass {pass}{provider}\u{a0}: {}{amounts}", class.french()))
    }

    /// A condition as the rules of the receipt say it.
    fn condition(&self, code: &str) -> Option<String> {
        let of_rules = || {
            let (rules, on) = self.around.rules.as_ref().zip(Day::parse(&self.body.day).ok())?;
            super::label_of(rules.situations(on), code)
        };
        phrases::condition(code).map(str::to_owned).or_else(of_rules)
    }
}

/// How passes differ, and what both sides say of them.
fn gap_in_words(gap: &str, [here, there]: [&str; 2], serials: &[&str]) -> Option<String> {
    let here = PassState::parse(here).ok()?.french();
    let there = match there {
        NOTHING => String::new(),
        state => format!(", chez l'émetteur\u{a0}: {}", PassState::parse(state).ok()?.french()),
    };
    let serials: Vec<String> = serials.iter().map(|serial| run(serial)).collect();
    let gap = Gap::parse(gap).ok()?.french();
    Some(format!("{gap} (au registre\u{a0}: {here}{there})\u{a0}: {}", serials.join(", ")))
}
