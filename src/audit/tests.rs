//! A lived-in register, sound and then changed behind the ledger's back.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use super::*;
use crate::demo::{self, Scale};
use crate::domain::facts::Facts;
use crate::domain::ids::BookletId;
use crate::domain::party::Holder;
use crate::domain::short_code::ShortCode;
use crate::domain::time::Instant;
use crate::keys::Keys;
use crate::receipts::journal_file;
use crate::store::{GroupRecord, Options, WriteError, Writes};

/// The pilot, lived once; each test works on a copy.
static LIVED: LazyLock<(tempfile::TempDir, PathBuf)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lived.sqlite");
    let store = Arc::new(open(&file));
    let now = Instant::parse("2026-11-24T10:06:52.123Z").unwrap();
    demo::play(&store, &Arc::new(Keys::for_tests(1)), (Scale::Pilot, now), "no hash", &mut |_, _| {}).unwrap();
    (folder, file)
});

fn open(file: &std::path::Path) -> Store {
    Store::open(&format!("sqlite:{}", file.display()), &Options::default()).unwrap()
}

struct Register {
    _folder: tempfile::TempDir,
    store: Store,
    programme: Programme,
    journal: Journal,
}

impl Register {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("copy.sqlite");
        std::fs::copy(&LIVED.1, &file).unwrap();
        let store = open(&file);
        let code = ShortCode::parse("HDF21").unwrap();
        let programme: Result<_, StoreError> = store.read(|tx| tx.programme(&code));
        let programme = programme.unwrap().unwrap();
        let journal = store.read(|tx| tx.journal(programme.no)).unwrap().unwrap();
        Self { _folder: folder, store, programme, journal }
    }

    fn change(&self, change: impl FnOnce(&mut dyn Writes) -> Result<(), StoreError>) {
        let written: Result<(), WriteError<StoreError>> = self.store.write(change);
        written.unwrap();
    }

    /// Saves facts that no act has decided.
    fn falsify(&self, falsify: impl FnOnce(&mut Facts, &mut dyn Writes)) {
        let mut facts = Facts::new(self.programme.clone(), self.journal.counters);
        self.change(|tx| {
            falsify(&mut facts, tx);
            self.record(tx, &facts, &self.journal)
        });
    }

    /// Writes what no act has granted.
    fn record(&self, tx: &mut dyn Writes, facts: &Facts, after: &Journal) -> Result<(), StoreError> {
        let before = &self.journal;
        let record = GroupRecord {
            before,
            after,
            granted: &[],
            facts,
            seal: None,
            scans: &[],
            refused_hand_outs: &[],
            replies: &[],
        };
        tx.record(self.programme.no, &record).map(drop)
    }

    /// Changes the journal row alone.
    fn rewind(&self, after: &Journal) {
        let facts = Facts::new(self.programme.clone(), self.journal.counters);
        self.change(|tx| self.record(tx, &facts, after));
    }

    fn verify(&self) -> Result<Verified, AuditError> {
        let key = Keys::for_tests(1).seal_key().verifying_key();
        verify(&self.store, &[key], &self.programme, &mut |_, _| {})
    }

    fn broken(&self) -> Break {
        match self.verify() {
            Err(AuditError::Broken(found)) => found,
            other => panic!("{other:?}"),
        }
    }

    fn only_difference(&self) -> Difference {
        let rebuilt = rebuild(&self.store, &self.programme, &mut |_, _| {}).unwrap();
        assert_eq!(rebuilt.total, 1, "{:?}", rebuilt.differences);
        rebuilt.differences[0].clone()
    }
}

#[test]
fn a_sound_register_verifies_and_its_projections_are_what_the_receipts_say() {
    let register = Register::new();
    let verified = register.verify().unwrap();
    assert_eq!((verified.receipts, &verified.head), (register.journal.position, &register.journal.head));
    assert_eq!((verified.booklets, verified.passes), (500, 5_000));
    assert!(verified.seals > 0 && verified.use_account["circulation"] > 0);
    let rebuilt = rebuild(&register.store, &register.programme, &mut |_, _| {}).unwrap();
    assert_eq!((rebuilt.total, rebuilt.receipts), (0, verified.receipts));
    assert!(rebuilt.rows > 500);
}

