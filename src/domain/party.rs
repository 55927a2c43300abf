//! Who takes part: organisations, their venues, the people who act for them, and the holders between whom
//! passes move. What never lives here: what a role may do (see `auth::permit`).

use std::collections::BTreeSet;
use std::fmt;

use super::ids::{BatchId, OrganisationId, UserId, VenueId};
use super::named::named;
use super::refusal::Malformed;
use super::registration::{Rna, Siret};
use super::short_code::ShortCode;
use super::territory::CommuneCode;
use super::text::{Email, Label};

named!(
    /// What an organisation is in a scheme. One body may be several: a CCAS prescribes and receives.
    OrganisationKind, Malformed::Identifier, {
        /// The sponsor, who buys the passes.
        Region => "region",
        /// Checks eligibility and hands booklets out.
        Prescriber => "prescriber",
        /// The legal entity that is paid for the passes its venues take.
        Provider => "provider",
        /// Prints and numbers passes, and may pay venues.
        Issuer => "issuer",
        /// Reads and verifies.
        Auditor => "auditor",
        /// A machine that sends applications.
        Platform => "platform",
    }
);

named!(
    /// What a user is entitled to do.
    Role, Malformed::Identifier, {
        /// Sets up the programme, orders, receives, dispatches.
        RegionAdmin => "region_admin",
        /// Activates, reconciles, pays.
        RegionFinance => "region_finance",
        /// The public accountant: reads and visas.
        Accountant => "accountant",
        /// Checks eligibility and hands out.
        PrescriberAgent => "prescriber_agent",
        /// Checks and redeems.
        VenueAgent => "venue_agent",
        /// Reads everything, changes nothing.
        Auditor => "auditor",
        /// A machine account.
        Platform => "platform",
    }
);

impl Role {
    /// Whether the role sees the whole programme, not only its own organisation's part.
    #[must_use]
    pub const fn sees_everything(self) -> bool {
        matches!(self, Self::RegionAdmin | Self::RegionFinance | Self::Accountant | Self::Auditor)
    }

    /// The kind of organisation whose people have this role.
    #[must_use]
    pub const fn kind(self) -> OrganisationKind {
        match self {
            Self::RegionAdmin | Self::RegionFinance | Self::Accountant => OrganisationKind::Region,
            Self::PrescriberAgent => OrganisationKind::Prescriber,
            Self::VenueAgent => OrganisationKind::Provider,
            Self::Auditor => OrganisationKind::Auditor,
            Self::Platform => OrganisationKind::Platform,
        }
    }
}

named!(
    /// The nine services of the national standard "lieux de médiation numérique" v1.
    Service, Malformed::Service, {
        AdministrativeHelp => "aide_aux_demarches_administratives",
        EverydayTools => "maitrise_des_outils_numeriques_du_quotidien",
        JobIntegration => "insertion_professionnelle_via_le_numerique",
        SafeUse => "utilisation_securisee_du_numerique",
        Parenting => "parentalite_et_education_avec_le_numerique",
        Leisure => "loisirs_et_creations_numeriques",
        Understanding => "comprehension_du_monde_numerique",
        Access => "acces_internet_et_materiel_informatique",
        Equipment => "acquisition_de_materiel_informatique_a_prix_solidaire",
    }
);

impl Service {
    /// The label of the national standard.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::AdministrativeHelp => "Aide aux démarches administratives",
            Self::EverydayTools => "Maîtrise des outils numériques du quotidien",
            Self::JobIntegration => "Insertion professionnelle via le numérique",
            Self::SafeUse => "Utilisation sécurisée du numérique",
            Self::Parenting => "Parentalité et éducation avec le numérique",
            Self::Leisure => "Loisirs et créations numériques",
            Self::Understanding => "Compréhension du monde numérique",
            Self::Access => "Accès internet et matériel informatique",
            Self::Equipment => "Acquisition de matériel informatique à prix solidaire",
        }
    }

    /// Payable by pass unless the programme says otherwise: support, not equipment nor mere access.
    #[must_use]
    pub fn payable_by_default() -> BTreeSet<Self> {
        Self::ALL.iter().copied().filter(|service| !matches!(service, Self::Access | Self::Equipment)).collect()
    }
}

/// The official number of a body: SIRET, or RNA for an association that has no SIRET.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registration {
    Siret(Siret),
    Rna(Rna),
}

impl fmt::Display for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Siret(siret) => siret.fmt(f),
            Self::Rna(rna) => rna.fmt(f),
        }
    }
}

impl Registration {
    /// Reads a SIRET or an RNA number.
    ///
    /// # Errors
    /// [`Malformed::Siret`] or [`Malformed::Rna`], by the first letter.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        if text.trim_start().starts_with(['W', 'w']) {
            Rna::parse(text).map(Self::Rna)
        } else {
            Siret::parse(text).map(Self::Siret)
        }
    }
}

/// A body that takes part in a scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    pub id: OrganisationId,
    /// Stands in receipt numbers and holders; never changes.
    pub code: ShortCode,
    pub kinds: BTreeSet<OrganisationKind>,
    pub name: Label,
    pub registration: Registration,
    /// Where its seat is.
    pub commune: CommuneCode,
    pub address: Option<Label>,
    pub email: Option<Email>,
    pub phone: Option<Label>,
    pub active: bool,
    /// Counts the changes; the `ETag` of the organisation.
    pub version: i64,
}

