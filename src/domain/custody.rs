//! Custody: booklets sent to a prescriber, between prescribers and back, and the receiver's countersignature.
//! No custody without a mandate in force, and never more than its ceiling. What never lives here: hand-outs.

use super::act::{Act, Context, booklet_lines, find_booklets, organisation_of_kind, own_organisation, serial};
use super::facts::{Balance, Facts, Needs, Pick};
use super::ids::{BookletId, OrganisationId};
use super::movement::{Dispatch, Kind, Line, Movement, Record};
use super::named::named;
use super::party::{Holder, Organisation, OrganisationKind, Role};
use super::programme::Mandate;
use super::refusal::{Code, Malformed, Refusal};
use super::stock::Booklet;
use super::text::Reference;
use super::time::Day;

/// Booklets that one act may move.
pub const BOOKLETS_PER_ACT: u32 = 100_000;

/// Which booklets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// Any so many, lowest numbers first, of one order when it is named.
    Count { booklets: u32, order: Option<Reference> },
    /// These.
    Named(Vec<BookletId>),
}

impl Selection {
    pub(super) fn needs(&self, holder: &Holder, needs: &mut Needs) {
        match self {
            Self::Count { booklets, order } => {
                needs.orders.extend(order.clone());
                let count = (*booklets).min(BOOKLETS_PER_ACT);
                needs.picks.push(Pick { holder: holder.clone(), order: order.clone(), count });
            }
            Self::Named(named) => needs.booklets.extend(named),
        }
    }

    /// The booklets meant, all with `holder`.
    pub(super) fn choose<'f>(&self, facts: &'f Facts, holder: &Holder) -> Result<Vec<&'f Booklet>, Refusal> {
        match self {
            Self::Named(named) => {
                let booklets = find_booklets(facts, named)?;
                match booklets.iter().find(|booklet| &booklet.holder != holder) {
                    Some(other) => Err(Refusal::new(Code::BookletNotHeld)
                        .field("booklets")
                        .about("serial", serial(facts, other.id))),
                    None => Ok(booklets),
                }
            }
            Self::Count { booklets: 0, .. } => Err(Refusal::new(Code::SelectionEmpty).field("booklets")),
            Self::Count { booklets, .. } if *booklets > BOOKLETS_PER_ACT => {
                Err(Refusal::out_of_range("booklets", 1, BOOKLETS_PER_ACT))
            }
            Self::Count { booklets, order } => {
                let order = order.as_ref().map(|number| known(facts, number)).transpose()?;
                let of_order = |booklet: &&Booklet| order.is_none_or(|order| booklet.batch.order() == order);
                let wanted = usize::try_from(*booklets).unwrap_or(usize::MAX);
                let with_holder = facts.booklets.iter().map(|(_, booklet)| booklet).filter(|b| &b.holder == holder);
                let chosen: Vec<&Booklet> = with_holder.filter(of_order).take(wanted).collect();
                if chosen.len() < wanted {
                    let refusal = Refusal::new(Code::NotEnoughBooklets).field("booklets");
                    return Err(refusal.about("available", chosen.len()).about("wanted", booklets));
                }
                Ok(chosen)
            }
        }
    }
}

fn known(facts: &Facts, number: &Reference) -> Result<super::ids::OrderId, Refusal> {
    let unknown = || Refusal::new(Code::OrderUnknown).field("order").about("order", number);
    facts.order(number).map(|order| order.id).ok_or_else(unknown)
}

/// Sends booklets into a prescriber's custody, from the Region's store or from another prescriber (R2).
/// They are in transit until the receiver accepts them.
#[derive(Debug, Clone)]
pub struct SendBooklets {
    pub to: OrganisationId,
    pub booklets: Selection,
    /// Parcel or delivery-note number of the carrier.
    pub carrier_reference: Option<Reference>,
    /// What the sender holds as: derived from the caller by [`sender`].
    pub from: Holder,
}

/// Where the caller's booklets are: the Region's store, or the prescriber's custody.
#[must_use]
pub fn sender(role: Role, organisation: &Organisation) -> Holder {
    match role {
        Role::RegionAdmin | Role::RegionFinance | Role::Accountant | Role::Auditor | Role::Platform => Holder::Store,
        Role::PrescriberAgent | Role::VenueAgent => Holder::Prescriber(organisation.code.clone()),
    }
}

/// What the act says the caller holds as must be what the caller holds as, whoever made the act.
pub(super) fn check_own<'f>(
    facts: &'f Facts,
    context: &Context,
    claimed: &Holder,
) -> Result<&'f Organisation, Refusal> {
    let own = own_organisation(facts, context)?;
    if claimed == &sender(context.actor.role, own) { Ok(own) } else { Err(Refusal::new(Code::BookletNotHeld)) }
}

impl Act for SendBooklets {
    fn kind(&self) -> Kind {
        Kind::Dispatch
    }

