//! Import: upload, preview, confirm exactly that plan, and take it back.

pub mod report;
pub mod summary;

use std::{
    fmt::Display,
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rocket::{
    FromForm, Responder, Route, State, get,
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
        imports::UndoBlocked,
        integrity::finding_state::{Start, Trigger},
    },
    import::{
        self, FileError, Plan, Writing, detect,
        upload::{FILES_MAX, UPLOAD_BYTES_MAX, Upload},
    },
    jobs::integrity,
    routes::{
        auth::{
            csrf_form::{Nothing, Posted},
            guards::Admin,
        },
        http::{error::Failure, reply::Reply, upload::Uploaded},
        pages::import::summary as said,
    },
    services::change::ChangeError,
    store::{Handle, Store, StoreError, tables::imports},
    views::{
        FormKeys, import as pages,
        import::{ImportView, StartView},
        urls,
    },
};

/// Imports listed.
const HISTORY_MAX: u64 = 20;
/// How long a page waits for an import to be done, in milliseconds; a longer one is shown while it goes on.
const WAIT_MS: u64 = 1500;

/// The import that is being written or taken back by this process, if one is: one at a time.
#[derive(Clone, Debug, Default)]
pub struct Running {
    held: Arc<(Mutex<Option<u64>>, Condvar)>,
    ends: Arc<AtomicBool>,
}

impl Running {
    /// Ends what is being written after the batch that it is at: the server ends.
    pub fn end(&self) {
        self.ends.store(true, Ordering::SeqCst);
    }

    /// Waits until nothing is being written.
    pub fn wait(&self) {
        let held = self.held.0.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.held.1.wait_while(held, |held| held.is_some()));
    }

    fn ends(&self) -> bool {
        self.ends.load(Ordering::SeqCst)
    }

    fn is(&self, id: u64) -> bool {
        *self.held.0.lock().unwrap_or_else(PoisonError::into_inner) == Some(id)
    }

    /// Takes the only place; none if it is taken.
    fn begin(&self) -> Option<Place> {
        let mut held = self.held.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.is_some() || self.ends() {
            return None;
        }
        *held = Some(0);
        Some(Place(self.clone()))
    }
}

/// Given back when it is dropped.
struct Place(Running);

impl Place {
    fn name(&self, id: u64) {
        *self.0.held.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(id);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        *self.0.held.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.0.held.1.notify_all();
    }
}

/// What an action leads to.
#[derive(Debug, Responder)]
pub enum Answer {
    Next(Redirect),
    Page(Reply),
}

fn busy() -> Failure {
    Failure::Taken("Another import is being written. Wait until it is done.".to_owned())
}

pub fn routes() -> Vec<Route> {
    routes![start, upload, preview, report::report, confirm, show, undo]
}

/// `GET /import`
#[get("/import")]
pub async fn start(
    _admin: Admin,
    keys: FormKeys,
    running: &State<Running>,
    context: &State<Context>,
) -> Result<Reply, Failure> {
    start_page(None, keys, running, context).await
}

async fn start_page(
    problem: Option<String>,
    keys: FormKeys,
    running: &Running,
    context: &Context,
) -> Result<Reply, Failure> {
    let latest = context.store.run(|store| store.read(|view| imports::latest(view, HISTORY_MAX))).await;
    let latest = latest.map_err(|error: StoreError| error)?;
    let history = latest
        .into_iter()
        .map(|import| {
            let running = running.is(import.id);
            said::import(import, running, context)
        })
        .collect();
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
    running: &State<Running>,
    context: &State<Context>,
) -> Result<Answer, Failure> {
    let upload = match sent.files {
        Ok(upload) => upload,
        Err(unusable) => {
            let problem = Some(unusable.to_string());
            return Ok(Answer::Page(start_page(problem, keys, running, context).await?));
        }
    };
    let token = upload.token().to_owned();
    let short_work_minutes = context.config.policy.short_work_minutes;
    let read = context.store.run(move |store| planned(store, &upload, short_work_minutes)).await?;
    match read {
        Ok(_) => Ok(Answer::Next(Redirect::to(urls::import_preview(&token)))),
        Err(problem) => Ok(Answer::Page(start_page(Some(sentence(&problem)), keys, running, context).await?)),
    }
}

/// What the files say, compared with the store.
fn planned(
    store: &Store,
    upload: &Upload,
    short_work_minutes: u32,
) -> Result<Result<(Vec<String>, Plan), FileError>, Failure> {
    let files = upload.files().map_err(StoreError::from)?;
    let names = files.iter().map(|(name, _)| name.clone()).collect();
    let incoming = match detect::read(&files) {
        Ok(incoming) => incoming,
        Err(problem) => return Ok(Err(problem)),
    };
    drop(files);
    let plan = store.read(|view| import::checked_plan(view, incoming, short_work_minutes));
    Ok(Ok((names, plan.map_err(|error: StoreError| error)?)))
}

fn sentence(problem: &impl Display) -> String {
    let text = problem.to_string();
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", letters.as_str())
}

fn find(token: &str, context: &Context) -> Result<Upload, Failure> {
    Upload::named(&context.config.data_dir, token).ok_or_else(|| {
        Failure::NotFound("These files are not here any more: they were imported, or a day has passed.".to_owned())
    })
}

