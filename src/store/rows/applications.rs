//! Applications as their table holds them. What never lives here: a query, or a name in clear.

use diesel::prelude::{Queryable, Selectable};

use super::super::cell::{Cell, stored_row};
use super::super::error::StoreError;
use super::super::schema::applications;
use super::{corrupt, day, mac, optional};
use crate::domain::applications::{Application, ApplicationState, Assessed, Channel};
use crate::domain::ids::ProgrammeNo;
use crate::domain::sex::Sex;
use crate::domain::short_code::ShortCode;
use crate::domain::text::Reference;
use crate::domain::time::Day;

stored_row! {
    /// Everything of an application but its letters. Name and address are closed, and empty once they have served.
    #[derive(Debug, Queryable, Selectable)]
    #[diesel(table_name = applications)]
    pub(in crate::store) struct ApplicationRow in "applications" {
        programme_no: i64,
        number: i64,
        office: String,
        reference: String,
        content: String,
        channel: String,
        fingerprint: Vec<u8>,
        age_band: String,
        commune: String,
        received_on: String,
        passes: i64,
        assessed_on: String,
        rule_version: String,
        ground: Option<String>,
        proof_kind: Option<String>,
        proof_issued_on: Option<String>,
        missing: String,
        state: String,
        state_on: String,
        reason: Option<String>,
        filed_by: String,
        last_receipt: String,
        dossier: Vec<u8>,
        sex: Option<String>,
    }
}

impl ApplicationRow {
    pub(in crate::store) fn new(programme: ProgrammeNo, application: &Application, dossier: &[u8]) -> Self {
        let assessed = &application.assessed;
        Self {
            programme_no: programme.0,
            number: application.number,
            office: application.office.to_string(),
            reference: application.reference.to_string(),
            content: hex::encode(application.content),
            channel: application.channel.to_string(),
            fingerprint: application.fingerprint.to_vec(),
            age_band: application.age_band.clone(),
            commune: application.commune.clone(),
            received_on: application.received_on.to_string(),
            passes: application.passes,
            assessed_on: assessed.on.to_string(),
            rule_version: assessed.rule_version.clone(),
            ground: assessed.ground.clone(),
            proof_kind: assessed.proof_kind.clone(),
            proof_issued_on: assessed.proof_issued_on.map(|day| day.to_string()),
            missing: assessed.missing.join(","),
            state: application.state.to_string(),
            state_on: application.state_on.to_string(),
            reason: application.reason.clone(),
            filed_by: application.filed_by.clone(),
            last_receipt: application.last_receipt.clone(),
            dossier: dossier.to_vec(),
            sex: application.sex.map(|sex| sex.to_string()),
        }
    }
}

/// An application in another state: its key, what it was, and what it is now.
pub(in crate::store) type Change = [Cell<'static>; 14];

impl ApplicationRow {
    /// The cells that say what has become of an application that was `before`.
    pub(in crate::store) fn change(programme: ProgrammeNo, before: &Application, now: &Application) -> Change {
        let now = Self::new(programme, now, &[]);
        [
            Cell::Number(now.programme_no),
            now.number.into(),
            before.state.to_string().into(),
            before.last_receipt.clone().into(),
            now.assessed_on.into(),
            now.rule_version.into(),
            now.ground.into(),
            now.proof_kind.into(),
            now.proof_issued_on.into(),
            now.missing.into(),
            now.state.into(),
            now.state_on.into(),
            now.reason.into(),
            now.last_receipt.into(),
        ]
    }
}

impl TryFrom<ApplicationRow> for Application {
    type Error = StoreError;
    fn try_from(row: ApplicationRow) -> Result<Self, StoreError> {
        let mut content = [0; 32];
        hex::decode_to_slice(&row.content, &mut content).map_err(|_| corrupt("content of an application"))?;
        Ok(Self {
            number: row.number,
            office: ShortCode::parse(&row.office)?,
            reference: Reference::parse(&row.reference)?,
            content,
            channel: Channel::parse(&row.channel)?,
            fingerprint: mac(&row.fingerprint)?,
            age_band: row.age_band,
            commune: row.commune,
            sex: optional(row.sex.as_deref(), Sex::parse)?,
            received_on: day(&row.received_on)?,
            passes: row.passes,
            assessed: Assessed {
                on: day(&row.assessed_on)?,
                rule_version: row.rule_version,
                ground: row.ground,
                proof_kind: row.proof_kind,
                proof_issued_on: optional(row.proof_issued_on.as_deref(), Day::parse)?,
                missing: row.missing.split(',').filter(|code| !code.is_empty()).map(str::to_owned).collect(),
            },
            state: ApplicationState::parse(&row.state)?,
            state_on: day(&row.state_on)?,
            reason: row.reason,
            letter: None,
            filed_by: row.filed_by,
            last_receipt: row.last_receipt,
        })
    }
}
