//! Filters: parsing, matching, and writing them to a URL again.

use proptest::prelude::*;
use tandem::domain::alike::number_key;
use tandem::domain::event::{
    Condition, Event, EventType,
    filter::{Filter, FilterError, STORE_CHARS_MAX},
};

use super::{With, event};

fn filter(fields: &[(&str, &str)]) -> Filter {
    Filter::parse(fields.iter().copied()).unwrap()
}

fn refused(name: &str, value: &str) -> FilterError {
    Filter::parse([(name, value)]).unwrap_err()
}

fn core() -> Event {
    event(1, "606001-CORE-Pretzels").held_by("101", "2025-10-15 10:00")
}

fn open_juicer() -> Event {
    event(2, "606002-Juicer-Oranges").at_store("4102")
}

#[test]
fn an_address_without_a_filter_shows_everything() {
    let all = filter(&[("year", "2025"), ("all", "core"), ("type", ""), ("store", " ")]);

    assert!(all.is_empty());
    assert!(all.matches(&core()) && all.matches(&open_juicer()));
}

#[test]
fn several_types_show_events_of_each() {
    let both = filter(&[("type", "juicer"), ("type", "core"), ("type", "juicer")]);

    assert_eq!(both.types(), [EventType::Core, EventType::Juicer]);
    assert!(both.matches(&core()) && both.matches(&open_juicer()));
    assert!(!both.matches(&event(3, "606001-Supervisor-Pretzels")));
}

#[test]
fn a_store_shows_only_its_events() {
    assert!(filter(&[("store", "4101")]).matches(&core()));
    assert!(!filter(&[("store", "4101")]).matches(&open_juicer()));
    assert!(!filter(&[("store", "41")]).matches(&core()));
}

#[test]
fn a_store_without_a_number_is_selected_by_its_name() {
    let nameless = core().at_store("");

    assert!(filter(&[("store", "Harbor Club")]).matches(&nameless));
    assert!(!filter(&[("store", "Harbor Club")]).matches(&core()), "the number tells it apart");
}

#[test]
fn an_employee_shows_only_their_events() {
    let hers = filter(&[("employee", "101")]);

    assert!(hers.matches(&core()));
    assert!(!hers.matches(&core().held_by("102", "2025-10-15 10:00")));
    assert!(!hers.matches(&open_juicer()));
}

#[test]
fn a_condition_shows_only_its_events() {
    assert!(filter(&[("condition", "scheduled")]).matches(&core()));
    assert!(!filter(&[("condition", "scheduled")]).matches(&open_juicer()));
    assert!(filter(&[("condition", "Unstaffed")]).matches(&open_juicer()));
    assert!(!filter(&[("condition", "unstaffed")]).matches(&core()));
}

#[test]
fn every_part_of_a_filter_must_match() {
    let fields = [("type", "core"), ("store", "4101"), ("employee", "101"), ("condition", "scheduled")];
    assert!(filter(&fields).matches(&core()));

    for (at, other) in
        [("type", "other"), ("store", "1"), ("employee", "1"), ("condition", "unstaffed")].into_iter().enumerate()
    {
        let mut changed = fields;
        changed[at] = other;
        assert!(!filter(&changed).matches(&core()), "{other:?}");
    }
}

#[test]
fn an_invalid_value_is_refused_with_what_is_allowed() {
    assert_eq!(
        refused("type", "cores").to_string(),
        "\"cores\" is not a type of event: allowed are core, juicer, supervisor, freeosk, digitals and other"
    );
    assert_eq!(
        refused("condition", "open").to_string(),
        "\"open\" is not a condition: allowed are scheduled and unstaffed"
    );
    assert!(refused("employee", "a b").to_string().contains("letters, digits"));
    assert_eq!(refused("store", &"x".repeat(STORE_CHARS_MAX + 1)), FilterError::Store);
    for name in ["store", "employee"] {
        let twice = Filter::parse([(name, "1"), (name, "2")]).unwrap_err();
        assert_eq!(twice.to_string(), format!("{name} is given twice: choose one"));
    }
}

#[test]
fn a_long_invalid_value_is_repeated_in_part() {
    assert!(refused("type", &"x".repeat(5000)).to_string().len() < 200);
}

fn any_filter() -> impl Strategy<Value = Filter> {
    let types = proptest::collection::vec(any::<prop::sample::Index>(), 0..4);
    let store = proptest::option::of("['\"#=0. ]{0,4}[^\\s\\p{C}]([^\\p{C}]{0,30}[^\\s\\p{C}])?");
    let employee = proptest::option::of("[a-zA-Z0-9._-]{1,40}");
    let condition = proptest::option::of(any::<prop::sample::Index>());
    (types, store, employee, condition).prop_map(|(types, store, employee, condition)| {
        let types: Vec<EventType> = types.iter().map(|index| *index.get(&EventType::ALL)).collect();
        let mut filter = Filter::default().of_types(&types);
        filter.store = store.map(|store| number_key(&store).into_owned()).filter(|key| !key.is_empty());
        filter.employee = employee.map(|id| id.parse().unwrap());
        filter.condition = condition.map(|index| *index.get(&Condition::ALL));
        filter
    })
}

proptest! {
    #[test]
    fn a_filter_is_read_back_from_its_query_string(filter in any_filter()) {
        prop_assert_eq!(Filter::parse(filter.fields()), Ok(filter));
    }
}
