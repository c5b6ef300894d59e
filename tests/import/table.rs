//! CSV in practice: encodings, line ends, quotes, incomplete rows, and files that are not CSV.

use tandem::import::{
    FILE_BYTES_MAX,
    table::{Column, Left, Table, optional, required},
};

const COLUMNS: [Column; 3] = [required("Name"), required("Number"), optional("Remark")];

/// Every row as `line: name|number|remark`, rejected ones as their sentence.
fn rows(bytes: &[u8]) -> Vec<String> {
    let table = Table::open("folder/list.csv", bytes, &COLUMNS).unwrap();
    table
        .rows()
        .map(|row| match row {
            Ok(row) => {
                format!("{}: {}|{}|{}", row.place().line, row.get("Name"), row.get("Number"), row.get("Remark"))
            }
            Err(Left::Rejected(rejected, _)) => rejected.to_string(),
            Err(Left::Skipped(note, _)) => note.to_string(),
        })
        .collect()
}

fn refusal(bytes: &[u8]) -> String {
    Table::open("folder/list.csv", bytes, &COLUMNS).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn lf_crlf_and_cr_files_have_the_same_rows_and_lines() {
    let text = "Name,Number,Remark\na,1,x\n\n  \n,,\nb,2,y\nc,3";
    let expected = ["2: a|1|x", "6: b|2|y", "7: c|3|"];
    assert_eq!(rows(text.as_bytes()), expected);
    assert_eq!(rows(text.replace('\n', "\r\n").as_bytes()), expected);
    assert_eq!(rows(text.replace('\n', "\r").as_bytes()), expected);
}

#[test]
fn quoted_fields_may_hold_commas_quotes_and_line_ends() {
    let text = "Name,Number,Remark\r\n\"a, \"\"b\"\"\",\"1\",\"two\r\nlines\"\r\nc \"d\",2\r\n";
    assert_eq!(rows(text.as_bytes()), ["2: a, \"b\"|1|two lines", "4: c \"d\"|2|"]);
}

#[test]
fn utf_8_with_and_without_mark_and_windows_1252_read_alike() {
    let text = "Name,Number,Remark\nJalapeño – “Crème”,1,€\n";
    let expected = ["2: Jalapeño – “Crème”|1|€"];
    assert_eq!(rows(text.as_bytes()), expected);
    assert_eq!(rows(&[b"\xEF\xBB\xBF", text.as_bytes()].concat()), expected);
    assert_eq!(rows(b"Name,Number,Remark\nJalape\xF1o \x96 \x93Cr\xE8me\x94,1,\x80\n"), expected);
}

#[test]
fn columns_are_found_by_heading_in_any_order_and_case() {
    let text = "\n\nExtra, NUMBER ,\"name\",,,Extra\nz,1, a ,,,\n";
    assert_eq!(rows(text.as_bytes()), ["4: a|1|"]);
}

#[test]
fn a_row_with_too_many_cells_is_rejected_alone() {
    let sentence =
        "list.csv line 2: has 4 cells; at most 3 are allowed, one for each heading. A text with commas needs quotes";
    assert_eq!(rows(b"Name,Number,Remark\na,1,x,y\nb,2\n"), [sentence, "3: b|2|"]);
}

#[test]
fn a_row_that_ends_before_a_required_column_is_rejected_with_its_name() {
    let sentence = "list.csv line 2, column \"Number\": is missing: the row ends after 1 of 3 cells";
    assert_eq!(rows(b"Name,Number,Remark\na\nb,2\n"), [sentence, "3: b|2|"]);
}

#[test]
fn an_unclosed_quote_is_reported_with_its_lines() {
    let found = rows(b"Name,Number,Remark\n\"a,1\nb,2\nc,3\n");
    assert_eq!(
        found,
        ["list.csv line 2, column \"Number\": is missing: the row ends after 1 of 3 cells. \
          (The row runs from line 2 to 4: is a quote not closed?)"]
    );
}

#[test]
fn a_table_with_only_headings_has_no_rows() {
    assert!(rows(b"Name,Number").is_empty());
}

#[test]
fn files_that_are_not_tables_are_refused_with_the_reason() {
    for empty in [&b""[..], b"\xEF\xBB\xBF", b"\n \r\n\n"] {
        assert_eq!(refusal(empty), "list.csv is empty: it needs at least a line of column headings");
    }
    assert_eq!(
        refusal(b"PK\x03\x04\0\0rest"),
        "list.csv is a ZIP archive: take the files out of it first, or save the workbook as .xlsx or CSV"
    );
    assert_eq!(
        refusal(b"Name,\0Number\na,1\n"),
        "list.csv is no table: byte 6 is a NUL, which text never holds; save it as CSV or as .xlsx"
    );
    assert_eq!(
        refusal(b"Name:Number\na:1\n"),
        "list.csv lacks the columns \"Name\", \"Number\"; it has \"Name:Number\""
    );
}

#[test]
fn a_repeated_column_must_have_equal_values() {
    let sentence =
        "list.csv line 3, column \"Name\": stands twice in the file, and says \"c\" the second time; one may be there";
    assert_eq!(rows(b"name,Number,NAME\na,1,a\nb,2,c\n"), ["2: a|1|", sentence]);
}

#[test]
fn a_file_of_random_bytes_is_refused_with_a_short_message() {
    let noise: Vec<u8> = (0..100_000u32).map(|index| u8::try_from(index * 7 % 255 + 1).unwrap()).collect();
    let sentence = refusal(&noise);
    assert!(sentence.len() < 4000, "{} bytes", sentence.len());
    assert!(!sentence.contains(char::is_control), "{sentence}");
}

#[test]
fn a_file_above_the_limit_is_refused_before_it_is_read() {
    let sentence = refusal(&vec![0; FILE_BYTES_MAX + 1]);
    assert!(sentence.contains("at most 268435456 are allowed"), "{sentence}");
}
