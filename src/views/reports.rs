//! Reports: each a table with a bar in every row, so that picture and figures stand side by side.

use chrono::NaiveDate;
use maud::{Markup, html};

use crate::{
    domain::{
        calendar,
        employee::JobTitle,
        event::Location,
        format,
        report::{Column, Kind, Range, Row, Table, Value},
    },
    views::{
        Page,
        components::{filter, print},
        urls,
    },
};

/// The length of the longest bar, in units of its picture.
const BAR_UNITS: u64 = 1000;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilterValues {
    pub from: String,
    pub to: String,
    pub store: String,
    pub job_title: String,
}

impl FilterValues {
    /// An address with this filter.
    fn on(&self, address: &str) -> String {
        let Self { from, to, store, job_title } = self;
        format!("{address}?{}", urls::query(&[("from", from), ("to", to), ("store", store), ("job_title", job_title)]))
    }

    fn between(&self, (first, last): Range) -> Self {
        Self { from: first.to_string(), to: last.to_string(), ..self.clone() }
    }
}

#[derive(Debug)]
pub struct ReportsView {
    pub filter: FilterValues,
    /// Why the filter cannot be used.
    pub problem: Option<String>,
    pub presets: [(&'static str, Range); 3],
    pub tables: Vec<Table>,
    /// False if there is more than is read.
    pub complete: bool,
    pub stores: Vec<Location>,
    pub many_stores: bool,
    pub today: NaiveDate,
}

pub fn page(view: &ReportsView) -> Page {
    let main = html! {
        div.page.reports {
            div.bar {
                h1 #title tabindex="-1" { "Reports" }
                div.joined {
                    @for (label, range) in view.presets {
                        @let preset = view.filter.between(range);
                        a.btn href=(preset.on(urls::REPORTS)) aria-current=[(preset == view.filter).then_some("true")] { (label) }
                    }
                }
                @if view.problem.is_none() { (print::link(&view.filter.on("/reports/print"))) }
            }
            (filter_form(view))
            (tables(view))
        }
    };
    Page::new("Reports", main).in_section(urls::REPORTS)
}

/// The same as a sheet to print.
pub fn sheet(view: &ReportsView) -> Page {
    let title = format!("Reports, {} to {}", view.filter.from, view.filter.to);
    let main = html! {
        div.page.reports.sheet {
            (print::bar(&view.filter.on(urls::REPORTS)))
            h1 #title tabindex="-1" { (title) }
            @let filters = [&view.filter.store, &view.filter.job_title].map(String::as_str);
            @for words in filters.into_iter().filter(|words| !words.is_empty()) { p.filtered { "Filtered: " b { (words) } } }
            @if let Some(problem) = &view.problem { p.note.bad { (problem) } }
            (tables(view))
            (print::printed(view.today))
        }
    };
    Page::new(title, main).in_section(urls::REPORTS)
}

fn filter_form(view: &ReportsView) -> Markup {
    let values = &view.filter;
    let (invalid, described) = (view.problem.as_ref().map(|_| "true"), view.problem.as_ref().map(|_| "filter-problem"));
    html! {
        form.filter action=(urls::REPORTS) method="get" {
            div.field { label for="from" { "From" } input #from name="from" type="date" value=(values.from) aria-invalid=[invalid] aria-describedby=[described]; }
            div.field { label for="to" { "To" } input #to name="to" type="date" value=(values.to) aria-invalid=[invalid] aria-describedby=[described]; }
            (filter::store_choice(Some(values.store.as_str()).filter(|store| !store.is_empty()), &view.stores, view.many_stores))
            div.field {
                label for="job_title" { "Job title" }
                select #job_title name="job_title" {
                    option value="" { "All" }
                    @for title in JobTitle::ALL {
                        option value=(title.label()) selected[JobTitle::named(&values.job_title) == Some(title)] { (title.label()) }
                    }
                }
            }
            button.btn { "Filter" }
            @if !values.store.is_empty() || !values.job_title.is_empty() {
                a.btn.quiet href=(FilterValues { from: values.from.clone(), to: values.to.clone(), ..FilterValues::default() }.on(urls::REPORTS)) { "Clear" }
            }
        }
        @if let Some(problem) = &view.problem { p #filter-problem .note.bad role="alert" { (problem) } }
    }
}

fn tables(view: &ReportsView) -> Markup {
    html! {
        @if !view.complete {
            p.note.warn role="status" { "There is more in this range than a report reads, so the figures are too low. Choose fewer days." }
        }
        @for table in &view.tables { (report(table, view)) }
    }
}

fn report(table: &Table, view: &ReportsView) -> Markup {
    let (slug, scale) = (table.kind.slug(), table.scale());
    let shown: Vec<bool> = (0..table.columns.len()).map(|at| is_shown(table, at)).collect();
    let cells = |row: &Row| {
        row.cells
            .iter()
            .cloned()
            .zip(shown.clone())
            .skip(1)
            .filter(|(_, shown)| *shown)
            .map(|(cell, _)| cell)
            .collect::<Vec<_>>()
    };
    let columns: Vec<_> =
        table.columns.iter().zip(&shown).filter(|(_, shown)| **shown).map(|(column, _)| column).collect();
    html! {
        section.report id={ "report-" (slug) } aria-labelledby={ "report-" (slug) "-title" } {
            div.bar {
                h2 id={ "report-" (slug) "-title" } { (table.kind.title()) }
                p.sub { (hint(table.kind)) }
                a.btn.quiet href=(view.filter.on(&urls::report_file(slug))) { "Export CSV" span.vh { ": " (table.kind.title()) } }
            }
            @if table.rows.is_empty() { p.empty { "No hours in these days." } } @else {
                table aria-labelledby={ "report-" (slug) "-title" } {
                    thead {
                        tr {
                            @for (at, column) in columns.iter().enumerate() {
                                th scope="col" { (heading(column)) }
                                @if at == 0 { td.chart {} }
                            }
                        }
                    }
                    tbody {
                        @for row in &table.rows {
                            tr {
                                th scope="row" { @if let Some(cell) = row.cells.first() { (value(cell, view)) } }
                                td.chart { (bar(table, row, scale)) }
                                @for (cell, column) in cells(row).iter().zip(&columns[1..]) {
                                    td.zero[is_zero(cell)] data-label=(column.label) { (value(cell, view)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Job titles are for files. Types of which there is nothing take no column.
fn is_shown(table: &Table, at: usize) -> bool {
    let is_text = |row: &Row| matches!(row.cells.get(at), Some(Value::Text(_)));
    if table.rows.first().is_some_and(is_text) {
        return false;
    }
    let is_type = matches!(table.kind, Kind::Hours | Kind::Coverage) && table.columns[at].class.is_some();
    !is_type || table.rows.iter().any(|row| !row.cells.get(at).is_none_or(is_zero))
}

fn is_zero(value: &Value) -> bool {
    matches!(value, Value::Minutes(0) | Value::Count(0))
}

fn hint(kind: Kind) -> &'static str {
    match kind {
        Kind::Hours => "Scheduled hours by type. The line is each person’s weekly maximum over these days.",
        Kind::Due => "Events by the week of their last day.",
        Kind::Changes => "From the activity log. An undo is a change too.",
        Kind::Coverage => "Scheduled events, and unscheduled events by their last day.",
    }
}

fn heading(column: &Column) -> Markup {
    html! { @if let Some(class) = column.class { span class={ "swatch " (class) } {} " " } (column.label) }
}

fn value(value: &Value, view: &ReportsView) -> Markup {
    // The range says the year.
    let near = calendar::parse_date(&view.filter.from).unwrap_or(view.today);
    html! {
        @match value {
            Value::Person { id, name } => a href=(urls::week(id, view.today)) { bdi { (name) } },
            Value::Text(text) => (text),
            Value::Day(date) => a href=(urls::day(*date)) { (format::date_near(*date, near)) },
            Value::Week(date) => (format::date_near(*date, near)),
            Value::Minutes(0) | Value::Count(0) | Value::Percent(None) => "–",
            Value::Minutes(minutes) => (format::hours(*minutes)),
            Value::Count(count) => (count),
            Value::Percent(Some(percent)) => { (percent) " %" }
        }
    }
}

/// The bar of a row. The figures beside it say the same.
fn bar(table: &Table, row: &Row, scale: u32) -> Markup {
    let units = |length: u32| u64::from(length) * BAR_UNITS / u64::from(scale);
    let mut end = 0;
    let mut part = |length: u32| {
        let from = units(end);
        end += length;
        (from, units(end) - from)
    };
    html! {
        svg viewBox={ "0 0 " (BAR_UNITS) " 10" } preserveAspectRatio="none" aria-hidden="true" {
            rect.rest width=(BAR_UNITS) height="10" {}
            @for (class, length) in table.bar(row) {
                @let (from, width) = part(length);
                rect class=(class) x=(from) width=(width) height="10" {}
            }
            @if let Some(mark) = row.mark { rect.mark x=(units(mark).min(BAR_UNITS - 4)) width="4" height="10" {} }
        }
    }
}
