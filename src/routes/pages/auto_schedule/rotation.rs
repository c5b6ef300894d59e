//! The rotation: its weekly template and its exceptions.

use chrono::NaiveDate;
use rocket::{FromForm, get, post};

use crate::{
    context::Context,
    domain::{
        alike::number_key,
        audit::Origin,
        change::rejection::Rejection,
        employee::availability::WEEKDAYS,
        format,
        ids::IdempotencyKey,
        schedule::{
            Exception, Role, RotationEntry, When, problem,
            rotation_edit::{REASON_CHARS_MAX, RotationCommand, Week},
        },
    },
    routes::{
        auth::{Posted, Scheduler},
        http::{error::Failure, form_text::Text},
        pages::{typed_date, typed_line},
        render::{Flashed, FormResponse, Refused, Reply},
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
    store: Text,
    juicer: Vec<String>,
    primary_lead: Vec<String>,
    seen: Text,
    key: Text,
}

impl WeekFields {
    fn week(&self) -> Result<Week, FieldError> {
        let mut week = Week::default();
        for (role, ids) in [(Role::Juicer, &self.juicer), (Role::PrimaryLead, &self.primary_lead)] {
            for (weekday, id) in WEEKDAYS.into_iter().zip(ids).filter(|(_, id)| !id.is_empty()) {
                let wrong = |error| FieldError { name: role.slug().into(), message: format!("{error}.") };
                week.set(role, weekday, Some(id.parse().map_err(wrong)?));
            }
        }
        Ok(week)
    }
}

#[derive(Clone, Debug, FromForm)]
pub struct ExceptionFields {
    store: Text,
    date: Text,
    role: Text,
    person: Text,
    reason: Text,
    key: Text,
}

impl ExceptionFields {
    fn values(&self) -> ExceptionValues {
        ExceptionValues {
            date: self.date.0.clone(),
            role: self.role.0.clone(),
            person: self.person.0.clone(),
            reason: self.reason.0.clone(),
        }
    }

    fn key(&self) -> Option<IdempotencyKey> {
        format!("{}-{}-{}", self.key.0, self.date.0, self.role.0).parse().ok().filter(|_| !self.key.is_empty())
    }

    fn day(&self) -> Result<(NaiveDate, Role), FieldError> {
        let date = typed_date(&self.date, "Choose a date.").map_err(|wrong| error("date", wrong));
        let role = Role::ALL.into_iter().find(|role| self.role == role.slug());
        Ok((date?, role.ok_or_else(|| error("role", "Choose a role.".to_owned()))?))
    }

    fn command(&self) -> Result<RotationCommand, FieldError> {
        let (date, role) = self.day()?;
        let person = match self.person.as_str() {
            "" => None,
            id => Some(id.parse().map_err(|wrong| error("person", format!("{wrong}.")))?),
        };
        let reason = typed_line(&self.reason, "reason", REASON_CHARS_MAX).map_err(|wrong| error("reason", wrong))?;
        if person.is_none() && reason.is_empty() {
            return Err(error("reason", "Enter a reason, or choose a person.".to_owned()));
        }
        Ok(RotationCommand::SetException {
            store: scope(&self.store),
            role,
            date,
            exception: Exception { person, reason },
        })
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
struct Unsaved {
    week: Option<(Week, Problem)>,
    exception: Option<(ExceptionValues, Problem)>,
}

fn view(
    store: &Store,
    scope: Option<String>,
    unsaved: Unsaved,
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
    let (week, week_problem) = unsaved.week.map_or((stored.clone(), None), |(week, why)| (week, Some(why)));
    let (values, exception_problem) =
        unsaved.exception.map_or((ExceptionValues::default(), None), |(values, why)| (values, Some(why)));
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
    let shown = context.run(move |store, context| view(store, scope, Unsaved::default(), keys, context)).await?;
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
        let saved = || {
            let command = RotationCommand::SetWeek {
                store: scope(&fields.store),
                week: Box::new(fields.week()?),
                seen: fields.seen.parse().ok().filter(|_| !fields.seen.is_empty()).map(Box::new),
            };
            rotation::change(store, &command, fields.key.parse().ok().as_ref(), &origin)?;
            Ok::<_, Refused>(FormResponse::done(&urls::rotation(&fields.store), "The rotation is saved."))
        };
        FormResponse::of(saved(), |problem| {
            let week = Some((fields.week().unwrap_or_default(), problem));
            let unsaved = Unsaved { week, exception: None };
            Ok(form::page(view(store, scope(&fields.store), unsaved, keys, context)?))
        })
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
    let origin = scheduler.origin(fields.proof(), context);
    let command = fields.command();
    change(command, "The exception is saved.".to_owned(), fields.0, origin, keys, context).await
}

#[post("/auto-schedule/rotation/exceptions/remove", data = "<fields>")]
pub async fn remove_exception(
    scheduler: Scheduler,
    fields: Posted<ExceptionFields>,
    keys: FormKeys,
    context: &Context,
) -> Result<FormResponse, Failure> {
    let origin = scheduler.origin(fields.proof(), context);
    let (date, role) = fields.day().map_err(|wrong| Failure::Malformed(wrong.message))?;
    let command = RotationCommand::RemoveException { store: scope(&fields.store), role, date };
    let message = format!("The exception of {} is removed.", format::date_short(date));
    change(Ok(command), message, fields.0, origin, keys, context).await
}

async fn change(
    command: Result<RotationCommand, FieldError>,
    message: String,
    fields: ExceptionFields,
    origin: Origin,
    keys: FormKeys,
    context: &Context,
) -> Result<FormResponse, Failure> {
    let change = move |store: &Store, context: &Context| {
        let changed = || match rotation::change(store, &command?, fields.key().as_ref(), &origin) {
            Ok(_) => Ok(FormResponse::done(&urls::rotation(&fields.store), &message)),
            Err(ChangeError::Rejected(Rejection::Proposal(
                why @ (problem::Problem::NotForRole { .. } | problem::Problem::UnknownEmployee(_)),
            ))) => {
                let problem = Problem::Fields(vec![error("person", why.to_string())]);
                Err(Refused::form(problem, Failure::Rejected(Rejection::Proposal(why)).status()))
            }
            Err(error) => Err(error.into()),
        };
        FormResponse::of(changed(), |problem| {
            let unsaved = Unsaved { week: None, exception: Some((fields.values(), problem)) };
            Ok(form::page(view(store, scope(&fields.store), unsaved, keys, context)?))
        })
    };
    context.run(change).await
}
