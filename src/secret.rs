//! Random tokens and password hashes. `Debug` shows neither.

use std::{
    fmt,
    sync::{LazyLock, Mutex, PoisonError},
};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::{self, Output, ParamsString, Salt, SaltString},
};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use thiserror::Error;

use crate::domain::user::PasswordHash;

/// Argon2id with 19 MiB, two passes, one lane: the OWASP Password Storage Cheat Sheet's setting for servers with
/// little memory to spare (<https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>).
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// A hash for users without a password, made at the same cost.
const DUMMY_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$t8eOi92mybEmF6Qp8JpE7w$E1KVwfCNWyJEmhlVtK5QblFTRxdvRk6qt1XoUNf3SoA";
const SALT_BYTES: usize = 16;
const TOKEN_BYTES: usize = 32;
/// Buffers reused for the next password: as many as are hashed at once. Freeing 19 MiB each time makes the allocator hold
/// far more memory than it needs.
const BUFFERS_MAX: usize = 2;

/// Reason why a token or a hash could not be made.
#[derive(Clone, Debug, Error)]
pub enum SecretError {
    #[error("the operating system provides no random numbers: {0}")]
    NoRandomness(getrandom::Error),
    #[error("a password could not be hashed: {0}")]
    Hash(password_hash::Error),
}

/// A token of 256 random bits, in hexadecimal.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretToken(String);

impl SecretToken {
    /// Creates a new token.
    ///
    /// # Errors
    /// If the operating system provides no random numbers.
    pub fn new() -> Result<Self, SecretError> {
        random_hex::<TOKEN_BYTES>().map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretToken(…)")
    }
}

/// Hashes a password: about 20 ms of one core. Never call it on an async thread.
///
/// # Errors
/// If the operating system provides no random numbers, or no memory.
pub fn hash(password: &str) -> Result<PasswordHash, SecretError> {
    let salt = SaltString::encode_b64(&random::<SALT_BYTES>()?).map_err(SecretError::Hash)?;
    hash_with(password, salt.as_salt()).map(PasswordHash).map_err(SecretError::Hash)
}

fn hash_with(password: &str, salt: Salt<'_>) -> password_hash::Result<String> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)?;
    let hashed = password_hash::PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params)?,
        salt: Some(salt),
        hash: Some(output(password, salt, Algorithm::Argon2id, Version::V0x13, params)?),
    };
    Ok(hashed.to_string())
}

/// True if a password matches its hash. Without a hash it takes as long: it is compared with [`DUMMY_HASH`].
pub fn is_password(password: &str, hash: Option<&PasswordHash>) -> bool {
    let text = hash.map_or(DUMMY_HASH, |hash| &hash.0);
    password_hash::PasswordHash::new(text).and_then(|hash| is_hash_of(password, &hash)).unwrap_or(false)
        && hash.is_some()
}

fn is_hash_of(password: &str, hash: &password_hash::PasswordHash<'_>) -> password_hash::Result<bool> {
    let algorithm = Algorithm::try_from(hash.algorithm)?;
    let version = hash.version.map_or(Ok(Version::V0x13), Version::try_from)?;
    let salt = hash.salt.ok_or(password_hash::Error::PhcStringField)?;
    let made = output(password, salt, algorithm, version, Params::try_from(hash)?)?;
    // Outputs are compared in constant time.
    Ok(hash.hash == Some(made))
}

/// The hash of a password with a salt.
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
    recycle(blocks);
    output
}

static BUFFERS: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());

/// A free buffer of this size, or a new one.
fn buffer(blocks: usize) -> Vec<Block> {
    let mut buffers = BUFFERS.lock().unwrap_or_else(PoisonError::into_inner);
    let found = buffers.iter().position(|buffer| buffer.len() == blocks);
    found.map_or_else(|| vec![Block::default(); blocks], |at| buffers.swap_remove(at))
}

fn recycle(buffer: Vec<Block>) {
    let mut buffers = BUFFERS.lock().unwrap_or_else(PoisonError::into_inner);
    if buffers.len() < BUFFERS_MAX {
        buffers.push(buffer);
    }
}

/// The key of signatures, new at each start. None if the operating system provides no random bytes.
static SIGNING_KEY: LazyLock<Option<[u8; TOKEN_BYTES]>> = LazyLock::new(|| random().ok());

fn mac(team: &str, text: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(SIGNING_KEY.as_ref()?).ok()?;
    // A name of a team has no line end.
    mac.update(format!("{team}\n{text}").as_bytes());
    Some(hex::encode(mac.finalize().into_bytes()))
}

/// Prefixes a text with a signature of this process and a team, for a cookie that comes back soon.
pub fn sign(team: &str, text: &str) -> String {
    format!("{}.{text}", mac(team, text).unwrap_or_default())
}

/// The text, if this process signed it for this team.
pub fn signed<'t>(team: &str, text: &'t str) -> Option<&'t str> {
    let (given, text) = text.split_once('.')?;
    mac(team, text).is_some_and(|expected| is_same(given, &expected)).then_some(text)
}

/// Compares two secrets of one length in constant time.
pub fn is_same(given: &str, expected: &str) -> bool {
    given.as_bytes().ct_eq(expected.as_bytes()).into()
}

/// Random bytes of the operating system, in hexadecimal.
///
/// # Errors
/// If the operating system provides none.
pub fn random_hex<const N: usize>() -> Result<String, SecretError> {
    random::<N>().map(hex::encode)
}

/// Random bytes of the operating system.
///
/// # Errors
/// If the operating system provides none.
pub fn random<const N: usize>() -> Result<[u8; N], SecretError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(SecretError::NoRandomness)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_matches_its_hash_and_no_other_does() -> Result<(), SecretError> {
        let hashed = hash("correct horse battery")?;

        assert!(hashed.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hashed.0);
        assert!(is_password("correct horse battery", Some(&hashed)));
        assert!(!is_password("correct horse", Some(&hashed)));
        assert!(!is_password("", Some(&hashed)));
        assert!(!is_password("correct horse battery", None));
        Ok(())
    }

    #[test]
    fn the_dummy_hash_has_the_same_cost() -> Result<(), password_hash::Error> {
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
    fn only_a_text_signed_by_this_process_for_this_team_is_accepted() {
        let text = sign("north", "{\"text\":\"a.b\"}");

        assert_eq!(signed("north", &text), Some("{\"text\":\"a.b\"}"));
        for other in [text.replace("a.b", "a.c"), ".{}".to_owned(), "{}".to_owned(), format!("0{text}")] {
            assert_eq!(signed("north", &other), None, "{other}");
        }
        assert_eq!(signed("south", &text), None);
    }

    #[test]
    fn debug_output_hides_secrets() -> Result<(), SecretError> {
        let (token, hashed) = (SecretToken::new()?, hash("correct horse battery")?);

        assert!(!format!("{token:?} {hashed:?}").contains(token.as_str()));
        assert!(!format!("{hashed:?}").contains("argon2"));
        Ok(())
    }
}
