//! The real app on a port of its own, over a temporary store, with a clock that stands still.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use rocket::{Shutdown, fairing::AdHoc, figment::Figment, http::Method, tokio::time::sleep};
use tandem::{
    app,
    clock::Clock,
    config::Config,
    context::Context,
    domain::{
        audit::{Origin, Source},
        calendar::Moment,
        change::{Command, Request, employee_edit},
        employee::Employee,
        event::Event,
        ids::EventId,
    },
    import::{self, Incoming},
    services::{self, change, decision_context::Target},
    store::{
        FailPoints, Flow, Handle, Options, Store, StoreError,
        tables::{employees, events},
    },
};
use tempfile::TempDir;

use super::engine::free_port;
pub use super::sources::{acceptance_data, visits_data};

/// The moment at which tests happen: October 15, 2025, 9:00 AM in New York.
const NOW: &str = "2025-10-15T13:00:00Z";

/// A server. Dropped, it is stopped.
pub struct Server {
    settings: Figment,
    pub context: Context,
    fail_points: FailPoints,
    port: u16,
    running: Option<(Shutdown, JoinHandle<()>)>,
    /// How long it lets forms wait, in milliseconds.
    delay_ms: Arc<AtomicU64>,
    _folder: TempDir,
}

impl Server {
    /// With the old application's 21 events.
    pub fn with_acceptance_data() -> Self {
        Self::with(acceptance_data())
    }

    pub fn with(incoming: Incoming) -> Self {
        Self::with_settings(incoming, &[])
    }

    /// With settings over those of tests: `&[("sign_in", "password")]`.
    pub fn with_settings(incoming: Incoming, changed: &[(&str, &str)]) -> Self {
        let (folder, port) = (TempDir::new().unwrap(), free_port());
        let quiet = rocket::Config { log_level: rocket::config::LogLevel::Off, ..rocket::Config::debug_default() };
        let settings = Figment::from(quiet)
            .merge(("address", "127.0.0.1"))
            .merge(("port", port))
            .merge(("workers", 2))
            .merge(("shutdown.ctrlc", false))
            .merge(("shutdown.grace", 0))
            .merge(("shutdown.mercy", 0))
            .merge(("tandem.sign_in", "none"))
            .merge(("tandem.rate_limits", "off"))
            .merge(("tandem.timezone", "America/New_York"));
        let settings =
            changed.iter().fold(settings, |all, (name, value)| all.merge((format!("tandem.{name}"), *value)));
        let config = Config::read(&settings, Some(&folder.path().join("data"))).unwrap();
        let fail_points = FailPoints::default();
        let store =
            Store::open(&config.data_dir, &Options { fail_points: fail_points.clone(), ..Options::default() }).unwrap();
        import::apply(&store, incoming, &origin("import")).unwrap();
        let context = Context::new(config, Clock::Fixed(NOW.parse().unwrap()), Handle::new(store));
        let mut server =
            Self { settings, context, fail_points, port, running: None, delay_ms: Arc::default(), _folder: folder };
        server.start();
        server
    }

    pub fn at(&self, path: &str) -> String {
        format!("http://{}:{}{path}", Ipv4Addr::LOCALHOST, self.port)
    }

    /// Lets everything that is sent wait so long before it is looked at.
    pub fn delay_forms(&self, milliseconds: u64) {
        self.delay_ms.store(milliseconds, Ordering::SeqCst);
    }

    pub fn start(&mut self) {
        let delay_ms = Arc::clone(&self.delay_ms);
        let slow = AdHoc::on_request("slow", move |request, _| {
            let wait = if request.method() == Method::Post { delay_ms.load(Ordering::SeqCst) } else { 0 };
            Box::pin(sleep(Duration::from_millis(wait)))
        });
        let rocket = app::build(self.settings.clone(), self.context.clone()).attach(slow);
        let (listens, wait) = mpsc::channel();
        let rocket = rocket.attach(AdHoc::on_liftoff("listens", move |rocket| {
            listens.send(rocket.shutdown()).unwrap();
            Box::pin(async {})
        }));
        let thread = thread::spawn(move || rocket::execute(async { rocket.launch().await }).map(drop).unwrap());
        self.running = Some((wait.recv().expect("the server listens"), thread));
    }

    /// Stops answering, as when the network is gone.
    pub fn stop(&mut self) {
        if let Some((shutdown, thread)) = self.running.take() {
            shutdown.notify();
            thread.join().unwrap();
        }
    }

    /// The time that a server started from now on has.
    pub fn set_time(&mut self, time: &str) {
        self.context.clock = Clock::Fixed(time.parse().unwrap());
    }

    /// Makes the next change fail on its way to the disk.
    pub fn fail_next_write(&self) {
        self.fail_points.arm(2, StoreError::CutOff("a test".to_owned()));
    }

    /// How many pages listen for changes.
    pub fn subscribers(&self) -> usize {
        self.context.store.blocking().subscribers()
    }

    /// Another user moves an event to another date.
    pub fn reschedule(&self, id: u64, date: &str) {
        let command = Command::Reschedule { to: Moment::Day(date.parse().unwrap()), employee: None };
        let (store, policy) = (self.context.store.blocking(), &self.context.config.policy);
        let (target, request) = (Target::Event(EventId(id)), Request::plain(command));
        let request = Request { override_reason: Some("agreed".to_owned()), ..request };
        change::make(store, target, &request, policy, &origin("another user")).unwrap();
    }

    /// Another user deactivates an employee.
    pub fn deactivate(&self, id: &str) {
        let command = employee_edit::Command::Deactivate;
        let request = employee_edit::Request { employee: id.parse().unwrap(), command, seen: None, key: None };
        services::employees::change(self.context.store.blocking(), &request, &origin("another user")).unwrap();
    }

    pub fn event(&self, id: u64) -> Event {
        let read = self.context.store.blocking().read(|view| events::get(view, EventId(id)));
        read.unwrap().unwrap_or_else(|| panic!("there is no event {id}"))
    }

    pub fn employee(&self, id: &str) -> Option<Employee> {
        let id = id.parse().unwrap();
        self.context.store.blocking().read(|view| employees::get(view, &id)).unwrap()
    }

    /// Start and employee of an event: `("2025-10-20 10:00", "101")`.
    pub fn assignment(&self, id: u64) -> Option<(String, String)> {
        let now = self.event(id).schedule?;
        Some((now.start.format("%Y-%m-%d %H:%M").to_string(), now.employee.to_string()))
    }

    /// Every event, as the store has it.
    pub fn events(&self) -> Vec<Event> {
        let mut all = Vec::new();
        let each = self.context.store.blocking().read(|view| {
            events::each(view, |event| {
                all.push(event);
                Ok(Flow::Continue)
            })
        });
        each.unwrap();
        all
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// An assignment: `on("2025-10-20 10:00", "101")`.
#[expect(clippy::unnecessary_wraps, reason = "it stands beside what may be none")]
pub fn on(start: &str, employee: &str) -> Option<(String, String)> {
    Some((start.to_owned(), employee.to_owned()))
}

/// Who changes things behind the back of the one who looks.
pub fn origin(who: &str) -> Origin {
    Origin::new(who, Source::CommandLine, "test", NOW.parse().unwrap())
}
