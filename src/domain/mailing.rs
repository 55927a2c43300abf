//! Booklets mailed by tracked letter: out of the Region's store with the carrier, then to the person or back. Until the
//! carrier has said what became of a letter, its booklet is in transit: custody is always somebody's. What never lives
//! here: a name, an address or a tracking number; those are kept apart, closed, and erased.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use super::act::{Act, Context, booklet_lines, own_organisation, serial};
use super::applications::{Application, ApplicationRecord, ApplicationState, check_is_somebodys, known, not_open};
use super::custody::{Selection, open_dispatch, sending};
use super::facts::{Facts, Needs};
use super::handout::{check_order, check_window};
use super::ids::BookletId;
use super::movement::{Kind, Movement, Record};
use super::named::named;
use super::party::Holder;
use super::refusal::{Code, Malformed, Refusal};
use super::stock::Booklet;
use super::text::Reference;
use super::time::Day;

/// Letters of one act.
pub const LETTERS_PER_ACT: usize = 1_000;

/// Mails one booklet to each of these applicants.
#[derive(Debug, Clone)]
pub struct Mail {
    pub applications: BTreeSet<i64>,
    /// Whether nobody was named: these are all who wait for a booklet of this order's size.
    pub are_all_who_wait: bool,
    /// The order whose booklets are mailed: they are all of one size.
    pub order: Reference,
    /// Number of the carrier's deposit slip.
    pub carrier_reference: Option<Reference>,
}

impl Mail {
    /// Why there is nothing to mail.
    fn nobody(&self, facts: &Facts) -> Refusal {
        match facts.order(&self.order) {
            None => Refusal::new(Code::OrderUnknown).field("order").about("order", &self.order),
            Some(order) if self.are_all_who_wait => Refusal::new(Code::NobodyWaitsForOrder)
                .field("order")
                .about("order", &self.order)
                .about("size", order.passes_per_booklet),
            Some(_) => Refusal::new(Code::SelectionEmpty).field("applications"),
        }
    }

    fn booklets(&self) -> Selection {
        let booklets = u32::try_from(self.applications.len()).unwrap_or(u32::MAX);
        Selection::Count { booklets, order: Some(self.order.clone()) }
    }

    /// Accepted, come back, or lost on the way and declared so.
    fn is_to_be_mailed(application: &Application, facts: &Facts) -> bool {
        match (application.state, application.letter) {
            (ApplicationState::Accepted | ApplicationState::Returned, _) => true,
            (ApplicationState::Mailed, Some(letter)) => !is_on_its_way(facts, letter),
            _ => false,
        }
    }
}

fn is_on_its_way(facts: &Facts, (booklet, dispatch): (BookletId, i64)) -> bool {
    facts.booklets.get(&booklet).is_some_and(|booklet| booklet.holder == Holder::Transit(dispatch))
}

/// `12 HDF21-000123-47`: an application, its booklet, and what is said of the letter.
fn letter(facts: &Facts, application: i64, booklet: BookletId, said: Option<&dyn Display>) -> String {
    let said = said.map(|said| format!(" {said}")).unwrap_or_default();
    format!("{application} {}{said}", serial(facts, booklet))
}

impl Act for Mail {
    fn kind(&self) -> Kind {
        Kind::Mailing
    }

    fn needs(&self, needs: &mut Needs) {
        needs.applications.numbers.extend(&self.applications);
        self.booklets().needs(&Holder::Store, needs);
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        own_organisation(facts, context)?;
        if self.applications.is_empty() {
            return Err(self.nobody(facts));
        }
        if self.applications.len() > LETTERS_PER_ACT {
            return Err(Refusal::out_of_range("applications", 1, LETTERS_PER_ACT));
        }
        let mut letters: Vec<(&Application, &Booklet)> = Vec::new();
        let chosen = self.booklets().choose(facts, &Holder::Store)?;
        check_window(facts, context, &chosen)?;
        for (number, booklet) in self.applications.iter().zip(&chosen) {
            let application = known(facts, *number, None)?;
            if !Self::is_to_be_mailed(application, facts) {
                return Err(not_open(application));
            }
            check_is_somebodys(application)?;
            check_order(facts, booklet)?;
            if i64::from(booklet.passes_left) != application.passes {
                return Err(Refusal::new(Code::BookletSizeDiffers)
                    .field("order")
                    .about("application", number)
                    .about("wanted", application.passes)
                    .about("order", &self.order));
            }
            letters.push((application, booklet));
        }
        let dispatch = open_dispatch(facts, &Holder::Store, Holder::Circulation, chosen.len());
        let lines = booklet_lines(facts, &chosen, &Holder::Transit(dispatch.number))?;
        let said = letters.iter().map(|(application, booklet)| letter(facts, application.number, booklet.id, None));
        let movement = sending(Kind::Mailing, &dispatch, self.carrier_reference.as_ref(), lines)
            .mention("letters", said.collect::<Vec<_>>().join("; "));
        let mailed = letters.iter().map(|(application, booklet)| {
            let letter = Some((booklet.id, dispatch.number));
            Application { letter, reason: None, ..application.becomes(ApplicationState::Mailed, context) }
        });
        let movement = mailed.fold(movement, changed);
        Ok(movement.record(Record::DispatchOpened(dispatch)))
    }
}

