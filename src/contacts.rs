//! How somebody who agreed to be reminded is reached: closed under the random bytes of their own hand-out, which are destroyed
//! with them, and erased once it has served. What never lives here: whether they may be reminded, or a log line.

use serde::{Deserialize, Serialize};

use crate::clock::Entropy;
pub use crate::closed::Unopened;
use crate::closed::{Lock, close, open};
use crate::domain::follow_up::Channel;
use crate::domain::places::words::Phone;
use crate::domain::refusal::Malformed;
use crate::domain::short_code::ShortCode;
use crate::domain::stock::CodeMac;
use crate::domain::text::{Email, Label};
use crate::keys::Keys;

const USAGE: &[u8] = b"key of the contacts of follow-ups";

/// How a person agreed to be reached.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    pub channel: Channel,
    /// A phone number, an e-mail address or a postal one, as the channel asks.
    pub to: String,
    /// Whom to ask for, as the person wants to be called.
    pub name: Option<Label>,
}

/// Says that there is somebody, never who.
impl std::fmt::Debug for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Contact(…)")
    }
}

/// Whose contact it is: closed for one hand-out of one programme, it opens for no other.
#[derive(Clone, Copy)]
pub struct Owner<'a> {
    pub programme: &'a ShortCode,
    /// Of the commitment of the hand-out.
    pub nonce: &'a CodeMac,
}

/// A number in international form, or as people say it at home: `06 12 34 56 78`.
fn phone(text: &str) -> Result<Phone, Malformed> {
    let home = text.trim_start().strip_prefix('0').map(|rest| format!("+33{rest}"));
    Phone::parse(home.as_deref().unwrap_or(text))
}

impl Contact {
    /// # Errors
    /// [`Malformed::Phone`], [`Malformed::Email`] or [`Malformed::Text`], as the channel asks.
    pub fn new(channel: Channel, to: &str, name: Option<Label>) -> Result<Self, Malformed> {
        let to = match channel {
            Channel::Phone => phone(to)?.to_string(),
            Channel::Email => Email::parse(to)?.to_string(),
            Channel::Letter => Label::parse(to)?.to_string(),
        };
        Ok(Self { channel, to, name })
    }

    /// As it is stored.
    ///
    /// # Errors
    /// [`Unopened`] never in practice: a contact is always text.
    pub fn close(&self, keys: &Keys, entropy: &dyn Entropy, owner: Owner<'_>) -> Result<Vec<u8>, Unopened> {
        let plain = serde_json::to_vec(self).map_err(|_| Unopened)?;
        close(keys, entropy, owner.lock(&owner.text()), &plain)
    }

    /// The contact behind what is stored.
    ///
    /// # Errors
    /// [`Unopened`], also once the nonce is another one.
    pub fn open(keys: &Keys, owner: Owner<'_>, stored: &[u8]) -> Result<Self, Unopened> {
        serde_json::from_slice(&open(keys, owner.lock(&owner.text()), stored)?).map_err(|_| Unopened)
    }
}

/// Says that there is somebody, never who.
impl std::fmt::Debug for Owner<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Owner(…)")
    }
}

impl<'a> Owner<'a> {
    fn text(self) -> Vec<u8> {
        format!("recepisse-contact-1\n{}", self.programme).into_bytes()
    }

    const fn lock(self, owner: &'a [u8]) -> Lock<'a> {
        Lock { usage: USAGE, secret: Some(self.nonce), owner }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededEntropy;

    #[test]
    fn a_contact_opens_with_the_nonce_of_its_hand_out_and_the_keys_and_with_neither_alone() {
        let (keys, programme) = (Keys::for_tests(1), ShortCode::parse("HDF21").unwrap());
        let contact = Contact::new(Channel::Phone, "06 12 34 56 78", Some(Label::parse("Zoé").unwrap())).unwrap();
        let owner = Owner { programme: &programme, nonce: &[7; 32] };
        let closed = contact.close(&keys, &SeededEntropy::new(1), owner).unwrap();
        assert_eq!(Contact::open(&keys, owner, &closed), Ok(contact.clone()));
        assert_eq!(Contact::open(&keys, Owner { nonce: &[8; 32], ..owner }, &closed), Err(Unopened));
        assert_eq!(Contact::open(&Keys::for_tests(2), owner, &closed), Err(Unopened));
        assert_eq!(format!("{contact:?}"), "Contact(…)");
    }

    #[test]
    fn each_channel_has_its_own_form() {
        let form = |channel, to| Contact::new(channel, to, None).map(|contact| contact.to);
        assert_eq!(form(Channel::Phone, "à voir"), Err(Malformed::Phone));
        assert_eq!(form(Channel::Email, "zoe"), Err(Malformed::Email));
        assert_eq!(form(Channel::Letter, " "), Err(Malformed::Text));
        assert_eq!(form(Channel::Phone, "06 12 34 56 78").unwrap(), "+33612345678");
        assert_eq!(
            form(Channel::Phone, "+32 471 12 34 56"),
            Phone::parse("+32471123456").map(|phone| phone.to_string())
        );
        assert_eq!(form(Channel::Email, "Zoe@exemple.fr").unwrap(), "zoe@exemple.fr");
        assert_eq!(
            form(Channel::Letter, "3 rue des Tilleuls, 59600 Maubeuge").unwrap(),
            "3 rue des Tilleuls, 59600 Maubeuge"
        );
    }
}
