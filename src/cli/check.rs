//! `tandem check`: checks pairs, and indexes and counters against the records.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, json};

use crate::{
    cli::{
        Stop, Verdict, open_existing, options,
        terminal::{complain, say, say_lines},
    },
    clock::Clock,
    config::{Config, audit::keys_of},
    context::Context,
    domain::{
        format,
        integrity::{
            Report, Sealed, StoreReport,
            finding_state::{Start, Trigger},
            look_alikes::LookAlike,
        },
    },
    jobs::integrity::{self, Ran},
    store::{
        Handle, Store, StoreError, copy,
        maintenance::{
            audit_archive::follow,
            repair::{self, Repaired},
        },
    },
};

#[derive(Debug, Args)]
#[group(skip)]
pub struct Arguments {
    /// Print one JSON object instead of sentences
    #[arg(long)]
    json: bool,
    /// Follow the audit through this archive, too; give all of them
    #[arg(long = "archive", value_name = "FILE")]
    archives: Vec<PathBuf>,
    /// First rebuild index entries and counters from the records, which stay as they are
    #[arg(long)]
    repair_storage: bool,
    /// Compare the seals of the audit with the keys in this file [default: the setting `audit_key_file`]
    #[arg(long, value_name = "FILE")]
    audit_key_file: Option<PathBuf>,
}

pub fn run(arguments: &Arguments, config: &Config) -> Result<Verdict, Stop> {
    let mut config = config.clone();
    if let Some(file) = &arguments.audit_key_file {
        config.audit_keys = Some(keys_of(file, &config.data_dir)?);
    }
    let config = &config;
    if config.store_url.reveal().is_empty() && !config.data_dir.is_dir() {
        return Err(format!("there is no data folder {}", config.data_dir.display()).into());
    }
    let (_copy, store) = match open_existing(config) {
        Ok(store) => (None, store),
        Err(error) if error.is_unwritable() && !arguments.repair_storage => {
            complain(format!("the data folder cannot be written, so a copy of it is checked: {error}"));
            let (copy, store) = copy::open(&config.data_dir, &options(config))?;
            (Some(copy), store)
        }
        Err(error) => return Err(error.into()),
    };
    let repaired = if arguments.repair_storage { repaired(&store)? } else { Vec::new() };
    let followed = if arguments.archives.is_empty() { None } else { Some(follow(&store, &arguments.archives)?) };
    let mut report = check(config, store, Trigger::CommandLine)?;
    if let Some(followed) = &followed {
        report.storage_problems.extend(followed.problems.iter().cloned());
    }
    if arguments.json {
        say_lines(as_json(&report, arguments.repair_storage.then_some(&repaired)));
    } else {
        if arguments.repair_storage {
            print_repaired(&repaired);
        }
        print(&report);
        for (file, first, last) in followed.iter().flat_map(|followed| &followed.archives) {
            say(format!("{} holds audit entries {first} to {last}, unaltered", file.display()));
        }
    }
    Ok(if report.is_clean() { Verdict::Clean } else { Verdict::Findings })
}

fn repaired(store: &Store) -> Result<Vec<Repaired>, Stop> {
    repair::run(store).map_err(|error| match error {
        StoreError::Outpaced => {
            "other servers change the store while it is repaired, so it was not completed: what was repaired is right; run \
             this again at a quieter time, or stop the servers"
                .into()
        }
        other => other.into(),
    })
}

/// Checks everything and records the run, so that the server shows it and sends its notifications.
pub fn check(config: &Config, store: Store, trigger: Trigger) -> Result<StoreReport, Stop> {
    let context = Context::new(config.clone(), Clock::System, Handle::new(store));
    let start = Start { trigger, who: "command line".to_owned(), at: context.clock.now(), date: None };
    let Ran { report, failed, stored: kept } = integrity::run_once(&context, &start)?;
    if let Some(error) = failed {
        return Err(error.into());
    }
    if let Err(error) = kept {
        complain(format!("the findings could not be saved: {error}"));
    }
    Ok(report)
}

/// A summary of the pairs in two lines; imports print it too.
pub fn pair_lines(pairs: &Report) -> Vec<String> {
    vec![
        format!(
            "{}: {} with both scheduled, {} half, {} with neither",
            counted(pairs.pairs, "pair"),
            pairs.pairs_scheduled,
            pairs.pairs_half,
            pairs.pairs_unstaffed
        ),
        format!(
            "{} without a CORE, {} without a Supervisor, {} of type Other",
            counted(pairs.supervisors_alone, "Supervisor"),
            counted(pairs.cores_alone, "CORE"),
            counted(pairs.unclassified, "event")
        ),
    ]
}

