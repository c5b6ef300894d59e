//! Compression of pages and assets.

use std::io::Read;

use flate2::read::GzDecoder;
use rocket::http::Header;
use tandem::assets;

use crate::support::App;

/// A body as it travels, with the coding and the `Vary` it names.
fn travel(app: &App, address: &str, accepts: &str) -> (Vec<u8>, Option<String>, String) {
    let request = app.client.get(address.to_owned()).header(Header::new("Accept-Encoding", accepts.to_owned()));
    let answer = request.dispatch();
    let coding = answer.headers().get_one("Content-Encoding").map(str::to_owned);
    let vary = answer.headers().get("Vary").collect::<Vec<_>>().join(", ");
    (answer.into_bytes().unwrap(), coding, vary)
}

fn opened(gzip: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    GzDecoder::new(gzip).read_to_end(&mut plain).unwrap();
    plain
}

#[test]
fn a_page_is_compressed_for_a_browser_that_accepts_gzip() {
    let app = App::with_acceptance_data();
    let (gzip, coding, vary) = travel(&app, "/calendar/2025/10", "br;q=1.0, gzip;q=0.8");
    assert_eq!(coding.as_deref(), Some("gzip"));
    assert!(vary.contains("Accept-Encoding") && vary.contains("HX-Request"), "{vary}");
    let plain = opened(&gzip);
    assert!(String::from_utf8(plain.clone()).unwrap().contains("October 2025"));
    assert!(gzip.len() * 4 < plain.len(), "{} of {}", gzip.len(), plain.len());
}

#[test]
fn a_page_is_not_compressed_without_accept_encoding() {
    let app = App::with_acceptance_data();
    for accepts in ["", "identity", "gzip;q=0", "br"] {
        let (body, coding, vary) = travel(&app, "/calendar/2025/10", accepts);
        assert_eq!(coding, None, "{accepts}");
        assert!(vary.contains("Accept-Encoding"), "{vary}");
        assert!(String::from_utf8(body).unwrap().contains("October 2025"), "{accepts}");
    }
}

#[test]
fn style_and_script_are_compressed_once_without_loss() {
    let app = App::empty();
    for name in ["tandem.css", "tandem.js", "htmx.min.js"] {
        let address = assets::address(name);
        let (gzip, coding, _) = travel(&app, address, "gzip");
        assert_eq!(coding.as_deref(), Some("gzip"), "{name}");
        assert_eq!(opened(&gzip), assets::find(address).unwrap().bytes, "{name}");
    }
}

#[test]
fn the_first_view_takes_at_most_60_kb_over_the_wire() {
    let app = App::with_acceptance_data();
    let page = ["/calendar/2025/10"].into_iter();
    let files = ["tandem.css", "tandem.js", "htmx.min.js", "icon.png"].map(assets::address);
    let bytes: usize = page.chain(files).map(|address| travel(&app, address, "gzip").0.len()).sum();
    assert!(bytes <= 60_000, "{bytes}");
}

#[test]
fn a_small_answer_is_not_compressed() {
    let (body, coding, _) = travel(&App::empty(), "/health/live", "gzip");
    assert_eq!(coding, None, "{}", String::from_utf8_lossy(&body));
}
