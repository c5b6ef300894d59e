//! An invalid setting stops the start with a message that names it and what is allowed.

use super::Place;

#[test]
fn an_unknown_setting_is_reported() {
    let place = Place::new();

    for command in [["check"], ["config"], ["serve"]] {
        place.run_with(&[("TANDEM_FOO", "1")], &command).ended(2).complains("unknown setting \"foo\"");
    }

    assert!(!place.data_dir().exists());
}

#[test]
fn an_unknown_setting_in_the_file_is_reported() {
    let place = Place::new();
    place.file("Rocket.toml", "[default.tandem]\nsupervisor_offset = 120\n");

    place.run(&["config"]).ended(2).complains("unknown setting \"supervisor_offset\"");
}

#[test]
fn an_invalid_setting_is_reported_with_what_is_allowed() {
    let place = Place::new();
    let times = vec!["09:00"; 13].join(",");
    let invalid = [
        ("TANDEM_TIMEZONE", "Mars/Base", "timezone = \"Mars/Base\" is not allowed; allowed: an IANA name"),
        ("TANDEM_WEEK_START", "friday", "week_start = \"friday\" is not allowed; allowed: sunday, monday or saturday"),
        ("TANDEM_SIGN_IN", "open", "sign_in = \"open\" is not allowed; allowed: password or none"),
        ("TANDEM_SUPERVISOR_OFFSET_MINUTES", "1441", "= \"1441\" is not allowed; allowed: 0 to 1380 minutes"),
        ("TANDEM_SUPERVISOR_OFFSET_MINUTES", "-1", "= \"-1\" is not allowed; allowed: 0 to 1380 minutes"),
        ("TANDEM_SUPERVISOR_AT", "noon", "supervisor_at = \"noon\" is not allowed; allowed: a time of day, HH:MM"),
        ("TANDEM_USUAL_CORE", "[]", "usual_core = \"\" is not allowed; allowed: 1 to 12 times of day"),
        ("TANDEM_USUAL_CORE", &times, "allowed: 1 to 12 times of day"),
        ("TANDEM_CACHE_MIB", "1", "cache_mib = \"1\" is not allowed; allowed: 4 to 16384 MiB"),
        ("TANDEM_LOG_LEVEL", "loud", "log_level = \"loud\" is not allowed; allowed: info, error, warn, debug or trace"),
        ("TANDEM_SUPERVISOR_PAIRING", "maybe", "= \"maybe\" is not allowed; allowed: true or false"),
        ("TANDEM_BACKUPS_KEPT", "many", "backups_kept = \"many\" is not allowed; allowed: 1 to 366"),
        ("TANDEM_MAIL_SERVER", "42", "mail_server = \"42\" is not allowed; allowed: any text, in quotes if"),
        ("TANDEM_ALERT_EMAILS", "ops", "alert_emails = \"ops\" is not allowed; allowed: at most 50 e-mail addresses"),
        ("TANDEM_SHORT_WORK_MINUTES", "121", "= \"121\" is not allowed; allowed: 0 to 120 minutes"),
    ];

    for (name, value, sentence) in invalid {
        place.run_with(&[(name, value)], &["config"]).ended(2).complains(sentence);
    }
}

#[test]
fn a_secret_of_digits_is_not_shown() {
    let place = Place::new();
    let digits = "12345678901234567890123456789012";
    for name in ["SECRET_KEY", "WEBHOOK_SECRET", "MAIL_PASSWORD", "SLACK_WEBHOOK_URL"] {
        let ran = place.run_with(&[(&format!("TANDEM_{name}"), "8472901")], &["config"]).ended(2);
        ran.complains("in quotes if it is a number").lacks("8472901");

        let long = place.run_with(&[(&format!("TANDEM_{name}"), digits)], &["config"]);
        long.lacks(digits);
    }
}

#[test]
fn without_sign_in_the_server_listens_on_loopback_only() {
    let place = Place::new();

    for address in ["0.0.0.0", "::", "192.0.2.1"] {
        place
            .run_with(&[("ROCKET_ADDRESS", address), ("TANDEM_SIGN_IN", "none")], &["serve"])
            .ended(2)
            .complains(&format!("the address must be loopback; it is {address}: set ROCKET_ADDRESS=127.0.0.1"));
    }

    assert!(!place.data_dir().exists());
}

#[test]
fn without_rate_limits_the_server_listens_on_loopback_only() {
    let place = Place::new();

    place.run_with(&[("ROCKET_ADDRESS", "0.0.0.0"), ("TANDEM_RATE_LIMITS", "off")], &["serve"]).ended(2).complains(
        "rate_limits = \"off\" is for load tests on this machine, so the address must be loopback; it is 0.0.0.0",
    );

    assert!(!place.data_dir().exists());
}

#[test]
fn a_secret_is_never_printed() {
    let place = Place::new();

    let ran = place.run_with(&[("TANDEM_SECRET_KEY", &"s3cret".repeat(8))], &["config"]).ended(0);

    assert!(!ran.out.contains("s3cret"), "{}", ran.out);
    ran.says("secret_key = \"***\"");
    place.run_with(&[("TANDEM_SECRET_KEY", "s3cret")], &["config"]).ended(2).complains("at least 32 characters");
}

