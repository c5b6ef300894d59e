//! A stream of changed days for open pages (server-sent events).
//!
//! Invariant: a stream costs a task and a few hundred bytes, never a thread. There are at most [`STREAMS_MAX`] of them, at
//! most [`STREAMS_PER_USER_MAX`] per user, and each ends by itself, or with its session.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::NaiveDate;
use rocket::{
    Responder, Route, Shutdown,
    fairing::{AdHoc, Fairing},
    get,
    http::Header,
    response::stream::{Event, EventStream},
    routes,
    tokio::{
        self,
        time::{interval, sleep},
    },
};
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    context::{Context, PerTeam, Teams},
    domain::user::access::Digest,
    routes::{
        auth::{Viewer, authenticate::Caller},
        http::team::of_team,
    },
    store::{Days, News, StoreError, tables::accounts::sessions},
};

/// Streams open at once; a page that gets none tries again later and reads as well as ever.
const STREAMS_MAX: usize = 500;
/// Streams of one user at once: more pages than a person keeps open.
const STREAMS_PER_USER_MAX: usize = 20;
/// Seconds between two checks of a stream's session. It is also checked before each message.
const CHECK_S: u64 = 15;
/// Streams that check their session at once: a change reaches all of them together, and other requests need the store too.
const CHECKS_AT_ONCE_MAX: usize = 8;
/// Time after which a client without a stream may retry, in seconds.
const FULL_RETRY_S: u64 = 60;
/// Time between two signs of life, in seconds: proxies close what stays silent for 30 to 60.
const HEARTBEAT_S: u64 = 15;
/// Longest life of a stream, in seconds. The page asks again, and so does its guard.
const STREAM_S_MAX: u64 = 15 * 60;

/// The places for streams: all, those of each user, and turns to look at a session.
#[derive(Clone, Debug)]
struct Places {
    all: Arc<Semaphore>,
    /// Those of the team; several teams leave each other half of all.
    of_team: Arc<Semaphore>,
    of_user: Arc<Mutex<HashMap<String, usize>>>,
    checks: Arc<Semaphore>,
}

of_team!(Places);

impl Places {
    /// For one of so many teams.
    fn new(all: &Arc<Semaphore>, teams: usize) -> Self {
        let most = if teams > 1 { STREAMS_MAX / 2 } else { STREAMS_MAX };
        let (of_team, checks) = (Semaphore::new(most), Semaphore::new(CHECKS_AT_ONCE_MAX));
        let (all, of_team, checks) = (Arc::clone(all), Arc::new(of_team), Arc::new(checks));
        Self { all, of_team, of_user: Arc::default(), checks }
    }

    fn of_user(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.of_user.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place; none if all are taken, or all that this user may have. Without sign-in there are no users.
    fn take(&self, caller: &Caller) -> Option<Place> {
        let all = Arc::clone(&self.all).try_acquire_owned().ok()?;
        let of_team = Arc::clone(&self.of_team).try_acquire_owned().ok()?;
        let user = caller.user().map(ToString::to_string);
        if let Some(user) = &user {
            let mut taken = self.of_user();
            let count = taken.entry(user.clone()).or_default();
            if *count >= STREAMS_PER_USER_MAX {
                return None;
            }
            *count += 1;
        }
        Some(Place { places: self.clone(), user, _permits: [all, of_team] })
    }
}

/// Given back when it is dropped.
struct Place {
    places: Places,
    user: Option<String>,
    _permits: [OwnedSemaphorePermit; 2],
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(user) = &self.user else { return };
        let mut taken = self.places.of_user();
        if let Some(count) = taken.get_mut(user) {
            *count -= 1;
            if *count == 0 {
                taken.remove(user);
            }
        }
    }
}

/// Whether a session is still valid. If the store cannot be read, the next check decides.
async fn is_good(session: Option<Digest>, places: &Places, context: &Context) -> bool {
    let Some(digest) = session else { return true };
    let Ok(_turn) = places.checks.acquire().await else { return false };
    let (now, lifetime) = (context.clock.now(), context.config.access.lifetime);
    let found = context.read(move |view| sessions::whose(view, digest, lifetime, now)).await;
    !matches!(found, Ok::<_, StoreError>(None))
}

pub fn routes() -> Vec<Route> {
    routes![changes]
}

/// Manages the places for streams, which all teams share.
pub fn stage() -> impl Fairing {
    AdHoc::on_ignite("live", |rocket| async {
        let all = Arc::new(Semaphore::new(STREAMS_MAX));
        let of_each = |teams: &Teams| PerTeam::new(teams, |_| Places::new(&all, teams.all().len()));
        match rocket.state::<Teams>().map(of_each) {
            Some(places) => rocket.manage(places),
            None => rocket,
        }
    })
}

/// `GET /changes`: an event for each change, `{"version": 1041, "days": ["2025-10-15"], "today": "2025-10-14", "unscheduled": 3,
/// "issues": 0}`, with `"days": null` where any day may have changed, the date, and the numbers of the header. The first comes at
/// once, with the version that there is, so that an older page notices; another one comes after midnight.
#[get("/changes")]
#[expect(clippy::needless_pass_by_value, reason = "guards arrive by value")]
fn changes(
    viewer: Viewer,
    context: &Context,
    places: &Places,
    mut shutdown: Shutdown,
) -> Result<Unbuffered<EventStream![]>, Full> {
    let (place, session) = (places.take(viewer.who()).ok_or_else(Full::new)?, viewer.who().session());
    let (context, store) = (context.clone(), context.store.clone());
    let mut subscriber = store.blocking().listen();
    let stream = EventStream! {
        let mut date = context.today();
        yield event(&News { version: store.blocking().version(), days: Days::All }, date, &context);
        let (end, mut check) = (sleep(Duration::from_secs(STREAM_S_MAX)), interval(Duration::from_secs(CHECK_S)));
        tokio::pin!(end);
        loop {
            let news = tokio::select! {
                news = subscriber.next(|| store.blocking().version()) => if news.is_some() { news } else { break },
                _ = check.tick() => None,
                () = &mut end => break,
                () = &mut shutdown => break,
            };
            if !is_good(session, &place.places, &context).await {
                break;
            }
            let now = context.today();
            let date_turned = || (now != date).then(|| News { version: store.blocking().version(), days: Days::default() });
            if let Some(news) = news.or_else(date_turned) {
                date = now;
                yield event(&news, date, &context);
            }
        }
    };
    let stream = stream.heartbeat(Duration::from_secs(HEARTBEAT_S));
    Ok(Unbuffered(stream, Header::new("X-Accel-Buffering", "no")))
}

fn event(news: &News, today: NaiveDate, context: &Context) -> Event {
    let days = match &news.days {
        Days::These(dates) => json!(dates),
        Days::All => json!(null),
    };
    let (unscheduled, issues) = (context.store.blocking().unscheduled(), context.issues());
    let body =
        json!({ "version": news.version, "days": days, "today": today, "unscheduled": unscheduled, "issues": issues });
    Event::json(&body)
}

/// An answer that a proxy passes on piece by piece: nginx would keep events back until its buffer is full.
#[derive(Debug, Responder)]
struct Unbuffered<R>(R, Header<'static>);

/// All places are taken.
#[derive(Debug, Responder)]
#[response(status = 503)]
struct Full(&'static str, Header<'static>);

impl Full {
    fn new() -> Self {
        let retry = Header::new("Retry-After", FULL_RETRY_S.to_string());
        Self("Too many open pages are waiting for changes.", retry)
    }
}
