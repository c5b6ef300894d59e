//! The fields of a change form, and the request they mean.

use rocket::FromForm;

use crate::{
    domain::{
        audit::REASON_CHARS_MAX,
        calendar::{self, Moment},
        change::{ChangeKind, Command, Request},
        event::Event,
        ids::{EmployeeId, EventId, Revision, ScheduleId},
    },
    routes::{
        http::{form_text::Text, params},
        pages::typed_date,
    },
    views::{calendar::day_page::DayPage, components::alert::FieldError, urls},
};

/// The fields of all change forms. Missing fields are empty.
#[derive(Clone, Debug, FromForm)]
pub struct Fields {
    pub from: Text,
    revision: Text,
    /// The revision that the page showed from which a link opened the form.
    seen: Text,
    key: Text,
    /// The CORE from whose card a Supervisor's form was opened.
    core: Text,
    /// Which of a CORE's Supervisors.
    supervisor: Text,
    /// Only preview the change.
    check: Text,
    date: Text,
    time: Text,
    employee: Text,
    other: Text,
    /// Another employee for the Supervisor that follows.
    supervisor_employee: Text,
    override_reason: Text,
    /// The findings that the form showed.
    shown: Option<String>,
    confirm_other_date: Text,
}

/// The values of a change form, as entered or proposed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormValues {
    pub date: String,
    pub time: String,
    pub employee: String,
    /// Another employee for the Supervisor that follows.
    pub supervisor_employee: String,
    /// The schedule to trade with, and the revision of its event that the form showed: `2003.7`.
    pub other: String,
    pub override_reason: String,
    pub confirm_other_date: bool,
}

impl FormValues {
    /// The same, with the date and time of `proposed` where there are none.
    #[must_use]
    pub fn completed(self, proposed: Self) -> Self {
        let given = |own: String, proposed| if own.is_empty() { proposed } else { own };
        Self { date: given(self.date, proposed.date), time: given(self.time, proposed.time), ..self }
    }

    /// The address of a form that opens with these values.
    pub fn address(&self, event: EventId, change_kind: ChangeKind, from: &DayPage, core: Option<EventId>) -> String {
        let (from, core) = (from.to_string(), core.map(|core| core.to_string()).unwrap_or_default());
        let fields = [
            ("from", from.as_str()),
            ("core", &core),
            ("date", &self.date),
            ("time", &self.time),
            ("employee", &self.employee),
            ("supervisor_employee", &self.supervisor_employee),
            ("confirm_other_date", if self.confirm_other_date { "true" } else { "" }),
        ];
        urls::form_filled(event, change_kind, &fields)
    }
}

impl Fields {
    /// The values to show if the form is rendered again.
    pub fn typed(&self) -> FormValues {
        FormValues {
            date: self.date.0.clone(),
            time: self.time.0.clone(),
            employee: self.employee.0.clone(),
            supervisor_employee: self.supervisor_employee.0.clone(),
            other: self.other.0.clone(),
            override_reason: self.override_reason.0.clone(),
            confirm_other_date: self.confirm_other_date == "true",
        }
    }

    /// Tells if only the day was sent, as when a form is first opened.
    pub fn is_blank(&self) -> bool {
        [&self.date, &self.time, &self.employee, &self.other, &self.revision].into_iter().all(|text| text.is_empty())
    }

    /// Tells if the form is opened by a link, not sent again.
    pub fn is_link(&self) -> bool {
        self.revision.is_empty()
    }

    /// The revision that the page showed, if the event has changed since.
    pub fn stale(&self, event: &Event) -> Option<Revision> {
        self.seen.parse().ok().map(Revision).filter(|seen| self.is_link() && *seen != event.revision)
    }

    /// The page that the form was opened from.
    pub fn day(&self) -> Option<DayPage> {
        params::day_page(&self.from)
    }

    pub fn core(&self) -> Option<EventId> {
        self.core.parse().ok()
    }

    pub fn supervisor(&self) -> Option<EventId> {
        self.supervisor.parse().ok()
    }

    pub fn checks_only(&self) -> bool {
        self.check == "true"
    }

    /// The same, opened from the card of a CORE.
    #[must_use]
    pub fn opened_from(self, core: EventId) -> Self {
        Self { core: Text(core.to_string()), ..self }
    }

