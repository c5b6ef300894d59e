//! Changes of other users since the reader's last visit.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeZone, Utc};
use rocket::{get, http::Status};

use crate::{
    context::Context,
    domain::calendar,
    routes::{
        auth::Viewer,
        http::error::Failure,
        pages::activity::audit_view::{self, Window},
        render::Reply,
    },
    store::{
        Snapshot, StoreError,
        queries::digest::{self, Digest},
        tables::accounts::visits,
    },
    views::digest::{self as page, DigestView, ENTRIES_LISTED_MAX, Since, SummaryView},
};

/// `GET /activity/since?date=`: since a day, or since the last visit. Without one it is yesterday.
#[get("/activity/since?<date>")]
pub async fn show(date: Option<&str>, viewer: Viewer, context: &Context) -> Result<Reply, Failure> {
    let typed = date.unwrap_or_default().trim().to_owned();
    let day = (!typed.is_empty()).then(|| calendar::parse_date(&typed)).transpose();
    let (day, problem) = match day {
        Ok(day) => (day, None),
        Err(error) => (None, Some(format!("{error}."))),
    };
    let status = if problem.is_some() { Status::UnprocessableEntity } else { Status::Ok };
    let window = Window::of(context, viewer.who().role);
    let (name, user, today) = (viewer.who().name.clone(), viewer.who().user().cloned(), context.today());
    let read = move |tx: &Snapshot<'_>| {
        let visit = user.map(|user| visits::of(tx, &user)).transpose()?.flatten();
        let (since, moment) = match (day, visit.and_then(|visit| visit.before)) {
            (Some(day), _) => (Since::Day(day), midnight(day, &window)),
            (None, Some(end)) => (Since::LastVisit(end.with_timezone(&window.config.zone).naive_local()), end),
            (None, None) => {
                let yesterday = today.checked_sub_days(Days::new(1)).unwrap_or(today);
                (Since::Day(yesterday), midnight(yesterday, &window))
            }
        };
        let Digest { users, mut entries, more } = digest::since(tx, moment, window.config.zone, &name)?;
        let total = entries.len();
        entries.truncate(ENTRIES_LISTED_MAX);
        let summary = |one: digest::Summary| SummaryView {
            who: one.who,
            changes: one.changes,
            events: one.events,
            people: one.people,
            stores: one.stores,
        };
        let users = users.into_iter().map(summary).collect();
        let entries = audit_view::views(tx, &entries, &window)?;
        Ok::<_, StoreError>(DigestView { since, typed, problem, users, entries, total, more, today })
    };
    let view = context.read(read).await?;
    Ok(Reply::page(page::page(&view)).status(status))
}

/// The first moment of a local day.
fn midnight(day: NaiveDate, window: &Window) -> DateTime<Utc> {
    let local = day.and_time(NaiveTime::MIN);
    window.config.zone.from_local_datetime(&local).earliest().map_or_else(|| local.and_utc(), |at| at.to_utc())
}
