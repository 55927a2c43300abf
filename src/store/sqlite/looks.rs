//! The looks of a group as SQLite takes them: one question after the other, for none of them travels. The twin of
//! `postgres/looks.rs`. What never lives here: a table.

use std::collections::BTreeSet;

use super::Conn;
use crate::domain::ids::{BatchId, OrderId, ProgrammeNo};
use crate::domain::party::Holder;
use crate::domain::short_code::ShortCode;
use crate::store::error::StoreError;
use crate::store::{AccessReads as _, JournalReads as _, LookReads, ReferenceReads as _, Seen, Standings};
use crate::store::{StockReads as _, Wanted};

impl LookReads for Conn {
    fn by_key_only(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    fn look(&mut self, programme: ProgrammeNo, wanted: Wanted<'_>) -> Result<Option<Seen>, StoreError> {
        let (found, journal) = (self.programme_by_no(programme)?, self.journal(programme)?);
        let Some((found, journal)) = found.zip(journal) else { return Ok(None) };
        let passes = self.passes_by_code(programme, wanted.codes)?;
        let own = passes.iter().filter(|(_, _, booklet)| booklet.batch.order().programme() == programme);
        let orders: BTreeSet<OrderId> = own.map(|(_, _, booklet)| booklet.batch.order()).collect();
        Ok(Some(Seen {
            programme: found,
            journal,
            replies: self.replies(wanted.key_digests)?,
            users: self.active_users(wanted.users)?,
            venues: self.venues_among(wanted.venues)?,
            passes,
            orders: self.orders_among(&orders)?,
        }))
    }

    fn standings(
        &mut self,
        programme: ProgrammeNo,
        holders: &BTreeSet<Holder>,
        batches: &BTreeSet<BatchId>,
        offices: &BTreeSet<ShortCode>,
    ) -> Result<Standings, StoreError> {
        Ok(Standings {
            balances: self.balances_of(programme, holders, batches)?,
            holdings: self.holdings_of(programme, holders)?,
            series: self.series_of(programme, offices)?,
        })
    }
}
