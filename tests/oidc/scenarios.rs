//! Users, roles and refusals of sign-in through the provider.

use super::{
    Site,
    browser::{Browser, Page},
    engine::{Engine, Scripts},
    real_browser,
};

const PASSWORD: &str = "correct horse battery";

type Scenario = (&'static str, fn());

pub const ALL: [Scenario; 11] = [
    ("a user is added at the first sign-in, with the role of their group", a_user_is_added),
    ("the role follows the group at every sign-in", the_role_follows_the_group),
    ("a user without a group is refused, and none is added", a_user_without_a_group_is_refused),
    ("a user with a password is not taken over by a name", a_user_with_a_password_is_not_taken_over),
    ("a user gets no password here, and none that outlives their role", a_user_gets_no_password_here),
    ("the last admin stays one whatever the provider says", the_last_admin_stays_one),
    ("an answer without its state, or a second time, signs in no one", an_answer_needs_its_state),
    ("signing out leads on to the provider", signing_out_leads_on),
    ("passwords can be switched off", passwords_can_be_switched_off),
    ("a provider that refuses the client is told as such", a_provider_that_refuses_is_told),
    ("people sign in and out with each browser, with scripts and without", people_sign_in_with_each_browser),
];

impl Site {
    /// Signs in as a user of the provider, and ends at a page.
    fn sign_in(&self, browser: &mut Browser, user: &str, next: &str) -> Page {
        // The provider would remember who signed in there before.
        browser.cookies.retain(|(site, _), _| *site != self.provider);
        browser.open(&format!("{}/as/{user}", self.provider));
        browser.open(&format!("{}/sign-in/provider?next={next}", self.address))
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }
}

fn a_user_is_added() {
    let site = Site::prepared().serve(&[]);
    let mut browser = Browser::new();
    browser.open(&site.at("/sign-in")).says("Sign in with your company account").says("name=\"password\"");

    let page = site.sign_in(&mut browser, "ada", "%2Fusers");

    page.status(200).says("Signed in as </span>ada").says("provider");
    assert_eq!(page.url, site.at("/users"));
    let asked = page.hops.iter().find(|hop| hop.contains("code_challenge=")).expect("no PKCE");
    assert!(asked.contains("code_challenge_method=S256") && asked.contains("nonce=") && asked.contains("state="));
    browser.open(&site.at("/users/ada")).says("ada@example.com");
    browser.open(&site.at("/activity")).says("Add user").says("Sign in");
    // An address that the provider has not verified is not taken over.
    site.sign_in(&mut Browser::new(), "sam", "/").status(200).says("Signed in as </span>sam");
    let sam = browser.open(&site.at("/users/sam"));
    assert!(!sam.body.contains("sam@example.com"), "{}", sam.body);
}

fn the_role_follows_the_group() {
    let site = Site::prepared().serve(&[]);
    let mut browser = Browser::new();
    site.sign_in(&mut browser, "sam", "/").status(200).says("Signed in as </span>sam");
    browser.open(&site.at("/users")).status(403).says("the role scheduler");
    browser.open(&site.at("/unscheduled")).status(200);
    let mut admin = Browser::new();
    site.sign_in(&mut admin, "ada", "/").status(200);

    // An admin changes the role here; the next sign-in takes that of the provider again.
    let token = admin.token(&site.at("/users/sam"));
    let page = admin.open(&site.at("/users/sam"));
    let (_, revision) = page.body.split_once("name=\"revision\" value=\"").unwrap();
    let revision = revision.split('"').next().unwrap();
    let fields = [("csrf", token.as_str()), ("role", "viewer"), ("revision", revision)];
    admin.post(&site.at("/users/sam/role"), &fields).status(200).says("The role is now viewer.");
    browser.open(&site.at("/feeds")).status(403);
    site.sign_in(&mut browser, "sam", "%2Ffeeds").status(200);
}

fn a_user_without_a_group_is_refused() {
    let site = Site::prepared().serve(&[]);
    let mut browser = Browser::new();

    site.sign_in(&mut browser, "eve", "/").status(422).says("none of the groups that may use Tandem");

    assert!(!browser.cookies.keys().any(|(_, name)| name == "tandem_session"));
    let mut admin = Browser::new();
    site.sign_in(&mut admin, "ada", "/").status(200);
    let users = admin.open(&site.at("/users"));
    assert!(!users.body.contains(">eve<"), "{}", users.body);
    drop(site);

    let site = Site::prepared().serve(&[("TANDEM_OIDC_DEFAULT_ROLE", "viewer")]);
    site.sign_in(&mut browser, "eve", "/").status(200).says("Signed in as </span>eve");
    let site = Site::prepared().serve(&[("TANDEM_OIDC_CREATE_USERS", "false")]);
    site.sign_in(&mut browser, "ada", "/").status(422).says("There is no user for this account");
}

fn a_user_with_a_password_is_not_taken_over() {
    let site = Site::prepared();
    site.add_user("ada", "viewer", PASSWORD);
    let site = site.serve(&[]);
    site.sign_in(&mut Browser::new(), "ada", "/").status(422).says("signs in here with a password");
    drop(site);

    let site = Site::prepared();
    site.add_user("ada", "viewer", PASSWORD);
    let site = site.serve(&[("TANDEM_OIDC_LINK_USERS", "true")]);
    site.sign_in(&mut Browser::new(), "ada", "%2Fusers").status(200).says("Signed in as </span>ada");
}

fn a_user_gets_no_password_here() {
    let site = Site::prepared();
    site.add_user("olga", "admin", PASSWORD);
    let site = site.serve(&[]);
    let mut browser = Browser::new();
    site.sign_in(&mut browser, "ada", "/").status(200);
    let token = browser.token(&site.at("/account"));
    assert!(!browser.open(&site.at("/account")).body.contains("name=\"again\""), "the form is offered");

    let fields = [("csrf", token.as_str()), ("password", PASSWORD), ("again", PASSWORD)];
    browser.post(&site.at("/account/password"), &fields).status(409).says("signs in through the provider");
    let own_link = [("csrf", token.as_str())];
    browser.post(&site.at("/users/ada/link"), &own_link).status(409).says("signs in through the provider");

    let mut later = Browser::new();
    later.open(&format!("{}/in/ada/none", site.provider));
    site.sign_in(&mut later, "ada", "/").status(422).says("none of the groups that may use Tandem");
    let token = later.token(&site.at("/sign-in"));
    let fields = [("csrf", token.as_str()), ("name", "ada"), ("password", PASSWORD)];
    later.post(&site.at("/sign-in"), &fields).status(422).says("Incorrect name or password.");
}

fn the_last_admin_stays_one() {
    let site = Site::prepared().serve(&[]);
    let mut browser = Browser::new();
    site.sign_in(&mut browser, "ada", "/").status(200);
    browser.open(&format!("{}/in/ada/planning", site.provider));

    site.sign_in(&mut browser, "ada", "%2Fusers").status(200);

    browser.open(&site.at("/activity")).says("the only active admin");
}

fn an_answer_needs_its_state() {
    let site = Site::prepared().serve(&[]);
    let mut browser = Browser::new();
    let page = site.sign_in(&mut browser, "ada", "/");
    let answer = page.hops.iter().find(|hop| hop.contains("/sign-in/callback?")).unwrap().clone();

    // Another browser, the same browser a second time, and a state that was made up.
    for browser in [&mut Browser::new(), &mut browser] {
        browser.open(&answer).status(422).says("begun in another browser");
    }
    let mut victim = Browser::new();
    victim.open(&format!("{}/as/ada", site.provider));
    victim.open(&site.at("/sign-in"));
    victim.open(&site.at("/sign-in/callback?code=stolen&state=stolen")).status(422);
    victim.open(&site.at("/sign-in/callback?error=access_denied")).status(422);
    assert!(!victim.cookies.keys().any(|(_, name)| name == "tandem_session"));
}

fn signing_out_leads_on() {
    let site = Site::prepared().serve(&[]);
    let mut browser = Browser::new();
    site.sign_in(&mut browser, "ada", "/").status(200);
    let token = browser.token(&site.at("/account"));

    let page = browser.post(&site.at("/sign-out"), &[("csrf", &token)]);

    page.status(200).says("You are signed out of Tandem.");
    let refresh = page.refresh.expect("no Refresh header");
    let url = refresh.strip_prefix("0; url=").unwrap();
    assert!(url.starts_with(&site.provider) && url.contains("post_logout_redirect_uri="), "{url}");
    browser.open(url).status(200);
    assert_eq!(browser.open(&site.at("/help")).url, site.at("/sign-in?next=%2Fhelp"));
}

fn passwords_can_be_switched_off() {
    let site = Site::prepared();
    site.add_user("sam", "admin", PASSWORD);
    let site = site.serve(&[("TANDEM_LOCAL_PASSWORDS", "false")]);
    let mut browser = Browser::new();
    let page = browser.open(&site.at("/sign-in"));
    assert!(!page.body.contains("name=\"password\""), "{}", page.body);
    let token = browser.token(&site.at("/sign-in"));

    let fields = [("csrf", token.as_str()), ("name", "sam"), ("password", PASSWORD)];
    browser.post(&site.at("/sign-in"), &fields).status(422).says("Passwords are not used here.");

    site.sign_in(&mut browser, "ada", "%2Faccount").status(200);
    let account = browser.open(&site.at("/account"));
    assert!(!account.body.contains("Change password"), "{}", account.body);
}

fn a_provider_that_refuses_is_told() {
    let site = Site::prepared().serve(&[("TANDEM_OIDC_CLIENT_SECRET", "another secret of signs")]);

    let page = site.sign_in(&mut Browser::new(), "ada", "/");

    page.status(502).says("did not answer as expected");
    assert!(!page.body.contains("invalid_client"));
}

/// A browser holds back redirects and cookies that a client of HTTP does not.
fn people_sign_in_with_each_browser() {
    for engine in Engine::ALL {
        if let Some(program) = engine.missing() {
            assert!(std::env::var_os("CI").is_none(), "{program} is not installed");
            println!("  not with {}: {program} is not installed", engine.name());
            continue;
        }
        for scripts in [Scripts::On, Scripts::Off] {
            // WebKit has no switch for scripts.
            if engine == Engine::WebKit && scripts == Scripts::Off {
                continue;
            }
            let site = Site::prepared().serve(&[]);
            Browser::new().open(&format!("{}/as/ada", site.provider));
            let browser = real_browser::Browser::start(engine, scripts);

            browser.go(&site.at("/activity"));
            assert_eq!(browser.path(), "/sign-in?next=%2Factivity", "{}", engine.name());
            browser.click("a[href^='/sign-in/provider']");
            browser.until("the page that was asked for", || browser.path() == "/activity");
            assert!(browser.text("header").contains("ada"), "{}", engine.name());

            browser.click("form.sign-out button");
            browser.click("button[name=logout]");
            browser.until("the sign-in page", || browser.path().starts_with("/sign-in"));
            browser.go(&site.at("/activity"));
            assert_eq!(browser.path(), "/sign-in?next=%2Factivity", "{}", engine.name());
        }
    }
}