#[test]
fn progress_ends_at_the_number_of_receipts() {
    let register = Register::new();
    let mut last = (0, 0);
    rebuild(&register.store, &register.programme, &mut |done, total| last = (done, total)).unwrap();
    assert_eq!(last, (register.journal.position, register.journal.position));
}

#[test]
fn a_balance_changed_behind_the_ledger_is_named() {
    let register = Register::new();
    let no = register.programme.no;
    register.falsify(|facts, tx| {
        let batch = tx.booklets_among(no, &[BookletId::new(no, 499)].into()).unwrap().remove(0).batch;
        let (key, balance) = tx.balances_of(no, &[Holder::Store].into(), &[batch].into()).unwrap().remove(0);
        facts.balances.load(key.clone(), balance);
        facts.balances.change(&key, |balance| balance.passes += 10);
    });
    let difference = register.only_difference();
    assert_eq!(difference.projection, "balances");
    assert!(difference.key.starts_with("store du lot 1-"), "{difference}");
    let found = register.broken();
    assert_eq!((found.code, found.position), ("projection", register.journal.position));
    assert!(found.detail.contains("la base dit"), "{found}");
}

#[test]
fn a_booklet_moved_without_a_receipt_is_named_by_its_serial() {
    let register = Register::new();
    let id = BookletId::new(register.programme.no, 499);
    register.falsify(|facts, tx| {
        let booklet = tx.booklets_among(register.programme.no, &[id].into()).unwrap().remove(0);
        facts.booklets.load(id, booklet);
        facts.booklets.change(&id, |booklet| booklet.holder = Holder::Lost);
    });
    let difference = register.only_difference();
    assert_eq!((difference.projection, difference.key), ("booklets", id.item().printed(&register.programme.code)));
}

#[test]
fn a_pass_made_good_again_without_a_receipt_is_named() {
    let register = Register::new();
    let no = register.programme.no;
    let spent = register.store.read(|tx| tx.departed_page(no, BookletId::new(no, 0).pass(0), 1)).unwrap().remove(0).0;
    register.falsify(|facts, tx| {
        let pass = tx.passes_among(no, &[spent].into()).unwrap().remove(0);
        facts.passes.load(spent, pass);
        facts.passes.change(&spent, |pass| pass.holder = None);
    });
    let difference = register.only_difference();
    assert_eq!((difference.projection, difference.stored.as_str()), ("passes", "rien"));
}

#[test]
fn a_running_number_given_back_is_named() {
    let register = Register::new();
    let mut after = register.journal.clone();
    after.counters.dispatch -= 1;
    register.rewind(&after);
    assert_eq!(register.only_difference().key, "dernière remise");
}

#[test]
fn a_journal_row_that_forgets_its_last_receipt_is_found() {
    let register = Register::new();
    let after = Journal { position: register.journal.position - 1, ..register.journal.clone() };
    register.rewind(&after);
    assert_eq!(register.broken().code, "head");
}

#[test]
fn seals_of_a_key_that_is_not_trusted_prove_nothing() {
    let register = Register::new();
    let other = Keys::for_tests(2).seal_key().verifying_key();
    let found = verify(&register.store, &[other], &register.programme, &mut |_, _| {});
    assert!(matches!(found, Err(AuditError::Broken(Break { code: "seal_key", .. }))), "{found:?}");
}

#[test]
fn the_exported_journal_is_verified_by_its_own_reader() {
    let register = Register::new();
    let key = Keys::for_tests(1).seal_key().verifying_key();
    let mut written = Vec::new();
    let receipts = write_journal(&register.store, &[key], &register.programme, &mut written, &mut |_, _| {}).unwrap();
    let text = String::from_utf8(written).unwrap();
    let summary = journal_file::verify_lines(text.lines().map(str::to_owned)).unwrap();
    assert_eq!((summary.receipts, summary.head), (receipts, register.journal.head));
}
