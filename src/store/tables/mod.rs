//! One file per table: record versions, keys, indexes.

pub mod accounts;
pub mod audit;
pub mod catalog;
pub mod days;
pub mod employees;
pub mod events;
pub mod feeds;
pub mod findings;
pub mod hex;
pub mod holidays;
pub mod idempotency;
pub mod imports;
pub mod keys;
pub mod meta;
pub mod name_index;
pub mod notices;
pub mod outbox;
pub mod proposals;
pub mod record;
pub mod runs;
