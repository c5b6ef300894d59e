//! Import: upload, preview, confirm exactly that plan, and take it back.

pub mod report;
mod running;
pub mod summary;
mod undo;
pub mod uploaded;

pub use running::Running;

use std::time::Duration;

use rocket::{
    FromForm, Route, get,
    http::Status,
    post,
    response::Redirect,
    routes,
    tokio::{self, sync::oneshot},
};
use tracing::error;

use crate::{
    context::Context,
    domain::{
        audit::Origin,
        imports::Import,
        integrity::finding_state::{Start, Trigger},
    },
    import::{
        self, FileError, Incoming, Plan, Writing, detect,
        report::kept::Draft,
        upload::{FILES_MAX, UPLOAD_BYTES_MAX, Upload},
    },
    jobs::integrity,
    routes::{
        auth::{Admin, Posted},
        http::{error::Failure, form_text::Text},
        pages::{
            import::{summary as said, uploaded::Uploaded},
            sentence,
        },
        render::{FormResponse, Reply},
    },
    services::change::ChangeError,
    store::{Handle, Store, StoreError, tables::imports},
    views::{
        FormKeys, import as pages,
        import::{PreviewView, StartView},
        urls,
    },
};

/// Imports listed.
const HISTORY_MAX: u64 = 20;
/// How long a page waits for an import to be done, in milliseconds; a longer one is shown while it goes on.
const WAIT_MS: u64 = 1500;

fn busy() -> Failure {
    Failure::Taken("Another import is being written. Wait until it is done.".to_owned())
}

pub fn routes() -> Vec<Route> {
    routes![start, upload, preview, report::of_upload, report::of_import, confirm, show, undo::ask, undo::take_back]
}

#[get("/import")]
pub async fn start(_admin: Admin, keys: FormKeys, running: &Running, context: &Context) -> Result<Reply, Failure> {
    start_page(None, keys, running, context).await
}

async fn start_page(
    problem: Option<String>,
    keys: FormKeys,
    running: &Running,
    context: &Context,
) -> Result<Reply, Failure> {
    let described = |import: Import| {
        let running = running.is(import.id);
        said::import(import, running, context)
    };
    let history = context.read(|tx| imports::latest(tx, HISTORY_MAX)).await?.into_iter().map(described).collect();
    let status = if problem.is_some() { Status::UnprocessableEntity } else { Status::Ok };
    let megabytes_max = UPLOAD_BYTES_MAX / (1024 * 1024);
    let view = StartView { keys, problem, history, files_max: FILES_MAX, megabytes_max };
    Ok(Reply::page(pages::start_page(&view)).status(status))
}

/// `POST /import`: keeps the files and leads to what they would do.
#[post("/import", data = "<sent>")]
pub async fn upload(
    _admin: Admin,
    sent: Uploaded,
    keys: FormKeys,
    running: &Running,
    context: &Context,
) -> Result<FormResponse, Failure> {
    let upload = match sent.files {
        Ok(upload) => upload,
        Err(unusable) => {
            let problem = Some(unusable.to_string());
            return Ok(FormResponse::Page(start_page(problem, keys, running, context).await?));
        }
    };
    let token = upload.token().to_owned();
    let read = context.store.run(move |store| planned(store, &upload, Incoming::default())).await?;
    match read {
        Ok(_) => Ok(FormResponse::Next(Redirect::to(urls::import_preview(&token)))),
        Err(problem) => Ok(FormResponse::Page(start_page(Some(sentence(&problem)), keys, running, context).await?)),
    }
}

/// What the files say, compared with the store, and their names.
fn planned(
    store: &Store,
    upload: &Upload,
    incoming: Incoming,
) -> Result<Result<(Vec<String>, Plan), FileError>, Failure> {
    let files = upload.files().map_err(StoreError::from)?;
    let names = files.iter().map(|(name, _)| name.clone()).collect();
    let incoming = match detect::read(incoming, &files) {
        Ok(incoming) => incoming,
        Err(problem) => return Ok(Err(problem)),
    };
    drop(files);
    // As of one moment, so that others save changes meanwhile.
    Ok(Ok((names, import::plan(&store.moment(), incoming)?)))
}

/// Finds what the rules say about a plan, and the pairs that it splits.
fn check(store: &Store, mut plan: Plan, short_work_minutes: u32) -> Result<Plan, StoreError> {
    plan.check(&store.moment(), short_work_minutes)?;
    Ok(plan)
}

fn find(token: &str, context: &Context) -> Result<Upload, Failure> {
    Upload::named(&context.config.data_dir, token).ok_or_else(|| {
        Failure::NotFound("These files are not here any more: they were imported, or a day has passed.".to_owned())
    })
}