    /// The request that the fields mean, with the revision that the form showed; or every field that cannot be used.
    pub fn request(&self, change_kind: ChangeKind, event: &Event) -> Result<Request, Vec<FieldError>> {
        let request = request(change_kind, event, &self.typed());
        let seen = self.revision.parse().map(Revision);
        let shown = self.shown.as_ref().and_then(|shown| shown.parse().ok());
        let incomplete = || error("", "The form is incomplete. Open it again.".to_owned());
        match (request, seen) {
            (Ok(request), Ok(seen)) => Ok(Request { seen: Some(seen), shown, key: self.key.parse().ok(), ..request }),
            (Err(errors), Ok(_)) => Err(errors),
            (Ok(_), Err(_)) => Err(vec![incomplete()]),
            (Err(errors), Err(_)) => Err(errors.into_iter().chain([incomplete()]).collect()),
        }
    }
}

/// The request that the values mean, or every field that cannot be used, each with what is allowed.
pub fn request(change_kind: ChangeKind, event: &Event, typed: &FormValues) -> Result<Request, Vec<FieldError>> {
    let mut errors = Vec::new();
    let command = command(change_kind, event, typed, &mut errors);
    let supervisor_employee = match typed.supervisor_employee.trim() {
        "" => None,
        text => employee("supervisor_employee", text, &mut errors),
    };
    let reason = typed.override_reason.trim();
    errors.extend(reason_error(reason));
    match command {
        Some(command) if errors.is_empty() => Ok(Request {
            command,
            seen: None,
            override_reason: (!reason.is_empty()).then(|| reason.to_owned()),
            shown: None,
            supervisor_employee,
            confirm_other_date: typed.confirm_other_date,
            key: None,
        }),
        _ => Err(errors),
    }
}

/// The error of an override reason that is too long.
pub fn reason_error(reason: &str) -> Option<FieldError> {
    let message = || format!("A reason has at most {REASON_CHARS_MAX} characters.");
    (reason.chars().count() > REASON_CHARS_MAX).then(|| error("override_reason", message()))
}

fn command(
    change_kind: ChangeKind,
    event: &Event,
    typed: &FormValues,
    errors: &mut Vec<FieldError>,
) -> Option<Command> {
    match change_kind {
        ChangeKind::Schedule => match (moment(event, typed, errors), employee("employee", &typed.employee, errors)) {
            (Some(Moment::At(start)), Some(employee)) => Some(Command::Schedule { employee, start }),
            _ => None,
        },
        ChangeKind::Reschedule => {
            let to = moment(event, typed, errors);
            let employee = if typed.employee.is_empty() { None } else { employee("employee", &typed.employee, errors) };
            to.map(|to| Command::Reschedule { to, employee })
        }
        ChangeKind::Unschedule => Some(Command::Unschedule),
        ChangeKind::ChangeEmployee => {
            employee("employee", &typed.employee, errors).map(|employee| Command::ChangeEmployee { employee })
        }
        ChangeKind::Trade => other(typed, errors).map(|(with, seen)| Command::Trade { with, seen: Some(seen) }),
    }
}

/// The date, with its time where one is given; an unscheduled event has no time that it could keep.
fn moment(event: &Event, typed: &FormValues, errors: &mut Vec<FieldError>) -> Option<Moment> {
    let date = typed_date(&typed.date, "Choose a date.");
    let time = match typed.time.trim() {
        "" if event.schedule.is_some() => Ok(None),
        "" => Err("Choose a start time.".to_owned()),
        text => calendar::parse_time(text).map(Some).map_err(|error| format!("{error}.")),
    };
    match (date, time) {
        (Ok(date), Ok(Some(time))) => Some(Moment::At(date.and_time(time))),
        (Ok(date), Ok(None)) => Some(Moment::Day(date)),
        (date, time) => {
            errors.extend(date.err().map(|message| error("date", message)));
            errors.extend(time.err().map(|message| error("time", message)));
            None
        }
    }
}

fn employee(name: &'static str, text: &str, errors: &mut Vec<FieldError>) -> Option<EmployeeId> {
    let parsed = match text.trim() {
        "" => Err("Choose an employee.".to_owned()),
        text => text.parse().map_err(|_| "Choose an employee from the list.".to_owned()),
    };
    parsed.map_err(|message| errors.push(error(name, message))).ok()
}

fn other(typed: &FormValues, errors: &mut Vec<FieldError>) -> Option<(ScheduleId, Revision)> {
    let parsed = match typed.other.trim() {
        "" => Err("Choose an event to swap with."),
        text => text
            .split_once('.')
            .and_then(|(with, seen)| with.parse().ok().zip(seen.parse().ok().map(Revision)))
            .ok_or("Choose an event from the list."),
    };
    parsed.map_err(|message| errors.push(error("other", message.to_owned()))).ok()
}

fn error(name: &'static str, message: String) -> FieldError {
    FieldError { name: name.into(), message }
}
