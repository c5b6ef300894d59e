//! Reads files of any shape into rows: encodings, separators, headings, cells, workbooks.

pub mod cells;
pub mod clean;
pub mod date_order;
pub mod doubts;
pub mod json_lines;
pub mod records;
pub mod repeated;
pub mod row;
pub mod shape;
pub mod table;
pub mod text;
pub mod values;
pub mod workbook;
