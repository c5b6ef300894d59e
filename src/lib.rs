//! Tandem: a scheduling calendar for events that come in pairs. `docs/ARCHITECTURE.md` shows the modules and layers.

pub mod app;
pub mod assets;
pub mod cli;
pub mod clock;
pub mod config;
pub mod context;
pub mod demo;
pub mod domain;
pub mod export;
pub mod import;
pub mod jobs;
pub mod metrics;
pub mod notify;
pub mod oidc;
pub mod routes;
pub mod secret;
pub mod services;
pub mod store;
pub mod views;
