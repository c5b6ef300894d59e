//! The acceptance cases, each a test whose name begins with its number.

mod pairs;
