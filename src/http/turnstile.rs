//! How many connections are served. One too many is let in only to be told so: the framework by itself would leave it
//! in the system's queue, where it hears nothing. What never lives here: what a connection may ask.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts the connections that are open.
#[derive(Debug, Clone)]
pub(super) struct Turnstile {
    inside: Arc<AtomicUsize>,
    most: usize,
}

/// The place of one connection, given back when it closes.
#[derive(Debug)]
pub(super) struct Place {
    inside: Arc<AtomicUsize>,
    served: bool,
}

impl Turnstile {
    /// Serves `most` connections at a time.
    pub(super) fn new(most: usize) -> Self {
        Self { inside: Arc::default(), most }
    }

    pub(super) fn enter(&self) -> Place {
        let before = self.inside.fetch_add(1, Ordering::Relaxed);
        Place { inside: Arc::clone(&self.inside), served: before < self.most }
    }
}

impl Place {
    /// Whether the requests of this connection are to be answered.
    pub(super) const fn served(&self) -> bool {
        self.served
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.inside.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_when_its_connection_closes() {
        let turnstile = Turnstile::new(2);
        let (first, second, third) = (turnstile.enter(), turnstile.enter(), turnstile.enter());
        assert_eq!([first.served(), second.served(), third.served()], [true, true, false]);
        drop((second, third));
        assert!(turnstile.enter().served());
    }
}
