//! The rotation: its weekly template and its exceptions.

use chrono::NaiveDate;
use rocket::{FromForm, get, http::Status, post};

use crate::{
    context::Context,
    domain::{
        alike::number_key,
        audit::Origin,
        calendar,
        change::rejection::Rejection,
        format,
        ids::IdempotencyKey,
        schedule::{
            Exception, Role, RotationEntry, When, problem,
            rotation_edit::{REASON_CHARS_MAX, RotationCommand, WEEK, Week},
        },
    },
    routes::{
        auth::{csrf_form::Posted, guards::Scheduler},
        http::error::Failure,
        render::{flash::Flashed, form_response::FormResponse, reply::Reply},
    },
    services::{change::ChangeError, rotation},
    store::{
        Store, StoreError,
        tables::{employees, retail_stores, rotations},
    },
    views::{
        FormKeys,
        auto_schedule::rotation::{self as form, ExceptionValues, RotationView},
        components::{
            alert::{FieldError, Problem},
            filter::CHOICES_MAX,
        },
        urls,
    },
};

/// The fields of the template, as sent. A role has one field for each weekday from Monday.
#[derive(Clone, Debug, FromForm)]
pub struct WeekFields {
    #[field(default = "")]
    store: String,
    juicer: Vec<String>,
    primary_lead: Vec<String>,
    #[field(default = "")]
    seen: String,
    #[field(default = "")]
    key: String,
}

impl WeekFields {
    fn week(&self) -> Result<Week, FieldError> {
        let mut week = Week::default();
        for (role, ids) in [(Role::Juicer, &self.juicer), (Role::PrimaryLead, &self.primary_lead)] {
            for (weekday, id) in WEEK.into_iter().zip(ids).filter(|(_, id)| !id.is_empty()) {
                let wrong = |error| FieldError { name: role.slug().into(), message: format!("{error}.") };
                week.set(role, weekday, Some(id.parse().map_err(wrong)?));
            }
        }
        Ok(week)
    }
}

#[derive(Clone, Debug, FromForm)]
pub struct ExceptionFields {
    #[field(default = "")]
    store: String,
    #[field(default = "")]
    date: String,
    #[field(default = "")]
    role: String,
    #[field(default = "")]
    person: String,
    #[field(default = "")]
    reason: String,
    #[field(default = "")]
    key: String,
}

impl ExceptionFields {
    fn values(&self) -> ExceptionValues {
        ExceptionValues {
            date: self.date.clone(),
            role: self.role.clone(),
            person: self.person.clone(),
            reason: self.reason.clone(),
        }
    }

    fn key(&self) -> Option<IdempotencyKey> {
        format!("{}-{}-{}", self.key, self.date, self.role).parse().ok().filter(|_| !self.key.is_empty())
    }

    fn day(&self) -> Result<(NaiveDate, Role), FieldError> {
        let date = match self.date.trim() {
            "" => Err(error("date", "Choose a date.".to_owned())),
            text => calendar::parse_date(text).map_err(|wrong| error("date", format!("{wrong}."))),
        };
        let role = Role::ALL.into_iter().find(|role| role.slug() == self.role);
        Ok((date?, role.ok_or_else(|| error("role", "Choose a role.".to_owned()))?))
    }

    fn command(&self) -> Result<RotationCommand, FieldError> {
        let (date, role) = self.day()?;
        let person = match self.person.as_str() {
            "" => None,
            id => Some(id.parse().map_err(|wrong| error("person", format!("{wrong}.")))?),
        };
        let reason = self.reason.split_whitespace().collect::<Vec<_>>().join(" ");
        if person.is_none() && reason.is_empty() {
            return Err(error("reason", "Enter a reason, or choose a person.".to_owned()));
        }
        match reason.chars().count() {
            length if length > REASON_CHARS_MAX => {
                Err(error("reason", format!("A reason has at most {REASON_CHARS_MAX} characters; this has {length}.")))
            }
            _ => {
                let exception = Exception { person, reason };
                Ok(RotationCommand::SetException { store: scope(&self.store), role, date, exception })
            }
        }
    }
}

fn error(name: &'static str, message: String) -> FieldError {
    FieldError { name: name.into(), message }
}

/// None for every store.
fn scope(store: &str) -> Option<String> {
    (!store.is_empty()).then(|| store.to_owned())
}

/// Sent input that could not be saved.
#[derive(Default)]
struct Refused {
    week: Option<(Week, Problem)>,
    exception: Option<(ExceptionValues, Problem)>,
}

fn view(
    store: &Store,
    scope: Option<String>,
    refused: Refused,
    keys: FormKeys,
    context: &Context,
) -> Result<RotationView, Failure> {
    let (rotation, people, (stores, _)) = store.read(|tx| {
        Ok::<_, StoreError>((rotations::all(tx)?, employees::all_named(tx)?, retail_stores::all(tx, CHOICES_MAX)?))
    })?;
    let scope = match scope.map(|store| number_key(&store).into_owned()) {
        Some(key) if stores.iter().any(|one| one.key() == key) || rotation.names_store(&key) => Some(key),
        Some(key) => return Err(Failure::NotFound(format!("There is no store {key}."))),
        None => None,
    };
    let stored = Week::of(&rotation, scope.as_deref());
    let is_shown = |entry: &RotationEntry| entry.store == scope && matches!(entry.when, When::On(_));
    let mut exceptions: Vec<_> = rotation.entries().filter(is_shown).collect();
    exceptions.sort_by_key(|entry| match entry.when {
        When::On(date) => (Some(date), entry.role),
        When::Weekly(_) => (None, entry.role),
    });
    let (week, week_problem) = refused.week.map_or((stored.clone(), None), |(week, why)| (week, Some(why)));
    let (values, exception_problem) =
        refused.exception.map_or((ExceptionValues::default(), None), |(values, why)| (values, Some(why)));
    Ok(RotationView {
        store: scope,
        stores,
        week,
        stored,
        exceptions,
        people,
        today: context.today(),
        values,
        week_problem,
        exception_problem,
        keys,
        message: None,
    })
}

