//! The fast tests, all in one binary. A test is one sentence: who does what and sees what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod acceptance;
mod accounts;
mod assets;
mod auth;
mod backup;
mod cli;
mod contrast;
mod domain;
mod import;
mod pages;
mod proposals;
mod store;
mod support;
mod teams;
mod tidy;
mod watch;
