//! Fields that only some roles may read, searched for in everything that each role can read.

use tandem::{
    domain::{
        employee::{
            Employee, ImportedProfile,
            availability::{DayPart, TimeOff},
        },
        notification::{Channel, Delivery, Notification, OutboxMessage, Purpose},
        user::{Role, access::AdminCommand},
        visibility::{Field, HIDDEN},
    },
    store::{
        StoreError, Tx,
        tables::{employees, outbox},
    },
};

use super::{links_by_role::walk, of};
use crate::support::{App, NOW};

/// Texts that stand in the fields of one employee, each found nowhere else.
fn marks(field: Field) -> &'static [&'static str] {
    match field {
        Field::EmployeeEmail => {
            &["entered@example.com", "imported@example.com", "audited@example.com", "noticed@example.com"]
        }
        Field::UserEmail => {
            &["account@example.com", "former@example.com", "mailed@example.com", "alerted@example.com", "Mailed to Ada"]
        }
        Field::TimeOffNote => &["knee surgery"],
    }
}

/// An app where one employee has all these fields, and the audit has an entry about them.
fn filled() -> App {
    let app = App::with_users();
    let session = app.session_of(of(Role::Admin));
    let form = super::form_token(&session);
    let edit = |address: &str, fields: &str| {
        let body = format!("csrf={form}&{fields}");
        app.ask_as(&session, "POST", address, &[super::FORM], &body).status(303);
    };
    edit(
        "/employees/101",
        "name=John+Smith&job_title=Event+Specialist&email=audited%40example.com&revision=0&days[mon].works=true",
    );
    for email in ["former@example.com", "account@example.com"] {
        let (name, email) = ("ada".parse().unwrap(), Some(email.parse().unwrap()));
        app.order(&AdminCommand::SetEmail { name, email });
    }
    app.store
        .blocking()
        .write(|tx| {
            let id = "101".parse().unwrap();
            let employee = employees::get(tx, &id)?.unwrap();
            let day = "2025-10-20".parse().unwrap();
            let email = |text: &str| Some(text.parse().unwrap());
            let imported = ImportedProfile {
                name: employee.name.clone(),
                title: employee.title,
                email: email("imported@example.com"),
            };
            let changed = Employee {
                email: email("entered@example.com"),
                imported: Some(imported),
                time_off: vec![TimeOff {
                    first: day,
                    last: day,
                    part: DayPart::WholeDay,
                    note: Some("knee surgery".to_owned()),
                }],
                ..employee
            };
            employees::put(tx, &changed)
        })
        .unwrap();
    app.store.blocking().write(add_undelivered).unwrap();
    app
}

/// Mail of each kind that no server took, and whose server quotes the address.
fn add_undelivered(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let mails = [
        ("noticed@example.com", Purpose::Notice, "Your schedule changed"),
        ("mailed@example.com", Purpose::Account, "Mailed to Ada"),
        ("alerted@example.com", Purpose::Alert, "3 new issues"),
    ];
    let now = NOW.parse().unwrap();
    for (address, purpose, title) in mails {
        let (title, intro) = (title.to_owned(), String::new());
        let notification = Notification { purpose, title, intro, items: Vec::new(), closing: None };
        let message = outbox::add(tx, Channel::Mail(address.to_owned()), notification, now)?;
        let delivery = Delivery::Stopped { at: now, why: format!("550 <{address}>: no such mailbox") };
        let stopped = OutboxMessage { delivery, ..message.clone() };
        assert!(outbox::update(tx, &message, &stopped)?);
    }
    Ok(())
}

/// Everything that a role can read: pages, calls, files, a calendar feed.
fn readable(app: &App, role: Role) -> Vec<(String, String)> {
    let mut texts: Vec<_> = walk(app, role).into_iter().map(|(address, page)| (address, page.body)).collect();
    let token = format!("Bearer {}", app.token(role, 1));
    let kinds = ["events", "schedule", "employees", "rotation", "audit"];
    let files = kinds.iter().flat_map(|kind| ["csv", "jsonl"].map(|ending| format!("/api/export/{kind}.{ending}")));
    let calls = ["/api/employees?limit=500", "/api/audit?limit=500", "/api/events?limit=500", "/api/integrity"];
    let proposal = format!("/api/proposals/{}", proposed(app));
    let days = ["/api/calendar/2025/10", "/api/calendar/day/2025-10-20", "/api/roster/2025-10-20", proposal.as_str()];
    for address in files.chain(calls.iter().chain(&days).map(ToString::to_string)) {
        let body = app.ask("GET", &address, &[("Authorization", &token)], "").status(200).body;
        texts.push((address, body));
    }
    texts
}

/// The number of a proposal that a scheduler makes.
fn proposed(app: &App) -> String {
    let bearer = format!("Bearer {}", app.token(Role::Scheduler, 2));
    let body = r#"{"from": "2025-10-15", "to": "2025-10-21"}"#;
    let made = app.ask("POST", "/api/proposals", &[("Authorization", &bearer), super::JSON], body).status(201);
    let made: serde_json::Value = serde_json::from_str(&made.body).unwrap();
    made["proposal_id"].as_str().unwrap().to_owned()
}

#[test]
fn each_role_reads_the_fields_that_the_table_gives_it_and_no_others() {
    let app = filled();
    for role in Role::ALL {
        let texts = readable(&app, role);
        for field in Field::ALL {
            for mark in marks(field) {
                let shown: Vec<_> = texts.iter().filter(|(_, body)| body.contains(mark)).map(|(at, _)| at).collect();
                let expected = field.is_visible_to(role);
                assert_eq!(!shown.is_empty(), expected, "{role} reads {mark:?} at {shown:?}");
            }
        }
    }
}

#[test]
fn a_viewer_reads_that_an_address_was_changed_but_not_the_address() {
    let app = filled();
    let page =
        app.ask("GET", "/api/audit", &[("Authorization", &format!("Bearer {}", app.token(Role::Viewer, 1)))], "");
    page.status(200).says("\"e-mail\"").says(HIDDEN).does_not_say("audited@example.com");
}

#[test]
fn a_viewer_reads_that_a_message_was_not_delivered_but_not_its_address() {
    let app = filled();
    let page = app.ask_as(&app.session_of(of(Role::Viewer)), "GET", "/integrity", &[], "").status(200);
    page.says("Tandem: account to an e-mail address: (hidden)").does_not_say("no such mailbox");
}

#[test]
fn a_calendar_feed_shows_none_of_these_fields() {
    let app = filled();
    let session = app.session_of(of(Role::Scheduler));
    let body = format!("csrf={}&employee=101", super::form_token(&session));
    let page = app.ask_as(&session, "POST", "/feeds", &[super::FORM], &body).status(200);
    let (_, after) = page.body.split_once("/feed/").unwrap();
    let feed = app.ask("GET", &format!("/feed/{}", after.split('"').next().unwrap()), &[], "").status(200);
    for mark in Field::ALL.into_iter().flat_map(marks) {
        assert!(!feed.body.contains(mark), "{mark}");
    }
}
