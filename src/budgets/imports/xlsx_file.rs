//! Rows of the first visible sheet of an XLSX file. A small file can hold an enormous sheet, so everything that grows
//! with what the file says of itself has a limit, and cells are read one after another and never as a whole sheet.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx};
use chrono::NaiveDate;
use zip::ZipArchive;

use crate::budgets::imports::sheet::{Cell, MOST_COLUMNS, MOST_ROWS, Row, of_file, too_wide, unreadable};
use crate::error::FieldError;

/// Bytes of all parts of the file together when they are unpacked.
const MOST_UNPACKED: usize = 32 * 1024 * 1024;

/// Parts of the file: sheets, styles, pictures.
const MOST_PARTS: usize = 500;

/// Cells of the sheet, empty ones with a format included.
const MOST_CELLS: usize = 200_000;

/// # Errors
/// What makes the file unreadable.
pub fn read(bytes: &[u8]) -> Result<Vec<Row>, FieldError> {
    let read = || unpacks_small(bytes).and_then(|()| first_sheet(bytes));
    // A library that reads what strangers wrote may stumble over it; that is the file's fault and no fault of ours.
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(unreadable()))
}

fn first_sheet(bytes: &[u8]) -> Result<Vec<Row>, FieldError> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| unreadable())?;
    let sheets = book.sheets_metadata().iter();
    let mut seen =
        sheets.filter(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible);
    let name = seen.next().map(|sheet| sheet.name.clone()).ok_or_else(unreadable)?;
    let mut cells = book.worksheet_cells_reader(&name).map_err(|_| unreadable())?;
    let mut rows: BTreeMap<u32, Vec<Cell>> = BTreeMap::new();
    let mut count = 0;
    while let Some(found) = cells.next_cell_with_formula_metadata().map_err(|_| unreadable())? {
        count += 1;
        if count > MOST_CELLS {
            return Err(too_large());
        }
        let (row, column) = found.pos;
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        match cell(&found.value, found.formula.is_some()) {
            Cell::Empty => continue,
            _ if column >= MOST_COLUMNS => return Err(too_wide(number(row))),
            cell => put(rows.entry(row).or_default(), column, cell),
        }
        if rows.len() > MOST_ROWS + 1 {
            break;
        }
    }
    Ok(rows.into_iter().map(|(row, cells)| Row { number: number(row), cells }).collect())
}

fn number(row: u32) -> usize {
    usize::try_from(row).unwrap_or(usize::MAX).saturating_add(1)
}

fn put(cells: &mut Vec<Cell>, column: usize, cell: Cell) {
    if cells.len() <= column {
        cells.resize(column + 1, Cell::Empty);
    }
    cells[column] = cell;
}

fn cell(value: &DataRef<'_>, is_formula: bool) -> Cell {
    match value {
        DataRef::Empty if is_formula => Cell::NoValue,
        DataRef::Empty => Cell::Empty,
        DataRef::String(text) => Cell::text(text),
        DataRef::DateTimeIso(text) => Cell::text(text.trim_end_matches("T00:00:00")),
        DataRef::SharedString(text) => Cell::text(text),
        DataRef::Int(number) => Cell::Number(number.to_string()),
        DataRef::Float(number) => Cell::Number(number.to_string()),
        DataRef::DateTime(at) => day(at).map_or(Cell::Odd, Cell::Day),
        DataRef::Bool(_) | DataRef::DurationIso(_) | DataRef::Error(_) => Cell::Odd,
    }
}

/// A whole day; a moment within it is none.
fn day(at: &ExcelDateTime) -> Option<NaiveDate> {
    let (year, month, day, hour, minute, second, milli) = at.to_ymd_hms_milli();
    let whole = at.is_datetime() && (hour, minute, second, milli) == (0, 0, 0, 0);
    NaiveDate::from_ymd_opt(year.into(), month.into(), day.into()).filter(|_| whole)
}

/// Unpacks every part once and throws it away: what the file says of its sizes is only what it says.
fn unpacks_small(bytes: &[u8]) -> Result<(), FieldError> {
    let mut parts = ZipArchive::new(Cursor::new(bytes)).map_err(|_| unreadable())?;
    if parts.len() > MOST_PARTS {
        return Err(too_large());
    }
    let mut left = MOST_UNPACKED;
    for index in 0..parts.len() {
        let part = parts.by_index(index).map_err(|_| unreadable())?;
        let name = part.name().map_err(|_| unreadable())?.to_ascii_lowercase();
        let mut content = Vec::new();
        part.take(left as u64 + 1).read_to_end(&mut content).map_err(|_| unreadable())?;
        left = left.checked_sub(content.len()).ok_or_else(too_large)?;
        if name.ends_with(".xml") || name.ends_with(".rels") {
            plain_xml(&content)?;
        }
    }
    Ok(())
}

/// XML in UTF-8, as spreadsheets write it, which does not ask for more memory than it needs: room is made for as many
/// texts as the list of texts says that it has.
fn plain_xml(content: &[u8]) -> Result<(), FieldError> {
    let text = std::str::from_utf8(content).map_err(|_| unreadable())?;
    if text.bytes().any(|byte| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r')) {
        return Err(unreadable());
    }
    let promised = text.split("uniqueCount").skip(1).map(|rest| {
        let rest = rest.trim_start_matches(|letter: char| letter.is_whitespace() || "='\"+".contains(letter));
        rest.bytes().take_while(u8::is_ascii_digit).count()
    });
    // A million texts have seven digits.
    if promised.max().unwrap_or(0) < 7 { Ok(()) } else { Err(too_large()) }
}

fn too_large() -> FieldError {
    of_file(
        "too_large",
        "bảng tính quá lớn khi giải nén; hãy xóa các ô, trang và hình không cần",
        "the sheet is too large when it is unpacked; remove cells, sheets and pictures that are not needed",
    )
}
