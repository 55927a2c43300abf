//! Redemption: passes spent at a venue, all or nothing, and the counter-receipt that undoes it. What never
//! lives here: codes in clear; an act knows only their keyed digests.

use std::collections::{BTreeMap, BTreeSet};

use super::act::{Act, Context, Refused, RefusedScan, item_text, line, own_organisation};
use super::facts::{Facts, Needs};
use super::ids::{BatchId, ItemId, PassId, VenueId};
use super::movement::{Kind, Line, Movement, Record, Redemption};
use super::named::named;
use super::offline::{OfflineUse, within_limits};
use super::party::{Holder, Role, Service, Venue};
use super::refusal::{Code, Malformed, Refusal};
use super::stock::{Booklet, CodeMac, Pass};
use super::territory::{CommuneCode, commune};
use super::text::ReceiptNumber;
use super::time::Day;
use super::visit::Visit;

/// Most passes of one redemption: two booklets of ten.
pub const PASSES_PER_REDEMPTION: usize = 20;

/// Spends passes at a venue for a service (R7).
#[derive(Debug, Clone)]
pub struct Redeem {
    pub venue: VenueId,
    /// Digests of the codes, in the order of the request.
    pub codes: Vec<CodeMac>,
    pub service: Service,
    pub performed_on: Day,
    /// Where a mobile venue worked that day; its base when not said.
    pub performed_in: Option<CommuneCode>,
    pub visit: Visit,
}

impl Redeem {
    fn venue<'f>(&self, facts: &'f Facts, context: &Context) -> Result<&'f Venue, Refusal> {
        let own = |venue: &&Venue| venue.provider == context.actor.organisation;
        let unknown = || Refusal::new(Code::VenueUnknown).field("venue_id");
        let venue = facts.venues.get(&self.venue).filter(own).ok_or_else(unknown)?;
        if !(venue.approved && venue.active) {
            return Err(Refusal::new(Code::VenueNotApproved).field("venue_id").about("venue", &venue.name));
        }
        let place = self.performed_in.as_ref().filter(|_| venue.mobile).unwrap_or(&venue.commune);
        if !commune(place).is_some_and(|commune| facts.programme.territory.contains(&commune)) {
            return Err(Refusal::new(Code::VenueOutsideTerritory).field("venue_id").about("venue", &venue.name));
        }
        Ok(venue)
    }

    fn check_service(&self, facts: &Facts, venue: &Venue) -> Result<(), Refusal> {
        let about = |code: Code| Refusal::new(code).field("service").about("service", self.service.label());
        if !facts.programme.services.contains(&self.service) {
            return Err(about(Code::ServiceNotPayable));
        }
        if !venue.services.contains(&self.service) {
            return Err(about(Code::ServiceNotOffered).about("venue", &venue.name));
        }
        Ok(())
    }

    fn passes<'f>(&self, facts: &'f Facts, day: Day) -> Result<Vec<(&'f Pass, &'f Booklet)>, Refusal> {
        if !(1..=PASSES_PER_REDEMPTION).contains(&self.codes.len()) {
            return Err(Refusal::out_of_range("codes", 1, PASSES_PER_REDEMPTION));
        }
        let mut seen = BTreeSet::new();
        let find = |mac: &CodeMac| {
            let (pass, booklet) = find_pass(facts, mac)?;
            if !seen.insert(pass.id) {
                return Err(scan(facts, Code::CodeRepeated, pass.id));
            }
            check_spendable(facts, pass, booklet, self.performed_on, day)?;
            Ok((pass, booklet))
        };
        self.codes.iter().map(find).collect()
    }

    /// What a device took without a network, where it was one.
    fn taken(
        &self,
        facts: &Facts,
        context: &Context,
        passes: &[(&Pass, &Booklet)],
    ) -> Result<Option<Vec<OfflineUse>>, Refusal> {
        let offline = self.visit.offline.as_ref();
        offline.map(|offline| within_limits(facts, context, offline, passes)).transpose()
    }

    fn lines(facts: &Facts, passes: &[(&Pass, &Booklet)], to: &Holder) -> Result<Vec<Line>, Refusal> {
        let mut by_batch: BTreeMap<BatchId, Vec<ItemId>> = BTreeMap::new();
        for (pass, booklet) in passes {
            by_batch.entry(booklet.batch).or_default().push(pass.id.item());
        }
        let to_line = |(batch, items): (BatchId, Vec<ItemId>)| {
            let passes = i64::try_from(items.len()).unwrap_or(i64::MAX);
            line(facts, batch, Holder::Circulation, to.clone(), items, (0, passes))
        };
        by_batch.into_iter().map(to_line).collect()
    }
}

