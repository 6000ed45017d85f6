//! What a new line must fit: its board and its sub-item live in its year, and its decision is signed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use entity::boards::Model as Board;
use uuid::Uuid;

use crate::boards;
use crate::budgets::codes::store as codes;
use crate::budgets::lines::json::BudgetLineIn;
use crate::budgets::lines::store;
use crate::clock::office_day;
use crate::error::{ApiResult, FieldError};
use crate::write::Tx;

/// All that the new lines of one year are held against; two queries, however many lines.
pub struct Ground {
    first: NaiveDate,
    last: NaiveDate,
    today: NaiveDate,
    boards: BTreeMap<Uuid, Board>,
    sub_items: BTreeSet<String>,
}

impl Ground {
    /// The ground for lines of these boards and sub-items.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn load(tx: &Tx, year: i64, boards: Vec<Board>, sub_items: &[&str]) -> ApiResult<Self> {
        let (first, last) = days_of(year);
        let known = codes::sub_items_in_force(tx.db(), sub_items, first, first).await?;
        Ok(Self {
            first,
            last,
            today: office_day(tx.now),
            boards: boards.into_iter().map(|board| (board.id, board)).collect(),
            sub_items: known.into_iter().map(|row| row.code).collect(),
        })
    }

    /// Everything that is wrong with a line.
    pub fn broken(&self, line: &BudgetLineIn) -> Vec<FieldError> {
        let mut broken = Vec::new();
        match self.boards.get(&line.board_id) {
            None => broken.push(FieldError::unknown_reference("board_id")),
            // A board that begins or ends within the year has a budget too.
            Some(board) if boards::store::not_living(board, self.first, "board_id").is_some() => {
                broken.extend(boards::store::not_living(board, self.last, "board_id"));
            }
            Some(_) => {}
        }
        if !self.sub_items.contains(&line.sub_item) {
            broken.push(codes::unknown_sub_item("sub_item", &line.sub_item, self.first));
        }
        broken.extend(store::not_yet_signed(line.signed_on, self.today));
        broken
    }
}

/// The first and the last day of a year.
fn days_of(year: i64) -> (NaiveDate, NaiveDate) {
    let day = |month, day| NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day);
    (day(1, 1).unwrap_or_default(), day(12, 31).unwrap_or_default())
}
