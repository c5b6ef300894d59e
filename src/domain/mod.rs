//! The rules of scheduling as plain data and pure functions.
//!
//! Invariant: no HTTP, no database, no clock. All data of a decision are arguments.

/// Declares an enum of plain values, each with one or two names: `Core => "core", "CORE";`. It gets a method for each name,
/// and the list `ALL` of its values in this order.
macro_rules! named {
    ($(#[$about:meta])* pub enum $name:ident: $first:ident {
        $($(#[$doc:meta])* $value:ident $(= $number:literal)? => $one:expr;)+
    }) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $(#[$about])*
        pub enum $name {
            $($(#[$doc])* $value $(= $number)?),+
        }

        impl $name {
            pub const ALL: [Self; [$(Self::$value),+].len()] = [$(Self::$value),+];

            pub fn $first(self) -> &'static str {
                match self {
                    $(Self::$value => $one),+
                }
            }
        }
    };
    ($(#[$about:meta])* pub enum $name:ident: $first:ident, $second:ident {
        $($(#[$doc:meta])* $value:ident $(= $number:literal)? => $one:expr, $two:expr;)+
    }) => {
        named! {
            $(#[$about])* pub enum $name: $first { $($(#[$doc])* $value $(= $number)? => $one;)+ }
        }

        impl $name {
            pub fn $second(self) -> &'static str {
                match self {
                    $(Self::$value => $two),+
                }
            }
        }
    };
}

/// Shows a type as the text that its method gives.
macro_rules! shown_as {
    ($method:ident: $($name:ty),+) => {
        $(impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.$method())
            }
        })+
    };
}

/// Lets serde read a type from text as [`FromStr`](std::str::FromStr) does, and write it as its text.
macro_rules! text_in_json {
    ($name:ident, $error:ty) => {
        impl TryFrom<String> for $name {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, $error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }
    };
}

pub(crate) use named;

pub mod alike;
pub mod audit;
pub mod calendar;
pub mod change;
pub mod csv_escape;
pub mod day;
pub mod email;
pub mod employee;
pub mod event;
pub mod feed;
pub mod format;
pub mod ids;
pub mod imports;
pub mod integrity;
pub mod notification;
pub mod policy;
pub mod report;
pub mod rules;
pub mod schedule;
pub mod user;
pub mod visibility;
