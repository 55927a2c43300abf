//! Identifiers. Reference data has UUIDs; stock has numbers that say where a thing belongs: an order's number
//! starts with its programme's, a batch's with its order's, a pass's with its booklet's. So the order of a
//! booklet, or the booklet of a pass, is arithmetic and never a look-up.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::refusal::Malformed;
use super::serial::BookletSerial;
use super::short_code::ShortCode;

macro_rules! uuid_value {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Uuid);

        impl $name {
            #[must_use]
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// Reads the one spelling that is ever written: lower case, with hyphens. Another spelling of the same number is
            /// another text, which a database joins to nothing.
            ///
            /// # Errors
            /// [`Malformed::Identifier`].
            pub fn parse(text: &str) -> Result<Self, Malformed> {
                let uuid = Uuid::try_parse(text).map_err(|_| Malformed::Identifier)?;
                let written = uuid.as_hyphenated().encode_lower(&mut Uuid::encode_buffer()) == text;
                if written { Ok(Self(uuid)) } else { Err(Malformed::Identifier) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Malformed;
            fn try_from(text: String) -> Result<Self, Malformed> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    };
}

uuid_value!(
    /// An organisation.
    OrganisationId
);
uuid_value!(
    /// A person who signs in, or a machine account.
    UserId
);
uuid_value!(
    /// A place of mediation.
    VenueId
);
uuid_value!(
    /// The description of a place in the public registry.
    PlaceId
);
uuid_value!(
    /// A dated session of a place that travels.
    SessionId
);
uuid_value!(
    /// A device of a venue.
    DeviceId
);
uuid_value!(
    /// A webhook.
    WebhookId
);
uuid_value!(
    /// A mandate agreement or régie reference of a prescriber.
    MandateId
);

const ORDERS: i64 = 1_000_000;
const DELIVERIES: i64 = 1_000;
const BOOKLETS: i64 = 10_000_000;
const RANKS: i64 = 100;

/// The running number of a programme in this installation, 1 to 9999. Not shown: people use its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProgrammeNo(pub i64);

/// An order within its programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId(pub i64);

impl OrderId {
    /// The last running number of a programme's orders; the next would belong to another programme.
    pub const LAST_SEQUENCE: i64 = ORDERS - 1;

    /// `sequence`: 1 to 999 999, in the order in which the programme placed its orders.
    #[must_use]
    pub const fn new(programme: ProgrammeNo, sequence: i64) -> Self {
        Self(programme.0 * ORDERS + sequence)
    }

    /// The running number within the programme.
    #[must_use]
    pub const fn sequence(self) -> i64 {
        self.0 % ORDERS
    }

    /// The programme it belongs to.
    #[must_use]
    pub const fn programme(self) -> ProgrammeNo {
        ProgrammeNo(self.0 / ORDERS)
    }

    /// Its `sequence`-th delivery, 1 to 999.
    #[must_use]
    pub const fn batch(self, sequence: i64) -> BatchId {
        BatchId(self.0 * DELIVERIES + sequence)
    }
}

/// A batch (lot): what one delivery of one order brought. Written `<order>-<delivery>`, such as `3-1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BatchId(pub i64);

impl BatchId {
    /// The last running number of an order's deliveries; the next would belong to another order.
    pub const LAST_SEQUENCE: i64 = DELIVERIES - 1;

    #[must_use]
    pub const fn order(self) -> OrderId {
        OrderId(self.0 / DELIVERIES)
    }

    /// Reads `3-1` within `programme`.
    ///
    /// # Errors
    /// [`Malformed::Identifier`].
    pub fn parse(programme: ProgrammeNo, text: &str) -> Result<Self, Malformed> {
        let (order, delivery) = text.split_once('-').ok_or(Malformed::Identifier)?;
        let number = |text: &str, beyond: i64| {
            text.parse::<i64>().ok().filter(|n| (1..beyond).contains(n)).ok_or(Malformed::Identifier)
        };
        Ok(OrderId::new(programme, number(order, ORDERS)?).batch(number(delivery, DELIVERIES)?))
    }
}

impl fmt::Display for BatchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.order().sequence(), self.0 % DELIVERIES)
    }
}

