//! A Supervisor's form that was opened from the card of its CORE.

use crate::{
    domain::{
        day::{PairLine, Partner},
        event::{Event, EventType, pairing::Pair},
        ids::EventId,
    },
    store::{
        ReadTx, StoreError,
        queries::day_cards::{self, Show},
        tables::events,
    },
    views::{
        calendar::day_page::DayPage,
        changes::{PairFrame, Sibling},
        urls,
    },
};

/// The CORE that `event` follows, if it is the one named.
pub fn core(tx: &dyn ReadTx, event: &Event, named: Option<EventId>) -> Result<Option<Event>, StoreError> {
    let (Some(named), Some(number), EventType::Supervisor) = (named, event.number, event.event_type) else {
        return Ok(None);
    };
    let same_number = events::same_number(tx, &event.location, number)?;
    Ok(Pair::among(&same_number).leader_of(event).filter(|core| core.id == named).cloned())
}

/// The Supervisors that follow a CORE.
pub fn followers(tx: &dyn ReadTx, core: &Event) -> Result<Vec<Event>, StoreError> {
    let Some(number) = core.number else { return Ok(Vec::new()) };
    let same_number = events::same_number(tx, &core.location, number)?;
    Ok(Pair::among(&same_number).followers_of(core.id).into_iter().cloned().collect())
}

/// The CORE and all its Supervisors, `current` among them.
pub fn frame(tx: &dyn ReadTx, core: &Event, current: EventId, from: &DayPage) -> Result<PairFrame, StoreError> {
    let show = Show { pairing: true, undo: None, findings: None };
    let card = day_cards::cards(tx, vec![core.clone()], show)?.into_iter().next();
    let partners = match card.as_ref().map(|card| &card.pair) {
        Some(PairLine::Supervisors(partners)) => partners.as_slice(),
        _ => &[],
    };
    let sibling = |one: &Partner| Sibling {
        href: urls::supervisor(core.id, from, one.id),
        current: one.id == current,
        partner: one.clone(),
    };
    let who = card.as_ref().and_then(|card| card.who.clone()).unwrap_or_default();
    let scheduled = core.start().map(|start| (who, start));
    Ok(PairFrame {
        core: Partner { id: core.id, name: core.product(), scheduled },
        siblings: partners.iter().map(sibling).collect(),
    })
}
