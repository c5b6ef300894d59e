//! The list of employees.

use rocket::{FromForm, State, get, request::FlashMessage};

use crate::{
    context::Context,
    domain::{
        employee::Employee,
        user::{Role, visibility},
    },
    routes::{
        auth::guards::Viewer,
        http::{error::Failure, reply::Reply},
        pages::employees::message,
    },
    store::tables::employees,
    views::employees::list::{self, ListView, PAGE_PEOPLE_MAX, Show},
};

/// The search text.
#[derive(Clone, Debug, FromForm)]
pub struct Query {
    #[field(default = "")]
    q: String,
    #[field(default = "")]
    show: String,
    page: Option<usize>,
}

impl Query {
    fn show(&self) -> Show {
        Show::ALL.into_iter().find(|show| show.slug() == self.show).unwrap_or_default()
    }

    fn matches(&self, employee: &Employee) -> bool {
        let wanted = self.q.trim().to_lowercase();
        let shown = match self.show() {
            Show::Active => employee.active,
            Show::Inactive => !employee.active,
            Show::All => true,
        };
        shown
            && (employee.name.to_lowercase().contains(&wanted) || employee.id.as_str().to_lowercase().contains(&wanted))
    }
}

/// `GET /employees?q=&show=&page=`
#[get("/employees?<query..>")]
pub async fn show(
    query: Query,
    viewer: Viewer,
    flash: Option<FlashMessage<'_>>,
    context: &State<Context>,
) -> Result<Reply, Failure> {
    let mut found = context.read(|tx| employees::all(tx)).await?;
    found.retain(|employee| query.matches(employee));
    found.sort_by_cached_key(|employee| (employee.name.to_lowercase(), employee.id.clone()));
    let count = found.len();
    let page = query.page.unwrap_or(1).clamp(1, count.div_ceil(PAGE_PEOPLE_MAX).max(1));
    let people = found.into_iter().skip((page - 1).saturating_mul(PAGE_PEOPLE_MAX)).take(PAGE_PEOPLE_MAX);
    let role = viewer.who().role;
    let people = people.map(|employee| visibility::employee_for(role, employee)).collect();
    Ok(Reply::page(list::page(ListView {
        show: query.show(),
        query: query.q,
        people,
        count,
        page,
        today: context.clock.today(context.config.zone),
        feeds: viewer.who().role >= Role::Scheduler,
        edits: viewer.who().role >= Role::Admin,
        message: message(flash),
    })))
}
