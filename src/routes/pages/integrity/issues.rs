//! Issues of the schedule as it stands, from their index. They are right at once after every change.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    domain::{
        audit::Entry,
        event::Event,
        ids::EventId,
        integrity::{
            Check,
            finding_state::{FindingKey, OpenFinding},
        },
        rules::stored::{self, Acceptance, MISSING_VISIT},
    },
    store::{
        ReadTx, StoreError,
        tables::{
            audit, events, findings, imports,
            issues::{self, Evaluator, missing_visits},
        },
    },
    views::integrity::Kind,
};

/// An issue that is true now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Issue {
    pub kind: Kind,
    pub check: Check,
    pub event: EventId,
}

/// An issue in words.
#[derive(Debug)]
pub struct Described {
    pub message: String,
    pub accepted: Option<Acceptance>,
    /// When a check found it first; none if none has yet.
    pub since: Option<DateTime<Utc>>,
    /// The change that caused it.
    pub cause: Option<Entry>,
}

/// Every issue, by kind and day; those of pairs only with `pairing`.
pub fn all(tx: &dyn ReadTx, today: NaiveDate, pairing: bool) -> Result<Vec<Issue>, StoreError> {
    let mut found = Vec::new();
    for row in issues::all_pairs(tx)?.into_iter().filter(|_| pairing) {
        found.push(Issue { kind: Kind::Check(row.check), check: row.check, event: row.event });
    }
    for row in issues::all_rules(tx)? {
        let (event, rules) = (row.event, row.issues.as_of(row.date, today));
        for check in Check::ALL {
            let Some(rule) = check.rule() else { continue };
            if rules.accepted.contains(rule) {
                found.push(Issue { kind: Kind::Accepted, check, event });
            }
            if rules.open.contains(rule) {
                match row.date >= today {
                    true => found.push(Issue { kind: Kind::Check(check), check, event }),
                    // No one can act on a warning about a day that is over.
                    false if check.is_problem() => found.push(Issue { kind: Kind::Past, check, event }),
                    false => {}
                }
            }
        }
    }
    Ok(found)
}

/// Describes issues of one [`ReadTx`].
pub struct Describer<'a> {
    tx: &'a dyn ReadTx,
    evaluator: Evaluator<'a>,
    /// Findings of checks.
    known: BTreeMap<FindingKey, OpenFinding>,
    today: NaiveDate,
}

impl<'a> Describer<'a> {
    pub fn new(tx: &'a dyn ReadTx, today: NaiveDate) -> Result<Self, StoreError> {
        let known = findings::all(tx)?.into_iter().map(|finding| (finding.subject, finding)).collect();
        Ok(Self { tx, evaluator: Evaluator::for_pages(tx)?, known, today })
    }

    /// None if it is not true any more.
    pub fn describe(&mut self, issue: &Issue) -> Result<Option<Described>, StoreError> {
        let Some(event) = events::get(self.tx, issue.event)? else { return Ok(None) };
        let known = self.known.get(&FindingKey::Event(issue.check, issue.event));
        let since = known.map(|finding| finding.first_seen);
        let known_cause = known.and_then(|finding| finding.cause);
        let Some(rule) = issue.check.rule() else {
            let now = findings::of_event(self.tx, issue.event)?.findings.into_iter();
            let mut own = now.filter(|one| (one.check, one.event) == (issue.check, issue.event));
            let Some(finding) = own.next() else { return Ok(None) };
            let cause = match known_cause {
                Some(sequence) => audit::get(self.tx, sequence)?,
                None => self.last_of([Some(issue.event), finding.partner])?,
            };
            return Ok(Some(Described { message: finding.message, accepted: None, since, cause }));
        };
        self.of_rule(&event, rule, issue.kind == Kind::Accepted, since)
    }

    fn of_rule(
        &mut self,
        event: &Event,
        rule: &str,
        accepted: bool,
        since: Option<DateTime<Utc>>,
    ) -> Result<Option<Described>, StoreError> {
        let findings = self.evaluator.findings(event, self.today)?;
        let mut own = findings.into_iter().filter(|one| one.finding.rule == rule && one.accepted.is_some() == accepted);
        let Some(one) = own.next() else { return Ok(None) };
        let others = own.map(|other| match other.accepted.filter(|by| Some(by) != one.accepted.as_ref()) {
            Some(Acceptance { by, reason, .. }) => format!(" {} Accepted by {by}: {reason}", other.finding.message),
            None => format!(" {}", other.finding.message),
        });
        // A change of the employee or a holiday may have caused it as well.
        let last = audit::last_of(self.tx, event.id)?;
        let cause = match rule {
            MISSING_VISIT => self.import_of(event.id)?,
            _ => last.filter(|entry| entry.notes.iter().any(|note| note.rule == rule)),
        };
        let others: String = others.collect();
        let message = stored::sentence(event, &one.finding) + &others;
        Ok(Some(Described { message, accepted: one.accepted, since, cause }))
    }

    /// The import since which a visit is missing.
    fn import_of(&self, event: EventId) -> Result<Option<Entry>, StoreError> {
        let Some(import) = missing_visits::import_of(self.tx, event)? else { return Ok(None) };
        imports::get(self.tx, import)?.map_or(Ok(None), |import| audit::get(self.tx, import.entry))
    }

    /// The last change of any of the events.
    fn last_of(&self, events: [Option<EventId>; 2]) -> Result<Option<Entry>, StoreError> {
        let mut last: Option<Entry> = None;
        for id in events.into_iter().flatten() {
            let entry = audit::last_of(self.tx, id)?;
            if entry.as_ref().map(|entry| entry.sequence) > last.as_ref().map(|entry| entry.sequence) {
                last = entry;
            }
        }
        Ok(last)
    }
}
