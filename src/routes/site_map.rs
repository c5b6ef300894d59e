//! The map of the site: every page, and the catchers for addresses that lead nowhere.

use rocket::{
    Catcher, Either, Request, Route, catch, catchers,
    fairing::{AdHoc, Fairing},
    http::Status,
    routes,
};

use crate::routes::{
    auth::{account, authenticate, one_time_link, sign_in, users},
    health::{self, metrics},
    http::{
        assets,
        error::{self, Failure, OUR_FAULT},
        error_response::error_page,
        export_limit::Exporting,
        reply::Reply,
        request_id::RequestId,
        timeout::traced,
    },
    local_commands,
    pages::{
        activity, api_reference, bulk, calendar, changes, employees, feeds, help, import, integrity, search, settings,
        unscheduled,
    },
};

/// Mounts every page.
pub fn stage() -> impl Fairing {
    AdHoc::on_ignite("pages", |rocket| async {
        rocket
            .manage(import::Running::default())
            .manage(Exporting::default())
            .mount("/", traced([pages(), auth(), plumbing()].concat()))
            .register("/", all_catchers())
    })
}

/// The pages, a line for each feature.
fn pages() -> Vec<Route> {
    [
        calendar::routes(),
        changes::routes(),
        bulk::routes(),
        unscheduled::routes(),
        employees::routes(),
        activity::routes(),
        integrity::routes(),
        search::routes(),
        feeds::routes(),
        import_pages(),
        api_reference::routes(),
        settings::routes(),
        help::routes(),
    ]
    .concat()
}

fn import_pages() -> Vec<Route> {
    routes![import::start, import::upload, import::preview, import::confirm, import::show, import::undo]
}

/// Health checks, metrics, assets, and the commands of this machine.
fn plumbing() -> Vec<Route> {
    routes![
        health::live,
        health::ready,
        metrics::show,
        assets::file,
        local_commands::backup,
        local_commands::list_accounts,
        local_commands::order_accounts,
    ]
}

/// Sign-in, accounts and users.
fn auth() -> Vec<Route> {
    routes![
        sign_in::show,
        sign_in::submit,
        sign_in::leave,
        one_time_link::show,
        one_time_link::submit,
        account::show,
        account::password,
        account::end_sessions,
        users::list,
        users::add,
        users::show,
        users::set_role,
        users::set_active,
        users::give_link,
        users::end_sessions,
        users::make_token,
        users::end_token,
    ]
}

fn all_catchers() -> Vec<Catcher> {
    catchers![any]
}

/// Whatever no handler answered.
#[catch(default)]
async fn any(status: Status, request: &Request<'_>) -> Either<Failure, Reply> {
    let denied = error::denied(request);
    // Found first, so that the page shows who is signed in. What was given up waits for nothing more.
    if !matches!(denied, Some(Failure::TimedOut)) {
        let _ = authenticate::find(request).await;
    }
    if let Some(denied) = denied {
        return Either::Left(denied);
    }
    let sentence = match status.code {
        404 => "There is no such page.",
        405 => "This address cannot be used that way.",
        413 => "What was sent is too large.",
        code if code < 500 => "The request could not be understood.",
        _ => OUR_FAULT,
    };
    Either::Right(error_page(status, sentence, &RequestId::of(request)))
}
