//! Durability of the store under crashes and faults, tested on the release binary.
//!
//! Each scenario prints its figures and panics at the first promise that is not kept. They take minutes, so `cargo test`
//! alone leaves them out: `cargo test --test crash -- kill 200`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the figures are printed for the user")]

mod alerts;
mod client;
mod damage;
mod full;
mod kill;
mod ledger;
mod load;
mod mail;
mod power;
mod race;
mod server;
mod sync;
mod trace;

use std::process::ExitCode;

const USAGE: &str = "scenarios of `cargo test --test crash -- SCENARIO [COUNT]`:
  kill [ROUNDS=25]      kill -9 at random moments under load: nothing acknowledged is lost, no pair is split
  power [CUTS=200]      the power is cut in the middle of every kind of write: nothing acknowledged is lost (needs strace)
  sync                  no answer leaves before fdatasync of the database (needs strace)
  race [WRITES=10000]   racing writers: no update is lost, every 409 is true
  full                  the disk is full: 503, everything can be read, nothing acknowledged is lost (needs root)
  alerts [ROUNDS=100]   kill -9 between the transaction of an alert and its delivery: every alert arrives
  mail                  mail with STARTTLS and TLS through aiosmtpd (needs Python with aiosmtpd, and openssl)
  damage [PLACES=20]    flipped bytes and cut files: noticed or harmless";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let count = |default| match arguments.get(1) {
        Some(text) => text.parse().unwrap_or_else(|_| panic!("{text} is not a number")),
        None => default,
    };
    match arguments.first().copied() {
        Some("kill") => kill::run(count(25)),
        Some("power") => power::run(count(200)),
        Some("sync") => sync::run(),
        Some("race") => race::run(count(10_000)),
        Some("full") => full::run(),
        Some("alerts") => alerts::run(count(100)),
        Some("mail") => mail::run(),
        Some("damage") => damage::run(count(20)),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

/// Where a needed tool or right is missing: fails where everything must run (`CI` is set), else says so and goes on.
fn skip(scenario: &str, why: &str) {
    println!("{scenario}: SKIPPED, {why}");
    assert!(std::env::var_os("CI").is_none(), "{scenario} must run here, but {why}");
}
