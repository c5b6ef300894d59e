//! Pages and actions that a search offers by name.

use chrono::NaiveDate;

use crate::{
    domain::{
        calendar::Month,
        event::search::{has_all, words},
        format,
        user::Role,
    },
    views::urls,
};

/// Most places that match a search; a blank one lists all.
const MATCHES_MAX: usize = 8;

/// A page or action that a search finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub label: String,
    pub href: String,
    /// A description, or more words for the search.
    pub note: &'static str,
}

impl Place {
    fn new(label: impl Into<String>, href: impl Into<String>, note: &'static str) -> Self {
        Self { label: label.into(), href: href.into(), note }
    }

    /// A day, as it was typed.
    pub fn day(date: NaiveDate) -> Self {
        Self::new(format::date_in_full(date), urls::day(date), "Day")
    }

    /// A month, as it was typed.
    pub fn month(month: Month) -> Self {
        Self::new(month.first().format("%B %Y").to_string(), urls::month(month), "Month")
    }
}

/// The pages and actions of a role whose name or note has each word of a text. All of them for a blank text.
pub fn places(text: &str, role: Role, today: NaiveDate) -> Vec<Place> {
    let wanted = words(text);
    if wanted.is_empty() && !text.trim().is_empty() {
        return Vec::new();
    }
    let mut found: Vec<_> = all(today)
        .into_iter()
        .filter(|(least, place)| role >= *least && has_all(&wanted, &[&place.label, place.note]))
        .map(|(_, place)| place)
        .collect();
    if !wanted.is_empty() {
        found.sort_by_key(|place| !has_all(&wanted, &[&place.label]));
        found.truncate(MATCHES_MAX);
    }
    found
}

/// Every page and action, with the least role that may use it.
fn all(today: NaiveDate) -> Vec<(Role, Place)> {
    let viewer = [
        Place::new("Calendar", urls::HOME, "This month"),
        Place::new("Today", urls::day(today), "Events of today"),
        Place::new("Roster", urls::ROSTER, "People by days of this week"),
        Place::new("Timeline", urls::timeline(today), "People by hours of today"),
        Place::new("Unscheduled events", urls::UNSCHEDULED, "Work without an employee"),
        Place::new("Employees", urls::EMPLOYEES, "People, availability and time off"),
        Place::new("Holidays", urls::HOLIDAYS, "Days on which the company is closed"),
        Place::new("Reports", urls::REPORTS, "Hours, due work, changes, coverage"),
        Place::new("Activity", urls::ACTIVITY, "Audit, undo and revert"),
        Place::new("Since your last visit", urls::DIGEST, "Changes by others"),
        Place::new("Issues", urls::INTEGRITY, "Conflicts and split pairs"),
        Place::new("Your account", urls::ACCOUNT, "Password, second factor and sessions"),
        Place::new("Help", urls::HELP, "Keyboard shortcuts"),
        Place::new("API reference", urls::API_REFERENCE, "Calls for programs"),
    ];
    let scheduler = [
        Place::new("Auto-schedule", urls::AUTO_SCHEDULE, "Propose a schedule"),
        Place::new("Rotation", urls::ROTATION, "Juicer and primary lead by weekday"),
        Place::new("Schedule Supervisors", urls::SUPERVISORS, "All unscheduled ones whose CORE is scheduled"),
        Place::new("Reassign today", urls::reassign(today), "Someone is out"),
        Place::new("Repair issues", urls::REPAIR, "All pairs at once"),
        Place::new("Calendar feeds", urls::FEEDS, "Subscribe in another calendar"),
    ];
    let admin = [
        Place::new("Import", urls::IMPORT, "Files from the retailer"),
        Place::new("Add an employee", urls::NEW_EMPLOYEE, "A new person"),
        Place::new("Look-alikes", urls::LOOK_ALIKES, "Merge employees or stores"),
        Place::new("Users", urls::USERS, "Accounts and tokens"),
        Place::new("Settings", urls::SETTINGS, "What is in force"),
    ];
    let of = |role, places: Vec<Place>| places.into_iter().map(move |place| (role, place));
    let viewer = of(Role::Viewer, viewer.into());
    viewer.chain(of(Role::Scheduler, scheduler.into())).chain(of(Role::Admin, admin.into())).collect()
}
