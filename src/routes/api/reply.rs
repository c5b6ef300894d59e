//! JSON errors of the API, in one shape.

use rocket::{
    Request, Response,
    http::{Header, Status},
    response::{self, Responder},
    serde::json::Json,
};
use serde_json::{Map, Value, json};

use crate::routes::http::request_id::RequestId;

/// A JSON error. Its shape in the API document is [`ErrorAnswer`](crate::routes::api::responses::ErrorAnswer).
#[derive(Debug)]
pub struct JsonError {
    status: Status,
    /// The fields of the body; a caller may add some.
    pub body: Map<String, Value>,
    header: Option<Header<'static>>,
}

impl JsonError {
    /// `{"success":false,"error","code"}`; with a 5xx status also the id of the request.
    pub fn new(request: &Request<'_>, status: Status, sentence: &str, code: &str) -> Self {
        let fields = [("success", json!(false)), ("error", json!(sentence)), ("code", json!(code))];
        let request_id = (status.code >= 500).then(|| ("request_id", json!(RequestId::of(request).0)));
        let body = fields.into_iter().chain(request_id).map(|(name, value)| (name.to_owned(), value)).collect();
        Self { status, body, header: None }
    }

    /// The same error with a header.
    #[must_use]
    pub fn with_header(self, name: &'static str, value: String) -> Self {
        Self { header: Some(Header::new(name, value)), ..self }
    }
}

impl<'r> Responder<'r, 'static> for JsonError {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let mut response = Response::build_from(Json(self.body).respond_to(request)?);
        if let Some(header) = self.header {
            response.header(header);
        }
        response.status(self.status).ok()
    }
}
