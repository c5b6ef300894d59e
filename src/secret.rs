//! Words that nobody can guess, and passwords as they are kept.
//!
//! Rule of this file: nothing here is printed by accident; `Debug` shows none of it.

use std::fmt;

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::{self, SaltString},
};
use thiserror::Error;

use crate::domain::{access::hex, user::PasswordHash};

/// Argon2id with 19 MiB, two passes, one lane: the OWASP Password Storage Cheat Sheet's setting for servers with little
/// memory to spare (<https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>).
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// The hash of a password that nobody has, made at the same cost.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$t8eOi92mybEmF6Qp8JpE7w$E1KVwfCNWyJEmhlVtK5QblFTRxdvRk6qt1XoUNf3SoA";
const SALT_BYTES: usize = 16;
const WORD_BYTES: usize = 32;

/// Why a word or a hash could not be made.
#[derive(Debug, Error)]
pub enum SecretError {
    #[error("the machine gives no random numbers: {0}")]
    NoRandomness(getrandom::Error),
    #[error("a password could not be hashed: {0}")]
    Hash(password_hash::Error),
}

/// A word of 256 random bits, in hexadecimal.
#[derive(Clone, PartialEq, Eq)]
pub struct Word(String);

impl Word {
    /// A new one.
    ///
    /// # Errors
    /// If the machine gives no random numbers.
    pub fn new() -> Result<Self, SecretError> {
        Ok(Self(hex(&random::<WORD_BYTES>()?)))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Word(…)")
    }
}

/// Hashes a password: about 20 ms of one core. Never on an async thread.
///
/// # Errors
/// If the machine gives no random numbers, or no memory.
pub fn hash(password: &str) -> Result<PasswordHash, SecretError> {
    let salt = SaltString::encode_b64(&random::<SALT_BYTES>()?).map_err(SecretError::Hash)?;
    let hash = argon2().and_then(|argon2| Ok(argon2.hash_password(password.as_bytes(), &salt)?.to_string()));
    hash.map(PasswordHash).map_err(SecretError::Hash)
}

/// Whether a password is the one that was hashed. Nobody's takes the same work: it is compared with [`NOBODYS`].
pub fn is_password(password: &str, hash: Option<&PasswordHash>) -> bool {
    let text = hash.map_or(NOBODYS, |hash| &hash.0);
    let (Ok(argon2), Ok(kept)) = (argon2(), password_hash::PasswordHash::new(text)) else { return false };
    argon2.verify_password(password.as_bytes(), &kept).is_ok() && hash.is_some()
}

/// Compares without telling by its time how much was right.
pub fn is_same(given: &str, wanted: &str) -> bool {
    let differences = given.bytes().zip(wanted.bytes()).fold(0, |found, (one, other)| found | (one ^ other));
    given.len() == wanted.len() && differences == 0
}

fn argon2() -> password_hash::Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn random<const N: usize>() -> Result<[u8; N], SecretError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(SecretError::NoRandomness)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_again_and_no_other() -> Result<(), SecretError> {
        let kept = hash("correct horse battery")?;

        assert!(kept.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", kept.0);
        assert!(is_password("correct horse battery", Some(&kept)));
        assert!(!is_password("correct horse", Some(&kept)));
        assert!(!is_password("", Some(&kept)));
        assert!(!is_password("correct horse battery", None));
        Ok(())
    }

    #[test]
    fn nobodys_password_takes_the_work_of_somebodys() -> Result<(), password_hash::Error> {
        let nobodys = password_hash::PasswordHash::new(NOBODYS)?;

        assert_eq!(nobodys.algorithm, Algorithm::Argon2id.ident());
        assert_eq!(nobodys.version, Some(Version::V0x13.into()));
        assert_eq!(Params::try_from(&nobodys)?.m_cost(), MEMORY_KIB);
        assert_eq!((Params::try_from(&nobodys)?.t_cost(), Params::try_from(&nobodys)?.p_cost()), (PASSES, LANES));
        Ok(())
    }

    #[test]
    fn two_words_and_two_hashes_of_one_password_differ() -> Result<(), SecretError> {
        assert_ne!(Word::new()?, Word::new()?);
        assert_ne!(hash("correct horse battery")?, hash("correct horse battery")?);
        Ok(())
    }

    #[test]
    fn nothing_shows_in_debug() -> Result<(), SecretError> {
        let (word, kept) = (Word::new()?, hash("correct horse battery")?);

        assert!(!format!("{word:?} {kept:?}").contains(word.as_str()));
        assert!(!format!("{kept:?}").contains("argon2"));
        Ok(())
    }
}
