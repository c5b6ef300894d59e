//! The proposal and the preview of a form: the same decision as the change itself, without a write.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use crate::{
    config::Config,
    context::Context,
    domain::{
        change::{ChangeKind, Request, Shown, Warning, context::DecisionContext, decide::decide, rejection::Rejection},
        event::{Event, EventType, Schedule},
        format,
        policy::Policy,
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
    store::queries::workloads,
    store::{
        ReadTx, StoreError,
        queries::day_cards::{self, Show},
        tables::events,
    },
    views::{
        FormKeys,
        calendar::day_page::DayPage,
        changes::{FormView, Move, Offer, Preview, SupervisorChoice},
        components::alert::Problem,
    },
};

/// The proposed start of a Supervisor whose CORE is unscheduled.
fn alone() -> NaiveTime {
    NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default()
}

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
        Self { config, today: context.today(), keys }
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
    let home = event.day().unwrap_or(today);
    let from = fields.day().unwrap_or_else(|| DayPage::whole(home));
    let mut typed = fields.typed();
    if fields.is_link() {
        let date = typed.date.parse().unwrap_or(from.date);
        typed = typed.completed(propose(tx, &event, change_kind, date, config)?);
    }
    let date = typed.date.parse().unwrap_or(home);
    let facts = decision_context::load_around(tx, event.clone(), date, &config.policy)?;
    let start =
        form_fields::request(change_kind, &event, &typed).ok().and_then(|request| request.command.start_for(&event));
    let start = start.unwrap_or_else(|| date.and_time(start_time(&typed, &event)));
    let workloads = workloads::around(tx, start.date(), config.week_start)?;
    let people = options::people(&facts, start, change_kind, Some(&workloads));
    if fields.is_blank() && change_kind == ChangeKind::Schedule {
        typed.employee = people.iter().find(|person| person.may).map(|person| person.id.clone()).unwrap_or_default();
    }
    let offers = if change_kind == ChangeKind::Trade { offers(tx, &event, &mut typed, config)? } else { Vec::new() };
    let core = pair::core(tx, &event, fields.core())?;
    let filled =
        Filled { event: event.id, change_kind, typed: &typed, from: &from, core: core.as_ref().map(|core| core.id) };
    let (preview, supervisor) = preview(tx, &facts, filled, config)?;
    let preview = match problem {
        // The note above says what the preview would say.
        Some(Problem::Refused { .. }) => Preview { warnings: Vec::new(), alternatives: Vec::new(), ..preview },
        _ => preview,
    };
    let problem = problem.or_else(|| misfit(change_kind, &event));
    let pair = core.as_ref().filter(|_| change_kind != ChangeKind::Unschedule);
    let pair = pair.map(|core| pair::frame(tx, core, event.id, &from)).transpose()?;
    let show = Show { pairing: config.policy.pairing, undo: None, findings: None };
    let card = day_cards::cards(tx, vec![event], show)?.into_iter().next();
    let card = card.ok_or_else(|| StoreError::CutOff("a card was lost".to_owned()))?;
    let core = core.map(|core| core.id);
    let instead = (!change_kind.fits(&card.event)).then(|| {
        let fitting = if card.event.schedule.is_some() { ChangeKind::Reschedule } else { ChangeKind::Schedule };
        (fitting, typed.address(card.event.id, fitting, &from, core))
    });
    let FormValues { date, time, employee, supervisor_employee, other: _, override_reason, confirm_other_date } = typed;
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
        supervisor_employee,
        override_reason,
        confirm_other_date,
        instead,
        people,
        supervisor,
        offers,
        preview,
        problem,
    })
}

/// The events to trade with. One that was chosen on another day is no choice any more.
fn offers(tx: &dyn ReadTx, event: &Event, typed: &mut FormValues, config: &Config) -> Result<Vec<Offer>, StoreError> {
    let offers = options::trades(tx, event, typed, &config.policy)?;
    if !offers.is_empty() && !offers.iter().any(|one| one.chosen) {
        typed.other.clear();
    }
    Ok(offers)
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
    let time = config.policy.usual.of(event.event_type).iter().min_by_key(|time| taken(time)).copied();
    Ok(date.and_time(time.unwrap_or_else(alone)))
}

/// The first usual time of an unscheduled event.
pub(crate) fn usual_time(event: &Event, policy: &Policy) -> NaiveTime {
    policy.usual.of(event.event_type).first().copied().unwrap_or_else(alone)
}

