//! Reassigns all events of an employee on a day, or on several, in one change.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rocket::{FromForm, get, http::Status, post};

use crate::{
    context::Context,
    domain::{
        audit::{About, Action, Topic},
        change::bulk::{ABSENCE_DAYS_MAX, Absence},
        employee::{
            Employee,
            availability::{DayPart, TimeOff},
        },
        ids::{EmployeeId, EventId},
    },
    routes::{
        auth::{Posted, Scheduler},
        http::{error::Failure, form_text::Text, params::DateParam},
        pages::{
            bulk::{self, Answer, Fields, Frame},
            typed_date,
        },
        render::Reply,
    },
    store::{
        ReadTx, StoreError,
        queries::held::taking_place,
        tables::{employees, events},
    },
    views::{
        FormKeys, bulk as form,
        bulk::{
            Kind,
            reassign::{self, Held, WhoForm},
        },
        calendar::day_page::DayPage,
        urls,
    },
};

#[derive(Clone, Debug, Default, FromForm)]
pub struct Query {
    employee: Text,
    /// Another first day than that of the address.
    first: Text,
    last: Text,
    time_off: Text,
}

/// An employee who is out from one day to another.
struct Out {
    who: Employee,
    first: NaiveDate,
    last: NaiveDate,
    /// Record the days as time off.
    recorded: bool,
}

impl Query {
    /// The first and the last day, or why they cannot be used. Without any it is `date`.
    fn days(&self, date: NaiveDate) -> Result<(NaiveDate, NaiveDate), String> {
        let day = |text: &str, default| if text.trim().is_empty() { Ok(default) } else { typed_date(text, "") };
        let first = day(&self.first, date)?;
        let last = day(&self.last, first)?;
        match (last - first).num_days() {
            ..0 => Err("The last day is before the first.".to_owned()),
            ABSENCE_DAYS_MAX.. => Err(format!("At most {ABSENCE_DAYS_MAX} days can be reassigned at once.")),
            _ => Ok((first, last)),
        }
    }

    /// None if no employee was chosen.
    fn out(&self, tx: &dyn ReadTx, date: NaiveDate) -> Result<Result<Option<Out>, String>, StoreError> {
        let (first, last) = match self.days(date) {
            Ok(days) => days,
            Err(problem) => return Ok(Err(problem)),
        };
        let employee = self.employee.trim();
        if employee.is_empty() {
            return Ok(Ok(None));
        }
        let who = employee.parse::<EmployeeId>().ok().map(|id| employees::get_named(tx, &id)).transpose()?.flatten();
        let out = |who| Out { who, first, last, recorded: self.time_off == "true" };
        Ok(who.map(|who| Some(out(who))).ok_or_else(|| format!("There is no employee {employee}.")))
    }
}

/// `GET /days/<date>/reassign?employee=<id>&first=<date>&last=<date>&time_off=true`: the employee's events on these days, with a proposal
/// for each. Without an employee, a form that asks who is out and until when.
#[get("/days/<date>/reassign?<query..>")]
pub async fn open(
    date: Result<DateParam, Failure>,
    query: Query,
    _scheduler: Scheduler,
    keys: FormKeys,
    context: &Context,
) -> Result<Reply, Failure> {
    let DateParam(date) = date?;
    let read = move |tx: &dyn ReadTx, context: &Context| {
        let problem = match query.out(tx, date)? {
            Ok(Some(out)) => {
                let held = taking_place(tx, &out.who.id, out.first, out.last)?;
                let held: Vec<EventId> = held.iter().map(|event| event.id).collect();
                return Ok((form::page(&bulk::open(tx, &frame(&out), &held, &keys, context)?), Status::Ok));
            }
            Ok(None) => None,
            Err(problem) => Some(problem),
        };
        let status = if problem.is_some() { Status::UnprocessableEntity } else { Status::Ok };
        let Query { employee: Text(employee), first: Text(first), last: Text(last), time_off } = query;
        let form =
            WhoForm { date, first, last, employee, time_off: time_off == "true", people: people(tx, date)?, problem };
        Ok::<_, StoreError>((reassign::page(&form), status))
    };
    let (page, status) = context.run(move |store, context| store.read(|tx| read(tx, context))).await?;
    Ok(Reply::page(page).status(status))
}

#[post("/days/<date>/reassign", data = "<fields>")]
pub async fn submit(
    date: Result<DateParam, Failure>,
    scheduler: Scheduler,
    fields: Posted<Fields>,
    keys: FormKeys,
    context: &Context,
) -> Result<Answer, Failure> {
    let origin = scheduler.origin(fields.proof(), context);
    let (DateParam(date), fields) = (date?, fields.0);
    let query = Query {
        employee: fields.employee.clone(),
        last: fields.last.clone(),
        time_off: fields.time_off.clone(),
        ..Query::default()
    };
    context
        .run(move |store, context| {
            let out = store.read(|tx| query.out(tx, date))?.map_err(Failure::Malformed)?;
            let out =
                out.ok_or_else(|| Failure::Malformed("The form does not say who is out. Open it again.".into()))?;
            bulk::answer(store, &frame(&out), fields, &keys, context, &origin)
        })
        .await
}

/// The active employees: first those with events that day, each by name.
fn people(tx: &dyn ReadTx, date: NaiveDate) -> Result<Vec<Held>, StoreError> {
    let mut events: BTreeMap<EmployeeId, usize> = BTreeMap::new();
    for now in events::scheduled_on(tx, date)?.into_iter().filter_map(|event| event.schedule) {
        *events.entry(now.employee).or_default() += 1;
    }
    let all = employees::all_named(tx)?;
    let held = |one: &Employee| Held {
        id: one.id.to_string(),
        name: one.name.clone(),
        events: events.get(&one.id).copied().unwrap_or(0),
    };
    let shown = |one: &&Employee| one.active || events.contains_key(&one.id);
    let mut people: Vec<_> = all.iter().filter(shown).map(held).collect();
    people.sort_by(|a, b| (a.events == 0, &a.name).cmp(&(b.events == 0, &b.name)));
    Ok(people)
}

fn frame(out: &Out) -> Frame {
    let Out { who, first, last, recorded } = out;
    let off = TimeOff { first: *first, last: *last, part: DayPart::WholeDay, note: None };
    let is_off = who.time_off.iter().any(|one| one.part == off.part && one.first <= *first && *last <= one.last);
    let recorded = *recorded && !is_off;
    let mut carried = vec![("employee", who.id.to_string()), ("last", last.to_string())];
    carried.extend(recorded.then(|| ("time_off", "true".to_owned())));
    let and = if recorded { format!(" Time off {} is recorded with them.", off.words()) } else { String::new() };
    Frame {
        kind: Kind::Reassign,
        action: Action::ReassignDay,
        title: format!("{} is out {}", who.name, off.words()),
        lead: format!(
            "Suggested replacements for {}. Times stay the same. Selected items are saved together.{and}",
            who.name
        ),
        address: urls::reassign(*first),
        home: DayPage::whole(*first),
        carried,
        about: Some(About { topic: Topic::Employee, id: who.id.to_string() }),
        absence: recorded.then(|| Absence { employee: who.id.clone(), off }),
    }
}
