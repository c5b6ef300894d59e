//! The lines of a backup.
//!
//! Invariant: a kind of line never changes. A new layout of a record gets a new kind, and the old one is read
//! forever. A line yields its original record, byte for byte.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::store::{
    catalog::Table,
    error::{StoreError, corrupt},
    tables::{
        accounts::{
            tokens::TokenV1,
            users::{UserV1, UserV2},
        },
        audit::{EntryV1, EntryV2, EntryV3, EntryV4},
        employees::{EmployeeV1, EmployeeV2, EmployeeV3, EmployeeV4},
        events::EventV1,
        feeds::FeedV1,
        findings::FindingV1,
        holidays::HolidayV1,
        idempotency::{self, IdempotencyV1},
        imports::{ImportPersonV1, ImportPersonV2, ImportStepV1, ImportV1, ImportV2},
        issues::{
            acceptances::{AcceptancesV1, AcceptancesV2},
            listed_visits::VisitStatementV1,
            missing_visits::MissingVisitV1,
        },
        merges::{MergeV1, MergeV2},
        outbox::OutboxMessageV1,
        record::{Record, decode, encode},
        rotations::RotationV1,
        runs::RunV1,
    },
};

/// Longest line, in bytes: the largest record with every character escaped fits.
pub(super) const LINE_BYTES_MAX: u64 = 256 * 1024;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::store) struct Header {
    pub tandem_backup: u32,
    pub store_format: u32,
    pub made_at: DateTime<Utc>,
}

/// Every other line.
#[derive(Serialize, Deserialize)]
pub(in crate::store) enum Line {
    #[serde(rename = "event_v1")]
    Event(Box<EventV1>),
    #[serde(rename = "employee_v1")]
    EmployeeV1(EmployeeV1),
    #[serde(rename = "employee_v2")]
    EmployeeV2(Box<EmployeeV2>),
    EmployeeV3(Box<EmployeeV3>),
    #[serde(rename = "employee_v4")]
    EmployeeV4(Box<EmployeeV4>),
    #[serde(rename = "holiday_v1")]
    Holiday(HolidayV1),
    #[serde(rename = "audit_v1")]
    AuditV1(Box<EntryV1>),
    #[serde(rename = "audit_v2")]
    AuditV2(Box<EntryV2>),
    #[serde(rename = "audit_v3")]
    AuditV3(Box<EntryV3>),
    #[serde(rename = "audit_v4")]
    AuditV4(Box<EntryV4>),
    #[serde(rename = "reply_v1")]
    Reply {
        key: String,
        reply: IdempotencyV1,
    },
    #[serde(rename = "user_v1")]
    UserV1(UserV1),
    #[serde(rename = "user_v2")]
    UserV2(Box<UserV2>),
    #[serde(rename = "token_v1")]
    Token(TokenV1),
    #[serde(rename = "finding_v1")]
    Finding(FindingV1),
    #[serde(rename = "integrity_run_v1")]
    Run(Box<RunV1>),
    #[serde(rename = "letter_v1")]
    Notification(Box<OutboxMessageV1>),
    #[serde(rename = "feed_v1")]
    Feed(Box<FeedV1>),
    #[serde(rename = "import_v1")]
    ImportV1(Box<ImportV1>),
    #[serde(rename = "import_v2")]
    ImportV2(Box<ImportV2>),
    #[serde(rename = "import_step_v1")]
    ImportStep(Box<ImportStepV1>),
    #[serde(rename = "import_person_v1")]
    ImportPersonV1(ImportPersonV1),
    #[serde(rename = "import_person_v2")]
    ImportPersonV2(Box<ImportPersonV2>),
    #[serde(rename = "missing_visit_v1")]
    MissingVisit(MissingVisitV1),
    #[serde(rename = "visit_statement_v1")]
    VisitStatement(VisitStatementV1),
    #[serde(rename = "rotation_v1")]
    Rotation(Box<RotationV1>),
    #[serde(rename = "merge_v1")]
    MergeV1(Box<MergeV1>),
    #[serde(rename = "merge_v2")]
    MergeV2(Box<MergeV2>),
    #[serde(rename = "acceptances_v1")]
    AcceptancesV1(Box<AcceptancesV1>),
    #[serde(rename = "acceptances_v2")]
    AcceptancesV2(Box<AcceptancesV2>),
    #[serde(rename = "number")]
    Number {
        name: String,
        number: u64,
    },
    #[serde(rename = "seal")]
    Seal {
        name: String,
        #[serde(with = "crate::store::tables::record::hex")]
        seal: [u8; 32],
    },
    #[serde(rename = "end")]
    End(Footer),
}

/// The last line.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct Footer {
    /// Records by table.
    pub counts: BTreeMap<String, u64>,
    /// SHA-256 over all lines before this one, line ends included.
    #[serde(with = "crate::store::tables::record::hex")]
    pub sha256: [u8; 32],
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct Stored {
    pub table: Table,
    pub key: Vec<u8>,
    pub bytes: Vec<u8>,
}

