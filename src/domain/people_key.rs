//! The key under which people of a programme are recognised: one person proposes the next one, another puts it in use, and the
//! receipt names both. Servers and receipts know a key by its number and by a digest of it. What never lives here: a key.

use super::act::{Act, Context, own_organisation};
use super::duplicates::Likenesses;
use super::facts::{Facts, Needs};
use super::ids::UserId;
use super::movement::{Kind, Movement, Record};
use super::refusal::{Code, Refusal};

/// The number of the key that every register starts with.
pub const FIRST: u8 = 1;

/// A key, as far as it may be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedKey {
    /// From [`FIRST`]; a later key has a higher number.
    pub number: u8,
    /// 64 hexadecimal digits that tell two keys of one number apart, and say nothing of either.
    pub digest: String,
}

/// The first half of a renewal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    pub key: NamedKey,
    pub by: UserId,
    /// As receipts name this person.
    pub pseudonym: String,
}

/// Whether an act asks for the key itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PeopleKeyNeeds {
    pub asked: bool,
}

/// The keys of one programme.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PeopleKeys {
    /// None while the first key was never renewed: nobody has said yet which key that is.
    pub renewed: Option<NamedKey>,
    /// That nobody has confirmed.
    pub proposal: Option<Proposal>,
}

impl PeopleKeys {
    /// Under this key from now on.
    pub(super) const fn under(key: NamedKey) -> Self {
        Self { renewed: Some(key), proposal: None }
    }

    /// The number of the key in use.
    #[must_use]
    pub fn in_use(&self) -> u8 {
        self.renewed.as_ref().map_or(FIRST, |key| key.number)
    }

    /// Proposes a key; a later proposal takes the place of an earlier one.
    ///
    /// # Errors
    /// [`Code::PeopleKeyNotLater`] where it would not follow the key in use.
    pub fn propose(&self, key: NamedKey, by: UserId, pseudonym: String) -> Result<Proposal, Refusal> {
        if key.number > self.in_use() {
            return Ok(Proposal { key, by, pseudonym });
        }
        Err(Refusal::new(Code::PeopleKeyNotLater).field("number").about("number", self.in_use()))
    }

    /// Refuses what was computed under another key than the one in use: between the question and the act somebody put another
    /// in use, under which the same person may be known already.
    pub(super) fn check(&self, likenesses: &Likenesses) -> Result<(), Refusal> {
        if likenesses.key == self.in_use() { Ok(()) } else { Err(Refusal::new(Code::PeopleKeyRenewed)) }
    }
}

/// Puts the key that somebody else has proposed in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenewPeopleKey;

impl Act for RenewPeopleKey {
    fn kind(&self) -> Kind {
        Kind::PeopleKey
    }

    fn needs(&self, needs: &mut Needs) {
        needs.people_keys.asked = true;
    }

    fn decide(&self, facts: &Facts, context: &Context) -> Result<Movement, Refusal> {
        own_organisation(facts, context)?;
        let keys = &facts.people_keys;
        let proposal = keys.proposal.as_ref().ok_or(Refusal::new(Code::PeopleKeyNotProposed))?;
        if proposal.by == context.actor.user {
            return Err(Refusal::new(Code::PeopleKeySamePerson));
        }
        let NamedKey { number, digest } = proposal.key.clone();
        Ok(Movement::new(Kind::PeopleKey)
            .mention("key", i64::from(number))
            .mention("previous_key", i64::from(keys.in_use()))
            .mention("key_digest", digest)
            .mention("proposed_by", proposal.pseudonym.clone())
            .record(Record::PeopleKeyRenewed(proposal.key.clone())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_follows_the_one_in_use_and_what_another_computed_is_not_taken() {
        let key = |number| NamedKey { number, digest: "a5".repeat(32) };
        let mut keys = PeopleKeys::default();
        let by = UserId::parse("0192f0c1-2345-7abc-8def-0123456789ab").unwrap();
        let propose = |keys: &PeopleKeys, number| keys.propose(key(number), by, "5f".repeat(8)).map_err(|no| no.code);
        assert_eq!(propose(&keys, 1), Err(Code::PeopleKeyNotLater));
        assert!(keys.check(&Likenesses::default()).is_ok(), "every register starts with the first");
        keys.renewed = Some(propose(&keys, 3).unwrap().key);
        assert_eq!(propose(&keys, 3), Err(Code::PeopleKeyNotLater));
        let old = keys.check(&Likenesses::default()).map_err(|no| no.code);
        assert_eq!(old, Err(Code::PeopleKeyRenewed));
        assert!(keys.check(&Likenesses { key: 3, ..Likenesses::default() }).is_ok());
    }
}
