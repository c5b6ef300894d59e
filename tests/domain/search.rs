//! Words of names: any text on a card can be searched for.

use proptest::prelude::*;
use tandem::domain::{
    event::search::{Question, QuestionError, WORD_CHARS_MAX, WORDS_MAX, has_all, words},
    ids::EventId,
};

fn asked(text: &str) -> Vec<String> {
    words(text)
}

#[test]
fn a_name_is_indexed_as_words_in_lower_case() {
    assert_eq!(
        words("612202-LKD-AF-Red & Green Grapes (250822530262)  - V2-CORE"),
        ["612202", "lkd", "af", "red", "green", "grapes", "250822530262", "v2", "core"]
    );
}

#[test]
fn words_written_together_are_found_by_each_part() {
    assert_eq!(words("612103-CF-BaconRanchBurger"), ["612103", "cf", "baconranchburger", "bacon", "ranch", "burger"]);
    assert_eq!(words("LiquidIV"), ["liquidiv", "liquid", "iv"]);
}

#[test]
fn apostrophes_and_single_letters_are_ignored() {
    assert_eq!(words("Mott's & P&G’s"), ["motts", "gs"]);
    assert_eq!(words("a - 1 / ?"), Vec::<String>::new());
}

#[test]
fn a_long_word_is_cut_and_many_words_are_limited() {
    assert_eq!(words(&"x".repeat(100)), ["x".repeat(WORD_CHARS_MAX)]);
    let many: Vec<String> = (100..200).map(|number| number.to_string()).collect();
    assert_eq!(words(&many.join(" ")).len(), WORDS_MAX);
}

#[test]
fn every_searched_word_must_begin_an_indexed_word() {
    let card = ["606001-CORE-Super Pretzel", "Harbor Club", "4101"];

    assert!(has_all(&asked("pret harbor"), &card));
    assert!(has_all(&asked("SUPER 4101"), &card));
    assert!(!has_all(&asked("pretzels harbor"), &card));
    assert!(!has_all(&asked("retzel"), &card));
}

proptest! {
    #[test]
    fn every_word_of_a_text_finds_it(text in ".{0,80}") {
        prop_assert!(has_all(&words(&text), &[&text]));
    }

    #[test]
    fn splitting_words_again_changes_nothing(text in "[a-zA-Z0-9 &()-]{0,60}") {
        let once = words(&text);
        prop_assert_eq!(words(&once.join(" ")), once);
    }
}

#[test]
fn a_query_without_a_word_is_refused_and_one_without_letters_is_empty() {
    assert_eq!(Question::parse("  "), Ok(None));
    assert_eq!(Question::parse(" a - ? "), Err(QuestionError::TooShort));
    assert_eq!(Question::parse(&"x ".repeat(60)), Err(QuestionError::TooLong));
    assert_eq!(Question::parse("7").unwrap().unwrap().reference(), Some(EventId(7)), "a short reference is one");
}

#[test]
fn a_query_is_not_split_like_a_name() {
    assert_eq!(Question::parse(" LiquidIV pret").unwrap().unwrap().words, ["liquidiv", "pret"]);
}

#[test]
fn accents_are_ignored_in_every_unicode_form() {
    for (name, typed) in [
        ("Crème Brûlée", "creme brulee"),
        ("Cre\u{300}me Bru\u{302}le\u{301}e", "crème brûlée"),
        ("İstanbul Simit", "istanbul"),
        ("istanbul", "İSTANBUL"),
        ("ISTANBUL", "ıstanbul"),
        ("Zażółć Łódź", "zazolc lodz"),
        ("Smørrebrød Straße", "smorrebrod strasse"),
        ("Jalapeno", "jalapeño"),
        ("Ｆｕｌｌ １２", "full 12"),
    ] {
        let question = Question::parse(typed).unwrap().unwrap();
        assert!(question.fits(&[name]), "{typed} finds {name}: {:?} in {:?}", question.words, words(name));
    }
    assert!(!Question::parse("creme brulee").unwrap().unwrap().fits(&["Cream Brulee"]));
}
