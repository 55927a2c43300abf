//! Indicateurs : the figures by which the scheme is judged, each with its definition beside it, so that nobody quotes one for
//! another. Shares are in thousandths. Publics are read from the erasable zone: what was erased there is no longer counted, and
//! the rest stays. What never lives here: a person, or a figure without its two terms.

use std::collections::{BTreeMap, BTreeSet};

use super::figures::{Quantity, kind_of, per_hundred};
use super::hand_outs::each_hand_out;
use super::masking::{is_small, masked};
use super::question::{Parameter, Question, mention};
use super::redemptions::each_act;
use super::table::{Column, Report, Row, Value, row, whole};
use super::uses::{Origin, each_use};
use super::{Access, Entry, ReportError};
use crate::domain::act::band_in_words;
use crate::domain::movement::Kind;
use crate::domain::sex::Sex;
use crate::store::StoreError;

/// `value`: `numerator` by `denominator`, in thousandths where `unit` is `per_mille` and in hundredths where it is `per_hundred`;
/// else the numerator itself, or a mean.
const COLUMNS: &[Column] = &[
    Column::text("indicator", "Indicateur"),
    Column::text("label", "Intitulé"),
    Column::integer("value", "Valeur").running(),
    Column::text("unit", "Unité"),
    Column::integer("numerator", "Numérateur").running(),
    Column::integer("denominator", "Dénominateur").running(),
    Column::text("definition", "Définition"),
];

/// What stands for the sex of those who said nothing.
const NOT_GIVEN: &str = "not_given";

/// Where the figures of a row are.
const VALUE: usize = 2;
const UNIT: usize = 3;
const NUMERATOR: usize = 4;
const DENOMINATOR: usize = 5;

pub(super) const ENTRY: Entry = Entry {
    name: "indicators",
    title: "Indicateurs",
    columns: COLUMNS,
    access: Access::WholeProgramme,
    parameters: &[Parameter::Masked],
    open,
};

fn share(name: &str, label: &str, (numerator, denominator): (i64, i64), definition: &str) -> Row {
    let value = if denominator == 0 { 0 } else { numerator.saturating_mul(1_000) / denominator };
    row![name, label, value, "per_mille", numerator, denominator, definition]
}

fn count(name: &str, label: &str, value: i64, (unit, definition): (&str, &str)) -> Row {
    row![name, label, value, unit, value, 1_i64, definition]
}

fn open(question: &Question) -> Result<Report, ReportError> {
    let mut rows = stock(question)?;
    rows.extend(Uses::of(question)?.rows());
    rows.extend(Visits::of(question)?.rows());
    rows.extend(publics(question)?);
    if question.request.masked {
        rows = rows.into_iter().map(published).collect();
    }
    Ok(question.report(whole(rows)))
}

/// A row as it may be published: without its figures where it is of a handful, or of all but a handful. Days count nobody.
fn published(row: Row) -> Row {
    let number = |place: usize| row.get(place).and_then(Value::number).unwrap_or_default();
    let (count, whole) = (number(NUMERATOR), number(DENOMINATOR));
    // A count by itself is told of one whole, and has no rest.
    let small = is_small(count) || (whole != 1 && (is_small(whole) || is_small(whole - count)));
    let of_days = row.get(UNIT) == Some(&Value::from("days"));
    if small && !of_days { hidden(row) } else { row }
}

fn hidden(row: Row) -> Row {
    let figure = |place: usize| [VALUE, NUMERATOR, DENOMINATOR].contains(&place);
    row.into_iter().enumerate().map(|(place, cell)| if figure(place) { Value::Empty } else { cell }).collect()
}

/// What became of the passes.
fn stock(question: &Question) -> Result<Vec<Row>, ReportError> {
    let flows = question.store.read(|tx| tx.flows(question.whole(), None))?;
    let moved = |which: &dyn Fn(&str, &str, &str) -> bool| {
        let of = flows.iter().filter(|flow| which(&flow.kind, kind_of(&flow.from), kind_of(&flow.to)));
        of.fold(Quantity::default(), |sum, flow| sum.plus(Quantity::from(flow)))
    };
    let delivered = moved(&|kind, _, _| kind == Kind::Delivery.as_str());
    // At a counter, or by a letter that arrived. What takes the place of something handed out was not handed out once more.
    let given = |kind: &str| kind != Kind::Replacement.as_str();
    let handed_out =
        moved(&|kind, from, to| matches!(from, "prescriber" | "transit") && to == "circulation" && given(kind));
    let spent = moved(&|_, from, to| from == "circulation" && to == "provider");
    let given_back = moved(&|_, from, to| from == "provider" && to == "circulation");
    let used = spent.passes - given_back.passes;
    Ok(vec![
        share(
            "distribution",
            "Taux de distribution",
            (handed_out.booklets, delivered.booklets),
            "carnets remis à des bénéficiaires, remplacements non comptés, sur carnets pris en charge",
        ),
        share(
            "use",
            "Taux d'utilisation",
            (used, handed_out.passes),
            "pass utilisés, annulations déduites, sur pass remis",
        ),
    ])
}

/// Booklets in people's hands, by when they were first used.
#[derive(Debug, Default)]
struct Uses {
    handed_out: i64,
    started: i64,
    /// Hand-outs, and letters that arrived.
    people: BTreeSet<Origin>,
    redeemed: i64,
    /// Started booklets by days from hand-out to first use.
    days: BTreeMap<i64, i64>,
}

