//! Repairs of findings, and their undo.

use serde_json::json;
use tandem::{domain::audit::Action, store::tables::outbox};

use super::{check, pairs_app, plant, problems};
use crate::support::{App, on, pairs_data};

/// The fields of a form on a page, as a browser would send them.
fn fields_of(body: &str) -> Vec<(String, String)> {
    let attribute = |tag: &str, name: &str| {
        let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
        Some(tag[start..].split('"').next()?.replace("&amp;", "&"))
    };
    let form = &body[body.find("<form class=\"form plan\"").unwrap()..];
    let form = &form[..form.find("</form>").unwrap()];
    let mut fields = Vec::new();
    for part in form.split('<').skip(1) {
        let tag = part.split('>').next().unwrap();
        let box_off = tag.contains("type=\"checkbox\"") && !tag.contains(" checked");
        if let (true, false, Some(name)) = (tag.starts_with("input"), box_off, attribute(tag, "name")) {
            fields.push((name, attribute(tag, "value").unwrap_or_default()));
        }
    }
    for select in form.split("<select").skip(1) {
        let name = attribute(select.split('>').next().unwrap(), "name").unwrap();
        let options = select.split("</select>").next().unwrap();
        let chosen =
            options.split("<option").skip(1).find(|option| option.split('>').next().unwrap().contains(" selected"));
        fields.push((name, chosen.and_then(|option| attribute(option, "value")).unwrap_or_default()));
    }
    fields
}

/// Opens a repair and sends its form unchanged, with a reason.
fn repair(app: &App, address: &str, reason: &str) -> crate::support::Page {
    let mut fields = fields_of(&app.get(address).status(200).body);
    fields.push(("override_reason".to_owned(), reason.to_owned()));
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    app.post("/integrity/repair", &fields)
}

/// The titles of outbox messages.
fn titles(app: &App) -> Vec<String> {
    app.read(|tx| outbox::all(tx)).into_iter().map(|outbox_message| outbox_message.notification.title).collect()
}

#[test]
fn tx_10_tx_34_all_36_findings_are_repaired_in_one_change_and_undone_in_one() {
    let app = App::with_visits();
    check(&app);
    assert_eq!(problems(&app).len(), 36);
    let (before, entries) = (app.bytes(), app.audit().len());
    let preview = app.get("/integrity/repair").status(200).says("Repair 36");
    assert_eq!(preview.form("/integrity/repair").count(".take"), 36);
    assert_eq!(app.bytes(), before, "a preview writes nothing");

    let page = app.follow(repair(&app, "/integrity/repair", ""));

    let message = page.text_of("messages");
    assert!(message.contains("Repaired: 36 events changed. 0 issues left."), "{message}");
    assert_eq!(problems(&app), [""; 0]);
    let audit = app.audit();
    assert_eq!(audit.len(), entries + 1);
    let entry = audit.last().unwrap();
    assert_eq!((entry.action, entry.steps.len(), entry.reason.as_deref()), (Action::Repair, 36, None));
    app.assert_whole();

    app.post(&format!("/activity/{}/undo", entry.sequence), &[("key", "undo")]).status(303);
    check(&app);
    assert_eq!(problems(&app).len(), 36);
}

#[test]
fn each_of_the_three_mismatches_is_repaired() {
    let app = pairs_app();
    plant(&app, 1002, Some(("2025-10-16 12:00", "105")));
    plant(&app, 1005, Some(("2025-10-16 12:00", "105")));
    check(&app);
    assert_eq!(problems(&app), ["date-mismatch 1002", "supervisor-unstaffed 1007", "core-unstaffed 1004"]);

    repair(&app, "/integrity/repair?check=date-mismatch&event=1002", "").status(303);
    assert_eq!(app.assignment(1002), Some(on("2025-10-15 12:00", "105")));
    repair(&app, "/integrity/repair?check=core-unstaffed", "").status(303);
    assert_eq!(app.assignment(1005), None);
    repair(&app, "/integrity/repair", "").status(303);
    assert_eq!(app.assignment(1007).map(|(start, _)| start), Some("2025-10-15 11:00".to_owned()));
    assert_eq!(problems(&app), [""; 0]);
}

#[test]
fn each_mismatch_is_alerted_repaired_at_once_and_cleared() {
    let mistakes = [
        (1002, Some(("2025-10-16 12:00", "105")), "date-mismatch", 1002),
        (1002, None, "supervisor-unstaffed", 1002),
        (1005, Some(("2025-10-16 12:00", "105")), "core-unstaffed", 1004),
    ];
    for (planted, mistake, kind, event) in mistakes {
        let slack = ("slack_webhook_url", "\"https://hooks.example.com/services/T/B/secret\"");
        let app = App::with(&[slack], Some(pairs_data()));
        plant(&app, 1006, None);
        check(&app);
        assert_eq!((problems(&app), titles(&app)), (vec![], vec![]), "{kind}: whole to begin with");
        plant(&app, planted, mistake);

        check(&app);
        let found = format!("{kind} {event}");
        assert_eq!((problems(&app), titles(&app)), (vec![found], vec!["Tandem: 1 new problem".to_owned()]));
        let page = app.follow(app.get(&format!("/integrity/{kind}/{event}"))).status(200);
        page.says("Repair 1");
        repair(&app, &format!("/integrity/repair?check={kind}&event={event}"), "").status(303);
        check(&app);

        let expected = ["Tandem: 1 new problem", "Tandem: all clear"].map(str::to_owned).to_vec();
        assert_eq!((problems(&app), titles(&app)), (vec![], expected), "{kind}");
        app.assert_whole();
    }
}

