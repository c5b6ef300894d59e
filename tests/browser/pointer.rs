//! A mouse and a finger that press, move and release.

use std::time::Duration;

use serde_json::{Value, json};
use thirtyfour::common::{
    action::{ActionSource, PointerAction, PointerActionType},
    command::Command,
};

use super::{browser::Browser, engine::Engine};

impl Browser {
    /// The centre of an element, in CSS pixels of the window, into which it is scrolled.
    #[track_caller]
    pub fn center(&self, css: &str) -> [i64; 2] {
        self.find(css);
        let center = "const one = document.querySelector(arguments[0]);
             one.scrollIntoView({ block: 'nearest', behavior: 'instant' });
             const box = one.getBoundingClientRect();
             return [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)]";
        let center = self.js_with(center, vec![json!(css)]);
        [0, 1].map(|index| center[index].as_i64().unwrap())
    }

    /// Presses on an element and moves to a place, still pressing.
    #[track_caller]
    pub fn hold_at(&self, from: &str, x: i64, y: i64) {
        let [from_x, from_y] = self.center(from);
        let chain = self.driver().action_chain().move_to(from_x, from_y).click_and_hold();
        self.wait(chain.move_to(from_x + 8, from_y + 4).move_to(x, y).perform());
    }

    /// Presses on an element and moves to another, still pressing.
    #[track_caller]
    pub fn hold(&self, from: &str, to: &str) {
        let [x, y] = self.center(to);
        self.hold_at(from, x, y);
    }

    /// Moves to another element, still pressing.
    #[track_caller]
    pub fn hold_on(&self, to: &str) {
        let [x, y] = self.center(to);
        self.hold_on_at(x, y);
    }

    /// Moves to another place, still pressing.
    pub fn hold_on_at(&self, x: i64, y: i64) {
        self.wait(self.driver().action_chain().move_to(x - 2, y).move_to(x, y).perform());
    }

    /// A finger that goes through places: each an x, a y and how long it rests there, in milliseconds.
    pub fn touch(&self, path: &[(i64, i64, u64)]) {
        self.finger(path, true, true);
    }

    /// The same, and it stays where it is.
    pub fn touch_on(&self, path: &[(i64, i64, u64)]) {
        self.part_of_a_touch(path, true);
    }

    /// The finger goes on from where it stayed, and lifts.
    pub fn touch_off(&self, path: &[(i64, i64, u64)]) {
        self.part_of_a_touch(path, false);
    }

    /// The driver of Chromium forgets a finger from one command to the next; its protocol does not.
    fn part_of_a_touch(&self, path: &[(i64, i64, u64)], begins: bool) {
        if self.engine != Engine::Chromium {
            return self.finger(path, begins, !begins);
        }
        let touch = |kind: &str, points: Value| {
            self.cdp("Input.dispatchTouchEvent", json!({ "type": kind, "touchPoints": points }));
        };
        for (index, (x, y, rest_ms)) in path.iter().enumerate() {
            let kind = if begins && index == 0 { "touchStart" } else { "touchMove" };
            touch(kind, json!([{ "x": x, "y": y }]));
            self.js_async("setTimeout(arguments[1], arguments[0])", vec![json!(rest_ms)]);
        }
        if !begins {
            touch("touchEnd", json!([]));
        }
    }

    fn finger(&self, path: &[(i64, i64, u64)], begins: bool, ends: bool) {
        let touch = PointerActionType::Touch;
        let mut finger = ActionSource::<PointerAction>::new("finger", touch, Some(Duration::ZERO));
        for (index, (x, y, rest_ms)) in path.iter().enumerate() {
            finger.move_to(*x, *y);
            if begins && index == 0 {
                finger.click_and_hold();
            }
            finger.pause_for(*rest_ms);
        }
        if ends {
            finger.release();
        }
        self.wait(self.driver().cmd(Command::PerformActions(json!([finger]).into())));
    }

    pub fn release(&self) {
        self.wait(self.driver().action_chain().release().perform());
    }

    /// Drags an element to another and lets it go.
    #[track_caller]
    pub fn drag(&self, from: &str, to: &str) {
        self.hold(from, to);
        self.release();
    }
}
