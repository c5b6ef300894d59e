//! Bulk forms: several events with proposals, checked while they are filled in, and saved as one change.

pub mod reassign;
pub mod repair;
mod rows;
pub mod schedule;

use std::collections::HashMap;

use rocket::{FromForm, Request, Responder, Route, http::Status, response, routes};

use crate::{
    context::Context,
    domain::{
        audit::{About, Action, Origin},
        change::{
            bulk::{Absence, EVENTS_MAX, Plan},
            rejection::Rejection,
        },
        ids::EventId,
    },
    routes::{
        http::{error::Failure, form_text::Text},
        pages::{
            bulk::rows::{Input, Sheet},
            changes::{
                change_response::{self, Done},
                form_fields,
            },
        },
        render::{Reply, flash, reply},
    },
    services::{bulk, change::ChangeError, replacements},
    store::{ReadTx, Store, StoreError, tables::employees},
    views::{
        FormKeys, Page, bulk as form,
        bulk::{Kind, PlanView},
        calendar::day_page::DayPage,
        components::alert::{FieldError, Problem},
    },
};

pub fn schedule_routes() -> Vec<Route> {
    routes![schedule::open, schedule::open_supervisors, schedule::submit]
}

pub fn reassign_routes() -> Vec<Route> {
    routes![reassign::open, reassign::submit]
}

pub fn repair_routes() -> Vec<Route> {
    routes![repair::open, repair::submit]
}

/// The address of one finding.
pub fn finding_routes() -> Vec<Route> {
    routes![repair::locate]
}

#[derive(Clone, Debug, FromForm)]
pub struct Fields {
    key: Text,
    pub back: Text,
    /// `supervisors` where the form is about all open ones.
    pub set: Text,
    /// The employee who is out, where a day is reassigned.
    pub employee: Text,
    /// The findings that are repaired: those of a check, of an event, of an import.
    pub check_slug: Text,
    pub event: Text,
    pub import: Text,
    /// The last day on which they are out.
    pub last: Text,
    /// Record these days as time off.
    pub time_off: Text,
    /// Only preview the change.
    check: Text,
    /// The event whose row was changed last.
    changed: Text,
    /// The employee for rows without one.
    give: Text,
    override_reason: Text,
    /// The findings for which the form asked a reason.
    shown: Option<String>,
    #[field(name = "row")]
    rows: HashMap<u64, rows::Fields>,
}

/// The kind, texts and addresses of a bulk form.
#[derive(Clone, Debug)]
pub struct Frame {
    pub kind: Kind,
    pub action: Action,
    pub title: String,
    pub lead: String,
    /// The address that the form is sent to.
    pub address: String,
    /// The page that the form returns to.
    pub home: DayPage,
    pub carried: Vec<(&'static str, String)>,
    pub about: Option<About>,
    /// Time off that is recorded with the change.
    pub absence: Option<Absence>,
}

/// The form with a proposal in each row.
pub fn open(
    tx: &dyn ReadTx,
    frame: &Frame,
    events: &[EventId],
    keys: &FormKeys,
    context: &Context,
) -> Result<PlanView, StoreError> {
    let problem = (events.len() > EVENTS_MAX).then(|| Problem::Other {
        sentence: format!(
            "At most {EVENTS_MAX} events can be changed at once. These are the first; repeat for the rest."
        ),
    });
    let sheets = Sheets { frame, keys, context, override_reason: "" };
    let mut inputs = rows::fresh(tx, &events[..events.len().min(EVENTS_MAX)], &sheets.sheet())?;
    if frame.kind == Kind::Reassign {
        rows::give(&mut inputs, &replacements::fewest(tx, events, &context.config.policy)?);
    }
    rows::sort(tx, &mut inputs)?;
    sheets.draw(tx, &inputs, problem)
}

#[derive(Debug, Responder)]
pub enum Answer {
    Done(Done),
    Repaired(flash::FlashRedirect),
    Checked(Checked),
    /// The form again, with the entered values and the errors.
    Again(Reply),
}

/// The form as it would be done: pieces of it to htmx, the whole page otherwise.
#[derive(Debug)]
pub struct Checked {
    page: Page,
    pieces: String,
}

impl<'r> response::Responder<'r, 'static> for Checked {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        if reply::wants_fragment(request) {
            return reply::html(Status::Ok, self.pieces).ok();
        }
        Reply::page(self.page).respond_to(request)
    }
}

