//! The issues page: findings, and a button that runs a check.

pub mod accept;
pub mod issues;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use rocket::{Route, get, post, routes};

use crate::{
    context::Context,
    domain::{
        audit::{About, Action, Entry, Fact, Origin, Outcome, Topic},
        format,
        integrity::{
            Check,
            finding_state::{FindingKey, OpenFinding, Run, Start, Trigger},
        },
        notification::{Channel, Delivery, Notification, OutboxMessage, Purpose},
        user::Role,
        visibility::{self, HIDDEN},
    },
    jobs::{
        integrity::{self, Ran},
        schedule,
    },
    notify::alert::Writer,
    routes::{
        auth::{Nothing, Posted, Scheduler, Viewer},
        http::error::Failure,
        pages::integrity::issues::{Describer, Issue},
        render::{Flashed, Reply, flash},
    },
    store::{
        Snapshot, StoreError, Tx,
        tables::{audit, findings, outbox, runs},
    },
    views::{
        FormKeys, integrity as pages,
        integrity::{ChannelView, CheckView, DeliveryView, GroupView, Kind, OverviewView, ROWS_MAX, RowView},
        urls,
    },
};

pub fn routes() -> Vec<Route> {
    routes![overview, of_check, run, test]
}

/// Runs shown.
const RUNS_MAX: u64 = 20;
/// Most undelivered notifications shown.
const LETTERS_MAX: usize = 10;
/// Most test messages to one channel within so many minutes, over all senders.
const TESTS_MAX: usize = 5;
const TEST_WINDOW_MINUTES: i64 = 10;
/// Findings on one page of a check.
const PAGE_ROWS: usize = 50;

#[get("/integrity")]
pub async fn overview(viewer: Viewer, flash: Flashed, keys: FormKeys, context: &Context) -> Result<Reply, Failure> {
    let (asked, role) = (CheckQuery::of(context), viewer.who().role);
    let view = context.read(move |tx| asked.overview(tx, keys, role)).await?;
    let page = pages::overview_page(&view);
    Ok(Reply::page(page.with_message(flash.0)))
}

/// `GET /integrity/<check>?page=`: the findings of one check, by name.
#[get("/integrity/<check>?<page>", rank = 2)]
pub async fn of_check(check: &str, page: Option<usize>, viewer: Viewer, context: &Context) -> Result<Reply, Failure> {
    let kind = kind_of(check)?;
    let (asked, page) = (CheckQuery::of(context), page.unwrap_or(1).max(1));
    let edits = viewer.who().role >= Role::Scheduler;
    let view = context
        .read(move |tx| {
            let (skipped, now) = ((page - 1).saturating_mul(PAGE_ROWS), asked.local(asked.now));
            let group = if kind.is_live() {
                let all = asked.issues(tx)?;
                asked.live_group(tx, &all, kind, skipped, PAGE_ROWS)?
            } else {
                asked.group_of_run(tx, &findings::all(tx)?, runs::latest(tx, 1)?.first(), kind, (skipped, PAGE_ROWS))?
            };
            let pages = group.count.div_ceil(PAGE_ROWS).max(page.min(1));
            Ok::<_, StoreError>(CheckView { now, group, page: page.min(pages), pages, edits })
        })
        .await?;
    Ok(Reply::page(pages::check_page(&view)))
}

/// The issues page with a message.
fn back(message: &str) -> flash::FlashRedirect {
    flash::flash_redirect(message, urls::INTEGRITY)
}

/// `POST /integrity/run`: check now.
#[post("/integrity/run", data = "<form>")]
pub async fn run(
    scheduler: Scheduler,
    form: Posted<Nothing>,
    context: &Context,
) -> Result<flash::FlashRedirect, Failure> {
    let origin = scheduler.origin(form.proof(), context);
    let start = Start { trigger: Trigger::Page, who: origin.who, at: origin.at, date: None };
    let ran = context.run(move |_, context| Ok::<_, StoreError>(integrity::run_once(context, &start))).await?;
    match ran {
        Ok(Ran { stored, .. }) => Ok(back(&summary(&stored?))),
        Err(busy) => Ok(back(&format!("The check was not started: {busy}."))),
    }
}

fn summary(run: &Run) -> String {
    let (pairs, unclassified) = (run.checked.pairs, run.checked.unclassified);
    let (pairs, problems) = (format::count(pairs, "pair"), format::count(run.problems(), "issue"));
    run.failed.as_ref().map_or_else(
        || format!("Checked {pairs}, {unclassified} unrecognized: {problems}."),
        |why| format!("The check is incomplete: {why}."),
    )
}

