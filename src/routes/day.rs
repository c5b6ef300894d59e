//! The day.

use rocket::{State, get, request::FlashMessage};

use super::{done, failure::Failure, guard::Viewer, params::DateParam, reply::Reply};
use crate::{
    context::Context,
    store::{
        StoreError,
        days::{self, Show},
    },
    views::{FormKeys, day},
};

/// `GET /calendar/day/<date>`
#[get("/calendar/day/<date>")]
pub async fn show(
    date: Result<DateParam, Failure>,
    _viewer: Viewer,
    flash: Option<FlashMessage<'_>>,
    keys: FormKeys,
    context: &State<Context>,
) -> Result<Reply, Failure> {
    let DateParam(date) = date?;
    let (pairing, now) = (context.config.policy.pairing, context.clock.now());
    let show = Show { pairing, undo: Some((context.config.undo_minutes, now)) };
    let day = context.store.run(move |store| store.read(|view| days::day(view, date, show))).await;
    let day = day.map_err(|error: StoreError| error)?;
    let page = day::page(&day, context.clock.today(context.config.zone), pairing, &keys);
    Ok(Reply::page(page.with_message(flash.and_then(|flash| done::message_in(&flash)))))
}
