//! A person's page: adding, editing, deactivating and reactivating.

use chrono::NaiveDate;
use rocket::{FromForm, get, http::Status, post};

use crate::{
    context::Context,
    domain::{
        audit::Entry,
        calendar::LAST_DAY,
        change::{
            employee_edit::{Command, Refusal, Request},
            rejection::Rejection,
        },
        employee::Employee,
        format,
        ids::{EmployeeId, Revision},
    },
    routes::{
        auth::{Admin, Posted},
        http::{error::Failure, form_text::Text, params::EmployeeParam},
        pages::employees::{
            find, find_named,
            form_fields::{OffFields, PersonFields},
            held,
        },
        render::{Flashed, FormResponse, Refused, Reply},
    },
    services::{change::ChangeError, employees},
    store::{ReadTx, Store},
    views::{
        FormKeys,
        components::alert::{FieldError, Problem},
        employees::profile::{self, PersonView, ProfileValues, TimeOffValues},
        urls,
    },
};

#[get("/new-employee")]
#[expect(clippy::needless_pass_by_value, reason = "guards arrive by value")]
pub fn open(_admin: Admin, keys: FormKeys) -> Reply {
    Reply::page(profile::new_page(&ProfileValues::blank(), None, &keys))
}

#[post("/new-employee", data = "<fields>")]
pub async fn add(
    admin: Admin,
    fields: Posted<PersonFields>,
    keys: FormKeys,
    context: &Context,
) -> Result<FormResponse, Failure> {
    let origin = admin.origin(fields.proof(), context);
    let added = async {
        let (employee, profile) = fields.newcomer()?;
        let (message, next) = (format!("{} was added.", profile.name), urls::employee(&employee));
        let request = Request { employee, command: Command::Add(profile), seen: None, key: fields.key() };
        match context.store.run(move |store| employees::change(store, &request, &origin)).await {
            Ok(_) => Ok(FormResponse::done(&next, &message)),
            Err(ChangeError::Rejected(rejection @ Rejection::Staff(Refusal::Taken(_)))) => {
                Err(Refused::field("number", rejection.reason()))
            }
            Err(error) => Err(error.into()),
        }
    };
    FormResponse::of(added.await, |problem| Ok(profile::new_page(&fields.values(), Some(&problem), &keys)))
}

/// `GET /employees/<id>?was=`: with the time off that is to be changed in the form.
#[get("/employees/<id>?<off..>")]
pub async fn show(
    id: Result<EmployeeParam, Failure>,
    off: OffFields,
    _admin: Admin,
    flash: Flashed,
    keys: FormKeys,
    context: &Context,
) -> Result<Reply, Failure> {
    let id = id?.0;
    let found = context.read(move |tx| find_for_form(tx, &id)).await?;
    let view = view(found, context.today(), keys);
    let chosen = off.was().and_then(|was| view.employee.time_off.iter().find(|one| one.has_days_of(&was)));
    let off = chosen.map(TimeOffValues::of).unwrap_or_default();
    Ok(Reply::page(profile::page(PersonView { off, message: flash.0, ..view })))
}

/// An employee as stored, for the fields of a form, and the name that pages show.
pub fn find_for_form(tx: &dyn ReadTx, id: &EmployeeId) -> Result<(Employee, String), Failure> {
    Ok((find(tx, id)?, find_named(tx, id)?.name))
}

/// The page of an employee without entered values.
pub fn view((employee, name): (Employee, String), today: NaiveDate, keys: FormKeys) -> PersonView {
    let values = ProfileValues::of(&employee);
    let off = TimeOffValues::default();
    PersonView { employee, name, values, problem: None, off, off_problem: None, today, keys, message: None }
}

#[post("/employees/<id>", data = "<fields>")]
pub async fn edit(
    id: Result<EmployeeParam, Failure>,
    admin: Admin,
    fields: Posted<PersonFields>,
    keys: FormKeys,
    context: &Context,
) -> Result<FormResponse, Failure> {
    let (id, origin) = (id?.0, admin.origin(fields.proof(), context));
    let edit = move |store: &Store, context: &Context| {
        let edited = || {
            let (profile, seen) = both(fields.profile(), fields.seen())?;
            let message = format!("{} was saved.", profile.name);
            let command = Command::Edit(profile);
            let request = Request { employee: id.clone(), command, seen: Some(seen), key: fields.key() };
            match employees::change(store, &request, &origin) {
                Ok(_) => Ok(FormResponse::done(&urls::employee(&id), &message)),
                Err(ChangeError::Rejected(Rejection::Staff(Refusal::Stale(now)))) => {
                    let last = store.read(|tx| employees::last_change(tx, &id))?;
                    Err(Refused::form(stale(&now, last.as_ref(), context), Status::Conflict))
                }
                Err(error) => Err(error.into()),
            }
        };
        FormResponse::of(edited(), |problem| {
            let view = view(store.read(|tx| find_for_form(tx, &id))?, context.today(), keys);
            Ok(profile::page(PersonView { values: fields.values(), problem: Some(problem), ..view }))
        })
    };
    context.run(edit).await
}

