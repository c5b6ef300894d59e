//! What every handler and job may use.

use std::sync::Arc;

use crate::{clock::Clock, config::Config, store::Handle};

/// The settings, the time and the store.
#[derive(Clone, Debug)]
pub struct Context {
    pub config: Arc<Config>,
    pub clock: Clock,
    pub store: Handle,
}
