//! Styles and scripts embedded in the binary.

use sha2::{Digest, Sha256, Sha384};
use tandem::assets;

use crate::support::App;

/// htmx 2.0.11 as its authors published it; base64 in their notes is the same digest.
const HTMX_SHA384: &str =
    "d8e6adcd0cb51fe65dfc822b8ebd5372e0c6a8b5de1e16e8a00c8963529d40c2a7af82d9db6937d4604b7582879958e0";

#[test]
fn htmx_is_the_unmodified_release() {
    let htmx = assets::find(assets::address("htmx.min.js")).unwrap();
    let digest = format!("{:x}", Sha384::digest(htmx.bytes));
    assert_eq!((htmx.bytes.len(), digest.as_str()), (52_182, HTMX_SHA384));
}

/// Most bytes of our own scripts, as they are in their files. Dragging has one of its own, for mouse, touch and pen.
const SCRIPT_BYTES_MAX: usize = 14 * 1024;
const DRAG_BYTES_MAX: usize = 10 * 1024;

#[test]
fn our_own_scripts_stay_small() {
    for (name, max) in [("tandem.js", SCRIPT_BYTES_MAX), ("drag.js", DRAG_BYTES_MAX)] {
        let script = assets::find(assets::address(name)).unwrap();
        assert!(script.bytes.len() <= max, "{name}: {}", script.bytes.len());
    }
}

#[test]
fn an_asset_is_served_under_an_address_that_names_its_content() {
    let app = App::empty();
    let month = app.get("/calendar/2025/10").body;
    for name in ["tandem.css", "tandem.js", "drag.js", "changes.js", "htmx.min.js", "icon.png"] {
        let address = assets::address(name);
        assert!(month.contains(address), "{address}");
        let served = app.client.get(address).dispatch();
        assert_eq!(served.status().code, 200, "{address}");
        assert_eq!(served.into_bytes().unwrap(), assets::find(address).unwrap().bytes, "{address}");
    }
    app.get("/assets/tandem.000000000000.css").status(404);
}

/// axe-core 4.14.1, with which the browser tests look at pages; base64 in its `sri-history.json` is the same digest.
const AXE_SHA256: &str = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c";

#[test]
fn axe_is_the_unmodified_release() {
    let digest = format!("{:x}", Sha256::digest(include_bytes!("vendor/axe.min.js")));
    assert_eq!(digest, AXE_SHA256);
}
