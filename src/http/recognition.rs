//! Who somebody is, among those that a programme knows: the fingerprint under the key in use, which the register names. Whoever
//! is known under another key is given the new fingerprint the moment they are met, so that nobody stands there twice. What never
//! lives here: a name that is kept, or what follows from knowing somebody.

use std::collections::BTreeSet;

use super::app::{App, blocking};
use super::problem::Problem;
use crate::domain::duplicates::Likenesses;
use crate::domain::identity::Identity;
use crate::domain::people_key::{FIRST, NamedKey, PeopleKeys};
use crate::domain::programme::Programme;
use crate::domain::stock::CodeMac;
use crate::keys::PeopleRing;
use crate::people::{fingerprints, likenesses};

/// A person as the register knows them.
#[derive(Debug)]
pub(super) struct Recognised {
    pub(super) fingerprint: CodeMac,
    /// Under the key in use, and under those before.
    pub(super) likenesses: Likenesses,
}

/// What is done about somebody who is known under another key than the one in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Met {
    /// They are known under the one in use from now on.
    Now,
    /// Nothing is written: they are answered for as who they are known as.
    OnADryRun,
}

impl From<bool> for Met {
    fn from(dry_run: bool) -> Self {
        if dry_run { Self::OnADryRun } else { Self::Now }
    }
}

/// Whether the ring holds the very key that is named; the first one, that nobody has named, only by its number.
fn holds(ring: &PeopleRing, named: Option<&NamedKey>) -> bool {
    let digest = ring.digest(named.map_or(FIRST, |key| key.number));
    digest.is_some_and(|digest| named.is_none_or(|key| key.digest == digest))
}

/// The same, after a look into the folder of the keys where the key is not held: somebody may have put it there since.
pub(super) fn finds(ring: &PeopleRing, named: Option<&NamedKey>) -> bool {
    if holds(ring, named) {
        return true;
    }
    if let Err(error) = ring.reload() {
        tracing::warn!(%error, "the keys of people could not be read again");
    }
    holds(ring, named)
}

/// The number of the key in use, which this server must hold: without it nobody would be recognised who is known under it.
async fn in_use(app: &App, keys: PeopleKeys) -> Result<u8, Problem> {
    let number = keys.in_use();
    if holds(app.keys.people(), keys.renewed.as_ref()) {
        return Ok(number);
    }
    let shared = std::sync::Arc::clone(&app.keys);
    let found = blocking(move || Ok(finds(shared.people(), keys.renewed.as_ref()))).await?;
    if found { Ok(number) } else { Err(Problem::new("people_key_missing").about("number", number)) }
}

/// Recognises a person. Nothing is written unless they are known under another key.
pub(super) async fn recognise(
    app: &App,
    programme: &Programme,
    identity: &Identity,
    met: Met,
) -> Result<Recognised, Problem> {
    let (ring, no) = (app.keys.people(), programme.no);
    let in_use = in_use(app, app.read(move |tx| Ok(tx.people_keys(no)?)).await?).await?;
    let likenesses = likenesses(ring, in_use, &programme.code, identity);
    let mut under = fingerprints(ring, in_use, &programme.code, identity).into_iter();
    let now = under.next().ok_or_else(|| Problem::new("people_key_missing").about("number", in_use))?;
    let before: BTreeSet<CodeMac> = under.collect();
    if before.is_empty() {
        return Ok(Recognised { fingerprint: now, likenesses });
    }
    let known = app.read(move |tx| Ok(tx.known_of(no, &before)?)).await?;
    if let (Met::OnADryRun, Some(before)) = (met, known.keys().next()) {
        return Ok(Recognised { fingerprint: *before, likenesses });
    }
    if !known.is_empty() {
        let current = likenesses.current.clone();
        app.write(move |tx| {
            for before in known.keys() {
                tx.renew_fingerprint(no, (before, &now), &current)?;
            }
            Ok(())
        })
        .await?;
    }
    Ok(Recognised { fingerprint: now, likenesses })
}
