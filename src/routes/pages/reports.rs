//! Reports: hours, work that is due, changes, coverage; as a page, a sheet and files.

use std::io::Write;

use chrono::NaiveDate;
use rocket::{FromForm, Route, get, http::Status, request::FromParam, routes};

use crate::{
    context::Context,
    domain::{
        alike::number_key,
        calendar::{self, Month},
        employee::JobTitle,
        report::{self, Kind, RANGE_DAYS_MAX, Wanted},
    },
    export::{self, Format},
    routes::{
        api::download::{self, Download},
        auth::{Viewer, export_limit::Exporting},
        http::{error::Failure, form_text::Text},
        render::Reply,
    },
    store::{ReadTx, StoreError, queries::reports, tables::retail_stores},
    views::{
        Page,
        components::filter::CHOICES_MAX,
        reports::{self as page, FilterValues, ReportsView},
    },
};

pub fn routes() -> Vec<Route> {
    routes![show, sheet, file]
}

/// The query of reports. Without dates it is this month.
#[derive(Clone, Debug, Default, FromForm)]
pub struct Query {
    from: Text,
    to: Text,
    store: Text,
    job_title: Text,
}

impl Query {
    fn values(&self, today: NaiveDate) -> FilterValues {
        let trimmed = |text: &String| text.trim().to_owned();
        let mut values = FilterValues {
            from: trimmed(&self.from),
            to: trimmed(&self.to),
            store: trimmed(&self.store),
            job_title: trimmed(&self.job_title),
        };
        let month_of = |text: &str| calendar::parse_date(text).map(Month::of);
        if values.from.is_empty() {
            values.from = month_of(&values.to).unwrap_or(Month::of(today)).first().to_string();
        }
        if values.to.is_empty() {
            values.to = month_of(&values.from).unwrap_or(Month::of(today)).last().to_string();
        }
        values
    }
}

fn wanted(values: &FilterValues, context: &Context) -> Result<Wanted, String> {
    let date = |text: &str| calendar::parse_date(text).map_err(|error| error.to_string());
    let (first, last) = (date(&values.from)?, date(&values.to)?);
    if last < first {
        return Err("the last day is before the first".to_owned());
    }
    if (last - first).num_days() >= RANGE_DAYS_MAX {
        return Err(format!("a report has at most {RANGE_DAYS_MAX} days"));
    }
    let titled = |text: &str| JobTitle::named(text).ok_or_else(|| format!("there is no job title \"{text}\""));
    let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    Ok(Wanted {
        range: (first, last),
        store: given(&values.store).map(|store| number_key(&store).into_owned()),
        title: given(&values.job_title).map(|text| titled(&text)).transpose()?,
        week_start: context.config.week_start,
        zone: context.config.zone,
    })
}

async fn view(query: Query, context: &Context) -> Result<(ReportsView, Status), Failure> {
    let today = context.today();
    let filter = query.values(today);
    let wanted = wanted(&filter, context);
    let read = move |store: &crate::store::Store, _: &Context| {
        let (stores, many_stores) = store.read(|tx| retail_stores::all(tx, CHOICES_MAX))?;
        let (reports, problem) = match wanted {
            Ok(wanted) => (Some(reports::read(&store.moment(), &wanted, &Kind::ALL)?), None),
            Err(problem) => (None, Some(format!("The filter cannot be used: {problem}."))),
        };
        let (tables, complete) = reports.map_or((Vec::new(), true), |reports| (reports.tables, reports.complete));
        let presets = report::presets(today);
        Ok::<_, StoreError>(ReportsView { filter, problem, presets, tables, complete, stores, many_stores, today })
    };
    let view = context.run(read).await?;
    let status = if view.problem.is_some() { Status::UnprocessableEntity } else { Status::Ok };
    Ok((view, status))
}

async fn reply(query: Query, context: &Context, draw: fn(&ReportsView) -> Page) -> Result<Reply, Failure> {
    let (view, status) = view(query, context).await?;
    Ok(Reply::page(draw(&view)).status(status))
}

/// `GET /reports?from=&to=&store=&job_title=`
#[get("/reports?<query..>")]
pub async fn show(query: Query, _viewer: Viewer, context: &Context) -> Result<Reply, Failure> {
    reply(query, context, page::page).await
}

/// `GET /reports/print`: the same as a sheet.
#[get("/reports/print?<query..>")]
pub async fn sheet(query: Query, _viewer: Viewer, context: &Context) -> Result<Reply, Failure> {
    reply(query, context, page::sheet).await
}

/// `hours.csv`
#[derive(Clone, Copy, Debug)]
pub struct FileParam(Kind);

impl<'r> FromParam<'r> for FileParam {
    type Error = Failure;

    fn from_param(text: &'r str) -> Result<Self, Failure> {
        let named = |kind: &Kind| text.strip_suffix(".csv") == Some(kind.slug());
        Kind::ALL.into_iter().find(named).map(Self).ok_or_else(|| Failure::NotFound("There is no such report.".into()))
    }
}

/// `GET /reports/hours.csv`: one report as a file for spreadsheets.
#[get("/reports/<file>?<query..>")]
pub async fn file(
    file: Result<FileParam, Failure>,
    query: Query,
    viewer: Viewer,
    exporting: &Exporting,
    context: &Context,
) -> Result<Download, Failure> {
    let FileParam(kind) = file?;
    let wanted = wanted(&query.values(context.today()), context)
        .map_err(|problem| Failure::Malformed(format!("The filter cannot be used: {problem}.")))?;
    let (first, last) = wanted.range;
    let mark = download::mark(viewer.who(), Format::Csv);
    let write = move |view: &dyn ReadTx, out: &mut dyn Write| {
        out.write_all(mark)?;
        let reports = reports::read(view, &wanted, &[kind])?;
        reports.tables.iter().try_for_each(|table| export::reports::csv(table, &mut *out))
    };
    let name = format!("{}-{first}-{last}", kind.slug());
    let made = exporting.make(&viewer, format!("{name}.csv"), context, write).await?;
    Ok(Download::new(made, &format!("tandem-{name}"), Format::Csv))
}
