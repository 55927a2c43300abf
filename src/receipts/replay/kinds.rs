//! What each kind of receipt may move, from whom to whom, and by whose hand: one table, one entry per kind.
//! What never lives here: quantities and serials.

use super::super::Break;
use crate::domain::party::Role;
use crate::domain::short_code::ShortCode;

/// A kind of holder: the part of its text before the colon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HolderKind {
    Issue,
    Store,
    Transit,
    Prescriber,
    Circulation,
    Provider,
    Claimed,
    Paid,
    Blocked,
    Lost,
    Expired,
    Destroyed,
    Credited,
}

impl HolderKind {
    /// Reads a holder: its kind, and that what follows the colon is of the right shape.
    pub(super) fn of(holder: &str) -> Result<Self, Break> {
        let (kind, which) = holder.split_once(':').map_or((holder, None), |(kind, which)| (kind, Some(which)));
        let organisation = || which.is_some_and(ShortCode::is_one);
        let found = match kind {
            "issue" if which.is_some_and(|batch| batch_order(batch).is_some()) => Self::Issue,
            "transit" if which.is_some_and(|number| counting(number).is_some()) => Self::Transit,
            "prescriber" if organisation() => Self::Prescriber,
            "provider" if organisation() => Self::Provider,
            "claimed" if organisation() => Self::Claimed,
            "paid" if organisation() => Self::Paid,
            "store" if which.is_none() => Self::Store,
            "circulation" if which.is_none() => Self::Circulation,
            "blocked" if which.is_none() => Self::Blocked,
            "lost" if which.is_none() => Self::Lost,
            "expired" if which.is_none() => Self::Expired,
            "destroyed" if which.is_none() => Self::Destroyed,
            "credited" if which.is_none() => Self::Credited,
            _ => return Err(Break::new("holder", format!("{holder:?} n'est pas un détenteur"))),
        };
        Ok(found)
    }
}

/// A number from 1, written without a sign or leading zeros, of at most nine digits.
pub(super) fn counting(text: &str) -> Option<i64> {
    let plain = (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain && !text.starts_with('0') { text.parse().ok() } else { None }
}

/// The order and the delivery of a batch: `3-1`.
pub(super) fn batch_order(batch: &str) -> Option<(i64, i64)> {
    let (order, delivery) = batch.split_once('-')?;
    Some((counting(order)?, counting(delivery)?))
}

/// What the lines of a kind name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Items {
    /// Whole booklets only.
    Booklets,
    /// Single passes only.
    Passes,
    /// Each line one or the other.
    Either,
}

/// What a kind does besides moving passes, or checks besides the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Opens an order with its range of serials and its dates.
    Orders,
    /// Brings booklets into being.
    Delivers,
    /// Makes an order's passes worth their value.
    Activates,
    /// Lets one later hand-out exceed the entitlement.
    Excepts,
    /// Opens a transit to a prescriber.
    Sends,
    /// Opens a transit to the store.
    SendsBack,
    /// Closes a transit, in whole or in part.
    Accepts,
    /// Gives to a beneficiary, out of the office's own custody.
    HandsOut,
    /// Spends, in a way that may be undone.
    Redeems,
    /// Undoes a redemption.
    Reverses,
    /// Brings passes nearer to their payment or back, within one provider.
    Settles,
    /// Says something of a claim.
    NotesClaim,
    /// Confirms the account of a provider.
    NamesPayee,
    /// Orders payments.
    Pays,
    /// Takes a bank's word for what was paid, or came back.
    Banks,
    /// Asks a provider for what it was overpaid.
    AsksBack,
    /// Takes an issuer's word for what it has paid, as far as the ledger agrees.
    States,
    /// A venue's word against it.
    Disputes,
    /// Decides on differences between them.
    Resolves,
    /// Puts another key of people in use.
    RenewsKey,
    /// Declares a loss and opens a new epoch.
    Restores,
    /// Closes a day, a month or a year.
    Closes,
    /// Takes passes out of use.
    Withdraws,
    /// Brings back what one receipt took out of use.
    BringsBack,
    /// Blocks one booklet for ever and gives another in its place.
    Replaces,
    /// Stops hand-outs or redemptions of orders, or lets them go on.
    Suspends,
    /// Moves the end of an order away.
    Prorogues,
    /// Takes upon the Region what is handed out before an order ends.
    Acknowledges,
    /// Takes what is left of an order once its grace is over.
    Expires,
    /// Holds an issuer's list of an order against the ledger.
    Contradicts,
    /// Takes what has expired of an order, for an amount.
    Credits,
    /// Proposes to destroy what is out of use.
    Proposes,
    /// Destroys what was proposed, by another hand than the one that proposed it.
    Destroys,
    /// Says how much a holder has.
    Counts,
    /// Files or completes an application.
    Files,
    /// Accepts or refuses one.
    Decides,
    /// Ends one without a booklet.
    Ends,
    /// Opens several transits to prescribers.
    Allocates,
    /// Mails booklets to applicants.
    Mails,
    /// Says what became of letters.
    Reports,
    /// Says how much of what was known of people is deleted.
    Erases,
    /// Reminds somebody who agreed to it, or notes that they no longer do.
    FollowsUp,
}

