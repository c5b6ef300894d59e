//! The API reference: requests, parameters and responses.

use maud::{Markup, html};

use crate::views::{Page, urls};

/// The document of the calls.
#[derive(Debug)]
pub struct Reference {
    pub about: String,
    pub groups: Vec<Group>,
    pub shapes: Vec<Shape>,
}

/// Calls of one sort.
#[derive(Debug)]
pub struct Group {
    pub name: String,
    pub about: String,
    pub calls: Vec<Call>,
}

#[derive(Debug)]
pub struct Call {
    pub method: String,
    pub path: String,
    pub summary: String,
    pub parameters: Vec<Field>,
    pub body: Option<Kind>,
    pub answers: Vec<Answer>,
}

/// A parameter, or a field of a shape.
#[derive(Debug)]
pub struct Field {
    pub name: String,
    /// `query, optional`
    pub place: String,
    pub kind: Kind,
    pub about: String,
}

/// The type of a value: a description, and the schema if it has a name.
#[derive(Debug)]
pub struct Kind {
    pub words: String,
    pub shape: Option<String>,
}

/// A possible response of a request.
#[derive(Debug)]
pub struct Answer {
    pub status: String,
    pub when: String,
    /// Media types, and what they hold.
    pub bodies: Vec<(String, Kind)>,
}

/// A value with a name: an object of fields, or of a kind.
#[derive(Debug)]
pub struct Shape {
    pub name: String,
    pub about: String,
    pub kind: Option<Kind>,
    pub fields: Vec<Field>,
}

pub fn page(reference: &Reference) -> Page {
    let main = html! {
        div.page.calls {
            div.bar {
                h1 #title tabindex="-1" { "API" }
                a.btn.quiet href=(urls::DOCUMENT) { "OpenAPI document" }
            }
            p.hint { (words(&reference.about)) }
            nav aria-label="API requests" {
                ul.plain {
                    @for call in reference.groups.iter().flat_map(|group| &group.calls) {
                        li { a href={ "#" (anchor(call)) } { code { (call.method) " " (call.path) } } }
                    }
                }
            }
            @for group in &reference.groups { (section(group)) }
            section aria-labelledby="shapes" {
                h2 #shapes { "Schemas" }
                @for shape in &reference.shapes { (shape_block(shape)) }
            }
        }
    };
    Page::new("API", main)
}

fn section(group: &Group) -> Markup {
    html! {
        section aria-label=(group.name) {
            h2 { (group.name) }
            p.hint { (words(&group.about)) }
            @for call in &group.calls { (call_block(call)) }
        }
    }
}

fn call_block(call: &Call) -> Markup {
    html! {
        article.call {
            h3 id=(anchor(call)) { code { (call.method) " " (call.path) } }
            p { (words(&call.summary)) "." }
            @if !call.parameters.is_empty() { (fields("Parameter", &call.parameters)) }
            @if let Some(body) = &call.body { p { "Request body, as " code { "application/json" } ": " (kind(body)) "." } }
            table.list {
                caption.vh { "Responses of " (call.method) " " (call.path) }
                thead { tr { th scope="col" { "Status" } th scope="col" { "When" } th scope="col" { "Body" } } }
                tbody {
                    @for answer in &call.answers {
                        tr {
                            th scope="row" { (answer.status) }
                            td { (words(&answer.when)) }
                            td {
                                @for (at, (media, body)) in answer.bodies.iter().enumerate() {
                                    @if at > 0 { ", " }
                                    (kind(body))
                                    @if media != "application/json" { " as " code { (media) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn shape_block(shape: &Shape) -> Markup {
    html! {
        article.call {
            h3 id={ "shape-" (shape.name) } { (shape.name) }
            @if !shape.about.is_empty() { p { (words(&shape.about)) } }
            @if let Some(one) = &shape.kind { p.meta { (kind(one)) } }
            @if !shape.fields.is_empty() { (fields("Field", &shape.fields)) }
        }
    }
}

fn fields(title: &str, fields: &[Field]) -> Markup {
    html! {
        table.list {
            thead { tr { th scope="col" { (title) } th scope="col" { "Type" } th scope="col" { "Meaning" } } }
            tbody {
                @for field in fields {
                    tr {
                        th scope="row" { code { (field.name) } span.meta { (field.place) } }
                        td { (kind(&field.kind)) }
                        td { (words(&field.about)) }
                    }
                }
            }
        }
    }
}

fn kind(kind: &Kind) -> Markup {
    html! {
        (kind.words)
        @if let Some(shape) = &kind.shape { " " a href={ "#shape-" (shape) } { (shape) } }
    }
}

/// `trade-POST`: where a call stands on the page.
fn anchor(call: &Call) -> String {
    let path = call.path.replace(['/', '{', '}'], "-");
    format!("{}{path}", call.method)
}

/// Text with its code between backquotes.
fn words(text: &str) -> Markup {
    html! {
        @for (at, part) in text.split('`').enumerate() {
            @if at % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}
