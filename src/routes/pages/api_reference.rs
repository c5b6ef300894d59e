//! The document of the calls, as a page.

use rocket::get;
use serde_json::{Map, Value};

use crate::{
    routes::{api::openapi::Document, auth::Viewer, render::Reply},
    views::api_reference::{self, Answer, Call, Field, Group, Kind, Reference, Shape},
};

#[get("/help/calls")]
pub fn show(_viewer: Viewer, document: &Document) -> Reply {
    Reply::page(api_reference::page(&read(&document.json)))
}

fn read(document: &Value) -> Reference {
    let groups = array(&document["tags"]).iter().map(|tag| group(document, tag)).collect();
    let shapes = entries(&document["components"]["schemas"]).map(|(name, schema)| shape(name, schema)).collect();
    Reference { about: text(&document["info"]["description"]), groups, shapes }
}

fn group(document: &Value, tag: &Value) -> Group {
    let mut calls = Vec::new();
    for (path, item) in entries(&document["paths"]) {
        for (method, operation) in
            entries(item).filter(|(_, operation)| array(&operation["tags"]).contains(&tag["name"]))
        {
            calls.push(call(document, method, path, operation));
        }
    }
    Group { name: text(&tag["name"]), about: text(&tag["description"]), calls }
}

fn call(document: &Value, method: &str, path: &str, operation: &Value) -> Call {
    let parameter = |one: &Value| Field {
        name: text(&one["name"]),
        place: format!("{}{}", text(&one["in"]), if one["required"] == true { "" } else { ", optional" }),
        kind: kind(&one["schema"]),
        about: text(&one["description"]),
    };
    let answer = |(status, answer): (&String, &Value)| {
        let answer = resolved(document, answer);
        let bodies = entries(&answer["content"]).map(|(media, body)| (media.clone(), kind(&body["schema"]))).collect();
        Answer { status: status.clone(), when: text(&answer["description"]), bodies }
    };
    Call {
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(&operation["summary"]),
        parameters: array(&operation["parameters"]).iter().map(parameter).collect(),
        body: operation["requestBody"].as_object().map(|body| kind(&body["content"]["application/json"]["schema"])),
        answers: entries(&operation["responses"]).map(answer).collect(),
    }
}

fn shape(name: &str, schema: &Value) -> Shape {
    let mut fields = Vec::new();
    collect_fields(schema, &mut fields);
    let (kind, about) = (kind(schema), text(&schema["description"]));
    Shape { name: name.to_owned(), kind: fields.is_empty().then_some(kind), about, fields }
}

fn collect_fields(schema: &Value, fields: &mut Vec<Field>) {
    let required = array(&schema["required"]);
    for (name, field) in entries(&schema["properties"]) {
        let is_required = required.iter().any(|one| one == name);
        fields.push(Field {
            name: name.clone(),
            place: if is_required { String::new() } else { "optional".to_owned() },
            kind: kind(field),
            about: text(&field["description"]),
        });
    }
    for part in array(&schema["allOf"]) {
        if part["$ref"].is_string() {
            fields.push(Field {
                name: String::new(),
                place: "its fields".to_owned(),
                kind: kind(part),
                about: text(&part["description"]),
            });
        }
        collect_fields(part, fields);
    }
}

/// The type of a value in words, with the schema if it has a name.
fn kind(schema: &Value) -> Kind {
    if let Some(reference) = schema["$ref"].as_str() {
        let shape = reference.rsplit('/').next().unwrap_or(reference).to_owned();
        return Kind { words: String::new(), shape: Some(shape) };
    }
    if let [Value::Object(null), other] = array(&schema["oneOf"])
        && null.get("type").is_some_and(|kind| kind == "null")
    {
        let kind = kind(other);
        return Kind { words: format!("{}null or ", kind.words), ..kind };
    }
    let mut types: Vec<_> = match &schema["type"] {
        Value::Array(types) => types.iter().map(text).collect(),
        one => vec![text(one)],
    };
    if types.first().is_some_and(|kind| kind == "array") {
        let items = kind(&schema["items"]);
        return Kind { words: format!("list of {}", items.words), ..items };
    }
    let among: Vec<_> = array(&schema["enum"]).iter().map(text).collect();
    if !among.is_empty() {
        types = among;
    }
    let words = [types.join(" or "), limits(schema)].join(" ");
    Kind { words: words.trim().to_owned(), shape: None }
}

/// `from 1 to 500, 100 unless given`
fn limits(schema: &Value) -> String {
    let number = |name: &str| schema[name].as_u64().map(|number| number.to_string());
    let mut limits = Vec::new();
    match (number("minimum"), number("maximum")) {
        (Some(least), Some(most)) => limits.push(format!("from {least} to {most}")),
        (Some(least), None) => limits.push(format!("from {least}")),
        (None, _) => {}
    }
    limits.extend(number("maxLength").map(|most| format!("of at most {most} characters")));
    limits.extend(number("default").map(|usual| format!("{usual} unless given")));
    limits.join(", ")
}

fn resolved<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    let reference = value["$ref"].as_str().and_then(|reference| document.pointer(reference.trim_start_matches('#')));
    reference.unwrap_or(value)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}
