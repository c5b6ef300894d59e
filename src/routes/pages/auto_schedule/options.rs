//! The form that asks for a proposal.

use rocket::{FromForm, get, post, response::Redirect};

use crate::{
    context::Context,
    domain::{calendar, event::EventType, schedule::Options},
    routes::{
        auth::{Posted, Scheduler, proposal_limit::Proposing},
        http::{error::Failure, form_text::Text},
        pages::typed_date,
        render::{FormResponse, Refused, Reply},
    },
    services::{change::ChangeError, proposals as service},
    store::{
        Store, StoreError,
        tables::{employees, proposals, retail_stores},
    },
    views::{
        FormKeys, auto_schedule as form,
        auto_schedule::{FormValues, OptionsView},
        components::{
            alert::{FieldError, Problem},
            filter::CHOICES_MAX,
        },
        urls,
    },
};

#[derive(Clone, Debug, FromForm)]
pub struct Fields {
    from: Text,
    to: Text,
    types: Vec<String>,
    stores: Vec<String>,
    leave_out: Vec<String>,
    move_scheduled: Text,
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
            typed_date(text, "Choose a date.").map_err(|message| FieldError { name: name.into(), message })
        };
        let types = self.types.iter().map(|word| {
            let found = EventType::ALL.into_iter().find(|one| one.slug() == word);
            found.ok_or_else(|| FieldError { name: "types".into(), message: format!("There is no type {word}.") })
        });
        let people = self.leave_out.iter().map(|id| {
            let unknown = |_| FieldError { name: "leave_out".into(), message: format!("There is no employee {id}.") };
            id.parse().map_err(unknown)
        });
        let (types, people) = (types.collect::<Result<_, _>>(), people.collect::<Result<_, _>>());
        let (types, exclude_employees) = both(types, people)?;
        let (from, to) = both(date("from", &self.from), date("to", &self.to))?;
        Ok(Options {
            from,
            to,
            types,
            stores: self.stores.clone(),
            exclude_employees,
            move_scheduled: !self.move_scheduled.is_empty(),
            ..usual
        })
    }
}

/// Both values, or what is wrong with them.
fn both<A, B>(one: Result<A, FieldError>, other: Result<B, FieldError>) -> Result<(A, B), Vec<FieldError>> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (one, other) => Err([one.err(), other.err()].into_iter().flatten().collect()),
    }
}

/// `GET /auto-schedule?like=<proposal>&to=`: the form, with the options of a proposal, until another day.
#[get("/auto-schedule?<like>&<to>")]
pub async fn open(
    like: Option<&str>,
    to: Option<&str>,
    _scheduler: Scheduler,
    keys: FormKeys,
    context: &Context,
) -> Result<Reply, Failure> {
    let (like, to) = (like.and_then(|id| id.parse().ok()), to.unwrap_or_default().to_owned());
    let form = move |store: &Store, context: &Context| {
        let now = context.clock.now();
        let options = like.map_or(Ok(None), |id| service::options_of(store, id, now))?;
        let mut values = values(&options.unwrap_or_else(|| service::default_options(&context.config, now)));
        if calendar::parse_date(&to).is_ok() {
            values.to = to;
        }
        read(store, values, keys, None, context)
    };
    Ok(Reply::page(form::page(&context.run(form).await?)))
}

fn values(options: &Options) -> FormValues {
    FormValues {
        from: options.from.to_string(),
        to: options.to.to_string(),
        types: options.types.iter().map(|one| one.slug().to_owned()).collect(),
        stores: options.stores.clone(),
        leave_out: options.exclude_employees.iter().map(ToString::to_string).collect(),
        move_scheduled: options.move_scheduled,
    }
}

/// `POST /auto-schedule`: proposes, stores the proposal and leads to it.
#[post("/auto-schedule", data = "<fields>")]
pub async fn submit(
    scheduler: Scheduler,
    fields: Posted<Fields>,
    keys: FormKeys,
    proposing: &Proposing,
    context: &Context,
) -> Result<FormResponse, Failure> {
    let proposing = proposing.clone();
    let (origin, fields) = (scheduler.origin(fields.proof(), context), fields.0);
    let propose = move |store: &Store, context: &Context| {
        let proposed = || {
            let options = fields.options(service::default_options(&context.config, origin.at))?;
            let _turn = proposing.begin(&origin).map_err(|busy| {
                let sentence = busy.sentence(true).into_owned();
                Refused::form(Problem::Other { sentence }, busy.status())
            })?;
            match service::make(store, options, &context.config, &origin) {
                Ok(saved) => Ok(FormResponse::Next(Redirect::to(urls::proposal(saved.id)))),
                Err(ChangeError::Rejected(rejection)) => Err(Refused::sentence(rejection.reason())),
                Err(failed @ ChangeError::Store(_)) => Err(failed.into()),
            }
        };
        FormResponse::of(proposed(), |problem| {
            Ok(form::page(&read(store, fields.values(), keys, Some(problem), context)?))
        })
    };
    context.run(propose).await
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