fn changed(movement: Movement, application: Application) -> Movement {
    movement.record(Record::Applications(ApplicationRecord::Changed(Box::new(application), 0)))
}

named!(
    /// Why a letter comes back, as the carrier says.
    ReturnCause, Malformed::Identifier, {
        /// Nobody of this name lives there (NPAI).
        UnknownAtAddress => "unknown_at_address",
        /// The address is wrong, incomplete or cannot be reached.
        AddressDefect => "address_defect",
        RefusedByAddressee => "refused_by_addressee",
        /// Announced, and not fetched.
        Unclaimed => "unclaimed",
        /// Opened or torn: the booklet is to be blocked.
        Damaged => "damaged_in_post",
    }
);

impl ReturnCause {
    /// In French, for tables.
    #[must_use]
    pub const fn french(self) -> &'static str {
        match self {
            Self::UnknownAtAddress => "destinataire inconnu à l'adresse (NPAI)",
            Self::AddressDefect => "défaut d'accès ou d'adressage",
            Self::RefusedByAddressee => "pli refusé par le destinataire",
            Self::Unclaimed => "pli avisé et non réclamé",
            Self::Damaged => "pli ouvert ou abîmé",
        }
    }
}

/// What became of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Distributed on this day.
    Delivered(Day),
    Returned(ReturnCause),
}

/// What the carrier says of letters: each is in the person's hands, or back.
#[derive(Debug, Clone)]
pub struct ReportLetters {
    /// By application.
    pub letters: BTreeMap<i64, Fate>,
}

impl ReportLetters {
    /// What is wrong with one line of the report.
    ///
    /// # Errors
    /// [`Code::ApplicationUnknown`], [`Code::LetterNotOnItsWay`] or [`Code::LetterDateImpossible`].
    pub fn check(facts: &Facts, application: i64, fate: Fate, today: Day) -> Result<(&Application, &Booklet), Refusal> {
        let found = known(facts, application, None)?;
        let gone = || Refusal::new(Code::LetterNotOnItsWay).about("application", application);
        let letter = found.letter.filter(|_| found.state == ApplicationState::Mailed).ok_or_else(gone)?;
        let booklet = facts.booklets.get(&letter.0).filter(|_| is_on_its_way(facts, letter)).ok_or_else(gone)?;
        match fate {
            Fate::Delivered(on) if on < found.state_on || on > today => Err(Refusal::new(Code::LetterDateImpossible)
                .about("application", application)
                .about("date", on.french())
                .about("posted", found.state_on.french())),
            Fate::Delivered(_) | Fate::Returned(_) => Ok((found, booklet)),
        }
    }

    const fn destination(fate: Fate) -> Holder {
        match fate {
            Fate::Delivered(_) => Holder::Circulation,
            Fate::Returned(_) => Holder::Store,
        }
    }

    fn became(application: &Application, fate: Fate, context: &Context) -> Application {
        match fate {
            Fate::Delivered(on) => {
                Application { state: ApplicationState::Delivered, state_on: on, ..application.clone() }
            }
            Fate::Returned(cause) => {
                let reason = Some(cause.to_string());
                Application { reason, ..application.becomes(ApplicationState::Returned, context) }
            }
        }
    }
}

impl Act for ReportLetters {
    fn kind(&self) -> Kind {
        Kind::LetterReport
    }

    fn needs(&self, needs: &mut Needs) {
        needs.applications.numbers.extend(self.letters.keys());
        needs.holders.insert(Holder::Store);
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        own_organisation(facts, context)?;
        if self.letters.is_empty() {
            return Err(Refusal::new(Code::SelectionEmpty).field("letters"));
        }
        let (mut delivered, mut returned) = (Vec::new(), Vec::new());
        let mut by_destination: BTreeMap<Holder, Vec<&Booklet>> = BTreeMap::new();
        let mut movement = Movement::new(Kind::LetterReport);
        for (number, fate) in &self.letters {
            let (application, booklet) = Self::check(facts, *number, *fate, context.day)?;
            by_destination.entry(Self::destination(*fate)).or_default().push(booklet);
            match fate {
                Fate::Delivered(on) => delivered.push(letter(facts, *number, booklet.id, Some(on))),
                Fate::Returned(cause) => returned.push(letter(facts, *number, booklet.id, Some(cause))),
            }
            movement = changed(movement, Self::became(application, *fate, context));
        }
        for (to, booklets) in &by_destination {
            movement = movement.lines(booklet_lines(facts, booklets, to)?);
        }
        let said = |letters: Vec<String>| (!letters.is_empty()).then(|| letters.join("; "));
        Ok(movement.mention_some("delivered", said(delivered)).mention_some("returned", said(returned)))
    }
}
