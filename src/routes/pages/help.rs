//! The help page.

use rocket::{Route, get, routes};

use crate::{
    routes::{auth::Viewer, pages::api_reference, render::Reply},
    views::help,
};

pub fn routes() -> Vec<Route> {
    routes![show, api_reference::show]
}

#[get("/help")]
#[expect(clippy::needless_pass_by_value, reason = "guards arrive by value")]
fn show(viewer: Viewer) -> Reply {
    Reply::page(help::page(viewer.who().role))
}
