//! Validation of a new password and its repetition.

use crate::{
    domain::{
        format,
        user::{PasswordHash, UserError, UserName, check_password},
    },
    routes::{auth::state::AuthState, http::error::Failure},
    views::components::alert::FieldError,
};

/// The two password fields of a form.
#[derive(Clone, Copy, Debug)]
pub struct PasswordPair<'a> {
    pub password: &'a str,
    pub again: &'a str,
}

/// Hashes a new password, or returns the errors of the two fields.
///
/// # Errors
/// [`Failure::Busy`] if too many passwords are being hashed.
pub async fn choose(
    pair: &PasswordPair<'_>,
    name: &UserName,
    auth: &AuthState,
) -> Result<Result<PasswordHash, Vec<FieldError>>, Failure> {
    if let Err(error) = check_password(pair.password, name) {
        return Ok(Err(vec![FieldError { name: "password".into(), message: sentence(&error) }]));
    }
    if pair.password != pair.again {
        let message = "The passwords do not match.".to_owned();
        return Ok(Err(vec![FieldError { name: "again".into(), message }]));
    }
    let hash = auth.passwords().hash(pair.password.to_owned()).await.map_err(Failure::secret)?;
    hash.map(Ok).ok_or(Failure::Busy)
}

/// "A name has 1 to 60 letters, …."
pub fn sentence(error: &UserError) -> String {
    format!("{}.", format::capitalized(&error.to_string()))
}
