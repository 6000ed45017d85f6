//! Who acts as accountant for boards on a day; other features ask here, for a whole page of records at once.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use entity::accountant_assignments::{self, AssignmentKind};
use entity::{accountants, board_successions, boards};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::error::ApiResult;
use crate::http::page;

/// The accountant who acts for a board on a day.
#[derive(Clone, Copy, Debug)]
pub struct Acting {
    pub staff_id: Uuid,
}

/// Who acts for each of these boards on a day: a substitute before the accountant in charge; for a board that
/// ended, whoever acts for its successor.
///
/// # Errors
/// When the database does not answer.
pub async fn acting_on_each(
    db: &impl ConnectionTrait,
    board_ids: &BTreeSet<Uuid>,
    on: NaiveDate,
) -> ApiResult<BTreeMap<Uuid, Acting>> {
    use accountant_assignments::Column;
    let living = living_successors(db, board_ids, on).await?;
    let assignments = accountant_assignments::Entity::find()
        .filter(Column::BoardId.is_in(living.values().copied()))
        .filter(Column::ValidFrom.lte(on))
        .filter(Condition::any().add(Column::ValidTo.is_null()).add(Column::ValidTo.gte(on)))
        .all(db)
        .await?;
    let ids = assignments.iter().map(|assignment| assignment.accountant_id);
    let accountants = page::by_id::<accountants::Entity, _>(db, ids, accountants::Column::Id).await?;
    let mut acting = BTreeMap::new();
    for (board_id, living) in living {
        let of_board = assignments.iter().filter(|assignment| assignment.board_id == living);
        let chosen = of_board.min_by_key(|assignment| assignment.kind != AssignmentKind::Substitute);
        let accountant = chosen
            .and_then(|chosen| accountants.get(&chosen.accountant_id))
            .filter(|person| person.active_from <= on && person.active_to.is_none_or(|last| last >= on));
        if let Some(accountant) = accountant {
            acting.insert(board_id, Acting { staff_id: accountant.staff_id });
        }
    }
    Ok(acting)
}

/// For each board itself while it lives, else the board that took over from it.
async fn living_successors(
    db: &impl ConnectionTrait,
    board_ids: &BTreeSet<Uuid>,
    on: NaiveDate,
) -> ApiResult<BTreeMap<Uuid, Uuid>> {
    let successions = board_successions::Entity::find()
        .filter(board_successions::Column::PredecessorId.is_in(board_ids.iter().copied()))
        .all(db)
        .await?;
    let all = board_ids.iter().copied().chain(successions.iter().map(|row| row.board_id));
    let boards = page::by_id::<boards::Entity, _>(db, all, boards::Column::Id).await?;
    let lives = |id: &Uuid| {
        boards
            .get(id)
            .is_some_and(|board| board.valid_from <= on && board.valid_to.is_none_or(|last| last >= on))
    };
    let living = |id: &Uuid| {
        let heirs = successions.iter().filter(|row| row.predecessor_id == *id).map(|row| row.board_id);
        std::iter::once(*id).chain(heirs).find(lives).map(|living| (*id, living))
    };
    Ok(board_ids.iter().filter_map(living).collect())
}
