//! The company's holidays: listing, adding, removing.

use rocket::{FromForm, get, http::Status, post};

use crate::{
    context::Context,
    domain::{
        calendar,
        change::{employee_edit::HolidayCommand, rejection::Rejection},
        employee::holiday::{HOLIDAY_NAME_CHARS_MAX, Holiday},
        format,
        ids::IdempotencyKey,
        user::Role,
    },
    routes::{
        auth::{
            csrf_form::Posted,
            guards::{Admin, Viewer},
        },
        http::{error::Failure, params::DateParam},
        render::{flash::Flashed, form_response::FormResponse, reply::Reply},
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
    #[field(default = "")]
    date: String,
    #[field(default = "")]
    name: String,
    #[field(default = "")]
    key: String,
}

impl Fields {
    /// A page that was left open may add several days, so each day has a key of its own.
    fn key(&self) -> Option<IdempotencyKey> {
        format!("{}-{}", self.key, self.date).parse().ok().filter(|_| !self.key.is_empty())
    }

    fn holiday(&self) -> Result<Holiday, Vec<FieldError>> {
        let date = match self.date.trim() {
            "" => Err("Choose a date.".to_owned()),
            text => calendar::parse_date(text).map_err(|error| format!("{error}.")),
        };
        let name = self.name.split_whitespace().collect::<Vec<_>>().join(" ");
        let name = match name.chars().count() {
            0 => Err("Enter a name, for example Christmas Day.".to_owned()),
            length if length > HOLIDAY_NAME_CHARS_MAX => {
                Err(format!("A name has at most {HOLIDAY_NAME_CHARS_MAX} characters; this has {length}."))
            }
            _ => Ok(name),
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
    let Fields { date, name, .. } = fields;
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
        let problem = match fields.holiday() {
            Err(errors) => Problem::Fields(errors),
            Ok(holiday) => {
                let message = format!("{} is now a holiday: {}.", format::date_short(holiday.date), holiday.name);
                let command = HolidayCommand::Add(holiday);
                match employees::change_holiday(store, &command, fields.key().as_ref(), &origin) {
                    Ok(_) => return Ok(FormResponse::done(urls::HOLIDAYS, &message)),
                    Err(ChangeError::Rejected(rejection @ Rejection::SentBefore(_))) => {
                        Problem::Other { sentence: rejection.reason() }
                    }
                    Err(ChangeError::Rejected(rejection)) => {
                        Problem::Fields(vec![FieldError { name: "date".into(), message: rejection.reason() }])
                    }
                    Err(error @ ChangeError::Store(_)) => return Err(error.into()),
                }
            }
        };
        let rerender = view(store, 1, fields, Some(problem), keys, context)?;
        Ok(FormResponse::rerender(form::page(rerender), Status::UnprocessableEntity))
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
    let remove = move |store: &Store, context: &Context| match employees::change_holiday(
        store,
        &HolidayCommand::Remove(date),
        key.as_ref(),
        &origin,
    ) {
        Ok(_) => {
            let message = format!("{} is no longer a holiday.", format::date_short(date));
            Ok(FormResponse::done(urls::HOLIDAYS, &message))
        }
        Err(ChangeError::Rejected(rejection)) => {
            let sentence = rejection.reason();
            let status = Failure::Rejected(rejection).status();
            let rerender = view(store, 1, Fields::default(), Some(Problem::Other { sentence }), keys, context)?;
            Ok(FormResponse::rerender(form::page(rerender), status))
        }
        Err(error @ ChangeError::Store(_)) => Err(error.into()),
    };
    context.run(remove).await
}
