//! Swaps the employees of two COREs; their Supervisors stay unchanged.

use crate::domain::{
    change::{Edit, Warning, context::DecisionContext, rejection::Rejection},
    event::{Event, EventType, Schedule},
    ids::Revision,
};

/// The two edits of a trade, none if nothing changes, and the findings for both employees after the swap.
#[derive(Clone, Debug, Default)]
pub struct Trade {
    pub edits: Vec<Edit>,
    pub warnings: Vec<Warning>,
    pub overridden: bool,
}

/// Decides a trade between the subject and the other event of the context.
///
/// # Errors
/// [`Rejection`] if either event is not a scheduled CORE or changed since it was shown, or if a rule rejects and
/// there is no override reason.
pub fn decide(context: &DecisionContext, seen: Option<Revision>, overridden: bool) -> Result<Trade, Rejection> {
    let ours = &context.subject;
    let theirs = context.other.as_ref().ok_or_else(|| not_tradable(ours))?;
    if let Some(seen) = seen.filter(|seen| *seen != theirs.revision) {
        return Err(Rejection::Stale { event: Box::new(theirs.clone()), seen, last: None });
    }
    let (mine, other) = (tradable(ours)?, tradable(theirs)?);
    if mine.employee == other.employee || ours.id == theirs.id {
        return Ok(Trade::default());
    }
    let swapped = |event: &Event, now: &Schedule, from: &Schedule| {
        event.with_schedule(Some(Schedule { employee: from.employee.clone(), ..now.clone() }))
    };
    let planned = [swapped(ours, mine, other), swapped(theirs, other, mine)];
    let findings: Vec<_> = planned
        .iter()
        .filter_map(|event| {
            let now = event.schedule.as_ref()?;
            let found = context.check(event, context.employees.get(&now.employee)?, now.start, &planned);
            Some(found.into_iter().map(|finding| finding.about(&event.label())))
        })
        .flatten()
        .collect();
    let refuses = findings.iter().any(|finding| finding.refuses);
    if refuses && !overridden {
        return Err(Rejection::Refused { findings, alternatives: Vec::new() });
    }
    let [after_ours, after_theirs] = planned;
    let edits =
        vec![Edit { before: ours.clone(), after: after_ours }, Edit { before: theirs.clone(), after: after_theirs }];
    Ok(Trade { edits, warnings: findings.into_iter().map(Warning::Rule).collect(), overridden: refuses })
}

fn tradable(event: &Event) -> Result<&Schedule, Rejection> {
    match (&event.schedule, event.event_type) {
        (Some(now), EventType::Core) => Ok(now),
        _ => Err(not_tradable(event)),
    }
}

fn not_tradable(event: &Event) -> Rejection {
    Rejection::NotTradable(Box::new(event.clone()))
}
