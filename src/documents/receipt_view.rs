//! Everything a receipt must show, in French and in order, from its sealed bytes: the one place that HTML and PDF take
//! their words from. What never lives here: a layout, or a figure the receipt does not have.

use std::collections::BTreeMap;

use super::phrases::{self, Form, MENTIONS};
use super::surroundings::{OrderReference, Surroundings};
use crate::domain::eligibility::Choice;
use crate::domain::money::Cents;
use crate::domain::movement::Kind;
use crate::domain::serial::BookletSerial;
use crate::domain::time::Day;
use crate::receipts::{Body, Line, Mention, Receipt};

mod lists;
mod parts;
mod people;
mod sides;
mod values;

pub use lists::organisations_named;
pub(super) use parts::{Amount, Balance, Gist, Handed, Lot, Row, Side, Signature};

/// A receipt as a document: see [`super::html`] and [`super::pdf`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptView {
    pub(super) title: String,
    pub(super) number: String,
    pub(super) programme: String,
    pub(super) sponsor: String,
    /// `24/11/2026 à 11:06 (heure de Paris), à Maubeuge`.
    pub(super) moment: String,
    /// The sealed moment, for machines.
    pub(super) at: String,
    /// Name of the issuing organisation.
    pub(super) office: String,
    pub(super) sides: Vec<Side>,
    pub(super) gist: Option<Gist>,
    pub(super) amount: Option<Amount>,
    pub(super) lots: Vec<Lot>,
    pub(super) rows: Vec<Row>,
    /// Digests that the receipt holds of something else, for whoever checks it.
    pub(super) digests: Vec<Row>,
    pub(super) balances: Vec<Balance>,
    pub(super) services: Vec<String>,
    pub(super) signatures: Vec<Signature>,
    pub(super) handed: Option<Handed>,
    /// What the document proves and what it does not.
    pub(super) caveat: String,
    pub(super) privacy: String,
    pub(super) hash: String,
    /// The first 16 digits in groups of four, to compare by eye.
    pub(super) short_hash: String,
    pub(super) previous: String,
    pub(super) position: i64,
    pub(super) seal: String,
    pub(super) verification: Option<String>,
    /// What the QR code says: the token of the public page `/verify/…`, number and first digits of the hash.
    pub(super) qr_text: String,
}

/// A receipt being read with its surroundings at hand.
struct Reader<'a> {
    body: &'a Body,
    around: &'a Surroundings,
    kind: Option<Kind>,
}

impl ReceiptView {
    /// Lays a receipt out in words. Never fails: a name that this version does not know is shown as it is sealed.
    #[must_use]
    pub fn new(receipt: &Receipt, surroundings: &Surroundings) -> Self {
        let body = receipt.body();
        let reader = Reader { body, around: surroundings, kind: Kind::parse(&body.kind).ok() };
        let place = phrases::commune(&body.office.commune);
        let hash = receipt.hash();
        Self {
            title: reader.kind.map_or_else(|| body.kind.clone(), |kind| kind.title().to_owned()),
            number: body.number.clone(),
            programme: surroundings.programme.clone(),
            sponsor: surroundings.sponsor.name.clone(),
            moment: format!("{} (heure de Paris), {place}", phrases::moment(&body.at)),
            at: body.at.clone(),
            office: body.office.name.clone(),
            sides: reader.sides(),
            gist: reader.gist(),
            amount: reader.amount(),
            lots: reader.lots(),
            rows: reader.rows(),
            digests: reader.mentioned(|_, form| form == Form::Digest),
            balances: reader.balances(),
            services: surroundings.services.clone(),
            signatures: reader.signatures(),
            handed: reader.handed(),
            caveat: reader.caveat(),
            privacy: reader.privacy(),
            hash: hash.to_owned(),
            short_hash: grouped(hash),
            previous: body.prev.clone(),
            position: body.position,
            seal: seal(surroundings),
            verification: surroundings.verification.clone(),
            qr_text: receipt.token(),
        }
    }

    /// The title and number, as a window or a file calls the document.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.title, self.number)
    }
}

