//! One file per table: record versions, keys, indexes.

pub mod accounts;
pub mod audit;
pub mod days;
pub mod employees;
pub mod events;
pub mod holidays;
pub mod idempotency;
pub mod imports;
pub(crate) mod index;
pub mod integrity;
pub mod issues;
pub mod keys;
pub mod merges;
pub mod meta;
pub mod name_index;
pub mod outbox;
pub(crate) mod pairs;
pub mod proposals;
pub mod record;
pub mod retail_stores;
pub mod rotations;

pub use crate::store::tables::{
    accounts::feeds,
    integrity::{findings, runs},
};
