//! The company's holidays: listing, adding, removing.

use rocket::{FromForm, get, post};

use crate::{
    context::Context,
    domain::{
        change::{employee_edit::HolidayCommand, rejection::Rejection},
        employee::holiday::{HOLIDAY_NAME_CHARS_MAX, Holiday},
        format,
        ids::IdempotencyKey,
        user::Role,
    },
    routes::{
        auth::{Admin, Posted, Viewer},
        http::{error::Failure, form_text::Text, params::DateParam},
        pages::{typed_date, typed_line},
        render::{Flashed, FormResponse, Refused, Reply},
    },
    services::{change::ChangeError, employees},
    store::{Store, StoreError, tables::holidays},
    views::{
        FormKeys,
        components::alert::{FieldError, Problem},
        employees::{
            holidays as form,
            holidays::{HolidaysView, PAGE_HOLIDAYS_MAX},
        },
        urls,
    },
};

/// The fields of the holiday form. Missing fields are empty.
#[derive(Clone, Debug, Default, FromForm)]
pub struct Fields {
    date: Text,
    name: Text,
    key: Text,
}

impl Fields {
    /// A page that was left open may add several days, so each day has a key of its own.
    fn key(&self) -> Option<IdempotencyKey> {
        format!("{}-{}", self.key.0, self.date.0).parse().ok().filter(|_| !self.key.is_empty())
    }

    fn holiday(&self) -> Result<Holiday, Vec<FieldError>> {
        let date = typed_date(&self.date, "Choose a date.");
        let name = match typed_line(&self.name, "name", HOLIDAY_NAME_CHARS_MAX) {
            Ok(name) if name.is_empty() => Err("Enter a name, for example Christmas Day.".to_owned()),
            name => name,
        };
        match (date, name) {
            (Ok(date), Ok(name)) => Ok(Holiday { date, name }),
            (date, name) => {
                let date = date.err().map(|message| FieldError { name: "date".into(), message });
                let name = name.err().map(|message| FieldError { name: "name".into(), message });
                Err(date.into_iter().chain(name).collect())
            }
        }
    }
}

fn view(
    store: &Store,
    page: usize,
    fields: Fields,
    problem: Option<Problem>,
    keys: FormKeys,
    context: &Context,
) -> Result<HolidaysView, StoreError> {
    let today = context.today();
    let (mut past, coming): (Vec<_>, Vec<_>) =
        store.read(|tx| holidays::all(tx))?.into_iter().partition(|holiday| holiday.date < today);
    past.reverse();
    let pages = (past.len() + coming.len()).div_ceil(PAGE_HOLIDAYS_MAX).max(1);
    let page = page.clamp(1, pages);
    let ordered = coming.into_iter().chain(past);
    let holidays = ordered.skip((page - 1) * PAGE_HOLIDAYS_MAX).take(PAGE_HOLIDAYS_MAX).collect();
    let Fields { date: Text(date), name: Text(name), .. } = fields;
    Ok(HolidaysView { holidays, page, pages, today, date, name, problem, edits: true, keys, message: None })
}

#[get("/holidays?<page>")]
pub async fn show(
    page: Option<usize>,
    viewer: Viewer,
    flash: Flashed,
    keys: FormKeys,
    context: &Context,
) -> Result<Reply, Failure> {
    let edits = viewer.who().role >= Role::Admin;
    let page = page.unwrap_or(1);
    let shown = context.run(move |store, context| view(store, page, Fields::default(), None, keys, context)).await?;
    Ok(Reply::page(form::page(HolidaysView { edits, message: flash.0, ..shown })))
}

#[post("/holidays", data = "<fields>")]
pub async fn add(
    admin: Admin,
    fields: Posted<Fields>,
    keys: FormKeys,
    context: &Context,
) -> Result<FormResponse, Failure> {
    let (origin, fields) = (admin.origin(fields.proof(), context), fields.0);
    let add = move |store: &Store, context: &Context| {
        let added = || {
            let holiday = fields.holiday()?;
            let message = format!("{} is now a holiday: {}.", format::date_short(holiday.date), holiday.name);
            match employees::change_holiday(store, &HolidayCommand::Add(holiday), fields.key().as_ref(), &origin) {
                Ok(_) => Ok(FormResponse::done(urls::HOLIDAYS, &message)),
                Err(ChangeError::Rejected(rejection @ Rejection::SentBefore(_))) => {
                    Err(Refused::sentence(rejection.reason()))
                }
                Err(ChangeError::Rejected(rejection)) => Err(Refused::field("date", rejection.reason())),
                Err(error @ ChangeError::Store(_)) => Err(error.into()),
            }
        };
        FormResponse::of(added(), |problem| Ok(form::page(view(store, 1, fields, Some(problem), keys, context)?)))
    };
    context.run(add).await
}

#[post("/holidays/<date>/remove", data = "<fields>")]
pub async fn remove(
    date: Result<DateParam, Failure>,
    admin: Admin,
    fields: Posted<Fields>,
    keys: FormKeys,
    context: &Context,
) -> Result<FormResponse, Failure> {
    let DateParam(date) = date?;
    let (origin, key) = (admin.origin(fields.proof(), context), fields.key());
    let remove = move |store: &Store, context: &Context| {
        let removed = employees::change_holiday(store, &HolidayCommand::Remove(date), key.as_ref(), &origin);
        let message = format!("{} is no longer a holiday.", format::date_short(date));
        let done = removed.map(|_| FormResponse::done(urls::HOLIDAYS, &message)).map_err(Refused::from);
        FormResponse::of(done, |problem| {
            Ok(form::page(view(store, 1, Fields::default(), Some(problem), keys, context)?))
        })
    };
    context.run(remove).await
}
