//! The transfer's table of steps, and every rule that needs no database.

use entity::budget_transfers::{BudgetTransferStatus, Model};
use uuid::Uuid;

use BudgetTransferStatus::{Posted, Proposed, Rejected, Withdrawn};

use crate::auth::permissions::{Action, Reach};
use crate::error::{ApiError, ApiResult, four_eyes, text};
use crate::http::call::Call;
use crate::workflow::{Step, only};

/// The life of a transfer.
pub const STEPS: &[Step<BudgetTransferStatus>] = &[
    Step {
        from: &[Proposed],
        verb: "sign",
        to: Posted,
        action: Action::SignTransfer,
        needs_reason: false,
        turn: Some("signer"),
        who: "between two boards: the head of each board, or a chief of office in their place; else a chief of office; never who proposed it, nobody twice",
        about: "the money moves with the last signature; until then it stays proposed",
    },
    Step {
        from: &[Proposed],
        verb: "reject",
        to: Rejected,
        action: Action::SignTransfer,
        needs_reason: true,
        turn: None,
        who: "who may sign",
        about: "final",
    },
    Step {
        from: &[Proposed],
        verb: "withdraw",
        to: Withdrawn,
        action: Action::ManageBudget,
        needs_reason: true,
        turn: None,
        who: "who proposed it",
        about: "final",
    },
];

/// A side that signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Giving,
    Receiving,
}

/// The sides whose signature is still missing. Within one board, and for a supplement, one signature is enough.
pub fn missing(transfer: &Model) -> Vec<Side> {
    let mut sides = Vec::new();
    if transfer.from_board_id.is_some_and(|from| from != transfer.to_board_id)
        && transfer.from_signed_by_id.is_none()
    {
        sides.push(Side::Giving);
    }
    if transfer.to_signed_by_id.is_none() {
        sides.push(Side::Receiving);
    }
    sides
}

/// Whether two boards are concerned.
pub fn between_boards(transfer: &Model) -> bool {
    transfer.from_board_id.is_some_and(|from| from != transfer.to_board_id)
}

/// The side for which the caller may sign now: a board's head for their own, a chief of office for any that is missing.
///
/// # Errors
/// 403 `four_eyes` for who proposed or signed already, `forbidden` for everybody else.
pub fn side(call: &Call, transfer: &Model) -> ApiResult<Side> {
    let me = call.staff_id()?;
    let hands = [Some(transfer.proposed_by_id), transfer.from_signed_by_id, transfer.to_signed_by_id];
    if hands.contains(&Some(me)) {
        return Err(four_eyes());
    }
    let reach = call.reach(Action::SignTransfer);
    let may = |side: &Side| match reach {
        Reach::Office => true,
        // Within a board the office decides, not the board.
        _ if !between_boards(transfer) => false,
        _ => reach.covers(match side {
            Side::Giving => transfer.from_board_id.unwrap_or(transfer.to_board_id),
            Side::Receiving => transfer.to_board_id,
        }),
    };
    missing(transfer).into_iter().find(may).ok_or_else(|| {
        ApiError::forbidden(text(
            "Chỉ trưởng ban chưa ký của hai ban, hoặc lãnh đạo Văn phòng, ký được quyết định này.",
            "A head of a board that has not signed, or a chief of office, signs this transfer.",
        ))
    })
}

/// Whether a step is this very person's to take, beyond what the permission page says.
///
/// # Errors
/// 403 `forbidden` or `four_eyes`.
pub fn person(call: &Call, transfer: &Model, verb: &str) -> ApiResult<()> {
    if verb == "withdraw" {
        return only(
            call,
            transfer.proposed_by_id,
            "Chỉ người đề nghị rút được quyết định.",
            "Only who proposed it withdraws a transfer.",
        );
    }
    side(call, transfer).map(drop)
}

/// The boards concerned.
pub fn boards(transfer: &Model) -> impl Iterator<Item = Uuid> {
    transfer.from_board_id.into_iter().chain([transfer.to_board_id])
}
