//! How calls answer: JSON, and errors in one shape everywhere.

use std::io::Cursor;

use rocket::{
    Request, Response,
    http::{ContentType, Status},
    response::{self, Responder},
};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// A JSON body.
#[derive(Debug)]
pub struct Json(pub Value);

impl<'r> Responder<'r, 'static> for Json {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        let body = self.0.to_string();
        Response::build().header(ContentType::JSON).sized_body(body.len(), Cursor::new(body)).ok()
    }
}

/// What a change answers.
#[derive(Debug)]
pub struct Answered<T>(pub T);

impl<'r, T: Serialize> Responder<'r, 'static> for Answered<T> {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let body = serde_json::to_value(&self.0).map_err(|_| Status::InternalServerError)?;
        Json(body).respond_to(request)
    }
}

/// `{"success":false,"error","code"}`
pub fn error(sentence: &str, code: &str) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("success".to_owned(), json!(false));
    body.insert("error".to_owned(), json!(sentence));
    body.insert("code".to_owned(), json!(code));
    body
}
