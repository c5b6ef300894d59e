//! Words that nobody can guess, and passwords as they are kept.
//!
//! Rule of this file: nothing here is printed by accident; `Debug` shows none of it.

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
/// Buffers for hashing that are kept for the next password: as many as are hashed at once. An allocator that gets 19 MiB
/// back each time keeps far more than it gives out.
const BUFFERS_KEPT_MAX: usize = 2;

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
pub struct SecretToken(String);

impl SecretToken {
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

impl fmt::Debug for SecretToken {
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
    hash_with(password, salt.as_salt()).map(PasswordHash).map_err(SecretError::Hash)
}

fn hash_with(password: &str, salt: Salt<'_>) -> password_hash::Result<String> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)?;
    let kept = password_hash::PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params)?,
        salt: Some(salt),
        hash: Some(output(password, salt, Algorithm::Argon2id, Version::V0x13, params)?),
    };
    Ok(kept.to_string())
}

/// Whether a password is the one that was hashed. Nobody's takes the same work: it is compared with [`NOBODYS`].
pub fn is_password(password: &str, hash: Option<&PasswordHash>) -> bool {
    let text = hash.map_or(NOBODYS, |hash| &hash.0);
    password_hash::PasswordHash::new(text).and_then(|kept| is_hash_of(password, &kept)).unwrap_or(false)
        && hash.is_some()
}

fn is_hash_of(password: &str, kept: &password_hash::PasswordHash<'_>) -> password_hash::Result<bool> {
    let algorithm = Algorithm::try_from(kept.algorithm)?;
    let version = kept.version.map_or(Ok(Version::V0x13), Version::try_from)?;
    let salt = kept.salt.ok_or(password_hash::Error::PhcStringField)?;
    let made = output(password, salt, algorithm, version, Params::try_from(kept)?)?;
    // Outputs are compared in constant time.
    Ok(kept.hash == Some(made))
}

/// What a password and a salt hash to.
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

/// A kept buffer of so many blocks, or a new one.
fn buffer(blocks: usize) -> Vec<Block> {
    let mut buffers = BUFFERS.lock().unwrap_or_else(PoisonError::into_inner);
    let found = buffers.iter().position(|buffer| buffer.len() == blocks);
    found.map_or_else(|| vec![Block::default(); blocks], |at| buffers.swap_remove(at))
}

fn keep(buffer: Vec<Block>) {
    let mut buffers = BUFFERS.lock().unwrap_or_else(PoisonError::into_inner);
    if buffers.len() < BUFFERS_KEPT_MAX {
        buffers.push(buffer);
    }
}

/// Compares without telling by its time how much was right.
pub fn is_same(given: &str, wanted: &str) -> bool {
    let differences = given.bytes().zip(wanted.bytes()).fold(0, |found, (one, other)| found | (one ^ other));
    given.len() == wanted.len() && differences == 0
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
        assert_ne!(SecretToken::new()?, SecretToken::new()?);
        assert_ne!(hash("correct horse battery")?, hash("correct horse battery")?);
        Ok(())
    }

    #[test]
    fn nothing_shows_in_debug() -> Result<(), SecretError> {
        let (word, kept) = (SecretToken::new()?, hash("correct horse battery")?);

        assert!(!format!("{word:?} {kept:?}").contains(word.as_str()));
        assert!(!format!("{kept:?}").contains("argon2"));
        Ok(())
    }
}
