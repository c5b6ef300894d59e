//! Repairs findings, one or all, after a preview, as one change.

use std::collections::HashMap;

use rocket::{
    FromForm, Responder, State, get,
    http::Status,
    post,
    response::{Flash, Redirect},
};

use crate::{
    context::Context,
    domain::{
        audit::Origin,
        change::{
            Action,
            bulk::{EVENTS_MAX, Plan},
        },
        format,
        integrity::{
            finding_state::{FindingKey, Start, Trigger},
            repair::is_repairable,
        },
    },
    jobs::integrity,
    routes::{
        auth::{
            csrf_form::Posted,
            guards::{Scheduler, Viewer},
        },
        http::{error::Failure, reply::Reply},
        pages::{
            bulk::{
                rejected,
                repair_rows::{self, Input, Sheet},
            },
            changes::{change_response, form_fields},
            integrity::kind_of,
        },
    },
    services::{
        bulk,
        change::{ChangeError, Made},
    },
    store::{
        ReadTx, Store, StoreError,
        tables::{employees, findings},
    },
    views::{
        FormKeys,
        bulk::{repair as form, repair::RepairView},
        components::{alert::Problem, message::Message},
        integrity::Kind,
        urls,
    },
};

/// Pairs repaired at once. Each changes its Supervisor alone.
const ROWS_MAX: usize = EVENTS_MAX;

/// `GET /integrity/<check>/<event>`: where alerts lead.
#[get("/integrity/<check>/<event>", rank = 3)]
pub fn locate(check: &str, event: u64, _viewer: Viewer) -> Result<Redirect, Failure> {
    let kind = kind_of(check)?;
    Ok(Redirect::to(match kind {
        Kind::Pairs(check) if is_repairable(check) => urls::repair(check.slug(), Some(event)),
        other => urls::findings(other.slug()),
    }))
}

/// `GET /integrity/repair?check=&event=`: every finding that can be put right, or those of a check, or one.
#[get("/integrity/repair?<check>&<event>")]
pub async fn open(
    check: Option<&str>,
    event: Option<&str>,
    _scheduler: Scheduler,
    keys: FormKeys,
    context: &State<Context>,
) -> Result<Reply, Failure> {
    let wanted = Wanted { check: check.unwrap_or_default().to_owned(), event: event.unwrap_or_default().to_owned() };
    let within = context.inner().clone();
    let view = context
        .read(move |tx| {
            let (inputs, more) = wanted.inputs(tx)?;
            draw(tx, &within, &wanted, &inputs, &keys, FormValues { more, ..FormValues::default() })
        })
        .await?;
    Ok(Reply::page(form::page(&view)))
}

/// The findings that the form is about, as in its address.
struct Wanted {
    check: String,
    event: String,
}

impl Wanted {
    /// A row for each finding, and whether there are more.
    fn inputs(&self, tx: &dyn ReadTx) -> Result<(Vec<Input>, bool), StoreError> {
        let mut inputs = Vec::new();
        for standing in findings::all(tx)? {
            let FindingKey::Event(check, event) = standing.subject else { continue };
            let wanted = (self.check.is_empty() || self.check == check.slug())
                && (self.event.is_empty() || self.event == event.to_string());
            if wanted && is_repairable(check) {
                inputs.push(Input::fresh(check, event));
            }
        }
        let more = inputs.len() > ROWS_MAX;
        inputs.truncate(ROWS_MAX);
        Ok((inputs, more))
    }
}

/// Other values of the form, and its problem.
#[derive(Default)]
struct FormValues {
    more: bool,
    override_reason: String,
    problem: Option<Problem>,
}

fn draw(
    tx: &dyn ReadTx,
    context: &Context,
    wanted: &Wanted,
    inputs: &[Input],
    keys: &FormKeys,
    typed: FormValues,
) -> Result<RepairView, StoreError> {
    let sheet = Sheet { policy: &context.config.policy, override_reason: typed.override_reason.trim() };
    let (rows, needs_reason) = repair_rows::draw(tx, inputs, &sheet)?;
    Ok(RepairView {
        check: wanted.check.clone(),
        event: wanted.event.clone(),
        keys: keys.clone(),
        rows,
        all_employees: employees::active_names(tx)?,
        more: typed.more,
        override_reason: typed.override_reason,
        needs_reason,
        problem: typed.problem,
    })
}

