//! A programme's own settings over HTTP: read with their version, changed under it. What never lives here: which settings there
//! are, or what may be set.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use super::{next_version, shown, updated};
use crate::domain::ids::ProgrammeNo;
use crate::domain::programme::Programme;
use crate::http::app::App;
use crate::http::caller::SignedIn;
use crate::http::envelope::if_match;
use crate::http::problem::Problem;
use crate::store::{Reads, StoreError, Writes};

/// Rules with their version; none while nobody has set any.
type Versioned<R> = Result<Option<(R, i64)>, StoreError>;

/// Where one kind of rules is kept, and how it is shown.
pub(super) struct Rules<R, V> {
    pub(super) read: fn(&mut dyn Reads, ProgrammeNo) -> Versioned<R>,
    /// In place of those of a version; `false` where it is no longer theirs.
    pub(super) keep: fn(&mut dyn Writes, ProgrammeNo, &R, i64) -> Result<bool, StoreError>,
    pub(super) view: fn(R, i64) -> V,
}

impl<R: Default + Send + 'static, V: Serialize> Rules<R, V> {
    /// The rules of the programme in the path as they stand, with their version: the defaults and 0 while nobody has set any.
    pub(super) async fn one(self, app: &App, (signed_in, path): (&SignedIn, &str)) -> Result<HttpResponse, Problem> {
        let no = signed_in.programme(app, path).await?.no;
        let (rules, version) = app.read(move |tx| Ok((self.read)(tx, no)?.unwrap_or_default())).await?;
        Ok(shown(version, &(self.view)(rules, version)))
    }

    /// Changes the rules of which the version read is given in `If-Match`, and shows what they are then.
    ///
    /// # Errors
    /// Those of `change`, which also says whether the rules may be so; 412 when the version is no longer the current one.
    pub(super) async fn change(
        self,
        app: &web::Data<App>,
        request: &HttpRequest,
        (signed_in, path): (&SignedIn, &str),
        change: impl FnOnce(&mut dyn Reads, &Programme, &mut R) -> Result<(), Problem> + Send + 'static,
    ) -> Result<HttpResponse, Problem> {
        let programme = signed_in.programme(app, path).await?.clone();
        let read = if_match(request)?;
        let changed = app.write(move |tx| {
            let (mut rules, version) = (self.read)(tx, programme.no)?.unwrap_or_default();
            let next = next_version(version, read)?;
            change(tx, &programme, &mut rules)?;
            updated((self.keep)(tx, programme.no, &rules, version)?)?;
            Ok((rules, next))
        });
        let (rules, version) = changed.await?;
        Ok(shown(version, &(self.view)(rules, version)))
    }
}
