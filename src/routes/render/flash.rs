//! Messages that a redirect leaves for the page it leads to.

use std::convert::Infallible;

use rocket::{
    Request,
    request::{FlashMessage, FromRequest, Outcome},
    response::{self, Flash, Redirect, Responder},
};

use crate::{routes::http::team, secret, views::components::message::Message};

/// The kind under which a message waits for the next page.
const FLASH_KIND: &str = "done";

/// A redirect that leaves a message for the page it leads to.
#[derive(Debug)]
pub struct FlashRedirect {
    message: String,
    next: String,
}

impl<'r> Responder<'r, 'static> for FlashRedirect {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let message = secret::sign(team::name(request), &self.message);
        Flash::new(Redirect::to(self.next), FLASH_KIND, message).respond_to(request)
    }
}

pub fn carry(message: &Message, next: String) -> FlashRedirect {
    FlashRedirect { message: serde_json::to_string(&message.shortened()).unwrap_or_default(), next }
}

/// A redirect with a message of one sentence.
pub fn flash_redirect(text: &str, next: &str) -> FlashRedirect {
    carry(&Message { text: text.to_owned(), notes: Vec::new(), link: None, undo: None }, next.to_owned())
}

/// The message that a redirect left for this page. A cookie without the signature of this server and team is
/// ignored: a planted cookie must not put a link or an Undo button on a page.
#[derive(Debug)]
pub struct Flashed(pub Option<Message>);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Flashed {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        let flash = request.guard::<FlashMessage<'_>>().await.succeeded();
        Outcome::Success(Self(flash.and_then(|flash| message_in(team::name(request), &flash))))
    }
}

fn message_in(team: &str, flash: &FlashMessage<'_>) -> Option<Message> {
    let message = secret::signed(team, flash.message()).filter(|_| flash.kind() == FLASH_KIND)?;
    serde_json::from_str(message).ok()
}
