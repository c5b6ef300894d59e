//! The report of an import as a file, before it is confirmed and for some time afterwards.

use std::{
    fs::File,
    io::{self, Seek, Write},
};

use rocket::get;

use crate::{
    context::Context,
    export::{EXPORT_BYTES_MAX, Format},
    import::report::{Report, kept},
    routes::{
        api::download::{self, Download},
        auth::{Admin, export_limit::Exporting},
        http::error::Failure,
        pages::{
            import::{check, find, planned},
            sentence,
        },
    },
    store::{Store, StoreError},
};

const FILE_NAME: &str = "tandem-import-report";

/// `GET /uploads/<token>/report.csv`: every rejected row, every note, and what is found about events.
#[get("/uploads/<token>/report.csv")]
pub async fn of_upload(
    token: &str,
    admin: Admin,
    exporting: &Exporting,
    context: &Context,
) -> Result<Download, Failure> {
    let upload = find(token, context)?;
    let mark = download::mark(admin.who(), Format::Csv);
    let short_work_minutes = context.config.policy.short_work_minutes;
    let made = move |store: &Store| {
        let report = Report::begin(store.temporary_file()?).map_err(StoreError::from)?;
        let planned = planned(store, &upload, report.incoming())?;
        let (_, plan) = planned.map_err(|problem| Failure::Malformed(sentence(&problem)))?;
        drop(check(store, plan, short_work_minutes)?);
        let written = report.finish().map_err(StoreError::from)?;
        marked(store, mark, written)
    };
    let file = exporting.make_by(admin.reading(context), format!("{FILE_NAME}.csv"), context, made).await?;
    Ok(Download::new(file, FILE_NAME, Format::Csv))
}

/// `GET /import/<id>/report.csv`: the same of an import that was confirmed, while it is kept.
#[get("/import/<id>/report.csv")]
pub async fn of_import(id: u64, admin: Admin, exporting: &Exporting, context: &Context) -> Result<Download, Failure> {
    let mark = download::mark(admin.who(), Format::Csv);
    let (data_dir, now) = (context.config.data_dir.clone(), context.clock.now());
    let made = move |store: &Store| {
        let gone = || {
            let days = kept::KEPT_DAYS;
            Failure::NotFound(format!("There is no such report: those of the last imports are kept, for {days} days."))
        };
        let report = kept::open(&data_dir, id, now).map_err(StoreError::from)?.ok_or_else(gone)?;
        marked(store, mark, report)
    };
    let file = exporting.make_by(admin.reading(context), format!("{FILE_NAME}-{id}.csv"), context, made).await?;
    Ok(Download::new(file, FILE_NAME, Format::Csv))
}

/// A copy of a report behind the bytes that a download begins with.
fn marked(store: &Store, mark: &[u8], mut report: File) -> Result<File, Failure> {
    let mut copy = || {
        let mut out = store.temporary_file()?.at_most(EXPORT_BYTES_MAX);
        out.write_all(mark)?;
        report.rewind()?;
        io::copy(&mut report, &mut out)?;
        let mut file = out.into_inner();
        file.rewind()?;
        Ok::<_, StoreError>(file)
    };
    Ok(copy()?)
}
