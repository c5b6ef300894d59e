//! Style, script and mark. An address names its content, so it is kept for good.

use rocket::{
    Request, Response, get,
    http::Header,
    response::{self, Responder},
};

use crate::assets::{self, Asset};

/// A file, to be kept for a year.
#[derive(Debug)]
pub struct Kept(&'static Asset);

/// `GET /assets/tandem.1a2b3c4d.css`
#[get("/assets/<name>")]
pub fn file(name: &str) -> Option<Kept> {
    assets::find(&format!("/assets/{name}")).map(Kept)
}

impl<'r> Responder<'r, 'static> for Kept {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        let Self(asset) = self;
        Response::build()
            .header(Header::new("Content-Type", asset.media_type))
            .header(Header::new("Cache-Control", "public, max-age=31536000, immutable"))
            .sized_body(asset.bytes.len(), std::io::Cursor::new(asset.bytes))
            .ok()
    }
}
