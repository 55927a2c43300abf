//! A session: where and when a place that travels is next. What never lives here: what happened there; that is a
//! redemption.

use crate::domain::ids::{PlaceId, SessionId};
use crate::domain::position::Position;
use crate::domain::territory::CommuneCode;
use crate::domain::text::Label;
use crate::domain::time::Day;

use super::words::TimeOfDay;

/// Days ahead within which sessions are announced: beyond that it is a typing error.
pub const FURTHEST_DAYS: u32 = 730;

/// A dated session in a commune.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub place: PlaceId,
    pub day: Day,
    pub starts: TimeOfDay,
    pub ends: TimeOfDay,
    pub commune: CommuneCode,
    /// Where in the commune: "place de la mairie".
    pub address: Label,
    pub position: Option<Position>,
    pub note: Option<Label>,
    pub cancelled: bool,
}

impl Session {
    /// Whether it ends after it starts; times are written so that their texts have the order of the day.
    #[must_use]
    pub fn is_in_order(&self) -> bool {
        self.starts < self.ends
    }

    /// Whether its day can still be announced.
    #[must_use]
    pub fn is_ahead(&self, today: Day) -> bool {
        self.day >= today && self.day.days_since(today) <= FURTHEST_DAYS
    }
}
