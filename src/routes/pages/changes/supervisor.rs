//! The Supervisor of a CORE, opened from the CORE's card.
//!
//! This page only shows a form. The form is the Supervisor's own, and is sent where every form of one
//! event is sent.

use rocket::get;

use crate::{
    context::Context,
    domain::{
        change::{ChangeKind, rejection::Rejection},
        event::EventType,
        ids::EventId,
    },
    routes::{
        auth::Scheduler,
        http::{error::Failure, params::EventParam},
        pages::changes::{
            change_form::{self, Setting},
            form_fields::Fields,
            pair,
        },
        render::Reply,
    },
    store::{ReadTx, Snapshot, tables::events},
    views::{FormKeys, Page, calendar::day_page::DayPage, changes},
};

/// `GET /events/<core>/supervisor?from=<day>&supervisor=<event>`: details and form of a CORE's Supervisor; of the first,
/// where none of several is named.
#[get("/events/<event>/supervisor?<fields..>")]
pub async fn show(
    event: Result<EventParam, Failure>,
    fields: Fields,
    _scheduler: Scheduler,
    keys: FormKeys,
    context: &Context,
) -> Result<Reply, Failure> {
    let id = event?.0;
    let show = move |tx: &Snapshot<'_>, context: &Context| page(tx, id, fields, &Setting::of(context, &keys));
    Ok(Reply::page(context.run(move |store, context| store.read(|tx| show(tx, context))).await?))
}

fn page(tx: &dyn ReadTx, core: EventId, fields: Fields, setting: &Setting<'_>) -> Result<Page, Failure> {
    let core = events::get(tx, core)?.ok_or(Rejection::UnknownEvent(core))?;
    if core.event_type != EventType::Core {
        return Err(Failure::NotFound(format!("{} is not a CORE event: it has no Supervisor event.", core.label())));
    }
    let supervisors = pair::followers(tx, &core)?;
    let named = fields.supervisor().and_then(|id| supervisors.iter().find(|one| one.id == id));
    let Some(supervisor) = named.or(supervisors.first()) else {
        let home = core.day().unwrap_or(setting.today);
        return Ok(changes::nothing_page(&core, &fields.day().unwrap_or_else(|| DayPage::whole(home))));
    };
    let change_kind = if supervisor.schedule.is_some() { ChangeKind::Reschedule } else { ChangeKind::Schedule };
    let fields = fields.opened_from(core.id);
    Ok(changes::page(&change_form::form(tx, supervisor.clone(), change_kind, &fields, None, setting)?))
}
