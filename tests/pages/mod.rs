//! Pages and calls as strangers, browsers and careless callers meet them.
//!
//! Rule of these tests: whatever comes in, the answer says what was wrong, and nothing that was not asked for happens.

mod activity;
mod activity_csv;
mod addresses;
mod calls;
mod compression;
mod document;
mod escaping;
mod feeds;
mod filters;
mod fragments;
mod health;
mod imports;
mod kept;
mod limits;
mod lists;
mod live;
mod looks;
mod mistakes;
mod pair_dialog;
mod people;
mod previews;
mod reassign;
mod refusals;
mod search;
mod settings;
mod several;
mod supervisor_call;
mod trade_form;
mod typed;
mod undo;
mod unscheduled;
mod works;
