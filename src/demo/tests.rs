//! The pilot, lived in a database of its own.

use std::sync::Arc;

use super::*;
use crate::store::Options;

const NOW: &str = "2026-11-24T10:06:52.123Z";

fn open(folder: &tempfile::TempDir) -> Arc<Store> {
    let url = format!("sqlite:{}", folder.path().join("demo.sqlite").display());
    Arc::new(Store::open(&url, &Options::default()).unwrap())
}

fn lived() -> (tempfile::TempDir, Arc<Store>, Arc<Keys>, Vec<Login>) {
    let folder = tempfile::tempdir().unwrap();
    let (store, keys) = (open(&folder), Arc::new(Keys::for_tests(1)));
    let now = Instant::parse(NOW).unwrap();
    let logins = play(&store, &keys, (Scale::Pilot, now), "not a hash", &mut |_, _| {}).unwrap();
    (folder, store, keys, logins)
}

#[test]
fn the_pilot_adds_up_to_five_thousand_passes_and_verifies() {
    let (_folder, store, keys, logins) = lived();
    let report = report(&store, &[keys.seal_key().verifying_key()]).unwrap();
    assert_eq!((report.bought, report.passes_total, report.value_cents_total), (5_000, 5_000, 5_000_000));
    assert_eq!(report.programmes[0].broken, None);
    assert!(report.identity_holds && report.chain_verified);
    let held = [report.store, report.transit, report.prescribers, report.circulation];
    for some in held.into_iter().chain([report.redeemed, report.claimed, report.paid]) {
        assert!(some > 0, "{report:?}");
    }
    // Four came damaged, one was lost and replaced; what was missing when its desk was counted is found again.
    assert_eq!((report.blocked, report.lost), (50, 0));
    assert!((20..200).contains(&report.refusals), "{}", report.refusals);
    let roles: std::collections::BTreeSet<_> = logins.iter().map(|login| login.role).collect();
    assert_eq!(roles.len(), crate::domain::party::Role::ALL.len());
}

#[test]
fn a_database_that_holds_something_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    assert_eq!(presence(&store).unwrap(), Presence::Nothing);
}

#[test]
fn the_same_keys_and_moment_leave_the_same_receipts() {
    let head = || {
        let (_folder, store, keys, _) = lived();
        report(&store, &[keys.seal_key().verifying_key()]).unwrap().programmes[0].head.clone()
    };
    assert_eq!(head(), head());
}

#[test]
fn an_earlier_demonstration_is_recognised_and_its_accounts_get_the_new_password() {
    let (_folder, store, _keys, logins) = lived();
    assert_eq!(presence(&store).unwrap(), Presence::Demo);
    assert_eq!(renew_password(&store, "another hash").unwrap(), logins);
    let user: Result<_, StoreError> = store.read(|tx| tx.user_by_email(&admin_email()));
    assert_eq!(user.unwrap().unwrap().password_hash, "another hash");
}
