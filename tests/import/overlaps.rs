//! Many double bookings of one person: all are counted, the first are put into words.

use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tandem::import::{
    Incoming, Plan,
    listed::{LISTED_MAX, Listed},
    visits,
};

use crate::support::{App, checks};

const HEADINGS: &str = "Project Name,Project Reference Number,Store Number,Store Name,Start Date/Time,Due Date/Time,\
                        Estimated Time,Rep Name,Employee ID,Schedule Date/Time\n";

/// COREs of one person at one time.
fn booked(count: u64) -> Plan {
    let row = |id: u64| {
        format!(
            "{}-CORE-Oats,{id},4177,Fern Market,10/06/2025 12:00:00 AM,10/31/2025 12:01:00 AM,60,NORA QUILL,E20001,\
             10/14/2025 10:00:00 AM\n",
            613_000 + id
        )
    };
    let rows: String = (1..=count).map(row).collect();
    let files = [("visits.csv".to_owned(), format!("{HEADINGS}{rows}").into_bytes())];
    App::empty().read(|view| checks::checked_plan(view, visits::read(Incoming::default(), &files).unwrap()))
}

#[test]
fn every_double_booking_is_counted_and_the_first_are_named() {
    let plan = booked(38);

    let findings = &plan.found.findings;
    assert_eq!(findings.len(), 2 * 38 * 37, "an overlap and a second CORE with each other event");
    assert_eq!(findings.iter().count(), LISTED_MAX);
    assert_eq!((findings[0].rule.as_str(), findings[0].event.map(|id| id.0)), ("overlap", Some(1)));
    assert_eq!(
        findings[0].message,
        "613001-CORE-Oats (1) with NORA QUILL on Tue, Oct 14, 2025 at 10:00 AM: Nora Quill already has Oats (CORE 613002) \
         on Tue, Oct 14, 2025 from 10:00 AM to 11:00 AM."
    );
    assert!(plan.notes.is_empty());
}

#[test]
fn a_person_with_more_events_than_are_compared_is_noted() {
    let plan = booked(501);
    assert_eq!((plan.found.findings.len(), plan.notes.len()), (2 * 501 * 500, 0));

    let plan = booked(700);

    assert_eq!(plan.found.findings.len(), 2 * 700 * 500);
    let notes: Vec<_> = plan.notes.iter().map(ToString::to_string).collect();
    let expected = "Rules: NORA QUILL holds 700 events around Tue, Oct 14, 2025: each was compared with the 500 nearest \
                    ones, so there may be more findings";
    assert_eq!(notes, [expected]);
}

#[test]
fn an_entry_is_made_only_where_it_is_held_or_reported() {
    let (made, told) = (Cell::new(0), Arc::new(AtomicUsize::new(0)));
    let make = |entry: usize| {
        made.set(made.get() + 1);
        entry
    };
    let mut list = Listed::default();
    (0..5_000).for_each(|entry| list.push_with(|| make(entry)));
    assert_eq!((made.take(), list.len(), list.last()), (LISTED_MAX, 5_000, Some(&(LISTED_MAX - 1))));

    let (write, full) = (Arc::clone(&told), Arc::clone(&told));
    let mut list = Listed::reporting_while(
        move |_: &usize| {
            write.fetch_add(1, Ordering::SeqCst);
        },
        move || full.load(Ordering::SeqCst) == 3_000,
    );
    (0..5_000).for_each(|entry| list.push_with(|| make(entry)));
    assert_eq!((made.take(), told.load(Ordering::SeqCst), list.len()), (3_000, 3_000, 5_000));
}
