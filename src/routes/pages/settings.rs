//! The current settings.

use rocket::{Route, get, routes};

use crate::{
    config::Source,
    context::Context,
    routes::{auth::Admin, render::Reply},
    views::settings::{self, Row},
};

pub fn routes() -> Vec<Route> {
    routes![show]
}

#[get("/settings")]
pub fn show(_admin: Admin, context: &Context) -> Reply {
    let rows: Vec<Row> = context
        .config
        .table()
        .into_iter()
        .map(|one| Row {
            is_set: one.source != Source::Default,
            source: one.source.to_string(),
            name: one.name,
            value: one.value,
            allowed: one.allowed,
            what: one.what,
        })
        .collect();
    Reply::page(settings::page(&rows))
}
