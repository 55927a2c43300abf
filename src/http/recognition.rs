//! Who somebody is, among those that a programme knows: the fingerprint under the key in use. Whoever is known under a key that
//! was in use before is given the new fingerprint the moment they are met, so that nobody stands there twice. What never lives
//! here: a name that is kept, or what follows from knowing somebody.

use std::collections::BTreeSet;

use super::app::App;
use super::problem::Problem;
use crate::domain::identity::Identity;
use crate::domain::programme::Programme;
use crate::domain::stock::CodeMac;
use crate::people::{fingerprint, fingerprints, likenesses};

/// The fingerprint of a person. Nothing is written unless they are known under an older key, also on a dry run: who they are
/// does not change.
pub(super) async fn recognise(app: &App, programme: &Programme, identity: &Identity) -> Result<CodeMac, Problem> {
    let now = fingerprint(&app.keys, &programme.code, identity);
    let before = fingerprints(&app.keys, &programme.code, identity).into_iter().skip(1);
    let (before, no): (BTreeSet<CodeMac>, _) = (before.collect(), programme.no);
    if before.is_empty() {
        return Ok(now);
    }
    let known = app.read(move |tx| Ok(tx.known_of(no, &before)?)).await?;
    if !known.is_empty() {
        let likenesses = likenesses(&app.keys, &programme.code, identity).current;
        app.write(move |tx| {
            for before in known.keys() {
                tx.renew_fingerprint(no, (before, &now), &likenesses)?;
            }
            Ok(())
        })
        .await?;
    }
    Ok(now)
}
