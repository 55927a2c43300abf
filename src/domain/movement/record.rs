//! What is written down of a granted act besides its lines, and the rows that come of it. What never lives here: what else a
//! receipt says (see `Mentions`).

use super::super::applications::ApplicationRecord;
use super::super::claims::ClaimRecord;
use super::super::closing::Closing;
use super::super::destruction::Proposal;
use super::super::duplicates::Noticed;
use super::super::ends::Scope;
use super::super::erasure::Erased;
use super::super::follow_up::FollowUpRecord;
use super::super::ids::{BatchId, BookletId, ItemId, OrderId, OrganisationId, UserId, VenueId};
use super::super::offline::OfflineUse;
use super::super::orientation::Orientation;
use super::super::party::{Holder, Service};
use super::super::payments::PaymentRecord;
use super::super::people_key::NamedKey;
use super::super::programme::{Activation, Order};
use super::super::sex::Sex;
use super::super::short_code::ShortCode;
use super::super::statements::StatementRecord;
use super::super::stock::{CodeMac, NewBooklet};
use super::super::territory::NeighbourhoodCode;
use super::super::text::Label;
use super::super::time::Day;

/// Something to write down besides the lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    OrderPlaced(Order),
    OrderActivated {
        order: OrderId,
        activation: Activation,
    },
    BatchDelivered {
        batch: Batch,
        booklets: Vec<NewBooklet>,
        size: u8,
    },
    DispatchOpened(Dispatch),
    ExceptionGranted(Exception),
    ExceptionUsed(i64),
    HandedOut(HandOut),
    Redeemed(Redemption),
    /// What of it a device took without a network, booklet by booklet.
    TakenOffline(Vec<OfflineUse>),
    Reversed {
        number: String,
    },
    Replaced(Replaced),
    OrdersSuspended {
        orders: Vec<OrderId>,
        scope: Scope,
        suspended: bool,
    },
    OrderProrogued {
        order: OrderId,
        validity_end: Day,
        grace_end: Day,
    },
    OrderAcknowledged(OrderId),
    OrderExpired(OrderId),
    DestructionProposed(Box<Proposal>),
    /// The proposal of destruction with this number is signed.
    Destroyed(i64),
    Claims(ClaimRecord),
    Payments(PaymentRecord),
    Statements(StatementRecord),
    /// The epoch that the receipt opens: it is numbered in it itself.
    Restored {
        epoch: i64,
    },
    /// The key under which people are recognised from here on.
    PeopleKeyRenewed(NamedKey),
    Closed(Box<Closing>),
    Applications(ApplicationRecord),
    Erased(Box<Erased>),
    FollowUp(FollowUpRecord),
    Noticed(Box<Noticed>),
    /// What the salt of the receipt's commitment to a person was derived from.
    Committed {
        person: CodeMac,
        nonce: CodeMac,
    },
}

/// What one delivery brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    pub id: BatchId,
    pub delivered_on: Day,
    /// The issuer's delivery note.
    pub note: String,
    /// Where the codes of the print file are derived from, until it leaves; none for imported codes.
    pub print_nonce: Option<CodeMac>,
}

/// Booklets on their way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispatch {
    /// Running number within the programme; its holder is `transit:<number>`.
    pub number: i64,
    pub from: Holder,
    pub to: Holder,
    pub booklets: i64,
}

/// What statistics keep of a hand-out, in the erasable zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandOut {
    pub fingerprint: CodeMac,
    pub ground: String,
    pub rule_version: String,
    pub proof_kind: Option<String>,
    pub proof_issued_on: Option<Day>,
    pub age_band: &'static str,
    pub commune: String,
    pub neighbourhood: Option<NeighbourhoodCode>,
    pub sex: Option<Sex>,
    pub orientation: Option<Orientation>,
    pub booklets: i64,
    pub passes: i64,
}

/// Leave for one person to receive more than the entitlement, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// Running number within the programme.
    pub number: i64,
    pub fingerprint: CodeMac,
    /// How many passes beyond the entitlement.
    pub passes: i64,
    pub reason: Label,
    pub granted_by: UserId,
    pub granted_on: Day,
    pub used: bool,
}

/// What was spent, where, for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redemption {
    pub venue: VenueId,
    pub provider: OrganisationId,
    pub service: Service,
    pub performed_on: Day,
    /// The business day of the receipt.
    pub day: Day,
    pub items: Vec<ItemId>,
    pub reversed: bool,
    pub first_visit: Option<bool>,
    /// 0 where it was not said.
    pub minutes: i64,
    /// 1 for somebody received alone.
    pub participants: i64,
}

/// A booklet that took the place of another in a person's hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    pub original: BookletId,
    pub replacement: BookletId,
    /// Who handed it out.
    pub office: ShortCode,
    /// Of the person, in the erasable zone.
    pub fingerprint: CodeMac,
}
