//! What a granted act does: lines from holder to holder, and what is written down about them. Lines name both
//! sides, so that a movement sums to zero by construction. What never lives here: the decision to grant it.

use std::collections::BTreeMap;

use super::applications::ApplicationRecord;
use super::claims::ClaimRecord;
use super::closing::Closing;
use super::destruction::Proposal;
use super::duplicates::Noticed;
use super::ends::Scope;
use super::erasure::Erased;
use super::follow_up::FollowUpRecord;
use super::ids::{BatchId, BookletId, ItemId, OrderId};
use super::money::Cents;
use super::named::named;
use super::offline::OfflineUse;
use super::orientation::Orientation;
use super::party::{Holder, Service};
use super::payments::PaymentRecord;
use super::people_key::NamedKey;
use super::programme::{Activation, Order};
use super::refusal::Malformed;
use super::sex::Sex;
use super::short_code::ShortCode;
use super::statements::StatementRecord;
use super::stock::{CodeMac, NewBooklet};
use super::territory::NeighbourhoodCode;
use super::text::Label;
use super::time::Day;

use super::ids::{OrganisationId, VenueId};

named!(
    /// What happened: the type of a receipt.
    Kind, Malformed::Identifier, {
        /// The Region orders booklets (nothing moves yet).
        Order => "order",
        /// Taken in charge from the issuer (R1).
        Delivery => "delivery",
        /// The counter-value is ordered for payment.
        Activation => "activation",
        /// Sent into a prescriber's custody (R2).
        Dispatch => "dispatch",
        /// Sent back to the Region (R4).
        Return => "return",
        /// The receiver countersigns a dispatch or a return.
        Acceptance => "acceptance",
        /// A second role lets one person have more than the entitlement.
        Exception => "exception",
        /// Given to a beneficiary (R3).
        HandOut => "hand_out",
        /// Spent at a venue (R7).
        Redemption => "redemption",
        /// A redemption undone by a counter-receipt.
        Reversal => "reversal",
        /// A provider asks to be paid for what was redeemed (R8).
        Claim => "claim",
        /// The Region approves a claim.
        ClaimApproval => "claim_approval",
        /// Passes of a claim that are not paid.
        ClaimRejection => "claim_rejection",
        /// The delay of a claim stands still.
        ClaimSuspension => "claim_suspension",
        /// It runs again.
        ClaimResumption => "claim_resumption",
        /// The account on which a provider is paid is confirmed.
        Payee => "payee",
        /// Approved claims are ordered to be paid.
        Payment => "payment",
        /// What the bank says of the transfers: paid, not taken, or come back.
        BankReturn => "bank_return",
        /// Passes of a paid claim ought not to have been paid.
        Overpayment => "overpayment",
        /// A titre de recette asks a provider for what it owes.
        RevenueOrder => "revenue_order",
        /// A claim is settled against what its provider owes.
        Offset => "offset",
        /// An issuer that pays the venues itself says what it has paid.
        IssuerStatement => "issuer_statement",
        /// A venue says that it was not paid what the issuer says.
        IssuerDispute => "issuer_dispute",
        /// The Region decides on differences between the issuer, the ledger and the venues.
        IssuerResolution => "issuer_resolution",
        /// Another key recognises people from now on.
        PeopleKey => "people_key",
        /// The journal has lost receipts that were given out: the loss is declared, and a new epoch opened.
        Restore => "restore",
        /// A day, a month or a year is over: its totals, and those since the beginning.
        Closing => "closing",
        /// Taken out of use by the Region (opposition).
        Block => "block",
        /// Blocked passes are usable again.
        Unblock => "unblock",
        /// Declared lost or stolen (R5).
        Loss => "loss",
        /// What was lost is there again.
        Found => "found",
        /// A person's booklet is replaced by another.
        Replacement => "replacement",
        /// Hand-outs or redemptions of orders are stopped.
        Suspension => "suspension",
        /// They go on.
        Resumption => "resumption",
        /// An order is valid for longer.
        Prorogation => "prorogation",
        /// The Region takes upon itself what is handed out before an order ends.
        Acknowledgement => "acknowledgement",
        /// What is left of an order is worth nothing any more.
        Expiry => "expiry",
        /// What the issuer says has become of the passes of an order is held against the ledger.
        ContradictoryStatement => "contradictory_statement",
        /// The issuer gives its face value back.
        CreditNote => "credit_note",
        /// Somebody of the Region proposes to destroy what is out of use.
        DestructionProposal => "destruction_proposal",
        /// What is out of use is destroyed, by two roles (R6).
        Destruction => "destruction",
        /// A holder's booklets are counted (R9).
        StockTake => "stock_take",
        /// Somebody applies for a booklet, or brings what was missing.
        Application => "application",
        /// The Region accepts or refuses an application.
        ApplicationDecision => "application_decision",
        /// An application is withdrawn or has lapsed.
        ApplicationEnd => "application_end",
        /// Booklets are allocated among prescribers: several sendings in one act (R2).
        Allocation => "allocation",
        /// Booklets leave by tracked letter (R3, by post).
        Mailing => "mailing",
        /// What the carrier says became of letters: distributed, or back (R4).
        LetterReport => "letter_report",
        /// What is known of people is deleted.
        Erasure => "erasure",
        /// Somebody who agreed to it is reminded of a booklet never started, or takes their word back.
        FollowUp => "follow_up",
    }
);

