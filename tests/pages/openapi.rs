//! The API document matches the routes, fields and schemas.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::support::App;

fn document(app: &App) -> Value {
    app.read_call("/api/openapi.json").body
}

/// Resolves a `$ref`.
fn resolved<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    }
}

#[test]
fn the_document_has_exactly_the_mounted_calls() {
    let app = App::empty();
    let document = document(&app);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut described = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            described.insert(format!("{} {}", method.to_uppercase(), path.replace('{', "<").replace('}', ">")));
        }
    }

    let shape = |route: &String| {
        let parts = route.split('/').map(|part| if part.starts_with('<') { "<>" } else { part });
        parts.collect::<Vec<_>>().join("/")
    };
    let mounted: BTreeSet<_> = app.routes().iter().filter(|route| route.contains(" /api/")).map(shape).collect();
    let described: BTreeSet<_> = described.iter().map(shape).collect();
    assert_eq!(described, mounted);
}

/// A valid value of a field.
fn sample(name: &str) -> Value {
    match name {
        "event_id" => json!(1004),
        "schedule_id" => json!(2001),
        "other_schedule_id" => json!(2003),
        "employee_id" | "new_employee_id" => json!("103"),
        "start_datetime" | "new_date" => json!("2025-10-16T10:30"),
        "from" | "to" => json!("2025-10-16"),
        _ => Value::Null,
    }
}

#[test]
fn each_change_accepts_the_documented_fields() {
    let app = App::with_acceptance_data();
    let document = document(&app);
    let mut tried = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        let schema = &operations["post"]["requestBody"]["content"]["application/json"]["schema"];
        if schema.is_null() || path.contains('{') {
            continue;
        }
        let schema = resolved(&document, schema);
        let fields = schema["properties"].as_object().unwrap();
        let whole: Map<String, Value> = fields.keys().map(|name| (name.clone(), sample(name))).collect();
        let mut misspelled = whole.clone();
        misspelled.insert("misspelled".to_owned(), json!(1));

        let answer = app.call(path, misspelled.into()).refused(400, "malformed");

        let message = answer.body["error"].as_str().unwrap();
        let taken = message.split("this call takes: ").nth(1).unwrap_or_else(|| panic!("{path}: {message}"));
        let taken: BTreeSet<_> = taken.trim_end_matches('.').split(", ").collect();
        assert_eq!(taken, fields.keys().map(String::as_str).collect(), "{path}");
        for required in schema["required"].as_array().unwrap() {
            let mut without = whole.clone();
            without.remove(required.as_str().unwrap());
            app.call(path, without.into()).refused(400, "malformed");
        }
        tried += 1;
    }
    assert!(tried >= 6, "only {tried} changes have a body");
}

