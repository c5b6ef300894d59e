//! Activity: the audit log, and undo and revert of a change.

pub mod audit_view;
pub mod digest;

use std::io::Write;

use rocket::{FromForm, Route, get, http::Status, post, routes};

use crate::{
    context::Context,
    domain::{
        alike::{identifier, search_key},
        audit::Action,
        calendar,
        change::{rejection::Rejection, undo::How},
        ids::EventId,
    },
    export::{self, Format},
    routes::{
        api::download::{self, Download},
        auth::{Posted, Scheduler, Viewer, export_limit::Exporting},
        http::{error::Failure, form_text::Text, params},
        pages::{
            activity::audit_view::Listed,
            changes::{Answer, change_response, form_fields::reason_error},
        },
        render::{Flashed, Reply},
    },
    services::change::{self, ChangeError},
    store::{
        ReadTx, Snapshot, Store, StoreError,
        queries::audit_list::{self, Wanted},
    },
    views::{
        FormKeys,
        activity::{self, DetailView, Filter, ListView},
        components::alert::Problem,
    },
};

/// The routes of the audit log.
pub fn routes() -> Vec<Route> {
    routes![list, export_csv, digest::show, show, undo, revert]
}

#[derive(Clone, Debug, FromForm)]
pub struct Query {
    event: Text,
    who: Text,
    action: Text,
    employee: Text,
    /// One day; old links have it.
    date: Text,
    from: Text,
    to: Text,
    before: Option<u64>,
}

impl Query {
    fn filter(&self) -> Filter {
        Filter {
            event: self.event.0.clone(),
            who: self.who.0.clone(),
            action: self.action.0.clone(),
            employee: self.employee.0.clone(),
            from: if self.from.is_empty() { &self.date } else { &self.from }.0.clone(),
            to: if self.to.is_empty() { &self.date } else { &self.to }.0.clone(),
        }
    }

    /// The parsed filter, or the error.
    fn wanted(&self, context: &Context) -> Result<Asked, String> {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let filter = self.filter();
        let date = |text: &str| given(text).map(|text| calendar::parse_date(&text).map_err(|error| error.to_string()));
        let event =
            given(&filter.event).map(|text| identifier(&text).parse::<EventId>().map_err(|error| error.to_string()));
        let action = given(&filter.action).map(|text| {
            let named = Action::ALL.into_iter().find(|action| action.slug() == text);
            named.ok_or_else(|| "there is no such action".to_owned())
        });
        let (first, last) = (date(&filter.from).transpose()?, date(&filter.to).transpose()?);
        if first.zip(last).is_some_and(|(first, last)| last < first) {
            return Err("the last day is before the first".to_owned());
        }
        Ok(Asked {
            event: event.transpose()?,
            employee: given(&filter.employee),
            wanted: Wanted {
                events: None,
                people: None,
                first,
                last,
                who: search_key(&filter.who),
                action: action.transpose()?,
                zone: context.config.zone,
            },
        })
    }
}

/// A filter whose event and employee are still to be looked up.
struct Asked {
    wanted: Wanted,
    event: Option<EventId>,
    employee: Option<String>,
}

impl Asked {
    fn find(self, tx: &dyn ReadTx) -> Result<Wanted, StoreError> {
        let events = self.event.map(|event| audit_list::events_named(tx, event)).transpose()?;
        let people = self.employee.map(|text| audit_list::people_named(tx, &text)).transpose()?;
        Ok(Wanted { events, people, ..self.wanted })
    }
}

/// `GET /activity?event=&who=&employee=&action=&from=&to=&before=`
#[get("/activity?<query..>")]
pub async fn list(query: Query, viewer: Viewer, context: &Context) -> Result<Reply, Failure> {
    let (filter, before, window) = (query.filter(), query.before, audit_view::Window::of(context, viewer.who().role));
    let wanted = match query.wanted(context) {
        Ok(wanted) => wanted,
        Err(problem) => {
            let problem = Some(format!("The filter cannot be used: {problem}."));
            let page =
                activity::list_page(&ListView { filter, problem, entries: Vec::new(), next: None, archived: None });
            return Ok(Reply::page(page).status(Status::UnprocessableEntity));
        }
    };
    let read = move |tx: &Snapshot<'_>| audit_view::list(tx, &wanted.find(tx)?, before, &window);
    let Listed { entries, next, archived } = context.read(read).await?;
    Ok(Reply::page(activity::list_page(&ListView { filter, problem: None, entries, next, archived })))
}

