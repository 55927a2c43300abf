//! Who gives and who receives, where passes change hands; where only their state changes, what they were and what they are.
//! What never lives here: who signs (`people`).

use std::collections::BTreeMap;

use super::lists::sendings;
use super::{Reader, Side};
use crate::documents::phrases;
use crate::documents::surroundings::Party;
use crate::domain::movement::Kind;

/// Parties that one side names; more are counted, and named with what they get.
const NAMED: usize = 6;
/// States that one side names; more are counted by what they have in common.
const STATES: usize = 3;

impl Reader<'_> {
    /// The two sides; none where nothing moves.
    pub(super) fn sides(&self) -> Vec<Side> {
        if self.kind == Some(Kind::Order) {
            let issuer = Party {
                name: self.text("issuer").unwrap_or_default(),
                registration: self.text("issuer_registration"),
                address: None,
            };
            return vec![self.side("Commandé par", &self.around.sponsor), self.side("Auprès de l'émetteur", &issuer)];
        }
        let (Some(first), Some(sound)) = (self.body.lines.first(), self.received()) else { return Vec::new() };
        match self.kind {
            Some(Kind::Allocation) => self.allocated(),
            Some(Kind::Mailing) => vec![self.holder_side("Remis par", &first.from), self.carrier("Reçu par", true)],
            Some(Kind::LetterReport) => vec![self.carrier("Remis par", false), self.letters()],
            Some(Kind::Replacement) => {
                let given = self.body.lines.iter().find(|line| line.to == "circulation").unwrap_or(first);
                vec![self.holder_side("Remis par", &given.from), self.holder_side("Reçu par", &given.to)]
            }
            Some(kind) if !changes_hands(kind) => self.states_around(),
            _ => {
                // What its sender takes back never was with the one it was for.
                let sender = self.text("sender").filter(|_| self.text("recall").is_none());
                let from = sender.unwrap_or_else(|| first.from.clone());
                let to = self.text("destination").unwrap_or(sound);
                vec![self.holder_side("Remis par", &from), self.holder_side("Reçu par", &to)]
            }
        }
    }

    /// The holder that received what is sound: damaged booklets go aside and are not "received" by anybody.
    fn received(&self) -> Option<String> {
        let aside = |to: &str| to == "blocked";
        let sound = self.body.lines.iter().find(|line| !aside(&line.to));
        sound.map(|line| line.to.clone()).or_else(|| match self.kind {
            // Everything was damaged: the receiver is still whoever counted it.
            Some(Kind::Delivery) => Some("store".to_owned()),
            Some(Kind::Acceptance) => Some(format!("prescriber:{}", self.body.office.code)),
            _ => self.body.lines.first().map(|line| line.to.clone()),
        })
    }

    /// Givers and the prescribers that booklets are on their way to.
    fn allocated(&self) -> Vec<Side> {
        let (mut givers, mut receivers) = (Vec::new(), Vec::new());
        for (_, from, to, booklets) in sendings(&self.text("sendings").unwrap_or_default()) {
            for (holders, holder) in [(&mut givers, from), (&mut receivers, to)] {
                add(holders, holder, booklets);
            }
        }
        vec![self.prescribers("Remis par", &givers), self.prescribers("Destiné à", &receivers)]
    }

    fn prescribers(&self, label: &'static str, holders: &[(String, i64)]) -> Side {
        let named = |(holder, booklets): &(String, i64)| {
            let name = self.party(holder).map_or_else(|| self.holder(holder), |party| party.name);
            format!("{name}\u{a0}: {}", phrases::booklets(*booklets))
        };
        match holders {
            [(holder, _)] => self.holder_side(label, holder),
            _ => Side {
                label,
                name: format!("{} prescripteurs", holders.len()),
                details: if holders.len() > NAMED {
                    vec!["nommés plus bas, envoi par envoi".to_owned()]
                } else {
                    holders.iter().map(named).collect()
                },
            },
        }
    }

    /// Whoever carries letters: those that this receipt hands over, or reports on.
    fn carrier(&self, label: &'static str, on_the_way: bool) -> Side {
        let transits = self.body.lines.iter().map(|line| if on_the_way { &line.to } else { &line.from });
        let mut numbers: Vec<&str> = transits.filter_map(|holder| holder.strip_prefix("transit:")).collect();
        numbers.dedup();
        let sendings = match numbers.as_slice() {
            [] => String::new(),
            [number] => format!(", envoi n°\u{a0}{number}"),
            _ => format!(", envois n°\u{a0}{}", numbers.join(", ")),
        };
        let details = on_the_way.then(|| "à distribuer aux personnes dont la demande est acceptée".to_owned());
        Side { label, name: format!("Le transporteur{sendings}"), details: details.into_iter().collect() }
    }

    /// Where reported letters are: with the people they were for, or back.
    fn letters(&self) -> Side {
        let mut by_holder: BTreeMap<&str, i64> = BTreeMap::new();
        for line in &self.body.lines {
            let booklets = by_holder.entry(&line.to).or_default();
            *booklets = booklets.saturating_add(line.booklets);
        }
        let told = |(holder, booklets): (&str, i64)| {
            let who = match holder {
                "circulation" => "Bénéficiaires, lettres distribuées".to_owned(),
                _ => format!("{}, lettres revenues", self.around.sponsor.name),
            };
            format!("{who}\u{a0}: {}", phrases::booklets(booklets))
        };
        let mut parts: Vec<String> = by_holder.into_iter().map(told).collect();
        let name = if parts.len() > 1 { "Selon les lettres".to_owned() } else { parts.pop().unwrap_or_default() };
        Side { label: "Reçu par", name, details: parts }
    }

    /// What passes were before the receipt, and what they are after it.
    fn states_around(&self) -> Vec<Side> {
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for line in &self.body.lines {
            add(&mut before, &line.from, line.passes);
            add(&mut after, &line.to, line.passes);
        }
        vec![self.state("Avant", &before), self.state("Après", &after)]
    }

    /// One state alone, some by name, or many counted by what they have in common.
    fn state(&self, label: &'static str, holders: &[(String, i64)]) -> Side {
        if let [(holder, _)] = holders {
            return Side { label, name: self.holder(holder), details: Vec::new() };
        }
        let mut told: Vec<String> = if holders.len() > STATES {
            let mut kinds: Vec<(String, i64)> = Vec::new();
            for (holder, passes) in holders {
                let words = self.holder(holder);
                add(&mut kinds, words.split(" :").next().unwrap_or_default(), *passes);
            }
            let rest = format!("{} détenteurs en tout, nommés plus bas", phrases::count(count(holders.len())));
            kinds.iter().map(counted).chain([rest]).collect()
        } else {
            holders.iter().map(|(holder, passes)| counted(&(self.holder(holder), *passes))).collect()
        };
        let details = told.split_off(told.len().min(1));
        Side { label, name: told.pop().unwrap_or_default(), details }
    }

    fn side(&self, label: &'static str, party: &Party) -> Side {
        let registration = party.registration.as_deref().map(phrases::registration);
        let office = &self.body.office;
        let own =
            (party.name == office.name && registration.is_none()).then(|| phrases::registration(&office.registration));
        let details = registration.or(own).into_iter().chain(party.address.clone()).collect();
        Side { label, name: party.name.clone(), details }
    }

    fn holder_side(&self, label: &'static str, holder: &str) -> Side {
        let mut side = match self.party(holder) {
            Some(party) => self.side(label, &party),
            None if holder == "circulation" => return self.beneficiary_side(label),
            None => {
                let issuer = holder.strip_prefix("issue:").map(|batch| format!("L'émetteur du lot {batch}"));
                let name = issuer.unwrap_or_else(|| self.holder(holder));
                return Side { label, name, details: Vec::new() };
            }
        };
        if let (Some(("prescriber", _)), Some(first)) = (holder.split_once(':'), side.details.first_mut()) {
            first.push_str(", en dépôt");
        }
        side
    }

    fn beneficiary_side(&self, label: &'static str) -> Side {
        let known = self.around.paper.as_ref().and_then(|paper| paper.beneficiary.as_ref());
        let named = matches!(self.kind, Some(Kind::HandOut | Kind::Replacement));
        let name = match known {
            Some(person) => format!("{} {}", person.given_name, person.family_name),
            None if named => "Le bénéficiaire".to_owned(),
            None => "Le porteur des pass".to_owned(),
        };
        let details = match known {
            Some(person) => vec![format!("né(e) le {}", person.birth.french())],
            None if named => vec!["Nom et prénom, à la main :".to_owned(), "………………………………".to_owned()],
            None => vec!["aucun nom n'est demandé".to_owned()],
        };
        Side { label, name, details }
    }
}

