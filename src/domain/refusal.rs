//! Every "no" of the project has its code here, and nothing else: no status, no sentence (see `catalogue`).
//! [`Malformed`] is the "no" of a value that cannot be read; [`Refusal`] the "no" of a rule.

use std::borrow::Cow;
use std::fmt;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

/// A text that is not a value. Its `Display` is the stable code, which is how it passes through serde.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Malformed {
    Instant,
    Day,
    Month,
    Cents,
    Siret,
    Rna,
    Commune,
    Neighbourhood,
    Iban,
    Bic,
    Serial,
    SerialRange,
    PassCode,
    ReceiptNumber,
    Code,
    Text,
    Identifier,
    Email,
    Name,
    Service,
    IdempotencyKey,
    RuleSet,
    Degrees,
    PostalCode,
    Pivot,
    Phone,
    WebAddress,
    OpeningHours,
    Term,
    TimeOfDay,
    PublicKey,
}

impl Malformed {
    /// The stable code, part of the API.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Instant => "instant_malformed",
            Self::Day => "date_malformed",
            Self::Month => "month_malformed",
            Self::Cents => "amount_malformed",
            Self::Siret => "siret_malformed",
            Self::Rna => "rna_malformed",
            Self::Commune => "commune_unknown",
            Self::Neighbourhood => "neighbourhood_malformed",
            Self::Iban => "iban_malformed",
            Self::Bic => "bic_malformed",
            Self::Serial => "serial_malformed",
            Self::SerialRange => "serial_range_malformed",
            Self::PassCode => "code_malformed",
            Self::ReceiptNumber => "receipt_number_malformed",
            Self::Code => "short_code_malformed",
            Self::Text => "text_malformed",
            Self::Identifier => "identifier_malformed",
            Self::Email => "email_malformed",
            Self::Name => "person_name_malformed",
            Self::Service => "service_unknown",
            Self::IdempotencyKey => "idempotency_key_malformed",
            Self::RuleSet => "rule_set_malformed",
            Self::Degrees => "degrees_malformed",
            Self::PostalCode => "postal_code_malformed",
            Self::Pivot => "pivot_malformed",
            Self::Phone => "phone_malformed",
            Self::WebAddress => "web_address_malformed",
            Self::OpeningHours => "opening_hours_malformed",
            Self::Term => "term_malformed",
            Self::TimeOfDay => "time_of_day_malformed",
            Self::PublicKey => "public_key_malformed",
        }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for Malformed {}

/// A text that is none of a list's names. Its `Display` is the stable code and the names, each between backticks: that is how
/// it passes through serde, which says the variants of an enum so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotListed {
    malformed: Malformed,
    names: Vec<&'static str>,
}

impl NotListed {
    pub fn new(malformed: Malformed, names: impl Iterator<Item = &'static str>) -> Self {
        Self { malformed, names: names.collect() }
    }
}

impl fmt::Display for NotListed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.malformed.fmt(f)?;
        self.names.iter().try_for_each(|name| write!(f, " `{name}`"))
    }
}

impl std::error::Error for NotListed {}

