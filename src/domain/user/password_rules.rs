//! Rules for new passwords.
//!
//! NIST SP 800-63B-4, 3.1.1.2 requires that common passwords are refused, and advises against required kinds of characters.

use crate::domain::user::{PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, UserError, UserName};

/// The most common passwords, one per line, sorted by byte: the first 10 000 of the list of the `zxcvbn` project (MIT),
/// and the later ones that have the required length.
const COMMON: &str = include_str!("common_passwords.txt");
/// Fewest different characters of a password: "aaaaaaaaaa" and "1212121212" have fewer.
const DIFFERENT_CHARS_MIN: usize = 5;

/// Checks a new password.
pub fn check_password(password: &str, name: &UserName) -> Result<(), UserError> {
    if !(PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&password.chars().count()) {
        return Err(UserError::PasswordLength);
    }
    let folded = password.to_lowercase();
    // "Password2025!" is as easy to guess as "password".
    let core = folded.trim_matches(|c: char| !c.is_alphabetic());
    if folded == name.folded() || core == name.folded() {
        return Err(UserError::PasswordIsName);
    }
    if is_common(&folded) || is_common(core) || different_chars(&folded) < DIFFERENT_CHARS_MIN {
        return Err(UserError::PasswordCommon);
    }
    Ok(())
}

fn is_common(text: &str) -> bool {
    !text.is_empty() && COMMON.lines().any(|common| common == text)
}

fn different_chars(text: &str) -> usize {
    text.chars().collect::<std::collections::BTreeSet<_>>().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str) -> Result<(), UserError> {
        check_password(password, &"sam.smith".parse()?)
    }

    #[test]
    fn common_passwords_are_refused() {
        for password in [
            "1234567890",
            "qwertyuiop",
            "Qwertyuiop",
            "password123",
            "Password2025!",
            "!!!manchester1",
            "aaaaaaaaaa",
            "1212121212",
        ] {
            assert_eq!(check(password), Err(UserError::PasswordCommon), "{password}");
        }
        for password in ["sam.smith1", "SAM.SMITH!!"] {
            assert_eq!(check(password), Err(UserError::PasswordIsName), "{password}");
        }
    }

    #[test]
    fn several_words_and_random_letters_are_accepted() {
        for password in ["correct horse battery", "xk3-Yb9wQz", "passwords of two sisters"] {
            assert_eq!(check(password), Ok(()), "{password}");
        }
    }
}
