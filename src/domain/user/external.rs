//! Users of a sign-in provider: who they are there, and the role that they have here.

use crate::domain::{
    email::Email,
    user::{Identity, Role, UserName},
};

/// The claims of a provider about a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalUser {
    pub identity: Identity,
    /// None if the provider's name is not a name of ours.
    pub name: Option<UserName>,
    /// Only if the provider has verified it.
    pub email: Option<Email>,
    /// The values of the claim that decides on the role.
    pub groups: Vec<String>,
}

/// Groups of the provider that may sign in, with their roles.
#[derive(Clone, Debug, Default)]
pub struct ExternalPolicy {
    /// Values of the claim, for each role.
    pub admins: Vec<String>,
    pub schedulers: Vec<String>,
    pub viewers: Vec<String>,
    /// The role of a user with none of these values; none refuses them.
    pub default_role: Option<Role>,
    /// A user who is not known yet is added.
    pub creates_users: bool,
    /// A user who was added here is taken for the one with the same name there.
    pub links_users: bool,
}

impl ExternalPolicy {
    /// The highest role that a value gives.
    pub fn role_of(&self, groups: &[String]) -> Option<Role> {
        let has = |wanted: &[String]| wanted.iter().any(|one| groups.contains(one));
        let roles = [(Role::Admin, &self.admins), (Role::Scheduler, &self.schedulers), (Role::Viewer, &self.viewers)];
        roles.into_iter().find(|(_, wanted)| has(wanted)).map(|(role, _)| role).or(self.default_role)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> ExternalPolicy {
        let of = |text: &str| vec![text.to_owned()];
        ExternalPolicy {
            admins: of("ops"),
            schedulers: of("planning"),
            viewers: of("staff"),
            ..ExternalPolicy::default()
        }
    }

    #[test]
    fn the_highest_group_decides_on_the_role() {
        let role =
            |groups: &[&str]| policy().role_of(&groups.iter().map(|group| (*group).to_owned()).collect::<Vec<_>>());

        assert_eq!(role(&["staff", "ops"]), Some(Role::Admin));
        assert_eq!(role(&["planning", "staff"]), Some(Role::Scheduler));
        assert_eq!(role(&["staff"]), Some(Role::Viewer));
        assert_eq!(role(&["Ops", "others"]), None);
        assert_eq!(role(&[]), None);
    }

    #[test]
    fn a_user_without_a_group_has_the_default_role() {
        let policy = ExternalPolicy { default_role: Some(Role::Viewer), ..policy() };

        assert_eq!(policy.role_of(&[]), Some(Role::Viewer));
        assert_eq!(policy.role_of(&["ops".to_owned()]), Some(Role::Admin));
    }
}
