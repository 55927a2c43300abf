//! The shape of every act, and the helpers that acts share. What never lives here: a rule of one family.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::facts::{Facts, Needs};
use super::ids::{BatchId, BookletId, ItemId, OrganisationId};
use super::movement::{Kind, Line, Movement};
use super::party::{Actor, Holder, Organisation, OrganisationKind};
use super::programme::Programme;
use super::refusal::{Code, Refusal};
use super::serial::SerialRange;
use super::standing::{Standing, has_ended};
use super::stock::{Booklet, CodeMac};
use super::time::{Day, Instant};

/// The circumstances of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The moment of recording.
    pub at: Instant,
    /// Its business day.
    pub day: Day,
    pub actor: Actor,
}

/// A request to move passes, or to record something about them. Object-safe, so that a group may mix acts.
pub trait Act: fmt::Debug + Send + Sync {
    /// The type of receipt that a grant leaves.
    fn kind(&self) -> Kind;

    /// Says what `decide` will ask of the facts.
    fn needs(&self, needs: &mut Needs);

    /// Grants or refuses. Pure: the same facts and context give the same answer.
    ///
    /// # Errors
    /// The refusal to be told to the caller; nothing has changed.
    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal>;

    /// What to keep of a refusal, for acts whose refusals are themselves evidence.
    fn refused(&self, _facts: &Facts, _refusal: &Refusal) -> Option<Refused> {
        None
    }
}

/// What was refused and is a fact of its own, though nothing moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    Scan(RefusedScan),
    HandOut(RefusedHandOut),
}

/// A person who was sent away, without the person: what was lacking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedHandOut {
    /// The version of the rules, where they said no.
    pub rule_version: String,
    /// Codes of the conditions that were not met, each once, in the order of the rules.
    pub lacking: Vec<String>,
}

/// A scan that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedScan {
    pub venue: String,
    pub service: String,
    /// The pass that the refusal names, where it is known.
    pub serials: Vec<ItemId>,
    pub unknown_codes: usize,
}

/// Whether the actor may touch the programme at all: a Region's people only their own Region's.
#[must_use]
pub fn sponsors(actor: &Actor, programme: &Programme) -> bool {
    actor.role.kind() != OrganisationKind::Region || actor.organisation == programme.sponsor
}

/// What every act asks before its own rules: an account that is still active and not past its last day, in the organisation and role it was
/// taken to have, a programme of the actor's own Region, and that the programme is not closed.
///
/// # Errors
/// [`Code::AccountDisabled`], [`Code::ProgrammeUnknown`] or [`Code::ProgrammeInactive`].
pub fn admit(facts: &Facts, context: &Context, kind: Kind) -> Result<(), Refusal> {
    let standing = facts.active_users.get(&context.actor.user);
    let as_taken = |standing: &&Standing| {
        (standing.organisation, standing.role) == (context.actor.organisation, context.actor.role)
    };
    let standing = standing.filter(as_taken).ok_or(Refusal::new(Code::AccountDisabled))?;
    if has_ended(standing.valid_until, context.day) {
        return Err(Refusal::new(Code::AccountDisabled));
    }
    if !sponsors(&context.actor, &facts.programme) {
        return Err(Refusal::new(Code::ProgrammeUnknown));
    }
    // What is out must still come home, what is owed be paid, and a mistake be put right.
    let winds_down = match kind {
        Kind::Return
        | Kind::Acceptance
        | Kind::Reversal
        | Kind::Restore
        | Kind::Closing
        | Kind::Claim
        | Kind::ClaimApproval
        | Kind::ClaimRejection
        | Kind::ClaimSuspension
        | Kind::ClaimResumption
        | Kind::Payee
        | Kind::Payment
        | Kind::BankReturn
        | Kind::Overpayment
        | Kind::RevenueOrder
        | Kind::Offset
        | Kind::IssuerStatement
        | Kind::IssuerDispute
        | Kind::IssuerResolution
        | Kind::Block
        | Kind::Unblock
        | Kind::Loss
        | Kind::Found
        | Kind::Suspension
        | Kind::Resumption
        | Kind::Acknowledgement
        | Kind::Expiry
        | Kind::ContradictoryStatement
        | Kind::CreditNote
        | Kind::DestructionProposal
        | Kind::Destruction
        | Kind::StockTake
        | Kind::ApplicationDecision
        | Kind::ApplicationEnd
        | Kind::LetterReport
        | Kind::Erasure
        | Kind::PeopleKey
        | Kind::FollowUp => true,
        Kind::Order
        | Kind::Delivery
        | Kind::Activation
        | Kind::Dispatch
        | Kind::Exception
        | Kind::HandOut
        | Kind::Redemption
        | Kind::Replacement
        | Kind::Prorogation
        | Kind::Application
        | Kind::Allocation
        | Kind::Mailing => false,
    };
    if !(facts.programme.active || winds_down) {
        return Err(Refusal::new(Code::ProgrammeInactive).about("programme", &facts.programme.label));
    }
    Ok(())
}

/// The organisation for which the caller acts.
pub(super) fn own_organisation<'f>(facts: &'f Facts, context: &Context) -> Result<&'f Organisation, Refusal> {
    facts
        .organisations
        .get(&context.actor.organisation)
        .filter(|organisation| organisation.active)
        .ok_or(Refusal::new(Code::AccountDisabled))
}

