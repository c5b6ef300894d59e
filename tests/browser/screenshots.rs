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

/// What is pressed on a page before its picture is made.
enum Pressed {
    Nothing,
    /// Opens the dialog.
    Dialog(&'static str),
    /// Leads to another page.
    Page(&'static str),
}

/// A picture: its name, the page, what is pressed on it, light or dark, width and height.
type Picture = (&'static str, &'static str, Pressed, &'static str, (u32, u32));

const DESK: (u32, u32) = (1440, 900);
const PHONE: (u32, u32) = (375, 812);
const MONTH: &str = "/calendar/2025/10";
const DAY: &str = "/calendar/day/2025-10-15";

const PICTURES: &[Picture] = &[
    ("month", MONTH, Pressed::Nothing, "light", DESK),
    ("month-dark", MONTH, Pressed::Nothing, "dark", DESK),
    ("month-phone", MONTH, Pressed::Nothing, "light", PHONE),
    ("day", DAY, Pressed::Nothing, "light", DESK),
    ("day-phone", DAY, Pressed::Nothing, "light", PHONE),
    ("dialog", DAY, Pressed::Dialog("#group-core .event a[id^=reschedule]"), "light", (1024, 700)),
    ("proposal", "/auto-schedule", Pressed::Page("main form button.primary"), "light", DESK),
];

/// Makes every picture, into `docs/images` or the folder that `PICTURES` names.
pub fn make() {
    let server = Server::with(generate::demo("2025-10-15".parse().unwrap()));
    let browser = Browser::start(Engine::Chromium, Scripts::On);
    let folder = env::var("PICTURES").unwrap_or_else(|_| format!("{}/docs/images", env!("CARGO_MANIFEST_DIR")));
    for (name, page, pressed, scheme, (width, height)) in PICTURES {
        browser.reset();
        browser.resize(*width, *height);
        browser.prefer(&[("prefers-color-scheme", scheme), ("prefers-reduced-motion", "reduce")]);
        browser.go(&server.at(page));
        match pressed {
            Pressed::Nothing => {}
            Pressed::Dialog(link) => {
                browser.swap(|| browser.click(link));
                browser.until("the dialog", || browser.is_shown("#dialog"));
            }
            Pressed::Page(button) => browser.leave(|| browser.click(button)),
        }
        let bytes = browser.screenshot();
        println!("{name}.png: {} kB", bytes.len() / 1024);
        fs::write(Path::new(&folder).join(format!("{name}.png")), bytes).unwrap();
    }
}
