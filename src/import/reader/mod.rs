//! Reads files of any shape into rows: encodings, separators, headings, cells, workbooks.

pub mod cells;
pub mod json_lines;
pub mod records;
pub mod shape;
pub mod table;
pub mod text;
pub mod values;
pub mod workbook;
