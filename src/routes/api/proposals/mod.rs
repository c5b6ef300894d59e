//! The calls that make, change, accept and delete proposals of the auto-scheduler.

pub mod bodies;

use rocket::{delete, get, http::Status, patch, post, response::status::Custom, serde::json::Json};

use crate::{
    context::Context,
    domain::{
        event::EventType,
        format,
        ids::{EventId, ProposalId},
        schedule::{Lock, Options, problem::Problem, saved::Adjustment},
    },
    routes::{
        api::{
            changes::start,
            idempotency::{IdempotencyHeader, IdempotencyKeyHeader},
            proposals::bodies::{Accept, Accepted, Adjust, Deleted, Failures, PlacedEvent, Proposal, Propose},
            responses::FindingResponse,
        },
        auth::{Scheduler, Viewer, json_body::JsonBody, proposal_limit::Proposing},
        http::{
            decode::{self, Parsed},
            error::{CallFailure, Failure},
        },
    },
    services::proposals,
};

type Body<T> = Result<JsonBody<T>, CallFailure>;

/// Propose who does each unscheduled event and when
#[utoipa::path(post, path = "/api/proposals", operation_id = "make_proposal", tag = "Proposals", request_body = Propose,
    responses((status = 201, body = Proposal), Failures))]
#[post("/proposals", data = "<body>")]
pub async fn make(
    scheduler: Scheduler,
    body: Body<Propose>,
    proposing: &Proposing,
    context: &Context,
) -> Result<Custom<Json<Proposal>>, CallFailure> {
    let (body, proof) = body?.into_parts();
    let (origin, options) = (scheduler.origin(proof, context), options(body, context)?);
    let turn = proposing.begin(&origin)?;
    let search = move |store: &_, context: &Context| {
        let _turn = turn;
        proposals::make(store, options, &context.config, &origin)
    };
    let made = context.run(search).await;
    Ok(Custom(Status::Created, Json(Proposal::from(&made.map_err(Failure::from)?))))
}

/// A proposal
#[utoipa::path(get, path = "/api/proposals/{proposal_id}", operation_id = "show_proposal", tag = "Proposals",
    params(("proposal_id" = String, Path)), responses((status = 200, body = Proposal), Failures))]
#[get("/proposals/<id>")]
pub async fn show(id: &str, _viewer: Viewer, context: &Context) -> Result<Json<Proposal>, CallFailure> {
    let (id, now) = (number(id)?, context.clock.now());
    let found = context.read(move |tx| proposals::find(tx, id, now)).await;
    Ok(Json(Proposal::from(&found.map_err(Failure::from)?)))
}

/// Lock, change or drop rows, and propose the rest again
#[utoipa::path(patch, path = "/api/proposals/{proposal_id}", operation_id = "adjust_proposal", tag = "Proposals",
    request_body = Adjust, params(("proposal_id" = String, Path)), responses((status = 200, body = Proposal), Failures))]
#[patch("/proposals/<id>", data = "<body>")]
pub async fn adjust(
    id: &str,
    scheduler: Scheduler,
    body: Body<Adjust>,
    proposing: &Proposing,
    context: &Context,
) -> Result<Json<Proposal>, CallFailure> {
    let (body, proof) = body?.into_parts();
    let (origin, id, adjustment) = (scheduler.origin(proof, context), number(id)?, adjustment(body, context)?);
    let turn = proposing.begin(&origin)?;
    let search = move |store: &_, context: &Context| {
        let _turn = turn;
        proposals::adjust(store, id, &adjustment, &context.config, &origin)
    };
    Ok(Json(Proposal::from(&context.run(search).await.map_err(Failure::from)?)))
}

/// Delete a proposal
#[utoipa::path(delete, path = "/api/proposals/{proposal_id}", operation_id = "delete_proposal", tag = "Proposals",
    params(("proposal_id" = String, Path)), responses((status = 200, body = Deleted), Failures))]
#[delete("/proposals/<id>")]
pub async fn remove(id: &str, _scheduler: Scheduler, context: &Context) -> Result<Json<Deleted>, CallFailure> {
    let (id, now) = (number(id)?, context.clock.now());
    context.store.run(move |store| proposals::discard(store, id, now)).await.map_err(Failure::from)?;
    Ok(Json(Deleted { success: true }))
}

/// Schedule the rows of a proposal, all or none
#[utoipa::path(post, path = "/api/proposals/{proposal_id}/accept", operation_id = "accept_proposal", tag = "Proposals",
    request_body = Accept, params(("proposal_id" = String, Path), IdempotencyHeader),
    responses((status = 200, body = Accepted), Failures))]
#[post("/proposals/<id>/accept", data = "<body>")]
pub async fn accept(
    id: &str,
    scheduler: Scheduler,
    key: IdempotencyKeyHeader,
    body: Body<Accept>,
    context: &Context,
) -> Result<Json<Accepted>, CallFailure> {
    let (body, proof) = body?.into_parts();
    let (origin, policy) = (scheduler.origin(proof, context), context.config.policy);
    let (id, key, rows) = (number(id)?, key.key()?, body.rows.map(events));
    let accept = move |store: &_| proposals::accept(store, id, rows.as_deref(), key.as_ref(), &policy, &origin);
    let made = context.store.run(accept).await.map_err(Failure::from)?;
    let entry = made.entry.as_ref();
    Ok(Json(Accepted {
        success: true,
        events: entry.map_or(0, |entry| entry.steps.len()),
        undo_id: entry.map_or(0, |entry| entry.sequence),
        warnings: made.notes.iter().map(FindingResponse::from).collect(),
    }))
}

fn number(text: &str) -> Result<ProposalId, Failure> {
    text.parse().map_err(|_| Failure::NotFound(Problem::Unknown.to_string()))
}

fn events(events: Vec<Parsed<EventId>>) -> Vec<EventId> {
    events.into_iter().map(|event| event.0).collect()
}

fn options(body: Propose, context: &Context) -> Result<Options, Failure> {
    let named = |word: &String| {
        let found = EventType::ALL.into_iter().find(|one| one.slug() == word);
        let allowed = || format::list(&EventType::ALL.map(|one| one.slug().to_owned()));
        found.ok_or_else(|| {
            decode::invalid("Field", "types", &format!("\"{word}\" is unknown; allowed are {}", allowed()))
        })
    };
    Ok(Options {
        from: body.from.0,
        to: body.to.0,
        seed: body.seed.map(|seed| seed.0.0).unwrap_or_default(),
        types: body.types.unwrap_or_default().iter().map(named).collect::<Result<_, _>>()?,
        stores: body.stores.into_iter().flatten().map(|store| store.0).collect(),
        exclude_employees: body.exclude_employees.into_iter().flatten().map(|employee| employee.0).collect(),
        move_scheduled: body.move_scheduled == Some(true),
        ..proposals::default_options(&context.config, context.clock.now())
    })
}

fn adjustment(body: Adjust, context: &Context) -> Result<Adjustment, Failure> {
    let place = |place: PlacedEvent| {
        let start = start(&place.start_datetime.0, context)?;
        Ok::<_, Failure>(Lock { event: place.event_id.0, employee: place.employee_id.0, start })
    };
    Ok(Adjustment {
        lock: events(body.lock.unwrap_or_default()),
        unlock: events(body.unlock.unwrap_or_default()),
        place: body.change.into_iter().flatten().map(place).collect::<Result<_, _>>()?,
        leave_out: events(body.drop.unwrap_or_default()),
        take_in: events(body.restore.unwrap_or_default()),
        seed: body.seed.map(|seed| seed.0.0),
    })
}