super::named::named!(
    /// The rules' refusals. The name is part of the API and never changes its meaning.
    Code, Malformed::Identifier, {
        AccountDisabled => "account_disabled",
        ProgrammeUnknown => "programme_unknown",
        ProgrammeInactive => "programme_inactive",
        OrderUnknown => "order_unknown",
        OrderNumberTaken => "order_number_taken",
        OrderAlreadyActivated => "order_already_activated",
        OrderNotDelivered => "order_not_delivered",
        QuantityOutOfRange => "quantity_out_of_range",
        FaceValueDiffers => "face_value_differs",
        FundingSharesWrong => "funding_shares_wrong",
        ValidityEndPast => "validity_end_past",
        DateInFuture => "date_in_future",
        IssuerUnknown => "issuer_unknown",
        BookletNotInOrder => "booklet_not_in_order",
        BookletAlreadyDelivered => "booklet_already_delivered",
        BookletNamedTwice => "booklet_named_twice",
        SelectionEmpty => "selection_empty",
        CodeTaken => "code_taken",
        PrescriberUnknown => "prescriber_unknown",
        NoMandateInForce => "no_mandate_in_force",
        MandateCeilingExceeded => "mandate_ceiling_exceeded",
        BookletUnknown => "booklet_unknown",
        BookletNotHeld => "booklet_not_held",
        NotEnoughBooklets => "not_enough_booklets",
        SameHolder => "same_holder",
        DispatchUnknown => "dispatch_unknown",
        BookletNotInDispatch => "booklet_not_in_dispatch",
        DispatchClosed => "dispatch_closed",
        NobodyWaitsForOrder => "nobody_waits_for_order",
        DistributionClosed => "distribution_closed",
        RuleSetMissing => "rule_set_missing",
        BirthDateImpossible => "birth_date_impossible",
        GroundUnknown => "ground_unknown",
        ProofUnknown => "proof_unknown",
        StatusUnknown => "status_unknown",
        NotEligible => "not_eligible",
        EntitlementExhausted => "entitlement_exhausted",
        ExceptionUnknown => "exception_unknown",
        ExceptionUsed => "exception_used",
        VenueUnknown => "venue_unknown",
        VenueNotApproved => "venue_not_approved",
        VenueOutsideTerritory => "venue_outside_territory",
        ServiceNotPayable => "service_not_payable",
        ServiceNotOffered => "service_not_offered",
        CodeUnknown => "code_unknown",
        CodeRepeated => "code_repeated",
        NotActivated => "not_activated",
        NotHandedOut => "not_handed_out",
        AlreadyRedeemed => "already_redeemed",
        Blocked => "blocked",
        Lost => "lost",
        Cancelled => "cancelled",
        Expired => "expired",
        OfflineFloorExceeded => "offline_floor_exceeded",
        OfflinePassesExceeded => "offline_passes_exceeded",
        OfflineValueExceeded => "offline_value_exceeded",
        OfflineBookletExceeded => "offline_booklet_exceeded",
        OfflineTooOld => "offline_too_old",
        OfflineClockAhead => "offline_clock_ahead",
        PerformedBeforeHandOut => "performed_before_hand_out",
        RedemptionUnknown => "redemption_unknown",
        AlreadyReversed => "already_reversed",
        ReversalTooLate => "reversal_too_late",
        RestoreNotNeeded => "restore_not_needed",
        RestoreNotDeclared => "restore_not_declared",
        RestoreSamePerson => "restore_same_person",
        ClaimedAlready => "claimed_already",
        ClosingNothingYet => "closing_nothing_yet",
        ClosingTooEarly => "closing_too_early",
        ClosingAlreadyMade => "closing_already_made",
        ClosingOutOfOrder => "closing_out_of_order",
        ClosingPartsOpen => "closing_parts_open",
        PassUnknown => "pass_unknown",
        NotInUse => "not_in_use",
        WithdrawalUnknown => "withdrawal_unknown",
        SecondPersonNeeded => "second_person_needed",
        NothingToBringBack => "nothing_to_bring_back",
        NotTakenByReceipt => "not_taken_by_receipt",
        BeneficiaryDiffers => "beneficiary_differs",
        LossNotDeclared => "loss_not_declared",
        ReplacementTooSmall => "replacement_too_small",
        AlreadySuspended => "already_suspended",
        NotSuspended => "not_suspended",
        HandOutsSuspended => "hand_outs_suspended",
        RedemptionsSuspended => "redemptions_suspended",
        OrderExpired => "order_expired",
        ProrogationNotLater => "prorogation_not_later",
        AcknowledgementTooEarly => "acknowledgement_too_early",
        AcknowledgementTooLate => "acknowledgement_too_late",
        AcknowledgedAlready => "acknowledged_already",
        NotExpiredYet => "not_expired_yet",
        NothingToExpire => "nothing_to_expire",
        NothingToCredit => "nothing_to_credit",
        NotCreditable => "not_creditable",
        DestructionUnknown => "destruction_unknown",
        DestructionSignedAlready => "destruction_signed_already",
        DestructionSamePerson => "destruction_same_person",
        NotDestroyable => "not_destroyable",
        StillValid => "still_valid",
        CreditDiffers => "credit_differs",
        PeopleKeyNotLater => "people_key_not_later",
        PeopleKeyNotProposed => "people_key_not_proposed",
        PeopleKeySamePerson => "people_key_same_person",
        PeopleKeyRenewed => "people_key_renewed",
        ErasureTooEarly => "erasure_too_early",
        ErasureWaits => "erasure_waits",
        ErasureApplicationOpen => "erasure_application_open",
        NothingToErase => "nothing_to_erase",
        ProviderUnknown => "provider_unknown",
        PayerIsIssuer => "payer_is_issuer",
        MonthNotOver => "month_not_over",
        ClaimEmpty => "claim_empty",
        ClaimUnknown => "claim_unknown",
        ClaimNotOpen => "claim_not_open",
        ClaimAlreadyApproved => "claim_already_approved",
        ClaimSuspended => "claim_suspended",
        ClaimNotSuspended => "claim_not_suspended",
        ClaimOfOwnOrganisation => "claim_of_own_organisation",
        ApprovalSamePerson => "approval_same_person",
        ApprovalBeyondLimit => "approval_beyond_limit",
        PassNamedTwice => "pass_named_twice",
        PassNotInClaim => "pass_not_in_claim",
        PassNotRejected => "pass_not_rejected",
        PayeeUnknown => "payee_unknown",
        PayeeConfirmedAlready => "payee_confirmed_already",
        PayeeSuperseded => "payee_superseded",
        PayeeSamePerson => "payee_same_person",
        PayeeMissing => "payee_missing",
        ClaimNamedTwice => "claim_named_twice",
        ClaimNotApproved => "claim_not_approved",
        DebtorMissing => "debtor_missing",
        ClaimNotPaid => "claim_not_paid",
        PaymentOrderTaken => "payment_order_taken",
        NettingAbsorbsClaim => "netting_absorbs_claim",
        RevenueOrderTaken => "revenue_order_taken",
        RevenueOrderBeyondDebt => "revenue_order_beyond_debt",
        OffsetBeyondDebt => "offset_beyond_debt",
        PayerIsRegion => "payer_is_region",
        IssuerFileTaken => "issuer_file_taken",
        IssuerLineTaken => "issuer_line_taken",
        StatementEmpty => "statement_empty",
        StatementUnknown => "statement_unknown",
        DifferenceUnknown => "difference_unknown",
        DifferenceClosed => "difference_closed",
        DifferenceNamedTwice => "difference_named_twice",
        ResolutionImpossible => "resolution_impossible",
        PassNotInStatement => "pass_not_in_statement",
        DisputedAlready => "disputed_already",
        OrderListTooDifferent => "order_list_too_different",
        TransferOverpaid => "transfer_overpaid",
        PaymentSamePerson => "payment_same_person",
        ExecutionPast => "execution_past",
        PaymentChanged => "payment_changed",
        BankFileTaken => "bank_file_taken",
        BankFileEmpty => "bank_file_empty",
        TransferUnknown => "transfer_unknown",
        TransferAmount => "transfer_amount",
        TransferState => "transfer_state",
        TransferNamedTwice => "transfer_named_twice",
        ApplicationUnknown => "application_unknown",
        ApplicationKnown => "application_known",
        ApplicationOpen => "application_open",
        ApplicationNotOpen => "application_not_open",
        ApplicationIncomplete => "application_incomplete",
        ApplicantUnknown => "applicant_unknown",
        ApplicationNotExpired => "application_not_expired",
        ChannelsMixed => "channels_mixed",
        BookletSizeDiffers => "booklet_size_differs",
        LetterNotOnItsWay => "letter_not_on_its_way",
        LetterDateImpossible => "letter_date_impossible",
        PrescriberNamedTwice => "prescriber_named_twice",
        AllocationTooSmall => "allocation_too_small",
        TrainingMissing => "training_missing",
        OrientationMissing => "orientation_missing",
        FollowUpNotAgreed => "follow_up_not_agreed",
        FollowUpOver => "follow_up_over",
        RemindersExhausted => "reminders_exhausted",
        ReminderTooSoon => "reminder_too_soon",
    }
);

