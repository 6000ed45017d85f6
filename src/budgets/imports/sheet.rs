//! A sheet as rows of cells, whatever kind of file it came in.

use chrono::NaiveDate;

use crate::budgets::imports::{csv_file, xlsx_file};
use crate::error::{FieldError, Place, text};

/// Rows below the headings.
pub const MOST_ROWS: usize = 5_000;

/// What stands further to the right is no sheet of appropriations.
pub const MOST_COLUMNS: usize = 50;

/// Longer than any text that a column takes. Many cells may point at one text of a spreadsheet, and each gets its own.
const MOST_LETTERS: usize = 1_000;

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Empty,
    /// As it was typed, without spaces at the ends.
    Text(String),
    /// A number of a spreadsheet, written out: digits, perhaps with a sign and a fraction.
    Number(String),
    Day(NaiveDate),
    /// A formula whose value is not in the file.
    NoValue,
    /// An error, a truth value, a time: nothing that an appropriation has.
    Odd,
}

impl Cell {
    pub fn text(text: &str) -> Self {
        match text.trim() {
            "" => Self::Empty,
            text => Self::Text(text.chars().take(MOST_LETTERS).collect()),
        }
    }
}

/// A row that is not blank.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// As a spreadsheet counts it, from 1, blank rows included.
    pub number: usize,
    pub cells: Vec<Cell>,
}

/// The rows of a file, which is recognised by how its bytes begin; one row more than may be is enough to see that there
/// are too many.
///
/// # Errors
/// What makes the file unreadable as a whole.
pub fn read(bytes: &[u8]) -> Result<Vec<Row>, FieldError> {
    let rows = match bytes {
        [b'P', b'K', 3, 4, ..] => xlsx_file::read(bytes)?,
        [0xd0, 0xcf, 0x11, 0xe0, ..] => {
            return Err(of_file(
                "wrong_content",
                "tệp .xls cũ hoặc có mật khẩu; hãy lưu dạng .xlsx không mật khẩu, hoặc CSV UTF-8",
                "an old .xls file or one with a password; save it as .xlsx without a password, or as CSV UTF-8",
            ));
        }
        _ => csv_file::read(decoded(bytes)?)?,
    };
    match rows.len() {
        0 => Err(of_file("empty", "tệp không có dòng nào", "the file has no rows")),
        1 => Err(of_file("empty", "tệp chỉ có dòng tiêu đề", "the file has nothing but its headings")),
        rows if rows > MOST_ROWS + 1 => Err(of_file(
            "too_many_rows",
            &format!("tệp có hơn {MOST_ROWS} dòng dự toán; hãy chia thành nhiều tệp"),
            &format!("the file has more than {MOST_ROWS} lines; split it"),
        )),
        _ => Ok(rows),
    }
}

/// The text of a CSV file, without the mark that Excel puts in front.
fn decoded(bytes: &[u8]) -> Result<&str, FieldError> {
    let text = std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
    let text = text.ok_or_else(|| {
        of_file(
            "wrong_content",
            "không phải XLSX và không phải văn bản UTF-8; trong Excel hãy lưu dạng \"CSV UTF-8\"",
            "neither XLSX nor text in UTF-8; in Excel save it as \"CSV UTF-8\"",
        )
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// What is wrong with the file as a whole.
pub fn of_file(code: &'static str, vi: &str, en: &str) -> FieldError {
    FieldError { place: Place::Body(String::new()), code, detail: text(vi, en) }
}

/// A file that is no readable sheet.
pub fn unreadable() -> FieldError {
    of_file("unreadable", "không đọc được bảng tính trong tệp", "the sheet in the file cannot be read")
}

/// A row with something too far to the right.
pub fn too_wide(row: usize) -> FieldError {
    of_file(
        "too_many_columns",
        &format!("dòng {row}: có dữ liệu bên phải cột thứ {MOST_COLUMNS}"),
        &format!("row {row}: something stands to the right of column {MOST_COLUMNS}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> Vec<usize> {
        read(text.as_bytes()).unwrap_or_default().iter().map(|row| row.number).collect()
    }

    #[test]
    fn rows_are_counted_as_a_spreadsheet_counts_them() {
        assert_eq!(numbers("a,b\n1,2\n3,4"), [1, 2, 3]);
        assert_eq!(numbers("a;b\r\n\r\n1;2\r\n;\r\n3;4\r\n"), [1, 3, 5]);
        assert_eq!(numbers("\u{feff}\r\n\na,b\r\"one\ntwo\",2\n3,4\n"), [3, 4, 5]);
    }

    #[test]
    fn a_text_is_kept_as_far_as_it_may_be_right() {
        assert_eq!(Cell::text(" \u{a0}ban \n"), Cell::Text("ban".to_owned()));
        assert_eq!(Cell::text(&"ạ".repeat(5_000)), Cell::Text("ạ".repeat(MOST_LETTERS)));
    }

    #[test]
    fn a_file_without_lines_is_refused() {
        for text in ["", "\u{feff}", "\n\n", "a,b\n", "a,b\n,\n\n"] {
            assert_eq!(read(text.as_bytes()).map_err(|error| error.code), Err("empty"), "{text:?}");
        }
    }
}