impl Line {
    /// None if the record cannot be read, or if its line would not reproduce it.
    pub fn of(stored: &Stored) -> Option<Self> {
        let line = Self::decoded(stored).ok().flatten()?;
        (line.stored().ok()?.as_ref() == Some(stored)).then_some(line)
    }

    fn decoded(Stored { table, key, bytes }: &Stored) -> Result<Option<Self>, StoreError> {
        Ok(match table {
            Table::Events => Some(Self::Event(Box::new(decode(bytes, key)?))),
            Table::Employees if bytes.first() == Some(&EmployeeV1::VERSION) => {
                Some(Self::EmployeeV1(decode(bytes, key)?))
            }
            Table::Employees if bytes.first() == Some(&EmployeeV2::VERSION) => {
                Some(Self::EmployeeV2(Box::new(decode(bytes, key)?)))
            }
            Table::Employees if bytes.first() == Some(&EmployeeV3::VERSION) => {
                Some(Self::EmployeeV3(Box::new(decode(bytes, key)?)))
            }
            Table::Employees => Some(Self::EmployeeV4(Box::new(decode(bytes, key)?))),
            Table::Holidays => Some(Self::Holiday(decode(bytes, key)?)),
            Table::Audit if bytes.first() == Some(&EntryV1::VERSION) => {
                Some(Self::AuditV1(Box::new(decode(bytes, key)?)))
            }
            Table::Audit if bytes.first() == Some(&EntryV3::VERSION) => {
                Some(Self::AuditV3(Box::new(decode(bytes, key)?)))
            }
            Table::Audit if bytes.first() == Some(&EntryV4::VERSION) => {
                Some(Self::AuditV4(Box::new(decode(bytes, key)?)))
            }
            Table::Audit => Some(Self::AuditV2(Box::new(decode(bytes, key)?))),
            Table::Replies => {
                let name = idempotency::name_of(key).ok_or_else(|| corrupt(*table, key))?;
                Some(Self::Reply { key: name.to_owned(), reply: decode(bytes, key)? })
            }
            Table::Users if bytes.first() == Some(&UserV1::VERSION) => Some(Self::UserV1(decode(bytes, key)?)),
            Table::Users => Some(Self::UserV2(Box::new(decode(bytes, key)?))),
            Table::Tokens => Some(Self::Token(decode(bytes, key)?)),
            Table::Meta => named(key, bytes),
            Table::Findings => Some(Self::Finding(decode(bytes, key)?)),
            Table::IntegrityRuns => Some(Self::Run(Box::new(decode(bytes, key)?))),
            Table::Outbox => Some(Self::Notification(Box::new(decode(bytes, key)?))),
            Table::Feeds => Some(Self::Feed(Box::new(decode(bytes, key)?))),
            Table::Imports if bytes.first() == Some(&ImportV1::VERSION) => {
                Some(Self::ImportV1(Box::new(decode(bytes, key)?)))
            }
            Table::Imports => Some(Self::ImportV2(Box::new(decode(bytes, key)?))),
            Table::Acceptances if bytes.first() == Some(&AcceptancesV1::VERSION) => {
                Some(Self::AcceptancesV1(Box::new(decode(bytes, key)?)))
            }
            Table::Acceptances => Some(Self::AcceptancesV2(Box::new(decode(bytes, key)?))),
            Table::ImportSteps => Some(Self::ImportStep(Box::new(decode(bytes, key)?))),
            Table::ImportPeople if bytes.first() == Some(&ImportPersonV1::VERSION) => {
                Some(Self::ImportPersonV1(decode(bytes, key)?))
            }
            Table::ImportPeople => Some(Self::ImportPersonV2(Box::new(decode(bytes, key)?))),
            Table::MissingVisits => Some(Self::MissingVisit(decode(bytes, key)?)),
            Table::ListedVisits => Some(Self::VisitStatement(decode(bytes, key)?)),
            Table::Rotations => Some(Self::Rotation(Box::new(decode(bytes, key)?))),
            Table::Merges if bytes.first() == Some(&MergeV1::VERSION) => {
                Some(Self::MergeV1(Box::new(decode(bytes, key)?)))
            }
            Table::Merges => Some(Self::MergeV2(Box::new(decode(bytes, key)?))),
            Table::Schedules
            | Table::ByDay
            | Table::Due
            | Table::Pairs
            | Table::DayCounts
            | Table::EmployeeDay
            | Table::StoreDay
            | Table::Words
            | Table::EventAudit
            | Table::ReplyTimes
            | Table::Sessions
            | Table::Links
            | Table::Proposals
            | Table::Visits
            | Table::Issues => None,
        })
    }