/// Each secret with a valid value; `topsecret` must not be shown.
const SECRETS: [(&str, &str); 5] = [
    ("secret_key", "topsecret-topsecret-topsecret-topsecret"),
    ("slack_webhook_url", "https://hooks.slack.example/services/T0/B0/topsecret"),
    ("webhook_url", "https://receiver.example/topsecret"),
    ("webhook_secret", "topsecret-topsecret"),
    ("mail_password", "topsecret"),
];

#[test]
fn a_secret_is_not_shown_from_environment_file_or_settings() {
    for (name, secret) in SECRETS {
        let place = Place::with_visits();
        let (variable, kept) = (format!("TANDEM_{}", name.to_uppercase()), place.file("kept", format!("{secret}\n")));
        let ways = [
            (variable.clone(), secret.to_owned(), String::new()),
            (format!("{variable}_FILE"), kept.clone(), String::new()),
            ("TANDEM_MAIL_USERNAME".to_owned(), "ana".to_owned(), format!("[default.tandem]\n{name} = \"{secret}\"\n")),
        ];
        for (variable, set, file) in ways {
            place.file("Rocket.toml", &file);
            for command in ["config", "check"] {
                let ran = place.run_with(&[(&variable, &set)], &[command]);
                assert_ne!(ran.code, Some(2), "{name} by {variable}, {command}: {}", ran.err);
                assert!(!format!("{}{}", ran.out, ran.err).contains("topsecret"), "{name} by {variable}, {command}");
            }
        }
        for log in std::fs::read_dir(place.data_dir().join("logs")).into_iter().flatten() {
            let text = std::fs::read_to_string(log.unwrap().path()).unwrap();
            assert!(!text.contains("topsecret"), "{name} is in the log");
        }
        let both = [(&*variable, secret), (&*format!("{variable}_FILE"), &*kept)];
        place.file("Rocket.toml", "");
        let refused = place.run_with(&both, &["config"]).ended(2);
        let refused = refused.complains(&format!("give it here or in {name}_file, not both"));
        assert!(!refused.err.contains("topsecret"), "{}", refused.err);
    }
}

#[test]
fn an_invalid_secret_is_not_shown() {
    let place = Place::new();
    let invalid = ["http://hooks.slack.example/topsecret", "http://127.0.0.1.slack.example/topsecret", "topsecret"];

    for address in invalid {
        let refused = place.run_with(&[("TANDEM_SLACK_WEBHOOK_URL", address)], &["config"]).ended(2);
        let refused = refused.complains("allowed: an address that begins with https://");
        assert!(!refused.err.contains("topsecret"), "{}", refused.err);
    }
    for address in invalid {
        let set = [("TANDEM_WEBHOOK_URL", address), ("TANDEM_WEBHOOK_SECRET", "topsecret-topsecret")];
        let refused = place.run_with(&set, &["config"]).ended(2);
        let refused = refused.complains("allowed: an address that begins with https://");
        assert!(!refused.err.contains("topsecret"), "{}", refused.err);
    }
    place
        .run_with(&[("TANDEM_WEBHOOK_SECRET", "short")], &["config"])
        .ended(2)
        .complains("allowed: at least 16 characters");
    let missing = [("TANDEM_MAIL_PASSWORD_FILE", "/nowhere/password")];
    place.run_with(&missing, &["config"]).ended(2).complains("the file of mail_password_file cannot be read");
}

#[test]
fn the_effective_settings_are_printed_as_a_valid_file() {
    let place = Place::new();

    let ran = place.run_with(&[("TANDEM_TIMEZONE", "America/Chicago")], &["config"]).ended(0);

    let ran = ran
        .says("[default.tandem]\n")
        .says("timezone = \"America/Chicago\" # TANDEM_TIMEZONE in the environment\n")
        .says("data_dir = ")
        .says("supervisor_offset_minutes = 120 # default\n");
    place.file("Rocket.toml", &ran.out);
    let again = place.run(&["config"]).ended(0).says("timezone = \"America/Chicago\" # Rocket.toml\n");
    assert_eq!(values(&again.out), values(&ran.out));
}

/// The lines without their sources.
fn values(out: &str) -> Vec<&str> {
    out.lines().filter_map(|line| line.split(" # ").next()).filter(|line| !line.starts_with("data_dir")).collect()
}

#[test]
fn a_list_in_the_environment_is_separated_by_commas() {
    let place = Place::new();

    place
        .run_with(
            &[("TANDEM_USUAL_CORE", "09:00, 13:30"), ("TANDEM_ALERT_EMAILS", "a@example.com,b@example.com")],
            &["config"],
        )
        .ended(0)
        .says("usual_core = [\"09:00\",\"13:30\"] # TANDEM_USUAL_CORE in the environment\n")
        .says("alert_emails = [\"a@example.com\",\"b@example.com\"] #");
}
