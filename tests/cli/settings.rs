//! Settings that cannot be used stop the start, with their name and what is allowed.

use super::Place;

#[test]
fn an_unknown_setting_is_named() {
    let place = Place::new();

    for command in [["check"], ["config"], ["serve"]] {
        place.run_with(&[("TANDEM_FOO", "1")], &command).ended(2).complains("unknown setting \"foo\"");
    }

    assert!(!place.data_dir().exists());
}

#[test]
fn an_unknown_setting_in_the_file_is_named() {
    let place = Place::new();
    place.file("Rocket.toml", "[default.tandem]\nsupervisor_offset = 120\n");

    place.run(&["config"]).ended(2).complains("unknown setting \"supervisor_offset\"");
}

#[test]
fn an_impossible_setting_is_named_with_what_is_allowed() {
    let place = Place::new();
    let impossible = [
        ("TANDEM_TIMEZONE", "Mars/Base", "setting timezone = \"Mars/Base\": allowed is an IANA name"),
        ("TANDEM_WEEK_START", "friday", "setting week_start = \"friday\": allowed are sunday, monday and saturday"),
        ("TANDEM_SIGN_IN", "everybody", "setting sign_in = \"everybody\": allowed are password and none"),
        ("TANDEM_SUPERVISOR_OFFSET_MINUTES", "1441", "setting supervisor_offset_minutes = \"1441\": allowed are 0 to"),
        ("TANDEM_SHORT_WORK_MINUTES", "121", "setting short_work_minutes = \"121\": allowed are 0 to 120 minutes"),
        ("TANDEM_SUPERVISOR_AT", "noon", "setting supervisor_at = \"noon\": allowed is a time of day"),
        ("TANDEM_USUAL_CORE", "[]", "setting usual_core = \"[]\": give 1 to 12 times of day"),
        ("TANDEM_USUAL_CORE", &format!("[{}]", vec!["\"09:00\""; 13].join(",")), ": give 1 to 12 times of day"),
        ("TANDEM_CACHE_MIB", "1", "setting cache_mib = \"1\": allowed are 4 to"),
        ("TANDEM_LOG_LEVEL", "loud", "setting log_level = \"loud\": allowed are"),
        ("TANDEM_SUPERVISOR_PAIRING", "maybe", "expected a boolean for key \"SUPERVISOR_PAIRING\""),
        ("TANDEM_SUPERVISOR_OFFSET_MINUTES", "-1", "SUPERVISOR_OFFSET_MINUTES"),
    ];

    for (name, value, sentence) in impossible {
        place.run_with(&[(name, value)], &["config"]).ended(2).complains(sentence);
    }
}

#[test]
fn a_secret_that_is_all_digits_is_not_told() {
    let place = Place::new();
    let digits = "12345678901234567890123456789012";
    for name in ["SECRET_KEY", "WEBHOOK_SECRET", "MAIL_PASSWORD", "SLACK_WEBHOOK_URL"] {
        let said = place.run_with(&[(&format!("TANDEM_{name}"), "8472901")], &["config"]).ended(2);
        said.complains(&format!("expected a string for key \"{name}\"")).is_silent_about("8472901");

        let long = place.run_with(&[(&format!("TANDEM_{name}"), digits)], &["config"]);
        long.is_silent_about(digits);
    }
}

#[test]
fn without_sign_in_only_this_machine_is_served() {
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
fn without_limits_only_this_machine_is_served() {
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

/// Each secret with a value of the kind that may stand there; `topsecret` is what nobody may see of it.
const SECRETS: [(&str, &str); 5] = [
    ("secret_key", "topsecret-topsecret-topsecret-topsecret"),
    ("slack_webhook_url", "https://hooks.slack.example/services/T0/B0/topsecret"),
    ("webhook_url", "https://receiver.example/topsecret"),
    ("webhook_secret", "topsecret-topsecret"),
    ("mail_password", "topsecret"),
];

#[test]
fn a_secret_shows_nowhere_whether_it_comes_from_the_environment_a_file_or_the_settings() {
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
fn what_cannot_be_used_of_a_secret_is_not_shown_either() {
    let place = Place::new();
    let impossible = ["http://hooks.slack.example/topsecret", "http://127.0.0.1.slack.example/topsecret", "topsecret"];

    for address in impossible {
        let refused = place.run_with(&[("TANDEM_SLACK_WEBHOOK_URL", address)], &["config"]).ended(2);
        let refused = refused.complains("allowed is an address that begins with https://");
        assert!(!refused.err.contains("topsecret"), "{}", refused.err);
    }
    for address in impossible {
        let set = [("TANDEM_WEBHOOK_URL", address), ("TANDEM_WEBHOOK_SECRET", "topsecret-topsecret")];
        let refused = place.run_with(&set, &["config"]).ended(2);
        let refused = refused.complains("allowed is an address that begins with https://");
        assert!(!refused.err.contains("topsecret"), "{}", refused.err);
    }
    place
        .run_with(&[("TANDEM_WEBHOOK_SECRET", "short")], &["config"])
        .ended(2)
        .complains("at least 16 characters are needed");
    let missing = [("TANDEM_MAIL_PASSWORD_FILE", "/nowhere/password")];
    place.run_with(&missing, &["config"]).ended(2).complains("the file of mail_password_file cannot be read");
}

#[test]
fn the_settings_in_force_are_printed_as_they_can_be_written() {
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

/// The lines without where they come from.
fn values(out: &str) -> Vec<&str> {
    out.lines().filter_map(|line| line.split(" # ").next()).filter(|line| !line.starts_with("data_dir")).collect()
}
