//! Calendar feeds: created and revoked by users, read by calendars.

use rocket::{FromForm, Route, get, http::ContentType, post, response::Redirect, routes};

use crate::{
    context::Context,
    domain::{audit::Action, feed::Feed, ids::EmployeeId},
    export,
    routes::{
        auth::{Anonymous, Nothing, Posted, Scheduler},
        http::{error::Failure, etag::TaggedBody, form_text::Text},
        pages::accounts::confirm::SensitiveRequest,
        render::{FormResponse, Refused, Reply},
    },
    secret,
    store::{
        StoreError,
        tables::{employees, feeds},
    },
    views::{
        FormKeys, Page,
        components::alert::Problem,
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
    Ok(Reply::page(page(keys, Shown::default(), context).await?))
}

/// The input and problem of a sent form.
#[derive(Default)]
struct Shown {
    chosen: String,
    link: Option<String>,
    problem: Option<Problem>,
}

async fn page(keys: FormKeys, shown: Shown, context: &Context) -> Result<Page, Failure> {
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
    Ok(pages::page(&view))
}

/// Whose feed is wanted.
#[derive(Debug, FromForm)]
pub struct Wanted {
    employee: Text,
    confirm: Text,
}

/// `POST /feeds`: makes one, and shows its link, once. The link gives access, so that the session must be confirmed.
#[post("/feeds", data = "<wanted>")]
pub async fn make(
    scheduler: Scheduler,
    wanted: Posted<Wanted>,
    request: SensitiveRequest<'_>,
) -> Result<FormResponse, Failure> {
    let (chosen, context) = (wanted.0.employee.trim().to_owned(), request.context);
    let made = async {
        let of_employee = |message| Refused::field("employee", message);
        let employee = match chosen.as_str() {
            "" => None,
            id => {
                let parsed = id.parse::<EmployeeId>();
                Some(parsed.map_err(|error| of_employee(format!("There is no such employee: {error}.")))?)
            }
        };
        let _confirmed = request.confirm(Action::MakeToken, ("feed", &wanted.0.confirm), wanted.proof()).await?;
        let secret = secret::random_hex::<SECRET_BYTES>()?;
        let (given, origin) = (secret.clone(), scheduler.origin(wanted.proof(), context));
        let made = context.write(move |tx| feeds::make(tx, &given, employee.clone(), &origin)).await?;
        if made.is_none() {
            let message = format!("There is no such employee, or there are {} feeds already.", feeds::FEEDS_MAX);
            return Err(of_employee(message));
        }
        let link = format!("{}{}", context.config.alerts.public_url, urls::feed(&secret));
        let shown = Shown { link: Some(link), ..Shown::default() };
        Ok(FormResponse::Page(Reply::page(page(request.keys.clone(), shown, context).await?)))
    };
    FormResponse::of_async(made.await, async |problem| {
        page(request.keys, Shown { chosen, link: None, problem: Some(problem) }, context).await
    })
    .await
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

/// `GET /feed/<secret>.ics`: the secret in the address is the right to read it; no sign-in.
#[get("/feed/<name>")]
pub async fn read(name: &str, _anonymous: Anonymous, context: &Context) -> Result<TaggedBody, Failure> {
    let nowhere = || Failure::NotFound("There is no such feed.".to_owned());
    let secret = name.strip_suffix(".ics").filter(|secret| secret.len() == 2 * SECRET_BYTES).ok_or_else(nowhere)?;
    let (secret, zone, now) = (secret.to_owned(), context.config.zone, context.clock.now());
    let written = context
        .read(move |tx| {
            let feed = feeds::opened_by(tx, &secret, now)?;
            feed.map(|feed| export::feed::write(tx, &feed, zone, now)).transpose()
        })
        .await?;
    let media_type = ContentType::new("text", "calendar").with_params(("charset", "utf-8"));
    written.map(|text| TaggedBody(text.into_bytes(), media_type)).ok_or_else(nowhere)
}
