//! The proposal and the preview of a form: the same decision as the change itself, without a write.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use crate::{
    config::Config,
    context::Context,
    domain::{
        change::{
            Change, ChangeKind, Request, Warning, context::DecisionContext, decide::decide, rejection::Rejection,
        },
        event::{Event, EventType, Schedule},
        format,
        rules::Finding,
    },
    routes::pages::changes::{
        form_fields::{self, Fields, FormValues},
        options::{self, Filled},
        pair,
    },
    services::{
        change::{self, ChangeError},
        decision_context::{self, Target},
    },
    store::{
        ReadTx, StoreError,
        tables::{
            days::{self, Show},
            events,
        },
    },
    views::{
        FormKeys,
        calendar::day_page::DayPage,
        changes::{FormView, Move, Preview},
        components::alert::Problem,
    },
};

/// The proposed start of a Supervisor whose CORE is unscheduled: hour and minute.
const SUPERVISOR_ALONE: (u32, u32) = (12, 0);

/// The context of a form.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    pub config: &'a Config,
    pub today: NaiveDate,
    pub keys: &'a FormKeys,
}

impl<'a> Setting<'a> {
    pub fn of(context: &'a Context, keys: &'a FormKeys) -> Self {
        let config = &context.config;
        Self { config, today: context.clock.today(config.zone), keys }
    }
}

/// The form for `event`, with the entered values or a proposal.
pub fn form(
    tx: &dyn ReadTx,
    event: Event,
    change_kind: ChangeKind,
    fields: &Fields,
    problem: Option<Problem>,
    setting: &Setting<'_>,
) -> Result<FormView, StoreError> {
    let Setting { config, today, keys } = *setting;
    let home = event.date().or(event.due.map(|due| due.date)).unwrap_or(today);
    let from = fields.day().unwrap_or_else(|| DayPage::whole(home));
    let mut typed =
        if fields.is_blank() { propose(tx, &event, change_kind, from.date, config)? } else { fields.typed() };
    let date = typed.date.parse().unwrap_or(home);
    let scene = decision_context::load_around(tx, event.clone(), date, &config.policy)?;
    let start =
        form_fields::request(change_kind, &event, &typed).ok().and_then(|request| request.command.start_for(&event));
    let people =
        options::people(&scene, start.unwrap_or_else(|| date.and_time(start_time(&typed, &event))), change_kind);
    if fields.is_blank() && change_kind == ChangeKind::Schedule {
        typed.employee = people.iter().find(|person| person.may).map(|person| person.id.clone()).unwrap_or_default();
    }
    let offers = if change_kind == ChangeKind::Trade {
        options::trades(tx, &event, &typed, &config.policy)?
    } else {
        Vec::new()
    };
    let core = pair::core(tx, &event, fields.core())?;
    let filled =
        Filled { event: event.id, change_kind, typed: &typed, from: &from, core: core.as_ref().map(|core| core.id) };
    let preview = preview(tx, &scene, filled, config)?;
    let preview = if matches!(problem, Some(Problem::Refused { .. })) { without_notes(preview) } else { preview };
    let problem = problem.or_else(|| misfit(change_kind, &event));
    let pair = core.as_ref().filter(|_| change_kind != ChangeKind::Unschedule);
    let pair = pair.map(|core| pair::frame(tx, core, event.id, &from)).transpose()?;
    let card = days::cards(tx, vec![event], Show { pairing: config.policy.pairing, undo: None })?.into_iter().next();
    let card = card.ok_or_else(|| StoreError::CutOff("a card was lost".to_owned()))?;
    let core = core.map(|core| core.id);
    let instead = (!change_kind.fits(&card.event)).then(|| {
        let fitting = if card.event.schedule.is_some() { ChangeKind::Reschedule } else { ChangeKind::Schedule };
        (fitting, typed.address(card.event.id, fitting, &from, core))
    });
    let FormValues { date, time, employee, other: _, override_reason, confirm_other_date } = typed;
    Ok(FormView {
        change_kind,
        card,
        from,
        core,
        pair,
        keys: keys.clone(),
        date,
        time,
        employee,
        override_reason,
        confirm_other_date,
        instead,
        people,
        offers,
        preview,
        problem,
    })
}

/// The note above says what the preview would say.
fn without_notes(preview: Preview) -> Preview {
    Preview { warnings: Vec::new(), alternatives: Vec::new(), ..preview }
}

/// The problem of a form that does not fit the current condition of the event.
fn misfit(change_kind: ChangeKind, event: &Event) -> Option<Problem> {
    let event_as_it_is = || Box::new(event.clone());
    let rejection = match change_kind {
        _ if change_kind.fits(event) => return None,
        ChangeKind::Schedule => Rejection::AlreadyScheduled(event_as_it_is()),
        ChangeKind::Trade => Rejection::NotTradable(event_as_it_is()),
        ChangeKind::Reschedule | ChangeKind::Unschedule | ChangeKind::ChangeEmployee => {
            Rejection::NotScheduled(event_as_it_is())
        }
    };
    Some(Problem::Other { sentence: rejection.reason() })
}

fn start_time(typed: &FormValues, event: &Event) -> NaiveTime {
    typed.time.parse().ok().or(event.start().map(|start| start.time())).unwrap_or_default()
}

