//! Text fields of forms.

use std::ops::Deref;

use rocket::form::{self, FromFormField, ValueField};

/// A text field. A missing one is empty.
#[derive(Clone, Debug, Default)]
pub struct Text(pub String);

impl<'r> FromFormField<'r> for Text {
    fn from_value(field: ValueField<'r>) -> form::Result<'r, Self> {
        Ok(Self(field.value.to_owned()))
    }

    fn default() -> Option<Self> {
        Some(Self(String::new()))
    }
}

impl Deref for Text {
    type Target = String;

    fn deref(&self) -> &String {
        &self.0
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}
