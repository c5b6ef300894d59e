//! The fast tests, all in one binary: what scheduling means, and how the source is kept tidy.

// A test that cannot go on says so by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod domain;
mod tidy;
