//! The second factor of the signed-in user: set up, new recovery codes, turn off.

use rocket::{FromForm, get, post};

use crate::{
    context::Context,
    domain::{
        audit::Action,
        user::{
            User, UserName,
            access::{AdminCommand, Digest},
            second_factor::{
                self as factor, RECOVERY_BYTES, RECOVERY_CODES, SECRET_BYTES, SecondFactor, TotpSecret, recovery_digest,
            },
        },
    },
    routes::{
        auth::{Posted, Viewer},
        http::{error::Failure, form_text::Text},
        pages::accounts::{account::user_of, commands, confirm::SensitiveRequest, user_record},
        render::{FormResponse, Refused, Reply},
    },
    secret::{self, SecretError},
    views::{
        FormKeys,
        auth::second_factor::{self as view, RecoveryView, SecondFactorView},
        components::alert::Problem,
        urls,
    },
};

/// Keeps signed secrets apart from other signed texts.
const SIGNED: &str = "second-factor";

#[derive(Debug, FromForm)]
pub struct Fields {
    /// The new secret with the user's name, signed.
    secret: Text,
    code: Text,
    confirm: Text,
}

#[get("/account/second-factor")]
pub async fn show(viewer: Viewer, keys: FormKeys, context: &Context) -> Result<Reply, Failure> {
    let user = load(&viewer, context).await?;
    let secret = new_secret()?;
    Ok(Reply::page(view::page(&view_of(&user, &secret, keys, None, context))))
}

async fn load(viewer: &Viewer, context: &Context) -> Result<User, Failure> {
    let name = user_of(viewer)?;
    let (user, _) = context.store.run(move |store| user_record(store, &name)).await?;
    Ok(user)
}

fn view_of(
    user: &User,
    secret: &TotpSecret,
    keys: FormKeys,
    problem: Option<Problem>,
    context: &Context,
) -> SecondFactorView {
    let zone = context.config.zone;
    let state = |factor: &SecondFactor| (factor.since.with_timezone(&zone).naive_local(), factor.recovery.len());
    SecondFactorView {
        keys,
        uri: secret.uri(&user.name),
        typed_secret: secret.base32(),
        signed_secret: signed(secret, &user.name, context),
        state: user.second_factor.as_ref().map(state),
        is_required: context.config.access.second_factor.is_required(user.role),
        problem,
    }
}

fn new_secret() -> Result<TotpSecret, Failure> {
    secret::random::<SECRET_BYTES>().map(TotpSecret).map_err(Failure::from)
}

fn signed(secret: &TotpSecret, name: &UserName, context: &Context) -> String {
    secret::sign(context.team(), &format!("{SIGNED} {} {}", name.folded(), hex::encode(secret.0)))
}

/// The secret that a page showed to this user.
fn secret_of(text: &str, name: &UserName, context: &Context) -> Option<TotpSecret> {
    let parts: Vec<&str> = secret::signed(context.team(), text)?.split(' ').collect();
    let [SIGNED, owner, secret] = parts[..] else { return None };
    let bytes = hex::decode(secret).ok().filter(|_| owner == name.folded())?;
    bytes.try_into().ok().map(TotpSecret)
}

/// `POST /account/second-factor`: sets it up, once a code proves that the app has the secret.
#[post("/account/second-factor", data = "<fields>")]
pub async fn set_up(
    viewer: Viewer,
    fields: Posted<Fields>,
    request: SensitiveRequest<'_>,
) -> Result<FormResponse, Failure> {
    let (proof, context) = (fields.proof(), request.context);
    let user = load(&viewer, context).await?;
    let known = secret_of(&fields.secret, &user.name, context);
    let is_known = known.is_some();
    let secret = known.map_or_else(new_secret, Ok)?;
    let set_up = async {
        let confirmed = request.confirm(Action::SecondFactor, ("set", &fields.confirm), proof).await?;
        // A factor that was never used accepts any current code.
        let fresh =
            SecondFactor { secret: secret.clone(), last_step: 0, recovery: Vec::new(), since: context.clock.now() };
        let used = fresh.after(&fields.code, context.clock.now()).filter(|_| is_known);
        let Some((used, _)) = used else {
            let message = match (is_known, fields.code.trim().is_empty()) {
                (false, _) => "This form is too old: add the new code below to your app.",
                (true, true) => "Enter the code that your app shows.",
                (true, false) => "That code is wrong. Enter the one that your app shows now, and check its clock.",
            };
            return Err(Refused::field("code", message));
        };
        let (codes, recovery) = new_recovery_codes()?;
        let (name, keep, secret) = (user.name.clone(), viewer.who().session(), secret.clone());
        let command = AdminCommand::SetSecondFactor { name, secret, step: used.last_step, recovery, keep };
        commands::execute(command, confirmed, viewer.who(), viewer.origin(proof, context), context).await?;
        Ok(FormResponse::Page(Reply::page(view::codes_page(&RecoveryView { codes, is_new: true }))))
    };
    FormResponse::of(set_up.await, |problem| {
        Ok(view::page(&view_of(&user, &secret, request.keys, Some(problem), context)))
    })
}

/// Recovery codes and their digests.
fn new_recovery_codes() -> Result<(Vec<String>, Vec<Digest>), SecretError> {
    let one = || secret::random::<RECOVERY_BYTES>().map(factor::recovery_code);
    let codes = (0..RECOVERY_CODES).map(|_| one()).collect::<Result<Vec<_>, _>>()?;
    let digests = codes.iter().map(|code| recovery_digest(code)).collect();
    Ok((codes, digests))
}

/// `POST /account/second-factor/codes`: replaces the recovery codes.
#[post("/account/second-factor/codes", data = "<fields>")]
pub async fn new_codes(
    viewer: Viewer,
    fields: Posted<Fields>,
    request: SensitiveRequest<'_>,
) -> Result<FormResponse, Failure> {
    let (name, (codes, recovery)) = (user_of(&viewer)?, new_recovery_codes()?);
    let shown = FormResponse::Page(Reply::page(view::codes_page(&RecoveryView { codes, is_new: false })));
    change("codes", AdminCommand::SetRecoveryCodes { name, recovery }, shown, &viewer, &fields, request).await
}

#[post("/account/second-factor/off", data = "<fields>")]
pub async fn turn_off(
    viewer: Viewer,
    fields: Posted<Fields>,
    request: SensitiveRequest<'_>,
) -> Result<FormResponse, Failure> {
    let command = AdminCommand::RemoveSecondFactor { name: user_of(&viewer)? };
    let done = FormResponse::done(urls::ACCOUNT, "The second factor is off.");
    change("off", command, done, &viewer, &fields, request).await
}

/// Executes a command in a confirmed session; otherwise the page comes back with the reason at the form `part`.
async fn change(
    part: &str,
    command: AdminCommand,
    done: FormResponse,
    viewer: &Viewer,
    fields: &Posted<Fields>,
    request: SensitiveRequest<'_>,
) -> Result<FormResponse, Failure> {
    let (proof, context) = (fields.proof(), request.context);
    let changed = async {
        let confirmed = request.confirm(Action::SecondFactor, (part, &fields.confirm), proof).await?;
        commands::execute(command, confirmed, viewer.who(), viewer.origin(proof, context), context).await?;
        Ok::<_, Refused>(done)
    };
    FormResponse::of_async(changed.await, async |problem| {
        let (user, secret) = (load(viewer, context).await?, new_secret()?);
        Ok(view::page(&view_of(&user, &secret, request.keys, Some(problem), context)))
    })
    .await
}
