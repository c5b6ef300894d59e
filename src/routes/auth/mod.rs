//! Authentication and authorization: sessions, tokens, roles, CSRF protection and rate limits.
//!
//! A role, a verified form and a limit are types that handlers take.

pub(crate) mod account;
pub(crate) mod authenticate;
pub(crate) mod cookies;
pub(crate) mod csrf_form;
pub(crate) mod csrf_origin;
pub(crate) mod form_tokens;
pub(crate) mod guards;
pub(crate) mod limiter;
mod new_password;
pub(crate) mod one_time_link;
mod password_hash;
pub(crate) mod rate_limit;
pub(crate) mod redirect_target;
pub(crate) mod sign_in;
pub mod state;
pub(crate) mod users;
mod visitor;
