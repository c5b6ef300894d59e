//! Time off: checked first, then added; and removed.

use chrono::NaiveDate;
use rocket::{get, http::Status, post};

use crate::{
    context::Context,
    domain::{
        audit::Origin,
        change::employee_edit::{Command, Request},
        employee::availability::TimeOff,
        ids::EmployeeId,
    },
    routes::{
        auth::{Admin, Posted},
        http::{error::Failure, params::EmployeeParam},
        pages::employees::{find_named, form_fields::OffFields, held_during, profile},
        render::FormResponse,
    },
    services::{change::ChangeError, employees},
    store::Store,
    views::{
        FormKeys,
        components::alert::Problem,
        employees::profile::{PersonView, off_page, page},
        urls,
    },
};

/// A form about time off. The days are asked first; the note is asked on the page that confirms them, because it must
/// not become part of an address.
struct Sent {
    id: EmployeeId,
    fields: OffFields,
    keys: FormKeys,
    today: NaiveDate,
}

impl Sent {
    /// Renders the employee page again with the entered values.
    fn rerender(self, store: &Store, status: Status, problem: Problem) -> Result<FormResponse, Failure> {
        let found = store.read(|tx| profile::find_for_form(tx, &self.id))?;
        let view = profile::view(found, self.today, self.keys);
        let view = PersonView { off: self.fields.values(), off_problem: Some(problem), ..view };
        Ok(FormResponse::rerender(page(view), status))
    }

    /// Renders the page that confirms the days. Without `problem` it has the note of the time off that is changed.
    fn confirm(mut self, store: &Store, status: Status, problem: Option<&Problem>) -> Result<FormResponse, Failure> {
        let off = match self.fields.days() {
            Ok(off) => off,
            Err(errors) => return self.rerender(store, Status::UnprocessableEntity, Problem::Fields(errors)),
        };
        let (employee, then) =
            store.read(|tx| Ok::<_, Failure>((find_named(tx, &self.id)?, held_during(tx, &self.id, &off)?)))?;
        if problem.is_none() {
            let was = self.fields.was();
            let was = employee.time_off.iter().find(|one| was.as_ref().is_some_and(|was| one.has_days_of(was)));
            self.fields.set_note(was.and_then(|was| was.note.clone()));
        }
        let values = self.fields.values();
        Ok(FormResponse::rerender(off_page(&employee, &off, &values, &then, problem, &self.keys), status))
    }

    fn execute(self, store: &Store, command: fn(TimeOff) -> Command, origin: &Origin) -> Result<FormResponse, Failure> {
        let (off, seen) = match profile::both(self.fields.off(), self.fields.seen()) {
            Ok(both) => both,
            Err(errors) => {
                return self.confirm(store, Status::UnprocessableEntity, Some(&Problem::Fields(errors)));
            }
        };
        let (words, command) = (off.words(), command(off));
        let command = match (command, self.fields.was()) {
            (Command::AddTimeOff(to), Some(from)) => Command::ChangeTimeOff { from, to },
            (command, _) => command,
        };
        let message = match command {
            Command::RemoveTimeOff(_) => format!("The time off {words} was removed."),
            Command::ChangeTimeOff { .. } => format!("The time off is now {words}."),
            _ => format!("Time off {words} was added."),
        };
        let request = Request { employee: self.id.clone(), command, seen: Some(seen), key: self.fields.key() };
        match employees::change(store, &request, origin) {
            Ok(_) => Ok(FormResponse::done(&urls::employee(&self.id), &message)),
            Err(ChangeError::Rejected(rejection)) => {
                let sentence = rejection.reason();
                let status = Failure::Rejected(rejection).status();
                self.confirm(store, status, Some(&Problem::Other { sentence }))
            }
            Err(error @ ChangeError::Store(_)) => Err(error.into()),
        }
    }
}

/// `GET /employees/<id>/time-off?first=&last=&part=`: asks, and lists what the person holds then.
#[get("/employees/<id>/time-off?<fields..>")]
pub async fn ask(
    id: Result<EmployeeParam, Failure>,
    fields: OffFields,
    _admin: Admin,
    keys: FormKeys,
    context: &Context,
) -> Result<FormResponse, Failure> {
    let sent = Sent { id: id?.0, fields, keys, today: context.today() };
    context.store.run(move |store| sent.confirm(store, Status::Ok, None)).await
}

#[post("/employees/<id>/time-off", data = "<fields>")]
pub async fn add(
    id: Result<EmployeeParam, Failure>,
    admin: Admin,
    fields: Posted<OffFields>,
    keys: FormKeys,
    context: &Context,
) -> Result<FormResponse, Failure> {
    let origin = admin.origin(fields.proof(), context);
    let sent = Sent { id: id?.0, fields: fields.0, keys, today: context.today() };
    context.store.run(move |store| sent.execute(store, Command::AddTimeOff, &origin)).await
}

#[post("/employees/<id>/time-off/remove", data = "<fields>")]
pub async fn remove(
    id: Result<EmployeeParam, Failure>,
    admin: Admin,
    fields: Posted<OffFields>,
    keys: FormKeys,
    context: &Context,
) -> Result<FormResponse, Failure> {
    let origin = admin.origin(fields.proof(), context);
    let sent = Sent { id: id?.0, fields: fields.0, keys, today: context.today() };
    context.store.run(move |store| sent.execute(store, Command::RemoveTimeOff, &origin)).await
}
