//! Serializes bytes as hexadecimal digits, in backups and JSON. The store itself contains raw bytes.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

pub(crate) fn serialize<S: Serializer>(bytes: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        serializer.serialize_str(&hex::encode(bytes))
    } else {
        bytes.serialize(serializer)
    }
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
    if deserializer.is_human_readable() {
        let mut bytes = [0; 32];
        let decoded = hex::decode_to_slice(String::deserialize(deserializer)?, &mut bytes);
        decoded.map(|()| bytes).map_err(|_| D::Error::custom("a SHA-256 digest has 64 hexadecimal digits"))
    } else {
        <[u8; 32]>::deserialize(deserializer)
    }
}
