//! Whoever agreed to be reminded: their consent as it comes with a hand-out, a reminder, and their word taken back. What never
//! lives here: a message that is sent, or how somebody is reached (see `contacts`).

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::app::App;
use super::super::envelope::ActRequest;
use super::super::problem::Problem;
use super::{Asked, DryRun, Recorded, record};
use crate::contacts::{Contact, Owner};
use crate::domain::follow_up::{Channel, Consent, Remind, Revoke};
use crate::domain::programme::Programme;
use crate::domain::stock::CodeMac;
use crate::domain::text::Label;

/// The person agrees to be reminded of what they do not start, by this channel. Nothing is kept of whoever does not.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct FollowUpBody {
    /// `phone`, `email` or `letter`.
    #[schema(value_type = String, example = "phone")]
    channel: Channel,
    /// A phone number, an e-mail address, or a postal address on one line. Kept closed, and erased once it has served.
    #[schema(example = "06 12 34 56 78")]
    contact: String,
    /// Whom to ask for, as the person wants to be called.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Mme Lefèvre")]
    name: Option<Label>,
}

impl FollowUpBody {
    /// What is kept of it: the contact closed under the nonce of the hand-out.
    pub(super) fn consent(self, app: &App, programme: &Programme, nonce: &CodeMac) -> Result<Consent, Problem> {
        let refuse = |malformed| Problem::from(malformed).field("follow_up.contact");
        let contact = Contact::new(self.channel, &self.contact, self.name).map_err(refuse)?;
        let owner = Owner { programme: &programme.code, nonce };
        let closed = contact.close(&app.keys, app.entropy.as_ref(), owner);
        Ok(Consent { channel: self.channel, contact: closed.map_err(|error| Problem::internal(&error))?, nonce: None })
    }

    /// The same of somebody who applies, under a nonce of its own.
    pub(super) fn consent_of_applicant(self, app: &App, programme: &Programme) -> Result<Consent, Problem> {
        let mut nonce = CodeMac::default();
        app.entropy.fill(&mut nonce);
        Ok(Consent { nonce: Some(nonce), ..self.consent(app, programme, &nonce)? })
    }
}

/// Nothing is asked besides the hand-out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct FollowUpStepBody {}

/// Note that a person was reminded of their booklet: only who agreed, who has not come, and a few times at most.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/follow-ups/{hand_out}/reminders", tag = "hand-out",
    request_body = FollowUpStepBody, params(("programme" = String, Path), ("hand_out" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn remind(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: ActRequest<FollowUpStepBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path.0).await?;
    let ActRequest { signed_in, body: FollowUpStepBody {}, key, dry_run } = request;
    let act = Remind { hand_out: path.into_inner().1 };
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}

/// A person no longer wants to be reminded: their contact is erased at once.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/follow-ups/{hand_out}/revocation", tag = "hand-out",
    request_body = FollowUpStepBody, params(("programme" = String, Path), ("hand_out" = String, Path)),
    responses((status = 201, body = Recorded), (status = 200, description = "Dry run", body = DryRun)))]
pub(in crate::http) async fn revoke(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: ActRequest<FollowUpStepBody>,
) -> Result<HttpResponse, Problem> {
    let programme = request.signed_in.programme(&app, &path.0).await?;
    let ActRequest { signed_in, body: FollowUpStepBody {}, key, dry_run } = request;
    let act = Revoke { hand_out: path.into_inner().1 };
    record(Asked { app: &app, signed_in: &signed_in, programme: &programme, key, dry_run }, act).await
}
