//! Every page and every open dialog, in light and dark, at both sizes, checked by axe.

use serde_json::{Value, json};

use crate::{
    axe::complaints,
    browser::Browser,
    furnished::{PASSWORD, enter, sign_in},
    pages::{DIALOGS, PAGES, SIGNED_OUT},
    runner::{Case, cases},
    server::{Server, visits_data},
};

pub const CASES: &[Case] = cases![
    CHROMIUM:
        tc_014_axe_finds_nothing_on_any_page,
        tc_014_axe_finds_nothing_in_any_dialog,
        axe_finds_nothing_on_a_week_of_long_and_short_work,
        tc_014_axe_finds_nothing_along_an_import,
        tc_014_axe_finds_nothing_on_sign_in_pages,
        a_button_keeps_its_words_whole,
        tc_058_nothing_scrolls_sideways_at_any_width,
        tc_059_targets_are_44_px_on_a_phone,
        tc_061_fields_are_16_px_so_that_phones_do_not_zoom,
        forced_colours_keep_what_matters,
        reduced_motion_stops_what_moves;
];

/// Widths of a desk, a laptop, two tablets, a phone, and of a page at 400 % zoom.
const WIDTHS: [u32; 6] = [1920, 1440, 1024, 768, 375, 320];

/// What axe finds in light and dark, at a desk and on a phone.
fn complaints_in_every_look(browser: &Browser, what: &str) -> Vec<String> {
    let mut all = Vec::new();
    for scheme in ["light", "dark"] {
        // What fades in would be measured half way.
        browser.prefer(&[("prefers-color-scheme", scheme), ("prefers-reduced-motion", "reduce")]);
        for (width, height) in [(1440, 900), (375, 812)] {
            browser.resize(width, height);
            all.extend(complaints(browser, &format!("{what} in {scheme}, {width} px")));
        }
    }
    all
}

#[track_caller]
fn assert_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "axe complains\n{}", complaints.join("\n"));
}

fn tc_014_axe_finds_nothing_on_any_page(browser: &Browser) {
    let server = Server::furnished();
    let look_at = |(path, mark): &(&str, &str)| {
        browser.go(&server.at(path));
        browser.find(mark);
        complaints_in_every_look(browser, path)
    };
    let mut all: Vec<_> = SIGNED_OUT.iter().flat_map(look_at).collect();
    browser.go(&server.at("/sign-in"));
    sign_in(browser, "", "");
    all.extend(complaints_in_every_look(browser, "an invalid sign-in"));
    sign_in(browser, "ada", PASSWORD);
    all.extend(PAGES.iter().flat_map(look_at));
    assert_none(&all);
}

fn open_dialog(browser: &Browser, server: &Server, (page, link): (&str, &str)) {
    browser.go(&server.at(page));
    browser.swap(|| browser.click(link));
    browser.until(link, || browser.is_shown("#dialog"));
}

fn tc_014_axe_finds_nothing_in_any_dialog(browser: &Browser) {
    let server = enter(browser);
    let mut all = Vec::new();
    for dialog in DIALOGS {
        browser.resize(1440, 900);
        open_dialog(browser, &server, *dialog);
        all.extend(complaints_in_every_look(browser, dialog.1));
    }
    assert_none(&all);
}

/// Long work with short work right above and below it, as in the retailer's export.
fn axe_finds_nothing_on_a_week_of_long_and_short_work(browser: &Browser) {
    let server = Server::with(visits_data());
    let mut all = Vec::new();
    for path in ["/roster/2025-09-23", "/calendar/day/2025-09-24/timeline", "/calendar/day/2025-09-24"] {
        browser.go(&server.at(path));
        browser.find(".shift, .event");
        all.extend(complaints_in_every_look(browser, path));
    }
    assert_none(&all);
}

fn tc_014_axe_finds_nothing_along_an_import(browser: &Browser) {
    let server = enter(browser);
    browser.go(&server.at("/import"));
    browser.choose_file("#files", &format!("{}/tests/data/visits/workbank.csv", env!("CARGO_MANIFEST_DIR")));
    browser.leave(|| browser.click("form.form button.primary"));
    let mut all = complaints_in_every_look(browser, "what an import would do");
    browser.leave(|| browser.click("form.actions button.primary"));
    browser.until("the import is done", || browser.text("#import-progress").contains("Done:"));
    all.extend(complaints_in_every_look(browser, "an import that is done"));
    browser.leave(|| browser.click("a.danger"));
    all.extend(complaints_in_every_look(browser, "the question before an import is taken back"));
    assert_none(&all);
}

fn tc_014_axe_finds_nothing_on_sign_in_pages(browser: &Browser) {
    let server = enter(browser);
    browser.go(&server.at("/users"));
    browser.leave(|| browser.click("form[action='/users'] button.primary"));
    let mut all = complaints_in_every_look(browser, "a user without a name");
    browser.fill("#name", "ben");
    browser.leave(|| browser.click("form[action='/users'] button.primary"));
    all.extend(complaints_in_every_look(browser, "a link that is shown once"));
    let link = browser.value("#secret");
    browser.go(&server.at("/users"));
    browser.fill("#label", "Till");
    browser.leave(|| browser.click("form[action='/users/tokens'] button.primary"));
    all.extend(complaints_in_every_look(browser, "a token that is shown once"));
    browser.go(&server.at(&link[link.find("/welcome/").unwrap()..]));
    browser.find("input[type=password]");
    all.extend(complaints_in_every_look(browser, "a link's welcome"));
    browser.leave(|| browser.click("main form button.primary"));
    all.extend(complaints_in_every_look(browser, "a welcome without a password"));
    assert_none(&all);
}

