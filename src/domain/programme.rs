//! What is set up before a pass moves: the programme, its orders and the mandates of its prescribers.
//! What never lives here: movements.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::ids::{MandateId, OrderId, OrganisationId, ProgrammeNo};
use super::money::Cents;
use super::named::named;
use super::party::{Service, Venue};
use super::refusal::Malformed;
use super::serial::SerialRange;
use super::short_code::ShortCode;
use super::territory::{Commune, commune};
use super::text::{Label, Reference};
use super::time::{Day, Instant};

named!(
    /// Who pays the venues.
    Payer, Malformed::Identifier, {
        /// The issuer pays out of the face value it holds.
        Issuer => "issuer",
        /// The Region pays on claims.
        Region => "region",
    }
);

/// A part of France by official codes; a commune belongs to it when any list names it, its EPCI, its
/// département or its region. An empty territory restricts nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Territory {
    pub regions: BTreeSet<String>,
    pub departments: BTreeSet<String>,
    /// SIREN numbers of intercommunalités.
    pub epcis: BTreeSet<String>,
    /// INSEE codes.
    pub communes: BTreeSet<String>,
}

impl Territory {
    #[must_use]
    pub fn is_everywhere(&self) -> bool {
        self == &Self::default()
    }

    #[must_use]
    pub fn contains(&self, commune: &Commune) -> bool {
        self.is_everywhere()
            || self.communes.contains(commune.code.as_str())
            || commune.epci.is_some_and(|epci| self.epcis.contains(epci))
            || self.departments.contains(commune.department)
            || self.regions.contains(commune.region)
    }
}

/// A scheme (dispositif): the rules under which passes are bought, handed out and spent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programme {
    pub no: ProgrammeNo,
    /// Stands in serials and receipt numbers; never changes.
    pub code: ShortCode,
    pub label: Label,
    /// The Region that buys.
    pub sponsor: OrganisationId,
    /// Of one pass.
    pub face_value: Cents,
    /// What one person may receive in all, in passes.
    pub entitlement_passes: u32,
    /// The distribution window: first and last day on which booklets may be handed out.
    pub distribution_from: Day,
    pub distribution_until: Day,
    /// Days after the printed end of validity during which venues may still redeem.
    pub grace_days: u32,
    pub payer: Payer,
    /// Where passes may be spent.
    pub territory: Territory,
    pub services: BTreeSet<Service>,
    pub active: bool,
    /// Counts the changes; the `ETag` of the programme.
    pub version: i64,
}

impl Programme {
    /// Whether passes can be spent at a venue: approved and active, in the territory, for a service that both have. Whether its
    /// provider is active is for the caller to know.
    #[must_use]
    pub fn is_accepted_at(&self, venue: &Venue) -> bool {
        venue.approved
            && venue.active
            && commune(&venue.commune).is_some_and(|commune| self.territory.contains(&commune))
            && !self.services.is_disjoint(&venue.services)
    }
}

/// Part of an order's cost borne by one funder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FundingShare {
    pub funder: Label,
    /// 1 to 10 000; the shares of an order make 10 000.
    pub basis_points: u32,
}

/// Who bears which part, as receipts and papers say it: `État 65,00 % ; Région 35,00 %`.
#[must_use]
pub fn funding_text(funding: &[FundingShare]) -> String {
    let share = |share: &FundingShare| {
        format!("{} {},{:02} %", share.funder, share.basis_points / 100, share.basis_points % 100)
    };
    funding.iter().map(share).collect::<Vec<_>>().join(" ; ")
}

/// An order of booklets. Its serial range is reserved at once, so that an issuer can print it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub id: OrderId,
    /// As the Region's purchasing system numbers it.
    pub number: Reference,
    pub ordered_on: Day,
    pub issuer: OrganisationId,
    pub range: SerialRange,
    /// 1 to 99.
    pub passes_per_booklet: u8,
    /// Of one pass.
    pub face_value: Cents,
    /// What the issuer asks besides the face value.
    pub fees: Cents,
    pub funding: Vec<FundingShare>,
    /// The printed end of validity.
    pub validity_end: Day,
    /// The last day on which venues may redeem: fixed when the order is placed, because receipts promise it.
    pub grace_end: Day,
    /// How many deliveries have been taken in charge.
    pub deliveries: i64,
    pub delivered_booklets: i64,
    pub activation: Option<Activation>,
    /// What is stopped for the time being.
    pub suspended: Suspended,
    /// When its unused passes began to expire.
    pub expired_on: Option<Day>,
    /// When the Region took upon itself what is still handed out before this end.
    pub acknowledged_on: Option<Day>,
}

/// What is stopped of an order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Suspended {
    pub hand_outs: bool,
    pub redemptions: bool,
}

/// The counter-value is ordered for payment: from here on the passes of the order are worth their value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activation {
    pub payment_order: Reference,
    pub at: Instant,
}

impl Order {
    #[must_use]
    pub fn booklets(&self) -> i64 {
        i64::from(self.range.len())
    }

    /// The face value of everything ordered; `None` where it exceeds an `i64`.
    #[must_use]
    pub fn value(&self) -> Option<Cents> {
        self.face_value.times(self.booklets().saturating_mul(i64::from(self.passes_per_booklet)))
    }
}

named!(
    /// By what title a prescriber holds public values (CGCT L.1611-7 IV, or a régie).
    BasisKind, Malformed::Identifier, {
        /// A written mandate agreement (convention de mandat).
        MandateAgreement => "mandate_agreement",
        /// A régie of the prescriber's own.
        Regie => "regie",
    }
);

/// The title by which a prescriber holds booklets, and how many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mandate {
    pub id: MandateId,
    pub prescriber: OrganisationId,
    pub kind: BasisKind,
    pub number: Reference,
    pub signed_on: Day,
    pub signatory: Label,
    pub starts_on: Day,
    pub ends_on: Day,
    /// The public accountant's opinion, given or deemed given after one month (CGCT D.1611-17).
    pub accountant_opinion_on: Option<Day>,
    pub opinion_is_tacit: bool,
    pub ceiling_booklets: i64,
    pub ceiling: Cents,
    pub revoked_on: Option<Day>,
    pub version: i64,
}

impl Mandate {
    /// In force on `day`: within its dates, not revoked, and for an agreement the accountant's opinion given.
    #[must_use]
    pub fn is_in_force(&self, day: Day) -> bool {
        let opinion = match self.kind {
            BasisKind::MandateAgreement => self.accountant_opinion_on.is_some_and(|given| given <= day),
            BasisKind::Regie => true,
        };
        let revoked = self.revoked_on.is_some_and(|revoked| revoked <= day);
        self.starts_on <= day && day <= self.ends_on && opinion && !revoked
    }

    /// What a receipt calls it: `convention de mandat n° 2021-14`.
    #[must_use]
    pub fn title(&self) -> String {
        match self.kind {
            BasisKind::MandateAgreement => format!("convention de mandat n° {}", self.number),
            BasisKind::Regie => format!("régie n° {}", self.number),
        }
    }
}
