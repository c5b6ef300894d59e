//! A clock that a test moves while the server runs.

use std::sync::atomic::AtomicI64;

use tandem::{clock::Clock, context::Context};

use super::App;

impl App {
    /// The same application, and its clock in seconds since 1970.
    #[must_use]
    pub fn with_hand(self) -> (Self, &'static AtomicI64) {
        let hand: &_ = Box::leak(Box::new(AtomicI64::new(self.context.clock.now().timestamp())));
        let context = Context { clock: Clock::Hand(hand), ..self.context };
        (Self::launch(self.settings, context, self.fail_points, self.folder), hand)
    }
}