#[test]
fn a_supervisor_can_be_released_instead_of_moved() {
    let app = pairs_app();
    plant(&app, 1002, Some(("2025-10-16 12:00", "105")));
    check(&app);
    let revision = app.revision(1002);

    let fields =
        [("row[1002].take", "true"), ("row[1002].how", "release"), ("row[1002].seen", revision.as_str()), ("key", "k")];
    app.post("/integrity/repair", &fields).status(303);

    assert_eq!(app.assignment(1002), None);
}

#[test]
fn unselected_findings_are_not_repaired() {
    let app = pairs_app();
    check(&app);
    let before = app.bytes();

    let page = app.post("/integrity/repair", &[("row[1007].employee", "105"), ("key", "k")]).status(422);

    page.says("chosen");
    assert_eq!(app.bytes(), before);
}

#[test]
fn a_repair_refused_by_a_rule_asks_for_a_reason_and_keeps_the_choices() {
    let app = pairs_app();
    check(&app);
    let before = app.bytes();
    let revision = app.revision(1007);
    let chosen = [
        ("row[1007].take", "true"),
        ("row[1007].employee", "101"),
        ("row[1007].seen", revision.as_str()),
        ("key", "k"),
    ];

    let page = app.post("/integrity/repair", &chosen).status(422).says("Override reason");

    assert!(page.body.contains("<option value=\"101\" selected"), "{}", page.body);
    assert_eq!(app.bytes(), before);
    let with_reason = [chosen.as_slice(), &[("override_reason", "no one else")]].concat();
    app.post("/integrity/repair", &with_reason).status(303);
    assert_eq!(app.assignment(1007).map(|(_, who)| who), Some("101".to_owned()));
    assert_eq!(app.audit().last().unwrap().reason.as_deref(), Some("no one else"));
}

#[test]
fn a_repair_of_a_changed_event_is_refused() {
    let app = pairs_app();
    plant(&app, 1002, Some(("2025-10-16 12:00", "105")));
    check(&app);
    let stale = app.revision(1002);
    plant(&app, 1002, Some(("2025-10-17 12:00", "105")));
    let before = app.bytes();

    let fields =
        [("row[1002].take", "true"), ("row[1002].how", "move"), ("row[1002].seen", stale.as_str()), ("key", "k")];
    let page = app.post("/integrity/repair", &fields);

    assert!(matches!(page.status, 409 | 422), "{}", page.status);
    page.says("Nothing was changed");
    assert_eq!(app.bytes(), before);
}

#[test]
fn without_an_employee_the_form_is_shown_again() {
    let app = pairs_app();
    check(&app);
    let before = app.bytes();

    let fields = [("row[1007].take", "true"), ("row[1007].employee", ""), ("key", "k")];
    app.post("/integrity/repair", &fields).status(422).says("Choose an employee, or clear the checkbox.");

    assert_eq!(app.bytes(), before);
}

#[test]
fn an_alert_leads_to_the_repair_of_its_finding() {
    let app = pairs_app();
    check(&app);

    let page = app.follow(app.get("/integrity/supervisor-unstaffed/1007"));

    page.status(200).says("Repair 1");
    let page = app.follow(app.get("/integrity/ambiguous-number/1001"));
    page.status(200).says("Several COREs with the same number");
    app.get("/integrity/nonsense/1").status(404);
}

#[test]
fn a_finding_fixed_in_the_meantime_has_nothing_to_repair() {
    let app = pairs_app();
    check(&app);
    plant(&app, 1006, None);

    app.get("/integrity/repair").status(200).says("Nothing left to repair here.");
}

/// The Supervisor of 1001 is on the day before; its employee is off on the day of the CORE.
fn apart_from_a_day_off() -> App {
    let app = App::with_acceptance_data();
    let away = json!({"schedule_id": 2002, "new_date": "2025-10-14", "confirm_other_date": true});
    app.call("/api/reschedule_supervisor", away).ok();
    app.post("/employees/102/time-off", &[("revision", "0"), ("first", "2025-10-15"), ("last", "2025-10-15")])
        .status(303);
    app
}

#[test]
fn a_supervisor_whose_employee_may_not_move_with_it_is_given_to_someone_who_may() {
    let app = apart_from_a_day_off();
    let page = app.get("/integrity/repair").status(200).does_not_say("Jane Doe is off");
    assert!(page.element("take-1002").contains(" checked"), "{}", page.element("row-1002"));

    repair(&app, "/integrity/repair", "").status(303);

    let (start, employee) = app.assignment(1002).unwrap();
    assert_eq!(start, "2025-10-15 12:00");
    assert!(["103", "104", "105"].contains(&employee.as_str()), "{employee}");
    assert_eq!(app.audit().last().unwrap().reason, None);
    app.assert_whole();
}

#[test]
fn a_move_that_no_one_may_take_is_not_selected_and_does_not_stop_the_others() {
    let app = apart_from_a_day_off();
    app.call("/api/unschedule_event", json!({"schedule_id": 2015})).ok();
    app.post("/holidays", &[("date", "2025-10-15"), ("name", "Founders' Day")]).status(303);
    let page = app.get("/integrity/repair").status(200);
    assert!(!page.element("take-1002").contains(" checked"), "{}", page.element("row-1002"));
    assert!(page.text_of("remarks-1002").contains("The company is closed"), "{}", page.element("row-1002"));

    repair(&app, "/integrity/repair", "").status(303);

    assert_eq!(app.assignment(1002), Some(on("2025-10-14 12:00", "102")), "as it was");
    assert_eq!(app.assignment(1020).unwrap().0, "2025-10-16 12:00");
}
