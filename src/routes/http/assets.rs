//! Stylesheet, scripts and icons. A URL contains the hash of its content, so browsers cache it for a year.

use std::{collections::BTreeMap, sync::LazyLock};

use flate2::Compression;
use rocket::{
    Request, Response, Route, get,
    http::Header,
    response::{self, Responder},
    routes,
};

use crate::{
    assets::{self, Asset},
    routes::http::compression::{accepts_gzip, gzip},
};

/// An asset that browsers cache for a year.
#[derive(Debug)]
pub struct ImmutableAsset(&'static Asset);

/// Gzip bodies by URL, compressed once. Files that gzip does not make smaller are left out.
static COMPRESSED: LazyLock<BTreeMap<&'static str, Vec<u8>>> = LazyLock::new(|| {
    let smaller = |asset: &'static Asset| {
        let bytes = gzip(asset.bytes, Compression::best()).ok()?;
        (bytes.len() < asset.bytes.len()).then_some((asset.address.as_str(), bytes))
    };
    assets::all().iter().filter_map(smaller).collect()
});

pub fn routes() -> Vec<Route> {
    routes![file]
}

/// `GET /assets/tandem.1a2b3c4d.css`
#[get("/assets/<name>")]
pub fn file(name: &str) -> Option<ImmutableAsset> {
    assets::find(&format!("/assets/{name}")).map(ImmutableAsset)
}

impl<'r> Responder<'r, 'static> for ImmutableAsset {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let Self(asset) = self;
        let mut builder = Response::build();
        builder
            .header(Header::new("Content-Type", asset.media_type))
            .header(Header::new("Cache-Control", "public, max-age=31536000, immutable"))
            .header(Header::new("Vary", "Accept-Encoding"));
        let bytes: &'static [u8] = match COMPRESSED.get(asset.address.as_str()).filter(|_| accepts_gzip(request)) {
            Some(bytes) => {
                builder.header(Header::new("Content-Encoding", "gzip"));
                bytes
            }
            None => asset.bytes,
        };
        builder.sized_body(bytes.len(), std::io::Cursor::new(bytes)).ok()
    }
}