    /// The record of this line; none for the footer.
    pub fn stored(&self) -> Result<Option<Stored>, StoreError> {
        let (table, key, bytes) = match self {
            Self::Event(record) => (Table::Events, record.key(), encode(record.as_ref(), &record.key())?),
            Self::EmployeeV1(record) => (Table::Employees, record.key(), encode(record, &record.key())?),
            Self::EmployeeV2(record) => (Table::Employees, record.key(), encode(record.as_ref(), &record.key())?),
            Self::EmployeeV3(record) => (Table::Employees, record.key(), encode(record.as_ref(), &record.key())?),
            Self::EmployeeV4(record) => (Table::Employees, record.key(), encode(record.as_ref(), &record.key())?),
            Self::Holiday(record) => {
                let key = record.key().ok_or_else(|| corrupt(Table::Holidays, &[]))?;
                let bytes = encode(record, &key)?;
                (Table::Holidays, key, bytes)
            }
            Self::AuditV1(record) => (Table::Audit, record.key(), encode(record.as_ref(), &record.key())?),
            Self::AuditV2(record) => {
                let key = record.entry.key();
                let bytes = encode(record.as_ref(), &key)?;
                (Table::Audit, key, bytes)
            }
            Self::AuditV3(record) => {
                let key = record.entry.entry.key();
                let bytes = encode(record.as_ref(), &key)?;
                (Table::Audit, key, bytes)
            }
            Self::AuditV4(record) => {
                let key = record.entry.entry.entry.key();
                let bytes = encode(record.as_ref(), &key)?;
                (Table::Audit, key, bytes)
            }
            Self::Reply { key, reply } => {
                let key = idempotency::key_of(key);
                let bytes = encode(reply, &key)?;
                (Table::Replies, key, bytes)
            }
            Self::UserV1(record) => (Table::Users, record.key(), encode(record, &record.key())?),
            Self::UserV2(record) => {
                let key = record.user.key();
                let bytes = encode(record.as_ref(), &key)?;
                (Table::Users, key, bytes)
            }
            Self::Token(record) => (Table::Tokens, record.key(), encode(record, &record.key())?),
            Self::Finding(record) => (Table::Findings, record.key(), encode(record, &record.key())?),
            Self::Run(record) => (Table::IntegrityRuns, record.key(), encode(record.as_ref(), &record.key())?),
            Self::Notification(record) => (Table::Outbox, record.key(), encode(record.as_ref(), &record.key())?),
            Self::Feed(record) => (Table::Feeds, record.key(), encode(record.as_ref(), &record.key())?),
            Self::ImportV1(record) => (Table::Imports, record.key(), encode(record.as_ref(), &record.key())?),
            Self::ImportV2(record) => (Table::Imports, record.key(), encode(record.as_ref(), &record.key())?),
            Self::ImportStep(record) => (Table::ImportSteps, record.key(), encode(record.as_ref(), &record.key())?),
            Self::ImportPersonV1(record) => (Table::ImportPeople, record.key(), encode(record, &record.key())?),
            Self::ImportPersonV2(one) => (Table::ImportPeople, one.key(), encode(one.as_ref(), &one.key())?),
            Self::MissingVisit(record) => (Table::MissingVisits, record.key(), encode(record, &record.key())?),
            Self::VisitStatement(record) => (Table::ListedVisits, record.key(), encode(record, &record.key())?),
            Self::Rotation(record) => (Table::Rotations, record.key(), encode(record.as_ref(), &record.key())?),
            Self::MergeV1(record) => (Table::Merges, record.key(), encode(record.as_ref(), &record.key())?),
            Self::MergeV2(record) => (Table::Merges, record.key(), encode(record.as_ref(), &record.key())?),
            Self::AcceptancesV1(record) => {
                let key = record.key().ok_or_else(|| corrupt(Table::Acceptances, &[]))?;
                let bytes = encode(record.as_ref(), &key)?;
                (Table::Acceptances, key, bytes)
            }
            Self::AcceptancesV2(record) => {
                let key = record.key().ok_or_else(|| corrupt(Table::Acceptances, &[]))?;
                let bytes = encode(record.as_ref(), &key)?;
                (Table::Acceptances, key, bytes)
            }
            Self::Number { name, number } => (Table::Meta, name.as_bytes().to_vec(), number.to_be_bytes().to_vec()),
            Self::Seal { name, seal } => (Table::Meta, name.as_bytes().to_vec(), seal.to_vec()),
            Self::End(_) => return Ok(None),
        };
        Ok(Some(Stored { table, key, bytes }))
    }
}

/// A number or a hash by name.
fn named(key: &[u8], bytes: &[u8]) -> Option<Line> {
    let name = std::str::from_utf8(key).ok()?.to_owned();
    let number = bytes.try_into().map(u64::from_be_bytes);
    let seal = || bytes.try_into().map(|seal| Line::Seal { name: name.clone(), seal });
    number.map(|number| Line::Number { name: name.clone(), number }).or_else(|_| seal()).ok()
}