    fn needs(&self, needs: &mut Needs) {
        needs.organisations.insert(self.to);
        needs.custody_of.insert(self.to);
        needs.receivers.insert(self.to);
        needs.own_mandate |= matches!(self.from, Holder::Prescriber(_));
        self.booklets.needs(&self.from, needs);
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        let own = check_own(facts, context, &self.from)?;
        if matches!(self.from, Holder::Prescriber(_)) {
            basis(facts, own, context.day)?;
        }
        let receiver = organisation_of_kind(facts, self.to, OrganisationKind::Prescriber, Code::PrescriberUnknown)
            .map_err(|refusal| refusal.field("prescriber_id"))?;
        let to = Holder::Prescriber(receiver.code.clone());
        if to == self.from {
            return Err(Refusal::new(Code::SameHolder).field("prescriber_id").about("name", &receiver.name));
        }
        let chosen = self.booklets.choose(facts, &self.from)?;
        let mandate = basis(facts, receiver, context.day)?;
        let dispatch = open_dispatch(facts, &self.from, to.clone(), chosen.len());
        let lines = booklet_lines(facts, &chosen, &Holder::Transit(dispatch.number))?;
        check_ceiling(receiver, mandate, held_and_awaited(facts, &to), &lines)?;
        Ok(sending(Kind::Dispatch, &dispatch, self.carrier_reference.as_ref(), lines)
            .mention("receiver", &receiver.name)
            .mention("receiver_registration", receiver.registration.to_string())
            .mention("basis", mandate.title())
            .mention("ceiling_booklets", mandate.ceiling_booklets)
            .record(Record::DispatchOpened(dispatch)))
    }
}

pub(super) fn open_dispatch(facts: &Facts, from: &Holder, to: Holder, booklets: usize) -> Dispatch {
    let booklets = i64::try_from(booklets).unwrap_or(i64::MAX);
    Dispatch { number: facts.counters.dispatch + 1, from: from.clone(), to, booklets }
}

pub(super) fn sending(
    kind: Kind,
    dispatch: &Dispatch,
    carrier_reference: Option<&Reference>,
    lines: Vec<Line>,
) -> Movement {
    Movement::new(kind)
        .mention("dispatch", dispatch.number)
        .mention("destination", dispatch.to.to_string())
        .mention_some("carrier_reference", carrier_reference)
        .lines(lines)
}

/// The mandate under which a prescriber holds booklets on `day`.
///
/// # Errors
/// [`Code::NoMandateInForce`].
pub fn basis<'f>(facts: &'f Facts, prescriber: &Organisation, day: Day) -> Result<&'f Mandate, Refusal> {
    let mandates = facts.mandates.get(&prescriber.id).map(Vec::as_slice).unwrap_or_default();
    let missing = || Refusal::new(Code::NoMandateInForce).about("name", &prescriber.name).about("date", day.french());
    mandates.iter().find(|mandate| mandate.is_in_force(day)).ok_or_else(missing)
}

/// Booklets and value in cents that a prescriber has or that are on their way to it.
#[must_use]
pub fn held_and_awaited(facts: &Facts, holder: &Holder) -> (i64, i64) {
    let on_the_way = facts.dispatches.iter().filter(|(_, dispatch)| &dispatch.to == holder);
    let awaited = on_the_way.map(|(number, _)| facts.held(&Holder::Transit(*number)));
    let add = |sum: (i64, i64), balance: Balance| {
        (sum.0.saturating_add(balance.booklets), sum.1.saturating_add(balance.value.get()))
    };
    awaited.chain([facts.held(holder)]).fold((0, 0), add)
}

/// What counts already and what is asked must stay under the mandate's ceiling together.
pub(super) fn check_ceiling(
    receiver: &Organisation,
    mandate: &Mandate,
    held: (i64, i64),
    lines: &[Line],
) -> Result<(), Refusal> {
    let asked = lines.iter().fold((0_i64, 0_i64), |sum, line| {
        (sum.0.saturating_add(line.booklets), sum.1.saturating_add(line.value.get()))
    });
    let booklets = held.0.saturating_add(asked.0);
    if booklets <= mandate.ceiling_booklets && held.1.saturating_add(asked.1) <= mandate.ceiling.get() {
        return Ok(());
    }
    Err(Refusal::new(Code::MandateCeilingExceeded)
        .field("booklets")
        .about("name", &receiver.name)
        .about("held", held.0)
        .about("asked", asked.0)
        .about("ceiling", mandate.ceiling_booklets)
        .about("ceiling_value", mandate.ceiling.figures()))
}

/// A prescriber sends unused booklets back to the Region (R4); in transit until the Region accepts them.
#[derive(Debug, Clone)]
pub struct ReturnBooklets {
    pub booklets: Selection,
    pub reason: ReturnReason,
    /// The prescriber's own custody.
    pub from: Holder,
}

named!(
    /// Why booklets come back. A list, because a receipt holds no free text: people write names there.
    ReturnReason, Malformed::Identifier, {
        /// Not needed here.
        Unused => "unused",
        /// The end of validity is near.
        EndOfValidity => "end_of_validity",
        Damaged => "damaged",
        /// The Region asked for them.
        Recalled => "recalled",
        /// The prescriber's mandate ends.
        EndOfMandate => "end_of_mandate",
    }
);

impl Act for ReturnBooklets {
    fn kind(&self) -> Kind {
        Kind::Return
    }

    fn needs(&self, needs: &mut Needs) {
        self.booklets.needs(&self.from, needs);
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        check_own(facts, context, &self.from)?;
        let chosen = self.booklets.choose(facts, &self.from)?;
        let dispatch = open_dispatch(facts, &self.from, Holder::Store, chosen.len());
        let lines = booklet_lines(facts, &chosen, &Holder::Transit(dispatch.number))?;
        Ok(sending(Kind::Return, &dispatch, None, lines)
            .mention("reason", self.reason.as_str())
            .record(Record::DispatchOpened(dispatch)))
    }
}