impl Effect {
    /// Whether passes come nearer to their payment or back, within one provider: they are still those that their
    /// redemption spent.
    pub(super) const fn settles(self) -> bool {
        matches!(self, Self::Settles | Self::Banks | Self::States | Self::Resolves)
    }

    /// Whether nothing may have moved: a bank may refuse everything, an issuer may agree in nothing.
    pub(super) const fn may_move_nothing(self) -> bool {
        matches!(self, Self::Banks | Self::States | Self::Resolves)
    }
}

/// The rule of one kind.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) kind: &'static str,
    /// Allowed givers; none for a kind that only records something and has no lines.
    pub(super) from: &'static [HolderKind],
    pub(super) to: &'static [HolderKind],
    pub(super) items: Items,
    pub(super) effect: Effect,
    /// Who may do it.
    pub(super) roles: &'static [Role],
}

impl Rule {
    const fn records(kind: &'static str, effect: Effect, roles: &'static [Role]) -> Self {
        Self { kind, from: &[], to: &[], items: Items::Booklets, effect, roles }
    }

    const fn moves(
        kind: &'static str,
        items: Items,
        from: &'static [HolderKind],
        to: &'static [HolderKind],
        effect: Effect,
    ) -> Self {
        Self { kind, from, to, items, effect, roles: &[] }
    }

    const fn by(self, roles: &'static [Role]) -> Self {
        Self { roles, ..self }
    }

    /// The rule of a kind.
    pub(super) fn of(kind: &str) -> Result<&'static Self, Break> {
        RULES
            .iter()
            .find(|rule| rule.kind == kind)
            .ok_or_else(|| Break::new("kind_unknown", format!("le type {kind:?} est inconnu")))
    }
}

/// Whether people with this role act for the Region: what they have is in the store.
pub(super) fn is_region(role: &str) -> bool {
    REGION.iter().any(|region| region.as_str() == role)
}

use self::HolderKind::{
    Blocked, Circulation, Claimed, Credited, Destroyed, Expired, Issue, Lost, Paid, Prescriber, Provider, Store,
    Transit,
};
use self::Items::{Booklets, Either, Passes};
use Role::{Accountant, Platform, PrescriberAgent, RegionAdmin, RegionFinance, VenueAgent};

const REGION: &[Role] = &[RegionAdmin, RegionFinance];
const CUSTODIANS: &[Role] = &[RegionAdmin, RegionFinance, PrescriberAgent];
const PRESCRIBER: &[Role] = &[PrescriberAgent];
const VENUE: &[Role] = &[VenueAgent];
const ACCOUNTANT: &[Role] = &[Accountant];
const APPLICANTS: &[Role] = &[Platform, PrescriberAgent];
const APPLICANTS_OR_REGION: &[Role] = &[Platform, PrescriberAgent, RegionAdmin];
const REGION_OR_VENUE: &[Role] = &[RegionAdmin, RegionFinance, VenueAgent];

/// Where passes are that can still be handed out or spent.
const IN_USE: &[HolderKind] = &[Store, Transit, Prescriber, Circulation];

/// Where passes are that nobody has spent.
const UNSPENT: &[HolderKind] = &[Store, Transit, Prescriber, Circulation, Blocked, Lost];

