//! The week of an employee.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rocket::{get, response::Redirect};

use crate::{
    context::Context,
    domain::{calendar, ids::EmployeeId, user::Role},
    routes::{
        auth::Viewer,
        http::{
            error::Failure,
            params::{DateParam, EmployeeParam},
        },
        pages::employees::find_named,
        render::Reply,
    },
    store::{
        Snapshot,
        tables::{events, holidays, issues::Evaluator},
    },
    views::{
        employees::week::{self, WeekDay, WeekView},
        urls,
    },
};

/// `GET /employees/<id>/week`: the week that holds today.
#[get("/employees/<id>/week")]
pub fn this(id: Result<EmployeeParam, Failure>, _viewer: Viewer, context: &Context) -> Result<Redirect, Failure> {
    Ok(Redirect::to(urls::week(&id?.0, context.today())))
}

/// `GET /employees/<id>/week/<date>`: the week that holds the date.
#[get("/employees/<id>/week/<date>")]
pub async fn show(
    id: Result<EmployeeParam, Failure>,
    date: Result<DateParam, Failure>,
    viewer: Viewer,
    context: &Context,
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
    context: &Context,
) -> Result<Reply, Failure> {
    Ok(Reply::page(week::sheet(&view(id?.0, date?.0, false, context).await?)))
}

async fn view(id: EmployeeId, date: NaiveDate, edits: bool, context: &Context) -> Result<WeekView, Failure> {
    let today = context.today();
    let dates = calendar::week_of(date, context.config.week_start);
    let read = move |tx: &Snapshot<'_>| {
        let employee = find_named(tx, &id)?;
        let (first, last) = (dates[0], dates[6]);
        let before = first.pred_opt().unwrap_or(first);
        let (mut held, mut closed) =
            (events::held_between(tx, &id, before, last)?, holidays::between(tx, first, last)?);
        held.sort_by_key(|event| (event.start(), event.id));
        let (mut findings, mut evaluator) = (BTreeMap::new(), Evaluator::for_pages(tx)?);
        for event in &held {
            findings.insert(event.id, evaluator.findings(event, today)?);
        }
        let day = |date: &NaiveDate| WeekDay {
            date: *date,
            events: held.iter().filter(|event| event.date() == Some(*date)).cloned().collect(),
            overnight: held.iter().filter(|event| event.end_after_midnight(*date).is_some()).cloned().collect(),
            holiday: closed.remove(date),
        };
        Ok(WeekView { employee, days: dates.iter().map(day).collect(), findings, today, edits })
    };
    context.read(read).await
}