/// A place, or a travelling mediator, where passes are spent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Venue {
    pub id: VenueId,
    /// The provider that is paid for what is redeemed here.
    pub provider: OrganisationId,
    pub name: Label,
    /// Where the service takes place; for a mobile venue, its base.
    pub commune: CommuneCode,
    pub address: Option<Label>,
    pub mobile: bool,
    pub services: BTreeSet<Service>,
    /// Approved by the Region: without it nothing is redeemed here.
    pub approved: bool,
    pub active: bool,
    /// Counts the changes; the `ETag` of the venue.
    pub version: i64,
}

/// The person or machine that asks, as far as a rule needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub user: UserId,
    pub organisation: OrganisationId,
    pub role: Role,
    /// What a receipt calls this person: keyed, so that the receipt alone names nobody.
    pub pseudonym: String,
}

/// Who has a pass. Every pass is with exactly one holder at any time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holder {
    /// The counter-account of a batch: the only holder whose balance goes below zero.
    Issue(BatchId),
    /// The Region's store.
    Store,
    /// On the way: the number of the dispatch.
    Transit(i64),
    /// In a prescriber's custody.
    Prescriber(ShortCode),
    /// In people's hands.
    Circulation,
    /// Redeemed at a provider's venue, not claimed yet.
    Provider(ShortCode),
    /// In a claim.
    Claimed(ShortCode),
    Paid(ShortCode),
    Blocked,
    Lost,
    Expired,
    Destroyed,
    /// Given back by the issuer as a credit note.
    Credited,
}

impl Holder {
    /// The part before the colon, which groups holders in the use account.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Issue(_) => "issue",
            Self::Store => "store",
            Self::Transit(_) => "transit",
            Self::Prescriber(_) => "prescriber",
            Self::Circulation => "circulation",
            Self::Provider(_) => "provider",
            Self::Claimed(_) => "claimed",
            Self::Paid(_) => "paid",
            Self::Blocked => "blocked",
            Self::Lost => "lost",
            Self::Expired => "expired",
            Self::Destroyed => "destroyed",
            Self::Credited => "credited",
        }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())?;
        match self {
            Self::Issue(batch) => write!(f, ":{batch}"),
            Self::Transit(dispatch) => write!(f, ":{dispatch}"),
            Self::Prescriber(code) | Self::Provider(code) | Self::Claimed(code) | Self::Paid(code) => {
                write!(f, ":{code}")
            }
            Self::Store
            | Self::Circulation
            | Self::Blocked
            | Self::Lost
            | Self::Expired
            | Self::Destroyed
            | Self::Credited => Ok(()),
        }
    }
}

impl Holder {
    /// Reads the text of a holder of `programme`, as it stands in the database and in receipts.
    ///
    /// # Errors
    /// [`Malformed::Identifier`].
    pub fn parse(programme: super::ids::ProgrammeNo, text: &str) -> Result<Self, Malformed> {
        let (kind, which) = text.split_once(':').map_or((text, None), |(kind, which)| (kind, Some(which)));
        Ok(match (kind, which) {
            ("issue", Some(batch)) => Self::Issue(BatchId::parse(programme, batch)?),
            ("transit", Some(number)) => Self::Transit(number.parse().map_err(|_| Malformed::Identifier)?),
            ("prescriber", Some(code)) => Self::Prescriber(ShortCode::parse(code)?),
            ("provider", Some(code)) => Self::Provider(ShortCode::parse(code)?),
            ("claimed", Some(code)) => Self::Claimed(ShortCode::parse(code)?),
            ("paid", Some(code)) => Self::Paid(ShortCode::parse(code)?),
            ("store", None) => Self::Store,
            ("circulation", None) => Self::Circulation,
            ("blocked", None) => Self::Blocked,
            ("lost", None) => Self::Lost,
            ("expired", None) => Self::Expired,
            ("destroyed", None) => Self::Destroyed,
            ("credited", None) => Self::Credited,
            _ => return Err(Malformed::Identifier),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{OrderId, ProgrammeNo};

    #[test]
    fn a_holder_is_written_and_read() {
        let programme = ProgrammeNo(1);
        let code = ShortCode::parse("MAUB").unwrap();
        let holders = [
            Holder::Issue(OrderId::new(programme, 3).batch(1)),
            Holder::Store,
            Holder::Transit(7),
            Holder::Prescriber(code.clone()),
            Holder::Circulation,
            Holder::Provider(code.clone()),
            Holder::Claimed(code.clone()),
            Holder::Paid(code),
            Holder::Blocked,
            Holder::Lost,
            Holder::Expired,
            Holder::Destroyed,
            Holder::Credited,
        ];
        for holder in holders {
            assert_eq!(Holder::parse(programme, &holder.to_string()), Ok(holder));
        }
        assert!(Holder::parse(programme, "pocket").is_err());
    }

    #[test]
    fn equipment_and_mere_access_are_not_payable_by_default() {
        assert_eq!(Service::payable_by_default().len(), 7);
    }
}
