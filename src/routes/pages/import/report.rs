//! The report of an upload as a file.

use std::{
    fs::File,
    io::{BufWriter, IntoInnerError, Seek, Write},
};

use rocket::{State, get};

use crate::{
    context::Context,
    export::{EXPORT_BYTES_MAX, Format},
    import::{self, Incoming, Note, Place, Rejected, detect, listed::Listed, report::Report, upload::Upload},
    routes::{
        auth::guards::Admin,
        http::error::Failure,
        pages::{
            download::{self, Download},
            import::{find, sentence},
        },
    },
    store::{Store, StoreError},
};

/// `GET /uploads/<token>/report.csv`: every rejected row and every note.
#[get("/uploads/<token>/report.csv")]
pub async fn report(token: &str, admin: Admin, context: &State<Context>) -> Result<Download, Failure> {
    let upload = find(token, context)?;
    let mark = download::mark(admin.who(), Format::Csv);
    let short_work_minutes = context.config.policy.short_work_minutes;
    let file = context.store.run(move |store| report_file(store, &upload, mark, short_work_minutes)).await?;
    Ok(Download::new(file, "tandem-import-report", Format::Csv))
}

fn report_file(store: &Store, upload: &Upload, mark: &[u8], short_work_minutes: u32) -> Result<File, Failure> {
    let mut out = store.temporary_file()?.at_most(EXPORT_BYTES_MAX);
    out.write_all(mark).map_err(StoreError::from)?;
    let report = Report::begin(BufWriter::new(out)).map_err(StoreError::from)?;
    let (rejected, notes) = (report.clone(), report.clone());
    let incoming = Incoming {
        rejected: Listed::reporting(move |row: &Rejected| {
            rejected.line("rejected", &row.place, row.column.as_deref(), &row.reason);
        }),
        notes: Listed::reporting(move |note: &Note| notes.line("note", &note.place, None, &note.message)),
        ..Incoming::default()
    };
    let files = upload.files().map_err(StoreError::from)?;
    let incoming = detect::read_into(incoming, &files).map_err(|problem| Failure::Malformed(sentence(&problem)))?;
    drop(files);
    let plan = store.read(|view| import::checked_plan(view, incoming, short_work_minutes));
    let plan = plan.map_err(|error: StoreError| error)?;
    for finding in plan.findings.iter() {
        report.line("finding", &Place { file: finding.rule.clone(), line: 0 }, None, &finding.message);
    }
    drop(plan);
    let out = report.finish().map_err(StoreError::from)?;
    let mut file = out.into_inner().map_err(IntoInnerError::into_error).map_err(StoreError::from)?.into_inner();
    file.rewind().map_err(StoreError::from)?;
    Ok(file)
}
