//! Spellings: every spelling of an identifier is the same one; two identifiers are never one.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use tandem::domain::{
    alike::{number_key, text_key},
    event::{Location, filter::Filter, names::read, search::Question, search::words},
    ids::EmployeeId,
};

use super::{With, employee, event};
use crate::support::{acceptance_data, visits_data};

/// A number as a source writes it, without leading zeros: `410`, `E20001`, `NJ-4177`.
const NUMBER: &str = "([1-9][0-9]{0,8}|[A-Z]{1,3}-?[0-9]{1,8}|[A-Z][A-Z0-9_-]{0,8}[A-Z])";

/// How a spreadsheet or a person writes it.
#[derive(Clone, Debug)]
struct Spelling {
    zeros: usize,
    small: bool,
    fraction: bool,
    dash: char,
    blank: char,
    around: u8,
    wrapped: u8,
}

fn spelling() -> impl Strategy<Value = Spelling> {
    let dash = prop_oneof![Just('-'), Just('\u{2011}'), Just('–'), Just('—'), Just('\u{2212}'), Just('\u{FF0D}')];
    let blank =
        prop_oneof![Just(' '), Just('\u{A0}'), Just('\u{200B}'), Just('\n'), Just('\u{2009}'), Just('\u{FEFF}')];
    let parts = (0..4_usize, any::<bool>(), any::<bool>(), dash, blank, 0..8_u8, 0..5_u8);
    parts.prop_map(|(zeros, small, fraction, dash, blank, around, wrapped)| Spelling {
        zeros,
        small,
        fraction,
        dash,
        blank,
        around,
        wrapped,
    })
}

impl Spelling {
    fn write(&self, number: &str) -> String {
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        let mut text = number.replace('-', &self.dash.to_string());
        if self.small {
            text = text.to_lowercase();
        }
        if digits {
            text.insert_str(0, &"0".repeat(self.zeros));
        }
        if digits && self.fraction {
            text.push_str(".0");
        }
        if self.around & 1 > 0 {
            text.insert(1, self.blank);
        }
        let text = match self.wrapped {
            0 => format!("=\"{text}\""),
            1 => format!("'{text}"),
            2 => format!("#{text}"),
            3 => format!("# {text}"),
            _ => text,
        };
        let before = if self.around & 2 > 0 { self.blank.to_string().repeat(2) } else { String::new() };
        let after = if self.around & 4 > 0 { self.blank.to_string() } else { String::new() };
        format!("{before}{text}{after}")
    }
}

#[test]
fn spellings_made_by_spreadsheets_are_one_number() {
    for (written, number) in [
        ("0410", "410"),
        ("e20001", "E20001"),
        ("=\"4177\"", "4177"),
        ("'4177", "4177"),
        ("#4177", "4177"),
        ("00731", "731"),
        ("410.0", "410"),
        ("NJ–12", "NJ-12"),
        ("\u{a0}4177 ", "4177"),
        ("000", "0"),
    ] {
        assert_eq!(number_key(written), number_key(number), "{written:?}");
    }
    for (one, other) in
        [("410", "4100"), ("E20001", "20001"), ("0", ""), ("NJ-12", "NJ12"), ("1.5", "15"), ("41.0", "410")]
    {
        assert_ne!(number_key(one), number_key(other), "{one:?} {other:?}");
    }
}

#[test]
fn a_key_is_its_own_key_whatever_stands_in_front() {
    for (written, key) in [
        ("'A", "A"),
        ("''A", "A"),
        ("#'A", "A"),
        ("0'A", "A"),
        ("'=\"A\"", "A"),
        ("=A", "=A"),
        ("'=A", "=A"),
        ("''", ""),
        ("0#0", "0"),
        ("00'410.0", "410"),
    ] {
        assert_eq!(number_key(written), key, "{written:?}");
        assert_eq!(number_key(key), key, "{written:?}");
    }
}

#[test]
fn accents_and_dashes_of_names_are_alike_in_every_form() {
    assert_eq!(text_key("Cafe\u{301} – Oat"), text_key("CAFÉ - oat"));
    assert_ne!(text_key("Café"), text_key("Cafe"));
}

#[test]
fn a_number_is_read_from_a_name_in_every_spelling() {
    for name in
        ["613001-LKD-Oat", "613001–LKD-Oat", "#613001-LKD-Oat", "=\"613001-LKD-Oat\"", "613001 \u{2011} LKD-Oat"]
    {
        assert_eq!(read(name, None).number.map(|number| number.0), Some(613_001), "{name:?}");
    }
    for name in ["613001 LKD-Oat", "6130011-LKD-Oat", "61300-LKD-Oat"] {
        assert_eq!(read(name, None).number, None, "{name:?}");
    }
}

