//! Parts of the API document that every call shares: authentication and general errors.

use utoipa::openapi::{
    Components, Content, OpenApi, Ref, RefOr, Response,
    header::Header,
    response::ResponseBuilder,
    schema::{ObjectBuilder, Type},
    security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
};

use crate::{
    config::{Config, SignIn},
    routes::auth::cookies,
};

const BEARER: &str = "token";
const SESSION: &str = "session";
const FORM_TOKEN: &str = "form_token";

/// The responses of every call: status, name in the document, and cause. The first only where users sign in.
const ANSWERS: [(&str, &str, &str); 5] = [
    ("401", "SignedOut", "The request has no session and no valid token."),
    ("403", "Forbidden", "The role is too low, or the call comes from another site's page."),
    ("429", "TooMany", "Too many calls in a short time."),
    ("500", "Fault", "Something failed on our side; `request_id` names it in the log."),
    (
        "503",
        "Unavailable",
        "The disk cannot be written, the server is overloaded, or the request timed out. Nothing was confirmed.",
    ),
];

/// Adds the shared parts to a document.
pub fn add(api: &mut OpenApi, config: &Config) {
    let signs_in = config.access.sign_in == SignIn::Password;
    let answers = &ANSWERS[usize::from(!signs_in)..];
    let components = api.components.get_or_insert_with(Components::new);
    for (status, name, when) in answers {
        components.responses.insert((*name).to_owned(), RefOr::T(failure(status, when)));
    }
    if signs_in {
        components.security_schemes.extend(schemes(config));
    }
    for item in api.paths.paths.values_mut() {
        let operations =
            [(&mut item.get, false), (&mut item.post, true), (&mut item.patch, true), (&mut item.delete, true)];
        for (operation, writes) in operations {
            let Some(operation) = operation else { continue };
            for (status, name, _) in answers {
                let answer = RefOr::Ref(Ref::from_response_name(*name));
                operation.responses.responses.insert((*status).to_owned(), answer);
            }
            if signs_in {
                operation.security = Some(requirements(writes));
            }
        }
    }
}

/// An error response in the common shape.
fn failure(status: &str, when: &str) -> Response {
    let response = ResponseBuilder::new()
        .description(when)
        .content("application/json", Content::new(Some(Ref::from_schema_name("Error"))));
    let header = |name: &str, kind: Type, about: &str| {
        let mut header = Header::new(ObjectBuilder::new().schema_type(kind).build());
        header.description = Some(about.to_owned());
        (name.to_owned(), header)
    };
    let header = match status {
        "401" => header("WWW-Authenticate", Type::String, "`Bearer`: what to send."),
        "429" => header("Retry-After", Type::Integer, "Seconds until the next one is taken."),
        "503" => header("Retry-After", Type::Integer, "Seconds after which to try again."),
        _ => return response.build(),
    };
    response.header(header.0, header.1).build()
}

fn schemes(config: &Config) -> [(String, SecurityScheme); 3] {
    let bearer = Http::builder()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("Made on the page Users or by `tandem token create`, with a role of its own."))
        .build();
    let session = ApiKeyValue::with_description(
        cookies::SESSION.shown(config),
        "The session of a user who signed in on the pages.".to_owned(),
    );
    let form_token = ApiKeyValue::with_description(
        "X-CSRF-Token",
        "The token of the session's forms; needed with the cookie for calls that change something.",
    );
    [
        (BEARER.to_owned(), SecurityScheme::Http(bearer)),
        (SESSION.to_owned(), SecurityScheme::ApiKey(ApiKey::Cookie(session))),
        (FORM_TOKEN.to_owned(), SecurityScheme::ApiKey(ApiKey::Header(form_token))),
    ]
}

/// The accepted kinds of authentication.
fn requirements(writes: bool) -> Vec<SecurityRequirement> {
    let none: [&str; 0] = [];
    let session = SecurityRequirement::new(SESSION, none);
    let session = if writes { session.add(FORM_TOKEN, none) } else { session };
    vec![SecurityRequirement::new(BEARER, none), session]
}
