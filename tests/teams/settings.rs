//! The tables of teams in the settings.

use rocket::figment::{
    Figment,
    providers::{Format, Toml},
};
use tandem::config::{Config, Configs, TEAMS_MAX};

fn read(text: &str) -> Result<Configs, String> {
    let settings = Figment::from(rocket::Config::debug_default()).merge(Toml::string(text).nested());
    Configs::read(&settings, None, None).map_err(|error| error.to_string())
}

fn setting(config: &Config, name: &str) -> String {
    config.table().into_iter().find(|setting| setting.name == name).unwrap().value
}

#[test]
fn a_team_inherits_what_its_table_does_not_give() {
    let configs = read(
        r#"
        [default.tandem]
        data_dir = "/srv/tandem"
        timezone = "America/New_York"
        backups_kept = 3
        webhook_secret = "0123456789abcdef"
        mail_password_file = "/nowhere"
        [default.tandem.teams.south-2]
        host = "south.example.com"
        store_url = "postgres://localhost/tandem"
        data_dir = "/srv/south"
        mail_password = "secret"
        [default.tandem.teams.north]
        host = "North.Example.com."
        public_url = "https://north.example.com:8443"
        timezone = "Europe/Oslo"
        webhook_secret_file = ""
        mail_password = "secret"
        "#,
    )
    .unwrap();

    let [north, south] = configs.all() else { panic!("{:?}", configs.teams.len()) };
    let facts = |config: &Config| (config.team_name().to_owned(), config.zone.name(), config.backups_kept);
    assert_eq!(facts(north), ("north".to_owned(), "Europe/Oslo", 3));
    assert_eq!(facts(south), ("south-2".to_owned(), "America/New_York", 3));
    assert_eq!(north.team.as_ref().unwrap().host, "north.example.com");
    assert_eq!(north.data_dir.to_str(), Some("/srv/tandem/teams/north"));
    assert_eq!(south.data_dir.to_str(), Some("/srv/south"));
    assert_eq!(south.store_schema, "tandem_south_2");
    assert_eq!(north.alerts.public_url, "https://north.example.com:8443");
    assert_eq!(south.alerts.public_url, "http://south.example.com:8000");
    assert_eq!((setting(north, "webhook_secret"), setting(south, "webhook_secret")), ("\"\"".into(), "\"***\"".into()));
    assert!(configs.process.table().iter().all(|setting| setting.name != "timezone"), "a setting of the teams");
}

#[test]
fn without_a_table_there_is_one_team_without_a_name() {
    let configs = read("[default.tandem]\ntimezone = \"Europe/Oslo\"\n").unwrap();

    assert_eq!((configs.teams.len(), configs.all().len()), (0, 1));
    assert_eq!(configs.one(None).unwrap().team, None);
    assert!(configs.process.table().iter().all(|setting| setting.name != "host"));
}

#[test]
fn two_teams_share_no_host_no_folder_and_no_schema() {
    let folder = tempfile::TempDir::new().unwrap();
    let (real, link) = (folder.path().join("real"), folder.path().join("link"));
    std::fs::create_dir(&real).unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    let at = |host: &str, folder: &std::path::Path| {
        format!("host = \"{host}.example\"\ndata_dir = \"{}\"", folder.join("new").display())
    };
    let (one, other) = (at("a", &real), at("b", &link));
    let pairs = [
        ("host = \"a.example\"", "host = \"A.example.\"", "host a.example"),
        (one.as_str(), other.as_str(), "data folder"),
        (
            "host = \"a.example\"\nstore_url = \"postgres://ana:one@db:5432/t\"\nstore_schema = \"s\"",
            "host = \"b.example\"\nstore_url = \"postgresql://ben@db:5432/t?sslmode=disable\"\nstore_schema = \"s\"",
            "schema s of one database",
        ),
    ];
    for (one, other, what) in pairs {
        let text = format!("[default.tandem.teams.north]\n{one}\n[default.tandem.teams.south]\n{other}\n");
        let refused = read(&text).map(drop).unwrap_err();
        assert!(refused.starts_with(&format!("the teams north and south have the same {what}")), "{refused}");
    }
    let inherited = "[default.tandem]\nstore_url = \"postgres://db/t\"\n[default.tandem.teams.a]\nhost = \"a.example\"\n\
        [default.tandem.teams.b]\nhost = \"b.example\"\n";
    assert!(read(inherited).is_ok(), "each has a schema of its own");
}

