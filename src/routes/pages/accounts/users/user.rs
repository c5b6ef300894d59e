//! The page of one user, for admins.

use rocket::{FromForm, get, post};

use crate::{
    context::Context,
    domain::{
        ids::Revision,
        user::{
            UserError, UserName,
            access::{AdminCommand, Digest, Refusal},
        },
    },
    routes::{
        auth::{Admin, Posted, csrf_form::CsrfVerified},
        http::{error::Failure, form_text::Text},
        pages::{
            accounts::{
                account, commands,
                confirm::SensitiveRequest,
                user_record,
                users::{link_view, once, user_view},
            },
            sentence,
        },
        render::{Flashed, FormResponse, Refused, Reply, flash},
    },
    secret::SecretToken,
    services::accounts,
    views::{
        FormKeys,
        auth::users::{self as view, UserPageView},
        components::alert::Problem,
        urls,
    },
};

/// A user name in a path; 404 if it is not a valid name.
fn named(text: &str) -> Result<UserName, Failure> {
    text.parse().map_err(|_| Failure::NotFound("There is no such user.".to_owned()))
}

#[get("/users/<name>")]
pub async fn show(
    name: &str,
    admin: Admin,
    flash: Flashed,
    keys: FormKeys,
    context: &Context,
) -> Result<Reply, Failure> {
    let view = load_user(&named(name)?, &admin, keys, None, context).await?;
    Ok(Reply::page(view::user_page(&view).with_message(flash.0)))
}

async fn load_user(
    name: &UserName,
    admin: &Admin,
    keys: FormKeys,
    problem: Option<Problem>,
    context: &Context,
) -> Result<UserPageView, Failure> {
    let (zone, own, name) = (context.config.zone, admin.who().session(), name.clone());
    let (user, sessions) = context.store.run(move |store| user_record(store, &name)).await?;
    let sessions = sessions.iter().map(|session| account::session_view(session, own, zone)).collect();
    let user = user_view(user, zone);
    Ok(UserPageView { keys, role: user.role.slug().to_owned(), email: user.email.clone(), user, sessions, problem })
}

/// The fields of the forms of this page. Each form has those that it needs.
#[derive(Debug, FromForm)]
pub struct ChangeFields {
    /// The expected revision.
    revision: Text,
    role: Text,
    active: Text,
    email: Text,
    confirm: Text,
}

impl ChangeFields {
    fn revision(&self) -> Result<Option<Revision>, Failure> {
        let revision = self.revision.parse().map(|number| Some(Revision(number)));
        revision.map_err(|_| Failure::Malformed("The form is incomplete. Open it again.".to_owned()))
    }
}

/// A form of this page as it was sent.
#[derive(Debug)]
pub struct Sent<'r> {
    admin: Admin,
    name: UserName,
    fields: ChangeFields,
    proof: CsrfVerified,
    request: SensitiveRequest<'r>,
}

impl<'r> Sent<'r> {
    fn new(
        name: &str,
        admin: Admin,
        posted: Posted<ChangeFields>,
        request: SensitiveRequest<'r>,
    ) -> Result<Self, Failure> {
        let proof = posted.proof();
        Ok(Self { admin, name: named(name)?, fields: posted.0, proof, request })
    }

    /// Executes a command that gives access.
    async fn execute(&self, part: &str, command: AdminCommand) -> Result<(), Refused> {
        let Self { admin, fields, proof, request, .. } = self;
        let action = accounts::action_of(&command);
        let confirmed = request.confirm(action, (part, &fields.confirm), *proof).await?;
        let origin = admin.origin(*proof, request.context);
        let done = commands::execute(command, confirmed, admin.who(), origin, request.context).await;
        done.map_err(|failure| match failure {
            Failure::Access(ref refusal @ (Refusal::LastAdmin(_) | Refusal::Stale(_) | Refusal::NoPasswordHere(_))) => {
                Refused::form(Problem::Other { sentence: sentence(refusal) }, failure.status())
            }
            failure => failure.into(),
        })
    }

    /// What the form did; if it was refused, the page with what was typed.
    async fn answer(self, done: Result<FormResponse, Refused>) -> Result<FormResponse, Failure> {
        let (SensitiveRequest { keys, context, .. }, fields) = (self.request, self.fields);
        FormResponse::of_async(done, async |problem| {
            let mut view = load_user(&self.name, &self.admin, keys, Some(problem), context).await?;
            if !fields.role.is_empty() {
                view.role = fields.role.0;
            }
            if !fields.email.is_empty() {
                view.email = fields.email.0;
            }
            Ok(view::user_page(&view))
        })
        .await
    }