fn scan(facts: &Facts, code: Code, pass: PassId) -> Refusal {
    Refusal::new(code).field("codes").about("serial", item_text(facts, pass.item()))
}

/// The pass behind a code.
///
/// # Errors
/// [`Code::CodeUnknown`].
pub fn find_pass<'f>(facts: &'f Facts, mac: &CodeMac) -> Result<(&'f Pass, &'f Booklet), Refusal> {
    let unknown = || Refusal::new(Code::CodeUnknown).field("codes");
    let id = facts.codes.get(mac).ok_or_else(unknown)?;
    let pass = facts.passes.get(id).ok_or_else(unknown)?;
    let booklet = facts.booklets.get(&id.booklet()).ok_or_else(unknown)?;
    Ok((pass, booklet))
}

/// Whether a pass can be spent on `day` for a service of `performed_on`.
///
/// # Errors
/// The reason why not, which a venue may be told.
pub fn check_spendable(
    facts: &Facts,
    pass: &Pass,
    booklet: &Booklet,
    performed_on: Day,
    day: Day,
) -> Result<(), Refusal> {
    let refuse = |code: Code| Err(scan(facts, code, pass.id));
    let expired = |last: Day| scan(facts, Code::Expired, pass.id).about("date", last.french());
    let Some(order) = facts.order_of(booklet) else { return refuse(Code::CodeUnknown) };
    if order.activation.is_none() {
        return refuse(Code::NotActivated);
    }
    match pass.holder.as_ref().unwrap_or(&booklet.holder) {
        Holder::Circulation => {}
        Holder::Issue(_) | Holder::Store | Holder::Transit(_) | Holder::Prescriber(_) => {
            return refuse(Code::NotHandedOut);
        }
        Holder::Provider(_) | Holder::Claimed(_) | Holder::Paid(_) => return refuse(Code::AlreadyRedeemed),
        Holder::Blocked => return refuse(Code::Blocked),
        Holder::Lost => return refuse(Code::Lost),
        Holder::Expired => return Err(expired(order.grace_end)),
        Holder::Destroyed | Holder::Credited => return refuse(Code::Cancelled),
    }
    if order.suspended.redemptions {
        return refuse(Code::RedemptionsSuspended);
    }
    let last = order.grace_end;
    if performed_on > last || day > last {
        return Err(expired(last));
    }
    match booklet.handed_out_on {
        Some(handed_out) if performed_on < handed_out => Err(scan(facts, Code::PerformedBeforeHandOut, pass.id)
            .field("performed_on")
            .about("date", handed_out.french())),
        _ => Ok(()),
    }
}

impl Act for Redeem {
    fn kind(&self) -> Kind {
        Kind::Redemption
    }

    fn needs(&self, needs: &mut Needs) {
        needs.venues.insert(self.venue);
        needs.codes.extend(&self.codes);
        needs.offline.days.extend(self.visit.offline.iter().map(|offline| (offline.device, offline.scanned_at.day())));
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        let provider = own_organisation(facts, context)?;
        let venue = self.venue(facts, context)?;
        self.check_service(facts, venue)?;
        if self.performed_on > context.day {
            let date = self.performed_on.french();
            return Err(Refusal::new(Code::DateInFuture).field("performed_on").about("date", date));
        }
        self.visit.check(self.codes.len())?;
        let passes = self.passes(facts, context.day)?;
        let taken = self.taken(facts, context, &passes)?;
        let lines = Self::lines(facts, &passes, &Holder::Provider(provider.code.clone()))?;
        let redemption = Redemption {
            venue: self.venue,
            provider: provider.id,
            service: self.service,
            performed_on: self.performed_on,
            day: context.day,
            items: lines.iter().flat_map(|line| line.items.iter().copied()).collect(),
            reversed: false,
            first_visit: self.visit.first,
            minutes: self.visit.minutes.unwrap_or(0).into(),
            participants: self.visit.participants.unwrap_or(1).into(),
        };
        let offline = self.visit.offline.as_ref();
        Ok(Movement::new(Kind::Redemption)
            .mention("venue", self.venue.to_string())
            .mention("venue_name", &venue.name)
            .mention("venue_commune", venue.commune.to_string())
            .mention_some("venue_address", venue.address.as_ref())
            .mention_some("performed_in", self.performed_in.as_ref().filter(|_| venue.mobile).map(ToString::to_string))
            .mention("service", self.service)
            .mention("performed_on", self.performed_on)
            .mention_some("first_visit", self.visit.first.map(|first| if first { "yes" } else { "no" }))
            .mention_some("minutes", self.visit.minutes.map(i64::from))
            .mention_some("participants", self.visit.participants.map(i64::from))
            .mention_some("device", offline.map(|offline| offline.device.to_string()))
            .mention_some("device_counter", offline.map(|offline| offline.counter))
            .mention_some("scanned_at", offline.map(|offline| offline.scanned_at.to_string()))
            .lines(lines)
            .record(Record::Redeemed(redemption))
            .records(taken.map(Record::TakenOffline).into_iter().collect()))
    }

