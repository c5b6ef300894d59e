//! Tandem: a calendar for events that come in pairs. The library is its rooms; `docs/ARCHITECTURE.md` draws the arrows.

pub mod domain;
pub mod import;
