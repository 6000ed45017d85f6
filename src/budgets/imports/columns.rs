//! The columns of a sheet of appropriations and the headings by which they are known.

use std::collections::BTreeMap;

use serde_json::json;

use crate::budgets::imports::rows::Broken;
use crate::budgets::imports::sheet::{Cell, Row};
use crate::error::{FieldError, text};
use crate::http::text::{clean_body, search_key};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    Board,
    Source,
    SubItem,
    Amount,
    DocumentNumber,
    Issuer,
    SignedOn,
}

use Column::{Amount, Board, DocumentNumber, Issuer, SignedOn, Source, SubItem};

impl Column {
    pub const ALL: [Self; 7] = [Board, Source, SubItem, Amount, DocumentNumber, Issuer, SignedOn];

    /// In pointers; also its first heading.
    pub fn name(self) -> &'static str {
        match self {
            Board => "board",
            Source => "source",
            SubItem => "sub_item",
            Amount => "amount",
            DocumentNumber => "document_number",
            Issuer => "issuer",
            SignedOn => "signed_on",
        }
    }

    /// In the body of a budget line.
    pub fn field(self) -> &'static str {
        match self {
            Board => "board_id",
            Source => "funding_source",
            Amount => "planned_amount",
            SubItem | DocumentNumber | Issuer | SignedOn => self.name(),
        }
    }

    /// For people, in Vietnamese.
    pub fn label(self) -> &'static str {
        match self {
            Board => "Mã ban",
            Source => "Nguồn kinh phí",
            SubItem => "Tiểu mục",
            Amount => "Số tiền",
            DocumentNumber => "Số quyết định",
            Issuer => "Cơ quan ban hành",
            SignedOn => "Ngày ký",
        }
    }

    /// Further headings, as search keys: diacritics, case and punctuation do not count.
    fn headings(self) -> &'static [&'static str] {
        match self {
            Board => &["board code", "ban", "ma ban", "don vi", "ma don vi"],
            Source => &[
                "funding source",
                "nguon",
                "nguon kinh phi",
                "ma nguon",
                "tinh chat nguon kinh phi",
                "ma tinh chat nguon",
            ],
            SubItem => &["tieu muc", "ma tieu muc", "ma ndkt", "tm"],
            Amount => &[
                "planned amount",
                "so tien",
                "so tien dong",
                "du toan",
                "du toan dong",
                "du toan duoc giao",
                "du toan giao",
            ],
            DocumentNumber => &["so quyet dinh", "quyet dinh so", "so van ban", "quyet dinh"],
            Issuer => &["co quan ban hanh", "noi ban hanh", "co quan ra quyet dinh", "co quan quyet dinh"],
            SignedOn => &["ngay ky", "ngay quyet dinh", "ngay ban hanh", "ngay van ban"],
        }
    }

    pub fn named(heading: &str) -> Option<Self> {
        let key = search_key(heading);
        let fits =
            |column: &Self| search_key(column.name()) == key || column.headings().contains(&key.as_str());
        Self::ALL.into_iter().find(fits)
    }
}

/// Which column of the sheet holds what.
pub struct Layout {
    /// The place of each column, counted from 0.
    pub places: BTreeMap<Column, usize>,
    /// Whether a place has a heading, known or not.
    headed: Vec<bool>,
}

impl Layout {
    /// Reads the headings and collects what is wrong with them.
    pub fn of(headings: &Row, broken: &mut Vec<Broken>) -> Self {
        let mut places = BTreeMap::new();
        for (place, cell) in headings.cells.iter().enumerate() {
            let heading = match cell {
                Cell::Empty => continue,
                Cell::Text(text) => text.as_str(),
                _ => "",
            };
            let error = match Column::named(heading) {
                _ if is_unclean(heading) => Some(unclean(place)),
                None => Some(unknown(place, heading)),
                Some(column) => places.insert(column, place).map(|_| twice(place, column)),
            };
            broken.extend(error.map(|error| (headings.number, error)));
        }
        let missing = Column::ALL.into_iter().filter(|column| !places.contains_key(column));
        broken.extend(missing.map(|column| (headings.number, self::missing(column))));
        Self { places, headed: headings.cells.iter().map(|cell| *cell != Cell::Empty).collect() }
    }

