//! The store in PostgreSQL, with a real database server that these tests start and end: `cargo test --test postgres`.
//!
//! Rule of this target: without PostgreSQL it fails and says so. What was started here ends here.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]
#![allow(clippy::print_stdout, clippy::cast_possible_truncation, reason = "figures of a test, and its small numbers")]

mod cluster;
mod crossing;
mod failures;
#[path = "../../benches/support/mod.rs"]
mod load;
mod proxy;
mod refusals;
mod repair;
mod replication;
mod retries;
mod server;
mod servers;
mod shared;
mod tls;
mod trips;
