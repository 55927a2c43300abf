//! Where a person is told to go with their booklet, and what for: people who do not know a place do not come. What never lives
//! here: whether they went (see `reports::orientations`).

use serde::{Deserialize, Serialize};

use super::ids::{PlaceId, VenueId};
use super::party::Service;

/// A place of the registry, the venue where passes are spent there, and the need, each as far as it is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orientation {
    pub place: Option<PlaceId>,
    pub venue: Option<VenueId>,
    /// What the person wants to learn or to have done, in the words of the national standard of services.
    pub need: Option<Service>,
}