/// `GET /uploads/<token>`: what the files would do, now.
#[get("/uploads/<token>")]
pub async fn preview(token: &str, _admin: Admin, keys: FormKeys, context: &State<Context>) -> Result<Reply, Failure> {
    let upload = find(token, context)?;
    let short_work_minutes = context.config.policy.short_work_minutes;
    let (files, plan) = context
        .store
        .run(move |store| planned(store, &upload, short_work_minutes))
        .await?
        .map_err(|problem| Failure::Malformed(sentence(&problem)))?;
    Ok(Reply::page(pages::preview_page(&said::preview(token, files, &plan, keys, None))))
}

/// What a confirmation holds.
#[derive(Debug, FromForm)]
pub struct Confirmed {
    #[field(default = "")]
    fingerprint: String,
    #[field(default = false)]
    release_missing: bool,
}

/// `POST /uploads/<token>`: does exactly what was shown, or shows what it would be now.
#[post("/uploads/<token>", data = "<confirmed>")]
pub async fn confirm(
    token: &str,
    admin: Admin,
    confirmed: Posted<Confirmed>,
    keys: FormKeys,
    running: &State<Running>,
    context: &State<Context>,
) -> Result<Answer, Failure> {
    let upload = find(token, context)?;
    let place = running.begin().ok_or_else(busy)?;
    let short_work_minutes = context.config.policy.short_work_minutes;
    let (kept, running_store) = (upload.clone(), context.store.clone());
    let (files, plan) = context
        .store
        .run(move |store| planned(store, &kept, short_work_minutes))
        .await?
        .map_err(|problem| Failure::Malformed(sentence(&problem)))?;
    if plan.fingerprint() != confirmed.0.fingerprint {
        let problem = "The data changed since this was shown, so nothing was imported. This is what it would do now.";
        let page = pages::preview_page(&said::preview(token, files, &plan, keys, Some(problem.to_owned())));
        return Ok(Answer::Page(Reply::page(page).status(Status::Conflict)));
    }
    let mut plan = plan;
    if confirmed.0.release_missing {
        plan.release_missing();
    }
    let (begun, id) = oneshot::channel();
    let (origin, context) = (admin.origin(confirmed.proof(), context), Context::clone(context));
    let work = move |store: &Store| {
        let told = |id| {
            place.name(id);
            let _ = begun.send(id);
        };
        let (now, window_minutes) = (|| context.clock.now(), context.config.undo_minutes);
        let writing = Writing { origin: &origin, now: &now, window_minutes, stops: &|| place.0.ends() };
        import::write(store, plan, files, &writing, told)?;
        upload.discard().map_err(StoreError::from)?;
        drop(place);
        look(&context, &origin);
        Ok::<_, StoreError>(())
    };
    let why = carry_on(running_store, work).await;
    match (id.await, why) {
        (Ok(id), _) => Ok(Answer::Next(Redirect::to(urls::import(id)))),
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
pub async fn show(
    id: u64,
    _admin: Admin,
    keys: FormKeys,
    running: &State<Running>,
    context: &State<Context>,
) -> Result<Reply, Failure> {
    Ok(Reply::page(pages::import_page(&one(id, running, context).await?, &keys, None)))
}

async fn one(id: u64, running: &Running, context: &Context) -> Result<ImportView, Failure> {
    let found = context.store.run(move |store| store.read(|view| imports::get(view, id))).await;
    let import = found.map_err(|error: StoreError| error)?;
    let import = import.ok_or_else(|| Failure::NotFound(UndoBlocked::Unknown.to_string()))?;
    Ok(said::import(import, running.is(id), context))
}

/// `POST /import/<id>/undo`: takes it back, all of it or nothing.
#[post("/import/<id>/undo", data = "<pressed>")]
pub async fn undo(
    id: u64,
    admin: Admin,
    pressed: Posted<Nothing>,
    keys: FormKeys,
    running: &State<Running>,
    context: &State<Context>,
) -> Result<Answer, Failure> {
    let place = running.begin().ok_or_else(busy)?;
    place.name(id);
    let (origin, owned) = (admin.origin(pressed.proof(), context), Context::clone(context));
    let (begun, has_begun) = oneshot::channel();
    let work = move |store: &Store| {
        let (now, window_minutes) = (|| owned.clock.now(), owned.config.undo_minutes);
        let writing = Writing { origin: &origin, now: &now, window_minutes, stops: &|| place.0.ends() };
        let told = || {
            // The receiver is gone if the browser disconnected.
            let _ = begun.send(());
        };
        let came = import::undo(store, id, &writing, told)?;
        drop(place);
        if came.is_ok() {
            look(&owned, &origin);
        }
        Ok::<_, StoreError>(came)
    };
    let store = context.store.clone();
    let mut task = tokio::spawn(async move {
        let came = store.run(work).await;
        came.inspect_err(|cause| error!(%cause, "an import could not be taken back"))
    });
    // Whether it may be is answered by itself; how far it is, by the import's page.
    let came = tokio::select! {
        came = &mut task => came,
        Ok(()) = has_begun => match tokio::time::timeout(Duration::from_millis(WAIT_MS), task).await {
            Ok(came) => came,
            Err(_) => return Ok(Answer::Next(Redirect::to(urls::import(id)))),
        },
    };
    match came.map_err(|_| StoreError::CutOff("the import was not taken back".to_owned()))?? {
        Ok(_) => Ok(Answer::Next(Redirect::to(urls::import(id)))),
        Err(UndoBlocked::Unknown) => Err(Failure::NotFound(UndoBlocked::Unknown.to_string())),
        Err(stays) => {
            let page = pages::import_page(&one(id, running, context).await?, &keys, Some(&stays.to_string()));
            Ok(Answer::Page(Reply::page(page).status(Status::Conflict)))
        }
    }
}