    /// The places of a row where something stands under no heading.
    pub fn unheaded<'a>(&'a self, row: &'a Row) -> impl Iterator<Item = usize> + 'a {
        let headed = |place: usize| self.headed.get(place).copied().unwrap_or(false);
        let filled = row.cells.iter().enumerate().filter(|(_, cell)| **cell != Cell::Empty);
        filled.map(|(place, _)| place).filter(move |place| !headed(*place))
    }
}

/// The name of a place in a spreadsheet: A, B … Z, AA, AB …
pub fn letters(place: usize) -> String {
    let letter = |number: usize| char::from(b'A' + u8::try_from(number % 26).unwrap_or(0));
    match place / 26 {
        0 => letter(place).to_string(),
        before => format!("{}{}", letter(before - 1), letter(place)),
    }
}

/// Letters that nobody sees, such as a byte order mark in the middle of a file.
fn is_unclean(heading: &str) -> bool {
    let mut broken = Vec::new();
    clean_body(&mut json!(heading), "", &mut broken);
    !broken.is_empty()
}

fn of_heading(name: &str, code: &'static str, vi: String, en: String) -> FieldError {
    FieldError::body(&format!("columns/{name}"), code, text(vi, en))
}

fn unclean(place: usize) -> FieldError {
    let name = letters(place);
    let vi = format!("cột {name}: tiêu đề có ký tự ẩn (ví dụ BOM); hãy gõ lại");
    let en =
        format!("column {name}: the heading has invisible characters, e.g. a byte order mark; type it anew");
    of_heading(&name, "invisible_character", vi, en)
}

fn unknown(place: usize, heading: &str) -> FieldError {
    let name = letters(place);
    let shown: String = heading.chars().take(40).collect();
    let known = Column::ALL.map(Column::name).join(", ");
    let vi = format!("cột {name} (\"{shown}\") không phải cột được nhận; các cột: {known}");
    let en = format!("column {name} (\"{shown}\") is not known; the columns are {known}");
    of_heading(&name, "unknown_column", vi, en)
}

fn twice(place: usize, column: Column) -> FieldError {
    let name = letters(place);
    let vi = format!("cột {name}: \"{}\" đã có ở một cột khác", column.label());
    let en = format!("column {name}: there is another column for {}", column.name());
    of_heading(&name, "duplicate_column", vi, en)
}

fn missing(column: Column) -> FieldError {
    let vi = format!("thiếu cột \"{}\" ({})", column.label(), column.name());
    let en = format!("the column {} is missing", column.name());
    of_heading(column.name(), "missing_column", vi, en)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_is_known_in_english_and_vietnamese_whatever_its_accents() {
        for (heading, column) in [
            ("board", Board),
            ("MÃ BAN", Board),
            ("Don vi", Board),
            ("funding_source", Source),
            ("Nguồn kinh phí", Source),
            ("Tiểu mục", SubItem),
            ("Số tiền (đồng)", Amount),
            ("planned_amount", Amount),
            ("Số quyết định", DocumentNumber),
            ("Cơ quan ban hành", Issuer),
            ("signed_on", SignedOn),
            ("ngày ký", SignedOn),
        ] {
            assert_eq!(Column::named(heading), Some(column), "{heading}");
        }
        assert_eq!(Column::named("Ghi chú"), None);
    }

    #[test]
    fn no_heading_stands_for_two_columns() {
        for column in Column::ALL {
            for heading in column.headings().iter().copied().chain([column.name(), column.label()]) {
                assert_eq!(Column::named(heading), Some(column), "{heading}");
            }
        }
    }

    #[test]
    fn places_have_the_letters_of_a_spreadsheet() {
        assert_eq!([0, 25, 26, 51].map(letters), ["A", "Z", "AA", "AZ"]);
    }
}
