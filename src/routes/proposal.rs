//! What a form proposes and previews: the same decision as the change itself, written nowhere.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::typed::{self, Fields};
use crate::{
    config::Config,
    domain::{
        change::{Change, Request, Warning},
        event::{Event, EventType, Schedule},
        people,
        rejection::Rejection,
        rules::Finding,
        scene::Scene,
        words,
    },
    store::{
        StoreError, View,
        change::{self, ChangeError},
        days::{self, Show},
        events,
        scene::{self, Target},
    },
    views::{
        FormKeys,
        address::Deed,
        form::{FormView, Move, Person, Typed},
        note::Problem,
    },
};

/// When a Supervisor starts whose CORE is not scheduled, unless somebody says otherwise.
const SUPERVISOR_ALONE: (u32, u32) = (12, 0);

/// What a form is made in.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    pub config: &'a Config,
    pub today: NaiveDate,
    pub keys: &'a FormKeys,
}

/// The form for `event`, with what was typed, or with a proposal where nothing was.
pub fn form(
    view: &dyn View,
    event: Event,
    deed: Deed,
    fields: &Fields,
    problem: Option<Problem>,
    setting: &Setting<'_>,
) -> Result<FormView, StoreError> {
    let Setting { config, today, keys } = *setting;
    let home = event.date().or(event.due.map(|due| due.date)).unwrap_or(today);
    let from = fields.day().unwrap_or(home);
    let mut typed = if fields.is_blank() { propose(view, &event, deed, from, config)? } else { fields.typed() };
    let date = typed.date.parse().unwrap_or(from);
    let scene = scene::load_around(view, event.clone(), date)?;
    let start = typed::request(deed, &event, &typed).ok().and_then(|request| request.command.start_for(&event));
    let people = people(&scene, start.unwrap_or_else(|| date.and_time(start_time(&typed, &event))), deed);
    if fields.is_blank() && deed == Deed::Schedule {
        typed.employee = people.iter().find(|person| person.may).map(|person| person.id.clone()).unwrap_or_default();
    }
    let (moves, warnings) = preview(view, &scene, deed, &typed, config)?;
    let warnings = if matches!(problem, Some(Problem::Refused { .. })) { Vec::new() } else { warnings };
    let card = days::cards(view, vec![event], Show { pairing: config.policy.pairing, undo: None })?.into_iter().next();
    let card = card.ok_or_else(|| StoreError::CutOff("a card was lost".to_owned()))?;
    Ok(FormView { deed, card, from, keys: keys.clone(), typed, people, moves, warnings, problem })
}

fn start_time(typed: &Typed, event: &Event) -> NaiveTime {
    typed.time.parse().ok().or(event.start().map(|start| start.time())).unwrap_or_default()
}

fn propose(view: &dyn View, event: &Event, deed: Deed, from: NaiveDate, config: &Config) -> Result<Typed, StoreError> {
    let start = match deed {
        Deed::Schedule => usual_start(view, event, from, config)?,
        Deed::Reschedule | Deed::Unschedule | Deed::ChangeEmployee => event.start().unwrap_or_default(),
    };
    Ok(Typed { date: start.date().to_string(), time: start.format("%H:%M").to_string(), ..Typed::default() })
}

/// With its CORE, for a Supervisor; else at the type's usual time that is taken least that day.
fn usual_start(view: &dyn View, event: &Event, from: NaiveDate, config: &Config) -> Result<NaiveDateTime, StoreError> {
    if event.event_type == EventType::Supervisor
        && let Some(number) = event.number
    {
        let same_number = events::same_number(view, &event.location, number)?;
        let core = crate::domain::pairing::Pair::among(&same_number).leader_of(event).and_then(Event::start);
        if let Some(core) = core.filter(|_| config.policy.pairing) {
            return Ok(config.policy.supervisor_start(core));
        }
    }
    let date = event.first_day.map_or(from, |first| first.max(from));
    let that_day = events::scheduled_between(view, date, date)?;
    let taken = |time: &NaiveTime| {
        let same = |other: &&Event| {
            other.event_type == event.event_type && other.start().is_some_and(|start| start.time() == *time)
        };
        that_day.iter().filter(same).count()
    };
    let (hour, minute) = SUPERVISOR_ALONE;
    let alone = NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default();
    let time = config.usual.of(event.event_type).iter().min_by_key(|time| taken(time)).copied().unwrap_or(alone);
    Ok(date.and_time(time))
}

