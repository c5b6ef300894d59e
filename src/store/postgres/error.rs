//! Errors of the database server, as errors of the store.

use tokio_postgres::{
    Error,
    error::{Severity, SqlState},
};

use crate::store::error::StoreError;

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        of(&error)
    }
}

/// What a failed statement means for the transaction it was in.
pub(super) fn of(error: &Error) -> StoreError {
    let Some(refusal) = error.as_db_error() else {
        return StoreError::Unreachable(sentence(error));
    };
    let code = refusal.code();
    if *code == SqlState::DISK_FULL {
        return StoreError::Full;
    }
    if is_conflict(error) {
        return StoreError::Conflict;
    }
    if *code == SqlState::LOCK_NOT_AVAILABLE {
        return StoreError::Busy;
    }
    if *code == SqlState::INVALID_SQL_STATEMENT_NAME || *code == SqlState::DUPLICATE_PSTATEMENT {
        return StoreError::Refused(
            "a connection pooler between Tandem and the database loses prepared statements: use session pooling, or \
             pgbouncer 1.21 or newer with max_prepared_statements above 0"
                .to_owned(),
        );
    }
    let goes_away = matches!(code.code().get(..2), Some("08" | "53" | "57" | "58"))
        || *code == SqlState::READ_ONLY_SQL_TRANSACTION
        || *code == SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT;
    let sentence = format!("{} ({})", refusal.message(), code.code());
    match code.code().get(..2) {
        _ if goes_away => StoreError::Unreachable(sentence),
        Some("28" | "3D" | "42") => StoreError::Refused(sentence),
        _ => StoreError::Database(sentence),
    }
}

/// Tells that the transaction was rolled back because of another one, and may be begun again.
pub(super) fn is_conflict(error: &Error) -> bool {
    error
        .code()
        .is_some_and(|code| *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED)
}

/// Tells that the server rolled the transaction back. Otherwise the connection broke, and nothing is known.
pub(super) fn is_rolled_back(error: &Error) -> bool {
    error.as_db_error().is_some_and(|refusal| refusal.parsed_severity() == Some(Severity::Error))
}

/// The error and its causes. It never holds the password.
pub(super) fn sentence(error: &Error) -> String {
    let (mut text, mut cause) = (error.to_string(), std::error::Error::source(error));
    while let Some(next) = cause {
        let more = next.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = next.source();
    }
    text
}
