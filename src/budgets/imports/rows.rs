//! What the rows of a sheet say by themselves, before anybody asks the office.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::funding_source::FundingSource;
use serde_json::{Map, Value, json};

use Column::{Amount, Board, DocumentNumber, Issuer, SignedOn, Source, SubItem};

use crate::budgets::imports::columns::{Column, Layout, letters};
use crate::budgets::imports::sheet::{self, Cell, Row, of_file};
use crate::error::{FieldError, Text, text};
use crate::http::document::LARGEST_AMOUNT;
use crate::http::text::search_key;

/// What is wrong, with the row of the sheet that it stands in; 0 for the file as a whole.
pub type Broken = (usize, FieldError);

/// A row as a line to plan, as far as it could be read.
#[derive(Clone, Debug)]
pub struct Line {
    pub row: usize,
    /// The code of the board as it was written.
    pub board: Option<String>,
    /// Members of the body of a budget line.
    pub values: Map<String, Value>,
    /// Columns of which something was said already.
    pub flawed: BTreeSet<Column>,
}

/// A sheet that was read to its end.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    pub lines: Vec<Line>,
    pub broken: Vec<Broken>,
    pub total_amount: i64,
}

/// Reads a file; what is wrong with it is a part of the result, so that it is told with all else.
pub fn parse(bytes: &[u8]) -> Parsed {
    let mut parsed = Parsed::default();
    let rows = match sheet::read(bytes) {
        Ok(rows) => rows,
        Err(error) => {
            parsed.broken.push((0, error));
            return parsed;
        }
    };
    let Some((headings, rows)) = rows.split_first() else { return parsed };
    let layout = Layout::of(headings, &mut parsed.broken);
    parsed.lines = rows.iter().map(|row| line(row, &layout, &mut parsed.broken)).collect();
    let amounts = parsed.lines.iter().filter_map(|line| line.values.get(Amount.field())?.as_i64());
    parsed.total_amount = amounts.fold(0, i64::saturating_add);
    if parsed.total_amount > LARGEST_AMOUNT {
        let vi = "tổng số tiền của tệp vượt quá số tiền lớn nhất";
        parsed
            .broken
            .push((0, of_file("total_too_large", vi, "the file adds up to more than the largest amount")));
    }
    parsed
}

fn line(row: &Row, layout: &Layout, broken: &mut Vec<Broken>) -> Line {
    let mut line = Line { row: row.number, board: None, values: Map::new(), flawed: BTreeSet::new() };
    for column in Column::ALL {
        let Some(place) = layout.places.get(&column) else {
            line.flawed.insert(column);
            continue;
        };
        match value(column, row.cells.get(*place).unwrap_or(&Cell::Empty)) {
            Ok(value) if column == Board => line.board = value.as_str().map(str::to_owned),
            Ok(value) => drop(line.values.insert(column.field().to_owned(), value)),
            Err((code, detail)) => {
                line.flawed.insert(column);
                broken.push(of_cell(row.number, column, code, &detail));
            }
        }
    }
    broken.extend(layout.unheaded(row).map(|place| unheaded(row.number, place)));
    line
}

/// What is wrong with a cell.
pub fn of_cell(row: usize, column: Column, code: &'static str, detail: &Text) -> Broken {
    let vi = format!("dòng {row}, {}: {}", column.label(), detail.vi);
    let en = format!("row {row}, {}: {}", column.name(), detail.en);
    (row, FieldError::body(&format!("rows/{row}/{}", column.name()), code, text(vi, en)))
}

/// What is wrong with a row as a whole.
pub fn of_row(row: usize, code: &'static str, detail: &Text) -> Broken {
    let vi = format!("dòng {row}: {}", detail.vi);
    let en = format!("row {row}: {}", detail.en);
    (row, FieldError::body(&format!("rows/{row}"), code, text(vi, en)))
}

fn unheaded(row: usize, place: usize) -> Broken {
    let name = letters(place);
    let vi = format!("dòng {row}: ô {name}{row} có dữ liệu nhưng cột không có tiêu đề");
    let en = format!("row {row}: something stands in {name}{row}, whose column has no heading");
    (row, FieldError::body(&format!("rows/{row}/{name}"), "no_heading", text(vi, en)))
}