fn grouped(hash: &str) -> String {
    let groups = [hash.get(..4), hash.get(4..8), hash.get(8..12), hash.get(12..16)];
    groups.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn seal(surroundings: &Surroundings) -> String {
    surroundings.sealed.as_ref().map_or_else(
        || "signature de la chaîne non jointe à ce document".to_owned(),
        |seal| format!("chaîne signée (Ed25519) à la position {}, clé {}", seal.position, seal.key),
    )
}

impl Reader<'_> {
    fn text(&self, name: &str) -> Option<String> {
        self.body.mentions.get(name).map(|mention| match mention {
            Mention::Text(text) => text.clone(),
            Mention::Number(number) => number.to_string(),
        })
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.body.mentioned_number(name)
    }

    fn figures(&self, passes: i64) -> String {
        Cents::new(self.body.face_cents).times(passes).map_or_else(|| "hors limites".to_owned(), Cents::figures)
    }

    fn amount(&self) -> Option<Amount> {
        let total = &self.body.total;
        let (booklets, passes, value) = match (self.body.lines.is_empty(), self.kind) {
            // What the person gets: the booklet that it takes the place of is out of use, and so are passes beyond its own.
            (false, Some(Kind::Replacement)) => self.given(),
            (false, _) => (total.booklets, total.passes, Cents::new(total.cents)),
            (true, Some(Kind::Order)) => {
                let booklets = self.number("booklets")?;
                let passes = self.number("passes_per_booklet")?.checked_mul(booklets)?;
                (booklets, passes, Cents::new(self.body.face_cents).times(passes)?)
            }
            (true, _) => return None,
        };
        let quantity = if booklets == 0 {
            format!("{} pass", phrases::count(passes))
        } else {
            format!("{}, {} pass", phrases::booklets(booklets), phrases::count(passes))
        };
        Some(Amount {
            quantity,
            total: value.figures(),
            words: format!("Arrêté à la somme de {}.", value.words()),
            face: Cents::new(self.body.face_cents).figures(),
        })
    }

    /// What comes into a person's hands: booklets, passes and their value.
    fn given(&self) -> (i64, i64, Cents) {
        let lines = self.body.lines.iter().filter(|line| line.to == "circulation");
        let sum = lines.fold((0_i64, 0_i64, 0_i64), |(booklets, passes, cents), line| {
            let add = i64::saturating_add;
            (add(booklets, line.booklets), add(passes, line.passes), add(cents, line.cents))
        });
        (sum.0, sum.1, Cents::new(sum.2))
    }

    fn lots(&self) -> Vec<Lot> {
        let several = self.body.lines.len() > 1;
        let label = |line: &Line| {
            let counted = if line.booklets == 0 {
                format!("{} pass", phrases::count(line.passes))
            } else {
                phrases::booklets(line.booklets)
            };
            let to = if several { format!(", vers {}", self.holder(&line.to)) } else { String::new() };
            format!("Lot {} ({counted}{to})", line.batch)
        };
        let serials = |line: &Line| line.items.iter().map(|item| run(item)).collect();
        let moved = self.body.lines.iter().map(|line| Lot { label: label(line), serials: serials(line) });
        let reserved = match (self.text("first_serial"), self.text("last_serial")) {
            (Some(first), Some(last)) => {
                Some(Lot { label: "Numéros réservés".to_owned(), serials: vec![run(&format!("{first}..{last}"))] })
            }
            _ => None,
        };
        moved.chain(reserved).collect()
    }

    /// The orders that the lots belong to, in order of number.
    fn orders(&self) -> BTreeMap<i64, Option<&OrderReference>> {
        let lots = self.body.lines.iter().filter_map(|line| line.batch.split_once('-')?.0.parse::<i64>().ok());
        lots.chain(self.number("order")).map(|order| (order, self.around.orders.get(&order))).collect()
    }

    fn rows(&self) -> Vec<Row> {
        let row = |label: &str, value: String| Row { label: label.to_owned(), value };
        let mut rows = vec![row("Établi par", self.established())];
        rows.extend(self.body.corrects.iter().map(|number| row("Récépissé annulé", number.clone())));
        rows.extend(self.orders().into_iter().map(|(sequence, known)| row("Commande", self.order(sequence, known))));
        rows.extend(self.validity().map(|dates| row("Fin de validité", dates)));
        rows.extend(self.text("ground").map(|ground| row("Motif d'éligibilité", self.ground(&ground))));
        rows.extend(self.venue().map(|venue| row("Lieu de la prestation", venue)));
        rows.extend(self.text("missing_booklets").map(|count| row("Carnets manquants", self.missing(&count))));
        rows.extend(self.states().into_iter().map(|(label, told)| row(label, told)));
        rows.extend(self.mentioned(|name, form| !self.stands_elsewhere(name, form)));
        let listed = |name: &str| MENTIONS.iter().any(|(known, ..)| *known == name);
        let unlisted = self.body.mentions.keys().filter(|name| !listed(name));
        rows.extend(unlisted.filter_map(|name| Some(row(&name.replace('_', " "), self.text(name)?))));
        rows
    }

    fn ground(&self, ground: &str) -> String {
        let rules = self.around.rules.as_ref().zip(Day::parse(&self.body.day).ok());
        let label = rules.and_then(|(rules, on)| label_of(rules.grounds(on), ground));
        let version = self.text("rule_version").map(|version| format!(" (règle {version})")).unwrap_or_default();
        format!("{}{version}", label.unwrap_or_else(|| ground.to_owned()))
    }

    /// Name, address and commune of the venue; its identifier where the receipt has no name.
    fn venue(&self) -> Option<String> {
        let name = self.text("venue_name").or_else(|| self.text("venue"))?;
        let commune = self.text("venue_commune").map(|code| phrases::commune(&code));
        let parts = [Some(name), self.text("venue_address"), commune];
        Some(parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
    }

    /// How many booklets are missing, and which.
    fn missing(&self, count: &str) -> String {
        let serials = |runs: String| runs.split(" ; ").map(run).collect::<Vec<_>>().join(", ");
        self.text("missing").map_or_else(|| count.to_owned(), |runs| format!("{count} : {}", serials(runs)))
    }

    /// An order's number, payment order and funding: as sealed where the receipt is about it, else as registered.
    fn order(&self, sequence: i64, known: Option<&OrderReference>) -> String {
        let sealed = |name: &str| self.text(name).filter(|_| self.number("order") == Some(sequence));
        let number = sealed("order_number").or_else(|| known.map(|order| order.number.clone()));
        let payment = sealed("payment_order").or_else(|| known.and_then(|order| order.payment_order.clone()));
        let funding = sealed("funding").or_else(|| known.and_then(|order| order.funding.clone()));
        let number = number.unwrap_or_else(|| format!("n° d'ordre {sequence}"));
        let payment = payment.map(|number| format!(", mandat de paiement n° {number}")).unwrap_or_default();
        let funding = funding.map(|shares| format!("\u{a0}; financement\u{a0}: {shares}")).unwrap_or_default();
        format!("{number}{payment}{funding}")
    }

    /// The end printed on the passes and that of the days of grace: sealed, else those of the orders; of several
    /// orders the earliest, so that nobody is promised a day too many.
    fn validity(&self) -> Option<String> {
        let of_orders = |day: fn(&OrderReference) -> Option<Day>| {
            self.orders().into_values().flatten().filter_map(day).min().map(Day::french)
        };
        let sealed = |name: &str| self.text(name).map(|text| phrases::day(&text));
        let end = sealed("validity_end").or_else(|| of_orders(|order| order.validity_end))?;
        let grace = sealed("grace_end").or_else(|| of_orders(|order| order.grace_end));
        Some(grace.map_or_else(|| end.clone(), |grace| format!("{end} (fin du délai de grâce : {grace})")))
    }

    fn balances(&self) -> Vec<Balance> {
        let balance = |holding: &crate::receipts::Holding| Balance {
            holder: self.holder(&holding.holder),
            before: phrases::count(holding.before),
            after: phrases::count(holding.after),
            value: self.figures(holding.after),
        };
        self.body.holdings.iter().map(balance).collect()
    }

    /// By what title the passes are held, where the receipt says so.
    fn basis(&self) -> Option<String> {
        let unsaid = match self.kind {
            _ if self.body.lines.is_empty() => return self.text("basis"),
            Some(
                Kind::Redemption
                | Kind::Reversal
                | Kind::Claim
                | Kind::ClaimRejection
                | Kind::BankReturn
                | Kind::Overpayment
                | Kind::Offset
                | Kind::IssuerStatement
                | Kind::IssuerResolution,
            ) => "sans objet (pass remis en paiement d'un service)",
            _ => "non porté sur ce récépissé",
        };
        Some(self.text("basis").unwrap_or_else(|| unsaid.to_owned()))
    }

    fn caveat(&self) -> String {
        let title = self.basis().map(|basis| format!(" Titre de détention : {basis}.")).unwrap_or_default();
        let proves = if self.kind == Some(Kind::Acknowledgement) {
            "La Région a bien noté que les pass de cette commande vont être annulés et que ceux qui seraient remis dans \
             l'intervalle seront à sa charge."
        } else if self.body.lines.is_empty() {
            "Ce document constate un acte du registre ; il ne fait changer aucun pass de mains."
        } else {
            "Ce document prouve un changement de mains ; il ne dit pas, à lui seul, qu'une régie n'est pas nécessaire."
        };
        format!("{proves}{title}")
    }

    fn privacy(&self) -> String {
        let sponsor = &self.around.sponsor.name;
        let contact = self.around.privacy_contact.as_ref().map(|contact| format!(" ({contact})")).unwrap_or_default();
        let kept = match self.kind {
            Some(Kind::HandOut) => {
                "Le registre ne garde ni votre nom, ni copie de vos pièces. Il garde, à part et pour un temps limité, le \
                 motif, la nature du justificatif, la tranche d'âge, la commune, le sexe s'il a été dit et une empreinte qui évite les doublons."
            }
            _ => "Ce récépissé scellé ne porte aucun nom de personne.",
        };
        format!(
            "Données personnelles : responsable du traitement, {sponsor}. {kept} Accès, rectification, opposition : \
             {sponsor}{contact} ; réclamation : CNIL."
        )
    }
}

fn label_of(choices: Vec<Choice>, code: &str) -> Option<String> {
    choices.into_iter().find(|choice| choice.code == code).map(|choice| choice.label)
}

/// A run of serials in words: `HDF21-000001-85 à HDF21-000011-55 (11 carnets)`.
fn run(item: &str) -> String {
    let Some((first, last)) = item.split_once("..") else { return item.to_owned() };
    let number = |text: &str| BookletSerial::parse(text).ok().map(|serial| i64::from(serial.number()));
    let count = number(first).zip(number(last)).map(|(first, last)| last - first + 1);
    let counted = count.map(|count| format!(" ({})", phrases::booklets(count))).unwrap_or_default();
    format!("{first} à {last}{counted}")
}

#[cfg(test)]
mod tests;