impl Uses {
    fn of(question: &Question) -> Result<Self, ReportError> {
        let mut uses = Self::default();
        each_use(question, |booklet| {
            uses.handed_out += 1;
            uses.people.insert(booklet.origin);
            uses.redeemed += booklet.redeemed;
            if let Some(days) = booklet.days_to_first_use() {
                uses.started += 1;
                *uses.days.entry(i64::from(days)).or_default() += 1;
            }
        })?;
        Ok(uses)
    }

    /// Half of the started booklets were started within so many days.
    fn median(&self) -> i64 {
        let mut seen = 0;
        let middle = self.days.iter().find(|(_, booklets)| {
            seen += **booklets;
            2 * seen >= self.started
        });
        middle.map_or(0, |(days, _)| *days)
    }

    fn rows(&self) -> Vec<Row> {
        let people = i64::try_from(self.people.len()).unwrap_or(i64::MAX);
        vec![
            share(
                "start",
                "Taux de démarrage",
                (self.started, self.handed_out),
                "carnets dont un pass au moins a servi, sur carnets remis",
            ),
            count(
                "days_to_first_use",
                "Délai médian avant la première utilisation",
                self.median(),
                (
                    "days",
                    "jours de la remise au premier pass utilisé ; la moitié des carnets démarrés l'ont été en moins",
                ),
            ),
            row![
                "passes_per_person",
                "Pass utilisés pour cent personnes",
                per_hundred(self.redeemed, people),
                "per_hundred",
                self.redeemed,
                people,
                "pass utilisés, annulations déduites, pour cent remises ; qui a reçu deux fois compte deux fois"
            ],
        ]
    }
}

/// What venues said of visits.
#[derive(Debug, Default)]
struct Visits {
    all: i64,
    first: i64,
    said: i64,
    minutes: i64,
    timed: i64,
    workshops: i64,
    participants: i64,
}

impl Visits {
    fn of(question: &Question) -> Result<Self, ReportError> {
        let mut sum = Self::default();
        each_act(question, |act| {
            let (place, sign) = (act.place(), act.sign());
            let number = |name: &str| mention(place, name).parse::<i64>().ok();
            let first = mention(place, "first_visit");
            sum.all += sign;
            sum.first += if first == "yes" { sign } else { 0 };
            sum.said += if first.is_empty() { 0 } else { sign };
            if let Some(minutes) = number("minutes") {
                sum.minutes += sign * minutes;
                sum.timed += sign;
            }
            if let Some(participants) = number("participants") {
                sum.workshops += sign;
                sum.participants += sign * participants;
            }
            Ok::<_, StoreError>(())
        })?;
        Ok(sum)
    }

    fn rows(&self) -> Vec<Row> {
        let mean = if self.timed == 0 { 0 } else { self.minutes / self.timed };
        vec![
            count("visits", "Visites", self.all, ("visits", "utilisations, annulations déduites")),
            share(
                "newcomers",
                "Nouveaux venus",
                (self.first, self.said),
                "premières venues dans le lieu, sur visites où le lieu l'a dit",
            ),
            row![
                "minutes_per_visit",
                "Durée moyenne d'une visite",
                mean,
                "minutes",
                self.minutes,
                self.timed,
                "minutes dites par les lieux, sur visites où le lieu l'a dit"
            ],
            count(
                "workshops",
                "Ateliers collectifs",
                self.workshops,
                ("visits", "visites de deux participants ou plus"),
            ),
            count(
                "workshop_participants",
                "Participants aux ateliers",
                self.participants,
                ("people", "présences, et non personnes"),
            ),
        ]
    }
}

/// Whom the scheme reached, by ground, age band, and sex where they said it.
fn publics(question: &Question) -> Result<Vec<Row>, ReportError> {
    let [mut grounds, mut bands, mut sexes]: [BTreeMap<String, i64>; 3] = Default::default();
    let mut all = 0;
    each_hand_out(question, |_, fact| {
        if let Some(kept) = fact.kept {
            all += 1;
            *grounds.entry(kept.ground).or_default() += 1;
            *bands.entry(kept.age_band).or_default() += 1;
            *sexes.entry(kept.sex.map_or(NOT_GIVEN, Sex::as_str).to_owned()).or_default() += 1;
        }
    })?;
    let ground = |(ground, count): (String, i64)| {
        let name = format!("ground:{ground}");
        share(&name, "Part d'un motif d'éligibilité", (count, all), "remises à ce motif, sur remises encore connues")
    };
    let band = |(band, count): (String, i64)| {
        let name = format!("age:{}", band_in_words(&band));
        share(
            &name,
            "Part d'une tranche d'âge",
            (count, all),
            "remises à cette tranche d'âge, sur remises encore connues",
        )
    };
    let sex = |(sex, count): (String, i64)| {
        let said = sex != NOT_GIVEN;
        let label = if said { "Part d'un sexe déclaré" } else { "Part de sexe non renseigné" };
        let definition = if said {
            "remises à des personnes qui l'ont dit ainsi, sur remises encore connues"
        } else {
            "remises à des personnes qui n'ont rien dit, sur remises encore connues"
        };
        share(&format!("sex:{sex}"), label, (count, all), definition)
    };
    // What is left of each share is that of the others: each list sums to all.
    let of = |counts: &BTreeMap<String, i64>| {
        let counts: Vec<i64> = counts.values().copied().collect();
        if question.request.masked { masked(&counts) } else { counts.into_iter().map(Some).collect() }
    };
    let shown: Vec<Option<i64>> = [of(&grounds), of(&bands), of(&sexes)].concat();
    let rows = grounds.into_iter().map(ground).chain(bands.into_iter().map(band)).chain(sexes.into_iter().map(sex));
    Ok(rows.zip(shown).map(|(row, shown)| if shown.is_some() { row } else { hidden(row) }).collect())
}
