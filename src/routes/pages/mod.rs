//! The pages, a folder per feature: handlers, forms, responses.

pub mod accounts;
pub mod activity;
pub mod api_reference;
pub mod auto_schedule;
pub mod bulk;
pub mod calendar;
pub mod changes;
pub mod employees;
pub mod feeds;
pub mod help;
pub mod import;
pub mod integrity;
pub mod live;
pub mod look_alikes;
pub mod reports;
pub mod search;
pub mod settings;
pub mod unscheduled;
pub mod unsent;
