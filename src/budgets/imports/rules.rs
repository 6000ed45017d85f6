//! The import's table of steps, and every rule that needs no database.

use entity::budget_imports::{BudgetImportStatus, Model};

use BudgetImportStatus::{Active, Planned};

use crate::auth::permissions::{Action, Reach};
use crate::budgets::imports::rows::Broken;
use crate::error::{ApiError, ApiResult, Code, four_eyes, text};
use crate::http::call::Call;
use crate::workflow::Step;

/// As many errors as a problem holds.
const MOST_ERRORS: usize = 200;

/// The life of an import.
pub const STEPS: &[Step<BudgetImportStatus>] = &[Step {
    from: &[Planned],
    verb: "activate",
    to: Active,
    action: Action::DecideBudget,
    needs_reason: false,
    turn: Some("chief_of_office"),
    who: "chief of office, not who imported it",
    about: "all its lines that are planned still are put in force and get their planned amounts",
}];

/// An import is about all boards: who acts for some of them only does not import.
///
/// # Errors
/// 403 `forbidden`.
pub fn whole_office(call: &Call, action: Action) -> ApiResult<()> {
    match call.reach(action) {
        Reach::Office => Ok(()),
        Reach::None => Err(call.caller.refusal(action)),
        Reach::Boards(_) => Err(ApiError::forbidden(text(
            "Việc nhập dự toán là của toàn Văn phòng, không giới hạn theo ban.",
            "An import is of the whole office and not for who is limited to boards.",
        ))),
    }
}

/// Whether a step is this very person's to take.
///
/// # Errors
/// 403 `forbidden` or `four_eyes`.
pub fn person(call: &Call, import: &Model) -> ApiResult<()> {
    if call.staff_id()? == import.imported_by_id { Err(four_eyes()) } else { Ok(()) }
}

/// The refusal of a file: everything that is wrong, row by row, as far as a problem holds it.
pub fn refused(mut broken: Vec<Broken>) -> ApiError {
    broken.sort_by_key(|(row, _)| *row);
    let count = broken.len();
    let mut errors: Vec<_> = broken.into_iter().map(|(_, error)| error).collect();
    if count <= MOST_ERRORS {
        return ApiError::invalid(errors);
    }
    errors.truncate(MOST_ERRORS);
    let more = count - MOST_ERRORS;
    let detail = text(
        format!("Tệp có {count} lỗi; errors nêu {MOST_ERRORS} lỗi đầu, còn {more} lỗi nữa."),
        format!("The file has {count} errors; errors lists the first {MOST_ERRORS}, there are {more} more."),
    );
    ApiError::new(Code::ValidationFailed, detail).with_errors(errors)
}
