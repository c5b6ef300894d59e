//! CSS, script and icon, embedded in the binary under content-hashed addresses.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

/// A file served under `/assets/`.
#[derive(Debug)]
pub struct Asset {
    pub name: &'static str,
    pub media_type: &'static str,
    pub bytes: &'static [u8],
    /// `/assets/tandem.1a2b3c4d.css`
    pub address: String,
}

/// The mark, to be drawn within a page: in the colours of its event types. `icon.png` is the same, 64 × 64: a browser
/// draws an icon again at every change of the address, and one in SVG as a document of its own.
pub const MARK: &str = include_str!("../assets/mark.svg");

/// Bytes of the digest in an address.
const DIGEST_BYTES: usize = 6;

/// The CSS files in order: tokens, components, small screens, print.
const STYLE: &str = concat!(
    include_str!("../assets/style/tokens.css"),
    include_str!("../assets/style/base.css"),
    include_str!("../assets/style/frame.css"),
    include_str!("../assets/style/month.css"),
    include_str!("../assets/style/day.css"),
    include_str!("../assets/style/forms.css"),
    include_str!("../assets/style/lists.css"),
    include_str!("../assets/style/people.css"),
    include_str!("../assets/style/find.css"),
    include_str!("../assets/style/roster.css"),
    include_str!("../assets/style/timeline.css"),
    include_str!("../assets/style/drag.css"),
    include_str!("../assets/style/reports.css"),
    include_str!("../assets/style/small.css"),
    include_str!("../assets/style/print.css"),
);

static ASSETS: LazyLock<[Asset; 6]> = LazyLock::new(|| {
    [
        asset("tandem.css", "text/css; charset=utf-8", STYLE.as_bytes()),
        asset("tandem.js", "text/javascript; charset=utf-8", include_bytes!("../assets/tandem.js")),
        asset("drag.js", "text/javascript; charset=utf-8", include_bytes!("../assets/drag.js")),
        asset("changes.js", "text/javascript; charset=utf-8", include_bytes!("../assets/changes.js")),
        asset("htmx.min.js", "text/javascript; charset=utf-8", include_bytes!("../assets/vendor/htmx.min.js")),
        asset("icon.png", "image/png", include_bytes!("../assets/icon.png")),
    ]
});

fn asset(name: &'static str, media_type: &'static str, bytes: &'static [u8]) -> Asset {
    let digest = hex::encode(&Sha256::digest(bytes)[..DIGEST_BYTES]);
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    Asset { name, media_type, bytes, address: format!("/assets/{stem}.{digest}.{extension}") }
}

/// The address of a file, by its name; empty for an unknown name.
pub fn address(name: &str) -> &'static str {
    ASSETS.iter().find(|asset| asset.name == name).map_or("", |asset| &asset.address)
}

/// Every file.
pub fn all() -> &'static [Asset] {
    &*ASSETS
}

/// The file at an address.
pub fn find(address: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.address == address)
}