/// The organisation `id` if it is active and of the wanted kind, else a refusal with `code`.
pub(super) fn organisation_of_kind(
    facts: &Facts,
    id: OrganisationId,
    kind: OrganisationKind,
    code: Code,
) -> Result<&Organisation, Refusal> {
    facts
        .organisations
        .get(&id)
        .filter(|organisation| organisation.active && organisation.kinds.contains(&kind))
        .ok_or(Refusal::new(code))
}

/// Whole booklets changing hands: one line per batch and giver.
pub(super) fn booklet_lines(facts: &Facts, booklets: &[&Booklet], to: &Holder) -> Result<Vec<Line>, Refusal> {
    let mut lines: BTreeMap<(BatchId, &Holder), (Vec<ItemId>, i64)> = BTreeMap::new();
    for booklet in booklets {
        let (items, passes) = lines.entry((booklet.batch, &booklet.holder)).or_default();
        items.push(booklet.id.item());
        *passes += i64::from(booklet.passes_left);
    }
    let to_line = |((batch, from), (items, passes)): ((BatchId, &Holder), (Vec<ItemId>, i64))| {
        let booklets = i64::try_from(items.len()).unwrap_or(i64::MAX);
        line(facts, batch, from.clone(), to.clone(), items, (booklets, passes))
    };
    lines.into_iter().map(to_line).collect()
}

/// One line with its value; items end up sorted.
pub(super) fn line(
    facts: &Facts,
    batch: BatchId,
    from: Holder,
    to: Holder,
    mut items: Vec<ItemId>,
    (booklets, passes): (i64, i64),
) -> Result<Line, Refusal> {
    items.sort_unstable();
    let value = facts.programme.face_value.times(passes).ok_or_else(Refusal::beyond_counting)?;
    Ok(Line { batch, from, to, items, booklets, passes, value })
}

/// Finds each booklet named, in order of number, each once.
pub(super) fn find_booklets<'f>(facts: &'f Facts, named: &[BookletId]) -> Result<Vec<&'f Booklet>, Refusal> {
    if named.is_empty() {
        return Err(Refusal::new(Code::SelectionEmpty).field("booklets"));
    }
    let distinct = distinct(facts, named)?;
    let find = |id: &BookletId| {
        let unknown = || Refusal::new(Code::BookletUnknown).field("booklets").about("serial", serial(facts, *id));
        facts.booklets.get(id).ok_or_else(unknown)
    };
    distinct.iter().map(find).collect()
}

/// The booklets named, sorted; a booklet named twice is a typing error that must not pass in silence.
pub(super) fn distinct(facts: &Facts, named: &[BookletId]) -> Result<BTreeSet<BookletId>, Refusal> {
    let mut seen = BTreeSet::new();
    for id in named {
        if !seen.insert(*id) {
            return Err(Refusal::new(Code::BookletNamedTwice).field("booklets").about("serial", serial(facts, *id)));
        }
    }
    Ok(seen)
}

/// The printed serial of a booklet of the programme.
pub(super) fn serial(facts: &Facts, id: BookletId) -> String {
    item_text(facts, id.item())
}

/// The printed serial of a booklet or pass of the programme.
#[must_use]
pub fn item_text(facts: &Facts, item: ItemId) -> String {
    item.printed(&facts.programme.code)
}

/// Booklets named as runs of serials, or nothing where there are none.
pub(super) fn ranges_text(facts: &Facts, named: &[BookletId]) -> Option<String> {
    let printed = |number| serial(facts, BookletId::new(facts.programme.no, number));
    let run = |range: SerialRange| match (range.first(), range.last()) {
        (first, last) if first == last => printed(first),
        (first, last) => format!("{}..{}", printed(first), printed(last)),
    };
    let runs = super::serial::ranges(named.iter().map(|id| id.number())).into_iter().map(run);
    let text = runs.collect::<Vec<_>>().join(" ; ");
    (!text.is_empty()).then_some(text)
}

/// `60+`, `26-59`, `18-25` or `-18`: as fine as statistics need, too coarse to find somebody again.
#[must_use]
pub fn age_band(birth: Day, on: Day) -> &'static str {
    match on.age_of_birth(birth) {
        60.. => "60+",
        26..=59 => "26-59",
        18..=25 => "18-25",
        _ => "-18",
    }
}

/// The ages of a band, in whole years and both ends included; none for a text that is no band.
#[must_use]
pub fn ages_of_band(band: &str) -> Option<(u8, u8)> {
    match band {
        "60+" => Some((60, 120)),
        "26-59" => Some((26, 59)),
        "18-25" => Some((18, 25)),
        "-18" => Some((0, 17)),
        _ => None,
    }
}

/// A band as it is told to people: `0-17` for the youngest, whose own text would read as a number below zero.
#[must_use]
pub fn band_in_words(band: &str) -> &str {
    if band == "-18" { "0-17" } else { band }
}

/// A digest as receipts write it.
#[must_use]
pub fn hexadecimal(digest: &CodeMac) -> String {
    hex::encode(digest)
}
