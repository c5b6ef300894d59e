//! What the server answers. `pages.rs` is the map of the site, `api/mod.rs` that of the calls.
//!
//! Rule of this room: a handler is five beats: guard, form, decide, store, view.

pub mod api;
pub mod auth;
mod health;
pub(crate) mod http;
pub mod local_commands;
pub(crate) mod pages;
pub mod site_map;
