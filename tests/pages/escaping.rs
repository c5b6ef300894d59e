//! Imported text is escaped on every page.

use crate::support::{App, legacy};

const NAME: &str = r#"606001-CORE-<script>alert("1")</script> O'Neill & "Söhne" 🍎"#;

/// What pages call it: the name behind its number and type.
fn product() -> &'static str {
    NAME.strip_prefix("606001-CORE-").unwrap()
}

/// One CORE on the 15th and one open, both called [`NAME`], at a store with such a name.
fn app() -> App {
    let quoted = format!("\"{}\"", NAME.replace('"', "\"\""));
    let event = |id: u64| format!("{id},{quoted},CORE,1,2025-10-15,<b>4101");
    App::with(&[], Some(legacy(&[&event(1), &event(2)], &["11,1,101,2025-10-15 10:00:00"])))
}

#[test]
fn a_name_with_markup_quotes_and_emoji_is_shown_unchanged() {
    let app = app();

    let pages = [
        "/calendar/day/2025-10-15",
        "/events/1/reschedule",
        "/events/1/unschedule",
        "/events/1/employee",
        "/events/2/schedule",
    ];
    for address in pages {
        let page = app.get(address).status(200);
        assert!(!page.body.contains("<script>alert") && !page.body.contains("<b>4101"), "{address}");
        page.says(product()).says("<b>4101");
    }
    let month = app.get("/calendar/2025/10").status(200);
    assert!(!month.body.contains("<script>alert"));
}

#[test]
fn a_message_with_markup_is_shown_unchanged_after_a_redirect() {
    let app = app();

    let revision = app.revision(1);
    let answer = app.post("/events/1/reschedule", &[("revision", &revision), ("date", "2025-10-20")]);

    app.follow(answer).says(&format!("{} (CORE 606001) moved to Mon, Oct 20, 2025 at 10:00 AM.", product()));
}

#[test]
fn input_is_shown_again_escaped() {
    let app = app();
    let typed = r#""><script>alert(1)</script>"#;

    let revision = app.revision(1);
    let form =
        app.post("/events/1/reschedule", &[("revision", &revision), ("date", typed), ("time", typed)]).status(422);

    assert!(!form.body.contains("<script>alert"), "{}", form.body);
    assert!(form.element("date").contains("&quot;&gt;&lt;script&gt;"), "{}", form.element("date"));
}

#[test]
fn an_invalid_address_is_shown_escaped() {
    let page = App::empty().get("/calendar/day/%3Cscript%3Ealert(1)").status(404);

    assert!(!page.body.contains("<script>alert"), "{}", page.body);
}
