//! Answers that a reader may keep: a call that asks again with `If-None-Match` gets 304 as long as nothing changed.

use std::{fmt::Write, io::Cursor};

use rocket::{
    Request, Response,
    http::{ContentType, Header, Status},
    response::{self, Responder},
};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// Bytes of the hash that a tag shows; enough that two bodies never share one.
const TAG_BYTES: usize = 16;

/// A JSON body with its tag.
#[derive(Debug)]
pub struct Tagged<T>(pub T);

impl<'r, T: Serialize> Responder<'r, 'static> for Tagged<T> {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let body = serde_json::to_vec(&self.0).map_err(|_| Status::InternalServerError)?;
        respond(request, body, ContentType::JSON)
    }
}

/// A body, unless the reader has it already.
pub fn respond(request: &Request<'_>, body: Vec<u8>, media_type: ContentType) -> response::Result<'static> {
    let tag = tag(&body);
    let known = is_known(request, &tag);
    let mut builder = Response::build();
    builder.header(Header::new("ETag", tag)).header(Header::new("Cache-Control", "private, no-cache"));
    if known {
        return builder.status(Status::NotModified).ok();
    }
    builder.header(media_type).sized_body(body.len(), Cursor::new(body)).ok()
}

/// Whether whoever asks has the body with this tag.
pub fn is_known(request: &Request<'_>, tag: &str) -> bool {
    request.headers().get("If-None-Match").any(|given| matches(given, tag))
}

/// The tag of a body: bodies that differ have tags that differ.
pub fn tag(body: &[u8]) -> String {
    let mut tag = String::from("\"");
    for byte in &Sha256::digest(body)[..TAG_BYTES] {
        let _ = write!(tag, "{byte:02x}");
    }
    tag + "\""
}

/// The list that a reader sends: tags, weak or not, or a star for any.
fn matches(given: &str, tag: &str) -> bool {
    given.split(',').map(str::trim).any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
}
