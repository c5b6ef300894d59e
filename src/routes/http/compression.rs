//! Gzip compression of responses. Responses that have a `Content-Encoding` already are left alone.

use std::io::{self, Cursor, Write};

use flate2::{Compression, write::GzEncoder};
use rocket::{
    Request, Response,
    fairing::{AdHoc, Fairing},
    http::{ContentType, Header},
};

/// Smaller bodies are not compressed: they fit into one packet, in bytes.
const BODY_BYTES_MIN: usize = 1024;
/// Larger bodies are compressed on a blocking thread, in bytes.
const INLINE_BYTES_MAX: usize = 128 * 1024;

/// Largest chunk of a body that is sent at once, in bytes. Most pages fit into one.
const PIECE_BYTES_MAX: usize = 64 * 1024;

/// Compresses text responses of known size.
pub fn stage() -> impl Fairing {
    AdHoc::on_response("compress", |request, response| {
        Box::pin(async move {
            compress(request, response).await;
            if let Some(bytes) = response.body().preset_size() {
                response.set_max_chunk_size(bytes.clamp(1, PIECE_BYTES_MAX));
            }
        })
    })
}

/// True if the client accepts gzip.
pub fn accepts_gzip(request: &Request<'_>) -> bool {
    let mut offers = request.headers().get("Accept-Encoding").flat_map(|value| value.split(','));
    offers.any(|offer| {
        let (coding, weight) = offer.split_once(';').unwrap_or((offer, ""));
        let refused = matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000");
        matches!(coding.trim(), "gzip" | "*") && !refused
    })
}

/// Compresses a body in memory.
pub fn gzip(body: &[u8], level: Compression) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), level);
    encoder.write_all(body)?;
    encoder.finish()
}

/// Compresses a body at the fastest level.
pub fn gzip_fast(body: &[u8]) -> io::Result<Vec<u8>> {
    gzip(body, Compression::fast())
}

async fn compress(request: &Request<'_>, response: &mut Response<'_>) {
    let known = response.body().preset_size().is_some_and(|bytes| bytes >= BODY_BYTES_MIN);
    let is_text = response.content_type().is_some_and(|media| is_text(&media));
    if !known || !is_text || response.headers().contains("Content-Encoding") {
        return;
    }
    response.adjoin_header(Header::new("Vary", "Accept-Encoding"));
    if !accepts_gzip(request) {
        return;
    }
    let Ok(body) = response.body_mut().to_bytes().await else { return };
    let smaller = if body.len() > INLINE_BYTES_MAX {
        let input = body.clone();
        tokio::task::spawn_blocking(move || gzip_fast(&input)).await.ok().and_then(Result::ok)
    } else {
        gzip_fast(&body).ok()
    };
    let body = match smaller {
        Some(smaller) => {
            response.set_raw_header("Content-Encoding", "gzip");
            smaller
        }
        None => body,
    };
    response.set_sized_body(body.len(), Cursor::new(body));
}

fn is_text(media: &ContentType) -> bool {
    let named = ["json", "javascript", "xml", "svg+xml", "x-ndjson", "manifest+json"];
    media.top() == "text" && media.sub() != "event-stream" || named.iter().any(|name| media.sub() == *name)
}