type Flaw = (&'static str, Text);

fn value(column: Column, cell: &Cell) -> Result<Value, Flaw> {
    match (column, cell) {
        (_, Cell::Empty) => Err(("required", text("không được để trống", "must not be empty"))),
        (_, Cell::NoValue) => Err((
            "formula_without_value",
            text(
                "ô là công thức chưa có giá trị; hãy mở tệp trong Excel, tính và lưu lại",
                "the cell is a formula without its value; open the file in Excel, let it compute and save",
            ),
        )),
        (SignedOn, Cell::Day(day)) => Ok(json!(day)),
        (SignedOn, Cell::Text(written)) => day(written),
        (Amount, Cell::Text(written) | Cell::Number(written)) => amount(written),
        (Source, Cell::Text(written) | Cell::Number(written)) => source(written),
        (Board | SubItem | DocumentNumber | Issuer, Cell::Text(written)) => Ok(json!(written)),
        (Board | SubItem | DocumentNumber | Issuer, Cell::Number(written)) if digits(written) => {
            Ok(json!(written))
        }
        (Board | SubItem | DocumentNumber | Issuer, Cell::Day(_)) => Err((
            "wrong_kind",
            text(
                "Excel hiểu ô này là một ngày; hãy định dạng ô là Văn bản rồi gõ lại",
                "the spreadsheet takes this cell for a day; format it as text and type it anew",
            ),
        )),
        (SignedOn, Cell::Number(_) | Cell::Odd) => Err(not_a_day()),
        _ => Err((
            "wrong_kind",
            text(
                "ô chứa lỗi, giờ hoặc giá trị không dùng được",
                "holds an error, a time or something else of no use",
            ),
        )),
    }
}

fn digits(written: &str) -> bool {
    !written.is_empty() && written.bytes().all(|byte| byte.is_ascii_digit())
}

/// Digits and nothing else: whether 1.000 is one or a thousand is nobody's to guess.
fn amount(written: &str) -> Result<Value, Flaw> {
    if written.strip_prefix('-').is_some_and(digits) {
        return Err(("out_of_range", text("không được âm", "must not be negative")));
    }
    if !digits(written) {
        return Err((
            "amount_spelling",
            text(
                "chỉ viết các chữ số của số đồng nguyên, ví dụ 80000000: không dấu chấm, dấu phẩy, khoảng trắng ngăn hàng nghìn, không phần lẻ, không đơn vị",
                "must be the digits of whole đồng, e.g. 80000000: no dots, commas or spaces between thousands, no fraction, no unit",
            ),
        ));
    }
    match written.parse::<i64>() {
        Ok(amount) if amount <= LARGEST_AMOUNT => Ok(json!(amount)),
        _ => Err((
            "too_large",
            text(format!("không lớn hơn {LARGEST_AMOUNT}"), format!("must be {LARGEST_AMOUNT} or less")),
        )),
    }
}

fn source(written: &str) -> Result<Value, Flaw> {
    let source = match search_key(written).as_str() {
        "autonomous" | "13" | "tu chu" | "kinh phi tu chu" | "kinh phi giao tu chu" => {
            FundingSource::Autonomous
        }
        "non autonomous" | "12" | "khong tu chu" | "kinh phi khong tu chu" | "kinh phi khong giao tu chu" => {
            FundingSource::NonAutonomous
        }
        _ => {
            return Err((
                "unknown_source",
                text(
                    "phải là autonomous (13, tự chủ) hoặc non_autonomous (12, không tự chủ)",
                    "must be autonomous (13) or non_autonomous (12)",
                ),
            ));
        }
    };
    Ok(json!(source))
}

fn day(written: &str) -> Result<Value, Flaw> {
    let in_order = |order| NaiveDate::parse_from_str(written, order).ok();
    in_order("%Y-%m-%d").or_else(|| in_order("%d/%m/%Y")).map(|day| json!(day)).ok_or_else(not_a_day)
}

fn not_a_day() -> Flaw {
    let detail = text(
        "phải là một ngày, viết 2028-12-20 hoặc 20/12/2028 (ngày trước, tháng sau)",
        "must be a day, written 2028-12-20 or 20/12/2028 (the day before the month)",
    );
    ("format", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_digits_and_nothing_else() {
        assert_eq!(amount("080000000"), Ok(json!(80_000_000)));
        assert_eq!(amount("999999999999999"), Ok(json!(LARGEST_AMOUNT)));
        for (written, code) in [
            ("-1", "out_of_range"),
            ("1000000000000000", "too_large"),
            ("100000000000000000000000", "too_large"),
            ("1.000.000", "amount_spelling"),
            ("1,000,000", "amount_spelling"),
            ("1 000 000", "amount_spelling"),
            ("1.5", "amount_spelling"),
            ("1e6", "amount_spelling"),
            ("80000000 đ", "amount_spelling"),
            ("+5", "amount_spelling"),
        ] {
            assert_eq!(amount(written).map_err(|(code, _)| code), Err(code), "{written}");
        }
    }

    #[test]
    fn a_day_has_its_day_before_its_month() {
        assert_eq!(day("2028-12-20"), Ok(json!("2028-12-20")));
        assert_eq!(day("7/12/2028"), Ok(json!("2028-12-07")));
        for written in ["12/20/2028", "20.12.2028", "20/12/28 ", "hôm qua", "2028-02-30"] {
            assert!(day(written).is_err(), "{written}");
        }
    }

    #[test]
    fn a_source_is_a_word_or_its_code() {
        for written in ["13", "autonomous", "Tự chủ", "kinh phí TỰ CHỦ"] {
            assert_eq!(source(written), Ok(json!("autonomous")), "{written}");
        }
        for written in ["12", "non_autonomous", "Không tự chủ"] {
            assert_eq!(source(written), Ok(json!("non_autonomous")), "{written}");
        }
        assert!(source("14").is_err());
    }
}
