//! The week of an employee.

use chrono::NaiveDate;
use rocket::{State, get, response::Redirect};

use crate::{
    context::Context,
    domain::{calendar, ids::EmployeeId, user::Role},
    routes::{
        auth::guards::Viewer,
        http::{
            error::Failure,
            params::{DateParam, EmployeeParam},
            reply::Reply,
        },
        pages::employees::find,
    },
    store::{
        Snapshot,
        tables::{events, holidays},
    },
    views::{
        employees::week::{self, WeekDay, WeekView},
        urls,
    },
};

/// `GET /employees/<id>/week`: the week that holds today.
#[get("/employees/<id>/week")]
pub fn this(
    id: Result<EmployeeParam, Failure>,
    _viewer: Viewer,
    context: &State<Context>,
) -> Result<Redirect, Failure> {
    Ok(Redirect::to(urls::week(&id?.0, context.clock.today(context.config.zone))))
}

/// `GET /employees/<id>/week/<date>`: the week that holds the date.
#[get("/employees/<id>/week/<date>")]
pub async fn show(
    id: Result<EmployeeParam, Failure>,
    date: Result<DateParam, Failure>,
    viewer: Viewer,
    context: &State<Context>,
) -> Result<Reply, Failure> {
    let edits = viewer.who().role >= Role::Admin;
    Ok(Reply::page(week::page(&view(id?.0, date?.0, edits, context).await?)))
}

/// `GET /employees/<id>/week/<date>/print`: the week as a sheet.
#[get("/employees/<id>/week/<date>/print")]
pub async fn sheet(
    id: Result<EmployeeParam, Failure>,
    date: Result<DateParam, Failure>,
    _viewer: Viewer,
    context: &State<Context>,
) -> Result<Reply, Failure> {
    Ok(Reply::page(week::sheet(&view(id?.0, date?.0, false, context).await?)))
}

async fn view(id: EmployeeId, date: NaiveDate, edits: bool, context: &Context) -> Result<WeekView, Failure> {
    let today = context.clock.today(context.config.zone);
    let dates = calendar::week_of(date, context.config.week_start);
    let read = move |tx: &Snapshot<'_>| {
        let employee = find(tx, &id)?;
        let (first, last) = (dates[0], dates[6]);
        let (mut held, mut closed) = (events::held_between(tx, &id, first, last)?, holidays::between(tx, first, last)?);
        held.sort_by_key(|event| (event.start(), event.id));
        let day = |date: &NaiveDate| WeekDay {
            date: *date,
            events: held.iter().filter(|event| event.date() == Some(*date)).cloned().collect(),
            holiday: closed.remove(date),
        };
        Ok(WeekView { employee, days: dates.iter().map(day).collect(), today, edits })
    };
    context.read(read).await
}
