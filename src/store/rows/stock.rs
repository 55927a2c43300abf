//! Orders, batches, booklets, dispatches, redemptions, people, and the journal row.

use diesel::prelude::{Identifiable, Insertable, Queryable, Selectable};

use super::super::cell::stored_row;
use super::super::error::StoreError;
use super::super::schema::{batches, booklets, dispatches, exceptions, journals, orders, redemptions};
use super::{corrupt, day, mac, optional};
use crate::domain::facts::{Counters, Stamp};
use crate::domain::ids::{BatchId, BookletId, ItemId, OrderId, OrganisationId, ProgrammeNo, UserId, VenueId};
use crate::domain::money::Cents;
use crate::domain::movement::{Batch, Dispatch, Exception, HandOut, Redemption};
use crate::domain::party::{Holder, Service};
use crate::domain::programme::{Activation, Order, Suspended};
use crate::domain::serial::SerialRange;
use crate::domain::stock::Booklet;
use crate::domain::text::{Label, Reference};
use crate::domain::time::{Day, Instant};

#[derive(Debug, Queryable, Selectable, Insertable, Identifiable, diesel::AsChangeset)]
#[diesel(table_name = orders, treat_none_as_default_value = false, treat_none_as_null = true)]
pub(in crate::store) struct OrderRow {
    pub(in crate::store) id: i64,
    programme_no: i64,
    number: String,
    ordered_on: String,
    issuer_id: String,
    first_booklet: i64,
    last_booklet: i64,
    passes_per_booklet: i64,
    face_value_cents: i64,
    fees_cents: i64,
    funding: String,
    validity_end: String,
    grace_end: String,
    deliveries: i64,
    delivered_booklets: i64,
    payment_order: Option<String>,
    activated_millis: Option<i64>,
    hand_outs_suspended: bool,
    redemptions_suspended: bool,
    expired_on: Option<String>,
    acknowledged_on: Option<String>,
}

impl OrderRow {
    pub(in crate::store) fn new(programme: ProgrammeNo, order: &Order) -> Self {
        Self {
            id: order.id.0,
            programme_no: programme.0,
            number: order.number.to_string(),
            ordered_on: order.ordered_on.to_string(),
            issuer_id: order.issuer.to_string(),
            first_booklet: order.range.first().into(),
            last_booklet: order.range.last().into(),
            passes_per_booklet: order.passes_per_booklet.into(),
            face_value_cents: order.face_value.get(),
            fees_cents: order.fees.get(),
            funding: serde_json::to_string(&order.funding).unwrap_or_default(),
            validity_end: order.validity_end.to_string(),
            grace_end: order.grace_end.to_string(),
            deliveries: order.deliveries,
            delivered_booklets: order.delivered_booklets,
            payment_order: order.activation.as_ref().map(|activation| activation.payment_order.to_string()),
            activated_millis: order.activation.as_ref().map(|activation| activation.at.millis()),
            hand_outs_suspended: order.suspended.hand_outs,
            redemptions_suspended: order.suspended.redemptions,
            expired_on: order.expired_on.map(|day| day.to_string()),
            acknowledged_on: order.acknowledged_on.map(|day| day.to_string()),
        }
    }
}

impl TryFrom<OrderRow> for Order {
    type Error = StoreError;
    fn try_from(row: OrderRow) -> Result<Self, StoreError> {
        let number = |number: i64| u32::try_from(number).map_err(|_| corrupt("serial range of an order"));
        let activation = match (row.payment_order, row.activated_millis) {
            (Some(payment_order), Some(millis)) => {
                Some(Activation { payment_order: Reference::parse(&payment_order)?, at: Instant::from_millis(millis) })
            }
            _ => None,
        };
        Ok(Self {
            id: OrderId(row.id),
            number: Reference::parse(&row.number)?,
            ordered_on: day(&row.ordered_on)?,
            issuer: OrganisationId::parse(&row.issuer_id)?,
            range: SerialRange::new(number(row.first_booklet)?, number(row.last_booklet)?)?,
            passes_per_booklet: u8::try_from(row.passes_per_booklet).map_err(|_| corrupt("passes_per_booklet"))?,
            face_value: Cents::new(row.face_value_cents),
            fees: Cents::new(row.fees_cents),
            funding: serde_json::from_str(&row.funding).map_err(|_| corrupt("funding"))?,
            validity_end: day(&row.validity_end)?,
            grace_end: day(&row.grace_end)?,
            deliveries: row.deliveries,
            delivered_booklets: row.delivered_booklets,
            activation,
            suspended: Suspended { hand_outs: row.hand_outs_suspended, redemptions: row.redemptions_suspended },
            expired_on: optional(row.expired_on.as_deref(), Day::parse)?,
            acknowledged_on: optional(row.acknowledged_on.as_deref(), Day::parse)?,
        })
    }
}

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = batches, treat_none_as_default_value = false)]
pub(in crate::store) struct BatchRow {
    id: i64,
    programme_no: i64,
    delivered_on: String,
    note: String,
    print_nonce: Option<Vec<u8>>,
    generated: bool,
}