/// A text field of the document: its name, valid and invalid samples, and a request that reads it.
type PatternCase =
    (&'static str, &'static [&'static str], &'static [&'static str], fn(&str) -> (String, Option<Value>));

const PATTERN_CASES: [PatternCase; 5] = [
    (
        "Date",
        &["1970-01-01", "2024-02-29", "2000-02-29", "2200-12-31", "2025-04-30"],
        &["1969-12-31", "2201-01-01", "2100-02-29", "2025-02-29", "2025-04-31", "2025-13-01", "10/15/2025", "2025-1-1"],
        |text| (format!("/api/events?from={text}"), None),
    ),
    (
        "EventsCursor",
        &["1", "9007199254740991", "2025-10-15.1001"],
        &["0", "-1", "2025-02-30.1", "2025-10-15", "x", "2025-10-15.x"],
        |text| (format!("/api/events?cursor={text}"), None),
    ),
    ("NumberCursor", &["0", "5", "999999999999999"], &["-1", "x", "5.0", "%2B5"], |text| {
        (format!("/api/audit?cursor={text}"), None)
    }),
    (
        "Moment",
        &[
            "2025-10-20",
            "2025-10-20T10:30",
            "2025-10-20 10:30",
            "2025-10-20T10:30:59.5",
            "2025-10-20 10:30:59.5",
            "2025-10-20T10:30Z",
            "2025-10-20T10:30-04:00",
            "2025-10-20T10:30:00+0530",
            "2025-10-20T10:30-04",
            "2199-12-28T23:59-14:00",
        ],
        &["2025-10-20T24:00", "2025-10-20T10", "2025-10-20T10:30x", "tomorrow", "2025-10-32", "2025-10-20T10:30+4"],
        |text| ("/api/reschedule_event".to_owned(), Some(json!({"schedule_id": 9_999_999, "new_date": text}))),
    ),
    (
        "OverrideReason",
        &["", "she agreed", "two\nlines\tand a tab", "élan \u{1f600}"],
        &["\0", "a\u{5}", "\u{96}", "\u{7f}", "\u{202e}gnp", "\u{2066}"],
        |text| {
            let body = json!({"schedule_id": 9_999_999, "new_date": "2025-10-20", "override_reason": text});
            ("/api/reschedule_event".to_owned(), Some(body))
        },
    ),
];

#[test]
fn values_are_accepted_exactly_if_they_match_the_documented_pattern() {
    let app = App::with_acceptance_data();
    let document = document(&app);
    for (name, fitting, others, request) in PATTERN_CASES {
        let pattern = document["components"]["schemas"][name]["pattern"].as_str().unwrap();
        let pattern = regex::Regex::new(pattern).unwrap();
        for (texts, fits) in [(fitting, true), (others, false)] {
            for text in texts {
                let (address, body) = request(text);
                let answer = body.map_or_else(|| app.read_call(&address), |body| app.call(&address, body));
                assert_eq!(pattern.is_match(text), fits, "{name}: {text}");
                assert_eq!(answer.status != 400, fits, "{name}: {text}: {}", answer.body);
            }
        }
    }
}

#[test]
fn an_employee_id_of_any_script_is_described_and_read() {
    let app = App::with_acceptance_data();
    let document = document(&app);
    assert_eq!(document["components"]["schemas"]["EmployeeId"]["pattern"], json!(r"^[\p{L}\p{N}._-]{1,40}$"));
    let schedule = |id: &str| {
        app.call(
            "/api/schedule_event",
            json!({"event_id": 1004, "employee_id": id, "start_datetime": "2025-10-16T10:30"}),
        )
    };
    for id in ["999", "E-1.a_b", "Zo\u{eb}", "\u{5f20}\u{4f1f}", "\u{663}"] {
        schedule(id).refused(404, "unknown_employee");
    }
    for id in ["", "a b", "a/b", "\u{1f600}", &"1".repeat(41)] {
        schedule(id).refused(400, "malformed");
    }
}

#[test]
fn a_whole_number_can_be_written_with_a_fraction_of_zero() {
    let app = App::with_acceptance_data();
    app.call("/api/reschedule_event", json!({"schedule_id": 2001.0, "new_date": "2025-10-20", "revision": 0.0})).ok();
    app.call("/api/reschedule_event", json!({"schedule_id": 2001.5, "new_date": "2025-10-21"}))
        .refused(400, "malformed");
}

#[test]
fn every_call_documents_its_role_and_its_errors() {
    let app = App::with_users();
    let document = app.ask_as(&app.session_of("sam"), "GET", "/api/openapi.json", &[], "").body;
    let document: Value = serde_json::from_str(&document).unwrap();
    let schemes = &document["components"]["securitySchemes"];
    assert_eq!((&schemes["token"]["type"], &schemes["token"]["scheme"]), (&json!("http"), &json!("bearer")));
    assert_eq!(schemes["session"]["name"], json!("tandem_session"));
    let mut ids = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{path}: its operationId stands twice");
            let session =
                if method == "get" { json!({"session": []}) } else { json!({"form_token": [], "session": []}) };
            assert_eq!(operation["security"], json!([{"token": []}, session]), "{method} {path}");
            for status in ["401", "403", "429", "500"] {
                let answer = resolved(&document, &operation["responses"][status]);
                let body = &answer["content"]["application/json"]["schema"];
                assert_eq!(body["$ref"], json!("#/components/schemas/Error"), "{method} {path}: {status}");
            }
        }
    }
}

#[test]
fn without_sign_in_the_document_asks_for_nothing() {
    let document = document(&App::empty());
    assert!(document["components"]["securitySchemes"].is_null());
    assert!(document["paths"]["/api/events"]["get"]["security"].is_null());
    assert!(document["paths"]["/api/events"]["get"]["responses"]["401"].is_null());
}

#[test]
fn an_unsupported_method_answers_405_with_the_allowed_ones() {
    let app = App::with_acceptance_data();
    for (method, address, allowed) in [
        ("DELETE", "/api/events/1001", "GET, HEAD"),
        ("TRACE", "/api/audit", "GET, HEAD"),
        ("OPTIONS", "/api/calendar/2025/10", "GET, HEAD"),
        ("GET", "/api/trade", "POST"),
        ("PATCH", "/api/undo/1", "POST"),
    ] {
        let answer = app.ask(method, address, &[], "");
        assert_eq!(answer.status, 405, "{method} {address}");
        assert_eq!(answer.header("Allow"), Some(allowed), "{method} {address}");
        assert!(answer.body.contains("\"code\":\"wrong_method\""), "{}", answer.body);
    }
    assert_eq!(app.ask("DELETE", "/api/nothing", &[], "").status, 404);
}

#[test]
fn each_list_accepts_the_documented_parameters() {
    let app = App::empty();
    let document = document(&app);
    for path in ["/api/events", "/api/employees", "/api/audit", "/api/integrity"] {
        let named: BTreeSet<_> = document["paths"][path]["get"]["parameters"]
            .as_array()
            .unwrap()
            .iter()
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        let answer = app.read_call(&format!("{path}?misspelled=1")).refused(400, "malformed");
        let message = answer.body["error"].as_str().unwrap();
        let taken: BTreeSet<_> =
            message.split("this call takes: ").nth(1).unwrap().trim_end_matches('.').split(", ").collect();
        assert_eq!(taken, named, "{path}");
    }
}

#[test]
fn the_api_page_lists_every_call_and_has_no_dead_links() {
    let app = App::empty();
    let document = document(&app);
    let page = app.get("/help/calls").status(200).body;
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            assert!(page.contains(&format!("<code>{} {path}</code></h3>", method.to_uppercase())), "{method} {path}");
        }
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(page.contains(&format!("id=\"shape-{name}\"")), "{name}");
    }
    let mut links = 0;
    for link in page.split("href=\"#").skip(1) {
        let target = link.split('"').next().unwrap();
        assert!(page.contains(&format!("id=\"{target}\"")), "#{target} leads nowhere");
        links += 1;
    }
    assert!(links > 100, "only {links} links");
    app.get("/help").status(200).link("/help/calls");
}
