//! Slack, by an incoming webhook: a message of blocks.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    config::Secret,
    domain::notification::{Item, Notification},
    notify::{Failure, post},
};

/// Slack's own limits, in characters: <https://api.slack.com/reference/block-kit/blocks>.
const HEADER_CHARS_MAX: usize = 150;
const SECTION_CHARS_MAX: usize = 3_000;

/// Posts a letter.
pub async fn send(url: &Secret, letter: &Notification, timeouts: Duration) -> Result<(), Failure> {
    post::json("Slack", url, &[], message(letter).to_string(), timeouts).await
}

/// The message: blocks, and a text for notifications.
fn message(letter: &Notification) -> Value {
    let title: String = letter.title.chars().take(HEADER_CHARS_MAX).collect();
    let mut blocks = vec![json!({"type": "header", "text": {"type": "plain_text", "text": title}})];
    blocks.push(section(&escaped(&letter.intro)));
    blocks.extend(sections(&letter.items).iter().map(|text| section(text)));
    blocks.extend(letter.closing.as_ref().map(|item| section(&linked(item))));
    json!({"text": letter.title, "blocks": blocks})
}

fn section(text: &str) -> Value {
    // Verbatim: what others typed becomes no link, channel or mention. Links that we write are links all the same.
    json!({"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": true}})
}

/// Items as lists, as many to a block as fit.
fn sections(items: &[Item]) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for line in items.iter().map(|item| format!("• {}", linked(item))) {
        match texts.last_mut().filter(|text| text.chars().count() + line.chars().count() < SECTION_CHARS_MAX) {
            Some(text) => {
                text.push('\n');
                text.push_str(&line);
            }
            None => texts.push(line),
        }
    }
    texts
}

fn linked(item: &Item) -> String {
    let text = escaped(&item.text);
    item.link.as_ref().map_or_else(|| text.clone(), |link| format!("<{}|{}>", escaped(link), text.replace('|', "¦")))
}

/// Slack reads three signs as its own: <https://api.slack.com/reference/surfaces/formatting#escaping>.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::notification::Purpose;

    #[test]
    fn what_slack_would_read_as_its_own_signs_is_escaped() {
        let item = Item { text: "A & <B> | C".to_owned(), link: Some("http://x/?a=1&b=2".to_owned()) };

        assert_eq!(linked(&item), "<http://x/?a=1&amp;b=2|A &amp; &lt;B&gt; ¦ C>");
    }

    #[test]
    fn items_are_parted_into_blocks_that_slack_accepts() {
        let long = "x".repeat(300);
        let items: Vec<_> = (0..20).map(|_| Item::new(&long, Some("http://x".to_owned()))).collect();
        let letter = Notification {
            purpose: Purpose::Alert,
            title: "t".repeat(200),
            intro: String::new(),
            items,
            closing: None,
        };

        let message = message(&letter);

        let blocks = message["blocks"].as_array().map(Vec::as_slice).unwrap_or_default();
        assert_eq!(blocks.len(), 5);
        assert_eq!(blocks[0]["text"]["text"].as_str().map(str::len), Some(HEADER_CHARS_MAX));
        for block in &blocks[1..] {
            assert_eq!(block["text"]["verbatim"], true, "what others typed becomes no link or mention");
            assert!(block["text"]["text"].as_str().is_some_and(|text| text.chars().count() <= SECTION_CHARS_MAX));
        }
    }
}
