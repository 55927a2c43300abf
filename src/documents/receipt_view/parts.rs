//! What a receipt shows, piece by piece, already in words. What never lives here: how it is laid out, or where the words come
//! from.

/// A line of the particulars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::documents) struct Row {
    pub(in crate::documents) label: String,
    pub(in crate::documents) value: String,
}

/// One side of the change of hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::documents) struct Side {
    /// `Remis par`.
    pub(in crate::documents) label: &'static str,
    pub(in crate::documents) name: String,
    pub(in crate::documents) details: Vec<String>,
}

/// How much: only where the receipt speaks of a quantity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::documents) struct Amount {
    /// `2 carnets, 20 pass`.
    pub(in crate::documents) quantity: String,
    /// In figures.
    pub(in crate::documents) total: String,
    /// `Arrêté à la somme de deux cents euros.`
    pub(in crate::documents) words: String,
    /// Unit face value, in figures.
    pub(in crate::documents) face: String,
}

/// The serials of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::documents) struct Lot {
    pub(in crate::documents) label: String,
    pub(in crate::documents) serials: Vec<String>,
}

/// A holder's passes around the receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::documents) struct Balance {
    pub(in crate::documents) holder: String,
    /// Passes, grouped by thousands.
    pub(in crate::documents) before: String,
    pub(in crate::documents) after: String,
    /// What is held afterwards, in figures.
    pub(in crate::documents) value: String,
}

/// A place to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::documents) struct Signature {
    pub(in crate::documents) title: String,
    /// A person, who may be unable to sign; else somebody who writes name and capacity.
    pub(in crate::documents) person: bool,
}

/// What only the beneficiary's paper carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::documents) struct Handed {
    pub(in crate::documents) salt: Option<String>,
    pub(in crate::documents) commitment: String,
    /// The text whose SHA-256 is the commitment, line by line.
    pub(in crate::documents) recipe: Vec<String>,
}

/// The three things a beneficiary wants to know, in large type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::documents) struct Gist {
    pub(in crate::documents) until: Option<String>,
    pub(in crate::documents) sentence: String,
    /// Where to go, line by line.
    pub(in crate::documents) orientation: Vec<String>,
}
