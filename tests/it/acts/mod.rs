//! One file per family of acts: the yes, and every refusal code, through the ledger on every engine. `house` holds
//! the list of codes against these files: a code without a test fails the build.

mod access;
mod allocation;
mod applications;
mod claims;
mod closing;
mod contradiction;
mod custody;
mod destruction;
mod duplicates;
mod end_calendar;
mod ends;
mod erasure;
mod follow_ups;
mod handout;
mod incidents;
pub(crate) mod issuer_statements;
mod letters;
mod offline;
pub(crate) mod overpayments;
pub(crate) mod payments;
mod people_keys;
mod redemption;
mod restore;
mod supply;

use crate::harness::World;

/// Whether what is stored is what the receipts say.
pub(crate) fn is_sound(world: &World) {
    let found = recepisse::audit::rebuild(&world.store, &world.programme, &mut |_, _| {}).unwrap();
    assert_eq!(found.total, 0, "{}: {found:?}", world.engine());
}