/// A state with how many passes are in it.
fn counted((state, passes): &(String, i64)) -> String {
    format!("{state}, {} pass", phrases::count(*passes))
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Counts more of what a holder gives or gets, in the order in which holders are first named.
fn add(holders: &mut Vec<(String, i64)>, holder: &str, more: i64) {
    match holders.iter_mut().find(|(known, _)| known == holder) {
        Some((_, sum)) => *sum = sum.saturating_add(more),
        None => holders.push((holder.to_owned(), more)),
    }
}

/// Whether somebody gives and somebody receives where passes move on a receipt of this kind; else only their state changes.
const fn changes_hands(kind: Kind) -> bool {
    match kind {
        Kind::Claim
        | Kind::ClaimRejection
        | Kind::Payment
        | Kind::BankReturn
        | Kind::Overpayment
        | Kind::Offset
        | Kind::IssuerStatement
        | Kind::IssuerResolution
        | Kind::Block
        | Kind::Unblock
        | Kind::Loss
        | Kind::Found
        | Kind::Expiry
        | Kind::Destruction
        | Kind::CreditNote => false,
        Kind::Order
        | Kind::Delivery
        | Kind::Activation
        | Kind::Dispatch
        | Kind::Return
        | Kind::Acceptance
        | Kind::Exception
        | Kind::HandOut
        | Kind::Redemption
        | Kind::Reversal
        | Kind::ClaimApproval
        | Kind::ClaimSuspension
        | Kind::ClaimResumption
        | Kind::Payee
        | Kind::RevenueOrder
        | Kind::IssuerDispute
        | Kind::PeopleKey
        | Kind::Restore
        | Kind::Closing
        | Kind::Replacement
        | Kind::Suspension
        | Kind::Resumption
        | Kind::Prorogation
        | Kind::Acknowledgement
        | Kind::DestructionProposal
        | Kind::ContradictoryStatement
        | Kind::FollowUp
        | Kind::Erasure
        | Kind::StockTake
        | Kind::Application
        | Kind::ApplicationDecision
        | Kind::ApplicationEnd
        | Kind::Allocation
        | Kind::Mailing
        | Kind::LetterReport => true,
    }
}
