//! Employees and stores that are recorded or written in several ways: the list, a preview, merging, undoing.

use rocket::{FromForm, Route, get, post, routes};

use crate::{
    context::Context,
    domain::{
        format,
        integrity::merge::{Keep, Merge},
    },
    routes::{
        auth::{
            csrf_form::{Nothing, Posted},
            guards::Admin,
        },
        http::error::Failure,
        render::{
            flash::{self, Flashed},
            reply::Reply,
        },
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
    #[field(default = "")]
    employee: String,
    #[field(default = "")]
    store: String,
    /// The fingerprint of the preview.
    #[field(default = "")]
    seen: String,
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
        Err(error) => Err(back(&format!("{}.", format::capitalized(&error.to_string())))),
    })
}

fn back(message: &str) -> flash::FlashRedirect {
    flash::flash_redirect(message, urls::LOOK_ALIKES)
}

/// Tells what was done, with the way back.
fn answer(
    done: Result<Merge, MergeError>,
    words: impl FnOnce(&Merge) -> String,
) -> Result<flash::FlashRedirect, StoreError> {
    match done {
        Ok(merge) => {
            let link = Some(("Activity".to_owned(), urls::entry(merge.entry)));
            let message = Message { text: words(&merge), notes: Vec::new(), link, undo: None };
            Ok(flash::carry(&message, urls::LOOK_ALIKES.to_owned()))
        }
        Err(MergeError::Store(error)) => Err(error),
        Err(error) => Ok(back(&format!("Nothing was changed: {error}."))),
    }
}

#[post("/integrity/look-alikes/merge", data = "<fields>")]
pub async fn merge(admin: Admin, fields: Posted<Fields>, context: &Context) -> Result<flash::FlashRedirect, Failure> {
    let (origin, fields) = (admin.origin(fields.proof(), context), fields.0);
    let keep = fields.keep()?;
    let merge = move |store: &Store, context: &Context| {
        let answer = answer(merges::merge(store, &keep, &fields.seen, &origin), |merge| {
            format!("Merged: all is {} now. It can be undone below.", merge.shown)
        });
        context.count_problems();
        answer
    };
    Ok(context.run(merge).await?)
}

#[post("/integrity/look-alikes/undo/<id>", data = "<form>")]
pub async fn undo(
    id: u64,
    admin: Admin,
    form: Posted<Nothing>,
    context: &Context,
) -> Result<flash::FlashRedirect, Failure> {
    let origin = admin.origin(form.proof(), context);
    let undo = move |store: &Store, context: &Context| {
        let answer = answer(merges::undo(store, id, &origin), |merge| {
            format!("Undone: the records of {} are as they were before the merge.", merge.shown)
        });
        context.count_problems();
        answer
    };
    Ok(context.run(undo).await?)
}
