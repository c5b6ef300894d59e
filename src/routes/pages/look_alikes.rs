//! Employees and stores that are recorded or written in several ways: the list, a preview, merging, undoing.

use rocket::{FromForm, Route, get, post, routes};

use crate::{
    context::Context,
    domain::integrity::merge::{Keep, Merge},
    routes::{
        auth::{Admin, Nothing, Posted},
        http::{error::Failure, form_text::Text},
        pages::sentence,
        render::{Flashed, Reply, flash},
    },
    services::merges::{self, MergeError},
    store::{Snapshot, Store, StoreError, tables},
    views::{
        FormKeys,
        components::message::Message,
        look_alikes::{self as pages, ListView, MergeView, PAST_MAX, PreviewView},
        urls,
    },
};

pub fn routes() -> Vec<Route> {
    routes![list, preview, merge, undo]
}

#[get("/integrity/look-alikes")]
pub async fn list(_admin: Admin, flash: Flashed, keys: FormKeys, context: &Context) -> Result<Reply, Failure> {
    let zone = context.config.zone;
    let view = context
        .read(move |tx| {
            let local = |merge: Merge| MergeView { at: merge.at.with_timezone(&zone).naive_local(), merge };
            Ok::<_, StoreError>(ListView {
                employees: merges::employee_groups(tx)?,
                stores: merges::store_groups(tx)?,
                past: tables::merges::latest(tx, PAST_MAX)?.into_iter().map(local).collect(),
                keys,
            })
        })
        .await?;
    Ok(Reply::page(pages::list_page(&view).with_message(flash.0)))
}

/// The records to merge: an employee by the id that is kept, or a store by its number.
#[derive(Clone, Debug, FromForm)]
pub struct Fields {
    employee: Text,
    store: Text,
    /// The fingerprint of the preview.
    seen: Text,
}

impl Fields {
    fn keep(&self) -> Result<Keep, Failure> {
        let unknown = || Failure::NotFound("There is no such employee and no such store.".to_owned());
        match (self.employee.trim(), self.store.trim()) {
            ("", "") => Err(unknown()),
            ("", store) => Ok(Keep::Store(store.to_owned())),
            (employee, _) => employee.parse().map(Keep::Employee).map_err(|_| unknown()),
        }
    }
}

/// `GET /integrity/look-alikes/preview?employee=&store=`
#[get("/integrity/look-alikes/preview?<fields..>")]
pub async fn preview(
    fields: Fields,
    _admin: Admin,
    keys: FormKeys,
    context: &Context,
) -> Result<Result<Reply, flash::FlashRedirect>, Failure> {
    let keep = fields.keep()?;
    let asked = keep.clone();
    let look = move |tx: &Snapshot<'_>| match merges::preview(tx, &asked) {
        Err(MergeError::Store(error)) => Err(error),
        other => Ok(other),
    };
    Ok(match context.read(look).await? {
        Ok(preview) => Ok(Reply::page(pages::preview_page(&PreviewView { keep, preview, keys }))),
        Err(error) => Err(back(&sentence(&error))),
    })
}

fn back(message: &str) -> flash::FlashRedirect {
    flash::flash_redirect(message, urls::LOOK_ALIKES)
}

/// Merges or undoes, and tells what was done, with the way back.
async fn execute(
    work: impl FnOnce(&Store) -> Result<Merge, MergeError> + Send + 'static,
    words: fn(&Merge) -> String,
    context: &Context,
) -> Result<flash::FlashRedirect, Failure> {
    let done = context.run(move |store, context| {
        let done = work(store);
        context.count_problems();
        match done {
            Err(MergeError::Store(error)) => Err(error),
            done => Ok(done),
        }
    });
    Ok(match done.await? {
        Ok(merge) => {
            let link = Some(("Activity".to_owned(), urls::entry(merge.entry)));
            let message = Message { text: words(&merge), notes: Vec::new(), link, undo: None };
            flash::carry(&message, urls::LOOK_ALIKES.to_owned())
        }
        Err(error) => back(&format!("Nothing was changed: {error}.")),
    })
}

#[post("/integrity/look-alikes/merge", data = "<fields>")]
pub async fn merge(admin: Admin, fields: Posted<Fields>, context: &Context) -> Result<flash::FlashRedirect, Failure> {
    let (origin, fields) = (admin.origin(fields.proof(), context), fields.0);
    let keep = fields.keep()?;
    let words = |merge: &Merge| format!("Merged: all is {} now. It can be undone below.", merge.shown);
    execute(move |store| merges::merge(store, &keep, &fields.seen, &origin), words, context).await
}

#[post("/integrity/look-alikes/undo/<id>", data = "<form>")]
pub async fn undo(
    id: u64,
    admin: Admin,
    form: Posted<Nothing>,
    context: &Context,
) -> Result<flash::FlashRedirect, Failure> {
    let origin = admin.origin(form.proof(), context);
    let words = |merge: &Merge| format!("Undone: the records of {} are as they were before the merge.", merge.shown);
    execute(move |store| merges::undo(store, id, &origin), words, context).await
}
