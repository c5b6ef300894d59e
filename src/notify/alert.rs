//! Text of alerts.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::{
    config::Config,
    domain::{
        format,
        integrity::finding_state::{FindingKey, OpenFinding},
        notification::{ITEMS_MAX, Item, Notification, Purpose},
    },
};

/// Builds alerts, with the settings they need.
#[derive(Debug)]
pub struct Writer<'a> {
    zone: Tz,
    public_url: &'a str,
    team: &'a str,
}

impl<'a> Writer<'a> {
    pub fn new(config: &'a Config) -> Self {
        Self { zone: config.zone, public_url: &config.alerts.public_url, team: config.team_name() }
    }

    /// "Tandem: all clear"; with several teams, "Tandem, north: all clear".
    fn title(&self, words: &str) -> String {
        match self.team {
            "" => format!("Tandem: {words}"),
            team => format!("Tandem, {team}: {words}"),
        }
    }

    /// New problems, and open ones that were reported before.
    pub fn alert(&self, fresh: &[OpenFinding], open: &[OpenFinding]) -> Notification {
        let title = match (fresh.len(), open.len()) {
            (0, open) => format!("{} still open", format::count(open as u64, "problem")),
            (fresh, 0) => format::count(fresh as u64, "new problem"),
            (fresh, open) => format!("{}, {open} still open", format::count(fresh as u64, "new problem")),
        };
        let all = fresh.len() + open.len();
        let left_out = all.saturating_sub(ITEMS_MAX);
        let closing = match left_out {
            0 => "All problems and their repair".to_owned(),
            left_out => format!("and {left_out} more: all problems and their repair"),
        };
        Notification {
            purpose: Purpose::Alert,
            title: self.title(&title),
            intro: "The integrity check found problems that need your attention.".to_owned(),
            items: fresh.iter().chain(open).take(ITEMS_MAX).map(|one| self.item(one)).collect(),
            closing: Some(self.closing(&closing)),
        }
    }

    /// All problems are fixed.
    pub fn all_clear(&self, fixed: usize) -> Notification {
        Notification {
            purpose: Purpose::AllClear,
            title: self.title("all clear"),
            intro: format!(
                "Fixed since the last check: {}. No problems are left.",
                format::count(fixed as u64, "problem")
            ),
            items: Vec::new(),
            closing: Some(self.closing("What was checked")),
        }
    }

    /// A test of the delivery, requested by a user.
    pub fn test(&self, who: &str, now: DateTime<Utc>) -> Notification {
        let at = format::moment(now.with_timezone(&self.zone).naive_local());
        Notification {
            purpose: Purpose::Test,
            title: self.title("a test"),
            intro: format!("{who} asked on {at} whether alerts arrive. This one did."),
            items: Vec::new(),
            closing: Some(self.closing("Integrity")),
        }
    }

    fn item(&self, finding: &OpenFinding) -> Item {
        let since = format::moment(finding.first_seen.with_timezone(&self.zone).naive_local());
        let link = match finding.subject {
            FindingKey::Event(check, event) => format!("{}/integrity/{}/{event}", self.public_url, check.slug()),
            FindingKey::Alike(..) => format!("{}/integrity/look-alikes", self.public_url),
            FindingKey::Storage(_) => format!("{}/integrity", self.public_url),
        };
        Item::new(&format!("{} ({}, since {since})", finding.message, finding.subject.slug()), Some(link))
    }

    fn closing(&self, text: &str) -> Item {
        Item::new(text, Some(format!("{}/integrity", self.public_url)))
    }
}