/// `GET /auto-schedule/rotation?store=`
#[get("/auto-schedule/rotation?<store>")]
pub async fn show(
    store: Option<String>,
    _scheduler: Scheduler,
    flash: Flashed,
    keys: FormKeys,
    context: &Context,
) -> Result<Reply, Failure> {
    let scope = store.filter(|store| !store.is_empty());
    let shown = context.run(move |store, context| view(store, scope, Refused::default(), keys, context)).await?;
    Ok(Reply::page(form::page(RotationView { message: flash.0, ..shown })))
}

/// `POST /auto-schedule/rotation`: saves the weekly template.
#[post("/auto-schedule/rotation", data = "<fields>")]
pub async fn save(
    scheduler: Scheduler,
    fields: Posted<WeekFields>,
    keys: FormKeys,
    context: &Context,
) -> Result<FormResponse, Failure> {
    let (origin, fields) = (scheduler.origin(fields.proof(), context), fields.0);
    let save = move |store: &Store, context: &Context| {
        let rerender = |week: Week, why: Problem, status| {
            let refused = Refused { week: Some((week, why)), exception: None };
            let view = view(store, scope(&fields.store), refused, keys, context)?;
            Ok(FormResponse::rerender(form::page(view), status))
        };
        let week = match fields.week() {
            Ok(week) => week,
            Err(wrong) => return rerender(Week::default(), Problem::Fields(vec![wrong]), Status::UnprocessableEntity),
        };
        let command = RotationCommand::SetWeek {
            store: scope(&fields.store),
            week: Box::new(week.clone()),
            seen: fields.seen.parse().ok().filter(|_| !fields.seen.is_empty()).map(Box::new),
        };
        match rotation::change(store, &command, fields.key.parse().ok().as_ref(), &origin) {
            Ok(_) => Ok(FormResponse::done(&urls::rotation(&fields.store), "The rotation is saved.")),
            Err(ChangeError::Rejected(rejection)) => {
                let sentence = rejection.reason();
                rerender(week, Problem::Other { sentence }, Failure::Rejected(rejection).status())
            }
            Err(failed @ ChangeError::Store(_)) => Err(failed.into()),
        }
    };
    context.run(save).await
}

#[post("/auto-schedule/rotation/exceptions", data = "<fields>")]
pub async fn add_exception(
    scheduler: Scheduler,
    fields: Posted<ExceptionFields>,
    keys: FormKeys,
    context: &Context,
) -> Result<FormResponse, Failure> {
    let (origin, fields) = (scheduler.origin(fields.proof(), context), fields.0);
    let add = move |store: &Store, context: &Context| {
        let command = match fields.command() {
            Ok(command) => command,
            Err(wrong) => {
                let problem = Problem::Fields(vec![wrong]);
                return again(store, &fields, problem, Status::UnprocessableEntity, keys, context);
            }
        };
        saved(store, &command, "The exception is saved.", &fields, keys, context, &origin)
    };
    context.run(add).await
}

#[post("/auto-schedule/rotation/exceptions/remove", data = "<fields>")]
pub async fn remove_exception(
    scheduler: Scheduler,
    fields: Posted<ExceptionFields>,
    keys: FormKeys,
    context: &Context,
) -> Result<FormResponse, Failure> {
    let (origin, fields) = (scheduler.origin(fields.proof(), context), fields.0);
    let remove = move |store: &Store, context: &Context| {
        let (date, role) = fields.day().map_err(|wrong| Failure::Malformed(wrong.message))?;
        let command = RotationCommand::RemoveException { store: scope(&fields.store), role, date };
        let message = format!("The exception of {} is removed.", format::date_short(date));
        saved(store, &command, &message, &fields, keys, context, &origin)
    };
    context.run(remove).await
}

fn again(
    store: &Store,
    fields: &ExceptionFields,
    problem: Problem,
    status: Status,
    keys: FormKeys,
    context: &Context,
) -> Result<FormResponse, Failure> {
    let refused = Refused { week: None, exception: Some((fields.values(), problem)) };
    let view = view(store, scope(&fields.store), refused, keys, context)?;
    Ok(FormResponse::rerender(form::page(view), status))
}

fn saved(
    store: &Store,
    command: &RotationCommand,
    done: &str,
    fields: &ExceptionFields,
    keys: FormKeys,
    context: &Context,
    origin: &Origin,
) -> Result<FormResponse, Failure> {
    match rotation::change(store, command, fields.key().as_ref(), origin) {
        Ok(_) => Ok(FormResponse::done(&urls::rotation(&fields.store), done)),
        Err(ChangeError::Rejected(rejection)) => {
            let problem = match &rejection {
                Rejection::Proposal(
                    why @ (problem::Problem::NotForRole { .. } | problem::Problem::UnknownEmployee(_)),
                ) => Problem::Fields(vec![error("person", why.to_string())]),
                other => Problem::Other { sentence: other.reason() },
            };
            again(store, fields, problem, Failure::Rejected(rejection).status(), keys, context)
        }
        Err(failed @ ChangeError::Store(_)) => Err(failed.into()),
    }
}