#[test]
fn a_table_that_names_no_team_is_refused() {
    let team = |name: &str, settings: &str| format!("[default.tandem.teams.{name}]\n{settings}\n");
    let refused = [
        ("[default.tandem.teams]\n".to_owned(), "1 to 256 tables [default.tandem.teams.NAME]"),
        ("[default.tandem]\nteams = \"north\"\n".to_owned(), "1 to 256 tables"),
        ("[default.tandem.teams]\nnorth = \"north.example.com\"\n".to_owned(), "a table [default.tandem.teams.NAME]"),
        (team("North", "host = \"a.example\""), "lower-case letters, digits and -"),
        (team("\"a b\"", "host = \"a.example\""), "lower-case letters, digits and -"),
        (team("2nd", "host = \"a.example\""), "beginning with a letter"),
        (team(&"n".repeat(33), "host = \"a.example\""), "at most 32"),
        (team("north", ""), "team north: setting host = \"\" is not allowed"),
        (team("north", "host = \"a.example:80\""), "a host name like north.example.com, without a port"),
        (team("north", "host = \"localhost\""), "not an address of this machine"),
        (team("north", "host = \"north.localhost\""), "not an address of this machine"),
        (team("north", "host = \"127.0.0.1\""), "not an address of this machine"),
        (team("north", "host = \"a.example\"\ntimezone = \"Mars\""), "team north: setting timezone = \"Mars\""),
        (team("north", "host = \"a.example\"\nfoo = 1"), "team north: unknown setting \"foo\""),
        (team("north", "host = \"a.example\"\nlog_level = \"debug\""), "it is a setting of the whole process"),
        (
            team("north", "host = \"a.example\"\npublic_url = \"https://b.example\""),
            "an address of the team's host, a.example",
        ),
        ("[default.tandem]\nhost = \"a.example\"\n".to_owned(), "unknown setting \"host\""),
    ];
    for (text, sentence) in refused {
        let said = read(&text).unwrap_err();
        assert!(said.contains(sentence), "{text}: {said}");
    }
    let many = (0..=TEAMS_MAX).map(|n| team(&format!("t{n}"), &format!("host = \"t{n}.example\"")));
    assert!(read(&many.collect::<String>()).unwrap_err().contains("1 to 256 tables"));
}

#[test]
fn each_team_has_what_it_inherits_checked_not_the_process() {
    let text = |rest: &str| {
        format!(
            "[default.tandem]\noidc_issuer = \"https://login.example.com\"\n\
             [default.tandem.teams.a]\nhost = \"a.example\"\noidc_client_id = \"a\"\n\
             [default.tandem.teams.b]\nhost = \"b.example\"\n{rest}"
        )
    };
    assert!(read(&text("oidc_client_id = \"b\"\n")).is_ok());
    let refused = read(&text("")).unwrap_err();
    assert!(refused.starts_with("team b: setting oidc_client_id"), "{refused}");
    let refused = read("[default.tandem]\nfoo = 1\n[default.tandem.teams.a]\nhost = \"a.example\"\n").unwrap_err();
    assert!(refused.contains("unknown setting \"foo\""), "{refused}");
}

#[test]
fn no_team_has_its_folder_inside_that_of_another() {
    let text = |south: &str| {
        format!(
            "[default.tandem]\ndata_dir = \"/srv/tandem\"\n\
             [default.tandem.teams.north]\nhost = \"a.example\"\ndata_dir = \"/srv/tandem\"\n\
             [default.tandem.teams.south]\nhost = \"b.example\"\n{south}"
        )
    };
    assert!(read(&text("")).is_ok(), "the folder of the process has those of the other teams");
    let refused = read(&text("data_dir = \"/srv/tandem/south\"\n")).unwrap_err();
    assert!(refused.contains("the data folder of team south is inside that of team north"), "{refused}");
}
