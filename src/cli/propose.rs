//! `tandem propose`: who could do each unscheduled event, and when.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use clap::Args;
use serde_json::json;

use crate::{
    cli::{Stop, Verdict, expect_store, open_existing, origin, terminal::say},
    config::Config,
    domain::{
        format,
        ids::{EmployeeId, EventId},
        schedule::{Options, saved::Saved},
    },
    services::{
        change::{ChangeError, Made},
        proposals,
    },
    store::{
        Store, StoreError,
        tables::{employees, events},
    },
};

#[derive(Debug, Args)]
#[group(skip)]
pub struct Arguments {
    /// The first day, like 2025-10-15
    #[arg(long)]
    from: NaiveDate,
    /// The last day
    #[arg(long)]
    to: NaiveDate,
    /// Decides among what is otherwise equal
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Print one JSON object instead of sentences
    #[arg(long)]
    json: bool,
    /// Schedule all of it, as one change
    #[arg(long)]
    accept: bool,
}

/// Proposes; [`Verdict::Findings`] if an event found no place.
pub fn run(arguments: &Arguments, config: &Config) -> Result<Verdict, Stop> {
    expect_store(config)?;
    let store = open_existing(config)?;
    let origin = origin("propose");
    let usual = proposals::default_options(config, origin.at);
    let options = Options { from: arguments.from, to: arguments.to, seed: arguments.seed, ..usual };
    let saved = proposals::make(&store, options, config, &origin).map_err(sentence)?;
    let made = if arguments.accept && !saved.proposal.rows.is_empty() {
        Some(proposals::accept(&store, saved.id, None, None, &config.policy, &origin).map_err(sentence)?)
    } else {
        None
    };
    let undo_id = made.as_ref().and_then(|made: &Made| made.entry.as_ref()).map(|entry| entry.sequence);
    if arguments.json {
        say(as_json(&saved, undo_id));
    } else {
        print(&store, &saved, undo_id)?;
    }
    Ok(if saved.proposal.unplaced.is_empty() { Verdict::Clean } else { Verdict::Findings })
}

fn sentence(error: ChangeError) -> Stop {
    match error {
        ChangeError::Rejected(rejection) => rejection.reason().into(),
        ChangeError::Store(error) => error.into(),
    }
}

fn as_json(saved: &Saved, undo_id: Option<u64>) -> serde_json::Value {
    let proposal = &saved.proposal;
    let rows = proposal.rows.iter().map(|row| {
        json!({ "event_id": row.event.0, "employee_id": row.employee.as_str(),
            "start_datetime": format::iso_moment(row.start), "why": row.why })
    });
    let unplaced = proposal.unplaced.iter();
    let unplaced =
        unplaced.map(|one| json!({ "event_id": one.event.0, "reason": one.reason.slug(), "message": one.message }));
    json!({
        "proposal_id": saved.id.to_string(),
        "placed": proposal.placed(),
        "rows": rows.collect::<Vec<_>>(),
        "unplaced": unplaced.collect::<Vec<_>>(),
        "undo_id": undo_id,
    })
}

fn print(store: &Store, saved: &Saved, undo_id: Option<u64>) -> Result<(), StoreError> {
    let people = store.read(|tx| employees::all_named(tx))?;
    let people: BTreeMap<EmployeeId, String> = people.into_iter().map(|one| (one.id, one.name)).collect();
    let name = |id: EventId| {
        let event = store.read(|tx| events::get(tx, id))?;
        Ok::<_, StoreError>(event.map_or_else(|| format!("event {id}"), |event| event.name))
    };
    for row in &saved.proposal.rows {
        let who = people.get(&row.employee).map_or(row.employee.as_str(), String::as_str);
        say(format!("{}  {}: {who}. {}", format::moment(row.start), name(row.event)?, row.why));
    }
    for one in &saved.proposal.unplaced {
        say(format!("not placed  {}: {}", name(one.event)?, one.message));
    }
    let (placed, left) = (saved.proposal.placed(), saved.proposal.unplaced.len());
    say(format!("{placed} of {} events placed", placed + left));
    match undo_id {
        Some(sequence) => say(format!("scheduled as change {sequence}, which can be undone in Activity")),
        None => say(format!("nothing was scheduled; the proposal is stored as {}", saved.id)),
    }
    Ok(())
}