/// `POST /integrity/test/<channel>`: whether alerts arrive.
#[post("/integrity/test/<channel>", data = "<form>")]
pub async fn test(
    channel: &str,
    scheduler: Scheduler,
    form: Posted<Nothing>,
    context: &Context,
) -> Result<flash::FlashRedirect, Failure> {
    let wanted: fn(&Channel) -> bool = match channel {
        "slack" => |channel| *channel == Channel::Slack,
        "webhook" => |channel| *channel == Channel::Webhook,
        "mail" => |channel| matches!(channel, Channel::Mail(_)),
        _ => return Err(Failure::NotFound("There is no such page.".to_owned())),
    };
    let webhook = context.config.alerts.webhook.iter().map(|_| Channel::Webhook);
    let channels: Vec<_> = integrity::channels(&context.config).into_iter().chain(webhook).filter(wanted).collect();
    if channels.is_empty() {
        return Ok(back("No test was sent: this channel is not set up."));
    }
    let origin = scheduler.origin(form.proof(), context);
    let notification = Writer::new(&context.config).test(&origin.who, origin.at);
    let count = channels.len();
    let sent = context.write(move |tx| send_test(tx, &channels, &notification, &origin)).await?;
    if !sent {
        return Ok(back(&format!(
            "No test was sent: there were {TESTS_MAX} in the last {TEST_WINDOW_MINUTES} minutes. Try again later."
        )));
    }
    context.watch.wake.notify_one();
    let messages = format::count(count as u64, "test message");
    Ok(back(&format!("{messages} sent. Messages that cannot be delivered are listed here.")))
}

/// Puts a test message for each channel into the outbox, with an audit entry. False, and nothing is written, if there
/// were too many.
fn send_test(
    tx: &mut Tx<'_>,
    channels: &[Channel],
    message: &Notification,
    origin: &Origin,
) -> Result<bool, StoreError> {
    let since = origin.at - TimeDelta::minutes(TEST_WINDOW_MINUTES);
    let recent =
        outbox::all(tx)?.into_iter().filter(|sent| sent.notification.purpose == Purpose::Test && sent.made > since);
    // One press sends one message to each address of its channel.
    let of_channel = recent.filter(|sent| channels.first() == Some(&sent.channel)).count();
    if of_channel >= TESTS_MAX {
        return Ok(false);
    }
    for channel in channels {
        outbox::add(tx, channel.clone(), message.clone(), origin.at)?;
    }
    let name = channels.first().map(channel_name).unwrap_or_default().to_owned();
    let count = Fact { name: "messages".to_owned(), before: String::new(), after: channels.len().to_string() };
    let about = Some(About { topic: Topic::Alert, id: name });
    audit::append(tx, Entry { about, facts: vec![count], ..Entry::new(origin, Action::TestAlert, Outcome::Done) })?;
    Ok(true)
}

fn channel_name(channel: &Channel) -> &'static str {
    match channel {
        Channel::Slack => "Slack",
        Channel::Webhook => "webhook",
        Channel::Mail(_) => "e-mail",
    }
}

pub fn kind_of(slug: &str) -> Result<Kind, Failure> {
    let mut kinds = Check::ALL.into_iter().map(Kind::Check).chain([Kind::Storage, Kind::Accepted, Kind::Past]);
    kinds.find(|kind| kind.slug() == slug).ok_or_else(|| Failure::NotFound("There is no such check.".to_owned()))
}

fn cause_words(entry: &Entry) -> String {
    format!("{} by {}", entry.action.label(), entry.who)
}

fn count_of(run: Option<&Run>, kind: Kind) -> usize {
    let counted = run.map_or(0, |run| match kind {
        Kind::Storage | Kind::Accepted | Kind::Past => 0,
        Kind::Check(check) => run.found.iter().find(|(one, _)| *one == check).map_or(0, |(_, count)| *count),
    });
    usize::try_from(counted).unwrap_or(usize::MAX)
}

/// The time and settings of a request.
struct CheckQuery {
    now: DateTime<Utc>,
    context: Context,
}

impl CheckQuery {
    fn of(context: &Context) -> Self {
        Self { now: context.clock.now(), context: context.clone() }
    }

    fn local(&self, at: DateTime<Utc>) -> NaiveDateTime {
        at.with_timezone(&self.context.config.zone).naive_local()
    }

    fn overview(&self, tx: &Snapshot<'_>, keys: FormKeys, role: Role) -> Result<OverviewView, StoreError> {
        let (of_runs, latest) = (findings::all(tx)?, runs::latest(tx, RUNS_MAX)?);
        let all = self.issues(tx)?;
        let (mut problems, mut infos) = (Vec::new(), Vec::new());
        for kind in Kind::all() {
            let group = if kind.is_live() {
                self.live_group(tx, &all, kind, 0, ROWS_MAX)?
            } else {
                self.group_of_run(tx, &of_runs, latest.first(), kind, (0, ROWS_MAX))?
            };
            if kind.is_problem() { problems.push(group) } else { infos.push(group) }
        }
        problems.retain(|group| group.count > 0);
        infos.retain(|group| group.count > 0);
        let outbox_messages = outbox::all(tx)?;
        let alerts = &self.context.config.alerts;
        let at = self.context.config.integrity_at;
        let next = at.and_then(|at| schedule::next(self.now, at, self.context.config.zone));
        Ok(OverviewView {
            now: self.local(self.now),
            runs: latest.into_iter().map(|run| (self.local(run.start.at), run)).collect(),
            next: next.map(|next| self.local(next)),
            problems,
            infos,
            channels: vec![
                ChannelView { name: "Slack", slug: "slack", trouble: alerts.slack.as_ref().err().cloned() },
                ChannelView { name: "E-mail", slug: "mail", trouble: alerts.mail_trouble() },
                ChannelView {
                    name: "Webhook, for changes",
                    slug: "webhook",
                    trouble: alerts.webhook.as_ref().err().cloned(),
                },
            ],
            silence: alerts.silence(),
            waiting: outbox_messages.iter().filter(|outbox_message| outbox_message.is_waiting()).count(),
            undelivered: outbox_messages
                .iter()
                .rev()
                .filter_map(|outbox_message| self.undelivered(outbox_message, role))
                .take(LETTERS_MAX)
                .collect(),
            keys,
        })
    }

