//! The people, as a list.

use rocket::{State, get};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::{
    context::Context,
    domain::{employee::JobTitle, format, ids::EmployeeId},
    routes::{
        api::{
            etag::Tagged,
            query::Query,
            responses::{EmployeeObject, ErrorAnswer},
            schemas,
        },
        auth::guards::Viewer,
        http::error::CallFailure,
    },
    store::{StoreError, tables::employees},
};

/// The parameters of the list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read field by field, so that errors name them; this is for the document")]
pub struct EmployeesParams {
    /// Only those who are active, or only those who are not.
    active: Option<bool>,
    title: Option<schemas::Title>,
    /// Items on a page.
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<schemas::Employee>,
}

/// A page of employees.
#[derive(Debug, Serialize, ToSchema)]
pub struct Employees {
    employees: Vec<EmployeeObject>,
    /// Send it as `cursor` for the next page; null on the last one.
    next: Option<String>,
}

/// Employees by id
#[utoipa::path(get, path = "/api/employees", operation_id = "list_employees", tag = "Lists", params(EmployeesParams), responses(
    (status = 200, body = Employees), (status = 304, description = "As `If-None-Match` has it"),
    (status = 400, body = ErrorAnswer)))]
#[get("/employees")]
pub async fn list(
    mut query: Query,
    _viewer: Viewer,
    context: &State<Context>,
) -> Result<Tagged<Employees>, CallFailure> {
    let active: Option<bool> =
        query.optional_with("active", |text| text.parse().map_err(|_| "must be true or false".to_owned()))?;
    let title = query.optional_with("title", title)?;
    let (limit, after) = (query.limit()?, query.cursor(|text| text.parse::<EmployeeId>().ok())?);
    query.finish()?;
    let all = context.store.run(|store| store.read(|view| employees::all(view))).await;
    let wanted = all.map_err(|error: StoreError| error)?.into_iter().filter(|employee| {
        after.as_ref().is_none_or(|after| employee.id > *after)
            && active.is_none_or(|active| employee.active == active)
            && title.is_none_or(|title| employee.title == title)
    });
    let mut page: Vec<_> = wanted.take(limit + 1).collect();
    let more = page.len() > limit;
    page.truncate(limit);
    let next = page.last().filter(|_| more).map(|last| last.id.to_string());
    Ok(Tagged(Employees { employees: page.into_iter().map(EmployeeObject::from).collect(), next }))
}

fn title(text: &str) -> Result<JobTitle, String> {
    JobTitle::named(text).ok_or_else(|| {
        format!("is no job title; allowed are {}", format::list(&JobTitle::ALL.map(|title| title.label().to_owned())))
    })
}