/// `GET /activity.csv`: the same, as a file for spreadsheets.
#[get("/activity.csv?<query..>")]
pub async fn export_csv(
    query: Query,
    viewer: Viewer,
    exporting: &Exporting,
    context: &Context,
) -> Result<Download, Failure> {
    let wanted = query
        .wanted(context)
        .map_err(|problem| Failure::Malformed(format!("The filter cannot be used: {problem}.")))?;
    let (zone, role) = (context.config.zone, viewer.who().role);
    let mark = download::mark(viewer.who(), Format::Csv);
    let write = move |view: &dyn ReadTx, out: &mut dyn Write| {
        let wanted = wanted.find(view)?;
        out.write_all(mark)?;
        export::audit::csv(view, |entry| wanted.matches(entry), zone, role, out)
    };
    let file = exporting.make(&viewer, "activity.csv".to_owned(), context, write).await?;
    Ok(Download::new(file, "tandem-activity", Format::Csv))
}

#[get("/activity/<sequence>")]
pub async fn show(
    sequence: &str,
    viewer: Viewer,
    flash: Flashed,
    keys: FormKeys,
    context: &Context,
) -> Result<Reply, Failure> {
    let (sequence, window) = (number(sequence)?, audit_view::Window::of(context, viewer.who().role));
    let detail = context.store.run(move |store| detail(store, sequence, &window, String::new(), &keys, None)).await?;
    Ok(Reply::page(activity::entry_page(&detail).with_message(flash.0)))
}

fn number(text: &str) -> Result<u64, Failure> {
    text.parse().map_err(|_| Failure::NotFound("There is no such change.".to_owned()))
}

fn detail(
    store: &Store,
    sequence: u64,
    window: &audit_view::Window,
    override_reason: String,
    keys: &FormKeys,
    problem: Option<Problem>,
) -> Result<DetailView, Failure> {
    store.read(|tx| {
        if audit_list::archived(tx)?.is_some_and(|last| sequence <= last) {
            return Err(Failure::NotFound(format!(
                "Change {sequence} is archived: the administrator of the server has the file."
            )));
        }
        let entry = audit_view::one(tx, sequence, window)?.ok_or(Rejection::UnknownEntry(sequence))?;
        let warnings = if problem.is_none() { audit_view::revert_warnings(tx, &entry, window)? } else { Vec::new() };
        Ok::<_, Failure>(DetailView { entry, keys: keys.clone(), override_reason, warnings, problem })
    })
}

/// The fields of an undo or revert.
#[derive(Clone, Debug, FromForm)]
pub struct Fields {
    key: Text,
    from: Text,
    override_reason: Text,
}

/// `POST /activity/<sequence>/undo`: one press, within the window.
#[post("/activity/<sequence>/undo", data = "<fields>")]
pub async fn undo(
    sequence: &str,
    scheduler: Scheduler,
    fields: Posted<Fields>,
    keys: FormKeys,
    context: &Context,
) -> Result<Answer, Failure> {
    let how = How::Undo { window_minutes: context.config.undo_minutes };
    take_back(number(sequence)?, how, scheduler, fields, keys, context).await
}

/// `POST /activity/<sequence>/revert`: any time later, with the rules of an ordinary change.
#[post("/activity/<sequence>/revert", data = "<fields>")]
pub async fn revert(
    sequence: &str,
    scheduler: Scheduler,
    fields: Posted<Fields>,
    keys: FormKeys,
    context: &Context,
) -> Result<Answer, Failure> {
    let overridden = !fields.0.override_reason.trim().is_empty();
    take_back(number(sequence)?, How::Revert { overridden }, scheduler, fields, keys, context).await
}

async fn take_back(
    sequence: u64,
    how: How,
    scheduler: Scheduler,
    fields: Posted<Fields>,
    keys: FormKeys,
    context: &Context,
) -> Result<Answer, Failure> {
    let origin = scheduler.origin(fields.proof(), context);
    context
        .run(move |store, context| {
            let window = audit_view::Window::of(context, scheduler.who().role);
            let reason = Some(fields.override_reason.trim().to_owned()).filter(|reason| !reason.is_empty());
            let rerender = |status: Status, problem: Problem| {
                let detail = detail(store, sequence, &window, fields.override_reason.0.clone(), &keys, Some(problem))?;
                Ok(Answer::Again(Reply::page(activity::entry_page(&detail)).status(status)))
            };
            if let Some(error) = reason_error(&fields.override_reason) {
                return rerender(Status::UnprocessableEntity, Problem::Fields(vec![error]));
            }
            let (key, reason) = (fields.key.parse().ok(), reason.as_deref());
            match change::undo(store, sequence, how, reason, key.as_ref(), &window.config.policy, &origin) {
                Ok(made) => {
                    let from = params::day_page(&fields.from);
                    Ok(Answer::Done(
                        store.read(|tx| change_response::taken_back(tx, &made, from.as_ref(), context, &keys))?,
                    ))
                }
                Err(failed @ ChangeError::Store(_)) => Err(failed.into()),
                Err(ChangeError::Rejected(rejection @ Rejection::UnknownEntry(_))) => Err(rejection.into()),
                Err(ChangeError::Rejected(rejection)) => {
                    let status = Failure::Rejected(rejection.clone()).status();
                    rerender(status, audit_view::problem(rejection))
                }
            }
        })
        .await
}