/// "1 pair", "2 pairs"
pub fn counted(count: usize, noun: &str) -> String {
    format::count(u64::try_from(count).unwrap_or(u64::MAX), noun)
}

fn print_repaired(repaired: &[Repaired]) {
    for Repaired { table, written, removed } in repaired {
        say(format!("repaired {}: {written} missing or wrong entries written, {removed} removed", table.name()));
    }
    if repaired.is_empty() {
        say("there was nothing to repair");
    }
}

fn print(report: &StoreReport) {
    say(format!(
        "checked {} events, {} index entries, {} days of counters, {} audit entries",
        report.pairs.events,
        report.index_entries,
        report.days,
        report.audit_entries - report.audit_archived
    ));
    if report.audit_archived > 0 {
        say(format!("audit entries 1 to {} are archived; `--archive FILE` checks them, too", report.audit_archived));
    }
    say(seal_line(report));
    for line in pair_lines(&report.pairs) {
        say(line);
    }
    for problem in &report.storage_problems {
        say(format!("storage: {problem}"));
    }
    // COREs without a Supervisor are not problems; they are counted above and listed by `--json`.
    let (rules, pairs): (Vec<_>, Vec<_>) = report.pairs.problems().partition(|one| one.check.rule().is_some());
    for finding in pairs.iter().chain(&rules) {
        say(format!("{}: event {}: {}", finding.check.slug(), finding.event, finding.message));
    }
    for one in &report.pairs.look_alikes {
        say(format!("{}: {}", one.check.slug(), one.message));
    }
    let (pairs, storage) = (pairs.len() + report.pairs.alike_problems().count(), report.storage_problems.len());
    say(format!("{pairs} findings about pairs, {storage} about storage"));
    if !rules.is_empty() {
        say(format!("{} assignments against a rule, for information", rules.len()));
    }
}

/// The number of sealed audit entries, and whether the seals were compared.
fn seal_line(report: &StoreReport) -> String {
    let Sealed { entries, since, compared } = report.sealed;
    match since {
        None => "no audit entry is sealed".to_owned(),
        Some(since) => {
            let before = if since > 1 { ", those before it are not" } else { "" };
            let how = if compared > 0 { "compared" } else { "not compared: give --audit-key-file" };
            format!("{entries} audit entries are sealed since entry {since}{before}; seals {how}")
        }
    }
}

fn as_json(report: &StoreReport, repaired: Option<&Vec<Repaired>>) -> serde_json::Value {
    let pairs = &report.pairs;
    let findings: Vec<_> = pairs
        .findings
        .iter()
        .map(|finding| {
            json!({
                "check": finding.check.slug(),
                "event_id": finding.event.0,
                "message": finding.message,
                "problem": finding.check.is_inconsistency(),
            })
        })
        .collect();
    let alike =
        |one: &LookAlike| json!({"check": one.check.slug(), "message": one.message, "problem": one.check.is_problem()});
    let look_alikes: Vec<_> = pairs.look_alikes.iter().map(alike).collect();
    let repaired = repaired.map(|repaired| {
        let line =
            |one: &Repaired| (one.table.name().to_owned(), json!({"written": one.written, "removed": one.removed}));
        repaired.iter().map(line).collect::<Map<_, _>>()
    });
    let mut body = json!({
        "clean": report.is_clean(),
        "events": pairs.events,
        "index_entries": report.index_entries,
        "days": report.days,
        "audit_entries": report.audit_entries,
        "audit_archived": report.audit_archived,
        "sealed_entries": report.sealed.entries,
        "sealed_since": report.sealed.since,
        "seals_compared": report.sealed.compared,
        "pairs": {
            "checked": pairs.pairs,
            "both_scheduled": pairs.pairs_scheduled,
            "half": pairs.pairs_half,
            "neither": pairs.pairs_unstaffed,
            "supervisors_alone": pairs.supervisors_alone,
            "cores_alone": pairs.cores_alone,
        },
        "unclassified": pairs.unclassified,
        "findings": findings,
        "look_alikes": look_alikes,
        "storage_problems": report.storage_problems,
    });
    if let Some(repaired) = repaired {
        body["repaired"] = repaired.into();
    }
    body
}
