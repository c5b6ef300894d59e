//! The test harness: the real application over a temporary store, with a clock that moves only when a test moves it.
//!
//! `App::with_acceptance_data().call("/api/unschedule_event", json!({"schedule_id": 2001}))` is a whole test's setup.

mod answer;
pub mod checks;
pub mod crowd;
pub mod form;
pub mod hand;
pub mod logs;
pub mod page;
pub mod sources;

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    path::Path,
    sync::Arc,
};

use chrono::TimeDelta;
use rocket::{
    figment::Figment,
    http::{ContentType, Header},
    local::blocking::{Client, LocalRequest, LocalResponse},
};
use serde_json::Value;
use tandem::{
    app,
    clock::Clock,
    config::Config,
    context::Context,
    domain::{
        audit::{Entry, Origin, Source},
        event::Event,
        ids::{EmployeeId, EventId},
        integrity::{Check, StoreReport},
        user::access::Digest,
    },
    import::{self, Incoming, Summary},
    store::{
        Database, FailPoints, Flow, Handle, Options, ReadTx, Snapshot, Store, StoreError, Table,
        maintenance::check,
        tables::{audit, events},
    },
    views::components::form_tokens::TOKEN_FIELD,
};
use tempfile::TempDir;

pub use answer::Answer;
pub use page::Page;
pub use sources::{acceptance_data, crowd, legacy, october, one_day, pairs_data, people, visits_data};

/// The current time in tests: October 15, 2025, 9:00 AM in New York.
pub const NOW: &str = "2025-10-15T13:00:00Z";

/// The application with its store. The folder is deleted on drop.
pub struct App {
    pub client: Client,
    pub store: Handle,
    pub fail_points: FailPoints,
    settings: Figment,
    pub context: Context,
    folder: TempDir,
}

pub fn origin() -> Origin {
    Origin::new("test", Source::CommandLine, "test", NOW.parse().unwrap())
}

/// An assignment: `on("2025-10-20 10:00", "101")`.
pub fn on(start: &str, employee: &str) -> (String, String) {
    (start.to_owned(), employee.to_owned())
}

fn open(config: &Config, fail_points: &FailPoints) -> Handle {
    let (fail_points, short_work_minutes) = (fail_points.clone(), config.policy.short_work_minutes);
    let database = database(&config.data_dir);
    let options = Options { fail_points, short_work_minutes, database, ..Options::default() };
    let store = Store::open(&config.data_dir, &options);
    Handle::new(store.unwrap())
}

/// A schema for a data folder, if `POSTGRES_TEST_URL` is the address of a database to test with.
pub fn database(data_dir: &Path) -> Option<Database> {
    let url = env::var("POSTGRES_TEST_URL").ok()?;
    let name = hex::encode(Digest::of(&data_dir.display().to_string()).0);
    Some(Database { url, schema: format!("test_{}", &name[..16]), create: true })
}

/// Settings that differ from the defaults: `&[("supervisor_pairing", "false")]`.
type Settings<'a> = &'a [(&'a str, &'a str)];

fn merged(figment: Figment, settings: Settings<'_>) -> Figment {
    settings.iter().fold(figment, |figment, (name, value)| {
        let value: rocket::figment::value::Value = value.parse().unwrap();
        figment.merge((format!("tandem.{name}"), value))
    })
}

