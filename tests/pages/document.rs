//! The document of the calls says what is there: routes, fields, shapes.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::support::App;

fn document(app: &App) -> Value {
    app.read_call("/api/openapi.json").body
}

/// What a `$ref` points to.
fn resolved<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    }
}

#[test]
fn it_has_every_call_that_is_mounted_and_no_other() {
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

#[test]
fn each_change_takes_the_fields_that_the_document_names() {
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
        let mut body: Map<String, Value> = fields
            .iter()
            .filter(|(_, field)| !field["example"].is_null())
            .map(|(name, field)| (name.clone(), field["example"].clone()))
            .collect();
        body.insert("misspelled".to_owned(), json!(1));

        let answer = app.call(path, body.into()).refused(400, "malformed");

        let said = answer.body["error"].as_str().unwrap();
        let taken = said.split("this call takes: ").nth(1).unwrap_or_else(|| panic!("{path}: {said}"));
        let taken: BTreeSet<_> = taken.trim_end_matches('.').split(", ").collect();
        assert_eq!(taken, fields.keys().map(String::as_str).collect(), "{path}");
        for required in schema["required"].as_array().unwrap() {
            let mut without: Map<String, Value> = [("revision".to_owned(), Value::Null)].into_iter().collect();
            without.extend(
                fields
                    .iter()
                    .filter(|(name, field)| *name != required && !field["example"].is_null())
                    .map(|(name, field)| (name.clone(), field["example"].clone())),
            );
            app.call(path, without.into()).refused(400, "malformed");
        }
        tried += 1;
    }
    assert!(tried >= 6, "only {tried} changes have a body");
}

#[test]
fn each_list_takes_the_parameters_that_the_document_names() {
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
        let said = answer.body["error"].as_str().unwrap();
        let taken: BTreeSet<_> =
            said.split("this call takes: ").nth(1).unwrap().trim_end_matches('.').split(", ").collect();
        // The dates of events decide what a cursor looks like, and are read before it.
        assert_eq!(taken, named, "{path}");
    }
}