/// All kinds. A new one is one more entry, here, in `docs/RECEIPT-FORMAT.md` and in `docs/verify_receipt.py`.
static RULES: &[Rule] = &[
    Rule::records("order", Effect::Orders, REGION),
    Rule::records("activation", Effect::Activates, REGION),
    Rule::records("exception", Effect::Excepts, REGION),
    Rule::records("restore", Effect::Restores, REGION),
    Rule::records("closing", Effect::Closes, REGION),
    Rule::records("people_key", Effect::RenewsKey, REGION),
    Rule::moves("delivery", Booklets, &[Issue], &[Store, Blocked], Effect::Delivers).by(REGION),
    Rule::moves("dispatch", Booklets, &[Store, Prescriber], &[Transit], Effect::Sends).by(CUSTODIANS),
    Rule::moves("return", Booklets, &[Prescriber], &[Transit], Effect::SendsBack).by(PRESCRIBER),
    Rule::moves("acceptance", Booklets, &[Transit], &[Store, Prescriber, Blocked], Effect::Accepts).by(CUSTODIANS),
    Rule::moves("hand_out", Booklets, &[Prescriber], &[Circulation], Effect::HandsOut).by(PRESCRIBER),
    Rule::moves("redemption", Passes, &[Circulation], &[Provider], Effect::Redeems).by(VENUE),
    Rule::moves("reversal", Passes, &[Provider], &[Circulation], Effect::Reverses).by(REGION_OR_VENUE),
    Rule::records("suspension", Effect::Suspends, REGION),
    Rule::records("resumption", Effect::Suspends, REGION),
    Rule::records("prorogation", Effect::Prorogues, REGION),
    Rule::records("acknowledgement", Effect::Acknowledges, REGION),
    Rule::records("contradictory_statement", Effect::Contradicts, REGION),
    Rule::records("stock_take", Effect::Counts, CUSTODIANS),
    Rule::records("application", Effect::Files, APPLICANTS),
    Rule::records("application_decision", Effect::Decides, REGION),
    Rule::records("application_end", Effect::Ends, APPLICANTS_OR_REGION),
    Rule::moves("allocation", Booklets, &[Store, Prescriber], &[Transit], Effect::Allocates).by(REGION),
    Rule::moves("mailing", Booklets, &[Store], &[Transit], Effect::Mails).by(REGION),
    Rule::moves("letter_report", Booklets, &[Transit], &[Circulation, Store], Effect::Reports).by(REGION),
    Rule::records("erasure", Effect::Erases, REGION),
    Rule::records("follow_up", Effect::FollowsUp, CUSTODIANS),
    Rule::moves("expiry", Either, UNSPENT, &[Expired], Effect::Expires).by(REGION),
    Rule::moves("credit_note", Either, &[Expired, Destroyed], &[Credited], Effect::Credits).by(REGION),
    Rule::records("destruction_proposal", Effect::Proposes, REGION),
    Rule::moves("destruction", Either, &[Store, Blocked, Expired], &[Destroyed], Effect::Destroys).by(ACCOUNTANT),
    Rule::moves("block", Either, IN_USE, &[Blocked], Effect::Withdraws).by(REGION),
    Rule::moves("unblock", Either, &[Blocked], IN_USE, Effect::BringsBack).by(REGION),
    Rule::moves("loss", Either, IN_USE, &[Lost], Effect::Withdraws).by(CUSTODIANS),
    Rule::moves("found", Either, &[Lost], IN_USE, Effect::BringsBack).by(REGION),
    Rule::moves("replacement", Either, &[Circulation, Lost, Prescriber], &[Blocked, Circulation], Effect::Replaces)
        .by(PRESCRIBER),
    Rule::moves("claim", Passes, &[Provider], &[Claimed], Effect::Settles).by(REGION_OR_VENUE),
    Rule::records("claim_approval", Effect::NotesClaim, REGION),
    Rule::moves("claim_rejection", Passes, &[Claimed], &[Provider], Effect::Settles).by(REGION),
    Rule::records("claim_suspension", Effect::NotesClaim, REGION),
    Rule::records("claim_resumption", Effect::NotesClaim, REGION),
    Rule::records("payee", Effect::NamesPayee, REGION),
    Rule::records("payment", Effect::Pays, REGION),
    Rule::moves("overpayment", Passes, &[Paid], &[Provider], Effect::Settles).by(REGION),
    Rule::records("revenue_order", Effect::AsksBack, REGION),
    Rule::moves("offset", Passes, &[Claimed], &[Paid], Effect::Settles).by(REGION),
    Rule::moves("issuer_statement", Passes, &[Provider], &[Paid], Effect::States).by(REGION),
    Rule::records("issuer_dispute", Effect::Disputes, VENUE),
    Rule::moves("issuer_resolution", Passes, &[Provider, Paid], &[Paid, Provider], Effect::Resolves).by(REGION),
    Rule::moves("bank_return", Passes, &[Claimed, Paid], &[Paid, Claimed], Effect::Banks).by(REGION),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holders_are_read_exactly() {
        for right in ["issue:3-1", "store", "transit:7", "prescriber:MAUB", "circulation", "provider:A1", "credited"] {
            assert!(HolderKind::of(right).is_ok(), "{right}");
        }
        for wrong in
            ["", "Store", "store:1", "issue:3", "issue:0-1", "issue:3-01", "transit:", "transit:+7", "prescriber:maub"]
        {
            assert_eq!(HolderKind::of(wrong).map_err(|found| found.code), Err("holder"), "{wrong}");
        }
    }

    #[test]
    fn each_kind_has_one_rule() {
        for rule in RULES {
            assert_eq!(RULES.iter().filter(|other| other.kind == rule.kind).count(), 1, "{}", rule.kind);
            assert_eq!(rule.from.is_empty(), rule.to.is_empty(), "{}", rule.kind);
            assert!(!rule.roles.is_empty(), "{}", rule.kind);
        }
        assert_eq!(Rule::of("gift").map(|rule| rule.kind).map_err(|found| found.code), Err("kind_unknown"));
    }
}
