//! The kinds of act: the stable name, the French title of the receipt, and which serve to pay.
//! What never lives here: what an act of a kind does.

use super::super::named::named;
use super::super::refusal::Malformed;

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