    fn refused(&self, facts: &Facts, _refusal: &Refusal) -> Option<Refused> {
        let known: Vec<ItemId> = self.codes.iter().filter_map(|mac| facts.codes.get(mac)).map(|id| id.item()).collect();
        Some(Refused::Scan(RefusedScan {
            venue: self.venue.to_string(),
            service: self.service.to_string(),
            unknown_codes: self.codes.len().saturating_sub(known.len()),
            serials: known,
        }))
    }
}

/// Undoes a whole redemption by a counter-receipt: the provider on the same business day, the Region as long
/// as the passes are in no claim.
#[derive(Debug, Clone)]
pub struct Reverse {
    /// Number of the redemption's receipt.
    pub number: ReceiptNumber,
    pub reason: ReversalReason,
}

named!(
    /// Why a redemption is undone. A list, because a receipt holds no free text: people write names there.
    ReversalReason, Malformed::Identifier, {
        /// Entered by mistake or twice.
        EnteredByMistake => "entered_by_mistake",
        /// The service did not take place.
        ServiceNotPerformed => "service_not_performed",
        /// Another pass was meant.
        WrongPass => "wrong_pass",
        /// The service or the date entered was wrong.
        WrongDetails => "wrong_details",
    }
);

impl Act for Reverse {
    fn kind(&self) -> Kind {
        Kind::Reversal
    }

    fn needs(&self, needs: &mut Needs) {
        needs.redemptions.insert(self.number.to_string());
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        own_organisation(facts, context)?;
        let about = |code: Code| Refusal::new(code).about("number", &self.number);
        let redemption =
            facts.redemptions.get(&self.number.to_string()).ok_or_else(|| about(Code::RedemptionUnknown))?;
        if context.actor.role == Role::VenueAgent {
            if redemption.provider != context.actor.organisation {
                return Err(about(Code::RedemptionUnknown));
            }
            if redemption.day != context.day {
                return Err(about(Code::ReversalTooLate).about("date", redemption.day.french()));
            }
        }
        if redemption.reversed {
            return Err(about(Code::AlreadyReversed));
        }
        let mut by_place: BTreeMap<(BatchId, Holder), Vec<ItemId>> = BTreeMap::new();
        for item in &redemption.items {
            let holder = item.pass().and_then(|pass| facts.passes.get(&pass)).and_then(|pass| pass.holder.clone());
            let batch = facts.booklets.get(&item.booklet()).map(|booklet| booklet.batch);
            match (holder, batch) {
                (Some(holder @ Holder::Provider(_)), Some(batch)) => {
                    by_place.entry((batch, holder)).or_default().push(*item);
                }
                _ => return Err(about(Code::ClaimedAlready)),
            }
        }
        let to_line = |((batch, from), items): ((BatchId, Holder), Vec<ItemId>)| {
            let passes = i64::try_from(items.len()).unwrap_or(i64::MAX);
            line(facts, batch, from, Holder::Circulation, items, (0, passes))
        };
        let lines = by_place.into_iter().map(to_line).collect::<Result<Vec<_>, _>>()?;
        let mut movement = Movement::new(Kind::Reversal)
            .mention("reason", self.reason.as_str())
            .mention("service", redemption.service)
            .mention("performed_on", redemption.performed_on)
            .lines(lines)
            .record(Record::Reversed { number: self.number.to_string() });
        movement.corrects = Some(self.number.to_string());
        Ok(movement)
    }
}
