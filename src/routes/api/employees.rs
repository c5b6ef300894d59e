//! The employees as a list.

use rocket::get;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    context::Context,
    domain::visibility,
    routes::{
        api::{
            query::{Limit, Query},
            responses::{EmployeeObject, ErrorAnswer},
            schemas,
        },
        auth::Viewer,
        http::{decode::Parsed, error::CallFailure, etag::Tagged},
    },
    store::tables::employees,
};

/// Query parameters of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EmployeesParams {
    /// Only those who are active, or only those who are not.
    #[param(value_type = Option<bool>)]
    active: Option<Parsed<bool>>,
    title: Option<schemas::Title>,
    /// Items on a page.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500, default = 100)]
    #[serde(default)]
    limit: Limit,
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
    query: Result<Query<EmployeesParams>, CallFailure>,
    viewer: Viewer,
    context: &Context,
) -> Result<Tagged<Employees>, CallFailure> {
    let Query(EmployeesParams { active, title, limit: Limit(limit), cursor }) = query?;
    let all = context.read(|tx| employees::all(tx)).await?;
    let wanted = all.into_iter().filter(|employee| {
        cursor.as_ref().is_none_or(|after| employee.id > after.0)
            && active.as_ref().is_none_or(|active| employee.active == active.0)
            && title.as_ref().is_none_or(|title| employee.title == title.0)
    });
    let mut page: Vec<_> = wanted.take(limit + 1).collect();
    let more = page.len() > limit;
    page.truncate(limit);
    let next = page.last().filter(|_| more).map(|last| last.id.to_string());
    let visible = page.into_iter().map(|employee| visibility::employee_for(viewer.who().role, employee));
    let employees = visible.map(EmployeeObject::from).collect();
    Ok(Tagged(Employees { employees, next }))
}
