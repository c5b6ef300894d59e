//! The form that asks for a proposal.

use chrono::NaiveDate;
use rocket::{FromForm, Responder, State, get, http::Status, post, response::Redirect};

use crate::{
    context::Context,
    domain::{calendar, event::EventType, schedule::Options},
    routes::{
        auth::{csrf_form::Posted, guards::Scheduler},
        http::{error::Failure, reply::Reply},
        pages::calendar::filter::CHOICES_MAX,
    },
    services::{change::ChangeError, proposals as service},
    store::{
        Store, StoreError,
        queries::retail_stores,
        tables::{employees, proposals},
    },
    views::{
        FormKeys, auto_schedule as form,
        auto_schedule::{FormValues, OptionsView},
        components::alert::{FieldError, Problem},
        urls,
    },
};

/// The fields of the form, as sent.
#[derive(Clone, Debug, FromForm)]
pub struct Fields {
    #[field(default = "")]
    from: String,
    #[field(default = "")]
    to: String,
    types: Vec<String>,
    stores: Vec<String>,
    leave_out: Vec<String>,
    #[field(default = "")]
    move_scheduled: String,
}

impl Fields {
    fn values(&self) -> FormValues {
        FormValues {
            from: self.from.trim().to_owned(),
            to: self.to.trim().to_owned(),
            types: self.types.clone(),
            stores: self.stores.clone(),
            leave_out: self.leave_out.clone(),
            move_scheduled: !self.move_scheduled.is_empty(),
        }
    }

    fn options(&self, usual: Options) -> Result<Options, Vec<FieldError>> {
        let date = |name: &'static str, text: &str| {
            let wrong = |message: String| FieldError { name: name.into(), message };
            match text.trim() {
                "" => Err(wrong("Choose a date.".to_owned())),
                text => calendar::parse_date(text).map_err(|error| wrong(format!("{error}."))),
            }
        };
        let (from, to) = dates(date("from", &self.from), date("to", &self.to))?;
        Ok(Options {
            from,
            to,
            types: EventType::ALL.into_iter().filter(|one| self.types.iter().any(|word| word == one.slug())).collect(),
            stores: self.stores.clone(),
            exclude_employees: self.leave_out.iter().filter_map(|id| id.parse().ok()).collect(),
            move_scheduled: !self.move_scheduled.is_empty(),
            ..usual
        })
    }
}

fn dates(
    from: Result<NaiveDate, FieldError>,
    to: Result<NaiveDate, FieldError>,
) -> Result<(NaiveDate, NaiveDate), Vec<FieldError>> {
    match (from, to) {
        (Ok(from), Ok(to)) => Ok((from, to)),
        (from, to) => Err([from.err(), to.err()].into_iter().flatten().collect()),
    }
}

/// `GET /auto-schedule`
#[get("/auto-schedule")]
pub async fn open(_scheduler: Scheduler, keys: FormKeys, context: &State<Context>) -> Result<Reply, Failure> {
    let usual = service::default_options(&context.config, context.clock.now());
    let values = FormValues { from: usual.from.to_string(), to: usual.to.to_string(), ..FormValues::default() };
    let within = context.inner().clone();
    let view = context.store.run(move |store| read(store, values, keys, None, &within)).await?;
    Ok(Reply::page(form::page(&view)))
}

/// What a sent form leads to.
#[derive(Debug, Responder)]
pub enum Answer {
    Proposed(Box<Redirect>),
    /// The form again, with what was wrong.
    Again(Box<Reply>),
}

/// `POST /auto-schedule`: proposes, stores the proposal and leads to it.
#[post("/auto-schedule", data = "<fields>")]
pub async fn submit(
    scheduler: Scheduler,
    fields: Posted<Fields>,
    keys: FormKeys,
    context: &State<Context>,
) -> Result<Answer, Failure> {
    let (origin, within) = (scheduler.origin(fields.proof(), context), context.inner().clone());
    let fields = fields.0;
    let propose = move |store: &Store| {
        let rerender = |problem: Problem| {
            let view = read(store, fields.values(), keys, Some(problem), &within)?;
            Ok(Answer::Again(Box::new(Reply::page(form::page(&view)).status(Status::UnprocessableEntity))))
        };
        let options = match fields.options(service::default_options(&within.config, origin.at)) {
            Ok(options) => options,
            Err(errors) => return rerender(Problem::Fields(errors)),
        };
        match service::make(store, options, &within.config, &origin) {
            Ok(saved) => Ok(Answer::Proposed(Box::new(Redirect::to(urls::proposal(saved.id))))),
            Err(ChangeError::Rejected(rejection)) => rerender(Problem::Other { sentence: rejection.reason() }),
            Err(failed @ ChangeError::Store(_)) => Err(failed.into()),
        }
    };
    context.store.run(propose).await
}

fn read(
    store: &Store,
    values: FormValues,
    keys: FormKeys,
    problem: Option<Problem>,
    context: &Context,
) -> Result<OptionsView, Failure> {
    let now = context.clock.now();
    let found = store.read(|tx| {
        let (stores, _) = retail_stores::all(tx, CHOICES_MAX)?;
        Ok::<_, StoreError>((stores, employees::active_names(tx)?, proposals::all(tx, now)?))
    });
    let (stores, people, recent) = found?;
    Ok(OptionsView { values, stores, people, recent, keys, problem })
}
