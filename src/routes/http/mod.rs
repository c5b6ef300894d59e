//! HTTP plumbing that every feature shares: errors, replies, caching, compression, timeouts.

pub mod assets;
pub mod body_timeout;
pub mod cached_page;
pub mod catchers;
pub mod compression;
#[cfg(target_os = "linux")]
pub mod connections;
pub mod error;
pub mod error_response;
pub mod export_limit;
pub mod headers;
#[cfg(target_os = "linux")]
pub mod idle_connections;
pub mod methods;
pub mod page_cache;
pub mod params;
pub mod reply;
pub mod request_id;
pub mod timeout;
pub mod upload;
