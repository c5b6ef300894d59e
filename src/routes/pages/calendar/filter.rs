//! The filter in an address, as a request guard.

use std::fmt::Display;

use rocket::{
    Request,
    http::Status,
    request::{FromRequest, Outcome},
};

use crate::{
    domain::event::{Location, filter::Filter},
    routes::http::error::Failure,
    store::{
        ReadTx, StoreError,
        tables::{employees, retail_stores},
    },
    views::components::filter::{CHOICES_MAX, FilterForm, FilterSummary, condition_words},
};

/// The filter of a page: `Result<Filtered, Failure>` in a handler. An invalid filter is a 400 that names what is allowed;
/// an unfiltered page instead would be misleading.
#[derive(Debug)]
pub struct Filtered(pub Filter);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Filtered {
    type Error = Failure;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Failure> {
        let fields = request.uri().query().into_iter().flat_map(|query| query.segments());
        outcome(Filter::parse(fields).map(Self))
    }
}

/// The outcome of the guard of a filter.
pub fn outcome<T>(parsed: Result<T, impl Display>) -> Outcome<T, Failure> {
    match parsed {
        Ok(filter) => Outcome::Success(filter),
        Err(error) => {
            let sentence = format!("The filter in this address cannot be used: {error}.");
            Outcome::Error((Status::BadRequest, Failure::Malformed(sentence)))
        }
    }
}

/// A filter with the names that its ids stand for, as the store knows them.
pub fn filter_summary(tx: &dyn ReadTx, filter: &Filter) -> Result<FilterSummary, StoreError> {
    let mut words: Vec<String> = filter.types().iter().map(|one| one.label().to_owned()).collect();
    if let Some(store) = &filter.store {
        words.push(store_label(tx, store)?);
    }
    if let Some(id) = &filter.employee {
        let known = employees::get(tx, id)?.map(|_| employees::shown_name(tx, id)).transpose()?;
        words.push(known.unwrap_or_else(|| format!("employee {id} (unknown)")));
    }
    words.extend(filter.condition.map(|condition| condition_words(condition).to_owned()));
    Ok(FilterSummary { filter: filter.clone(), words })
}

/// "Harbor Club #4101", or the key of a store without events.
pub fn store_label(tx: &dyn ReadTx, store: &str) -> Result<String, StoreError> {
    let known = retail_stores::get(tx, store)?.as_ref().and_then(Location::label);
    Ok(known.unwrap_or_else(|| format!("store #{store} (no events)")))
}

/// Fills the lists of a filter form.
pub fn with_choices(tx: &dyn ReadTx, mut form: FilterForm) -> Result<FilterForm, StoreError> {
    (form.stores, form.many_stores) = retail_stores::all(tx, CHOICES_MAX)?;
    let mut employees = employees::all_named(tx)?;
    employees.sort_by(|a, b| (!a.active, &a.name, &a.id).cmp(&(!b.active, &b.name, &b.id)));
    form.many_employees = employees.len() > CHOICES_MAX;
    employees.truncate(CHOICES_MAX);
    form.employees = employees;
    Ok(form)
}
