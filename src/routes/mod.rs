//! What the server answers. `pages.rs` is the map of the site, `api/mod.rs` that of the calls.
//!
//! Rule of this room: a handler is five beats: guard, form, decide, store, view.

mod account;
mod activity;
pub mod admin;
pub mod api;
mod assets;
mod change;
pub mod compress;
mod day;
mod done;
pub mod doors;
mod download;
mod entries;
mod failure;
mod feeds;
mod filtered;
pub mod headers;
mod health;
mod import;
mod import_words;
mod integrity;
mod keys;
pub mod live;
mod methods;
mod metrics;
mod month;
mod offers;
pub mod pages;
mod pair;
mod params;
mod passwords;
mod people;
mod problem;
mod proposal;
mod readings;
mod reassign;
mod reference;
mod repair;
mod repair_rows;
mod reply;
pub mod request_id;
mod rows;
mod schedule_several;
mod search;
mod settings;
mod several;
mod sign_in;
mod supervisor;
mod traced;
mod typed;
mod unscheduled;
mod users;
mod welcome;

use doors::guard;
