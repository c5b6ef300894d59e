//! Downloads: exported tables and the activity log.

use std::{fs::File, io::Write};

use rocket::{
    Responder, get,
    http::{ContentType, Header},
    request::FromParam,
};

use crate::{
    context::Context,
    export::{self, Format, Kind},
    routes::{
        api::responses::ErrorAnswer,
        auth::{
            Viewer,
            authenticate::{AuthMethod, Caller},
            export_limit::Exporting,
        },
        http::error::{CallFailure, Failure},
    },
    store::ReadTx,
};

/// A download. The file is complete before it is sent, so that a slow client blocks no other request.
#[derive(Debug, Responder)]
pub struct Download {
    file: File,
    media_type: ContentType,
    disposition: Header<'static>,
}

impl Download {
    /// `name` is without its ending.
    pub fn new(file: File, name: &str, format: Format) -> Self {
        let media_type = match format {
            Format::Csv => ContentType::CSV,
            Format::JsonLines => ContentType::new("application", "jsonl"),
        };
        let disposition = format!("attachment; filename=\"{name}.{}\"", format.ending());
        Self { file, media_type, disposition: Header::new("Content-Disposition", disposition) }
    }
}

/// The bytes before a CSV download: a byte order mark, without which spreadsheets read UTF-8 as Windows-1252. Scripts,
/// which call with a token, get none.
pub fn mark(caller: &Caller, format: Format) -> &'static [u8] {
    match (format, &caller.method) {
        (Format::Csv, AuthMethod::Open | AuthMethod::Session { .. }) => b"\xEF\xBB\xBF",
        (Format::Csv, AuthMethod::Token(_)) | (Format::JsonLines, _) => b"",
    }
}

/// `events.csv`: what, and how.
#[derive(Clone, Copy, Debug)]
pub struct FileParam {
    kind: Kind,
    format: Format,
}

impl<'r> FromParam<'r> for FileParam {
    type Error = Failure;

    fn from_param(text: &'r str) -> Result<Self, Failure> {
        let found = text.rsplit_once('.').and_then(|(name, ending)| {
            let kind = Kind::ALL.into_iter().find(|kind| kind.slug() == name)?;
            let format = Format::ALL.into_iter().find(|format| format.ending() == ending)?;
            Some(Self { kind, format })
        });
        found.ok_or_else(|| {
            Failure::NotFound(
                "There is no such file. Available: events, schedule, employees, rotation and audit, as .csv or .jsonl."
                    .to_owned(),
            )
        })
    }
}

/// A whole table, as a spreadsheet or as JSON lines
#[utoipa::path(get, path = "/api/export/{file}", operation_id = "export_table", tag = "Files", params(
    ("file" = String, Path, pattern = "^(events|schedule|employees|rotation|audit)\\.(csv|jsonl)$", example = "events.csv")),
    responses((status = 200, content((String = "text/csv"), (String = "application/jsonl"))),
    (status = 404, body = ErrorAnswer)))]
#[get("/export/<file>")]
pub async fn table(
    file: Result<FileParam, Failure>,
    viewer: Viewer,
    exporting: &Exporting,
    context: &Context,
) -> Result<Download, CallFailure> {
    let FileParam { kind, format } = file?;
    let request = export::Request { kind, format, zone: context.config.zone, role: viewer.who().role };
    let mark = mark(viewer.who(), format);
    let write = move |view: &dyn ReadTx, out: &mut dyn Write| {
        out.write_all(mark)?;
        export::write(view, request, out)
    };
    let name = format!("{}.{}", kind.slug(), format.ending());
    let made = exporting.make(&viewer, name, context, write).await?;
    Ok(Download::new(made, &format!("tandem-{}", kind.slug()), format))
}
