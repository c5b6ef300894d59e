//! `tandem compact`: rewrites the store, so that its file holds only what is live.

use crate::{
    cli::{Stop, Verdict, expect_store, options, terminal::say},
    config::Config,
    store::maintenance::compact,
};

const MEGABYTE: f64 = 1_000_000.0;

pub fn run(config: &Config) -> Result<Verdict, Stop> {
    if !config.store_url.reveal().is_empty() {
        return Err("compact is for a store in the data folder: PostgreSQL frees space by itself (autovacuum)".into());
    }
    expect_store(config)?;
    let done = compact::run(&config.data_dir, &options(config))?;
    say(format!(
        "the store takes {:.1} MB, before {:.1} MB; every record was compared",
        megabytes(done.after),
        megabytes(done.before)
    ));
    Ok(Verdict::Clean)
}

#[expect(clippy::cast_precision_loss, reason = "a size to read")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / MEGABYTE
}
