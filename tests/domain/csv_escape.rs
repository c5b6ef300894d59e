//! Cells that no spreadsheet runs as formulas.

use proptest::prelude::*;
use tandem::domain::csv_escape::{plain_cell, safe_cell};

#[test]
fn a_formula_gets_an_apostrophe() {
    for (text, cell) in [
        ("=1+1", "'=1+1"),
        ("-Pretzel", "'-Pretzel"),
        ("\t=1", "'\t=1"),
        ("＝1", "'＝1"),
        ("'=1", "''=1"),
        ("'Tis the season", "'Tis the season"),
        ("a=1", "a=1"),
        ("a;=1", "a;'=1"),
        ("a;'=1;+2", "a;''=1;'+2"),
        ("a\n=1", "a\n'=1"),
        ("a; b; '90s", "a; b; '90s"),
        ("", ""),
    ] {
        assert_eq!(safe_cell(text), cell);
        assert_eq!(plain_cell(cell), text);
    }
}

proptest! {
    #[test]
    fn every_text_is_read_back_from_its_cell(text in "['=+@＝a;\\-\n]{0,8}") {
        let cell = safe_cell(&text);
        prop_assert_eq!(plain_cell(&cell), text);
        prop_assert!(cell.split(';').all(|cell| !cell.starts_with(['=', '+', '-', '@', '\n', '＝'])), "{cell:?}");
    }
}