    fn issues(&self, tx: &Snapshot<'_>) -> Result<Vec<Issue>, StoreError> {
        issues::all(tx, self.today(), self.context.config.policy.pairing)
    }

    fn today(&self) -> NaiveDate {
        self.local(self.now).date()
    }

    /// The issues of a kind that are true now.
    fn live_group(
        &self,
        tx: &Snapshot<'_>,
        all: &[Issue],
        kind: Kind,
        skipped: usize,
        max: usize,
    ) -> Result<GroupView, StoreError> {
        let own: Vec<_> = all.iter().filter(|one| one.kind == kind).collect();
        let (mut rows, mut describer) = (Vec::new(), Describer::new(tx, self.today())?);
        for issue in own.iter().skip(skipped).take(max) {
            let Some(described) = describer.describe(issue)? else { continue };
            let accepted = described.accepted.map(|accepted| (accepted.by, accepted.reason));
            let cause = described.cause.map(|entry| (entry.sequence, cause_words(&entry)));
            let since = self.local(described.since.unwrap_or(self.now));
            let event = Some(issue.event.0);
            let rule = issue.check.rule().filter(|_| issue.check.is_problem());
            rows.push(RowView { event, rule, message: described.message, accepted, since, cause, is_fixed: false });
        }
        Ok(GroupView { kind, count: own.len(), rows })
    }

    /// The findings of a kind in the last check.
    fn group_of_run(
        &self,
        tx: &Snapshot<'_>,
        found: &[OpenFinding],
        run: Option<&Run>,
        kind: Kind,
        (skipped, max): (usize, usize),
    ) -> Result<GroupView, StoreError> {
        let own: Vec<_> = found.iter().filter(|one| one.subject.slug() == kind.slug()).collect();
        let rows = own.iter().skip(skipped).take(max).map(|one| self.row(tx, one)).collect::<Result<_, _>>()?;
        // Problems are counted as stored: a merge removes one at once.
        let count = if kind.is_problem() { own.len() } else { count_of(run, kind).max(own.len()) };
        Ok(GroupView { kind, count, rows })
    }

    fn row(&self, tx: &Snapshot<'_>, finding: &OpenFinding) -> Result<RowView, StoreError> {
        let (event, is_fixed) = match finding.subject {
            FindingKey::Storage(_) | FindingKey::Alike(..) => (None, false),
            FindingKey::Event(check, event) => {
                let now = findings::of_event(tx, event)?;
                (Some(event.0), !now.findings.iter().any(|one| (one.check, one.event) == (check, event)))
            }
        };
        let cause = finding.cause.map_or(Ok(None), |sequence| audit::get(tx, sequence))?;
        let cause = cause.map(|entry| (entry.sequence, cause_words(&entry)));
        let since = self.local(finding.first_seen);
        Ok(RowView { event, rule: None, message: finding.message.clone(), accepted: None, since, cause, is_fixed })
    }

    /// A notification in trouble, as a role may read it. None if it is delivered, or was not tried yet.
    fn undelivered(&self, outbox_message: &OutboxMessage, role: Role) -> Option<DeliveryView> {
        let (why, next) = match &outbox_message.delivery {
            Delivery::Waiting { next, trouble: Some(trouble) } => (trouble.clone(), Some(self.local(*next))),
            Delivery::Stopped { why, .. } => (why.clone(), None),
            Delivery::Waiting { trouble: None, .. } | Delivery::Delivered { .. } => return None,
        };
        let (at, notification) = (self.local(outbox_message.made), &outbox_message.notification);
        if !visibility::is_message_visible_to(role, outbox_message) {
            let title = format!("Tandem: {}", notification.purpose.words());
            return Some(DeliveryView { at, title, to: "an e-mail address".to_owned(), why: HIDDEN.to_owned(), next });
        }
        let to = match &outbox_message.channel {
            Channel::Slack => "Slack".to_owned(),
            Channel::Webhook => "the webhook".to_owned(),
            Channel::Mail(address) => address.clone(),
        };
        Some(DeliveryView { at, title: notification.title.clone(), to, why, next })
    }
}
