//! Accessibility checks by axe-core.

use serde_json::{Value, json};

use super::browser::Browser;

/// axe-core 4.14.1 as its authors published it; `tests/assets.rs` checks that.
const AXE: &str = include_str!("../vendor/axe.min.js");

/// WCAG 2.2 A and AA, and what the authors advise. The default run leaves out `target-size`.
const TAGS: [&str; 6] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/// What axe finds on the page as it is, in words.
pub fn complaints(browser: &Browser, what: &str) -> Vec<String> {
    if browser.js("return typeof window.axe") != "object" {
        browser.js(AXE);
    }
    let found = browser.js_async(
        "const [tags, done] = arguments;
         axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] }).then(
           (result) => done(result.violations.map((one) => one.id + ': ' + one.help + '\\n' +
             one.nodes.slice(0, 3).map((node) => '    ' + node.html + '\\n    ' + node.failureSummary).join('\\n'))),
           (error) => done(['axe failed: ' + error]))",
        vec![json!(TAGS)],
    );
    let Value::Array(found) = found else { panic!("axe said {found}") };
    found.iter().filter_map(Value::as_str).map(|found| format!("{what}: {found}")).collect()
}
