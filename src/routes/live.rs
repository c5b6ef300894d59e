//! News for open pages: which days somebody changed.
//!
//! Rule of this file: a stream costs a task and a few hundred bytes, never a thread; there are at most [`STREAMS_MAX`]
//! of them, and each ends by itself.

use std::{sync::Arc, time::Duration};

use rocket::{
    Request, Response, Shutdown, State,
    fairing::{AdHoc, Fairing},
    get,
    http::Status,
    response::{
        self, Responder,
        stream::{Event, EventStream},
    },
    routes,
    tokio::{self, time::sleep},
};
use serde_json::json;
use tokio::sync::Semaphore;

use super::guard::Viewer;
use crate::{
    context::Context,
    store::{Days, News},
};

/// Streams open at once; a page that gets none tries again later and reads as well as ever.
const STREAMS_MAX: usize = 500;
/// Time after which whoever got no stream may ask again, in seconds.
const FULL_RETRY_S: u64 = 60;
/// Time between two signs of life, in seconds: proxies close what stays silent for 30 to 60.
const HEARTBEAT_S: u64 = 15;
/// Longest life of a stream, in seconds. The page asks again, and so does its guard.
const STREAM_S_MAX: u64 = 15 * 60;

/// The places for streams.
#[derive(Debug)]
struct Places(Arc<Semaphore>);

/// Mounts the stream.
pub fn stage() -> impl Fairing {
    AdHoc::on_ignite("live", |rocket| async {
        rocket.manage(Places(Arc::new(Semaphore::new(STREAMS_MAX)))).mount("/", routes![changes])
    })
}

/// `GET /changes`: an event for each change, `{"version": 1041, "days": ["2025-10-15"]}`, with `"days": null` where any day may
/// have changed. The first comes at once, with the version that there is, so that an older page notices.
#[get("/changes")]
fn changes(
    _viewer: Viewer,
    context: &State<Context>,
    places: &State<Places>,
    mut shutdown: Shutdown,
) -> Result<Unbuffered<EventStream![]>, Full> {
    let place = Arc::clone(&places.0).try_acquire_owned().map_err(|_| Full)?;
    let store = context.store.clone();
    let mut listener = store.blocking().listen();
    let stream = EventStream! {
        let _place = place;
        yield event(&News { version: store.blocking().version(), days: Days::All });
        let end = sleep(Duration::from_secs(STREAM_S_MAX));
        tokio::pin!(end);
        loop {
            let news = tokio::select! {
                news = listener.next(|| store.blocking().version()) => news,
                () = &mut end => None,
                () = &mut shutdown => None,
            };
            let Some(news) = news else { break };
            yield event(&news);
        }
    };
    Ok(Unbuffered(stream.heartbeat(Duration::from_secs(HEARTBEAT_S))))
}

fn event(news: &News) -> Event {
    let days = match &news.days {
        Days::These(dates) => json!(dates),
        Days::All => json!(null),
    };
    Event::json(&json!({ "version": news.version, "days": days }))
}

/// An answer that a proxy passes on piece by piece: nginx would keep events back until its buffer is full.
#[derive(Debug)]
struct Unbuffered<R>(R);

impl<'r, 'o: 'r, R: Responder<'r, 'o>> Responder<'r, 'o> for Unbuffered<R> {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'o> {
        let answer = self.0.respond_to(request)?;
        Response::build_from(answer).raw_header("X-Accel-Buffering", "no").ok()
    }
}

/// All places are taken.
#[derive(Debug)]
struct Full;

impl<'r> Responder<'r, 'static> for Full {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let answer = (Status::ServiceUnavailable, "Too many pages listen for changes at the moment.");
        Response::build_from(answer.respond_to(request)?).raw_header("Retry-After", FULL_RETRY_S.to_string()).ok()
    }
}
