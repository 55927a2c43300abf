//! What one person may receive in a programme: passes up to the entitlement, through one channel. An exception granted by a
//! second role lifts both limits, once. A person whom the Region found under two spellings is one. What never lives here: whether the person is eligible.

use std::collections::BTreeSet;

use super::facts::Facts;
use super::refusal::{Code, Refusal};
use super::stock::CodeMac;

/// How somebody wants to receive passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channels {
    /// From a prescriber's hands: nothing may come through applications.
    BesideApplications,
    /// By an application: nothing may have come from a prescriber's hands.
    BesideHandOuts,
}

/// What somebody wants to receive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish<'a> {
    pub(super) person: &'a CodeMac,
    pub(super) passes: i64,
    /// Number of the exception that covers what exceeds the limits.
    pub(super) exception: Option<i64>,
}

impl Wish<'_> {
    /// Grants the wish; says which exception it uses up, if any.
    pub(super) fn check(&self, facts: &Facts, channels: Channels) -> Result<Option<i64>, Refusal> {
        let everyone = facts.duplicates.everyone(self.person);
        let had = everyone
            .iter()
            .filter_map(|person| facts.people.get(person))
            .fold(0_i64, |sum, passes| sum.saturating_add(*passes));
        let entitled = i64::from(facts.programme.entitlement_passes);
        let after = had.saturating_add(self.passes);
        let mixed = mixed(facts, channels, (&everyone, had));
        if after <= entitled && mixed.is_none() {
            return Ok(None);
        }
        let exhausted = || {
            Refusal::new(Code::EntitlementExhausted)
                .field("beneficiary")
                .about("entitled", entitled)
                .about("left", entitled.saturating_sub(had).max(0))
                .about("asked", self.passes)
        };
        let too_much = (after > entitled).then(exhausted);
        let Some(number) = self.exception else { return Err(mixed.or(too_much).unwrap_or_else(exhausted)) };
        let unknown = || Refusal::new(Code::ExceptionUnknown).field("exception").about("exception", number);
        let exception = facts.exceptions.get(&number).ok_or_else(unknown)?;
        if !everyone.contains(&exception.fingerprint) {
            return Err(unknown());
        }
        if exception.used {
            return Err(Refusal::new(Code::ExceptionUsed).field("exception").about("exception", number));
        }
        if after > had.max(entitled).saturating_add(exception.passes) {
            return Err(exhausted());
        }
        Ok(Some(number))
    }
}

/// What the person, under every spelling of theirs, has under way or has had through the other channel.
fn mixed(facts: &Facts, channels: Channels, (everyone, had): (&BTreeSet<CodeMac>, i64)) -> Option<Refusal> {
    let applications = || everyone.iter().flat_map(|person| facts.applications.of(person));
    let counted = applications().filter(|one| one.state.reserves() || one.state.is_delivered());
    let applied_for: i64 = counted.map(|one| one.passes).sum();
    match channels {
        Channels::BesideApplications if applied_for > 0 => Some(Refusal::new(Code::ChannelsMixed)),
        Channels::BesideApplications if applications().any(|one| one.state.is_open()) => {
            Some(Refusal::new(Code::ApplicationOpen))
        }
        Channels::BesideHandOuts if had > applied_for => Some(Refusal::new(Code::ChannelsMixed)),
        Channels::BesideApplications | Channels::BesideHandOuts => None,
    }
    .map(|refusal| refusal.field("beneficiary"))
}
