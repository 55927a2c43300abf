//! Which accounts an archive holds, and which never: a report is named here or its test fails. What never lives here: how
//! a report is written.

/// The reports of an archive, by name.
pub(super) const REPORTS: &[&str] = &[
    "use-account",
    "programme-account",
    "providers",
    "overpayments",
    "funders",
    "end-of-validity",
    "order-differences",
    "stop-simulation",
    "counter-value",
    "claims",
    "issuer-statements",
    "issuer-differences",
    "receipts",
    "reconciliation",
    "reconciliation-orders",
    "stock",
    "redemptions",
    "redemption-lines",
];
/// Those that are written once for each holder.
pub(super) const BY_HOLDER: &[&str] = &["movements", "rendition"];
/// Reports that no archive holds, and why.
#[cfg(test)]
pub(super) const NEVER: &[(&str, &str)] = &[
    ("booklet-history", "is of one booklet, and in the journal"),
    ("pass-history", "is of one pass, and in the journal"),
    ("three-way", "only speaks of the present"),
    ("passes", "is of every pass, and in the journal"),
    ("hand-outs", "counts people, whose traits can be erased"),
    ("indicators", "counts people, whose traits can be erased"),
    ("cohorts", "judges, and is no account"),
    ("newcomers", "judges, and is no account"),
    ("publics", "counts people, whose traits can be erased"),
    ("services", "judges, and is no account"),
    ("territories", "counts people, whose traits can be erased"),
    ("orientations", "counts people, whose traits can be erased"),
    ("never-started", "is of people who may be reminded, now"),
    ("refused-hand-outs", "is a table of the archive"),
    ("refused-scans", "is a table of the archive"),
    ("restocking", "looks ahead, and is no account"),
    ("deposits", "looks ahead, and is no account"),
    ("anomalies", "is an auditor's work in progress, not an account"),
    ("payment-statement", "is of one payment, and a table of the archive has its transfers"),
    ("copies", "counts what left the register, which no archive carries"),
    ("sample", "is drawn by an auditor's own seed"),
    ("issuer-exposure", "is of one issuer, once it has failed"),
];