impl Kind {
    /// The title of the receipt in French.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Order => "Commande",
            Self::Delivery => "Récépissé de prise en charge",
            Self::Activation => "Avis d'activation",
            Self::Dispatch => "Récépissé de remise en dépôt",
            Self::Return => "Récépissé de restitution",
            Self::Acceptance => "Accusé de réception",
            Self::Exception => "Dérogation",
            Self::HandOut => "Récépissé de remise au bénéficiaire",
            Self::Redemption => "Attestation d'utilisation",
            Self::Reversal => "Annulation d'utilisation",
            Self::Claim => "Demande de remboursement",
            Self::ClaimApproval => "Approbation d'une demande de remboursement",
            Self::ClaimRejection => "Rejet de pass d'une demande de remboursement",
            Self::ClaimSuspension => "Suspension du délai de paiement",
            Self::ClaimResumption => "Reprise du délai de paiement",
            Self::Payee => "Validation d'un compte à payer",
            Self::Payment => "Ordre de paiement",
            Self::BankReturn => "Retour de la banque",
            Self::Overpayment => "Constat de trop-perçu",
            Self::RevenueOrder => "Titre de recette",
            Self::Offset => "Compensation d'une demande",
            Self::IssuerStatement => "Prise en compte d'un état de l'émetteur",
            Self::IssuerDispute => "Contestation d'un état de l'émetteur",
            Self::IssuerResolution => "Décision sur des écarts avec l'émetteur",
            Self::PeopleKey => "Mise en usage d'une clé des personnes",
            Self::Restore => "Procès-verbal de restauration",
            Self::Closing => "Procès-verbal de clôture",
            Self::Block => "Avis d'opposition",
            Self::Unblock => "Mainlevée d'opposition",
            Self::Loss => "Déclaration de perte ou de vol",
            Self::Found => "Constat de pass retrouvés",
            Self::Replacement => "Récépissé de remplacement",
            Self::Suspension => "Décision de suspension",
            Self::Resumption => "Levée de suspension",
            Self::Prorogation => "Décision de prorogation",
            Self::Acknowledgement => "Reconnaissance de responsabilité",
            Self::Expiry => "Constat de péremption",
            Self::ContradictoryStatement => "État contradictoire d'une commande",
            Self::CreditNote => "Récépissé d'avoir",
            Self::DestructionProposal => "Proposition de destruction",
            Self::Destruction => "Procès-verbal de destruction",
            Self::StockTake => "Procès-verbal d'inventaire",
            Self::Application => "Accusé de réception d'une demande",
            Self::ApplicationDecision => "Décision sur une demande",
            Self::ApplicationEnd => "Fin d'une demande",
            Self::Allocation => "Récépissé de répartition",
            Self::Mailing => "Récépissé d'envoi par lettre suivie",
            Self::LetterReport => "Constat d'acheminement de lettres",
            Self::Erasure => "Procès-verbal d'effacement",
            Self::FollowUp => "Suivi d'un carnet jamais commencé",
        }
    }
}

