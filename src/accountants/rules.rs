//! What must hold for assignments; pure, with all broken rules of a request at once.

use chrono::NaiveDate;
use entity::accountant_assignments::{AssignmentKind, Model};
use entity::{accountants, boards};

use crate::error::{ApiError, ApiResult, Code, FieldError, text};

/// Days from a first to a last one, the last one included; without a last day they go on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Days {
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
}

impl Days {
    /// Whether all days of `inner` are days of this period.
    pub fn contain(self, inner: Self) -> bool {
        self.from <= inner.from && self.to.is_none_or(|last| inner.to.is_some_and(|to| to <= last))
    }

    /// Whether the periods have a day in common.
    pub fn meet(self, other: Self) -> bool {
        self.to.is_none_or(|last| other.from <= last) && other.to.is_none_or(|last| self.from <= last)
    }
}

pub fn days_of(assignment: &Model) -> Days {
    Days { from: assignment.valid_from, to: assignment.valid_to }
}

/// An accountant looks after a board only on days on which they are active, or the board would have nobody.
pub fn active(accountant: &accountants::Model, days: Days) -> Option<FieldError> {
    let active = Days { from: accountant.active_from, to: accountant.active_to };
    (!active.contain(days)).then(|| {
        let until = active.to.map_or_else(|| "…".to_owned(), |last| last.to_string());
        FieldError::body(
            "accountant_id",
            "accountant_not_active",
            text(
                format!("kế toán này chỉ làm việc từ {} đến {until}", active.from),
                format!("the accountant is active from {} to {until} only", active.from),
            ),
        )
    })
}

/// A substitution lies within the board's life and gives the board to somebody else.
pub fn substitution(board: &boards::Model, charges: &[Model], new: (uuid::Uuid, Days)) -> Vec<FieldError> {
    let (accountant_id, days) = new;
    let mut broken = Vec::new();
    let life = Days { from: board.valid_from, to: board.valid_to };
    if !life.contain(days) {
        let field = if days.from < life.from { "valid_from" } else { "valid_to" };
        broken.push(FieldError::body(
            field,
            "board_not_active",
            text(
                format!("ban {} không hoạt động trong cả thời gian này", board.code),
                format!("the board {} does not exist on all of these days", board.code),
            ),
        ));
    }
    if charges.iter().any(|charge| charge.accountant_id == accountant_id && days_of(charge).meet(days)) {
        broken.push(FieldError::body(
            "accountant_id",
            "same_accountant",
            text("người này đang phụ trách chính ban đó", "this accountant is in charge of the board then"),
        ));
    }
    broken
}

/// Whether an assignment may be handed over at all.
///
/// # Errors
/// 409 for a substitution, and for a charge that somebody has taken over already.
pub fn can_hand_over(assignment: &Model, next: Option<&Model>) -> ApiResult<()> {
    if assignment.kind == AssignmentKind::Substitute {
        return Err(ApiError::new(
            Code::StateConflict,
            text(
                "Thay thế thì kết thúc (end); chỉ phân công phụ trách mới bàn giao.",
                "A substitution is ended; only a charge is handed over.",
            ),
        ));
    }
    match next {
        None => Ok(()),
        Some(next) => Err(ApiError::new(
            Code::AssignmentOverlap,
            text(
                format!("Ban đã được bàn giao từ ngày {}; hãy bàn giao phân công đó.", next.valid_from),
                format!(
                    "The board was handed over as of {} already; hand that assignment over.",
                    next.valid_from
                ),
            ),
        )
        .with("next_assignment_id", next.id)),
    }
}

/// The day and the person of a hand-over. `accountant` is the new one, nothing where it is unknown.
pub fn hand_over(
    assignment: &Model,
    accountant: Option<&accountants::Model>,
    from: NaiveDate,
) -> Vec<FieldError> {
    let mut broken = Vec::new();
    if from <= assignment.valid_from || assignment.valid_to.is_some_and(|last| from > last) {
        let until_vi = assignment.valid_to.map_or_else(String::new, |last| format!(" và không sau {last}"));
        let until_en = assignment.valid_to.map_or_else(String::new, |last| format!(" and not after {last}"));
        broken.push(FieldError::body(
            "valid_from",
            "out_of_range",
            text(
                format!("phải sau {}{until_vi}", assignment.valid_from),
                format!("must be after {}{until_en}", assignment.valid_from),
            ),
        ));
    }
    match accountant {
        None => broken.push(FieldError::unknown_reference("accountant_id")),
        Some(accountant) if accountant.id == assignment.accountant_id => broken.push(FieldError::body(
            "accountant_id",
            "same_accountant",
            text(
                "người này đang phụ trách chính ban đó",
                "this accountant is in charge of the board already",
            ),
        )),
        Some(accountant) => broken.extend(active(accountant, Days { from, to: assignment.valid_to })),
    }
    broken
}

/// Who looked after a board on a past day is settled: files were verified by then.
pub fn in_the_past(from: NaiveDate, today: NaiveDate) -> Option<FieldError> {
    let detail = || text("không được ở quá khứ", "must not be in the past");
    (from < today).then(|| FieldError::body("valid_from", "in_the_past", detail()))
}

/// A substitution may end earlier than planned, never later: more days are a new substitution.
///
/// # Errors
/// 409 for a charge; 422 for a day that is not before the known end.
pub fn can_end(assignment: &Model, last: NaiveDate) -> ApiResult<()> {
    if assignment.kind == AssignmentKind::Charge {
        return Err(ApiError::new(
            Code::StateConflict,
            text(
                "Ban không được thiếu kế toán phụ trách; hãy bàn giao (hand-over).",
                "A board is never without an accountant in charge; hand it over instead.",
            ),
        ));
    }
    if last >= assignment.valid_from && assignment.valid_to.is_none_or(|known| last < known) {
        return Ok(());
    }
    Err(ApiError::rule(
        "valid_to",
        "out_of_range",
        text(
            "phải từ ngày đầu của thay thế và trước ngày kết thúc đã định",
            "must be a day of the substitution before its known end",
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(from: &str, to: Option<&str>) -> Days {
        let day = |text: &str| text.parse().unwrap();
        Days { from: day(from), to: to.map(day) }
    }

    #[test]
    fn a_period_contains_its_last_day_and_nothing_open() {
        let year = days("2026-01-01", Some("2026-12-31"));
        assert!(year.contain(days("2026-12-31", Some("2026-12-31"))));
        assert!(!year.contain(days("2026-12-31", None)));
        assert!(!year.contain(days("2025-12-31", Some("2026-01-01"))));
        assert!(days("2026-01-01", None).contain(days("2026-05-01", None)));
    }

    #[test]
    fn periods_meet_on_a_shared_day_only() {
        let january = days("2026-01-01", Some("2026-01-31"));
        assert!(january.meet(days("2026-01-31", None)));
        assert!(!january.meet(days("2026-02-01", None)));
        assert!(!days("2026-02-01", None).meet(january));
    }
}
