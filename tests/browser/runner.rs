//! Runs the cases: each engine in a thread of its own, one browser for all its cases.

use std::{
    any::Any,
    cell::RefCell,
    panic::{self, AssertUnwindSafe, PanicHookInfo},
    sync::Mutex,
    thread,
    time::Instant,
};

use super::{
    browser::Browser,
    engine::{Engine, Scripts},
};

/// A case, and where it runs.
#[derive(Clone, Copy)]
pub struct Case {
    pub name: &'static str,
    pub run: fn(&Browser),
    pub places: &'static [Place],
}

/// An engine, with scripts or without.
pub type Place = (Engine, Scripts);

/// Everywhere, with scripts.
pub const EVERYWHERE: &[Place] =
    &[(Engine::Chromium, Scripts::On), (Engine::Firefox, Scripts::On), (Engine::WebKit, Scripts::On)];
/// Everywhere, with scripts and, where engines can be told, without.
pub const ON_AND_OFF: &[Place] = &[
    (Engine::Chromium, Scripts::On),
    (Engine::Firefox, Scripts::On),
    (Engine::WebKit, Scripts::On),
    (Engine::Chromium, Scripts::Off),
    (Engine::Firefox, Scripts::Off),
];
/// Where a driver can touch: WebKitWebDriver 2.50 turns a finger into a mouse.
pub const TOUCH: &[Place] = &[(Engine::Chromium, Scripts::On), (Engine::Firefox, Scripts::On)];
/// Where everything can be emulated.
pub const CHROMIUM: &[Place] = &[(Engine::Chromium, Scripts::On)];

/// `cases![EVERYWHERE: tc_012_…, tc_056_…; CHROMIUM: tc_014_…]`
macro_rules! cases {
    ($($places:ident: $($name:ident),+ $(,)?);+ $(;)?) => {
        &[$($($crate::runner::Case { name: stringify!($name), run: $name, places: $crate::runner::$places }),+),+]
    };
}
pub(crate) use cases;

/// A case that failed: where, and why.
pub struct Failed(pub String);

/// Runs what the words of the command line name; all of them must be in a line like `firefox off tc_004_…`.
pub fn run(cases: &[Case], words: &[String]) -> Vec<Failed> {
    if !cases.iter().any(|case| case.places.iter().any(|place| is_wanted(case, *place, words))) {
        return vec![Failed(format!("no case is called {}", words.join(" ")))];
    }
    let failed = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for engine in Engine::ALL {
            let failed = &failed;
            scope.spawn(move || {
                for scripts in [Scripts::On, Scripts::Off] {
                    run_place(cases, words, (engine, scripts), failed);
                }
            });
        }
    });
    failed.into_inner().unwrap()
}

fn line(case: &Case, (engine, scripts): Place) -> String {
    format!("{} {} {}", engine.name(), said(scripts), case.name)
}

fn is_wanted(case: &Case, place: Place, words: &[String]) -> bool {
    case.places.contains(&place) && words.iter().all(|word| line(case, place).contains(word))
}

fn run_place(cases: &[Case], words: &[String], place: Place, failed: &Mutex<Vec<Failed>>) {
    let line = |case: &Case| line(case, place);
    let wanted: Vec<&Case> = cases.iter().filter(|case| is_wanted(case, place, words)).collect();
    if wanted.is_empty() {
        return;
    }
    if let Some(program) = place.0.missing() {
        missing(place.0, &program, failed);
        return;
    }
    let browser = match panic::catch_unwind(|| Browser::start(place.0, place.1)) {
        Ok(browser) => browser,
        Err(why) => return failed.lock().unwrap().push(Failed(format!("{}: {}", place.0.name(), words_of(&*why)))),
    };
    for case in wanted {
        if let Err(why) = run_case(case, &browser, &line(case)) {
            failed.lock().unwrap().push(Failed(format!("{}: {why}", line(case))));
        }
    }
}

fn run_case(case: &Case, browser: &Browser, line: &str) -> Result<(), String> {
    let start = Instant::now();
    let result = panic::catch_unwind(AssertUnwindSafe(|| {
        browser.reset();
        (case.run)(browser);
        assert_eq!(browser.console(), Vec::<String>::new(), "the page complains");
    }));
    let took = start.elapsed().as_millis();
    match result {
        Ok(()) => {
            println!("ok {took:>6} ms  {line}");
            Ok(())
        }
        Err(why) => {
            println!("FAILED {took} ms  {line}");
            Err(words_of(&*why))
        }
    }
}

fn said(scripts: Scripts) -> &'static str {
    match scripts {
        Scripts::On => "on",
        Scripts::Off => "off",
    }
}

/// A browser that is not there fails where everything must run (`CI` is set). WebKit is not packaged everywhere:
/// its absence is said aloud, and no more.
fn missing(engine: Engine, program: &str, failed: &Mutex<Vec<Failed>>) {
    println!("!!! {} was NOT tried: {program} is missing", engine.name());
    if std::env::var_os("CI").is_some() && engine != Engine::WebKit {
        failed.lock().unwrap().push(Failed(format!("{program} is missing")));
    }
}

thread_local! {
    /// Where this thread panicked last.
    static PLACE: RefCell<String> = RefCell::default();
}

/// What happens at a panic: it is told once, when everything has run.
pub fn note_place(info: &PanicHookInfo<'_>) {
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    PLACE.with(|kept| *kept.borrow_mut() = place);
}

fn words_of(why: &(dyn Any + Send)) -> String {
    let words = why.downcast_ref::<String>().map(String::as_str).or_else(|| why.downcast_ref::<&str>().copied());
    format!("{} ({})", words.unwrap_or("a panic without words"), PLACE.with(|place| place.borrow().clone()))
}
