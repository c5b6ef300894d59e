//! Calendar feeds: created and revoked by users, read by calendars.

use rocket::{
    FromForm, Request, Route, get,
    http::{ContentType, Status},
    post,
    response::{self, Redirect, Responder},
    routes,
};

use crate::{
    context::Context,
    domain::{
        audit::{Action, Origin},
        feed::Feed,
        ids::EmployeeId,
    },
    export,
    routes::{
        auth::{
            csrf_form::{Nothing, Posted},
            guards::{Anonymous, Scheduler},
            rate_limit::Throttled,
        },
        http::{error::Failure, etag},
        pages::accounts::confirm::{Confirmed, SensitiveRequest},
        render::reply::Reply,
    },
    secret,
    store::{
        StoreError,
        tables::{employees, feeds},
    },
    views::{
        FormKeys,
        components::alert::{FieldError, Problem},
        feeds as pages,
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

#[get("/feeds")]
pub async fn list(_scheduler: Scheduler, keys: FormKeys, context: &Context) -> Result<Reply, Failure> {
    page(keys, Shown::default(), context).await
}

/// The input and problem of a sent form.
#[derive(Default)]
struct Shown {
    chosen: String,
    link: Option<String>,
    problem: Option<Problem>,
}

async fn page(keys: FormKeys, shown: Shown, context: &Context) -> Result<Reply, Failure> {
    let Shown { chosen, link, problem } = shown;
    let (feeds, people) = context.read(|tx| Ok::<_, StoreError>((feeds::all(tx)?, employees::all_named(tx)?))).await?;
    let name = |id: &EmployeeId| {
        people.iter().find(|one| one.id == *id).map_or_else(|| id.to_string(), |one| one.shown_name().into_owned())
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
        people: people
            .iter()
            .filter(|one| one.active)
            .map(|one| (one.id.to_string(), one.shown_name().into_owned()))
            .collect(),
        chosen,
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
    #[field(default = "")]
    confirm: String,
}

/// `POST /feeds`: makes one, and shows its link, once. The link gives access, so that the session must be confirmed.
#[post("/feeds", data = "<wanted>")]
pub async fn make(
    scheduler: Scheduler,
    wanted: Posted<Wanted>,
    request: SensitiveRequest<'_>,
) -> Result<Throttled<Reply>, Failure> {
    let (chosen, context) = (wanted.0.employee.trim().to_owned(), request.context);
    let refused = |problem| Shown { chosen: chosen.clone(), link: None, problem: Some(problem) };
    let of_employee = |message| refused(Problem::Fields(vec![FieldError { name: "employee".into(), message }]));
    let employee = match chosen.as_str() {
        "" => None,
        id => match id.parse::<EmployeeId>() {
            Ok(id) => Some(id),
            Err(error) => {
                let shown = of_employee(format!("There is no such employee: {error}."));
                return plain(page(request.keys, shown, context).await?);
            }
        },
    };
    let given = ("feed", wanted.0.confirm.as_str());
    let confirmed = match request.confirm(Action::MakeToken, given, wanted.proof()).await? {
        Ok(confirmed) => confirmed,
        Err(unconfirmed) => {
            let shown = refused(unconfirmed.problem.clone());
            return Ok(unconfirmed.reply(page(request.keys, shown, context).await?));
        }
    };
    let secret = secret::random_hex::<SECRET_BYTES>().map_err(Failure::secret)?;
    let origin = scheduler.origin(wanted.proof(), context);
    if execute(secret.clone(), employee, origin, confirmed, context).await? {
        let link = format!("{}{}", context.config.alerts.public_url, urls::feed(&secret));
        plain(page(request.keys, Shown { link: Some(link), ..Shown::default() }, context).await?)
    } else {
        let message = format!("There is no such employee, or there are {} feeds already.", feeds::FEEDS_MAX);
        plain(page(request.keys, of_employee(message), context).await?)
    }
}

/// Makes a feed. False if there is no such employee, or if there are too many feeds.
async fn execute(
    secret: String,
    employee: Option<EmployeeId>,
    origin: Origin,
    _confirmed: Confirmed,
    context: &Context,
) -> Result<bool, Failure> {
    Ok(context.write(move |tx| feeds::make(tx, &secret, employee.clone(), &origin)).await?.is_some())
}

#[expect(clippy::unnecessary_wraps, reason = "the end of a handler")]
fn plain(reply: Reply) -> Result<Throttled<Reply>, Failure> {
    Ok(Throttled { reply, limited: None })
}

/// `POST /feeds/<id>/revoke`: its link leads nowhere from now on.
#[post("/feeds/<id>/revoke", data = "<pressed>")]
pub async fn revoke(
    id: u64,
    scheduler: Scheduler,
    pressed: Posted<Nothing>,
    context: &Context,
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
pub async fn read(name: &str, _anonymous: Anonymous, context: &Context) -> Result<Ics, Failure> {
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
