//! Jobs of several teams.

use std::{fs, time::Instant};

use serde_json::Value;

use super::command_line::place;
use crate::auth::command_line::Server;

/// Longest wait for a job that is due at the start, in seconds.
const WAIT_SECONDS_MAX: u64 = 120;

/// The state of a team, once its nightly backup has run.
fn after_backup(server: &Server, team: &str) -> Value {
    let begun = Instant::now();
    loop {
        let answer = server.get("/health/ready", "Host: 127.0.0.1\r\n");
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        let state = serde_json::from_str::<Value>(body).unwrap()["teams"][team].clone();
        if state["last_backup"]["ok"].is_boolean() {
            return state;
        }
        assert!(begun.elapsed().as_secs() < WAIT_SECONDS_MAX, "no backup of {team}: {state}");
    }
}

#[test]
fn jobs_run_for_each_team_and_one_that_fails_stops_no_other() {
    let place = place("backup_at = \"03:00\"\nrate_limits = \"off\"");
    let folder = |team: &str| place.data_dir().join("teams").join(team);
    for team in ["north", "south"] {
        place.run(&["--team", team, "generate", "--count", "3", "--month", "2025-10"], "").ended(0);
    }
    // North, which is first, cannot make its backup.
    fs::write(folder("north").join("backups"), "a file").unwrap();
    let server = place.serve(&[]);

    let (north, south) = (after_backup(&server, "north"), after_backup(&server, "south"));

    assert_eq!((&north["last_backup"]["ok"], &south["last_backup"]["ok"]), (&false.into(), &true.into()));
    assert_eq!(fs::read_dir(folder("south").join("backups")).unwrap().count(), 1);
    let log = fs::read_to_string(place.data_dir().join("logs/tandem.log")).unwrap();
    let failed: Vec<_> = log.lines().filter(|line| line.contains("the nightly backup failed")).collect();
    assert!(!failed.is_empty() && failed.iter().all(|line| line.contains("team=\"north\"")), "{log}");
}
