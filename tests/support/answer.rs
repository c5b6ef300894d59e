//! The response of an API call, with assertions on its outcome.

use serde_json::Value;

use super::Page;

/// The response of an API call.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
    pub request_id: String,
}

impl Answer {
    pub fn of(page: Page) -> Self {
        let body = serde_json::from_str(&page.body).unwrap_or_else(|_| panic!("not JSON: {}", page.body));
        Self { status: page.status, body, request_id: page.request_id }
    }

    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!((self.status, &self.body["success"]), (200, &Value::Bool(true)), "{}", self.body);
        self
    }

    /// Asserts a refusal with this status and code.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status, self.body["code"].as_str()), (status, Some(code)), "{}", self.body);
        assert_eq!(self.body["success"], Value::Bool(false));
        self
    }

    /// The ids of the rules that warned.
    pub fn warnings(&self) -> Vec<&str> {
        self.body["warnings"].as_array().unwrap().iter().map(|warning| warning["rule"].as_str().unwrap()).collect()
    }
}