fn propose(
    tx: &dyn ReadTx,
    event: &Event,
    change_kind: ChangeKind,
    from: NaiveDate,
    config: &Config,
) -> Result<FormValues, StoreError> {
    let start = match change_kind {
        ChangeKind::Schedule => usual_start(tx, event, from, config)?,
        ChangeKind::Reschedule | ChangeKind::Unschedule | ChangeKind::ChangeEmployee | ChangeKind::Trade => {
            event.start().unwrap_or_default()
        }
    };
    Ok(FormValues { date: start.date().to_string(), time: start.format("%H:%M").to_string(), ..FormValues::default() })
}

/// With its CORE, for a Supervisor; else at the type's usual time that is taken least that day.
pub(crate) fn usual_start(
    tx: &dyn ReadTx,
    event: &Event,
    from: NaiveDate,
    config: &Config,
) -> Result<NaiveDateTime, StoreError> {
    if event.event_type == EventType::Supervisor
        && let Some(number) = event.number
    {
        let same_number = events::same_number(tx, &event.location, number)?;
        let core = crate::domain::event::pairing::Pair::among(&same_number).leader_of(event).and_then(Event::start);
        if let Some(core) = core.filter(|_| config.policy.pairing) {
            return Ok(config.policy.supervisor_start(core));
        }
    }
    let date = event.first_day.map_or(from, |first| first.max(from));
    let that_day = events::scheduled_on(tx, date)?;
    let taken = |time: &NaiveTime| {
        let same = |other: &&Event| {
            other.event_type == event.event_type && other.start().is_some_and(|start| start.time() == *time)
        };
        that_day.iter().filter(same).count()
    };
    let (hour, minute) = SUPERVISOR_ALONE;
    let alone = NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default();
    let time = config.policy.usual.of(event.event_type).iter().min_by_key(|time| taken(time)).copied().unwrap_or(alone);
    Ok(date.and_time(time))
}

/// The moves and warnings of a change: the decision as if everything were confirmed, and the confirmations that it needs.
fn preview(
    tx: &dyn ReadTx,
    scene: &DecisionContext,
    filled: Filled<'_>,
    config: &Config,
) -> Result<Preview, StoreError> {
    let (change_kind, policy) = (filled.change_kind, &config.policy);
    let follows = change_kind != ChangeKind::Unschedule && change_kind.fits(&scene.subject);
    let as_it_is = || Preview { moves: as_it_is(scene, change_kind, config), follows, ..Preview::default() };
    let Ok(request) = form_fields::request(change_kind, &scene.subject, filled.typed) else { return Ok(as_it_is()) };
    let willing = Request { confirm_other_date: true, override_reason: Some(String::new()), ..request };
    let (full_scene, change) = match change::preview(tx, Target::Event(scene.subject.id), &willing, policy) {
        Ok((_, change)) if change.edits.is_empty() => return Ok(as_it_is()),
        Ok(decided) => decided,
        Err(ChangeError::Rejected(_)) => return Ok(as_it_is()),
        Err(ChangeError::Store(error)) => return Err(error),
    };
    let unconfirmed = Request { confirm_other_date: false, ..willing.clone() };
    let leaves_core = match decide(&full_scene, &unconfirmed, policy) {
        Err(rejection @ Rejection::OtherDate { .. }) => Some(rejection.reason()),
        _ => None,
    };
    let alternatives = options::alternatives(tx, &scene.subject, &willing.command, policy)?;
    let alternatives = options::fills(tx, filled, &alternatives)?;
    let needs_reason = change.overridden;
    let warnings = change.warnings.iter().cloned();
    let warnings = warnings.map(|warning| if needs_reason { saying_so(warning) } else { warning }).collect();
    Ok(Preview { moves: moves(&change, scene), warnings, alternatives, needs_reason, leaves_core, follows })
}

fn saying_so(warning: Warning) -> Warning {
    match warning {
        Warning::Rule(finding) if finding.refuses => {
            Warning::Rule(Finding { message: format!("{} An override reason is needed.", finding.message), ..finding })
        }
        other => other,
    }
}

fn moves(change: &Change, scene: &DecisionContext) -> Vec<Move> {
    change.edits.iter().map(|edit| as_move(&edit.before, Some(&edit.after), scene)).collect()
}

/// The event and what would follow it, before anything is chosen.
fn as_it_is(scene: &DecisionContext, change_kind: ChangeKind, config: &Config) -> Vec<Move> {
    let subject = &scene.subject;
    let pair = scene.pair();
    let takes_along = config.policy.pairing && !matches!(change_kind, ChangeKind::ChangeEmployee | ChangeKind::Trade);
    let followers = if takes_along { pair.followers_of(subject.id) } else { Vec::new() };
    let followers = followers.into_iter().filter(|event| event.condition() == subject.condition());
    std::iter::once(subject).chain(followers).map(|event| as_move(event, None, scene)).collect()
}

/// A move in words. The employee is named where it changes.
fn as_move(before: &Event, after: Option<&Event>, scene: &DecisionContext) -> Move {
    let near = before.date().or(after.and_then(Event::date)).or(before.due.map(|due| due.date)).unwrap_or_default();
    let holder = |event: &Event| event.schedule.as_ref().map(|now| now.employee.clone());
    let stays = after.is_some_and(|after| holder(after) == holder(before));
    let say = |schedule: Option<&Schedule>| match schedule {
        None => "unscheduled".to_owned(),
        Some(now) if stays => format::moment_near(now.start, near),
        Some(now) => {
            let name = scene.employees.get(&now.employee).map_or(now.employee.as_str(), |employee| &employee.name);
            format!("{}, {name}", format::moment_near(now.start, near))
        }
    };
    Move {
        event_type: before.event_type,
        name: before.name.clone(),
        before: say(before.schedule.as_ref()),
        after: after.map(|after| say(after.schedule.as_ref())),
    }
}
