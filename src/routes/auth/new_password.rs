//! A new password, typed twice.

use crate::{
    domain::{
        format,
        user::{PasswordHash, UserError, UserName, check_password},
    },
    routes::{auth::state::AuthState, http::error::Failure},
    views::components::alert::FieldError,
};

/// A new password as typed.
#[derive(Clone, Copy, Debug)]
pub struct PasswordPair<'a> {
    pub password: &'a str,
    pub again: &'a str,
}

/// The hash of a new password, or which of the two fields cannot be used.
///
/// # Errors
/// [`Failure::Busy`] if too many passwords are being hashed.
pub async fn choose(
    typed: &PasswordPair<'_>,
    name: &UserName,
    auth: &AuthState,
) -> Result<Result<PasswordHash, Vec<FieldError>>, Failure> {
    if let Err(error) = check_password(typed.password, name) {
        return Ok(Err(vec![FieldError { name: "password".into(), message: sentence(&error) }]));
    }
    if typed.password != typed.again {
        let message = "The passwords do not match.".to_owned();
        return Ok(Err(vec![FieldError { name: "again".into(), message }]));
    }
    let hash = auth.passwords().hash(typed.password.to_owned()).await.map_err(Failure::secret)?;
    hash.map(Ok).ok_or(Failure::Busy)
}

/// "A name has 1 to 60 letters, …."
pub fn sentence(error: &UserError) -> String {
    format!("{}.", format::capitalized(&error.to_string()))
}