impl BatchRow {
    pub(in crate::store) fn new(programme: ProgrammeNo, batch: &Batch) -> Self {
        Self {
            id: batch.id.0,
            programme_no: programme.0,
            delivered_on: batch.delivered_on.to_string(),
            note: batch.note.clone(),
            print_nonce: batch.print_nonce.map(Vec::from),
            generated: batch.print_nonce.is_some(),
        }
    }
}

stored_row! {
    #[derive(Debug, Queryable, Selectable)]
    #[diesel(table_name = booklets)]
    pub(in crate::store) struct BookletRow in "booklets" {
        id: i64,
        batch_id: i64,
        size: i64,
        holder: String,
        passes_left: i64,
        handed_out_on: Option<String>,
    }
}

impl From<&Booklet> for BookletRow {
    fn from(booklet: &Booklet) -> Self {
        Self {
            id: booklet.id.0,
            batch_id: booklet.batch.0,
            size: booklet.size.into(),
            holder: booklet.holder.to_string(),
            passes_left: booklet.passes_left.into(),
            handed_out_on: booklet.handed_out_on.map(|day| day.to_string()),
        }
    }
}

impl BookletRow {
    pub(in crate::store) fn read(self, programme: ProgrammeNo) -> Result<Booklet, StoreError> {
        Ok(Booklet {
            id: BookletId(self.id),
            batch: BatchId(self.batch_id),
            size: u8::try_from(self.size).map_err(|_| corrupt("size of a booklet"))?,
            holder: Holder::parse(programme, &self.holder)?,
            passes_left: u8::try_from(self.passes_left).map_err(|_| corrupt("passes_left"))?,
            handed_out_on: optional(self.handed_out_on.as_deref(), Day::parse)?,
        })
    }
}

stored_row! {
    #[derive(Debug, Queryable, Selectable)]
    #[diesel(table_name = dispatches)]
    pub(in crate::store) struct DispatchRow in "dispatches" {
        programme_no: i64,
        number: i64,
        from_holder: String,
        to_holder: String,
        booklets: i64,
    }
}

impl DispatchRow {
    pub(in crate::store) fn new(programme: ProgrammeNo, dispatch: &Dispatch) -> Self {
        Self {
            programme_no: programme.0,
            number: dispatch.number,
            from_holder: dispatch.from.to_string(),
            to_holder: dispatch.to.to_string(),
            booklets: dispatch.booklets,
        }
    }

    pub(in crate::store) fn read(self) -> Result<Dispatch, StoreError> {
        let programme = ProgrammeNo(self.programme_no);
        Ok(Dispatch {
            number: self.number,
            from: Holder::parse(programme, &self.from_holder)?,
            to: Holder::parse(programme, &self.to_holder)?,
            booklets: self.booklets,
        })
    }
}

stored_row! {
    #[derive(Debug, Queryable, Selectable)]
    #[diesel(table_name = redemptions)]
    pub(in crate::store) struct RedemptionRow in "redemptions" {
        pub(in crate::store) number: String,
        programme_no: i64,
        venue_id: String,
        provider_id: String,
        service: String,
        performed_on: String,
        day: String,
        items: String,
        reversed: bool,
        first_visit: Option<String>,
        minutes: i64,
        participants: i64,
    }
}

impl RedemptionRow {
    pub(in crate::store) fn new(programme: ProgrammeNo, number: &str, redemption: &Redemption) -> Self {
        let items: Vec<String> = redemption.items.iter().map(|item| item.0.to_string()).collect();
        Self {
            number: number.to_owned(),
            programme_no: programme.0,
            venue_id: redemption.venue.to_string(),
            provider_id: redemption.provider.to_string(),
            service: redemption.service.to_string(),
            performed_on: redemption.performed_on.to_string(),
            day: redemption.day.to_string(),
            items: items.join(","),
            reversed: redemption.reversed,
            first_visit: redemption.first_visit.map(|first| if first { "yes" } else { "no" }.to_owned()),
            minutes: redemption.minutes,
            participants: redemption.participants,
        }
    }
}

