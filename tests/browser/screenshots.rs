//! The pictures in `docs/images`, made by one command: `cargo test --test browser -- screenshots`.
//!
//! They show the month that `tandem serve --demo` makes up, as of the day on which all tests happen.

use std::{env, fs, path::Path};

use tandem::demo::generate;

use super::{
    browser::Browser,
    engine::{Engine, Scripts},
    server::Server,
};

/// A picture: its name, the page, what is opened on it, light or dark, width and height.
type Picture = (&'static str, &'static str, Option<&'static str>, &'static str, (u32, u32));

const DESK: (u32, u32) = (1440, 900);
const PHONE: (u32, u32) = (375, 812);
const MONTH: &str = "/calendar/2025/10";
const DAY: &str = "/calendar/day/2025-10-15";

const PICTURES: &[Picture] = &[
    ("month", MONTH, None, "light", DESK),
    ("month-dark", MONTH, None, "dark", DESK),
    ("month-phone", MONTH, None, "light", PHONE),
    ("day", DAY, None, "light", DESK),
    ("day-phone", DAY, None, "light", PHONE),
    ("dialog", DAY, Some("#group-core .event a[id^=reschedule]"), "light", (1024, 700)),
];

/// Makes every picture, into `docs/images` or the folder that `PICTURES` names.
pub fn make() {
    let server = Server::with(generate::demo("2025-10-15".parse().unwrap()));
    let browser = Browser::start(Engine::Chromium, Scripts::On);
    let folder = env::var("PICTURES").unwrap_or_else(|_| format!("{}/docs/images", env!("CARGO_MANIFEST_DIR")));
    for (name, page, open, scheme, (width, height)) in PICTURES {
        browser.reset();
        browser.resize(*width, *height);
        browser.prefer(&[("prefers-color-scheme", scheme), ("prefers-reduced-motion", "reduce")]);
        browser.go(&server.at(page));
        if let Some(link) = open {
            browser.swap(|| browser.click(link));
            browser.until("the dialog", || browser.is_shown("#dialog"));
        }
        let bytes = browser.screenshot();
        println!("{name}.png: {} kB", bytes.len() / 1024);
        fs::write(Path::new(&folder).join(format!("{name}.png")), bytes).unwrap();
    }
}