impl Code {
    /// Whether the refusal is of the caller's account and of nothing that they ask: it ends when that is put right.
    #[must_use]
    pub const fn is_about_the_caller(self) -> bool {
        matches!(self, Self::AccountDisabled)
    }
}

/// The "no" of a rule: which one, about which field of the request, and the facts its sentence needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    pub code: Code,
    /// The field of the request that must change, where there is one.
    pub field: Option<Cow<'static, str>>,
    /// Named facts for the sentence, such as `("serial", "HDF21-000123-10")`. Never personal data nor secrets.
    pub about: Vec<(Cow<'static, str>, String)>,
}

impl Refusal {
    #[must_use]
    pub const fn new(code: Code) -> Self {
        Self { code, field: None, about: Vec::new() }
    }

    /// A quantity outside its bounds, both of which are possible.
    #[must_use]
    pub fn out_of_range(field: &'static str, least: impl ToString, most: impl ToString) -> Self {
        Self::new(Code::QuantityOutOfRange).field(field).about("least", least).about("most", most)
    }

    /// More than is counted.
    #[must_use]
    pub fn beyond_counting() -> Self {
        Self::new(Code::QuantityOutOfRange).about("least", 0).about("most", i64::MAX)
    }

    /// Names the field of the request that must change.
    #[must_use]
    pub fn field(mut self, field: &'static str) -> Self {
        self.field = Some(Cow::Borrowed(field));
        self
    }

    /// Adds a fact for the sentence.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "callers hand over values and references alike")]
    pub fn about(mut self, name: &'static str, value: impl ToString) -> Self {
        self.about.push((Cow::Borrowed(name), value.to_string()));
        self
    }

    /// A fact of the sentence, by its name.
    #[must_use]
    pub fn detail(&self, name: &str) -> Option<&str> {
        self.about.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

/// That each field is within its bounds, both included.
///
/// # Errors
/// [`Code::QuantityOutOfRange`] with the first field that is not, and its bounds.
pub(super) fn check_bounds<T: PartialOrd + ToString, const FIELDS: usize>(
    fields: [(&'static str, T, RangeInclusive<T>); FIELDS],
) -> Result<(), Refusal> {
    match fields.into_iter().find(|(_, value, bounds)| !bounds.contains(value)) {
        Some((field, _, bounds)) => {
            let (least, most) = bounds.into_inner();
            Err(Refusal::out_of_range(field, least, most))
        }
        None => Ok(()),
    }
}
