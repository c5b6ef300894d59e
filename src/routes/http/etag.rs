//! Responses with an `ETag`: a request whose `If-None-Match` has the current tag gets 304 without a body.

use std::io::Cursor;

use rocket::{
    Request, Response,
    http::{ContentType, Header, Status},
    response::{self, Responder},
};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// Bytes of the SHA-256 hash in a tag; enough to make collisions negligible.
const TAG_BYTES: usize = 16;

/// A JSON response with an `ETag`.
#[derive(Debug)]
pub struct Tagged<T>(pub T);

impl<'r, T: Serialize> Responder<'r, 'static> for Tagged<T> {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let body = serde_json::to_vec(&self.0).map_err(|_| Status::InternalServerError)?;
        TaggedBody(body, ContentType::JSON).respond_to(request)
    }
}

/// A body with an `ETag`.
#[derive(Debug)]
pub struct TaggedBody(pub Vec<u8>, pub ContentType);

impl<'r> Responder<'r, 'static> for TaggedBody {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let Self(body, media_type) = self;
        let tag = tag(&body);
        let known = is_known(request, &tag);
        let mut builder = Response::build();
        builder.header(Header::new("ETag", tag)).header(Header::new("Cache-Control", "private, no-cache"));
        if known {
            return builder.status(Status::NotModified).ok();
        }
        builder.header(media_type).sized_body(body.len(), Cursor::new(body)).ok()
    }
}

/// Returns true if the client has the body with this tag.
pub fn is_known(request: &Request<'_>, tag: &str) -> bool {
    request.headers().get("If-None-Match").any(|given| matches(given, tag))
}

/// The tag of a body: a hash of its bytes.
pub fn tag(body: &[u8]) -> String {
    format!("\"{}\"", hex::encode(&Sha256::digest(body)[..TAG_BYTES]))
}

/// Matches an `If-None-Match` header: a list of tags, weak or strong, or `*`.
fn matches(given: &str, tag: &str) -> bool {
    given.split(',').map(str::trim).any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
}