/// The moves and warnings of a change: the decision as if everything were confirmed, and the confirmations that it
/// needs. With them who else could take the Supervisor, if a rule refuses its employee.
fn preview(
    tx: &dyn ReadTx,
    facts: &DecisionContext,
    filled: Filled<'_>,
    config: &Config,
) -> Result<(Preview, Option<SupervisorChoice>), StoreError> {
    let (change_kind, policy) = (filled.change_kind, &config.policy);
    let follows = change_kind != ChangeKind::Unschedule && change_kind.fits(&facts.subject);
    let as_it_is = || (Preview { moves: as_it_is(facts, change_kind, config), follows, ..Preview::default() }, None);
    let Ok(request) = form_fields::request(change_kind, &facts.subject, filled.typed) else { return Ok(as_it_is()) };
    let willing = Request { confirm_other_date: true, override_reason: Some(String::new()), ..request };
    let target = Target::Event(facts.subject.id);
    let (all_facts, change) = match change::preview(tx, target, &willing, policy) {
        Ok((_, change)) if change.edits.is_empty() => return Ok(as_it_is()),
        Ok(decided) => decided,
        Err(ChangeError::Rejected(_)) => return Ok(as_it_is()),
        Err(ChangeError::Store(error)) => return Err(error),
    };
    let unconfirmed = Request { confirm_other_date: false, ..willing.clone() };
    let leaves_core = match decide(&all_facts, &unconfirmed, policy) {
        Err(rejection @ Rejection::OtherDate { .. }) => Some(rejection.reason()),
        _ => None,
    };
    let unreasoned = Request { override_reason: None, ..willing.clone() };
    let alternatives = match ChangeError::split(change::preview(tx, target, &unreasoned, policy))? {
        Err(Rejection::Refused { alternatives, .. }) => alternatives,
        _ => options::alternatives(tx, &facts.subject, &willing.command, policy)?,
    };
    let alternatives = options::fills(tx, filled, &alternatives)?;
    let needs_reason = change.overridden;
    let shown = Shown::of(change.findings());
    let warnings = change.warnings.iter().cloned();
    let warnings = warnings.map(|warning| if needs_reason { saying_so(warning) } else { warning }).collect();
    let moves = change.edits.iter().map(|edit| as_move(&edit.before, Some(&edit.after), facts)).collect();
    let preview = Preview { moves, warnings, shown, alternatives, needs_reason, leaves_core, follows };
    Ok((preview, options::supervisor(facts, &change)))
}

fn saying_so(warning: Warning) -> Warning {
    match warning {
        Warning::Of { event, name, warning } => saying_so(*warning).about(event, &name),
        Warning::Rule(finding) if finding.refuses => {
            Warning::Rule(Finding { message: format!("{} An override reason is needed.", finding.message), ..finding })
        }
        other => other,
    }
}

/// The event and what would follow it, before anything is chosen.
fn as_it_is(facts: &DecisionContext, change_kind: ChangeKind, config: &Config) -> Vec<Move> {
    let subject = &facts.subject;
    let pair = facts.pair();
    let takes_along = config.policy.pairing && !matches!(change_kind, ChangeKind::ChangeEmployee | ChangeKind::Trade);
    let followers = if takes_along { pair.followers_of(subject.id) } else { Vec::new() };
    let followers = followers.into_iter().filter(|event| event.condition() == subject.condition());
    std::iter::once(subject).chain(followers).map(|event| as_move(event, None, facts)).collect()
}

/// A move in words. The employee is named where it changes.
fn as_move(before: &Event, after: Option<&Event>, facts: &DecisionContext) -> Move {
    let near = before.date().or(after.and_then(Event::date)).or(before.last_day()).unwrap_or_default();
    let holder = |event: &Event| event.schedule.as_ref().map(|now| now.employee.clone());
    let stays = after.is_some_and(|after| holder(after) == holder(before));
    let say = |schedule: Option<&Schedule>| match schedule {
        None => "unscheduled".to_owned(),
        Some(now) if stays => format::moment_near(now.start, near),
        Some(now) => {
            let name = facts.employees.get(&now.employee);
            let name = name.map_or_else(|| now.employee.to_string(), |employee| employee.isolated_name().into_owned());
            format!("{}, {name}", format::moment_near(now.start, near))
        }
    };
    Move {
        event_type: before.event_type,
        name: before.label(),
        before: say(before.schedule.as_ref()),
        after: after.map(|after| say(after.schedule.as_ref())),
    }
}