/// `GET /uploads/<token>`: what the files would do, now.
#[get("/uploads/<token>")]
pub async fn preview(token: &str, _admin: Admin, keys: FormKeys, context: &Context) -> Result<Reply, Failure> {
    let upload = find(token, context)?;
    let view = preview_of(upload, keys, None, context).await?;
    Ok(Reply::page(pages::preview_page(&view)))
}

async fn preview_of(
    upload: Upload,
    keys: FormKeys,
    problem: Option<String>,
    context: &Context,
) -> Result<PreviewView, Failure> {
    let preview = move |store: &Store, context: &Context| {
        let planned = planned(store, &upload, Incoming::default())?;
        let (files, plan) = planned.map_err(|problem| Failure::Malformed(sentence(&problem)))?;
        let mut plan = check(store, plan, context.config.policy.short_work_minutes)?;
        Ok(said::preview(&store.moment(), upload.token(), files, &mut plan, keys, problem)?)
    };
    context.run(preview).await
}

/// What a confirmation holds.
#[derive(Debug, FromForm)]
pub struct Confirmed {
    fingerprint: Text,
    release_missing: bool,
}

/// `POST /uploads/<token>`: does exactly what was shown, or shows what it would be now.
#[post("/uploads/<token>", data = "<confirmed>")]
pub async fn confirm(
    token: &str,
    admin: Admin,
    confirmed: Posted<Confirmed>,
    keys: FormKeys,
    running: &Running,
    context: &Context,
) -> Result<FormResponse, Failure> {
    let upload = find(token, context)?;
    let place = running.begin().ok_or_else(busy)?;
    let (kept, owned) = (upload.clone(), Context::clone(context));
    let read = context.store.run(move |store| {
        let draft = Draft::begin(&owned.config.data_dir, owned.clock.now())?;
        Ok::<_, Failure>((planned(store, &kept, draft.report().incoming())?, draft))
    });
    let (planned, draft) = read.await?;
    let (files, mut plan) = planned.map_err(|problem| Failure::Malformed(sentence(&problem)))?;
    if plan.fingerprint() != confirmed.0.fingerprint.0 {
        let problem = "The data changed since this was shown, so nothing was imported. This is what it would do now.";
        let view = preview_of(upload, keys, Some(problem.to_owned()), context).await?;
        return Ok(FormResponse::Page(Reply::page(pages::preview_page(&view)).status(Status::Conflict)));
    }
    if confirmed.0.release_missing {
        plan.release_missing();
    }
    let (begun, id) = oneshot::channel();
    let (origin, running_store, context) =
        (admin.origin(confirmed.proof(), context), context.store.clone(), Context::clone(context));
    let work = move |store: &Store| {
        let plan = check(store, plan, context.config.policy.short_work_minutes)?;
        let told = |id| {
            place.name(id);
            if let Err(cause) = draft.keep(id) {
                error!(%cause, import = id, "the report of an import could not be kept");
            }
            let _ = begun.send(id);
        };
        let (now, window_minutes) = (|| context.clock.now(), context.config.undo_minutes);
        let writing = Writing { origin: &origin, now: &now, window_minutes, stops: &|| place.ends() };
        import::write(store, plan, &files, &writing, told)?;
        upload.discard().map_err(StoreError::from)?;
        look(&context, &origin);
        drop(place);
        Ok::<_, StoreError>(())
    };
    let why = carry_on(running_store, work).await;
    match (id.await, why) {
        (Ok(id), _) => Ok(FormResponse::Next(Redirect::to(urls::import(id)))),
        (Err(_), Some(cause)) => Err(ChangeError::Store(cause).into()),
        (Err(_), None) => Err(StoreError::CutOff("the import did not begin".to_owned()).into()),
    }
}

/// Starts the work, and waits for its end as long as a page may take. A longer one goes on by itself. Returns why it was
/// cut off, if it was by then; the log says so in any case.
async fn carry_on(
    store: Handle,
    work: impl FnOnce(&Store) -> Result<(), StoreError> + Send + 'static,
) -> Option<StoreError> {
    let task = tokio::spawn(async move {
        store.run(work).await.inspect_err(|cause| error!(%cause, "an import was cut off")).err()
    });
    tokio::time::timeout(Duration::from_millis(WAIT_MS), task).await.ok().and_then(Result::ok).flatten()
}

/// The check after an import.
fn look(context: &Context, origin: &Origin) {
    let start = Start { trigger: Trigger::Import, who: origin.who.clone(), at: context.clock.now(), date: None };
    integrity::run_next(context, &start);
}

/// `GET /import/<id>`: how far it is, and what it did.
#[get("/import/<id>")]
pub async fn show(id: u64, _admin: Admin, running: &Running, context: &Context) -> Result<Reply, Failure> {
    let view = said::done(id, running, context).await?;
    Ok(Reply::page(pages::import_page(&view, None)))
}
