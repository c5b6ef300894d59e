//! A browser as tests use it: it waits for elements and reports errors of the page.

use std::{
    cell::RefCell,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use thirtyfour::{WebElement, prelude::*};
use tokio::runtime::{Builder, Runtime};

use super::engine::{Driver, Engine, Scripts};

/// How long something may take to come true, in seconds.
const TIMEOUT_S: u64 = 15;
/// How often a test looks whether it has, in milliseconds.
const LOOK_MS: u64 = 15;
/// How often it is looked whether a step back is over; a page that was left while its dialog was open never says so.
const STEPS_BACK_MAX: usize = 60;

/// Narrowest page of a Firefox window, in CSS pixels.
const FIREFOX_WIDTH_MIN: u32 = 500;

pub struct Browser {
    pub engine: Engine,
    pub scripts: Scripts,
    runtime: Runtime,
    /// Taken when it ends.
    driver: Option<WebDriver>,
    _process: Driver,
    size: RefCell<(u32, u32)>,
}

impl Browser {
    pub fn start(engine: Engine, scripts: Scripts) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let (process, driver) = engine.session(scripts, &runtime);
        let browser =
            Self { engine, scripts, runtime, driver: Some(driver), _process: process, size: RefCell::default() };
        browser.reset();
        browser
    }

    /// As new: desktop size, light, scripts as asked for, nothing remembered.
    pub fn reset(&self) {
        self.close_popups();
        self.go("about:blank");
        if self.engine == Engine::Chromium {
            self.cdp("Emulation.setScriptExecutionDisabled", json!({ "value": self.scripts == Scripts::Off }));
            self.cdp("Network.clearBrowserCookies", json!({}));
            self.prefer(&[]);
        }
        self.resize(1440, 900);
        self.console();
    }

    pub(super) fn driver(&self) -> &WebDriver {
        self.driver.as_ref().unwrap()
    }

    pub(super) fn wait<T>(&self, what: impl Future<Output = WebDriverResult<T>>) -> T {
        self.runtime.block_on(what).unwrap_or_else(|error| panic!("{error}"))
    }

    pub fn cdp(&self, method: &str, parameters: Value) -> Value {
        self.wait(self.driver().cdp().send_raw(method, parameters))
    }

    /// What a person prefers, as media features: `&[("prefers-color-scheme", "dark")]`.
    pub fn prefer(&self, features: &[(&str, &str)]) {
        let features: Vec<_> = features.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        self.cdp("Emulation.setEmulatedMedia", json!({ "media": "", "features": features }));
    }

    /// Gives the page this size in CSS pixels.
    pub fn resize(&self, width: u32, height: u32) {
        if *self.size.borrow() == (width, height) {
            return;
        }
        if self.engine == Engine::Chromium {
            let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500 });
            self.cdp("Emulation.setDeviceMetricsOverride", size);
        } else {
            if self.engine == Engine::Firefox && width < FIREFOX_WIDTH_MIN {
                self.continue_in_popup();
            }
            let (mut outer_width, mut outer_height) = (width, height);
            for _ in 0..3 {
                self.wait(self.driver().set_window_rect(0, 0, outer_width, outer_height));
                let (inner_width, inner_height) = self.inner_size();
                outer_width = outer_width + width - inner_width.min(outer_width + width);
                outer_height = outer_height + height - inner_height.min(outer_height + height);
            }
        }
        self.size.replace((width, height));
    }

    /// Windows of Firefox stop at 500 px, popups do not.
    fn continue_in_popup(&self) {
        let url = self.wait(self.driver().current_url());
        self.js("window.open('about:blank', 'phone', 'popup,width=375,height=812')");
        self.until("a popup", || self.wait(self.driver().windows()).len() > 1);
        let popup = self.wait(self.driver().windows()).pop().unwrap();
        self.wait(self.driver().switch_to_window(popup));
        self.go(url.as_str());
    }

    fn close_popups(&self) {
        let windows = self.wait(self.driver().windows());
        for popup in windows.iter().skip(1) {
            self.wait(self.driver().switch_to_window(popup.clone()));
            self.wait(self.driver().close_window());
            self.wait(self.driver().switch_to_window(windows[0].clone()));
            self.size.replace((0, 0));
        }
    }

    /// Width and height of the page, in CSS pixels.
    pub fn inner_size(&self) -> (u32, u32) {
        let size = self.js("return [innerWidth, innerHeight]");
        let pixels = |index: usize| u32::try_from(size[index].as_u64().unwrap()).unwrap();
        (pixels(0), pixels(1))
    }

    pub fn go(&self, url: &str) {
        self.wait(self.driver().goto(url));
    }

    pub fn back(&self) {
        self.wait(self.driver().back());
    }

    pub fn forward(&self) {
        self.wait(self.driver().forward());
    }

    pub fn reload(&self) {
        self.wait(self.driver().refresh());
    }

    /// The address without the server: `/calendar/2025/10`.
    pub fn path(&self) -> String {
        let url = self.wait(self.driver().current_url());
        let fragment = url.fragment().map(|fragment| format!("#{fragment}")).unwrap_or_default();
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        format!("{}{query}{fragment}", url.path())
    }

    pub fn title(&self) -> String {
        self.wait(self.driver().title())
    }

    /// What a script returns. Works also where pages may run none.
    pub fn js(&self, script: &str) -> Value {
        self.js_with(script, vec![])
    }

    pub fn js_with(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.wait(self.driver().execute(script, arguments)).json().clone()
    }

    /// What a script hands to its last argument.
    pub fn js_async(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.wait(self.driver().execute_async(script, arguments)).json().clone()
    }

    #[track_caller]
    pub fn find(&self, css: &str) -> WebElement {
        let mut found = None;
        self.until(css, || {
            // Fails if there is none, and if a swap takes it away meanwhile.
            found = self.runtime.block_on(self.driver().find(By::Css(css))).ok();
            found.is_some()
        });
        found.unwrap()
    }

    pub fn count(&self, css: &str) -> usize {
        let count = self.js_with("return document.querySelectorAll(arguments[0]).length", vec![json!(css)]);
        usize::try_from(count.as_u64().unwrap()).unwrap()
    }

    pub fn is_shown(&self, css: &str) -> bool {
        let script =
            "return document.querySelector(arguments[0])?.checkVisibility({ visibilityProperty: true }) ?? false";
        self.js_with(script, vec![json!(css)]) == true
    }

    /// What people read in an element, without the layout's line ends.
    #[track_caller]
    pub fn text(&self, css: &str) -> String {
        let mut text = Value::Null;
        self.until(css, || {
            text = self.js_with("return document.querySelector(arguments[0])?.innerText", vec![json!(css)]);
            !text.is_null()
        });
        text.as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Does something to an element; again, if a swap replaced it meanwhile.
    #[track_caller]
    fn to<T>(&self, css: &str, act: &impl AsyncFn(&WebElement) -> WebDriverResult<T>) -> T {
        let mut done = None;
        self.until(css, || {
            let element = self.find(css);
            match self.runtime.block_on(act(&element)) {
                Ok(value) => done = Some(value),
                Err(error) if is_stale(&error) => {}
                Err(error) => panic!("{css}: {error}"),
            }
            done.is_some()
        });
        done.unwrap()
    }

    #[track_caller]
    pub fn attribute(&self, css: &str, name: &str) -> Option<String> {
        self.to(css, &async |element| element.attr(name).await)
    }

    #[track_caller]
    pub fn value(&self, css: &str) -> String {
        self.to(css, &async |element| element.prop("value").await).unwrap_or_default()
    }

    #[track_caller]
    pub fn click(&self, css: &str) {
        self.to(css, &async |element| {
            element.scroll_into_view().await?;
            element.click().await
        });
    }

    /// Clicks a place of the page, whatever is there.
    pub fn click_at(&self, x: i64, y: i64) {
        self.wait(self.driver().action_chain().move_to(x, y).click().perform());
    }

    pub fn double_click(&self, css: &str) {
        let element = self.find(css);
        self.wait(self.driver().action_chain().double_click_element(&element).perform());
    }

    /// Presses a key wherever the focus is.
    pub fn press(&self, key: impl Into<thirtyfour::TypingData>) {
        let keys = key.into();
        self.wait(self.driver().action_chain().send_keys(keys).perform());
    }

    /// Presses a key while another is held.
    pub fn press_with(&self, held: Key, key: impl Into<thirtyfour::TypingData>) {
        let chain = self.driver().action_chain().key_down(held.clone()).send_keys(key).key_up(held);
        self.wait(chain.perform());
    }

    /// Replaces what a field holds. Dates and times are typed differently in every engine, so they are set.
    #[track_caller]
    pub fn fill(&self, css: &str, value: &str) {
        let set = "const [e, v] = arguments; e.value = v; e.dispatchEvent(new Event('change', { bubbles: true }))";
        self.to(css, &async |element| {
            let kind = element.prop("type").await?.unwrap_or_default();
            if ["date", "time", "select-one"].contains(&kind.as_str()) {
                return element.handle().execute(set, vec![element.to_json()?, json!(value)]).await.map(drop);
            }
            element.clear().await?;
            element.send_keys(value).await
        });
    }

    /// Adds a file to those that are chosen.
    #[track_caller]
    pub fn choose_file(&self, css: &str, path: &str) {
        self.to(css, &async |element| element.send_keys(path).await);
    }

    /// Replaces what a field of a form holds whose preview follows, and waits for the preview: it moves the buttons
    /// below it, so that a click meanwhile may miss them.
    #[track_caller]
    pub fn fill_and_follow(&self, css: &str, value: &str) {
        match self.scripts {
            Scripts::On => self.swap(|| self.fill(css, value)),
            Scripts::Off => self.fill(css, value),
        }
    }

    /// The focused element, as a selector would name it: `a#today-link`, `a.day`, `body`.
    pub fn focus(&self) -> String {
        let name = self.js("const e = document.activeElement;
             return e.localName + (e.id ? '#' + e.id : e.classList.length ? '.' + e.classList[0] : '')");
        name.as_str().unwrap_or_default().to_owned()
    }

    #[track_caller]
    pub fn until(&self, what: &str, mut done: impl FnMut() -> bool) {
        let start = Instant::now();
        while !done() {
            let late = start.elapsed().as_secs() >= TIMEOUT_S;
            assert!(!late, "waited {TIMEOUT_S} s for {what} at {}:\n{}", self.path(), self.seen());
            thread::sleep(Duration::from_millis(LOOK_MS));
        }
    }

    /// The visible page, for the message of a failed test.
    fn seen(&self) -> String {
        let seen = self.js("return (document.querySelector('dialog[open]') ?? document.body).innerText.slice(0, 300)");
        seen.as_str().unwrap_or_default().to_owned()
    }

    #[track_caller]
    pub fn until_focus(&self, wanted: &str) {
        let start = Instant::now();
        while self.focus() != wanted {
            assert!(start.elapsed().as_secs() < TIMEOUT_S, "the focus is on {}, not on {wanted}", self.focus());
            thread::sleep(Duration::from_millis(LOOK_MS));
        }
    }

    /// Does something that htmx answers in place: the page must stay, and the focus must not fall to its body.
    #[track_caller]
    pub fn swap(&self, act: impl FnOnce()) {
        self.js("window.swaps = 0;
             document.addEventListener('htmx:afterSettle', () => { window.swaps++ }, { once: true })");
        act();
        self.until("the swap", || {
            self.js("return window.swaps !== 0 && !document.querySelector('.htmx-request')") == true
        });
        assert_eq!(self.js("return window.swaps === 1"), true, "the page was left instead of swapped");
        self.until("a focus after the swap", || self.focus() != "body");
    }

    /// Does something that leads to another page.
    #[track_caller]
    pub fn leave(&self, act: impl FnOnce()) {
        // A dialog that has just closed takes a step back in the history, which would end the navigation.
        let settled = "return Boolean(document.querySelector('dialog[open]')) || history.scrollRestoration == 'auto'";
        for _ in 0..STEPS_BACK_MAX {
            if matches!(self.scripts, Scripts::Off) || self.js(settled) == true {
                break;
            }
            thread::sleep(Duration::from_millis(LOOK_MS));
        }
        let here = self.find("html");
        act();
        self.until("the next page", || self.runtime.block_on(here.tag_name()).is_err());
        self.find("body");
    }

    /// Does something that may lead to another page or, with scripts, to a swap.
    #[track_caller]
    pub fn act(&self, act: impl FnOnce()) {
        match self.scripts {
            Scripts::On => self.swap(act),
            Scripts::Off => self.leave(act),
        }
    }

    /// What the console said since it was asked last, as far as it is an error of ours. Chromium alone tells.
    pub fn console(&self) -> Vec<String> {
        if self.engine != Engine::Chromium {
            return Vec::new();
        }
        let log = self.wait(self.driver().browser_log());
        let lines = log.into_iter().map(|entry| format!("{entry:?}"));
        lines
            .filter(|line| line.contains("Severe") || line.contains("SEVERE"))
            .filter(|line| !line.contains("Failed to load resource"))
            // htmx tells of a check that it gave up for a newer one.
            .filter(|line| !["htmx:sendAbort", "htmx:afterRequest"].iter().any(|event| line.contains(event)))
            .collect()
    }

    /// What is in the window, as PNG.
    pub fn screenshot(&self) -> Vec<u8> {
        self.wait(self.driver().screenshot_as_png())
    }
}

fn is_stale(error: &WebDriverError) -> bool {
    matches!(error.as_inner(), thirtyfour::error::WebDriverErrorInner::StaleElementReference(_))
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let Some(driver) = self.driver.take() {
            // Fails only if the browser is gone already.
            let _ = self.runtime.block_on(driver.quit());
        }
    }
}
