//! Responses with pages: documents, fragments for htmx, cached pages, error pages, and messages after a redirect.

pub mod cached_page;
pub mod catchers;
pub mod error_page;
pub mod flash;
mod form_response;
pub mod page_cache;
pub mod reply;

pub use crate::routes::render::{
    flash::Flashed,
    form_response::{FormResponse, Refused},
    reply::Reply,
};
