//! The second factor of the signed-in user: set up, new recovery codes, turn off.

use rocket::{FromForm, Responder, get, http::Status, post};

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
        auth::{csrf_form::Posted, guards::Viewer, rate_limit::Throttled},
        http::error::Failure,
        pages::accounts::{
            account::user_of,
            commands,
            confirm::{Confirmed, SensitiveRequest},
            user_record,
        },
        render::{flash, reply::Reply},
    },
    secret,
    views::{
        FormKeys,
        auth::second_factor::{self as view, RecoveryView, SecondFactorView},
        components::alert::{FieldError, Problem},
        urls,
    },
};

/// Keeps signed secrets apart from other signed texts.
const SIGNED: &str = "second-factor";

#[derive(Debug, FromForm)]
pub struct Fields {
    /// The new secret with the user's name, signed.
    #[field(default = "")]
    secret: String,
    #[field(default = "")]
    code: String,
    #[field(default = "")]
    confirm: String,
}

#[derive(Debug, Responder)]
pub enum FactorResponse {
    Done(flash::FlashRedirect),
    /// The recovery codes, which are shown once.
    Codes(Reply),
    Again(Throttled<Reply>),
}

#[get("/account/second-factor")]
pub async fn show(viewer: Viewer, keys: FormKeys, context: &Context) -> Result<Reply, Failure> {
    let user = load(&viewer, context).await?;
    let secret = new_secret()?;
    Ok(Reply::page(view::page(&view_of(&user, &secret, keys, None, context))))
}

async fn load(viewer: &Viewer, context: &Context) -> Result<User, Failure> {
    let name = user_of(viewer)?;
    let (user, _) = context.store.run(move |store| user_record::read(store, &name)).await?;
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
    secret::random::<SECRET_BYTES>().map(TotpSecret).map_err(Failure::secret)
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
) -> Result<FactorResponse, Failure> {
    let SensitiveRequest { keys, context, .. } = &request;
    let (proof, user) = (fields.proof(), load(&viewer, context).await?);
    let known = secret_of(&fields.secret, &user.name, context);
    let is_known = known.is_some();
    let secret = known.map_or_else(new_secret, Ok)?;
    let given = ("set", fields.confirm.as_str());
    let confirmed = match request.confirm(Action::SecondFactor, given, proof).await? {
        Ok(confirmed) => confirmed,
        Err(unconfirmed) => {
            let view = view_of(&user, &secret, keys.clone(), Some(unconfirmed.problem.clone()), context);
            return Ok(FactorResponse::Again(unconfirmed.reply(Reply::page(view::page(&view)))));
        }
    };
    // A factor that was never used accepts any current code.
    let fresh = SecondFactor { secret: secret.clone(), last_step: 0, recovery: Vec::new(), since: context.clock.now() };
    let used = fresh.after(&fields.code, context.clock.now()).filter(|_| is_known);
    let Some((used, _)) = used else {
        let message = match (is_known, fields.code.trim().is_empty()) {
            (false, _) => "This form is too old: add the new code below to your app.",
            (true, true) => "Enter the code that your app shows.",
            (true, false) => "That code is wrong. Enter the one that your app shows now, and check its clock.",
        };
        let problem = Problem::Fields(vec![FieldError { name: "code".into(), message: message.to_owned() }]);
        let view = view_of(&user, &secret, keys.clone(), Some(problem), context);
        let reply = Reply::page(view::page(&view)).status(Status::UnprocessableEntity);
        return Ok(FactorResponse::Again(Throttled { reply, limited: None }));
    };
    let (codes, recovery) = new_recovery_codes()?;
    let (name, keep) = (user.name, viewer.who().session());
    let command = AdminCommand::SetSecondFactor { name, secret, step: used.last_step, recovery, keep };
    commands::execute(command, confirmed, viewer.who(), viewer.origin(proof, context), context).await?;
    Ok(FactorResponse::Codes(Reply::page(view::codes_page(&RecoveryView { codes, is_new: true }))))
}

/// Recovery codes and their digests.
fn new_recovery_codes() -> Result<(Vec<String>, Vec<Digest>), Failure> {
    let one = || secret::random::<RECOVERY_BYTES>().map(factor::recovery_code).map_err(Failure::secret);
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
) -> Result<FactorResponse, Failure> {
    let confirmed = match confirmed("codes", &viewer, &fields, &request).await? {
        Ok(confirmed) => confirmed,
        Err(again) => return Ok(again),
    };
    let (codes, recovery) = new_recovery_codes()?;
    let command = AdminCommand::SetRecoveryCodes { name: user_of(&viewer)?, recovery };
    let origin = viewer.origin(fields.proof(), request.context);
    commands::execute(command, confirmed, viewer.who(), origin, request.context).await?;
    Ok(FactorResponse::Codes(Reply::page(view::codes_page(&RecoveryView { codes, is_new: false }))))
}

#[post("/account/second-factor/off", data = "<fields>")]
pub async fn turn_off(
    viewer: Viewer,
    fields: Posted<Fields>,
    request: SensitiveRequest<'_>,
) -> Result<FactorResponse, Failure> {
    let confirmed = match confirmed("off", &viewer, &fields, &request).await? {
        Ok(confirmed) => confirmed,
        Err(again) => return Ok(again),
    };
    let command = AdminCommand::RemoveSecondFactor { name: user_of(&viewer)? };
    let origin = viewer.origin(fields.proof(), request.context);
    commands::execute(command, confirmed, viewer.who(), origin, request.context).await?;
    Ok(FactorResponse::Done(flash::flash_redirect("The second factor is off.", urls::ACCOUNT)))
}

/// Requires a confirmed session; otherwise the page with the reason at the form.
async fn confirmed(
    part: &'static str,
    viewer: &Viewer,
    fields: &Posted<Fields>,
    request: &SensitiveRequest<'_>,
) -> Result<Result<Confirmed, FactorResponse>, Failure> {
    let given = (part, fields.confirm.as_str());
    let checked = request.confirm(Action::SecondFactor, given, fields.proof()).await?;
    let unconfirmed = match checked {
        Ok(confirmed) => return Ok(Ok(confirmed)),
        Err(unconfirmed) => unconfirmed,
    };
    let (user, secret) = (load(viewer, request.context).await?, new_secret()?);
    let view = view_of(&user, &secret, request.keys.clone(), Some(unconfirmed.problem.clone()), request.context);
    Ok(Err(FactorResponse::Again(unconfirmed.reply(Reply::page(view::page(&view))))))
}