/// Checks a form, or carries it out, or brings it back.
pub fn answer(
    store: &Store,
    frame: &Frame,
    fields: Fields,
    keys: &FormKeys,
    context: &Context,
    origin: &Origin,
) -> Result<Answer, Failure> {
    let give = if fields.check == form::GIVE { fields.give.trim() } else { "" };
    let sheets = Sheets { frame, keys, context, override_reason: &fields.override_reason };
    let inputs = store.read(|tx| {
        let mut inputs = rows::sent(tx, fields.rows, give, &sheets.sheet())?;
        rows::sort(tx, &mut inputs)?;
        Ok::<_, StoreError>(inputs)
    })?;
    if !fields.check.is_empty() {
        let mut view = store.read(|tx| sheets.draw(tx, &inputs, None))?;
        view.asks_reason = !view.shown.is_empty() && fields.override_reason.trim().is_empty();
        let pieces = form::pieces(&view, fields.changed.parse().ok()).into_string();
        return Ok(Answer::Checked(Checked { page: form::page(&view), pieces }));
    }
    let rerender = |status: Status, problem: Problem| {
        let view = store.read(|tx| sheets.draw(tx, &inputs, Some(problem)))?;
        Ok(Answer::Again(Reply::page(form::page(&view)).status(status)))
    };
    let plan = match sheets.plan(&inputs) {
        Ok(plan) => {
            let shown = fields.shown.and_then(|shown| shown.parse().ok());
            Plan { shown, key: fields.key.parse().ok(), ..plan }
        }
        Err(errors) => return rerender(Status::UnprocessableEntity, Problem::Fields(errors)),
    };
    match bulk::make(store, &plan, &context.config.policy, origin) {
        Ok(made) if frame.kind == Kind::Repair => Ok(Answer::Repaired(repair::done(&made, context, origin))),
        Ok(made) => Ok(Answer::Done(store.read(|tx| change_response::several(tx, &made, &frame.home, context, keys))?)),
        Err(failed @ ChangeError::Store(_)) => Err(failed.into()),
        Err(ChangeError::Rejected(rejection)) => {
            let status = Failure::Rejected(rejection.clone()).status();
            rerender(status, problem(rejection))
        }
    }
}

/// The problem of a rejected plan. Conflicts link to the rows of their events.
pub fn problem(rejection: Rejection) -> Problem {
    match rejection {
        Rejection::Several(refusals) => {
            Problem::Several(refusals.iter().map(|one| (format!("row-{}", one.event), one.sentence())).collect())
        }
        other => Problem::Other { sentence: other.reason() },
    }
}

/// The context of a bulk form.
struct Sheets<'a> {
    frame: &'a Frame,
    keys: &'a FormKeys,
    context: &'a Context,
    override_reason: &'a str,
}

impl Sheets<'_> {
    fn sheet(&self) -> Sheet<'_> {
        let (kind, config, today) = (self.frame.kind, &self.context.config, self.context.today());
        Sheet { kind, config, today, override_reason: self.override_reason }
    }

    fn draw(&self, tx: &dyn ReadTx, inputs: &[Input], problem: Option<Problem>) -> Result<PlanView, StoreError> {
        let frame = self.frame;
        let (rows, shown) = rows::draw(tx, inputs, &self.sheet())?;
        let out = frame.about.as_ref().map(|about| about.id.as_str());
        let mut all_employees = employees::active_names(tx)?;
        all_employees.retain(|(id, _)| Some(id.as_str()) != out);
        Ok(PlanView {
            kind: frame.kind,
            title: frame.title.clone(),
            lead: frame.lead.clone(),
            action: frame.address.clone(),
            back: frame.home.address(),
            carried: frame.carried.clone(),
            keys: self.keys.clone(),
            rows,
            all_employees,
            override_reason: self.override_reason.to_owned(),
            shown,
            asks_reason: false,
            problem,
        })
    }

    /// The plan that the rows ask for.
    fn plan(&self, inputs: &[Input]) -> Result<Plan, Vec<FieldError>> {
        let (mut items, mut errors) = (Vec::new(), Vec::new());
        for input in inputs.iter().filter(|input| input.typed.taken) {
            match rows::item(self.frame.kind, input) {
                Ok(item) => items.push(item),
                Err(wrong) => errors.extend(wrong),
            }
        }
        let reason = self.override_reason.trim();
        errors.extend(form_fields::reason_error(reason));
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Plan {
            override_reason: (!reason.is_empty()).then(|| reason.to_owned()),
            about: self.frame.about.clone(),
            absence: self.frame.absence.clone(),
            ..Plan::plain(self.frame.action, items)
        })
    }
}
