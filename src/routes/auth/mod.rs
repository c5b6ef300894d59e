//! Authentication and authorization: sessions, tokens, roles, CSRF protection and rate limits.
//!
//! A role, a verified form and a limit are types that handlers take.

pub(crate) mod authenticate;
pub(crate) mod cookies;
pub(crate) mod csrf_form;
pub(crate) mod csrf_origin;
pub(crate) mod export_limit;
pub(crate) mod form_tokens;
pub(crate) mod guards;
pub(crate) mod json_body;
pub(crate) mod limiter;
pub(crate) mod password_hash;
pub mod proposal_limit;
pub(crate) mod rate_limit;
pub(crate) mod redirect_target;
pub mod state;
pub(crate) mod visitor;
pub(crate) mod well_known;

pub(crate) use crate::routes::auth::{
    csrf_form::{Nothing, Posted},
    guards::{Admin, Anonymous, Scheduler, Viewer},
};
