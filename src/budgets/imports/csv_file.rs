//! Rows of a CSV file, with commas or, as Vietnamese Excel writes them, semicolons.

use csv::{ReaderBuilder, StringRecord};

use crate::budgets::imports::columns::Column;
use crate::budgets::imports::sheet::{Cell, MOST_COLUMNS, MOST_ROWS, Row, too_wide, unreadable};
use crate::error::FieldError;

/// # Errors
/// What makes the file unreadable.
pub fn read(text: &str) -> Result<Vec<Row>, FieldError> {
    let mut reader = reader(text, delimiter(text));
    let mut record = StringRecord::new();
    let (mut rows, mut number) = (Vec::new(), 0);
    while reader.read_record(&mut record).map_err(|_| unreadable())? {
        let start = record.position().map_or(0, csv::Position::byte);
        number += blank_before(text, usize::try_from(start).unwrap_or(usize::MAX)) + 1;
        let mut cells: Vec<Cell> = record.iter().map(Cell::text).collect();
        while cells.last() == Some(&Cell::Empty) {
            cells.pop();
        }
        if cells.len() > MOST_COLUMNS {
            return Err(too_wide(number));
        }
        if !cells.is_empty() {
            rows.push(Row { number, cells });
        }
        if rows.len() > MOST_ROWS + 1 {
            break;
        }
    }
    Ok(rows)
}

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes())
}

/// The one that makes more known headings of the first row, else more cells.
fn delimiter(text: &str) -> u8 {
    let read = |delimiter: u8| {
        let headings = reader(text, delimiter).records().next().and_then(Result::ok).unwrap_or_default();
        (headings.iter().filter(|heading| Column::named(heading).is_some()).count(), headings.len())
    };
    if read(b';') > read(b',') { b';' } else { b',' }
}

/// How many blank rows the reader passed over to reach a record: line breaks between the end of the record before and
/// its own first cell, without the rest of the break that ended the one before.
fn blank_before(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let mut last = start.checked_sub(1).and_then(|before| bytes.get(before)).copied();
    let mut blank = 0;
    for byte in bytes.get(start..).unwrap_or_default() {
        match byte {
            b'\n' if last == Some(b'\r') => {}
            b'\n' | b'\r' => blank += 1,
            _ => break,
        }
        last = Some(*byte);
    }
    blank
}
