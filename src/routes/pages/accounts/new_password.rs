//! Validation of a new password and its repetition.

use crate::{
    domain::user::{PasswordHash, UserName, check_password},
    routes::{auth::state::AuthState, http::error::Failure, pages::sentence, render::Refused},
};

/// Hashes a new password. Both fields may have an error.
pub async fn choose(password: &str, again: &str, name: &UserName, auth: &AuthState) -> Result<PasswordHash, Refused> {
    check_password(password, name).map_err(|error| Refused::field("password", sentence(&error)))?;
    if password != again {
        return Err(Refused::field("again", "The passwords do not match."));
    }
    let hash = auth.passwords().hash(password.to_owned()).await?;
    Ok(hash.ok_or(Failure::Busy)?)
}
