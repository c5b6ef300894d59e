//! Settings of a sign-in provider (`OpenID` Connect).

use crate::{
    config::{ConfigError, Reader, Secret, alerts::is_private, reader::invalid},
    domain::user::{Role, external::ExternalPolicy},
};

/// Most values of a list.
const VALUES_MAX: usize = 100;

/// A sign-in provider.
#[derive(Clone, Debug)]
pub struct Provider {
    /// The address below which its discovery document is.
    pub issuer: String,
    pub client_id: String,
    pub client_secret: Secret,
    /// "Sign in with …"
    pub label: String,
    pub scopes: Vec<String>,
    pub name_claim: String,
    pub role_claim: String,
    pub policy: ExternalPolicy,
}

impl Provider {
    /// None if no provider is set.
    pub(super) fn read(from: &mut Reader) -> Result<Option<Self>, ConfigError> {
        let issuer = from.setting("oidc_issuer", "Address of the sign-in provider (OpenID Connect)");
        let issuer = issuer.parsed("", "an address that begins with https://; empty for none", |text| {
            (text.is_empty() || is_private(text)).then(|| text.to_owned())
        })?;
        let client_id = from.setting("oidc_client_id", "The client that the provider knows this server as").text()?;
        let client_secret = from.setting("oidc_client_secret", "The secret of that client");
        let client_secret = client_secret.secret("any text", |_| true)?;
        let label = from.setting("oidc_label", "Name of the provider on the sign-in page");
        let label = label.parsed("your company account", "any text", |text| Some(text.to_owned()))?;
        let scopes = list(from, "oidc_scopes", "Scopes asked of the provider", &["openid", "profile", "email"])?;
        let name_claim = from.setting("oidc_name_claim", "Claim with the name of the user");
        let name_claim = name_claim.parsed("preferred_username", "the name of a claim", is_claim)?;
        let role_claim = from.setting("oidc_role_claim", "Claim that decides on the role");
        let role_claim = role_claim.parsed("groups", "the name of a claim", is_claim)?;
        let default_role = from.setting("oidc_default_role", "Role of users with none of the values");
        let policy = ExternalPolicy {
            default_role: default_role.parsed("none", "none, viewer, scheduler or admin", |text| match text {
                "none" => Some(None),
                role => role.parse::<Role>().ok().map(Some),
            })?,
            admins: list(from, "oidc_admins", "Values of that claim that make a user admin", &[])?,
            schedulers: list(from, "oidc_schedulers", "Values of that claim that make a user scheduler", &[])?,
            viewers: list(from, "oidc_viewers", "Values of that claim that make a user viewer", &[])?,
            creates_users: from.setting("oidc_create_users", "Adds a user at their first sign-in").flag(true)?,
            links_users: from
                .setting("oidc_link_users", "Takes a user of the same name for the same person")
                .flag(false)?,
        };
        if issuer.is_empty() {
            return Ok(None);
        }
        if client_id.is_empty() {
            return Err(invalid(
                "oidc_client_id",
                "",
                "the client id that the provider gave, since oidc_issuer is set",
            ));
        }
        Ok(Some(Self { issuer, client_id, client_secret, label, scopes, name_claim, role_claim, policy }))
    }
}

fn is_claim(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn list(
    from: &mut Reader,
    name: &'static str,
    what: &'static str,
    default: &[&str],
) -> Result<Vec<String>, ConfigError> {
    let allowed = format!("at most {VALUES_MAX} texts");
    let fits = |texts: &[String]| (texts.len() <= VALUES_MAX).then(|| texts.to_vec());
    from.setting(name, what).list(default, &allowed, fits)
}
