//! The host name of a request chooses its team.

use rocket::{
    http::{Header, uri::Host},
    local::blocking::LocalRequest,
};
use serde_json::Value;
use tandem::{domain::user::Role, store::StoreError};

use super::{NORTH, SOUTH, Two};
use crate::{
    auth::{FORM, JSON, every_route::filled, site_map::ENTRIES},
    support::{App, logs, page::Page},
};

/// Routes of the process, which this machine reaches without the host name of a team.
const OF_PROCESS: [&str; 2] = ["/health/ready", "/metrics"];

#[test]
fn a_host_of_no_team_is_refused_on_every_route() {
    let two = Two::new();
    let refuses = |request: LocalRequest<'_>, what: &str| {
        let page = Page::of(request);
        assert_eq!(page.status, 421, "{what}: {}", page.body);
        let named = ["north", "south", "Tandem", "sign"].iter().find(|word| page.body.contains(**word));
        assert_eq!(named, None, "{what}: {}", page.body);
        assert!(page.header("Set-Cookie").is_none(), "{what}");
    };
    let mut asked = 0;
    for entry in ENTRIES.iter() {
        let address = filled(&entry.path);
        if address == "/health/live" {
            two.get("west.example.com", &address).status(200);
            continue;
        }
        for (name, value) in [FORM, JSON, ("Accept", "text/html"), ("HX-Request", "true")] {
            let request = two.request("west.example.com", &entry.method, &address);
            refuses(request.header(Header::new(name, value)), &format!("{} {address}", entry.method));
            asked += 1;
        }
        if !OF_PROCESS.contains(&address.as_str()) {
            let method: rocket::http::Method = entry.method.parse().unwrap();
            refuses(two.client.req(method, address.clone()), &format!("{method} {address} without a host"));
        }
    }
    assert!(asked > 400, "{asked}");
    for address in ["/no-such-page", "/api/no-such-call", "/%ff"] {
        for method in ["GET", "POST", "DELETE"] {
            refuses(two.request("west.example.com", method, address), &format!("{method} {address}"));
        }
    }
}

#[test]
fn case_port_and_final_dot_of_a_host_make_no_difference() {
    let two = Two::new();
    let session = two.south.session_of("ada");

    for host in [
        "south.example.com",
        "SOUTH.Example.com",
        "south.example.com.",
        "south.example.com:8443",
        "South.Example.Com.:80",
    ] {
        two.get_as(&session, host, "/calendar/2025/10").status(200);
    }
    for host in ["xsouth.example.com", "south.example.com.evil.example", "example.com", "south", "south.example.com.."]
    {
        two.get_as(&session, host, "/calendar/2025/10").status(421);
    }
}

#[test]
fn a_process_without_a_table_of_teams_has_one_team_with_any_host() {
    let app = App::with_users();
    let session = app.session_of("ada");

    for host in [NORTH, "127.0.0.1:8000", "10.0.0.1"] {
        let mut request = app.client().get("/calendar/2025/10");
        request.inner_mut().set_host(Host::parse_owned(host.to_owned()).unwrap());
        let cookie = rocket::http::Cookie::new("tandem_session", session.clone());
        Page::of(request.cookie(cookie)).status(200);
    }
    let metrics = app.get("/metrics").status(200).body;
    assert!(!metrics.contains("team="), "{metrics}");
    assert!(app.read_call("/health/ready").body.get("teams").is_none());
}

fn from_afar<'c>(two: &'c Two, host: &str, address: &str) -> LocalRequest<'c> {
    two.request(host, "GET", address).remote("192.0.2.7:9".parse().unwrap())
}

#[test]
fn readiness_names_each_team_to_this_machine_alone() {
    let two = Two::with(&[("backup_at", "\"off\""), ("integrity_at", "\"off\"")]);

    let all: Value = serde_json::from_str(&two.get("127.0.0.1:8000", "/health/ready").status(200).body).unwrap();
    assert_eq!(all["ready"], true);
    for team in ["north", "south"] {
        let state = &all["teams"][team];
        assert_eq!((&state["ready"], &state["store"]), (&Value::Bool(true), &Value::from("writable")), "{all}");
        assert!(state["store_bytes"].as_u64().unwrap() > 0 && state["issues"].is_u64(), "{all}");
    }

    Page::of(from_afar(&two, "127.0.0.1:8000", "/health/ready")).status(421);
    let one = Page::of(from_afar(&two, SOUTH, "/health/ready")).status(200);
    assert_eq!(one.body, "{\"ready\":true}");
    two.get(SOUTH, "/metrics").status(404);
}

#[test]
fn a_team_that_cannot_save_hides_no_other() {
    let two = Two::with(&[("backup_at", "\"off\""), ("integrity_at", "\"off\"")]);
    let token = two.south.token(Role::Admin, 1);
    two.south.fail_points.arm(3, StoreError::Full);
    two.call(&token, SOUTH, "/api/unschedule_event", r#"{"schedule_id": 2001}"#, &[]);

    let all: Value = serde_json::from_str(&two.get("localhost", "/health/ready").status(503).body).unwrap();

    assert_eq!(
        (&all["teams"]["north"]["ready"], &all["teams"]["south"]["ready"]),
        (&true.into(), &false.into()),
        "{all}"
    );
    two.get(NORTH, "/health/ready").status(200);
}

#[test]
fn metrics_of_all_teams_are_one_text_with_a_label() {
    let two = Two::new();
    two.get(NORTH, "/sign-in").status(200);

    let text = two.get("localhost", "/metrics").status(200).body;

    let heads: Vec<_> = text.lines().filter(|line| line.starts_with("# HELP ")).collect();
    let names: std::collections::BTreeSet<_> = heads.iter().map(|line| line.split(' ').nth(2)).collect();
    assert_eq!(heads.len(), names.len(), "each metric has one head: {text}");
    assert_eq!(text.lines().filter(|line| *line == "# EOF").count(), 1);
    assert!(text.ends_with("# EOF\n"));
    for team in ["north", "south"] {
        assert!(text.contains(&format!("tandem_store_writable{{team=\"{team}\"}} 1")), "{text}");
    }
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    assert_eq!(samples.filter(|line| !line.contains("team=\"")).count(), 0, "{text}");
}

#[test]
fn log_lines_of_a_request_name_its_team() {
    let two = Two::new();

    let page = two.get(NORTH, "/sign-in").status(200);

    let lines = logs::lines_of(&page.request_id);
    assert!(!lines.is_empty() && lines.iter().all(|line| line.contains("\"team\":\"north\"")), "{lines:?}");
}
