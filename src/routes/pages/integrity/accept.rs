//! Accepts conflicts of an event with a reason, and reopens them.

use rocket::{FromForm, Route, get, http::Status, post, routes};

use crate::{
    context::Context,
    domain::{
        ids::{EventId, Revision},
        integrity::Check,
    },
    routes::{
        auth::{Posted, Scheduler, csrf_form::CsrfVerified},
        http::{error::Failure, form_text::Text, params::EventParam},
        pages::{changes::form_fields::reason_error, integrity::kind_of},
        render::{FormResponse, Reply},
    },
    services::{
        acceptances::{self, Command, Request},
        change::ChangeError,
    },
    store::Store,
    views::{
        FormKeys,
        components::alert::{FieldError, Problem},
        integrity::{
            Kind,
            accept::{self as pages, AcceptView},
        },
        urls,
    },
};

pub fn routes() -> Vec<Route> {
    routes![show, accept, take_back]
}

/// The fields of both forms. Missing fields are empty.
#[derive(Clone, Debug, Default, FromForm)]
pub struct Fields {
    override_reason: Text,
    revision: Text,
    /// The conflicts that the page showed.
    shown: Option<String>,
    key: Text,
}

/// An event and the rule that it is in conflict with.
struct Subject {
    event: EventId,
    check: Check,
}

impl Subject {
    fn of(check: &str, event: Result<EventParam, Failure>) -> Result<Self, Failure> {
        let Kind::Check(check) = kind_of(check)? else {
            return Err(Failure::NotFound("There is no such rule.".to_owned()));
        };
        Ok(Self { event: event?.0, check })
    }

    fn page(&self, store: &Store, fields: Fields, problem: Option<Problem>, keys: FormKeys) -> Result<Reply, Failure> {
        let found = store.read(|tx| acceptances::conflicts(tx, self.event, self.check.slug()));
        let (event, findings) = found.map_err(Failure::from)?;
        let status = if problem.is_some() { Status::UnprocessableEntity } else { Status::Ok };
        let view =
            AcceptView { check: self.check, event, findings, override_reason: fields.override_reason.0, problem, keys };
        Ok(Reply::page(pages::page(&view)).status(status))
    }
}

/// `GET /integrity/accept/<check>/<event>`: the conflicts of an event with a rule.
#[get("/integrity/accept/<check>/<event>")]
pub async fn show(
    check: &str,
    event: Result<EventParam, Failure>,
    _scheduler: Scheduler,
    keys: FormKeys,
    context: &Context,
) -> Result<Reply, Failure> {
    let subject = Subject::of(check, event)?;
    context.store.run(move |store| subject.page(store, Fields::default(), None, keys)).await
}

#[post("/integrity/accept/<check>/<event>", data = "<form>")]
pub async fn accept(
    check: &str,
    event: Result<EventParam, Failure>,
    scheduler: Scheduler,
    form: Posted<Fields>,
    keys: FormKeys,
    context: &Context,
) -> Result<FormResponse, Failure> {
    let (subject, proof) = (Subject::of(check, event)?, form.proof());
    let (fields, reason) = (form.0.clone(), form.0.override_reason.trim().to_owned());
    let missing = || FieldError { name: "override_reason".into(), message: "Enter a reason.".to_owned() };
    let error = reason_error(&reason).or_else(|| reason.is_empty().then(missing));
    if let Some(error) = error {
        let problem = Some(Problem::Fields(vec![error]));
        let page = context.store.run(move |store| subject.page(store, fields, problem, keys)).await?;
        return Ok(FormResponse::Page(page));
    }
    change(subject, Command::Accept { reason }, fields, (scheduler, proof), keys, context).await
}

#[post("/integrity/accept/<check>/<event>/take-back", data = "<form>")]
pub async fn take_back(
    check: &str,
    event: Result<EventParam, Failure>,
    scheduler: Scheduler,
    form: Posted<Fields>,
    keys: FormKeys,
    context: &Context,
) -> Result<FormResponse, Failure> {
    let (subject, proof) = (Subject::of(check, event)?, form.proof());
    change(subject, Command::TakeBack, form.0.clone(), (scheduler, proof), keys, context).await
}

async fn change(
    subject: Subject,
    command: Command,
    fields: Fields,
    (scheduler, proof): (Scheduler, CsrfVerified),
    keys: FormKeys,
    context: &Context,
) -> Result<FormResponse, Failure> {
    let origin = scheduler.origin(proof, context);
    let message = match command {
        Command::Accept { .. } => "The conflict is accepted.",
        Command::TakeBack => "The conflict is open again.",
    };
    let request = Request {
        event: subject.event,
        rule: subject.check.slug().to_owned(),
        command,
        seen: fields.revision.parse().ok().map(Revision),
        shown: fields.shown.as_ref().and_then(|shown| shown.parse().ok()),
        key: fields.key.parse().ok(),
    };
    let work = move |store: &Store| match acceptances::change(store, &request, &origin) {
        Ok(_) => Ok(FormResponse::done(urls::INTEGRITY, message)),
        Err(ChangeError::Rejected(rejection)) => {
            let problem = Problem::Other { sentence: rejection.reason() };
            match subject.page(store, fields, Some(problem), keys) {
                Ok(page) => Ok(FormResponse::Page(page.status(Failure::Rejected(rejection).status()))),
                // There is nothing left to show: it is the list's turn.
                Err(Failure::Rejected(_)) => Ok(FormResponse::done(urls::INTEGRITY, &rejection.reason())),
                Err(error) => Err(error),
            }
        }
        Err(error @ ChangeError::Store(_)) => Err(error.into()),
    };
    context.store.run(work).await
}
