//! A server whose pages all have something to show, and how to sign in to it.

use tandem::{
    domain::{
        change::employee_edit::{Command, HolidayCommand, Request},
        employee::{
            Employee, JobTitle,
            availability::{DayPart, TimeOff},
            holiday::Holiday,
        },
        ids::ProposalId,
        integrity::finding_state::{Start, Trigger},
        schedule::{Options, saved::Saved},
        user::{
            Role, Scope,
            access::{AdminCommand, Digest, Purpose},
        },
    },
    jobs::integrity,
    secret,
    services::{accounts, employees, proposals},
    store::tables::{employees as records, proposals as stored},
};

use super::{
    browser::Browser,
    server::{Server, acceptance_data, origin},
};

/// The password of every user.
pub const PASSWORD: &str = "correct horse battery";

impl Server {
    /// With sign-in: `ada`, an admin, `sam`, a scheduler, and the old application's events.
    pub fn with_users() -> Self {
        let server = Self::with_settings(acceptance_data(), &[("sign_in", "password")]);
        for (name, role) in [("ada", Role::Admin), ("sam", Role::Scheduler)] {
            let (name, password) = (name.parse().unwrap(), Some(secret::hash(PASSWORD).unwrap()));
            server.order(&AdminCommand::AddUser { name, role, password, link: None, email: None });
        }
        server
    }

    /// As [`Self::with_users`], with a change, findings, time off of an employee, a holiday, a token.
    pub fn furnished() -> Self {
        let server = Self::with_users();
        server.reschedule(1019, "2025-10-17");
        server.record_twice();
        server.check();
        let [first, last] = ["2025-10-20", "2025-10-24"].map(|day| day.parse().unwrap());
        let off =
            Command::AddTimeOff(TimeOff { first, last, part: DayPart::WholeDay, note: Some("Family".to_owned()) });
        let request = Request { employee: "103".parse().unwrap(), command: off, seen: None, key: None };
        let store = server.context.store.blocking();
        employees::change(store, &request, &origin("test")).unwrap();
        let closed = Holiday { date: "2025-11-27".parse().unwrap(), name: "Thanksgiving".to_owned() };
        employees::change_holiday(store, &HolidayCommand::Add(closed), None, &origin("test")).unwrap();
        let (digest, label) = (Digest::of("a word"), "Warehouse screen".to_owned());
        server.order(&AdminCommand::MakeToken { digest, label, purpose: Purpose::Calls(Scope::Read), ends_at: None });
        server.propose();
        server
    }

    /// A former employee whose number is written in two ways.
    fn record_twice(&self) {
        let person = |id: &str| {
            let kim = Employee::new(id.parse().unwrap(), "Kim Ray".to_owned(), JobTitle::EventSpecialist);
            Employee { active: false, ..kim }
        };
        let store = self.context.store.blocking();
        store.write(|tx| ["E77", "e77"].iter().try_for_each(|id| records::put(tx, &person(id)))).unwrap();
    }

    /// Stores a proposal of the week under the number 1.
    fn propose(&self) {
        let (store, config) = (self.context.store.blocking(), &self.context.config);
        let options = Options::between("2025-10-15".parse().unwrap(), "2025-10-21".parse().unwrap());
        let made = proposals::make(store, options, config, &origin("test")).unwrap();
        let saved = Saved { id: ProposalId(1), ..made };
        store.write(|tx| stored::put(tx, &saved)).unwrap();
    }

    fn order(&self, order: &AdminCommand) {
        accounts::execute(self.context.store.blocking(), order, None, &origin("test")).unwrap();
    }

    /// Ends every session of a user, as an admin would.
    pub fn end_sessions(&self, name: &str) {
        self.order(&AdminCommand::EndSessions { name: name.parse().unwrap(), session: None, keep: None });
    }

    /// Runs the integrity check.
    pub fn check(&self) {
        let start = Start { trigger: Trigger::Page, who: "test".to_owned(), at: self.context.clock.now(), date: None };
        integrity::run_once(&self.context, &start).unwrap().stored.unwrap();
    }
}

/// Fills in the sign-in form, wherever it is, and goes on from there.
pub fn sign_in(browser: &Browser, name: &str, password: &str) {
    browser.fill("#name", name);
    browser.fill("#password", password);
    browser.leave(|| browser.click("main form button.primary"));
}

/// The furnished server, with an admin signed in to it.
pub fn enter(browser: &Browser) -> Server {
    let server = Server::furnished();
    browser.go(&server.at("/sign-in"));
    sign_in(browser, "ada", PASSWORD);
    server
}
