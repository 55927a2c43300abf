//! From what is wanted of reminders and keys to acts of the domain. What never lives here: what ought to come of them.

use recepisse::domain::act::Act;
use recepisse::domain::erasure::{Erase, Whom};
use recepisse::domain::follow_up::{Channel, Consent, Remind, Revoke};
use recepisse::domain::party::Actor;
use recepisse::domain::people_key::{NamedKey, PeopleKeys, Proposal, RenewPeopleKey};
use recepisse::domain::stock::CodeMac;

use super::PeopleWish;

/// The act that is asked for.
pub(in crate::simulation) fn act(wish: &PeopleWish) -> Box<dyn Act> {
    match wish {
        PeopleWish::Remind { hand_out } => Box::new(Remind { hand_out: hand_out.clone() }),
        PeopleWish::Revoke { hand_out } => Box::new(Revoke { hand_out: hand_out.clone() }),
        PeopleWish::ForgetServed { on, most } => Box::new(Erase { whom: Whom::Served { on: *on, most: *most } }),
        PeopleWish::RenewKey => Box::new(RenewPeopleKey),
    }
}

/// What somebody agrees to, if they do.
pub(in crate::simulation) fn consent(agrees: bool, nonce: Option<CodeMac>) -> Option<Consent> {
    agrees.then(|| Consent { channel: Channel::Letter, contact: b"closed".to_vec(), nonce })
}

/// What is kept of a key that somebody proposes, if it may be.
pub(in crate::simulation) fn proposal(keys: &PeopleKeys, number: u8, by: &Actor) -> Option<Proposal> {
    let key = NamedKey { number, digest: format!("{number:064x}") };
    keys.propose(key, by.user, by.pseudonym.clone()).ok()
}
