//! The accounts of those who are paid, and the Region's own from which they are, closed under a key that is not in the database: a stolen copy of it opens
//! nothing. What never lives here: a log line, or a decision.

use crate::clock::Entropy;
pub use crate::closed::Unopened;
use crate::closed::{self, Lock};
use crate::domain::account::Account;
use crate::domain::ids::OrganisationId;
use crate::domain::party::Actor;
use crate::domain::payments::{Debtor, LegalForm, Payee};
use crate::domain::short_code::ShortCode;
use crate::domain::stock::CodeMac;
use crate::domain::time::Day;
use crate::keys::{Keys, Purpose};

const USAGE: &[u8] = b"key of the accounts of payees";

/// Which payee an account is of: closed for one, it opens for no other.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    pub programme: &'a ShortCode,
    /// Number of the payee.
    pub payee: i64,
}

impl<'a> Owner<'a> {
    /// Whoever pays: the number that no payee has.
    #[must_use]
    pub const fn debtor(programme: &'a ShortCode) -> Self {
        Self { programme, payee: 0 }
    }
}

impl Owner<'_> {
    fn text(self) -> Vec<u8> {
        format!("recepisse-payee-1\n{}\n{}", self.programme, self.payee).into_bytes()
    }
}

const fn lock(owner: &[u8]) -> Lock<'_> {
    Lock { usage: USAGE, secret: None, owner }
}

fn bytes_of(account: &Account) -> Result<Vec<u8>, Unopened> {
    serde_json::to_vec(account).map_err(|_| Unopened)
}

/// The account as it is stored: nonce, then ChaCha20-Poly1305.
///
/// # Errors
/// [`Unopened`] never in practice: the account is always text.
pub fn close(keys: &Keys, entropy: &dyn Entropy, owner: Owner<'_>, account: &Account) -> Result<Vec<u8>, Unopened> {
    closed::close(keys, entropy, lock(&owner.text()), &bytes_of(account)?)
}

/// The account behind what is stored.
///
/// # Errors
/// [`Unopened`].
pub fn open(keys: &Keys, owner: Owner<'_>, stored: &[u8]) -> Result<Account, Unopened> {
    serde_json::from_slice(&closed::open(keys, lock(&owner.text()), stored)?).map_err(|_| Unopened)
}

/// What is proposed besides the account.
#[derive(Debug, Clone, Copy)]
pub struct Proposed {
    /// Number of the payee to be.
    pub number: i64,
    pub provider: OrganisationId,
    pub legal_form: LegalForm,
}

/// The payee that somebody proposes on a day, and its closed account.
///
/// # Errors
/// As [`close`].
pub fn propose(
    keys: &Keys,
    entropy: &dyn Entropy,
    programme: &ShortCode,
    proposed: Proposed,
    account: &Account,
    (by, on): (&Actor, Day),
) -> Result<(Payee, Vec<u8>), Unopened> {
    let Proposed { number, provider, legal_form } = proposed;
    let owner = Owner { programme, payee: number };
    let payee = Payee {
        number,
        provider,
        legal_form,
        masked: account.iban.masked(),
        commitment: commit(keys, owner, account)?,
        proposer: by.user,
        proposer_pseudonym: by.pseudonym.clone(),
        proposed_on: on,
        confirmed: None,
    };
    Ok((payee, close(keys, entropy, owner, account)?))
}

/// The account from which a programme's claims are paid, as its rules keep it.
///
/// # Errors
/// As [`close`].
pub fn close_debtor(
    keys: &Keys,
    entropy: &dyn Entropy,
    programme: &ShortCode,
    account: &Account,
) -> Result<Debtor, Unopened> {
    let closed = hex::encode(close(keys, entropy, Owner::debtor(programme), account)?);
    Ok(Debtor { name: account.holder.clone(), masked: account.iban.masked(), account: closed })
}

/// The account behind what the rules keep.
///
/// # Errors
/// [`Unopened`].
pub fn open_debtor(keys: &Keys, programme: &ShortCode, debtor: &Debtor) -> Result<Account, Unopened> {
    open(keys, Owner::debtor(programme), &hex::decode(&debtor.account).map_err(|_| Unopened)?)
}

/// What a receipt says of the account: who has the key and the account can prove that it was this one.
///
/// # Errors
/// As [`close`].
pub fn commit(keys: &Keys, owner: Owner<'_>, account: &Account) -> Result<CodeMac, Unopened> {
    Ok(keys.mac(Purpose::Commitment, &[b"account of a payee", &owner.text(), &bytes_of(account)?]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededEntropy;
    use crate::domain::account::{Bic, Iban};
    use crate::domain::text::Label;

    fn account() -> Account {
        Account {
            holder: Label::parse("Les lieux numériques").unwrap(),
            iban: Iban::parse("FR7630006000011234567890189").unwrap(),
            bic: Some(Bic::parse("AGRIFRPP").unwrap()),
        }
    }

    #[test]
    fn an_account_opens_with_its_key_for_its_payee_and_not_otherwise() {
        let (keys, programme) = (Keys::for_tests(1), ShortCode::parse("HDF21").unwrap());
        let owner = Owner { programme: &programme, payee: 7 };
        let closed = close(&keys, &SeededEntropy::new(1), owner, &account()).unwrap();
        assert_eq!(open(&keys, owner, &closed), Ok(account()));
        assert_eq!(open(&Keys::for_tests(2), owner, &closed), Err(Unopened));
        assert_eq!(open(&keys, Owner { payee: 8, ..owner }, &closed), Err(Unopened));
        for at in 0..closed.len() {
            let mut altered = closed.clone();
            altered[at] ^= 1;
            assert_eq!(open(&keys, owner, &altered), Err(Unopened), "{at}");
        }
        assert_eq!(open(&keys, owner, b"short"), Err(Unopened));
        let debtor = close_debtor(&keys, &SeededEntropy::new(1), &programme, &account()).unwrap();
        assert_eq!(open_debtor(&keys, &programme, &debtor), Ok(account()));
        assert_eq!(open_debtor(&Keys::for_tests(2), &programme, &debtor), Err(Unopened));
        let text = String::from_utf8_lossy(&closed);
        assert!(!text.contains("FR76") && !text.contains("lieux"));
    }

    #[test]
    fn the_commitment_is_of_the_key_the_payee_and_the_account() {
        let (keys, programme) = (Keys::for_tests(1), ShortCode::parse("HDF21").unwrap());
        let owner = Owner { programme: &programme, payee: 7 };
        let said = commit(&keys, owner, &account()).unwrap();
        assert_eq!(commit(&keys, owner, &account()), Ok(said));
        assert_ne!(commit(&Keys::for_tests(2), owner, &account()), Ok(said));
        assert_ne!(commit(&keys, Owner { payee: 8, ..owner }, &account()), Ok(said));
        assert_ne!(commit(&keys, owner, &Account { bic: None, ..account() }), Ok(said));
    }
}