/// Everybody but, where it would change nothing, the one who has it now.
fn people(scene: &Scene, start: NaiveDateTime, deed: Deed) -> Vec<Person> {
    let holder = scene.subject.schedule.as_ref().map(|now| &now.employee).filter(|_| deed != Deed::Schedule);
    people::candidates(scene, &scene.subject, start, &[])
        .into_iter()
        .filter(|one| Some(&one.employee.id) != holder)
        .map(|one| Person {
            id: one.employee.id.to_string(),
            name: one.employee.name.clone(),
            may: one.may(),
            remark: remark(&one),
        })
        .collect()
}

/// The first thing a rule says, short enough for a list; else the title, and how busy the day is.
fn remark(one: &people::Candidate<'_>) -> String {
    let (name, title) = (&one.employee.name, one.employee.title.label());
    match one.findings.first() {
        Some(finding) => {
            let said = finding.message.strip_prefix(name.as_str()).unwrap_or(&finding.message);
            said.split(';').next().unwrap_or(said).trim().trim_end_matches('.').to_owned()
        }
        None if one.load == 0 => title.to_owned(),
        None => format!("{title}, {} that day", words::count(one.load as u64, "event")),
    }
}

/// What would move, and what there is to say about it.
fn preview(
    view: &dyn View,
    scene: &Scene,
    deed: Deed,
    typed: &Typed,
    config: &Config,
) -> Result<(Vec<Move>, Vec<Warning>), StoreError> {
    let Ok(request) = typed::request(deed, &scene.subject, typed) else {
        return Ok((as_it_is(scene, deed, config), Vec::new()));
    };
    let request = Request { confirm_other_date: true, ..request };
    match change::preview(view, Target::Event(scene.subject.id), &request, &config.policy) {
        Ok((_, change)) if change.edits.is_empty() => Ok((as_it_is(scene, deed, config), Vec::new())),
        Ok((_, change)) => Ok((moves(&change, scene), change.warnings)),
        Err(ChangeError::Rejected(rejection)) => Ok((as_it_is(scene, deed, config), refusals(rejection))),
        Err(ChangeError::Store(error)) => Err(error),
    }
}

fn refusals(rejection: Rejection) -> Vec<Warning> {
    match rejection {
        Rejection::Refused { findings, .. } => {
            findings.into_iter().map(|finding| Warning::Rule(needs_reason(finding))).collect()
        }
        _ => Vec::new(),
    }
}

fn needs_reason(finding: Finding) -> Finding {
    let message = if finding.refuses { format!("{} This needs a reason.", finding.message) } else { finding.message };
    Finding { message, ..finding }
}

fn moves(change: &Change, scene: &Scene) -> Vec<Move> {
    change.edits.iter().map(|edit| as_move(&edit.before, Some(&edit.after), scene)).collect()
}

/// The event and what would follow it, before anything is chosen.
fn as_it_is(scene: &Scene, deed: Deed, config: &Config) -> Vec<Move> {
    let subject = &scene.subject;
    let pair = scene.pair();
    let takes_along = config.policy.pairing && deed != Deed::ChangeEmployee;
    let followers = if takes_along { pair.followers_of(subject.id) } else { Vec::new() };
    let followers = followers.into_iter().filter(|event| event.condition() == subject.condition());
    std::iter::once(subject).chain(followers).map(|event| as_move(event, None, scene)).collect()
}

/// Who has it is said where that changes.
fn as_move(before: &Event, after: Option<&Event>, scene: &Scene) -> Move {
    let near = before.date().or(after.and_then(Event::date)).or(before.due.map(|due| due.date)).unwrap_or_default();
    let holder = |event: &Event| event.schedule.as_ref().map(|now| now.employee.clone());
    let stays = after.is_some_and(|after| holder(after) == holder(before));
    let say = |schedule: Option<&Schedule>| match schedule {
        None => "unscheduled".to_owned(),
        Some(now) if stays => words::moment_near(now.start, near),
        Some(now) => {
            let name = scene.employees.get(&now.employee).map_or(now.employee.as_str(), |employee| &employee.name);
            format!("{}, {name}", words::moment_near(now.start, near))
        }
    };
    Move {
        event_type: before.event_type,
        name: before.name.clone(),
        before: say(before.schedule.as_ref()),
        after: after.map(|after| say(after.schedule.as_ref())),
    }
}
