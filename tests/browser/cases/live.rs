//! Changes of another user appear in open pages without disturbing forms.

use thirtyfour::Key;

use crate::{
    browser::Browser,
    runner::{Case, cases},
    server::Server,
};

pub const CASES: &[Case] = cases![
    EVERYWHERE:
        an_open_day_shows_changes_of_another_user,
        an_open_month_shows_changes_of_another_user,
        an_open_form_is_left_alone,
        seven_windows_of_a_browser_share_one_stream,
        an_open_page_follows_the_date;
    CHROMIUM:
        a_month_of_other_days_asks_for_nothing,
        a_page_comes_back_to_news_after_the_server_was_away,
        a_hidden_page_does_not_listen;
];

fn said(browser: &Browser) -> String {
    let said = browser.js("return document.getElementById('announcer').textContent");
    said.as_str().unwrap().to_owned()
}

fn an_open_day_shows_changes_of_another_user(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at("/calendar/day/2025-10-15"));
    browser.js("document.getElementById('reschedule-1003').focus()");
    server.reschedule(1001, "2025-10-20");
    browser.until("the card is gone", || browser.count("#event-1001") == 0);
    assert_eq!(browser.text("#group-core h2"), "CORE events (4)");
    assert_eq!(browser.focus(), "a#reschedule-1003", "the focus stays");
    assert_eq!(said(browser), "Wednesday, October 15, 2025 was changed by someone else");
}

fn an_open_month_shows_changes_of_another_user(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at("/calendar/2025/10"));
    browser.js("document.querySelector(\"a.day[data-date='2025-10-20']\").focus()");
    server.reschedule(1001, "2025-10-20");
    browser.until("the 20th has one", || {
        browser.text("td:has(> a.day[data-date='2025-10-20']) .badges").replace(' ', "") == "C1J0S1F0D0O0"
    });
    assert_eq!(browser.text("td:has(> a.day[data-date='2025-10-15']) .b.core").replace(' ', ""), "C4");
    assert_eq!(browser.js("return document.activeElement.dataset.date"), "2025-10-20", "the focus stays");
    assert_eq!(said(browser), "October 2025 was changed by someone else");
    browser.press(Key::Right);
    assert_eq!(browser.js("return document.activeElement.dataset.date"), "2025-10-21", "and the keys go on");
}

fn an_open_form_is_left_alone(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at("/calendar/day/2025-10-15"));
    browser.swap(|| browser.click("#reschedule-1003"));
    browser.swap(|| browser.fill("#date", "2025-10-23"));
    browser.js("document.getElementById('date').focus()");
    server.reschedule(1001, "2025-10-20");
    browser.until("the card behind is gone", || browser.count("#event-1001") == 0);
    assert_eq!((browser.focus().as_str(), browser.value("#date").as_str()), ("input#date", "2025-10-23"));
    browser.press(Key::Escape);
    browser.until_focus("a#reschedule-1003");
}

fn requests(browser: &Browser) -> u64 {
    browser
        .js("return performance.getEntriesByType('resource').filter((one) => one.initiatorType === 'fetch').length")
        .as_u64()
        .unwrap()
}

fn a_month_of_other_days_asks_for_nothing(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at("/calendar/2025/11"));
    browser.js("let n = 0; new EventSource('/changes').onmessage = () => { window.heard = n++ > 0 }");
    browser.until("both listen", || server.subscribers() >= 2);
    server.reschedule(1001, "2025-10-20");
    browser.until("the news", || browser.js("return window.heard === true") == true);
    browser.js_async("setTimeout(arguments[0], 700)", vec![]);
    assert_eq!(requests(browser), 0);
    server.reschedule(1001, "2025-11-03");
    browser.until("a day of this month changed", || requests(browser) > 0);
}

fn a_page_comes_back_to_news_after_the_server_was_away(browser: &Browser) {
    let mut server = Server::with_acceptance_data();
    browser.go(&server.at("/calendar/day/2025-10-15"));
    browser.until("it listens", || server.subscribers() == 1);
    server.stop();
    server.reschedule(1001, "2025-10-20");
    server.start();
    browser.until("what changed meanwhile", || browser.count("#event-1001") == 0);
    browser.console();
}

fn a_hidden_page_does_not_listen(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at("/calendar/2025/10"));
    browser.until("it listens", || server.subscribers() == 1);
    let show = |hidden: bool| {
        browser.js(&format!(
            "Object.defineProperty(document, 'hidden', {{ value: {hidden}, configurable: true }});
             document.dispatchEvent(new Event('visibilitychange'))"
        ));
    };
    show(true);
    server.reschedule(1001, "2025-10-20");
    browser.js_async("setTimeout(arguments[0], 700)", vec![]);
    assert_eq!(requests(browser), 0, "a hidden page asks for nothing");
    show(false);
    browser.until("what changed meanwhile", || {
        browser.text("td:has(> a.day[data-date='2025-10-20']) .b.core").replace(' ', "") == "C1"
    });
}

fn seven_windows_of_a_browser_share_one_stream(browser: &Browser) {
    let server = Server::with_acceptance_data();
    browser.go(&server.at("/calendar/day/2025-10-15"));
    browser.js("for (let n = 0; n < 6; n++) {
         const worker = new SharedWorker(document.body.dataset.changes);
         worker.port.onmessage = () => { window.heard = (window.heard ?? 0) + 1; };
         worker.port.postMessage(true);
       }");
    browser.until("all of them hear of it", || browser.js("return window.heard >= 6") == true);
    assert_eq!(server.subscribers(), 1);
}

fn an_open_page_follows_the_date(browser: &Browser) {
    for (page, marked) in [("/calendar/2025/10", "[aria-current=date]"), ("/unscheduled", "h1")] {
        let mut server = Server::with_acceptance_data();
        browser.go(&server.at(page));
        browser.until("it listens", || server.subscribers() == 1);
        assert_eq!(browser.attribute("body", "data-today").as_deref(), Some("2025-10-15"));
        if page.starts_with("/calendar") {
            // What was typed into a field that is gone keeps nothing back.
            browser.js("document.getElementById('jump-year').dispatchEvent(new Event('input', { bubbles: true }))");
            browser.act(|| browser.click("#next-link"));
            browser.act(|| browser.click("#prev-link"));
        }
        server.stop();
        server.set_time("2025-10-16T05:00:00Z");
        server.start();
        browser.until("the next day", || browser.attribute("body", "data-today").as_deref() == Some("2025-10-16"));
        browser.until("the page is there", || browser.count(marked) == 1);
        if page.starts_with("/calendar") {
            browser.until("today is the 16th", || {
                browser.js("return document.querySelector('[aria-current=date]')?.dataset.date") == "2025-10-16"
            });
        }
        browser.console();
    }
}
