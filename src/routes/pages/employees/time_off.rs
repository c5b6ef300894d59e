//! Time off: checked first, then added; and removed.

use rocket::{State, get, http::Status, post};

use crate::{
    context::Context,
    domain::{
        audit::Origin,
        employee::{
            availability::TimeOff,
            edit::{Command, Request},
        },
        format,
        ids::EmployeeId,
    },
    routes::{
        auth::{csrf_form::Posted, guards::Admin},
        http::{error::Failure, params::EmployeeParam},
        pages::employees::{
            Answer, find,
            form_fields::OffFields,
            held,
            profile::{self, required},
        },
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

/// A form about time off.
struct Sent {
    id: EmployeeId,
    fields: OffFields,
    keys: FormKeys,
    context: Context,
}

impl Sent {
    /// Renders the employee page again with the entered values.
    fn rerender(self, store: &Store, status: Status, problem: Problem) -> Result<Answer, Failure> {
        let employee = store.read(|tx| find(tx, &self.id))?;
        let today = self.context.clock.today(self.context.config.zone);
        let view = profile::view(employee, today, self.keys);
        let view = PersonView { off: self.fields.values(), off_problem: Some(problem), ..view };
        Ok(Answer::rerender(page(view), status))
    }

    fn ask(self, store: &Store) -> Result<Answer, Failure> {
        let off = match self.fields.off() {
            Ok(off) => off,
            Err(errors) => return self.rerender(store, Status::UnprocessableEntity, Problem::Fields(errors)),
        };
        let (employee, then) =
            store.read(|tx| Ok::<_, Failure>((find(tx, &self.id)?, held(tx, &self.id, off.first, off.last)?)))?;
        Ok(Answer::rerender(off_page(&employee, &off, &then, &self.keys), Status::Ok))
    }

    fn execute(self, store: &Store, command: fn(TimeOff) -> Command, origin: &Origin) -> Result<Answer, Failure> {
        let (off, seen) = match (self.fields.off(), required(self.fields.seen())) {
            (Ok(off), Ok(seen)) => (off, seen),
            (off, seen) => {
                let errors = off.err().into_iter().flatten().chain(seen.err()).collect();
                return self.rerender(store, Status::UnprocessableEntity, Problem::Fields(errors));
            }
        };
        let (words, command) = (format::dates(off.first, off.last), command(off));
        let told = match command {
            Command::RemoveTimeOff(_) => format!("The time off {words} was removed."),
            _ => format!("Time off {words} was added."),
        };
        let request = Request { employee: self.id.clone(), command, seen: Some(seen), key: self.fields.key() };
        match employees::change(store, &request, origin) {
            Ok(_) => Ok(Answer::told(urls::employee(&self.id), told)),
            Err(ChangeError::Rejected(rejection)) => {
                let sentence = rejection.reason();
                let status = Failure::Rejected(rejection).status();
                self.rerender(store, status, Problem::Other { sentence })
            }
            Err(error @ ChangeError::Store(_)) => Err(error.into()),
        }
    }
}

/// `GET /employees/<id>/time-off?first=&last=&note=`: asks, and lists what the person holds then.
#[get("/employees/<id>/time-off?<fields..>")]
pub async fn ask(
    id: Result<EmployeeParam, Failure>,
    fields: OffFields,
    _admin: Admin,
    keys: FormKeys,
    context: &State<Context>,
) -> Result<Answer, Failure> {
    let sent = Sent { id: id?.0, fields, keys, context: context.inner().clone() };
    context.store.run(move |store| sent.ask(store)).await
}

/// `POST /employees/<id>/time-off`
#[post("/employees/<id>/time-off", data = "<fields>")]
pub async fn add(
    id: Result<EmployeeParam, Failure>,
    admin: Admin,
    fields: Posted<OffFields>,
    keys: FormKeys,
    context: &State<Context>,
) -> Result<Answer, Failure> {
    let origin = admin.origin(fields.proof(), context);
    let sent = Sent { id: id?.0, fields: fields.0, keys, context: context.inner().clone() };
    context.store.run(move |store| sent.execute(store, Command::AddTimeOff, &origin)).await
}

/// `POST /employees/<id>/time-off/remove`
#[post("/employees/<id>/time-off/remove", data = "<fields>")]
pub async fn remove(
    id: Result<EmployeeParam, Failure>,
    admin: Admin,
    fields: Posted<OffFields>,
    keys: FormKeys,
    context: &State<Context>,
) -> Result<Answer, Failure> {
    let origin = admin.origin(fields.proof(), context);
    let sent = Sent { id: id?.0, fields: fields.0, keys, context: context.inner().clone() };
    context.store.run(move |store| sent.execute(store, Command::RemoveTimeOff, &origin)).await
}
