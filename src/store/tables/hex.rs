//! Serializes bytes as hexadecimal digits, in backups and JSON. The store itself contains raw bytes.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// Two digits per byte.
fn digits(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(|four| char::from_digit(four.into(), 16)).collect()
}

fn seal(digits: &str) -> Option<[u8; 32]> {
    let byte = |at: usize| digits.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let bytes: Vec<u8> = (0..digits.len()).step_by(2).map(byte).collect::<Option<_>>()?;
    bytes.try_into().ok()
}

pub(crate) fn serialize<S: Serializer>(bytes: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() { serializer.serialize_str(&digits(bytes)) } else { bytes.serialize(serializer) }
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
    if deserializer.is_human_readable() {
        let text = String::deserialize(deserializer)?;
        seal(&text).ok_or_else(|| D::Error::custom("a seal has 64 hexadecimal digits"))
    } else {
        <[u8; 32]>::deserialize(deserializer)
    }
}
