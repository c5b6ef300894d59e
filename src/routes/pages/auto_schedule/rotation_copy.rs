//! Copies the exceptions of a week to the next one, after a preview.

use chrono::NaiveDate;
use rocket::{FromForm, get, post};

use crate::{
    context::Context,
    domain::{
        alike::number_key,
        calendar, format,
        schedule::rotation_edit::{Copied, RotationCommand},
    },
    routes::{
        auth::{Posted, Scheduler},
        http::{error::Failure, form_text::Text},
        render::{FormResponse, Refused, Reply},
    },
    services::rotation,
    store::{
        Store, StoreError,
        tables::{employees, rotations},
    },
    views::{
        FormKeys,
        auto_schedule::rotation_copy::{self as form, CopyView},
        components::alert::Problem,
        urls,
    },
};

#[derive(Clone, Debug, FromForm)]
pub struct Fields {
    store: Text,
    week: Text,
    seen: Text,
    key: Text,
}

/// A copy that is asked for: the key of a store, and the first day of the week.
struct Asked {
    store: Option<String>,
    first: NaiveDate,
}

impl Asked {
    fn of(store: &str, week: &str, context: &Context) -> Result<Self, Failure> {
        let date = calendar::parse_date(week)
            .map_err(|error| Failure::Malformed(format!("The week to copy cannot be read: {error}.")))?;
        let store = (!store.is_empty()).then(|| number_key(store).into_owned());
        Ok(Self { store, first: calendar::week_of(date, context.config.week_start)[0] })
    }

    fn view(&self, store: &Store, problem: Option<Problem>, keys: FormKeys) -> Result<CopyView, StoreError> {
        let (rotation, people) =
            store.read(|tx| Ok::<_, StoreError>((rotations::all(tx)?, employees::all_named(tx)?)))?;
        let copied = Copied::of(&rotation, self.store.as_deref(), self.first);
        Ok(CopyView { store: self.store.clone(), first: self.first, copied, people, problem, keys })
    }
}

/// `GET /auto-schedule/rotation/copy?store=&week=`: what would be copied.
#[get("/auto-schedule/rotation/copy?<store>&<week>")]
pub async fn preview(
    store: Option<&str>,
    week: Option<&str>,
    _scheduler: Scheduler,
    keys: FormKeys,
    context: &Context,
) -> Result<Reply, Failure> {
    let today = context.today().to_string();
    let asked = Asked::of(store.unwrap_or_default(), week.unwrap_or(&today), context)?;
    let view = context.run(move |store, _| asked.view(store, None, keys)).await?;
    Ok(Reply::page(form::page(&view)))
}

#[post("/auto-schedule/rotation/copy", data = "<fields>")]
pub async fn copy(
    scheduler: Scheduler,
    fields: Posted<Fields>,
    keys: FormKeys,
    context: &Context,
) -> Result<FormResponse, Failure> {
    let (origin, fields) = (scheduler.origin(fields.proof(), context), fields.0);
    let asked = Asked::of(&fields.store, &fields.week, context)?;
    let copy = move |store: &Store, _: &Context| {
        let command =
            RotationCommand::CopyWeek { store: asked.store.clone(), first: asked.first, seen: fields.seen.0.clone() };
        let copied = || {
            let written = rotation::change(store, &command, fields.key.parse().ok().as_ref(), &origin)?;
            let count = written.map_or(0, |entry| entry.facts.len());
            let message = format!("Copied {} to the next week.", format::count(count as u64, "exception"));
            Ok::<_, Refused>(FormResponse::done(&urls::rotation(&fields.store), &message))
        };
        FormResponse::of(copied(), |problem| Ok(form::page(&asked.view(store, Some(problem), keys)?)))
    };
    context.run(copy).await
}
