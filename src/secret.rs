//! Words that nobody can guess, and passwords as they are kept.
//!
//! Invariant: nothing here is printed by accident; `Debug` shows no secret.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::{self, Output, ParamsString, Salt, SaltString},
};
use thiserror::Error;

use crate::domain::user::{PasswordHash, access::hex};

/// Argon2id with 19 MiB, two passes, one lane: the OWASP Password Storage Cheat Sheet's setting for servers with
/// little memory to spare (<https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>).
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// The hash of a random, unknown password with the same cost.
const DUMMY_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$t8eOi92mybEmF6Qp8JpE7w$E1KVwfCNWyJEmhlVtK5QblFTRxdvRk6qt1XoUNf3SoA";
const SALT_BYTES: usize = 16;
const WORD_BYTES: usize = 32;
/// Most hashing buffers that are reused: as many as are hashed at once. An allocator that gets 19 MiB back each time
/// keeps far more memory than is in use.
const BUFFERS_MAX: usize = 2;

/// Error while creating a token or a hash.
#[derive(Clone, Debug, Error)]
pub enum SecretError {
    #[error("the system gives no random numbers: {0}")]
    NoRandomness(getrandom::Error),
    #[error("a password could not be hashed: {0}")]
    Hash(password_hash::Error),
}

/// A secret of 256 random bits, in hexadecimal.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretToken(String);

impl SecretToken {
    /// Creates a new token.
    ///
    /// # Errors
    /// If the system gives no random numbers.
    pub fn new() -> Result<Self, SecretError> {
        Ok(Self(hex(&random::<WORD_BYTES>()?)))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Word(…)")
    }
}

/// Hashes a password: about 20 ms of one core. Never call it on an async thread.
///
/// # Errors
/// If the system gives no random numbers, or no memory.
pub fn hash(password: &str) -> Result<PasswordHash, SecretError> {
    let salt = SaltString::encode_b64(&random::<SALT_BYTES>()?).map_err(SecretError::Hash)?;
    hash_with(password, salt.as_salt()).map(PasswordHash).map_err(SecretError::Hash)
}

fn hash_with(password: &str, salt: Salt<'_>) -> password_hash::Result<String> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)?;
    let stored = password_hash::PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params)?,
        salt: Some(salt),
        hash: Some(output(password, salt, Algorithm::Argon2id, Version::V0x13, params)?),
    };
    Ok(stored.to_string())
}

/// Compares a password with a hash. Without a hash it takes as long: the password is compared with [`DUMMY_HASH`].
pub fn is_password(password: &str, hash: Option<&PasswordHash>) -> bool {
    let text = hash.map_or(DUMMY_HASH, |hash| &hash.0);
    password_hash::PasswordHash::new(text).and_then(|stored| is_hash_of(password, &stored)).unwrap_or(false)
        && hash.is_some()
}

fn is_hash_of(password: &str, stored: &password_hash::PasswordHash<'_>) -> password_hash::Result<bool> {
    let algorithm = Algorithm::try_from(stored.algorithm)?;
    let version = stored.version.map_or(Ok(Version::V0x13), Version::try_from)?;
    let salt = stored.salt.ok_or(password_hash::Error::PhcStringField)?;
    let made = output(password, salt, algorithm, version, Params::try_from(stored)?)?;
    // Outputs are compared in constant time.
    Ok(stored.hash == Some(made))
}

/// The Argon2 output for a password and a salt.
fn output(
    password: &str,
    salt: Salt<'_>,
    algorithm: Algorithm,
    version: Version,
    params: Params,
) -> password_hash::Result<Output> {
    let (mut salt_bytes, length) = ([0; Salt::MAX_LENGTH], params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN));
    let salt = salt.decode_b64(&mut salt_bytes)?;
    let mut blocks = buffer(params.block_count());
    let argon2 = Argon2::new(algorithm, version, params);
    let output = Output::init_with(length, |out| {
        Ok(argon2.hash_password_into_with_memory(password.as_bytes(), salt, out, &mut blocks)?)
    });
    keep(blocks);
    output
}

static BUFFERS: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());

/// A reused buffer of this many blocks, or a new one.
fn buffer(blocks: usize) -> Vec<Block> {
    let mut buffers = BUFFERS.lock().unwrap_or_else(PoisonError::into_inner);
    let found = buffers.iter().position(|buffer| buffer.len() == blocks);
    found.map_or_else(|| vec![Block::default(); blocks], |at| buffers.swap_remove(at))
}

fn keep(buffer: Vec<Block>) {
    let mut buffers = BUFFERS.lock().unwrap_or_else(PoisonError::into_inner);
    if buffers.len() < BUFFERS_MAX {
        buffers.push(buffer);
    }
}

/// Compares two strings in constant time.
pub fn is_same(given: &str, expected: &str) -> bool {
    let differences = given.bytes().zip(expected.bytes()).fold(0, |found, (one, other)| found | (one ^ other));
    given.len() == expected.len() && differences == 0
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
    fn only_the_hashed_password_matches() -> Result<(), SecretError> {
        let stored = hash("correct horse battery")?;

        assert!(stored.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", stored.0);
        assert!(is_password("correct horse battery", Some(&stored)));
        assert!(!is_password("correct horse", Some(&stored)));
        assert!(!is_password("", Some(&stored)));
        assert!(!is_password("correct horse battery", None));
        Ok(())
    }

    #[test]
    fn an_unknown_user_takes_as_long_as_a_wrong_password() -> Result<(), password_hash::Error> {
        let dummy = password_hash::PasswordHash::new(DUMMY_HASH)?;

        assert_eq!(dummy.algorithm, Algorithm::Argon2id.ident());
        assert_eq!(dummy.version, Some(Version::V0x13.into()));
        assert_eq!(Params::try_from(&dummy)?.m_cost(), MEMORY_KIB);
        assert_eq!((Params::try_from(&dummy)?.t_cost(), Params::try_from(&dummy)?.p_cost()), (PASSES, LANES));
        Ok(())
    }

    #[test]
    fn two_tokens_and_two_hashes_of_one_password_differ() -> Result<(), SecretError> {
        assert_ne!(SecretToken::new()?, SecretToken::new()?);
        assert_ne!(hash("correct horse battery")?, hash("correct horse battery")?);
        Ok(())
    }

    #[test]
    fn nothing_shows_in_debug() -> Result<(), SecretError> {
        let (token, stored) = (SecretToken::new()?, hash("correct horse battery")?);

        assert!(!format!("{token:?} {stored:?}").contains(token.as_str()));
        assert!(!format!("{stored:?}").contains("argon2"));
        Ok(())
    }
}
