//! How the value of a mention is written for people. What never lives here: which mentions are shown.

use super::{Reader, Row, label_of};
use crate::documents::phrases::{self, Form, MENTIONS};
use crate::domain::activity::Sums;
use crate::domain::contradiction::PassState;
use crate::domain::money::Cents;
use crate::domain::movement::Kind;
use crate::domain::time::Day;

impl Reader<'_> {
    /// The mentions of which this holds, by name and form, in the order of a document.
    pub(super) fn mentioned(&self, shown: impl Fn(&str, Form) -> bool) -> Vec<Row> {
        let mentions = MENTIONS.iter().filter(|(name, _, form)| shown(name, *form));
        let row = |(name, label, form): &(&str, &str, Form)| {
            Some(Row { label: (*label).to_owned(), value: self.written(*form, &self.text(name)?) })
        };
        mentions.filter_map(row).collect()
    }

    /// Whether a mention stands in its own place on this receipt, and not among the particulars.
    pub(super) fn stands_elsewhere(&self, name: &str, form: Form) -> bool {
        match name {
            // With the order that it pays, or with the ground that the rule names.
            "payment_order" => self.number("order").is_some(),
            "rule_version" => self.text("ground").is_some(),
            // In large type.
            "booklets" => self.kind == Some(Kind::Order),
            _ => matches!(form, Form::Elsewhere | Form::Digest),
        }
    }

    fn written(&self, form: Form, text: &str) -> String {
        match form {
            Form::Plain | Form::Digest | Form::Elsewhere => text.to_owned(),
            Form::Count => text.parse().map_or_else(|_| text.to_owned(), phrases::count),
            Form::Day => phrases::day(text),
            Form::Moment => phrases::moment(text),
            Form::FileFormat => phrases::file_format(text),
            Form::Holder => self.holder(text),
            Form::Organisation => match self.name_of(text) {
                Some(name) => format!("{name} ({text})"),
                None => text.to_owned(),
            },
            Form::List(list) => self.listed(list, text),
            Form::Month => phrases::month(text),
            Form::Money => text.parse().map_or_else(|_| text.to_owned(), |cents| Cents::new(cents).figures()),
            Form::Commune => phrases::commune(text),
            Form::Service => phrases::service(text),
            Form::Reason => phrases::reason(self.kind, text),
            Form::Period => phrases::period(text),
            Form::Kinds => kinds(text).unwrap_or_else(|| text.to_owned()),
            Form::Holders => self.holders(text).unwrap_or_else(|| text.to_owned()),
            Form::YesNo => if matches!(text, "yes" | "1") { "oui" } else { "non" }.to_owned(),
            Form::Proof => {
                let rules = self.around.rules.as_ref().zip(Day::parse(&self.body.day).ok());
                let label = rules.and_then(|(rules, on)| label_of(rules.proof_kinds(on), text));
                label.unwrap_or_else(|| text.to_owned())
            }
        }
    }

    /// How many passes of an order are in each state, of the ledger and of its issuer's list.
    pub(super) fn states(&self) -> Vec<(&'static str, String)> {
        let of = |mention: fn(PassState) -> &'static str| {
            let state = |state: &PassState| {
                Some(format!("{}\u{a0}: {}", state.french(), phrases::count(self.number(mention(*state))?)))
            };
            PassState::ALL.iter().filter_map(state).collect::<Vec<_>>().join(", ")
        };
        let sides =
            [("Au registre", of(|state| state.mentions().0)), ("Chez l'émetteur", of(|state| state.mentions().1))];
        sides.into_iter().filter(|(_, told)| !told.is_empty()).collect()
    }

    /// Sums by holder in words.
    fn holders(&self, text: &str) -> Option<String> {
        let in_words = |(account, [received, received_cents, given, given_cents]): (&str, [i64; 4])| {
            let account = match account {
                "issue" => "Comptes d'émission (contrepartie)".to_owned(),
                "transit" => "En chemin".to_owned(),
                holder => self.holder(holder),
            };
            format!("{account}\u{a0}: reçu {}, remis {}", moved(received, received_cents), moved(given, given_cents))
        };
        Some(Sums::<4>::parse(text)?.iter().map(in_words).collect::<Vec<_>>().join("\u{a0}; "))
    }
}

/// Sums by kind of receipt in words.
fn kinds(text: &str) -> Option<String> {
    let in_words = |(kind, [count, passes, cents]): (&str, [i64; 3])| {
        let title = Kind::parse(kind).map_or_else(|_| kind.to_owned(), |kind| kind.title().to_owned());
        format!("{title}\u{a0}: {} pour {}", phrases::count(count), moved(passes, cents))
    };
    Some(Sums::<3>::parse(text)?.iter().map(in_words).collect::<Vec<_>>().join("\u{a0}; "))
}

fn moved(passes: i64, cents: i64) -> String {
    format!("{} pass ({})", phrases::count(passes), Cents::new(cents).figures())
}