/// What a form says, with the revision that it saw; otherwise the errors of both.
pub fn both<T>(said: Result<T, Vec<FieldError>>, seen: Option<Revision>) -> Result<(T, Revision), Vec<FieldError>> {
    match (said, required(seen)) {
        (Ok(said), Ok(seen)) => Ok((said, seen)),
        (said, seen) => Err(said.err().into_iter().flatten().chain(seen.err()).collect()),
    }
}

/// A form always says what it saw.
fn required(seen: Option<Revision>) -> Result<Revision, FieldError> {
    seen.ok_or_else(|| FieldError { name: "".into(), message: "The form is incomplete. Open it again.".to_owned() })
}

/// The problem of a form whose employee changed meanwhile.
fn stale(now: &Employee, last: Option<&Entry>, context: &Context) -> Problem {
    let facts = last.map(|entry| entry.facts.as_slice()).unwrap_or_default();
    let none = |text: &str| if text.is_empty() { "nothing".to_owned() } else { text.to_owned() };
    let mut what: Vec<_> =
        facts.iter().map(|fact| (format!("{}: {}", fact.name, none(&fact.before)), none(&fact.after))).collect();
    if what.is_empty() {
        what.push(("what you saw".to_owned(), format!("{}, {}", now.name, now.title.label())));
    }
    let by = last.map(|entry| {
        let at = entry.at.with_timezone(&context.config.zone).naive_local();
        format!("{} on {}", entry.who, format::moment(at))
    });
    Problem::Stale { what, by, typed: None }
}

/// A button that carries what it saw.
#[derive(Debug, FromForm)]
pub struct Press {
    revision: Text,
    key: Text,
}

impl Press {
    fn request(&self, employee: EmployeeId, command: Command) -> Result<Request, Failure> {
        let seen = required(self.revision.parse().ok().map(Revision));
        let seen = seen.map_err(|error| Failure::Malformed(error.message))?;
        Ok(Request { employee, command, seen: Some(seen), key: self.key.parse().ok() })
    }
}

/// `GET /employees/<id>/deactivate`: asks, and lists what the person still holds.
#[get("/employees/<id>/deactivate")]
pub async fn ask(
    id: Result<EmployeeParam, Failure>,
    _admin: Admin,
    keys: FormKeys,
    context: &Context,
) -> Result<Reply, Failure> {
    let (id, today) = (id?.0, context.today());
    let (employee, held) =
        context.read(move |tx| Ok::<_, Failure>((find_named(tx, &id)?, held(tx, &id, today, LAST_DAY)?))).await?;
    Ok(Reply::page(profile::deactivate_page(&employee, &held, &keys)))
}

#[post("/employees/<id>/deactivate", data = "<press>")]
pub async fn deactivate(
    id: Result<EmployeeParam, Failure>,
    admin: Admin,
    press: Posted<Press>,
    context: &Context,
) -> Result<FormResponse, Failure> {
    execute(id?.0, Command::Deactivate, &press, &admin, context).await
}

#[post("/employees/<id>/reactivate", data = "<press>")]
pub async fn reactivate(
    id: Result<EmployeeParam, Failure>,
    admin: Admin,
    press: Posted<Press>,
    context: &Context,
) -> Result<FormResponse, Failure> {
    execute(id?.0, Command::Reactivate, &press, &admin, context).await
}

async fn execute(
    id: EmployeeId,
    command: Command,
    press: &Posted<Press>,
    admin: &Admin,
    context: &Context,
) -> Result<FormResponse, Failure> {
    let (origin, next) = (admin.origin(press.proof(), context), urls::employee(&id));
    let state = if command == Command::Deactivate { "inactive" } else { "active" };
    let request = press.request(id, command)?;
    let change = move |store: &Store| {
        employees::change(store, &request, &origin)?;
        store.read(|tx| find_named(tx, &request.employee))
    };
    let employee = context.store.run(change).await?;
    Ok(FormResponse::done(&next, &format!("{} is now {state}.", employee.name)))
}