    /// Executes a command and leads back to the page with a message.
    async fn change(self, part: &str, command: AdminCommand, message: &str) -> Result<FormResponse, Failure> {
        let changed = self.execute(part, command).await;
        let changed = changed.map(|()| FormResponse::done(&urls::user(&self.name), message));
        self.answer(changed).await
    }
}

#[post("/users/<name>/role", data = "<posted>")]
pub async fn set_role(
    name: &str,
    admin: Admin,
    posted: Posted<ChangeFields>,
    request: SensitiveRequest<'_>,
) -> Result<FormResponse, Failure> {
    let sent = Sent::new(name, admin, posted, request)?;
    let role = sent.fields.role.parse().map_err(|error: UserError| Failure::Malformed(sentence(&error)))?;
    let command = AdminCommand::SetRole { name: sent.name.clone(), role, seen: sent.fields.revision()? };
    sent.change("role", command, &format!("The role is now {role}.")).await
}

/// `POST /users/<name>/active`: disables a user at once, or enables them.
#[post("/users/<name>/active", data = "<posted>")]
pub async fn set_active(
    name: &str,
    admin: Admin,
    posted: Posted<ChangeFields>,
    request: SensitiveRequest<'_>,
) -> Result<FormResponse, Failure> {
    let sent = Sent::new(name, admin, posted, request)?;
    let active = sent.fields.active == "true";
    let message = if active { "The user can sign in again." } else { "The user is disabled." };
    let command = AdminCommand::SetActive { name: sent.name.clone(), active, seen: sent.fields.revision()? };
    sent.change("active", command, message).await
}

/// `POST /users/<name>/email`: a blank address removes it.
#[post("/users/<name>/email", data = "<posted>")]
pub async fn set_email(
    name: &str,
    admin: Admin,
    posted: Posted<ChangeFields>,
    request: SensitiveRequest<'_>,
) -> Result<FormResponse, Failure> {
    let sent = Sent::new(name, admin, posted, request)?;
    let email = match account::parse_email(&sent.fields.email) {
        Ok(email) => email,
        Err(error) => return sent.answer(Err(error.into())).await,
    };
    let command = AdminCommand::SetEmail { name: sent.name.clone(), email };
    sent.change("email", command, "The e-mail address was saved.").await
}

/// `POST /users/<name>/link`: makes a link to choose a password and revokes the earlier one.
#[post("/users/<name>/link", data = "<posted>")]
pub async fn give_link(
    name: &str,
    admin: Admin,
    posted: Posted<ChangeFields>,
    request: SensitiveRequest<'_>,
) -> Result<FormResponse, Failure> {
    let sent = Sent::new(name, admin, posted, request)?;
    let token = SecretToken::new()?;
    let command = AdminCommand::GiveLink { name: sent.name.clone(), link: Digest::of(token.as_str()) };
    let given = sent.execute("link", command).await;
    let shown = given.map(|()| FormResponse::Page(once(&link_view(&sent.name, &token, sent.request.context))));
    sent.answer(shown).await
}

/// `POST /users/<name>/second-factor`: removes it, for a user who lost their device.
#[post("/users/<name>/second-factor", data = "<posted>")]
pub async fn reset_second_factor(
    name: &str,
    admin: Admin,
    posted: Posted<ChangeFields>,
    request: SensitiveRequest<'_>,
) -> Result<FormResponse, Failure> {
    let sent = Sent::new(name, admin, posted, request)?;
    let command = AdminCommand::RemoveSecondFactor { name: sent.name.clone() };
    sent.change("factor", command, "The second factor is off.").await
}

/// `POST /users/<name>/sessions`: ends one session of the user, or all.
#[post("/users/<name>/sessions", data = "<fields>")]
pub async fn end_sessions(
    name: &str,
    admin: Admin,
    fields: Posted<account::SessionFields>,
    context: &Context,
) -> Result<flash::FlashRedirect, Failure> {
    let (name, origin) = (named(name)?, admin.origin(fields.proof(), context));
    commands::end_sessions(name.clone(), fields.0.session, admin.who(), origin, context).await?;
    Ok(flash::flash_redirect("Session ended.", &urls::user(&name)))
}
