//! How somebody who agreed to it is reached, told to whoever handed the booklet out; that it was read is kept. What never lives
//! here: a reminder.

use std::collections::BTreeSet;
use std::sync::Arc;

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::access_log::Handed;
use super::super::app::App;
use super::super::caller::SignedIn;
use super::super::problem::Problem;
use crate::auth::Action;
use crate::contacts::{Contact, Owner};
use crate::domain::follow_up::{FollowUp, own_nonce};
use crate::domain::programme::Programme;
use crate::domain::stock::CodeMac;
use crate::keys::Keys;
use crate::store::Reads;

/// How to reach somebody who agreed to be reminded.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ContactJson {
    /// Number of the receipt of the hand-out, or of the one that filed the application.
    hand_out: String,
    /// `phone`, `email` or `letter`.
    channel: &'static str,
    /// Not there where it can no longer be opened: a backup was put back.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<String>,
    /// Whom to ask for.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    consented_on: String,
    reminders: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    reminded_on: Option<String>,
}

impl ContactJson {
    /// With the contact, as long as it can be opened: not once a backup was put back, which does not carry the nonce.
    pub(super) fn read(
        tx: &mut (impl Reads + ?Sized),
        keys: &Keys,
        programme: &Programme,
        follow_up: FollowUp,
    ) -> Result<Self, Problem> {
        let own = tx.nonce_of(&own_nonce(&follow_up.hand_out))?;
        let nonce = own.map_or_else(|| tx.nonce_of(&follow_up.hand_out), |own| Ok(Some(own)))?;
        let closed = tx.contact(&follow_up.hand_out)?.zip(nonce);
        let open = |(closed, nonce): (Vec<u8>, CodeMac)| {
            Contact::open(keys, Owner { programme: &programme.code, nonce: &nonce }, &closed)
        };
        let contact = closed.map(open).transpose().map_err(|error| Problem::internal(&error))?;
        let (contact, name) = contact.map(|contact| (contact.to, contact.name)).unzip();
        Ok(Self {
            hand_out: follow_up.hand_out,
            channel: follow_up.channel.as_str(),
            contact,
            name: name.flatten().map(|name| name.to_string()),
            consented_on: follow_up.consented_on.to_string(),
            reminders: follow_up.reminders,
            reminded_on: follow_up.reminded_on.map(|day| day.to_string()),
        })
    }
}

/// How to reach the person of a hand-out of the caller's own, who agreed to it. That it was read is kept among the accesses.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/follow-ups/{hand_out}", tag = "hand-out",
    params(("programme" = String, Path), ("hand_out" = String, Path)), responses((status = 200, body = ContactJson)))]
pub(in crate::http) async fn contact(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    signed_in: SignedIn,
) -> Result<HttpResponse, Problem> {
    signed_in.require(Action::ReadContact)?;
    let programme = signed_in.programme(&app, &path.0).await?;
    let (keys, hand_out) = (Arc::clone(&app.keys), path.into_inner().1);
    let (asked, own) = (hand_out.clone(), signed_in.organisation.code.clone());
    let told = app.read(move |tx| {
        let found = tx.follow_ups_among(programme.no, &BTreeSet::from([asked.clone()]))?.pop();
        let own = found.filter(|follow_up| follow_up.office == own);
        let none = || Problem::new("follow_up_not_agreed").about("hand_out", &asked);
        let told = ContactJson::read(tx, &keys, &programme, own.ok_or_else(none)?)?;
        let lost = || Problem::new("contact_lost").about("hand_out", &asked);
        if told.contact.is_none() { Err(lost()) } else { Ok(told) }
    });
    let mut response = HttpResponse::Ok().json(told.await?);
    response.extensions_mut().insert(Handed { form: "person", number: Some(hand_out) });
    Ok(response)
}