#[test]
fn a_filter_and_a_search_find_any_spelling() {
    let core = event(1, "613001-CORE-Oat").at_store("0410").held_by("E00731", "2025-10-15 10:00");
    for (name, value) in [("store", "410"), ("store", "#0410"), ("store", "=\"410\""), ("employee", "e00731")] {
        assert!(Filter::parse([(name, value)]).unwrap().matches(&core), "{name} {value}");
    }
    for text in ["0410", "410", "#410", "00410", "=\"0410\""] {
        let question = Question::parse(text).unwrap().unwrap();
        assert!(question.fits(&["0410"]) && question.fits(&["410"]), "{text}");
    }
    assert_eq!(Question::parse("#00131000001").unwrap().unwrap().reference().map(|id| id.0), Some(131_000_001));
}

#[test]
fn a_number_with_zeros_is_indexed_as_two_words_and_searched_as_one() {
    assert_eq!(words("Club 0410"), ["club", "0410", "410"]);
    assert_eq!(words("Club 04"), ["club", "04"]);
    assert_eq!(words("Cafe\u{301}"), ["cafe"]);
    assert_eq!(Question::parse("club 0410").unwrap().unwrap().words, ["club", "410"]);
}

#[test]
fn no_two_numbers_of_the_real_data_are_alike() {
    let (mut stores, mut people) = (BTreeMap::new(), BTreeMap::new());
    for incoming in [visits_data(), acceptance_data()] {
        let (mut numbers, mut ids) = (BTreeSet::new(), BTreeSet::new());
        numbers.extend(incoming.events.iter().map(|one| one.event.location.number.clone()));
        ids.extend(incoming.employees.iter().map(|one| one.employee.id.as_str().to_owned()));
        for number in numbers.into_iter().filter(|number| !number.is_empty()) {
            assert_eq!(
                stores.insert(number_key(&number).into_owned(), number.clone()).unwrap_or(number.clone()),
                number
            );
        }
        for id in ids {
            assert_eq!(people.insert(number_key(&id).into_owned(), id.clone()).unwrap_or(id.clone()), id);
        }
    }
    assert!(!stores.is_empty() && people.len() > 10, "{} {}", stores.len(), people.len());
}

proptest! {
    #[test]
    fn every_spelling_of_a_number_has_its_key(number in NUMBER, one in spelling(), other in spelling()) {
        let (one, other) = (one.write(&number), other.write(&number));
        prop_assert_eq!(number_key(&one), number_key(&other), "{:?} {:?}", one, other);
        prop_assert_eq!(number_key(&one), number_key(&number));
        let key = number_key(&one);
        prop_assert_eq!(number_key(&key), key.as_ref(), "a key is its own key");
        let store = |number: &str| Location { number: number.to_owned(), name: String::new() };
        prop_assert!(store(&one).is_same(&store(&other)));
    }

    #[test]
    fn every_spelling_of_an_employee_id_finds_the_employee(number in NUMBER, one in spelling()) {
        let written = one.write(&number);
        if let Ok(id) = written.parse::<EmployeeId>() {
            prop_assert_eq!(&id, &employee(&number));
            prop_assert_eq!(id.cmp(&employee(&number)), std::cmp::Ordering::Equal);
            let mut people = std::collections::HashSet::from([employee(&number)]);
            prop_assert!(!people.insert(id));
        } else {
            prop_assert!(one.around & 1 > 0, "{:?} is refused without a blank inside", written);
        }
    }

    #[test]
    fn different_numbers_have_different_keys(one in NUMBER, other in NUMBER, how in spelling(), way in spelling()) {
        prop_assume!(one != other);
        let (one, other) = (how.write(&one), way.write(&other));
        prop_assert_ne!(number_key(&one), number_key(&other));
    }

    #[test]
    fn ids_are_ordered_by_their_keys(mut texts in prop::collection::vec("[0a-bA-B1-2]{1,4}", 0..8)) {
        let mut ids: Vec<EmployeeId> = texts.iter().map(|text| employee(text)).collect();
        ids.sort();
        texts.sort_by_key(|text| number_key(text).into_owned());
        let keys = |texts: Vec<&str>| texts.into_iter().map(|text| number_key(text).into_owned()).collect::<Vec<_>>();
        prop_assert_eq!(keys(ids.iter().map(EmployeeId::as_str).collect()), keys(texts.iter().map(String::as_str).collect()));
    }
}
