//! Calendar feeds: making and taking away, and what a calendar reads.

use rocket::{
    FromForm, Request, Route, State, get,
    http::{ContentType, Status},
    post,
    response::{self, Redirect, Responder},
    routes,
};

use crate::{
    context::Context,
    domain::{feed::Feed, ids::EmployeeId},
    export,
    routes::{
        api::etag,
        auth::{
            csrf_form::{Nothing, Posted},
            guards::{Anonymous, Scheduler},
        },
        http::{error::Failure, reply::Reply},
    },
    secret,
    store::{
        StoreError,
        tables::{employees, feeds},
    },
    views::{
        FormKeys, feeds as pages,
        feeds::{FeedView, FeedsView},
        urls,
    },
};

pub fn routes() -> Vec<Route> {
    routes![list, make, revoke]
}

/// The calendar file, for the holder of its link.
pub fn file_routes() -> Vec<Route> {
    routes![read]
}

/// Random bytes of a feed's secret.
const SECRET_BYTES: usize = 32;

/// `GET /feeds`
#[get("/feeds")]
pub async fn list(_scheduler: Scheduler, keys: FormKeys, context: &State<Context>) -> Result<Reply, Failure> {
    page(keys, None, None, context).await
}

async fn page(
    keys: FormKeys,
    link: Option<String>,
    problem: Option<String>,
    context: &Context,
) -> Result<Reply, Failure> {
    let (feeds, people) = context.read(|tx| Ok::<_, StoreError>((feeds::all(tx)?, employees::all(tx)?))).await?;
    let name = |id: &EmployeeId| {
        people.iter().find(|one| one.id == *id).map_or_else(|| id.to_string(), |one| one.name.clone())
    };
    let said = |feed: &Feed| FeedView {
        id: feed.id,
        whose: feed.employee.as_ref().map_or_else(|| "Everyone".to_owned(), name),
        at: feed.at.with_timezone(&context.config.zone).naive_local(),
        who: feed.who.clone(),
        ends: feed.ends_at().with_timezone(&context.config.zone).date_naive(),
    };
    let status = if problem.is_some() { Status::UnprocessableEntity } else { Status::Ok };
    let view = FeedsView {
        keys,
        feeds: feeds.iter().map(said).collect(),
        people: people.iter().filter(|one| one.active).map(|one| (one.id.to_string(), one.name.clone())).collect(),
        link,
        problem,
    };
    Ok(Reply::page(pages::page(&view)).status(status))
}

/// Whose feed is wanted.
#[derive(Debug, FromForm)]
pub struct Wanted {
    #[field(default = "")]
    employee: String,
}

/// `POST /feeds`: makes one, and shows its link, once.
#[post("/feeds", data = "<wanted>")]
pub async fn make(
    scheduler: Scheduler,
    wanted: Posted<Wanted>,
    keys: FormKeys,
    context: &State<Context>,
) -> Result<Reply, Failure> {
    let employee = match wanted.0.employee.trim() {
        "" => None,
        id => match id.parse::<EmployeeId>() {
            Ok(id) => Some(id),
            Err(error) => return page(keys, None, Some(format!("There is no such employee: {error}.")), context).await,
        },
    };
    let secret = secret::random_hex::<SECRET_BYTES>().map_err(Failure::secret)?;
    let origin = scheduler.origin(wanted.proof(), context);
    let kept = secret.clone();
    if context.write(move |tx| feeds::make(tx, &kept, employee.clone(), &origin)).await?.is_some() {
        page(keys, Some(urls::feed(&secret)), None, context).await
    } else {
        let problem = format!("There is no such employee, or there are {} feeds already.", feeds::FEEDS_MAX);
        page(keys, None, Some(problem), context).await
    }
}

/// `POST /feeds/<id>/revoke`: its link leads nowhere from now on.
#[post("/feeds/<id>/revoke", data = "<pressed>")]
pub async fn revoke(
    id: u64,
    scheduler: Scheduler,
    pressed: Posted<Nothing>,
    context: &State<Context>,
) -> Result<Redirect, Failure> {
    let origin = scheduler.origin(pressed.proof(), context);
    if context.write(move |tx| feeds::revoke(tx, id, &origin)).await? {
        Ok(Redirect::to(urls::FEEDS))
    } else {
        Err(Failure::NotFound("There is no such feed.".to_owned()))
    }
}

/// A calendar file.
#[derive(Debug)]
pub struct Ics(String);

impl<'r> Responder<'r, 'static> for Ics {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        etag::respond(
            request,
            self.0.into_bytes(),
            ContentType::new("text", "calendar").with_params(("charset", "utf-8")),
        )
    }
}

/// `GET /feed/<secret>.ics`: the secret in the address is the right to read it; no sign-in.
#[get("/feed/<name>")]
pub async fn read(name: &str, _anonymous: Anonymous, context: &State<Context>) -> Result<Ics, Failure> {
    let nowhere = || Failure::NotFound("There is no such feed.".to_owned());
    let secret = name.strip_suffix(".ics").filter(|secret| secret.len() == 2 * SECRET_BYTES).ok_or_else(nowhere)?;
    let (secret, zone, now) = (secret.to_owned(), context.config.zone, context.clock.now());
    let written = context
        .read(move |tx| {
            let feed = feeds::opened_by(tx, &secret, now)?;
            feed.map(|feed| export::feed::write(tx, &feed, zone, now)).transpose()
        })
        .await?;
    written.map(Ics).ok_or_else(nowhere)
}
