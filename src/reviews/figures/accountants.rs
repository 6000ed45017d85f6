//! Who looked after which board.

use chrono::NaiveDate;
use entity::accountant_assignments::AssignmentKind;
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use crate::error::ApiResult;
use crate::reviews::figures::json::ReviewAccountant;
use crate::reviews::figures::{Boards, Period, ask};

const IN_CHARGE: &str = "
    SELECT a.board_id, a.accountant_id, s.full_name, a.kind, a.valid_from, a.valid_to, a.decision_number
    FROM accountant_assignments a JOIN accountants c ON c.id = a.accountant_id JOIN staff s ON s.id = c.staff_id
    WHERE a.valid_from <= $2 AND (a.valid_to IS NULL OR a.valid_to >= $1)
    ORDER BY a.valid_from, a.kind, a.id";

#[derive(FromQueryResult)]
struct InCharge {
    board_id: Uuid,
    accountant_id: Uuid,
    full_name: String,
    kind: AssignmentKind,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    decision_number: String,
}

/// # Errors
/// When the database does not answer.
pub(super) async fn list(
    db: &impl ConnectionTrait,
    period: &Period,
    boards: &Boards,
) -> ApiResult<Vec<ReviewAccountant>> {
    let rows = ask::<InCharge>(db, IN_CHARGE, period.days()).await?;
    let shown = |row: InCharge| ReviewAccountant {
        board_id: row.board_id,
        board_code: boards.code(row.board_id),
        accountant_id: row.accountant_id,
        full_name: row.full_name,
        kind: row.kind,
        valid_from: row.valid_from,
        valid_to: row.valid_to,
        decision_number: row.decision_number,
    };
    let mut all: Vec<ReviewAccountant> = rows.into_iter().map(shown).collect();
    // Stable: within a board by day, as the query gave them.
    all.sort_by(|one, other| one.board_code.cmp(&other.board_code));
    Ok(all)
}