/// A booklet within its programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BookletId(pub i64);

impl BookletId {
    #[must_use]
    pub fn new(programme: ProgrammeNo, number: u32) -> Self {
        Self(programme.0 * BOOKLETS + i64::from(number))
    }

    /// The number printed in the serial.
    #[must_use]
    pub fn number(self) -> u32 {
        u32::try_from(self.0 % BOOKLETS).unwrap_or(0)
    }

    /// The pass with this rank in the booklet, 1 to 99.
    #[must_use]
    pub fn pass(self, rank: u8) -> PassId {
        PassId(self.0 * RANKS + i64::from(rank))
    }

    /// The booklet as one thing, in a list that may also name passes.
    #[must_use]
    pub const fn item(self) -> ItemId {
        ItemId(self.0 * RANKS)
    }
}

/// A pass of a booklet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PassId(pub i64);

impl PassId {
    #[must_use]
    pub const fn booklet(self) -> BookletId {
        BookletId(self.0 / RANKS)
    }

    /// Its rank in the booklet, from 1.
    #[must_use]
    pub fn rank(self) -> u8 {
        u8::try_from(self.0 % RANKS).unwrap_or(0)
    }

    #[must_use]
    pub const fn item(self) -> ItemId {
        ItemId(self.0)
    }
}

/// What a receipt moved: a whole booklet (rank 0) or one pass of it. Ordering keeps a booklet's items together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemId(pub i64);

impl ItemId {
    #[must_use]
    pub const fn booklet(self) -> BookletId {
        BookletId(self.0 / RANKS)
    }

    /// The serial of the booklet or pass in the programme with this code, as printed.
    #[must_use]
    pub fn printed(self, programme: &ShortCode) -> String {
        let booklet = BookletSerial::new(programme.clone(), self.booklet().number());
        let serial = match self.pass() {
            None => booklet.map(|booklet| booklet.to_string()),
            Some(pass) => booklet.and_then(|booklet| booklet.pass(pass.rank())).map(|pass| pass.to_string()),
        };
        // Only a number that no order can have given has no serial; its identifier then says which row is wrong.
        serial.unwrap_or_else(|_| self.0.to_string())
    }

    /// The pass, unless the item is a whole booklet.
    #[must_use]
    pub const fn pass(self) -> Option<PassId> {
        if self.0 % RANKS == 0 { None } else { Some(PassId(self.0)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stock_numbers_say_where_a_thing_belongs() {
        let programme = ProgrammeNo(21);
        let batch = OrderId::new(programme, 3).batch(1);
        assert_eq!(batch.to_string(), "3-1");
        assert_eq!(batch.order().sequence(), 3);
        assert_eq!(BatchId::parse(programme, "3-1"), Ok(batch));
        assert_eq!(BatchId::parse(programme, "3-0"), Err(Malformed::Identifier));
        let pass = BookletId::new(programme, 123).pass(4);
        assert_eq!((pass.rank(), pass.booklet().number()), (4, 123));
        assert_eq!(pass.item().pass(), Some(pass));
        assert_eq!(pass.booklet().item().pass(), None);
        assert_eq!(pass.booklet().item().booklet(), pass.booklet());
    }

    #[test]
    fn identifiers_refuse_other_texts() {
        let written = "018f2d5e-0000-7000-8000-00000000000a";
        assert!(VenueId::parse(written).is_ok());
        let upper = written.to_uppercase();
        let [bare, braced] = [written.replace('-', ""), format!("{{{written}}}")];
        for other in ["12", &upper, &bare, &braced] {
            assert_eq!(VenueId::parse(other), Err(Malformed::Identifier), "{other}");
        }
    }
}
