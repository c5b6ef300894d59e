//! Commands for one of several teams, beside the server and without it.

use std::fs;

use super::{NORTH, SOUTH};
use crate::auth::command_line::{Place, Ran};

const PASSWORD: &str = "correct horse battery\n";

/// A place with the settings of two teams.
pub fn place(more: &str) -> Place {
    let place = Place::new();
    place.file(
        "Rocket.toml",
        &format!(
            "[default.tandem.teams.north]\nhost = \"{NORTH}\"\n{more}\n[default.tandem.teams.south]\nhost = \"{SOUTH}\"\n{more}\n"
        ),
    );
    place
}

fn stop(ran: Ran, sentence: &str) {
    let ran = ran.ended(2);
    assert!(ran.err.contains(sentence), "{sentence:?} is not in: {}", ran.err);
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
}

#[test]
fn a_command_for_one_store_needs_the_name_of_its_team() {
    let place = place("");
    let commands: [&[&str]; 10] = [
        &["check"],
        &["backup", "file"],
        &["restore", "file"],
        &["compact"],
        &["export", "events"],
        &["generate", "--count", "1", "--month", "2025-10"],
        &["import", "visits", "file"],
        &["archive-audit", "--before", "2024-01-01", "file"],
        &["user", "list"],
        &["token", "list"],
    ];

    for command in commands {
        stop(place.run(command, ""), "this command needs one team: name it with --team; the teams are: north, south");
        let unknown = [command, &["--team", "west"]].concat();
        stop(place.run(&unknown, ""), "there is no team \"west\"; the teams are: north, south");
    }
    for command in [["serve"], ["teams"]] {
        stop(place.run(&[command[0], "--team", "north"], ""), "is for all teams: leave out --team");
    }

    assert!(!place.data_dir().exists());
    stop(Place::new().run(&["check", "--team", "north"], ""), "this server has one team, without a name");
}

#[test]
fn each_team_has_its_users_tokens_and_backups_with_and_without_the_server() {
    let place = place("");
    place.run(&["--team", "north", "user", "add", "nora", "--role", "admin"], PASSWORD).ended(0);
    place.run(&["user", "add", "sol", "--role", "admin", "--team", "south"], PASSWORD).ended(0);
    place.run(&["teams"], "").ended(0).says(NORTH).says(SOUTH).says("ok");
    let server = place.serve(&[]);
    assert!(
        server.said.contains("2 teams") && server.said.contains("north: Sign in at http://north.example.com:"),
        "{}",
        server.said
    );

    for (team, own, other) in [("north", "nora", "sol"), ("south", "sol", "nora")] {
        let list = place.run(&["--team", team, "user", "list"], "").ended(0).says(own);
        assert!(!list.out.contains(other), "{}", list.out);
        let file = format!("{team}.jsonl.gz");
        place.run(&["--team", team, "backup", &file], "").ended(0).says("0 events");
        place.run(&["--team", team, "restore", &file], "").ended(2);
    }
    let listed = place.run(&["teams"], "").ended(0);
    assert_eq!(listed.out.matches("ok, served").count(), 2, "{}", listed.out);
    let token = place.run(&["--team", "north", "token", "create", "till"], "").ended(0).out;
    let call = |host: &str| {
        let head = format!("Host: {host}\r\nAuthorization: Bearer {}\r\n", token.trim());
        server.get("/api/calendar/2025/10", &head)
    };
    assert!(call(NORTH).starts_with("HTTP/1.0 200"), "{}", call(NORTH));
    assert!(call(SOUTH).starts_with("HTTP/1.0 401"));
    assert!(call("west.example.com").starts_with("HTTP/1.0 421"));
}

#[test]
fn the_command_line_of_one_team_is_unknown_at_the_other() {
    let place = place("");
    let server = place.serve(&[]);
    let token = |team: &str| {
        let lock = place.data_dir().join("teams").join(team).join("tandem.lock");
        fs::read_to_string(lock).unwrap().lines().nth(2).unwrap().to_owned()
    };
    let ask = |host: &str, team: &str, path: &str| {
        let head = format!("Host: {host}\r\nAuthorization: Bearer {}\r\n", token(team));
        server.get(path, &head).split(' ').nth(1).unwrap().to_owned()
    };

    for path in ["/admin/accounts", "/admin/ready"] {
        assert_eq!((ask(NORTH, "north", path), ask(SOUTH, "south", path)), ("200".into(), "200".into()), "{path}");
        assert_eq!((ask(NORTH, "south", path), ask(SOUTH, "north", path)), ("404".into(), "404".into()), "{path}");
    }
}

#[test]
fn the_server_does_not_start_with_a_store_that_cannot_be_opened() {
    let place = place("");
    for team in ["north", "south"] {
        place.run(&["--team", team, "user", "list"], "").ended(0);
        fs::write(place.data_dir().join("teams").join(team).join("format"), "").ok();
    }
    fs::remove_dir_all(place.data_dir().join("teams/north")).unwrap();
    fs::write(place.data_dir().join("teams/north"), "a file").unwrap();
    fs::remove_dir_all(place.data_dir().join("teams/south")).unwrap();
    fs::create_dir(place.data_dir().join("teams/south")).unwrap();
    fs::write(place.data_dir().join("teams/south/letter.txt"), "of someone").unwrap();

    let refused = place.run(&["serve"], "").ended(2);

    assert!(refused.err.contains("team north: ") && refused.err.contains("; team south: "), "{}", refused.err);
    let listed = place.run(&["teams"], "").ended(1);
    assert_eq!(listed.out.matches("problem: ").count(), 2, "{}", listed.out);
}

#[test]
fn the_settings_of_a_team_are_printed_with_its_name() {
    let place = place("timezone = \"Europe/Oslo\"");

    let north = place.run(&["config", "--team", "north"], "").ended(0).says("[default.tandem.teams.north]");
    assert!(north.out.contains("timezone = \"Europe/Oslo\"") && north.out.contains("teams/north"), "{}", north.out);
    let process = place.run(&["config"], "").ended(0).says("[default.tandem]");
    assert!(!process.out.contains("Europe/Oslo") && !process.out.contains("host = "), "{}", process.out);
}

#[test]
fn a_store_is_not_left_behind_when_the_process_gets_teams() {
    let place = Place::new();
    place.run(&["user", "add", "ana", "--role", "admin"], PASSWORD).ended(0);
    let teams = |north: &str| {
        format!(
            "[default.tandem.teams.north]\nhost = \"{NORTH}\"\n{north}\n[default.tandem.teams.south]\nhost = \"{SOUTH}\"\n"
        )
    };
    place.file("Rocket.toml", &teams(""));
    stop(place.run(&["serve"], ""), "holds a store that no team has");

    place.file("Rocket.toml", &teams(&format!("data_dir = \"{}\"", place.data_dir().display())));
    let _server = place.serve(&[]);
    place.run(&["--team", "north", "user", "list"], "").ended(0).says("ana");
}
