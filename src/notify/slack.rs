//! Slack, by an incoming webhook with a message of blocks.

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

/// Posts a notification.
pub async fn send(url: &Secret, notification: &Notification, timeouts: Duration) -> Result<(), Failure> {
    post::json("Slack", url, &[], message(notification).to_string(), timeouts).await
}

/// Blocks, and a text for push notifications.
fn message(notification: &Notification) -> Value {
    let title: String = notification.title.chars().take(HEADER_CHARS_MAX).collect();
    let mut blocks = vec![json!({"type": "header", "text": {"type": "plain_text", "text": title}})];
    blocks.push(section(&escaped(&notification.intro)));
    blocks.extend(sections(&notification.items).iter().map(|text| section(text)));
    blocks.extend(notification.closing.as_ref().map(|item| section(&linked(item))));
    json!({"text": notification.title, "blocks": blocks})
}

fn section(text: &str) -> Value {
    // Verbatim: user input becomes no link, channel or mention. Our own links still work.
    json!({"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": true}})
}

/// Items as lists, as many per block as fit.
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

/// Escapes the three characters with a meaning for Slack:
/// <https://api.slack.com/reference/surfaces/formatting#escaping>.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::notification::Purpose;

    #[test]
    fn characters_with_a_meaning_for_slack_are_escaped() {
        let item = Item { text: "A & <B> | C".to_owned(), link: Some("http://x/?a=1&b=2".to_owned()) };

        assert_eq!(linked(&item), "<http://x/?a=1&amp;b=2|A &amp; &lt;B&gt; ¦ C>");
    }

    #[test]
    fn items_are_split_into_blocks_that_slack_accepts() {
        let long = "x".repeat(300);
        let items: Vec<_> = (0..20).map(|_| Item::new(&long, Some("http://x".to_owned()))).collect();
        let notification = Notification {
            purpose: Purpose::Alert,
            title: "t".repeat(200),
            intro: String::new(),
            items,
            closing: None,
        };

        let message = message(&notification);

        let blocks = message["blocks"].as_array().map(Vec::as_slice).unwrap_or_default();
        assert_eq!(blocks.len(), 5);
        assert_eq!(blocks[0]["text"]["text"].as_str().map(str::len), Some(HEADER_CHARS_MAX));
        for block in &blocks[1..] {
            assert_eq!(block["text"]["verbatim"], true, "user input becomes no link or mention");
            assert!(block["text"]["text"].as_str().is_some_and(|text| text.chars().count() <= SECTION_CHARS_MAX));
        }
    }
}
