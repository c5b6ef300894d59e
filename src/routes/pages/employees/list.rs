//! The list of employees.

use rocket::{FromForm, get};

use crate::{
    context::Context,
    domain::{
        alike::{number_key, search_key},
        employee::Employee,
        user::Role,
        visibility,
    },
    routes::{
        auth::Viewer,
        http::{error::Failure, form_text::Text},
        render::{Flashed, Reply},
    },
    store::tables::employees,
    views::employees::list::{self, ListView, PAGE_PEOPLE_MAX, Show},
};

#[derive(Clone, Debug, FromForm)]
pub struct Query {
    q: Text,
    show: Text,
    page: Option<usize>,
}

impl Query {
    fn show(&self) -> Show {
        Show::ALL.into_iter().find(|show| self.show == show.slug()).unwrap_or_default()
    }

    fn matches(&self, employee: &Employee) -> bool {
        let (name, number) = (search_key(&self.q), number_key(&self.q));
        let shown = match self.show() {
            Show::Active => employee.active,
            Show::Inactive => !employee.active,
            Show::All => true,
        };
        shown && (search_key(&employee.name).contains(&name) || employee.id.key().contains(number.as_ref()))
    }
}

/// `GET /employees?q=&show=&page=`
#[get("/employees?<query..>")]
pub async fn show(query: Query, viewer: Viewer, flash: Flashed, context: &Context) -> Result<Reply, Failure> {
    let mut found = context.read(|tx| employees::all_named(tx)).await?;
    found.retain(|employee| query.matches(employee));
    found.sort_by_cached_key(|employee| (search_key(&employee.name), employee.id.clone()));
    let count = found.len();
    let page = query.page.unwrap_or(1).clamp(1, count.div_ceil(PAGE_PEOPLE_MAX).max(1));
    let people = found.into_iter().skip((page - 1).saturating_mul(PAGE_PEOPLE_MAX)).take(PAGE_PEOPLE_MAX);
    let role = viewer.who().role;
    let people = people.map(|employee| visibility::employee_for(role, employee)).collect();
    Ok(Reply::page(list::page(ListView {
        show: query.show(),
        query: query.q.0,
        people,
        count,
        page,
        today: context.today(),
        feeds: viewer.who().role >= Role::Scheduler,
        edits: viewer.who().role >= Role::Admin,
        message: flash.0,
    })))
}
