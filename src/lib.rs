//! Tandem: a calendar for events that come in pairs. The library is its rooms; `docs/ARCHITECTURE.md` draws the arrows.

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
pub mod routes;
pub mod secret;
pub mod services;
pub mod store;
pub mod views;
