//! HTTP plumbing that every feature shares: errors, replies, caching, compression, timeouts.

pub mod address;
pub mod assets;
pub mod body_timeout;
pub mod compression;
#[cfg(target_os = "linux")]
pub mod connections;
pub mod decode;
pub mod error;
pub mod etag;
pub mod form_text;
pub mod headers;
#[cfg(target_os = "linux")]
pub mod idle_connections;
pub mod json;
pub mod methods;
pub mod normal_path;
pub mod params;
pub mod request_id;
pub mod team;
pub mod timeout;
