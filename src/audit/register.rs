//! What is looked at once for a whole register, whichever programmes it has: what no programme's receipts could answer for.
//! What never lives here: what is compared programme by programme (`compare`).

use super::findings::Findings;
use super::{AuditError, Difference, PAGE, broken};
use crate::store::{Reads, Store, StoreError};

/// Values of another type than their column, in any table, and seals that stand under no receipt, of any programme: the
/// first hundred. [`super::verify`] and [`super::rebuild`] are each of one programme, and do not look for them.
///
/// # Errors
/// [`StoreError`].
pub fn foreign_to_every_programme(store: &Store) -> Result<Vec<Difference>, StoreError> {
    store.read(|tx| {
        let mut found = Findings::default();
        mistyped(tx, &mut found)?;
        stray_seals(tx, &mut found)?;
        Ok(found.differences)
    })
}

/// Whether there is any.
///
/// # Errors
/// [`AuditError::Broken`] with the first, at position 0: it is of the whole register; [`AuditError::Store`].
pub fn verify_register(store: &Store) -> Result<(), AuditError> {
    match foreign_to_every_programme(store)?.first() {
        None => Ok(()),
        Some(difference) => Err(broken(0, "projection", difference.to_string())),
    }
}

fn mistyped(tx: &mut dyn Reads, found: &mut Findings) -> Result<(), StoreError> {
    for column in tx.mistyped()? {
        found.row("types", || column, (Some(&"une valeur d'un autre type que sa colonne"), None));
    }
    Ok(())
}

/// The walk through a journal has held the seals that it met; these it could not meet.
fn stray_seals(tx: &mut dyn Reads, found: &mut Findings) -> Result<(), StoreError> {
    for (programme, position) in tx.stray_seals(PAGE)? {
        let place = || format!("programme {programme}, {position}");
        found.row("seals", place, (Some(&"un sceau sans récépissé"), None));
    }
    Ok(())
}
