//! What people see and do, in the browsers they use: `cargo test --test browser`, or
//! `cargo test --test browser -- chromium off tc_004` for the cases whose line holds all these words.
//!
//! Needs chromium, chromedriver, firefox-esr, geckodriver (or its path in `GECKODRIVER`), and for WebKit
//! webkit2gtk-driver and xvfb.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]
#![allow(clippy::doc_markdown, reason = "engines have names like WebKit")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "results are printed for the user")]

mod axe;
mod browser;
mod cases;
mod engine;
mod furnished;
mod pages;
mod pointer;
mod runner;
mod screenshots;
mod server;
#[allow(dead_code, reason = "shared with the fast tests")]
#[path = "../support/sources.rs"]
mod sources;

use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    // Rocket would tell of each server that starts.
    tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::OFF).init();
    // Drivers speak plain HTTP on this machine, but the client that it shares with the alerts wants one named.
    let _ = rustls::crypto::ring::default_provider().install_default();
    std::panic::set_hook(Box::new(runner::note_place));
    if words == ["screenshots"] {
        screenshots::make();
        return ExitCode::SUCCESS;
    }
    let failed = runner::run(&cases::all(), &words);
    for runner::Failed(what) in &failed {
        eprintln!("\n{what}");
    }
    println!("\n{} failed", failed.len());
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
