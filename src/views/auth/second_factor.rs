//! The second factor of the signed-in user, and the recovery codes, which are shown once.

use chrono::NaiveDateTime;
use maud::{Markup, html};
use qrcode::{Color, QrCode};

use crate::{
    domain::format,
    views::{
        FormKeys, Page,
        auth::sign_in,
        components::alert::{self, Problem},
        urls,
    },
};

/// Light modules around a QR code (ISO/IEC 18004).
const QUIET_ZONE: usize = 4;
/// Pixels of a module.
const MODULE_PX: usize = 4;

#[derive(Debug)]
pub struct SecondFactorView {
    pub keys: FormKeys,
    /// The content of the QR code of the new secret.
    pub uri: String,
    /// The new secret, to type.
    pub typed_secret: String,
    /// The new secret, to send back.
    pub signed_secret: String,
    /// When the present one was set up, and the number of its recovery codes.
    pub state: Option<(NaiveDateTime, usize)>,
    /// The role of the user requires one.
    pub is_required: bool,
    pub problem: Option<Problem>,
}

pub fn page(view: &SecondFactorView) -> Page {
    let main = html! {
        div.page.narrow {
            nav.bar aria-label="Back" { a href=(urls::ACCOUNT) { "‹ Your account" } }
            div.bar { h1 #title tabindex="-1" { "Second factor" } @if view.state.is_some() { span.chip { "on" } } }
            p.lead {
                @match view.state {
                    Some((since, codes)) => {
                        "On since " (format::moment(since)) ". " (format::count(codes as u64, "recovery code")) " left."
                    }
                    None if view.is_required => "Your role requires one. Set it up to go on.",
                    None => "With one, signing in also needs a code that an app on your phone shows.",
                }
            }
            @if let Some(problem) = &view.problem { (alert::problem(problem)) }
            (set_up_form(view))
            @if view.state.is_some() {
                (button_form(view, "codes", "Recovery codes", "New codes replace the earlier ones.", "Make new codes"))
                @if !view.is_required {
                    (button_form(view, "off", "Turn off", "Your password alone lets you in then.", "Turn off"))
                }
            }
        }
    };
    Page::new("Second factor", main).in_section(urls::ACCOUNT)
}

fn set_up_form(view: &SecondFactorView) -> Markup {
    let problem = view.problem.as_ref();
    html! {
        form.form action=(urls::SECOND_FACTOR) method="post" novalidate {
            header { div {
                h2 { @if view.state.is_some() { "Use another app or device" } @else { "Set up" } }
                p.sub { "Scan this with an authenticator app, or type the key. All your other browsers will be signed out." }
            } }
            (view.keys.of_part("set").inputs())
            input type="hidden" name="secret" value=(view.signed_secret);
            (qr_code(&view.uri))
            div.field {
                label for="typed-secret" { "Key" }
                input #typed-secret type="text" value=(view.typed_secret) readonly spellcheck="false";
            }
            (sign_in::code_field("The six digits that the app shows now.", problem))
            (view.keys.confirmation("set", problem))
            footer { button.btn.primary { "Turn on" } }
        }
    }
}

fn button_form(view: &SecondFactorView, part: &str, title: &str, lead: &str, button: &str) -> Markup {
    html! {
        form.form action={ (urls::SECOND_FACTOR) "/" (part) } method="post" {
            header { div { h2 { (title) } p.sub { (lead) } } }
            (view.keys.of_part(part).inputs())
            (view.keys.confirmation(part, view.problem.as_ref()))
            footer { button.btn { (button) } }
        }
    }
}

/// A QR code, black on white in every colour scheme: cameras need that. Empty if the text is too long for one.
fn qr_code(text: &str) -> Markup {
    let Ok(code) = QrCode::new(text) else { return html! {} };
    let width = code.width();
    let side = width + 2 * QUIET_ZONE;
    let dark = code.to_colors().into_iter().enumerate().filter(|(_, color)| *color == Color::Dark);
    let module = |at: usize| format!("M{} {}h1v1h-1z", at % width + QUIET_ZONE, at / width + QUIET_ZONE);
    let path: String = dark.map(|(at, _)| module(at)).collect();
    html! {
        svg role="img" aria-label="QR code of the key below" width=(side * MODULE_PX) height=(side * MODULE_PX)
            viewBox={ "0 0 " (side) " " (side) } shape-rendering="crispEdges" {
            rect width=(side) height=(side) fill="#fff" {}
            path d=(path) fill="#000" {}
        }
    }
}

/// Recovery codes, shown once.
#[derive(Debug)]
pub struct RecoveryView {
    pub codes: Vec<String>,
    /// The second factor was just set up.
    pub is_new: bool,
}

pub fn codes_page(view: &RecoveryView) -> Page {
    let main = html! {
        section.form aria-labelledby="dialog-title" {
            header { div {
                h1 #dialog-title tabindex="-1" { "Recovery codes" }
                p.sub {
                    @if view.is_new { "The second factor is on. " }
                    "Each code signs you in once if you lose your device. Print them or keep them in a password manager: they are not shown again."
                }
            } }
            ul #codes .entries { @for code in &view.codes { li { code { (code) } } } }
            footer { a.btn.primary href=(urls::ACCOUNT) { "I have saved them" } }
        }
    };
    Page::narrow("Recovery codes", main).in_section(urls::ACCOUNT)
}