impl Kind {
    /// Whether it serves to pay a provider: what was redeemed is paid, whatever has become of the programme.
    #[must_use]
    pub const fn is_of_claims(self) -> bool {
        matches!(
            self,
            Self::Claim
                | Self::ClaimApproval
                | Self::ClaimRejection
                | Self::ClaimSuspension
                | Self::ClaimResumption
                | Self::Payee
                | Self::Payment
                | Self::BankReturn
                | Self::Overpayment
                | Self::RevenueOrder
                | Self::Offset
                | Self::IssuerStatement
                | Self::IssuerDispute
                | Self::IssuerResolution
        )
    }
}

/// One change of hands within one batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub batch: BatchId,
    pub from: Holder,
    pub to: Holder,
    /// What moved, sorted; whole booklets or passes, never both.
    pub items: Vec<ItemId>,
    pub booklets: i64,
    pub passes: i64,
    pub value: Cents,
}

/// A value of a receipt's mentions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mention {
    Text(String),
    Number(i64),
}

impl From<i64> for Mention {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

macro_rules! text_mention {
    ($($kind:ty),+) => { $(impl From<$kind> for Mention { fn from(value: $kind) -> Self { Self::Text(value.to_string()) } })+ };
}
text_mention!(&str, String, Day, Service, &Label, &super::text::Reference, &super::short_code::ShortCode);

/// What a receipt says besides its lines, by stable name.
pub type Mentions = BTreeMap<&'static str, Mention>;

/// A granted act: everything there is to write, and nothing else will be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    pub kind: Kind,
    pub lines: Vec<Line>,
    pub mentions: Mentions,
    /// The number of the receipt that this one undoes.
    pub corrects: Option<String>,
    pub records: Vec<Record>,
}

impl Movement {
    #[must_use]
    pub const fn new(kind: Kind) -> Self {
        Self { kind, lines: Vec::new(), mentions: Mentions::new(), corrects: None, records: Vec::new() }
    }

    /// Adds a mention.
    #[must_use]
    pub fn mention(mut self, name: &'static str, value: impl Into<Mention>) -> Self {
        self.mentions.insert(name, value.into());
        self
    }

    /// Adds a mention where there is something to say.
    #[must_use]
    pub fn mention_some(self, name: &'static str, value: Option<impl Into<Mention>>) -> Self {
        match value {
            Some(value) => self.mention(name, value),
            None => self,
        }
    }

    /// Adds what must be written besides the lines.
    #[must_use]
    pub fn records(mut self, records: Vec<Record>) -> Self {
        self.records.extend(records);
        self
    }

    /// Adds what there is to write down besides the lines.
    #[must_use]
    pub fn record(mut self, record: Record) -> Self {
        self.records.push(record);
        self
    }

    /// Adds the lines.
    #[must_use]
    pub fn lines(mut self, lines: Vec<Line>) -> Self {
        self.lines.extend(lines);
        self
    }

    /// The epoch that the movement opens, where it opens one.
    #[must_use]
    pub fn epoch(&self) -> Option<i64> {
        self.records.iter().find_map(|record| match record {
            Record::Restored { epoch } => Some(*epoch),
            _ => None,
        })
    }

    /// Whether it is about a person who may be somebody else who is known: whoever asked is warned.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        self.records.iter().any(|record| matches!(record, Record::Noticed(noticed) if noticed.doubtful))
    }

    /// Keeps what the salt of the commitment was derived from, where it is kept.
    #[must_use]
    pub(in crate::domain) fn committed(self, person: CodeMac, nonce: Option<CodeMac>) -> Self {
        match nonce {
            Some(nonce) => self.record(Record::Committed { person, nonce }),
            None => self,
        }
    }

    /// Says and writes what was noticed of a person, if anything was.
    #[must_use]
    pub(in crate::domain) fn noticed(self, noticed: Noticed) -> Self {
        if noticed.is_nothing() { self } else { self.record(Record::Noticed(Box::new(noticed))) }
    }

    /// Booklets, passes and value of all lines together; `None` where they exceed an `i64`.
    #[must_use]
    pub fn total(&self) -> Option<(i64, i64, Cents)> {
        self.lines.iter().try_fold((0_i64, 0_i64, Cents::ZERO), |(booklets, passes, value), line| {
            Some((booklets.checked_add(line.booklets)?, passes.checked_add(line.passes)?, value.plus(line.value)?))
        })
    }
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
    pub granted_by: super::ids::UserId,
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
