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

/// Declares the lines of one record each, by their names, and all lines with them.
macro_rules! lines {
    ($($name:literal $record:ident;)+) => {
        /// Every line but the first.
        #[derive(Serialize, Deserialize)]
        pub(in crate::store) enum Line {
            $(#[serde(rename = $name)]
            $record(Box<$record>),)+
            #[serde(rename = "reply_v1")]
            Reply { key: String, reply: IdempotencyV1 },
            #[serde(rename = "number")]
            Number { name: String, number: u64 },
            #[serde(rename = "seal")]
            Seal {
                name: String,
                #[serde(with = "crate::store::tables::record::hex")]
                seal: [u8; 32],
            },
            #[serde(rename = "end")]
            End(Footer),
        }

        impl Line {
            fn decoded(Stored { table, key, bytes }: &Stored) -> Result<Option<Self>, StoreError> {
                match (*table, bytes.first().copied()) {
                    $(($record::TABLE, Some($record::VERSION)) => {
                        Ok(Some(Self::$record(Box::new(decode(bytes, key)?))))
                    })+
                    (Table::Replies, _) => {
                        let name = idempotency::name_of(key).ok_or_else(|| corrupt(*table, key))?;
                        Ok(Some(Self::Reply { key: name.to_owned(), reply: decode(bytes, key)? }))
                    }
                    (Table::Meta, _) => Ok(named(key, bytes)),
                    _ => Ok(None),
                }
            }

            /// The record of this line; none for the footer.
            pub fn stored(&self) -> Result<Option<Stored>, StoreError> {
                let of_meta = |name: &str, bytes: &[u8]| {
                    Ok(Some(Stored { table: Table::Meta, key: name.as_bytes().to_vec(), bytes: bytes.to_vec() }))
                };
                match self {
                    $(Self::$record(record) => encoded(record.as_ref(), record.key()),)+
                    Self::Reply { key, reply } => encoded(reply, idempotency::key_of(key)),
                    Self::Number { name, number } => of_meta(name, &number.to_be_bytes()),
                    Self::Seal { name, seal } => of_meta(name, seal),
                    Self::End(_) => Ok(None),
                }
            }
        }
    };
}

lines! {
    "event_v1" EventV1;
    "employee_v1" EmployeeV1;
    "employee_v2" EmployeeV2;
    "EmployeeV3" EmployeeV3;
    "employee_v4" EmployeeV4;
    "holiday_v1" HolidayV1;
    "audit_v1" EntryV1;
    "audit_v2" EntryV2;
    "audit_v3" EntryV3;
    "audit_v4" EntryV4;
    "user_v1" UserV1;
    "user_v2" UserV2;
    "token_v1" TokenV1;
    "finding_v1" FindingV1;
    "integrity_run_v1" RunV1;
    "letter_v1" OutboxMessageV1;
    "feed_v1" FeedV1;
    "import_v1" ImportV1;
    "import_v2" ImportV2;
    "import_step_v1" ImportStepV1;
    "import_person_v1" ImportPersonV1;
    "import_person_v2" ImportPersonV2;
    "missing_visit_v1" MissingVisitV1;
    "visit_statement_v1" VisitStatementV1;
    "rotation_v1" RotationV1;
    "merge_v1" MergeV1;
    "merge_v2" MergeV2;
    "acceptances_v1" AcceptancesV1;
    "acceptances_v2" AcceptancesV2;
}

impl Line {
    /// None if the record cannot be read, or if its line would not reproduce it.
    pub fn of(stored: &Stored) -> Option<Self> {
        let line = Self::decoded(stored).ok().flatten()?;
        (line.stored().ok()?.as_ref() == Some(stored)).then_some(line)
    }
}

/// A record as it is stored. One with an invalid date has no key.
fn encoded<R: Record>(record: &R, key: impl Into<Option<Vec<u8>>>) -> Result<Option<Stored>, StoreError> {
    let key = key.into().ok_or_else(|| corrupt(R::TABLE, &[]))?;
    let bytes = encode(record, &key)?;
    Ok(Some(Stored { table: R::TABLE, key, bytes }))
}

/// A number or a hash by name.
fn named(key: &[u8], bytes: &[u8]) -> Option<Line> {
    let name = std::str::from_utf8(key).ok()?.to_owned();
    let number = bytes.try_into().map(u64::from_be_bytes);
    let seal = || bytes.try_into().map(|seal| Line::Seal { name: name.clone(), seal });
    number.map(|number| Line::Number { name: name.clone(), number }).or_else(|_| seal()).ok()
}
