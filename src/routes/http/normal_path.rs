//! Normal paths: `//events` is read as `/events`.
//!
//! A form that is shown again has the path of its request as its action, and browsers read two slashes as the start of a
//! host name.

use rocket::{
    fairing::{AdHoc, Fairing},
    http::ext::IntoOwned,
};

pub fn stage() -> impl Fairing {
    AdHoc::on_request("normal paths", |request, _| {
        Box::pin(async move {
            if !request.uri().is_normalized() {
                request.set_uri(request.uri().clone().into_owned().into_normalized());
            }
        })
    })
}
