//! The map of the site: every page, and the catchers for addresses that lead nowhere.

use rocket::{
    Catcher, Either, Request, Route, catch, catchers,
    fairing::{AdHoc, Fairing},
    get,
    http::Status,
    routes,
};

use crate::{
    routes::{
        auth::{
            account, authenticate,
            error::{self, AuthError},
            guards::Viewer,
            one_time_link, sign_in, users,
        },
        health::{self, metrics},
        http::{
            self, assets, error::OUR_FAULT, export_limit::Exporting, reply::Reply, request_id::RequestId,
            timeout::traced,
        },
        local_commands,
        pages::{
            activity, api_reference,
            bulk::{reassign, repair, schedule},
            calendar::{day, month},
            changes::{self, supervisor},
            employees, feeds, import, integrity, search, settings, unscheduled,
        },
    },
    views,
};

/// Mounts every page.
pub fn stage() -> impl Fairing {
    AdHoc::on_ignite("pages", |rocket| async {
        rocket
            .manage(import::Running::default())
            .manage(Exporting::default())
            .mount(
                "/",
                traced(routes![
                    month::home,
                    month::pick,
                    month::old_address,
                    month::show,
                    month::narrow,
                    month::sheet,
                    day::show,
                    day::narrow,
                    day::sheet,
                    search::show,
                    changes::locate,
                    changes::open,
                    changes::submit,
                    supervisor::show,
                    unscheduled::list,
                    schedule::open,
                    schedule::open_supervisors,
                    schedule::submit,
                    reassign::open,
                    reassign::submit,
                    activity::list,
                    activity::export_csv,
                    activity::show,
                    activity::undo,
                    activity::revert,
                    integrity::overview,
                    integrity::of_check,
                    integrity::run,
                    integrity::test,
                    repair::locate,
                    repair::open,
                    repair::submit,
                    health::live,
                    health::ready,
                    metrics::show,
                    assets::file,
                    local_commands::backup,
                    local_commands::list_accounts,
                    local_commands::order_accounts,
                ]),
            )
            .mount("/", traced([staff(), in_and_out(), auth(), to_read()].concat()))
            .register("/", all_catchers())
    })
}

/// Employees, their weeks, and the company's holidays.
fn staff() -> Vec<Route> {
    routes![
        employees::list::show,
        employees::profile::open,
        employees::profile::add,
        employees::profile::show,
        employees::profile::edit,
        employees::profile::ask,
        employees::profile::deactivate,
        employees::profile::reactivate,
        employees::time_off::ask,
        employees::time_off::add,
        employees::time_off::remove,
        employees::week::this,
        employees::week::show,
        employees::week::sheet,
        employees::holidays::show,
        employees::holidays::add,
        employees::holidays::remove,
    ]
}

/// What comes in as files, and leaves as calendars.
fn in_and_out() -> Vec<Route> {
    routes![
        feeds::list,
        feeds::make,
        feeds::revoke,
        feeds::read,
        import::start,
        import::upload,
        import::preview,
        import::confirm,
        import::show,
        import::undo,
    ]
}

/// What says how things are and how they are used.
fn to_read() -> Vec<Route> {
    routes![help, api_reference::show, settings::show]
}

/// Who comes in, and who may.
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

/// `GET /help`
#[get("/help")]
#[expect(clippy::needless_pass_by_value, reason = "guards arrive by value")]
fn help(viewer: Viewer) -> Reply {
    Reply::page(views::help::page(viewer.who().role))
}

fn all_catchers() -> Vec<Catcher> {
    catchers![any]
}

/// Whatever no handler answered.
#[catch(default)]
async fn any(status: Status, request: &Request<'_>) -> Either<AuthError, Reply> {
    let denied = error::of(request);
    // Found first, so that the page shows who is signed in. What was given up waits for nothing more.
    if !matches!(denied, Some(AuthError::TimedOut)) {
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
    Either::Right(http::error::error_page(status, sentence, &RequestId::of(request)))
}