fn in_dialog(request: LocalRequest<'_>) -> LocalRequest<'_> {
    request.header(Header::new("HX-Request", "true")).header(Header::new("HX-Target", "dialog"))
}

impl App {
    pub fn empty() -> Self {
        Self::with(&[], None)
    }

    /// The old application's 21 events.
    pub fn with_acceptance_data() -> Self {
        Self::with(&[], Some(acceptance_data()))
    }

    /// The retailer's 156 visits.
    pub fn with_visits() -> Self {
        Self::with(&[], Some(visits_data()))
    }

    pub fn with(settings: Settings<'_>, incoming: Option<Incoming>) -> Self {
        logs::start();
        let folder = TempDir::new().unwrap();
        let figment = Figment::from(rocket::Config {
            log_level: rocket::config::LogLevel::Off,
            ip_header: None,
            ..rocket::Config::debug_default()
        })
        .merge(("tandem.timezone", "America/New_York"))
        .merge(("tandem.sign_in", "none"))
        .merge(("tandem.rate_limits", "off"));
        let figment = merged(figment, settings);
        let config = Config::read(&figment, Some(&folder.path().join("data"))).unwrap();
        // A closure of a write that does something else the second time fails the test of what it does.
        let fail_points = FailPoints::default().repeating_writes();
        let store = open(&config, &fail_points);
        if let Some(incoming) = incoming {
            import::apply(store.blocking(), incoming, &origin()).unwrap();
        }
        let context = Context::new(config, Clock::Fixed(NOW.parse().unwrap()), store);
        Self::launch(figment, context, fail_points, folder)
    }

    fn launch(settings: Figment, context: Context, fail_points: FailPoints, folder: TempDir) -> Self {
        let client = Client::tracked(app::build(settings.clone(), context.clone())).unwrap();
        Self { client, store: context.store.clone(), fail_points, settings, context, folder }
    }

    /// The same application, a number of seconds later.
    #[must_use]
    pub fn later(self, seconds: i64) -> Self {
        let now = self.context.clock.now() + TimeDelta::seconds(seconds);
        Self::launch(self.settings, Context { clock: Clock::Fixed(now), ..self.context }, self.fail_points, self.folder)
    }

    /// The same application after a restart with other settings.
    #[must_use]
    pub fn reconfigured(self, settings: Settings<'_>) -> Self {
        let Self { client, store, fail_points, settings: before, context, folder } = self;
        let (data_dir, clock) = (context.config.data_dir.clone(), context.clock);
        store.blocking().release_leases().unwrap();
        drop((client, store, context));
        let figment = merged(before, settings);
        let config = Config::read(&figment, Some(&data_dir)).unwrap();
        let store = open(&config, &fail_points);
        Self::launch(figment, Context::new(config, clock, store), fail_points, folder)
    }

    /// The same application after a restart.
    #[must_use]
    pub fn restarted(self) -> Self {
        let Self { client, store, fail_points, settings, context, folder } = self;
        let Context { config, clock, store: held, .. } = context;
        store.blocking().release_leases().unwrap();
        drop((client, store, held));
        let store = open(&config, &fail_points);
        let context = Context::new(Arc::unwrap_or_clone(config), clock, store);
        Self::launch(settings, context, fail_points, folder)
    }

    /// The same application behind a proxy that sends the client's address in this header.
    #[must_use]
    pub fn behind(self, header: &str) -> Self {
        let settings = self.settings.merge(("ip_header", header));
        Self::launch(settings, self.context, self.fail_points, self.folder)
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Every route: `GET /help`.
    pub fn routes(&self) -> BTreeSet<String> {
        self.client.rocket().routes().map(|route| format!("{} {}", route.method, route.uri)).collect()
    }

    pub fn import(&self, incoming: Incoming) -> Summary {
        import::apply(self.store.blocking(), incoming, &origin()).unwrap()
    }

    /// A page, as a browser without scripts requests it.
    pub fn get(&self, address: &str) -> Page {
        Page::of(self.client.get(address.to_owned()))
    }

    /// A streamed response.
    pub fn stream(&self, address: &str) -> LocalResponse<'_> {
        self.client.get(address.to_owned()).dispatch()
    }

    /// The page that a redirect leads to.
    #[track_caller]
    pub fn follow(&self, answer: Page) -> Page {
        let answer = answer.status(303);
        self.get(&answer.location.unwrap())
    }

    /// A page, requested from an IP address with headers.
    pub fn get_from(&self, address: &str, from: &str, headers: &[(&'static str, &str)]) -> Page {
        let mut request = self.client.get(address.to_owned()).remote(from.parse().unwrap());
        for (name, value) in headers {
            request.add_header(Header::new(*name, (*value).to_owned()));
        }
        Page::of(request)
    }

    /// The response to a client that has the response with this `ETag`.
    pub fn get_if_changed(&self, address: &str, tag: &str) -> Page {
        Page::of(self.client.get(address.to_owned()).header(Header::new("If-None-Match", tag.to_owned())))
    }

    /// A fragment, as htmx requests it.
    pub fn get_fragment(&self, address: &str) -> Page {
        Page::of(self.client.get(address.to_owned()).header(Header::new("HX-Request", "true")))
    }

    /// A form, as htmx opens it in the dialog.
    pub fn open_dialog(&self, address: &str) -> Page {
        Page::of(in_dialog(self.client.get(address.to_owned())))
    }

    /// A form, as a browser without scripts sends it. Waits for the end of an import that it began or undid.
    pub fn post(&self, address: &str, fields: &[(&str, &str)]) -> Page {
        let page = Page::of(self.form(address, fields));
        if address.starts_with("/import/") || address.starts_with("/uploads/") {
            app::wait_for_import(self.client.rocket());
        }
        page
    }

    /// A form, as htmx sends it from the dialog.
    pub fn post_from_dialog(&self, address: &str, fields: &[(&str, &str)]) -> Page {
        Page::of(in_dialog(self.form(address, fields)))
    }

    fn form<'c>(&'c self, address: &str, fields: &[(&str, &str)]) -> LocalRequest<'c> {
        let token = self.form_token();
        let own_token = fields.iter().any(|(name, _)| *name == TOKEN_FIELD);
        let fields = fields.iter().copied().chain((!own_token).then_some((TOKEN_FIELD, token.as_str())));
        let pairs = fields.map(|(name, value)| {
            let value = percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC);
            format!("{name}={value}")
        });
        self.client.post(address.to_owned()).header(ContentType::Form).body(pairs.collect::<Vec<_>>().join("&"))
    }

    /// Files, as a browser sends them from a form.
    pub fn upload(&self, address: &str, files: &[(&str, &[u8])]) -> Page {
        let token = self.form_token();
        let head = "--edge\r\nContent-Disposition: form-data; name=";
        let mut body = format!("{head}\"{TOKEN_FIELD}\"\r\n\r\n{token}\r\n").into_bytes();
        for (name, bytes) in files {
            let head = format!("{head}\"files\"; filename=\"{name}\"\r\n");
            body.extend(head.bytes().chain(b"Content-Type: text/csv\r\n\r\n".iter().copied()));
            body.extend(bytes.iter().chain(b"\r\n"));
        }
        body.extend(b"--edge--\r\n");
        let content_type = Header::new("Content-Type", "multipart/form-data; boundary=edge");
        Page::of(self.client.post(address.to_owned()).header(content_type).body(body))
    }

    /// The CSRF token that forms contain for the current session.
    fn form_token(&self) -> String {
        let secret = match self.client.cookies().get("tandem_session") {
            Some(cookie) => cookie.value().to_owned(),
            None => self.store.blocking().secret().unwrap(),
        };
        hex::encode(Digest::of(&format!("tandem form {secret}")).0)
    }

    /// An API call that sends JSON.
    #[expect(clippy::needless_pass_by_value, reason = "callers build the body in place")]
    pub fn call(&self, address: &str, body: Value) -> Answer {
        self.call_raw(address, &body.to_string())
    }

    /// An API call that sends JSON with an idempotency key.
    #[expect(clippy::needless_pass_by_value, reason = "callers build the body in place")]
    pub fn call_with_key(&self, key: &str, address: &str, body: Value) -> Answer {
        let request = self.client.post(address.to_owned()).header(ContentType::JSON).body(body.to_string());
        Answer::of(Page::of(request.header(Header::new("Idempotency-Key", key.to_owned()))))
    }

    /// An API call with a body that may be invalid JSON.
    pub fn call_raw(&self, address: &str, body: &str) -> Answer {
        self.call_as("application/json", address, body)
    }

    pub fn call_as(&self, content_type: &str, address: &str, body: &str) -> Answer {
        Answer::of(self.send(content_type, address, body))
    }

    /// Posts any body with any content type.
    pub fn send(&self, content_type: &str, address: &str, body: &str) -> Page {
        let content_type = Header::new("Content-Type", content_type.to_owned());
        Page::of(self.client.post(address.to_owned()).header(content_type).body(body))
    }

    /// An API call that reads.
    pub fn read_call(&self, address: &str) -> Answer {
        Answer::of(self.get(address))
    }

    pub fn event(&self, id: u64) -> Event {
        self.read(|tx| events::get(tx, EventId(id))).unwrap()
    }

    /// The revision of an event, as a form contains it.
    pub fn revision(&self, id: u64) -> String {
        self.event(id).revision.to_string()
    }

    /// Start and employee of an event: `("2025-10-20 10:00", "101")`.
    pub fn assignment(&self, id: u64) -> Option<(String, String)> {
        let now = self.event(id).schedule?;
        Some((now.start.format("%Y-%m-%d %H:%M").to_string(), now.employee.to_string()))
    }

    /// Ids of the events that an employee is assigned on a day.
    pub fn held(&self, employee: &str, date: &str) -> Vec<u64> {
        let (employee, date): (EmployeeId, _) = (employee.parse().unwrap(), date.parse().unwrap());
        self.read(|tx| events::held_between(tx, &employee, date, date)).iter().map(|event| event.id.0).collect()
    }

    pub fn audit(&self) -> Vec<Entry> {
        self.read(|tx| {
            let mut entries = Vec::new();
            audit::each(tx, |entry| {
                entries.push(entry);
                Ok(Flow::Continue)
            })?;
            Ok(entries)
        })
    }

    /// Every record and index entry except the audit, byte for byte. Equal bytes mean that nothing changed.
    pub fn bytes(&self) -> Bytes {
        let compared = |table: &Table| !matches!(table, Table::Audit | Table::EventAudit | Table::Meta);
        self.read(|tx| {
            let mut all = Bytes::new();
            for table in Table::ALL.into_iter().filter(compared) {
                tx.scan(table, &[]..&[255; 64], &mut |key, value| {
                    all.insert((table, key.to_vec()), value.to_vec());
                    Ok(Flow::Continue)
                })?;
            }
            Ok(all)
        })
    }

    /// Asserts that no pair is split and that indexes and counters match the records.
    pub fn assert_whole(&self) {
        let report = self.check();
        assert_eq!(report.storage_problems, Vec::<String>::new());
        let mismatch = report.pairs.findings.iter().find(|found| found.check == Check::DateMismatch);
        assert!(mismatch.is_none(), "a split pair: {mismatch:?}");
    }

    pub fn check(&self) -> StoreReport {
        self.read(|tx| check::run(tx))
    }

    pub fn read<T>(&self, read: impl FnOnce(&Snapshot<'_>) -> Result<T, StoreError>) -> T {
        self.store.blocking().read(read).unwrap()
    }
}

pub type Bytes = BTreeMap<(Table, Vec<u8>), Vec<u8>>;
