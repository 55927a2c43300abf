//! A register to drive: one programme with passes in circulation and booklets in custody, and how it is found again by
//! a later run. What never lives here: HTTP, an act.

use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use recepisse::auth::{Caller, token};
use recepisse::clock::{Clock, Entropy, SystemClock, SystemEntropy};
use recepisse::domain::ids::{BookletId, OrganisationId, PassId, ProgrammeNo, UserId, VenueId};
use recepisse::domain::party::{Actor, Role};
use recepisse::domain::short_code::ShortCode;
use recepisse::keys::Keys;
use recepisse::{issuing, people};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Passes of a booklet.
pub(crate) const SIZE: u8 = 10;
pub(crate) const COMMUNE: &str = "59392";
/// The first programme of a register.
pub(crate) const PROGRAMME: &str = "LOAD1";
/// Beside the database and the keys of an installation.
const FILE: &str = "register.json";

/// Somebody who has signed in, and where they work.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Desk {
    pub(crate) user: UserId,
    pub(crate) organisation: OrganisationId,
    pub(crate) code: ShortCode,
    pub(crate) role: Role,
    pub(crate) session: Uuid,
    pub(crate) venue: VenueId,
    /// Numbers of the booklets in this desk's custody: first, and how many.
    pub(crate) custody: (u32, u32),
}

impl Desk {
    pub(crate) fn caller(&self, keys: &Keys) -> Caller {
        let pseudonym = people::pseudonym(keys, self.user);
        let actor = Actor { user: self.user, organisation: self.organisation, role: self.role, pseudonym };
        Caller::new(actor, self.session.to_string())
    }
}

/// What a later run must know of a programme.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Known {
    #[serde(with = "number")]
    pub(crate) programme: ProgrammeNo,
    pub(crate) code: ShortCode,
    pub(crate) venues: Vec<Desk>,
    pub(crate) prescribers: Vec<Desk>,
    /// The Region's finance department, which reads reports.
    pub(crate) finance: Desk,
    /// Passes in circulation when the register was prepared: all those of the first booklets.
    pub(crate) passes: u64,
    pub(crate) nonce: [u8; 32],
    /// How many passes and booklets earlier runs have drawn.
    pub(crate) drawn: (u64, u64),
}

mod number {
    //! A programme's number, as a number.

    use recepisse::domain::ids::ProgrammeNo;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
    pub(super) fn serialize<S: Serializer>(number: &ProgrammeNo, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(number.0)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<ProgrammeNo, D::Error> {
        Ok(ProgrammeNo(i64::deserialize(from)?))
    }
}

/// See the module.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) keys: Arc<Keys>,
    pub(crate) known: Known,
}

impl Deref for World {
    type Target = Known;

    fn deref(&self) -> &Known {
        &self.known
    }
}

impl World {
    /// The register that an earlier run left in this directory: one world per programme.
    pub(crate) fn find(data_dir: &Path, keys: &Arc<Keys>) -> anyhow::Result<Vec<Self>> {
        let path = data_dir.join(FILE);
        let text = std::fs::read_to_string(&path).with_context(|| format!("no register in {}", data_dir.display()))?;
        let known: Vec<Known> = serde_json::from_str(&text)?;
        Ok(known.into_iter().map(|known| Self { keys: Arc::clone(keys), known }).collect())
    }

    /// Notes the register for a later run.
    pub(crate) fn note(data_dir: &Path, known: &[Known]) -> anyhow::Result<()> {
        Ok(std::fs::write(data_dir.join(FILE), serde_json::to_vec(known)?)?)
    }

    /// The pass with this place among those in circulation.
    pub(crate) fn pass(&self, place: u64) -> PassId {
        let scattered = scatter(place, self.passes);
        let (booklet, rank) = (scattered / u64::from(SIZE) + 1, scattered % u64::from(SIZE) + 1);
        let booklet = BookletId::new(self.programme, u32::try_from(booklet).unwrap_or(u32::MAX));
        booklet.pass(u8::try_from(rank).unwrap_or(u8::MAX))
    }

    /// What is printed on a pass.
    pub(crate) fn code(&self, pass: PassId) -> recepisse::domain::code::PassCode {
        issuing::pass_code(&self.keys, &self.nonce, pass)
    }

    /// An access token for the desk, valid for ten minutes.
    pub(crate) fn token(&self, desk: &Desk) -> anyhow::Result<String> {
        let now = SystemClock.now();
        Ok(token::issue(&self.keys, desk.user, desk.session, SystemEntropy.uuid(now), now)?)
    }
}

/// Neighbours in time are far apart in the tables: a stride that shares no factor with the number of passes.
pub(crate) fn scatter(place: u64, passes: u64) -> u64 {
    let scattered = u128::from(place) * 1_000_000_007 % u128::from(passes.max(1));
    u64::try_from(scattered).unwrap_or(0)
}
