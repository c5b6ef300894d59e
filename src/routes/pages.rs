//! The map of the site: every page, and the catchers for addresses that lead nowhere.

use rocket::{
    Catcher, Either, Request, Route, catch, catchers,
    fairing::{AdHoc, Fairing},
    get,
    http::Status,
    routes,
};

use super::{
    account, activity, admin, assets, change, day,
    doors::{
        caller,
        denied::{self, Denied},
    },
    exporting::Exporting,
    failure::{self, OUR_FAULT},
    feeds,
    guard::Viewer,
    health, import, integrity, metrics, month, people, reassign, reference, repair,
    reply::Reply,
    request_id::RequestId,
    schedule_several, search, settings, sign_in, supervisor,
    traced::traced,
    unscheduled, users, welcome,
};
use crate::views;

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
                    change::locate,
                    change::open,
                    change::submit,
                    supervisor::show,
                    unscheduled::list,
                    schedule_several::open,
                    schedule_several::open_supervisors,
                    schedule_several::submit,
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
                    admin::backup,
                    admin::list_accounts,
                    admin::order_accounts,
                ]),
            )
            .mount("/", traced([staff(), in_and_out(), doors(), to_read()].concat()))
            .register("/", all_catchers())
    })
}

/// Employees, their weeks, and the company's holidays.
fn staff() -> Vec<Route> {
    routes![
        people::list::show,
        people::person::open,
        people::person::add,
        people::person::show,
        people::person::edit,
        people::person::ask,
        people::person::deactivate,
        people::person::reactivate,
        people::time_off::ask,
        people::time_off::add,
        people::time_off::remove,
        people::week::this,
        people::week::show,
        people::week::sheet,
        people::holidays::show,
        people::holidays::add,
        people::holidays::remove,
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
    routes![help, reference::show, settings::show]
}

/// Who comes in, and who may.
fn doors() -> Vec<Route> {
    routes![
        sign_in::show,
        sign_in::submit,
        sign_in::leave,
        welcome::show,
        welcome::submit,
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
async fn any(status: Status, request: &Request<'_>) -> Either<Denied, Reply> {
    let denied = denied::of(request);
    // Found first, so that the page shows who is signed in. What was given up waits for nothing more.
    if !matches!(denied, Some(Denied::Late)) {
        let _ = caller::find(request).await;
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
    Either::Right(failure::error_page(status, sentence, &RequestId::of(request)))
}
