//! Dossiers of applicants as they are kept: opened and closed under the random bytes of their application, which are destroyed
//! with the person and which no backup carries. What never lives here: who may read one.

use super::app::App;
use super::problem::Problem;
use crate::domain::applications::Application;
use crate::domain::programme::Programme;
use crate::domain::stock::CodeMac;
use crate::dossiers::{Dossier, Owner};
use crate::keys::Keys;
use crate::store::Reads;

/// Whose dossier it is.
pub(super) const fn owner<'a>(programme: &'a Programme, application: &'a Application, nonce: &'a CodeMac) -> Owner<'a> {
    Owner { programme: &programme.code, office: &application.office, reference: &application.reference, nonce }
}

fn lost(application: &Application) -> Problem {
    Problem::new("dossier_lost").about("application", application.number)
}

/// The dossier of an application; nothing once it is erased.
///
/// # Errors
/// `dossier_lost` where what it was closed under is no longer there: a backup was put back.
pub(super) fn open(
    tx: &mut (impl Reads + ?Sized),
    keys: &Keys,
    programme: &Programme,
    application: &Application,
) -> Result<Option<Dossier>, Problem> {
    let Some(stored) = tx.dossier(programme.no, application.number)? else { return Ok(None) };
    let nonce = tx.nonce_of(&application.filed_by)?.ok_or_else(|| lost(application))?;
    let opened = Dossier::open(keys, owner(programme, application, &nonce), &stored);
    opened.map(Some).map_err(|error| Problem::internal(&error))
}

/// Keeps a dossier in the place of the one before; `false` where that is erased.
///
/// # Errors
/// As [`open`].
pub(super) async fn keep(
    app: &App,
    programme: &Programme,
    application: Application,
    dossier: Dossier,
) -> Result<bool, Problem> {
    let (keys, entropy, programme) = (app.keys.clone(), app.entropy.clone(), programme.clone());
    app.write(move |tx| {
        let nonce = tx.nonce_of(&application.filed_by)?.ok_or_else(|| lost(&application))?;
        let closed = dossier.close(&keys, entropy.as_ref(), owner(&programme, &application, &nonce));
        let closed = closed.map_err(|error| Problem::internal(&error))?;
        Ok(tx.keep_dossier(programme.no, application.number, &closed)?)
    })
    .await
}

/// Keeps a dossier that was sent again in the place of one that can no longer be opened. The paper no longer proves: its salt
/// is lost.
pub(super) async fn renew(
    app: &App,
    programme: &Programme,
    application: Application,
    dossier: Dossier,
) -> Result<(), Problem> {
    let mut nonce = [0; 32];
    app.entropy.fill(&mut nonce);
    let dossier = Dossier { salt: String::new(), ..dossier };
    let closed = dossier.close(&app.keys, app.entropy.as_ref(), owner(programme, &application, &nonce));
    let (closed, no) = (closed.map_err(|error| Problem::internal(&error))?, programme.no);
    app.write(move |tx| Ok(tx.renew_dossier(no, &application, &nonce, &closed)?)).await
}