fn tc_058_nothing_scrolls_sideways_at_any_width(browser: &Browser) {
    let server = enter(browser);
    for (path, _) in PAGES {
        browser.go(&server.at(path));
        for width in WIDTHS {
            browser.resize(width, 900);
            let over = browser.js("return document.documentElement.scrollWidth - innerWidth");
            assert!(over.as_i64().unwrap() <= 0, "{path} at {width} px is {over} px too wide: {}", widest(browser));
        }
    }
    for dialog in DIALOGS {
        browser.resize(375, 812);
        open_dialog(browser, &server, *dialog);
        for width in [375, 320] {
            browser.resize(width, 800);
            let over = browser.js("const d = document.getElementById('dialog'); return d.scrollWidth - d.clientWidth");
            assert!(over.as_i64().unwrap() <= 0, "{} at {width} px is {over} px too wide", dialog.1);
        }
    }
}

fn a_button_keeps_its_words_whole(browser: &Browser) {
    let server = enter(browser);
    let mut all = Vec::new();
    for (path, _) in PAGES {
        browser.go(&server.at(path));
        for width in [1440, 1024, 900, 769, 375] {
            browser.resize(width, 900);
            let broken = browser.js(
                "const lines = (node, [from, to]) => {
                   const range = document.createRange();
                   range.setStart(node, from);
                   range.setEnd(node, to);
                   return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size;
                 };
                 const texts = [...document.querySelectorAll('.btn')].filter((e) => e.checkVisibility()).flatMap((e) => {
                   const walk = document.createTreeWalker(e, NodeFilter.SHOW_TEXT), found = [];
                   // Words for readers alone are in a box of one pixel.
                   while (walk.nextNode()) if (walk.currentNode.parentElement.getBoundingClientRect().width > 1) found.push(walk.currentNode);
                   return found;
                 });
                 return texts.flatMap((node) => [...node.data.matchAll(/[^\\s-]+/g)]
                   .filter((word) => lines(node, [word.index, word.index + word[0].length]) > 1).map((word) => word[0]))",
            );
            all.extend(broken.as_array().into_iter().flatten().map(|word| format!("{path} at {width} px: {word}")));
        }
    }
    assert_eq!(all, Vec::<String>::new());
}

/// The element that reaches farthest to the right.
fn widest(browser: &Browser) -> Value {
    browser.js(
        "const over = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1);
         return over.slice(0, 3).map((e) => e.outerHTML.slice(0, 120)).join(' | ')",
    )
}

fn tc_059_targets_are_44_px_on_a_phone(browser: &Browser) {
    let server = enter(browser);
    browser.resize(375, 812);
    let mut all = Vec::new();
    let mut note = |what: &str| {
        // Links within a sentence are exempt (WCAG 2.5.8), and so is what is hidden until it is focused.
        let small = browser.js(
            "const root = document.querySelector('dialog[open]') ?? document.body;
             return [...root.querySelectorAll('a[href], button, input, select, textarea, summary')]
               .filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.matches('.skip, [aria-hidden=true], [type=hidden], p a')
                 && getComputedStyle(e).pointerEvents !== 'none')
               .map((e) => [e, (e.matches('[type=checkbox], [type=radio]') ? e.closest('.field, .offer, label') ?? e : e).getBoundingClientRect()])
               .filter(([e, box]) => box.width > 0 && (Math.round(box.width) < 44 || Math.round(box.height) < 44))
               .map(([e, box]) => `${Math.round(box.width)} x ${Math.round(box.height)}: ${e.outerHTML.slice(0, 140)}`)",
        );
        all.extend(small.as_array().into_iter().flatten().map(|one| format!("{what}: {one}")));
    };
    for (path, _) in PAGES {
        browser.go(&server.at(path));
        note(path);
    }
    for dialog in DIALOGS {
        open_dialog(browser, &server, *dialog);
        note(dialog.1);
    }
    assert_eq!(all, Vec::<String>::new());
}

fn tc_061_fields_are_16_px_so_that_phones_do_not_zoom(browser: &Browser) {
    let server = enter(browser);
    browser.resize(375, 812);
    for (path, _) in PAGES {
        browser.go(&server.at(path));
        let small = browser.js(
            "return [...document.querySelectorAll('input:not([type=hidden], [type=checkbox], [type=radio]), select, textarea')]
               .filter((e) => e.checkVisibility() && parseFloat(getComputedStyle(e).fontSize) < 16).map((e) => e.outerHTML.slice(0, 120))",
        );
        assert_eq!(small, json!([]), "{path}");
    }
}

fn forced_colours_keep_what_matters(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.prefer(&[("forced-colors", "active")]);
    browser.go(&server.at("/calendar/2025/10"));
    let edges = browser.js(
        "const edge = (css) => { const s = getComputedStyle(document.querySelector(css)); return s.borderTopWidth !== '0px' };
         return ['.b.core', '.due', '.btn'].map(edge)",
    );
    assert_eq!(edges, json!([true, true, true]), "what was a filled shape has an edge instead");
    browser.press(thirtyfour::Key::Tab);
    assert_eq!(browser.js("return getComputedStyle(document.activeElement).outlineStyle"), "solid");
}

fn reduced_motion_stops_what_moves(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.prefer(&[("prefers-reduced-motion", "reduce")]);
    browser.go(&server.at("/calendar/2025/10"));
    let moves = browser.js("document.body.classList.add('busy');
         const day = document.querySelector('a.day').parentElement;
         day.classList.add('fresh');
         return [getComputedStyle(document.body, '::before').animationName, getComputedStyle(day).animationName]");
    assert_eq!(moves, json!(["none", "none"]));
}