/// The form, as sent.
#[derive(Debug, FromForm)]
pub struct Fields {
    #[field(default = "")]
    key: String,
    #[field(default = "")]
    check_slug: String,
    #[field(default = "")]
    event: String,
    /// Only preview the change.
    #[field(default = "")]
    preview: String,
    #[field(default = "")]
    override_reason: String,
    #[field(name = "row")]
    rows: HashMap<u64, repair_rows::Fields>,
}

/// The response.
#[derive(Debug, Responder)]
pub enum Answer {
    Done(Flash<Redirect>),
    Again(Reply),
}

/// `POST /integrity/repair`
#[post("/integrity/repair", data = "<fields>")]
pub async fn submit(
    scheduler: Scheduler,
    fields: Posted<Fields>,
    keys: FormKeys,
    context: &State<Context>,
) -> Result<Answer, Failure> {
    let (origin, within) = (scheduler.origin(fields.proof(), context), context.inner().clone());
    let fields = fields.0;
    context.store.run(move |store| answer(store, fields, &keys, &within, &origin)).await
}

fn answer(
    store: &Store,
    fields: Fields,
    keys: &FormKeys,
    context: &Context,
    origin: &Origin,
) -> Result<Answer, Failure> {
    let wanted = Wanted { check: fields.check_slug, event: fields.event };
    let (inputs, more) = store.read(|tx| repair_rows::sent(tx, fields.rows))?;
    let (reason, policy) = (fields.override_reason, &context.config.policy);
    let rerender = |status: Status, problem: Option<Problem>| {
        let typed = FormValues { more, override_reason: reason.clone(), problem };
        let view = store.read(|tx| draw(tx, context, &wanted, &inputs, keys, typed))?;
        Ok(Answer::Again(Reply::page(form::page(&view)).status(status)))
    };
    if fields.preview == "true" {
        return rerender(Status::Ok, None);
    }
    if let Some(error) = form_fields::reason_error(&reason) {
        return rerender(Status::UnprocessableEntity, Some(Problem::Fields(vec![error])));
    }
    let Some(items) = store.read(|tx| repair_rows::items(tx, &inputs, policy))? else {
        let sentence =
            "Nothing was changed. Choose an employee for each selected item, or clear its checkbox.".to_owned();
        return rerender(Status::UnprocessableEntity, Some(Problem::Other { sentence }));
    };
    let override_reason = Some(reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    let plan = Plan { action: Action::Repair, items, override_reason, key: fields.key.parse().ok(), about: None };
    match bulk::make(store, &plan, policy, origin) {
        Ok(made) => {
            let start = Start { trigger: Trigger::Repair, who: origin.who.clone(), at: origin.at, date: None };
            // If another check is running, that one or the next one finds what is fixed.
            let checked = integrity::run_once(context, &start).ok().and_then(|ran| ran.stored.ok());
            Ok(Answer::Done(change_response::carry(
                &message(&made, checked.map(|run| run.problems())),
                urls::INTEGRITY.into(),
            )))
        }
        Err(failed @ ChangeError::Store(_)) => Err(failed.into()),
        Err(ChangeError::Rejected(rejection)) => {
            let (status, problem) = rejected(rejection);
            rerender(status, Some(problem))
        }
    }
}

fn message(made: &Made, problems: Option<u64>) -> Message {
    let steps = made.entry.as_ref().map_or(0, |entry| entry.steps.len());
    let left = problems.map_or_else(String::new, |left| format!(" {} left.", format::count(left, "issue")));
    let link = made.entry.as_ref().map(|entry| ("View or undo".to_owned(), urls::entry(entry.sequence)));
    let text = format!("Repaired: {} changed.{left}", format::count(steps as u64, "event"));
    Message { text, notes: Vec::new(), link, undo: None }
}
