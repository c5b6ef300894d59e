//! Repairs findings, one or all, after a preview, as one change.

use chrono::NaiveDate;
use rocket::{get, post, response::Redirect};

use crate::{
    context::Context,
    domain::{
        audit::{Action, Origin},
        event::EventType,
        format,
        ids::EventId,
        integrity::{
            Check,
            finding_state::{Start, Trigger},
            repair::is_repairable,
        },
    },
    jobs::integrity,
    routes::{
        auth::{Posted, Scheduler, Viewer},
        http::error::Failure,
        pages::{
            bulk::{self, Answer, Fields, Frame},
            integrity::kind_of,
        },
        render::{Reply, flash},
    },
    services::change::Made,
    store::{
        ReadTx, Snapshot, StoreError,
        tables::{
            events, findings, imports,
            issues::{self, PairRow},
        },
    },
    views::{
        FormKeys, bulk as form, bulk::Kind as FormKind, calendar::day_page::DayPage, components::message::Message,
        integrity::Kind, urls,
    },
};

/// `GET /integrity/<check>/<event>`: where alerts lead.
#[get("/integrity/<check>/<event>", rank = 3)]
pub fn locate(check: &str, event: u64, _viewer: Viewer) -> Result<Redirect, Failure> {
    let kind = kind_of(check)?;
    Ok(Redirect::to(match kind {
        Kind::Check(check) if is_repairable(check) => urls::repair(check.slug(), Some(event)),
        Kind::Check(check) if check.rule().is_some() => urls::event(EventId(event)),
        other => urls::findings(other.slug()),
    }))
}

/// `GET /integrity/repair?check=&event=&import=`: every finding that can be put right, or those of a check, of one event,
/// or of what an import wrote.
#[get("/integrity/repair?<check>&<event>&<import>")]
pub async fn open(
    check: Option<&str>,
    event: Option<&str>,
    import: Option<&str>,
    _scheduler: Scheduler,
    keys: FormKeys,
    context: &Context,
) -> Result<Reply, Failure> {
    let given = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let wanted = Wanted { check: given(check), event: given(event), import: given(import) };
    let form = move |tx: &Snapshot<'_>, context: &Context| {
        bulk::open(tx, &wanted.frame(context.today()), &wanted.supervisors(tx)?, &keys, context)
    };
    let view = context.run(move |store, context| store.read(|tx| form(tx, context))).await?;
    Ok(Reply::page(form::page(&view)))
}

/// The findings that the form is about, as in its address.
struct Wanted {
    check: String,
    event: String,
    import: String,
}

impl Wanted {
    fn frame(&self, today: NaiveDate) -> Frame {
        Frame {
            kind: FormKind::Repair,
            action: Action::Repair,
            title: "Repair".to_owned(),
            lead: "Selected items are saved together, with one undo.".to_owned(),
            address: urls::REPAIR.to_owned(),
            home: DayPage::other(today, urls::INTEGRITY),
            carried: vec![
                ("check_slug", self.check.clone()),
                ("event", self.event.clone()),
                ("import", self.import.clone()),
            ],
            absence: None,
            about: None,
        }
    }

    /// The Supervisor of each finding: every repair changes it.
    fn supervisors(&self, tx: &dyn ReadTx) -> Result<Vec<EventId>, StoreError> {
        let mut supervisors = Vec::new();
        for PairRow { check, event, .. } in issues::all_pairs(tx)? {
            let wanted = (self.check.is_empty() || self.check == check.slug())
                && (self.event.is_empty() || self.event == event.to_string());
            if !wanted || !is_repairable(check) {
                continue;
            }
            let partner = partner(tx, check, event)?;
            if self.is_of_import(tx, [Some(event), partner])? {
                let is_core = events::get(tx, event)?.is_some_and(|event| event.event_type == EventType::Core);
                supervisors.extend(if is_core { partner } else { Some(event) });
            }
        }
        Ok(supervisors)
    }

    /// Tells if the form is about all imports, or its import wrote one of the events.
    fn is_of_import(&self, tx: &dyn ReadTx, events: [Option<EventId>; 2]) -> Result<bool, StoreError> {
        let Ok(import) = self.import.parse() else { return Ok(self.import.is_empty()) };
        for event in events.into_iter().flatten() {
            if imports::step(tx, import, event)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The other event of a finding.
fn partner(tx: &dyn ReadTx, check: Check, event: EventId) -> Result<Option<EventId>, StoreError> {
    let found =
        findings::of_event(tx, event)?.findings.into_iter().find(|one| (one.check, one.event) == (check, event));
    Ok(found.and_then(|one| one.partner))
}

#[post("/integrity/repair", data = "<fields>")]
pub async fn submit(
    scheduler: Scheduler,
    fields: Posted<Fields>,
    keys: FormKeys,
    context: &Context,
) -> Result<Answer, Failure> {
    let (origin, fields) = (scheduler.origin(fields.proof(), context), fields.0);
    let wanted =
        Wanted { check: fields.check_slug.0.clone(), event: fields.event.0.clone(), import: fields.import.0.clone() };
    let frame = wanted.frame(context.today());
    context.run(move |store, context| bulk::answer(store, &frame, fields, &keys, context, &origin)).await
}

/// Checks again after a repair, and leads back to the issues.
pub fn done(made: &Made, context: &Context, origin: &Origin) -> flash::FlashRedirect {
    let start = Start { trigger: Trigger::Repair, who: origin.who.clone(), at: origin.at, date: None };
    // If another check is running, that one or the next one finds what is fixed.
    let _ = integrity::run_once(context, &start);
    flash::carry(&message(made, context.issues()), urls::INTEGRITY.into())
}

fn message(made: &Made, left: u64) -> Message {
    let steps = made.entry.as_ref().map_or(0, |entry| entry.steps.len());
    let link = made.entry.as_ref().map(|entry| ("View or undo".to_owned(), urls::entry(entry.sequence)));
    let text =
        format!("Repaired: {} changed. {} left.", format::count(steps as u64, "event"), format::count(left, "issue"));
    Message { text, notes: Vec::new(), link, undo: None }
}
