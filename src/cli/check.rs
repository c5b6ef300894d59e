//! `tandem check`: checks pairs, and indexes and counters against the records.

use clap::Args;
use serde_json::{Map, json};

use crate::{
    cli::{
        Stop, Verdict, open, options,
        terminal::{complain, say, say_lines},
    },
    clock::Clock,
    config::Config,
    context::Context,
    domain::integrity::{
        Report,
        finding_state::{Start, Trigger},
    },
    jobs::integrity::{self, Ran},
    store::{
        Handle, Store, copy,
        maintenance::{
            check::StoreReport,
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
    /// First rebuild index entries and counters from the records, which stay as they are
    #[arg(long)]
    repair_storage: bool,
}

pub fn run(arguments: &Arguments, config: &Config) -> Result<Verdict, Stop> {
    if !config.data_dir.is_dir() {
        return Err(format!("there is no data folder {}", config.data_dir.display()).into());
    }
    let (_copy, store) = match open(config) {
        Ok(store) => (None, store),
        Err(error) if error.is_unwritable() && !arguments.repair_storage => {
            complain(format!("the data folder cannot be written, so a copy of it is checked: {error}"));
            let (copy, store) = copy::open(&config.data_dir, &options(config))?;
            (Some(copy), store)
        }
        Err(error) => return Err(error.into()),
    };
    let repaired = if arguments.repair_storage { repair::run(&store)? } else { Vec::new() };
    let report = check(config, store, Trigger::CommandLine)?;
    if arguments.json {
        say_lines(as_json(&report, arguments.repair_storage.then_some(&repaired)));
    } else {
        if arguments.repair_storage {
            print_repaired(&repaired);
        }
        print(&report);
    }
    Ok(if report.is_clean() { Verdict::Clean } else { Verdict::Findings })
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
            "{} pairs: {} with both scheduled, {} half, {} with neither",
            pairs.pairs, pairs.pairs_scheduled, pairs.pairs_half, pairs.pairs_unstaffed
        ),
        format!(
            "{} Supervisors without their CORE, {} COREs without a Supervisor, {} events of type Other",
            pairs.supervisors_alone, pairs.cores_alone, pairs.unclassified
        ),
    ]
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
        report.pairs.events, report.index_entries, report.days, report.audit_entries
    ));
    for line in pair_lines(&report.pairs) {
        say(line);
    }
    for problem in &report.storage_problems {
        say(format!("storage: {problem}"));
    }
    // COREs without a Supervisor are not problems; they are counted above and listed by `--json`.
    for finding in report.pairs.problems() {
        say(format!("{}: event {}: {}", finding.check.slug(), finding.event, finding.message));
    }
    let problems = report.pairs.problems().count();
    say(format!("{problems} findings about pairs, {} about storage", report.storage_problems.len()));
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
                "problem": finding.check.is_problem(),
            })
        })
        .collect();
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
        "storage_problems": report.storage_problems,
    });
    if let Some(repaired) = repaired {
        body["repaired"] = repaired.into();
    }
    body
}
