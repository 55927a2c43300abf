//! What is known of people is erased: of everybody whose time is over, or of one person who asks. Names stop here: what goes
//! further is a fingerprint.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Asked, DryRun, Recorded, record};
use crate::domain::erasure::{Erase, PEOPLE_PER_ERASURE, Whom};
use crate::domain::identity::Identity;
use crate::domain::programme::Programme;
use crate::domain::stock::CodeMac;
use crate::domain::time::Day;
use crate::http::app::App;
use crate::http::envelope::ActRequest;
use crate::http::problem::Problem;
use crate::http::recognition::{Met, recognise};

/// A person who has shown who they are. Normalised, fingerprinted and forgotten.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct PersonBody {
    #[schema(example = "Lefèvre")]
    family_name: String,
    #[schema(example = "Zoé")]
    given_name: String,
    #[schema(value_type = String, example = "1958-03-14")]
    birth_date: Day,
}

impl PersonBody {
    pub(in crate::http) async fn fingerprint(
        &self,
        app: &App,
        programme: &Programme,
        met: Met,
    ) -> Result<CodeMac, Problem> {
        let identity = Identity::new(&self.family_name, &self.given_name, self.birth_date);
        let identity = identity.map_err(|malformed| Problem::from(malformed).field("person"))?;
        Ok(recognise(app, programme, &identity, met).await?.fingerprint)
    }
}

/// Whom to erase.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ErasureBody {
    /// One person who asks; everybody whose time is over when not said.
    #[serde(default)]
    person: Option<PersonBody>,
    /// Only how people who agreed to be reminded are reached, where that has served; not with a person.
    #[serde(default)]
    contacts: bool,
    /// People at most, 1 to 1,000, where no person is named; who is left is for the next erasure, as the mention `more` says.
    #[serde(default = "most")]
    #[schema(default = 1_000)]
    most: u32,
}

const fn most() -> u32 {
    PEOPLE_PER_ERASURE
}

/// Erase what is known of people: of those without contact for as long as the programme's retention, or of one person on
/// request. The receipt counts and names nobody; every receipt that was issued stays true. A dry run says how many.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/erasures", tag = "people", request_body = ErasureBody,
    params(("programme" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn erase(
    app: web::Data<App>,
    path: web::Path<String>,
    request: ActRequest<ErasureBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path).await?;
    let ActRequest { signed_in, body, key, dry_run } = request;
    let today = app.clock.now().day();
    let whom = match (body.person, body.contacts) {
        (Some(_), true) => {
            let detail = "contacts : sans person";
            return Err(Problem::new("body_malformed").about("detail", detail).field("contacts"));
        }
        (Some(person), false) => Whom::Person(person.fingerprint(&app, &programme, dry_run.into()).await?),
        (None, true) => Whom::Served { on: today, most: body.most },
        (None, false) => {
            let no = programme.no;
            let rules = app.read(move |tx| Ok(tx.retention_rules(no)?.unwrap_or_default().0)).await?;
            Whom::Overdue { since: rules.limit(today), most: body.most }
        }
    };
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, Erase { whom }).await
}
