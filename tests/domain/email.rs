//! Validation of e-mail addresses.

use tandem::domain::email::{EMAIL_CHARS_MAX, Email};

#[test]
fn usual_addresses_are_accepted_unchanged() {
    for text in ["ada@example.com", "a.b+c@sub.example.co", "O'Neil_1@x-y.io", "  ada@example.com  "] {
        assert_eq!(text.parse::<Email>().unwrap().as_str(), text.trim());
    }
}

#[test]
fn undeliverable_and_multiple_addresses_are_refused() {
    let longest = format!("ada@{}.com", "x".repeat(EMAIL_CHARS_MAX));
    let wrong = [
        "",
        "ada",
        "ada@",
        "@example.com",
        "ada@example",
        "ada@@example.com",
        "a b@example.com",
        "a@b@example.com",
        ".ada@example.com",
        "ada..bell@example.com",
        "ada@-example.com",
        "ada@example..com",
        "ada@example.com\nBcc: x@y.z",
        "a,b@example.com",
        "<ada@example.com>",
        "ada@example.com,eve@example.com",
        &longest,
    ];
    for text in wrong {
        assert!(text.parse::<Email>().is_err(), "{text:?}");
    }
}
