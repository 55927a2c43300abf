//! Declared losses: what one person has said of a loss until another confirms it.

use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};

use super::super::super::doors::{RestoreReads, RestoreWrites};
use super::super::super::error::StoreError;
use super::super::super::rows::corrupt;
use super::super::super::schema::restore_declarations as declarations;
use super::Conn;
use crate::domain::ids::{ProgrammeNo, UserId};
use crate::domain::restore::{Declaration, Loss, Point, RestoreReason};

type Columns = (String, String, String, (i64, i64, String), (i64, i64, String));

impl RestoreReads for Conn {
    fn restore_declaration(&mut self, programme: ProgrammeNo) -> Result<Option<Declaration>, StoreError> {
        let restored = (declarations::restored_epoch, declarations::restored_position, declarations::restored_head);
        let known = (declarations::known_epoch, declarations::known_position, declarations::known_head);
        let found: Option<Columns> = declarations::table
            .find(programme.0)
            .select((declarations::user_id, declarations::pseudonym, declarations::reason, restored, known))
            .first(self)
            .optional()?;
        let Some((by, pseudonym, reason, restored, known)) = found else { return Ok(None) };
        let point = |(epoch, position, hash)| Point { epoch, position, hash };
        Ok(Some(Declaration {
            by: UserId::parse(&by).map_err(|_| corrupt("user_id"))?,
            pseudonym,
            reason: RestoreReason::parse(&reason)?,
            loss: Loss { restored: point(restored), known: point(known) },
        }))
    }
}

impl RestoreWrites for Conn {
    fn keep_restore_declaration(
        &mut self,
        programme: ProgrammeNo,
        declaration: &Declaration,
    ) -> Result<(), StoreError> {
        let Declaration { by, pseudonym, reason, loss: Loss { restored, known } } = declaration;
        diesel::delete(declarations::table.find(programme.0)).execute(self)?;
        let row = (
            declarations::programme_no.eq(programme.0),
            declarations::user_id.eq(by.to_string()),
            declarations::pseudonym.eq(pseudonym),
            declarations::reason.eq(reason.as_str()),
            declarations::restored_epoch.eq(restored.epoch),
            declarations::restored_position.eq(restored.position),
            declarations::restored_head.eq(&restored.hash),
            declarations::known_epoch.eq(known.epoch),
            declarations::known_position.eq(known.position),
            declarations::known_head.eq(&known.hash),
        );
        diesel::insert_into(declarations::table).values(row).execute(self)?;
        Ok(())
    }
}
