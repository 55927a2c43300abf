//! Words and figures as they are read. What never lives here: which of them a document shows.

use std::collections::BTreeSet;

use super::*;
use crate::domain::allocation::{ReallocationReason, Weighting};
use crate::domain::applications::{Channel, EndReason, RefusalReason};
use crate::domain::claims::{RejectionReason, SuspensionReason as ClaimSuspension};
use crate::domain::custody::ReturnReason;
use crate::domain::destruction::DestructionReason;
use crate::domain::ends::{Scope, SuspensionReason};
use crate::domain::erasure::Cause;
use crate::domain::follow_up::{Channel as Reached, Step};
use crate::domain::incidents::{BlockReason, LossReason, ReleaseReason};
use crate::domain::mailing::ReturnCause;
use crate::domain::movement::Kind;
use crate::domain::payments::LegalForm;
use crate::domain::redemption::ReversalReason;
use crate::domain::replacement::ReplacementReason;
use crate::domain::restore::RestoreReason;
use crate::domain::statements::{DisputeReason, Resolution, ResolutionReason};

#[test]
fn every_reason_has_french_words() {
    let mut names: Vec<&str> = vec!["accepted", "refused", "received", "completed", "erased"];
    macro_rules! with_all {
        ($($named:ident),+) => { $(names.extend($named::ALL.iter().map(|value| value.as_str()));)+ };
    }
    with_all!(
        BlockReason,
        Cause,
        Channel,
        ClaimSuspension,
        DestructionReason,
        DisputeReason,
        EndReason,
        LegalForm,
        LossReason,
        Reached,
        ReallocationReason,
        RefusalReason,
        RejectionReason,
        ReleaseReason,
        ReplacementReason,
        Resolution,
        ResolutionReason,
        RestoreReason,
        ReturnCause,
        ReturnReason,
        ReversalReason,
        Scope,
        Step,
        SuspensionReason,
        Weighting
    );
    for kind in Kind::ALL {
        for name in &names {
            // An association is called so in both languages.
            assert!(reason(Some(*kind), name) != *name || *name == LegalForm::Association.as_str(), "{name}");
        }
    }
}

#[test]
fn a_mention_is_listed_once() {
    let names: BTreeSet<&str> = MENTIONS.iter().map(|(name, ..)| *name).collect();
    assert_eq!(names.len(), MENTIONS.len());
}

#[test]
fn counts_are_grouped_and_punctuation_keeps_to_its_word() {
    assert_eq!(
        (count(4980).as_str(), count(-66_100).as_str(), count(0).as_str()),
        ("4\u{202f}980", "-66\u{202f}100", "0")
    );
    assert_eq!(spaced("n° 3 : « a » ; b"), "n°\u{a0}3\u{a0}: «\u{a0}a\u{a0}»\u{a0}; b");
}

#[test]
fn registrations_are_grouped_as_people_read_them() {
    assert_eq!(registration("21590392300019"), "SIRET\u{a0}215\u{a0}903\u{a0}923\u{a0}00019");
    assert_eq!(registration("W591000123"), "RNA W591000123");
    assert_eq!(registration("?"), "Immatriculation ?");
}

#[test]
fn days_moments_communes_and_services_are_put_into_french() {
    assert_eq!(day("2026-11-24"), "24/11/2026");
    assert_eq!(moment("2026-11-24T10:06:52.123Z"), "24/11/2026 à 11:06");
    assert_eq!(commune("59392"), "Maubeuge");
    assert_eq!(commune("?"), "commune ?");
    assert_eq!(service("loisirs_et_creations_numeriques"), "Loisirs et créations numériques");
    assert_eq!(booklets(1), "1 carnet");
}
