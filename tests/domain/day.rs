//! The data of a day: groups, banner, and pairs on cards.

use tandem::domain::{
    day::{Card, Day, Group, Holder, PairLine, pair_line},
    employee::{Employee, JobTitle},
    event::{Event, EventType},
};

use super::{With, date, event, person};

fn card(event: Event) -> Card {
    Card { event, employee: None, who: None, pair: PairLine::Silent, undo: None, findings: Vec::new() }
}

fn card_of(event: Event, employee: &Employee) -> Card {
    Card { employee: Some(employee.clone()), ..card(event) }
}

fn day<const N: usize>(cards: [Card; N]) -> Day {
    Day::new(date("2025-10-15"), cards.into())
}

fn ids(day: &Day, group: Group) -> Vec<u64> {
    day.cards(group).iter().map(|card| card.event.id.0).collect()
}

#[test]
fn the_groups_of_a_day_have_their_order() {
    let slugs = Group::ALL.map(Group::slug);
    assert_eq!(slugs, ["juicer", "freeosk", "digitals", "core", "other", "supervisor", "unscheduled"]);
}

#[test]
fn scheduled_cards_are_grouped_by_type_earliest_first() {
    let day = day([
        card(event(1, "606001-CORE-A").held_by("emma", "2025-10-15 11:00")),
        card(event(2, "606002-CORE-B").held_by("lea", "2025-10-15 09:00")),
        card(event(3, "Juicer Production").held_by("jo", "2025-10-15 08:00")),
    ]);
    assert_eq!(ids(&day, Group::Of(EventType::Core)), [2, 1]);
    assert_eq!(ids(&day, Group::Of(EventType::Juicer)), [3]);
    assert!(day.cards(Group::Of(EventType::Freeosk)).is_empty());
}

#[test]
fn unscheduled_cards_are_a_group_by_type_and_name() {
    let day = day([
        card(event(1, "Juicer B")),
        card(event(2, "606001-CORE-A")),
        card(event(3, "Juicer A")),
        card(event(4, "606001-CORE-B").held_by("emma", "2025-10-15 11:00")),
    ]);
    assert_eq!(ids(&day, Group::UnscheduledDue), [2, 3, 1]);
}

#[test]
fn the_banner_names_each_juicer_once_earliest_first() {
    let (jo, cleo) = (person("jo", JobTitle::JuicerBarista), person("cleo", JobTitle::ClubSupervisor));
    let day = day([
        card_of(event(1, "Juicer A").held_by("jo", "2025-10-15 10:00"), &jo),
        card_of(event(2, "Juicer B").held_by("cleo", "2025-10-15 09:00"), &cleo),
        card_of(event(3, "Juicer C").held_by("jo", "2025-10-15 12:00"), &jo),
    ]);
    assert_eq!(names(&day.juicers), ["cleo", "jo"]);
    assert!(day.primary_leads.is_empty());
}

#[test]
fn the_banner_names_only_leads_who_hold_a_core() {
    let (lea, emma) = (person("lea", JobTitle::LeadEventSpecialist), person("emma", JobTitle::EventSpecialist));
    let lou = person("lou", JobTitle::LeadEventSpecialist);
    let day = day([
        card_of(event(1, "606001-CORE-A").held_by("lea", "2025-10-15 11:00"), &lea),
        card_of(event(2, "606002-CORE-B").held_by("emma", "2025-10-15 09:00"), &emma),
        card_of(event(3, "606003-Supervisor-C").held_by("lou", "2025-10-15 09:00"), &lou),
    ]);
    assert_eq!(names(&day.primary_leads), ["lea"]);
}

#[test]
fn two_people_of_one_name_are_both_named() {
    let twin = |id: &str| Employee { name: "Jo".to_owned(), ..person(id, JobTitle::JuicerBarista) };
    let day = day([
        card_of(event(1, "Juicer A").held_by("jo1", "2025-10-15 10:00"), &twin("jo1")),
        card_of(event(2, "Juicer B").held_by("jo2", "2025-10-15 10:00"), &twin("jo2")),
    ]);
    assert_eq!(names(&day.juicers), ["Jo", "Jo"]);
}

fn names(holders: &[Holder]) -> Vec<&str> {
    holders.iter().map(|one| one.name.as_str()).collect()
}

fn partner_card(event: &Event, all: &[Event]) -> Card {
    Card { pair: pair_line(event, all, |id| id.as_str().to_uppercase()), ..card(event.clone()) }
}

#[test]
fn the_banner_counts_an_unscheduled_supervisor_once() {
    let core = event(1, "606001-CORE-A").held_by("emma", "2025-10-15 10:00");
    let all = [core, event(2, "606001-Supervisor-A"), event(3, "606001-Supervisor-A")];
    let due_today = partner_card(&all[1], &all);
    assert_eq!(day([partner_card(&all[0], &all), due_today]).supervisors_unscheduled, 2);
}

#[test]
fn the_banner_leaves_out_supervisors_of_unscheduled_cores() {
    let all = [event(1, "606001-CORE-A"), event(2, "606001-Supervisor-A")];
    assert_eq!(day([partner_card(&all[0], &all)]).supervisors_unscheduled, 0);
}

#[test]
fn a_core_names_its_supervisors_and_a_supervisor_its_core() {
    let all = [event(1, "606001-CORE-A"), event(2, "606001-Supervisor-A").held_by("lea", "2025-10-15 12:00")];
    let PairLine::Supervisors(supervisors) = partner_card(&all[0], &all).pair else {
        panic!("a CORE names Supervisors")
    };
    let PairLine::Core(Some(core)) = partner_card(&all[1], &all).pair else { panic!("a Supervisor names its CORE") };
    let said = supervisors[0].scheduled.as_ref().map(|(who, start)| (who.as_str(), *start));
    assert_eq!(said, Some(("LEA", super::at("2025-10-15 12:00"))));
    assert_eq!((core.id.0, core.scheduled), (1, None));
}

#[test]
fn cards_without_a_pair_say_so_and_other_types_show_no_pair() {
    let (core, supervisor) = (event(1, "606001-CORE-A"), event(2, "606002-Supervisor-B"));
    assert_eq!(partner_card(&core, std::slice::from_ref(&core)).pair, PairLine::Supervisors(vec![]));
    assert_eq!(partner_card(&supervisor, std::slice::from_ref(&supervisor)).pair, PairLine::Core(None));
    assert_eq!(partner_card(&event(3, "Juicer A"), &[]).pair, PairLine::Silent);
}
