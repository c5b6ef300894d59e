//! Taking an import back, after a question.

use std::time::Duration;

use rocket::{
    FromForm, get,
    http::Status,
    post,
    response::Redirect,
    tokio::{self, sync::oneshot},
};
use tracing::error;

use crate::{
    context::Context,
    domain::imports::UndoBlocked,
    import::{
        Writing,
        undo::{self, People},
    },
    routes::{
        auth::{Admin, Posted},
        http::error::Failure,
        pages::import::{Running, WAIT_MS, busy, look, summary as said},
        render::{FormResponse, Reply},
    },
    store::{ReadTx, Store, StoreError, tables::imports},
    views::{
        FormKeys, import as pages,
        import::{Line, TakeBackView},
        urls,
    },
};

/// Most people that the question names.
const NAMED_MAX: usize = 200;

/// `GET /import/<id>/undo`: what taking it back would do.
#[get("/import/<id>/undo")]
pub async fn ask(
    id: u64,
    _admin: Admin,
    keys: FormKeys,
    running: &Running,
    context: &Context,
) -> Result<Reply, Failure> {
    let (minutes, now) = (context.config.undo_minutes, context.clock.now());
    let asked = context.store.run(move |store| {
        let import = store.read(|tx| imports::get(tx, id))?;
        let Some(import) = import else { return Ok(Err(UndoBlocked::Unknown)) };
        if let Err(stays) = import.check_undo(minutes, now) {
            return Ok(Err(stays));
        }
        if let Err(stays) = undo::check_unchanged(store, &import)? {
            return Ok(Err(stays));
        }
        let people = store.read(|tx| people(tx, id))?;
        let touched = store.read(|tx| imports::people(tx, id))?;
        let all = touched.len();
        let added = undo::brought(touched).count();
        Ok::<_, StoreError>(Ok((import, people, (added, all - added))))
    });
    let (import, (people, people_count), (added_count, changed_count)) = match asked.await? {
        Ok(found) if !running.is(id) => found,
        Ok(_) => return blocked(id, &UndoBlocked::Running, running, context).await,
        Err(UndoBlocked::Unknown) => return Err(Failure::NotFound(UndoBlocked::Unknown.to_string())),
        Err(stays) => return blocked(id, &stays, running, context).await,
    };
    let import = said::import(import, false, context);
    let view = TakeBackView { keys, import, people, people_count, added_count, changed_count };
    Ok(Reply::page(pages::take_back_page(&view)))
}

/// The page of an import that is not taken back, with the reason.
async fn blocked(id: u64, why: &UndoBlocked, running: &Running, context: &Context) -> Result<Reply, Failure> {
    let page = pages::import_page(&said::done(id, running, context).await?, Some(&why.to_string()));
    Ok(Reply::page(page).status(Status::Conflict))
}

/// The first people who would hold nothing, in words, and how many there are.
fn people(tx: &dyn ReadTx, id: u64) -> Result<(Vec<Line>, usize), StoreError> {
    let people = undo::leaving(tx, id)?;
    let named = people.iter().take(NAMED_MAX).map(|one| format!("{} ({}), {}", one.name, one.id, one.title.label()));
    Ok((named.map(Line::from).collect(), people.len()))
}

/// What the question was answered with.
#[derive(Debug, FromForm)]
pub struct Answered {
    remove_people: bool,
}

/// `POST /import/<id>/undo`: takes it back, all of it or nothing.
#[post("/import/<id>/undo", data = "<pressed>")]
pub async fn take_back(
    id: u64,
    admin: Admin,
    pressed: Posted<Answered>,
    running: &Running,
    context: &Context,
) -> Result<FormResponse, Failure> {
    let place = running.begin().ok_or_else(busy)?;
    place.name(id);
    let (origin, owned) = (admin.origin(pressed.proof(), context), Context::clone(context));
    let people = if pressed.0.remove_people { People::Remove } else { People::Keep };
    let (begun, has_begun) = oneshot::channel();
    let work = move |store: &Store| {
        let (now, window_minutes) = (|| owned.clock.now(), owned.config.undo_minutes);
        let writing = Writing { origin: &origin, now: &now, window_minutes, stops: &|| place.ends() };
        let told = || {
            // The receiver is gone if the browser disconnected.
            let _ = begun.send(());
        };
        let came = undo::undo(store, id, people, &writing, told)?;
        if came.is_ok() {
            look(&owned, &origin);
        }
        drop(place);
        Ok::<_, StoreError>(came)
    };
    let store = context.store.clone();
    let mut task = tokio::spawn(async move {
        let came = store.run(work).await;
        came.inspect_err(|cause| error!(%cause, "an import could not be undone"))
    });
    // Whether it may be is answered by itself; how far it is, by the import's page.
    let came = tokio::select! {
        came = &mut task => came,
        Ok(()) = has_begun => match tokio::time::timeout(Duration::from_millis(WAIT_MS), task).await {
            Ok(came) => came,
            Err(_) => return Ok(FormResponse::Next(Redirect::to(urls::import(id)))),
        },
    };
    match came.map_err(|_| StoreError::CutOff("the import was not undone".to_owned()))?? {
        Ok(_) => Ok(FormResponse::Next(Redirect::to(urls::import(id)))),
        Err(UndoBlocked::Unknown) => Err(Failure::NotFound(UndoBlocked::Unknown.to_string())),
        Err(stays) => Ok(FormResponse::Page(blocked(id, &stays, running, context).await?)),
    }
}
