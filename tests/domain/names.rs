//! Parsing of names: two tables of names, and properties of all names.

mod export_form;
mod short_form;

use proptest::prelude::*;
use regex::Regex;
use tandem::domain::{
    event::{
        EventType::{self, Core, Digitals, Freeosk, Juicer, Other, Supervisor},
        names::{read, type_in_column},
    },
    ids::{EventNumber, ProgramId},
};

#[track_caller]
fn assert_reads(rows: &[(&str, EventType, Option<u32>)]) {
    let wrong: Vec<_> = rows
        .iter()
        .map(|(name, event_type, number)| (*name, (*event_type, number.map(EventNumber)), read(name, None)))
        .filter(|(_, wanted, found)| *wanted != (found.event_type, found.number))
        .map(|(name, wanted, found)| format!("{name:?}: {found:?}, not {wanted:?}\n"))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.concat());
}

#[test]
fn names_of_the_export_form_have_type_and_number() {
    assert_reads(&export_form::ROWS);
}

#[test]
fn names_of_the_short_form_have_type_and_number() {
    assert_reads(&short_form::ROWS);
}

#[test]
fn a_name_has_its_program_in_brackets() {
    for (name, program) in [
        ("612202-AF-Grapes (250822530262)  - V2-CORE", Some(250_822_530_262)),
        ("612202-AF-Grapes (250822530262)", Some(250_822_530_262)),
        ("612202-AF-Mix (1234567890) - Fruit (250822530262)  - V2-CORE", Some(250_822_530_262)),
        ("612202-AF-Grapes (123456789)  - V2-CORE", None),
        ("612202-AF-Grapes (123456789012345)  - V2-CORE", None),
        ("612202-AF-Grapes (2508225302 62)", None),
        ("606001-CORE-Super Pretzel", None),
    ] {
        assert_eq!(read(name, None).program, program.map(ProgramId), "{name}");
    }
}

#[test]
fn a_type_column_names_a_type_or_none() {
    for (text, event_type) in [
        ("CORE", Some(Core)),
        ("core", Some(Core)),
        ("Juicer Production", Some(Juicer)),
        ("Supervisor", Some(Supervisor)),
        ("Freeosk", Some(Freeosk)),
        ("FSK", Some(Freeosk)),
        ("Digital", Some(Digitals)),
        ("Digitals", Some(Digitals)),
        (" Digital Refresh ", Some(Digitals)),
        ("Other", Some(Other)),
        ("", None),
        ("Encore", None),
        ("Demo", None),
    ] {
        assert_eq!(type_in_column(text), event_type, "{text:?}");
    }
}

#[test]
fn a_given_type_overrides_the_name_and_keeps_its_number() {
    let reading = read("606001-CORE-Super Pretzel", Some(Juicer));
    assert_eq!((reading.event_type, reading.number), (Juicer, Some(EventNumber(606_001))));
}

#[test]
fn a_name_of_a_million_characters_is_read() {
    let name = format!("606001-{}(250822530262)  - V2-CORE", "Core (1234567890) - ".repeat(50_000));
    assert_eq!(read(&name, None).event_type, Core);
}

/// The text between the number and the bracket: up to five segments of a product.
fn body() -> impl Strategy<Value = String> {
    prop::collection::vec("[A-Za-z0-9&/' .%]{1,12}", 1..5).prop_map(|segments| segments.join("-"))
}

/// A body with products named like types.
fn misleading_body() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec!["Core", "CORE", "Core Power", "Supervisor", "Super", "Encore"]);
    (body(), word, body()).prop_map(|(before, word, after)| format!("{before}-{word}-{after}"))
}

fn type_word() -> impl Strategy<Value = (&'static str, EventType)> {
    prop::sample::select(vec![
        ("CORE", Core),
        ("SUPERVISOR", Supervisor),
        ("SUPERVIS", Supervisor),
        ("SUPER", Supervisor),
        ("FREEOSK", Freeosk),
        ("DIGITAL", Digitals),
        ("DIGITALS", Digitals),
        ("JUICER", Juicer),
    ])
}

/// A text in mixed case.
fn in_case(text: &str, upper: &[bool]) -> String {
    let letter = |(c, upper): (char, &bool)| if *upper { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    text.chars().zip(upper.iter().cycle()).map(letter).collect()
}

fn number_like() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[0-9]{4,8}[-_ ]?.{0,10}", "[ \t]{0,2}[0-9]{6}-.{0,10}", "[0-9a-z٠-٩]{6}-"]
}

proptest! {
    #[test]
    fn any_text_is_read(text in any::<String>()) {
        let reading = read(&text, None);
        prop_assert_eq!(read(&text, Some(Core)).number, reading.number);
        let _ = type_in_column(&text);
    }

    #[test]
    fn a_number_is_six_digits_and_a_dash_at_the_start(text in number_like()) {
        let opens = Regex::new("^[0-9]{6}-").unwrap().is_match(text.trim());
        prop_assert_eq!(read(&text, None).number.is_some(), opens);
    }

    #[test]
    fn the_last_segment_of_an_export_name_decides(
        number in 0..1_000_000_u32,
        body in prop_oneof![body(), misleading_body()],
        program in "[0-9]{10,14}",
        (word, event_type) in type_word(),
        upper in prop::collection::vec(any::<bool>(), 1..12),
    ) {
        let name = format!("{number:06}-{body} ({program})  - V2-{}", in_case(word, &upper));
        let reading = read(&name, None);
        prop_assert_eq!(reading.event_type, event_type);
        prop_assert_eq!(reading.number, Some(EventNumber(number)));
        prop_assert_eq!(reading.program, program.parse().ok().map(ProgramId));
    }

    #[test]
    fn a_product_name_never_makes_an_event_a_core_or_supervisor(
        body in misleading_body(),
        last in "(ES1|Vendor Performed|V2|[0-9]{2}\\.[0-9]{2})",
    ) {
        let reading = read(&format!("612202-{body} (250822530262)  - {last}"), None);
        prop_assert!(!matches!(reading.event_type, Core | Supervisor), "{:?}", reading);
    }

    #[test]
    fn the_segment_after_the_number_of_a_short_name_decides(
        number in 0..1_000_000_u32,
        product in "[A-Za-z &]{0,20}",
        (word, event_type) in type_word().prop_filter("whole words only", |(word, _)| !matches!(*word, "SUPER" | "SUPERVIS")),
        upper in prop::collection::vec(any::<bool>(), 1..12),
    ) {
        let reading = read(&format!("{number:06}-{}-{product}", in_case(word, &upper)), None);
        prop_assert_eq!((reading.event_type, reading.number), (event_type, Some(EventNumber(number))));
    }

    #[test]
    fn blanks_around_a_name_are_ignored(
        name in prop_oneof![any::<String>(), misleading_body(), number_like()],
        before in "[ \t\r\n\u{a0}]{0,3}",
        after in "[ \t\r\n\u{a0}]{0,3}",
    ) {
        prop_assert_eq!(read(&format!("{before}{name}{after}"), None), read(&name, None));
    }

    #[test]
    fn core_and_supervisor_of_one_program_share_number_and_program(number in "[0-9]{6}", body in body(), program in "[0-9]{10,14}") {
        let stem = format!("{number}-{body} ({program})  - V2-");
        let (core, supervisor) = (read(&format!("{stem}CORE"), None), read(&format!("{stem}Supervisor"), None));
        prop_assert_eq!((core.event_type, supervisor.event_type), (Core, Supervisor));
        prop_assert_eq!((core.number, core.program), (supervisor.number, supervisor.program));
        prop_assert!(core.number.is_some() && core.program.is_some());
    }
}
