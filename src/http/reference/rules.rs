//! A programme's own settings over HTTP: read with their version, changed under it. What never lives here: which settings there
//! are, or what may be set.

use actix_web::{HttpRequest, web};

use super::{next_version, updated};
use crate::domain::ids::ProgrammeNo;
use crate::domain::programme::Programme;
use crate::http::app::App;
use crate::http::envelope::if_match;
use crate::http::problem::Problem;
use crate::store::{Reads, StoreError, Writes};

/// Rules with their version; none while nobody has set any.
type Versioned<R> = Result<Option<(R, i64)>, StoreError>;

/// Where one kind of rules is kept.
pub(super) struct Rules<R> {
    pub(super) read: fn(&mut dyn Reads, ProgrammeNo) -> Versioned<R>,
    /// In place of those of a version; `false` where it is no longer theirs.
    pub(super) keep: fn(&mut dyn Writes, ProgrammeNo, &R, i64) -> Result<bool, StoreError>,
}

impl<R: Default + Send + 'static> Rules<R> {
    /// The rules as they stand, with their version: the defaults and 0 while nobody has set any.
    pub(super) async fn of(self, app: &App, programme: &Programme) -> Result<(R, i64), Problem> {
        let no = programme.no;
        app.read(move |tx| Ok((self.read)(tx, no)?.unwrap_or_default())).await
    }

    /// Changes the rules of which the version read is given in `If-Match`, and says what they are then.
    ///
    /// # Errors
    /// Those of `change`, which also says whether the rules may be so; 412 when the version is no longer the current one.
    pub(super) async fn change(
        self,
        app: &web::Data<App>,
        request: &HttpRequest,
        programme: &Programme,
        change: impl FnOnce(&mut dyn Reads, &mut R) -> Result<(), Problem> + Send + 'static,
    ) -> Result<(R, i64), Problem> {
        let (no, read) = (programme.no, if_match(request)?);
        app.write(move |tx| {
            let (mut rules, version) = (self.read)(tx, no)?.unwrap_or_default();
            let next = next_version(version, read)?;
            change(tx, &mut rules)?;
            updated((self.keep)(tx, no, &rules, version)?)?;
            Ok((rules, next))
        })
        .await
    }
}