impl TryFrom<RedemptionRow> for Redemption {
    type Error = StoreError;
    fn try_from(row: RedemptionRow) -> Result<Self, StoreError> {
        let item = |text: &str| text.parse().map(ItemId).map_err(|_| corrupt("items of a redemption"));
        Ok(Self {
            venue: VenueId::parse(&row.venue_id)?,
            provider: OrganisationId::parse(&row.provider_id)?,
            service: Service::parse(&row.service)?,
            performed_on: day(&row.performed_on)?,
            day: day(&row.day)?,
            items: row.items.split(',').map(item).collect::<Result<_, _>>()?,
            reversed: row.reversed,
            first_visit: row.first_visit.map(|first| first == "yes"),
            minutes: row.minutes,
            participants: row.participants,
        })
    }
}

stored_row! {
    #[derive(Debug, Queryable, Selectable)]
    #[diesel(table_name = exceptions)]
    pub(in crate::store) struct ExceptionRow in "exceptions" {
        programme_no: i64,
        number: i64,
        fingerprint: Vec<u8>,
        passes: i64,
        reason: String,
        granted_by: String,
        granted_on: Option<String>,
        used: bool,
    }
}

impl ExceptionRow {
    pub(in crate::store) fn new(programme: ProgrammeNo, exception: &Exception) -> Self {
        Self {
            programme_no: programme.0,
            number: exception.number,
            fingerprint: exception.fingerprint.to_vec(),
            passes: exception.passes,
            reason: exception.reason.to_string(),
            granted_by: exception.granted_by.to_string(),
            granted_on: Some(exception.granted_on.to_string()),
            used: exception.used,
        }
    }
}

impl TryFrom<ExceptionRow> for Exception {
    type Error = StoreError;
    fn try_from(row: ExceptionRow) -> Result<Self, StoreError> {
        Ok(Self {
            number: row.number,
            fingerprint: mac(&row.fingerprint)?,
            passes: row.passes,
            reason: Label::parse(&row.reason)?,
            granted_by: UserId::parse(&row.granted_by)?,
            granted_on: optional(row.granted_on.as_deref(), Day::parse)?
                .ok_or_else(|| corrupt("exception without a day"))?,
            used: row.used,
        })
    }
}

stored_row! {
    #[derive(Debug)]
    pub(in crate::store) struct HandOutRow<'a> in "hand_outs" {
        number: &'a str,
        programme_no: i64,
        position: i64,
        day: String,
        fingerprint: &'a [u8],
        ground: &'a str,
        rule_version: &'a str,
        proof_kind: Option<String>,
        proof_issued_on: Option<String>,
        age_band: &'a str,
        commune: &'a str,
        neighbourhood: Option<String>,
        oriented_place: Option<String>,
        oriented_venue: Option<String>,
        need: Option<String>,
        sex: Option<String>,
        booklets: i64,
        passes: i64,
    }
}

impl<'a> HandOutRow<'a> {
    pub(in crate::store) fn new(programme: ProgrammeNo, stamp: &'a Stamp, hand_out: &'a HandOut) -> Self {
        let oriented = hand_out.orientation;
        Self {
            number: &stamp.number,
            programme_no: programme.0,
            position: stamp.position,
            day: stamp.day.to_string(),
            fingerprint: &hand_out.fingerprint,
            ground: &hand_out.ground,
            rule_version: &hand_out.rule_version,
            proof_kind: hand_out.proof_kind.clone(),
            proof_issued_on: hand_out.proof_issued_on.map(|day| day.to_string()),
            age_band: hand_out.age_band,
            commune: &hand_out.commune,
            neighbourhood: hand_out.neighbourhood.map(|code| code.to_string()),
            oriented_place: oriented.and_then(|to| to.place).map(|place| place.to_string()),
            oriented_venue: oriented.and_then(|to| to.venue).map(|venue| venue.to_string()),
            need: oriented.and_then(|to| to.need).map(|need| need.to_string()),
            sex: hand_out.sex.map(|sex| sex.to_string()),
            booklets: hand_out.booklets,
            passes: hand_out.passes,
        }
    }
}

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = journals)]
pub(in crate::store) struct JournalRow {
    pub(in crate::store) position: i64,
    pub(in crate::store) head: String,
    pub(in crate::store) at_millis: i64,
    last_booklet: i64,
    last_order: i64,
    last_dispatch: i64,
    last_exception: i64,
    epoch: i64,
}

impl JournalRow {
    pub(in crate::store) fn counters(&self) -> Result<Counters, StoreError> {
        Ok(Counters {
            booklet: u32::try_from(self.last_booklet).map_err(|_| corrupt("last_booklet"))?,
            order: self.last_order,
            dispatch: self.last_dispatch,
            exception: self.last_exception,
            epoch: self.epoch,
        })
    }
}
